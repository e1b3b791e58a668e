package store

import (
	"container/heap"
	"context"
	"encoding/binary"

	bolt "go.etcd.io/bbolt"

	"github.com/vardar-network/vardar/protocol"
)

// messageBytes is about what a record takes as a message besides its body: its block.
const messageBytes = 1 << 10

// Orders gives the last order of acceptance of each group, as of one moment.
func (s *Store) Orders() map[protocol.Group]uint64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := make(map[protocol.Group]uint64, len(s.mem.groups))
	for i, g := range s.mem.groups {
		out[g] = s.mem.last[i]
	}
	return out
}

// Newest gives for each group the order behind which its part of the newest records lies,
// for [Store.Between]: back from the last one to the first that was accepted before an
// instant by this node's clock as it then was, or with which they would come to more than
// so many bytes as messages. It reads their headers' first bytes and nothing else.
func (s *Store) Newest(ctx context.Context, since protocol.Instant, limit int64) (map[protocol.Group]uint64, error) {
	out := s.Orders()
	s.mu.RLock()
	groups := s.mem.groups
	s.mu.RUnlock()
	var left ends
	err := s.view(func(tx *bolt.Tx) error {
		for i, g := range groups {
			if out[g] > 0 {
				heap.Push(&left, endOf(tx, refOf(uint32(i)+1, out[g]))) //nolint:gosec // 24 bits
			}
		}
		return nil
	})
	for total := int64(0); err == nil && len(left) > 0; err = ctx.Err() {
		done := false
		err = s.view(func(tx *bolt.Tx) error {
			for range lotRecords {
				if len(left) == 0 {
					return nil
				}
				last := &left[0]
				if total += last.size; total > limit || !last.damaged && last.accepted < since {
					done = true
					return nil
				}
				out[groups[last.at.group()-1]]--
				if last.at.order() == 1 {
					heap.Pop(&left)
					continue
				}
				left[0] = endOf(tx, last.at-1)
				heap.Fix(&left, 0)
			}
			return nil
		})
		if done {
			return out, err
		}
	}
	return out, err
}

// end is the last record of what is left of a group.
type end struct {
	at       ref
	n        uint64 // its place over all groups
	accepted protocol.Instant
	size     int64
	damaged  bool // the others say nothing: it is passed over at once
}

func endOf(tx *bolt.Tx, at ref) end {
	value, err := newReader(tx).raw(at)
	if err != nil {
		return end{at: at, damaged: true}
	}
	e := end{at: at, n: valueN(value), accepted: protocol.Instant(binary.BigEndian.Uint64(value[10:])), size: messageBytes} //nolint:gosec // as encode wrote it
	if b := nested(tx, bucketBodies, at.group()); b != nil {
		e.size += int64(len(b.Get(u64(at.order()))))
	}
	return e
}

// ends are a heap, the newest first.
type ends []end

func (s ends) Len() int { return len(s) }
func (s ends) Less(i, j int) bool {
	if s[i].damaged != s[j].damaged {
		return s[i].damaged
	}
	return s[i].n > s[j].n
}
func (s ends) Swap(i, j int) { s[i], s[j] = s[j], s[i] }
func (s *ends) Push(x any)   { *s = append(*s, x.(end)) }

func (s *ends) Pop() any {
	old := *s
	x := old[len(old)-1]
	*s = old[:len(old)-1]
	return x
}
