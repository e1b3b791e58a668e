package federation_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/bus"
	"github.com/vardar-network/vardar/protocol"
)

// The environment of a campaign; see the room's DESIGN.md.
const (
	envSchedules = "VARDAR_SCHEDULES" // how many
	envSeed      = "VARDAR_SEED"      // the first
	envSteps     = "VARDAR_STEPS"     // of that one seed: these steps alone
)

// shortFor is how long 'go test' begins schedules unless told how many.
const shortFor = 50 * time.Second

// asksShrunk bounds how often a failing schedule is played again to find the fewest steps.
const asksShrunk = 24

func TestSimulation(t *testing.T) {
	if testing.Short() {
		t.Skip("whole networks take a minute: run without -short")
	}
	first, many := uint64(number(t, envSeed, 0)), number(t, envSchedules, 0)
	if steps := os.Getenv(envSteps); steps != "" {
		one(t, scheduleOf(first).only(numbers(t, steps)))
		return
	}
	if os.Getenv(envSeed) != "" {
		many = max(many, 1)
	}
	c := campaign{t: t, sum: counters{}}
	if many == 0 {
		began := time.Now()
		for seed := first; !c.over() && time.Since(began) < shortFor; seed++ {
			c.play(seed)
		}
	} else {
		var g errgroup.Group
		g.SetLimit(atOnce * runtime.GOMAXPROCS(0))
		for k := range uint64(many) { //nolint:gosec // a count
			g.Go(func() error {
				if !c.over() {
					c.play(first + k)
				}
				return nil
			})
		}
		_ = g.Wait()
	}
	if c.err != nil {
		fails(t, c.failed, c.err)
		return
	}
	t.Logf("%d schedules from seed %d; %s", c.played, first, c.sum)
	if never := c.sum.never(); len(never) > 0 && many >= full {
		t.Errorf("the campaign never saw: %s", strings.Join(never, ", "))
	}
}

// atOnce is how many schedules of a campaign share a processor: they mostly wait for disks
// and lines.
const atOnce = 4

// campaign is what the schedules that were played have come to.
type campaign struct {
	t *testing.T

	mu     sync.Mutex
	sum    counters
	played int
	failed schedule // the first to fail, if err is set
	err    error
}

func (c *campaign) over() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err != nil
}

func (c *campaign) play(seed uint64) {
	s := scheduleOf(seed)
	saw, err := playIn(c.t, s)
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil && c.err == nil {
		c.failed, c.err = s, err
	}
	c.sum.add(saw)
	if c.played++; c.played%20 == 0 {
		c.t.Logf("%d schedules, the last of seed %d: %s", c.played, seed, c.sum)
	}
}

// full is how many schedules see every hard case.
const full = 60

// fails prints what failed, the command that plays it again, and the fewest steps.
func fails(t *testing.T, s schedule, err error) {
	t.Helper()
	command := fmt.Sprintf("%s=%d go test ./node/federation -run 'TestSimulation$'", envSeed, s.seed)
	t.Errorf("seed %d: %v\nsteps: %s\nplay it again: %s", s.seed, err, s, command)
	of := shrunk(len(s.steps), asksShrunk, func(of []int) bool {
		_, err := playIn(t, s.only(of))
		return err != nil
	})
	var words []string
	for _, k := range of {
		words = append(words, strconv.Itoa(k))
	}
	t.Errorf("fewest steps: %s\nplay them: %s=%s %s", s.only(of), envSteps, strings.Join(words, ","), command)
}

func one(t *testing.T, s schedule) {
	t.Helper()
	saw, err := playIn(t, s)
	if err != nil {
		t.Errorf("seed %d, %s: %v", s.seed, s, err)
	}
	t.Log(saw)
}

// playIn plays a schedule in a test of its own, which ends what it began.
func playIn(t *testing.T, s schedule) (saw counters, err error) {
	t.Helper()
	t.Run(fmt.Sprintf("seed %d", s.seed), func(t *testing.T) {
		saw, err = perform(t, s)
	})
	return saw, err
}

// mostStarts is how often a network is started that the machine was too busy for, before the
// first step of its schedule.
const mostStarts = 3

// starved reports whether a network did not start because something of it was not answered in time.
func starved(err error) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(err, bus.ErrClosed)
}

// perform plays a schedule, heals the network, and holds what came of it against the nine
// invariants.
func perform(t *testing.T, s schedule) (saw counters, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	w, err := startWorld(t, s)
	for k := 1; k < mostStarts && starved(err); k++ {
		w, err = startWorld(t, s)
	}
	if err != nil {
		return nil, fmt.Errorf("the network does not start: %w", err)
	}
	defer func() { err = errors.Join(err, w.close()) }()
	for k, step := range s.steps {
		if err = w.do(step); err != nil {
			return w.saw, fmt.Errorf("step %d, %s by %s: %w", k, step.act, w.ids[step.who], err)
		}
	}
	if err = w.heal(); err != nil {
		return w.saw, fmt.Errorf("heal: %w", err)
	}
	for _, id := range w.ids {
		if n := w.node(id); n != nil {
			said, unsaid := w.say(n, id, protocol.Knowledge, protocol.Green)
			w.e.goOn[id] = attempt{id, said, unsaid}
		}
	}
	return w.saw, w.judged(cmp.Or(s.bound, settled))
}

// settled bounds how long a healed network may take.
const settled = 4 * time.Minute

// judged looks at all nodes until no invariant is violated, or the time is over: what is
// still on its way is no violation.
func (w *world) judged(bound time.Duration) error {
	ctx, cancel := context.WithTimeout(w.t.Context(), bound)
	defer cancel()
	var found []violation
	for {
		late := w.settle(ctx) != nil
		e := w.e
		e.nodes = nil
		for _, id := range w.ids {
			n := w.net.Node(id)
			if n == nil {
				continue
			}
			seen, charter, err := look(w.within(), n, w.out[id], w.dir)
			if err != nil {
				return err
			}
			e.charter, e.nodes = charter, append(e.nodes, seen)
		}
		var err error
		if found, err = check(&e); err != nil {
			return err
		}
		if len(found) == 0 {
			for _, id := range w.ids {
				if n := w.net.Node(id); n != nil {
					w.saw.of(n)
				}
			}
			return w.saw.in(&e)
		}
		if late || ctx.Err() != nil {
			break
		}
		w.breathe(ctx)
	}
	var errs []error
	for _, v := range found[:min(len(found), 8)] {
		errs = append(errs, errors.New(v.String()))
	}
	return errors.Join(errs...)
}

// breathe waits until some node tells of a change, or a moment.
func (w *world) breathe(ctx context.Context) {
	for _, n := range slices.DeleteFunc(w.net.Nodes(), func(n *node.Node) bool { return n == nil })[:1] {
		changed, stop := n.Changed()
		select {
		case <-changed:
		case <-time.After(time.Second / 4):
		case <-ctx.Done():
		}
		stop()
	}
}

func number(t *testing.T, name string, otherwise int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		t.Fatalf("%s=%s: want a whole number", name, text)
	}
	return n
}

func numbers(t *testing.T, text string) []int {
	t.Helper()
	var out []int
	for word := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(word)
		if err != nil {
			t.Fatalf("%s=%s: want numbers of steps with commas between", envSteps, text)
		}
		out = append(out, n)
	}
	return out
}
