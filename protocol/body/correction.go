package body

import (
	"bytes"
	"encoding/json"

	"github.com/vardar-network/vardar/protocol"
)

// TypeCorrection gives the type of a [Correction] under a topic.
func TypeCorrection(topic protocol.Topic) string { return typeOf(topic, wordCorrection) }

// Correction replaces or retracts an own record of the same topic, with the reason. Its
// one reference "corrects" names the record; both stay visible.
type Correction struct {
	Topic protocol.Topic `json:"-"`
	Common
	Action CorrectionAction `json:"action"`
	Reason Text             `json:"reason"`

	// Replacement is a whole body of the corrected record's type, without a salt of its
	// own; with replace only. [Correction.Replaced] reads it.
	Replacement Document `json:"replacement,omitempty"`
}

// CorrectionAction is what happens to the record.
type CorrectionAction string

// The two actions.
const (
	Replace CorrectionAction = "replace"
	Retract CorrectionAction = "retract"
)

// Words gives the vocabulary.
func (CorrectionAction) Words() []string { return []string{"replace", "retract"} }

// UnmarshalText reads one of the words; [ErrVocabulary].
func (a *CorrectionAction) UnmarshalText(b []byte) error { return readWord(a, b, a.Words()) }

// Document is a JSON object kept as it was written.
type Document json.RawMessage

// MarshalJSON writes it as it is.
func (d Document) MarshalJSON() ([]byte, error) { return json.RawMessage(d).MarshalJSON() }

// UnmarshalJSON keeps an object; [ErrReplacement].
func (d *Document) UnmarshalJSON(b []byte) error {
	if !bytes.HasPrefix(b, []byte("{")) {
		return refuse(ErrReplacement, "", "want a whole body, as an object without salt")
	}
	*d = bytes.Clone(b)
	return nil
}

// ReplacementOf makes the replacement of a correction from a body; what [Marshal] says.
func ReplacementOf(b Body) (Document, error) {
	var salt [16]byte
	raw, err := Marshal(b, salt)
	if err != nil {
		return nil, err
	}
	rest := bytes.TrimPrefix(raw, []byte(protocol.SaltMember(salt)))
	return append(Document("{"), bytes.TrimPrefix(rest, []byte(","))...), nil
}

// Type gives [TypeCorrection] of its topic.
func (c *Correction) Type() string { return TypeCorrection(c.Topic) }

func (c *Correction) check() error {
	if (c.Action == Replace) != (len(c.Replacement) > 0) {
		return refuse(ErrReplacement, "replacement", "replace needs the whole new body, retract must not have one")
	}
	var members map[string]json.RawMessage
	if c.Action == Replace {
		if err := json.Unmarshal(c.Replacement, &members); err != nil {
			return refuse(ErrReplacement, "replacement", "want a whole body, as an object without salt")
		}
	}
	if _, salted := members["salt"]; salted {
		return refuse(ErrReplacement, "replacement.salt", "the salt of the correction serves: leave this one out")
	}
	return c.oneRef(RelCorrects)
}

// Replaced reads the replacement as a body of the corrected record's type, as [Parse]
// does, with the correction's salt; fields of errors begin with replacement. It returns
// [ErrReplacement] for a retraction, for a type of another topic, and for a correction:
// who errs twice corrects the first record again.
func (c *Correction) Replaced(recordType string) (Body, error) {
	topic, err := protocol.TypeTopic(recordType)
	if err != nil || topic != c.Topic || recordType == TypeCorrection(topic) || c.Action != Replace {
		return nil, refuse(ErrReplacement, "replacement", "nothing here replaces a record of type %s", shown(recordType))
	}
	raw := []byte(protocol.SaltMember(c.Salt))
	rest := bytes.TrimLeft(bytes.TrimPrefix(c.Replacement, []byte("{")), " \t\r\n")
	if !bytes.HasPrefix(rest, []byte("}")) {
		raw = append(raw, ',')
	}
	b, err := Parse(recordType, append(raw, rest...))
	if err != nil {
		return nil, at("replacement", err)
	}
	return b, nil
}
