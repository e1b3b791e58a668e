package protocol

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"time"
)

// Steward signs the charter; k of n of them make a version of it.
type Steward struct {
	Institution InstitutionID `json:"institution"`
	Key         Key           `json:"key"` // identity key
	Proof       Signature     `json:"proof"`
	Epoch       uint32        `json:"epoch,omitempty"` // of its trust feed that the key signs; 0: 1
	Last        *Last         `json:"last,omitempty"`  // of the epoch before; from epoch 2 on
}

// Registrar may admit members under its prefixes.
type Registrar struct {
	Institution InstitutionID `json:"institution"`
	Prefixes    []string      `json:"prefixes"`
	Key         Key           `json:"key"`
	Proof       Signature     `json:"proof"`
	Epoch       uint32        `json:"epoch,omitempty"` // as a steward's
	Last        *Last         `json:"last,omitempty"`
}

// Ended says what counts of a registrar's word under prefixes that this version, or one
// before it, took from it: its openers up to Last of that epoch of its trust feed, which
// come before its successor's (epochs.md 3).
type Ended struct {
	Institution InstitutionID `json:"institution"`
	Prefixes    []string      `json:"prefixes"`
	Epoch       uint32        `json:"epoch"`
	Last        Last          `json:"last"` // never unknown
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
	Ended         []Ended             `json:"ended,omitempty"`
	Rival         *Digest             `json:"rival,omitempty"` // of a version that ends a rivalry: the one that Previous does not name

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
	if err := c.checkKeys(); err != nil {
		return err
	}
	return c.checkEnded()
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
	known, owners := map[InstitutionID]Entry{}, map[Key]InstitutionID{}
	for i, s := range c.Stewards {
		path := fmt.Sprintf("stewards[%d]", i)
		if _, twice := known[s.Institution]; twice {
			return broken(ErrCharterKeys, "stewards", string(s.Institution))
		}
		if err := enter(s.entry(), known, owners, s.Proof); err != nil {
			return located(err, path)
		}
	}
	registrars, prefixes := map[InstitutionID]bool{}, map[string]bool{}
	for i, r := range c.Registrars {
		path := fmt.Sprintf("registrars[%d]", i)
		if registrars[r.Institution] {
			return broken(ErrCharterKeys, "registrars", string(r.Institution))
		}
		registrars[r.Institution] = true
		if err := enter(r.entry(), known, owners, r.Proof); err != nil {
			return located(err, path)
		}
		for _, p := range r.Prefixes {
			if !ValidPrefix(p) || prefixes[p] {
				return broken(ErrPrefix, path+".prefixes", p)
			}
			prefixes[p] = true
		}
	}
	return nil
}

// enter holds one entry against those before it. A registrar that is a steward too says
// the same in both.
func enter(e Entry, known map[InstitutionID]Entry, owners map[Key]InstitutionID, proof Signature) error {
	if e.Epoch > MaxNumber {
		return broken(ErrEpoch, "epoch", strconv.FormatUint(uint64(e.Epoch), 10))
	}
	if (e.Epoch > 1) != (e.Last != nil) {
		return &Violation{Field: "last", Rule: ErrCharter, Detail: "from epoch 2 on name the last record of the epoch before, or \"unknown\"; in epoch 1 leave it out"}
	}
	before, twice := known[e.Institution]
	if owner, used := owners[e.Key]; twice && !before.same(e) || used && owner != e.Institution {
		return broken(ErrCharterKeys, "key", string(e.Institution))
	}
	known[e.Institution], owners[e.Key] = e, e.Institution
	if twice {
		return nil // the proof was checked
	}
	return CheckKeyProof(e.Institution, UseIdentity, e.Key, proof)
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

// Entry is what a charter says of the trust feed of a steward or registrar: which key
// signs which epoch of it, and what counts of the epoch before.
type Entry struct {
	Institution InstitutionID
	Epoch       uint32
	Key         Key
	Last        *Last // nil in epoch 1
}

func (s *Steward) entry() Entry   { return Entry{s.Institution, max(s.Epoch, 1), s.Key, s.Last} }
func (r *Registrar) entry() Entry { return Entry{r.Institution, max(r.Epoch, 1), r.Key, r.Last} }

func (e Entry) same(other Entry) bool {
	return e.Epoch == other.Epoch && e.Key == other.Key && (e.Last == nil || *e.Last == *other.Last)
}

// Entries gives the entries of all stewards and registrars, each institution once.
func (c *Charter) Entries() []Entry {
	var out []Entry
	seen := map[InstitutionID]bool{}
	add := func(e Entry) {
		if !seen[e.Institution] {
			seen[e.Institution] = true
			out = append(out, e)
		}
	}
	for i := range c.Stewards {
		add(c.Stewards[i].entry())
	}
	for i := range c.Registrars {
		add(c.Registrars[i].entry())
	}
	return out
}

// KeyOf gives the identity key that the charter itself names for an institution.
func (c *Charter) KeyOf(id InstitutionID) (Key, bool) {
	for _, e := range c.Entries() {
		if e.Institution == id {
			return e.Key, true
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
// signed it: [ErrCharterSigned]. A later version needs more: see
// [SignedCharter.VerifyAfter].
func (s *SignedCharter) Verify() (*Charter, error) {
	c, err := ParseCharter(s.Document)
	if err != nil {
		return nil, err
	}
	if len(s.signers(c.stewardKeys())) < c.Threshold {
		return nil, &Violation{Field: "signatures", Rule: ErrCharterSigned}
	}
	return c, nil
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
