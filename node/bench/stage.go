package bench

import (
	"context"
	"errors"
	"path/filepath"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/federation"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Who is on the stage, besides the authors: a node that holds what they write, and one
// that wants all of it.
const (
	source protocol.InstitutionID = "mk.national.association"
	taker  protocol.InstitutionID = "mk.national.reader"
)

// towns is how many institutions write, each in four topics: forty feeds.
const towns = 10

func topics() []protocol.Topic {
	return []protocol.Topic{protocol.Situation, protocol.Resource, protocol.Policy, protocol.Knowledge}
}

// stage is the folders of two nodes that do not run: source holds records that taker
// lacks, and has never sent it one.
type stage struct {
	dir     string
	pen     *pen
	records []protocol.Record // that taker lacks
}

// appendLot is how many records go into the store in one transaction.
const appendLot = 4096

// setStage sets a stage on which source holds what the authors wrote, an age ago, and
// taker is to catch up on.
func (b *bench) setStage(ctx context.Context, records int, age time.Duration) (*stage, error) {
	st, err := b.newStage(ctx, age)
	if err != nil {
		return nil, err
	}
	b.tell("  %d institutions write %d records", len(st.pen.authors), records)
	return st, b.fill(ctx, st, records, func() (protocol.Record, error) {
		r, err := st.pen.note()
		st.records = append(st.records, r)
		return r, err
	}, source)
}

// newStage founds a network of two nodes and some authors, who have written nothing yet.
func (b *bench) newStage(ctx context.Context, age time.Duration) (st *stage, err error) {
	st = &stage{pen: newPen(towns, age)}
	if st.dir, err = b.folder("stage"); err != nil {
		return nil, err
	}
	opens, err := st.found(ctx)
	if err != nil {
		return nil, err
	}
	for _, id := range []protocol.InstitutionID{source, taker} {
		n, err := b.offstage(ctx, st, id)
		if err == nil {
			err = errors.Join(appendAll(ctx, n, opens), n.Close())
		}
		if err != nil {
			return nil, err
		}
	}
	return st, nil
}

// offstage opens a node of the stage, which does not run.
func (b *bench) offstage(ctx context.Context, st *stage, id protocol.InstitutionID) (*node.Node, error) {
	return node.Open(ctx, node.Options{Dir: filepath.Join(st.dir, string(id)), Version: b.Version})
}

// appendAll puts records into the archive of a node.
func appendAll(ctx context.Context, n *node.Node, records []protocol.Record) error {
	for lot := range slices.Chunk(records, appendLot) {
		if _, err := n.Store().Append(ctx, lot); err != nil {
			return err
		}
	}
	return nil
}

// fill puts count records that are written one after the other into the archives of nodes.
func (b *bench) fill(ctx context.Context, st *stage, count int, write func() (protocol.Record, error), ids ...protocol.InstitutionID) (err error) {
	var nodes []*node.Node
	defer func() {
		for _, n := range nodes {
			err = errors.Join(err, n.Close())
		}
	}()
	for _, id := range ids {
		n, err := b.offstage(ctx, st, id)
		if err != nil {
			return err
		}
		nodes = append(nodes, n)
	}
	for count > 0 {
		lot := make([]protocol.Record, 0, min(count, appendLot))
		for range cap(lot) {
			r, err := write()
			if err != nil {
				return err
			}
			lot = append(lot, r)
		}
		for _, n := range nodes {
			if err := appendAll(ctx, n, lot); err != nil {
				return err
			}
		}
		count -= len(lot)
	}
	return nil
}

// found makes the two nodes, with the authors admitted, and gives the records that open
// the authors' feeds.
func (st *stage) found(ctx context.Context) (opens []protocol.Record, err error) {
	n, err := federation.Start(ctx, federation.Options{Dir: st.dir}, federation.Plan{
		Network: "bench", Nodes: [][]federation.Member{{{ID: source, Level: body.Ministry}}, {{ID: taker, Level: body.Ministry}}},
		Registrars: map[protocol.InstitutionID][]string{source: {"mk."}},
	})
	if n != nil {
		defer func() { err = errors.Join(err, n.Close()) }()
	}
	if err != nil {
		return nil, err
	}
	for _, a := range st.pen.authors {
		if err = a.admitted(ctx, n.Node(source)); err != nil {
			return nil, err
		}
		keys, err := a.open(st.pen.salt(), topics()...)
		if err != nil {
			return nil, err
		}
		opens = append(opens, keys...)
	}
	return opens, n.Settle(ctx)
}

// live is a node that runs.
type live struct {
	*node.Node
	cancel context.CancelFunc
	done   chan error
}

// open opens a copy of a node of the stage; it does not run yet.
func (b *bench) open(ctx context.Context, st *stage, id protocol.InstitutionID, dir string) (*live, error) {
	to := filepath.Join(dir, string(id))
	if err := copyTree(filepath.Join(st.dir, string(id)), to); err != nil {
		return nil, err
	}
	n, err := node.Open(ctx, node.Options{Dir: to, Listen: "127.0.0.1:0", Version: b.Version})
	if err != nil {
		return nil, err
	}
	return &live{Node: n}, nil
}

func (l *live) run(ctx context.Context) {
	ctx, l.cancel = context.WithCancel(ctx)
	l.done = make(chan error, 1)
	go func() { l.done <- l.Run(ctx) }()
}

func (l *live) stop() error {
	var err error
	if l.cancel != nil {
		l.cancel()
		err = <-l.done
	}
	return errors.Join(err, l.Close())
}

// overLine opens both nodes of a stage, and between them a line that can be cut and slowed.
func (b *bench) overLine(ctx context.Context, st *stage, dir string) (from, to *live, line *federation.Line, err error) {
	var end atomic.Pointer[live] // the line looks from a goroutine of its own
	line, err = federation.OpenLine(ctx, func() string { return end.Load().Addr() })
	if err != nil {
		return nil, nil, nil, err
	}
	if from, to, err = b.both(ctx, st, dir, line.Addr()); err != nil {
		return nil, nil, nil, errors.Join(err, line.Close())
	}
	end.Store(from)
	return from, to, line, nil
}

// both opens source, which runs, and taker, which does not yet and will dial source at an
// address; empty: where it listens.
func (b *bench) both(ctx context.Context, st *stage, dir, address string) (from, to *live, err error) {
	if from, err = b.open(ctx, st, source, dir); err != nil {
		return nil, nil, err
	}
	from.run(ctx)
	if to, err = b.open(ctx, st, taker, dir); err != nil {
		return nil, nil, errors.Join(err, from.stop())
	}
	select {
	case <-from.Ready():
	case <-ctx.Done():
		return nil, nil, errors.Join(ctx.Err(), from.stop(), to.stop())
	}
	if address == "" {
		address = from.Addr()
	}
	from.Picture(time.Now()) // what source holds is in its picture before anything is measured
	if err = to.Redirect(ctx, source, address); err != nil {
		return nil, nil, errors.Join(err, from.stop(), to.stop())
	}
	return from, to, nil
}

// trip is how records came over: from the first that was there to the last, so that
// handshakes don't count on either side.
type trip struct {
	records int // between the two
	took    time.Duration
	spent   time.Duration // processor time of the whole process: both ends
}

func (t trip) rate() float64 { return float64(t.records) / t.took.Seconds() }

// cost is microseconds of processor time a record.
func (t trip) cost() float64 { return float64(t.spent) / 1e3 / float64(t.records) }

// watch measures a trip: count says how many are there, changed that it is worth asking.
func watch(ctx context.Context, want int, changed <-chan struct{}, count func() int) (trip, error) {
	began, before := time.Now(), spent()
	first := 0
	for {
		n := count()
		if n > 0 && first == 0 && n < want { // what comes all at once is measured with its handshake
			began, before, first = time.Now(), spent(), n
		}
		if n >= want {
			return trip{want - first, time.Since(began), spent() - before}, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return trip{}, ctx.Err()
		}
	}
}

// carry has taker catch up, until all is committed and, with logged, on its LOG.
func (b *bench) carry(ctx context.Context, st *stage, address string, logged bool) (t trip, size int64, err error) {
	dir, err := b.folder("nodes")
	if err != nil {
		return t, 0, err
	}
	from, to, err := b.both(ctx, st, dir, address)
	if err != nil {
		return t, 0, err
	}
	defer func() {
		err = errors.Join(err, to.stop(), from.stop())
		if err == nil {
			size, err = treeBytes(filepath.Join(dir, string(taker), "store.bbolt"))
		}
		err = errors.Join(err, removeAll(dir))
	}()
	base := to.Records()
	changed, stop := to.Store().Changed()
	defer stop()
	runtime.GC()
	to.run(ctx)
	t, err = watch(ctx, len(st.records), changed, func() int { return to.Records() - base })
	if err != nil || !logged {
		return t, 0, err
	}
	return t, 0, t.until(ctx, func() bool { return to.Counts().Told >= len(st.records) })
}

// until makes a trip end when something else is done too.
func (t *trip) until(ctx context.Context, done func() bool) error {
	before, began := spent(), time.Now()
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	for !done() {
		select {
		case <-again.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	t.took, t.spent = t.took+time.Since(began), t.spent+spent()-before
	return nil
}
