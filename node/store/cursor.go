package store

import (
	"context"
	"encoding/binary"

	bolt "go.etcd.io/bbolt"

	"github.com/vardar-network/vardar/protocol"
)

// cursorKey is one cursor: of a link, in a group.
type cursorKey struct {
	link  protocol.LinkToken
	group protocol.Group
}

func (k cursorKey) bytes() []byte { return []byte(string(k.link) + " " + k.group.String()) }

// Cursor gives the order of acceptance up to which a link's peer has acknowledged a group;
// 0 if it never has.
func (s *Store) Cursor(l protocol.LinkToken, g protocol.Group) uint64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.mem.cursors[cursorKey{l, g}]
}

// SetCursors moves cursors of a link. A cursor is a hint (design.md §4): it is written
// with the indexes and at Close, not before this returns, and after a crash it may stand
// further back than it stood, so that records are sent again.
func (s *Store) SetCursors(ctx context.Context, l protocol.LinkToken, cursors map[protocol.Group]uint64) error {
	select {
	case <-s.closing:
		return ErrClosed
	default:
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for g, order := range cursors {
		key := cursorKey{l, g}
		if s.mem.cursors[key] != order {
			s.mem.cursors[key], s.mem.moved[key] = order, true
		}
	}
	return ctx.Err()
}

func (s *Store) cursorsMoved() bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.mem.moved) > 0
}

// putCursors writes the cursors that moved.
func (d *draft) putCursors() {
	moved := map[cursorKey]uint64{}
	d.s.mu.RLock()
	for key := range d.s.mem.moved {
		moved[key] = d.s.mem.cursors[key]
	}
	d.s.mu.RUnlock()
	b := d.bucket(bucketCursors)
	for key, order := range moved {
		d.put(b, bucketCursors, key.bytes(), u64(order))
	}
	d.after = append(d.after, func(m *memory) {
		for key, order := range moved {
			if m.cursors[key] == order { // else it has moved on meanwhile
				delete(m.moved, key)
			}
		}
	})
}

func (s *Store) recallCursors(tx *bolt.Tx) error {
	return eachSealed(tx, bucketCursors, func(key, value []byte) error {
		const token = 20 // bytes of a link token
		if len(key) < token+1 || len(value) != 8 {
			return errFormat
		}
		g, err := protocol.ParseGroup(string(key[token+1:]))
		s.mem.cursors[cursorKey{protocol.LinkToken(key[:token]), g}] = binary.BigEndian.Uint64(value)
		return err
	})
}
