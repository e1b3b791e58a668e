package trust

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/vardar-network/vardar/protocol"
)

// What one author's records can have this node remember of versions that were never in
// force. Anybody may write a version that waits for one that doesn't exist: whoever writes
// more loses the furthest of its own, and nobody else's.
const (
	// MaxCarried is how many such versions of one author are remembered: as many as a hello
	// names, so more than any line of charters that one steward publishes.
	MaxCarried = protocol.MaxCharters
	// MaxCarriedBytes bounds their documents: a version that names 45 registrars and
	// stewards has some 20 KiB.
	MaxCarriedBytes = 4 << 20
	// MaxCarriedSignatures bounds the signatures that one author's records add to one
	// version while nobody can say which of them are good.
	MaxCarriedSignatures = 256
	// maxRivals is how many rivals of one number are taken from peers, before more only
	// cost: two stop the version before them as well as a thousand.
	maxRivals = 8
)

// bounded gives those of the signatures on a version that its author may still add.
func (g *Registry) bounded(v *version, by protocol.InstitutionID, signatures []protocol.CharterSignature) []protocol.CharterSignature {
	if by == "" {
		return signatures
	}
	before := v.carriers[by]
	if _, all := g.judges(v); all {
		v.carriers[by] = before // the bad ones go at once
		return signatures
	}
	signatures = signatures[:min(len(signatures), MaxCarriedSignatures-before)]
	v.carriers[by] = before + len(signatures)
	return signatures
}

// clear forgets what an author has said beyond its bound. Which versions those are doesn't
// depend on the order in which they came: the first are kept, by number, then digest. What
// is forgotten and comes into force elsewhere is named by peers, and asked of them.
func (g *Registry) clear(by protocol.InstitutionID) {
	if by == "" {
		return
	}
	var said []*version
	for _, v := range g.versions {
		if _, carried := v.carriers[by]; carried && v.number < 0 {
			said = append(said, v)
		}
	}
	slices.SortFunc(said, func(a, b *version) int {
		return cmp.Or(cmp.Compare(a.Charter.Version, b.Charter.Version), bytes.Compare(a.Digest[:], b.Digest[:]))
	})
	size, forgotten := 0, false
	for n, v := range said {
		size += len(v.Signed.Document)
		if n < MaxCarried && size <= MaxCarriedBytes {
			continue
		}
		delete(v.carriers, by)
		if !v.lent && len(v.carriers) == 0 {
			delete(g.versions, v.Digest)
			forgotten = true
		}
	}
	if forgotten {
		g.enforce() // the line is the same: the others of the author rival as well as it
	}
}
