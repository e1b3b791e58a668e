package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/node/bench"
)

type benchOptions struct {
	on                                 string
	pairs, records, held, institutions int
	links, sizes                       []int
}

func newBench(a *app) *cobra.Command {
	var o benchOptions
	cmd := &cobra.Command{
		Use: "bench [SUITE...]", Short: "Measure nodes against plain NATS JetStream, by turns", Args: wants("[SUITE...]"),
		Long: "Runs real nodes and a plain peer on the same records, one right after the other, and prints the ratio of\n" +
			"each pair: its median, least and greatest. Ratios can be compared between machines, figures can't. Whatever\n" +
			"else the machine does spreads them. The suite growth compares nothing: it says what a node takes as it grows.\n\nSuites: " + strings.Join(bench.Suites(), ", ") + "; default all. Nothing leaves this machine.",
		Example: "  vardar bench\n  vardar bench replicate --on /var/tmp --output json\n  vardar bench latency --pairs 20\n" +
			"  vardar bench hub --links 1000\n  vardar bench growth --sizes 10000,100000,1000000 --links 10,100,1000 --institutions 9000",
		ValidArgs: bench.Suites(),
		RunE:      func(cmd *cobra.Command, args []string) error { return a.runBench(cmd, &o, args) },
	}
	f := cmd.Flags()
	f.StringVar(&o.on, "on", "", "measure on the disk of this `FOLDER` (default the folder for temporary files, where an fsync may cost nothing)")
	f.IntVar(&o.pairs, "pairs", bench.DefaultPairs, "measure so many `PAIRS`")
	f.IntVar(&o.records, "records", bench.DefaultRecords, "let so many `RECORDS` travel in a measurement")
	f.IntVar(&o.held, "held", bench.DefaultHeld, "hold so many `RECORDS` in the full store of ingest and query; their goals are set for 1000000")
	f.IntSliceVar(&o.links, "links", bench.DefaultLinks(), "give the hub of growth so many `LINKS`, each time, and that of hub the most of them; its goal is set for 1000")
	f.IntSliceVar(&o.sizes, "sizes", bench.DefaultSizes(), "hold so many `RECORDS` in the store of growth, each time")
	f.IntVar(&o.institutions, "institutions", bench.DefaultInstitutions, "have so many `INSTITUTIONS` write in all seven topics in growth")
	a.prints(cmd, asJSON)
	return cmd
}

// newBenchSide is the child process that is one side of a comparison: what it takes of
// memory is then its own.
func newBenchSide(a *app) *cobra.Command {
	return &cobra.Command{
		Use: bench.SideCommand + " ROLE FOLDER", Short: "Be one side of a benchmark", Hidden: true, Args: wants("ROLE", "FOLDER"),
		RunE: func(cmd *cobra.Command, args []string) error { return bench.Side(cmd.Context(), a.in, a.out, args) },
	}
}

func (a *app) runBench(cmd *cobra.Command, o *benchOptions, suites []string) error {
	if len(suites) == 0 {
		suites = bench.Suites()
	}
	if o.pairs < 1 || min(o.records, o.held) < bench.LeastRecords {
		return usage(cmd, fmt.Sprintf("want at least 1 pair, and %d records", bench.LeastRecords))
	}
	if slices.Min(o.links) < bench.LeastLinks || slices.Min(o.sizes) < bench.LeastRecords || o.institutions < 1 {
		return usage(cmd, fmt.Sprintf("want links of at least %d, sizes of at least %d, and at least 1 institution", bench.LeastLinks, bench.LeastRecords))
	}
	if o.on == "" {
		o.on = os.TempDir()
	}
	told := a.err
	if a.quiet {
		told = io.Discard
	}
	r, err := bench.Run(cmd.Context(), bench.Options{
		Suites: suites, Dir: o.on, Pairs: o.pairs, Records: o.records, Held: o.held, Links: o.links, Sizes: o.sizes, Institutions: o.institutions, Told: told, Version: thisBuild().Version,
	})
	if errors.Is(err, bench.ErrSuite) {
		return &api.Problem{Kind: api.Usage, Detail: err.Error(), Next: "vardar bench --help", Err: err}
	}
	if errors.Is(err, bench.ErrFiles) {
		return &api.Problem{Kind: api.Usage, Detail: err.Error(), Next: "vardar bench --help", Err: err}
	}
	if err != nil {
		return err
	}
	if len(r.Ratios) > 0 || len(r.Growth) == 0 {
		if err := a.write(r, ratios(r)); err != nil {
			return err
		}
	}
	if len(r.Growth) > 0 && (len(r.Ratios) == 0 || a.output != asJSON) {
		return a.write(r, grown(r))
	}
	return nil
}

// grown is what a node takes as it grows, for a person.
func grown(r bench.Report) table {
	t := table{head: []string{"of", "count", "in use MiB", "resident MiB", "store MiB", "open ms", "picture ms", "redraw ms", "have ms", "rows ms", "list ms", "slowest ms", "slowest list", "up ms"}}
	for _, g := range r.Growth {
		row := []string{g.Of, fmt.Sprint(g.Count)}
		for _, f := range []float64{g.LiveMiB, g.ResidentMiB, g.StoreMiB, g.OpenMS, g.PictureMS, g.RedrawMS, g.HaveMS, g.RowsMS, g.ListMS, g.SlowestMS} {
			row = append(row, some(f))
		}
		t.add(append(row, g.Slowest, some(g.UpMS))...)
	}
	return t
}

// some is a figure that was measured, and nothing of one that was not.
func some(f float64) string {
	if f == 0 {
		return ""
	}
	return fmt.Sprintf("%.4g", f)
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
