package desk_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// north is a town on the other side of the border.
const north protocol.InstitutionID = "gr.central-macedonia.demo-north-town"

// border is a node with institutions of two countries.
func border(t *testing.T) *world {
	t.Helper()
	w := foundOver(t, []string{"gr."}, centre).open(t, centre, body.Ministry, false)
	w.host(gate)
	w.host(north)
	return w
}

// project has the gate write a project.
func (w *world) project(set ...string) (desk.Published, error) {
	w.t.Helper()
	return w.desk.Publish(w.t.Context(), desk.Request{As: gate, Kind: "project", Set: append([]string{"title=One queue", "period=2015-11-01/2016-11-01"}, set...)})
}

func (w *world) joinProject() desk.Published {
	w.t.Helper()
	return must(w.project("partners=" + string(north)))(w.t)
}

func (w *world) sheet(as protocol.InstitutionID, n protocol.Name) desk.ProjectSheet {
	w.t.Helper()
	return must(w.desk.Project(w.t.Context(), desk.ProjectQuery{As: as, Record: n.String()}))(w.t)
}

func (w *world) part(as protocol.InstitutionID, of protocol.Name, step, reason string) error {
	w.t.Helper()
	_, err := w.desk.Answer(w.t.Context(), desk.AnswerRequest{As: as, Record: of.String(), Step: step, Reason: reason})
	return err
}

func TestPartnersConfirmAndDecline(t *testing.T) {
	w := border(t)
	p := must(w.project("partners="+string(north)+","+string(centre), "objectives.0.text=Nobody is counted twice.", "url=https://example.org/queue"))(t)
	rows := rowsOf[desk.ProjectRow](w, desk.Query{What: desk.ListProjects})
	if len(rows) != 1 || rows[0].Owed != desk.OwedPart || !slices.Equal(rows[0].OwedBy, []protocol.InstitutionID{north, centre}) || rows[0].Objectives[0].OID != "1" {
		t.Errorf("projects are %+v", rows)
	}
	if s := w.sheet(north, p.Record); !s.MayConfirm || !s.MayDecline || s.MayMend || s.State != board.ProjectUnderWay {
		t.Errorf("a partner may: %+v", s)
	}
	refused(t, w.part(gate, p.Record, desk.AnswerAccept, ""), desk.Refused, string(gate)+" is no partner of this project")
	refused(t, w.part(north, p.Record, desk.AnswerRefuse, ""), desk.Refused, "reason: ")
	ok(t, w.part(north, p.Record, desk.AnswerAccept, ""))
	refused(t, w.part(north, p.Record, desk.AnswerAccept, ""), desk.Refused, string(north)+" has said so of this version already")
	ok(t, w.part(centre, p.Record, desk.AnswerRefuse, "no money"))
	second := must(w.desk.Correct(t.Context(), desk.CorrectRequest{As: gate, Record: p.Record.String(), Reason: "the council said so", Set: []string{"title=One queue for all"}}))(t)
	ok(t, w.part(north, p.Record, desk.AnswerAccept, "")) // of the version in force
	s := w.sheet(gate, second.Record)
	if s.Confirmed != 1 || s.Words[0].Version != 2 || s.Words[1].State != board.PartDeclined || s.Words[1].Reason != "no money" || s.Owed != "" || !s.MayMend || s.MayConfirm {
		t.Errorf("the project: %+v", s)
	}
	if len(s.History) != 2 || len(s.History[0].Changes) != 1 || s.History[0].Changes[0].After != "One queue for all" {
		t.Errorf("its versions: %+v", s.History)
	}
	must(w.desk.Correct(t.Context(), desk.CorrectRequest{As: gate, Record: p.Record.String(), Retract: true, Reason: "written twice"}))(t)
	refused(t, w.part(centre, p.Record, desk.AnswerAccept, ""), desk.Refused, p.Record.String()+" was taken back")
	if s := w.sheet(north, p.Record); s.MayConfirm || s.MayDecline || s.State != board.ProjectWithdrawn {
		t.Errorf("taken back: %+v", s)
	}
	if got := rowsOf[desk.ProjectRow](w, desk.Query{What: desk.ListProjects, By: string(north)}); len(got) != 1 {
		t.Errorf("of a partner: %+v", got)
	}
}

