package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Bounds of a workbook, which is a zip of XML: what it says to be unpacked is summed before
// anything is, and archive/zip gives no more of a part than it says.
const (
	maxUnpacked = 8 << 20 // a full form is 1 MiB
	maxParts    = 200
	maxMerged   = 1_000 // cells that are merged, on a sheet: excelize compares each with each
)

var errMerged = errors.New("too many cells are merged")

func broken(err error) *Fault {
	return &Fault{Detail: fmt.Sprintf("the workbook can't be read (%.100s)", err), Mend: "open it in a spreadsheet program, and save it as .xlsx anew"}
}

// openXLSX reads the first sheet of a workbook.
func openXLSX(data []byte, most int) (g *grid, err error) {
	packed, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, broken(err)
	}
	var all uint64
	for _, part := range packed.File {
		if all += part.UncompressedSize64; all > maxUnpacked || part.UncompressedSize64 > maxUnpacked || len(packed.File) > maxParts {
			return nil, &Fault{Detail: fmt.Sprintf("unpacked, the workbook is larger than %d MiB, or has more than %d parts", maxUnpacked>>20, maxParts), Mend: "send the template with its rows alone"}
		}
	}
	if err = valued(packed); err != nil {
		return nil, err
	}
	// excelize finds its way by numbers that stand in the file, and a wrong one has made it
	// panic: that ends the reading, and not the node.
	defer func() {
		if r := recover(); r != nil {
			g, err = nil, broken(fmt.Errorf("%v", r))
		}
	}()
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{RawCellValue: true, UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxUnpacked})
	if err != nil {
		return nil, broken(err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return firstSheet(f, most)
}

func firstSheet(f *excelize.File, most int) (*grid, error) {
	maxLine := most + 2*maxHead // beyond it nothing may stand
	g := &grid{sheet: f.GetSheetName(0), serial: true}
	if p, err := f.GetWorkbookProps(); err == nil && p.Date1904 != nil {
		g.from1904 = *p.Date1904
	}
	var err error
	if g.merged, err = mergedIn(f, g.sheet, maxLine); err != nil {
		return nil, err
	}
	rows, err := f.Rows(g.sheet)
	if err != nil {
		return nil, broken(err)
	}
	for line := 1; rows.Next(); line++ {
		cells, err := rows.Columns()
		if err != nil {
			return nil, broken(err)
		}
		for len(cells) > 0 && strings.TrimSpace(cells[len(cells)-1]) == "" {
			cells = cells[:len(cells)-1]
		}
		switch {
		case len(cells) == 0: // a line that has but a height stands far down
		case line > maxLine:
			return nil, &Fault{Sheet: g.sheet, Cell: address(0, line), Detail: fmt.Sprintf("something stands below line %d", maxLine), Mend: fmt.Sprintf("delete it, or split the file: one holds at most %d rows", most)}
		case len(cells) > maxColumns:
			return nil, &Fault{Sheet: g.sheet, Cell: address(len(cells)-1, line), Detail: fmt.Sprintf("something stands right of column %d", maxColumns), Mend: "delete it"}
		default:
			g.rows = append(g.rows, gridRow{line, cells})
		}
	}
	if err := errors.Join(rows.Error(), rows.Close()); err != nil {
		return nil, broken(err)
	}
	return g, nil
}

// mergedIn gives the cells that are merged, by each line that they stand in: all but the first of
// them would be read as ones that nobody filled in.
func mergedIn(f *excelize.File, name string, most int) (map[int]string, error) {
	cells, err := f.GetMergeCells(name, true)
	if err != nil {
		return nil, broken(err)
	}
	out := map[int]string{}
	for _, c := range cells {
		_, from, err := excelize.CellNameToCoordinates(c.GetStartAxis())
		if err != nil {
			return nil, broken(err)
		}
		_, to, err := excelize.CellNameToCoordinates(c.GetEndAxis())
		if err != nil {
			return nil, broken(err)
		}
		for line := from; line <= min(to, most); line++ {
			out[line] = c.GetStartAxis() + ":" + c.GetEndAxis()
		}
	}
	return out, nil
}

// valued wants a value beside every formula: a cell whose number is not in the file would be
// read as one that nobody filled in.
func valued(packed *zip.Reader) error {
	for _, part := range packed.File {
		if !strings.HasPrefix(part.Name, "xl/worksheets/") || !strings.HasSuffix(part.Name, ".xml") {
			continue
		}
		r, err := part.Open()
		if err != nil {
			return broken(err)
		}
		at, err := unvalued(r)
		if err = errors.Join(err, r.Close()); err != nil {
			return broken(err)
		}
		if at != "" {
			return &Fault{Sheet: strings.TrimSuffix(strings.TrimPrefix(part.Name, "xl/worksheets/"), ".xml"), Cell: at, Detail: "a formula stands there whose value is not in the file", Mend: "write the number itself, or open and save the file in a spreadsheet program; nothing is worked out here"}
		}
	}
	return nil
}

// unvalued gives the first cell with a formula and without a value.
func unvalued(r io.Reader) (string, error) {
	d := xml.NewDecoder(r)
	var at string
	var formula, within, value bool
	merged := 0
	for {
		t, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			return "", nil
		} else if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "c":
				at, formula, within, value = "", false, false, false
				for _, a := range t.Attr {
					if a.Name.Local == "r" {
						at = a.Value
					}
				}
			case "mergeCell":
				if merged++; merged > maxMerged {
					return "", errMerged
				}
			case "f":
				formula = true
			case "v":
				within = true
			}
		case xml.CharData:
			value = value || within && len(bytes.TrimSpace(t)) > 0
		case xml.EndElement:
			if t.Name.Local == "c" && formula && !value {
				return at, nil
			}
		}
	}
}
