package protocol

import (
	"bytes"
	"encoding/json"
	"math/bits"
)

// The bounds of what is sealed (wire.md §7).
const (
	minSealedBytes = 1024
	maxSealedBytes = 128 << 10
	// MaxRecipients bounds to whom one record is sealed, the author among them.
	MaxRecipients = 100
)

// Unsealed is what lies inside a sealed body: who said what where, so that a ciphertext
// can't be moved to another record, and the true type and body.
type Unsealed struct {
	Source InstitutionID   `json:"source"`
	ID     Position        `json:"id"`
	Type   string          `json:"type"`
	Body   json.RawMessage `json:"body"`
}

// MarshalText writes topic.epoch.sequence.
func (p Position) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads it as [ParsePosition] does.
func (p *Position) UnmarshalText(b []byte) error {
	v, err := ParsePosition(string(b))
	if err == nil {
		*p = v
	}
	return err
}

// Pad writes the plaintext that is sealed: JSON, then blanks to the next power of two
// from 1,024 to 131,072 bytes. It returns [ErrBodyTooLong] beyond that.
func (u *Unsealed) Pad() ([]byte, error) {
	text, err := json.Marshal(u)
	if err != nil {
		return nil, err
	}
	size := minSealedBytes
	if len(text) > size {
		size = 1 << bits.Len(uint(len(text)-1))
	}
	if size > maxSealedBytes {
		return nil, &Violation{Rule: ErrBodyTooLong, Detail: "sealed bodies hold at most 131,072 bytes"}
	}
	return append(text, bytes.Repeat([]byte{' '}, size-len(text))...), nil
}

// ParseUnsealed reads the plaintext of a sealed body and compares its source and id with
// the header's.
func ParseUnsealed(plaintext []byte, name Name) (*Unsealed, error) {
	n := len(plaintext)
	if n < minSealedBytes || n > maxSealedBytes || bits.OnesCount(uint(n)) != 1 {
		return nil, &Violation{Rule: ErrSealedPadding}
	}
	text := bytes.TrimRight(plaintext, " ")
	var u Unsealed
	if _, err := DecodeJSON(text, &u); err != nil {
		return nil, err
	}
	if u.Source != name.Institution || u.ID != name.Position {
		return nil, &Violation{Rule: ErrSealedSource}
	}
	if topic, err := TypeTopic(u.Type); err != nil || topic != name.Topic {
		return nil, broken(ErrTypeTopic, "type", u.Type)
	}
	return &u, CheckSalt(u.Body)
}

// SealedType is the type in the header of a sealed record.
func SealedType(t Topic) string { return FullType(t, "sealed.v1") }
