package body

import (
	"errors"

	"github.com/vardar-network/vardar/protocol"
)

// The types of a consultation and of what answers it.
const (
	TypeConsultation = "vardar.policy.consultation.v1"
	TypeResponse     = "vardar.policy.response.v1"
	TypeOutcome      = "vardar.policy.outcome.v1"
)

// Consultation asks those it is to, institutions or groups, about a policy, a plan or a line
// of it. It begins a thread; each who is asked has one live answer ([ConsultationResponse]),
// and who asks concludes with a [ConsultationOutcome]. What it is about is named by a
// reference "about", or told in the background.
type Consultation struct {
	Common
	Question   Text     `json:"question"`
	Options    []Label  `json:"options,omitempty" fit:"least=2 most=20 unique"` // to choose from, if there are some
	Background Text     `json:"background,omitempty"`
	OpensAt    Time     `json:"opens_at"`
	ClosesAt   Time     `json:"closes_at"`      // what is signed from then on is late
	Line       Positive `json:"line,omitempty"` // of the plan that it is about
}

// Type gives [TypeConsultation].
func (*Consultation) Type() string { return TypeConsultation }

func (c *Consultation) check() error {
	var to, closes, thread, line error
	if len(c.To) == 0 {
		to = refuse(ErrRequired, "to", "say who is asked: institutions, or groups of the charter")
	}
	if c.ClosesAt <= c.OpensAt {
		closes = refuse(ErrPeriod, "closes_at", "it lies at or before the opening: give a later moment")
	}
	if !c.Thread.IsZero() {
		thread = refuse(ErrThread, "thread", "a consultation begins a thread: leave it out, or name what it is about in refs")
	}
	if c.Line != 0 {
		line = c.oneRef(RelAbout)
	}
	return errors.Join(to, closes, thread, line)
}

// ConsultationResponse is one institution's answer; its reference "answers" names the
// consultation, and so does its thread. Where that was put right, a reference "about" names the
// correction that its author had read, and without one it is to the question as it was asked
// first: the number of its option is read there. Of several by one institution the last one is
// live.
type ConsultationResponse struct {
	Common
	Position    ResponsePosition `json:"position"`
	Option      Positive         `json:"option,omitempty"` // of the consultation's options, the first is 1
	Text        Text             `json:"text,omitempty"`   // needed with amend
	NeedsRef    protocol.Name    `json:"needs_ref,omitzero"`
	CapacityRef protocol.Name    `json:"capacity_ref,omitzero"`
}

// ResponsePosition is where an institution stands.
type ResponsePosition string

// The five positions.
const (
	PositionSupport    ResponsePosition = "support"
	PositionOppose     ResponsePosition = "oppose"
	PositionAmend      ResponsePosition = "amend" // it should be otherwise: the text says how
	PositionNeutral    ResponsePosition = "neutral"
	PositionNoCapacity ResponsePosition = "no_capacity" // it can't do its part, or can't answer
)

// Words gives the vocabulary.
func (ResponsePosition) Words() []string {
	return []string{"support", "oppose", "amend", "neutral", "no_capacity"}
}

// UnmarshalText reads one of the words; [ErrVocabulary].
func (p *ResponsePosition) UnmarshalText(b []byte) error { return readWord(p, b, p.Words()) }

// Type gives [TypeResponse].
func (*ConsultationResponse) Type() string { return TypeResponse }

func (r *ConsultationResponse) check() error {
	if err := r.inThread(RelAnswers); err != nil {
		return err
	}
	switch {
	case r.Position == PositionAmend && r.Text == "":
		return refuse(ErrRequired, "text", "say what should be otherwise")
	case !r.NeedsRef.IsZero() && r.NeedsRef.Topic != protocol.Situation:
		return refuse(ErrReference, "needs_ref", "%s is no needs assessment: name a record of situation", r.NeedsRef)
	case !r.CapacityRef.IsZero() && r.CapacityRef.Topic != protocol.Resource:
		return refuse(ErrReference, "capacity_ref", "%s declares no capacity: name a record of resource", r.CapacityRef)
	}
	return nil
}

// ConsultationOutcome is the decision of who asked, with what became of each answer; its
// reference "concludes" names the consultation, and so does its thread.
type ConsultationOutcome struct {
	Common
	Decision   Text         `json:"decision"`
	Considered []Considered `json:"considered,omitempty" fit:"least=1 most=999"`
}

// Considered says what became of one answer. The digest holds it to what was read.
type Considered struct {
	Response      protocol.Name   `json:"response"`
	Digest        protocol.Digest `json:"digest"`
	Consideration Consideration   `json:"consideration"`
	Reason        Text            `json:"reason"`
}

// Consideration is what became of an answer.
type Consideration string

// The four.
const (
	ConsideredAccepted Consideration = "accepted"
	ConsideredPartly   Consideration = "partly"
	ConsideredRejected Consideration = "rejected"
	ConsideredNoted    Consideration = "noted" // it asks for nothing that could be done
)

// Words gives the vocabulary.
func (Consideration) Words() []string { return []string{"accepted", "partly", "rejected", "noted"} }

// UnmarshalText reads one of the words; [ErrVocabulary].
func (c *Consideration) UnmarshalText(b []byte) error { return readWord(c, b, c.Words()) }

// Type gives [TypeOutcome].
func (*ConsultationOutcome) Type() string { return TypeOutcome }

func (o *ConsultationOutcome) check() error {
	if err := o.inThread(RelConcludes); err != nil {
		return err
	}
	seen := map[protocol.Name]bool{}
	for i := range o.Considered {
		n := o.Considered[i].Response
		if seen[n] {
			return refuse(ErrTwice, entry("considered", i)+".response", "%s stands twice: consider it once", n)
		}
		seen[n] = true
	}
	return nil
}

// inThread wants one reference of a relation, to the record that the thread names.
func (c *Common) inThread(rel Relation) error {
	if c.Thread.IsZero() {
		return refuse(ErrThread, "thread", "name the consultation")
	}
	if err := c.oneRef(rel); err != nil {
		return err
	}
	if ref, _ := c.Ref(rel); ref.Record != c.Thread {
		return refuse(ErrThread, "thread", "the reference %s names %s: the thread is that consultation", rel, ref.Record)
	}
	return nil
}
