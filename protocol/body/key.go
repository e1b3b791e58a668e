package body

import (
	"github.com/vardar-network/vardar/protocol"
)

// TypeKey is the type of a [KeyRecord].
const TypeKey = "vardar.trust.key.v1"

// KeyRecord names a key of its author. Of use node it opens an epoch of one of the
// author's feeds; of use link or age it is the author's newest such key; of use identity
// it is the first trust record of a newcomer, who proves with the claim key of the
// invitation that the identity key is its own (wire.md §8); later in the feed, without a
// claim signature, it asks the registrar to open the next epoch for that key.
type KeyRecord struct {
	Common
	FeedTopic      protocol.Topic     `json:"feed_topic,omitzero"`                       // node: any but trust
	FeedEpoch      Positive           `json:"feed_epoch,omitempty" fit:"max=2147483647"` // node
	Use            protocol.KeyUse    `json:"use"`
	Key            KeyText            `json:"key"`
	Proof          protocol.Signature `json:"proof,omitzero"` // over protocol.KeyProofText; none for age
	Wire           WireVersion        `json:"wire,omitempty"` // node
	Last           *Last              `json:"last,omitempty"` // node, from epoch 2 on
	ClaimSignature protocol.Signature `json:"claim_signature,omitzero"`
}

// KeyText is an Ed25519 public key as 64 hex digits, or an age recipient.
type KeyText string

// MaxRecipient is the length of a hybrid recipient: 1,216 bytes in bech32.
const MaxRecipient = 1959

// Pattern is the regular expression of both forms.
func (KeyText) Pattern() string { return keyPattern }

// MaxBytes is the bound that [Parse] holds it to.
func (KeyText) MaxBytes() int { return MaxRecipient }

// UnmarshalText reads it; [ErrPattern].
func (k *KeyText) UnmarshalText(b []byte) error {
	if len(b) > MaxRecipient {
		return refuse(ErrPattern, "", "%s: longer than any key", shown(string(b)))
	}
	return readPattern(k, b, keyExpr, "want 64 hex digits, or an age recipient")
}

// WireVersion is the version of the wire that an epoch is written in.
type WireVersion string

// Words gives the vocabulary.
func (WireVersion) Words() []string { return []string{"v1"} }

// UnmarshalText reads one of the words; [ErrVocabulary].
func (w *WireVersion) UnmarshalText(b []byte) error { return readWord(w, b, w.Words()) }

// WireV1 is the one version there is.
const WireV1 WireVersion = "v1"

// Type gives [TypeKey].
func (*KeyRecord) Type() string { return TypeKey }

// SigningKey gives the Ed25519 key; [ErrKeyUse] for an age recipient, or what
// [protocol.ParseKey] says.
func (k *KeyRecord) SigningKey() (protocol.Key, error) {
	if k.Use == protocol.UseAge {
		return protocol.Key{}, refuse(ErrKeyUse, "key", "an age recipient signs nothing")
	}
	return protocol.ParseKey(string(k.Key))
}

// CheckProof holds the proof of possession against the record's author, whom a body does
// not name; nil for an age recipient, [protocol.ErrProof] otherwise.
func (k *KeyRecord) CheckProof(author protocol.InstitutionID) error {
	if k.Use == protocol.UseAge {
		return nil
	}
	key, err := k.SigningKey()
	if err != nil {
		return err
	}
	return protocol.CheckKeyProof(author, k.Use, key, k.Proof)
}

// CheckClaim holds the claim signature against the claim key that the author's admission
// names; [protocol.ErrProof].
func (k *KeyRecord) CheckClaim(author protocol.InstitutionID, claim protocol.Key) error {
	key, err := k.SigningKey()
	if err != nil {
		return err
	}
	if k.Use != protocol.UseIdentity || !claim.Verify(protocol.ClaimText(author, key), k.ClaimSignature) {
		return refuse(protocol.ErrProof, "claim_signature", "want the signature of the invitation's claim key")
	}
	return nil
}

func (k *KeyRecord) check() error {
	if err := k.checkKey(); err != nil {
		return err
	}
	if k.Use == protocol.UseNode {
		return k.checkOpener()
	}
	if k.FeedTopic != 0 || k.FeedEpoch != 0 || k.Last != nil || k.Wire != "" {
		return refuse(ErrKeyUse, "feed_topic", "only a node key opens an epoch: leave feed_topic, feed_epoch, wire and last out")
	}
	return nil
}

// checkKey holds key, proof and claim against the use.
func (k *KeyRecord) checkKey() error {
	switch k.Use {
	case protocol.UseIdentity, protocol.UseNode, protocol.UseLink:
		if _, err := k.SigningKey(); err != nil {
			return at("key", err)
		}
		if k.Proof == (protocol.Signature{}) {
			return refuse(ErrRequired, "proof", "prove that you hold the key")
		}
	case protocol.UseAge:
		if !recipientExpr.MatchString(string(k.Key)) {
			return refuse(ErrKeyUse, "key", "want an age recipient, which begins with age1")
		}
		if k.Proof != (protocol.Signature{}) {
			return refuse(ErrForbidden, "proof", "an age key signs nothing: leave it out")
		}
	default:
		return refuse(ErrVocabulary, "use", "%s: want one of identity, node, link, age", shown(string(k.Use)))
	}
	if k.Use != protocol.UseIdentity && k.ClaimSignature != (protocol.Signature{}) {
		return refuse(ErrKeyUse, "claim_signature", "only an identity key that takes an invitation has it")
	}
	return nil
}

func (k *KeyRecord) checkOpener() error {
	switch {
	case k.FeedTopic == 0 || k.FeedTopic == protocol.Trust:
		return refuse(ErrRequired, "feed_topic", "a node key opens an epoch of a feed: name its topic, any but trust")
	case k.FeedEpoch == 0:
		return refuse(ErrRequired, "feed_epoch", "a node key opens an epoch: give its number")
	case k.Wire == "":
		return refuse(ErrRequired, "wire", "an opener names the wire version: v1")
	}
	return checkLast(k.FeedEpoch, k.Last)
}

// checkLast wants what counted of the epoch before, from epoch 2 on (epochs.md 1).
func checkLast(epoch Positive, last *Last) error {
	if (epoch > 1) != (last != nil) {
		return refuse(ErrRequired, "last", "from epoch 2 on name the last record of the epoch before, or \"unknown\"; in epoch 1 leave it out")
	}
	return nil
}
