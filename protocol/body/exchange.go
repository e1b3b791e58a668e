package body

import (
	"fmt"
	"slices"
)

// Role is the side that a party of a resource exchange is on.
type Role uint8

// The two roles.
const (
	Requester Role = iota + 1 // who needs
	Provider                  // who has
)

// String gives the role in a word.
func (r Role) String() string {
	switch r {
	case Requester:
		return "requester"
	case Provider:
		return "provider"
	}
	return fmt.Sprintf("role(%d)", uint8(r))
}

// LineState is how far one line has come between a requester and one provider: a line
// asked of many has a state with each of them.
type LineState uint8

// The states that the five steps lead through.
const (
	NotBegun  LineState = iota + 1 // nobody has said anything
	Requested                      // asked for, not answered
	Offered                        // by the provider
	Ordered                        // accepted by the requester
	Committed                      // the provider is bound
	Declined                       // by either side
	Cancelled                      // by the author of request or offer, before it was committed
)

// String gives the state in a word.
func (s LineState) String() string {
	if s < NotBegun || s > Cancelled {
		return fmt.Sprintf("state(%d)", uint8(s))
	}
	return [...]string{"not begun", "requested", "offered", "ordered", "committed", "declined", "cancelled"}[s-NotBegun]
}

// Open reports whether the line can still move.
func (s LineState) Open() bool { return s >= NotBegun && s <= Ordered }

// Move is one row of the table of steps: who may take which step from which states, and
// where it leads.
type Move struct {
	Step Step
	By   Role
	From []LineState
	To   LineState
}

// Moves gives the table of domain.md §4, for the steps there are.
func Moves() []Move {
	return []Move{
		{StepRequest, Requester, []LineState{NotBegun}, Requested},
		{StepOffer, Provider, []LineState{NotBegun, Requested}, Offered},
		{StepAccept, Requester, []LineState{Offered}, Ordered},
		{StepDecline, Requester, []LineState{Offered}, Declined},
		{StepDecline, Provider, []LineState{Requested, Ordered}, Declined},
		{StepCommit, Provider, []LineState{Requested, Ordered}, Committed},
	}
}

// NextState gives the state that a step of a role leads to. It returns [ErrStepRole] if
// the step is never that role's, and [ErrStepState] if it is not allowed from there; the
// record is then kept and shown as "ignored: reason", the reason being the error.
func NextState(from LineState, step Step, by Role) (LineState, error) {
	mine := false
	for _, m := range Moves() {
		if m.Step != step || m.By != by {
			continue
		}
		mine = true
		if slices.Contains(m.From, from) {
			return m.To, nil
		}
	}
	if !mine {
		return from, fmt.Errorf("%s by the %s: %w", step, by, ErrStepRole)
	}
	return from, fmt.Errorf("%s by the %s of a line that is %s: %w", step, by, from, ErrStepState)
}

// Allowed reports with nil that a role may take a step on a line in a state; otherwise
// what [NextState] says.
func Allowed(step Step, from LineState, by Role) error {
	_, err := NextState(from, step, by)
	return err
}

// RoleIn gives the role that a step's author takes by it; false for a decline, which is
// either's: there the role follows from the record it answers.
func RoleIn(step Step) (Role, bool) {
	var role Role
	for _, m := range Moves() {
		if m.Step == step && role != 0 && role != m.By {
			return 0, false
		}
		if m.Step == step {
			role = m.By
		}
	}
	return role, role != 0
}

// CheckCommitted wants Σ committed ≤ Σ ordered of a line, in the line's unit; a line
// committed directly counts what was requested as ordered. It returns [ErrOverCommitted]
// with how much is left.
func CheckCommitted(ordered, committed, more Positive) error {
	if committed+more > ordered {
		return fmt.Errorf("%d on top of %d of %d, %d are left: %w", more, committed, ordered, max(0, ordered-committed), ErrOverCommitted)
	}
	return nil
}
