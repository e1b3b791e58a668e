package web_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// form opens a form and gives what it would send as it stands.
func (b *browser) form(path string) url.Values {
	b.t.Helper()
	p := b.get(path)
	if p.status != http.StatusOK {
		b.t.Fatalf("%s: %d %s", path, p.status, p.body)
	}
	return fields(p.body)
}

// fields are those of a page's form, as a browser would send them.
func fields(text string) url.Values {
	out := url.Values{}
	for _, m := range regexp.MustCompile(`<input ([^>]*)>`).FindAllStringSubmatch(text, -1) {
		attr := func(name string) string {
			if v := regexp.MustCompile(`(?:^| )` + name + `="([^"]*)"`).FindStringSubmatch(m[1]); v != nil {
				return html.UnescapeString(v[1])
			}
			return ""
		}
		if attr("type") != "checkbox" || strings.Contains(m[1], " checked") {
			out.Set(attr("name"), attr("value"))
		}
	}
	for _, m := range regexp.MustCompile(`(?s)<textarea id="[^"]*" name="([^"]*)"[^>]*>(.*?)</textarea>`).FindAllStringSubmatch(text, -1) {
		out.Set(m[1], html.UnescapeString(m[2]))
	}
	for _, m := range regexp.MustCompile(`(?s)<select id="[^"]*" name="([^"]*)".*?</select>`).FindAllStringSubmatch(text, -1) {
		if chosen := regexp.MustCompile(`<option value="([^"]*)" selected`).FindStringSubmatch(m[0]); chosen != nil {
			out.Set(m[1], chosen[1])
		}
	}
	out.Del("try")
	return out
}

// sent sends a form that must go out, and gives the record that is shown then.
func (b *browser) sent(path string, form url.Values) protocol.Name {
	b.t.Helper()
	p := b.post(path, form)
	n, err := protocol.ParseName(strings.TrimPrefix(p.path, "/record/"))
	if p.status != http.StatusOK || err != nil {
		b.t.Fatalf("%s %v: %d at %s\n%s", path, form, p.status, p.path, p.body)
	}
	return n
}

// said gives the body of a record.
func (s *site) said(n protocol.Name) string {
	s.t.Helper()
	return string(must(s.node.Desk().Show(s.t.Context(), n.String()))(s.t).Record.Body)
}

// TestRefusedFormTellsEveryMistakeAtOnce: in a list at the top that has the focus and leads to each
// field, and beside each field, in whatever form. What can't be read does not hide a rule.
func TestRefusedFormTellsEveryMistakeAtOnce(t *testing.T) {
	s := open(t)
	b := s.account(staff.Officer)
	form := b.form("/report/new")
	form.Set("place", "Nowhere")
	form.Set("period.start", "2015-11-08T00:00")
	form.Set("period.end", "2015-11-07T00:00")
	form.Set("figures.arrivals", "many")
	form.Set("figures.departures", "40")
	p := b.post("/report/new", form)
	if p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, "<title>Error: ") {
		t.Errorf("%d %.300s", p.status, p.body)
	}
	p.body = strings.Replace(p.body, form.Get("form"), "FORM", 1)
	golden(t, "refused", p)
	b.wantMarked(p, "place", "period.end", "figures.arrivals")

	form = b.form("/route/new")
	for name, value := range map[string]string{"asset.name": "", "waiting": "a few", "wait_hours": "-1", "place": "MK-405", "observed_at": "2015-11-09T09:00", "valid_until": "2015-11-08T09:00", "state": "shut", "asset.type": "border_crossing"} {
		form.Set(name, value)
	}
	b.wantMarked(b.post("/route/new", form), "state", "asset.name", "waiting", "wait_hours")

	b = s.account(staff.Coordinator) // of a form with a template of its own
	form = b.form("/policy/project")
	for name, value := range map[string]string{"title": " ", "partners": "mk.southeast.no-such", "period.start": "2015-11-08T00:00", "period.end": "soon", "plan": "the plan", "url": "here"} {
		form.Set(name, value)
	}
	b.wantMarked(b.post("/policy/project", form), "title", "period.end", "plan", "url")
}

