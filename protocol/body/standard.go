package body

import (
	_ "embed" // the table
	"fmt"

	"github.com/vardar-network/vardar/protocol"
)

//go:embed profiles/sphere-v1.json
var sphereProfile []byte

// StandardTable is the versioned table of what so many people need at least.
type StandardTable struct {
	Profile string     `json:"profile"`
	Version int        `json:"version"`
	Source  string     `json:"source"`
	Rows    []Standard `json:"rows"`
}

// Standard is one minimum of a handbook: so much for so many people.
type Standard struct {
	Sector   Sector       `json:"sector"`
	Item     ResourceType `json:"item"`
	Unit     Label        `json:"unit"`
	Quantity Positive     `json:"quantity"` // for each People
	People   Positive     `json:"people"`
	Per      string       `json:"per"` // day, where no page is given; or nothing: once
	Priority Positive     `json:"priority"`
	Edition  string       `json:"edition"`
	Page     string       `json:"page,omitempty"`
	Standard string       `json:"standard,omitempty"` // among whose key indicators it is, where the page is not known
	Says     string       `json:"says"`               // the sentence it comes from
	Checked  string       `json:"checked"`            // what edition, place and figure were checked against
}

// Standards reads the table of this version. Read it once and keep it.
func Standards() (StandardTable, error) {
	var t StandardTable
	if _, err := protocol.DecodeJSON(sphereProfile, &t); err != nil {
		return StandardTable{}, fmt.Errorf("read Sphere table: %w", err)
	}
	return t, nil
}

// Required gives what so many people need, rounded up to whole things.
func (s *Standard) Required(people Positive) Positive {
	return (people*s.Quantity + s.People - 1) / s.People
}

// Ref names the row for standard_ref, and the day for which it is, if it is for one.
func (s *Standard) Ref() Label {
	switch {
	case s.Page != "":
		return Label("Sphere Handbook " + s.Edition + ", page " + s.Page)
	case s.Per == "":
		return Label("Sphere Handbook " + s.Edition + ", " + s.Standard)
	}
	return Label("Sphere Handbook " + s.Edition + ", " + s.Standard + ", for a day")
}

// Needed gives what so many people need by the table, minus what is there of its own:
// have says how much of an item in a unit, and false if that is not known. Every row may
// be changed before it is said.
func (t *StandardTable) Needed(people Positive, have func(ResourceType, Label) (Quantity, bool)) []Need {
	var out []Need
	for i := range t.Rows {
		s := &t.Rows[i]
		n := Need{
			Sector: s.Sector, Item: s.Item, Unit: s.Unit, Required: s.Required(people),
			Basis: BasisStandard, StandardRef: s.Ref(), Priority: s.Priority,
		}
		if there, known := have(s.Item, s.Unit); known {
			n.Available = &there
		}
		out = append(out, n)
	}
	return out
}
