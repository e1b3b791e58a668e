package web

import (
	"slices"
	"strings"

	"github.com/vardar-network/vardar/node/desk"
)

// formRow are the fields of a form that stand in one row.
type formRow struct {
	Number int // from 0
	Fields []desk.FormField
	Page   *formPage // whose they are
}

// formTable are the rows of a form that become one list of a record.
type formTable struct {
	Of   string // the list
	Page *formPage
	rows []formRow
}

// stackedFrom is how many fields a row has that stand below each other: beside each other they would
// leave the page.
const stackedFrom = 9

// Stacked reports whether the fields of a row stand below each other.
func (t *formTable) Stacked() bool { return len(t.rows[0].Fields) >= stackedFrom }

// Rows are what is filled in, and the first row that is not.
func (t *formTable) Rows() []formRow { return t.rows[:t.filledTo()] }

// Spare are the rows behind these, all empty: they are folded away until they are wanted.
func (t *formTable) Spare() []formRow { return t.rows[t.filledTo():] }

// filledTo gives how many rows are shown unfolded.
func (t *formTable) filledTo() int {
	for i, row := range slices.Backward(t.rows) {
		if slices.ContainsFunc(row.Fields, func(g desk.FormField) bool { return g.Value != "" || t.Page.Wrong(g.Name) }) {
			return min(i+2, len(t.rows)) //nolint:mnd // it, and an empty one
		}
	}
	return 1
}

// Tables are the fields that stand in rows, those of one number together.
func (p *formPage) Tables() []*formTable {
	var out []*formTable
	number := ""
	for _, g := range p.Fields {
		if !rowField(g) {
			continue
		}
		path := strings.Split(g.Name, ".")
		if len(out) == 0 || out[len(out)-1].Of != path[0] {
			out, number = append(out, &formTable{Of: path[0], Page: p}), ""
		}
		t := out[len(out)-1]
		if path[1] != number {
			t.rows, number = append(t.rows, formRow{Number: len(t.rows), Page: p}), path[1]
		}
		row := &t.rows[len(t.rows)-1]
		row.Fields = append(row.Fields, g)
	}
	return out
}
