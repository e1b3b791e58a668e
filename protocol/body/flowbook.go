package body

import (
	"fmt"

	"github.com/vardar-network/vardar/protocol"
)

// FlowBook is how a flow stands after the steps that it has taken in. The empty one is that
// of a flow that has not begun.
type FlowBook struct {
	Donor     protocol.InstitutionID `json:"donor"`
	Recipient protocol.InstitutionID `json:"recipient"`
	Currency  Currency               `json:"currency"`
	Pledged   Sum                    `json:"pledged"`   // announced, and no funding
	Committed Sum                    `json:"committed"` // in all
	Paid      Sum                    `json:"paid"`      // of it
	Received  Sum                    `json:"received"`
	Spent     Sum                    `json:"spent"` // as last reported of what is received
	Unspent   Sum                    `json:"unspent"`
	TakenBack Sum                    `json:"taken_back"` // by a cancellation
	Reported  bool                   `json:"reported"`
	Cancelled bool                   `json:"cancelled"`
}

// stepRefused is why a step of a flow has no effect.
type stepRefused struct {
	said string
	rule error
}

func (r *stepRefused) Error() string { return r.said }
func (r *stepRefused) Unwrap() error { return r.rule }

func notThere(format string, args ...any) error {
	return &stepRefused{fmt.Sprintf(format, args...), ErrStepState}
}

// Take takes in a step of its author, or nothing of it: the error says why, and wraps
// [ErrStepRole] for what is the other side's to say, [ErrStepState] for what is out of order.
// The steps of the two sides don't wait for each other: what they say is compared, not
// bound.
func (b *FlowBook) Take(author protocol.InstitutionID, f *Flow) error {
	switch {
	case f.Step.By() == DonorSide && author != f.Donor:
		return &stepRefused{"this is for the donor to say", ErrStepRole}
	case f.Step.By() == RecipientSide && author != f.Recipient:
		return &stepRefused{"this is for the recipient to say", ErrStepRole}
	case b.Donor != "" && (b.Donor != f.Donor || b.Recipient != f.Recipient || b.Currency != f.Currency):
		return notThere("it names another donor, recipient or currency than the flow")
	}
	if err := b.take(f); err != nil {
		return err
	}
	b.Donor, b.Recipient, b.Currency = f.Donor, f.Recipient, f.Currency
	return nil
}

func (b *FlowBook) take(f *Flow) error {
	amount := SumOf(f.Amount)
	switch f.Step {
	case FlowPledge:
		b.Pledged = b.Pledged.Plus(amount)
	case FlowCommit:
		if b.Cancelled {
			return notThere("the flow is cancelled: begin another")
		}
		b.Committed = b.Committed.Plus(amount)
	case FlowPay:
		if open := b.Committed.Minus(b.Paid); amount.Compare(open) > 0 {
			return notThere("%s %s are committed and not yet paid, and this would pay %s", open, f.Currency, amount)
		}
		b.Paid = b.Paid.Plus(amount)
	case FlowReceive:
		b.Received = b.Received.Plus(amount)
	case FlowReport:
		if told := SumOf(f.Spent, f.Unspent); b.Received.Sign() == 0 || told.Compare(b.Received) > 0 {
			return notThere("%s %s are received, and this would tell of %s", b.Received, f.Currency, told)
		}
		b.Spent, b.Unspent, b.Reported = SumOf(f.Spent), SumOf(f.Unspent), true
	case FlowCancel:
		open := b.OpenPledge().Plus(b.Committed.Minus(b.Paid))
		if open.Sign() == 0 {
			return notThere("nothing is left to take back: all that was promised is paid, or taken back")
		}
		b.TakenBack, b.Pledged, b.Committed, b.Cancelled = open, "0", b.Paid, true
	}
	return nil
}

// OpenPledge gives what is pledged, and not committed.
func (b *FlowBook) OpenPledge() Sum { return b.Pledged.Over(b.Committed) }

// Reconciliation says how the words of the two sides of a flow stand to each other.
type Reconciliation string

// The four.
const (
	Reconciled    Reconciliation = "reconciled"     // what was paid was received
	DonorAlone    Reconciliation = "donor_only"     // the recipient has said nothing
	RecipientOnly Reconciliation = "recipient_only" // the donor has said nothing
	SidesDiffer   Reconciliation = "differs"        // what was received is not what was paid
)

// Reconciliation compares what the two sides say.
func (b *FlowBook) Reconciliation() Reconciliation {
	donor := b.Pledged.Sign() > 0 || b.Committed.Sign() > 0 || b.Cancelled
	switch recipient := b.Received.Sign() > 0; {
	case donor && !recipient:
		return DonorAlone
	case !donor:
		return RecipientOnly
	case b.Paid.Compare(b.Received) != 0:
		return SidesDiffer
	}
	return Reconciled
}

// FlowState says how far a flow has come.
type FlowState string

// The states, as far as the flow has come by the donor's word, or by the recipient's where
// it says more.
const (
	FlowPledged    FlowState = "pledged"
	FlowCommitted  FlowState = "committed"
	FlowPartlyPaid FlowState = "partly_paid"
	FlowPaid       FlowState = "paid"
	FlowReceived   FlowState = "received"
	FlowReported   FlowState = "reported"
	FlowCancelled  FlowState = "cancelled" // and nothing of it was paid
)

// State gives how far it has come.
func (b *FlowBook) State() FlowState {
	switch {
	case b.Reported:
		return FlowReported
	case b.Received.Sign() > 0:
		return FlowReceived
	case b.Paid.Sign() > 0 && b.Paid.Compare(b.Committed) < 0:
		return FlowPartlyPaid
	case b.Paid.Sign() > 0:
		return FlowPaid
	case b.Cancelled:
		return FlowCancelled
	case b.Committed.Sign() > 0:
		return FlowCommitted
	}
	return FlowPledged
}

// Open reports whether a step of a side can be taken now, and of how much it
// usually is: all that is left of it.
func (b *FlowBook) Open(step FlowStep) (most Sum, may bool) {
	switch step {
	case FlowPledge:
		return "", b.Donor == ""
	case FlowCommit:
		return b.OpenPledge(), !b.Cancelled
	case FlowPay:
		open := b.Committed.Minus(b.Paid)
		return open, open.Sign() > 0
	case FlowReceive:
		return b.Paid.Over(b.Received), true
	case FlowReport:
		return b.Received, b.Received.Sign() > 0
	case FlowCancel:
		open := b.OpenPledge().Plus(b.Committed.Minus(b.Paid))
		return open, open.Sign() > 0
	}
	return "", false
}
