package desk

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
	"github.com/vardar-network/vardar/schemas/sheet"
)

// ImportRequest is a spreadsheet of reports that somebody filled in.
type ImportRequest struct {
	As     protocol.InstitutionID `json:"as,omitempty"`      // default: the node's first institution
	Data   []byte                 `json:"data"`              // XLSX, or CSV in UTF-8
	DryRun bool                   `json:"dry_run,omitempty"` // everything but the writing

	Exercise bool   `json:"exercise,omitempty"` // what it says is only played
	Within   string `json:"within,omitempty"`   // in the exercise that this record began
}

// Imported is what became of it. With a fault nothing is written, of no row.
type Imported struct {
	As     protocol.InstitutionID `json:"institution"`
	DryRun bool                   `json:"dry_run"`
	Sheet  string                 `json:"sheet"`
	Rows   []ImportedRow          `json:"rows"`
	Faults []sheet.Fault          `json:"faults"`
	Said   string                 `json:"said"`
}

// ImportedRow is a row, and the record that it is.
type ImportedRow struct {
	Line    int                   `json:"line"`
	Record  protocol.Name         `json:"record,omitzero"` // zero: not written
	Waits   string                `json:"waits,omitempty"` // the number under which it waits for a second person
	Already bool                  `json:"already"`         // it was sent before, as that record or under that number
	Cells   map[string]sheet.Cell `json:"cells"`           // by field
}

// exerciseField is the column of a form that is filled in within an exercise.
func exerciseField(say func(field string) string) sheet.Field {
	return sheet.Field{Name: columnExercise, Head: say(columnExercise), Kind: sheet.Mark}
}

// sheetFields are the columns: the fields of the form, headed as say has it.
func sheetFields(say func(field string) string) []sheet.Field {
	var out []sheet.Field
	for _, f := range fieldsOf(FormReport) {
		g := sheet.Field{Name: f.Name, Head: say(f.Name), Kind: sheet.Text, Words: f.Choices}
		switch f.As {
		case AsFigure:
			g.Kind = sheet.Number
		case AsMoment:
			g.Kind = sheet.Moment
		case AsText, AsLong, AsChoice, AsNumber, AsWords, AsFile, AsRecord, AsLines:
		}
		out = append(out, g)
	}
	return out
}

func itself(field string) string { return field }

// Import makes a report of each row of a spreadsheet, by the same checks as the form's. All
// rows are checked before the first is written; a row that was sent before is not written
// again, so that a file whose sending was cut off is sent again. The problem is [Refused] if
// the file can't be read, or is of an exercise and nobody says so; what is wrong in single cells
// stands among the faults.
func (d *Desk) Import(ctx context.Context, r ImportRequest) (Imported, error) {
	as, err := d.author(ctx, r.As)
	if err != nil {
		return Imported{}, err
	}
	w, err := d.worldAsked(ctx, as, r.Within, r.Exercise)
	if err != nil {
		return Imported{}, err
	}
	ctx = Within(ctx, w)
	read, err := sheet.ReadForm(r.Data, append(sheetFields(itself), exerciseField(itself)))
	if wrong := new(sheet.Fault); errors.As(err, &wrong) {
		return Imported{}, &Problem{Kind: Refused, Field: strings.Trim(wrong.Sheet+"!"+wrong.Cell, "!"), Detail: wrong.Detail, Mend: wrong.Mend, Next: "vardar import --help"}
	}
	if err != nil {
		return Imported{}, failure(err)
	}
	if read.At[columnExercise] != "" && !w.Exercise {
		return Imported{}, &Problem{
			Kind: Refused, Field: columnExercise, Detail: "this file was made within an exercise: what it says is not real",
			Mend: "send it within that exercise, or take a new template", Next: "vardar list exercises",
		}
	}
	d.forms.Lock() // a file that comes twice at once is one
	defer d.forms.Unlock()
	out := Imported{As: as, DryRun: r.DryRun, Sheet: read.Sheet, Faults: read.Faults, Rows: []ImportedRow{}}
	forms, err := d.importForms(ctx, &out, read)
	switch {
	case err != nil:
		return Imported{}, err
	case len(read.Rows) == 0 && len(out.Faults) == 0:
		out.Faults = append(out.Faults, sheet.Fault{Sheet: read.Sheet, Detail: "no row is filled in", Mend: "give at least one figure, or a summary"})
		fallthrough
	case len(out.Faults) > 0:
		out.Said = "nothing is written: " + Count(len(out.Faults), "cell is wrong", "cells are wrong")
		return out, nil
	case r.DryRun:
		out.Said = "nothing written: " + Count(len(forms), "report", "reports") + " would be"
		return out, nil
	}
	written, err := d.importAll(ctx, &out, forms)
	out.Said = Count(written, "report", "reports") + " recorded"
	return out, err
}

