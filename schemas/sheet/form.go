package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"

	"github.com/xuri/excelize/v2"
)

// Form is a sheet to be filled in.
type Form struct {
	Name   string // of the sheet
	Fields []Field
	Rows   []map[string]string // by field, what is known already
	Codes  [][2]string         // of places, with their names: to choose from, and to look up
}

// codesSheet is where the codes lie; codesFrom is the field that takes them.
const (
	codesSheet = "Codes"
	codesField = "place"
)

// CSV writes it as a text with commas.
func (f *Form) CSV() ([]byte, error) {
	var out bytes.Buffer
	out.WriteString(bom)
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	line := make([]string, len(f.Fields))
	write := func(cell func(f *Field) string) error {
		for i := range f.Fields {
			line[i] = cell(&f.Fields[i])
		}
		return w.Write(line)
	}
	err := errors.Join(write(func(f *Field) string { return f.Head }), write(func(f *Field) string { return f.Name }))
	for _, row := range f.Rows {
		err = errors.Join(err, write(func(f *Field) string {
			if f.Kind != Text {
				return row[f.Name] // <5 and numbers are what they are
			}
			return plain(row[f.Name])
		}))
	}
	w.Flush()
	return out.Bytes(), errors.Join(err, w.Error())
}

// XLSX writes it as a workbook: heads for people, names of fields below, what can be chosen
// in lists.
func (f *Form) XLSX() (out []byte, err error) {
	file := excelize.NewFile()
	defer func() { err = errors.Join(err, file.Close()) }()
	b := book{f: file, sheet: f.Name}
	b.try(file.SetSheetName(file.GetSheetName(0), f.Name))
	for i, field := range f.Fields {
		b.put(i, 1, field.Head)
		b.put(i, 2, field.Name)
		for j, row := range f.Rows {
			b.put(i, 3+j, row[field.Name])
		}
		b.column(i, &field)
	}
	b.bold(1, len(f.Fields))
	b.style(&excelize.Style{Font: &excelize.Font{Color: "808080", Size: 8}}, address(0, 2), address(len(f.Fields)-1, 2))
	b.below(2)
	f.codes(&b)
	return b.bytes()
}

// column gives a column its width, its form and its list.
func (b *book) column(i int, field *Field) {
	letter, err := excelize.ColumnNumberToName(i + 1)
	b.try(err)
	wide := map[FieldKind]float64{Number: 12, Moment: 18, Day: 18, Text: 24, Mark: 24}[field.Kind]
	b.try(b.f.SetColWidth(b.sheet, letter, letter, wide))
	first, last := address(i, 3), address(i, 2+MaxRows)
	if field.Kind != Number { // as text, so that no program makes a number of 8.11.
		b.style(&excelize.Style{NumFmt: 49}, first, last)
	}
	if len(field.Words) > 0 {
		b.list(first, last, func(v *excelize.DataValidation) error { return v.SetDropList(field.Words) })
	}
}

func (b *book) list(first, last string, fill func(*excelize.DataValidation) error) {
	v := excelize.NewDataValidation(true)
	v.SetSqref(first + ":" + last)
	b.try(fill(v))
	b.try(b.f.AddDataValidation(b.sheet, v))
}

// codes writes the codes of places on a sheet of their own.
func (f *Form) codes(b *book) {
	if len(f.Codes) == 0 {
		return
	}
	_, err := b.f.NewSheet(codesSheet)
	b.try(err)
	c := book{f: b.f, sheet: codesSheet}
	for i, code := range f.Codes {
		c.put(0, i+1, code[0])
		c.put(1, i+1, code[1])
	}
	c.try(b.f.SetColWidth(codesSheet, "A", "B", 28))
	b.try(c.err)
	for i := range f.Fields {
		if f.Fields[i].Name == codesField {
			b.list(address(i, 3), address(i, 2+MaxRows), func(v *excelize.DataValidation) error {
				v.SetSqrefDropList(fmt.Sprintf("%s!$A$1:$A$%d", codesSheet, len(f.Codes)))
				v.ShowErrorMessage = false // another place is welcome
				return nil
			})
		}
	}
}
