package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// abroad is a town of another country that has no node yet.
const abroad protocol.InstitutionID = "gr.central-macedonia.demo-north-town"

// invited has the centre invite the town abroad, and the other nodes know of it.
func (f *federated) invited(t *testing.T) {
	t.Helper()
	s := f.sites[centre]
	if l := must(s.node.Desk().List(t.Context(), desk.Query{What: desk.ListMembers, By: string(abroad)}))(t); l.Total == 1 {
		return // in an earlier scene
	}
	must(s.node.Desk().Invite(t.Context(), desk.InviteRequest{Institution: abroad, Level: body.Municipality}))(t)
	for _, at := range f.sites {
		at.until(func() bool {
			l, err := at.node.Desk().List(t.Context(), desk.Query{What: desk.ListMembers, By: string(abroad)})
			return err == nil && l.Total == 1
		})
	}
}

// joint has an institution write a project with the town abroad, and with the others of this test.
func (f *federated) joint(t *testing.T, by protocol.InstitutionID) protocol.Name {
	t.Helper()
	f.invited(t)
	return f.sites[by].says(by, "project", "title=One queue", "summary=Both sides plan by the same numbers.", "period=2015-01-01/2036-01-01", "partners="+string(abroad), "objectives.0.text=Nobody is counted twice.").Record
}

