package federation

import (
	"bufio"
	"bytes"
	_ "embed" // the arrivals
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/vardar-network/vardar/protocol/body"
)

//go:embed data/daily-estimated-arrivals_2015-10-01_2016-01-31.csv
var arrivalsCSV []byte

// ArrivalsName is the file of arrivals that comes with the program; data/README.md says
// whose figures they are.
const ArrivalsName = "daily-estimated-arrivals_2015-10-01_2016-01-31.csv"

// Arrivals are a file of daily figures: a column for each country, a row for each day.
type Arrivals struct {
	Name    string
	Columns []string // as the file heads them, without Date
	Days    []ArrivalsDay
}

// ArrivalsDay is one row; a cell for each column.
type ArrivalsDay struct {
	Date  time.Time // its beginning, UTC
	Cells []body.Count
}

// ArrivalsError is a cell, a row or a file that can't be replayed, and how to mend it.
// Line and Column are those of the file, 0 and empty where none is to blame.
type ArrivalsError struct {
	File    string
	Line    int
	Column  string
	Problem string
	Mend    string
}

// Error names file, line, column, problem and mend.
func (e *ArrivalsError) Error() string {
	at := e.File
	if e.Line > 0 {
		at += ", line " + strconv.Itoa(e.Line)
	}
	if e.Column != "" {
		at += fmt.Sprintf(", column %q", e.Column)
	}
	return at + ": " + e.Problem + ": " + e.Mend
}

// dateColumn heads the column of days.
const dateColumn = "Date"

// notReported is how the file says that nobody gave a figure. It is never 0.
const notReported = "N/A"

// OwnArrivals gives the file that comes with the program.
func OwnArrivals() (*Arrivals, error) {
	return ReadArrivals(ArrivalsName, bytes.NewReader(arrivalsCSV))
}

// OpenArrivals reads a file; see [ReadArrivals].
func OpenArrivals(path string) (_ *Arrivals, err error) {
	f, err := os.Open(path) //nolint:gosec // whoever runs the demonstration names the file
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if info, err := f.Stat(); err != nil || info.IsDir() {
		return nil, errors.Join(err, &ArrivalsError{File: path, Problem: "this is a folder", Mend: "name a CSV file in it"})
	}
	return ReadArrivals(path, f)
}

// ReadArrivals reads a CSV file of the shape of [ArrivalsName]: a column Date with days
// as 2015-11-03, in order and each once, and a column for each country the demonstration
// has an institution for, in any order. A cell is a whole number, with or without commas
// between the thousands, or N/A. A byte-order mark and either end of line are taken.
//
// It returns an [*ArrivalsError], or the error of reading.
func ReadArrivals(name string, r io.Reader) (*Arrivals, error) {
	a := &Arrivals{Name: name}
	in := bufio.NewReader(r)
	if mark, err := in.Peek(3); err == nil && string(mark) == "\ufeff" {
		if _, err := in.Discard(len(mark)); err != nil {
			return nil, err
		}
	}
	rows := csv.NewReader(in)
	rows.FieldsPerRecord = -1 // judged below, in words
	head, err := rows.Read()
	if errors.Is(err, io.EOF) {
		return nil, &ArrivalsError{File: name, Line: 1, Column: dateColumn, Problem: "the file is empty", Mend: "give one with the columns " + knownColumns()}
	}
	if err != nil {
		return nil, a.broken(err)
	}
	date, err := a.head(head)
	if err != nil {
		return nil, err
	}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, a.broken(err)
		}
		line, _ := rows.FieldPos(0)
		if err := a.row(line, row, head, date); err != nil {
			return nil, err
		}
	}
	if len(a.Days) == 0 {
		return nil, &ArrivalsError{File: name, Line: 1, Problem: "the file has no day", Mend: "add a row for each day below the heading"}
	}
	return a, nil
}

// broken words an error of the CSV reader.
func (a *Arrivals) broken(err error) error {
	var p *csv.ParseError
	if !errors.As(err, &p) {
		return fmt.Errorf("read %s: %w", a.Name, err)
	}
	return &ArrivalsError{File: a.Name, Line: p.Line, Problem: "this is not CSV (" + p.Err.Error() + ")", Mend: "quote a cell as a whole, or not at all"}
}

func knownColumns() string {
	names := []string{dateColumn}
	for _, c := range columns() {
		names = append(names, strconv.Quote(c.Name))
	}
	return strings.Join(names, ", ")
}