// importForms makes a form of each row, and notes what is wrong with it, or that it was sent.
// Those that are to be written it gives by the number of their row.
func (d *Desk) importForms(ctx context.Context, out *Imported, read *sheet.Read) (map[int]*Form, error) {
	forms, seen := map[int]*Form{}, map[string]int{}
	view := d.world(actorOf(ctx).world)
	wrongLine := map[string]bool{}
	for _, f := range read.Faults {
		wrongLine[strings.TrimLeft(f.Cell, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")] = true
	}
	for i := range read.Rows {
		row := &read.Rows[i]
		out.Rows = append(out.Rows, ImportedRow{Line: row.Number, Cells: row.Cells})
		if wrongLine[fmt.Sprint(row.Number)] {
			continue // one thing after the other
		}
		form := importForm(out.As, row)
		fault := func(field, detail, mend string) {
			out.Faults = append(out.Faults, sheet.Fault{Sheet: read.Sheet, Cell: cellOf(read, row, form, field), Detail: detail, Mend: mend})
		}
		if mark := row.Cells[columnExercise].Text; mark != "" && mark != playedMark(actorOf(ctx).world) {
			fault(columnExercise, "this row is of another exercise", "send it within that one, or leave this cell empty")
			continue
		}
		key := form.field("place").Value + " " + form.field("period.start").Value
		if first, twice := seen[key]; twice {
			fault("period.start", fmt.Sprintf("line %d is of the same place and period", first), "keep one of the two")
			continue
		}
		seen[key] = row.Number
		would, err := d.make(ctx, form)
		var wrong *Problem
		switch {
		case errors.As(err, &wrong) && wrong.Kind != Failed:
			for _, one := range wrong.Faults() {
				fault(one.Field, one.Detail, one.Mend)
			}
			continue
		case err != nil:
			return nil, failure(err)
		}
		before, same := d.saidBefore(&view, form, would.Body)
		waits, err := d.waitsAlready(ctx, out.As, would.Body)
		switch {
		case err != nil:
			return nil, failure(err)
		case waits != "":
			out.Rows[i].Waits, out.Rows[i].Already = waits, true
		case before.IsZero():
			forms[i] = form
		case same:
			out.Rows[i].Record, out.Rows[i].Already = before, true
		default:
			fault("period.start", fmt.Sprintf("%s speaks of this place and period already, and says otherwise", before), "correct that record, or take this row out")
		}
	}
	return forms, nil
}

// importForm fills the form in with a row.
func importForm(as protocol.InstitutionID, row *sheet.Row) *Form {
	f := &Form{Name: FormReport, As: as, Try: true, Fields: fieldsOf(FormReport)}
	for i := range f.Fields {
		g := &f.Fields[i]
		g.Value = row.Cells[g.Name].Text
		if g.As == AsMoment && g.Value != "" {
			if t, err := time.ParseInLocation("2006-01-02T15:04:05", g.Value, time.Local); err == nil { //nolint:gosmopolitan // as on the pages, the zone is the node's
				g.Value = body.TimeOf(t.UTC()).String()
			}
		}
	}
	return f
}

// cellOf gives the cell of a field, or of that to which what was named belongs: place.code to
// place, period to period.start.
func cellOf(read *sheet.Read, row *sheet.Row, f *Form, field string) string {
	for _, belongs := range []func(name string) bool{
		func(name string) bool { return name == field },
		func(name string) bool { return strings.HasPrefix(field, name+".") },
		func(name string) bool { return field != "" && strings.HasPrefix(name, field+".") },
	} {
		for i := range f.Fields {
			if name := f.Fields[i].Name; belongs(name) && read.At[name] != "" {
				return fmt.Sprintf("%s%d", read.At[name], row.Number)
			}
		}
	}
	return fmt.Sprintf("A%d", row.Number)
}

// saidBefore finds in a view an own report on a form's place and period, and whether it says
// just that now.
func (d *Desk) saidBefore(view *board.View, f *Form, would []byte) (protocol.Name, bool) {
	var start, end body.Time
	place, err := d.placeKey(f.field("place").Value)
	if err = errors.Join(err, start.UnmarshalText([]byte(f.field("period.start").Value)), end.UnmarshalText([]byte(f.field("period.end").Value))); err != nil {
		return protocol.Name{}, false
	}
	wanted, err := documentOf(would)
	if err != nil {
		return protocol.Name{}, false
	}
	for i := range f.Fields {
		indicator, isFigure := strings.CutPrefix(f.Fields[i].Name, "figures.")
		if !isFigure || f.Fields[i].Value == "" {
			continue
		}
		for _, p := range view.Series(place, body.Indicator(indicator), f.As) {
			if p.PeriodStart.Time().Equal(start.Time()) && p.PeriodEnd.Time().Equal(end.Time()) {
				h, err := d.held(p.Record)
				if err != nil {
					return p.Record, false
				}
				now, err := d.current(&h)
				return p.Record, err == nil && reflect.DeepEqual(now, wanted)
			}
		}
	}
	return protocol.Name{}, false
}

// waitsAlready finds an own report that says the same and waits for a second person.
func (d *Desk) waitsAlready(ctx context.Context, as protocol.InstitutionID, would []byte) (string, error) {
	if !slices.Contains(d.o.Second, shortName(body.TypeReport)) {
		return "", nil
	}
	wanted, err := documentOf(would)
	if err != nil {
		return "", err
	}
	all, err := d.o.Staff.AllPending(ctx)
	for i := range all {
		p := &all[i]
		if p.As != as || p.Type != body.TypeReport || p.State != staff.PendingWaits || p.Exercise != actorOf(ctx).world.Exercise {
			continue
		}
		if said, misread := documentOf(p.Body); misread == nil && reflect.DeepEqual(said, wanted) {
			return p.ID, nil
		}
	}
	return "", err
}

// importAll writes what was checked, in the order of the rows.
func (d *Desk) importAll(ctx context.Context, out *Imported, forms map[int]*Form) (written int, err error) {
	if err := d.affords(out.As, len(forms)); err != nil {
		return 0, err
	}
	for i := range out.Rows {
		form := forms[i]
		if form == nil {
			continue
		}
		form.Try = false
		p, err := d.make(ctx, form)
		if err != nil {
			return written, partly(err, written, len(forms))
		}
		out.Rows[i].Record, out.Rows[i].Waits = p.Record, p.Waits
		written++
	}
	return written, nil
}

// partly says how far an import came that the node could not finish.
func partly(err error, written, of int) error {
	p := new(Problem)
	if !errors.As(err, &p) || written == 0 {
		return err
	}
	other := *p
	other.Detail = fmt.Sprintf("%d of %s are written, and then: %s", written, Count(of, "report", "reports"), p.Detail)
	other.Mend = strings.TrimPrefix(p.Mend+"; then send the same file again: what is written is not written twice", "; ")
	return &other
}

// CSV gives what was read as a file that says the same, to be sent when somebody has looked
// at it.
func (i *Imported) CSV() ([]byte, error) {
	f := sheet.Form{Fields: sheetFields(itself)}
	if slices.ContainsFunc(i.Rows, func(r ImportedRow) bool { return r.Cells[columnExercise].Text != "" }) {
		f.Fields = append(f.Fields, exerciseField(itself))
	}
	for _, row := range i.Rows {
		values := map[string]string{}
		for field, c := range row.Cells {
			values[field] = c.Text
		}
		f.Rows = append(f.Rows, values)
	}
	return f.CSV()
}

// Columns gives the fields that some row fills in, in the order of the form.
func (i *Imported) Columns() []string {
	var out []string
	for _, f := range fieldsOf(FormReport) {
		for _, row := range i.Rows {
			if _, there := row.Cells[f.Name]; there {
				out = append(out, f.Name)
				break
			}
		}
	}
	return out
}
