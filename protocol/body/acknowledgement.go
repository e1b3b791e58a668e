package body

import "github.com/vardar-network/vardar/protocol"

// TypeAcknowledgement gives the type of an [Acknowledgement] under a topic.
func TypeAcknowledgement(topic protocol.Topic) string { return typeOf(topic, wordAcknowledgement) }

// Acknowledgement is what an addressee says of a record: it came, someone read it, it is
// accepted or refused. Its one reference "acknowledges" names the record; the signature
// holds for that one version.
type Acknowledgement struct {
	Topic protocol.Topic `json:"-"`
	Common
	State  AcknowledgementState `json:"state"`
	Reason Text                 `json:"reason,omitempty"` // needed with refused
}

// AcknowledgementState is how far it came. Received is said by a machine, the others by
// a person.
type AcknowledgementState string

// The four states.
const (
	Received AcknowledgementState = "received"
	Read     AcknowledgementState = "read"
	Accepted AcknowledgementState = "accepted"
	Refused  AcknowledgementState = "refused"
)

// Words gives the vocabulary.
func (AcknowledgementState) Words() []string {
	return []string{"received", "read", "accepted", "refused"}
}

// UnmarshalText reads one of the words; [ErrVocabulary].
func (s *AcknowledgementState) UnmarshalText(b []byte) error { return readWord(s, b, s.Words()) }

// Type gives [TypeAcknowledgement] of its topic.
func (a *Acknowledgement) Type() string { return TypeAcknowledgement(a.Topic) }

func (a *Acknowledgement) check() error {
	if a.State == Refused && a.Reason == "" {
		return refuse(ErrRequired, "reason", "say why it is refused")
	}
	return a.oneRef(RelAcknowledges)
}
