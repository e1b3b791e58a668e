package trust

import (
	"cmp"
	"slices"

	"github.com/vardar-network/vardar/protocol"
)

// stay is how long somebody was a member: what opened or closed the epochs of its trust feed, in
// their order.
type stay struct {
	id    protocol.InstitutionID
	turns []turn
}

// turn is the opening of such an epoch, or what put the member out.
type turn struct {
	since protocol.Instant // by the clock of who wrote it; zero: the founding charter
	out   bool
}

// GroupMembersBefore gives the members that a group meant right before an instant, sorted: by the
// version of the charter in force then, of those admitted before it and not put out before it.
// The hours are those of the authors of admissions, closings and charter records, so that every
// node that holds them says the same, whenever they came; a version that no steward of it has said
// in a record is taken to have been in force since the one before. Of an instant to come it says what
// [Registry.GroupMembers] does.
func (g *Registry) GroupMembersBefore(name string, at protocol.Instant) []protocol.InstitutionID {
	g.mu.RLock()
	defer g.mu.RUnlock()
	entries := g.charterBefore(at).Groups[name]
	out := []protocol.InstitutionID{}
	for _, s := range g.stays() {
		if last, was := s.before(at); was && !last.out && groupHolds(entries, s.id) {
			out = append(out, s.id)
		}
	}
	return out
}

// InGroupBefore reports whether a group meant, by the same hours, an institution that had been a member by then,
// whether or not it still was one.
func (g *Registry) InGroupBefore(name string, id protocol.InstitutionID, at protocol.Instant) bool {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if !groupHolds(g.charterBefore(at).Groups[name], id) {
		return false
	}
	all := g.stays()
	i, known := slices.BinarySearchFunc(all, id, func(s stay, id protocol.InstitutionID) int { return cmp.Compare(s.id, id) })
	if !known {
		return false
	}
	_, was := all[i].before(at)
	return was
}

// stays gives that of everybody who is a member or was one, sorted by ID.
func (g *Registry) stays() []stay {
	return recall(&g.memory, &g.memory.stays, struct{}{}, func() ([]stay, bool) {
		var out []stay
		for _, id := range g.spokenOf() {
			s := stay{id: id}
			for _, epoch := range g.epochsOf(trustFeed(id)) {
				if standing := g.standing(protocol.EpochID{Feed: trustFeed(id), Epoch: epoch}); len(standing) > 0 {
					s.turns = append(s.turns, turnOf(standing))
				}
			}
			if len(s.turns) > 0 {
				out = append(out, s)
			}
		}
		return out, true
	})
}

// turnOf gives what the openers of an epoch do; of several the first by its hour says when.
func turnOf(standing []*opener) turn {
	t := turn{since: standing[0].since(), out: standing[0].closes()}
	for _, o := range standing[1:] {
		t.since = min(t.since, o.since())
	}
	return t
}

// before gives the last turn before an instant; false if there is none.
func (s *stay) before(at protocol.Instant) (turn, bool) {
	for _, t := range slices.Backward(s.turns) {
		if t.since < at {
			return t, true
		}
	}
	return turn{}, false
}

// since is when an opener was written, by its author's clock.
func (o *opener) since() protocol.Instant {
	if o.at == nil {
		return o.version.since()
	}
	return o.at.time
}

// since is when a version was first said; that of the founding one, which nobody had to say, is zero.
func (v *version) since() protocol.Instant {
	if v.number == 0 {
		return 0
	}
	return v.said
}

// date takes in that a record says a version. Any member can publish one, and set its clock as it
// likes: the hour is a steward's word.
func (v *version) date(k *ring) {
	for _, s := range v.Charter.Stewards {
		if s.Institution == k.Institution && (v.said == 0 || k.time < v.said) {
			v.said = k.time
		}
	}
}

// charterBefore gives the version that was in force right before an instant.
func (g *Registry) charterBefore(at protocol.Instant) *protocol.Charter {
	for _, v := range slices.Backward(g.line) {
		if v.since() < at {
			return v.Charter
		}
	}
	return g.line[0].Charter
}
