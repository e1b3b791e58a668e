package desk

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
	"github.com/vardar-network/vardar/schemas/sheet"
)

// maxPlanLines bounds the rows of a plan's file, as the lines of a plan are.
const maxPlanLines = 999

// PlanImport is the file of a fund plan that somebody changed or wrote.
type PlanImport struct {
	As      protocol.InstitutionID `json:"as,omitempty"`      // default: the node's first institution
	File    string                 `json:"file,omitempty"`    // its name, to be told with what is wrong
	Data    []byte                 `json:"data"`              // XLSX, or CSV in UTF-8
	Record  string                 `json:"record,omitempty"`  // of the plan that this is the next version of; empty: a new plan
	Reason  string                 `json:"reason,omitempty"`  // of a version
	Knowing bool                   `json:"knowing,omitempty"` // what a version warns of is known and wanted
	DryRun  bool                   `json:"dry_run,omitempty"` // everything but the writing
}

// PlanImported is what became of it. With a fault nothing is written.
type PlanImported struct {
	As     protocol.InstitutionID `json:"institution"`
	File   string                 `json:"file,omitempty"`
	Sheet  string                 `json:"sheet"`
	DryRun bool                   `json:"dry_run"`
	Lines  int                    `json:"lines"`
	Own    []string               `json:"own"`             // members of one's own, as the columns of the file became them
	Record protocol.Name          `json:"record,omitzero"` // zero: not written
	Waits  string                 `json:"waits,omitempty"` // the number under which it waits for a second person
	Faults []PlanFault            `json:"faults"`
	Said   string                 `json:"said"`
}

// PlanFault is what is wrong in a cell of a plan's file, or in the whole file where Cell is empty.
type PlanFault struct {
	sheet.Fault
	File   string `json:"file,omitempty"`
	Row    string `json:"row,omitempty"`    // 4
	Column string `json:"column,omitempty"` // lines.amount
}

// Error gives it in one line: plan.xlsx, Plan!L4, row 4, lines.amount: what, and the mend.
func (f *PlanFault) Error() string {
	var at []string
	for _, part := range []string{f.File, strings.Trim(f.Sheet+"!"+f.Cell, "!"), strings.TrimSuffix("row "+f.Row, "row "), f.Column} {
		if part != "" {
			at = append(at, part)
		}
	}
	said := strings.Join(append([]string{strings.Join(at, ", ")}, f.Detail), ": ")
	if f.Mend != "" {
		said += ": " + f.Mend
	}
	return said
}

// planReading is one file on its way.
type planReading struct {
	d    *Desk
	out  *PlanImported
	read *sheet.Read
	base map[string]any // the version in force; nil: a new plan
	live protocol.Digest
	last int          // the highest number of a line in any version
	rows []*sheet.Row // of each line
	doc  map[string]any
}

// ImportPlan makes of a file that [Desk.PlanSheet] wrote, or that has its columns, the next
// version of a plan, or a new one. A column that the file lacks changes nothing in a version, an
// empty cell takes a member out, and a row that is gone takes its line out. A column that nobody
// knows is a member of the line's own. The problem is [Refused] if the file can't be read; what
// is wrong in single cells stands among the faults.
func (d *Desk) ImportPlan(ctx context.Context, r PlanImport) (PlanImported, error) {
	as, err := d.author(ctx, r.As)
	if err != nil {
		return PlanImported{}, err
	}
	p := &planReading{d: d, out: &PlanImported{As: as, File: r.File, DryRun: r.DryRun, Own: []string{}, Faults: []PlanFault{}}}
	if r.Record != "" {
		if err = p.begin(ctx, &r); err != nil {
			return PlanImported{}, err
		}
	}
	if err = p.open(r.Data); err != nil {
		return PlanImported{}, err
	}
	p.fill()
	p.check()
	out := p.out
	out.Lines = len(p.rows)
	if len(out.Faults) == 0 {
		if p.base != nil && reflect.DeepEqual(p.base, p.doc) {
			out.Said = "nothing is written: the file says what the version in force says"
			return *out, nil
		}
		if err = p.write(ctx, &r); err != nil {
			return PlanImported{}, err
		}
	}
	if len(out.Faults) > 0 {
		out.Said = "nothing is written: " + Count(len(out.Faults), "cell is wrong", "cells are wrong")
	}
	return *out, nil
}

// begin finds the version in force of the plan that is to be changed.
func (p *planReading) begin(ctx context.Context, r *PlanImport) error {
	plan, err := p.d.FundPlan(ctx, PlanQuestion{As: p.out.As, Record: r.Record})
	if err != nil {
		return err
	}
	r.Record = plan.Record.String()
	live := plan.Live()
	p.live, p.last = live.Digest, plan.LastLine()
	p.base, err = p.d.versionDocument(live)
	return err
}

