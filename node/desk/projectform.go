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
	f.offer(d.mayName(&view, f.As))
}

func (f *Form) offer(may []TitledRecord) {
	if len(may) > 0 {
		f.Fields = append(f.Fields, mayEmpty(FormField{Name: fieldProject, As: AsRecord, Records: may}))
	}
}

// keepProject lets a correction name one of them, or the project that the record names, over or not: a
// correction of something else leaves the record where it is, and one that empties the field takes it out.
func (d *Desk) keepProject(f *Form, doc map[string]any) {
	view := d.world(f.world)
	named, _ := doc[fieldProject].(string)
	f.offer(withNamed(d.mayName(&view, f.As), namedIn(named)))
}

// withNamed adds a project to those that can be chosen, by its name, if it is none of them.
func withNamed(may []TitledRecord, n protocol.Name) []TitledRecord {
	if n.IsZero() || slices.ContainsFunc(may, func(t TitledRecord) bool { return t.Record == n }) {
		return may
	}
	return append(may, TitledRecord{n, n.String()})
}
