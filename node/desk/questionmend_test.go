package desk_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// TestQuestionStaysAsItWasAnswered: once an answer counts, who asks changes neither its words nor what a number
// means; options are added behind the others.
func TestQuestionStaysAsItWasAnswered(t *testing.T) {
	w := market(t)
	c := w.consult()
	mend := func(set ...string) error {
		_, err := w.desk.Correct(t.Context(), desk.CorrectRequest{As: centre, Record: c.Record.String(), Reason: "a slip", Set: set})
		return err
	}
	now := w.clock.Now()
	ok(t, mend("opens_at="+now.Add(time.Hour).Format(time.RFC3339)))
	ok(t, mend("opens_at="+now.Add(-time.Minute).Format(time.RFC3339)))
	ok(t, mend("question=By residents or arrivals?", "options=arrivals,residents"))
	must(w.respond(gate, c.Record, "option=1"))(t)
	refused(t, mend("question=By arrivals?"), desk.Refused, "question: an answer to the question as it stands counts")
	for _, options := range []string{"residents,arrivals", "arrivals,beds", "beds,arrivals,residents"} {
		refused(t, mend("options="+options), desk.Refused, "options: answers name an option by its number")
	}
	_, err := w.desk.Correct(t.Context(), desk.CorrectRequest{As: centre, Record: c.Record.String(), Reason: "a slip", Body: json.RawMessage(`{"options":null}`)})
	refused(t, err, desk.Refused, "options: answers name an option by its number")
	refused(t, mend("opens_at="+w.clock.Now().Add(time.Hour).Format(time.RFC3339)), desk.Refused, "opens_at: an answer counts, and the consultation would not be open yet")
	ok(t, mend("opens_at="+w.clock.Now().Add(-time.Hour).Format(time.RFC3339)))
	ok(t, mend("options=arrivals,residents,beds", "background=Beds are few."))
	if h := w.hearing(c.Record); h.Chosen(h.Answers[0].Option) != "arrivals" || h.Chosen(3) != "beds" || h.Chosen(4) != "" || h.MayReword {
		t.Errorf("it has %v", h.Options)
	}
}

// TestWhoHasAnsweredStaysAsked: who asks takes nobody off whose answer counts, be it named or of a group; written past
// its desk it counts all the same, can be given anew, and the outcome owes a word on it.
func TestWhoHasAnsweredStaysAsked(t *testing.T) {
	w := market(t)
	c := w.consult()
	mend := func(set ...string) error {
		_, err := w.desk.Correct(t.Context(), desk.CorrectRequest{As: centre, Record: c.Record.String(), Reason: "another", Set: set})
		return err
	}
	ok(t, mend("to="+string(gate)+",group:mk-southeast"))
	a := must(w.respond(gate, c.Record))(t)
	ok(t, mend("to=group:mk-southeast"))
	ok(t, mend("to="+string(gate)))
	refused(t, mend("to="+string(river)), desk.Refused, "to: "+string(gate)+" has answered, and its answer counts")
	v := &body.Consultation{Question: "By residents or by arrivals?", OpensAt: body.TimeOf(w.clock.Now()), ClosesAt: body.TimeOf(w.clock.Now().Add(48 * time.Hour))}
	v.To = []body.Addressee{body.Addressee(river)}
	past := &body.Correction{Topic: protocol.Policy, Action: body.Replace, Reason: "another", Replacement: must(body.ReplacementOf(v))(t)}
	past.Refs = []body.Ref{{Rel: body.RelCorrects, Record: c.Record, Digest: c.Digest}}
	w.say(centre, past)
	w.asked(c.Record, 0, "river-town", "river-town", 1)
	if h := w.hearing(c.Record); h.Answered != 0 || h.AnsweredBefore != 1 {
		t.Errorf("%d of those asked have answered, and %d of those asked before", h.Answered, h.AnsweredBefore)
	}
	if h := must(w.desk.Hearing(t.Context(), gate, c.Record.String(), 0))(t); !h.MayAnswer || h.Owed == desk.OwedAnswer && slices.Contains(h.OwedBy, gate) {
		t.Errorf("who was asked before may answer: %t, and owes: %v", h.MayAnswer, h.OwedBy)
	}
	a = must(w.respond(gate, c.Record))(t)
	w.clock.pass(48 * time.Hour)
	_, err := w.conclude(c.Record, true)
	refused(t, err, desk.Refused, "considered: "+string(gate)+" has answered")
	must(w.conclude(c.Record, true, a.Record))(t)
}

// TestConcludedQuestionStays: it is neither opened again, nor asked of others, nor taken back; its outcome is put right.
func TestConcludedQuestionStays(t *testing.T) {
	w := market(t)
	c := w.consult()
	a := must(w.respond(gate, c.Record))(t)
	w.clock.pass(48 * time.Hour)
	correct := func(of protocol.Name, retract bool, set ...string) error {
		_, err := w.desk.Correct(t.Context(), desk.CorrectRequest{As: centre, Record: of.String(), Retract: retract, Reason: "another", Set: set})
		return err
	}
	later := "closes_at=" + w.clock.Now().Add(time.Hour).Format(time.RFC3339)
	ok(t, correct(c.Record, false, later))
	w.clock.pass(time.Hour)
	done := must(w.conclude(c.Record, true, a.Record))(t)
	later = "closes_at=" + w.clock.Now().Add(time.Hour).Format(time.RFC3339)
	refused(t, correct(c.Record, false, later), desk.Refused, "closes_at: this consultation is concluded")
	refused(t, correct(c.Record, false, "opens_at="+w.clock.Now().Add(-time.Minute).Format(time.RFC3339)), desk.Refused, "opens_at: this consultation is concluded")
	refused(t, correct(c.Record, false, "to="+string(gate)), desk.Refused, "to: this consultation is concluded")
	refused(t, correct(c.Record, true), desk.Refused, "this consultation is concluded")
	ok(t, correct(c.Record, false, "background=Beds were few."))
	ok(t, correct(done.Record, false, "decision=By residents."))
	refused(t, correct(done.Record, true), desk.Refused, "those who answered were told of this outcome, and it stays: put it right instead: what was decided before stays beside it")
	if h := w.hearing(c.Record); h.MayRetract || h.State != board.ConsultationConcluded {
		t.Errorf("%s, and it may be taken back: %t", h.State, h.MayRetract)
	}
}