// wantMarked wants each of the fields, and no other, named in the summary and beside itself.
func (b *browser) wantMarked(p page, fields ...string) {
	b.t.Helper()
	top := regexp.MustCompile(`(?s)<div class="wrong" id="wrong" role="alert" tabindex="-1" autofocus>.*?</div>`).FindString(p.body)
	var told []string
	for _, m := range regexp.MustCompile(`<a href="#([^"]*)">`).FindAllStringSubmatch(top, -1) {
		told = append(told, m[1])
	}
	if !slices.Equal(told, fields) {
		b.t.Errorf("%d: the summary leads to %v, want %v:\n%s", p.status, told, fields, p.body)
	}
	for _, id := range fields {
		tag := regexp.MustCompile(`<(?:input|select|textarea) id="` + regexp.QuoteMeta(id) + `"[^>]*>`).FindString(p.body)
		if !strings.Contains(tag, `aria-invalid="true"`) || !regexp.MustCompile(`aria-describedby="[^"]*\bwhy\.`+regexp.QuoteMeta(id)).MatchString(tag) || strings.Count(p.body, `<span class="why" id="why.`+id+`">`) != 1 {
			b.t.Errorf("%s is not marked: %s", id, tag)
		}
	}
	if n := strings.Count(p.body, "aria-invalid"); n != len(fields) {
		b.t.Errorf("%d fields are marked, want %d", n, len(fields))
	}
}

// TestLastFigureIsSaidAsItsLanguageWritesNumbers, and stands in its field as it is typed.
func TestLastFigureIsSaidAsItsLanguageWritesNumbers(t *testing.T) {
	s := open(t)
	b := s.account(staff.Officer)
	s.reports(map[int]int{7: 9305})
	b.language = "mk"
	b.get("/report/new").wants(t, []string{"последно: 9.305", `value="9305"`}, "последно: 9305")
}

// TestOfficerReportsWithoutAScript: filled in from the last, checked, published, shown; what
// was typed stands there again after each refusal, and the reason beside its field.
func TestOfficerReportsWithoutAScript(t *testing.T) {
	s := open(t)
	b := s.account(staff.Officer)
	s.reports(map[int]int{7: 960})
	form := b.form("/report/new")
	if form.Get("place") != "iso3166-2:MK-405" || form.Get("period.start") != "2015-11-08T00:00" || form.Get("period.end") != "2015-11-09T00:00" || form.Get("figures.arrivals") != "960" {
		t.Errorf("filled in: %v", form)
	}
	if p := b.get("/report/new"); !strings.Contains(p.body, "last: 960") || strings.Count(p.body, "not yet touched") != 1 {
		t.Errorf("the form:\n%s", p.body)
	}
	form.Set("summary", "<script>alert(1)</script> quiet")
	refused := func(field, said string) {
		t.Helper()
		got := b.post("/report/new", form)
		beside := regexp.MustCompile(`id="why\.` + regexp.QuoteMeta(field) + `"[^>]*>[^<]*` + regexp.QuoteMeta(said))
		if got.status != http.StatusUnprocessableEntity || !beside.MatchString(got.body) || !strings.Contains(got.body, `href="#`+field+`"`) {
			t.Errorf("%v: %d, want %q beside %s:\n%s", form, got.status, said, field, got.body)
		}
		for name := range form {
			if again := fields(got.body); again.Get(name) != form.Get(name) {
				t.Errorf("what was typed into %s is lost: %q, want %q", name, again.Get(name), form.Get(name))
			}
		}
	}
	refused("figures.arrivals", "it still says what the last report said")
	form.Set("same.figures.arrivals", "1")
	form.Set("figures.present", "100")
	form.Set("figures.children", "101")
	refused("figures.children", "it is more than present")
	form.Set("figures.children", "many")
	refused("figures.children", "is no number of persons or places")
	form.Set("figures.children", "40")
	form.Set("place", "Nowhere")
	refused("place", "no place is called")
	form.Set("place", "")
	refused("place", "this field is empty")
	form.Set("place", "MK-405")
	form.Set("period.end", "2015-11-07T00:00")
	refused("period.end", "")
	form.Set("period.end", "2015-11-09T00:00")
	p := b.post("/report/new", form)
	if p.status != http.StatusOK || p.path != "/record/"+string(centre)+"/situation.1.2" || !strings.Contains(p.body, "recorded here; 0 of 0 have it") || strings.Contains(p.body, "<script>") {
		t.Fatalf("published: %d %s\n%s", p.status, p.path, p.body)
	}
	if p = b.get("/"); !strings.Contains(p.shown(), "Last report 2015-11-09 09:00") || !strings.Contains(p.body, ">40</a>") {
		t.Errorf("Now:\n%s", p.body)
	}
	l := must(s.node.Desk().List(t.Context(), desk.Query{What: desk.ListAudit, Match: "test.officer"}))(t)
	if rows, _ := l.Rows.([]desk.AuditRow); len(rows) == 0 || rows[0].Act != "publish" || rows[0].Who != "test.officer" {
		t.Errorf("noted: %+v", rows)
	}
}

