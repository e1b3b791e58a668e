package intake

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
)

// Bounds of a sweep.
const (
	// SweepLot is how many bodies go in one transaction, so that what the institution says
	// meanwhile waits for a short one.
	SweepLot = 64
	// sweepLook is how often the clock is asked whether it is time: the machine may have
	// slept.
	sweepLook = 10 * time.Minute
	// sweepGone is after how many records LOG is read once for those that are to leave it.
	sweepGone = 4096
	// day is by how much a clock is believed that no beacon confirms, in milliseconds.
	day = protocol.Instant(24 * time.Hour / time.Millisecond)
)

// Where it is kept how far bodies were let go.
const (
	retentionBucket = "retention"
	sweptKey        = "swept"
)

// swept is how far bodies were let go whose days are over. What is let go does not come
// back, so that a clock must not decide it alone.
type swept struct {
	UpTo  protocol.Instant `json:"up_to"` // the instant by which days were over
	At    protocol.Instant `json:"at"`    // by this node's clock, when a day of its own was added last
	Heard protocol.Instant `json:"heard"` // the newest beacon then; 0: of nobody
}

// next gives how far it goes now. The clock is believed as far as the newest beacon that
// was heard of anybody else, and a day on. A node that hears nobody adds a day whenever its
// clock has gone on by one since it last did (as [Intake.Settle] counts them), so that a
// clock that leaps years ahead takes a day and not all that is held; the first beacon that
// it ever hears decides instead.
func (s swept) next(now, heard protocol.Instant) swept {
	switch {
	case s.At == 0: // nothing is held yet, or nobody has ever swept it
		s.UpTo, s.At = now, now
	case now < s.At: // the clock was ahead
		s.At = now
	case now-s.At >= day:
		s.UpTo, s.At = s.UpTo+day, now
	}
	if heard > 0 && (s.Heard == 0 || s.UpTo < heard+day) {
		s.UpTo = heard + day
	}
	s.UpTo, s.Heard = min(s.UpTo, now), heard
	return s
}

// retention is what is remembered of the days for which bodies are kept.
type retention struct {
	heard atomic.Int64  // the newest time of a beacon of somebody else; 0: none
	upTo  atomic.Int64  // of the last sweep, as far as a beacon confirmed it
	news  chan struct{} // told that heard has changed
}

// hear notes the time of a beacon that is held.
func (i *Intake) hear(b *protocol.Beacon) {
	if i.isOwn(b.Institution) {
		return
	}
	heard := &i.retention.heard
	for before := heard.Load(); before < int64(b.Time); before = heard.Load() {
		if heard.CompareAndSwap(before, int64(b.Time)) {
			select {
			case i.retention.news <- struct{}{}:
			default: // it is told already
			}
			return
		}
	}
}

// hearAll notes those that the archive holds.
func (i *Intake) hearAll() {
	for b := range i.o.Store.Beacons() {
		i.hear(&b)
	}
}

// Heard gives the newest time of a beacon of somebody else, by that node's clock; 0 if none
// is held.
func (i *Intake) Heard() protocol.Instant { return protocol.Instant(i.retention.heard.Load()) }

// over gives the instant by which days are over for what is at the door: none, before a
// beacon confirms this node's clock.
func (i *Intake) over() protocol.Instant {
	heard := i.Heard()
	if heard == 0 {
		return 0
	}
	return min(protocol.InstantOf(i.o.Clock()), heard+day)
}

// runSweeps sweeps at start and then daily, by this node's clock, until ctx ends; and as soon
// as it is in touch with others, at first or again, of whom it takes headers whose bodies
// they have let go.
func (i *Intake) runSweeps(ctx context.Context) {
	look := time.NewTicker(cmp.Or(i.o.SweepLook, sweepLook))
	defer look.Stop()
	var last protocol.Instant
	for {
		now, upTo := protocol.InstantOf(i.o.Clock()), protocol.Instant(i.retention.upTo.Load())
		if now-last >= day || now < last || i.over()-upTo >= day {
			if err := i.Sweep(ctx); err == nil {
				last = now
			} else if ctx.Err() == nil {
				i.log.WarnContext(ctx, "bodies whose days are over not let go, will be tried again", "err", err)
			}
		}
		select {
		case <-look.C:
		case <-i.retention.news:
		case <-ctx.Done():
			return
		}
	}
}