// TestTwoPeopleJoinAProject: a municipality writes a project by its page, a ministry takes part,
// has a plan and a consultation belong to it, and the municipality writes the next version.
func TestTwoPeopleJoinAProject(t *testing.T) {
	f := federate(t)
	f.invited(t)
	writes, joins := f.sites[town].account(staff.Officer), f.sites[centre].account(staff.Officer)
	writes.get("/policy").wants(t, []string{`href="/policy/project"`}, `id="project"`)
	writes.get("/policy/project").wants(t, []string{"No project is known here yet", "Write a project", ">Room for 2 more</summary>"})
	form := filledIn(t, writes.get("/policy/project"), "write", "title", "One queue", "partners", string(centre), "period.start", "2015-01-01T00:00", "period.end", "2036-01-01T00:00", "objectives.0.text", "Nobody is counted twice.")
	p := writes.post("/policy/project", form)
	for _, kept := range []string{`href="#partners"`, `value="One queue"`, string(centre) + "</textarea>", "Nobody is counted twice."} {
		if p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, kept) {
			t.Errorf("of one country: %d, without %s", p.status, kept)
		}
	}
	form.Set("partners", string(abroad)+"\n"+string(centre))
	p = writes.post("/policy/project", form)
	if !strings.HasPrefix(p.path, "/policy/project/"+string(town)+"/policy.1.") {
		t.Fatalf("written, and led to %s: %s", p.path, p.body)
	}
	p.wants(t, []string{"confirmed by 0 of 2", "has not said yet", "No record names it yet", "0 of 3 reported"}, `id="accept"`)
	path, mine := p.path, must(protocol.ParseName(strings.TrimPrefix(p.path, "/policy/project/")))(t)
	f.sites[centre].comes(mine)
	joins.get("/policy").wants(t, []string{"waits for your word", `name="project"`})
	p = joins.get(path)
	p.wants(t, []string{`id="accept"`, `id="decline"`}, `id="mend"`)
	if refused := joins.post(path, filledIn(t, p, "decline", "reason", "")); refused.status != http.StatusUnprocessableEntity {
		t.Errorf("declined without a reason: %d", refused.status)
	}
	joins.post(path, filledIn(t, p, "accept")).wants(t, []string{"confirmed by 1 of 2", "takes part"}, `id="accept"`)
	s := f.sites[centre]
	s.says(centre, "plan", "title=Winter places", "status=proposed", "currency=EUR", "territory=MK-405", "period=2016-01-01/2017-01-01", "cosigners="+string(town), "project="+mine.String(),
		"lines.0.purpose=beds", "lines.0.beneficiary="+string(town), "lines.0.year=2016", "lines.0.sector=shelter", "lines.0.amount=120000.50", "lines.0.source=eu_ipa", "lines.0.status=planned")
	joins.post("/policy", filledIn(t, joins.get("/policy"), "ask", "question", "More beds?", "to", string(town), "closes_at", "2036-01-01T00:00", "project", mine.String()))
	s.until(func() bool {
		v, err := s.node.Desk().Project(t.Context(), desk.ProjectQuery{Record: mine.String()})
		return err == nil && len(v.Records) == 2
	})
	told := writes.form("/practice/new")
	told.Set("title", "Numbers")
	told.Set("problem", "Rain")
	told.Set("solution", "Numbers")
	told.Set("project", mine.String())
	if p = writes.posted(told, nil); !strings.HasPrefix(p.path, "/library/") {
		t.Errorf("a practice of the project: %d at %s", p.status, p.path)
	}
	asks := writes.form("/needs/new")
	for name, said := range map[string]string{"place": "MK-405", "population.in_need": "300", "items.0.item": "bed_place", "items.0.required": "300", "project": mine.String()} {
		asks.Set(name, said)
	}
	needs := must(protocol.ParseName(writes.sent("/needs/new", asks).String()))(t)
	f.sites[centre].comes(needs)
	s.until(func() bool {
		v, err := s.node.Desk().Project(t.Context(), desk.ProjectQuery{Record: mine.String()})
		return err == nil && len(v.Records) == 5
	})
	joins.get(path).wants(t, []string{"1 of 3 reported", "Numbers", `href="/library/`, `href="/record/` + needs.String()})
	joins.get("/practice/new").wants(t, []string{`<option value="` + mine.String() + `">One queue</option>`})
	joins.get(path).wants(t, []string{"Winter places", "120,000.50</b> EUR", "More beds?", `href="/policy/consultation/`, "fund plan"})
	joins.get("/record/"+mine.String()).wants(t, []string{`href="` + path + `"`})
	form = filledIn(t, writes.get(path), "mend", "title", "One queue for all", "reason", "the council said so", "partners", string(abroad)+" "+string(centre), "objectives.0.text", "", "objectives.0.oid", "")
	writes.post(path, form).wants(t, []string{"One queue for all", "the council said so", "<del>One queue</del>", "Version 2"}, `id="o-1"`)
	if p = writes.post(path, form); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, "was put right by") || !strings.Contains(p.body, "Version 2") || strings.Contains(p.body, form.Get("after")) {
		t.Errorf("written over a version that was not read: %d", p.status)
	}
	if p = writes.post(path, filledIn(t, p, "mend", "reason", "")); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, `href="#reason"`) {
		t.Errorf("a version without a reason: %d", p.status)
	}
	named := `<option value="` + mine.String() + `"`
	for _, path := range []string{"/report/new", "/route/new", "/policy/alignment"} {
		writes.get(path).wants(t, []string{named + `>`})
	}
	joins.get("/alert/new").wants(t, []string{named + `>`})
	p = writes.post("/policy/alignment", filledIn(t, writes.get("/policy/alignment"), "write", "title", "Reception", "status", "adopted", "period.start", "2015-01-01T00:00", "period.end", "2036-01-01T00:00", "objectives.0.text", "Nobody sleeps outside.", "project", mine.String()))
	p.wants(t, []string{`<dd class="id"><a href="` + path + `"`, named + ` selected>`})
	p = writes.post(p.path, filledIn(t, p, "mend", "project", "", "reason", "It is of none."))
	p.wants(t, []string{"Version 2", named + `>`}, `<dd class="id"><a href="`+path+`"`, named+` selected>`)
	p = joins.post("/funds", filledIn(t, joins.get("/funds"), "begin", "step", "pledge", "other", string(town), "amount", "5", "currency", "EUR", "project", mine.String()))
	p.wants(t, []string{`<dt>Project</dt><dd class="id"><a href="` + path + `"`})
	if p = writes.get("/policy/project/" + string(town) + "/policy.1.99"); p.status != http.StatusNotFound {
		t.Errorf("a project that is not there: %d", p.status)
	}
}

