package board

import (
	"fmt"

	"github.com/vardar-network/vardar/protocol/body"
)

// Footing is how a line of an exchange stands between two when one of them is to take a step:
// all that the rules of the steps ask about. Whoever wants to know whether a step will have an
// effect asks [Footing.Allow], as the fold does.
type Footing struct {
	State                       body.LineState               // of the two; of what is committed where it is
	Offered, Ordered, Committed int64                        // between the two
	Wanted, Promised            int64                        // of the whole line, and what all have committed of it
	Gone                        bool                         // who began the exchange has cancelled the line
	Waits                       bool                         // the question that a reply answers is open
	In                          func([]body.LineState) int64 // how much of what is committed is in one of these
}

// Attempt is a step that somebody takes on such a line.
type Attempt struct {
	Step     body.Step
	By       body.Role
	Direct   bool // it answers the request itself
	Stage    body.Stage
	Response body.LineResponse
	Quantity int64
}

// Rule is one that a step can break.
type Rule uint8

// The rules.
const (
	RuleState   Rule = iota + 1 // it is not taken from there
	RuleSide                    // it is never this side's
	RuleOffered                 // more is accepted than was offered
	RuleOrdered                 // more is committed than is left of what was ordered, or asked for
	RuleNothing                 // nothing is where it would be moved from
	RuleFewer                   // less is there than it moves
	RuleReplied                 // the question has its answer
)

// Breach is why a step has no effect on a line.
type Breach struct {
	Rule Rule
	Most int64            // so much would be allowed
	From []body.LineState // where it would have to be
	Err  error            // which says so
}

// Error says why, as it stands beside a step that is ignored.
func (b *Breach) Error() string { return b.Err.Error() }

// Unwrap gives the rule of the body that is broken, if it is one.
func (b *Breach) Unwrap() error { return b.Err }

// Allow gives nil for a step that has an effect on the line; otherwise why it has none.
func (f *Footing) Allow(a *Attempt) *Breach {
	if !a.Step.Binding() {
		return f.moves(a)
	}
	state := f.state()
	// What is left is committed too, once some of it is, and wherever that has come to.
	more := a.Step == body.StepCommit && state.Bound() && !f.Gone
	if _, err := body.NextState(state, a.Step, a.By); err != nil && !more {
		return &Breach{Rule: RuleState, Err: err}
	}
	switch a.Step {
	case body.StepAccept:
		if a.Quantity > f.Offered {
			return &Breach{Rule: RuleOffered, Most: f.Offered, Err: fmt.Errorf("%d are accepted of %d that were offered", a.Quantity, f.Offered)}
		}
	case body.StepCommit:
		ordered, committed := f.bound(a)
		if err := body.CheckCommitted(body.Positive(ordered), body.Positive(committed), body.Positive(a.Quantity)); err != nil {
			return &Breach{Rule: RuleOrdered, Most: max(0, ordered-committed), Err: err}
		}
	default: // they say no number that is held
	}
	return nil
}

// state is that of the two, of a line that may be cancelled for all.
func (f *Footing) state() body.LineState {
	if f.Gone && f.State.Open() {
		return body.Cancelled
	}
	return f.State
}

// bound gives what bounds a commitment: an order between the two, else all that is asked for.
func (f *Footing) bound(a *Attempt) (ordered, committed int64) {
	if a.Direct && f.Ordered == 0 {
		return f.Wanted, f.Promised
	}
	return f.Ordered, f.Committed
}

// moves judges a step behind the commit: it moves so many as it says from where they are, asks
// or replies.
func (f *Footing) moves(a *Attempt) *Breach {
	to := a.Step.Leads(a.Stage, a.Response)
	from, err := body.Sources(a.Step, a.By, to)
	if err != nil {
		return &Breach{Rule: RuleSide, Err: err}
	}
	there := f.In(from)
	switch {
	case replies(a.Step) != 0 && !f.Waits:
		return &Breach{Rule: RuleReplied, Err: fmt.Errorf("the question was answered already: %w", body.ErrStepState)}
	case there == 0:
		return &Breach{Rule: RuleNothing, From: from, Err: fmt.Errorf("%s by the %s of a line that is %s: %w", a.Step, a.By, f.State, body.ErrStepState)}
	case to != 0 && a.Quantity > there:
		return &Breach{
			Rule: RuleFewer, Most: there, From: from,
			Err: fmt.Errorf("%s by the %s of %d, and %d are %s: %w", a.Step, a.By, a.Quantity, there, body.EitherState(from), body.ErrStepState),
		}
	}
	return nil
}

// replies gives the question that a reply is the answer to; 0 for every other step.
func replies(step body.Step) body.Step {
	switch step {
	case body.StepExtendReply:
		return body.StepExtend
	case body.StepRecallReply:
		return body.StepRecall
	default:
		return 0
	}
}
