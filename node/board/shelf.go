package board

import (
	"slices"
)

// shelf keeps statements by what they are about, and folds those of a key into a row only
// when one of them has changed: a record that arrives costs its own slot, not the picture.
// The zero one is empty, and small: a world has twenty of them, and most stay so.
type shelf[K comparable, R any] struct {
	slots map[K]*slot[R]
	dirty map[K]bool
	keys  []K // sorted, but for those that came and went since
	came  []K
	went  bool
}

type slot[R any] struct {
	members []*entry
	left    map[*entry]int // members that were taken off since the last fold, and how often
	row     R
}

// move puts an entry on the shelf, or takes it off.
func (s *shelf[K, R]) move(k K, e *entry, on bool) {
	at := s.slots[k]
	if at == nil {
		if !on {
			return
		}
		if s.slots == nil {
			s.slots, s.dirty = map[K]*slot[R]{}, map[K]bool{}
		}
		at = &slot[R]{}
		s.slots[k], s.came = at, append(s.came, k)
	}
	switch {
	case on && at.left[e] > 0:
		at.left[e]--
	case on:
		at.members = append(at.members, e)
	case at.left == nil:
		at.left = map[*entry]int{e: 1}
	default:
		at.left[e]++
	}
	s.dirty[k] = true
}

// fold makes the rows of changed slots anew; members come sorted by compare.
func (s *shelf[K, R]) fold(compare func(a, b *entry) int, row func(K, []*entry) R) {
	for k := range s.dirty {
		at := s.slots[k]
		at.sweep()
		if len(at.members) == 0 {
			delete(s.slots, k)
			s.went = true
			continue
		}
		slices.SortFunc(at.members, compare)
		at.row = row(k, at.members)
	}
	clear(s.dirty)
}

// sweep lets go of the members that were taken off.
func (s *slot[R]) sweep() {
	if s.left == nil {
		return
	}
	s.members = slices.DeleteFunc(s.members, func(e *entry) bool {
		if s.left[e] == 0 {
			return false
		}
		s.left[e]--
		return true
	})
	s.left = nil
}

// holds reports whether anything stands on the shelf, folded since it came or went or not.
func (s *shelf[K, R]) holds() bool {
	for _, at := range s.slots {
		n := len(at.members)
		for _, times := range at.left {
			n -= times
		}
		if n > 0 {
			return true
		}
	}
	return false
}

// order brings the keys up to date: what is sorted already is not sorted again.
func (s *shelf[K, R]) order(compare func(a, b K) int) {
	if len(s.came) == 0 && !s.went {
		return
	}
	slices.SortFunc(s.came, compare)
	merged := make([]K, 0, len(s.keys)+len(s.came))
	for i, j := 0, 0; i < len(s.keys) || j < len(s.came); {
		var k K
		if j == len(s.came) || i < len(s.keys) && compare(s.keys[i], s.came[j]) < 0 {
			k, i = s.keys[i], i+1
		} else {
			k, j = s.came[j], j+1
		}
		if again := len(merged) > 0 && merged[len(merged)-1] == k; !again && s.slots[k] != nil {
			merged = append(merged, k)
		}
	}
	s.keys, s.came, s.went = merged, nil, false
}

// rows gives the rows in the order of their keys.
func (s *shelf[K, R]) rows(compare func(a, b K) int) []R {
	s.order(compare)
	out := make([]R, len(s.keys))
	for i, k := range s.keys {
		out[i] = s.slots[k].row
	}
	return out
}

// get gives the row of a key.
func (s *shelf[K, R]) get(k K) (R, bool) {
	if at := s.slots[k]; at != nil {
		return at.row, true
	}
	var none R
	return none, false
}
