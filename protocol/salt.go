package protocol

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
)

// CheckSalt returns [ErrSalt] unless the first member of a JSON object is salt, the
// canonical base64 of 16 bytes (wire.md §2).
func CheckSalt(body []byte) error {
	dec := json.NewDecoder(bytes.NewReader(body))
	var salt [16]byte
	open, _ := dec.Token()
	name, _ := dec.Token()
	value, _ := dec.Token()
	text, ok := value.(string)
	if open != json.Delim('{') || name != "salt" || !ok || !decodeBase64(salt[:], text) {
		return &Violation{Field: "salt", Rule: ErrSalt}
	}
	return nil
}

// SaltMember writes `{"salt":"…"`, the beginning of every body.
func SaltMember(salt [16]byte) string {
	return `{"salt":"` + base64.StdEncoding.EncodeToString(salt[:]) + `"`
}
