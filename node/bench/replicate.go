package bench

import (
	"context"
	"time"
)

// durableRecords is how many records the peer takes that syncs each: some hundred a
// second.
const durableRecords = 1000

// oldAge makes records older than anything LOG keeps.
const oldAge = 30 * 24 * time.Hour

// replicate compares how fast one node takes over what another holds: checked, durable,
// indexed.
func replicate(ctx context.Context, b *bench) error {
	st, err := b.setStage(ctx, b.Records, 0)
	if err != nil {
		return err
	}
	old, err := b.setStage(ctx, b.Records, oldAge)
	if err != nil {
		return err
	}
	fast, err := b.openPeer(ctx, plainSetup{}, st)
	if err != nil {
		return err
	}
	defer fast.close()
	few := min(durableRecords, len(st.records))
	slow, err := b.openPeer(ctx, plainSetup{always: true}, &stage{records: st.records[:few]})
	if err != nil {
		return err
	}
	defer slow.close()
	var all, bare, durable, cost, bareCost, size series
	for n := range b.Pairs {
		b.tell("  pair %d of %d", n+1, b.Pairs)
		ours := func(ctx context.Context) error {
			t, bytes, err := b.carry(ctx, st, "", true)
			if err != nil {
				return err
			}
			all.ours, durable.ours = append(all.ours, t.rate()), append(durable.ours, t.rate())
			cost.ours, size.ours = append(cost.ours, t.cost()), append(size.ours, float64(bytes)/float64(len(st.records)))
			t, _, err = b.carry(ctx, old, "", true)
			bare.ours, bareCost.ours = append(bare.ours, t.rate()), append(bareCost.ours, t.cost())
			return err
		}
		peer := func(ctx context.Context) error {
			t, bytes, err := b.haul(ctx, fast.addr, plainSetup{}, len(st.records))
			if err != nil {
				return err
			}
			all.peer, bare.peer = append(all.peer, t.rate()), append(bare.peer, t.rate())
			cost.peer, bareCost.peer = append(cost.peer, t.cost()), append(bareCost.peer, t.cost())
			size.peer = append(size.peer, float64(bytes)/float64(len(st.records)))
			t, _, err = b.haul(ctx, slow.addr, plainSetup{always: true}, few)
			durable.peer = append(durable.peer, t.rate())
			return err
		}
		if err := b.turn(ctx, n, ours, peer); err != nil {
			return err
		}
	}
	const plainly = "peer: stream sourcing over a leafnode, unsigned, unverified, not durable"
	b.ratio(&all, Ratio{Suite: "replicate", Name: "replication", Goal: 1.3, Unit: "records/s", Note: plainly})
	b.ratio(&bare, Ratio{Suite: "replicate", Name: "replication, LOG not fed what its window would drop", Goal: 2.0, Unit: "records/s", Note: plainly})
	b.ratio(&durable, Ratio{Suite: "replicate", Name: "replication : durable sourcing", Goal: 20, Unit: "records/s", Note: "peer: the same with an fsync a message (sync_always)"})
	b.ratio(&cost, Ratio{Suite: "replicate", Name: "processor time of both ends, with LOG", Goal: 0.75, AtMost: true, Unit: "µs/record", Note: plainly})
	b.ratio(&bareCost, Ratio{Suite: "replicate", Name: "processor time of both ends, without LOG", Goal: 0.5, AtMost: true, Unit: "µs/record", Note: plainly})
	b.ratio(&size, Ratio{Suite: "replicate", Name: "store, indexes and all", Goal: 0.45, AtMost: true, Unit: "B/record", Note: "peer: JetStream's files for the same records"})
	return nil
}

// peer is a hub that runs, and where it takes leafnodes.
type peer struct {
	*plain
	addr string
}

// openPeer starts a plain hub with the records of a stage.
func (b *bench) openPeer(ctx context.Context, p plainSetup, st *stage) (*peer, error) {
	dir, err := b.folder("hub")
	if err != nil {
		return nil, err
	}
	h, err := openHub(ctx, dir, p, st.records)
	if err != nil {
		return nil, err
	}
	addr, err := h.leafAddr()
	if err != nil {
		h.close()
		return nil, err
	}
	return &peer{h, addr}, nil
}

// turn measures both; who goes first alternates.
func (b *bench) turn(ctx context.Context, n int, ours, peer func(ctx context.Context) error) error {
	if n%2 == 1 {
		ours, peer = peer, ours
	}
	if err := ours(ctx); err != nil {
		return err
	}
	return peer(ctx)
}
