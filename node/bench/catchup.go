package bench

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/vardar-network/vardar/node/federation"
	"github.com/vardar-network/vardar/protocol"
)

// slowLine is a line of 1 MiB/s.
const slowLine = 1 << 20

// slowPart is which part of the records goes over the slow line: the peer takes a second
// for each 500.
const slowPart = 4

// catchup compares what a node that was away takes: on a slow line, in bytes, and in what
// checking costs.
func catchup(ctx context.Context, b *bench) error {
	st, err := b.setStage(ctx, max(b.Records/slowPart, 1), 0)
	if err != nil {
		return err
	}
	size := float64(plainBytes(st.records)) / float64(len(st.records))
	p, err := b.openPeer(ctx, plainSetup{}, st)
	if err != nil {
		return err
	}
	defer p.close()
	packed, err := b.openPeer(ctx, plainSetup{compress: server.CompressionS2Best}, st)
	if err != nil {
		return err
	}
	defer packed.close()
	var line, wire, best, checked series
	for n := range b.Pairs {
		b.tell("  pair %d of %d", n+1, b.Pairs)
		ours := func(ctx context.Context) error {
			rate, bytes, err := b.slowly(ctx, st)
			line.ours, best.ours = append(line.ours, rate), append(best.ours, rate)
			wire.ours, wire.peer = append(wire.ours, bytes), append(wire.peer, size)
			if err != nil {
				return err
			}
			t, _, err := b.carry(ctx, st, "", false)
			if err != nil {
				return err
			}
			each := float64(t.took) / float64(t.records)
			checked.ours = append(checked.ours, each/1e3)
			checked.peer = append(checked.peer, (each-checking(st.records))/1e3)
			return nil
		}
		peer := func(ctx context.Context) error {
			rate, err := b.slowPeer(ctx, p.addr, plainSetup{}, len(st.records))
			if err != nil {
				return err
			}
			line.peer = append(line.peer, rate)
			rate, err = b.slowPeer(ctx, packed.addr, plainSetup{compress: server.CompressionS2Best}, len(st.records))
			best.peer = append(best.peer, rate)
			return err
		}
		if err := b.turn(ctx, n, ours, peer); err != nil {
			return err
		}
	}
	b.ratio(&checked, Ratio{Suite: "catchup", Name: "catch-up with hashes, chain, signatures : without, time", Goal: 1.10, AtMost: true, Unit: "µs/record", Note: "without: the same less what the receiver's checks take alone, as if none of it went on beside the disk: an upper bound"})
	b.ratio(&wire, Ratio{Suite: "catchup", Name: "bytes on the wire, compressed : uncompressed record", Goal: 0.22, AtMost: true, Unit: "B/record"})
	b.ratio(&line, Ratio{Suite: "catchup", Name: "catch-up over a 1 MiB/s line", Goal: 5.5, Unit: "records/s", Note: "peer: stream sourcing over a leafnode, as it is by default on a line of short delay: not compressed"})
	b.ratio(&best, Ratio{Suite: "catchup", Name: "catch-up over a 1 MiB/s line : compressed sourcing", Unit: "records/s", Note: "peer: its leafnode told to compress as well as it can (s2_best)"})
	return nil
}

// checking is what the checks of a receiver take a record, in nanoseconds: the digest of
// the body, of the record, which is the chain, and the signature at the end of a run.
func checking(records []protocol.Record) float64 {
	began := time.Now()
	for i := range records {
		r := &records[i]
		_ = protocol.DigestOf(r.Body)
		_ = r.Digest()
		if i%protocol.MaxRunRecords == 0 {
			_ = r.Verify() // its cost, not its answer
		}
	}
	return float64(time.Since(began)) / float64(len(records))
}

// slowly has taker catch up over a slow line: records a second, and bytes a record.
func (b *bench) slowly(ctx context.Context, st *stage) (rate, bytes float64, err error) {
	dir, err := b.folder("nodes")
	if err != nil {
		return 0, 0, err
	}
	from, to, line, err := b.overLine(ctx, st, dir)
	if err != nil {
		return 0, 0, err
	}
	defer func() { err = errors.Join(err, to.stop(), from.stop(), line.Close(), removeAll(dir)) }()
	line.Throttle(slowLine)
	base, before := to.Records(), line.Passed()
	changed, stop := to.Store().Changed()
	defer stop()
	to.run(ctx)
	t, err := watch(ctx, len(st.records), changed, func() int { return to.Records() - base })
	return t.rate(), float64(line.Passed()-before) / float64(len(st.records)), err
}

func (b *bench) slowPeer(ctx context.Context, address string, p plainSetup, want int) (rate float64, err error) {
	line, err := federation.OpenLine(ctx, func() string { return address })
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, line.Close()) }()
	line.Throttle(slowLine)
	t, _, err := b.haul(ctx, line.Addr(), p, want)
	return t.rate(), err
}