// Sweep lets go the bodies whose days are over by the charter in force: headers, places in
// the chain and digests stay. The days begin with the time that its author gave a record,
// or with its acceptance here if that was earlier, so that nothing is kept for ever because
// a clock was ahead.
//
// [Intake.Run] calls it. What it leaves undone, killed or with an error, which is
// ctx's or the archive's, the next one does.
func (i *Intake) Sweep(ctx context.Context) error {
	confirmed := i.over()
	i.judge(protocol.Trust)() // what passed the door before that was so is committed
	upTo, err := i.sweepUpTo(ctx)
	if err != nil {
		return err
	}
	i.retention.upTo.Store(int64(min(upTo, confirmed)))
	s := sweep{i: i, upTo: upTo}
	for _, rule := range i.o.Trust.Retentions() {
		if err = s.kind(ctx, rule); err != nil {
			err = fmt.Errorf("let go bodies of %s whose days are over: %w", rule.Type, err)
			break
		}
	}
	i.logs.erase(s.gone)
	if s.count > 0 {
		i.log.InfoContext(ctx, "bodies let go whose days are over", "count", s.count, "up_to", upTo)
	}
	return err
}

// sweepUpTo works out how far to go, and keeps it before anything goes.
func (i *Intake) sweepUpTo(ctx context.Context) (protocol.Instant, error) {
	b, now := i.o.Store.Private(retentionBucket), protocol.InstantOf(i.o.Clock())
	var s swept
	text, ok, err := b.Get([]byte(sweptKey))
	if err == nil && ok {
		err = json.Unmarshal(text, &s)
	}
	if err != nil {
		return 0, fmt.Errorf("read up to when bodies were let go: %w", err)
	}
	s = s.next(now, i.Heard())
	if text, err = json.Marshal(s); err == nil {
		err = b.Put(ctx, []byte(sweptKey), text)
	}
	if err != nil {
		return 0, fmt.Errorf("keep up to when bodies are let go: %w", err)
	}
	if now-s.UpTo > day {
		i.log.InfoContext(ctx, "bodies are kept beyond their days until another node's beacon confirms this clock", "up_to", s.UpTo)
	}
	return s.UpTo, nil
}

// sweep is one of them.
type sweep struct {
	i     *Intake
	upTo  protocol.Instant
	count int
	gone  []protocol.Record // to be taken out of LOG
}

// kind sweeps the records of one type. A damaged one does not keep the rest.
func (s *sweep) kind(ctx context.Context, rule trust.Retention) error {
	var lot []store.Stored
	for r, err := range s.i.o.Store.OlderBodies(ctx, rule.Type, rule.Before(s.upTo)) {
		var damage *store.Damage
		if errors.As(err, &damage) {
			s.i.log.ErrorContext(ctx, "record not readable", "err", err)
			continue
		}
		if err != nil {
			return err
		}
		if lot = append(lot, r); len(lot) < SweepLot {
			continue
		}
		if err := s.letGo(ctx, lot); err != nil {
			return err
		}
		lot = lot[:0]
	}
	return s.letGo(ctx, lot)
}

// letGo lets one lot go, in one transaction.
func (s *sweep) letGo(ctx context.Context, lot []store.Stored) error {
	if len(lot) == 0 {
		return nil
	}
	digests, news := make([]protocol.Digest, len(lot)), make([]fresh, len(lot))
	for k := range lot {
		r := lot[k].WithoutBody(protocol.BodyErased)
		digests[k], news[k] = lot[k].Digest, fresh{&r, lot[k].Digest}
		s.gone = append(s.gone, r)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx) // what has left the archive is to leave picture and LOG too
	if err := s.i.o.Store.Erase(ctx, digests...); err != nil {
		return err
	}
	s.i.tell(ctx, news, nil) // one that waits to be told is told so before, and what it said is not told any more
	if s.count += len(lot); len(s.gone) >= sweepGone {
		s.i.logs.erase(s.gone)
		s.gone = nil
	}
	s.i.count(func(n *Counts) { n.LetGo += len(lot) })
	return nil
}
