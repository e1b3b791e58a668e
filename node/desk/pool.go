package desk

import (
	"cmp"
	"math"
	"slices"

	"github.com/vardar-network/vardar/node/atlas"
	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// PoolRow is one kind of thing that one institution has at one place: a row of the register
// over all nodes. A number that is not known is absent.
type PoolRow struct {
	Institution protocol.InstitutionID `json:"institution"`
	Place       body.PlaceKey          `json:"place,omitzero"`
	PlaceName   string                 `json:"place_name,omitempty"`
	Footnote    bool                   `json:"footnote,omitempty"`
	Type        body.ResourceType      `json:"type"`
	Unit        string                 `json:"unit"`
	Total       *int64                 `json:"total,omitempty"`
	Free        *int64                 `json:"free,omitempty"`              // declared as available, without what was committed since
	Required    *int64                 `json:"standard_required,omitempty"` // by the people at the place, after the table; absent: nobody counted them, or the table lacks it
	Gap         *int64                 `json:"standard_gap,omitempty"`      // of this, what nobody declares to be there: of the place, whoever has the row
	Offerable   bool                   `json:"offerable"`                   // to others
	ReadyHours  *int64                 `json:"ready_hours,omitempty"`
	ReadyAt     protocol.Instant       `json:"ready_at,omitzero"` // from now, or from when it can be had at all
	Until       protocol.Instant       `json:"until,omitzero"`
	Kilometres  *int64                 `json:"kilometres,omitempty"` // great-circle distance from the place asked about
	AgeHours    int64                  `json:"age_hours"`            // of the declaration, by its author's clock
	Fresh       bool                   `json:"fresh"`                // within the cadence of declarations
	Conditions  string                 `json:"conditions,omitempty"`
	Certified   string                 `json:"certified,omitempty"`
	Quality     *board.Quality         `json:"quality,omitempty"` // of the declaration
	Record      protocol.Name          `json:"record"`
	Digest      protocol.Digest        `json:"digest"`
	Item        int                    `json:"item"` // of the declaration, from 0

	near  body.PlaceKey // asked about
	where body.Place
}

// whereabouts finds where places lie: where their author says, else the profile that names
// the site, else the middle of the region.
type whereabouts struct {
	sites map[body.PlaceKey]atlas.Point
	atlas *atlas.Atlas
}

func (d *Desk) whereabouts() whereabouts { return whereabouts{d.sites(), d.o.Atlas} }

func (w whereabouts) of(p body.Place) (atlas.Point, bool) {
	if at, ok := atlas.PointOf(p); ok {
		return at, true
	}
	if at, ok := w.sites[p.Key()]; ok {
		return at, true
	}
	return w.atlas.Where(p.Key())
}

// kilometres is the great-circle distance of two places, rounded; nil if it is not known
// where one of them lies.
func (w whereabouts) kilometres(a, b body.Place) *int64 {
	from, ok := w.of(a)
	to, known := w.of(b)
	if !ok || !known {
		return nil
	}
	n := int64(math.Round(atlas.Distance(from, to)))
	return &n
}

func placeOf(k body.PlaceKey) body.Place { return body.Place{Scheme: k.Scheme, Code: k.Code} }

// pool gives the register at an instant: the nearest first if a place is asked about, by
// institution otherwise. What can't be had any more is left out.
func (d *Desk) pool(view *board.View, at protocol.Instant, near body.PlaceKey) []PoolRow {
	where, out := d.whereabouts(), []PoolRow{}
	for i := range view.Capacities {
		c := &view.Capacities[i]
		for k := range c.Items {
			item := &c.Items[k]
			if item.Until != 0 && at >= item.Until.Instant() {
				continue
			}
			row := PoolRow{
				Institution: c.Institution, Place: c.Place, PlaceName: c.PlaceName, Footnote: c.Footnote, Type: item.Type, Unit: string(item.Unit),
				Offerable: item.Offerable, Until: item.Until.Instant(), Conditions: string(item.Conditions), Certified: string(item.Certified),
				Quality: c.Quality, Record: c.Record, Digest: c.Digest, Item: k, near: near, where: placeOf(c.Place), ReadyAt: max(at, item.From.Instant()),
				AgeHours: board.AgeHours(c.AuthorTime, at),
			}
			row.Fresh = row.AgeHours <= body.CapacityCadence
			if p := item.Place; p != nil {
				row.Place, row.PlaceName, row.Footnote, row.where = p.Key(), d.o.Atlas.Name(*p), atlas.NeedsFootnote(p.Key()), *p
			}
			row.numbers(view, item)
			if near.Code != "" {
				row.Kilometres = where.kilometres(placeOf(near), row.where)
			}
			out = append(out, row)
		}
	}
	slices.SortStableFunc(out, func(a, b PoolRow) int {
		return cmp.Or(cmp.Compare(unknownLast(a.Kilometres), unknownLast(b.Kilometres)), cmp.Compare(a.Institution, b.Institution))
	})
	return out
}

// numbers fills in what is counted: of one kind in several places no more is free together
// than the institution has not promised.
func (r *PoolRow) numbers(view *board.View, item *body.CapacityItem) {
	if item.Total != nil {
		n := int64(*item.Total)
		r.Total = &n
	}
	if item.ReadinessHours != nil {
		n := int64(*item.ReadinessHours)
		r.ReadyHours, r.ReadyAt = &n, r.ReadyAt+protocol.Instant(n)*3600*1000
	}
	if n, ok := available(item); ok {
		if left, known := stock(view, r.Institution, goods{item.Type, string(item.Unit)}); known {
			n = max(0, min(n, left))
		}
		r.Free = &n
	}
}

func unknownLast(n *int64) int64 {
	if n == nil {
		return math.MaxInt64
	}
	return *n
}

// own gives how much an institution has of a kind and has not promised.
func own(view *board.View, as protocol.InstitutionID) func(body.ResourceType, body.Label) (body.Quantity, bool) {
	return func(kind body.ResourceType, unit body.Label) (body.Quantity, bool) {
		n, known := stock(view, as, goods{kind, string(unit)})
		return body.Quantity(max(0, n)), known
	}
}
