package body

import (
	"encoding/base64"

	"github.com/vardar-network/vardar/protocol"
)

// TypeCharter is the type of a [CharterRecord].
const TypeCharter = "vardar.trust.charter.v1"

// CharterRecord carries a charter with its detached signatures, in the envelope that
// files and links use (wire.md §9). Whether the charter is in force is for trust to say.
type CharterRecord struct {
	Common
	Charter    Encoded                     `json:"charter"` // base64 of the document, to the byte
	Signatures []protocol.CharterSignature `json:"signatures" fit:"least=1"`
}

// CharterRecordOf puts a signed charter into a record's body.
func CharterRecordOf(s protocol.SignedCharter) *CharterRecord {
	return &CharterRecord{
		Charter:    Encoded(base64.StdEncoding.EncodeToString(s.Document)),
		Signatures: s.Signatures,
	}
}

// Signed gives document and signatures; nothing is verified.
func (c *CharterRecord) Signed() protocol.SignedCharter {
	document, err := base64.StdEncoding.DecodeString(string(c.Charter))
	if err != nil {
		return protocol.SignedCharter{Signatures: c.Signatures}
	}
	return protocol.SignedCharter{Document: document, Signatures: c.Signatures}
}

// Type gives [TypeCharter].
func (*CharterRecord) Type() string { return TypeCharter }

func (c *CharterRecord) check() error {
	if _, err := protocol.ParseCharter(c.Signed().Document); err != nil {
		return at("charter", err)
	}
	return nil
}
