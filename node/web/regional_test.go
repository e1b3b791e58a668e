package web_test

import (
	"encoding/csv"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2/memstore"
	"github.com/chromedp/chromedp"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/node/web"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// reported waits until the regional body holds what town and centre have said.
func (f *federated) reported(t *testing.T) {
	t.Helper()
	for _, id := range []protocol.InstitutionID{centre, town} {
		f.sites[hub].comes(must(protocol.ParseName(string(id) + "/situation.1.1"))(t))
	}
	f.sites[hub].until(func() bool {
		l, err := f.sites[hub].node.Desk().List(t.Context(), desk.Query{What: desk.ListFigures})
		return err == nil && l.Total >= 2
	})
}

// summed has the regional body draw up a report of what they have said.
func (f *federated) summed(t *testing.T) protocol.Name {
	t.Helper()
	done := must(f.sites[hub].node.Desk().Publish(t.Context(), desk.Request{Kind: "report", Regional: &desk.RegionalAsk{}, Set: []string{"period=2015-11-04/2015-11-07", "outlook=More may come."}}))(t)
	return done.Record
}

// comesUp waits until a node shows a regional report with so many sources that changed.
func (s *site) comesUp(n protocol.Name, changed int) {
	s.t.Helper()
	s.until(func() bool {
		v, err := s.node.Desk().Regional(s.t.Context(), "", n.String(), 0)
		return err == nil && v.Absent == 0 && v.Changed == changed
	})
}

const ofThoseDays = "/regional/new?period.start=2015-11-04T00:00&period.end=2015-11-07T00:00"

// TestRegionalReportIsDrawnUpOnAPageAndReadOnAnotherNode, with its sources, as it was at an instant,
// and taken away.
func TestRegionalReportIsDrawnUpOnAPageAndReadOnAnotherNode(t *testing.T) {
	f := federate(t)
	f.reported(t)
	before := protocol.InstantOf(time.Now()).String()
	writes, reads := f.sites[hub].account(staff.Officer), f.sites[centre].account(staff.Coordinator)
	writes.get("/situation").wants(t, []string{`href="/regional"`})
	writes.get("/regional").wants(t, []string{"No regional report is known here yet", `href="/regional/new"`})
	reads.get("/regional").wants(t, []string{"No regional report is known here yet"}, `href="/regional/new"`)
	writes.get("/").wants(t, nil, "can be drawn up")
	source := `href="/record/` + string(town) + `/situation.1.1"`
	p := writes.get(ofThoseDays)
	p.wants(t, []string{"2 of 2 reported", "960", source, `value="arrivals"`, `value="mk"`, "2 of 2 reports have come."})
	form := filledIn(t, p, "draft", "summary", "Two places <report>.", "outlook", "More may come.")
	path := writes.publishes(t, form)
	mine := must(protocol.ParseName(strings.TrimPrefix(path, "/regional/")))(t)
	if p = writes.post("/regional/new", form); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, "not what was shown to you") {
		t.Errorf("sent twice: %d", p.status)
	}
	writes.get("/").wants(t, []string{"can be drawn up", `href="/regional/new"`})
	writes.get("/regional/new").wants(t, []string{`value="2015-11-07T00:00"`, `value="2015-11-10T00:00"`, "Nobody reported a figure of this period"})
	f.sites[centre].comesUp(mine, 0)
	reads.get("/").wants(t, nil, "can be drawn up")
	reads.get("/regional").wants(t, []string{`href="` + path + `"`, "2 of 2 reported", "adds up", "0 of 2 sources"})
	reads.get(path).wants(t, []string{"Two places &lt;report&gt;.", "More may come.", "all members", "adds up", "2 of 2 reported", "0 of 2 sources", source, "/list/regional/csv?record=", "/list/regional/xlsx?record=", "/list/regional/hxl?record=", "/list/regional/json?record="}, `href="/correct/`)
	reads.get(path+"?quality=poor").wants(t, []string{source, "/list/regional/csv?quality=poor&amp;record="}, `id="omitted"`)
	reads.get(path+"?quality=good").wants(t, []string{"2 are left out", "adds up"}, source)
	writes.get(path).wants(t, []string{`href="/correct/` + mine.String() + `"`})
	reads.get("/record/"+mine.String()).wants(t, []string{`href="` + path + `"`})
	reads.get("/record/"+string(town)+"/situation.1.1").wants(t, nil, `href="/regional/`)
	then := protocol.InstantOf(time.Now()).String()
	must(f.sites[town].node.Desk().Correct(t.Context(), desk.CorrectRequest{As: town, Record: string(town) + "/situation.1.1", Reason: "counted again", Set: []string{"figures.arrivals=970"}}))(t)
	f.sites[centre].comesUp(mine, 1)
	reads.get(path).wants(t, []string{"1 of 2 sources", "corrected since", "adds up"}, "does not add up")
	reads.get(path+"?at="+then).wants(t, []string{"0 of 2 sources", "?at="}, "corrected since")
	reads.get("/regional?at="+before).wants(t, []string{"No regional report is known here yet"})
	if p = reads.get(path + "?at=" + before); p.status != http.StatusNotFound {
		t.Errorf("before it was written: %d", p.status)
	}
}

