package node

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/vardar-network/vardar/node/bus"
	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

// logLot is how many records go on LOG at once while it is filled.
const logLot = 1000

// logStream publishes on LOG. Where LOG was lost it fills it from the archive with what its
// window would keep, while links and API run; what is committed meanwhile is read there too.
type logStream struct {
	bus   *bus.Bus
	store *store.Store
	o     Options
	lost  chan struct{} // told that LOG is to be filled

	mu      sync.Mutex // guards what follows, and lets one caller publish at a time
	filling bool
	filled  map[protocol.Group]uint64 // what the last fill put there, until something newer came
	bare    map[protocol.Digest]bool  // what it put there without a body
	gone    []protocol.Record         // erased while it was filled
}

func newLogStream(b *bus.Bus, s *store.Store, o Options) *logStream {
	return &logStream{bus: b, store: s, o: o, lost: make(chan struct{}, 1)}
}

// PublishLog puts records on LOG; see bus.Bus. While LOG is being filled it leaves that to
// the filling.
func (l *logStream) PublishLog(ctx context.Context, records []protocol.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.filling {
		return nil
	}
	if records = l.news(spared(records, l.windowFrom())); len(records) == 0 {
		return nil
	}
	err := l.bus.PublishLog(ctx, records)
	if errors.Is(err, bus.ErrLogRenewed) {
		l.begin()
		return nil
	}
	return err
}

// EraseLog takes records out of LOG whose bodies were erased; see bus.Bus. What is filled
// may have been read before: so it is looked for once that is done.
func (l *logStream) EraseLog(ctx context.Context, records []protocol.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.filling {
		l.gone = append(l.gone, records...)
		return nil
	}
	return l.erase(ctx, records)
}

// erase takes records out of LOG. The caller holds mu.
func (l *logStream) erase(ctx context.Context, records []protocol.Record) error {
	err := l.bus.EraseLog(ctx, records)
	if errors.Is(err, bus.ErrLogRenewed) {
		l.begin()
		return nil
	}
	return err
}

// catchUp is how many records at once are history that a node catches up on, and not what
// its peers say now.
const catchUp = 1000

// windowFrom is the age at which records leave LOG.
func (l *logStream) windowFrom() protocol.Instant {
	return protocol.InstantOf(l.o.Clock().Add(-bus.DefaultLogAge))
}

// spared leaves out of a catch-up what was written before LOG's window: to publish a
// record costs as much as to store it, and nobody listens for news of years. What an author
// whose clock is wrong says now comes alone, and goes on LOG.
func spared(records []protocol.Record, from protocol.Instant) []protocol.Record {
	if len(records) < catchUp {
		return records
	}
	return slices.DeleteFunc(records, func(r protocol.Record) bool { return r.Time < from })
}

// renewed says that LOG is empty.
func (l *logStream) renewed() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.begin()
}

// begin has LOG filled. The caller holds mu.
func (l *logStream) begin() {
	l.filling, l.filled, l.bare = true, nil, map[protocol.Digest]bool{}
	select {
	case l.lost <- struct{}{}:
	default:
	}
}

// news leaves out what the last fill has put there already. The caller holds mu.
func (l *logStream) news(records []protocol.Record) []protocol.Record {
	var out []protocol.Record
	for i := range records {
		if l.filled == nil {
			return append(out, records[i:]...)
		}
		r := &records[i]
		held, _ := l.store.ByDigest(r.Digest()) // one with a damaged body is held too
		switch {
		case held.Order == 0 || held.Order > l.filled[r.Feed().Group()]:
			l.filled, l.bare = nil, nil // and so are all behind it
			out = append(out, *r)
		case l.bare[held.Digest] && r.BodyState == protocol.BodyHeld:
			out = append(out, *r) // its body has come since
		}
	}
	return out
}

// run fills LOG whenever it was lost, until ctx ends.
func (l *logStream) run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-l.lost:
		}
		err := l.fill(ctx)
		if errors.Is(err, bus.ErrLogRenewed) {
			l.renewed() // it was lost again
			continue
		}
		if err != nil {
			l.mu.Lock()
			l.filling = false
			l.mu.Unlock()
			l.bus.DoubtLog() // the next record has it made anew, or the next start
			if ctx.Err() == nil {
				l.o.Logger.WarnContext(ctx, "LOG not filled", "err", err)
			}
		}
	}
}

// fill publishes the newest records of the archive, those that come meanwhile, and the last
// of them while what else is committed waits.
func (l *logStream) fill(ctx context.Context) error {
	behind, err := l.store.Newest(ctx, l.windowFrom(), bus.DefaultLogBytes)
	for count := logLot + 1; err == nil && count > logLot; {
		to := l.store.Orders()
		count, err = l.publish(ctx, behind, to)
		behind = to
	}
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	to := l.store.Orders()
	if _, err := l.publish(ctx, behind, to); err != nil {
		return err
	}
	gone := l.gone
	l.filling, l.filled, l.gone = false, to, nil
	return l.erase(ctx, gone)
}

// publish puts records of the archive on LOG and counts them.
func (l *logStream) publish(ctx context.Context, behind, to map[protocol.Group]uint64) (count int, err error) {
	lot := make([]protocol.Record, 0, logLot)
	for s, err := range l.store.Between(ctx, behind, to) {
		if s.Digest.IsZero() {
			if !errors.Is(err, store.ErrDamaged) {
				return count, err
			}
			continue // said by intake, which reads all of them
		}
		if s.BodyState != protocol.BodyHeld {
			l.bare[s.Digest] = true
		}
		if lot = append(lot, s.Record); len(lot) < logLot {
			continue
		}
		if err := l.bus.PublishLog(ctx, lot); err != nil {
			return count, err
		}
		count, lot = count+len(lot), lot[:0]
	}
	if len(lot) == 0 {
		return count, nil
	}
	return count + len(lot), l.bus.PublishLog(ctx, lot)
}
