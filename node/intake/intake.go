package intake

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
)

// Arrived is one frame that a peer sent and that waits in IN.
type Arrived struct {
	Peer  protocol.InstitutionID // the node at the other end of the link
	Token protocol.LinkToken
	Reply string // where the peer waits for the acknowledgement; empty for an answer we asked for
	Frame []byte
}

// Inbox is what intake needs from IN: Next waits for at least one frame and takes what
// is there; done removes the batch, after its commit.
type Inbox interface {
	Next(ctx context.Context) (batch []Arrived, done func() error, err error)
}

// Log is what intake needs from LOG.
type Log interface {
	PublishLog(ctx context.Context, records []protocol.Record) error
}

// Line is what intake needs from the links: to answer, and to fetch what is missing
// before a parked run. Neither may block for long.
type Line interface {
	Answer(token protocol.LinkToken, reply string, answer protocol.Acknowledgement)
	Fetch(gap Gap)
	// Took tells which records, the last of each run, a peer sent that are held now.
	Took(token protocol.LinkToken, tops []protocol.HaveRow)
	// Sends reports whether the link's policy lets the peer send this group.
	Sends(token protocol.LinkToken, group protocol.Group) bool
}

// Gap is a stretch of an epoch that a peer holds and this node lacks. It is asked for up
// to and with what was parked behind it, so that a later signature can prove it
// (epochs.md 6).
type Gap struct {
	Token protocol.LinkToken
	protocol.EpochID
	From, To uint32
}

// Signer is what intake needs from the safe.
type Signer interface {
	Institutions() []protocol.InstitutionID
	SignRecord(ctx context.Context, r *protocol.Record) error
	SignBeacon(ctx context.Context, b *protocol.Beacon) error
	AppendTrust(r protocol.Record) error
	SetMark(heads map[protocol.EpochID]protocol.Head) error
}

// Options are the parts intake is joined from; all are required but Logger and Packer.
type Options struct {
	Store  *store.Store
	Trust  *trust.Registry
	Board  *board.Board
	Signer Signer
	Inbox  Inbox
	Log    Log
	Line   Line
	Packer protocol.Packer  // nil: compressed frames are dropped
	Clock  func() time.Time // for the times of own records and beacons
	Logger *slog.Logger     // default: discard
}

// Errors of publishing. Each says what to do.
var (
	// ErrNotMember: no key record or admission opens this feed for the institution yet.
	ErrNotMember = errors.New("this institution has no open epoch for that topic: wait for its admission, or see 'vardar member show'")
	// ErrForked: another record stands at a position of the own feed, so a copy of this
	// node wrote there; nothing more is written in that epoch.
	ErrForked = errors.New("writing stopped: a peer holds another record at a position of this feed, so a copy of this node is or was running; stop the copy, then see 'vardar status'")
	// ErrReadOnly: the node holds back all writing, for the reason that follows.
	ErrReadOnly = errors.New("this node does not write")
)

// Intake is the door. Make it with [New], let [Intake.Run] drain IN.
type Intake struct {
	o     Options
	log   *slog.Logger
	feeds keyedMutex
	// telling is held from the fold of trust to the board's verdicts: what is published
	// and what arrives must not overtake one another there. Nothing is locked under it.
	telling sync.Mutex
	parked  parking

	mu       sync.Mutex // guards what follows
	counts   Counts
	drops    map[protocol.InstitutionID]map[string]int
	heads    map[protocol.EpochID]protocol.Head // own, as marked
	readOnly error
	stopped  map[protocol.EpochID]bool // own epochs a peer answered fork in
}

// Counts are the events since the node started.
type Counts struct {
	Accepted, Known, Parked, Dropped, Unwanted, Forks int
	Published, Chunks, Verified                       int
}

