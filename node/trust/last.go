package trust

import (
	"slices"
	"sort"

	"github.com/vardar-network/vardar/protocol"
)

// Statement is what an opener, or one who stated it again, says of an epoch (epochs.md 9).
type Statement struct {
	Last Last
	By   protocol.Name // the record; zero: a charter
}

// Statements gives what was stated of an epoch by those who may, the newest first, with
// the earlier ones that no longer speak.
func (g *Registry) Statements(e protocol.EpochID) []Statement {
	g.mu.RLock()
	defer g.mu.RUnlock()
	var out []Statement
	if l, ok := g.charterLast[e]; ok {
		out = append(out, Statement{Last: l})
	}
	e.Epoch++
	for _, o := range g.standing(e) {
		if o.last == nil || o.at == nil {
			continue
		}
		all := append(g.again(o, true), o)
		slices.SortFunc(all, func(a, b *opener) int { return compareRings(b.at, a.at) })
		for _, s := range all {
			out = append(out, Statement{*s.last, s.name()})
		}
	}
	return out
}

func (g *Registry) last(e protocol.EpochID) (Statement, bool) {
	if l, ok := g.charterLast[e]; ok && e.Topic == protocol.Trust {
		return Statement{Last: l}, true
	}
	if s, closed := g.closedLast(e); closed {
		return s, true
	}
	next := g.standing(protocol.EpochID{Feed: e.Feed, Epoch: e.Epoch + 1})
	if len(next) != 1 || next[0].last == nil {
		return Statement{}, false
	}
	return agreed(g.statements(next[0]), func(o *opener) Last { return *o.last })
}

// agreed gives the statement of the newest, if they say the same.
func agreed(newest []*opener, of func(*opener) Last) (Statement, bool) {
	s := Statement{of(newest[0]), newest[0].name()}
	for _, o := range newest[1:] {
		if of(o) != s.Last {
			return Statement{}, false
		}
	}
	return s, true
}

// stating is what records have in common that may state anew what another did: of one
// epoch, they speak of the same key, or close (epochs.md 9).
type stating struct {
	closes, last bool
	key, claim   protocol.Key
}

func (o *opener) stating() stating {
	return stating{o.closes(), o.last != nil, o.key, o.claim}
}

// again gives the records that state anew what an opener did, as far as they stand and
// are not void: of each branch of its author's feed, or its successor's, the newest, or all.
// So whoever states a thing a thousand times costs a question no more than once.
func (g *Registry) again(o *opener, all bool) []*opener {
	c := g.epochs[o.opens.Feed][o.opens.Epoch]
	if o.at == nil || c == nil {
		return nil
	}
	var out []*opener
	what := o.stating()
	first, _ := g.written(o)
	for _, key := range append([]protocol.Key{what.key}, o.taken...) {
		if key != what.key {
			what.key, what.claim = key, protocol.Key{} // the key that took the invitation
		}
		for b, of := range c.stated[what] {
			if !g.stands(b) {
				continue
			}
			end := g.ends(of[0])
			void := sort.Search(len(of), func(i int) bool { return end.voids(of[i].at) })
			for _, s := range slices.Backward(of[:void]) {
				at, ok := g.written(s)
				if !ok || s == o {
					continue
				}
				if at == first && !before(o.at, s.at) || at.before(first) {
					break // nor is what stands before it
				}
				if out = append(out, s); !all {
					break
				}
			}
		}
	}
	return out
}

// statements gives the newest of those who state what an opener did, the opener if nobody
// did again; several if branches of a feed have each their own, sorted.
func (g *Registry) statements(o *opener) []*opener {
	all := g.again(o, false)
	if len(all) == 0 {
		return []*opener{o}
	}
	var newest order
	for _, s := range all {
		if at, _ := g.written(s); newest.before(at) {
			newest = at
		}
	}
	// What a chain goes on behind is stated anew by it. Each branch is climbed once.
	followed := map[*branch]uint32{}
	for _, s := range all {
		for b := s.at.branch; b.parent != nil && followed[b.parent] < b.parts-1; b = b.parent {
			followed[b.parent] = b.parts - 1
		}
	}
	out := slices.DeleteFunc(all, func(s *opener) bool {
		at, _ := g.written(s)
		return at.before(newest) || s.at.sequence <= followed[s.at.branch]
	})
	slices.SortFunc(out, func(a, b *opener) int { return compareRings(a.at, b.at) })
	return out
}

// closing gives the admission that put a member out after an epoch of its trust feed; nil
// if none did.
func (g *Registry) closing(id protocol.InstitutionID, after uint32) *opener {
	for _, epoch := range g.epochsOf(trustFeed(id)) {
		if epoch <= after {
			continue
		}
		if s := g.standing(protocol.EpochID{Feed: trustFeed(id), Epoch: epoch}); len(s) == 1 && s[0].closes() {
			return s[0]
		}
	}
	return nil
}

// closedLast gives what a registrar states of an epoch of a feed that it has closed with
// its author (epochs.md 14): of one that it had not heard of, nothing counts.
func (g *Registry) closedLast(e protocol.EpochID) (Statement, bool) {
	standing := g.standing(e)
	if e.Topic == protocol.Trust || len(standing) == 0 {
		return Statement{}, false
	}
	closing := g.closing(e.Institution, standing[0].at.Epoch)
	if closing == nil {
		return Statement{}, false
	}
	before := false // an epoch before the one it closes: its own author's word
	s, ok := agreed(g.statements(closing), func(o *opener) Last {
		for _, f := range o.admission.Feeds {
			if f.Topic == e.Topic && uint32(f.Epoch) >= e.Epoch { //nolint:gosec // bounded by body
				before = uint32(f.Epoch) > e.Epoch //nolint:gosec // bounded by body
				return f.Last
			}
		}
		return Last{Digest: standing[0].digest()}
	})
	if before {
		return Statement{}, false
	}
	if !ok {
		return Statement{Last: Last{Unknown: true}, By: closing.name()}, true
	}
	return s, true
}

// cut is where an epoch of a trust feed ends; the zero value is one that doesn't.
type cut struct {
	closed bool
	last   *ring // nil: nothing counts
}

// voids reports whether a record lies behind it, or on another chain (epochs.md 10).
func (c cut) voids(k *ring) bool { return c.closed && (c.last == nil || !before(k, c.last)) }

// cutOf gives where an epoch of a trust feed ends, as it is now stated.
func (g *Registry) cutOf(e protocol.EpochID) cut {
	s, ok := g.last(e)
	if !ok {
		return cut{}
	}
	return g.cut(e, &s.Last)
}

// cut gives where an epoch ends by a last; nowhere while that is unknown, is not held, or
// lies on no chain of the opener that counts (epochs.md 10). That two took the invitation
// which opens it is a fork as any, and a last closes it: not everybody holds both.
func (g *Registry) cut(e protocol.EpochID, l *Last) cut {
	standing := g.standing(e)
	if l.Unknown || len(standing) != 1 {
		return cut{}
	}
	o := standing[0]
	if l.Sequence == 0 {
		return cut{closed: l.Digest == o.digest()}
	}
	k := g.rings[l.Digest]
	if k == nil || k.EpochID != e || k.sequence != l.Sequence || k.root != o.digest() || !o.signs(k.key) {
		return cut{}
	}
	return cut{closed: true, last: k}
}
