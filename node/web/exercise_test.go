package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// begins has the centre begin an exercise of three hours.
func (s *site) begins(title string) protocol.Name {
	s.t.Helper()
	return must(s.node.Desk().Publish(s.t.Context(), desk.Request{Kind: "phase", Exercise: true, Set: []string{
		"exercise=" + title, "place=MK-405", "phase=response", "reason=to see who answers", "valid_until=2015-11-09T12:00:00Z",
	}}))(s.t).Record
}

// reportForm is the form of a report as a browser sends it.
func reportForm(page string, arrivals string) url.Values {
	id := regexp.MustCompile(`name="form" value="([^"]+)"`).FindStringSubmatch(page)
	form := url.Values{"form": {id[1]}, "as": {string(centre)}, "place": {"MK-405"}, "period.start": {"2015-11-08T00:00"}, "period.end": {"2015-11-09T00:00"}, "figures.arrivals": {arrivals}}
	if world := regexp.MustCompile(`name="world" value="([^"]+)"`).FindStringSubmatch(page); world != nil {
		form.Set("world", world[1])
	}
	return form
}

func TestSessionInAnExerciseSeesAndSaysNothingElse(t *testing.T) {
	s := open(t)
	s.reports(map[int]int{8: 31337})
	x := s.begins("Flood 1")
	inside, outside := s.account(staff.Coordinator), s.named("test.outside", staff.Coordinator)
	inside.get("/exercise").wants(t, []string{"Flood 1", "running", "to see who answers", `action="/exercise/enter"`, "Begin an exercise"})
	p := inside.post("/exercise/enter", url.Values{"record": {x.String()}})
	p.wants(t, []string{"EXERCISE “Flood 1”: nothing here is real.", "<title>EXERCISE", `action="/exercise/leave"`}, "31,337")
	inside.language = "mk"
	inside.get("/").wants(t, []string{"ВЕЖБА „Flood 1“: ништо овде не е вистинско."})
	inside.language = ""
	sent := inside.post("/report/new", reportForm(inside.get("/report/new").body, "27182"))
	sent.wants(t, []string{"EXERCISE “Flood 1”", "27,182"})
	posts := regexp.MustCompile(`<form [^>]*method="post"[^>]*>(<input type="hidden" name="world" value="` + regexp.QuoteMeta(x.String()) + `">)?`)
	forms := 0
	for _, row := range staff.Pages() {
		method, path, _ := strings.Cut(row.Route, " ")
		if method != http.MethodGet || !staff.May(staff.Coordinator, row.Route) || path == "/live" || path == "/ring" || strings.HasPrefix(path, "/static") {
			continue
		}
		path = example(path, "situation.1.1") // a real report
		in, out := inside.get(path), outside.get(path)
		if staff.Within(row.Route) != staff.Real && strings.Contains(in.body, "31,337") || strings.Contains(in.body, "31337") {
			t.Errorf("%s shows within an exercise what is real", path)
		}
		if strings.Contains(out.body, "27,182") || strings.Contains(out.body, "27182") {
			t.Errorf("%s shows what is only played", path)
		}
		if strings.HasPrefix(in.header.Get("Content-Type"), "text/html") && !strings.Contains(in.body, "EXERCISE “Flood 1”: nothing here is real.") {
			t.Errorf("%s does not say that it is of an exercise: %d", path, in.status)
		}
		if staff.Within(row.Route) == staff.Outside && (in.status != http.StatusUnprocessableEntity || !strings.Contains(in.body, "Leave the exercise first")) {
			t.Errorf("%s is opened within an exercise: %d", path, in.status)
		}
		if strings.Contains(path, "situation.1.1") && !strings.HasPrefix(path, "/network") && in.status != http.StatusUnprocessableEntity && in.status != http.StatusNotFound {
			t.Errorf("%s, of a real record, is opened within an exercise: %d", path, in.status)
		}
		for _, form := range posts.FindAllStringSubmatch(in.body, -1) {
			if forms++; form[1] == "" {
				t.Errorf("%s has a form that does not say where it was opened: %s", path, form[0])
			}
		}
	}
	if forms < 40 {
		t.Errorf("%d forms were found within the exercise", forms)
	}
	inside.get("/network").wants(t, []string{"What this page shows is real"})
	inside.get("/network/member/"+string(centre)).wants(t, []string{"What this page shows is real", "31,337"}, "27,182")
	outside.get("/situation").wants(t, []string{"31,337"}, "27,182", "EXERCISE “")
	inside.post("/exercise/leave", nil).wants(t, []string{"Enter this exercise"}, "nothing here is real")
	inside.get("/situation").wants(t, []string{"31,337"}, "27,182")
}