// publishes presses the button of a draft, and gives the path of the report.
func (b *browser) publishes(t *testing.T, form url.Values) string {
	t.Helper()
	form.Set("step", "publish")
	p := b.post("/regional/new", form)
	if !strings.HasPrefix(p.path, "/regional/"+string(hub)+"/situation.1.") {
		t.Fatalf("published, and led to %s: %d %s", p.path, p.status, p.body)
	}
	return p.path
}

func TestRegionalReportSaysWhyAReportIsMissing(t *testing.T) {
	s := open(t)
	pages := must(web.New(web.Options{Desk: s.node.Desk(), Sessions: memstore.NewWithCleanupInterval(0), Cookie: "c", Clock: hour}))(t)
	last := body.TimeOf(hour())
	for want, m := range map[string]body.RegionalMissing{
		"never heard": {State: body.MissingOverdue}, "overdue": {State: body.MissingOverdue, LastAt: last}, "line cut": {State: body.MissingLineCut},
		"none was due": {State: body.MissingNotDue, LastAt: last},
	} {
		if got := pages.Missed("en", m); got != want {
			t.Errorf("%+v is %q, want %q", m, got, want)
		}
	}
}

// TestFiguresOfOneRegionalReportAreTakenAway: those of it, and of no other.
func TestFiguresOfOneRegionalReportAreTakenAway(t *testing.T) {
	f := federate(t)
	f.reported(t)
	mine, other := f.summed(t), f.summed(t)
	u := f.sites[hub].account(staff.Officer)
	for _, format := range []string{"csv", "xlsx", "hxl", "json"} {
		if p := u.get("/list/regional/" + format + "?record=" + mine.String()); p.status != http.StatusOK || len(p.body) == 0 {
			t.Errorf("%s: %d", format, p.status)
		}
	}
	text := u.get("/list/regional/csv?record=" + mine.String()).body
	lines := must(csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff"))).ReadAll())(t)
	if len(lines) != 3 || !strings.Contains(text, mine.String()) || strings.Contains(text, other.String()) {
		t.Errorf("it has\n%s", text)
	}
	if p := u.get("/list/regional/csv?record=mine"); p.status != http.StatusBadRequest {
		t.Errorf("of what is no record: %d", p.status)
	}
	if p := u.get("/list/funds/csv?record=" + mine.String()); p.status != http.StatusBadRequest {
		t.Errorf("of a list that is of no records: %d", p.status)
	}
}

// TestBadInputIsRefusedInTheDraftOfARegionalReport: what was typed stays, and the summary leads to
// the field; what nobody was shown is not published, and who is no regional body draws up none.
func TestBadInputIsRefusedInTheDraftOfARegionalReport(t *testing.T) {
	f := federate(t)
	f.reported(t)
	u := f.sites[hub].account(staff.Officer)
	for _, bad := range [][2]string{
		{"period.start", ""},
		{"period.end", "2014-01-01T00:00"},
		{"territory", "fr"},
		{"territory", "group:nobody"},
		{"leave_out", "arivals"},
		{"summary", strings.Repeat("x", 9000)},
	} {
		form := filledIn(t, u.get(ofThoseDays), "draft", "outlook", "Kept as typed", "step", "publish", bad[0], bad[1])
		p := u.post("/regional/new", form)
		for _, kept := range []string{`href="#` + bad[0] + `"`, `id="` + bad[0] + `"`, "Kept as typed", bad[1]} {
			if p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, kept) {
				t.Errorf("%s %.20q: %d, without %.40s", bad[0], bad[1], p.status, kept)
			}
		}
	}
	form := filledIn(t, u.get(ofThoseDays), "draft", "outlook", "Kept as typed", "leave_out", "arrivals", "step", "publish")
	p := u.post("/regional/new", form)
	if p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, "not what was shown to you") || !strings.Contains(p.body, "Nobody reported a figure") {
		t.Errorf("what nobody was shown: %d", p.status)
	}
	form.Set("step", "look")
	p = u.post("/regional/new", form)
	p.wants(t, []string{"Kept as typed", `value="arrivals" checked`, "Nobody reported a figure"}, "not what was shown to you")
	u.get(u.publishes(t, filledIn(t, p, "draft"))).wants(t, []string{"Left out by its author"})
	stranger := f.sites[centre].account(staff.Officer)
	for _, p := range []page{stranger.get("/regional/new"), stranger.post("/regional/new", url.Values{"as": {string(centre)}, "period.start": {"2015-11-04T00:00"}, "period.end": {"2015-11-07T00:00"}})} {
		if p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, "beyond the competence") || strings.Contains(p.body, `id="draft"`) {
			t.Errorf("a ministry draws one up: %d", p.status)
		}
	}
}

