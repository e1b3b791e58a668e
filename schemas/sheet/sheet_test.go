package sheet_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/vardar-network/vardar/schemas/sheet"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func fields() []sheet.Field {
	return []sheet.Field{
		{Name: "place", Head: "Place", Kind: sheet.Text},
		{Name: "period.start", Head: "From", Kind: sheet.Moment},
		{Name: "period.end", Head: "To", Kind: sheet.Moment},
		{Name: "figures.arrivals", Head: "Arrivals (persons)", Kind: sheet.Number},
		{Name: "severity", Head: "How grave", Kind: sheet.Text, Words: []string{"Extreme", "Minor"}},
		{Name: "summary", Head: "Summary", Kind: sheet.Text},
	}
}

// filled makes a workbook of the form, with what somebody typed.
func filled(t *testing.T, cells map[string]any) []byte {
	t.Helper()
	form := sheet.Form{Name: "Reports", Fields: fields(), Rows: []map[string]string{{"place": "iso3166-2:MK-405", "period.start": "2015-11-08 00:00", "period.end": "2015-11-09 00:00"}}, Codes: [][2]string{{"iso3166-2:MK-405", "Gevgelija"}}}
	data, err := form.XLSX()
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	for at, v := range cells {
		if formula, ok := v.(string); ok && strings.HasPrefix(formula, "==") {
			err = errors.Join(err, f.SetCellFormula("Reports", at, formula[2:]))
			continue
		}
		err = errors.Join(err, f.SetCellValue("Reports", at, v))
	}
	out, write := f.WriteToBuffer()
	if err = errors.Join(err, write, f.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// texts gives what was read of a field, a row a text.
func texts(r *sheet.Read, field string) (out []string) {
	for i := range r.Rows {
		out = append(out, r.Rows[i].Cells[field].Address+" "+r.Rows[i].Cells[field].Text)
	}
	return out
}

func TestFormComesBackAsItWasFilledIn(t *testing.T) {
	data := filled(t, map[string]any{
		"D3": 960, "F3": "quiet", "A4": "iso3166-1:MK", "B4": 42316.25, "C4": "9.11.2015 18:00", "D4": "11 572", "A5": "MK", "B5": "2015-11-08", "C5": "2015-11-09", "D5": "<5",
	})
	got, err := sheet.ReadForm(data, fields())
	if err != nil || len(got.Faults) > 0 {
		t.Fatalf("%v %+v", err, got)
	}
	for field, want := range map[string][]string{
		"figures.arrivals": {"D3 960", "D4 11572", "D5 <5"}, "period.start": {"B3 2015-11-08T00:00:00", "B4 2015-11-08T06:00:00", "B5 2015-11-08T00:00:00"},
		"period.end": {"C3 2015-11-09T00:00:00", "C4 2015-11-09T18:00:00", "C5 2015-11-09T00:00:00"}, "place": {"A3 iso3166-2:MK-405", "A4 iso3166-1:MK", "A5 MK"},
	} {
		if diff := cmp.Diff(want, texts(got, field)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", field, diff)
		}
	}
	empty, err := sheet.ReadForm(filled(t, nil), fields())
	if err != nil || len(empty.Rows) != 0 {
		t.Errorf("what the template says of itself became a row: %v %+v", err, empty)
	}
}

func TestCellThatCantBeReadIsNamed(t *testing.T) {
	for _, tt := range []struct{ typed, want string }{
		{"12,5", "no whole number"},
		{"1.987", "in two ways"},
		{"1,987", "in two ways"},
		{"-4", "no whole number"},
		{"about 30", "no whole number"},
		{"#REF!", "no whole number"},
		{"960", ""},
		{"12,0", ""},
		{"1 987", ""},
		{"0", ""},
		{"<5", ""},
		{"1 98", "no whole number"},
	} {
		got, err := sheet.ReadForm(filled(t, map[string]any{"D3": tt.typed}), fields())
		if err != nil {
			t.Fatal(err)
		}
		said := ""
		for _, f := range got.Faults {
			said += f.Sheet + "!" + f.Cell + " " + f.Detail
		}
		if (tt.want == "") != (said == "") || tt.want != "" && (!strings.HasPrefix(said, "Reports!D3 ") || !strings.Contains(said, tt.want)) {
			t.Errorf("%q: %q, want %q", tt.typed, said, tt.want)
		}
	}
	got, err := sheet.ReadForm(filled(t, map[string]any{"D3": 1, "B3": "11/08/2015", "H2": "figures.arivals"}), fields())
	if err != nil || len(got.Faults) != 2 || got.Faults[0].Cell != "H2" || got.Faults[1].Cell != "B3" {
		t.Errorf("%v %+v", err, got)
	}
}

// TestDayThatIsNoneIsNamed: also a year alone, and an hour alone, which a workbook takes for days of 1905 and 1899.
func TestDayThatIsNoneIsNamed(t *testing.T) {
	for _, tt := range []struct {
		typed any
		want  string
	}{
		{2015, "a moment of the year 1905"},
		{"2015", "a moment of the year 1905"},
		{0.25, "a moment of the year 1899"},
		{"30.12.1899 06:00", "a moment of the year 1899"},
		{"8.11.1015", "a moment of the year 1015"},
		{"31.2.2015", "no moment"},
		{-1, "no moment"},
		{42316.25, ""},
		{"1970-01-01", ""},
	} {
		got, err := sheet.ReadForm(filled(t, map[string]any{"D3": 1, "C3": tt.typed}), fields())
		switch {
		case err != nil:
			t.Fatal(err)
		case tt.want == "" && len(got.Faults) != 0, tt.want != "" && (len(got.Faults) != 1 || got.Faults[0].Sheet != "Reports" || got.Faults[0].Cell != "C3" || !strings.Contains(got.Faults[0].Detail, tt.want)):
			t.Errorf("%v: %+v, want %q", tt.typed, got.Faults, tt.want)
		}
	}
}

// TestFormulaCountsByTheValueInTheFile, and one that has none is not taken for an empty cell.
func TestFormulaCountsByTheValueInTheFile(t *testing.T) {
	_, err := sheet.ReadForm(filled(t, map[string]any{"F3": "quiet", "D3": "==1+1"}), fields())
	var fault *sheet.Fault
	if !errors.As(err, &fault) || fault.Cell != "D3" || !strings.Contains(fault.Detail, "formula") {
		t.Errorf("a formula without value: %v", err)
	}
	data := swap(t, filled(t, map[string]any{"F3": "quiet", "D3": "==1+1"}), "<f>1+1</f>", "<f>1+1</f><v>40</v>")
	got, err := sheet.ReadForm(data, fields())
	if err != nil || len(got.Rows) != 1 || got.Rows[0].Cells["figures.arrivals"].Text != "40" {
		t.Errorf("a formula with a value: %v %+v", err, got)
	}
}

// swap changes the first sheet of a workbook.
func swap(t *testing.T, data []byte, before, after string) []byte {
	t.Helper()
	from, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	to := zip.NewWriter(&out)
	done := false
	for _, part := range from.File {
		var text bytes.Buffer
		r, open := part.Open()
		if open != nil {
			t.Fatal(open)
		}
		_, read := text.ReadFrom(r)
		w, create := to.Create(part.Name)
		if err := errors.Join(read, create); err != nil {
			t.Fatal(err)
		}
		said := text.String()
		if part.Name == "xl/worksheets/sheet1.xml" {
			done = strings.Contains(said, before)
			said = strings.Replace(said, before, after, 1)
		}
		if _, err := w.Write([]byte(said)); err != nil {
			t.Fatal(err)
		}
	}
	if err := to.Close(); err != nil || !done {
		t.Fatalf("%v, changed %t", err, done)
	}
	return out.Bytes()
}

func TestFileIsHeldToBounds(t *testing.T) {
	bomb := func(name string, size int) []byte {
		var out bytes.Buffer
		z := zip.NewWriter(&out)
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write(make([]byte, size))
		}
		if err = errors.Join(err, z.Close()); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	many := map[string]any{}
	for i := range sheet.MaxRows + 1 {
		many[fmt.Sprintf("D%d", 3+i)] = i
	}
	lines := "place,period.start,period.end,figures.arrivals\n"
	for name, tt := range map[string]struct {
		data []byte
		want string
	}{
		"a bomb":                       {bomb("xl/worksheets/sheet1.xml", 40<<20), "unpacked"},
		"a bomb of shared strings":     {bomb("xl/sharedStrings.xml", 40<<20), "unpacked"},
		"too large":                    {make([]byte, sheet.MaxBytes+1), "larger than 512 KiB"},
		"empty":                        {nil, "empty"},
		"an old workbook":              {[]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), ".xlsx without a password"},
		"a zip that is none":           {bomb("hello.txt", 10), "can't be read"},
		"cut":                          {filled(t, nil)[:3000], "can't be read"},
		"too many rows":                {filled(t, many), "at most 500"},
		"far below":                    {swap(t, filled(t, map[string]any{"D3": 1}), `<row r="3"`, `<row r="1048576"`), "below line 520"},
		"far right":                    {filled(t, map[string]any{"XFD3": 1}), "right of column 64"},
		"another workbook":             {swap(t, filled(t, nil), "<row r=\"2\"", "<row r=\"12\""), "names the fields"},
		"a picture":                    {[]byte("\x89PNG\r\n\x1a\n\x00\x00"), "neither a workbook nor CSV"},
		"Windows-1250":                 {[]byte(lines + "MK-405,2015-11-08,2015-11-09,1,\x9aest\n"), "CSV UTF-8"},
		"quotation marks":              {[]byte(lines + "MK-405,\"2015-11-08,2015-11-09\n"), "is not CSV"},
		"an index of no shared string": {swap(t, filled(t, nil), "<v>0</v>", "<v>999999</v>"), ""},
	} {
		_, err := sheet.ReadForm(tt.data, fields())
		if tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
}

// TestCSVOfTheRegionIsRead: its separators, marks and code pages.
func TestCSVOfTheRegionIsRead(t *testing.T) {
	const text = "Place;From;To;Arrivals\nplace;period.start;period.end;figures.arrivals;summary\nMK-405;8.11.2015;9.11.2015;960;\"тивко; но\"\n;;;;\n"
	wide := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(strings.ReplaceAll(text, ";", "\t"))) {
		wide = append(wide, byte(u), byte(u>>8))
	}
	for name, data := range map[string][]byte{
		"semicolons": []byte(text), "with a mark": []byte("\ufeff" + text), "with sep=": []byte("sep=;\n" + text), "commas": []byte(strings.ReplaceAll(text, ";", ",")),
		"UTF-16 with tabs": wide, "Windows line ends": []byte(strings.ReplaceAll(text, "\n", "\r\n")),
	} {
		got, err := sheet.ReadForm(data, fields())
		if err != nil || len(got.Rows) != 1 || len(got.Faults) != 0 {
			t.Errorf("%s: %v %+v", name, err, got)
			continue
		}
		c := got.Rows[0].Cells
		if c["figures.arrivals"].Text != "960" || c["period.start"].Text != "2015-11-08T00:00:00" || !strings.HasPrefix(c["summary"].Text, "тивко") {
			t.Errorf("%s: %+v", name, c)
		}
	}
}

func table() *sheet.Table {
	return &sheet.Table{
		Name:    "Figures",
		Columns: []sheet.Column{{Head: "Place", Tag: "#loc+name"}, {Head: "Value", Tag: "#indicator+num"}, {Head: "Note", Tag: "#meta+description"}},
		Rows: [][]any{
			{"Gevgelija, MK", int64(960), nil}, {"=HYPERLINK(\"http://evil.example\")", nil, "+389 34"}, {"@SUM(1)", int64(0), "-2"}, {"\tx", nil, "line\nline"}, {"'quoted", nil, "\"q\""},
		},
	}
}

// TestNothingThatIsWrittenIsAFormula (OWASP: CSV injection), and what is not known is no 0.
func TestNothingThatIsWrittenIsAFormula(t *testing.T) {
	for name, write := range map[string]func() ([]byte, error){"table.csv": table().CSV, "table.hxl.csv": table().HXL} {
		got, err := write()
		path := filepath.Join("testdata", name+".golden")
		if *update {
			err = errors.Join(err, os.WriteFile(path, got, 0o600))
		}
		want, read := os.ReadFile(path)
		if err = errors.Join(err, read); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	data, err := table().XLSX()
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[string]string{"A3": `=HYPERLINK("http://evil.example")`, "B2": "960", "B3": "", "A4": "@SUM(1)", "B4": "0"} {
		got, err := f.GetCellValue("Figures", at)
		formula, other := f.GetCellFormula("Figures", at)
		if err = errors.Join(err, other); err != nil || got != want || formula != "" {
			t.Errorf("%s = %q, formula %q, %v; want the text %q", at, got, formula, err, want)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// FuzzReadForm: whatever comes is read or refused, within bounds, and what is read is in the
// form that it promises.
func FuzzReadForm(f *testing.F) {
	form := sheet.Form{Name: "Reports", Fields: fields(), Rows: []map[string]string{{"place": "iso3166-2:MK-405", "period.start": "2015-11-08 00:00", "summary": "quiet"}}}
	for _, write := range []func() ([]byte, error){form.XLSX, form.CSV} {
		data, err := write()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte("sep=;\nplace;figures.arrivals\nMK;1.987\n"))
	f.Add([]byte("\xff\xfep\x00l\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := sheet.ReadForm(data, fields())
		if err != nil {
			if fault := new(sheet.Fault); !errors.As(err, &fault) || fault.Detail == "" {
				t.Fatalf("an error that says nothing to a person: %v", err)
			}
			return
		}
		wrong := map[string]bool{}
		for _, fault := range got.Faults {
			wrong[fault.Cell] = true
		}
		for _, row := range got.Rows {
			for name, c := range row.Cells {
				if name == "figures.arrivals" && !wrong[c.Address] && strings.Trim(c.Text, "<0123456789") != "" {
					t.Fatalf("%s is taken for a number", c.Text)
				}
			}
		}
	})
}

// TestCellThatAWorkbookCantHoldIsEmptyAndTold: a text that is cut off looks whole.
func TestCellThatAWorkbookCantHoldIsEmptyAndTold(t *testing.T) {
	long, most := strings.Repeat("ш", 32_768), strings.Repeat("ш", 32_767)
	table := sheet.Table{Name: "T", Columns: []sheet.Column{{Head: "a"}, {Head: "b"}}, Rows: [][]any{{long, int64(1) << 60}, {most, "\x01"}}}
	cut := table.Shorten()
	if len(cut) != 2 || cut[0].Row != 0 || cut[0].Column != 0 || cut[1].Row != 1 || cut[1].Column != 1 {
		t.Errorf("cut %+v, want the first cell and the last", cut)
	}
	data, err := table.XLSX()
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for at, want := range map[string]string{"A2": "", "B2": "1152921504606846976", "A3": most, "B3": ""} {
		if got, err := f.GetCellValue("T", at); got != want || err != nil {
			t.Errorf("%s holds %d characters, want %d: %v", at, len(got), len(want), err)
		}
	}
}

// TestMergedCellsAreNamed: what stands in the first of them alone is not taken for empty cells in
// the others, and a file that merges everything costs nothing.
func TestMergedCellsAreNamed(t *testing.T) {
	const rows = "</sheetData>"
	merged := func(ranges ...string) []byte {
		cells := ""
		for _, r := range ranges {
			cells += `<mergeCell ref="` + r + `"/>`
		}
		return swap(t, filled(t, map[string]any{"A4": "MK-405", "D3": 1, "D4": 2, "F3": "quiet"}), rows, rows+"<mergeCells>"+cells+"</mergeCells>")
	}
	got, err := sheet.ReadForm(merged("F3:F4", "A1:F1"), fields())
	if err != nil || len(got.Rows) != 2 || len(got.Faults) != 2 {
		t.Fatalf("%v %+v", err, got)
	}
	for _, f := range got.Faults {
		if f.Cell != "F3" || !strings.Contains(f.Detail, "F3:F4 are merged") || f.Mend == "" {
			t.Errorf("%+v", f)
		}
	}
	if got, err = sheet.ReadForm(merged("A1:XFD1048576"), fields()); err != nil || len(got.Faults) == 0 {
		t.Errorf("all is merged: %v %+v", err, got)
	}
	if _, err = sheet.ReadForm(merged(slices.Repeat([]string{"A9:A10"}, 2_000)...), fields()); err == nil || !strings.Contains(err.Error(), "too many cells are merged") {
		t.Errorf("merged two thousand times: %v", err)
	}
	if _, err = sheet.ReadForm(merged("F3:"), fields()); err == nil {
		t.Error("a range that is none was read")
	}
}
