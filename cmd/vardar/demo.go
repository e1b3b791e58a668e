package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/node/federation"
)

type demoOptions struct {
	arrivals, keep string
	day            time.Duration
	once           bool
	seed           uint64
}

// demoDay is how long a replayed day takes unless told: slow enough to read along.
const demoDay = 5 * time.Second

func newDemo(a *app) *cobra.Command {
	var o demoOptions
	cmd := &cobra.Command{
		Use: "demo [STORY]", Short: "Watch institutions of six countries exchange signed reports and offers", Args: wants("[STORY]"),
		Long: "Runs a network of real nodes in this process, each with its own store, keys and NATS server, replays\n" +
			"arrivals that were reported in 2015 and 2016, cuts a line, offers false records, and proves at the end what\n" +
			"it told, out of the stores. Nothing leaves this machine. Institutions and their roles are invented.\n\n" +
			"On a terminal three of the nodes have pages for a browser, at addresses of this machine that are told with a\n" +
			"one-time word each, and all run on after the proof, until Ctrl-C. With --once, --quiet or --output json, and\n" +
			"where no terminal is, there are none, and the demonstration ends with the proof.\n\n" +
			"Stories: " + strings.Join(federation.Stories(), ", ") + "; and, one scene a line and without a file, " + federation.TrustStory + ":\n" +
			"who may speak, and what becomes of lost keys, copies and forks; and " + federation.BridgeStory + ": what two countries agree on\n" +
			"to let cross their border, and what stays at home. Exit code 8 if a proof fails.",
		Example:   "  vardar demo\n  vardar demo all --once\n  vardar demo --day 0s --once --output json\n  vardar demo trust\n  vardar demo bridge\n  vardar demo --keep ./nodes && vardar --dir ./nodes/mk.national.demo-crisis-centre run",
		ValidArgs: stories(),
		RunE:      func(cmd *cobra.Command, args []string) error { return a.runDemo(cmd, &o, strings.Join(args, "")) },
	}
	f := cmd.Flags()
	f.StringVar(&o.arrivals, "arrivals", "", "replay this `FILE` of the same shape instead")
	f.DurationVar(&o.day, "day", demoDay, "real `TIME` for a replayed day; 0s as fast as it goes, which all takes")
	f.StringVar(&o.keep, "keep", "", "keep the nodes in this `FOLDER`, where every other command works on them")
	f.BoolVar(&o.once, "once", false, "write plain lines, as for a file or another program, open no pages, and end with the proof")
	f.Uint64Var(&o.seed, "seed", 0, "make the keys, salts and records of another `RUN` with this number again; 0: true chance")
	a.prints(cmd, asJSON)
	return cmd
}

func (a *app) runDemo(cmd *cobra.Command, o *demoOptions, story string) error {
	if o.day < 0 {
		return usage(cmd, "--day can't be less than nothing")
	}
	if story != "" && !slices.Contains(stories(), story) {
		return unknownStory(cmd, story)
	}
	switch story {
	case federation.TrustStory:
		return a.runProof(cmd, o, story, federation.DemoTrust)
	case federation.BridgeStory:
		return a.runProof(cmd, o, story, federation.DemoBridge)
	}
	told, colour := a.stage(o)
	ctx, told, done := beforeAudience(cmd.Context(), told)
	defer done()
	r, err := federation.Demo(ctx, federation.DemoOptions{
		Story: story, Arrivals: o.arrivals, Day: o.day, Keep: o.keep, Seed: o.seed, Out: told,
		Colour: colour, Columns: a.columns, Stay: a.screen && !o.once && !a.quiet && a.output != asJSON, Clock: a.now, CheckStore: checkStore,
	})
	if err != nil {
		return demoProblem(ctx, err, o.keep)
	}
	if a.output == asJSON {
		if err := a.writeJSON(r); err != nil {
			return err
		}
	}
	if !r.OK {
		return &api.Problem{Kind: api.CheckFound, Detail: strings.Join(r.Problems, "; "), Next: "vardar demo --keep FOLDER"}
	}
	return nil
}

// stories are all that can be told.
func stories() []string { return append(federation.Stories(), federation.ProofStories()...) }

func unknownStory(cmd *cobra.Command, name string) error {
	if near := api.Nearest(name, stories()); near != "" {
		return usage(cmd, fmt.Sprintf("no story is called %q: did you mean %s?", name, near))
	}
	return usage(cmd, fmt.Sprintf("no story is called %q: there are %s", name, strings.Join(stories(), ", ")))
}

