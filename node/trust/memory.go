package trust

import (
	"slices"
	"sync"

	"github.com/vardar-network/vardar/protocol"
)

// memory keeps what was worked out of all that is held, until any of that changes: it is
// asked for every record that comes, and trust records are few. Only what follows from
// openers that are held is kept, so that no question of a stranger fills it.
type memory struct {
	mu sync.Mutex // guards kept
	kept
}

type kept struct {
	wanted  map[protocol.Feed]bool
	last    map[protocol.EpochID]stated
	openers map[protocol.EpochID][]Opener
	members map[struct{}][]Member // one list

	retentions map[struct{}][]Retention // the same
	stays      map[struct{}][]stay      // the same
}

type stated struct {
	Last
	ok bool
}

// change takes the registry to change it; what was worked out before is forgotten.
func (g *Registry) change() (done func()) {
	g.mu.Lock()
	g.memory.mu.Lock()
	g.memory.kept = kept{}
	g.memory.mu.Unlock()
	return g.mu.Unlock
}

// recall gives what is kept under a key, or works it out and keeps it if that is worth it.
// The caller reads the registry, so that nobody changes it meanwhile.
func recall[K comparable, V any](m *memory, kept *map[K]V, key K, work func() (V, bool)) V {
	m.mu.Lock()
	v, ok := (*kept)[key]
	m.mu.Unlock()
	if ok {
		return v
	}
	v, worth := work()
	if !worth {
		return v
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if *kept == nil {
		*kept = map[K]V{}
	}
	(*kept)[key] = v
	return v
}

// Wanted reports whether a node wants a feed: an opener of one of its epochs stands. An
// opener by somebody who may not open it makes nothing wanted, so that nobody can have a
// stranger's records carried. What a closed member said is wanted still.
func (g *Registry) Wanted(f protocol.Feed) bool {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return recall(&g.memory, &g.memory.wanted, f, func() (bool, bool) {
		wanted := len(g.newestEpoch(f)) > 0
		return wanted, wanted
	})
}

// Last gives what counts of an epoch, as the newest statement says; false while there is
// none, or while two branches of a feed state it differently: then none is held
// (epochs.md 9).
func (g *Registry) Last(e protocol.EpochID) (Last, bool) {
	g.mu.RLock()
	defer g.mu.RUnlock()
	s := recall(&g.memory, &g.memory.last, e, func() (stated, bool) {
		s, ok := g.last(e)
		return stated{s.Last, ok}, g.holdsOpener(e)
	})
	return s.Last, s.ok
}

// Openers gives every opener held of an epoch: the one that counts first, or those that
// wait, then those that open nothing, by position. An invitation that was taken twice,
// with two keys, is listed once for each key.
func (g *Registry) Openers(e protocol.EpochID) []Opener {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return slices.Clone(recall(&g.memory, &g.memory.openers, e, func() ([]Opener, bool) { return g.list(e), g.holdsOpener(e) }))
}

// Members gives all members, sorted by ID, those that are out included.
func (g *Registry) Members() []Member {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return slices.Clone(recall(&g.memory, &g.memory.members, struct{}{}, func() ([]Member, bool) { return g.listMembers(), true }))
}

func (g *Registry) holdsOpener(e protocol.EpochID) bool {
	return g.entries[e] != nil || g.epochs[e.Feed][e.Epoch] != nil
}
