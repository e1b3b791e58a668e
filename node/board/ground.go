package board

import (
	"cmp"
	"slices"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Twin is a crossing by the code of the side whose profile says so, and by that of the other side.
type Twin struct{ Own, Other body.PlaceKey }

// twinsOf gives, of each of the two codes of a crossing, the other. Both sides name it (domain.md §3): of two members
// the profile of each has its own code, which lies in its country, with that of the other as the twin. What one side alone
// says joins nothing, or whoever likes could lay its crossing upon another's. A crossing has two sides: a code whose
// twin is agreed to be this and that has none, until the profiles are put right.
func twinsOf(members []Rank) map[body.PlaceKey]body.PlaceKey {
	named := map[Twin][]protocol.InstitutionID{}
	for i := range members {
		id := members[i].Institution
		for _, t := range members[i].Twins {
			if abroad(id, []body.PlaceKey{t.Own}) == 0 {
				named[t] = append(named[t], id)
			}
		}
	}
	agreed := map[body.PlaceKey][]body.PlaceKey{}
	for t, by := range named {
		back := named[Twin{t.Other, t.Own}]
		if slices.ContainsFunc(by, func(id protocol.InstitutionID) bool {
			return slices.ContainsFunc(back, func(other protocol.InstitutionID) bool { return other != id })
		}) {
			agreed[t.Own] = append(agreed[t.Own], t.Other)
		}
	}
	twins := map[body.PlaceKey]body.PlaceKey{}
	for own, others := range agreed {
		if len(others) == 1 && len(agreed[others[0]]) == 1 {
			twins[own] = others[0]
		}
	}
	return twins
}

// Ground gives one code for both sides of a crossing whose profiles name each other, by which two voices about it meet:
// the first of the two in the order of codes. Any other code is its own.
func (r *Ranks) Ground(k body.PlaceKey) body.PlaceKey {
	if twin, ok := r.twins[k]; ok && comparePlaces(twin, k) < 0 {
		return twin
	}
	return k
}

// joinTwins makes one row of a crossing that is spoken of by the codes of both sides. A side says by which it
// speaks where that is not the row's own.
func (v *View) joinTwins(r *Ranks) {
	if len(r.twins) == 0 {
		return
	}
	at, out := map[body.PlaceKey]int{}, make([]Route, 0, len(v.Routes))
	for _, route := range v.Routes {
		ground := r.Ground(route.Asset)
		i, there := at[ground]
		if !there {
			at[ground], out = len(out), append(out, route)
			continue
		}
		out[i] = out[i].join(&route)
	}
	v.Routes = out
	v.joinDue(r)
}

// joinDue leaves out that an institution owes a word by one code of a crossing of which it has spoken since by the other.
func (v *View) joinDue(r *Ranks) {
	v.Due = slices.DeleteFunc(slices.Clone(v.Due), func(d Due) bool {
		twin, ok := r.twins[d.Place]
		return ok && d.Kind == body.TypeRoute && slices.ContainsFunc(v.Due, func(o Due) bool {
			return o.Kind == d.Kind && o.Institution == d.Institution && o.Place == twin && compareNames(o.Last, d.Last) > 0
		})
	})
}

// join gives a route with the sides of another that is the same crossing.
func (r Route) join(other *Route) Route {
	r.Twin = other.Asset
	sides := slices.Clone(r.Sides)
	for _, s := range other.Sides {
		s.Asset = other.Asset
		sides = append(sides, s)
	}
	slices.SortStableFunc(sides, func(a, b Side) int { return cmp.Compare(a.Institution, b.Institution) })
	r.Sides = []Side{}
	for rest := sides; len(rest) > 0; {
		n := voicesOf(rest)
		r.Sides, rest = append(r.Sides, oneVoice(rest[:n])...), rest[n:]
	}
	r.Footnote, r.Contradictions = r.Footnote || other.Footnote, contradictions(r.Sides)
	r.called()
	return r
}

// called gives a route type and name by its sides: of each of the two codes of a crossing the name that the first who speaks by
// it gives, in the order of the codes, where they differ.
func (r *Route) called() {
	r.Type, r.Name = r.Sides[0].Type, r.Sides[0].Name
	i := slices.IndexFunc(r.Sides, func(s Side) bool { return s.Asset.IsZero() })
	j := slices.IndexFunc(r.Sides, func(s Side) bool { return !s.Asset.IsZero() })
	if i >= 0 && j >= 0 && r.Sides[i].Name != r.Sides[j].Name {
		r.Name = r.Sides[i].Name + " / " + r.Sides[j].Name
	}
}

// voicesOf counts the sides at the head that are of one institution.
func voicesOf(sides []Side) int {
	if n := slices.IndexFunc(sides, func(s Side) bool { return s.Institution != sides[0].Institution }); n >= 0 {
		return n
	}
	return len(sides)
}

// oneVoice gives the latest word for each direction of an institution, which may have spoken of one crossing by both codes.
func oneVoice(sides []Side) []Side {
	if !slices.ContainsFunc(sides, func(s Side) bool { return s.Asset != sides[0].Asset }) {
		return sides
	}
	until := slices.MaxFunc(sides, func(a, b Side) int { return cmp.Compare(a.closedUntil, b.closedUntil) }).closedUntil
	words := slices.Clone(sides)
	slices.SortStableFunc(words, func(a, b Side) int { return compareNames(a.Record, b.Record) })
	out := latestWords(words)
	for i := range out {
		out[i].closedUntil, out[i].words = until, nil
	}
	return out
}
