package desk_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

// TestOfferIsPutRightInAForm: down to what was accepted of it, and in the same goods; what nobody has answered as its
// author likes.
func TestOfferIsPutRightInAForm(t *testing.T) {
	w := market(t)
	need := w.need(300, 20)
	offer := w.answer(river, need.Record, "offer", desk.LineQuantity{Line: 1, Quantity: 200})
	w.answer(gate, offer.Record, "accept", desk.LineQuantity{Line: 1, Quantity: 150})
	send := func(of protocol.Name, typed map[string]string) error {
		typed["reason"] = "Mistyped."
		_, err := w.desk.SendForm(t.Context(), w.mends(river, of, typed))
		return err
	}
	refused(t, send(offer.Record, map[string]string{"lines.0.quantity": "149"}), desk.Refused, "lines: "+string(gate)+"/resource.1.2 builds on it, and would have no effect any more: 150 are accepted of 149 that were offered")
	refused(t, send(offer.Record, map[string]string{"lines.0.type": "tent"}), desk.Refused, "lines[0].quantity: put so, it would have no effect: line 1 is about blanket in piece, not tent")
	_, err := w.desk.Correct(t.Context(), desk.CorrectRequest{As: river, Record: offer.Record.String(), Reason: "Mistyped.", Set: []string{"lines.0.quantity=149"}})
	refused(t, err, desk.Refused, "lines: "+string(gate)+"/resource.1.2 builds on it")
	ok(t, send(offer.Record, map[string]string{"lines.0.quantity": "160", "lines.0.description": "Wool."}))
	if l := w.line(1).Lines[0]; l.Offered != 160 || l.Ordered != 150 {
		t.Errorf("the line is %+v", l)
	}
	alone := w.publish(desk.Request{As: river, Kind: "offer", Set: []string{"lines.0.type=tent", "lines.0.quantity=5"}})
	ok(t, send(alone.Record, map[string]string{"lines.0.type": "blanket", "lines.0.unit": "piece", "lines.0.quantity": "9"}))
	x := must(w.desk.Exchange(t.Context(), river, alone.Record.String(), 0))(t)
	if !x.MayMend() || x.Lines[0].Quantity != 9 || x.Lines[0].Type != "blanket" {
		t.Errorf("the offer nobody asked for: %t, %+v", x.MayMend(), x.Lines)
	}
}

// TestCancellationsArePutRightInAForm: that of an exchange says how much and why, that of a flow why, beside the reason
// of the correction.
func TestCancellationsArePutRightInAForm(t *testing.T) {
	w := market(t)
	need := w.need(300, 20)
	offer := w.answer(river, need.Record, "offer", desk.LineQuantity{Line: 1, Quantity: 200})
	cancel := w.answer(river, offer.Record, "cancel", desk.LineQuantity{Line: 1, Quantity: 50})
	_, err := w.desk.Correct(t.Context(), desk.CorrectRequest{As: river, Record: cancel.Record.String(), Reason: "Mistyped.", Set: []string{"lines.0.type=tent"}})
	refused(t, err, desk.Refused, "lines[0].quantity: put so, it would have no effect: line 1 is about blanket")
	f := w.mends(river, cancel.Record, map[string]string{"lines.0.quantity": "60", "lines.0.reason": "Ten got wet.", "reason": "Mistyped."})
	p := must(w.desk.SendForm(t.Context(), f))(t)
	if !strings.Contains(string(p.Body), `"reason":"Ten got wet."`) || !strings.Contains(string(p.Body), `"quantity":60`) {
		t.Errorf("the cancellation says %s", p.Body)
	}
	if l := w.line(1).Lines[0]; len(l.With) != 1 || l.With[0].State != "cancelled" {
		t.Errorf("the line is %+v", l)
	}
	x := must(w.desk.Exchange(t.Context(), river, need.Record.String(), 0))(t)
	for _, s := range x.Steps {
		if mends := s.Record == offer.Record || s.Record == cancel.Record; x.Mends(s) != mends {
			t.Errorf("its page leads from %s to a form: %t", s.Record, x.Mends(s))
		}
	}
	commit := must(w.flow(centre, "commit-flow", "recipient="+string(river), "amount=80", "currency=EUR"))(t)
	taken := must(w.flow(centre, "cancel-flow", "thread="+commit.Record.String(), "reason=The budget is cut"))(t)
	f = w.mends(centre, taken.Record, map[string]string{"because": "The budget is cut by half", "reason": "Half a sentence."})
	p = must(w.desk.SendForm(t.Context(), f))(t)
	if !strings.Contains(string(p.Body), `"reason":"The budget is cut by half"`) || !strings.Contains(string(p.Body), `"reason":"Half a sentence."`) {
		t.Errorf("the cancellation of the flow says %s", p.Body)
	}
	if v := must(w.desk.Flow(t.Context(), centre, commit.Record.String(), 0))(t); !v.MayMend(v.Steps[1]) {
		t.Errorf("the flow leads to no form: %+v", v.Steps)
	}
}

// TestSecondOfferIsToldOfTheFirst: of one provider one stands for a line; which, and how it is put right.
func TestSecondOfferIsToldOfTheFirst(t *testing.T) {
	w := market(t)
	need := w.need(300, 20)
	gone := w.answer(river, need.Record, "offer", desk.LineQuantity{Line: 2, Quantity: 5})
	must(w.desk.Correct(t.Context(), desk.CorrectRequest{As: river, Record: gone.Record.String(), Retract: true, Reason: "mistyped"}))(t)
	w.answer(centre, need.Record, "offer", desk.LineQuantity{Line: 2, Quantity: 1})
	stands := w.answer(river, need.Record, "offer", desk.LineQuantity{Line: 2, Quantity: 7}).Record
	w.answer(river, need.Record, "offer", desk.LineQuantity{Line: 1, Quantity: 9})
	_, err := w.desk.Answer(t.Context(), desk.AnswerRequest{As: river, Record: need.Record.String(), Step: "offer", Lines: []desk.LineQuantity{{Line: 2, Quantity: 8}}})
	refused(t, err, desk.Refused, "lines[0]: of line 2 an offer of yours stands already: "+stands.String()+": put that right, or cancel it and offer anew")
	var p *desk.Problem
	if errors.As(err, &p); p.Next != "vardar correct "+stands.String()+" --set lines.0.quantity=QUANTITY --reason TEXT" {
		t.Errorf("next is %s", p.Next)
	}
	must(w.desk.Correct(t.Context(), desk.CorrectRequest{As: river, Record: stands.String(), Set: []string{"lines.0.quantity=8"}, Reason: "one more"}))(t)
}
