package desk

import (
	"slices"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
)

// fieldProject is the field of a form that names the project which the record is part of.
const fieldProject = "project"

// TitledRecord is a record that a form lets somebody choose.
type TitledRecord struct {
	Record protocol.Name
	Title  string
}

// mayName gives the projects that an institution may say a record is part of: those that it is a
// partner of, and that are not over.
func (d *Desk) mayName(v *board.View, as protocol.InstitutionID) []TitledRecord {
	var out []TitledRecord
	for _, p := range joined(d.projects(v), as) {
		out = append(out, TitledRecord{p.Record, p.Title})
	}
	return out
}

// offerProjects lets a form name one of them; of an institution that has none there is nothing to
// choose.
func (d *Desk) offerProjects(f *Form) {
	view := d.world(f.world)
	if may := d.mayName(&view, f.As); len(may) > 0 {
		f.Fields = append(f.Fields, FormField{Name: fieldProject, As: AsRecord, Records: may})
	}
}

// keepProject leaves the project that a record names to be chosen, over or not: a correction of
// something else leaves the record where it is.
func (f *Form) keepProject() {
	g := f.field(fieldProject)
	g.Records = withNamed(g.Records, namedIn(g.Value))
}

// withNamed adds a project to those that can be chosen, by its name, if it is none of them.
func withNamed(may []TitledRecord, n protocol.Name) []TitledRecord {
	if n.IsZero() || slices.ContainsFunc(may, func(t TitledRecord) bool { return t.Record == n }) {
		return may
	}
	return append(may, TitledRecord{n, n.String()})
}