func TestProjectThatIsNoneAcrossBordersIsRefused(t *testing.T) {
	w := border(t)
	w.host(river)
	up := must(w.plan(centre))(t)
	for _, tt := range []struct {
		name string
		set  []string
		want string
	}{
		{"nobody", nil, "partners: "},
		{"of one country", []string{"partners=" + string(centre)}, "partners: all of them are of one country (mk)"},
		{"itself", []string{"partners=" + string(north) + "," + string(gate)}, "partners.1: it is who writes the project"},
		{"a stranger", []string{"partners=gr.crete.demo-harbour"}, "partners.0: gr.crete.demo-harbour is no member of the network here"},
		{"no institution", []string{"partners=Greece"}, "partners[0]: "},
		{"a project of a project", []string{"partners=" + string(north), "project=" + up.Record.String()}, "project: "},
		{"an objective that there is not", []string{"partners=" + string(north), "objectives.0.text=All", "objectives.0.supports=" + up.Record.String() + "#9"}, "objectives.0.supports.0: " + up.Record.String() + " has no objective 9"},
		{"a plan that is none", []string{"partners=" + string(north), "plan=" + up.Record.String()}, "plan: "},
		{"a period that runs backwards", []string{"partners=" + string(north), "period=2016-11-01/2015-11-01"}, "period"},
	} {
		_, err := w.project(tt.set...)
		if err == nil {
			t.Errorf("%s: it was written", tt.name)
			continue
		}
		refused(t, err, desk.Refused, tt.want)
	}
	p := must(w.project("partners="+string(north), "objectives.0.text=All", "objectives.0.supports="+up.Record.String()+"#1"))(t)
	_, err := w.desk.Correct(t.Context(), desk.CorrectRequest{As: gate, Record: p.Record.String(), Reason: "without them", Set: []string{"partners=" + string(river)}})
	refused(t, err, desk.Refused, "partners: all of them are of one country")
	if s := w.sheet(gate, p.Record); s.Objectives[0].Supports[0].State != board.SupportHolds {
		t.Errorf("what it supports: %+v", s.Objectives)
	}
}

func TestProjectShowsWhatNamesIt(t *testing.T) {
	w := border(t)
	w.host(river)
	p := must(w.project("partners=" + string(north) + "," + string(centre)))(t)
	other := must(w.project("partners=" + string(north)))(t)
	in := "project=" + p.Record.String()
	w.publish(desk.Request{As: north, Kind: "needs", Body: json.RawMessage(`{"place":{"scheme":"iso3166-2","code":"MK-405"},"project":"` + p.Record.String() + `","items":[{"sector":"shelter","item":"tent","unit":"piece","required":40,"available":10,"priority":1,"basis":"count"}]}`)})
	w.propose(in)
	w.propose(in, "status=draft", "currency=MKD")
	w.publish(desk.Request{As: centre, Kind: "commit-flow", Set: []string{"recipient=" + string(gate), "amount=5000", "currency=EUR", in}})
	w.practise(gate, "Queue numbers", "project="+p.Record.Position.String()) // its own: the position is enough
	stranger := w.publish(desk.Request{As: river, Kind: "report", Set: []string{"place=MK-405", "period=2015-11-02", "figures.arrivals=5", in}})
	moved := w.practise(north, "Tea", "project="+other.Record.String())
	must(w.desk.Correct(t.Context(), desk.CorrectRequest{As: north, Record: moved.Record.String(), Reason: "of the other one", Set: []string{in, "title=Tea for all"}}))(t)
	s := w.sheet(north, p.Record)
	var got []string
	for _, g := range s.Groups {
		for _, r := range g.Records {
			got = append(got, fmt.Sprintf("%s %s %t %s", g.Kind, r.Country, r.Partner, r.Says))
		}
	}
	want := []string{
		"needs gr true Gevgelija: 1 kind of thing is needed", "plan mk true Winter places: 120000 EUR", "plan mk true Winter places: 120000 MKD",
		"commit-flow mk true commit 5000 EUR: " + string(centre) + " → " + string(gate), "practice gr true Tea for all", "practice mk true Queue numbers",
		"report mk false arrivals 5 persons at Gevgelija",
	}
	if !slices.Equal(got, want) {
		t.Errorf("it shows\n%q, want\n%q", got, want)
	}
	if len(stranger.Warnings) == 0 || s.Groups[0].Records[0].Quality == nil || len(s.Needs) != 1 || s.Needs[0].Items[0].Unmet != 30 {
		t.Errorf("warned %q; needs %+v of quality %+v", stranger.Warnings, s.Needs, s.Groups[0].Records[0].Quality)
	}
	if want := (desk.ProjectShare{Reported: 1, Of: 3}); s.Assessed != want {
		t.Errorf("needs of %+v of those whose project it is, want %+v", s.Assessed, want)
	}
	if len(s.Planned) != 2 || s.Planned[0].Currency != "EUR" || s.Planned[0].Total != "120000" || s.Planned[0].Plans != 1 || s.Planned[1].Drafts != 1 || s.Planned[1].Total != "" {
		t.Errorf("planned: %+v", s.Planned)
	}
	if len(s.Funds) != 1 || s.Funds[0].Committed != "5000" || s.Funds[0].Currency != "EUR" {
		t.Errorf("funds: %+v", s.Funds)
	}
	for _, bad := range []string{moved.Record.String(), "the project", stranger.Record.String()} {
		_, err := w.desk.Publish(t.Context(), desk.Request{As: gate, Kind: "practice", Set: []string{"title=N", "problem=P", "solution=S", "project=" + bad}})
		refused(t, err, desk.Refused, "project: ")
	}
	_, err := w.desk.Project(t.Context(), desk.ProjectQuery{As: gate, Record: moved.Record.String()})
	refused(t, err, desk.NotFound, moved.Record.String()+" is no version of a project that counts here")
}

