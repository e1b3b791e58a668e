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
	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// mend puts an answer right past the desk, signed at another hour than it comes here.
func (w *world) mend(as protocol.InstitutionID, question, answer desk.Published, signed time.Time) protocol.Name {
	w.t.Helper()
	r := &body.ConsultationResponse{Position: body.PositionOppose}
	r.Thread, r.Refs = question.Record, []body.Ref{{Rel: body.RelAnswers, Record: question.Record, Digest: question.Digest}}
	c := &body.Correction{Topic: protocol.Policy, Action: body.Replace, Reason: "the council met", Replacement: must(body.ReplacementOf(r))(w.t)}
	c.Thread, c.Refs = question.Record, []body.Ref{{Rel: body.RelCorrects, Record: answer.Record, Digest: answer.Digest}}
	raw := must(body.Marshal(c, [16]byte{2}))(w.t)
	return must(w.intake.Publish(w.t.Context(), intake.Draft{Institution: as, Type: c.Type(), Time: protocol.InstantOf(signed), Handling: protocol.Green, Body: raw}))(w.t).Name
}

// TestOutcomeNamesTheVersionOfAnAnswerThatItHasConsidered: the one that counts, or that a form showed. What was put right in
// time and came behind the outcome is owed a word on what it says, and an outcome that is put right elsewhere gives none.
func TestOutcomeNamesTheVersionOfAnAnswerThatItHasConsidered(t *testing.T) {
	w := market(t)
	c := w.consult()
	a, b := must(w.respond(gate, c.Record))(t), must(w.respond(river, c.Record))(t)
	signed := w.clock.Now().Add(47 * time.Hour)
	early := must(w.desk.Correct(t.Context(), desk.CorrectRequest{As: river, Record: b.Record.String(), Reason: "the council met", Set: []string{"position=neutral"}}))(t)
	w.clock.pass(49 * time.Hour)
	done := must(w.conclude(c.Record, false, a.Record, b.Record))(t)
	if h := w.hearing(c.Record); !slices.Equal(h.Outcome.Read, []protocol.Name{early.Record}) || len(h.Waiting) != 0 {
		t.Fatalf("it has read %v, waiting %v; want that it has read %s", h.Outcome.Read, h.Waiting, early.Record)
	}

	came := w.mend(gate, c, a, signed)
	h := w.hearing(c.Record)
	i := slices.IndexFunc(h.Answers, func(x board.ConsultationAnswer) bool { return x.Record == a.Record })
	if got := h.Answers[i]; !got.Outdated || got.Consideration != body.ConsideredPartly || got.Version != came || !slices.Equal(h.Waiting, []protocol.Name{a.Record}) || h.Owed != desk.OwedOutcome {
		t.Errorf("owed %q, waiting %v; the answer is %+v", h.Owed, h.Waiting, got)
	}
	correct := func(body string, set ...string) error {
		_, err := w.desk.Correct(t.Context(), desk.CorrectRequest{Record: done.Record.String(), Reason: "an answer was put right", Body: json.RawMessage(body), Set: set})
		return err
	}
	said := string(gate) + " put its answer " + a.Record.String() + " right, by " + came.String()
	refused(t, correct("", "decision=By residents."), desk.Refused, "considered.0.response: "+said)
	form := func(version protocol.Name) string {
		return fmt.Sprintf(`{"considered":[{"response":%q,"digest":%q,"consideration":"partly","reason":"from December on","version":%q},{"response":%q,"digest":%q,"consideration":"partly","reason":"from December on"}]}`, a.Record, a.Digest, version, b.Record, b.Digest)
	}
	refused(t, correct(form(a.Record)), desk.Refused, "considered.0.response: "+said)
	refused(t, correct(form(early.Record)), desk.Refused, "considered.0.response: "+said)
	refused(t, correct(strings.Replace(form(came), a.Digest.String(), b.Digest.String(), 1)), desk.Refused, "considered.0.response: "+b.Digest.String()+" is not the digest of "+a.Record.String())
	ok(t, correct(strings.Replace(form(came), fmt.Sprintf(`"digest":%q,`, a.Digest), "", 1)))
	ok(t, correct("", "decision=By residents."))
	ok(t, correct("", "considered.1.reason=from January on"))
	refused(t, correct("", "considered.0.version="+a.Record.String()), desk.Refused, "considered.0.response: "+said)
	ok(t, correct("", "considered.0.version="+came.String(), "considered.0.reason=from February on"))
	must(w.desk.Erase(t.Context(), desk.EraseRequest{As: gate, Record: came.String(), Reason: "it named a person"}))(t)
	refused(t, correct(form(came)), desk.Refused, "considered.0.response: the answer "+a.Record.String()+" was erased, by ")
	if h = w.hearing(c.Record); len(h.Waiting) != 0 || len(h.Outcome.Read) != 2 || !slices.Contains(h.Outcome.Read, came) || !slices.Contains(h.Outcome.Read, early.Record) {
		t.Errorf("it has read %v, waiting %v; want %s and %s", h.Outcome.Read, h.Waiting, came, early.Record)
	}
}

// TestAnswerTakenBackInTimeIsCountedNowhere, though the outcome has considered it.
func TestAnswerTakenBackInTimeIsCountedNowhere(t *testing.T) {
	w := market(t)
	c := w.consult()
	a := must(w.respond(gate, c.Record))(t)
	signed := w.clock.Now().Add(47 * time.Hour)
	w.clock.pass(49 * time.Hour)
	must(w.conclude(c.Record, true, a.Record))(t)
	back := &body.Correction{Topic: protocol.Policy, Action: body.Retract, Reason: "the council met"}
	back.Thread, back.Refs = c.Record, []body.Ref{{Rel: body.RelCorrects, Record: a.Record, Digest: a.Digest}}
	raw := must(body.Marshal(back, [16]byte{2}))(t)
	must(w.intake.Publish(t.Context(), intake.Draft{Institution: gate, Type: back.Type(), Time: protocol.InstantOf(signed), Handling: protocol.Green, Body: raw}))(t)
	h := w.hearing(c.Record)
	if got := h.Answers[0]; got.State != board.AnswerWithdrawn || got.Consideration != body.ConsideredPartly || !got.Outdated || h.Answered != 0 || h.AnsweredBefore != 0 || h.Owed != "" {
		t.Errorf("%d answered, %d before, owed %q: %+v", h.Answered, h.AnsweredBefore, h.Owed, got)
	}
}
