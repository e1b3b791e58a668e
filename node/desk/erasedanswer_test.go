package desk_test

import (
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

// TestAnswerThatIsErasedIsConsidered: who asked is the registrar of who answered and takes the body back. It stays an answer
// that was received, is silent nowhere, and the outcome owes it a word.
func TestAnswerThatIsErasedIsConsidered(t *testing.T) {
	w := market(t)
	c := w.consult()
	a := must(w.respond(gate, c.Record, "position=oppose"))(t)
	w.asked(c.Record, 0, "river-town south-gate", "river-town", 1)
	must(w.desk.Erase(t.Context(), desk.EraseRequest{As: centre, Record: a.Record.String(), Reason: "it named a person"}))(t)
	w.asked(c.Record, 0, "river-town south-gate", "river-town", 1)
	w.clock.pass(48 * time.Hour)
	_, err := w.conclude(c.Record, true)
	refused(t, err, desk.Refused, "considered: "+string(gate)+" has answered")
	must(w.conclude(c.Record, true, a.Record))(t)
	h := w.hearing(c.Record)
	if got := h.Answers[0]; got.State != board.AnswerErased || got.Position != "" || got.Erased == nil || got.Erased.Record.Institution != centre || got.Reason == "" {
		t.Errorf("the erased answer is %+v", got)
	}
}

// TestAnswerIsNotTurnedByTheErasureOfItsCorrection: who asked is the registrar of who answered, and takes the correction alone
// back. What was said before does not count again, and the outcome owes a word on what is gone.
func TestAnswerIsNotTurnedByTheErasureOfItsCorrection(t *testing.T) {
	w := market(t)
	c := w.consult()
	a := must(w.respond(gate, c.Record, "position=support"))(t)
	no := must(w.desk.Correct(t.Context(), desk.CorrectRequest{As: gate, Record: a.Record.String(), Reason: "the council met", Set: []string{"position=oppose"}}))(t)
	w.clock.pass(48 * time.Hour)
	must(w.desk.Erase(t.Context(), desk.EraseRequest{As: centre, Record: no.Record.String(), Reason: "it named a person"}))(t)
	_, err := w.conclude(c.Record, true)
	refused(t, err, desk.Refused, "considered: "+string(gate)+" has answered")
	must(w.conclude(c.Record, true, a.Record))(t)
	got := w.hearing(c.Record).Answers[0]
	if got.State != board.AnswerErased || got.Position != "" || got.Erased == nil || got.Erased.Record.Institution != centre || got.Reason == "" {
		t.Errorf("the answer is %+v", got)
	}
	if v := must(w.desk.Show(t.Context(), a.Record.String()))(t).Record; v.Standing != board.Replaced || v.Reason != "by "+no.Record.String()+", which was erased by "+got.Erased.Record.String() {
		t.Errorf("its own page: %s, %s", v.Standing, v.Reason)
	}
}

// TestOutcomeAndQuestionThatAreErasedStay: who asked, or its registrar, takes back what was decided, and then what was asked. Both
// stay listed, by whom and why; who has answered is owed another outcome, until nobody can know what was asked.
func TestOutcomeAndQuestionThatAreErasedStay(t *testing.T) {
	w := market(t)
	c := w.consult()
	a := must(w.respond(gate, c.Record))(t)
	w.clock.pass(48 * time.Hour)
	erase := func(n protocol.Name) protocol.Name {
		return must(w.desk.Erase(t.Context(), desk.EraseRequest{As: centre, Record: n.String(), Reason: "it named a person"}))(t).Published.Record
	}
	first := must(w.conclude(c.Record, true, a.Record))(t)
	gone := erase(first.Record)
	h := w.hearing(c.Record)
	if h.Outcome != nil || h.Owed != desk.OwedOutcome || len(h.Undone) != 1 || h.Undone[0].Erased == nil || h.Undone[0].Erased.Record != gone || !h.MayConclude || h.MayRetract {
		t.Errorf("the outcome is erased: owed %q, undone %+v", h.Owed, h.Undone)
	}
	_, err := w.desk.Correct(t.Context(), desk.CorrectRequest{Record: c.Record.String(), Reason: "nobody asked", Retract: true})
	refused(t, err, desk.Refused, "this consultation was concluded, and its outcome was taken back or erased")
	_, err = w.desk.Correct(t.Context(), desk.CorrectRequest{Record: c.Record.String(), Reason: "nobody asked", Set: []string{"closes_at=" + w.clock.Now().Add(time.Hour).Format(time.RFC3339)}})
	refused(t, err, desk.Refused, "closes_at: this consultation was concluded")
	second := must(w.conclude(c.Record, true, a.Record))(t)
	mended := must(w.desk.Correct(t.Context(), desk.CorrectRequest{Record: second.Record.String(), Reason: "the law changed", Set: []string{"decision=By residents."}}))(t)
	gone = erase(mended.Record)
	if h = w.hearing(c.Record); h.Outcome != nil || h.Owed != desk.OwedOutcome || len(h.Undone) != 3 || h.Undone[1].Decision != "By arrivals." || h.Undone[2].Erased == nil || h.Undone[2].Erased.Record != gone {
		t.Errorf("its correction is erased: owed %q, outcome %+v, undone %+v", h.Owed, h.Outcome, h.Undone)
	}
	_, err = w.desk.Correct(t.Context(), desk.CorrectRequest{Record: gone.String(), Reason: "again", Retract: true})
	refused(t, err, desk.Refused, gone.String()+" is an erasure: what it took back is gone")
	gone = erase(c.Record)
	if h = w.hearing(c.Record); h.State != board.ConsultationErased || h.Erased == nil || h.Erased.Record != gone || h.Owed != "" || h.MayConclude || h.MayRetract || len(h.Answers) != 1 || h.Answers[0].State != board.AnswerCounts {
		t.Errorf("the question is erased: %+v", h.Consultation)
	}
	rows := rowsOf[desk.ConsultationRow](w, desk.Query{What: desk.ListConsultations, Since: protocol.InstantOf(w.clock.Now().AddDate(0, 0, -7))})
	if len(rows) != 1 || rows[0].Erased == nil || rows[0].Answered != 1 || rows[0].AnsweredBefore != 0 {
		t.Errorf("listed: %+v", rows)
	}
	_, err = w.respond(river, c.Record)
	refused(t, err, desk.Refused, c.Record.String()+" was erased")
	_, err = w.conclude(c.Record, true, a.Record)
	refused(t, err, desk.Refused, c.Record.String()+" was erased")
}

// TestWhatIsErasedSinceIsListedAtAnEarlierInstantToo: an answer and the question itself were here then, and stay listed by whom and
// why; what came behind that instant does not.
func TestWhatIsErasedSinceIsListedAtAnEarlierInstantToo(t *testing.T) {
	w := market(t)
	c := w.consult()
	a := must(w.respond(gate, c.Record))(t)
	w.clock.pass(time.Hour)
	then := protocol.InstantOf(w.clock.Now())
	w.clock.pass(time.Hour)
	b := must(w.respond(river, c.Record))(t)
	for _, n := range []protocol.Name{a.Record, b.Record, c.Record} {
		must(w.desk.Erase(t.Context(), desk.EraseRequest{As: centre, Record: n.String(), Reason: "it named a person"}))(t)
	}
	h := must(w.desk.Hearing(t.Context(), centre, c.Record.String(), then))(t)
	if h.State != board.ConsultationErased || h.Erased == nil || h.Erased.Reason != "it named a person" || len(h.Answers) != 1 || h.Answers[0].Record != a.Record || h.Answers[0].State != board.AnswerErased {
		t.Errorf("the consultation as it was: %+v", h.Consultation)
	}
	rows := rowsOf[desk.ConsultationRow](w, desk.Query{What: desk.ListConsultations, At: then})
	if len(rows) != 1 || rows[0].State != board.ConsultationErased {
		t.Errorf("listed as it was: %+v", rows)
	}
}

// TestErasedQuestionStaysConcluded: its outcome is put right as ever, and nothing is left of the question to take back.
func TestErasedQuestionStaysConcluded(t *testing.T) {
	w := market(t)
	c := w.consult()
	a := must(w.respond(gate, c.Record))(t)
	w.clock.pass(48 * time.Hour)
	over := must(w.conclude(c.Record, true, a.Record))(t)
	must(w.desk.Erase(t.Context(), desk.EraseRequest{As: centre, Record: c.Record.String(), Reason: "it named a person"}))(t)
	_, err := w.desk.Correct(t.Context(), desk.CorrectRequest{Record: c.Record.String(), Reason: "nobody asked", Retract: true})
	refused(t, err, desk.Refused, "the body of "+c.Record.String()+" is gone, and nothing of it is left to take back: erased by ")
	must(w.desk.Correct(t.Context(), desk.CorrectRequest{Record: over.Record.String(), Reason: "the law changed", Set: []string{"decision=By residents."}}))(t)
	if h := w.hearing(c.Record); h.State != board.ConsultationConcluded || h.Erased == nil || h.Outcome.Decision != "By residents." || len(h.Waiting) != 0 {
		t.Errorf("%+v", h.Consultation)
	}
}