// TestProjectShowsAllSixKindsOnBothNodes: needs, help, a plan, a flow, a consultation and a practice of
// a project of two countries stand on its page, on the node of each; an offer and a payment that do
// not name it stand there by what they answer.
func TestProjectShowsAllSixKindsOnBothNodes(t *testing.T) {
	f := federate(t, abroad)
	here, there, capital := f.sites[town], f.sites[abroad], f.sites[centre]
	project := here.says(town, "project", "title=One queue", "period=2015-01-01/2036-01-01", "partners="+string(abroad)+","+string(centre)).Record
	stands := func(s *site, records int) {
		s.until(func() bool {
			v, err := s.node.Desk().Project(t.Context(), desk.ProjectQuery{Record: project.String()})
			return err == nil && len(v.Records) == records
		})
	}
	stands(there, 0)
	stands(capital, 0)
	in := "project=" + project.String()
	said := map[string]protocol.Name{
		"needs": there.says(abroad, "needs", "place=GR-B", "items.0.sector=shelter", "items.0.item=bed_place", "items.0.unit=place", "items.0.required=60", "items.0.basis=count", "items.0.priority=1", in).Record,
		"request": there.says(abroad, "request", "to.0="+string(town), "lines.0.line=1", "lines.0.type=bus", "lines.0.quantity=4", "lines.0.unit=buses", "answer_by=2036-01-01T00:00:00Z",
			"deliver_to.place=GR-B", "deliver_to.contact.office=Duty desk", in).Record,
		"fund plan": capital.says(centre, "plan", "title=Winter places", "status=proposed", "currency=EUR", "territory=MK-405", "period=2016-01-01/2017-01-01", "cosigners="+string(town),
			"lines.0.purpose=beds", "lines.0.beneficiary="+string(town), "lines.0.year=2016", "lines.0.sector=shelter", "lines.0.amount=120000.50", "lines.0.source=eu_ipa", "lines.0.status=planned", in).Record,
		"commitment of funds": capital.says(centre, "commit-flow", "recipient="+string(town), "amount=5000", "currency=EUR", in).Record,
		"consultation":        capital.says(centre, "consultation", "question=More beds?", "to="+string(town), "closes_at=2036-01-01T00:00:00Z", in).Record,
		"practice":            here.says(town, "practice", "title=Numbers", "problem=Rain", "solution=Numbers", in).Record,
	}
	stands(here, len(said))
	answers := func(s *site, as, of protocol.Name, step string, set ...string) protocol.Name {
		return must(s.node.Desk().Answer(t.Context(), desk.AnswerRequest{As: as.Institution, Record: of.String(), Step: step, Set: set}))(t).Record
	}
	said["offer"] = answers(here, said["practice"], said["request"], "offer")
	said["payment"] = answers(capital, said["consultation"], said["commitment of funds"], "pay", "amount=3000")
	page := "/policy/project/" + project.String()
	for id, s := range map[protocol.InstitutionID]*site{town: here, abroad: there} {
		u := s.account(staff.Officer)
		stands(s, len(said))
		p := u.get(page)
		_, records, _ := strings.Cut(p.body, `id="records"`)
		for kind, n := range said {
			if !strings.Contains(records, n.String()+`"`) {
				t.Errorf("%s: the %s %s does not stand there:\n%s", id, kind, n, records)
			}
		}
		p.wants(t, []string{"5,000</b>", "3,000", "Flows: 1 · Unreconciled: 1", "Macedonia", "Greece"}, `id="omitted"`)
		u.get(page+"?quality=unverified").wants(t, []string{`id="needs"`, said["needs"].String() + `"`, "7 are left out"}, said["practice"].String()+`"`)
		u.get(page+"?quality=good").wants(t, []string{"8 are left out", "Nothing is of what was chosen", "5,000</b>"}, said["needs"].String()+`"`)
	}
}

// TestBadProjectIsRefusedInTheForms of a practice, and of needs with the request for them: what is
// no project, and what was taken back, is said beside the field, and nothing is written.
func TestBadProjectIsRefusedInTheForms(t *testing.T) {
	f := federate(t)
	s := f.sites[town]
	u := s.account(staff.Officer)
	u.get("/practice/new").wants(t, []string{`id="solution"`}, `id="project"`)
	f.joint(t, town)
	over := s.says(town, "project", "title=Another queue", "period=2015-01-01/2036-01-01", "partners="+string(abroad), "objectives.0.text=None.").Record
	must(s.node.Desk().Correct(t.Context(), desk.CorrectRequest{As: town, Record: over.String(), Retract: true, Reason: "no money"}))(t)
	note := s.says(town, "note", "text=no project").Record
	before := must(s.node.Desk().List(t.Context(), desk.Query{What: desk.ListPractices}))(t).Total + must(s.node.Desk().List(t.Context(), desk.Query{What: desk.ListNeeds}))(t).Total
	for _, path := range []string{"/practice/new", "/needs/new"} {
		form := u.form(path)
		for name, said := range map[string]string{
			"title": "Numbers", "problem": "Rain", "solution": "Numbers", "place": "MK-405", "population.in_need": "300", "items.0.item": "bed_place", "items.0.required": "300",
		} {
			form.Set(name, said)
		}
		for _, bad := range []string{"the queue", note.String(), over.String()} {
			form.Set("project", bad)
			p := u.post(path, form)
			if p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, `href="#project"`) || !strings.Contains(p.body, `id="why.project"`) || !strings.Contains(p.body, "One queue") || strings.Contains(p.body, "Another queue</option>") {
				t.Errorf("%s with the project %q: %d, and it does not lead to the field: %s", path, bad, p.status, regexp.MustCompile(`(?s)class="wrong".*?</div>`).FindString(p.body))
			}
		}
	}
	if after := must(s.node.Desk().List(t.Context(), desk.Query{What: desk.ListPractices}))(t).Total + must(s.node.Desk().List(t.Context(), desk.Query{What: desk.ListNeeds}))(t).Total; after != before {
		t.Errorf("%d practices and needs, want %d: something was written", after, before)
	}
}

