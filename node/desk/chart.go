package desk

import (
	"cmp"
	"context"
	"slices"

	"github.com/vardar-network/vardar/node/atlas"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Sight is the situation: its figures, and those of one indicator on the map.
type Sight struct {
	World      World
	Rows       []SituationRow
	Place      string           // asked for; empty: everywhere
	Indicator  body.Indicator   // asked for; empty: all
	Indicators []body.Indicator // that there are figures of
	Quality    string           // at least so good, or unverified; empty: all
	Coverage   Coverage         // of the reports that are due there
	Chart      Chart
}

// Only leaves the figures that are at least so good, or not yet verified.
func (s *Sight) Only(quality string) (err error) {
	s.Quality = quality
	s.Rows, err = only(s.Rows, quality)
	return err
}

// Chart is the map: one indicator, a mark a place.
type Chart struct {
	Indicator body.Indicator // empty: there is nothing to show
	Marks     []Mark         // from north to south
	Apart     []SituationRow // of places outside the map, or that nobody says where they are
}

// Mark is a figure where its place lies.
type Mark struct {
	SituationRow
	X, Y   int // as [atlas.Chart] gives them
	Others int // institutions that speak of the same there
}

// See gathers the situation at an instant (zero: now), everywhere or at a place and in it, of
// all indicators or of one.
func (d *Desk) See(ctx context.Context, at protocol.Instant, place string, indicator body.Indicator) (Sight, error) {
	f, err := d.filter(&Query{Place: place})
	if err != nil {
		return Sight{}, err
	}
	m, err := d.moment(ctx, at)
	if err != nil {
		return Sight{}, err
	}
	s := Sight{World: m.world, Place: place, Indicator: indicator, Coverage: coverage(&m.view, body.TypeReport, func(w *DueRow) bool { return place == "" || f.covers(w.Place) })}
	rows := situation(&m.view, func(g *FigureRow) bool { return place == "" || f.covers(g.Place) })
	for i := range rows {
		if g := rows[i].Indicator; !slices.Contains(s.Indicators, g) {
			s.Indicators = append(s.Indicators, g)
		}
		if indicator == "" || rows[i].Indicator == indicator {
			s.Rows = append(s.Rows, rows[i])
		}
	}
	slices.Sort(s.Indicators)
	s.Chart = d.chart(s.Rows)
	return s, ctx.Err()
}

// chart lays on the map what rows say of one indicator: arrivals, or else their first.
func (d *Desk) chart(rows []SituationRow) Chart {
	if len(rows) == 0 {
		return Chart{}
	}
	c := Chart{Indicator: rows[0].Indicator}
	if slices.ContainsFunc(rows, func(r SituationRow) bool { return r.Indicator == body.Arrivals }) {
		c.Indicator = body.Arrivals
	}
	at, sites := map[body.PlaceKey]int{}, d.sites()
	for i := range rows {
		row := &rows[i]
		if row.Indicator != c.Indicator {
			continue
		}
		if j, there := at[row.Place]; there {
			others := c.Marks[j].Others + 1
			if row.PeriodEnd > c.Marks[j].PeriodEnd {
				c.Marks[j].SituationRow = *row
			}
			c.Marks[j].Others = others
			continue
		}
		x, y, inside := d.spot(sites, row.Place)
		if !inside {
			c.Apart = append(c.Apart, *row)
			continue
		}
		at[row.Place] = len(c.Marks)
		c.Marks = append(c.Marks, Mark{SituationRow: *row, X: x, Y: y})
	}
	slices.SortStableFunc(c.Marks, func(a, b Mark) int { return cmp.Or(cmp.Compare(a.Y, b.Y), cmp.Compare(a.X, b.X)) })
	return c
}

// spot gives where a place lies on the map: as its institution says, else in the middle of the
// region; false: outside, or nobody knows.
func (d *Desk) spot(sites map[body.PlaceKey]atlas.Point, k body.PlaceKey) (x, y int, inside bool) {
	p, known := sites[k]
	if !known {
		p, known = d.o.Atlas.Where(k)
	}
	x, y, inside = atlas.Chart(p)
	return x, y, known && inside
}

// sites gives where the places of profiles lie, as their institutions say.
func (d *Desk) sites() map[body.PlaceKey]atlas.Point {
	out := map[body.PlaceKey]atlas.Point{}
	say := func(k body.PlaceKey, place body.Place) {
		if p, ok := atlas.PointOf(place); ok {
			out[k] = p
		}
	}
	for _, m := range d.o.Trust.Members() {
		if m.Profile == nil {
			continue
		}
		if s := m.Profile.Seat; s != nil {
			say(s.Key(), *s)
		}
		for _, s := range m.Profile.Sites {
			place := body.Place{Lat: s.Lat, Lon: s.Lon}
			say(s.Code, place)
			say(s.Twin, place)
		}
	}
	return out
}

// Land gives the outlines of the map.
func (d *Desk) Land() []atlas.Outline { return d.o.Atlas.Land() }

// PlaceIn gives a place's name in a language, or as the atlas has it; false for one that it
// lacks.
func (d *Desk) PlaceIn(language string, k body.PlaceKey) (string, bool) {
	if name, ok := d.o.Atlas.NameIn(language, k); ok {
		return name, true
	}
	return d.o.Atlas.Lookup(k)
}
