package trust

import (
	"bytes"
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
	j := g.judge(e, branches)
	if j.Closed {
		if j.Last.Sequence == 0 {
			return nil
		}
		return []protocol.HaveRow{{EpochID: e, Sequence: j.Last.Sequence, Head: j.Last.Digest.Prefix()}}
	}
	var rows []protocol.HaveRow
	for _, b := range j.branches {
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
	from = g.Stands(e, branches).Stopped
	return from, from > 0
}

// Closed gives what counts of an epoch once that is stated, and held on a chain of the
// opener that counts; false until then: it is judged like an open one (epochs.md 10).
func (g *Registry) Closed(e protocol.EpochID, branches []Branch) (Last, bool) {
	s := g.Stands(e, branches)
	return s.Last, s.Closed
}

// Standing says how the records of an epoch stand, whatever branch they lie on: it
// changes when trust has news of the epoch or a branch is added, and not with each record.
type Standing struct {
	Roots   []protocol.Digest // the openers that count or wait, sorted: what hangs on another is void
	Stopped uint32            // from this sequence on (epochs.md 11); 0: nowhere
	Closed  bool              // what does not lie on the chain of Last is void
	Last    Last              // only if closed
}

// Equal reports whether all records stand alike by both.
func (s Standing) Equal(other Standing) bool {
	return s.Stopped == other.Stopped && s.Closed == other.Closed && s.Last == other.Last && slices.Equal(s.Roots, other.Roots)
}

// Of says how a record stands whose chain hangs on a root. Of a closed epoch on asks
// whether the record lies on the chain of Last.
func (s Standing) Of(sequence uint32, root protocol.Digest, on func() bool) (stopped, void bool) {
	if _, stands := slices.BinarySearchFunc(s.Roots, root, compareDigests); !stands {
		return false, true
	}
	if s.Closed {
		return false, sequence > s.Last.Sequence || !on()
	}
	return s.Stopped > 0 && sequence >= s.Stopped, false
}

func compareDigests(a, b protocol.Digest) int { return bytes.Compare(a[:], b[:]) }

// Stands gives the standing of an epoch for the branches that a store holds of it.
func (g *Registry) Stands(e protocol.EpochID, branches []Branch) Standing {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return g.judge(e, branches).Standing
}

// judgement is how an epoch stands, and why.
type judgement struct {
	Standing
	branches []Branch  // that hang on standing openers, each once
	waits    bool      // two openers opened it, or two keys took the invitation
	said     Statement // only if closed
}

// judge looks at each branch once: an author that forks its feed a thousand times is
// judged in a thousand steps.
func (g *Registry) judge(e protocol.EpochID, branches []Branch) judgement {
	var j judgement
	standing := g.standing(e)
	for _, o := range standing {
		j.Roots = append(j.Roots, o.digest())
		j.waits = j.waits || len(o.taken) > 1
	}
	slices.SortFunc(j.Roots, compareDigests)
	j.waits = j.waits || len(standing) > 1
	said, stated := g.last(e)
	stated = stated && len(standing) == 1
	close := func() { j.Closed, j.Last, j.said = true, said.Last, said }
	if l := said.Last; stated && l.Sequence == 0 && !l.Unknown && l.Digest == j.Roots[0] {
		close()
	}
	seen := make(map[Branch]bool, len(branches))
	for _, b := range branches {
		if b.Head == 0 || seen[b] || !slices.Contains(j.Roots, b.Root) {
			continue
		}
		if stated && b.holds(said.Last) {
			close()
		}
		seen[b] = true
		j.branches = append(j.branches, b)
	}
	j.stop()
	return j
}

// stop says where an epoch is stopped.
func (j *judgement) stop() {
	switch {
	case j.Closed || len(j.branches) == 0:
	case j.waits:
		j.Stopped = 1
	case len(j.branches) > 1:
		// However a forked chain is cut into branches, one of them begins at 1, and the
		// smallest of the other beginnings is where the first fork lies.
		parts := make([]uint32, 0, len(j.branches))
		for _, b := range j.branches {
			parts = append(parts, b.Parts)
		}
		slices.Sort(parts)
		j.Stopped = parts[1]
	}
}

// holds reports whether a branch's chain contains what last names.
func (b Branch) holds(last Last) bool {
	if last.Unknown || last.Sequence == 0 {
		return false
	}
	return b.Head == last.Sequence && b.Digest == last.Digest || b.Head > last.Sequence && b.AtLast == last.Digest
}
