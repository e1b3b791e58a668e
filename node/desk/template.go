package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
	"github.com/vardar-network/vardar/schemas/sheet"
)

// The forms of spreadsheets.
const (
	AsXLSX = "xlsx"
	AsCSV  = "csv"
	AsHXL  = "hxl"
)

// Template gives the spreadsheet in which an institution can report: a row for each place that
// it reports on, of the period that follows, and what figures are counted in. say names a
// field at the head of its column. One that is taken within an exercise is taken back there alone.
func (d *Desk) Template(ctx context.Context, as protocol.InstitutionID, format string, say func(field string) string) (EvidenceFile, error) {
	as, err := d.author(ctx, as)
	if err != nil {
		return EvidenceFile{}, err
	}
	w := actorOf(ctx).world
	f := sheet.Form{Name: "Reports", Fields: sheetFields(say)}
	for i := range f.Fields {
		if indicator, ok := strings.CutPrefix(f.Fields[i].Name, "figures."); ok {
			f.Fields[i].Head += " (" + string(body.Indicator(indicator).Unit()) + ")"
		}
	}
	now := d.o.Clock()
	for _, r := range d.world(w).Due {
		if r.Institution != as || r.Kind != body.TypeReport || r.Place.IsZero() {
			continue
		}
		end := min(r.LastAt+protocol.Instant(r.CadenceH)*3600*1000, protocol.InstantOf(now.Truncate(time.Minute)))
		row := map[string]string{"place": r.Place.String(), "period.start": sheetMoment(r.LastAt)}
		if end > r.LastAt {
			row["period.end"] = sheetMoment(end)
		}
		f.Rows, f.Codes = append(f.Rows, row), append(f.Codes, [2]string{r.Place.String(), r.PlaceName})
	}
	d.ownCodes(&f, as)
	markForm(&f, w, say)
	write := f.XLSX
	if format == AsCSV {
		write = f.CSV
	}
	data, err := write()
	return EvidenceFile{playedName(w, fmt.Sprintf("report-%s.%s", as, format)), data}, err
}

// writing gives how a table is written in a format, and the ending of its file.
func writing(t *sheet.Table, format string) (ending string, write func() ([]byte, error)) {
	switch format {
	case AsCSV:
		return ".csv", t.CSV
	case AsHXL:
		return ".hxl.csv", t.HXL
	}
	return ".xlsx", t.XLSX
}

// playedMark says of which exercise something is that lies in a file.
func playedMark(w World) string {
	if w.Name.IsZero() {
		return "true"
	}
	return w.Name.String()
}

// playedName says in the name of a file, or of a sheet, that what it holds is only played.
func playedName(w World, name string) string {
	if w.Exercise {
		return columnExercise + "-" + name
	}
	return name
}

// markForm says in a form that what is filled in is only played.
func markForm(f *sheet.Form, w World, say func(field string) string) {
	if !w.Exercise {
		return
	}
	f.Fields = slices.Insert(f.Fields, 0, exerciseField(say))
	for _, row := range f.Rows {
		row[columnExercise] = playedMark(w)
	}
}

// markTable says in a table, first in each of its rows, that what it holds is only played: no part
// of it, wherever it is copied, is taken for what is real.
func markTable(t *sheet.Table, w World) {
	if !w.Exercise {
		return
	}
	t.Name = playedName(w, t.Name)
	t.Columns = slices.Insert(t.Columns, 0, sheet.Column{Head: columnExercise, Tag: hxlExercise})
	for i := range t.Rows {
		t.Rows[i] = slices.Insert(t.Rows[i], 0, any(playedMark(w)))
	}
}

// hxlExercise is the hashtag of a column that says what is only played.
const hxlExercise = "#meta+exercise"

// ownCodes adds the places of an institution's profile, and a row for its seat if it never
// reported.
func (d *Desk) ownCodes(f *sheet.Form, as protocol.InstitutionID) {
	m, ok := d.o.Trust.Member(as)
	if !ok || m.Profile == nil {
		return
	}
	add := func(k body.PlaceKey, name string) {
		if !slices.ContainsFunc(f.Codes, func(c [2]string) bool { return c[0] == k.String() }) {
			f.Codes = append(f.Codes, [2]string{k.String(), name})
		}
	}
	if s := m.Profile.Seat; s != nil {
		add(s.Key(), d.o.Atlas.Name(*s))
		if len(f.Rows) == 0 {
			f.Rows = append(f.Rows, map[string]string{"place": s.Key().String()})
		}
	}
	for _, s := range m.Profile.Sites {
		add(s.Code, string(s.Name))
	}
}

// sheetMoment says an instant as a person types it, on the node's clock.
func sheetMoment(i protocol.Instant) string { return i.Time().Local().Format("2006-01-02 15:04") }

// File gives the figures of a situation, as they are chosen, for a spreadsheet, or as HXL. What was
// not reported is an empty cell, and no 0. What is of an exercise says so.
func (s *Sight) File(format string) (EvidenceFile, error) {
	t := sheet.Table{Name: "Figures", Columns: []sheet.Column{
		{Head: "record", Tag: "#meta+id"},
		{Head: "institution", Tag: "#org+code"},
		{Head: "place", Tag: "#loc+name"},
		{Head: "place code", Tag: "#loc+code"},
		{Head: "indicator", Tag: "#indicator+name"},
		{Head: "value", Tag: "#indicator+num"},
		{Head: "band or reason", Tag: "#indicator+text"},
		{Head: "unit", Tag: "#indicator+unit"},
		{Head: "period start", Tag: "#date+start"},
		{Head: "period end", Tag: "#date+end"},
		{Head: "age in hours", Tag: "#meta+age"},
		{Head: "reporting", Tag: "#status+reporting"},
	}}
	for i := range s.Rows {
		r := &s.Rows[i]
		var value any
		words := "not reported"
		if n, exact := r.Value.Exact(); exact {
			value, words = n, ""
		} else if !r.Value.IsZero() {
			words = r.Value.String()
		} else if r.Reason != "" {
			words += ": " + r.Reason
		}
		t.Rows = append(t.Rows, []any{
			r.Record.String(), string(r.Institution), r.PlaceName, r.Place.String(), string(r.Indicator), value, words, r.Unit,
			r.PeriodStart.String(), r.PeriodEnd.String(), r.AgeHours, string(r.Due),
		})
	}
	markTable(&t, s.World)
	ending, write := writing(&t, format)
	data, err := write()
	return EvidenceFile{playedName(s.World, "figures"+ending), data}, err
}