// stage is where a demonstration is told, and whether in colours.
func (a *app) stage(o *demoOptions) (io.Writer, bool) {
	switch {
	case a.quiet:
		return io.Discard, false
	case a.output == asJSON:
		return a.err, false
	}
	return a.out, a.screen && !o.once && os.Getenv("NO_COLOR") == ""
}

// runProof tells a proof story. It replays no file and no days.
func (a *app) runProof(cmd *cobra.Command, o *demoOptions, story string, tell func(context.Context, federation.TrustOptions) (federation.TrustReport, error)) error {
	for _, f := range []string{"arrivals", "day", "keep", "seed"} {
		if cmd.Flags().Changed(f) {
			return usage(cmd, "the story "+story+" replays no file, and takes no --"+f)
		}
	}
	told, colour := a.stage(o)
	ctx, told, done := beforeAudience(cmd.Context(), told)
	defer done()
	r, err := tell(ctx, federation.TrustOptions{Out: told, Colour: colour, Columns: a.columns, Clock: a.now, CheckStore: checkStore})
	if err != nil {
		return demoProblem(ctx, err, "")
	}
	if a.output == asJSON {
		if err := a.writeJSON(r); err != nil {
			return err
		}
	}
	return proofProblem(story, r)
}

// proofProblem names the scenes that did not hold.
func proofProblem(story string, r federation.TrustReport) error {
	if r.OK {
		return nil
	}
	var failed []string
	for _, s := range r.Scenes {
		if !s.OK {
			failed = append(failed, s.Name+": "+s.Detail)
		}
	}
	return &api.Problem{Kind: api.CheckFound, Detail: strings.Join(failed, "; "), Next: "vardar demo " + story}
}

// audience ends a demonstration that nobody reads on, as of `vardar demo | head`.
type audience struct {
	io.Writer
	gone context.CancelCauseFunc
}

var errNobodyReads = errors.New("nobody reads on")

func (w audience) Write(b []byte) (int, error) {
	n, err := w.Writer.Write(b)
	if err != nil {
		w.gone(fmt.Errorf("%w: %w", errNobodyReads, err))
	}
	return n, err
}

// beforeAudience gives what to tell a demonstration to, and the context that ends with its
// readers. Go ends a process that writes to a closed pipe, and what the demonstration made
// would stay: while somebody asks for the signal, the write is an error instead.
func beforeAudience(ctx context.Context, told io.Writer) (context.Context, io.Writer, func()) {
	ctx, gone := context.WithCancelCause(ctx)
	unheard := make(chan os.Signal, 1)
	signal.Notify(unheard, syscall.SIGPIPE)
	return ctx, audience{told, gone}, func() {
		signal.Stop(unheard)
		gone(nil)
	}
}

// demoProblem words what kept a demonstration from its end; kept is where its nodes are.
func demoProblem(ctx context.Context, err error, kept string) error {
	var file *federation.ArrivalsError
	coordinator := filepath.Join(kept, string(federation.Coordinator))
	switch {
	case errors.Is(context.Cause(ctx), errNobodyReads):
		return &api.Problem{Kind: api.Failed, Detail: context.Cause(ctx).Error() + "; the story is not told to its end", Next: "vardar demo --once >FILE"}
	case errors.Is(err, context.Canceled) && kept != "" && node.IsFolder(coordinator):
		return &api.Problem{Kind: api.Failed, Detail: "interrupted: the story is not told to its end. What its nodes hold is kept in " + kept + ", and none of them runs any more", Next: "vardar verify " + coordinator}
	case errors.Is(err, context.Canceled):
		return &api.Problem{Kind: api.Failed, Detail: "interrupted: the story is not told to its end, and none of its nodes runs any more", Next: "vardar demo --help"}
	case errors.Is(err, federation.ErrFolder):
		return &api.Problem{Kind: api.Failed, Detail: err.Error(), Next: "vardar demo --keep FOLDER", Err: err}
	case errors.As(err, &file), errors.Is(err, federation.ErrStory):
		return &api.Problem{Kind: api.Usage, Detail: err.Error(), Next: "vardar demo --help", Err: err}
	case errors.Is(err, fs.ErrNotExist):
		return &api.Problem{Kind: api.NotFound, Detail: err.Error(), Mend: "name a file that is there", Next: "vardar demo --help", Err: err}
	case errors.Is(err, federation.ErrKept):
		return &api.Problem{Kind: api.Refused, Detail: err.Error(), Next: "vardar demo --keep FOLDER", Err: err}
	}
	return err
}
