package board

import (
	"cmp"
	"slices"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// speaksOf gives the records that a body names: the one that began its thread, the one
// that opened its incident, and those it refers to.
func speaksOf(c *body.Common) []protocol.Name {
	var out []protocol.Name
	for _, n := range []protocol.Name{c.Thread, c.Incident} {
		if !n.IsZero() {
			out = append(out, n)
		}
	}
	for _, r := range c.Refs {
		out = append(out, r.Record)
	}
	slices.SortFunc(out, compareNames)
	return slices.Compact(out)
}

// Mention is a record that speaks of others.
type Mention struct {
	Record protocol.Name
	Digest protocol.Digest
}

// About gives the records that speak of one, directly or of those that do: the thread of a
// request, what was answered in it, who acknowledged what. They come in the order of their
// names, and at most so many, the nearest first chosen, of those as near by their names: no node
// chooses others because they came in another order. more says that there are others.
// What an erasure took back speaks of nothing any more.
func (b *Board) About(n protocol.Name, most int) (out []Mention, more bool) {
	b.fold.Lock()
	defer b.fold.Unlock()
	b.settleLocked()
	seen, taken := map[protocol.Name]bool{n: true}, map[Mention]bool{}
	for next := []protocol.Name{n}; len(next) > 0; next = next[1:] {
		for _, e := range slices.SortedFunc(slices.Values(b.about[next[0]]), byName) {
			if taken[Mention{e.name, e.digest}] {
				continue
			}
			if len(out) == most {
				more = true
				break
			}
			out, taken[Mention{e.name, e.digest}] = append(out, Mention{e.name, e.digest}), true
			if !seen[e.name] {
				seen[e.name] = true
				next = append(next, e.name)
			}
		}
	}
	slices.SortFunc(out, func(x, y Mention) int {
		return cmp.Or(compareNames(x.Record, y.Record), compareDigests(x.Digest, y.Digest))
	})
	return out, more
}
