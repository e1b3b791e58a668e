package protocol

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"
)

// Steward signs the charter; k of n of them make a version of it.
type Steward struct {
	Institution InstitutionID `json:"institution"`
	Key         Key           `json:"key"` // identity key, of trust epoch 1
	Proof       Signature     `json:"proof"`
}

// Registrar may admit members under its prefixes.
type Registrar struct {
	Institution InstitutionID `json:"institution"`
	Prefixes    []string      `json:"prefixes"`
	Key         Key           `json:"key"`
	Proof       Signature     `json:"proof"`
}

// Quota is what a member may write before peers let it wait.
type Quota struct {
	RecordsADay int `json:"records_a_day"`
	MiBADay     int `json:"mib_a_day"`
}

// PartnerNetwork is another network, by its charter, and the prefixes that bridge to it.
type PartnerNetwork struct {
	Charter  Digest   `json:"charter"`
	Prefixes []string `json:"prefixes"`
}

// Charter is the network's founding document (wire.md §9). It is read from the bytes as
// they were written, and never encoded again: its digest is of those bytes.
type Charter struct {
	Vardar        string              `json:"vardar"` // "charter"
	Version       int                 `json:"version"`
	Network       string              `json:"network"`
	Previous      *Digest             `json:"previous"` // of the version before; null in the first
	Threshold     int                 `json:"threshold"`
	Stewards      []Steward           `json:"stewards"`
	Registrars    []Registrar         `json:"registrars"`
	MembersMay    map[string][]string `json:"members_may"` // level → type patterns
	Handling      map[string]Handling `json:"handling"`    // type → default mark
	RetentionDays map[string]int      `json:"retention_days"`
	Groups        map[string][]string `json:"groups"` // name → prefixes or IDs
	Quota         Quota               `json:"quota"`
	Networks      []PartnerNetwork    `json:"networks"`
	Expires       string              `json:"expires"` // YYYY-MM-DDThh:mm:ssZ

	// Newer are members this version doesn't know: shown as "needs a newer vardar".
	Newer []string `json:"-"`
}

// ParseCharter reads a document and holds it against its own rules: a threshold of more
// than half, keys with proofs, one key an institution, sensible prefixes. It does not
// look at signatures: that is [SignedCharter.Verify].
func ParseCharter(document []byte) (*Charter, error) {
	var kind struct {
		Vardar string `json:"vardar"`
	}
	if _, err := DecodeJSON(document, &kind); err != nil {
		return nil, err
	}
	if kind.Vardar != "charter" {
		return nil, broken(ErrCharterVersion, "vardar", kind.Vardar)
	}
	c := &Charter{}
	newer, err := DecodeJSON(document, c)
	if err != nil {
		return nil, err
	}
	c.Newer = newer
	if err := c.check(); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *Charter) check() error {
	if c.Version < 1 || c.Version > MaxNumber || (c.Previous == nil) != (c.Version == 1) {
		return &Violation{Field: "version", Rule: ErrCharter, Detail: "want version 1 without, or a later one with, the digest of the one before"}
	}
	if !isTitle(c.Network) {
		return &Violation{Field: "network", Rule: ErrCharter, Detail: "want " + titleRule}
	}
	if n := len(c.Stewards); 2*c.Threshold <= n || c.Threshold > n {
		return &Violation{Field: "threshold", Rule: ErrThreshold}
	}
	if _, err := c.ExpiresAt(); err != nil {
		return located(err, "expires")
	}
	if err := c.checkNumbers(); err != nil {
		return err
	}
	return c.checkKeys()
}

func (c *Charter) checkNumbers() error {
	for kind, days := range c.RetentionDays {
		if days < 1 || days > MaxNumber {
			return broken(ErrCharter, "retention_days", kind)
		}
	}
	if c.Quota.RecordsADay < 0 || c.Quota.MiBADay < 0 {
		return &Violation{Field: "quota", Rule: ErrCharter, Detail: "want 0 or more"}
	}
	for _, n := range c.Networks {
		for _, p := range n.Prefixes {
			if !ValidPrefix(p) {
				return broken(ErrPrefix, "networks", p)
			}
		}
	}
	return nil
}

