package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"
)

// Column is one of a table.
type Column struct {
	Head string // for people
	Tag  string // HXL 1.1: #loc+name
}

// Table is what people and programs take away. A cell is a string, an int64, an [Amount], or
// nil for what is not known, which is never 0.
type Table struct {
	Name    string
	Tagged  bool // the tags stand below the heads of a workbook and of CSV too
	Columns []Column
	Rows    [][]any
}

// Amount is a decimal, which a workbook holds as a number where it can do so exactly.
type Amount string

// CSV writes it with a mark by which spreadsheet programs know UTF-8.
func (t *Table) CSV() ([]byte, error) {
	out, err := t.csv(t.Tagged)
	return append([]byte(bom), out...), err
}

// HXL writes it as the Humanitarian Exchange Language has it: the row of tags directly above
// the data, and no mark.
func (t *Table) HXL() ([]byte, error) { return t.csv(true) }

func (t *Table) csv(tags bool) ([]byte, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.UseCRLF = true // RFC 4180 §2.1
	line := make([]string, len(t.Columns))
	write := func(cell func(i int) string) error {
		for i := range line {
			line[i] = cell(i)
		}
		return w.Write(line)
	}
	err := write(func(i int) string { return t.Columns[i].Head })
	if tags {
		err = errors.Join(err, write(func(i int) string { return t.Columns[i].Tag }))
	}
	for _, row := range t.Rows {
		err = errors.Join(err, write(func(i int) string { return plain(row[i]) }))
	}
	w.Flush()
	return out.Bytes(), errors.Join(err, w.Error())
}

// plain writes a cell of CSV, where a text that begins as a formula would be one to a
// spreadsheet program.
func plain(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case Amount:
		return v.Plain()
	case string:
		if v != "" && strings.ContainsRune("=+-@\t\r\n'", rune(v[0])) {
			return "'" + v
		}
		return v
	}
	return fmt.Sprint(v)
}

// Plain writes it so that it can be read in one way: 1.125, which is no thousand, with a zero more.
func (a Amount) Plain() string {
	if eitherExpr.MatchString(string(a)) {
		return string(a) + "0"
	}
	return string(a)
}

// XLSX writes it as a workbook of one sheet: its texts are texts, whatever they begin with.
func (t *Table) XLSX() (out []byte, err error) {
	f := excelize.NewFile()
	defer func() { err = errors.Join(err, f.Close()) }()
	b := book{f: f, sheet: t.Name}
	b.try(f.SetSheetName(f.GetSheetName(0), t.Name))
	heads := 1
	if t.Tagged {
		heads = 2
	}
	for i, c := range t.Columns {
		b.put(i, 1, c.Head)
		if t.Tagged {
			b.put(i, heads, c.Tag)
		}
	}
	b.bold(1, len(t.Columns))
	for j, row := range t.Rows {
		for i, v := range row {
			b.put(i, j+heads+1, v)
		}
	}
	b.below(heads)
	return b.bytes()
}

// MaxLines bounds the lines of a workbook below its heads, as spreadsheet programs do.
const MaxLines = 1<<20 - 1

// What a cell of a workbook holds: so many characters, and whole numbers of so many binary
// digits. Programs cut off what is longer, and round what is larger, and say nothing.
const (
	maxCellUnits = 32_767
	maxWhole     = 1 << 53
)

// Cut is a cell that a workbook can't hold.
type Cut struct {
	Row, Column int
	Why         string
}

// Shorten empties the cells that a workbook can't hold, and tells which: a text that is cut off
// looks whole. A number of too many digits stays, as text.
func (t *Table) Shorten() []Cut {
	var out []Cut
	for i, row := range t.Rows {
		for j, v := range row {
			switch v := v.(type) {
			case string:
				if len(utf16.Encode([]rune(v))) > maxCellUnits {
					row[j], out = nil, append(out, Cut{i, j, fmt.Sprintf("a cell holds %d characters, and this is longer: it is left empty", maxCellUnits)})
				} else if strings.ContainsFunc(v, unsayable) {
					row[j], out = nil, append(out, Cut{i, j, "a workbook can't hold one of its characters: it is left empty"})
				}
			case int64:
				if v > maxWhole || v < -maxWhole {
					row[j] = fmt.Sprint(v)
				}
			}
		}
	}
	return out
}

// unsayable reports whether XML 1.0 has no way to write a character (§2.2).
func unsayable(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == '\ufffe' || r == '\uffff'
}

// book is a workbook that is being written; the first error ends it.
type book struct {
	f     *excelize.File
	sheet string
	err   error
}

func (b *book) try(err error) { b.err = errors.Join(b.err, err) }

// put writes a cell; nothing for nil.
func (b *book) put(column, line int, v any) {
	switch v := v.(type) {
	case nil:
	case int64:
		b.try(b.f.SetCellValue(b.sheet, address(column, line), v))
	case Amount:
		const digits = 15 // that a workbook's numbers hold
		f, err := strconv.ParseFloat(string(v), 64)
		if err != nil || len(v) > digits || eitherExpr.MatchString(string(v)) {
			b.put(column, line, v.Plain())
			return
		}
		b.try(b.f.SetCellFloat(b.sheet, address(column, line), f, -1, 64))
	default:
		if text := fmt.Sprint(v); text != "" {
			b.try(b.f.SetCellStr(b.sheet, address(column, line), text))
		}
	}
}

func (b *book) style(s *excelize.Style, from, to string) {
	id, err := b.f.NewStyle(s)
	b.try(err)
	b.try(b.f.SetCellStyle(b.sheet, from, to, id))
}

func (b *book) bold(line, columns int) {
	b.style(&excelize.Style{Font: &excelize.Font{Bold: true}, Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}}, address(0, line), address(columns-1, line))
}

// below keeps the first lines in sight.
func (b *book) below(lines int) {
	b.try(b.f.SetPanes(b.sheet, &excelize.Panes{Freeze: true, YSplit: lines, TopLeftCell: address(0, lines+1), ActivePane: "bottomLeft"}))
}

func (b *book) bytes() ([]byte, error) {
	if b.err != nil {
		return nil, b.err
	}
	out, err := b.f.WriteToBuffer()
	if err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
