package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// lastOf waits until a node holds a record of a feed's sequence, and gives its name.
func (s *site) lastOf(id protocol.InstitutionID, topic protocol.Topic, sequence uint32) protocol.Name {
	s.t.Helper()
	n := protocol.Name{Institution: id, Position: protocol.Position{Topic: topic, Epoch: 1, Sequence: sequence}}
	s.comes(n)
	return n
}

// TestTwoPeopleHoldAnExercise on two nodes, by their pages alone: one begins it, both enter, one reports
// and asks for help, the other warns and commits, and once it is over the practice begins with who
// answered whom. Nobody who is outside sees any of it.
func TestTwoPeopleHoldAnExercise(t *testing.T) {
	b := meet(t)
	b.gate.says(gate, "report", "place=MK-405", "period=2015-11-07", "figures.arrivals=31337")
	leads, plays, outside := b.centre.account(staff.Coordinator), b.gate.account(staff.Officer), b.gate.named("test.outside", staff.Officer)
	leads.post("/exercise", url.Values{
		"do": {"begin"}, "exercise": {"Flood 1"}, "reason": {"to see who answers"}, "place": {"MK-405"}, "phase": {"response"}, "valid_until": {"2015-11-09T18:00"},
		"to": {string(centre) + ", " + string(gate)},
	}).wants(t, []string{"<h2>Flood 1</h2>"})
	x := b.gate.lastOf(centre, protocol.Situation, 1)
	for _, u := range []*browser{leads, plays} {
		u.get("/exercise").wants(t, []string{"Flood 1", "running", `action="/exercise/enter"`})
		u.post("/exercise/enter", url.Values{"record": {x.String()}}).wants(t, []string{"EXERCISE “Flood 1”: nothing here is real."}, "31,337")
	}

	form := plays.form("/report/new")
	for name, value := range map[string]string{"place": "MK-405", "period.start": "2015-11-08T00:00", "period.end": "2015-11-09T00:00", "figures.arrivals": "27182"} {
		form.Set(name, value)
	}
	b.centre.comes(plays.sent("/report/new", form))
	leads.get("/situation").wants(t, []string{"27,182", string(gate)}, "31,337")

	form = leads.form("/alert/new")
	for name, value := range map[string]string{
		"info.0.event": "Flood", "info.0.headline": "The river rises", "info.0.area.0.areaDesc": "The valley", "place": "MK-405", "info.0.severity": "Severe", "info.0.urgency": "Expected", "info.0.certainty": "Likely", "info.0.category": "Met",
	} {
		form.Set(name, value)
	}
	alert := leads.sent("/alert/new", form)
	b.gate.comes(alert)
	plays.get("/situation/alerts").wants(t, []string{"The river rises"})
	b.clock.pass(7 * time.Minute)
	form = plays.form("/note/" + alert.String())
	form.Set("text", "We open the school.")
	plays.post("/note/"+alert.String(), form)

	form = plays.form("/needs/new")
	form.Set("place", "MK-405")
	form.Set("population.in_need", "20")
	form.Set("workout", "1")
	rows := fields(plays.post("/needs/new", form).body)
	rows.Set("deliver_to.contact.office", "Duty desk")
	plays.sent("/needs/new", rows)
	request := b.centre.lastOf(gate, protocol.Resource, 1)
	path := "/help/" + request.String()
	leads.get("/help").wants(t, []string{`href="` + path + `"`})
	b.clock.pass(65 * time.Minute)
	form = act(t, leads.get(path), "offer", "")
	form.Set("quantity", "20")
	leads.post(path, form).wants(t, []string{">Take it back<"})
	b.gate.lastOf(centre, protocol.Resource, 1)
	plays.get(path).wants(t, []string{string(centre), "nothing here is real"})

	for _, of := range []string{"/", "/situation", "/situation/alerts", "/help", "/help/capacity"} {
		outside.get(of).wants(t, nil, "27,182", "The river rises", path, "Flood 1”: nothing")
	}
	ended := url.Values{"do": {"end"}, "record": {x.String()}, "world": {x.String()}}
	leads.post("/exercise", ended).wants(t, []string{"over", "Write down what was learnt"})
	b.gate.lastOf(centre, protocol.Situation, 2)
	b.gate.until(func() bool {
		return plays.get("/").status == http.StatusOK && !strings.Contains(plays.get("/").body, "nothing here is real")
	})

	practice := fields(leads.get("/practice/new?exercise=" + x.String()).body)
	for _, want := range []string{
		"Exercise “Flood 1” of " + string(centre), "Who took part, and with how many records: ", string(gate) + " 4",
		fmt.Sprintf("an alert, %s (The river rises), was answered by %s 0:07", alert, gate), fmt.Sprintf("a request, %s, was answered by %s 1:05", request, centre),
		"that wanted an answer: 2; of these without any: 0",
	} {
		if !strings.Contains(practice.Get("context"), want) {
			t.Errorf("the practice does not say %q:\n%s", want, practice.Get("context"))
		}
	}
	leads.language = "mk"
	if said := fields(leads.get("/practice/new?exercise=" + x.String()).body); !strings.Contains(said.Get("context"), "Кој учествуваше, и со колку записи: ") || !strings.Contains(said.Get("context"), "одговорија "+string(gate)+" 0:07") || said.Get("title") != "Научено на вежбата „Flood 1“" {
		t.Errorf("in Macedonian it says %q:\n%s", said.Get("title"), said.Get("context"))
	}
	leads.language = ""
	practice.Set("solution", "The deputy is called after an hour.")
	p := leads.posted(practice, nil)
	n, err := protocol.ParseName(strings.TrimPrefix(strings.TrimPrefix(p.path, "/library/"), "/record/"))
	if p.status != http.StatusOK || err != nil {
		t.Fatalf("the practice: %d at %s\n%s", p.status, p.path, p.body)
	}
	b.gate.comes(n)
	plays.get("/library").wants(t, []string{"Learnt in the exercise “Flood 1”"}, "nothing here is real")
}

