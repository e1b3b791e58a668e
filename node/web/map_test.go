package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/staff"
)

// TestMapShowsByShapeWhatIsLateCutOrUnknown: with no colour, and with no eyes.
func TestMapShowsByShapeWhatIsLateCutOrUnknown(t *testing.T) {
	b := meet(t)
	b.centre.says(centre, "report", "place=MK", "period=2015-11-08", "figures.arrivals=2000", "phase=response")
	said := b.gate.says(gate, "report", "place=MK-405", "period=2015-11-08", "figures.arrivals=960", "phase=response")
	b.centre.says(centre, "report", "place=XK", "period=2015-11-08", "na.0.field=figures.arrivals", "na.0.reason=nobody counted", "summary=Nobody counted.")
	b.centre.says(centre, "report", "place=x:gr-mk:bogorodica-evzoni", "period=2015-11-08", "figures.arrivals=12")
	b.centre.comes(said.Record)
	u := b.centre.account(staff.Officer)
	mark := func(place string) string {
		return regexp.MustCompile(`<a href="/place/` + place + `"[^>]*>.*</a>`).FindString(regexp.MustCompile(`(?s)<svg viewBox="0 0 600.*?</svg>`).FindString(u.get("/situation").body))
	}
	if got := mark("iso3166-2:MK-405"); !strings.Contains(got, `class="open"`) || !strings.Contains(got, `a8 8 0 1 0`) || !strings.Contains(got, "960 · 9 h") || !strings.Contains(got, `aria-label="Gevgelija 960 · 9 h: arrivals, on time, `+string(gate)) {
		t.Errorf("on time: %s", got)
	}
	if got := mark("iso3166-1:XK"); !strings.Contains(got, `hollow"`) || !strings.Contains(got, "Kosovo * not reported: arrivals") {
		t.Errorf("not reported: %s", got)
	}
	p := u.get("/situation")
	p.wants(t, []string{`Not on this map: <a href="/place/x:gr-mk:bogorodica-evzoni">`, "The table says the same", "equirectangular", "Resolution 1244"})
	land := regexp.MustCompile(`/static/land.svg\?[0-9a-f]+`).FindString(p.body)
	if f := u.get(land); f.status != http.StatusOK || !strings.Contains(f.header.Get("Cache-Control"), "immutable") || !strings.HasPrefix(f.header.Get("Content-Type"), "image/svg") || !strings.Contains(f.body, ">XK *</text>") || strings.Contains(f.body, "style") {
		t.Errorf("outlines at %q: %d %v", land, f.status, f.header)
	}
	b.clock.pass(72 * time.Hour)
	b.network.Line(gate, centre).Cut()
	b.centre.until(func() bool { return strings.Contains(mark("iso3166-2:MK-405"), `class="cut"`) })
	if got := mark("iso3166-2:MK-405"); !strings.Contains(got, "l9 17h-18z") || !strings.Contains(got, "line cut") {
		t.Errorf("line cut: %s", got)
	}
	if got := mark("iso3166-1:MK"); !strings.Contains(got, `class="late"`) || !strings.Contains(got, "l9 9l-9 9l-9 -9z") || !strings.Contains(got, "silent") {
		t.Errorf("silent: %s", got)
	}
	u.get("/situation?place=MK-405").wants(t, []string{"960"}, "2000", `href="/place/iso3166-1:XK"`)
	u.get("/situation?what=departures").wants(t, []string{"Nothing is of what was chosen"}, "<figure")
	if p = u.get("/situation?place=nowhere"); p.status != http.StatusBadRequest || !strings.Contains(p.body, "no place is called") {
		t.Errorf("a place that is none: %d", p.status)
	}
	u.get("/place/MK-405").wants(t, []string{`<figure class="map">`, "960"}, "2000")
}
