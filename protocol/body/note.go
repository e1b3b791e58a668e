package body

import "github.com/vardar-network/vardar/protocol"

// TypeNote gives the type of a [Note] under a topic.
func TypeNote(topic protocol.Topic) string { return typeOf(topic, wordNote) }

// Note is a question, an answer or a plain message, at most 2 KiB, in a thread or
// beginning one. It stands under any topic but trust.
type Note struct {
	Topic protocol.Topic `json:"-"`
	Common
	Kind        NoteKind `json:"kind,omitempty"` // default: message
	Text        NoteText `json:"text"`
	Acknowledge bool     `json:"acknowledge,omitempty"` // the author wants to know that it was read
}

// NoteKind is what a note wants.
type NoteKind string

// The three kinds of notes.
const (
	Question NoteKind = "question"
	Answer   NoteKind = "answer"
	Message  NoteKind = "message"
)

// Words gives the vocabulary.
func (NoteKind) Words() []string { return []string{"question", "answer", "message"} }

// UnmarshalText reads one of the words; [ErrVocabulary].
func (k *NoteKind) UnmarshalText(b []byte) error { return readWord(k, b, k.Words()) }

// Type gives [TypeNote] of its topic.
func (n *Note) Type() string { return TypeNote(n.Topic) }

func (n *Note) check() error {
	if n.Kind == Answer {
		return n.oneRef(RelAnswers)
	}
	return nil
}
