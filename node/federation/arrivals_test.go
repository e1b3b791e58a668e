package federation_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/federation"
)

const head = "Date,Arrivals to Italy,Arrivals to Greek Islands,Departures to mainland Greece,Arrivals to fYRoM,Arrivals to Serbia,Arrivals to Croatia,Arrivals to Hungary,Arrivals to Slovenia,Arrivals to Austria\n"

func TestOwnArrivalsAreWhatTheSourceSays(t *testing.T) {
	t.Parallel()
	a, err := federation.OwnArrivals()
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Days) != 123 || len(a.Columns) != 9 {
		t.Fatalf("%d days, %d columns, want 123 and 9", len(a.Days), len(a.Columns))
	}
	missing := 0
	for _, d := range a.Days {
		for _, c := range d.Cells {
			if c.IsZero() {
				missing++
			}
		}
	}
	if missing != 6 {
		t.Errorf("%d cells are not reported, want 6", missing)
	}
	zero := a.Days[33].Cells[a.Column("Departures to mainland Greece")] // 3 November
	if n, exact := zero.Exact(); !exact || n != 0 {
		t.Errorf("departures on 3 November are %s, want a reported 0", zero)
	}
}

func TestArrivalsTakeTheShapesOfRealFiles(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, text string }{
		{"plain", head + "2017-03-01,1,2,3,4,5,6,7,8,4370\n"},
		{"byte-order mark and CR LF", "\ufeff" + strings.ReplaceAll(head+"2017-03-01,1,2,3,4,5,6,7,8,4370\n", "\n", "\r\n")},
		{"commas between thousands", head + "2017-03-01,1,2,3,4,5,6,7,8,\"4,370\"\n"},
		{"blanks around", head + "2017-03-01, 1 ,2,3,4,5,6,7,8, 4370\n"},
		{"no end of line", head + "2017-03-01,1,2,3,4,5,6,7,8,4370"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a, err := federation.ReadArrivals("f.csv", strings.NewReader(tt.text))
			if err != nil {
				t.Fatal(err)
			}
			if n, _ := a.Days[0].Cells[a.Column("Arrivals to Austria")].Exact(); n != 4370 {
				t.Errorf("Austria has %d, want 4370", n)
			}
		})
	}
}

func TestColumnsMayStandInAnyOrder(t *testing.T) {
	t.Parallel()
	names := strings.Split(strings.TrimSpace(head), ",")
	names[0], names[9] = names[9], names[0]
	a, err := federation.ReadArrivals("f.csv", strings.NewReader(strings.Join(names, ",")+"\n4370,1,2,3,4,5,6,7,8,2017-03-01\n"))
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := a.Days[0].Cells[a.Column("Arrivals to Austria")].Exact(); n != 4370 {
		t.Errorf("Austria has %d, want 4370", n)
	}
}

func TestArrivalsThatCannotBeReplayedSayWhereAndHowToMendIt(t *testing.T) {
	t.Parallel()
	row := func(day, cell string) string { return day + ",1,2,3,4,5,6," + cell + ",8,9\n" }
	tests := []struct{ name, text, want string }{
		{"empty file", "", `f.csv, line 1, column "Date": the file is empty: give one with the columns Date`},
		{"only the heading", head, "f.csv, line 1: the file has no day: add a row"},
		{"column missing", strings.Replace(head, ",Arrivals to Hungary", "", 1), `f.csv, line 1, column "Arrivals to Hungary": this column is missing: add it`},
		{"no days", strings.Replace(head, "Date,", "", 1), `f.csv, line 1, column "Date": this column is missing: add it`},
		{"column unknown", strings.Replace(head, "Austria\n", "Austria,Arrivals to Atlantis\n", 1), `f.csv, line 1, column "Arrivals to Atlantis": no institution of the demonstration reports this column: the columns are Date, "Arrivals to Italy"`},
		{"column twice", strings.Replace(head, "Italy,", "Austria,", 1), `f.csv, line 1, column "Arrivals to Austria": this column stands twice: keep one`},
		{"day twice", head + row("2017-03-01", "7") + row("2017-03-01", "7"), `f.csv, line 3, column "Date": 2017-03-01 stands twice: keep the row`},
		{"days out of order", head + row("2017-03-02", "7") + row("2017-03-01", "7"), `f.csv, line 3, column "Date": 2017-03-01 comes after 2017-03-02: put the rows in the order`},
		{"no such day", head + row("2017-02-30", "7"), `f.csv, line 2, column "Date": "2017-02-30" is no day: write it as`},
		{"blank cell", head + row("2017-03-01", ""), `f.csv, line 2, column "Arrivals to Hungary": the cell is blank: write 0 if zero was reported, N/A if nothing was`},
		{"negative", head + row("2017-03-01", "-3"), `f.csv, line 2, column "Arrivals to Hungary": -3 is less than 0`},
		{"no number", head + row("2017-03-01", "many"), `f.csv, line 2, column "Arrivals to Hungary": "many" is no whole number`},
		{"decimals", head + row("2017-03-01", "3.5"), `f.csv, line 2, column "Arrivals to Hungary": "3.5" is no whole number`},
		{"commas in the wrong place", head + row("2017-03-01", `"43,70"`), `f.csv, line 2, column "Arrivals to Hungary": "43,70" is no whole number`},
		{"beyond every count", head + row("2017-03-01", "99999999999999"), `f.csv, line 2, column "Arrivals to Hungary": "99999999999999" is no whole number`},
		{"cells missing", head + "2017-03-01,1,2\n", `f.csv, line 2, column "Departures to mainland Greece": the row ends before this column`},
		{"thousands not quoted", head + row("2017-03-01", "4,370"), `f.csv, line 2: the row has 11 cells, the heading 10`},
		{"quote left open", head + "2017-03-01,1,\"2\n", `f.csv, line`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := federation.ReadArrivals("f.csv", strings.NewReader(tt.text))
			var e *federation.ArrivalsError
			if !errors.As(err, &e) {
				t.Fatalf("error is %v, want an *ArrivalsError", err)
			}
			if !strings.HasPrefix(err.Error(), tt.want) {
				t.Errorf("error is\n%s\nwant\n%s…", err, tt.want)
			}
		})
	}
}

func FuzzReadArrivals(f *testing.F) {
	f.Add(head + "2017-03-01,1,2,3,4,5,6,7,8,\"4,370\"\n2017-03-02,N/A,2,3,4,5,6,7,8,0\n")
	f.Add("\ufeff" + strings.ReplaceAll(head, "\n", "\r\n"))
	f.Fuzz(func(t *testing.T, text string) {
		a, err := federation.ReadArrivals("f.csv", strings.NewReader(text))
		var told *federation.ArrivalsError
		if err != nil {
			if !errors.As(err, &told) || told.Problem == "" || told.Mend == "" {
				t.Errorf("refused without a word of what and how to mend it: %v", err)
			}
			return
		}
		for _, d := range a.Days {
			if len(d.Cells) != len(a.Columns) {
				t.Errorf("a day of %d cells in %d columns", len(d.Cells), len(a.Columns))
			}
		}
	})
}