// TestFormsNameAProjectOfOnesOwn: only what a partner can still add to is offered, and what is
// chosen stands in needs and in the request for them.
func TestFormsNameAProjectOfOnesOwn(t *testing.T) {
	w := border(t)
	const field = "project"
	offered := func(as protocol.InstitutionID, name string) []desk.TitledRecord {
		t.Helper()
		f := must(w.desk.NewForm(t.Context(), as, name, ""))(t)
		for i := range f.Fields {
			if f.Fields[i].Name == field {
				return f.Fields[i].Records
			}
		}
		return nil
	}
	if got := offered(gate, desk.FormNeeds); got != nil {
		t.Errorf("without a project there is a choice of %v", got)
	}
	p := w.joinProject()
	for _, name := range []string{desk.FormNeeds, desk.FormPractice, desk.FormReport, desk.FormRoute} {
		if got := offered(north, name); len(got) != 1 || got[0].Record != p.Record || got[0].Title != "One queue" {
			t.Errorf("a partner is offered %v in %s", got, name)
		}
		if got := offered(centre, name); got != nil {
			t.Errorf("who is no partner is offered %v in %s", got, name)
		}
	}
	fill := func(project string) (desk.Published, error) {
		f := must(w.desk.NewForm(t.Context(), gate, desk.FormNeeds, ""))(t)
		f.Fill(map[string]string{
			"place": "iso3166-2:MK-405", "population.in_need": "300", "items.0.item": "bed_place", "items.0.required": "300", "ask": "yes", "answer_by": "2015-11-09T12:00:00Z", field: project,
		})
		return w.desk.SendForm(t.Context(), f)
	}
	sent := must(fill(p.Record.String()))(t)
	asks := must(w.desk.Show(t.Context(), sent.Linked.String()))(t)
	for _, said := range []string{string(sent.Body), string(asks.Record.Body)} {
		if !strings.Contains(said, `"project":"`+p.Record.String()+`"`) {
			t.Errorf("the project is not named: %s", said)
		}
	}
	if s := w.sheet(gate, p.Record); len(s.Records) != 2 {
		t.Errorf("with the project stand %+v", s.Records)
	}
	for _, bad := range []string{sent.Record.String(), "the queue"} {
		_, err := fill(bad)
		refused(t, err, desk.Refused, field+": ")
	}
	must(w.desk.Correct(t.Context(), desk.CorrectRequest{As: gate, Record: p.Record.String(), Retract: true, Reason: "no money"}))(t)
	if got := offered(gate, desk.FormPractice); got != nil {
		t.Errorf("what was taken back is offered: %v", got)
	}
}

// TestCorrectionKeepsTheProjectThatIsOver: it is offered beside those that are not, so that something
// else can be put right; the next report is begun without it.
func TestCorrectionKeepsTheProjectThatIsOver(t *testing.T) {
	w := border(t)
	over := must(w.project("partners="+string(north), "period=2015-11-01/2015-11-04"))(t).Record
	w.joinProject()
	form := must(w.desk.NewForm(t.Context(), gate, desk.FormReport, ""))(t)
	form.Fill(map[string]string{"place": "iso3166-2:MK-405", "period.start": "2015-11-02T00:00:00Z", "period.end": "2015-11-03T00:00:00Z", "figures.arrivals": "960", "project": over.String()})
	said := must(w.desk.SendForm(t.Context(), form))(t)
	if !strings.Contains(string(said.Body), `"project":"`+over.String()+`"`) {
		t.Fatalf("the project is not named: %s", said.Body)
	}
	w.clock.pass(48 * time.Hour)
	form = must(w.desk.NewForm(t.Context(), gate, desk.FormCorrect, said.Record.String()))(t)
	field := &form.Fields[slices.IndexFunc(form.Fields, func(f desk.FormField) bool { return f.Name == "project" })]
	if field.Value != over.String() || len(field.Records) != 2 || field.Records[1].Record != over {
		t.Errorf("to be put right it offers %+v", field)
	}
	values := map[string]string{}
	for i := range form.Fields {
		values[form.Fields[i].Name] = form.Fields[i].Value
	}
	values["figures.arrivals"], values["reason"], values["after"] = "970", "counted anew", form.Over.String()
	form.Fill(values)
	done := must(w.desk.SendForm(t.Context(), form))(t)
	if !strings.Contains(string(done.Body), `"project":"`+over.String()+`"`) {
		t.Errorf("put right, it names no project: %s", done.Body)
	}
}