// TestFormThatIsSentTwiceIsOneRecord: by a second press, at the same moment, and a day later.
func TestFormThatIsSentTwiceIsOneRecord(t *testing.T) {
	s := open(t)
	b := s.account(staff.Officer)
	form := b.form("/report/new")
	form.Set("place", "MK-405")
	form.Set("figures.arrivals", "12")
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if p := b.post("/report/new", form); p.path != "/record/"+string(centre)+"/situation.1.1" {
				t.Errorf("sent again: %d at %s", p.status, p.path)
			}
		})
	}
	wg.Wait()
	form.Set("figures.arrivals", "13")
	if n := b.sent("/report/new", form); n.Sequence != 1 {
		t.Errorf("the same form later: %s", n)
	}
	if next := b.form("/report/new"); next.Get("form") == form.Get("form") {
		t.Error("the next form has the same number")
	}
	form.Del("form")
	if p := b.post("/report/new", form); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, "has no number of its own") || fields(p.body).Get("figures.arrivals") != "13" {
		t.Errorf("a form without a number: %d %s", p.status, p.body)
	}
	form.Set("form", strings.Repeat("../a", 5))
	if p := b.post("/report/new", form); p.status != http.StatusUnprocessableEntity {
		t.Errorf("a number that none is: %d", p.status)
	}
}

// TestEveryFormMakesItsRecord: crossing, phase, alert, note, correction, retraction.
func TestEveryFormMakesItsRecord(t *testing.T) {
	s := open(t)
	b := s.account(staff.Officer)
	crossing := b.form("/route/new")
	for k, v := range map[string]string{"state": "open", "asset.type": "border_crossing", "asset.name": "Bogorodica", "asset.code": "x:gr-mk:bogorodica-evzoni"} {
		crossing.Set(k, v)
	}
	b.sent("/route/new", crossing)
	p := b.get("/route/new")
	known := regexp.MustCompile(`<a href="(/route/new\?about=[^"]*)">Bogorodica</a> open`).FindStringSubmatch(p.body)
	if known == nil {
		t.Fatalf("the crossing is not offered:\n%s", p.body)
	}
	changed := b.form(html.UnescapeString(known[1]))
	if changed.Get("asset.name") != "Bogorodica" || changed.Get("state") != "open" || changed.Get("observed_at") != "2015-11-09T09:00" {
		t.Errorf("filled in: %v", changed)
	}
	changed.Set("state", "closed")
	changed.Set("valid_until", "2015-11-19T09:00")
	if p = b.post("/route/new", changed); !strings.Contains(p.body, `id="why.valid_until"`) || fields(p.body).Get("state") != "closed" {
		t.Errorf("ten days: %d\n%s", p.status, p.body)
	}
	changed.Set("valid_until", "2015-11-10T09:00")
	if said := s.said(b.sent("/route/new", changed)); !strings.Contains(said, `"state":"closed"`) || !strings.Contains(said, `"2015-11-10T09:00:00Z"`) {
		t.Errorf("the crossing: %s", said)
	}
	phase := b.form("/phase/new")
	phase.Set("place", "MK")
	phase.Set("phase", "response")
	phase.Set("reason", "Places are full.")
	b.sent("/phase/new", phase)
	alert := b.form("/alert/new")
	for k, v := range map[string]string{
		"info.0.event": "Crossing closed", "info.0.headline": "The crossing is closed", "info.0.area.0.areaDesc": "Gevgelija", "info.0.severity": "Severe",
		"info.0.urgency": "Immediate", "info.0.certainty": "Observed", "info.0.category": "Transport", "info.0.expires": "2015-11-10T06:00",
	} {
		alert.Set(k, v)
	}
	warned := b.sent("/alert/new", alert)
	if said := s.said(warned); !strings.Contains(said, `"expires":"2015-11-10T06:00:00-00:00"`) {
		t.Errorf("the alert: %s", said)
	}
	note := b.form("/note/" + warned.String())
	note.Set("text", "Who has buses?")
	if said := s.said(b.sent("/note/"+warned.String(), note)); !strings.Contains(said, "Who has buses?") || !strings.Contains(said, warned.String()) {
		t.Errorf("the note: %s", said)
	}
	report := b.form("/report/new")
	report.Set("place", "MK-405")
	report.Set("figures.arrivals", "11752")
	report.Set("figures.children", "4000")
	reported := b.sent("/report/new", report)
	right := b.form("/correct/" + reported.String())
	if right.Get("figures.arrivals") != "11752" || right.Get("period.end") != report.Get("period.end") {
		t.Errorf("to be put right: %v", right)
	}
	right.Set("figures.arrivals", "11572")
	if p = b.post("/correct/"+reported.String(), right); !strings.Contains(p.body, `id="why.reason"`) {
		t.Errorf("a correction without a reason: %d", p.status)
	}
	right.Set("reason", "Two digits were turned.")
	said := s.said(b.sent("/correct/"+reported.String(), right))
	if !strings.Contains(said, "11572") || !strings.Contains(said, "Two digits were turned.") || !strings.Contains(said, "4000") {
		t.Errorf("the correction: %s", said)
	}
	emptied := b.form("/correct/" + reported.String())
	emptied.Set("figures.children", "")
	emptied.Set("reason", "Nobody counted.")
	if p = b.post("/correct/"+reported.String(), emptied); !strings.Contains(p.body, `id="why.figures.children"`) {
		t.Errorf("a figure that is emptied: %d\n%s", p.status, p.body)
	}
	back := b.form("/retract/" + reported.String())
	back.Set("reason", "It was another day's.")
	b.sent("/retract/"+reported.String(), back)
	if v := must(s.node.Desk().Show(t.Context(), reported.String()))(t).Record; v.Standing.String() != "retracted" {
		t.Errorf("the report stands as %s", v.Standing)
	}
}

