package board

import (
	"cmp"
	"slices"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Successor gives the record that stands where one that counts would have its quality: its author's
// latest word on the same route in one of the directions, or on the needs or the stock of the place. Of a
// report it is the latest of those that its figures on core indicators gave way to; one that has no such
// figure could have no quality, and is not scorable. It is zero where the view does not know the record yet.
func (v *View) Successor(n protocol.Name, said body.Body) (by protocol.Name, scorable bool) {
	take := func(of protocol.Name) {
		if by.IsZero() || compareNames(of, by) > 0 {
			by = of
		}
	}
	switch said := said.(type) {
	case *body.SituationReport:
		keys := newReport(said).scored(n.Institution)
		for i := range v.Figures {
			if f := &v.Figures[i]; slices.Contains(keys, f.column.key) {
				take(f.Record)
			}
		}
		return by, len(keys) > 0
	case *body.Route:
		asset, direction := newRoute(said).asset, cmp.Or(said.Direction, "both")
		for i := range v.Routes {
			if v.Routes[i].Asset != asset && v.Routes[i].Twin != asset {
				continue
			}
			for j := range v.Routes[i].Sides {
				s := &v.Routes[i].Sides[j]
				if s.Institution == n.Institution && (s.Direction == direction || s.Direction == "both" || direction == "both") {
					take(s.Record)
				}
			}
		}
	case *body.Needs:
		for i := range v.Needs {
			if v.Needs[i].Institution == n.Institution && v.Needs[i].Place == said.Place.Key() {
				take(v.Needs[i].Record)
			}
		}
	case *body.Capacity:
		place := newCapacity(said).place
		for i := range v.Capacities {
			if v.Capacities[i].Institution == n.Institution && v.Capacities[i].Place == place {
				take(v.Capacities[i].Record)
			}
		}
	}
	return by, true
}

// scored gives the columns in which a report has a figure that could be graded.
func (r *report) scored(author protocol.InstitutionID) []columnKey {
	var out []columnKey
	for i := range r.figures {
		if f := &r.figures[i]; f.series.Indicator.Core() && !f.value.IsZero() {
			out = append(out, columnKey{author, r.place, f.series})
		}
	}
	return out
}
