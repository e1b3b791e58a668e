package desk_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// consult has the centre ask the southeast, for two days from now.
func (w *world) consult(set ...string) desk.Published {
	w.t.Helper()
	return w.publish(desk.Request{As: centre, Kind: "consultation", Set: append([]string{
		"to=group:mk-southeast", "question=By residents or by arrivals?", "options=residents,arrivals",
		"closes_at=" + w.clock.Now().Add(48*time.Hour).Format(time.RFC3339),
	}, set...)})
}

func (w *world) respond(as protocol.InstitutionID, of protocol.Name, set ...string) (desk.Published, error) {
	w.t.Helper()
	return w.desk.Publish(w.t.Context(), desk.Request{As: as, Kind: "response", Set: append([]string{"thread=" + of.String(), "position=support"}, set...)})
}

// conclude has the centre decide, with a consideration of each of some answers.
func (w *world) conclude(of protocol.Name, knowing bool, answers ...protocol.Name) (desk.Published, error) {
	w.t.Helper()
	set := []string{"thread=" + of.String(), "decision=By arrivals."}
	for i, n := range answers {
		set = append(set, fmt.Sprintf("considered.%d.response=%s", i, n), fmt.Sprintf("considered.%d.consideration=partly", i), fmt.Sprintf("considered.%d.reason=from December on", i))
	}
	return w.desk.Publish(w.t.Context(), desk.Request{As: centre, Kind: "outcome", Set: set, Knowing: knowing})
}

// sign writes an answer past the desk, signed at another hour than it comes here.
func (w *world) sign(as protocol.InstitutionID, of desk.Published, signed time.Time) protocol.Name {
	w.t.Helper()
	r := &body.ConsultationResponse{Position: body.PositionOppose}
	r.Thread, r.Refs = of.Record, []body.Ref{{Rel: body.RelAnswers, Record: of.Record, Digest: of.Digest}}
	raw := must(body.Marshal(r, [16]byte{1}))(w.t)
	return must(w.intake.Publish(w.t.Context(), intake.Draft{Institution: as, Type: r.Type(), Time: protocol.InstantOf(signed), Handling: protocol.Green, Body: raw}))(w.t).Name
}

func (w *world) hearing(n protocol.Name) desk.Hearing {
	w.t.Helper()
	return must(w.desk.Hearing(w.t.Context(), centre, n.String(), 0))(w.t)
}

func TestOutcomeWaitsForAConsiderationOfEveryAnswer(t *testing.T) {
	w := market(t)
	c := w.consult()
	a := must(w.respond(gate, c.Record, "position=amend", "text=from the first day", "option=2"))(t)
	b := must(w.respond(river, c.Record))(t)
	_, err := w.conclude(c.Record, true, a.Record, b.Record)
	refused(t, err, desk.Refused, "this consultation is open until 2015-11-05")
	w.clock.pass(48 * time.Hour)
	_, err = w.conclude(c.Record, true, a.Record)
	refused(t, err, desk.Refused, "considered: mk.southeast.demo-river-town has answered")
	_, err = w.conclude(c.Record, true)
	refused(t, err, desk.Refused, "considered: ")
	_, err = w.conclude(c.Record, true, a.Record, b.Record, c.Record)
	refused(t, err, desk.Refused, "considered.2.response: ")
	_, err = w.desk.Publish(t.Context(), desk.Request{As: gate, Kind: "outcome", Set: []string{"thread=" + c.Record.String(), "decision=Mine."}})
	refused(t, err, desk.Refused, "kind: outcome is beyond the competence of a municipality")
	done := must(w.conclude(c.Record, false, a.Record, b.Record))(t)
	_, err = w.conclude(c.Record, true, a.Record, b.Record)
	refused(t, err, desk.Refused, "this consultation is concluded: correct its outcome")
	correct := func(set string) error {
		_, err := w.desk.Correct(t.Context(), desk.CorrectRequest{Record: done.Record.String(), Reason: "the law changed", Set: []string{set}})
		return err
	}
	refused(t, correct(`considered=[]`), desk.Refused, "considered: ")
	one := string(must(json.Marshal([]body.Considered{{Response: a.Record, Digest: a.Digest, Consideration: body.ConsideredNoted, Reason: "read"}}))(t))
	refused(t, correct("considered="+one), desk.Refused, "considered: mk.southeast.demo-river-town has answered")
	ok(t, correct("decision=By residents."))
	h := w.hearing(c.Record)
	if h.State != "concluded" || h.Outcome.Decision != "By residents." || len(h.Outcome.History) != 1 || h.Outcome.History[0].Decision != "By arrivals." || len(h.Quiet) != 0 {
		t.Errorf("concluded: %+v, outcome %+v", h.Consultation, h.Outcome)
	}
	if r := h.Respondents[0]; r.Institution != river && r.Institution != gate || r.Consideration != body.ConsideredPartly || r.Reason != "from December on" {
		t.Errorf("answer: %+v", r)
	}
}

