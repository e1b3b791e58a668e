package bench

import (
	"context"
	"errors"

	"github.com/vardar-network/vardar/node/federation"
	"github.com/vardar-network/vardar/protocol"
)

// ingestPart is which part of Records comes in a measurement.
const ingestPart = 4

// ingest compares how fast a node takes in what is new when it holds much, and when it
// holds nothing.
func ingest(ctx context.Context, b *bench) (err error) {
	full, err := b.couple(ctx, b.Held)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, full.stop()) }()
	empty, err := b.couple(ctx, 0)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, empty.stop()) }()
	count := max(b.Records/ingestPart, 1)
	var rate series
	for n := range b.Pairs {
		b.tell("  pair %d of %d", n+1, b.Pairs)
		ours := func(ctx context.Context) error {
			t, err := full.bring(ctx, count)
			rate.ours = append(rate.ours, t.rate())
			return err
		}
		peer := func(ctx context.Context) error {
			t, err := empty.bring(ctx, count)
			rate.peer = append(rate.peer, t.rate())
			return err
		}
		if err := b.turn(ctx, n, ours, peer); err != nil {
			return err
		}
	}
	b.ratio(&rate, Ratio{
		Suite: "ingest", Name: "ingest rate with a full store : empty store", Goal: 0.8, Unit: "records/s",
		Note: held(b.Held) + " in the full one; the goal is set for 1,000,000",
	})
	return nil
}

// couple is source and taker that hold the same, and run, on a line that can be cut.
type couple struct {
	st       *stage
	from, to *live
	line     *federation.Line
}

func (b *bench) couple(ctx context.Context, records int) (_ *couple, err error) {
	c := &couple{}
	if c.st, err = b.newStage(ctx, 0); err != nil {
		return nil, err
	}
	b.tell("  %s go into each store", held(records))
	if err = b.fill(ctx, c.st, records, c.st.pen.note, source, taker); err != nil {
		return nil, err
	}
	dir, err := b.folder("nodes")
	if err != nil {
		return nil, err
	}
	if c.from, c.to, c.line, err = b.overLine(ctx, c.st, dir); err != nil {
		return nil, err
	}
	c.to.run(ctx)
	return c, nil
}

func (c *couple) stop() error { return errors.Join(c.to.stop(), c.from.stop(), c.line.Close()) }

// bring has source hold more while the line is cut, and measures how taker takes it.
func (c *couple) bring(ctx context.Context, count int) (trip, error) {
	c.line.Cut()
	records := make([]protocol.Record, 0, count)
	for range count {
		r, err := c.st.pen.note()
		if err != nil {
			return trip{}, err
		}
		records = append(records, r)
	}
	if err := appendAll(ctx, c.from.Node, records); err != nil {
		return trip{}, err
	}
	base := c.to.Records()
	changed, stop := c.to.Store().Changed()
	defer stop()
	c.line.Heal()
	return watch(ctx, count, changed, func() int { return c.to.Records() - base })
}
