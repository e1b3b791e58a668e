package desk_test

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// messages gives of each file what sort of message it is, which thread and record it is of, what it
// answers and takes back, and how much of each line.
func messages(t *testing.T, e desk.Exported) []string {
	t.Helper()
	out := []string{}
	for _, f := range e.Files {
		said := []string{}
		for _, m := range regexp.MustCompile(`<(?:rmsg:(MessageContentType|MessageID|OriginatingMessageID|PrecedingMessageID)|rm:(RecallType|ResponseType|Amount)|de:(distributionStatus))>([^<]*)<`).FindAllSubmatch(f.Data, -1) {
			said = append(said, strings.ReplaceAll(string(m[4]), "mk.southeast.demo-", ""))
		}
		out = append(out, strings.Join(said, " "))
	}
	return out
}

func (w *world) message(n protocol.Name, thread bool) desk.Exported {
	w.t.Helper()
	return must(w.desk.Message(w.t.Context(), desk.MessageQuestion{Record: n.String(), Thread: thread}, protocol.Red))(w.t)
}

// TestExchangeIsTakenAwayAsMessagesOfEDXL: each step is the message that the table names, a correction
// and a cancellation take back the one before, and a note that answers a request is an answer.
func TestExchangeIsTakenAwayAsMessagesOfEDXL(t *testing.T) {
	w := market(t)
	w.declare(1000)
	need := w.need(300, 20)
	offer := w.answer(river, need.Record, "offer", desk.LineQuantity{Line: 1, Quantity: 200})
	accept := w.answer(gate, offer.Record, "accept", desk.LineQuantity{Line: 1, Quantity: 150})
	commit := w.answer(river, accept.Record, "commit", desk.LineQuantity{Line: 1, Quantity: 100})
	second := w.answer(river, need.Record, "offer", desk.LineQuantity{Line: 2, Quantity: 20})
	w.answer(gate, second.Record, "decline", desk.LineQuantity{Line: 2, Quantity: 20})
	must(w.desk.Correct(t.Context(), desk.CorrectRequest{As: river, Record: offer.Record.String(), Set: []string{"lines.0.description=wool"}, Reason: "said too little"}))(t)
	w.answer(gate, need.Record, "cancel", desk.LineQuantity{Line: 2, Quantity: 20})
	must(w.desk.Answer(t.Context(), desk.AnswerRequest{As: river, Record: need.Record.String(), Step: "note", Reason: "Which gate?"}))(t)
	e := w.message(commit.Record, true)
	want := []string{
		"Actual south-gate/resource.1.1 RequestResource south-gate/resource.1.1 300 20",
		"Actual river-town/resource.1.2 ResponseToRequestResource south-gate/resource.1.1 south-gate/resource.1.1 Accept 200",
		"Actual river-town/resource.1.5 ResponseToRequestResource south-gate/resource.1.1 south-gate/resource.1.1 Update Accept 200",
		"Actual south-gate/resource.1.2 RequisitionResource south-gate/resource.1.1 river-town/resource.1.2 150",
		"Actual river-town/resource.1.3 CommitResource south-gate/resource.1.1 south-gate/resource.1.2 Accept 100",
		"Actual river-town/resource.1.4 ResponseToRequestResource south-gate/resource.1.1 south-gate/resource.1.1 Accept 20",
		"Actual south-gate/resource.1.3 RequestInformation south-gate/resource.1.1 river-town/resource.1.4 20",
		"Actual south-gate/resource.1.4 RequestResource south-gate/resource.1.1 Update 300",
		"Actual river-town/resource.1.6 ResponseToRequestInformation south-gate/resource.1.1 south-gate/resource.1.1",
	}
	got := messages(t, e)
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("messages (-want +got):\n%s\nlost: %+v", diff, e.Loss)
	}
	if !e.Each || e.What != "exchange" || e.Files[0].Name != strings.ReplaceAll(need.Record.String(), "/", "-")+".edxl.xml" {
		t.Errorf("%s of %+v", e.What, e.Files[0].Name)
	}
	third := w.answer(river, w.need(10, 1).Record, "offer", desk.LineQuantity{Line: 1, Quantity: 10})
	declined := w.answer(river, w.answer(gate, third.Record, "accept").Record, "decline")
	if got := messages(t, w.message(declined.Record, false)); len(got) != 1 || !strings.Contains(got[0], "CommitResource") || !strings.HasSuffix(got[0], "Decline") {
		t.Errorf("an order that is declined: %q", got)
	}
	one := w.message(offer.Record, false)
	if got := messages(t, one); len(got) != 1 || !strings.Contains(got[0], "river-town/resource.1.2") || !slices.ContainsFunc(one.Loss, func(l desk.Loss) bool { return strings.Contains(l.Why, "in a message of its own") }) {
		t.Errorf("one message: %q, lost %+v", got, one.Loss)
	}
	for what, many := range map[string]int{desk.ListRequests: 2, desk.ListOffers: 4, desk.ListReports: 0} {
		if got := messages(t, w.taken(what, desk.AsEDXL)); len(got) != many {
			t.Errorf("%s: %q, want %d", what, got, many)
		}
	}
}

