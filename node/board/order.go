package board

import (
	"container/heap"
	"slices"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// ordered puts the records of a thread in the one order that every node finds: within a
// feed epoch and sequence, between feeds references (a record comes after what it
// names), and what remains is concurrent and ordered by record digest. No clock is asked
// (design.md §6).
func ordered(of []*entry, root protocol.Name, lead func(body.Ref) *entry) []*entry {
	at := make(map[protocol.Digest]int, len(of))
	for i, e := range of {
		at[e.digest] = i
	}
	after, waits := make([][]int, len(of)), make([]int, len(of))
	edge := func(from, to int) {
		after[from] = append(after[from], to)
		waits[to]++
	}
	for i, e := range of {
		for _, ref := range refsOf(e) {
			if to := lead(ref); to != nil {
				ref = refOf(to)
			}
			if j, ok := at[ref.Digest]; ok && j != i {
				edge(j, i)
			}
		}
	}
	feeds := slices.Clone(of)
	slices.SortFunc(feeds, func(a, b *entry) int {
		if a.name.Feed() != b.name.Feed() {
			return compareNames(a.name, b.name)
		}
		return before(a, b)
	})
	for i := 1; i < len(feeds); i++ {
		if feeds[i-1].name.Feed() == feeds[i].name.Feed() {
			edge(at[feeds[i-1].digest], at[feeds[i].digest])
		}
	}
	for i, e := range of {
		if e.name != root {
			continue
		}
		for j, o := range of {
			if o.name != root && o.name.Feed() != root.Feed() {
				edge(i, j)
			}
		}
	}
	return release(of, after, waits)
}

// release takes what waits for nothing, smallest digest first. A circle can't be signed,
// since a reference needs the digest of what it names; forged it is broken at its
// smallest digest.
func release(of []*entry, after [][]int, waits []int) []*entry {
	ready := &byDigest{of: of}
	done := make([]bool, len(of))
	for i := range of {
		if waits[i] == 0 {
			heap.Push(ready, i)
		}
	}
	var out []*entry
	for len(out) < len(of) {
		if ready.Len() == 0 {
			heap.Push(ready, smallest(of, done))
		}
		i := heap.Pop(ready).(int)
		if done[i] {
			continue
		}
		done[i] = true
		out = append(out, of[i])
		for _, j := range after[i] {
			if waits[j]--; waits[j] == 0 {
				heap.Push(ready, j)
			}
		}
	}
	return out
}

func smallest(of []*entry, done []bool) int {
	min := -1
	for i := range of {
		if !done[i] && (min < 0 || compareDigests(of[i].digest, of[min].digest) < 0) {
			min = i
		}
	}
	return min
}

// byDigest is a heap of indexes into of.
type byDigest struct {
	of  []*entry
	idx []int
}

func (h *byDigest) Len() int { return len(h.idx) }
func (h *byDigest) Less(i, j int) bool {
	return compareDigests(h.of[h.idx[i]].digest, h.of[h.idx[j]].digest) < 0
}
func (h *byDigest) Swap(i, j int) { h.idx[i], h.idx[j] = h.idx[j], h.idx[i] }
func (h *byDigest) Push(x any)    { h.idx = append(h.idx, x.(int)) }
func (h *byDigest) Pop() any {
	last := h.idx[len(h.idx)-1]
	h.idx = h.idx[:len(h.idx)-1]
	return last
}
