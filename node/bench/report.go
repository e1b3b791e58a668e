package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const (
	// DefaultPairs is how many pairs are measured: below ten a median says little.
	DefaultPairs = 10
	// DefaultRecords is how many records travel in a measurement: half a second's worth.
	DefaultRecords = 20_000
	// DefaultHeld is how many records the fuller store of ingest and query holds. Their
	// goals are set for a million, which takes minutes.
	DefaultHeld = 50_000
	// DefaultInstitutions is how many write in each of the seven topics in growth; the
	// plan is for 9,000.
	DefaultInstitutions = 500
	// LeastLinks is how many a hub needs for one to hear what another says.
	LeastLinks = 2
	// LeastRecords is how many are needed for anything to be measured.
	LeastRecords = 100
)

// Options say what to measure. Dir and Suites are required.
type Options struct {
	Suites  []string
	Dir     string // on the disk that is measured; a folder below it is made and removed
	Pairs   int    // default DefaultPairs
	Records int    // default DefaultRecords
	Held    int    // default DefaultHeld
	// Sizes are how many records the stores of growth hold, Links how many links its hub
	// has, each time; the hub of the suite hub has the most of them. Institutions is how
	// many write in all seven topics in growth.
	Sizes, Links []int // default DefaultSizes, DefaultLinks
	Institutions int   // default DefaultInstitutions
	Told         io.Writer
	Version      string // of the software
}

// Ratio is one figure of a node over the peer's.
type Ratio struct {
	Suite  string  `json:"suite"`
	Name   string  `json:"name"`
	Median float64 `json:"median"`
	Min    float64 `json:"min"`
	Max    float64 `json:"max"`
	Goal   float64 `json:"goal"` // 0: none is set, the figure explains another
	AtMost bool    `json:"at_most"`
	Met    bool    `json:"met"`
	Pairs  int     `json:"pairs"`
	Ours   float64 `json:"ours"` // median, in Unit
	Peer   float64 `json:"peer"`
	Unit   string  `json:"unit"`
	Note   string  `json:"note,omitempty"` // what the peer is, or what the figure is not
}

// Report is what was measured.
type Report struct {
	Cores     int     `json:"cores"`
	MemoryMiB int     `json:"memory_mib,omitempty"`
	System    string  `json:"system"`
	Files     string  `json:"file_system"` // of Dir
	Ratios    []Ratio `json:"ratios"`
	Growth    []Grown `json:"growth,omitempty"`
}

// ErrSuite says that no suite has that name.
var ErrSuite = errors.New("no such suite")

type suite struct {
	name string
	run  func(ctx context.Context, b *bench) error
}

func suites() []suite {
	return []suite{
		{"replicate", replicate},
		{"catchup", catchup},
		{"ingest", ingest},
		{"latency", latency},
		{"query", query},
		{"hub", hub},
		{"growth", growth},
	}
}

// Suites names the suites.
func Suites() []string {
	var out []string
	for _, s := range suites() {
		out = append(out, s.name)
	}
	return out
}

// bench is one run.
type bench struct {
	Options
	report Report
	made   int // folders
}

// Run measures. It returns [ErrSuite], or what kept it from measuring; the report holds
// what was measured until then.
func Run(ctx context.Context, o Options) (_ Report, err error) {
	for _, name := range o.Suites {
		if !slices.Contains(Suites(), name) {
			return Report{}, fmt.Errorf("%w: %q: want %s", ErrSuite, name, strings.Join(Suites(), ", "))
		}
	}
	b := &bench{Options: o.withDefaults()}
	if b.Dir, err = os.MkdirTemp(o.Dir, "vardar-bench-"); err != nil {
		return Report{}, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(b.Dir)) }()
	b.report.describe(b.Dir)
	for _, s := range suites() {
		if !slices.Contains(o.Suites, s.name) {
			continue
		}
		b.tell("%s", s.name)
		if err = s.run(ctx, b); err != nil {
			return b.report, fmt.Errorf("suite %s: %w", s.name, err)
		}
	}
	return b.report, nil
}

func (o Options) withDefaults() Options {
	if o.Pairs <= 0 {
		o.Pairs = DefaultPairs
	}
	if o.Records < LeastRecords {
		o.Records = DefaultRecords
	}
	if o.Held < LeastRecords {
		o.Held = DefaultHeld
	}
	if len(o.Sizes) == 0 {
		o.Sizes = DefaultSizes()
	}
	if len(o.Links) == 0 {
		o.Links = DefaultLinks()
	}
	if o.Institutions <= 0 {
		o.Institutions = DefaultInstitutions
	}
	if o.Told == nil {
		o.Told = io.Discard
	}
	return o
}

// DefaultSizes and DefaultLinks are a run of minutes. The plan is for a million records and
// 1,000 links.
func DefaultSizes() []int { return []int{2_000, 20_000} }

// DefaultLinks is as [DefaultSizes].
func DefaultLinks() []int { return []int{10, 100} }

// mostLinks is how many links the hub has that is compared.
func (b *bench) mostLinks() int { return slices.Max(b.Links) }

// tell says how far the run is; that nobody reads it is no error.
func (b *bench) tell(format string, args ...any) { _, _ = fmt.Fprintf(b.Told, format+"\n", args...) }

// folder gives a new folder.
func (b *bench) folder(name string) (string, error) {
	b.made++
	dir := filepath.Join(b.Dir, fmt.Sprintf("%s-%d", name, b.made))
	return dir, os.Mkdir(dir, 0o700)
}

// series is one figure of both, pair by pair.
type series struct{ ours, peer []float64 }

// ratio adds what a series comes to.
func (b *bench) ratio(s *series, r Ratio) {
	n := min(len(s.ours), len(s.peer))
	var each []float64
	for i := range n {
		if s.peer[i] > 0 {
			each = append(each, s.ours[i]/s.peer[i])
		}
	}
	if len(each) == 0 {
		b.tell("  %s: not measured", r.Name)
		return
	}
	r.Pairs, r.Median, r.Min, r.Max = len(each), median(each), slices.Min(each), slices.Max(each)
	r.Ours, r.Peer = median(s.ours[:n]), median(s.peer[:n])
	r.Met = r.Goal != 0 && ((r.Median >= r.Goal) != r.AtMost || r.Median == r.Goal)
	b.report.Ratios = append(b.report.Ratios, r)
	b.tell("  %s: %.2f (%.2f–%.2f); %.4g : %.4g %s", r.Name, r.Median, r.Min, r.Max, r.Ours, r.Peer, r.Unit)
}

// median gives the middle of values, or the mean of the two in the middle.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	if n == 0 {
		return 0
	}
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// quantile gives the value that a part of all lie at or below.
func quantile(values []float64, part float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[min(int(part*float64(len(sorted))), len(sorted)-1)]
}