func TestAnswerThatWouldNotCountIsRefused(t *testing.T) {
	w := market(t)
	c := w.consult("to=" + string(gate))
	later := w.consult("opens_at=" + w.clock.Now().Add(time.Hour).Format(time.RFC3339))
	report := w.publish(desk.Request{As: gate, Kind: "report", Set: []string{"summary=quiet"}})
	offer := w.publish(desk.Request{As: gate, Kind: "offer", Set: []string{"lines.0.type=tent", "lines.0.quantity=5"}})
	gone := w.consult()
	must(w.desk.Correct(t.Context(), desk.CorrectRequest{Record: gone.Record.String(), Retract: true, Reason: "asked twice"}))(t)
	for _, tt := range []struct {
		name string
		as   protocol.InstitutionID
		of   protocol.Name
		set  []string
		want string
	}{
		{"who was not asked", river, c.Record, nil, string(river) + " is not asked"},
		{"who asks", centre, c.Record, nil, string(centre) + " is not asked"},
		{"not open yet", gate, later.Record, nil, "this consultation opens at"},
		{"taken back", gate, gone.Record, nil, gone.Record.String() + " was taken back"},
		{"an option that there is not", gate, c.Record, []string{"option=3"}, "option: there is no option 3"},
		{"needs of another", gate, c.Record, []string{"needs_ref=" + string(river) + "/situation.1.1"}, "needs_ref: "},
		{"capacity of another", gate, c.Record, []string{"capacity_ref=" + string(river) + "/resource.1.1"}, "capacity_ref: "},
		{"needs that are none", gate, c.Record, []string{"needs_ref=" + report.Record.String()}, "needs_ref: " + report.Record.String() + " is no needs assessment"},
		{"capacity that is none", gate, c.Record, []string{"capacity_ref=" + offer.Record.String()}, "capacity_ref: " + offer.Record.String() + " is no declaration of capacity"},
		{"amend without what", gate, c.Record, []string{"position=amend"}, "text: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := w.respond(tt.as, tt.of, tt.set...)
			refused(t, err, desk.Refused, tt.want)
		})
	}
	_, err := w.respond(gate, must(w.respond(gate, c.Record))(t).Record)
	refused(t, err, desk.NotFound, string(gate)+"/policy.1.1 is no consultation that counts here")
	mine := must(w.respond(gate, c.Record, "position=neutral"))(t)
	if h := w.hearing(c.Record); len(h.Answers) != 2 || h.Answers[0].State != "replaced" || h.Answers[1].State != "counts" {
		t.Errorf("answers are %+v", h.Answers)
	}
	for set, want := range map[string]string{
		"needs_ref=" + report.Record.String():           "needs_ref: " + report.Record.String() + " is no needs assessment",
		"needs_ref=" + string(river) + "/situation.1.1": "needs_ref: ",
		"option=3": "option: there is no option 3",
	} {
		_, err = w.desk.Correct(t.Context(), desk.CorrectRequest{As: gate, Record: mine.Record.String(), Reason: "other", Set: []string{set}})
		refused(t, err, desk.Refused, want)
	}
	w.clock.pass(48 * time.Hour)
	_, err = w.respond(gate, c.Record)
	refused(t, err, desk.Refused, "this consultation closed at 2015-11-05T09:00:00.000Z: an answer would be late")
	_, err = w.desk.Correct(t.Context(), desk.CorrectRequest{As: gate, Record: mine.Record.String(), Reason: "other", Set: []string{"position=oppose"}})
	refused(t, err, desk.Refused, "this consultation closed at 2015-11-05T09:00:00.000Z: an answer stays as it was")
	_, err = w.desk.Correct(t.Context(), desk.CorrectRequest{As: gate, Record: mine.Record.String(), Reason: "other", Retract: true})
	refused(t, err, desk.Refused, "this consultation closed at 2015-11-05T09:00:00.000Z: an answer stays as it was")
}

