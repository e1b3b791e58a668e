package body

import (
	"encoding/json"
	"strconv"

	"github.com/vardar-network/vardar/protocol"
)

// TypeAdmission is the type of an [Admission].
const TypeAdmission = "vardar.trust.admission.v1"

// Admission is a registrar's word that an institution is a member: the opener of an
// epoch of the member's trust feed, for a key, or for the claim key of an invitation
// whose taker names the identity key in its first trust record (wire.md §8).
type Admission struct {
	Common
	Institution protocol.InstitutionID `json:"institution"`
	Level       Level                  `json:"level"`
	Prefix      Prefix                 `json:"prefix,omitempty"` // of a registrar
	FeedEpoch   Positive               `json:"feed_epoch" fit:"max=2147483647"`
	Key         protocol.Key           `json:"key,omitzero"`     // identity key
	Proof       protocol.Signature     `json:"proof,omitzero"`   // over protocol.KeyProofText, use identity
	Claim       protocol.Key           `json:"claim,omitzero"`   // public half of the one-time secret
	Expires     Time                   `json:"expires,omitzero"` // needed with a claim
	Last        *Last                  `json:"last,omitempty"`   // from epoch 2 on
	Charter     protocol.Digest        `json:"charter"`
}

// Prefix is what a registrar admits under: mk. or mk.southeast.
type Prefix string

// Pattern is the regular expression of a prefix.
func (Prefix) Pattern() string { return `(?:[a-z]{2}|int)\.(?:` + tokenPattern + `\.)?` }

// UnmarshalText reads it; [ErrPattern].
func (p *Prefix) UnmarshalText(b []byte) error {
	if !protocol.ValidPrefix(string(b)) {
		return refuse(ErrPattern, "", "%s: want a prefix such as mk. or mk.southeast.", shown(string(b)))
	}
	*p = Prefix(b)
	return nil
}

// Last is what counts of the epoch before: its last record, or unknown. Sequence 0 with
// the opener's digest says that nothing counts (epochs.md 1).
type Last struct {
	Unknown  bool
	Sequence uint32
	Digest   protocol.Digest
}

// lastRecord is the written form of one that is known.
type lastRecord struct {
	Sequence uint32          `json:"sequence"`
	Digest   protocol.Digest `json:"digest"`
}

// MarshalJSON writes sequence and digest, or "unknown".
func (l Last) MarshalJSON() ([]byte, error) {
	if l.Unknown {
		return []byte(`"unknown"`), nil
	}
	return json.Marshal(lastRecord{l.Sequence, l.Digest})
}

// UnmarshalJSON reads both forms; a [*protocol.Violation].
func (l *Last) UnmarshalJSON(b []byte) error {
	if string(b) == `"unknown"` {
		*l = Last{Unknown: true}
		return nil
	}
	var known lastRecord
	if _, err := protocol.DecodeJSON(b, &known); err != nil {
		return mended(err)
	}
	if known.Sequence > protocol.MaxNumber {
		return refuse(ErrRange, "sequence", "want at most "+strconv.Itoa(protocol.MaxNumber))
	}
	*l = Last{Sequence: known.Sequence, Digest: known.Digest}
	return nil
}

// Type gives [TypeAdmission].
func (*Admission) Type() string { return TypeAdmission }

func (a *Admission) check() error {
	switch {
	case a.Key.IsZero() == a.Claim.IsZero():
		return refuse(ErrRequired, "key", "give the identity key, or the claim key of an invitation, and not both")
	case a.Key.IsZero() != (a.Proof == protocol.Signature{}):
		return refuse(ErrRequired, "proof", "a key needs its proof of possession, a claim has none")
	case a.Key.IsZero() && a.Expires.IsZero():
		return refuse(ErrRequired, "expires", "say until when the invitation can be taken")
	}
	if !a.Key.IsZero() {
		if err := protocol.CheckKeyProof(a.Institution, protocol.UseIdentity, a.Key, a.Proof); err != nil {
			return refuse(protocol.ErrProof, "proof", "want the key's own signature over its proof text")
		}
	}
	return checkLast(a.FeedEpoch, a.Last)
}
