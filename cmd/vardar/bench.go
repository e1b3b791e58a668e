package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/node/bench"
)

type benchOptions struct {
	on                   string
	pairs, records, held int
}

func newBench(a *app) *cobra.Command {
	var o benchOptions
	cmd := &cobra.Command{
		Use: "bench [SUITE]", Short: "Measure nodes against plain NATS JetStream, by turns", Args: wants("[SUITE]"),
		Long: "Runs real nodes and a plain peer on the same records, one right after the other, and prints the ratio of\n" +
			"each pair: its median, least and greatest. Ratios can be compared between machines, figures can't. Whatever\n" +
			"else the machine does spreads them.\n\nSuites: " + strings.Join(bench.Suites(), ", ") + "; default all. Nothing leaves this machine.",
		Example:   "  vardar bench\n  vardar bench replicate --on /var/tmp --output json\n  vardar bench latency --pairs 20",
		ValidArgs: bench.Suites(),
		RunE:      func(cmd *cobra.Command, args []string) error { return a.runBench(cmd, &o, args) },
	}
	f := cmd.Flags()
	f.StringVar(&o.on, "on", "", "measure on the disk of this `FOLDER` (default the folder for temporary files, where an fsync may cost nothing)")
	f.IntVar(&o.pairs, "pairs", bench.DefaultPairs, "measure so many `PAIRS`")
	f.IntVar(&o.records, "records", bench.DefaultRecords, "let so many `RECORDS` travel in a measurement")
	f.IntVar(&o.held, "held", bench.DefaultHeld, "hold so many `RECORDS` in the full store of ingest and query; their goals are set for 1000000")
	a.prints(cmd, asJSON)
	return cmd
}

func (a *app) runBench(cmd *cobra.Command, o *benchOptions, suites []string) error {
	if len(suites) == 0 {
		suites = bench.Suites()
	}
	if o.pairs < 1 || min(o.records, o.held) < bench.LeastRecords {
		return usage(cmd, fmt.Sprintf("want at least 1 pair, and %d records", bench.LeastRecords))
	}
	if o.on == "" {
		o.on = os.TempDir()
	}
	told := a.err
	if a.quiet {
		told = io.Discard
	}
	r, err := bench.Run(cmd.Context(), bench.Options{
		Suites: suites, Dir: o.on, Pairs: o.pairs, Records: o.records, Held: o.held, Told: told, Version: thisBuild().Version,
	})
	if errors.Is(err, bench.ErrSuite) {
		return &api.Problem{Kind: api.Usage, Detail: err.Error(), Next: "vardar bench --help", Err: err}
	}
	if err != nil {
		return err
	}
	return a.write(r, ratios(r))
}

// ratios is the report for a person: what was measured on, and a line for each ratio.
func ratios(r bench.Report) table {
	t := table{head: []string{"suite", "ratio", "median", "spread", "goal", "met", "ours", "peer", "unit"}}
	for _, x := range r.Ratios {
		goal, met := "", ""
		if x.Goal != 0 {
			goal, met = "≥ "+short(x.Goal), "no"
			if x.AtMost {
				goal = "≤ " + short(x.Goal)
			}
			if x.Met {
				met = "yes"
			}
		}
		t.add(x.Suite, x.Name, short(x.Median), short(x.Min)+"–"+short(x.Max), goal, met, fmt.Sprintf("%.4g", x.Ours), fmt.Sprintf("%.4g", x.Peer), x.Unit)
	}
	return t
}

func short(f float64) string { return fmt.Sprintf("%.2f", f) }
