package sheet

import (
	"fmt"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Bounds of what is read.
const (
	// MaxBytes bounds a file: a full form is under 100 KiB, and in JSON it must fit a question (api.MaxRequestBytes).
	MaxBytes = 512 << 10
	// MaxRows bounds the records of one file: a day of every municipality of a country, twice.
	MaxRows = 500
	// MaxCell bounds one cell, as it does a text of a record (domain.md §3).
	MaxCell = 4 << 10
	// maxColumns and maxHead bound where cells may stand, and how far down the names of fields.
	maxColumns, maxHead = 64, 10
)

// FieldKind says what a field holds.
type FieldKind uint8

// The kinds.
const (
	Text   FieldKind = iota + 1
	Number           // a whole number, or a band such as <5
	Moment           // a day, or a day and an hour, on the reader's clock
	Money            // an amount, with a point before what is less than one
	Day              // as Text, but that a day that a workbook counts is written 2006-01-02
	Mark             // of which exercise a row is: it says nothing by itself
)

// Field is one column of a form.
type Field struct {
	Name  string // figures.arrivals
	Head  string // for people: arrivals (persons)
	Kind  FieldKind
	Words []string // to choose from; none: anything
}

// Cell is what stands in one.
type Cell struct {
	Address string `json:"cell"` // C7
	Text    string `json:"text"`
}

// Row is a row that is filled in.
type Row struct {
	Number int
	Cells  map[string]Cell // by field, those that are not empty
}

// Read is what was found in a file.
type Read struct {
	Sheet  string
	At     map[string]string // the letter of the column of each field
	Rows   []Row
	Faults []Fault
}

// Fault is what is wrong in a cell, or in the whole file where Cell is empty.
type Fault struct {
	Sheet  string `json:"sheet,omitempty"`
	Cell   string `json:"cell,omitempty"` // C7
	Detail string `json:"detail"`
	Mend   string `json:"mend,omitempty"`
}

// Error gives it in one line.
func (f *Fault) Error() string {
	s := f.Detail
	if f.Mend != "" {
		s += ": " + f.Mend
	}
	if f.Cell != "" {
		s = f.Sheet + "!" + f.Cell + ": " + s
	}
	return s
}

// grid is a sheet before anybody knows what its columns are.
type grid struct {
	sheet    string
	serial   bool // a number can be a day, as spreadsheets count them
	from1904 bool
	merged   map[int]string // cells that are merged, F3:F4, by each line that they stand in
	rows     []gridRow
}

type gridRow struct {
	number int
	cells  []string
}

// ReadForm reads a file that was filled in. The error is a [*Fault] of the whole file; what is
// wrong in single cells is among the faults of what was read.
func ReadForm(data []byte, fields []Field) (*Read, error) {
	out, err := read(data, fields, MaxRows, func(head string) (Field, *Fault) {
		return Field{}, &Fault{Detail: "no field is called " + quoted(head), Mend: "take the template's own names, or leave this cell empty and the column is passed over"}
	})
	if err == nil && out == nil {
		err = &Fault{Detail: noHeads, Mend: "take the template, and leave its second line as it is: place, period.start …"}
	}
	return out, err
}

// ReadOpen reads a file that has columns of its author's own beside the fields: own gives the
// field that such a head is, or what is wrong with it. A line of hashtags below the heads is
// passed over; below it stand at most so many rows.
func ReadOpen(data []byte, fields []Field, most int, own func(head string) (Field, *Fault)) (*Read, error) {
	out, err := read(data, fields, most, own)
	if err == nil && out == nil {
		err = &Fault{Detail: noHeads, Mend: "name the columns in its first line, as what was exported does"}
	}
	return out, err
}

const noHeads = "no line of the first ten names the fields"

// read gives nothing for a file in which no line names fields.
func read(data []byte, fields []Field, most int, own func(head string) (Field, *Fault)) (*Read, error) {
	g, err := open(data, most)
	if err != nil {
		return nil, err
	}
	head := -1
	for i := range g.rows {
		if r := &g.rows[i]; r.number <= maxHead && r.names(fields) {
			head = i // the last: heads may be the names too
		}
	}
	if head < 0 {
		return nil, nil //nolint:nilnil // the two callers say so, each with its own mend
	}
	out := &Read{Sheet: g.sheet, At: map[string]string{}}
	byColumn := out.columns(&g.rows[head], fields, own)
	for i := head + 1; i < len(g.rows); i++ {
		if i > head+1 || !g.rows[i].tags() {
			out.row(g, &g.rows[i], byColumn)
		}
	}
	if len(out.Rows) > most {
		return nil, &Fault{Sheet: g.sheet, Detail: fmt.Sprintf("%d rows are filled in, and one file holds at most %d", len(out.Rows), most), Mend: "split it"}
	}
	return out, nil
}

// open tells the formats apart by how a file begins.
func open(data []byte, most int) (*grid, error) {
	switch {
	case len(data) > MaxBytes:
		return nil, &Fault{Detail: fmt.Sprintf("the file is larger than %d KiB", MaxBytes>>10), Mend: "send the template with its rows alone, without pictures"}
	case len(data) == 0:
		return nil, &Fault{Detail: "the file is empty", Mend: "choose the one that was filled in"}
	case strings.HasPrefix(string(data), "PK\x03\x04"):
		return openXLSX(data, most)
	case strings.HasPrefix(string(data), "\xd0\xcf\x11\xe0"):
		return nil, &Fault{Detail: "this is an old or a locked workbook (.xls, or with a password)", Mend: "save it as .xlsx without a password"}
	}
	return openCSV(data)
}

// names reports whether most of what stands in a row are names of fields.
func (r *gridRow) names(fields []Field) bool {
	known, filled := 0, 0
	for _, text := range r.cells {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		filled++
		if slices.ContainsFunc(fields, func(f Field) bool { return f.Name == text }) {
			known++
		}
	}
	const enough = 3 // whatever else there is
	return known >= enough || known > 0 && 2*known >= filled
}

// tags reports whether a row has but hashtags of HXL.
func (r *gridRow) tags() bool {
	any := false
	for _, text := range r.cells {
		if text = strings.TrimSpace(text); text != "" && !strings.HasPrefix(text, "#") {
			return false
		}
		any = any || text != ""
	}
	return any
}

// columns finds out which field each column is.
func (out *Read) columns(head *gridRow, fields []Field, own func(head string) (Field, *Fault)) map[int]Field {
	byColumn := map[int]Field{}
	for i, text := range head.cells {
		if text = strings.TrimSpace(text); text == "" { // a column for people
			continue
		}
		var f Field
		var wrong *Fault
		if j := slices.IndexFunc(fields, func(f Field) bool { return f.Name == text }); j >= 0 {
			f = fields[j]
		} else {
			f, wrong = own(text)
		}
		switch {
		case wrong != nil:
			out.fault(address(i, head.number), wrong.Detail, wrong.Mend)
		case out.At[f.Name] != "":
			out.fault(address(i, head.number), quoted(text)+" stands twice", "keep one column")
		default:
			byColumn[i] = f
			out.At[f.Name] = strings.TrimRight(address(i, 1), "1")
		}
	}
	return byColumn
}

// row reads one; one in which nothing is filled in is none.
func (out *Read) row(g *grid, r *gridRow, byColumn map[int]Field) {
	row := Row{Number: r.number, Cells: map[string]Cell{}}
	var faults []Fault
	figures := false
	for i, text := range r.cells {
		f, known := byColumn[i]
		if text = strings.TrimSpace(text); text == "" || !known {
			continue
		}
		at := address(i, r.number)
		said, wrong := g.value(f, text)
		if wrong != nil {
			wrong.Sheet, wrong.Cell = g.sheet, at
			faults = append(faults, *wrong)
		}
		row.Cells[f.Name] = Cell{at, said}
		figures = figures || f.Kind != Moment && f.Kind != Mark && f.Name != "place"
	}
	if !figures { // the template's own place and period, and nobody said anything
		return
	}
	out.Rows, out.Faults = append(out.Rows, row), append(out.Faults, faults...)
	if cells := g.merged[r.number]; cells != "" {
		first, _, _ := strings.Cut(cells, ":")
		out.fault(first, "the cells "+cells+" are merged, and all but the first of them are empty", "split them, and write into each what holds for its row")
	}
}

func (out *Read) fault(cell, detail, mend string) {
	out.Faults = append(out.Faults, Fault{out.Sheet, cell, detail, mend})
}

// address gives a cell's: C7 of column 2 and line 7.
func address(column, line int) string {
	name, err := excelize.CoordinatesToCellName(column+1, line)
	if err != nil {
		return fmt.Sprintf("column %d, line %d", column+1, line)
	}
	return name
}

// quoted shows what stood somewhere, cut short.
func quoted(s string) string { return fmt.Sprintf("%.40q", s) }
