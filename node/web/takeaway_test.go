package web_test

import (
	"archive/zip"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/staff"
)

// TestListsAreTakenAway from the pages that show them, in every format that they have; what a
// format can't say comes beside it, and nobody takes what they may not read.
func TestListsAreTakenAway(t *testing.T) {
	b := meet(t)
	b.centre.warns("Many may come")
	b.centre.says(centre, "route", "asset.type=border_crossing", "asset.name=Bogorodica", "state=open", "place=MK-405", "valid_until=2015-11-10T00:00:00Z", "observed_at=2015-11-09T08:00:00Z")
	u := b.centre.account(staff.Officer)
	for path, what := range map[string]string{
		"/situation/alerts": "alerts", "/situation/routes": "routes", "/situation/contradictions": "contradictions", "/situation/reporting": "due", "/help": "requests",
		"/help/capacity": "pool", "/help/solidarity": "solidarity", "/funds": "flows", "/policy": "consultations", "/library": "practices",
	} {
		u.get(path).wants(t, []string{`<a href="/list/` + what + `/xlsx" download>XLSX</a>`, `/` + what + `/csv" download>`, `/` + what + `/json" download>`})
	}
	p := u.get("/list/routes/csv")
	if p.status != http.StatusOK || !strings.Contains(p.header.Get("Content-Disposition"), "routes.csv") || !strings.Contains(p.body, "Bogorodica") {
		t.Errorf("crossings: %d %s\n%s", p.status, p.header, p.body)
	}
	p = u.get("/list/alerts/cap")
	if p.status != http.StatusOK || p.header.Get("Content-Type") != "application/zip" {
		t.Fatalf("alerts: %d %s", p.status, p.header)
	}
	archive := must(zip.NewReader(strings.NewReader(p.body), int64(len(p.body))))(t)
	var all string
	for _, f := range archive.File {
		all += f.Name + "\n" + string(must(io.ReadAll(must(f.Open())(t)))(t))
	}
	for _, want := range []string{"Many may come", "left-out.csv\nfield,rows,why\n"} {
		if !strings.Contains(all, want) {
			t.Errorf("the archive lacks %q:\n%s", want, all)
		}
	}
	for path, want := range map[string]int{"/list/routes/cap": http.StatusUnprocessableEntity, "/list/routes/pdf": http.StatusBadRequest, "/list/nothing/csv": http.StatusBadRequest, "/list/audit/csv": http.StatusForbidden} {
		if p = u.get(path); p.status != want {
			t.Errorf("%s: %d, want %d\n%s", path, p.status, want, p.body)
		}
	}
	if p = b.centre.account(staff.Admin).get("/list/routes/csv"); p.status != http.StatusForbidden {
		t.Errorf("an administrator takes crossings away: %d", p.status)
	}
}

// TestExchangeIsTakenAwayAsEDXL from its page and from that of each record, with what EDXL can't say.
func TestExchangeIsTakenAwayAsEDXL(t *testing.T) {
	b := meet(t)
	asked := b.gate.says(gate, "request", "answer_by=2015-11-09T20:00:00Z", "deliver_to.place=MK-405", "lines.0.line=1", "lines.0.type=blanket", "lines.0.quantity=300", "lines.0.unit=pieces")
	phase := b.gate.says(gate, "phase", "place=MK-405", "phase=response", "reason=Many came")
	u := b.gate.account(staff.Officer)
	name := asked.Record.String()
	u.get("/help/"+name).wants(t, []string{`<a href="/help/` + name + `/edxl" download>Take the exchange away as EDXL</a>`})
	u.get("/record/"+name).wants(t, []string{`<a href="/record/` + name + `/edxl" download>Take it away as EDXL</a>`})
	u.get("/record/"+phase.Record.String()).wants(t, nil, "/edxl")
	for path, want := range map[string]string{"/help/" + name + "/edxl": "exchange-edxl.zip", "/record/" + name + "/edxl": "message-edxl.zip", "/list/requests/edxl": "requests-edxl.zip"} {
		p := u.get(path)
		if p.status != http.StatusOK || !strings.Contains(p.header.Get("Content-Disposition"), want) {
			t.Fatalf("%s: %d %s", path, p.status, p.header)
		}
		var all string
		for _, f := range must(zip.NewReader(strings.NewReader(p.body), int64(len(p.body))))(t).File {
			all += f.Name + "\n" + string(must(io.ReadAll(must(f.Open())(t)))(t))
		}
		for _, part := range []string{".edxl.xml\n", "<rm:Amount>300</rm:Amount>", "left-out.csv\nfield,rows,why\nanswer_by,1,"} {
			if !strings.Contains(all, part) {
				t.Errorf("%s lacks %q:\n%s", path, part, all)
			}
		}
	}
	for path, want := range map[string]int{"/record/" + phase.Record.String() + "/edxl": http.StatusBadRequest, "/help/" + phase.Record.String() + "/edxl": http.StatusNotFound, "/record/mk.southeast.nobody/resource.1.1/edxl": http.StatusNotFound} {
		if p := u.get(path); p.status != want {
			t.Errorf("%s: %d, want %d\n%s", path, p.status, want, p.body)
		}
	}
	if p := b.gate.account(staff.Admin).get("/help/" + name + "/edxl"); p.status != http.StatusForbidden {
		t.Errorf("an administrator takes an exchange away: %d", p.status)
	}
}
