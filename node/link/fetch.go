package link

import (
	"context"
	"errors"
	"fmt"

	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

// runFetch asks for what intake found missing before what this peer sent.
func (p *peer) runFetch(ctx context.Context) error {
	for {
		select {
		case gap := <-p.fetch:
			if err := p.close(ctx, *gap); err != nil {
				return err
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// want asks the peer for a gap; asking twice for the same is harmless.
func (p *peer) want(gap intake.Gap) {
	p.mu.Lock()
	asked := p.fetching[gap.EpochID]
	if asked < gap.To {
		p.fetching[gap.EpochID] = gap.To
	}
	p.mu.Unlock()
	if asked >= gap.To {
		return
	}
	select {
	case p.fetch <- &gap:
	default:
		// The peer was told that its run is parked, and compares again by itself.
		p.forgetFetch(gap.EpochID)
	}
}

func (p *peer) forgetFetch(e protocol.EpochID) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.fetching, e)
}

// close fetches one gap. Where the peer's chain parts from ours before the gap, it first
// looks for the place.
func (p *peer) close(ctx context.Context, gap intake.Gap) error {
	defer p.forgetFetch(gap.EpochID)
	from, err := p.behind(ctx, protocol.HaveRow{EpochID: gap.EpochID, Sequence: gap.To})
	if err != nil {
		return err
	}
	gap.From = from
	return p.pull(ctx, gap, nil)
}

// pull asks for a range, frame by frame, and puts what comes into IN like everything
// else that arrives. It ends when the range is held, when the peer gives no more, or when
// what it gives is not kept.
func (p *peer) pull(ctx context.Context, gap intake.Gap, head *protocol.DigestPrefix) error {
	q := protocol.RangeQuestion{V: protocol.ControlVersion, Feed: gap.Feed, Epoch: gap.Epoch, From: gap.From, To: gap.To, Bodies: true, Head: head}
	for q.From <= q.To {
		frame, err := p.request(ctx, protocol.OpRange, marshal(q))
		if refused(err) {
			p.note(fmt.Errorf("%s does not give %s from %d on: %w", p.id, gap.EpochID, q.From, err))
			return nil
		}
		if err != nil {
			return fmt.Errorf("ask range of %s: %w", p.id, err)
		}
		top, ok := p.l.lastOf(frame, gap.EpochID)
		if !ok || top < q.From {
			p.note(fmt.Errorf("%s answered another range than %s from %d", p.id, gap.EpochID, q.From))
			return nil
		}
		p.l.count(func(c *Counts) { c.Ranges++ }) // before it is held, so that who sees it held sees it counted
		runs, err := p.putAndWait(ctx, frame)
		if err != nil {
			return err
		}
		for _, o := range runs {
			if o.Outcome == protocol.Dropped || o.Outcome == protocol.Unwanted {
				p.note(fmt.Errorf("%s gave a range of %s that was not kept: %s", p.id, gap.EpochID, o.Outcome))
				return nil
			}
		}
		q.From = top + 1
	}
	return nil
}

// lastOf gives the last sequence of a frame that answers a range.
func (l *Links) lastOf(frame []byte, e protocol.EpochID) (uint32, bool) {
	var packer protocol.Packer
	if l.o.Packer != nil {
		packer = l.o.Packer
	}
	runs, err := protocol.ParseFrame(frame, packer)
	if err != nil {
		return 0, false
	}
	top := uint32(0)
	for i := range runs {
		if runs[i].EpochID != e {
			return 0, false
		}
		top = max(top, runs[i].Last().Sequence)
	}
	return top, true
}

// fetchBodies asks for bodies that this node lacks and the peer may give: those a relay
// withheld, and those left out of a long stretch. It does so once a session, and when the
// policy has changed.
func (p *peer) fetchBodies(ctx context.Context) error {
	p.mu.Lock()
	due := p.bodiesDue
	p.bodiesDue = false
	p.mu.Unlock()
	if !due {
		return nil
	}
	var lot []protocol.Name
	for _, state := range []protocol.BodyState{protocol.BodyMissing, protocol.BodyWithheld} {
		for name, err := range p.l.o.Store.Bodies(ctx, state) {
			var damage *store.Damage
			if errors.As(err, &damage) {
				continue
			}
			if err != nil {
				return err
			}
			if held, err := p.l.o.Store.Get(name); err != nil || !p.gives(&held.Record) {
				continue
			}
			if lot = append(lot, name); len(lot) == protocol.MaxBodiesAsked {
				if err := p.askBodies(ctx, lot); err != nil {
					return err
				}
				lot = nil
			}
		}
	}
	return p.askBodies(ctx, lot)
}

// askBodies asks for up to 64 bodies; the peer answers with as many as fit one frame, and
// is asked for the others until it gives none.
func (p *peer) askBodies(ctx context.Context, names []protocol.Name) error {
	for len(names) > 0 {
		frame, err := p.request(ctx, protocol.OpBodies, marshal(protocol.BodiesQuestion{V: protocol.ControlVersion, Records: names}))
		if refused(err) {
			return nil // it has none of them, or may not give them
		}
		if err != nil {
			return fmt.Errorf("ask bodies of %s: %w", p.id, err)
		}
		if _, err := p.putAndWait(ctx, frame); err != nil {
			return err
		}
		rest := names[:0:0]
		for _, name := range names {
			if held, err := p.l.o.Store.Get(name); err == nil && held.BodyState != protocol.BodyHeld {
				rest = append(rest, name)
			}
		}
		if len(rest) == len(names) {
			return nil
		}
		names = rest
	}
	return nil
}
