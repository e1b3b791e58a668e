package desk_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// TestAnswerNamesTheVersionThatItsAuthorHadRead: the one in force here, unless it names another itself, as a form does that
// showed it; and what it chose is read there, whatever the question says since.
func TestAnswerNamesTheVersionThatItsAuthorHadRead(t *testing.T) {
	w := market(t)
	c := w.consult()
	mended := must(w.desk.Correct(t.Context(), desk.CorrectRequest{As: centre, Record: c.Record.String(), Reason: "a slip", Set: []string{"options=arrivals,residents"}}))(t)
	fresh := must(w.respond(gate, c.Record, "option=1"))(t)
	old := must(w.desk.Publish(t.Context(), desk.Request{As: river, Kind: "response", Set: []string{"thread=" + c.Record.String(), "position=support", "option=1"}, Body: json.RawMessage(
		`{"refs":[{"rel":"answers","record":"` + c.Record.String() + `"},{"rel":"about","record":"` + c.Record.String() + `"}]}`)}))(t)
	v := &body.Consultation{Question: "By what?", Options: []body.Label{"beds", "days"}, OpensAt: body.TimeOf(w.clock.Now()), ClosesAt: body.TimeOf(w.clock.Now().Add(48 * time.Hour))}
	v.To = []body.Addressee{body.Addressee(gate), body.Addressee(river)}
	past := &body.Correction{Topic: protocol.Policy, Action: body.Replace, Reason: "another", Replacement: must(body.ReplacementOf(v))(t)}
	past.Refs = []body.Ref{{Rel: body.RelCorrects, Record: c.Record, Digest: c.Digest}}
	last := w.say(centre, past)

	chosen := func(of protocol.Name, read protocol.Name, want body.Label) {
		t.Helper()
		h := w.hearing(c.Record)
		for _, a := range h.Answers {
			if got := h.ChosenIn(a.Read, a.Option); a.Record == of && (a.Read != read || got != want) {
				t.Errorf("%s chose %q of %s, want %q of %s", of, got, a.Read, want, read)
			}
		}
	}
	chosen(fresh.Record, mended.Record, "arrivals")
	chosen(old.Record, c.Record, "residents")
	correct := func(set ...string) {
		t.Helper()
		must(w.desk.Correct(t.Context(), desk.CorrectRequest{As: gate, Record: fresh.Record.String(), Reason: "a slip", Set: set}))(t)
	}
	correct("text=as we said")
	chosen(fresh.Record, mended.Record, "arrivals")
	correct("option=days")
	chosen(fresh.Record, last, "days")
}

// TestThreadOfACorrectionIsThatOfItsQuestion, for an answer and for the outcome.
func TestThreadOfACorrectionIsThatOfItsQuestion(t *testing.T) {
	w := market(t)
	c := w.consult()
	mended := must(w.desk.Correct(t.Context(), desk.CorrectRequest{As: centre, Record: c.Record.String(), Reason: "said more clearly", Set: []string{"question=By arrivals or by residents?"}}))(t)
	a := must(w.respond(gate, mended.Record))(t)
	w.clock.pass(48 * time.Hour)
	over := must(w.conclude(mended.Record, true, a.Record))(t)
	if h := w.hearing(c.Record); len(h.Answers) != 1 || h.Answers[0].Record != a.Record || h.Outcome == nil || h.Outcome.Record != over.Record {
		t.Errorf("%+v", h.Consultation)
	}
}

// TestAnswerToAQuestionAsItWasAskedNamesNoVersion: there is only one.
func TestAnswerToAQuestionAsItWasAskedNamesNoVersion(t *testing.T) {
	w := market(t)
	c := w.consult()
	a := must(w.respond(gate, c.Record, "option=2"))(t)
	var said body.ConsultationResponse
	ok(t, json.Unmarshal(must(w.desk.Record(t.Context(), a.Record, a.Digest))(t).Body, &said))
	if len(said.Refs) != 1 || said.Refs[0].Rel != body.RelAnswers {
		t.Errorf("it refers to %v", said.Refs)
	}
}
