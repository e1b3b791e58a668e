package link

import (
	"context"
	"slices"

	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/protocol"
)

// compareOwn asks for the peer's rows of our own feeds before anything is sent. What the
// peer holds of them and we do not is fetched: a lost tail comes home, and a record that
// somebody else wrote with our key shows as the fork it is, before we add to it.
func (p *peer) compareOwn(ctx context.Context) error {
	return p.pages(ctx, protocol.OpOwn, func(after *protocol.HaveRow) any { return protocol.OwnQuestion{Hello: p.l.hello(p), After: after} }, func(r protocol.HaveRow) error {
		if !slices.Contains(p.l.o.Self, r.Institution) {
			return nil
		}
		return p.pullRow(ctx, r)
	})
}

// pullRow fetches what a row of the peer says and we lack.
func (p *peer) pullRow(ctx context.Context, r protocol.HaveRow) error {
	if _, held := p.l.branch(ctx, r); held {
		return nil
	}
	from, err := p.behind(ctx, r)
	if err != nil {
		return err
	}
	return p.pull(ctx, intake.Gap{Token: p.token, EpochID: r.EpochID, From: from, To: r.Sequence}, &r.Head)
}

// behind gives the first sequence of the peer's branch that is on none of ours.
func (p *peer) behind(ctx context.Context, r protocol.HaveRow) (uint32, error) {
	from := uint32(1)
	for _, b := range p.l.o.Store.Branches(r.EpochID) {
		common, err := p.bisect(ctx, b, r, min(b.Head, r.Sequence))
		if err != nil {
			return 0, err
		}
		from = max(from, common+1)
	}
	return from, nil
}

// pullTrust takes the peer's trust topic whole: openers first show which feeds are
// wanted, so it asks until nothing new turns up.
func (p *peer) pullTrust(ctx context.Context) error {
	for {
		var have protocol.HaveAnswer
		if err := p.askFor(ctx, protocol.OpHave, control{protocol.ControlVersion}, &have); err != nil {
			return err
		}
		var differ []protocol.Group
		for g, d := range have.Groups {
			if g.Topic == protocol.Trust && p.l.o.Intake.Digest(g) != d {
				differ = append(differ, g)
			}
		}
		if len(differ) == 0 {
			return nil
		}
		slices.SortFunc(differ, protocol.Group.Compare)
		before := p.l.o.Store.Stats().Records
		err := p.rows(ctx, differ, func(r protocol.HaveRow) error {
			if r.Topic != protocol.Trust || !p.l.o.Trust.Wanted(r.Feed) {
				return nil
			}
			return p.pullRow(ctx, r)
		})
		if err != nil {
			return err
		}
		if p.l.o.Store.Stats().Records == before {
			return nil // what still differs is theirs to take, or nobody's
		}
	}
}