// head takes the heading and gives the place of the column of days.
func (a *Arrivals) head(head []string) (date int, err error) {
	date = -1
	seen := map[string]bool{}
	for i, h := range head {
		h = strings.TrimSpace(h)
		head[i] = h
		switch {
		case !utf8.ValidString(h) || strings.ContainsFunc(h, unicode.IsControl):
			return 0, &ArrivalsError{a.Name, 1, "", "this is no text", "name a CSV file in UTF-8, with the columns " + knownColumns()}
		case seen[h]:
			return 0, &ArrivalsError{a.Name, 1, h, "this column stands twice", "keep one of them"}
		case h == dateColumn:
			date = i
		case !slices.ContainsFunc(columns(), func(c column) bool { return c.Name == h }):
			return 0, &ArrivalsError{a.Name, 1, h, "no institution of the demonstration reports this column", "the columns are " + knownColumns()}
		default:
			a.Columns = append(a.Columns, h)
		}
		seen[h] = true
	}
	if date < 0 {
		return 0, &ArrivalsError{a.Name, 1, dateColumn, "this column is missing", "add it, with days written as 2015-11-03"}
	}
	for _, c := range columns() {
		if !seen[c.Name] {
			return 0, &ArrivalsError{a.Name, 1, c.Name, "this column is missing", "add it, with " + notReported + " on days without a figure"}
		}
	}
	return date, nil
}

func (a *Arrivals) row(line int, row, head []string, date int) error {
	fail := func(column, problem, mend string) error {
		return &ArrivalsError{a.Name, line, column, problem, mend}
	}
	switch {
	case len(row) < len(head):
		return fail(head[len(row)], "the row ends before this column", "write a figure, or "+notReported)
	case len(row) > len(head):
		return fail("", fmt.Sprintf("the row has %d cells, the heading %d", len(row), len(head)), "take the last cells away, or quote a number that has commas")
	}
	day, err := time.Parse(time.DateOnly, strings.TrimSpace(row[date]))
	if err != nil {
		return fail(dateColumn, fmt.Sprintf("%q is no day", row[date]), "write it as 2015-11-03")
	}
	if n := len(a.Days); n > 0 {
		switch last := a.Days[n-1].Date; {
		case slices.ContainsFunc(a.Days, func(d ArrivalsDay) bool { return d.Date.Equal(day) }):
			return fail(dateColumn, day.Format(time.DateOnly)+" stands twice", "keep the row that is right")
		case day.Before(last):
			return fail(dateColumn, fmt.Sprintf("%s comes after %s", day.Format(time.DateOnly), last.Format(time.DateOnly)), "put the rows in the order of their days")
		}
	}
	d := ArrivalsDay{Date: day}
	for i, cell := range row {
		if i == date {
			continue
		}
		count, problem, mend := readCell(cell)
		if problem != "" {
			return fail(head[i], problem, mend)
		}
		d.Cells = append(d.Cells, count)
	}
	a.Days = append(a.Days, d)
	return nil
}

// readCell reads a figure; the count that was never set stands for not reported. The
// expression is made for each cell: a file has a thousand.
func readCell(cell string) (_ body.Count, problem, mend string) {
	text := strings.TrimSpace(cell)
	switch {
	case text == notReported:
		return body.Count{}, "", ""
	case text == "":
		return body.Count{}, "the cell is blank", "write 0 if zero was reported, " + notReported + " if nothing was"
	case strings.HasPrefix(text, "-"):
		return body.Count{}, text + " is less than 0", "write the number of people who were counted, or " + notReported
	}
	if ok, err := regexp.MatchString(`^[0-9]{1,3}(,[0-9]{3})+$`, text); err == nil && ok {
		text = strings.ReplaceAll(text, ",", "")
	}
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil || n > body.MaxCount {
		return body.Count{}, fmt.Sprintf("%q is no whole number", cell), "write one such as 4370 or \"4,370\", or " + notReported
	}
	return body.Exact(int64(n)), "", ""
}

// Column gives the place of a column; -1 if the file has none of that name.
func (a *Arrivals) Column(name string) int { return slices.Index(a.Columns, name) }

// Between gives the days from one to another, both included.
func (a *Arrivals) Between(from, to time.Time) []ArrivalsDay {
	var out []ArrivalsDay
	for _, d := range a.Days {
		if !d.Date.Before(from) && !d.Date.After(to) {
			out = append(out, d)
		}
	}
	return out
}
