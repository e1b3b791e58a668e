package protocol

// VardarHave is the value of "vardar" in a [HaveProof].
const VardarHave = "have"

// HaveProof is what a witness gives out of the have whose digest its record states: a
// digest for every group, and the rows of some. Whoever holds a record and those that
// follow it up to the head of a row can check that the witness held it (design.md §8).
type HaveProof struct {
	V      int                 `json:"v"`
	Vardar string              `json:"vardar"`
	Groups map[Group]Digest    `json:"groups"`
	Rows   map[Group][]HaveRow `json:"rows"`
}

// ParseHaveProof reads one and holds its rows against the digests of their groups. It
// returns what [DecodeJSON] says, [ErrControlVersion] unless it is a have of this version,
// or [ErrHaveProof] with the group.
func ParseHaveProof(data []byte) (*HaveProof, error) {
	p := &HaveProof{}
	if _, err := DecodeJSON(data, p); err != nil {
		return nil, err
	}
	if err := isVersion(p.V); err != nil {
		return nil, err
	}
	if p.Vardar != VardarHave {
		return nil, broken(ErrControlVersion, "vardar", p.Vardar)
	}
	for g, rows := range p.Rows {
		if d := GroupDigest(g, rows); d.IsZero() || d != p.Groups[g] {
			return nil, broken(ErrHaveProof, "rows", g.String())
		}
	}
	return p, nil
}

// Digest is the digest of the whole have, which a witness record states.
func (p *HaveProof) Digest() Digest { return HavesDigest(p.Groups) }
