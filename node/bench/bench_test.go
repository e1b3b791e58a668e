package bench_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/bench"
)

// tiny is a run that shows that everything is measured, and nothing of how fast it is.
func tiny(t *testing.T, suites ...string) bench.Report {
	t.Helper()
	r, err := bench.Run(t.Context(), bench.Options{
		Suites: suites, Dir: t.TempDir(), Pairs: 2, Records: 400, Held: 400, Told: t.Output(), Version: "test",
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestEachSuiteMeasuresBothSides(t *testing.T) {
	for suite, want := range map[string]int{"replicate": 6, "catchup": 4, "latency": 3, "ingest": 1, "query": len(node.Lists())} {
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
				if r.Ours <= 0 || r.Peer <= 0 || r.Min <= 0 || r.Min > r.Median || r.Median > r.Max {
					t.Errorf("not measured: %+v", r)
				}
			}
		})
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