// TestFilesOfAnExerciseSayThatTheyAre: figures and the 3W are taken away within one, marked in
// their name, and in each row; what is real has no such mark.
func TestFilesOfAnExerciseSayThatTheyAre(t *testing.T) {
	s := open(t)
	s.reports(map[int]int{8: 31337})
	x := s.begins("Flood 1")
	inside, outside := s.account(staff.Officer), s.named("test.outside", staff.Officer)
	inside.post("/exercise/enter", url.Values{"record": {x.String()}})
	inside.post("/report/new", reportForm(inside.get("/report/new").body, "27182"))
	must(s.node.Desk().Publish(t.Context(), desk.Request{Kind: "request", Within: x.String(), Set: []string{"lines.0.line=1", "lines.0.type=bus", "lines.0.quantity=4", "lines.0.unit=buses", "answer_by=2015-11-09T20:00:00Z", "deliver_to.place=MK-405", "deliver_to.contact.office=Duty desk"}}))(t)
	for path, file := range map[string]string{"/situation/figures.csv": "figures.csv", "/situation/figures.hxl.csv": "figures.hxl.csv", "/situation/figures.xlsx": "figures.xlsx", "/help/3w.csv": "3w.csv"} {
		in, out := inside.get(path), outside.get(path)
		if in.status != http.StatusOK || in.header.Get("Content-Disposition") != `attachment; filename="exercise-`+file+`"` || out.header.Get("Content-Disposition") != `attachment; filename="`+file+`"` {
			t.Errorf("%s: %d %s, and what is real %s", path, in.status, in.header.Get("Content-Disposition"), out.header.Get("Content-Disposition"))
		}
		if strings.HasSuffix(path, ".xlsx") {
			continue
		}
		for i, line := range strings.Split(strings.TrimSpace(strings.TrimPrefix(in.body, "\ufeff")), "\r\n") {
			if mark := []string{"exercise", "#meta+exercise", x.String()}[min(i+i*(1-strings.Count(path, ".hxl")), 2)]; !strings.HasPrefix(line, mark+",") {
				t.Errorf("%s, line %d, is not marked by %s: %s", path, i+1, mark, line)
			}
		}
		if strings.Contains(in.body, "31337") || strings.Contains(out.body, "27182") || strings.Contains(out.body, "exercise") {
			t.Errorf("%s mixes what is real and what is played:\n%s\n%s", path, in.body, out.body)
		}
	}
	if got := rowsOf(t, inside.get("/situation/figures.xlsx").body, "exercise-Figures"); len(got) != 2 || got[0][0] != "exercise" || got[1][0] != x.String() {
		t.Errorf("the workbook says %q", got)
	}
	if got := rowsOf(t, outside.get("/situation/figures.xlsx").body, "Figures"); len(got) != 2 || got[0][0] != "record" {
		t.Errorf("the workbook of what is real says %q", got)
	}
}

