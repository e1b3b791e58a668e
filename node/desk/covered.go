package desk

import (
	"slices"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Coverage is how many of those who are to say something have said it in time: what an
// aggregate was made of. Who is to is told by [board.View.Expect], with those who never spoke.
type Coverage struct {
	Kind     string    `json:"kind"` // a record type
	Reported int       `json:"reported"`
	Of       int       `json:"of"`
	Overdue  int       `json:"overdue"`  // their last word is older than it may be
	LineCut  int       `json:"line_cut"` // the same or never heard, and no line leads there: they may well have spoken
	Never    int       `json:"never"`    // they have said nothing of the kind, ever
	Missing  []Missing `json:"missing,omitempty"`
}

// Missing is one of those who have not said it in time.
type Missing struct {
	Institution protocol.InstitutionID `json:"institution"`
	Place       body.PlaceKey          `json:"place,omitzero"`
	PlaceName   string                 `json:"place_name,omitempty"`
	Footnote    bool                   `json:"footnote,omitempty"`
	State       DueState               `json:"state"`
	LastAt      protocol.Instant       `json:"last_at,omitzero"` // up to when it spoke; zero: it never did
}

// mostMissing bounds how many of them a page names: a screen; the page of who has reported has all.
const mostMissing = 20

// First gives those that a page names.
func (c Coverage) First() Some[Missing] { return firstOf(c.Missing, mostMissing) }

// coverage counts the statements of a kind that are due and fit. Who writes reports of no
// place is in it only as long as it has written none.
func coverage(v *board.View, kind string, fits func(*board.Due) bool) Coverage {
	c := Coverage{Kind: kind}
	for i := range v.Due {
		d := &v.Due[i]
		if d.Kind != kind || kind == body.TypeReport && d.Place.IsZero() && !d.Last.IsZero() || !fits(d) {
			continue
		}
		c.Of++
		if !late(d.State) {
			c.Reported++
			continue
		}
		switch d.State {
		case board.LineCut:
			c.LineCut++
		case board.Never:
			c.Never++
		default:
			c.Overdue++
		}
		m := Missing{d.Institution, d.Place, d.PlaceName, d.Footnote, d.State, d.LastAt}
		if !knownScheme(m.Place.Scheme) {
			m.Place = body.PlaceKey{}
		}
		c.Missing = append(c.Missing, m)
	}
	return c
}

// everywhere fits all.
func everywhere(*board.Due) bool { return true }

// coveredBy gives the kind of statement that a list is made of; "" of one that adds nothing up.
func coveredBy(what string) string {
	switch what {
	case ListFigures, ListUnverified, ListSolidarity, ListReports, ListTerritories:
		return body.TypeReport
	case ListNeeds, ListUnmet, ListUnfunded, ListLedger: // who has not said what it lacks may have got nothing for that
		return body.TypeNeeds
	case ListCapacity, ListPool, ListMatches, ListWho: // nor does who has not said what it has do nothing
		return body.TypeCapacity
	case ListRoutes:
		return body.TypeRoute
	}
	return ""
}

// covered says of a list how much of what is due, where and of whom it was asked for, it was
// made of; nil where nothing is. A place by which the pool is sorted chooses nothing, and neither
// do place and institution of a match: they are of what is lacking, and anybody could serve it.
func (l *Listing) covered(v *board.View, f *filter) {
	kind := coveredBy(l.What)
	if kind == "" {
		return
	}
	anywhere := f.q.Place == "" || l.What == ListPool || l.What == ListMatches
	anybody := f.q.By == "" || l.What == ListMatches
	c := coverage(v, kind, func(d *board.Due) bool {
		return (anywhere || f.reaches(v, d)) && (anybody || f.wrote(d.Institution))
	})
	if c.Of > 0 {
		l.Coverage = &c
	}
}

// reaches reports whether what is due is asked for by its place; a word on a route is by each place that finds the route, as its
// other sides are, each by its own code.
func (f *filter) reaches(v *board.View, d *board.Due) bool {
	if d.Kind != body.TypeRoute {
		return f.covers(d.Place)
	}
	i := slices.IndexFunc(v.Routes, func(r board.Route) bool { return r.Asset == d.Place || r.Twin == d.Place })
	return i >= 0 && slices.ContainsFunc(graveFacts(&routeRows(v.Routes[i : i+1])[0]).places, f.covers)
}

// Columns of a table that says of how much of what is due its list was made.
const (
	columnReported = "coverage.reported"
	columnOf       = "coverage.of"
	columnOverdue  = "coverage.overdue"
	columnLineCut  = "coverage.line_cut"
	columnNever    = "coverage.never"
)

// column gives what stands in one of these; false for any other.
func (c *Coverage) column(name string) (n int, ok bool) {
	switch name {
	case columnReported:
		return c.Reported, true
	case columnOf:
		return c.Of, true
	case columnOverdue:
		return c.Overdue, true
	case columnLineCut:
		return c.LineCut, true
	case columnNever:
		return c.Never, true
	}
	return 0, false
}
