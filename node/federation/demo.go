package federation

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/protocol"
)

// DemoOptions say what a demonstration tells, and how. Only Out is required.
type DemoOptions struct {
	Story    string        // of [Stories]; empty: the first, or the whole file if Arrivals names one
	Arrivals string        // a file of the shape of [ArrivalsName]; empty: that one
	Day      time.Duration // real time for a replayed day; 0: as fast as it goes, as a whole file always does
	Keep     string        // a folder for the nodes, which stay; empty: a temporary one, which does not
	Seed     uint64        // of keys and salts: the same make the same records; 0: true chance
	Out      io.Writer     // what is told
	Colour   bool          // Out is a terminal that shows colours
	Columns  int           // of that terminal; 0: not known, or no terminal
	Stay     bool          // open pages of three nodes, and after the proof run all nodes again until ctx ends

	Clock      func() time.Time                             // real time, for measuring; default time.Now
	Logger     *slog.Logger                                 // of all nodes; default: discard
	CheckStore func(ctx context.Context, path string) error // looks at each store before it is read again; nil: nobody does
	Closed     func(dirs map[protocol.InstitutionID]string) // called when all nodes are closed and none is read yet, for tests; may be nil
}

// DemoReport is what came of a demonstration. Its figures are read in the stores after
// all nodes were closed. OK says that every proof held; Problems says which did not.
type DemoReport struct {
	OK       bool         `json:"ok"`
	Story    string       `json:"story"`
	From     string       `json:"from"` // first day signed: history included
	To       string       `json:"to"`   // last day signed
	Records  int          `json:"records"`
	Nodes    []DemoNode   `json:"nodes"`
	Links    []DemoLink   `json:"links"`
	Columns  []DemoColumn `json:"columns"`
	Cut      DemoCut      `json:"cut"`
	Help     DemoHelp     `json:"help"`
	Decided  DemoDecided  `json:"decided"`
	Regional DemoRegional `json:"regional"`

	Suggested int `json:"suggested"` // places for which the coordinator's phase board suggested a phase when the story was over

	Dropped  int      `json:"dropped"`
	Seconds  float64  `json:"seconds"`
	Problems []string `json:"problems,omitempty"`
}

// DemoNode is one node as its store says; Institution is the first that it hosts.
type DemoNode struct {
	Institution protocol.InstitutionID `json:"institution"`
	Held        int                    `json:"held"`
	Verified    int                    `json:"verified"`
	Digest      string                 `json:"digest"` // of the picture, at the replay's last instant
}

// DemoLink is a line between two nodes: From dials.
type DemoLink struct {
	From protocol.InstitutionID `json:"from"`
	To   protocol.InstitutionID `json:"to"`
}

// DemoColumn is one column of the file as the coordinator's store has it. Total is null
// where no day was reported: what nobody said is no 0.
type DemoColumn struct {
	Name            string                 `json:"name"`
	Institution     protocol.InstitutionID `json:"institution"`
	Total           *int64                 `json:"total"`
	ReportedDays    int                    `json:"reported_days"`
	NotReportedDays int                    `json:"not_reported_days"`
}

// DemoCut is what a cut line did: how many records of the institution waited for the
// coordinator, and how long it took after the line was back until it held them.
type DemoCut struct {
	Institution protocol.InstitutionID `json:"institution"`
	Waited      int                    `json:"waited"`
	CaughtUpMS  int64                  `json:"caught_up_ms"`
}

// demo is one demonstration under way.
type demo struct {
	o      DemoOptions
	own    bool // the file is the program's own
	file   *Arrivals
	story  story
	plan   Plan
	dir    string
	clock  *replayClock
	net    *Network
	say    teller
	began  time.Time
	report DemoReport
	at     map[protocol.InstitutionID]addresses // of the nodes while the story was told

	apart    bool            // no line is left between the border towns and the coordinator
	newest   protocol.Name   // report of the town that waits
	waits    []protocol.Name // records that the coordinator lacked when the line was mended
	alerts   map[protocol.Name]bool
	places   protocol.Name // what the town said of places
	needs    protocol.Name // what the town said so many people need, and the request for it
	request  protocol.Name
	bound    []turn        // with which the town says that what was promised is there
	question protocol.Name // of the consultation
	planned  protocol.Name // the fund plan
	flow     protocol.Name // the pledge that began it
	practice protocol.Name // what a town has tried
	regional protocol.Name // the regional report
	exercise protocol.Name // in which the two sides of the border disagree
	signed   int           // reports signed as fast as they go
	hostile  int           // false records offered
	refused  int           // of these answered "dropped"
}

// Demo tells a story with real nodes in one process, each with its own archive, keys and
// NATS server, and proves what it told: see [DemoReport]. A proof that fails is told in
// the report and is no error. It returns an [*ArrivalsError], [ErrStory], [ErrKept], or
// what kept the network from running.
func Demo(ctx context.Context, o DemoOptions) (report DemoReport, err error) {
	if o.Clock == nil {
		o.Clock = time.Now //nolint:forbidigo // the default of DemoOptions.Clock
	}
	d := &demo{o: o, say: newTeller(o), began: o.Clock(), alerts: map[protocol.Name]bool{}}
	if err = d.prepare(); err != nil {
		return DemoReport{}, err
	}
	done, err := d.folder()
	if err != nil {
		return DemoReport{}, err
	}
	defer func() { err = errors.Join(err, done()) }()
	defer func() {
		if d.net != nil {
			err = errors.Join(err, d.net.Close())
		}
	}()
	if err = d.run(ctx); err != nil {
		return DemoReport{}, err
	}
	if err = d.prove(ctx); err != nil {
		return DemoReport{}, err
	}
	if d.o.Stay && d.report.OK {
		err = d.stay(ctx)
	} else {
		d.tryNext()
	}
	return d.report, errors.Join(err, d.say.err)
}

