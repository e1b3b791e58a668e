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
