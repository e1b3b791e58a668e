package protocol

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
)

// Direction is what one side of a link sends the other.
type Direction struct {
	// Groups are the topics and regions that go this way: "situation mk.southeast",
	// with * for any topic ("* mk.southeast"), any region of a country
	// ("situation mk.*"), or anything ("* *"). The trust topic always goes.
	Groups []string `json:"groups"`
	Bodies Handling `json:"bodies"` // the highest mark whose bodies may go
	Relay  Handling `json:"relay"`  // the highest mark of others' records that is passed on
	KiBs   int      `json:"kib_s"`  // 0: no limit
}

// Carries reports whether a group of feeds goes this way.
func (d Direction) Carries(g Group) bool {
	return g.Topic == Trust || slices.ContainsFunc(d.Groups, func(pattern string) bool { return groupMatches(pattern, g) })
}

// CarriesBody reports whether a body under this mark may go: trust bodies always.
func (d Direction) CarriesBody(t Topic, h Handling) bool { return t == Trust || h <= d.Bodies }

func groupMatches(pattern string, g Group) bool {
	topic, region, _ := strings.Cut(pattern, " ")
	if topic != "*" && topic != g.Topic.String() {
		return false
	}
	if region == "*" || region == string(g.Region) {
		return true
	}
	country, any := strings.CutSuffix(region, ".*")
	return any && strings.HasPrefix(string(g.Region), country+".")
}

// ValidGroupPattern reports whether a text may stand in [Direction.Groups].
func ValidGroupPattern(s string) bool {
	topic, region, ok := strings.Cut(s, " ")
	if _, err := ParseTopic(topic); !ok || (topic != "*" && err != nil) {
		return false
	}
	if region == "*" {
		return true
	}
	if country, any := strings.CutSuffix(region, ".*"); any {
		return isCountry(country)
	}
	_, err := ParseRegion(region)
	return err == nil
}

// PolicyDocument is the member "vardar" of a link policy (wire.md §9).
const PolicyDocument = "link"

// LinkPolicy is a document of two: what goes which way over their link. The higher
// number that both have signed is in force (wire.md §9).
type LinkPolicy struct {
	Vardar string        `json:"vardar"` // "link"
	Number int           `json:"number"`
	A      InstitutionID `json:"a"`
	B      InstitutionID `json:"b"`
	AToB   Direction     `json:"a_to_b"`
	BToA   Direction     `json:"b_to_a"`
}

// From gives what the institution sends to the other side; of one that is neither side,
// nothing but trust.
func (p *LinkPolicy) From(id InstitutionID) Direction {
	switch id {
	case p.A:
		return p.AToB
	case p.B:
		return p.BToA
	}
	return Direction{}
}

// PolicySignature is one side's signature over a policy, by its link key.
type PolicySignature struct {
	Institution InstitutionID `json:"institution"`
	Signature   Signature     `json:"signature"`
}

// SignedPolicy is a policy document as written, with the signatures it has so far.
type SignedPolicy struct {
	Document   []byte
	Signatures []PolicySignature
}

// PolicyText is what each side signs.
func PolicyText(document []byte) []byte { return append([]byte(linePolicy), document...) }

// Digest identifies the document; hello compares it.
func (s *SignedPolicy) Digest() Digest { return DigestOf(s.Document) }

// Sign sets one side's signature, for tests and tools that hold a key in memory.
func (s *SignedPolicy) Sign(id InstitutionID, private ed25519.PrivateKey) {
	s.Signatures = slices.DeleteFunc(s.Signatures, func(sig PolicySignature) bool { return sig.Institution == id })
	s.Signatures = append(s.Signatures, PolicySignature{id, Signature(ed25519.Sign(private, PolicyText(s.Document)))})
}

// Parse reads the document; it returns [ErrPolicy] or [ErrPolicyPattern] with the member
// that is wrong, or what [DecodeJSON] says.
func (s *SignedPolicy) Parse() (*LinkPolicy, error) {
	var p LinkPolicy
	if _, err := DecodeJSON(s.Document, &p); err != nil {
		return nil, err
	}
	if p.Vardar != PolicyDocument || p.Number < 1 || p.Number > MaxNumber || p.A == p.B {
		return nil, &Violation{Field: "vardar", Rule: ErrPolicy, Detail: "want \"link\", a number from 1, two institutions"}
	}
	for _, d := range []Direction{p.AToB, p.BToA} {
		for _, g := range d.Groups {
			if !ValidGroupPattern(g) {
				return nil, broken(ErrPolicyPattern, "groups", g)
			}
		}
		if d.KiBs < 0 {
			return nil, &Violation{Field: "kib_s", Rule: ErrPolicy}
		}
	}
	return &p, nil
}

// SignedBy reports whether id's signature is there and made with key.
func (s *SignedPolicy) SignedBy(id InstitutionID, key Key) bool {
	return slices.ContainsFunc(s.Signatures, func(sig PolicySignature) bool {
		return sig.Institution == id && key.Verify(PolicyText(s.Document), sig.Signature)
	})
}

// Verify reads the policy and checks both signatures; [ErrPolicySigned] names the side
// whose signature is missing or wrong.
func (s *SignedPolicy) Verify(keys map[InstitutionID]Key) (*LinkPolicy, error) {
	p, err := s.Parse()
	if err != nil {
		return nil, err
	}
	for _, id := range []InstitutionID{p.A, p.B} {
		if !s.SignedBy(id, keys[id]) {
			return nil, broken(ErrPolicySigned, "signatures", string(id))
		}
	}
	return p, nil
}

// maxPolicySignatures bounds how often a reader verifies: a policy has two sides.
const maxPolicySignatures = 2

type policyEnvelope struct {
	Policy     string            `json:"policy"`
	Signatures []PolicySignature `json:"signatures"`
}

// MarshalJSON writes the document in base64 beside its signatures.
func (s SignedPolicy) MarshalJSON() ([]byte, error) {
	return json.Marshal(policyEnvelope{base64.StdEncoding.EncodeToString(s.Document), s.Signatures})
}

// UnmarshalJSON reads what MarshalJSON writes; nothing is verified.
func (s *SignedPolicy) UnmarshalJSON(b []byte) error {
	var e policyEnvelope
	if _, err := DecodeJSON(b, &e); err != nil {
		return err
	}
	document, ok := decodeDocument(base64.StdEncoding, e.Policy)
	if !ok {
		return misfit("policy", "want canonical base64")
	}
	if len(e.Signatures) > maxPolicySignatures {
		return misfit("signatures", "want at most one of each side")
	}
	s.Document, s.Signatures = document, e.Signatures
	return nil
}