// TestDraftSurvivesTheBrowserAndTheNode: kept by its button or because it was refused, for
// its account alone, until it is sent or thrown away.
func TestDraftSurvivesTheBrowserAndTheNode(t *testing.T) {
	s := open(t)
	b := s.account(staff.Officer)
	form := b.form("/report/new")
	form.Set("place", "MK-405")
	form.Set("figures.arrivals", "not yet")
	form.Set("summary", "half a sen")
	if p := b.post("/draft", form); p.path != "/drafts" || !strings.Contains(p.body, "/report/new?draft="+form.Get("form")) {
		t.Fatalf("kept: %d %s\n%s", p.status, p.path, p.body)
	}
	refused := b.form("/phase/new")
	refused.Set("reason", "Because")
	b.post("/phase/new", refused)

	s.again()
	later := s.browser()
	if p := later.post("/enter", url.Values{"name": {"test.officer"}, "password": {password}}); p.path != "/" {
		t.Fatalf("log in: %s", p.path)
	}
	if p := later.get("/drafts"); strings.Count(p.body, "?draft=") != 2 {
		t.Errorf("drafts:\n%s", p.body)
	}
	again := later.form("/report/new?draft=" + form.Get("form"))
	for name := range form {
		if again.Get(name) != form.Get(name) {
			t.Errorf("%s = %q, want %q", name, again.Get(name), form.Get(name))
		}
	}
	if got := later.form("/phase/new?draft=" + refused.Get("form")); got.Get("reason") != "Because" {
		t.Errorf("what was refused: %v", got)
	}
	typed := later.form("/report/new")
	typed.Set("figures.present", "12")
	typed.Set("figures.children", "13")
	if p := later.post("/typed", typed); !strings.Contains(p.body, "it is more than present") || !strings.Contains(p.body, "Kept as a draft") || strings.Contains(p.body, "<html") {
		t.Errorf("typed: %d %s", p.status, p.body)
	}
	if p := s.browser().post("/typed", typed); p.status != http.StatusUnauthorized || !strings.Contains(p.body, "is not kept") {
		t.Errorf("typed by who is not logged in: %d %s", p.status, p.body)
	}
	later.post("/drafts/drop", url.Values{"draft": {typed.Get("form")}})
	if p := s.account(staff.Coordinator).get("/report/new?draft=" + form.Get("form")); p.status != http.StatusNotFound {
		t.Errorf("another account's draft: %d", p.status)
	}
	again.Set("figures.arrivals", "5")
	later.sent("/report/new", again)
	if p := later.post("/draft", again); strings.Contains(p.body, "?draft="+form.Get("form")) {
		t.Errorf("it was sent, and lies there still:\n%s", p.body)
	}
	if p := later.post("/drafts/drop", url.Values{"draft": {refused.Get("form")}}); strings.Contains(p.body, "?draft=") {
		t.Errorf("it was thrown away:\n%s", p.body)
	}
}

// TestReportIsRecordedWhileTheLineIsDead, says how far it has come, and goes by itself when
// the line is back.
func TestReportIsRecordedWhileTheLineIsDead(t *testing.T) {
	b := meet(t)
	u := b.gate.account(staff.Officer)
	b.network.Line(gate, centre).Cut()
	b.gate.until(func() bool { return strings.Contains(u.get("/").body, "no line") })
	form := u.form("/report/new")
	form.Set("place", "MK-405")
	form.Set("figures.arrivals", "960")
	n := u.sent("/report/new", form)
	u.get("/record/"+n.String()).wants(t, []string{"recorded here; 0 of 1 have it"})
	b.network.Line(gate, centre).Heal()
	b.centre.comes(n)
	b.gate.until(func() bool {
		return strings.Contains(u.get("/record/"+n.String()).body, "recorded here; 1 of 1 has it")
	})
}