// New joins the parts. Call [Intake.Load] before anything else.
func New(o Options) (*Intake, error) {
	if o.Store == nil || o.Trust == nil || o.Board == nil || o.Signer == nil || o.Inbox == nil || o.Log == nil || o.Line == nil || o.Clock == nil {
		return nil, errors.New("intake: a required option is empty")
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return &Intake{
		o: o, log: o.Logger,
		drops:   map[protocol.InstitutionID]map[string]int{},
		heads:   map[protocol.EpochID]protocol.Head{},
		stopped: map[protocol.EpochID]bool{},
	}, nil
}

// The stages hand one another at most this many batches: enough that checking goes on
// while the commit syncs, few enough that IN's own bound is what senders feel.
const stageDepth = 1

// Run drains IN until ctx ends: one goroutine checks, one commits, one feeds LOG.
func (i *Intake) Run(ctx context.Context) error {
	checked, logged := make(chan *lot, stageDepth), make(chan []protocol.Record, stageDepth)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return i.runCheck(ctx, checked) })
	g.Go(func() error { return i.runCommit(ctx, checked, logged) })
	g.Go(func() error { return i.runLog(ctx, logged) })
	if err := g.Wait(); err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("intake: %w", err)
	}
	return nil
}

func (i *Intake) runCheck(ctx context.Context, checked chan<- *lot) error {
	defer close(checked)
	for ctx.Err() == nil {
		batch, done, err := i.o.Inbox.Next(ctx)
		if err != nil {
			return err
		}
		l := i.check(batch)
		l.done = done
		select {
		case checked <- l:
		case <-ctx.Done():
		}
	}
	return nil
}

func (i *Intake) runCommit(ctx context.Context, checked <-chan *lot, logged chan<- []protocol.Record) error {
	defer close(logged)
	for l := range checked {
		added := i.commit(ctx, l)
		if len(added) == 0 {
			continue
		}
		select {
		case logged <- added:
		case <-ctx.Done():
		}
	}
	return nil
}

func (i *Intake) runLog(ctx context.Context, logged <-chan []protocol.Record) error {
	for records := range logged {
		if err := i.o.Log.PublishLog(ctx, records); err != nil && ctx.Err() == nil {
			i.log.WarnContext(ctx, "records not published on LOG", "count", len(records), "err", err)
		}
	}
	return nil
}

// Take passes one frame through the door at once, without IN: for a node that joins and
// has no bus yet. It answers as the peer would be answered.
func (i *Intake) Take(ctx context.Context, a Arrived) protocol.Acknowledgement {
	a.Reply = ""
	l := i.check([]Arrived{a})
	i.commit(ctx, l)
	return l.answers[0]
}

// Counts gives the events so far.
func (i *Intake) Counts() Counts {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.counts
}

// Drops gives, for each peer, how often what it sent broke which rule.
func (i *Intake) Drops() map[protocol.InstitutionID]map[string]int {
	i.mu.Lock()
	defer i.mu.Unlock()
	out := make(map[protocol.InstitutionID]map[string]int, len(i.drops))
	for peer, rules := range i.drops {
		out[peer] = map[string]int{}
		for rule, n := range rules {
			out[peer][rule] = n
		}
	}
	return out
}

func (i *Intake) count(change func(*Counts)) {
	i.mu.Lock()
	defer i.mu.Unlock()
	change(&i.counts)
}

// drop counts what a peer sent and is not kept. Nothing of it remains but the counter.
func (i *Intake) drop(peer protocol.InstitutionID, records int, reason error) {
	rule := reason.Error()
	var v *protocol.Violation
	if errors.As(reason, &v) {
		rule = v.Rule.Error()
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	i.counts.Dropped += records
	if i.drops[peer] == nil {
		i.drops[peer] = map[string]int{}
	}
	i.drops[peer][rule] += records
	i.log.Warn("records dropped", "peer", peer, "count", records, "err", reason) //nolint:sloglint // no context at the door
}

// keyedMutex gives one lock for each feed.
type keyedMutex struct {
	mu    sync.Mutex // guards locks
	locks map[protocol.Feed]*sync.Mutex
}

func (k *keyedMutex) lock(f protocol.Feed) (unlock func()) {
	k.mu.Lock()
	if k.locks == nil {
		k.locks = map[protocol.Feed]*sync.Mutex{}
	}
	m := k.locks[f]
	if m == nil {
		m = &sync.Mutex{}
		k.locks[f] = m
	}
	k.mu.Unlock()
	m.Lock()
	return m.Unlock
}
