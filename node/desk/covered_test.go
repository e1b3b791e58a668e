package desk_test

import (
	"testing"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// invited gives the steps that are laid before an institution on a line's page, between it and
// another.
func (w *world) invited(as, with protocol.InstitutionID, exchange protocol.Name) map[body.Step]bool {
	w.t.Helper()
	out := map[body.Step]bool{}
	x := must(w.desk.Exchange(w.t.Context(), as, exchange.String(), 0))(w.t)
	for _, deal := range x.Lines[0].Deals {
		for _, a := range deal.Acts {
			if deal.Institution == with {
				out[a.Step] = true
			}
		}
	}
	return out
}

// TestNobodyIsInvitedToALineThatIsCovered: once as much is ordered, or committed, as was asked
// for, others are neither asked to offer nor to decline; who is in it goes on, and who asked may
// take more all the same, knowingly.
func TestNobodyIsInvitedToALineThatIsCovered(t *testing.T) {
	w := market(t)
	need := w.need(300, 20)
	if got := w.invited(centre, centre, need.Record); !got[body.StepOffer] || !got[body.StepDecline] || !got[body.StepCommit] {
		t.Errorf("of an open line the centre is laid before %v", got)
	}
	offer := w.answer(river, need.Record, "offer", desk.LineQuantity{Line: 1, Quantity: 300})
	if got := w.invited(centre, centre, need.Record); !got[body.StepOffer] {
		t.Errorf("of a line that is only offered the centre is laid before %v", got)
	}
	accept := w.answer(gate, offer.Record, "accept")
	if got := w.invited(centre, centre, need.Record); len(got) != 0 {
		t.Errorf("of a line that is ordered whole the centre is laid before %v", got)
	}
	if got := w.invited(river, river, need.Record); !got[body.StepCommit] || !got[body.StepDecline] {
		t.Errorf("whose it is to bring them is laid before %v", got)
	}
	w.answer(river, accept.Record, "commit")
	if got := w.invited(centre, centre, need.Record); len(got) != 0 {
		t.Errorf("of a line that is committed whole the centre is laid before %v", got)
	}
	// Said all the same it counts, and who asked may take it or leave it.
	more := w.answer(centre, need.Record, "offer", desk.LineQuantity{Line: 1, Quantity: 50})
	if got := w.invited(gate, centre, need.Record); !got[body.StepAccept] || !got[body.StepDecline] {
		t.Errorf("of an offer beyond the line who asked is laid before %v", got)
	}
	if got := w.invited(centre, centre, need.Record); got[body.StepOffer] || !got[body.StepCancel] {
		t.Errorf("who offered beyond the line is laid before %v", got)
	}
	r := desk.AnswerRequest{As: gate, Record: more.Record.String(), Step: "accept"}
	_, err := w.desk.Answer(t.Context(), r)
	refused(t, err, desk.Refused, "lines[0].quantity: with this 50 more are ordered than the 300 that were asked for")
	r.Knowing = true
	must(w.desk.Answer(t.Context(), r))(t)
	if got := w.invited(centre, centre, need.Record); !got[body.StepCommit] {
		t.Errorf("of what is ordered knowingly its provider is laid before %v", got)
	}
}

// TestNobodyIsInvitedToAnOfferThatIsTakenWhole: nobody asked for it, one takes all of it.
func TestNobodyIsInvitedToAnOfferThatIsTakenWhole(t *testing.T) {
	w := market(t)
	offer := w.publish(desk.Request{As: river, Kind: "offer", Set: []string{"lines.0.line=1", "lines.0.type=meal", "lines.0.quantity=500", "lines.0.unit=portion"}})
	if got := w.invited(centre, centre, offer.Record); !got[body.StepAccept] {
		t.Errorf("of a free offer the centre is laid before %v", got)
	}
	w.answer(gate, offer.Record, "accept")
	if got := w.invited(centre, centre, offer.Record); len(got) != 0 {
		t.Errorf("of an offer that is taken whole the centre is laid before %v", got)
	}
}