func TestQuestionThatNobodyCouldAnswerIsRefused(t *testing.T) {
	w := market(t)
	for want, set := range map[string][]string{
		"to: it asks nobody":               {"to=" + string(centre), "question=Well?", "closes_at=2015-12-01T00:00:00Z"},
		"closes_at: it would be closed":    {"to=" + string(gate), "question=Well?", "opens_at=2015-11-01T00:00:00Z", "closes_at=2015-11-02T00:00:00Z"},
		"to.0: the charter in force has":   {"to=group:east", "question=Well?", "closes_at=2015-12-01T00:00:00Z"},
		"closes_at: period or validity do": {"to=" + string(gate), "question=Well?", "closes_at=2015-11-02T00:00:00Z"},
	} {
		_, err := w.desk.Publish(t.Context(), desk.Request{As: centre, Kind: "consultation", Set: set})
		refused(t, err, desk.Refused, want)
	}
}

// TestAnswerThroughACutLineCountsFor72Hours by the node of who asked.
func TestAnswerThroughACutLineCountsFor72Hours(t *testing.T) {
	w := market(t)
	c := w.consult()
	signed := w.clock.Now().Add(47 * time.Hour)
	w.clock.pass(48 * time.Hour)
	_, err := w.conclude(c.Record, false)
	refused(t, err, desk.Refused, "2 who were asked have not answered, and what they signed in time may come until")
	w.clock.pass(72 * time.Hour)
	came := w.sign(gate, c, signed)
	_, err = w.conclude(c.Record, true)
	refused(t, err, desk.Refused, "considered: mk.southeast.demo-south-gate has answered")
	w.clock.pass(time.Second)
	late := w.sign(river, c, signed)
	_, err = w.conclude(c.Record, false, came, late)
	refused(t, err, desk.Refused, "considered.1.response: mk.southeast.demo-river-town/policy.1.1 came late")
	must(w.conclude(c.Record, false, came))(t)
	h := w.hearing(c.Record)
	states := map[protocol.InstitutionID]string{}
	for i := range h.Answers {
		states[h.Answers[i].Institution] = string(h.Answers[i].State)
	}
	if states[gate] != "counts" || states[river] != "late" || len(h.Quiet) != 1 || h.Quiet[0].Institution != river || len(h.Waiting) != 0 {
		t.Errorf("answers %v, quiet %+v, waiting %v", states, h.Quiet, h.Waiting)
	}
}