// TestProjectIsFilteredBelowItsHeading, and its form folds away the objectives that are empty.
func TestProjectIsFilteredBelowItsHeading(t *testing.T) {
	f := federate(t)
	p := f.sites[town].account(staff.Officer).get("/policy/project/" + f.joint(t, town).String())
	p.wants(t, []string{">Room for 3 more</summary>"})
	_, below, _ := strings.Cut(p.body, `<h2 id="needs">`)
	first, _, _ := strings.Cut(below, "<h2")
	if !strings.Contains(first, `<select id="quality"`) {
		t.Errorf("below its heading stands\n%s", first)
	}
	form, _, _ := strings.Cut(p.body[strings.Index(p.body, `id="mend"`):], `<details class="more" id="spare">`)
	if n := strings.Count(form, "<fieldset>"); n != 1 {
		t.Errorf("%d objectives stand open, and there is one", n)
	}
}

// TestBadInputIsRefusedInTheFormOfAProject: what was typed stays, and the summary leads to the
// field.
func TestBadInputIsRefusedInTheFormOfAProject(t *testing.T) {
	f := federate(t)
	f.invited(t)
	u := f.sites[town].account(staff.Officer)
	for _, bad := range [][]string{ // the field, then what is set
		{"title", "title", ""},
		{"partners", "partners", ""},
		{"partners", "partners", "Greece"},
		{"partners", "partners", "gr.crete.demo-harbour"},
		{"period.end", "period.end", "2014-01-01T00:00"},
		{"plan", "plan", "the plan"},
		{"url", "url", "javascript:alert(1)"},
		{"objectives.0.text", "objectives.0.text", "", "objectives.0.oid", "1"},
		{"objectives.0.unit", "objectives.0.indicator", "x-buses", "objectives.0.target", "5"},
	} {
		p := u.post("/policy/project", filledIn(t, u.get("/policy/project"), "write", append([]string{
			"title", "One queue", "partners", string(abroad), "period.start", "2015-01-01T00:00", "period.end", "2036-01-01T00:00", "objectives.0.text", "All.",
		}, bad[1:]...)...))
		if p.status < 400 || p.status > 499 || !strings.Contains(p.body, `href="#`+bad[0]+`"`) || !strings.Contains(p.body, `id="`+bad[0]+`"`) {
			t.Errorf("%v: %d, and it does not lead to %s", bad[1:], p.status, bad[0])
		}
	}
}

// projectIsJoined has a town write a project with a ministry and a town abroad; somebody of the
// ministry finds it among what waits and takes part, and the town sees it where it stands.
func (f *federated) projectIsJoined(t *testing.T, browser *chrome) {
	f.invited(t)
	writes, joins := f.sites[town].enter(t, browser, staff.Officer), f.sites[centre].enter(t, browser, staff.Officer)
	writes.press(`nav a[href="/policy"]`)
	writes.press(`main a[href="/policy/project"]`)
	writes.says("Write a project")
	writes.types("title", "One queue")
	writes.types("partners", string(abroad)+" "+string(centre))
	eval[bool](writes, `document.getElementById("period.start").value = "2015-01-01T00:00", document.getElementById("period.end").value = "2036-01-01T00:00", true`)
	writes.do(chromedp.SendKeys(chromedp.CSS(`[id="objectives.0.text"]`), "Nobody is counted twice."))
	writes.press("#write .actions button")
	writes.at("/policy/project/" + string(town) + "/policy.1.")
	writes.says("confirmed by 0 of 2")
	path := eval[string](writes, "location.pathname")
	joins.open("/policy")
	joins.again(func() bool { return eval[bool](joins, `!!document.querySelector('main a[href="`+path+`"]')`) })
	joins.says("waits for your word")
	joins.press(`main a[href="` + path + `"]`)
	joins.says("Nobody is counted twice.")
	joins.press("#accept button")
	joins.says("confirmed by 1 of 2")
	writes.says("confirmed by 1 of 2") // nobody has loaded it anew
	writes.calm()
	joins.calm()
}