// TestEmptiedProjectTakesTheRecordOut: of each kind that is put right, by command, API, and the form where it has one.
func TestEmptiedProjectTakesTheRecordOut(t *testing.T) {
	w := border(t)
	project := must(w.project("partners=" + string(north) + "," + string(centre)))(t).Record
	kinds := []struct {
		kind string
		as   protocol.InstitutionID
		set  []string
		form bool
	}{
		{"strategy", gate, []string{"title=Reception", "status=adopted", "period=2015-01-01/2017-01-01", "objectives.0.text=Nobody sleeps outside."}, false},
		{"consultation", centre, []string{"question=More beds?", "to=" + string(gate), "closes_at=2015-12-01T00:00:00Z"}, false},
		{"plan", centre, []string{"title=Winter", "currency=EUR", "territory=MK", "period=2016-01-01/2017-01-01", "lines.0.purpose=Beds", "lines.0.beneficiary=" + string(gate), "lines.0.year=2016", "lines.0.sector=shelter", "lines.0.amount=5", "lines.0.source=un", "lines.0.status=planned"}, false},
		{"pledge", centre, []string{"recipient=" + string(gate), "amount=5", "currency=EUR"}, true},
		{"practice", gate, []string{"title=Numbers", "problem=Queues", "solution=Numbers instead of queues"}, true},
		{"needs", gate, []string{"place=MK-405", "population.in_need=5", "items.0.sector=shelter", "items.0.item=tent", "items.0.unit=piece", "items.0.required=10", "items.0.basis=count", "items.0.priority=1"}, true},
		{"request", gate, []string{"answer_by=2015-11-05T12:00:00Z", "deliver_to.place=MK-405", "lines.0.type=tent", "lines.0.quantity=5"}, true},
		{"report", gate, []string{"place=MK-405", "period=2015-11-02", "figures.arrivals=960"}, true},
	}
	ways := map[string]func(as protocol.InstitutionID, n protocol.Name) error{
		"command": func(_ protocol.InstitutionID, n protocol.Name) error {
			_, err := w.desk.Correct(t.Context(), desk.CorrectRequest{Record: n.String(), Reason: "It is of none.", Set: []string{"project="}})
			return err
		},
		"API": func(_ protocol.InstitutionID, n protocol.Name) error {
			_, err := w.desk.Correct(t.Context(), desk.CorrectRequest{Record: n.String(), Reason: "It is of none.", Body: []byte(`{"project":""}`)})
			return err
		},
		"form": func(as protocol.InstitutionID, n protocol.Name) error {
			_, err := w.desk.SendForm(t.Context(), w.mends(as, n, map[string]string{"project": "", "reason": "It is of none."}))
			return err
		},
	}
	for _, k := range kinds {
		for way, empty := range ways {
			if way == "form" && !k.form {
				continue
			}
			t.Run(k.kind+" by "+way, func(t *testing.T) {
				n := w.publish(desk.Request{As: k.as, Kind: k.kind, Set: append([]string{"project=" + project.String()}, k.set...)}).Record
				within := func() bool {
					return slices.ContainsFunc(w.sheet(gate, project).Groups, func(g desk.ProjectGroup) bool {
						return slices.ContainsFunc(g.Records, func(r desk.ProjectEntry) bool { return r.Record == n })
					})
				}
				if !within() {
					t.Fatal("it is not in the project")
				}
				if err := empty(k.as, n); err != nil {
					t.Fatal(err)
				}
				if within() {
					t.Error("it is still in the project")
				}
			})
		}
	}
}