func TestAnswerBehindTheOutcomeIsOwedAConsideration(t *testing.T) {
	w := market(t)
	c := w.consult()
	signed := w.clock.Now().Add(47 * time.Hour)
	w.clock.pass(49 * time.Hour)
	must(w.conclude(c.Record, true))(t)
	came := w.sign(gate, c, signed)
	h := w.hearing(c.Record)
	if !slices.Equal(h.Waiting, []protocol.Name{came}) || h.Owed != desk.OwedOutcome {
		t.Errorf("waiting %v, owed %q", h.Waiting, h.Owed)
	}
	row := rowsOf[desk.ConsultationRow](w, desk.Query{What: desk.ListConsultations})[0]
	if row.Owed != desk.OwedOutcome || !slices.Equal(row.OwedBy, []protocol.InstitutionID{centre}) {
		t.Errorf("listed: owed %q by %v", row.Owed, row.OwedBy)
	}
}

// TestNewsAreOfTheKindsThatAreAskedFor, and the others are counted.
func TestNewsAreOfTheKindsThatAreAskedFor(t *testing.T) {
	w := market(t)
	from := w.desk.Source()
	begin := must(from.Events(t.Context(), "", func(string) bool { return true }))(t).Next
	c := w.consult()
	w.reportAt(gate, "iso3166-2:MK-405", 960)
	got := must(from.Events(t.Context(), begin, func(kind string) bool { return kind == "consultation" }))(t)
	if len(got.Events) != 1 || got.Events[0].Record != c.Record || got.Events[0].Said == "" || got.Passed != 1 || got.Next == begin {
		t.Errorf("news are %+v, want the consultation alone, and one passed over", got)
	}
}

// TestConsultationStandsBesideNeedsAndCapacity, and is owed by those who are asked, who are
// woken a day before the closing.
func TestConsultationStandsBesideNeedsAndCapacity(t *testing.T) {
	w := market(t)
	c := w.consult("closes_at=" + w.clock.Now().Add(96*time.Hour).Format(time.RFC3339))
	row := rowsOf[desk.ConsultationRow](w, desk.Query{What: desk.ListConsultations, Match: "residents"})[0]
	if row.Owed != desk.OwedAnswer || !slices.Equal(row.OwedBy, []protocol.InstitutionID{river, gate}) || len(row.Invited) != 2 {
		t.Errorf("owed %q by %v of %v", row.Owed, row.OwedBy, row.Invited)
	}
	due := func() (n int) {
		for _, e := range must(w.desk.Source().Proposed(t.Context()))(t) {
			if e.Kind == "answer_due" && e.Record == c.Record {
				n++
				if over := w.desk.Source().Over(t.Context(), must(w.desk.Source().Proposed(t.Context()))(t)); over[0] {
					t.Error("what is due is over")
				}
			}
		}
		return n
	}
	w.clock.pass(71 * time.Hour)
	if due() != 0 {
		t.Error("due two days before the closing")
	}
	w.clock.pass(time.Hour)
	if due() != 1 {
		t.Error("not due a day before the closing")
	}
	w.publish(desk.Request{As: gate, Kind: "needs", Body: json.RawMessage(needed)})
	w.declare(80)
	must(w.respond(gate, c.Record))(t)
	must(w.respond(river, c.Record))(t)
	if due() != 0 {
		t.Error("due of who has answered")
	}
	h := w.hearing(c.Record)
	for _, r := range h.Respondents {
		if r.Institution == gate && (len(r.Needs) != 1 || len(r.Capacity) != 0) || r.Institution == river && (len(r.Needs) != 0 || len(r.Capacity) != 1) {
			t.Errorf("%s: needs %+v, capacity %+v", r.Institution, r.Needs, r.Capacity)
		}
	}
	if _, err := w.desk.Hearing(t.Context(), centre, string(gate)+"/policy.1.1", 0); err == nil || !strings.Contains(err.Error(), "no consultation") {
		t.Errorf("an answer is shown as a consultation: %v", err)
	}
}

