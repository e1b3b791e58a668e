package desk

import (
	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol/body"
)

// Coverage is how many of those who are to say something have said it in time: what an
// aggregate was made of. Who never said anything of the kind is not known to have to.
type Coverage struct {
	Kind     string `json:"kind"` // a record type
	Reported int    `json:"reported"`
	Of       int    `json:"of"`
	Overdue  int    `json:"overdue"`  // their last word is older than it may be
	LineCut  int    `json:"line_cut"` // the same, and no line leads there: they may well have spoken
}

// coverage counts the statements of a kind that are due and fit.
func coverage(v *board.View, kind string, fits func(*board.Due) bool) Coverage {
	c := Coverage{Kind: kind}
	for i := range v.Due {
		d := &v.Due[i]
		if d.Kind != kind || kind == body.TypeReport && d.Place.IsZero() || !fits(d) {
			continue
		}
		c.Of++
		switch {
		case !late(d.State):
			c.Reported++
		case d.State == board.LineCut:
			c.LineCut++
		default:
			c.Overdue++
		}
	}
	return c
}

// everywhere fits all.
func everywhere(*board.Due) bool { return true }

// coveredBy gives the kind of statement that a list is made of; "" of one that adds nothing up.
func coveredBy(what string) string {
	switch what {
	case ListFigures, ListUnverified, ListSolidarity:
		return body.TypeReport
	case ListNeeds, ListUnmet, ListUnfunded:
		return body.TypeNeeds
	case ListCapacity, ListPool:
		return body.TypeCapacity
	case ListRoutes:
		return body.TypeRoute
	}
	return ""
}

// covered says of a list how much of what is due, where and of whom it was asked for, it was
// made of; nil where nothing is. A place by which the pool is sorted chooses nothing.
func (l *Listing) covered(v *board.View, f *filter) {
	kind := coveredBy(l.What)
	if kind == "" {
		return
	}
	c := coverage(v, kind, func(d *board.Due) bool {
		return (f.q.Place == "" || l.What == ListPool || f.covers(d.Place)) && (f.q.By == "" || f.wrote(d.Institution))
	})
	if c.Of > 0 {
		l.Coverage = &c
	}
}

// Columns of a table that says of how much of what is due its list was made.
const (
	columnReported = "coverage.reported"
	columnOf       = "coverage.of"
	columnOverdue  = "coverage.overdue"
	columnLineCut  = "coverage.line_cut"
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
	}
	return 0, false
}
