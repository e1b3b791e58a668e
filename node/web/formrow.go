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

// Rows are the fields that stand in rows, those of one number together: what is filled in, and
// the first row that is not.
func (p *formPage) Rows() []formRow {
	rows := p.rows()
	return rows[:p.filledTo(rows)]
}

// Spare are the rows behind these, all empty: they are folded away until they are wanted.
func (p *formPage) Spare() []formRow {
	rows := p.rows()
	return rows[p.filledTo(rows):]
}

// filledTo gives how many rows are shown unfolded.
func (p *formPage) filledTo(rows []formRow) int {
	for i, row := range slices.Backward(rows) {
		if slices.ContainsFunc(row.Fields, func(g desk.FormField) bool { return g.Value != "" || p.Wrong(g.Name) }) {
			return min(i+2, len(rows)) //nolint:mnd // it, and an empty one
		}
	}
	return min(1, len(rows))
}

func (p *formPage) rows() []formRow {
	var out []formRow
	number := ""
	for _, g := range p.Fields {
		if !rowField(g) {
			continue
		}
		n := strings.Split(g.Name, ".")[1]
		if n != number {
			out, number = append(out, formRow{Number: len(out), Page: p}), n
		}
		row := &out[len(out)-1]
		row.Fields = append(row.Fields, g)
	}
	return out
}