// TestSilentAreRemindedByWhoAskedWhileTheyCanAnswer, all of them unless some are named, under the
// mark of the question.
func TestSilentAreRemindedByWhoAskedWhileTheyCanAnswer(t *testing.T) {
	w := market(t)
	c := w.consult("closes_at=" + w.clock.Now().Add(96*time.Hour).Format(time.RFC3339))
	remind := func(as protocol.InstitutionID, of protocol.Name, whom ...protocol.InstitutionID) (desk.Published, error) {
		return w.desk.Answer(t.Context(), desk.AnswerRequest{As: as, Record: of.String(), Step: desk.AnswerRemind, To: whom})
	}
	to := func(p desk.Published) string {
		r := must(w.desk.Show(t.Context(), p.Record.String()))(t).Record
		n, _ := must(body.Parse(r.Type, r.Body))(t).(*body.Note)
		if ref, _ := n.Ref(body.RelAbout); r.Handling < protocol.Green || !n.Acknowledge || n.Thread != c.Record || ref.Digest != c.Digest || !strings.Contains(string(n.Text), "residents") {
			t.Errorf("reminded by %+v", n)
		}
		return fmt.Sprint(n.To)
	}
	if got, want := to(must(remind(centre, c.Record))(t)), fmt.Sprint([]protocol.InstitutionID{river, gate}); got != want {
		t.Errorf("to %s, want %s", got, want)
	}
	first := protocol.InstantOf(w.clock.Now())
	w.clock.pass(time.Hour)
	if got, want := to(must(remind(centre, c.Record, gate))(t)), fmt.Sprint([]protocol.InstitutionID{gate}); got != want {
		t.Errorf("to %s, want %s", got, want)
	}
	w.publish(desk.Request{As: centre, Kind: "note", Set: []string{"thread=" + c.Record.String(), "text=By whom?", "to=" + string(river)}}) // reminds nobody
	reminded := map[protocol.InstitutionID]protocol.Instant{}
	for _, q := range w.hearing(c.Record).Quiet {
		reminded[q.Institution] = q.Reminded
	}
	if reminded[river] != first || reminded[gate] != first+protocol.Instant(time.Hour.Milliseconds()) {
		t.Errorf("reminded at %v, first at %v", reminded, first)
	}
	said := must(w.respond(river, c.Record))(t)
	if !w.hearing(c.Record).MayRemind {
		t.Error("who asked can remind nobody")
	}
	for _, tt := range []struct {
		as   protocol.InstitutionID
		of   protocol.Name
		whom []protocol.InstitutionID
		kind desk.Kind
		want string
	}{
		{gate, c.Record, nil, desk.NotPermitted, string(centre) + " asked: only it reminds"},
		{centre, c.Record, []protocol.InstitutionID{gate, river}, desk.Refused, "to.1: " + string(river) + " is none of those who were asked and are silent"},
		{centre, said.Record, nil, desk.Refused, said.Record.String() + " is no consultation that counts here"},
	} {
		_, err := remind(tt.as, tt.of, tt.whom...)
		refused(t, err, tt.kind, tt.want)
	}
	must(w.respond(gate, c.Record))(t)
	_, err := remind(centre, c.Record)
	refused(t, err, desk.Refused, "all who were asked have answered")
	w.clock.pass(97 * time.Hour)
	_, err = remind(centre, c.Record)
	refused(t, err, desk.Refused, "this consultation is not open")
	if w.hearing(c.Record).MayRemind {
		t.Error("who can answer no more can be reminded")
	}
}

// TestAnswerHasTheMarkOfItsQuestion, which it may repeat.
func TestAnswerHasTheMarkOfItsQuestion(t *testing.T) {
	w := market(t)
	c := w.publish(desk.Request{As: centre, Kind: "consultation", Handling: protocol.Amber, Set: []string{"to=" + string(gate), "question=Well?", "closes_at=2015-12-01T00:00:00Z"}})
	if got := must(w.respond(gate, c.Record))(t).Handling; got != protocol.Amber {
		t.Errorf("the answer is %s", got)
	}
}

