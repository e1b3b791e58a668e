package desk

import (
	"fmt"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// passing is a step of a flow that passes another one on: how the flow stands before it and after it.
type passing struct {
	step   *body.Flow
	before *FlowRow
	after  *body.FlowBook
}

// check warns of what passes on more than came, and says how to say it knowingly: more is paid than the flow that it came from is known here
// to have brought, or more is promised than that one promises. What is above is the donor's own and counts again, in every
// sum. What came in another currency can't be compared with what is passed on: that too is said knowingly. What the flow passes
// on already is not asked for anew.
func (p passing) check(view *board.View, knowingly string) error {
	from := p.before.ParentFlow
	if p.step.Step.Begins() {
		from = p.step.ParentFlow
	}
	parent, held := flowIn(view, from)
	if !held || parent.Recipient != p.after.Donor {
		return nil
	}
	if parent.Currency != p.after.Currency {
		if p.before.ParentFlow == from && p.before.Currency == p.after.Currency {
			return nil
		}
		return &Problem{
			Kind: Refused, Field: "currency", Detail: fmt.Sprintf("%s came in %s, and is passed on in %s: nobody can tell whether that is more", from, parent.Currency, p.after.Currency),
			Mend: "give it in the currency in which it came, or say that you know of it: it counts where it came, and not again", Next: knowingly,
		}
	}
	counts := promisedBy
	came := promisedBy(&parent.FlowBook)
	if p.step.Step == body.FlowPay {
		counts, came = paidBy, parent.Received
	} else if parent.Received.Compare(came) > 0 {
		came = parent.Received
	}
	now, was := counts(p.after), body.Sum("")
	if p.before.ParentFlow == from {
		was = counts(&p.before.FlowBook)
	}
	all := p.others(view, from, counts).Plus(now)
	if now.Compare(was) <= 0 || all.Compare(came) <= 0 {
		return nil
	}
	return &Problem{
		Kind: Refused, Field: "amount", Detail: fmt.Sprintf("with this %s %s of %s are passed on in all, and %s are known here to have come by it", all, p.after.Currency, from, came),
		Mend: "give what came, or say that you know of it: what is above is counted as your own", Next: knowingly,
	}
}

// others adds up what the same institution passes on of the same flow by other ones.
func (p passing) others(view *board.View, from protocol.Name, counts func(*body.FlowBook) body.Sum) (sum body.Sum) {
	for i := range view.Flows {
		if f := &view.Flows[i]; f.ParentFlow == from && f.Flow != p.before.Flow && f.Donor == p.after.Donor && f.Currency == p.after.Currency {
			sum = sum.Plus(counts(&f.FlowBook))
		}
	}
	return sum
}

func promisedBy(b *body.FlowBook) body.Sum { return b.Committed.Plus(b.OpenPledge()) }

func paidBy(b *body.FlowBook) body.Sum { return b.Paid }