// open reads the file: the columns that are known, and those that are its author's own.
func (p *planReading) open(data []byte) error {
	var fields []sheet.Field
	for _, name := range planSays() {
		fields = append(fields, sheet.Field{Name: name, Kind: sheet.Text})
	}
	fields = append(append(fields, planFields()...), lineFields()...)
	read, err := sheet.ReadOpen(data, fields, maxPlanLines, p.own)
	if wrong := new(sheet.Fault); errors.As(err, &wrong) {
		at := []string{strings.Trim(wrong.Sheet+"!"+wrong.Cell, "!")}
		if p.out.File != "" {
			at = append([]string{p.out.File}, at...)
		}
		return &Problem{Kind: Refused, Field: strings.TrimSuffix(strings.Join(at, ", "), ", "), Detail: wrong.Detail, Mend: wrong.Mend, Next: "vardar import --help"}
	}
	if err != nil {
		return failure(err)
	}
	p.read, p.out.Sheet = read, read.Sheet
	for i := range read.Faults {
		p.found(read.Faults[i])
	}
	if len(read.Rows) == 0 && len(read.Faults) == 0 {
		p.found(sheet.Fault{Sheet: read.Sheet, Detail: "no row is filled in", Mend: "write a row for each line of the plan"})
	}
	return nil
}

// own gives the field of a head that is none of a plan's: a member of the plan behind plan., one
// of the lines behind lines., or a word of one's own, which the lines get.
func (p *planReading) own(head string) (sheet.Field, *sheet.Fault) {
	name := head
	of, inner := strings.CutPrefix(head, ofLines)
	switch {
	case strings.HasPrefix(head, ofPlan):
		return sheet.Field{Name: head, Kind: sheet.Text}, nil
	case inner && !strings.HasPrefix(of, ownPrefix) && !slices.ContainsFunc(planLines(p.base), func(l map[string]any) bool { return l[of] != nil }):
		return sheet.Field{}, &sheet.Fault{Detail: "no field is called " + quoted(head), Mend: "what is your own begins with lines.x-, or has a name of its own"}
	case !inner:
		name = ofLines + ownPrefix + strings.TrimPrefix(head, ownPrefix)
	}
	p.out.Own = append(p.out.Own, strings.TrimPrefix(name, ofLines))
	return sheet.Field{Name: name, Kind: sheet.Text}, nil
}

// found notes a fault with the file, the row and the column of its cell.
func (p *planReading) found(f sheet.Fault) {
	out := PlanFault{Fault: f, File: p.out.File, Row: strings.TrimLeft(f.Cell, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")}
	if p.read != nil {
		letter := strings.TrimSuffix(f.Cell, out.Row)
		for name, at := range p.read.At {
			if at == letter && letter != "" {
				out.Column = name
			}
		}
	}
	p.out.Faults = append(p.out.Faults, out)
}

// wrong notes what is wrong in a column of a row.
func (p *planReading) wrong(row *sheet.Row, column, detail, mend string) {
	cell := fmt.Sprintf("A%d", row.Number)
	if at := p.read.At[column]; at != "" {
		cell = fmt.Sprintf("%s%d", at, row.Number)
	}
	p.found(sheet.Fault{Sheet: p.read.Sheet, Cell: cell, Detail: detail, Mend: mend})
}

// write says the plan, or its next version; what is refused of it stands in its cell.
func (p *planReading) write(ctx context.Context, r *PlanImport) error {
	raw, err := writeDocument(p.said())
	if err != nil {
		return failure(err)
	}
	var done Published
	if p.base != nil {
		if r.DryRun && r.Reason == "" {
			r.Reason = "-" // of what is not written nobody asks why
		}
		done, err = p.d.Correct(ctx, CorrectRequest{As: p.out.As, Record: r.Record, After: p.live, Reason: r.Reason, Body: raw, Knowing: r.Knowing, DryRun: r.DryRun})
	} else {
		head := func(name string) string { return p.read.Rows[0].Cells[name].Text }
		q := Request{As: p.out.As, Kind: body.TypePlan, Body: raw, DryRun: r.DryRun}
		if mark := head(columnExercise); mark == playedMark(World{}) {
			q.Exercise = true
		} else {
			q.Within = mark
		}
		if mark := head(columnHandling); mark != "" {
			if misread := q.Handling.UnmarshalText([]byte(mark)); misread != nil {
				p.wrong(&p.read.Rows[0], columnHandling, misread.Error(), "")
				return nil
			}
		}
		done, err = p.d.Publish(ctx, q)
	}
	var refused *Problem
	if errors.As(err, &refused) && refused.Kind == Refused && p.refused(refused) {
		return nil
	}
	if refused != nil && refused.Field == fieldLines {
		return &Problem{Kind: refused.Kind, Field: refused.Field, Detail: refused.Detail, Mend: refused.Mend, Next: "vardar import FILE --plan " + r.Record + " --knowing --reason TEXT"}
	}
	if err != nil {
		return err
	}
	p.out.Record, p.out.Waits = done.Record, done.Waits
	switch {
	case r.DryRun:
		p.out.Said = "nothing written: " + Count(len(p.rows), "line", "lines") + " would be"
	default:
		p.out.Said = Count(len(p.rows), "line", "lines") + " recorded"
	}
	return nil
}

// said gives the document with a null for what is taken out of a version.
func (p *planReading) said() map[string]any {
	out := map[string]any{}
	for name := range p.base {
		out[name] = nil
	}
	for name, v := range p.doc {
		out[name] = v
	}
	return out
}