// TestFormIsRefusedInAnotherWorld: in either direction, and of what is no world at all.
func TestFormIsRefusedInAnotherWorld(t *testing.T) {
	s := open(t)
	x, other := s.begins("Flood 1"), s.begins("Fire 2")
	u := s.account(staff.Coordinator)
	opened := reportForm(u.get("/report/new").body, "5")
	u.post("/exercise/enter", url.Values{"record": {x.String()}})
	within := reportForm(u.get("/report/new").body, "5")
	refused := func(form url.Values, here, there string) {
		t.Helper()
		p := u.post("/report/new", form)
		if p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, "opened in “"+here+"”, and this log-in is now in “"+there+"”") {
			t.Errorf("a form of %q in %q: %d %s", here, there, p.status, p.body)
		}
	}
	refused(opened, "what is real", "Flood 1")
	forged := url.Values{"world": {other.String()}}
	for k, v := range opened {
		forged[k] = v
	}
	refused(forged, "Fire 2", "Flood 1")
	forged.Set("world", `<b>no world`)
	refused(forged, "&#34;&lt;b&gt;no world&#34;", "Flood 1")
	if p := u.post("/typed", opened); p.status != http.StatusUnprocessableEntity || strings.Contains(p.body, "<html") {
		t.Errorf("what is typed into a form of another world: %d %s", p.status, p.body)
	}
	u.post("/exercise/leave", nil)
	refused(within, "Flood 1", "what is real")
	rows := must(s.node.Desk().List(t.Context(), desk.Query{What: desk.ListReports}))(t).Rows.([]desk.ReportRow)
	played := must(s.node.Desk().List(t.Context(), desk.Query{What: desk.ListReports, Within: x.String()}))(t).Rows.([]desk.ReportRow)
	if len(rows) != 0 || len(played) != 0 {
		t.Errorf("%d real and %d played reports were written", len(rows), len(played))
	}
}

// TestOpenPageOfAnotherWorldIsLoadedAnew: it asks for itself while another tab has entered.
func TestOpenPageOfAnotherWorldIsLoadedAnew(t *testing.T) {
	s := open(t)
	x := s.begins("Flood 1")
	u := s.account(staff.Coordinator)
	asks := func(world string) string {
		r := must(http.NewRequestWithContext(t.Context(), http.MethodGet, u.base+"/situation?place=MK-405", http.NoBody))(t)
		r.Header.Set("HX-Request", "true")
		r.Header.Set("X-World", world)
		return u.do(r).header.Get("HX-Redirect")
	}
	if to := asks(""); to != "" {
		t.Errorf("a page of what is real is led to %q", to)
	}
	u.post("/exercise/enter", url.Values{"record": {x.String()}})
	if to := asks(""); to != "/situation?place=MK-405" {
		t.Errorf("a page of what is real is led to %q within an exercise", to)
	}
	if to := asks(x.String()); to != "" {
		t.Errorf("a page of the exercise is led to %q within it", to)
	}
}

func TestRealAlertStandsWithinAnExercise(t *testing.T) {
	s := open(t)
	x := s.begins("Flood 1")
	u := s.account(staff.Officer)
	u.post("/exercise/enter", url.Values{"record": {x.String()}}).wants(t, nil, "REAL alert")
	s.warns("Many may come")
	for _, path := range []string{"/", "/situation", "/report/new", "/help", "/policy"} {
		u.get(path).wants(t, []string{"REAL alert, not part of the exercise", "Many may come", "nothing here is real"})
	}
	u.post("/exercise/leave", url.Values{"to": {"alerts"}}).wants(t, []string{"Many may come"}, "nothing here is real")
}

// TestExerciseEndsInEachSession, by its author or by the clock, and says so once.
func TestExerciseEndsInEachSession(t *testing.T) {
	c := &clock{now: hour()}
	s := open(t, func(o *node.Options) { o.Clock = c.Now })
	x, fire := s.begins("Flood 1"), s.begins("Fire 2")
	u, author := s.account(staff.Officer), s.account(staff.Coordinator)
	u.post("/exercise/enter", url.Values{"record": {x.String()}}).wants(t, []string{"nothing here is real"})
	kept := reportForm(u.get("/report/new").body, "5")
	author.post("/exercise", url.Values{"do": {"end"}, "record": {x.String()}}).wants(t, []string{"over", "Write down what was learnt"})
	if p := u.post("/report/new", kept); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, "opened in “Flood 1”") {
		t.Errorf("a form of an exercise that is over: %d %s", p.status, p.body)
	}
	u.get("/").wants(t, []string{"The exercise “Flood 1” is over"}, "nothing here is real")
	u.get("/").wants(t, nil, "The exercise “Flood 1” is over")
	if p := u.post("/exercise/enter", url.Values{"record": {x.String()}}); p.status != http.StatusUnprocessableEntity {
		t.Errorf("an exercise that is over is entered: %d", p.status)
	}
	u.post("/exercise/enter", url.Values{"record": {fire.String()}}).wants(t, []string{"EXERCISE “Fire 2”"})
	c.pass(3 * time.Hour)
	u.get("/situation").wants(t, []string{"The exercise “Fire 2” is over"}, "nothing here is real")
}