// TestEveryFigureOfADraftCanBeSeenBeforeItIsPublished, however many there are: the buttons lead from part to
// part, what was typed comes along, and what is published is all of it.
func TestEveryFigureOfADraftCanBeSeenBeforeItIsPublished(t *testing.T) {
	s := openAs(t, body.RegionalBody, []string{"mk."})
	s.peopled(t)
	u := s.account(staff.Officer)
	p := u.get("/regional/new?period.start=2015-11-02T00:00&period.end=2015-11-09T00:00")
	typed := []string{"outlook", "Kept as typed", "leave_out", "departures"}
	more := regexp.MustCompile(`<button class="plain" name="step" value="look" formaction="([^"]+)" formnovalidate>and [0-9]+ more</button>`)
	place := regexp.MustCompile(`<tr><td><a href="/place/([^"]+)">`)
	seen := map[string]int{}
	for parts := 1; ; parts++ {
		for _, row := range place.FindAllStringSubmatch(p.body, -1) {
			seen[row[1]]++
		}
		on := more.FindStringSubmatch(p.body)
		if on == nil || parts == countryTowns {
			break
		}
		p = u.post(html.UnescapeString(on[1]), filledIn(t, p, "draft", append(typed, "step", "look")...))
		p.wants(t, []string{"Kept as typed", `value="departures" checked`, `value="arrivals"`, `value="present"`})
	}
	for at, n := range seen {
		if n != 2 {
			t.Errorf("%d figures of %s were seen, want arrivals and who is present", n, at)
		}
	}
	p = u.post("/regional/new", filledIn(t, p, "draft", "step", "publish"))
	name, published := strings.CutPrefix(p.path, "/regional/"+string(centre)+"/")
	figures := strings.Count(u.get("/list/regional/csv?record="+string(centre)+"/"+name).body, "\n")
	if !published || len(seen) != countryTowns || figures < 2*countryTowns {
		t.Errorf("figures of %d places were seen, want %d; what led to %s has %d lines", len(seen), countryTowns, p.path, figures)
	}
}

// regionalIsRead has somebody of the regional body draw up a report, and a ministry's coordinator
// find it on another node and follow a figure to the record that it was made of; on paper it is
// readable.
func (f *federated) regionalIsRead(t *testing.T, browser *chrome) {
	f.reported(t)
	writes, reads := f.sites[hub].enter(t, browser, staff.Officer), f.sites[centre].enter(t, browser, staff.Coordinator)
	writes.press(`nav a[href="/situation"]`)
	writes.press(`main a[href="/regional"]`)
	writes.press(`main a[href="/regional/new"]`)
	writes.says("Draw up a regional report")
	eval[bool](writes, `document.getElementById("period.start").value = "2015-11-04T00:00", document.getElementById("period.end").value = "2015-11-07T00:00", true`)
	writes.types("outlook", "More may come.")
	writes.press(`#draft button[value="look"]`)
	writes.until(`document.getElementById("outlook")?.value === "More may come." && !!document.querySelector('main a[href="/record/` + string(town) + `/situation.1.1"]')`)
	writes.types("summary", "Two places report.")
	writes.press(`#draft button[value="publish"]`)
	writes.at("/regional/" + string(hub) + "/situation.1.")
	path := eval[string](writes, "location.pathname")
	reads.press(`nav a[href="/situation"]`)
	reads.press(`main a[href="/regional"]`)
	reads.again(func() bool { return eval[bool](reads, `!!document.querySelector('main a[href="`+path+`"]')`) })
	reads.press(`main a[href="` + path + `"]`)
	reads.says("Two places report.")
	reads.says("adds up")
	reads.media("print", "", "")
	reads.do(chromedp.EmulateViewport(paperWide, 900))
	if wide := eval[int64](reads, "document.documentElement.scrollWidth"); wide > paperWide {
		t.Errorf("it is %d px wide on a paper of %d: words are cut", wide, paperWide)
	}
	if sheets := reads.printed("regional-report"); sheets.pages > 2 {
		t.Errorf("it is %d pages", sheets.pages)
	}
	reads.media("", "", "")
	reads.do(chromedp.EmulateViewport(1280, 900))
	reads.press(`main a[href="/record/` + string(town) + `/situation.1.1"]`)
	reads.at("/record/" + string(town) + "/situation.1.1")
	reads.says("A quiet day.")
	writes.calm()
	reads.calm()
}
