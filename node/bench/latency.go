package bench

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/vardar-network/vardar/protocol"
)

const (
	// liveRecords is how many single records are published a measurement, warmUp how many
	// before it.
	liveRecords, warmUp = 200, 10
)

// latency compares how long it takes until a peer has committed what was published.
func latency(ctx context.Context, b *bench) (err error) {
	count := min(liveRecords, max(b.Records/10, 20))
	st, err := b.setStage(ctx, count, 0)
	if err != nil {
		return err
	}
	dir, err := b.folder("nodes")
	if err != nil {
		return err
	}
	from, to, err := b.both(ctx, st, dir, "")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.stop(), from.stop()) }()
	base := to.Records()
	changed, stop := to.Store().Changed()
	defer stop()
	to.run(ctx)
	if _, err = watch(ctx, len(st.records), changed, func() int { return to.Records() - base }); err != nil {
		return err
	}
	plainHub, edge, stopPlain, err := b.livePeer(ctx, st.records[:1])
	if err != nil {
		return err
	}
	defer stopPlain()
	var mid, late series
	for n := range b.Pairs {
		ours := func(ctx context.Context) error {
			took, err := publishOurs(ctx, from, to, count)
			if err == nil {
				mid.ours, late.ours = append(mid.ours, median(took)), append(late.ours, quantile(took, 0.99))
			}
			return err
		}
		peer := func(ctx context.Context) error {
			took, err := publishPlain(ctx, plainHub, edge, st.records, count)
			if err == nil {
				mid.peer, late.peer = append(mid.peer, median(took)), append(late.peer, quantile(took, 0.99))
			}
			return err
		}
		if err := b.turn(ctx, n, ours, peer); err != nil {
			return err
		}
	}
	const both = "peer: JetStream with an fsync a message on both sides; ours: signed, marked and committed, verified and committed"
	b.ratio(&mid, Ratio{Suite: "latency", Name: "publish → committed by a peer, p50", Goal: 1.25, AtMost: true, Unit: "ms", Note: both})
	b.ratio(&late, Ratio{Suite: "latency", Name: "publish → committed by a peer, p99", Goal: 1.5, AtMost: true, Unit: "ms", Note: both})
	return b.small(ctx, st)
}

// publishOurs says one record after the other, each when the one before has arrived.
func publishOurs(ctx context.Context, from, to *live, count int) ([]float64, error) {
	rng := rand.New(rand.NewPCG(uint64(to.Records()), 1)) //nolint:gosec // texts
	changed, stop := to.Store().Changed()
	defer stop()
	var took []float64
	for k := range warmUp + count {
		want := to.Records() + 1
		n := note(rng, topics()[k%len(topics())])
		said := make(chan error, 1)
		began := time.Now()
		go func() {
			_, err := from.Say(ctx, source, n, protocol.Green)
			said <- err
		}()
		for to.Records() < want {
			select {
			case <-changed:
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		if k >= warmUp {
			took = append(took, time.Since(began).Seconds()*1e3)
		}
		if err := <-said; err != nil {
			return nil, err
		}
	}
	return took, nil
}

// livePeer is a durable hub and a durable edge that sources it.
func (b *bench) livePeer(ctx context.Context, first []protocol.Record) (*plain, jetstream.MessagesContext, func(), error) {
	p := plainSetup{always: true}
	h, err := b.openPeer(ctx, p, &stage{records: first})
	if err != nil {
		return nil, nil, nil, err
	}
	dir, err := b.folder("edge")
	if err != nil {
		return nil, nil, nil, err
	}
	e, err := openEdge(ctx, dir, h.addr, p)
	if err != nil {
		h.close()
		return nil, nil, nil, err
	}
	stop := func() { e.close(); h.close() }
	if err = e.source(ctx); err != nil {
		stop()
		return nil, nil, nil, err
	}
	c, err := e.js.OrderedConsumer(ctx, edgeStream, jetstream.OrderedConsumerConfig{})
	if err != nil {
		stop()
		return nil, nil, nil, err
	}
	seen, err := c.Messages()
	if err != nil {
		stop()
		return nil, nil, nil, err
	}
	return h.plain, seen, func() { seen.Stop(); stop() }, nil
}

// publishPlain does with the peer what publishOurs does with nodes: a consumer is given a
// message when the stream has stored it.
func publishPlain(ctx context.Context, h *plain, seen jetstream.MessagesContext, records []protocol.Record, count int) ([]float64, error) {
	s, err := h.js.Stream(ctx, hubStream)
	if err != nil {
		return nil, err
	}
	sequence := s.CachedInfo().State.LastSeq
	var took []float64
	for k := range warmUp + count {
		m, err := message(&records[k%len(records)])
		if err != nil {
			return nil, err
		}
		said := make(chan error, 1)
		began := time.Now()
		go func() {
			_, err := h.js.PublishMsg(ctx, m)
			said <- err
		}()
		sequence++
		for at := uint64(0); at < sequence; {
			got, err := seen.Next()
			if err != nil {
				return nil, err
			}
			meta, err := got.Metadata()
			if err != nil {
				return nil, err
			}
			at = meta.Sequence.Stream
		}
		if k >= warmUp {
			took = append(took, time.Since(began).Seconds()*1e3)
		}
		if err := <-said; err != nil {
			return nil, err
		}
	}
	return took, nil
}

// small measures what a record takes on the wire that travels alone, when it is written.
func (b *bench) small(ctx context.Context, st *stage) (err error) {
	count := min(liveRecords, max(b.Records/10, 20))
	dir, err := b.folder("nodes")
	if err != nil {
		return err
	}
	from, to, line, err := b.overLine(ctx, st, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.stop(), from.stop(), line.Close()) }()
	base := to.Records()
	changed, stop := to.Store().Changed()
	defer stop()
	to.run(ctx)
	if _, err = watch(ctx, len(st.records), changed, func() int { return to.Records() - base }); err != nil {
		return err
	}
	size := float64(plainBytes(st.records)) / float64(len(st.records))
	var wire series
	for range b.Pairs {
		before := line.Passed()
		if _, err := publishOurs(ctx, from, to, count); err != nil {
			return err
		}
		wire.ours = append(wire.ours, float64(line.Passed()-before)/float64(count+warmUp))
		wire.peer = append(wire.peer, size)
	}
	b.ratio(&wire, Ratio{Suite: "latency", Name: "bytes on the wire, live, with dictionary : uncompressed record", Goal: 0.35, AtMost: true, Unit: "B/record", Note: "all that goes over the line, both ways: TLS, NATS, acknowledgements"})
	return nil
}