// TestFlowStaysWithTheProjectOfItsPledge: what follows names it too, said by a partner, and until it
// is taken back; a commitment that names none takes the flow from none.
func TestFlowStaysWithTheProjectOfItsPledge(t *testing.T) {
	w := border(t)
	project := must(w.project("partners=" + string(north) + "," + string(centre)))(t).Record
	pledge := must(w.flow(centre, "pledge", "recipient="+string(gate), "amount=100", "currency=EUR", "project="+project.String()))(t)
	says := func(as protocol.InstitutionID, step string, set ...string) string {
		t.Helper()
		return string(must(w.desk.Answer(t.Context(), desk.AnswerRequest{As: as, Record: pledge.Record.String(), Step: step, Set: set}))(t).Body)
	}
	names := `"project":"` + project.String() + `"`
	for _, step := range []struct {
		as   protocol.InstitutionID
		word string
		set  []string
	}{{centre, "commit", nil}, {centre, "pay", []string{"amount=60"}}, {gate, "receive", []string{"amount=60"}}, {gate, "report", []string{"spent=10"}}} {
		if said := says(step.as, step.word, step.set...); !strings.Contains(said, names) {
			t.Errorf("%s does not name the project: %s", step.word, said)
		}
	}
	of := func() protocol.Name {
		return must(w.desk.Flow(t.Context(), gate, pledge.Record.String(), 0))(t).Project
	}
	if of() != project {
		t.Errorf("the flow is of %s", of())
	}
	must(w.desk.Correct(t.Context(), desk.CorrectRequest{As: gate, Record: project.String(), Retract: true, Reason: "no money"}))(t)
	if said := says(centre, "pay", "amount=40"); strings.Contains(said, names) {
		t.Errorf("what was taken back is named: %s", said)
	}
	stranger := must(w.flow(centre, "pledge", "recipient="+string(north), "amount=5", "currency=EUR"))(t)
	if strings.Contains(string(stranger.Body), `"project"`) || of() != project {
		t.Errorf("a pledge of no project names one: %s", stranger.Body)
	}
}

// TestProjectIsFoundWhereItLies: by the place that it names, where the needs and the plans are that name it, line by line, and by the
// seats of its local partners, and in the country of each; and nowhere else.
func TestProjectIsFoundWhereItLies(t *testing.T) {
	w := border(t)
	joint := must(w.project("partners="+string(north), "place=MK-405"))(t).Record
	at := func(place string) int {
		return len(rowsOf[desk.ProjectRow](w, desk.Query{What: desk.ListProjects, Place: place}))
	}
	finds := func(where string, want map[string]int) {
		t.Helper()
		for place, n := range want {
			if got := at(place); got != n {
				t.Errorf("%s: %d projects at %s, want %d", where, got, place, n)
			}
		}
	}
	finds("by its own place", map[string]int{"MK-405": 1, "MK-101": 0, "MK-201": 0, "MK-301": 0})
	finds("by the countries of its partners", map[string]int{"MK": 1, "GR": 1, "GR-B": 0, "RS": 0})
	in := "project=" + joint.String()
	must(w.desk.Publish(t.Context(), desk.Request{As: gate, Kind: "needs", Set: []string{
		"place=MK-101", in, "items.0.sector=shelter", "items.0.item=bed_place", "items.0.unit=places", "items.0.required=300", "items.0.basis=count", "items.0.priority=1",
	}}))(t)
	elsewhere := must(w.desk.Publish(t.Context(), desk.Request{As: gate, Kind: "needs", Set: []string{
		"place=MK-301", "items.0.sector=shelter", "items.0.item=bed_place", "items.0.unit=places", "items.0.required=300", "items.0.basis=count", "items.0.priority=1",
	}}))(t).Record
	finds("by needs", map[string]int{"MK-101": 1, "MK-301": 0})
	must(w.desk.Publish(t.Context(), desk.Request{As: centre, Kind: "plan", Set: []string{
		"title=Winter", "currency=EUR", "territory=MK-201", "period=2016", in, "lines.0.purpose=Beds", "lines.0.beneficiary=" + string(gate), "lines.0.year=2016", "lines.0.sector=shelter", "lines.0.amount=5", "lines.0.source=un", "lines.0.status=planned",
		"lines.0.needs_refs.0=" + elsewhere.String(),
	}}))(t)
	finds("by a plan", map[string]int{"MK-201": 1, "MK-301": 1, "RS": 0})
	w.publish(desk.Request{As: north, Kind: "profile", Set: []string{"names.en=Evzoni", "level=municipality", "seat=GR-B"}})
	finds("by a partner's seat", map[string]int{"GR-B": 1, "GR-A": 0, "RS": 0})
}
