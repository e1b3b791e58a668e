package board

import (
	"maps"
	"slices"
)

// shelf keeps statements by what they are about, and folds those of a key into a row only
// when one of them has changed: a record that arrives costs its own slot, not the picture.
type shelf[K comparable, R any] struct {
	slots map[K]*slot[R]
	dirty map[K]bool
	keys  []K // sorted; nil when a key came or went
}

type slot[R any] struct {
	members []*entry
	row     R
}

func newShelf[K comparable, R any]() shelf[K, R] {
	return shelf[K, R]{slots: map[K]*slot[R]{}, dirty: map[K]bool{}}
}

// move puts an entry on the shelf, or takes it off.
func (s *shelf[K, R]) move(k K, e *entry, on bool) {
	at := s.slots[k]
	if at == nil {
		if !on {
			return
		}
		at = &slot[R]{}
		s.slots[k], s.keys = at, nil
	}
	if on {
		at.members = append(at.members, e)
	} else if i := slices.Index(at.members, e); i >= 0 {
		at.members = slices.Delete(at.members, i, i+1)
	}
	s.dirty[k] = true
}

// fold makes the rows of changed slots anew; members come sorted by compare.
func (s *shelf[K, R]) fold(compare func(a, b *entry) int, row func(K, []*entry) R) {
	for k := range s.dirty {
		at := s.slots[k]
		if len(at.members) == 0 {
			delete(s.slots, k)
			s.keys = nil
			continue
		}
		slices.SortFunc(at.members, compare)
		at.row = row(k, at.members)
	}
	clear(s.dirty)
}

// rows gives the rows in the order of their keys.
func (s *shelf[K, R]) rows(compare func(a, b K) int) []R {
	if s.keys == nil {
		s.keys = slices.SortedFunc(maps.Keys(s.slots), compare)
	}
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
