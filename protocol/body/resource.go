package body

import (
	"fmt"
	"slices"

	"github.com/vardar-network/vardar/protocol"
)

// Step is one step of a resource exchange. Part 1 has five of the table in domain.md §4.
type Step uint8

// The steps, in the order in which an exchange usually takes them.
const (
	StepRequest Step = iota + 1 // the requester says what it needs; begins a thread
	StepOffer                   // a provider answers a request, or offers unasked
	StepAccept                  // the requester orders what was offered
	StepDecline                 // either says no
	StepCommit                  // the provider binds itself
)

// Steps gives all steps.
func Steps() []Step { return []Step{StepRequest, StepOffer, StepAccept, StepDecline, StepCommit} }

// String gives the word that stands in the type.
func (s Step) String() string {
	if s < StepRequest || s > StepCommit {
		return fmt.Sprintf("step(%d)", uint8(s))
	}
	return [...]string{"request", "offer", "accept", "decline", "commit"}[s-StepRequest]
}

// Type gives vardar.resource.STEP.v1.
func (s Step) Type() string { return typeOf(protocol.Resource, s.String()) }

// ResourceStep is one step of a resource exchange. The thread, named by its first
// record, is the negotiation; state and quantities are per line. A request or an
// unsolicited offer begins a thread and names none; every other step names the thread
// and has one reference "answers" to the record it answers.
type ResourceStep struct {
	Step Step `json:"-"`
	Common
	AnswerBy  Time      `json:"answer_by,omitzero"`   // request
	DeliverTo *Delivery `json:"deliver_to,omitempty"` // request
	Lines     []Line    `json:"lines" fit:"least=1 most=999"`
	Funding   *Funding  `json:"funding,omitempty"`
}

// Delivery is where it is to be brought, and the office that takes it.
type Delivery struct {
	Place   Place    `json:"place"`
	Contact *Contact `json:"contact,omitempty"`
}

// Line is one kind of thing in a step. Type, unit and number stay the same through the
// thread.
type Line struct {
	Line         Positive     `json:"line" fit:"max=999"`
	Type         ResourceType `json:"type"`
	Quantity     Positive     `json:"quantity"`
	Unit         Label        `json:"unit"`
	Description  Text         `json:"description,omitempty"`
	Restrictions Text         `json:"restrictions,omitempty"`
	Schedule     []Schedule   `json:"schedule,omitempty" fit:"least=1"`
	Answers      Positive     `json:"answers,omitempty" fit:"max=999"` // line of the record answered; default: the same number
	Response     LineResponse `json:"response,omitempty"`              // default: what the step says
	Reason       Text         `json:"reason,omitempty"`
	Price        *Money       `json:"price,omitempty"` // of the whole line
}

// Answered gives the number of the line it answers, given or the same.
func (l *Line) Answered() Positive {
	if l.Answers != 0 {
		return l.Answers
	}
	return l.Line
}

// LineResponse is the answer to one line (EDXL-RM ResponseType).
type LineResponse string

// The three responses.
const (
	ResponseAccept      LineResponse = "accept"
	ResponseDecline     LineResponse = "decline"
	ResponseProvisional LineResponse = "provisional" // with a reason: what it hangs on
)

// Words gives the vocabulary.
func (LineResponse) Words() []string { return []string{"accept", "decline", "provisional"} }

// UnmarshalText reads one of the words; [ErrVocabulary].
func (r *LineResponse) UnmarshalText(b []byte) error { return readWord(r, b, r.Words()) }

// Schedule is a moment or a place in the way of a line.
type Schedule struct {
	Type  ScheduleType `json:"type"`
	At    Time         `json:"at,omitzero"`
	Place *Place       `json:"place,omitempty"`
}

// ScheduleType is one of the 18 of EDXL-RM 1.0, written with underscores.
type ScheduleType string

// Words gives the vocabulary, in the order of EDXL-RM.
func (ScheduleType) Words() []string {
	return []string{
		"requested_arrival", "estimated_arrival", "actual_arrival",
		"requested_departure", "estimated_departure", "actual_departure",
		"requested_return_departure", "estimated_return_departure", "actual_return_departure",
		"requested_return_arrival", "estimated_return_arrival", "actual_return_arrival",
		"begin_available", "end_available", "committed", "current", "report_to", "route",
	}
}

