package board

import (
	"slices"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Why a report is not its author's to write.
const (
	BeyondRegional = "beyond competence: only a regional body adds up what others report"
	BeyondReport   = "beyond competence: a regional body adds up what members report, and has no figures of its own"
)

// BeyondReporter gives why a report of an institution of a level, added up of what others report or not, is not counted
// (domain.md §4); empty: it is.
func BeyondReporter(level body.Level, regional bool) string {
	switch {
	case regional && level != body.RegionalBody:
		return BeyondRegional
	case !regional && level == body.RegionalBody:
		return BeyondReport
	}
	return ""
}

// level gives that of a member; of who is none, none.
func (r *Ranks) level(id protocol.InstitutionID) (level body.Level) {
	if m := r.of[id]; m != nil {
		level = m.Level
	}
	return level
}

// rankRegional marks the reports of those who are no regional body.
func (v *View) rankRegional(r *Ranks) {
	v.Regional = slices.Clone(v.Regional)
	for i := range v.Regional {
		row := &v.Regional[i]
		if why := BeyondReporter(r.level(row.Institution), true); why != "" {
			row.Ignored = why
		}
	}
}

// reports reports whether an institution has figures of its own.
func (r *Ranks) reports(id protocol.InstitutionID) bool {
	return BeyondReporter(r.level(id), false) == ""
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
