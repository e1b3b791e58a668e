package body

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/protocol"
)

// Step is one step of a resource exchange (domain.md §4).
type Step uint8

// The steps, in the order in which an exchange usually takes them.
const (
	StepRequest     Step = iota + 1 // the requester says what it needs; begins a thread
	StepOffer                       // a provider answers a request, or offers unasked
	StepAccept                      // the requester orders what was offered
	StepDecline                     // either says no
	StepCommit                      // the provider binds itself
	StepCancel                      // the author of a request or an offer takes back what is not committed
	StepStatus                      // where it is: the provider until it has arrived, the requester after
	StepAskStatus                   // either asks where it is
	StepExtend                      // the requester asks to keep it longer
	StepExtendReply                 // the provider answers that
	StepRecall                      // the provider asks for it back
	StepRecallReply                 // the requester answers that
	StepRelease                     // the requester needs it no more
	StepReturned                    // the provider has it back
	StepConsumed                    // the requester has used it up
)

// Steps gives all steps.
func Steps() []Step {
	return []Step{
		StepRequest, StepOffer, StepAccept, StepDecline, StepCommit, StepCancel, StepStatus, StepAskStatus,
		StepExtend, StepExtendReply, StepRecall, StepRecallReply, StepRelease, StepReturned, StepConsumed,
	}
}

// String gives the word that stands in the type.
func (s Step) String() string {
	if s < StepRequest || s > StepConsumed {
		return fmt.Sprintf("step(%d)", uint8(s))
	}
	return [...]string{
		"request", "offer", "accept", "decline", "commit", "cancel", "status", "ask_status",
		"extend", "extend_reply", "recall", "recall_reply", "release", "returned", "consumed",
	}[s-StepRequest]
}

// StepOf gives the step that a word names.
func StepOf(word string) (Step, bool) {
	for _, s := range Steps() {
		if s.String() == word {
			return s, true
		}
	}
	return 0, false
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
	Response     LineResponse `json:"response,omitempty"`              // default: what the step says; a reply must say it
	State        Stage        `json:"state,omitempty"`                 // status: where so many are now
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

// Stage is where things are that were committed.
type Stage string

// The four that a status tells.
const (
	StageInTransit Stage = "in_transit" // on the way to the requester
	StageDeployed  Stage = "deployed"   // there, and in use
	StageReturning Stage = "returning"  // on the way back
	StageReturned  Stage = "returned"   // handed over where it came from
)

// Words gives the vocabulary.
func (Stage) Words() []string { return []string{"in_transit", "deployed", "returning", "returned"} }

// UnmarshalText reads one of the words; [ErrVocabulary].
func (s *Stage) UnmarshalText(b []byte) error { return readWord(s, b, s.Words()) }

// Line gives the state of a line that is there.
func (s Stage) Line() LineState {
	return map[Stage]LineState{StageInTransit: InTransit, StageDeployed: Deployed, StageReturning: Returning, StageReturned: Returned}[s]
}

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
	var funding error
	if r.Funding != nil && r.Funding.Code == "" && r.Funding.Info == "" {
		funding = refuse(ErrRequired, "funding.info", "give a code or a text, or leave funding out")
	}
	return errors.Join(r.checkThread(), r.checkWanted(), funding, r.checkLines())
}

// checkWanted wants of a request until when and where to, and of no other step.
func (r *ResourceStep) checkWanted() error {
	var by, to error
	switch asks := r.Step == StepRequest; {
	case asks && r.AnswerBy.IsZero():
		by = refuse(ErrRequired, "answer_by", "say until when you need an answer")
	case !asks && !r.AnswerBy.IsZero():
		by = refuse(ErrForbidden, "answer_by", "it belongs to the request: leave it out")
	}
	switch asks := r.Step == StepRequest; {
	case asks && r.DeliverTo == nil:
		to = refuse(ErrRequired, "deliver_to", "say where it is to be brought")
	case asks:
		to = r.DeliverTo.Place.check("deliver_to.place")
	case r.DeliverTo != nil:
		to = refuse(ErrForbidden, "deliver_to", "it belongs to the request: leave it out")
	}
	return errors.Join(by, to)
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
		case l.Response == "" && (r.Step == StepExtendReply || r.Step == StepRecallReply):
			return refuse(ErrRequired, path+".response", "say accept, decline or provisional")
		case l.Response != "" && !slices.Contains(r.responses(), l.Response):
			return refuse(ErrResponse, path+".response", "%s does not go with the step %s: leave it out, or write the other step", l.Response, r.Step)
		}
		seen[l.Line] = true
		for j := range l.Schedule {
			if err := l.Schedule[j].check(entry(path+".schedule", j)); err != nil {
				return err
			}
		}
		if err := r.checkAfterwards(l, path); err != nil {
			return err
		}
	}
	return nil
}

// checkAfterwards holds what belongs to the steps behind the commit.
func (r *ResourceStep) checkAfterwards(l *Line, path string) error {
	switch {
	case r.Step == StepStatus && l.State == "":
		return refuse(ErrRequired, path+".state", "say where it is: %s", strings.Join(l.State.Words(), ", "))
	case r.Step != StepStatus && l.State != "":
		return refuse(ErrForbidden, path+".state", "a status alone says where it is: leave it out")
	case r.Step == StepConsumed && !l.Type.Expendable():
		return refuse(ErrUnit, path+".type", "%s is not used up: release it, and it goes back", l.Type)
	case r.Step == StepExtend && l.Until() == 0:
		return refuse(ErrRequired, path+".schedule", "say until when you want to keep it: an entry of the type requested_return_departure, with its moment at")
	}
	return l.checkOrder(path)
}

// Until gives the instant until which an extension is asked for; 0 if there is none.
func (l *Line) Until() protocol.Instant { return l.at("requested_return_departure") }

// at gives the moment of the first entry of a type that has one.
func (l *Line) at(kind ScheduleType) protocol.Instant {
	for i := range l.Schedule {
		if s := &l.Schedule[i]; s.Type == kind && !s.At.IsZero() {
			return s.At.Instant()
		}
	}
	return 0
}

// checkOrder wants what leaves to leave before it arrives, and to go back after that.
func (l *Line) checkOrder(path string) error {
	for _, by := range []string{"requested_", "estimated_", "actual_"} {
		var last protocol.Instant
		var before ScheduleType
		for _, kind := range []string{"departure", "arrival", "return_departure", "return_arrival"} {
			kind := ScheduleType(by + kind)
			at := l.at(kind)
			if at != 0 && at < last {
				return refuse(ErrPeriod, path+".schedule", "%s lies before %s: put them in their order", kind, before)
			}
			if at != 0 {
				last, before = at, kind
			}
		}
	}
	if begin, end := l.at("begin_available"), l.at("end_available"); begin != 0 && end != 0 && end <= begin {
		return refuse(ErrPeriod, path+".schedule", "end_available lies at or before begin_available: give a later moment")
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
	case StepExtendReply, StepRecallReply:
		return []LineResponse{ResponseAccept, ResponseDecline, ResponseProvisional}
	case StepRequest, StepCancel, StepStatus, StepAskStatus, StepExtend, StepRecall, StepRelease, StepReturned, StepConsumed:
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
