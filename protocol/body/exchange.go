package body

import (
	"fmt"
	"slices"
	"strings"
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

// The states of a line. Up to committed a line is in one; what is committed goes on piece by
// piece, so that some of it can be on the way while the rest is still to be sent.
const (
	NotBegun  LineState = iota + 1 // nobody has said anything
	Requested                      // asked for, not answered
	Offered                        // by the provider
	Ordered                        // accepted by the requester
	Committed                      // the provider is bound
	InTransit                      // on the way to the requester
	Deployed                       // there, and in use
	Released                       // its return is agreed
	Returning                      // on the way back
	Returned                       // handed over, by the requester's word
	Closed                         // back, by the provider's word, or used up
	Declined                       // by either side
	Cancelled                      // by the author of request or offer, before it was committed
)

// String gives the state in words.
func (s LineState) String() string {
	if s < NotBegun || s > Cancelled {
		return fmt.Sprintf("state(%d)", uint8(s))
	}
	return [...]string{
		"not begun", "requested", "offered", "ordered", "committed", "in transit", "deployed",
		"released", "returning", "returned", "closed", "declined", "cancelled",
	}[s-NotBegun]
}

// EitherState says states as words: in transit or committed.
func EitherState(of []LineState) string {
	words := make([]string, len(of))
	for i, s := range of {
		words[i] = s.String()
	}
	return strings.Join(words, " or ")
}

// Bound reports whether the provider is or was bound: from committed to closed.
func (s LineState) Bound() bool { return s >= Committed && s <= Closed }

// Open reports whether the line is still being agreed on.
func (s LineState) Open() bool { return s >= NotBegun && s <= Ordered }

// Move is one row of the table of steps: who may take which step from which states, and
// where it leads. A step that leads nowhere (To is 0) changes no state.
type Move struct {
	Step Step
	By   Role
	From []LineState
	To   LineState
}

// Moves gives the table of domain.md §4. Of what is committed a step moves so many as it
// says, and takes them from the first of its From that has some.
func Moves() []Move {
	there := []LineState{Deployed, InTransit, Committed}
	return append(agreeing(),
		Move{StepStatus, Provider, []LineState{Committed}, InTransit},
		Move{StepStatus, Provider, []LineState{InTransit, Committed}, Deployed},
		Move{StepStatus, Requester, []LineState{InTransit, Committed}, Deployed},
		Move{StepStatus, Requester, []LineState{Released, Deployed}, Returning},
		Move{StepStatus, Requester, []LineState{Returning, Released, Deployed}, Returned},
		Move{StepAskStatus, Requester, there, 0},
		Move{StepAskStatus, Provider, append([]LineState{Returned, Returning, Released}, there...), 0},
		Move{StepExtend, Requester, []LineState{Deployed}, 0},
		Move{StepExtendReply, Provider, []LineState{Deployed}, 0},
		Move{StepRecall, Provider, []LineState{Deployed}, 0},
		Move{StepRecallReply, Requester, []LineState{Deployed}, Released},
		Move{StepRelease, Requester, []LineState{Deployed}, Released},
		Move{StepReturned, Provider, []LineState{Returned, Returning, Released}, Closed},
		Move{StepConsumed, Requester, []LineState{Deployed}, Closed},
	)
}

// agreeing are the steps up to the commit: they move a line as a whole.
func agreeing() []Move {
	return []Move{
		{StepRequest, Requester, []LineState{NotBegun}, Requested},
		{StepOffer, Provider, []LineState{NotBegun, Requested}, Offered},
		{StepAccept, Requester, []LineState{Offered}, Ordered},
		{StepDecline, Requester, []LineState{Offered}, Declined},
		{StepDecline, Provider, []LineState{Requested, Ordered}, Declined},
		{StepCommit, Provider, []LineState{Requested, Ordered}, Committed},
		{StepCancel, Requester, []LineState{Requested, Offered, Ordered}, Cancelled},
		{StepCancel, Provider, []LineState{Offered, Ordered}, Cancelled},
	}
}

// Binding reports whether a step is one of those up to the commit, which move a line as a
// whole; the others move what is committed, piece by piece.
func (s Step) Binding() bool { return s >= StepRequest && s <= StepCancel }

// NextState gives the state that a step of a role leads to, of the steps up to the commit.
// It returns [ErrStepRole] if the step is never that role's, and [ErrStepState] if it is not
// allowed from there; the record is then kept and shown as "ignored: reason", the reason
// being the error.
func NextState(from LineState, step Step, by Role) (LineState, error) {
	mine := false
	for _, m := range agreeing() {
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

// Sources gives the states from which a step behind the commit takes so many as it says, the
// first first, to a state; to none (0), those in which it may be said. It returns
// [ErrStepRole] if the step to there is never that role's.
func Sources(step Step, by Role, to LineState) ([]LineState, error) {
	for _, m := range Moves() {
		if m.Step == step && m.By == by && (m.To == to || to == 0) && !step.Binding() {
			return m.From, nil
		}
	}
	if to == 0 {
		return nil, fmt.Errorf("%s by the %s: %w", step, by, ErrStepRole)
	}
	return nil, fmt.Errorf("%s by the %s, that it is %s: %w", step, by, to, ErrStepRole)
}

// Leads gives the state that a line of a step behind the commit leads to; 0 if it changes
// none: a question, a reply that says no.
func (r *ResourceStep) Leads(l *Line) LineState { return r.Step.Leads(l.State, l.Response) }

// Leads gives the state that a step behind the commit leads to with what its line says.
func (s Step) Leads(at Stage, says LineResponse) LineState {
	switch s {
	case StepStatus:
		return at.Line()
	case StepRecallReply:
		if says != ResponseAccept {
			return 0
		}
	default: // the table says it
	}
	for _, m := range Moves() {
		if m.Step == s {
			return m.To
		}
	}
	return 0
}

// RoleIn gives the role that a step's author takes by it; false for one that is either's:
// there the role follows from the record it answers.
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

// Answerable gives the steps that a step of a role answers (domain.md §4). Behind the commit
// any step of the two about the same things will do, but a reply answers its question.
func Answerable(step Step, by Role) []Step {
	switch step {
	case StepRequest:
		return nil
	case StepOffer:
		return []Step{StepRequest}
	case StepAccept:
		return []Step{StepOffer}
	case StepCommit:
		return []Step{StepAccept, StepRequest}
	case StepDecline:
		if by == Requester {
			return []Step{StepOffer}
		}
		return []Step{StepRequest, StepAccept}
	case StepCancel:
		if by == Requester {
			return []Step{StepRequest}
		}
		return []Step{StepOffer}
	case StepExtendReply:
		return []Step{StepExtend}
	case StepRecallReply:
		return []Step{StepRecall}
	case StepStatus, StepAskStatus, StepExtend, StepRecall, StepRelease, StepReturned, StepConsumed:
	}
	return []Step{StepCommit, StepStatus, StepAskStatus, StepExtend, StepExtendReply, StepRecall, StepRecallReply, StepRelease, StepReturned, StepConsumed}
}

// RMMessage is a message of EDXL-RM 1.0: its number and name.
type RMMessage struct {
	Number int    `json:"number"`
	Name   string `json:"name"`
}

// RM gives the message of EDXL-RM 1.0 that a step of a role is, with the step that it answers (0:
// none); false for one that it has none for: a cancellation is told of the message before, and a
// decline by the requester is lost in an export.
func (s Step) RM(by Role, answers Step) (RMMessage, bool) {
	switch s {
	case StepRequest:
		return RMMessage{1, "RequestResource"}, true
	case StepOffer:
		if answers == 0 {
			return RMMessage{7, "OfferUnsolicitedResource"}, true
		}
		return RMMessage{2, "ResponseToRequestResource"}, true
	case StepAccept:
		return RMMessage{3, "RequisitionResource"}, true
	case StepCommit:
		return RMMessage{4, "CommitResource"}, true
	case StepRelease:
		return RMMessage{8, "ReleaseResource"}, true
	case StepRecall:
		return RMMessage{9, "RequestReturn"}, true
	case StepRecallReply:
		return RMMessage{10, "ResponseToRequestReturn"}, true
	case StepAskStatus:
		return RMMessage{13, "RequestResourceDeploymentStatus"}, true
	case StepStatus, StepReturned, StepConsumed:
		return RMMessage{14, "ReportResourceDeploymentStatus"}, true
	case StepExtend:
		return RMMessage{15, "RequestExtendedDeploymentDuration"}, true
	case StepExtendReply:
		return RMMessage{16, "ResponseToRequestExtendedDeploymentDuration"}, true
	case StepDecline:
		if by == Provider && answers == StepAccept {
			return RMMessage{4, "CommitResource"}, true
		}
		if by == Provider {
			return RMMessage{2, "ResponseToRequestResource"}, true
		}
	case StepCancel:
	}
	return RMMessage{}, false
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
