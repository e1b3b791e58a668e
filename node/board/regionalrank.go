package board

import (
	"slices"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// BeyondRegional is why a regional report by any other level is not counted as one.
const BeyondRegional = "beyond competence: only a regional body adds up what others report"

// rankRegional marks the reports of those who are no regional body.
func (v *View) rankRegional(r *Ranks) {
	v.Regional = slices.Clone(v.Regional)
	for i := range v.Regional {
		row := &v.Regional[i]
		if m := r.of[row.Institution]; m == nil || m.Level != body.RegionalBody {
			row.Ignored = BeyondRegional
		}
	}
}

// BeyondReport is why a report of a regional body that is added up of nobody's is not counted.
const BeyondReport = "beyond competence: a regional body adds up what members report, and has no figures of its own"

// reports reports whether an institution has figures of its own: all but a regional body (domain.md §4).
func (r *Ranks) reports(id protocol.InstitutionID) bool {
	m := r.of[id]
	return m == nil || m.Level != body.RegionalBody
}

// rankFigures leaves out what regional bodies report of places themselves, with what follows from it: that the next
// report is due, and that something has changed.
func (v *View) rankFigures(r *Ranks) {
	beyond := func(of roundKey) bool { return of.kind == body.TypeReport && !r.reports(of.institution) }
	if !slices.ContainsFunc(v.rounds, func(said *round) bool { return beyond(said.key) }) {
		return
	}
	v.rounds = slices.DeleteFunc(slices.Clone(v.rounds), func(said *round) bool { return beyond(said.key) })
	v.Due = slices.DeleteFunc(slices.Clone(v.Due), func(d Due) bool { return beyond(roundKey{d.Institution, d.Kind, d.Place}) })
	v.Figures = slices.DeleteFunc(slices.Clone(v.Figures), func(f Figure) bool { return !r.reports(f.Institution) })
	v.Columns = slices.DeleteFunc(slices.Clone(v.Columns), func(c Column) bool { return !r.reports(c.Institution) })
	v.columns = slices.DeleteFunc(slices.Clone(v.columns), func(c *column) bool { return !r.reports(c.key.institution) })
	v.changes = slices.DeleteFunc(slices.Clone(v.changes), func(c proposed) bool { return !r.reports(c.Institution) })
	for i := range v.changes {
		c := &v.changes[i]
		c.Upstream = slices.DeleteFunc(slices.Clone(c.Upstream), func(s Station) bool { return !r.reports(s.Institution) })
	}
	v.Drafts = draftsOf(v.changes, v.at)
}
