package federation_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/federation"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// reported is what one institution reports of one place.
type reported struct {
	place     body.PlaceKey
	indicator body.Indicator
	by        protocol.InstitutionID
}

var (
	islandsLeave = reported{body.PlaceKey{Scheme: body.NUTS, Code: "EL4"}, body.Departures, federation.IslandsDesk}
	southGate    = reported{body.PlaceKey{Scheme: body.ISOSubdivision, Code: "MK-405"}, body.Arrivals, federation.SouthGate}
	serbia       = reported{body.PlaceKey{Scheme: body.ISOSubdivision, Code: "RS-24"}, body.Arrivals, federation.SouthValley}
	croatia      = reported{body.PlaceKey{Scheme: body.ISOCountry, Code: "HR"}, body.Arrivals, federation.Croatia}
	hungary      = reported{body.PlaceKey{Scheme: body.ISOCountry, Code: "HU"}, body.Arrivals, federation.Hungary}
	slovenia     = reported{body.PlaceKey{Scheme: body.ISOCountry, Code: "SI"}, body.Arrivals, federation.Slovenia}
)

// fact is a figure that a story is about.
type fact struct {
	of   reported
	day  string
	want string // a figure, or gap
}

const gap = "not reported"

// tell plays a story as fast as it goes, and holds its facts against the coordinator's
// store, which nobody runs any more, and its scenes against every store.
func tell(t *testing.T, story string, facts []fact, s scenes) (federation.DemoReport, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "kept")
	report, told := play(t, federation.DemoOptions{Story: story, Keep: dir})
	if !report.OK || report.Story != story {
		t.Fatalf("%s is not proved: %v\n%s", report.Story, report.Problems, told)
	}
	found, err := node.Inspect(t.Context(), node.Options{Dir: filepath.Join(dir, string(federation.Coordinator))}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range facts {
		if got := inStore(t, found.Picture, f); got != f.want {
			t.Errorf("%s on %s: the store has %q, want %q", f.of.by, f.day, got, f.want)
		}
	}
	flat := strings.Join(strings.Fields(told), " ")
	proveBorder(t, report, flat, dir, s)
	proveDecided(t, report, flat, dir)
	proveAddedUp(t, report, flat, dir, s)
	return report, told
}

// scenes are what differs from story to story in what all of them tell.
type scenes struct {
	from, to  string // days told
	name      string // of the crossing
	code      string
	out, in   protocol.InstitutionID // its sides
	suggested int                    // places for which a phase is suggested
}

var (
	ofNovember = scenes{"1 November 2015", "10 November 2015", "Bogorodica - Evzoni", "gr-mk:bogorodica-evzoni", federation.NorthernTown, federation.SouthGate, 1}
	ofHungary  = scenes{"15 October 2015", "22 October 2015", "Harmica - Rigonce", "hr-si:harmica-rigonce", federation.Croatia, federation.Slovenia, 1}
	ofNewYear  = scenes{"29 December 2015", "2 January 2016", "Tabanovce - Preševo", "mk-rs:tabanovce-presevo", federation.NorthGate, federation.SouthValley, 1}
)

// dayOf reads a day.
func dayOf(t *testing.T, text string) protocol.Instant {
	t.Helper()
	at, err := time.Parse("2 January 2006", text)
	if err != nil {
		t.Fatal(err)
	}
	return protocol.InstantOf(at)
}

func inStore(t *testing.T, p node.Picture, f fact) string {
	t.Helper()
	series := p.Series(f.of.place, f.of.indicator, f.of.by)
	i := slices.IndexFunc(series, func(p node.Point) bool { return p.PeriodStart == dayOf(t, f.day) })
	switch {
	case i < 0:
		return "no word"
	case series[i].State == node.NotReported:
		return gap
	}
	return series[i].Value.String()
}

func TestHungaryTellsOfARouteThatMovesInADay(t *testing.T) {
	t.Parallel()
	report, told := tell(t, "hungary", []fact{
		{hungary, "16 October 2015", "6353"},
		{hungary, "17 October 2015", "870"},
		{hungary, "18 October 2015", "41"},
		{slovenia, "16 October 2015", "0"},
		{slovenia, "17 October 2015", "3000"},
	}, ofHungary)
	for _, want := range []string{
		"Hungary 870 was 6,353", "Slovenia 0 a zero reported; was 0", "Slovenia 3,000 was 0",
		"ALERT DRAFTED: Hungary down to 870, from 6,353 the day before",
		"16 October 6,353 0", "17 October 870 3,000", "18 October 41 2,700",
	} {
		if !strings.Contains(strings.Join(strings.Fields(told), " "), want) {
			t.Errorf("not told: %s", want)
		}
	}
	if len(report.Nodes) != 13 {
		t.Errorf("%d nodes, want 13: Hungary and Italy join", len(report.Nodes))
	}
}

