package body

import (
	"github.com/vardar-network/vardar/protocol"
)

// TypeAdmission is the type of an [Admission].
const TypeAdmission = "vardar.trust.admission.v1"

// Admission is a registrar's word that an institution is a member: the opener of an
// epoch of the member's trust feed, for a key, or for the claim key of an invitation
// whose taker names the identity key in its first trust record (wire.md §8). Without
// either it closes the member (epochs.md 14). Written again for the same epoch and key, it
// states last, feeds, level and the rest anew, and the newest speaks (epochs.md 9).
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
	Charter     protocol.Digest        `json:"charter"`          // the founding version's: it names the network

	Predecessors []protocol.InstitutionID `json:"predecessors,omitempty" fit:"least=1 unique"` // of a merged institution
	Feeds        []ClosedFeed             `json:"feeds,omitempty" fit:"least=1"`               // of a closing: every feed but trust; nothing counts of one left out
	Successor    protocol.InstitutionID   `json:"successor,omitempty"`                         // of a closing
	Reason       Text                     `json:"reason,omitempty"`                            // of a closing; no personal data
}

// ClosedFeed says what counts of the epoch of a feed that a closing closes.
type ClosedFeed struct {
	Topic protocol.Topic `json:"topic"` // any but trust
	Epoch Positive       `json:"epoch" fit:"max=2147483647"`
	Last  Last           `json:"last"`
}

// Closes reports whether the admission puts its member out.
func (a *Admission) Closes() bool { return a.Key.IsZero() && a.Claim.IsZero() }

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

// Last is what counts of an epoch.
type Last = protocol.Last

// Type gives [TypeAdmission].
func (*Admission) Type() string { return TypeAdmission }

func (a *Admission) check() error {
	switch {
	case !a.Key.IsZero() && !a.Claim.IsZero():
		return refuse(ErrRequired, "key", "give the identity key, or the claim key of an invitation, and not both")
	case a.Closes() && a.FeedEpoch < 2: //nolint:mnd // the epoch it closes comes before it
		return refuse(ErrRequired, "key", "give the identity key, or the claim key of an invitation; without either the member is closed, from feed_epoch 2 on")
	case a.Key.IsZero() != (a.Proof == protocol.Signature{}):
		return refuse(ErrRequired, "proof", "a key needs its proof of possession, a claim has none")
	case !a.Claim.IsZero() && a.Expires.IsZero():
		return refuse(ErrRequired, "expires", "say until when the invitation can be taken")
	case !a.Closes() && (len(a.Feeds) > 0 || a.Successor != "" || a.Reason != ""):
		return refuse(ErrForbidden, "feeds", "only a closing, without key and claim, has feeds, successor and reason")
	case a.Closes() && len(a.Predecessors) > 0:
		return refuse(ErrForbidden, "predecessors", "a closing names no predecessors: its successor's admission does")
	}
	closed := map[protocol.Topic]bool{}
	for i, f := range a.Feeds {
		if f.Topic == protocol.Trust || closed[f.Topic] {
			return refuse(ErrForbidden, entry("feeds", i)+".topic", "name each feed once, and the trust feed by last")
		}
		closed[f.Topic] = true
	}
	if !a.Key.IsZero() {
		if err := protocol.CheckKeyProof(a.Institution, protocol.UseIdentity, a.Key, a.Proof); err != nil {
			return refuse(protocol.ErrProof, "proof", "want the key's own signature over its proof text")
		}
	}
	return checkLast(a.FeedEpoch, a.Last)
}
