package web_test

import (
	"archive/zip"
	"html"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
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
		"/help/capacity": "pool", "/help/solidarity": "solidarity", "/policy/alignment": "coverage", "/funds": "flows", "/policy": "consultations", "/library": "practices",
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
		if f.Modified.Year() != 1980 {
			t.Errorf("%s is of %s", f.Name, f.Modified)
		}
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

// TestFilesHoldWhatTheirPageShows: every page that chooses by quality, as it is chosen, now and at
// an earlier instant.
func TestFilesHoldWhatTheirPageShows(t *testing.T) {
	b := meet(t)
	about := map[string]protocol.Name{ // whose rows the files have
		"/situation/figures.csv": b.centre.says(centre, "report", "place=MK-405", "period=2015-11-08", "figures.arrivals=960", "figures.present=480", "figures.capacity_total=500", "method=registered").Record,
		"/list/routes/csv":       b.centre.says(centre, "route", "asset.type=border_crossing", "asset.name=Bogorodica", "state=open", "place=MK-405", "valid_until=2015-11-10T00:00:00Z", "observed_at=2015-11-09T08:00:00Z", "method=observed").Record,
		"/list/pool/csv":         b.centre.says(centre, "capacity", "place=MK-405", "items.0.type=bed_place", "items.0.unit=place", "items.0.total=500", "items.0.available=400", "items.0.readiness_hours=24", "items.0.offerable=true", "method=registered").Record,
		"/list/unmet/csv":        b.centre.says(centre, "needs", "place=MK-405", "items.0.sector=nfi", "items.0.item=blanket", "items.0.unit=piece", "items.0.required=300", "items.0.basis=count", "items.0.priority=1", "items.0.cost_estimate.amount=937", "items.0.cost_estimate.currency=EUR", "method=registered").Record,
	}
	about["/list/requests/csv"] = b.centre.says(centre, "request", "lines.0.line=1", "lines.0.type=bed_place", "lines.0.quantity=50", "lines.0.unit=place", "deliver_to.place=MK-405", "deliver_to.contact.office=Duty desk", "answer_by=2015-11-10T00:00:00Z", "to="+string(gate), "refs.0.rel=needs", "refs.0.record="+about["/list/unmet/csv"].String()).Record
	about["/list/matches/csv"], about["/list/territories/csv"] = about["/list/requests/csv"], about["/situation/figures.csv"]
	about["/list/contradictions/csv"] = b.gate.says(gate, "route", "asset.type=border_crossing", "asset.name=Bogorodica", "state=closed", "place=MK-405", "valid_until=2015-11-10T00:00:00Z", "observed_at=2015-11-09T08:00:00Z", "method=observed").Record
	b.centre.comes(b.gate.says(gate, "capacity", "place=MK-405", "items.0.type=bed_place", "items.0.unit=place", "items.0.available=400", "items.0.offerable=true", "method=registered").Record)
	for _, what := range []string{desk.ListMatches, desk.ListContradictions} {
		b.centre.until(func() bool {
			l, err := b.centre.node.Desk().List(t.Context(), desk.Query{What: what})
			return err == nil && l.Total > 0
		})
	}
	u := b.centre.account(staff.Coordinator)
	asked := []string{"quality=good", "quality=weak", "quality=unverified", "quality=weak&at=2015-11-09T08:00:00Z", ""}
	also := map[string][]string{
		"/situation":     {"quality=weak&place=RS", "quality=weak&place=MK", "what=present"},
		"/help/capacity": {"kind=tent", "kind=bed_place&quality=weak", "near=MK-405&by=2015-11-09T10:00", "by=2015-11-12T10:00&quality=weak"},
	}
	known := map[string][2]string{ // by what a row is known on its page, as a pattern, and in its file: of several records, or of one
		"/list/unfunded/csv":   {"937", "937"},
		"/list/solidarity/csv": {`<tr><td class="id"><a href="/network/member/` + string(gate) + `">.*Index`, string(gate)},
	}
	for file, of := range about {
		known[file] = [2]string{`"/(record|help)/` + of.String(), of.String()}
	}
	held := map[string]map[bool]bool{}
	for _, row := range staff.Pages() {
		method, path, _ := strings.Cut(row.Route, " ")
		if method != http.MethodGet || strings.Contains(path, "{") || path == "/live" || !strings.Contains(u.get(path).body, `name="quality"`) {
			continue
		}
		for _, query := range append(also[path], asked...) {
			p := u.get(path + "?" + query)
			for _, link := range downloads(p.body) {
				file, _, _ := strings.Cut(link, "?")
				row, graded := known[file]
				if !graded {
					if strings.HasPrefix(file, "/list/") && u.get(file+"?quality=weak").status == http.StatusOK {
						t.Errorf("%s?%s: rows of %s have a quality, and nobody knows whether it is kept", path, query, link)
					}
					continue
				}
				got := u.get(link)
				shown, there := regexp.MustCompile(row[0]).MatchString(p.body), strings.Contains(got.body, row[1])
				if got.status != http.StatusOK || there != shown {
					t.Errorf("%s?%s shows %s: %t; %s has it: %t (%d)", path, query, row[1], shown, link, there, got.status)
				}
				if held[file] == nil {
					held[file] = map[bool]bool{}
				}
				held[file][there] = true
			}
		}
	}
	for file := range known {
		if !held[file][true] {
			t.Errorf("no page led to %s with something in it", file)
		}
	}
	for file, row := range known { // some are not offered where the page shows nothing
		if f := u.get(file + "?quality=good"); f.status != http.StatusOK || strings.Contains(f.body, row[1]) {
			t.Errorf("%s of good quality alone: %d\n%s", file, f.status, f.body)
		}
	}
}

// downloads gives the tables that a page leads to.
func downloads(page string) (out []string) {
	for _, found := range regexp.MustCompile(`href="([^"]+)" download>`).FindAllStringSubmatch(page, -1) {
		link := html.UnescapeString(found[1])
		if path, _, _ := strings.Cut(link, "?"); strings.HasSuffix(path, "csv") && !strings.HasSuffix(path, ".hxl.csv") {
			out = append(out, link)
		}
	}
	return out
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
