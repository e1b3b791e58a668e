package desk

import "github.com/vardar-network/vardar/protocol"

// fieldProject is the field of a form that names the project which the record is part of.
const fieldProject = "project"

// TitledRecord is a record that a form lets somebody choose.
type TitledRecord struct {
	Record protocol.Name
	Title  string
}

// offerProjects lets a form name one of the projects of which its institution is a partner, and
// that are not over; of one that has none there is nothing to choose.
func (d *Desk) offerProjects(f *Form) {
	view := d.world(f.world)
	field := FormField{Name: fieldProject, As: AsRecord}
	for _, p := range joined(d.projects(&view), f.As) {
		field.Records = append(field.Records, TitledRecord{p.Record, p.Title})
	}
	if len(field.Records) > 0 {
		f.Fields = append(f.Fields, field)
	}
}