// TestExerciseIsBegunEndedAndLearntFrom on pages alone.
func TestExerciseIsBegunEndedAndLearntFrom(t *testing.T) {
	s := open(t)
	u := s.account(staff.Coordinator)
	form := url.Values{"do": {"begin"}, "exercise": {"Flood 1"}, "reason": {"to see who answers"}, "place": {"MK-405"}, "phase": {"response"}, "valid_until": {"2015-11-09T12:00"}, "to": {string(centre)}}
	u.post("/exercise", form).wants(t, []string{"<h2>Flood 1</h2>", "running", "Enter this exercise"})
	for field, value := range map[string]string{"exercise": "", "place": "nowhere at all", "phase": "party", "valid_until": "", "to": "no institution!"} {
		bad := url.Values{}
		for k, v := range form {
			bad[k] = v
		}
		bad.Set(field, value)
		if p := u.post("/exercise", bad); p.status != http.StatusUnprocessableEntity && p.status != http.StatusBadRequest || strings.Count(p.body, "<section id=") != 1 {
			t.Errorf("%s=%q: %d %s", field, value, p.status, p.body)
		}
	}
	if p := u.post("/exercise", url.Values{"do": {"dance"}}); p.status != http.StatusBadRequest {
		t.Errorf("no act: %d", p.status)
	}
	if p := u.post("/exercise/enter", url.Values{"record": {"no record"}}); p.status == http.StatusOK {
		t.Errorf("no exercise is entered: %d", p.status)
	}
	x := must(s.node.Desk().Exercises(t.Context(), 0))(t)[0].Record
	officer := s.account(staff.Officer)
	if p := officer.post("/exercise", url.Values{"do": {"end"}, "record": {x.String()}}); p.status != http.StatusForbidden {
		t.Errorf("an officer ends it: %d", p.status)
	}
	for path, phase := range map[string]string{"/retract/": "", "/correct/": "recovery"} {
		bad := officer.form(path + x.String())
		bad.Set("reason", "ended")
		bad.Set("phase", phase)
		if p := officer.post(path+x.String(), bad); p.status != http.StatusForbidden || !strings.Contains(p.body, "only a coordinator ends an exercise") {
			t.Errorf("an officer ends it by %s: %d %s", path, p.status, p.body)
		}
	}
	u.post("/exercise/enter", url.Values{"record": {x.String()}})
	inside := reportForm(u.get("/report/new").body, "27182")
	u.post("/report/new", inside)
	form.Set("world", x.String())
	if p := u.post("/exercise", form); p.status != http.StatusUnprocessableEntity {
		t.Errorf("an exercise begins within another: %d", p.status)
	}
	u.post("/exercise/leave", nil)
	u.get("/incident/"+x.String()).wants(t, []string{"27,182"})
	u.post("/exercise", url.Values{"do": {"end"}, "record": {x.String()}})
	u.get("/practice/new?exercise="+x.String()).wants(t, []string{"Learnt in the exercise “Flood 1”", "to see who answers", "MK-405", x.String()}, "nothing here is real")
	if p := u.get("/practice/new?exercise=nothing"); p.status != http.StatusNotFound {
		t.Errorf("a lesson of nothing: %d", p.status)
	}
}

// TestDraftStaysInItsWorld: what was begun in an exercise goes on nowhere else.
func TestDraftStaysInItsWorld(t *testing.T) {
	s := open(t)
	x := s.begins("Flood 1")
	u := s.account(staff.Officer)
	u.post("/exercise/enter", url.Values{"record": {x.String()}})
	form := reportForm(u.get("/report/new").body, "27182")
	form.Set("name", "report")
	u.post("/draft", form).wants(t, []string{"kept-"})
	draft := "/report/new?draft=" + form.Get("form")
	u.get(draft).wants(t, []string{"27182"})
	u.post("/exercise/leave", nil)
	u.get("/drafts").wants(t, nil, "kept-")
	if p := u.get(draft); p.status != http.StatusNotFound {
		t.Errorf("a draft of an exercise goes on as a real one: %d", p.status)
	}
}

