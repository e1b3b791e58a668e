package link

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sort"
	"time"

	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/protocol"
)

// How often groups are compared when nothing asks for it, and how long a refused
// comparison waits at first and at most.
const (
	compareEvery   = 15 * time.Minute
	compareBackoff = 200 * time.Millisecond
	compareMost    = time.Minute
)

// runCompare compares once at the beginning, then whenever something asks for it.
func (p *peer) runCompare(ctx context.Context) error {
	wait := compareBackoff
	for {
		differs, err := p.compare(ctx)
		if err != nil {
			return err
		}
		if differs {
			wait = min(2*wait, compareMost)
		} else {
			wait = compareBackoff
		}
		select {
		case <-p.again:
			// Asked for at once, it would find what is still under way.
			if err := sleep(ctx, wait); err != nil {
				return nil //nolint:nilerr // told to stop
			}
		case <-time.After(compareEvery):
		case <-ctx.Done():
			return nil
		}
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// compare asks for the peer's group digests and, where they differ, for its rows. What
// the peer lacks is sent by the sender, which then reads those groups again; it reports
// whether any group differed.
func (p *peer) compare(ctx context.Context) (bool, error) {
	var have protocol.HaveAnswer
	if err := p.askFor(ctx, protocol.OpHave, control{protocol.ControlVersion}, &have); err != nil {
		return false, err
	}
	var differ []protocol.Group
	for _, g := range p.l.o.Store.Groups() {
		if _, ok := p.sends(g); !ok {
			continue
		}
		order, rows := p.l.o.Store.Order(g), p.l.o.Intake.Rows(g)
		if protocol.GroupDigest(g, rows) == have.Groups[g] {
			for _, r := range rows {
				p.setHeld(r.EpochID, r.Sequence)
			}
			if err := p.l.o.Store.SetCursors(ctx, p.token, map[protocol.Group]uint64{g: order}); err != nil {
				return false, err
			}
			continue
		}
		differ = append(differ, g)
	}
	if len(differ) == 0 {
		p.setCompared()
		return false, nil
	}
	rows, err := p.rows(ctx, differ)
	if err != nil {
		return false, err
	}
	if err := p.learn(ctx, differ, rows); err != nil {
		return false, err
	}
	p.setCompared()
	return true, nil
}

func (p *peer) setCompared() {
	p.mu.Lock()
	p.compared = true
	p.mu.Unlock()
	p.l.changed()
}

// control is a question that has nothing to say.
type control struct {
	V int `json:"v"`
}

// rows asks for all rows of groups, page by page.
func (p *peer) rows(ctx context.Context, groups []protocol.Group) ([]protocol.HaveRow, error) {
	var all []protocol.HaveRow
	q := protocol.RowsQuestion{V: protocol.ControlVersion, Groups: groups}
	for {
		var page protocol.RowsAnswer
		if err := p.askFor(ctx, protocol.OpRows, q, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Rows...)
		if page.Next == nil || len(page.Rows) == 0 {
			return all, nil
		}
		q.After = page.Next
	}
}

// learn works out from the peer's rows up to where it holds each epoch that we hold, and
// has the sender read again the groups in which it lacks something.
func (p *peer) learn(ctx context.Context, groups []protocol.Group, rows []protocol.HaveRow) error {
	theirs := map[protocol.EpochID][]protocol.HaveRow{}
	for _, r := range rows {
		theirs[r.EpochID] = append(theirs[r.EpochID], r)
	}
	for _, g := range groups {
		lacks := false
		for _, mine := range p.l.o.Intake.Rows(g) {
			common, err := p.common(ctx, mine, theirs[mine.EpochID])
			if err != nil {
				return err
			}
			p.setHeld(mine.EpochID, common)
			lacks = lacks || common < mine.Sequence
		}
		if lacks {
			p.wantRescan(g)
		}
	}
	return nil
}

// common gives the last sequence of one of our branches that the peer holds too.
func (p *peer) common(ctx context.Context, mine protocol.HaveRow, theirs []protocol.HaveRow) (uint32, error) {
	best := uint32(0)
	for _, r := range theirs {
		if r.Sequence <= mine.Sequence {
			if d, ok := p.l.digestAt(ctx, mine, r.Sequence); ok && d == r.Head {
				best = max(best, r.Sequence)
				continue
			}
		}
		at, err := p.bisect(ctx, mine, min(mine.Sequence, r.Sequence))
		if err != nil {
			return 0, err
		}
		best = max(best, at)
	}
	return best, nil
}

// bisect finds the last sequence, up to limit, at which the peer holds our branch.
func (p *peer) bisect(ctx context.Context, mine protocol.HaveRow, limit uint32) (uint32, error) {
	low, high := uint32(0), limit // held at low, not known above
	for low < high {
		steps := probes(low, high)
		q := protocol.BisectQuestion{V: protocol.ControlVersion, Feed: mine.Feed, Epoch: mine.Epoch, Sequences: steps}
		var a protocol.BisectAnswer
		if err := p.askFor(ctx, protocol.OpBisect, q, &a); err != nil {
			var answer *protocol.ErrorAnswer
			if errors.As(err, &answer) && answer.Code == protocol.CodeNotFound {
				return low, nil
			}
			return 0, err
		}
		if len(a.Digests) != len(steps) {
			return 0, fmt.Errorf("%s answered %d digests to %d questions", p.id, len(a.Digests), len(steps))
		}
		// The chain makes agreement a prefix: the first step that differs bounds it.
		differs := sort.Search(len(steps), func(k int) bool {
			ours, ok := p.l.digestAt(ctx, mine, steps[k])
			return !ok || a.Digests[k] == nil || *a.Digests[k] != ours
		})
		if differs > 0 {
			low = steps[differs-1]
		}
		if differs < len(steps) {
			high = steps[differs] - 1
		}
	}
	return low, nil
}

// probeCount is how many sequences one bisect question names: 16 to a question find any
// fork among two thousand million records in eight.
const probeCount = 16

// probes gives up to probeCount sequences spread over (low, high], high among them.
func probes(low, high uint32) []uint32 {
	n := min(probeCount, high-low)
	var out []uint32
	for k := uint32(1); k <= n; k++ {
		out = append(out, low+uint32(uint64(high-low)*uint64(k)/uint64(n))) //nolint:gosec // at most high
	}
	return slices.Compact(out)
}

// digestAt gives the digest of our branch at a sequence.
func (l *Links) digestAt(ctx context.Context, mine protocol.HaveRow, sequence uint32) (protocol.DigestPrefix, bool) {
	if sequence == mine.Sequence {
		return mine.Head, true
	}
	for _, b := range l.o.Store.Branches(mine.EpochID) {
		if b.Digest.Prefix() != mine.Head {
			continue
		}
		for s, err := range l.o.Store.Range(ctx, mine.EpochID, b.Digest, sequence, sequence) {
			return s.Digest.Prefix(), err == nil
		}
	}
	return protocol.DigestPrefix{}, false
}

// compareOwn asks for the peer's rows of our own feeds before anything is sent. What the
// peer holds of them and we do not is fetched: a lost tail comes home, and a record that
// somebody else wrote with our key shows as the fork it is, before we add to it.
func (p *peer) compareOwn(ctx context.Context) error {
	var page protocol.RowsAnswer
	if err := p.askFor(ctx, protocol.OpOwn, p.l.hello(p), &page); err != nil {
		return err
	}
	for _, r := range page.Rows {
		if !slices.Contains(p.l.o.Self, r.Institution) {
			continue
		}
		if err := p.pullRow(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// pullRow fetches what a row of the peer says and we lack.
func (p *peer) pullRow(ctx context.Context, r protocol.HaveRow) error {
	from := uint32(1)
	for _, b := range p.l.o.Store.Branches(r.EpochID) {
		mine := protocol.HaveRow{EpochID: r.EpochID, Sequence: b.Head, Head: b.Digest.Prefix()}
		if d, ok := p.l.digestAt(ctx, mine, r.Sequence); ok && r.Sequence <= b.Head && d == r.Head {
			return nil
		}
		common, err := p.bisect(ctx, mine, min(b.Head, r.Sequence))
		if err != nil {
			return err
		}
		from = max(from, common+1)
	}
	head := r.Head
	return p.pull(ctx, intake.Gap{Token: p.token, EpochID: r.EpochID, From: from, To: r.Sequence}, &head)
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
			if g.Topic == protocol.Trust && protocol.GroupDigest(g, p.l.o.Intake.Rows(g)) != d {
				differ = append(differ, g)
			}
		}
		if len(differ) == 0 {
			return nil
		}
		slices.SortFunc(differ, protocol.Group.Compare)
		rows, err := p.rows(ctx, differ)
		if err != nil {
			return err
		}
		before := p.l.o.Store.Stats().Records
		for _, r := range rows {
			if r.Topic != protocol.Trust || !p.l.o.Trust.Wanted(r.Feed) {
				continue
			}
			if err := p.pullRow(ctx, r); err != nil {
				return err
			}
		}
		if p.l.o.Store.Stats().Records == before {
			return nil // what still differs is theirs to take, or nobody's
		}
	}
}
