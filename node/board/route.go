package board

import (
	"cmp"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Route is the state of one crossing, road, port or site as each side sees it. The sides
// stand side by side; neither is believed more than the other.
type Route struct {
	Asset    body.PlaceKey  `json:"asset"`         // the shared code, or the type and name its author gave
	Twin     body.PlaceKey  `json:"twin,omitzero"` // its code on the other side, where a side speaks by that, by [View.Rank]; no part of the digest
	Type     body.AssetType `json:"type"`
	Name     string         `json:"name"`
	Footnote bool           `json:"footnote,omitempty"`
	Sides    []Side         `json:"sides"`

	Contradictions []Contradiction `json:"contradictions,omitempty"` // in the order of the sides
}

// Side is the latest word of one institution on a route, for one direction or both.
type Side struct {
	Institution protocol.InstitutionID `json:"institution"`
	Asset       body.PlaceKey          `json:"asset,omitzero"` // as it names it, where that is the twin of the row's
	Place       body.PlaceKey          `json:"place,omitzero"`
	Type        body.AssetType         `json:"type"`
	Name        string                 `json:"name"`
	From        string                 `json:"from,omitempty"`
	To          string                 `json:"to,omitempty"`
	Direction   body.Direction         `json:"direction"`
	State       body.RouteState        `json:"state"`
	Expired     bool                   `json:"expired"` // its validity is over: nobody knows now
	Restriction *body.Restriction      `json:"restriction,omitempty"`
	Throughput  *body.Throughput       `json:"throughput,omitempty"`
	Waiting     *body.Count            `json:"waiting,omitempty"`
	WaitHours   *body.Quantity         `json:"wait_hours,omitempty"`
	ObservedAt  protocol.Instant       `json:"observed_at"`
	ValidUntil  protocol.Instant       `json:"valid_until"`
	AgeHours    int64                  `json:"age_hours"`
	AuthorTime  protocol.Instant       `json:"author_time"`
	Source      *Origin                `json:"source,omitempty"`
	Method      body.Method            `json:"method,omitempty"`
	Record      protocol.Name          `json:"record"`
	Digest      protocol.Digest        `json:"digest"`
	Correction  protocol.Name          `json:"correction,omitzero"`
	Quality     *Quality               `json:"quality,omitempty"` // by [View.Grade]; no part of the digest

	version     protocol.Digest
	grade       *grade
	closedUntil protocol.Instant // until when its author last said it was closed, in any direction
	words       []Side           // all that its author said, in its order, if not all of it was said of one place
}

// route is the essence of a route record.
type route struct {
	asset body.PlaceKey
	side  Side // without what the entry knows
}

// ownAsset is the scheme of an asset that has no shared code: its type and name.
const ownAsset body.Scheme = "asset"

func newRoute(b *body.Route) *route {
	r := &route{asset: b.Asset.Code, side: Side{
		Type: b.Asset.Type, Name: string(b.Asset.Name), From: string(b.Asset.From), To: string(b.Asset.To),
		Direction: cmp.Or(b.Direction, "both"), State: b.State, Restriction: b.Restriction, Throughput: b.Throughput,
		Waiting: b.Waiting, WaitHours: b.WaitHours, ObservedAt: b.ObservedAt.Instant(), ValidUntil: b.ValidUntil.Instant(),
		Source: originOf(b.Source), Method: b.Method, grade: newGrade(b),
	}}
	if b.Place != nil {
		r.side.Place = internKey(b.Place.Key())
	}
	if r.asset.IsZero() {
		name := strings.Join(strings.Fields(strings.ToLower(string(b.Asset.Name))), " ")
		r.asset = body.PlaceKey{Scheme: ownAsset, Code: string(b.Asset.Type) + " " + name + " " + r.side.Place.String()}
	}
	r.asset = internKey(r.asset)
	return r
}

// sideKey names who speaks on what.
type sideKey struct {
	asset       body.PlaceKey
	institution protocol.InstitutionID
}

func compareSides(a, b sideKey) int {
	return cmp.Or(comparePlaces(a.asset, b.asset), cmp.Compare(a.institution, b.institution))
}

// foldSide gives an institution's latest word for each direction: one for both covers
// what was said before.
func foldSide(_ sideKey, of []*entry) []Side {
	words := make([]Side, len(of))
	placed := false
	for i, e := range of {
		words[i] = e.now.(*route).row(e)
		placed = placed || words[i].Place != words[0].Place
	}
	out := latestWords(words)
	if placed {
		for i := range out {
			out[i].words = words
		}
	}
	return out
}

// latestWords takes them of all that one institution said of a route, in its order.
func latestWords(words []Side) []Side {
	out := []Side{}
	said := map[body.Direction]bool{}
	for i := range slices.Backward(words) {
		d := words[i].Direction
		if said["both"] || said["in"] && said["out"] || said[d] {
			continue
		}
		said[d] = true
		out = append(out, words[i])
	}
	slices.SortFunc(out, func(a, b Side) int { return cmp.Compare(a.Direction, b.Direction) })
	for i := range out {
		out[i].closedUntil = closedUntil(words)
	}
	return out
}

// closedUntil gives until when an institution last said that one direction was closed: its
// validity, or the observation that ended it.
func closedUntil(words []Side) (until protocol.Instant) {
	next := map[body.Direction]protocol.Instant{}
	for i := range slices.Backward(words) {
		side := &words[i]
		for _, d := range []body.Direction{"in", "out"} {
			if side.Direction != "both" && side.Direction != d {
				continue
			}
			end := side.ValidUntil
			if by, ok := next[d]; ok {
				end = min(end, by)
			}
			if side.State == body.RouteClosed {
				until = max(until, end)
			}
			next[d] = side.ObservedAt
		}
	}
	return until
}

func (r *route) row(e *entry) Side {
	s := r.side
	s.Institution, s.AuthorTime, s.Record, s.Digest = e.name.Institution, e.time, e.name, e.digest
	s.version = e.digest
	if e.by != nil {
		s.Correction, s.version = e.by.name, e.by.digest
	}
	return s
}

// routeRows groups the sides by asset.
func (w *world) routeRows(at protocol.Instant) []Route {
	out := []Route{}
	rows := w.sides.rows(compareSides)
	for i, k := range w.sides.keys {
		if len(out) == 0 || out[len(out)-1].Asset != k.asset {
			out = append(out, Route{Asset: k.asset, Type: rows[i][0].Type, Name: rows[i][0].Name})
		}
		r := &out[len(out)-1]
		r.Sides = append(r.Sides, asOf(rows[i], at)...)
	}
	for i := range out {
		out[i].Contradictions = contradictions(out[i].Sides)
	}
	return out
}

// asOf says of sides how old they are at an instant, and whether they hold.
func asOf(sides []Side, at protocol.Instant) []Side {
	out := slices.Clone(sides)
	for i := range out {
		s := &out[i]
		s.Expired, s.AgeHours, s.words = at >= s.ValidUntil, AgeHours(s.ObservedAt, at), asOf(s.words, at)
	}
	return out
}

// BeyondRoute is why the word of a municipality on a route is not counted.
const BeyondRoute = "beyond competence: a municipality writes of the routes of its own territory"

// rankRoutes leaves out what a municipality says of routes outside its territory, with what
// follows from it: what it contradicts, and that it is due again. What the same one said
// before, of its own territory, stands as if nothing had been said since.
func (v *View) rankRoutes(r *Ranks) {
	out, due := make([]Route, 0, len(v.Routes)), map[roundKey]bool{}
	for i := range v.Routes {
		route := v.Routes[i]
		sides, gone := r.within(&route)
		for _, id := range gone {
			due[roundKey{id, body.TypeRoute, route.Asset}] = true
		}
		if sides != nil {
			route.Sides, route.Contradictions = sides, contradictions(sides)
		}
		if len(route.Sides) > 0 {
			route.called()
			out = append(out, route)
		}
	}
	v.Routes = out
	if len(due) > 0 {
		v.Due = slices.DeleteFunc(slices.Clone(v.Due), func(d Due) bool { return due[roundKey{d.Institution, d.Kind, d.Place}] })
	}
}

// within gives the sides of a route without what is said of it beyond competence, and who says
// nothing else of it; nil where nothing is beyond it.
func (r *Ranks) within(route *Route) (sides []Side, gone []protocol.InstitutionID) {
	asset := route.Asset
	if asset.Scheme == ownAsset {
		asset = body.PlaceKey{}
	}
	beyond := func(s Side) bool {
		named := s.Asset
		if named.IsZero() {
			named = asset
		}
		return r.Outside(s.Institution, s.Place, named) != ""
	}
	if !slices.ContainsFunc(route.Sides, func(s Side) bool { return beyond(s) || slices.ContainsFunc(s.words, beyond) }) {
		return nil, nil
	}
	sides = []Side{}
	for rest := route.Sides; len(rest) > 0; {
		by, n := rest[0].Institution, voicesOf(rest)
		own := rest[:n]
		switch words := rest[0].words; {
		case words != nil:
			own = latestWords(slices.DeleteFunc(slices.Clone(words), beyond))
		case beyond(rest[0]): // and so all that it said of it
			own = nil
		}
		if len(own) == 0 {
			gone = append(gone, by)
		}
		sides, rest = append(sides, own...), rest[n:]
	}
	return sides, gone
}
