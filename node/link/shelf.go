package link

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

// maxShelf bounds the bytes of look-aheads that are kept for other senders: four of them,
// as records and as frames.
const maxShelf = 8 * LookAhead

// shelf keeps the newest look-aheads, so that senders that stand at the same cursor under
// the same handling read, cut and compress them once (design.md §4.6).
type shelf struct {
	mu     sync.Mutex // guards what follows
	looks  map[lookKey]*look
	order  []*look // of looks, the newest last
	bytes  int     // of looks
	bodies uint64  // of their keys, all of them
}

// lookKey is all that what a sender reads depends on, but for what its peer holds.
type lookKey struct {
	protocol.Group
	after  uint64   // order of acceptance
	bodies uint64   // counts the archive's changes of bodies: what was erased is in no other
	limits ceilings // bodies above them were taken out
}

// look is one look-ahead. It is not changed once it is read.
type look struct {
	key     lookKey
	read    chan struct{} // closed when what follows is there
	err     error
	records []store.Stored // bodies above the limits withheld
	end     uint64         // order read up to
	part    bool           // an own record behind them may not be sent yet

	counted int // bytes of it in the shelf's count; the shelf's to guard

	once   sync.Once // guards what follows
	frames []outFrame
	rest   []store.Stored
}

// cut gives the frames of all its records, and those that no good signature covers yet.
func (k *look) cut(signed signedWell) ([]outFrame, []store.Stored) {
	k.once.Do(func() { k.frames, k.rest = cut(slices.Clone(k.records), signed) })
	return slices.Clone(k.frames), slices.Clone(k.rest)
}

// take gives the look-ahead of a key; the first who asks for it reads it.
func (s *shelf) take(ctx context.Context, key lookKey, read func(*look)) (*look, error) {
	for {
		k, found := s.find(key)
		if !found {
			read(k)
			close(k.read)
			s.settle(k)
			return k, k.err
		}
		select {
		case <-k.read:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		// The session of who read it may have ended meanwhile; this one has not.
		if !errors.Is(k.err, context.Canceled) || ctx.Err() != nil {
			return k, k.err
		}
	}
}

// find gives the look-ahead of a key, or a new one that the caller is to read.
func (s *shelf) find(key lookKey) (*look, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k := s.looks[key]; k != nil {
		return k, true
	}
	// Nobody asks for an older state of bodies again, and it may hold what was erased.
	if s.looks == nil || key.bodies > s.bodies {
		s.looks, s.order, s.bytes, s.bodies = map[lookKey]*look{}, nil, 0, key.bodies
	}
	k := &look{key: key, read: make(chan struct{})}
	if key.bodies == s.bodies {
		s.looks[key], s.order = k, append(s.order, k)
	}
	return k, false
}

// settle counts what was read, or forgets it if it is nobody else's to use.
func (s *shelf) settle(k *look) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.looks[k.key] != k: // there was no room while it was read, or it is out of date
		return
	case k.err != nil || k.part || len(k.records) == 0:
		delete(s.looks, k.key)
		last := len(s.order) - 1
		for s.order[last] != k {
			last--
		}
		s.order = slices.Delete(s.order, last, last+1)
		return
	}
	k.counted = 2 * entriesSize(k.records) // as records and as frames
	s.bytes += k.counted
	for s.bytes > maxShelf && s.order[0] != k {
		// One that is being read counts for nothing yet, and for nothing then.
		s.bytes -= s.order[0].counted
		delete(s.looks, s.order[0].key)
		s.order = s.order[1:]
	}
}

// readLook reads what a key says. A damaged record ends it; k.err says so, if it is the
// first.
func (l *Links) readLook(ctx context.Context, k *look, o outgoing) {
	records, err := l.o.Store.After(ctx, k.key.Group, k.key.after, LookAhead)
	var damage *store.Damage
	if err != nil && (!errors.As(err, &damage) || len(records) == 0) {
		k.err = err
		return
	}
	all := len(records)
	records = l.marked(records)
	k.part = len(records) < all
	o.withhold(records)
	if k.records = records; len(records) > 0 {
		k.end = records[len(records)-1].Order
	}
}
