package link

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

// compareEvery is how often groups are compared when nothing asks for it.
const compareEvery = 15 * time.Minute

// runCompare compares once at the beginning, then whenever something asks for it.
func (p *peer) runCompare(ctx context.Context) error {
	var wait pace
	for {
		began := p.l.o.Clock()
		f, err := p.compare(ctx)
		if err != nil {
			return err
		}
		wait.after(f, p.l.o.Clock().Sub(began))
		if err := p.fetchBodies(ctx); err != nil {
			return err
		}
		due := compareEvery
		if f.underWay {
			due = wait.underWay
		}
		next := time.NewTimer(due)
		select {
		case <-p.again:
			// Asked for at once, it would find what is still under way.
			if err := sleep(ctx, wait.asked); err != nil {
				return nil //nolint:nilerr // told to stop
			}
		case <-next.C:
		case <-ctx.Done():
			return nil
		}
		next.Stop()
	}
}

// compare asks for the peer's group digests and, where they differ, for its rows. What
// the peer lacks behind the cursor is sent again, by feed and range; what lies before it
// is under way, and to be compared again.
func (p *peer) compare(ctx context.Context) (found, error) {
	var f found
	var have protocol.HaveAnswer
	if err := p.askFor(ctx, protocol.OpHave, control{protocol.ControlVersion}, &have); err != nil {
		return f, err
	}
	var differ []protocol.Group
	same := map[protocol.Group]uint64{}
	for _, g := range p.l.o.Store.Groups() {
		if !p.sends(g) {
			continue
		}
		order := p.l.o.Store.Order(g)
		if p.l.o.Intake.Digest(g) == have.Groups[g] {
			p.holdsGroup(g, order)
			same[g] = order
			continue
		}
		differ = append(differ, g)
	}
	if err := p.l.o.Store.SetCursors(ctx, p.token, same); err != nil {
		return f, err
	}
	if len(differ) > 0 {
		theirs, err := p.theirRows(ctx, differ)
		if err != nil {
			return f, err
		}
		for _, g := range differ {
			of, err := p.learn(ctx, g, theirs)
			if err != nil {
				return f, err
			}
			f.lacks, f.underWay = append(f.lacks, of.lacks...), f.underWay || of.underWay
		}
	}
	p.mu.Lock()
	p.compared = true
	p.mu.Unlock()
	p.l.changed()
	return f, nil
}

// control is a question that has nothing to say.
type control struct {
	V int `json:"v"`
}

// maxPages bounds the pages of rows of one question: ten million rows are more than any
// network has, and a peer that never ends must not be listened to for ever.
const maxPages = 1000

// rows asks for all rows of groups, page by page, and hands them to take.
func (p *peer) rows(ctx context.Context, groups []protocol.Group, take func(protocol.HaveRow) error) error {
	return p.pages(ctx, protocol.OpRows, func(after *protocol.HaveRow) any {
		return protocol.RowsQuestion{V: protocol.ControlVersion, Groups: groups, After: after}
	}, take)
}

// pages asks a question that is answered by pages of rows, and hands them to take. Each
// row must come behind the one before.
func (p *peer) pages(ctx context.Context, x protocol.Operation, question func(after *protocol.HaveRow) any, take func(protocol.HaveRow) error) error {
	var last *protocol.HaveRow
	for range maxPages {
		var page protocol.RowsAnswer
		if err := p.askFor(ctx, x, question(last), &page); err != nil {
			return err
		}
		for i := range page.Rows {
			r := page.Rows[i]
			if last != nil && !after(r, *last) {
				return fmt.Errorf("%s answered rows out of order", p.id)
			}
			last = &r
			if err := take(r); err != nil {
				return err
			}
		}
		if page.Next == nil || len(page.Rows) == 0 {
			return nil
		}
	}
	return fmt.Errorf("%s answered rows without end", p.id)
}

// maxRivals bounds the branches of one epoch that are remembered from a peer's rows.
const maxRivals = 64

// theirRows gives the peer's rows of those epochs that are held here too.
func (p *peer) theirRows(ctx context.Context, groups []protocol.Group) (map[protocol.EpochID][]protocol.HaveRow, error) {
	theirs := map[protocol.EpochID][]protocol.HaveRow{}
	err := p.rows(ctx, groups, func(r protocol.HaveRow) error {
		if len(p.l.o.Store.Branches(r.EpochID)) > 0 && len(theirs[r.EpochID]) < maxRivals {
			theirs[r.EpochID] = append(theirs[r.EpochID], r)
		}
		return nil
	})
	return theirs, err
}

// askers is how many bisect questions are asked at the same time.
const askers = maxQuestions / 2

// learn works out from the peer's rows up to where it holds each epoch of a group that is
// held here, and has what it lacks behind the cursor sent again.
func (p *peer) learn(ctx context.Context, group protocol.Group, theirs map[protocol.EpochID][]protocol.HaveRow) (found, error) {
	order := p.l.o.Store.Order(group)
	rows := p.l.o.Intake.Rows(group)
	var mu sync.Mutex // guards held, behind and f
	held := map[protocol.EpochID]uint32{}
	var behind []learnt
	var f found
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(askers)
	for _, mine := range rows {
		g.Go(func() error {
			common, err := p.common(ctx, mine, theirs[mine.EpochID])
			if err != nil {
				return err
			}
			lack, underWay, err := p.lack(ctx, mine, common)
			mu.Lock()
			defer mu.Unlock()
			held[mine.EpochID] = common
			if common < mine.Sequence {
				behind = append(behind, learnt{what: lacksRest, epoch: mine.EpochID, upTo: uint64(common)})
			}
			if lack != nil {
				f.lacks = append(f.lacks, *lack)
			}
			f.underWay = f.underWay || underWay
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return f, err
	}
	p.holdsOnly(group, order, held, behind)
	p.mu.Lock()
	p.resend[group] = f.lacks
	p.mu.Unlock()
	if len(f.lacks) > 0 {
		wake(p.rescan)
	}
	return f, nil
}

// lack gives what a peer that holds a branch up to a sequence lacks of it, unless that is
// under way: the cursor moves over what was acknowledged alone. It is compared again, since
// the sender may have left it out because the peer had it once.
func (p *peer) lack(ctx context.Context, mine protocol.HaveRow, common uint32) (lacks *stretch, underWay bool, err error) {
	if common >= mine.Sequence {
		return nil, false, nil
	}
	b, ok := p.l.branch(ctx, mine)
	if !ok {
		return nil, false, nil // erased from under us: the next comparison knows more
	}
	cursor := p.l.o.Store.Cursor(p.token, mine.Group())
	for r, err := range p.l.o.Store.Range(ctx, mine.EpochID, b.Digest, common+1, common+1) {
		var damage *store.Damage
		if err != nil && !errors.As(err, &damage) {
			return nil, false, err
		}
		if err == nil && r.Order > cursor {
			return nil, true, nil
		}
	}
	return &stretch{EpochID: mine.EpochID, head: b.Digest, from: common + 1, to: mine.Sequence}, false, nil
}
