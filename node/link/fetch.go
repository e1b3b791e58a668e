package link

import (
	"context"
	"errors"
	"fmt"

	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/protocol"
)

// runFetch asks for what intake found missing before what this peer sent.
func (p *peer) runFetch(ctx context.Context) error {
	for {
		select {
		case gap := <-p.fetch:
			if err := p.close(ctx, gap); err != nil {
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
	case p.fetch <- gap:
	default: // the comparison will find it again
		p.forgetFetch(gap.EpochID)
		p.compareSoon()
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
	for _, b := range p.l.o.Store.Branches(gap.EpochID) {
		mine := protocol.HaveRow{EpochID: gap.EpochID, Sequence: b.Head, Head: b.Digest.Prefix()}
		common, err := p.bisect(ctx, mine, min(b.Head, gap.To))
		if err != nil {
			return err
		}
		gap.From = max(1, common+1)
		if common == b.Head {
			break
		}
	}
	return p.pull(ctx, gap, nil)
}

// pull asks for a range, frame by frame, and puts what comes into IN like everything
// else that arrives. It ends when the range is held, or when the peer gives no more.
func (p *peer) pull(ctx context.Context, gap intake.Gap, head *protocol.DigestPrefix) error {
	for from := gap.From; from <= gap.To; {
		asking, cancel := context.WithTimeout(ctx, askTimeout)
		q := protocol.RangeQuestion{V: protocol.ControlVersion, Feed: gap.Feed, Epoch: gap.Epoch, From: from, To: gap.To, Bodies: true, Head: head}
		frame, err := p.request(asking, protocol.OpRange, marshal(q))
		cancel()
		var refused *protocol.ErrorAnswer
		switch {
		case errors.As(err, &refused):
			p.note(fmt.Errorf("%s does not give %s from %d on: %w", p.id, gap.EpochID, from, refused))
			return nil
		case err != nil:
			return fmt.Errorf("ask range of %s: %w", p.id, err)
		}
		top, ok := p.lastOf(frame, gap)
		if !ok || top < from {
			p.note(fmt.Errorf("%s answered another range than %s from %d", p.id, gap.EpochID, from))
			return nil
		}
		if err := p.l.putAndWait(ctx, p, frame); err != nil {
			return err
		}
		p.l.count(func(c *Counts) { c.Ranges++ })
		from = top + 1
	}
	return nil
}

// lastOf gives the last sequence of a frame that answers a range.
func (p *peer) lastOf(frame []byte, gap intake.Gap) (uint32, bool) {
	runs, err := protocol.ParseFrame(frame, p.l.packer())
	if err != nil {
		return 0, false
	}
	top := uint32(0)
	for i := range runs {
		if runs[i].EpochID != gap.EpochID {
			return 0, false
		}
		top = max(top, runs[i].Last().Sequence)
	}
	return top, true
}
