package web_test

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// states are pages that nobody comes to by an address alone: what was refused, what is shown once or
// before it is sent, what rings, is tried, or was known then.
func (f *federated) states(t *testing.T) []visit {
	t.Helper()
	officer, keeper, coordinator := reader{f.sites[town], staff.Officer}, reader{f.sites[town], staff.Admin}, reader{f.sites[centre], staff.Coordinator}
	looked := func(rows string) func(*tab) {
		path := filepath.Join(t.TempDir(), "report.csv")
		ok(t, os.WriteFile(path, []byte("place,period.start,period.end,figures.arrivals\n"+rows), 0o600))
		return func(b *tab) {
			b.open("/report/sheet")
			b.do(chromedp.SetUploadFiles(chromedp.CSS("#file"), []string{path}))
			b.press(`form[enctype] button`)
			b.until(`document.querySelector("table.sheetrows")`)
		}
	}
	then := "?at=" + url.QueryEscape(protocol.InstantOf(time.Now()).String())
	past := func(path string) func(*tab) {
		return func(b *tab) {
			b.open(path + then)
			b.until(`document.querySelector(".past a")`)
		}
	}
	return []visit{
		{coordinator, "the situation as it was", past("/situation")},
		{coordinator, "a place as it was", past("/place/MK-405")},
		{officer, "a form that was refused", func(b *tab) {
			b.open("/report/new")
			b.fill("figures.arrivals", "many")
			b.fill("place", "Nowhere")
			b.press("#filling > .actions button:not(.plain)")
			b.until(`document.activeElement.id === "wrong"`)
		}},
		{officer, "a sheet with a bad cell", looked("MK-405,2015-10-20,2015-10-21,many\n")},
		{officer, "a sheet before it is sent", looked("MK-405,2015-10-20,2015-10-21,12\nMK-405,2015-10-21,2015-10-22,13\n")},
		{reader{f.sites[hub], staff.Officer}, "a page that rings", func(b *tab) {
			b.open("/network")
			b.until(`document.querySelector("#ring li button")`)
		}},
		{reader{f.sites[town], staff.Approver}, "a trial", func(b *tab) { // of nobody who looks at anything else

			b.open("/report/new")
			b.press(`main form[action="/try"] button`)
			b.until(`location.pathname === "/" && document.querySelector(".trying")`)
		}},
		{officer, "a page that is not there", func(b *tab) { b.failing("/no/such/page", "404") }},
		{officer, "a page that is for others", func(b *tab) { b.failing("/node", "403") }},
		{officer, "a subscription", func(b *tab) {
			b.open("/subscriptions")
			b.fill("name", "Figures in Gevgelija")
			b.press("#new .actions button")
			b.press(`main a[href^="/subscriptions/"]`)
			b.until(`location.pathname.startsWith("/subscriptions/") && document.querySelector("main form[action^='/subscriptions/'] button")`)
		}},
		{keeper, "a word that is shown once", func(b *tab) {
			b.open("/staff")
			b.fill("name", "night.watch")
			b.press(`main form:has(input[name=do][value=add]) button`)
			b.until(`document.querySelector("p.sheet")`)
		}},
		{keeper, "links as their keeper has them", func(b *tab) {
			b.open("/network/links")
			b.until(`document.getElementById("address")`)
		}},
		{keeper, "a policy that is refused", func(b *tab) {
			b.open("/network/links/" + string(centre))
			b.fill("ours.groups", "the weather")
			b.press("#propose .actions button")
			b.until(`document.activeElement.id === "wrong"`)
		}},
		{keeper, "a token that is shown once", func(b *tab) {
			b.open("/staff")
			b.fill("token", "room")
			b.press(`main form[action="/staff/token"] button:not([aria-label])`)
			b.until(`document.querySelector("p.sheet")`)
		}},
		{reader{f.sites[town], ""}, "a recovery word that is shown once", func(b *tab) {
			made := must(f.sites[town].node.Desk().ChangeStaff(b.t.Context(), desk.StaffRequest{Do: desk.StaffAdd, Name: "day.watch", Role: staff.Officer}))(b.t)
			b.open("/word?name=day.watch")
			b.fill("word", made.Word)
			b.fill("password", password)
			b.press("form.stack button")
			b.until(`document.querySelector("p.sheet")`)
		}},
	}
}

// failing opens a page that is refused, of which the browser complains.
func (b *tab) failing(path, status string) {
	b.t.Helper()
	b.open(path)
	b.says("That did not work")
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.said) != 1 || !strings.Contains(b.said[0], "status of "+status) {
		b.t.Errorf("the browser complains of %q, want the status %s", b.said, status)
	}
	b.said = nil
}
