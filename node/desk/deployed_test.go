package desk_test

import (
	"testing"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// TestWhatCameBackIsFreeAgain: a provider promises what it has had back as it promised it first,
// and what was used up never again.
func TestWhatCameBackIsFreeAgain(t *testing.T) {
	w := market(t)
	w.declare(100)
	need := w.need(300, 20)
	w.answer(river, need.Record, "commit", desk.LineQuantity{Line: 1, Quantity: 100})
	commit := func(n int64) error {
		_, err := w.desk.Answer(t.Context(), desk.AnswerRequest{As: river, Record: need.Record.String(), Step: "commit", Lines: []desk.LineQuantity{{Line: 1, Quantity: n}}})
		return err
	}
	refused(t, commit(1), desk.Refused, "lines[0].quantity: 1 blanket are promised, and "+string(river)+" has declared 0 that are free")
	there := desk.AnswerRequest{As: gate, Record: need.Record.String(), Step: "status", State: body.StageDeployed, Lines: []desk.LineQuantity{{Line: 1, Quantity: 90}}}
	must(w.desk.Answer(t.Context(), there))(t)
	w.answer(gate, need.Record, "consumed", desk.LineQuantity{Line: 1, Quantity: 30})
	w.answer(gate, need.Record, "release", desk.LineQuantity{Line: 1, Quantity: 60})
	w.answer(river, need.Record, "returned", desk.LineQuantity{Line: 1, Quantity: 40})
	refused(t, commit(41), desk.Refused, "lines[0].quantity: 41 blanket are promised, and "+string(river)+" has declared 40 that are free")
	if err := commit(40); err != nil {
		t.Errorf("what came back is not free: %v", err)
	}
}

// TestStepBehindTheCommitIsRefusedWhereItMovesNothing: with who may, how many there are, and what
// to do about it.
func TestStepBehindTheCommitIsRefusedWhereItMovesNothing(t *testing.T) {
	w := market(t)
	need := w.need(300, 20)
	w.answer(river, need.Record, "commit", desk.LineQuantity{Line: 1, Quantity: 200})
	w.answer(centre, need.Record, "commit", desk.LineQuantity{Line: 1, Quantity: 50})
	for _, tt := range []struct {
		name string
		r    desk.AnswerRequest
		kind desk.Kind
		want string
	}{
		{"where it is stays unsaid", desk.AnswerRequest{As: river, Step: "status"}, desk.Refused, "lines[0].state: a member is needed here: say where it is: in_transit"},
		{"the provider says that it goes back", desk.AnswerRequest{As: river, Step: "status", State: body.StageReturning}, desk.Refused, "lines[0].state: status by the provider, that it is returning"},
		{"more than was promised", desk.AnswerRequest{As: river, Step: "status", State: body.StageInTransit, Lines: []desk.LineQuantity{{Line: 1, Quantity: 201}}}, desk.Refused, "lines[0].quantity: 200 of line 1 are committed, and not 201: want at most 200"},
		{"it is not there yet", desk.AnswerRequest{As: river, Step: "recall", Lines: []desk.LineQuantity{{Line: 1, Quantity: 5}}}, desk.Refused, "lines[0]: nothing of line 1 is deployed: with " + string(river) + " it is committed"},
		{"whose of two is not said", desk.AnswerRequest{As: gate, Step: "ask_status"}, desk.Usage, "record: 2 records could be meant"},
		{"until when is not said", desk.AnswerRequest{As: gate, Step: "extend", Record: string(river) + "/resource.1.1"}, desk.Refused, "lines[0].schedule: a member is needed here: say until when"},
		{"a provider cancels what it has promised", desk.AnswerRequest{As: river, Step: "cancel"}, desk.Refused, "nobody has answered"},
		{"a line that is not there", desk.AnswerRequest{As: river, Step: "status", State: body.StageInTransit, Lines: []desk.LineQuantity{{Line: 7}}}, desk.Refused, "line: " + string(river) + "/resource.1.1 has no line 7"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.r.Record == "" {
				tt.r.Record = need.Record.String()
			}
			_, err := w.desk.Answer(t.Context(), tt.r)
			refused(t, err, tt.kind, tt.want)
		})
	}
	w.answer(gate, need.Record, "cancel", desk.LineQuantity{Line: 1})
	_, err := w.desk.Answer(t.Context(), desk.AnswerRequest{As: gate, Record: need.Record.String(), Step: "cancel", Lines: []desk.LineQuantity{{Line: 1}}})
	refused(t, err, desk.Refused, "lines[0]: line 1 is cancelled already")
}

// TestQuestionIsAnsweredOnce: the first yes or no counts, of several questions each its own, and
// what was cancelled is offered no more.
func TestQuestionIsAnsweredOnce(t *testing.T) {
	w := market(t)
	need := w.need(300, 20)
	commit := w.answer(river, need.Record, "commit", desk.LineQuantity{Line: 1, Quantity: 200})
	must(w.desk.Answer(t.Context(), desk.AnswerRequest{As: gate, Record: commit.Record.String(), Step: "status", State: body.StageDeployed}))(t)
	extend := func(day string) protocol.Name {
		return must(w.desk.Answer(t.Context(), desk.AnswerRequest{As: gate, Record: commit.Record.String(), Step: "extend", Until: "2015-12-" + day + "T00:00:00Z"}))(t).Record
	}
	first, second := extend("01"), extend("02")
	reply := func(to protocol.Name, says body.LineResponse) error {
		_, err := w.desk.Answer(t.Context(), desk.AnswerRequest{As: river, Record: to.String(), Step: "extend_reply", Says: says, Reason: "the road"})
		return err
	}
	ok(t, reply(second, body.ResponseProvisional))
	ok(t, reply(second, body.ResponseAccept))
	refused(t, reply(second, body.ResponseDecline), desk.Refused, "lines[0]: "+second.String()+" was answered already")
	if asked := w.line(1).Lines[0].With[0].Asked; len(asked) != 1 || asked[0].Record != first {
		t.Errorf("open is %v, want %s", asked, first)
	}
	ok(t, reply(need.Record, body.ResponseDecline)) // the one that is open can be meant alone
	refused(t, reply(first, body.ResponseAccept), desk.Refused, "lines[0]: "+first.String()+" was answered already")
	w.answer(gate, need.Record, "cancel", desk.LineQuantity{Line: 2})
	_, err := w.desk.Answer(t.Context(), desk.AnswerRequest{As: river, Record: need.Record.String(), Step: "offer", Lines: []desk.LineQuantity{{Line: 2}}})
	refused(t, err, desk.Refused, "lines[0]: offer by the provider of a line that is cancelled")
}
