package desk

import (
	"cmp"
	"context"
	"slices"

	"github.com/vardar-network/vardar/node/atlas"
	"github.com/vardar-network/vardar/node/board"
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
	Shown      Part[SituationRow] // by [Sight.Show]

	standings standings
}

// Bounds of the page of the situation: in any language, compressed, it is below 15 kB.
const (
	mostFigures = 60  // twenty places of three figures each
	mostMarks   = 100 // on the map: the places of a country; more lie over each other
	mostApart   = 20  // beside it
)

// standing is how urgent a place is among others.
type standing struct {
	gravity int // of the gravest alert in force there
	calm    int // 1: no response is in force there
	newest  protocol.Instant
}

// standings are those of the places with figures.
type standings map[body.PlaceKey]standing

func standingsIn(view *board.View, rows []SituationRow) standings {
	out := standings{}
	for i := range rows {
		s, there := out[rows[i].Place]
		if !there {
			s = standing{gravity: gravity(""), calm: 1}
		}
		s.newest = max(s.newest, rows[i].PeriodEnd)
		out[rows[i].Place] = s
	}
	for i := range view.Alerts {
		a := &view.Alerts[i]
		if s, there := out[a.Place]; there && a.State == board.AlertActive {
			s.gravity = min(s.gravity, gravity(a.Severity))
			out[a.Place] = s
		}
	}
	for i := range view.Phases {
		p := &view.Phases[i]
		if s, there := out[p.Place]; there && p.Phase == body.Response && !p.Expired {
			s.calm = 0
			out[p.Place] = s
		}
	}
	return out
}

// compare puts those first where the gravest alert is in force, then those where a response is, then
// those of which the newest is known.
func (s standings) compare(a, b body.PlaceKey) int {
	x, y := s[a], s[b]
	return cmp.Or(cmp.Compare(x.gravity, y.gravity), cmp.Compare(x.calm, y.calm), cmp.Compare(y.newest, x.newest))
}

// Show chooses what a page shows of it, behind so many rows: the most urgent places first, each
// with all its figures in the order of the picture; and the most urgent marks of the map.
func (s *Sight) Show(from int) {
	s.Shown = s.standings.part(s.Rows, from, mostFigures)
	s.Chart.bound(s.standings)
}

func (s standings) part(rows []SituationRow, from, most int) Part[SituationRow] {
	rows = slices.Clone(rows)
	slices.SortStableFunc(rows, func(a, b SituationRow) int {
		return cmp.Or(s.compare(a.Place, b.Place), cmp.Compare(a.Place.String(), b.Place.String()))
	})
	return partOf(rows, from, most)
}

// bound leaves the most urgent marks.
func (c *Chart) bound(s standings) {
	if c.Left = max(len(c.Marks)-mostMarks, 0); c.Left > 0 {
		slices.SortStableFunc(c.Marks, func(a, b Mark) int { return s.compare(a.Place, b.Place) })
		c.Marks = c.Marks[:mostMarks]
		fromNorth(c.Marks)
	}
	c.MoreApart = max(len(c.Apart)-mostApart, 0)
	c.Apart = c.Apart[:len(c.Apart)-c.MoreApart]
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
	Left      int            // marks that there is no room for
	Apart     []SituationRow // of places outside the map, or that nobody says where they are
	MoreApart int            // of these there is no room for
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
	s.Chart, s.standings = d.chart(s.Rows), standingsIn(&m.view, s.Rows)
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
	fromNorth(c.Marks)
	return c
}

func fromNorth(marks []Mark) {
	slices.SortStableFunc(marks, func(a, b Mark) int { return cmp.Or(cmp.Compare(a.Y, b.Y), cmp.Compare(a.X, b.X)) })
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