func TestNovemberTellsEveryFigureAsTheFileHasIt(t *testing.T) {
	t.Parallel()
	report, told := tell(t, "november", []fact{
		{islandsLeave, "3 November 2015", "0"},
		{islandsLeave, "4 November 2015", "142"},
		{islandsLeave, "7 November 2015", "12116"},
		{southGate, "5 November 2015", "960"},
		{southGate, "6 November 2015", "1987"},
		{southGate, "9 November 2015", "11572"},
	}, ofNovember)
	for _, want := range []string{
		"Greek islands, departures             0  a zero reported; was 1,935",
		"ALERT DRAFTED: Greek islands, departures down to 0, from 1,935 the day before; usual 6,773",
		"south-gate (mk): 500 places for people to sleep, with Tabanovce",
		"ALERT SENT by crisis-centre (mk): Expect fewer arrivals in Gevgelija from 5",
		"North Macedonia                     960  was 6,532; over river-town",
		"AS FORETOLD: Greek islands, departures had gone down to 0 on 3 November",
		"North Macedonia           no news, line cut  last 960, 5 November",
		"North Macedonia                   1,987  for 6 November",
		"North Macedonia                  11,572  was 9,148",
		"bed places asked for              1,500  committed 1,100, unmet 400",
		"TWO SIDES DISAGREE (invented, an exercise): Bogorodica - Evzoni",
		"northern-town (gr) says            open  300 an hour out",
		"south-gate (mk) says          congested  120 an hour in",
		"They contradict each other in state and throughput",
		"2 statements on one crossing (invented, marked as an exercise) contradict each other in state and throughput.",
		"9,305 became 930",
		"forged",
		"12,116 people left the islands on 7 November; 11,572 arrived at Gevgelija on 9 November",
		"Between the two figures lie 2 days of warning.",
		"Every proof held.",
		"vardar verify ",
	} {
		if !strings.Contains(strings.Join(strings.Fields(told), " "), strings.Join(strings.Fields(want), " ")) {
			t.Errorf("not told: %s", want)
		}
	}
	if strings.Contains(told, "no news, line cut  last 0") || strings.Contains(told, "\x1b") {
		t.Error("a cut line is shown as 0, or there are colours where nobody asked for them")
	}
	for _, line := range strings.Split(told, "\n") {
		whole := strings.HasPrefix(line, "  vardar ") || len(strings.Fields(line)) == 1 // to copy, or a path
		if n := len([]rune(line)); n > 79 && !whole {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	if len(report.Nodes) != 11 {
		t.Errorf("%d nodes, want 11", len(report.Nodes))
	}
}

func TestNewYearTellsGapsAndNoZeros(t *testing.T) {
	t.Parallel()
	a, err := federation.OwnArrivals()
	if err != nil {
		t.Fatal(err)
	}
	_, told := tell(t, "newyear", []fact{
		{serbia, "30 December 2015", "1879"},
		{serbia, "31 December 2015", gap},
		{hungary, "31 December 2015", gap},
		{hungary, "1 January 2016", "0"},
		{croatia, "31 December 2015", "1058"},
	}, ofNewYear)
	for _, d := range a.Between(time.Date(2015, time.December, 29, 0, 0, 0, 0, time.UTC), time.Date(2016, time.January, 2, 0, 0, 0, 0, time.UTC)) {
		_, rest, ok := strings.Cut(told, d.Date.Format("Monday 2 January 2006"))
		if !ok {
			t.Fatalf("%s is not told", d.Date)
		}
		morning, _, _ := strings.Cut(rest, "\n\n")
		for name, label := range map[string]string{"Arrivals to Croatia": "Croatia", "Arrivals to Serbia": "Serbia", "Arrivals to Greek Islands": "Greek islands, arrivals"} {
			want := "not reported"
			if n, exact := d.Cells[a.Column(name)].Exact(); exact {
				want = fmt.Sprint(n)
			}
			found := false
			for _, line := range strings.Split(morning, "\n") {
				if _, after, is := strings.Cut(line, "  "+label+"  "); is {
					found = strings.HasPrefix(strings.ReplaceAll(strings.TrimSpace(after), ",", ""), want)
				}
			}
			if !found {
				t.Errorf("%s: %s is not told as %s:\n%s", d.Date.Format(time.DateOnly), label, want, morning)
			}
		}
	}
}

func TestNarrowTerminalIsTold(t *testing.T) {
	t.Parallel()
	const columns = 60
	report, told := play(t, federation.DemoOptions{Arrivals: fileOf(t, 2, usual), Columns: columns})
	if !report.OK {
		t.Fatalf("not proved: %v", report.Problems)
	}
	if !strings.Contains(told, "vardar demo hungary") {
		t.Error("no command to try next is told")
	}
	for _, line := range strings.Split(told, "\n") {
		if n := len([]rune(line)); n >= columns && len(strings.Fields(line)) > 1 { // one word alone is a path
			t.Errorf("%d columns: %s", n, line)
		}
	}
}
