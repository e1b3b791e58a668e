package desk

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/protocol"
)

// CharterPaper is a version of a charter on its way from steward to steward: the envelope
// as it will travel, and beside it the versions that it is judged by, so that it can be
// read and signed far from any node. Readers of envelopes pass over those.
type CharterPaper struct {
	protocol.SignedCharter

	// Before is empty for a first version; the version before; or, for one that ends a
	// rivalry, the version it goes on from, its rival, the one before both, and any further
	// rivals.
	Before []protocol.SignedCharter
}

type paperJSON struct {
	Charter    []byte                      `json:"charter"`
	Signatures []protocol.CharterSignature `json:"signatures"`
	Before     []protocol.SignedCharter    `json:"before,omitempty"`
}

// MarshalJSON writes the envelope and what lies beside it.
func (p CharterPaper) MarshalJSON() ([]byte, error) {
	signatures := p.Signatures
	if signatures == nil {
		signatures = []protocol.CharterSignature{}
	}
	return json.Marshal(paperJSON{p.Document, signatures, p.Before})
}

// UnmarshalJSON reads an envelope, with or without versions beside it; nothing is verified.
func (p *CharterPaper) UnmarshalJSON(b []byte) error {
	if err := json.Unmarshal(b, &p.SignedCharter); err != nil {
		return err
	}
	var beside struct {
		Before []protocol.SignedCharter `json:"before"`
	}
	err := json.Unmarshal(b, &beside)
	p.Before = beside.Before
	return err
}

// Quorum is whose signatures a version needs, and whose it has.
type Quorum struct {
	Of      string                   `json:"of"` // the stewards of version 2
	Needs   int                      `json:"needs"`
	Signed  []protocol.InstitutionID `json:"signed"`
	Missing []protocol.InstitutionID `json:"missing"` // those who may still sign
}

// Reached reports whether enough have signed.
func (q *Quorum) Reached() bool { return len(q.Signed) >= q.Needs }

// String says it in one line.
func (q *Quorum) String() string {
	said := fmt.Sprintf("%d of %d signatures of %s", len(q.Signed), q.Needs, q.Of)
	if len(q.Signed) > 0 {
		said += "; signed by " + joinIDs(q.Signed)
	}
	if !q.Reached() {
		said += "; not by " + joinIDs(q.Missing)
	}
	return said
}

func joinIDs(ids []protocol.InstitutionID) string {
	words := make([]string, len(ids))
	for i, id := range ids {
		words[i] = string(id)
	}
	return strings.Join(words, ", ")
}

// CharterReading is what a person must know of a version before signing it.
type CharterReading struct {
	Network string          `json:"network"`
	Version int             `json:"version"`
	Digest  protocol.Digest `json:"digest"`
	Expires string          `json:"expires"`
	Changes []string        `json:"changes"` // against the version before, or what a first version says
	Quorums []Quorum        `json:"quorums"`
	Whole   bool            `json:"whole"` // enough have signed

	Charter *protocol.Charter `json:"-"`
}

// Read judges a paper by what lies beside it: that the document is valid and follows the
// version before, what it changes, and who has signed. A problem is [Refused], and names
// the rule.
func (p *CharterPaper) Read() (CharterReading, error) {
	c, err := protocol.ParseCharter(p.Document)
	if err != nil {
		return CharterReading{}, charterMisfit(err)
	}
	out := CharterReading{Network: c.Network, Version: c.Version, Digest: p.Digest(), Expires: c.Expires, Charter: c}
	var before *protocol.Charter
	if c.Version > 1 {
		if before, err = p.predecessor(c); err != nil {
			return out, err
		}
	}
	out.Changes = CharterWords(before, c)
	out.Quorums = []Quorum{quorumOf(&p.SignedCharter, c)}
	switch {
	case c.Rival != nil:
		q, err := p.arbiters()
		if err != nil {
			return out, err
		}
		out.Quorums = append(out.Quorums, q)
	case before != nil:
		out.Quorums = append(out.Quorums, quorumOf(&p.SignedCharter, before))
	}
	out.Whole = !slices.ContainsFunc(out.Quorums, func(q Quorum) bool { return !q.Reached() })
	return out, nil
}

// predecessor gives the version before, which the document names by its digest.
func (p *CharterPaper) predecessor(c *protocol.Charter) (*protocol.Charter, error) {
	for i := range p.Before {
		if p.Before[i].Digest() != *c.Previous {
			continue
		}
		before, err := protocol.ParseCharter(p.Before[i].Document)
		if err == nil {
			err = c.CheckAfter(before)
		}
		if err != nil {
			return nil, charterMisfit(err)
		}
		return before, nil
	}
	return nil, &Problem{
		Kind: Refused, Field: "previous", Detail: fmt.Sprintf("version %d goes on from %s, which is not beside it", c.Version, c.Previous),
		Mend: "draft it again where a node runs: that puts the version before beside it", Next: "vardar member charter draft --help",
	}
}

// others gives the rivals of the version that a paper which ends a rivalry goes on from.
func (p *CharterPaper) others() []*protocol.SignedCharter {
	out := []*protocol.SignedCharter{&p.Before[1]}
	for i := range p.Before[3:] {
		out = append(out, &p.Before[3+i])
	}
	return out
}

