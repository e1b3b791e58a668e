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
	Reply string // where the peer waits for the acknowledgement; empty: nobody waits
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
	// EraseLog takes the messages of records whose bodies were erased out of LOG.
	EraseLog(ctx context.Context, records []protocol.Record) error
}

// Line is what intake needs from the links: to answer, and to fetch what is missing
// before a parked run. Neither may block for long.
type Line interface {
	Answer(token protocol.LinkToken, reply string, answer protocol.Acknowledgement)
	Fetch(gap Gap)
	// Took tells which records, the last of each run, a peer sent that are held now on a
	// chain that nobody contradicts.
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
	Clock  func() time.Time // for the times of own beacons, and when a record was told
	Logger *slog.Logger     // default: discard
	// Membership is told of each institution that takes part no longer, or again, in the
	// commit that brings the news and before that is acknowledged: the links of one that
	// is out are to be closed when it returns. Of Intake it may call Gone alone. Default:
	// nobody is told.
	Membership func(protocol.InstitutionID)
	// SweepLook is how often the clock is asked whether a day has passed since the last
	// [Intake.Sweep]. Default: ten minutes.
	SweepLook time.Duration
}

// Errors of publishing. Each says what to do.
var (
	// ErrNotMember: no key record or admission opens this feed for the institution yet.
	ErrNotMember = errors.New("this institution has no open epoch for that topic: wait for its admission, or see 'vardar member show'")
	// ErrForked: another record stands at a position of the own feed, so a copy of this
	// node wrote there; nothing more is written in that epoch. [Intake.Stopped] says where.
	// The trust feed alone goes on, on the own branch (epochs.md 13).
	ErrForked = errors.New("writing stopped: another record is held at a position of this feed, so a copy of this node is or was running; stop the copy, then see 'vardar status'")
	// ErrReadOnly: the node holds back all writing, for the reason that follows.
	ErrReadOnly = errors.New("this node does not write")

	// ErrDiskFull is [store.ErrDiskFull].
	ErrDiskFull = store.ErrDiskFull
)

// Intake is the door. Make it with [New], tell it what is held with [Intake.Load], let
// [Intake.Run] drain IN.
//
// Locks are taken in this order: one of feeds (several by [Intake.lockOwn] alone, sorted),
// judging, telling, then any other, which are all held for moments and alone.
type Intake struct {
	o      Options
	log    *slog.Logger
	feeds  keyedMutex
	told   told
	have   have
	parked parking
	logs   logQueue
	tally  tally

	dropped chan struct{} // wakes who writes down what was dropped

	marker marker
	signed signed

	erasures  erasures
	retention retention
	carriers  carriers
	charters  sync.Mutex // held from the look at what is settled on to its being kept

	judging sync.RWMutex // see judge

	mu       sync.Mutex                                  // guards what follows
	copies   map[protocol.InstitutionID]Copy             // own institutions for which another node spoke
	ahead    map[protocol.InstitutionID]protocol.Instant // of others, the newest beacon refused for lying ahead
	behind   map[protocol.EpochID]protocol.Head          // marked, and not held: the store is older than the mark
	markErr  error                                       // why the mark can't be read
	unmarked map[protocol.EpochID]protocol.Head          // committed, and the mark could not be written
	stopped  map[protocol.EpochID]Stop                   // own epochs in which a peer proved a fork
	sending  map[protocol.EpochID]uint32                 // own records from here on are not yet marked
	marked   chan struct{}                               // closed, and made anew, when some of them are
	members  map[protocol.InstitutionID]bool             // who takes part, as was last told
	own      map[protocol.EpochID]protocol.Head          // the last record that this node wrote, or its carrier holds
	readOnly error                                       // what follows from these
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
		told:      newTold(),
		have:      have{groups: map[protocol.Group]groupRows{}},
		parked:    newParking(),
		logs:      logQueue{wake: make(chan struct{}, 1)},
		retention: retention{news: make(chan struct{}, 1)},
		tally:     tally{drops: map[protocol.InstitutionID]map[string]Drop{}, fresh: map[dropKey]Drop{}},
		dropped:   make(chan struct{}, 1),
		marker:    marker{signer: o.Signer},
		erasures:  erasures{of: map[protocol.Name][]*erasure{}},
		behind:    map[protocol.EpochID]protocol.Head{},
		copies:    map[protocol.InstitutionID]Copy{},
		ahead:     map[protocol.InstitutionID]protocol.Instant{},
		unmarked:  map[protocol.EpochID]protocol.Head{},
		stopped:   map[protocol.EpochID]Stop{},
		sending:   map[protocol.EpochID]uint32{},
		marked:    make(chan struct{}),
		members:   map[protocol.InstitutionID]bool{},
		own:       map[protocol.EpochID]protocol.Head{},
	}, nil
}

// The stages hand one another at most this many batches: enough that checking goes on
// while the commit syncs, few enough that IN's own bound is what senders feel.
const stageDepth = 1

// Run drains IN until ctx ends: one goroutine checks, one commits, one tells the board and
// feeds LOG; one sweeps, at start and then daily; one writes down what was dropped. Told to
// stop, it returns nil; what was committed by then is on LOG, what was dropped is counted in
// the archive, what was neither is still its sender's to send.
func (i *Intake) Run(ctx context.Context) error {
	checked := make(chan *lot, stageDepth)
	committed, swept := make(chan struct{}), make(chan struct{})
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return i.runCheck(ctx, checked) })
	g.Go(func() error { i.runCommit(ctx, checked); close(committed); return nil })
	g.Go(func() error { i.runSweeps(ctx); close(swept); return nil })
	g.Go(func() error { i.runLog(ctx, committed, swept); return nil })
	g.Go(func() error { i.runDrops(ctx); return nil })
	err := g.Wait()
	i.keepDrops(context.WithoutCancel(ctx))
	if err != nil {
		return fmt.Errorf("intake: %w", err)
	}
	return nil
}

func (i *Intake) runCheck(ctx context.Context, checked chan<- *lot) error {
	defer close(checked)
	for ctx.Err() == nil {
		batch, done, err := i.o.Inbox.Next(ctx)
		if ctx.Err() != nil {
			return nil
		}
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

func (i *Intake) runCommit(ctx context.Context, checked <-chan *lot) {
	for l := range checked {
		i.commit(ctx, l)
		i.logs.room(ctx)
	}
}

// Take passes one frame through the door at once, without IN: for a node that joins and
// has no bus yet. It answers as the peer would be answered.
func (i *Intake) Take(ctx context.Context, a Arrived) protocol.Acknowledgement {
	a.Reply = ""
	answers := i.commit(ctx, i.check([]Arrived{a}))
	i.drain(ctx)
	return answers[0]
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
