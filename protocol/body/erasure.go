package body

import "github.com/vardar-network/vardar/protocol"

// TypeErasure gives the type of an [Erasure] under a topic.
func TypeErasure(topic protocol.Topic) string { return typeOf(topic, wordErasure) }

// IsErasure reports whether a record type is that of an [Erasure].
func IsErasure(recordType string) bool {
	topic, err := protocol.TypeTopic(recordType)
	return err == nil && topic != protocol.Trust && recordType == TypeErasure(topic)
}

// Erasure takes back the body of a record of the same topic, for good and on every node:
// header and chain stay. It is written by the record's author, or by its author's
// registrar; its one reference "erases" names the record and its digest. The reason stays
// for all to read, so it says nothing of what the body held.
type Erasure struct {
	Topic protocol.Topic `json:"-"`
	Common
	Reason Text `json:"reason"`
}

// Type gives [TypeErasure] of its topic.
func (e *Erasure) Type() string { return TypeErasure(e.Topic) }

func (e *Erasure) check() error {
	if err := e.oneRef(RelErases); err != nil {
		return err
	}
	if of := e.Erases().Record.Topic; of != e.Topic {
		return refuse(ErrReference, "refs", "it erases a record under %s: write it under that topic", of)
	}
	return nil
}

// Erases gives the record whose body it takes back.
func (e *Erasure) Erases() Ref {
	ref, _ := e.Ref(RelErases)
	return ref
}