// arbiters are those who end a rivalry: the stewards before it who signed no two rivals.
func (p *CharterPaper) arbiters() (Quorum, error) {
	const three = 3
	if len(p.Before) < three {
		return Quorum{}, problem(Refused, "vardar member charter draft --help", "a version that ends a rivalry needs both rivals, and the version before them, beside it")
	}
	common, err := protocol.ParseCharter(p.Before[2].Document)
	if err != nil {
		return Quorum{}, charterMisfit(err)
	}
	times, ours := map[protocol.InstitutionID]int{}, p.SignedBy(common)
	for _, r := range append([]*protocol.SignedCharter{&p.Before[0]}, p.others()...) {
		for _, id := range r.SignedBy(common) {
			times[id]++
		}
	}
	q := Quorum{Of: fmt.Sprintf("the stewards of version %d who did not sign both rivals", common.Version), Signed: []protocol.InstitutionID{}, Missing: []protocol.InstitutionID{}}
	for _, s := range common.Stewards {
		switch id := s.Institution; {
		case times[id] > 1:
		case slices.Contains(ours, id):
			q.Signed = append(q.Signed, id)
		default:
			q.Missing = append(q.Missing, id)
		}
	}
	q.Needs = (len(q.Signed)+len(q.Missing))/2 + 1
	return q, nil
}

// quorumOf says who of a version's stewards has signed a document.
func quorumOf(s *protocol.SignedCharter, c *protocol.Charter) Quorum {
	q := Quorum{Of: fmt.Sprintf("the stewards of version %d", c.Version), Needs: c.Threshold, Missing: []protocol.InstitutionID{}}
	q.Signed = s.SignedBy(c)
	for _, steward := range c.Stewards {
		if !slices.Contains(q.Signed, steward.Institution) {
			q.Missing = append(q.Missing, steward.Institution)
		}
	}
	return q
}

// Seats gives the stewards whose signatures the paper still takes, with the keys that they
// may sign with.
func (p *CharterPaper) Seats() (map[protocol.InstitutionID][]protocol.Key, error) {
	reading, err := p.Read()
	if err != nil {
		return nil, err
	}
	out := map[protocol.InstitutionID][]protocol.Key{}
	versions := []*protocol.Charter{reading.Charter}
	for i := range p.Before {
		c, err := protocol.ParseCharter(p.Before[i].Document)
		if err != nil {
			return nil, charterMisfit(err)
		}
		versions = append(versions, c)
	}
	for _, c := range versions {
		for _, s := range c.Stewards {
			if !slices.Contains(out[s.Institution], s.Key) {
				out[s.Institution] = append(out[s.Institution], s.Key)
			}
		}
	}
	return out, nil
}

// Take adds the signatures of another copy of the same paper, each steward's once. It
// returns how many were new; a copy of another document is [Refused], and so is one with a
// signature that no steward's key made.
func (p *CharterPaper) Take(other *CharterPaper) (int, error) {
	if other.Digest() != p.Digest() {
		return 0, problem(Refused, "vardar member charter show --help", "the copy is another document: %s, and this is %s", other.Digest(), p.Digest())
	}
	seats, err := p.Seats()
	if err != nil {
		return 0, err
	}
	added := 0
	for _, s := range other.Signatures {
		switch err := p.add(seats, s); {
		case err == nil:
			added++
		case !errors.Is(err, ErrSignedTwice):
			return added, err
		}
	}
	return added, nil
}

// ErrSignedTwice says that a steward has signed a version already.
var ErrSignedTwice = errors.New("signed already")

// Add takes a signature of a steward; it refuses a second one by the same key, and one
// that no key of that steward made.
func (p *CharterPaper) Add(s protocol.CharterSignature) error {
	seats, err := p.Seats()
	if err != nil {
		return err
	}
	return p.add(seats, s)
}

func (p *CharterPaper) add(seats map[protocol.InstitutionID][]protocol.Key, s protocol.CharterSignature) error {
	keys, ok := seats[s.Steward]
	if !ok {
		return problem(NotPermitted, "vardar member charter show", "%s is no steward, of this version or of the one before: its signature counts nowhere", s.Steward)
	}
	text := protocol.CharterText(p.Document)
	made := func(by protocol.CharterSignature) int {
		return slices.IndexFunc(keys, func(k protocol.Key) bool { return by.Steward == s.Steward && k.Verify(text, by.Signature) })
	}
	by := made(s)
	if by < 0 {
		return &Problem{
			Kind: Refused, Detail: fmt.Sprintf("the signature of %s was not made by the key that the charter names for it", s.Steward),
			Mend: "sign with the identity key that 'vardar member show " + string(s.Steward) + "' prints", Next: "vardar member charter sign --help",
		}
	}
	if slices.ContainsFunc(p.Signatures, func(held protocol.CharterSignature) bool { return made(held) == by }) {
		return &Problem{
			Kind: Refused, Detail: fmt.Sprintf("%s has signed this version already: a steward signs once", s.Steward),
			Mend: "pass the file on to those who are missing", Next: "vardar member charter show FILE", Err: ErrSignedTwice,
		}
	}
	p.Signatures = append(p.Signatures, s)
	return nil
}
