package protocol

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"slices"
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
	return c, c.check()
}

func (c *Charter) check() error {
	if c.Version < 1 || c.Network == "" || (c.Previous == nil) != (c.Version == 1) {
		return &Violation{Field: "version", Rule: ErrCharter, Detail: "want version 1 without, or a later one with, the digest of the one before, and a network name"}
	}
	if n := len(c.Stewards); 2*c.Threshold <= n || c.Threshold > n {
		return &Violation{Field: "threshold", Rule: ErrThreshold}
	}
	if _, err := c.ExpiresAt(); err != nil {
		return broken(ErrTime, "expires", c.Expires)
	}
	keys := map[InstitutionID]Key{}
	for _, s := range c.Stewards {
		if _, twice := keys[s.Institution]; twice {
			return broken(ErrCharterKeys, "stewards", string(s.Institution))
		}
		if err := CheckKeyProof(s.Institution, UseIdentity, s.Key, s.Proof); err != nil {
			return located(err, "stewards "+string(s.Institution))
		}
		keys[s.Institution] = s.Key
	}
	return c.checkRegistrars(keys)
}

func (c *Charter) checkRegistrars(keys map[InstitutionID]Key) error {
	holders := map[string]bool{}
	for _, r := range c.Registrars {
		if key, ok := keys[r.Institution]; ok && key != r.Key {
			return broken(ErrCharterKeys, "registrars", string(r.Institution))
		}
		if err := CheckKeyProof(r.Institution, UseIdentity, r.Key, r.Proof); err != nil {
			return located(err, "registrars "+string(r.Institution))
		}
		keys[r.Institution] = r.Key
		for _, p := range r.Prefixes {
			if !ValidPrefix(p) || holders[p] {
				return &Violation{Field: "registrars " + string(r.Institution), Rule: ErrCharter, Detail: "prefix " + quoted(p) + " is not like mk. or mk.southeast., or is given twice"}
			}
			holders[p] = true
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
// signed it. That a later version also needs its predecessor's threshold is
// [SignedCharter.Succeeds].
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
	var signed []InstitutionID
	for _, sig := range s.Signatures {
		i := slices.IndexFunc(c.Stewards, func(st Steward) bool { return st.Institution == sig.Steward })
		if i >= 0 && !slices.Contains(signed, sig.Steward) && c.Stewards[i].Key.Verify(text, sig.Signature) {
			signed = append(signed, sig.Steward)
		}
	}
	return len(signed) >= c.Threshold
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
	document, err := base64.StdEncoding.Strict().DecodeString(e.Charter)
	if err != nil {
		return misfit("charter", "want base64")
	}
	s.Document, s.Signatures = document, e.Signatures
	return nil
}