// UnmarshalText reads one of the words; [ErrVocabulary].
func (s *ScheduleType) UnmarshalText(b []byte) error { return readWord(s, b, s.Words()) }

// Funding is who pays, as EDXL-RM has it: a code, or a text, or both.
type Funding struct {
	Code Label `json:"code,omitempty"`
	Info Text  `json:"info,omitempty"`
}

// Type gives vardar.resource.STEP.v1 of its step.
func (r *ResourceStep) Type() string { return r.Step.Type() }

// Unsolicited reports whether it is an offer that answers nothing.
func (r *ResourceStep) Unsolicited() bool {
	_, answers := r.Ref(RelAnswers)
	return r.Step == StepOffer && !answers
}

func (r *ResourceStep) check() error {
	if err := r.checkThread(); err != nil {
		return err
	}
	if r.Step == StepRequest {
		switch {
		case r.AnswerBy.IsZero():
			return refuse(ErrRequired, "answer_by", "say until when you need an answer")
		case r.DeliverTo == nil:
			return refuse(ErrRequired, "deliver_to", "say where it is to be brought")
		}
		if err := r.DeliverTo.Place.check("deliver_to.place"); err != nil {
			return err
		}
	} else {
		switch {
		case !r.AnswerBy.IsZero():
			return refuse(ErrForbidden, "answer_by", "it belongs to the request: leave it out")
		case r.DeliverTo != nil:
			return refuse(ErrForbidden, "deliver_to", "it belongs to the request: leave it out")
		}
	}
	if r.Funding != nil && r.Funding.Code == "" && r.Funding.Info == "" {
		return refuse(ErrRequired, "funding.info", "give a code or a text, or leave funding out")
	}
	return r.checkLines()
}

// checkThread wants a thread and the record answered, but for what begins a thread.
func (r *ResourceStep) checkThread() error {
	if r.Step == StepRequest || r.Unsolicited() {
		if _, answers := r.Ref(RelAnswers); answers {
			return refuse(ErrReference, "refs", "a request answers nothing: leave the reference out")
		}
		if !r.Thread.IsZero() {
			return refuse(ErrThread, "thread", "this begins a thread: leave it out, or name the record it answers in refs")
		}
		return nil
	}
	if r.Thread.IsZero() {
		return refuse(ErrThread, "thread", "name the record that began the exchange")
	}
	return r.oneRef(RelAnswers)
}

func (r *ResourceStep) checkLines() error {
	seen := map[Positive]bool{}
	for i := range r.Lines {
		l, path := &r.Lines[i], entry("lines", i)
		switch {
		case seen[l.Line]:
			return refuse(ErrTwice, path+".line", "line %d stands twice: number the lines 1, 2, 3", l.Line)
		case l.Answers != 0 && (r.Step == StepRequest || r.Unsolicited()):
			return refuse(ErrForbidden, path+".answers", "this step answers no line: leave it out")
		case l.Response == ResponseProvisional && l.Reason == "":
			return refuse(ErrRequired, path+".reason", "say what the provisional answer hangs on")
		case l.Response != "" && !slices.Contains(r.responses(), l.Response):
			return refuse(ErrResponse, path+".response", "%s does not go with the step %s: leave it out, or write the other step", l.Response, r.Step)
		}
		seen[l.Line] = true
		for j := range l.Schedule {
			if err := l.Schedule[j].check(entry(path+".schedule", j)); err != nil {
				return err
			}
		}
	}
	return nil
}

// responses gives what the lines of a step may say: a line that is declined goes in a
// decline of its own, so that every step has one meaning.
func (r *ResourceStep) responses() []LineResponse {
	switch r.Step {
	case StepOffer, StepCommit:
		if !r.Unsolicited() {
			return []LineResponse{ResponseAccept, ResponseProvisional}
		}
	case StepAccept:
		return []LineResponse{ResponseAccept}
	case StepDecline:
		return []LineResponse{ResponseDecline}
	case StepRequest:
	}
	return nil
}

func (s *Schedule) check(path string) error {
	if s.At.IsZero() && s.Place == nil {
		return refuse(ErrRequired, path+".at", "give a moment, or a place")
	}
	if s.Place != nil {
		return s.Place.check(path + ".place")
	}
	return nil
}