// checkKeys sees to it that every institution stands once in each list, has one key, and
// shares it with nobody, and that no two registrars hold one prefix.
func (c *Charter) checkKeys() error {
	keys := map[InstitutionID]Key{}
	owners := map[Key]InstitutionID{}
	prefixes := map[string]bool{}
	enter := func(list string, id InstitutionID, key Key, proof Signature) error {
		known, ok := keys[id]
		if owner, used := owners[key]; (ok && known != key) || (used && owner != id) {
			return broken(ErrCharterKeys, list, string(id))
		}
		keys[id], owners[key] = key, id
		if ok { // a registrar that is a steward too: the proof was checked
			return nil
		}
		return CheckKeyProof(id, UseIdentity, key, proof)
	}
	stewards, registrars := map[InstitutionID]bool{}, map[InstitutionID]bool{}
	for i, s := range c.Stewards {
		if stewards[s.Institution] {
			return broken(ErrCharterKeys, "stewards", string(s.Institution))
		}
		stewards[s.Institution] = true
		if err := enter("stewards", s.Institution, s.Key, s.Proof); err != nil {
			return located(err, fmt.Sprintf("stewards[%d]", i))
		}
	}
	for i, r := range c.Registrars {
		if registrars[r.Institution] {
			return broken(ErrCharterKeys, "registrars", string(r.Institution))
		}
		registrars[r.Institution] = true
		if err := enter("registrars", r.Institution, r.Key, r.Proof); err != nil {
			return located(err, fmt.Sprintf("registrars[%d]", i))
		}
		for _, p := range r.Prefixes {
			if !ValidPrefix(p) || prefixes[p] {
				return broken(ErrPrefix, fmt.Sprintf("registrars[%d].prefixes", i), p)
			}
			prefixes[p] = true
		}
	}
	return nil
}

// ExpiresAt gives the moment after which a banner shows and nobody is admitted.
func (c *Charter) ExpiresAt() (time.Time, error) { return parseDate(c.Expires) }

// RegistrarOf gives the one registrar of an ID: the one with the longest prefix for it
// (epochs.md 3).
func (c *Charter) RegistrarOf(id InstitutionID) (InstitutionID, bool) {
	var best InstitutionID
	longest := -1
	for _, r := range c.Registrars {
		for _, p := range r.Prefixes {
			if id.Under(p) && len(p) > longest {
				best, longest = r.Institution, len(p)
			}
		}
	}
	return best, longest >= 0
}

// KeyOf gives the identity key that the charter itself names for an institution: the
// opener of its trust feed, epoch 1.
func (c *Charter) KeyOf(id InstitutionID) (Key, bool) {
	for _, s := range c.Stewards {
		if s.Institution == id {
			return s.Key, true
		}
	}
	for _, r := range c.Registrars {
		if r.Institution == id {
			return r.Key, true
		}
	}
	return Key{}, false
}

// CharterSignature is one steward's signature over a charter.
type CharterSignature struct {
	Steward   InstitutionID `json:"steward"`
	Signature Signature     `json:"signature"`
}

// SignedCharter is a document with its detached signatures. The digest is of the
// document alone.
type SignedCharter struct {
	Document   []byte
	Signatures []CharterSignature
}

// Digest identifies the charter: SHA-256 of the document bytes.
func (s *SignedCharter) Digest() Digest { return DigestOf(s.Document) }

// CharterText is what a steward signs.
func CharterText(document []byte) []byte { return append([]byte(lineCharter), document...) }

// Sign adds a steward's signature, for tests and offline tools.
func (s *SignedCharter) Sign(steward InstitutionID, private ed25519.PrivateKey) {
	s.Signatures = append(s.Signatures, CharterSignature{steward, Signature(ed25519.Sign(private, CharterText(s.Document)))})
}

// Verify reads the document and checks that at least its threshold of its stewards
// signed it: [ErrCharterSigned]. It does not ask for the predecessor's threshold, which a
// later version needs too (epochs.md 16).
func (s *SignedCharter) Verify() (*Charter, error) {
	c, err := ParseCharter(s.Document)
	if err != nil {
		return nil, err
	}
	if !s.signedBy(c) {
		return nil, &Violation{Field: "signatures", Rule: ErrCharterSigned}
	}
	return c, nil
}

func (s *SignedCharter) signedBy(c *Charter) bool {
	text := CharterText(s.Document)
	waiting := make(map[InstitutionID]Key, len(c.Stewards))
	for _, steward := range c.Stewards {
		waiting[steward.Institution] = steward.Key
	}
	signed := 0
	for _, sig := range s.Signatures {
		key, ok := waiting[sig.Steward]
		// One look at each steward's first signature: a flood of bad ones costs nothing.
		delete(waiting, sig.Steward)
		if ok && key.Verify(text, sig.Signature) {
			signed++
		}
	}
	return signed >= c.Threshold
}

// envelope is how a signed charter travels: as a file, a link's answer, and the body of
// a vardar.trust.charter.v1 record after its salt.
type envelope struct {
	Charter    string             `json:"charter"`
	Signatures []CharterSignature `json:"signatures"`
}

// MarshalJSON writes the envelope.
func (s SignedCharter) MarshalJSON() ([]byte, error) {
	return json.Marshal(envelope{base64.StdEncoding.EncodeToString(s.Document), s.Signatures})
}

// UnmarshalJSON reads the envelope; nothing is verified.
func (s *SignedCharter) UnmarshalJSON(b []byte) error {
	var e envelope
	if _, err := DecodeJSON(b, &e); err != nil {
		return err
	}
	document, ok := decodeDocument(base64.StdEncoding, e.Charter)
	if !ok {
		return misfit("charter", "want canonical base64")
	}
	s.Document, s.Signatures = document, e.Signatures
	return nil
}
