package bench_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/bench"
)

// TestMain makes the test binary be a side of a benchmark too, as vardar is.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == bench.SideCommand {
		if err := bench.Side(context.Background(), os.Stdin, os.Stdout, os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// tiny is a run that shows that everything is measured, and nothing of how fast it is.
func tiny(t *testing.T, suites ...string) bench.Report {
	t.Helper()
	r, err := bench.Run(t.Context(), bench.Options{
		Suites: suites, Dir: t.TempDir(), Pairs: 2, Records: 400, Held: 400, Links: []int{2, 4}, Sizes: []int{400, 800}, Institutions: 5, Told: t.Output(), Version: "test",
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestEachSuiteMeasuresBothSides(t *testing.T) {
	for suite, want := range map[string]int{"replicate": 6, "catchup": 4, "latency": 3, "ingest": 1, "query": len(node.Lists()) + 7, "hub": 3} {
		t.Run(suite, func(t *testing.T) {
			t.Parallel()
			got := tiny(t, suite).Ratios
			if len(got) != want {
				t.Errorf("%d ratios, want %d", len(got), want)
			}
			for _, r := range got {
				if r.Suite != suite || r.Name == "" || r.Unit == "" || r.Pairs != 2 {
					t.Errorf("ratio says too little: %+v", r)
				}
				reached := r.Median >= r.Goal
				if r.AtMost {
					reached = r.Median <= r.Goal
				}
				if r.Met != (reached && r.Goal != 0) {
					t.Errorf("whether the goal is met is said wrongly: %+v", r)
				}
				// What four links add to a heap can be less than what was collected meanwhile.
				adds := strings.HasPrefix(r.Name, "what a link adds")
				if r.Ours == 0 || r.Peer == 0 || r.Min > r.Median || r.Median > r.Max || !adds && (r.Ours < 0 || r.Peer < 0 || r.Min <= 0) {
					t.Errorf("not measured: %+v", r)
				}
			}
		})
	}
}

func TestGrowthMeasuresEachSizeOfEachThing(t *testing.T) {
	r := tiny(t, "growth")
	var got []string
	for _, g := range r.Growth {
		got = append(got, fmt.Sprint(g.Count, " ", g.Of))
		if g.LiveMiB <= 0 || g.StoreMiB <= 0 {
			t.Errorf("not weighed: %+v", g)
		}
		if looked := g.OpenMS > 0 && g.PictureMS > 0 && g.RedrawMS > 0 && g.HaveMS > 0 && g.RowsMS > 0 && g.ListMS > 0 && g.SlowestMS >= g.ListMS && g.Slowest != ""; looked == (g.UpMS > 0) {
			t.Errorf("not looked at: %+v", g)
		}
	}
	if want := []string{"400 records", "800 records", "2 links", "4 links", "35 feeds"}; !slices.Equal(got, want) {
		t.Errorf("rows are %q, want %q", got, want)
	}
	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	var again bench.Report
	if err := json.Unmarshal(text, &again); err != nil || !slices.Equal(again.Growth, r.Growth) {
		t.Errorf("read back: %+v, %v", again.Growth, err)
	}
}

// TestMoreLinksThanFilesAreRefusedFirst: not after minutes.
func TestMoreLinksThanFilesAreRefusedFirst(t *testing.T) {
	_, err := bench.Run(t.Context(), bench.Options{Suites: []string{"hub"}, Dir: t.TempDir(), Links: []int{1 << 30}, Told: t.Output()})
	if !errors.Is(err, bench.ErrFiles) {
		t.Errorf("Run() = %v, want ErrFiles", err)
	}
}

func TestSideThatIsNoneIsRefused(t *testing.T) {
	for _, args := range [][]string{{"hub"}, {"queen", t.TempDir()}} {
		if err := bench.Side(t.Context(), nil, nil, args); !errors.Is(err, bench.ErrSide) {
			t.Errorf("Side(%q) = %v, want ErrSide", args, err)
		}
	}
}

func TestUnknownSuiteIsRefused(t *testing.T) {
	_, err := bench.Run(t.Context(), bench.Options{Suites: []string{"fast"}, Dir: t.TempDir()})
	if !errors.Is(err, bench.ErrSuite) {
		t.Errorf("Run() = %v, want ErrSuite", err)
	}
	if !slices.Contains(bench.Suites(), "replicate") {
		t.Errorf("Suites() = %v", bench.Suites())
	}
}