// TestConsultationIsFoundByThePlacesThatItConcerns: of the plan, or the line of it, that it is about, and by the seats of the
// municipalities that it asks; by that of the ministry it is not.
func TestConsultationIsFoundByThePlacesThatItConcerns(t *testing.T) {
	w := market(t)
	seat := func(id protocol.InstitutionID, level body.Level, code string) {
		w.say(id, &body.Profile{Names: body.Names{"en": body.Label(id)}, Level: level, Seat: &body.Place{Scheme: body.ISOSubdivision, Code: code}})
	}
	seat(gate, body.Municipality, "MK-405")
	seat(centre, body.Ministry, "MK-817")
	needs := must(w.desk.Publish(t.Context(), desk.Request{As: gate, Kind: "needs", Set: []string{"place=MK-101", "items.0.sector=nfi", "items.0.item=blanket", "items.0.unit=piece", "items.0.required=300", "items.0.basis=count", "items.0.priority=1"}}))(t)
	plan := must(w.desk.Publish(t.Context(), desk.Request{As: centre, Kind: "plan", Body: json.RawMessage(`{"title":"Winter","period":{"start":"2015-10-01T00:00:00Z","end":"2016-03-31T00:00:00Z"},
		"currency":"EUR","territory":{"scheme":"iso3166-2","code":"MK-401"},"status":"proposed","cosigners":["` + string(gate) + `"],
		"lines":[{"line":1,"purpose":"Stoves","beneficiary":"` + string(river) + `","year":2015,"sector":"nfi","needs_refs":["` + needs.Record.String() + `"],"amount":"100","source":"un","status":"planned"}]}`)}))(t)
	asks := w.consult("to=" + string(gate))
	about := []string{"to=" + string(river), "refs.0.rel=about", "refs.0.record=" + plan.Record.String(), "refs.0.digest=" + plan.Digest.String()}
	whole, line := w.consult(about...), w.consult(append(about, "line=1")...)
	for place, want := range map[string][]protocol.Name{"MK-405": {asks.Record}, "MK-401": {whole.Record}, "MK-101": {line.Record}, "MK-817": nil, "MK": {asks.Record, whole.Record, line.Record}} {
		var got []protocol.Name
		for _, r := range rowsOf[desk.ConsultationRow](w, desk.Query{What: desk.ListConsultations, Place: place}) {
			got = append(got, r.Record)
		}
		if !slices.Equal(got, want) {
			t.Errorf("at %s: %v, want %v", place, got, want)
		}
	}
}

// TestOptionIsGivenByItsWords: in whole or as they begin, in an answer and in its correction; words that choose none,
// or several, are refused with all there are.
func TestOptionIsGivenByItsWords(t *testing.T) {
	w := market(t)
	of := w.consult("options=[\"By residents\",\"By arrivals\",\"By arrivals, weekly\"]").Record
	chosen := func(p desk.Published) string {
		t.Helper()
		b := must(body.Parse(p.Type, p.Body))(t)
		if c, corrects := b.(*body.Correction); corrects {
			b = must(c.Replaced(body.TypeResponse))(t)
		}
		return fmt.Sprint(b.(*body.ConsultationResponse).Option)
	}
	for words, want := range map[string]string{"by ARRIVALS": "2", "By res": "1", "By arrivals, w": "3", "3": "3"} {
		if got := chosen(must(w.respond(gate, of, "option="+words))(t)); got != want {
			t.Errorf("%s is option %s, want %s", words, got, want)
		}
	}
	for _, words := range []string{"By", "Zebra"} {
		_, err := w.respond(gate, of, "option="+words)
		refused(t, err, desk.Refused, `option: "`+words+`" is none of the options, or begins several: give the number of one: 1 By residents; 2 By arrivals; 3 By arrivals, weekly`)
	}
	answer := must(w.respond(river, of, "option=1"))(t).Record.String()
	if got := chosen(must(w.desk.Correct(t.Context(), desk.CorrectRequest{As: river, Record: answer, Set: []string{"option=By arrivals"}, Reason: "mistyped"}))(t)); got != "2" {
		t.Errorf("put right to option %s", got)
	}
}
