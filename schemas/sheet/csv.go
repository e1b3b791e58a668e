package sheet

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// bom is how spreadsheet programs know UTF-8.
const bom = "\ufeff"

// openCSV reads a text with commas, semicolons or tabs, whichever its names of fields stand
// between.
func openCSV(data []byte) (*grid, error) {
	text, err := decode(data)
	if err != nil {
		return nil, err
	}
	if first, rest, ok := strings.Cut(text, "\n"); ok && strings.HasPrefix(strings.ToLower(first), "sep=") {
		text = "\n" + rest // so that lines are counted as they stand
	}
	var best *grid
	var found error
	for _, comma := range []rune{';', '\t', ','} {
		g, err := split(text, comma)
		if err != nil {
			found = errors.Join(found, err)
			continue
		}
		if best == nil || g.widest() > best.widest() {
			best = g
		}
	}
	if best == nil {
		return nil, found
	}
	return best, nil
}

// widest gives the most cells of the first lines.
func (g *grid) widest() (most int) {
	for _, r := range g.rows[:min(len(g.rows), maxHead)] {
		most = max(most, len(r.cells))
	}
	return most
}

func split(text string, comma rune) (*grid, error) {
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord = comma, -1
	g := &grid{sheet: "CSV"}
	for {
		cells, err := r.Read()
		var wrong *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return g, nil
		case errors.As(err, &wrong):
			return nil, &Fault{Sheet: g.sheet, Cell: address(0, wrong.Line), Detail: fmt.Sprintf("line %d is not CSV (%s)", wrong.Line, wrong.Err), Mend: "put a text that holds quotation marks into quotation marks, and double those within"}
		case err != nil:
			return nil, &Fault{Detail: err.Error()}
		}
		line, _ := r.FieldPos(0)
		if strings.TrimSpace(strings.Join(cells, "")) == "" {
			continue
		}
		if len(cells) > maxColumns || line > MaxRows*maxHead {
			return nil, &Fault{Sheet: g.sheet, Cell: address(0, line), Detail: fmt.Sprintf("the file has more than %d columns, or too many lines", maxColumns), Mend: "send the template with its rows alone"}
		}
		g.rows = append(g.rows, gridRow{line, cells})
	}
}

// decode gives the text of a file in UTF-8, or in UTF-16 with its mark. Other code pages are
// named and not guessed: the same bytes are Serbian in one and Macedonian in the other.
func decode(data []byte) (string, error) {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}):
		order = binary.LittleEndian
	case bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		order = binary.BigEndian
	case bytes.IndexByte(data, 0) >= 0:
		return "", &Fault{Detail: "this is neither a workbook nor CSV", Mend: "choose the file that was filled in, as .xlsx or as CSV UTF-8"}
	case !utf8.Valid(data):
		return "", &Fault{Detail: "the file is not in UTF-8, but in a code page such as Windows-1250 or Windows-1251, and does not say in which", Mend: "save it as 'CSV UTF-8', or as .xlsx"}
	default:
		return strings.TrimPrefix(string(data), bom), nil
	}
	units := make([]uint16, 0, len(data)/2)
	for i := 2; i+1 < len(data); i += 2 {
		units = append(units, order.Uint16(data[i:]))
	}
	return string(utf16.Decode(units)), nil
}
