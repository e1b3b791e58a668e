package trust

import (
	"slices"

	"github.com/vardar-network/vardar/protocol"
)

// Branch is one branch of an epoch that a store holds, as much as the rules for have rows
// and forks need of it.
type Branch struct {
	Root   protocol.Digest // ce-previous of its sequence 1: the opener it hangs on
	Parts  uint32          // first sequence that is its own; 1 for the first branch
	Head   uint32
	Digest protocol.Digest // of its head
	// AtLast is the digest it holds at the sequence that [Registry.Last] names for the
	// epoch. It may stay zero where Last names none, or the branch ends there or before.
	AtLast protocol.Digest
}

// Rows gives the have rows of an epoch for the branches that a store holds of it
// (epochs.md 17): one for each branch; one alone, last, where that is held; none for a
// branch that hangs on an opener that doesn't count, and none behind a held last. While
// an epoch waits, all branches of the openers that wait have rows.
func (g *Registry) Rows(e protocol.EpochID, branches []Branch) []protocol.HaveRow {
	g.mu.RLock()
	defer g.mu.RUnlock()
	standing, row := g.judge(e, branches)
	if row != nil {
		if row.Sequence == 0 {
			return nil
		}
		return []protocol.HaveRow{*row}
	}
	var rows []protocol.HaveRow
	for _, b := range standing {
		rows = append(rows, protocol.HaveRow{EpochID: e, Sequence: b.Head, Head: b.Digest.Prefix()})
	}
	slices.SortFunc(rows, protocol.CompareRows)
	return slices.Compact(rows)
}

// Stops says from which sequence on an epoch is stopped by a fork (epochs.md 11): from
// where two of its branches part, or from the beginning while it waits between openers or
// was begun twice. A held last ends it. Branches of openers that don't count are void and
// stop nothing.
func (g *Registry) Stops(e protocol.EpochID, branches []Branch) (from uint32, stopped bool) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	standing, row := g.judge(e, branches)
	from = g.stops(e, standing, row)
	return from, from > 0
}

func (g *Registry) stops(e protocol.EpochID, standing []Branch, row *protocol.HaveRow) uint32 {
	if row != nil || len(standing) == 0 {
		return 0
	}
	if slices.ContainsFunc(g.list(e), func(o Opener) bool { return o.Waits }) {
		return 1
	}
	if len(standing) < 2 {
		return 0
	}
	// However a forked chain is cut into branches, one of them begins at 1, and the
	// smallest of the other beginnings is where the first fork lies.
	parts := make([]uint32, 0, len(standing))
	for _, b := range standing {
		parts = append(parts, b.Parts)
	}
	slices.Sort(parts)
	return parts[1]
}

// Closed gives what counts of an epoch once that is stated, and held on a chain of the
// opener that counts; false until then: it is judged like an open one (epochs.md 10).
func (g *Registry) Closed(e protocol.EpochID, branches []Branch) (Last, bool) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if _, row := g.judge(e, branches); row == nil {
		return Last{}, false
	}
	said, _ := g.last(e)
	return said.Last, true
}

// judge gives the branches that hang on standing openers; and, if last of the epoch is
// held on a branch of its opener, its row, with sequence 0 if nothing counts.
func (g *Registry) judge(e protocol.EpochID, branches []Branch) ([]Branch, *protocol.HaveRow) {
	var standing []Branch
	said, closed := g.last(e)
	last := said.Last
	for _, o := range g.list(e) {
		if !o.Counts && !o.Waits {
			continue
		}
		if closed && o.Counts && last.Sequence == 0 && !last.Unknown && last.Digest == o.Digest {
			return nil, &protocol.HaveRow{EpochID: e}
		}
		for _, b := range branches {
			if b.Root != o.Digest || b.Head == 0 || slices.Contains(standing, b) {
				continue
			}
			if closed && o.Counts && b.holds(last) {
				return nil, &protocol.HaveRow{EpochID: e, Sequence: last.Sequence, Head: last.Digest.Prefix()}
			}
			standing = append(standing, b)
		}
	}
	return standing, nil
}

// holds reports whether a branch's chain contains what last names.
func (b Branch) holds(last Last) bool {
	if last.Unknown || last.Sequence == 0 {
		return false
	}
	return b.Head == last.Sequence && b.Digest == last.Digest || b.Head > last.Sequence && b.AtLast == last.Digest
}