// prepare reads the file and chooses the story.
func (d *demo) prepare() (err error) {
	if d.own = d.o.Arrivals == ""; d.own {
		d.file, err = OwnArrivals()
	} else {
		d.file, err = OpenArrivals(d.o.Arrivals)
	}
	if err != nil {
		return err
	}
	if d.story, err = choose(d.o.Story, d.file, d.own); err != nil {
		return err
	}
	d.plan = cast(d.story.Everyone)
	d.clock = newReplayClock(d.o.Clock, d.days()[0].Date)
	return nil
}

// days are those that are signed: the history first.
func (d *demo) days() []ArrivalsDay { return d.file.Between(d.file.Days[0].Date, d.story.To) }

// Waits of the demonstration's links: short, since a day may last as long as it takes.
const (
	demoHeartbeat = time.Second
	demoRedial    = 500 * time.Millisecond
	demoSoon      = 3 * time.Second
)

// options are those of the network.
func (d *demo) options() Options {
	o := Options{
		Dir: d.dir, Clock: d.clock.Now, Stamp: d.clock.ToldTo, Told: d.joined,
		Timing: node.Timing{Heartbeat: demoHeartbeat, Redial: demoRedial, Soon: demoSoon},
	}
	if d.o.Stay {
		o.Each = d.open
	}
	if d.o.Logger != nil {
		o.Logger = func(id protocol.InstitutionID) *slog.Logger { return d.o.Logger.With("node", id) }
	}
	if d.o.Seed != 0 {
		sources := map[protocol.InstitutionID]io.Reader{}
		for _, hosted := range d.plan.Nodes {
			id := hosted[0].ID
			seed := [32]byte(protocol.DigestOf([]byte("vardar-demo-seed\n"), binary.BigEndian.AppendUint64(nil, d.o.Seed), []byte(id)))
			sources[id] = &chance{rng: rand.NewChaCha8(seed)}
		}
		o.Rand = func(id protocol.InstitutionID) io.Reader { return sources[id] }
	}
	return o
}

// run tells the story, and closes all nodes. Its lines stay.
func (d *demo) run(ctx context.Context) (err error) {
	d.opening()
	if d.net, err = Start(ctx, d.options(), d.plan); err != nil {
		return err
	}
	err = d.tell(ctx)
	d.addressed()
	// Nodes that are kept can be run, however far the story came.
	return errors.Join(err, d.leave(context.WithoutCancel(ctx)), d.net.Rest())
}

// tell tells the story and what ends it while the nodes run.
func (d *demo) tell(ctx context.Context) error {
	days := d.tellWhole
	if d.story.Live {
		days = d.tellDays
	}
	if err := days(ctx); err != nil {
		return err
	}
	if err := d.offerFalse(ctx); err != nil {
		return err
	}
	if err := d.settle(ctx); err != nil {
		return err
	}
	return d.counted(ctx)
}

// counted notes what only running nodes know.
func (d *demo) counted(ctx context.Context) error {
	for _, l := range d.net.Lines() {
		d.report.Links = append(d.report.Links, DemoLink{l[0], l[1]})
	}
	rows, err := d.suggested(ctx)
	d.report.Suggested = len(rows)
	return err
}

// patience is how long the story waits for what must come before it gives up: a minute is
// what a loaded machine was seen to need at most, twice over.
const patience = 2 * time.Minute

// ErrStuck is returned when something that must come did not.
var ErrStuck = errors.New("the network did not come to rest within two minutes: is this machine under heavy load?")

// wait waits until a node's state is as it must be, or gives up with [ErrStuck].
func (d *demo) wait(ctx context.Context, n *node.Node, ok func() bool) error {
	return patiently(ctx, func(ctx context.Context) error { return Wait(ctx, n, ok) })
}

// settle waits until all nodes hold the same, and show the same: a node holds a record a moment
// before its picture has it.
func (d *demo) settle(ctx context.Context) error {
	return patiently(ctx, func(ctx context.Context) error {
		if err := d.net.Settle(ctx); err != nil {
			return err
		}
		nodes, at := d.net.Nodes(), d.clock.Now()
		for _, n := range nodes[1:] {
			if err := Wait(ctx, n, func() bool { return n.PictureDigest(at) == nodes[0].PictureDigest(at) }); err != nil {
				return err
			}
		}
		return nil
	})
}

func patiently(ctx context.Context, do func(context.Context) error) error {
	short, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := do(short)
	if err != nil && ctx.Err() == nil && short.Err() != nil {
		return ErrStuck
	}
	return err
}

// sleep waits, unless ctx ends.
func sleep(ctx context.Context, wait time.Duration) error {
	if wait <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
