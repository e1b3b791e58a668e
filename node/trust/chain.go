package trust

import (
	"bytes"
	"cmp"
	"slices"
	"sort"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// branch is a stretch of one epoch of a trust feed, from where it parts from another to
// its head. How an epoch that forks is cut into branches depends on the order of arrival;
// what is asked of them (before, newest) does not.
type branch struct {
	protocol.EpochID
	root   protocol.Digest // ce-previous of sequence 1: the opener it hangs on
	key    protocol.Key
	parent *branch // nil: it begins with sequence 1
	parts  uint32  // first sequence that is its own
	head   uint32

	// What it says of each, in the stretch that is its own, in order.
	link    says[protocol.Key]
	age     says[string]
	profile says[*body.Profile]
	request says[*body.KeyRecord] // for the next identity key
}

// ring is one record of a chain.
type ring struct {
	*branch
	sequence uint32
	digest   protocol.Digest
	time     protocol.Instant // by its author's clock
	read     bool             // its body was held and has been folded
}

// said is a statement and the record that makes it; the zero value says nothing.
type said[T any] struct {
	by    *ring
	value T
}

// says are statements of one branch, in order: what comes later may turn out to be void.
type says[T any] []said[T]

func (s *says[T]) add(by *ring, value T) {
	at, _ := slices.BinarySearchFunc(*s, by, func(x said[T], by *ring) int { return cmp.Compare(x.by.sequence, by.sequence) })
	*s = slices.Insert(*s, at, said[T]{by, value})
}

// before reports whether a is the same record as b, or one behind it in its chain.
func before(a, b *ring) bool {
	to, sequence := b.branch, b.sequence
	for to != a.branch {
		if to.parent == nil {
			return false
		}
		to, sequence = to.parent, to.parts-1
	}
	return a.sequence <= sequence
}

// compareRings orders records of trust feeds by position. Rivals of one position, which
// no rule orders, stand by digest, so that every node lists them alike.
func compareRings(a, b *ring) int {
	return cmp.Or(
		cmp.Compare(a.Institution, b.Institution),
		cmp.Compare(a.Epoch, b.Epoch),
		cmp.Compare(a.sequence, b.sequence),
		bytes.Compare(a.digest[:], b.digest[:]),
	)
}

// enchain gives a record its ring: on the branch whose head it follows, or at the
// beginning of a new one. It gives nil for a record whose predecessor is not held (it is
// kept until that comes), and for one that fits no chain.
func (g *Registry) enchain(r *protocol.Record, digest protocol.Digest) *ring {
	if k, ok := g.rings[digest]; ok {
		return k
	}
	var on *branch
	if r.Sequence == 1 {
		on = g.newBranch(&branch{EpochID: r.EpochID(), root: r.Previous, key: r.Key, parts: 1})
	} else {
		previous, ok := g.rings[r.Previous]
		if !ok {
			g.waiting[r.Previous] = append(g.waiting[r.Previous], *r)
			return nil
		}
		if on = previous.branch; on.EpochID != r.EpochID() || on.key != r.Key || r.Sequence != previous.sequence+1 {
			return nil
		}
		if previous.sequence != on.head {
			on = g.newBranch(&branch{EpochID: on.EpochID, root: on.root, key: on.key, parent: on, parts: r.Sequence})
		}
	}
	on.head = r.Sequence
	k := &ring{branch: on, sequence: r.Sequence, digest: digest, time: r.Time}
	g.rings[digest] = k
	return k
}

func (g *Registry) newBranch(b *branch) *branch {
	g.branches[b.Institution] = append(g.branches[b.Institution], b)
	return b
}

// newest gives the newest of a kind of statement in an institution's trust feed, over the
// branches that stand, as far as they are not void. A statement that another branch
// contradicts waits, as an epoch does that two branches open differently (epochs.md 12):
// then none is given.
func newest[T any](g *Registry, id protocol.InstitutionID, of func(*branch) says[T]) (said[T], bool) {
	all := sayings(g, id, of)
	latest := latestOf(all)
	return latest, latest.by != nil && undisputed(latest, all)
}

// untilFork is [newest], but where branches say different things, what was said before they part: it
// stands on, as every record before a fork does (epochs.md 11).
func untilFork[T any](g *Registry, id protocol.InstitutionID, of func(*branch) says[T]) (said[T], bool) {
	all := sayings(g, id, of)
	var stand []says[T]
	for _, list := range all {
		if list = list[:sort.Search(len(list), func(i int) bool { return !undisputed(list[i], all) })]; len(list) > 0 {
			stand = append(stand, list)
		}
	}
	latest := latestOf(stand)
	return latest, latest.by != nil
}

// sayings gives what each branch that stands says of a kind and is not void; none that says nothing.
func sayings[T any](g *Registry, id protocol.InstitutionID, of func(*branch) says[T]) (all []says[T]) {
	for _, b := range g.branches[id] {
		if !g.stands(b) {
			continue
		}
		list, last := of(b), g.cutOf(b.EpochID)
		if list = list[:sort.Search(len(list), func(i int) bool { return last.voids(list[i].by) })]; len(list) > 0 {
			all = append(all, list)
		}
	}
	return all
}

func latestOf[T any](all []says[T]) (latest said[T]) {
	for _, list := range all {
		if s := list[len(list)-1]; latest.by == nil || compareRings(latest.by, s.by) < 0 {
			latest = s
		}
	}
	return latest
}

// undisputed reports whether a statement lies on one chain with the newest of each branch of its epoch.
func undisputed[T any](s said[T], all []says[T]) bool {
	return !slices.ContainsFunc(all, func(list says[T]) bool {
		other := list[len(list)-1].by
		return other.Epoch == s.by.Epoch && !before(s.by, other) && !before(other, s.by)
	})
}
