package link

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

// LookAhead is how much of a group is read at once and ordered by feed (hotpath.md 1).
const LookAhead = 4 << 20

// outGroup is the sender's place in one group.
type outGroup struct {
	protocol.Group
	read   uint64         // order read up to
	held   []store.Stored // read, but no good signature covers them yet
	again  []stretch      // what a comparison found the peer to lack behind the cursor
	aheads []*ahead
}

// stretch is a part of one branch that is sent again.
type stretch struct {
	protocol.EpochID
	head     protocol.Digest
	from, to uint32
}

// ahead is one look-ahead: the cursor moves to end when all of it is acknowledged.
type ahead struct {
	end     uint64     // 0: the cursor stays
	frames  []outFrame // not sent yet
	pending int        // sent, not acknowledged
}

// unsent gives the first look-ahead with a frame that is not sent, or nil.
func (g *outGroup) unsent() *ahead {
	for _, a := range g.aheads {
		if len(a.frames) > 0 {
			return a
		}
	}
	return nil
}

// forget leaves out what is still to be sent again, or sent, of an epoch the peer does
// not want: the next comparison offers it anew.
func (g *outGroup) forget(e protocol.EpochID) {
	again := g.again[:0]
	for _, s := range g.again {
		if s.EpochID != e {
			again = append(again, s)
		}
	}
	g.again = again
	for _, a := range g.aheads {
		frames := a.frames[:0]
		for _, f := range a.frames {
			if !f.only(e) {
				frames = append(frames, f)
			}
		}
		a.frames = frames
	}
}

// group gives the sender's place in a group, at first the cursor.
func (s *sender) group(g protocol.Group) *outGroup {
	out := s.groups[g]
	if out == nil {
		out = &outGroup{Group: g, read: s.p.l.o.Store.Cursor(s.p.token, g)}
		s.groups[g] = out
	}
	return out
}

// ready gives the group if it has a frame to send, reading on if need be.
func (s *sender) ready(ctx context.Context, g protocol.Group) (*outGroup, error) {
	out := s.group(g)
	for {
		if out.unsent() != nil {
			return out, nil
		}
		var err error
		switch {
		case len(out.again) > 0:
			err = s.readAgain(ctx, out)
		case s.p.l.o.Store.Order(g) > out.read && s.marks == nil:
			err = s.readOn(ctx, out)
		default:
			return nil, nil //nolint:nilnil // the tail
		}
		if err != nil {
			return nil, err
		}
	}
}

// readOn takes the next look-ahead of a group. A damaged record is left out: the rest of
// the group is not to wait for it.
func (s *sender) readOn(ctx context.Context, out *outGroup) error {
	l := s.p.l
	key := lookKey{out.Group, out.read, l.o.Store.BodyChanges(), s.sending.limits()}
	marked := l.nextMark() // before it is asked what may be sent
	k, err := l.shelf.take(ctx, key, func(k *look) { l.readLook(ctx, k, s.sending) })
	var damage *store.Damage
	switch {
	case errors.As(err, &damage):
		l.logDamage(ctx, damage)
		out.read = max(out.read+1, damage.Order)
		return nil
	case err != nil:
		return err
	case len(k.records) == 0 && !k.part:
		out.read = l.o.Store.Order(out.Group)
		return nil
	}
	if k.part {
		s.marks, s.marked = time.After(markWait), marked
	}
	if len(k.records) == 0 {
		return nil
	}
	frames, held := s.cutLook(out, k)
	end := k.end
	for _, r := range held {
		end = min(end, r.Order-1)
	}
	out.read, out.held = k.end, held
	out.aheads = append(out.aheads, &ahead{end: end, frames: frames})
	s.settle(ctx, out)
	return nil
}

// cutLook gives the frames of a look-ahead: those that all senders share, unless the peer
// holds some of it already, or something waits before it.
func (s *sender) cutLook(out *outGroup, k *look) ([]outFrame, []store.Stored) {
	lacking := s.p.lacking(k.records)
	if len(lacking) == len(k.records) && len(out.held) == 0 {
		return k.cut(s.p.l.signed)
	}
	return cut(append(out.held, lacking...), s.p.l.signed)
}

// markWait is how long a sender leaves an own record alone whose mark could not be written,
// or was by the time that it asked; it is told when the next one is.
const markWait = 2 * time.Millisecond

// marked gives the records before the first that may not be sent yet: an own one goes
// nowhere before the mark names it, or a node that crashed in between could write its
// position a second time (wire.md §10).
func (l *Links) marked(records []store.Stored) []store.Stored {
	for k := range records {
		if !l.maySend(records[k].Name) {
			return records[:k]
		}
	}
	return records
}

// readAgain takes the next look-ahead of what is to be sent again.
func (s *sender) readAgain(ctx context.Context, out *outGroup) error {
	part := &out.again[0]
	var records []store.Stored
	size := 0
	for r, err := range s.p.l.o.Store.Range(ctx, part.EpochID, part.head, part.from, part.to) {
		var damage *store.Damage
		if errors.As(err, &damage) {
			s.p.l.logDamage(ctx, damage)
		}
		if err != nil && (damage == nil || !damage.Body) {
			break
		}
		records = append(records, r)
		if size += protocol.EntrySize(&r.Record); size > LookAhead {
			break
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	records = s.p.l.marked(records) // the rest is read when it is due
	next := part.from
	if n := len(records); n > 0 {
		next = records[n-1].Sequence + 1
	}
	s.sending.withhold(records)
	frames, held := cut(s.p.lacking(records), s.p.l.signed)
	if len(held) > 0 {
		next = held[0].Sequence
	}
	if next == part.from || next > part.to {
		out.again = out.again[1:]
	} else {
		part.from = next
	}
	out.aheads = append(out.aheads, &ahead{frames: frames})
	s.settle(ctx, out)
	return nil
}

// lacking gives the records that the peer is not known to hold.
func (p *peer) lacking(records []store.Stored) []store.Stored {
	out := make([]store.Stored, 0, len(records))
	for i := range records {
		if !p.has(&records[i]) {
			out = append(out, records[i])
		}
	}
	return out
}

// logDamage tells once that a record can't be read.
func (l *Links) logDamage(ctx context.Context, d *store.Damage) {
	key := fmt.Sprint(d.Record, d.Group, d.Order)
	l.mu.Lock()
	known := l.damaged[key]
	l.damaged[key] = true
	l.mu.Unlock()
	if !known {
		l.log.ErrorContext(ctx, "record can't be sent: it is damaged here", "err", d)
	}
}