// TestWhatOthersMustNotActOnIsNoMessage: what has no effect here, what is for named recipients alone,
// and what is not for who asks; what is only played says so.
func TestWhatOthersMustNotActOnIsNoMessage(t *testing.T) {
	w := market(t)
	need := w.need(300, 20)
	step := &body.ResourceStep{Step: body.StepCommit, Lines: []body.Line{{Line: 1, Type: "blanket", Quantity: 1, Unit: "piece"}}}
	step.Thread, step.Refs = need.Record, []body.Ref{{Rel: body.RelAnswers, Record: need.Record, Digest: need.Digest}}
	must(w.intake.Publish(t.Context(), intake.Draft{Institution: gate, Type: step.Type(), Time: protocol.InstantOf(w.clock.Now()), Handling: protocol.Green, Body: must(body.Marshal(step, [16]byte{1}))(t)}))(t)
	e := w.message(need.Record, true)
	if len(e.Files) != 1 || !slices.ContainsFunc(e.Loss, func(l desk.Loss) bool {
		return l.Field == "record" && strings.Contains(l.Why, "no effect in its exchange")
	}) {
		t.Errorf("a commit by who asked: %q, lost %+v", messages(t, e), e.Loss)
	}
	few := must(w.desk.Message(t.Context(), desk.MessageQuestion{Record: need.Record.String()}, protocol.Clear))(t)
	if len(few.Files) != 0 || !slices.Contains(few.Loss, desk.Loss{Field: "record", Rows: 1, Why: "it is marked TLP:GREEN: that is not for who asks"}) {
		t.Errorf("for who may read TLP:CLEAR alone: %d files, lost %+v", len(few.Files), few.Loss)
	}
	secret := &body.SituationReport{Summary: "Not for others"}
	secret.To = []body.Addressee{"mk.southeast.demo-river-town"}
	red := must(w.intake.Publish(t.Context(), intake.Draft{Institution: gate, Type: secret.Type(), Time: protocol.InstantOf(w.clock.Now()), Handling: protocol.Red, Body: must(body.Marshal(secret, [16]byte{1}))(t)}))(t)
	if e = w.message(red.Name, false); len(e.Files) != 0 || !slices.Contains(e.Loss, desk.Loss{Field: "record", Rows: 1, Why: "it is marked TLP:RED: it goes into no file that is made for others"}) {
		t.Errorf("of named recipients: %d files, lost %+v", len(e.Files), e.Loss)
	}
	played := w.publish(desk.Request{As: gate, Kind: "report", Set: []string{"summary=Only played"}, Exercise: true})
	if e = w.message(played.Record, false); len(e.Files) != 1 || !bytes.Contains(e.Files[0].Data, []byte(">Exercise<")) || !strings.HasPrefix(e.Files[0].Name, "exercise-") {
		t.Errorf("of an exercise: %q", messages(t, e))
	}
	note := w.publish(desk.Request{Kind: "phase", As: gate, Set: []string{"place=iso3166-2:MK-405", "phase=response", "reason=Arrivals"}})
	_, err := w.desk.Message(t.Context(), desk.MessageQuestion{Record: note.Record.String()}, protocol.Red)
	refused(t, err, desk.Usage, "record: "+note.Record.String()+" is a phase, and EDXL has no message for it")
	_, err = w.desk.Message(t.Context(), desk.MessageQuestion{Record: played.Record.String(), Thread: true}, protocol.Red)
	refused(t, err, desk.NotFound, played.Record.String()+" stands in no exchange that counts here")
}