// TestTemplateOfAnExerciseIsSentThereAlone: what is filled in within one is played, and is never
// taken for real, nor for another exercise.
func TestTemplateOfAnExerciseIsSentThereAlone(t *testing.T) {
	s := open(t)
	s.reports(map[int]int{7: 960})
	x, fire := s.begins("Flood 1"), s.begins("Fire 2")
	u := s.account(staff.Officer)
	enter := func(n protocol.Name) { u.post("/exercise/enter", url.Values{"record": {n.String()}}) }
	enter(x)
	u.post("/report/new", reportForm(u.get("/report/new").body, "27182")) // so that a place and a period are known
	template := u.get("/report/template.xlsx")
	if name := template.header.Get("Content-Disposition"); !strings.Contains(name, `"exercise-report-`) {
		t.Errorf("the template is called %s", name)
	}
	heads := rowsOf(t, template.body, "Reports")
	if heads[0][0] != "EXERCISE" || heads[1][0] != "exercise" || len(heads) < 3 || heads[2][0] != x.String() {
		t.Fatalf("the template begins with %q", heads)
	}
	filled := typed(t, template.body, map[string]any{"B3": "MK-405", "C3": "2015-11-09", "D3": "2015-11-10", "E3": "11572"})
	sent := func(p page) page {
		t.Helper()
		form := fields(regexp.MustCompile(`(?s)<form [^>]*action="/report/sheet/send".*?</form>`).FindString(p.body))
		return u.post("/report/sheet/send", form)
	}
	refused := func(in, why string) {
		t.Helper()
		if p := u.upload(filled); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, why) || strings.Contains(p.body, `name="data"`) {
			t.Errorf("in %s a file of Flood 1 is taken: %d\n%s", in, p.status, p.body)
		}
	}
	leave := func() { u.post("/exercise/leave", nil) }
	leave()
	refused("what is real", "this file was made within an exercise: what it says is not real")
	enter(fire)
	refused("another exercise", "this row is of another exercise")
	leave()
	enter(x)
	sent(u.upload(filled)).wants(t, []string{"All rows are recorded"})
	count := func(within string) int {
		return len(must(s.node.Desk().List(t.Context(), desk.Query{What: desk.ListReports, Within: within}))(t).Rows.([]desk.ReportRow))
	}
	if real, flood, other := count(""), count(x.String()), count(fire.String()); real != 1 || flood != 2 || other != 0 {
		t.Errorf("%d reports are real, %d of Flood 1, %d of Fire 2; want 1, 2, 0", real, flood, other)
	}
	leave()
	if heads = rowsOf(t, u.get("/report/template.xlsx").body, "Reports"); heads[1][0] != "place" {
		t.Errorf("the real template begins with %q", heads[1])
	}
}
