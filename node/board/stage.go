package board

import (
	"fmt"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// dealing is how one line stands with one other institution.
type dealing struct {
	state                       body.LineState // committed, once anything is: where it is say the stages
	offered, ordered, committed int64
	direct                      bool                     // committed without an order
	stages                      map[body.LineState]int64 // of what is committed
	consumed                    int64                    // of what is closed
	until                       protocol.Instant         // as agreed; 0: nobody has asked for longer
	asked                       body.Step                // a question that is not answered; 0: none
}

// stage gives where it is as a whole: where that is which has come the least far.
func (d *dealing) stage() body.LineState {
	for s := body.Committed; s <= body.Closed; s++ {
		if d.stages[s] > 0 {
			return s
		}
	}
	return d.state
}

// shift takes a step behind the commit: it moves so many as it says from where they are, asks
// or replies.
func (x *exchange) shift(m move, d *dealing, l *stepLine) error {
	to := m.step.Leads(l.stage, l.response)
	from, err := body.Sources(m.step, m.role, to)
	if err != nil {
		return err
	}
	var there int64
	for _, s := range from {
		there += d.stages[s]
	}
	switch {
	case there == 0:
		return fmt.Errorf("%s by the %s of a line that is %s: %w", m.step, m.role, d.stage(), body.ErrStepState)
	case to != 0 && l.quantity > there:
		return fmt.Errorf("%s by the %s of %d, and %d are %s: %w", m.step, m.role, l.quantity, there, body.EitherState(from), body.ErrStepState)
	case to != 0:
		d.moved(from, to, l.quantity)
	}
	x.ask(m, d, l)
	return nil
}

// moved takes so many from the first of the states that have some.
func (d *dealing) moved(from []body.LineState, to body.LineState, n int64) {
	d.stages[to] += n
	for _, s := range from {
		some := min(n, d.stages[s])
		d.stages[s] -= some
		n -= some
	}
}

// ask keeps what a step asks or agrees on.
func (x *exchange) ask(m move, d *dealing, l *stepLine) {
	switch m.step {
	case body.StepAskStatus, body.StepExtend, body.StepRecall:
		d.asked = m.step
		return
	case body.StepConsumed:
		d.consumed += l.quantity
	case body.StepExtendReply:
		if asked := stepOf(m.answered).line(l.answers); l.response == body.ResponseAccept && asked != nil {
			d.until = asked.until
		}
	default: // the others ask nothing
	}
	if answers(m.step, d.asked) {
		d.asked = 0
	}
}

// answers reports whether a step answers a question.
func answers(step, asked body.Step) bool {
	switch asked {
	case body.StepAskStatus:
		return step == body.StepStatus || step == body.StepReturned || step == body.StepConsumed
	case body.StepExtend:
		return step == body.StepExtendReply
	case body.StepRecall:
		return step == body.StepRecallReply || step == body.StepRelease
	default:
		return false
	}
}

// staged gives the states in which anything is, in their order; nothing while all of it is as
// it was committed.
func staged(of map[body.LineState]int64) []Staged {
	var out []Staged
	for s := body.Committed; s <= body.Closed; s++ {
		if of[s] > 0 {
			out = append(out, Staged{s.String(), of[s]})
		}
	}
	if len(out) == 1 && out[0].State == body.Committed.String() {
		return nil
	}
	return out
}

// In gives how much of what is committed is in one of these states.
func (d *Dealing) In(states []body.LineState) int64 {
	var n int64
	for _, s := range states {
		for _, at := range d.stages() {
			if at.State == s.String() {
				n += at.Quantity
			}
		}
	}
	return n
}

// stages gives where all of it is.
func (d *Dealing) stages() []Staged {
	if d.Stages == nil && d.Committed > 0 {
		return []Staged{{body.Committed.String(), d.Committed}}
	}
	return d.Stages
}
