package web_test

import (
	"testing"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
)

// rings has an alert of another node come to an open page: it sounds and says so there, and
// first that this is a demonstration and an exercise, until somebody says that they have seen it.
func (f *federated) rings(t *testing.T, browser *chrome) {
	b := f.sites[hub].enter(t, browser, staff.Officer)
	b.open("/network")
	b.until(`!document.getElementById("sound").hidden && document.querySelector("#ring li") === null`)
	b.press("#sound")
	b.until(`document.getElementById("sound").dataset.rang === "1" && document.getElementById("sound").getAttribute("aria-pressed") === "true"`)
	must(f.sites[centre].node.Desk().Publish(t.Context(), desk.Request{Kind: "alert", Set: []string{
		"place=MK-405", "info.0.category=Safety", "info.0.event=Arrivals", "info.0.urgency=Expected", "info.0.severity=Severe", "info.0.certainty=Likely",
		"info.0.headline=The river rises", "info.0.area.0.areaDesc=Gevgelija",
	}}))(t)
	b.until(`/^DEMONSTRATION/.test(document.querySelector("#ring li")?.innerText) && document.querySelector("#ring").innerText.includes("The river rises")`)
	b.until(`document.getElementById("sound").dataset.rang === "2"`)
	b.press("#ring li button")
	b.until(`document.querySelector("#ring li") === null`)
	if eval[string](b, "location.pathname") != "/network" {
		t.Error("the page that was read is left")
	}
	b.open("/duty")
	b.until(`[...document.querySelectorAll("main ol.timeline > li")].filter(e => e.innerText.includes("duty.officer")).length === 1`)
	b.calm()
}
