package desk_test

import (
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/desk"
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
	if got := w.hearing(c.Record).Answers[0]; got.State != board.AnswerErased || got.Position != "" || got.Erased == nil || got.Erased.Record.Institution != centre || got.Reason == "" {
		t.Errorf("the answer is %+v", got)
	}
}
