package protocol

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
)

const (
	saltOpens = `{"salt":"`
	saltText  = 24 // characters of base64
)

// CheckSalt returns [ErrSalt] unless the first member of a JSON object is salt, the
// canonical base64 of 16 bytes (wire.md §2).
func CheckSalt(body []byte) error {
	var salt [16]byte
	// As all of ours write it, without a reader.
	if rest, ok := bytes.CutPrefix(body, []byte(saltOpens)); ok {
		if text, _, ended := bytes.Cut(rest[:min(len(rest), saltText+1)], []byte{'"'}); ended && decodeBase64(salt[:], string(text)) {
			return nil
		}
	}
	dec := json.NewDecoder(bytes.NewReader(body))
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
	return saltOpens + base64.StdEncoding.EncodeToString(salt[:]) + `"`
}
