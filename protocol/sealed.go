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

// Pad writes the plaintext that is sealed: JSON, the body in it byte for byte, then blanks
// to the next power of two from 1,024 to 131,072 bytes. It returns [ErrBodyTooLong] beyond
// that, and otherwise what [ParseUnsealed] would say of the result.
func (u *Unsealed) Pad() ([]byte, error) {
	text := []byte(`{"source":"` + string(u.Source) + `","id":"` + u.ID.String() + `","type":"` + u.Type + `","body":`)
	text = append(append(text, u.Body...), '}')
	size := paddedSize(len(text))
	if size > maxSealedBytes {
		return nil, &Violation{Rule: ErrBodyTooLong, Detail: "sealed bodies hold at most 131,072 bytes"}
	}
	text = append(text, bytes.Repeat([]byte{' '}, size-len(text))...)
	if _, err := ParseUnsealed(text, Name{u.Source, u.ID}); err != nil {
		return nil, err
	}
	return text, nil
}

// paddedSize is the next power of two from 1,024.
func paddedSize(n int) int {
	if n <= minSealedBytes {
		return minSealedBytes
	}
	return 1 << bits.Len(uint(n-1)) //nolint:gosec // n is above 1,024
}

// ParseUnsealed reads the plaintext of a sealed body and compares its source and id with
// the header's: [ErrSealedPadding], [ErrSealedSource], [ErrType], [ErrTypeTopic],
// [ErrSalt], or what [DecodeJSON] says.
func ParseUnsealed(plaintext []byte, name Name) (*Unsealed, error) {
	text := bytes.TrimRight(plaintext, " ")
	if n := len(plaintext); n > maxSealedBytes || n != paddedSize(len(text)) {
		return nil, &Violation{Rule: ErrSealedPadding}
	}
	var u Unsealed
	if _, err := DecodeJSON(text, &u); err != nil {
		return nil, err
	}
	if u.Source != name.Institution || u.ID != name.Position {
		return nil, &Violation{Rule: ErrSealedSource}
	}
	topic, err := TypeTopic(u.Type)
	if err != nil {
		return nil, broken(ErrType, "type", u.Type)
	}
	if topic != name.Topic {
		return nil, broken(ErrTypeTopic, "type", u.Type)
	}
	if err := CheckSalt(u.Body); err != nil {
		return nil, err
	}
	return &u, nil
}

// CheckRecipients holds the institutions that a record is to be sealed to against the
// bounds of wire.md §7: at most [MaxRecipients], each once, the author among them;
// [ErrRecipients].
func CheckRecipients(author InstitutionID, to []InstitutionID) error {
	seen := make(map[InstitutionID]bool, len(to))
	for _, id := range to {
		if seen[id] {
			return broken(ErrRecipients, "to", string(id))
		}
		seen[id] = true
	}
	if len(to) > MaxRecipients || !seen[author] {
		return &Violation{Field: "to", Rule: ErrRecipients}
	}
	return nil
}

// SealedType is the type in the header of a sealed record.
func SealedType(t Topic) string { return FullType(t, "sealed.v1") }