// exercised has people of two nodes in an exercise while a real alert comes: one begins it on a page,
// and another lets it go; once it is ended in the same way a practice begins with it.
func (f *federated) exercised(t *testing.T, browser *chrome) {
	s := f.sites[centre]
	coordinator, officer, outside, approver := s.enter(t, browser, staff.Coordinator), f.sites[town].enter(t, browser, staff.Officer), s.enter(t, browser, staff.Officer), s.enter(t, browser, staff.Approver)
	coordinator.open("/exercise")
	for id, value := range map[string]string{"exercise": "Flood 1", "place": "MK-405", "to": string(centre) + ", " + string(town)} {
		coordinator.fill(id, value)
	}
	coordinator.types("reason", "to see who answers")
	eval[bool](coordinator, `document.getElementById("phase").value = "response", document.getElementById("valid_until").value = "2036-11-09T12:00", true`)
	coordinator.press("#begin .actions button")
	x := approver.letsGo()
	f.sites[town].comes(x)
	for _, b := range []*tab{coordinator, officer} {
		b.open("/exercise")
		b.press(`form[action="/exercise/enter"] button`)
		b.at("/")
		b.says("EXERCISE “Flood 1”: nothing here is real.")
	}
	coordinator.open("/situation")
	outside.open("/situation")
	officer.press("nav a.filled")
	officer.says("Situation report")
	officer.fill("place", "MK-405")
	officer.fill("figures.arrivals", "4243")
	officer.press("form.stack .actions button")
	officer.at("/record/" + string(town) + "/")
	coordinator.until(`document.body.innerText.includes("4,243")`) // by itself, over the line
	alert := s.warns("The real river rises")
	coordinator.until(`document.querySelector("#real")?.innerText.includes("The real river rises")`) // the same
	f.sites[town].comes(alert.Record)
	officer.again(func() bool { return eval[bool](officer, `!!document.querySelector("#real")`) })
	outside.open("/situation")
	if eval[bool](outside, `document.body.innerText.includes("4,243") || !!document.querySelector(".playing, #real")`) {
		t.Error("what is only played is on a page of what is real")
	}
	coordinator.readable(t, "/situation/alerts", staff.Coordinator)
	coordinator.media("print", "", "")
	if !eval[bool](coordinator, `getComputedStyle(document.querySelector(".playing")).display !== "none" && document.querySelector(".playing").innerText.includes("EXERCISE “Flood 1”")`) {
		t.Error("on paper it is not said that it is an exercise")
	}
	coordinator.media("", "", "")
	officer.press("#toalerts button")
	officer.at("/situation/alerts")
	officer.says("The real river rises")
	ends := s.enterAs(t, browser, "duty.ends", staff.Coordinator)
	ends.open("/exercise")
	ends.press(`form:has(input[name="do"][value="end"]) button`)
	approver.letsGo()
	coordinator.until(`!document.querySelector(".playing") && document.body.innerText.includes("The exercise “Flood 1” is over")`) // by itself
	ends.open("/exercise")
	ends.press(`a[href^="/practice/new?exercise="]`)
	ends.at("/practice/new")
	ends.until(`document.getElementById("title")?.value === "Learnt in the exercise “Flood 1”" && document.getElementById("context")?.value.includes(` + quote(string(town)) + `)`)
	for _, b := range []*tab{coordinator, officer, outside, approver, ends} {
		b.calm()
	}
}

// letsGo has an approver open what waits for a second person, and approve it, and gives the record.
func (b *tab) letsGo() protocol.Name {
	b.t.Helper()
	b.open("/approvals")
	b.again(func() bool { return eval[bool](b, `!!document.querySelector('main a[href^="/approvals/"]')`) })
	b.press(`main a[href^="/approvals/"]`)
	b.press(`main form[action$="/approve"] button`)
	b.at("/record/")
	return must(protocol.ParseName(eval[string](b, `location.pathname.slice("/record/".length)`)))(b.t)
}

// TestBeginningOfAnExerciseIsPutRightByWhoMayRunOne: nobody else is led to a form that would be refused.
func TestBeginningOfAnExerciseIsPutRightByWhoMayRunOne(t *testing.T) {
	s := open(t)
	began := s.begins("Flood 1").String()
	played := must(s.node.Desk().Publish(t.Context(), desk.Request{Kind: "report", Within: began, Set: []string{"place=MK-405", "period=2015-11-08", "figures.arrivals=7"}}))(t).Record.String()
	officer := s.account(staff.Officer)
	officer.get("/record/"+began).wants(t, []string{`href="/note/` + began}, `href="/correct/`, `href="/retract/`)
	officer.get("/record/"+played).wants(t, []string{`href="/correct/` + played, `href="/retract/` + played})
	s.account(staff.Coordinator).get("/record/"+began).wants(t, []string{`href="/correct/` + began, `href="/retract/` + began})
}
