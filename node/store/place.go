package store

import (
	"context"
	"errors"
	"fmt"
	"sort"

	bolt "go.etcd.io/bbolt"

	"github.com/vardar-network/vardar/protocol"
)

// ErrPlace says that another record than was said stands at a place of the archive, or none:
// who remembers it has read another archive, or this one before an older copy was put in
// its place.
var ErrPlace = errors.New("this archive holds another record at that place")

// Behind gives for each group the order up to which it was held when the record at a place
// was accepted, that one among them, for [Store.Between]: where a reader goes on who has
// come so far. Place 0 is before everything, whatever the digest. It reads one header for
// each halving of each group.
func (s *Store) Behind(ctx context.Context, place uint64, digest protocol.Digest) (map[protocol.Group]uint64, error) {
	out := s.Orders()
	if place == 0 {
		clear(out)
		return out, ctx.Err()
	}
	s.mu.RLock()
	groups := s.mem.groups
	s.mu.RUnlock()
	found := false
	err := s.view(func(tx *bolt.Tx) error {
		rd := newReader(tx)
		for i, g := range groups {
			if err := ctx.Err(); err != nil {
				return err
			}
			number, last := uint32(i)+1, out[g]                       //nolint:gosec // 24 bits
			out[g] = uint64(sort.Search(int(last), func(k int) bool { //nolint:gosec // as many as are held
				n, is := rd.placeFrom(number, uint64(k)+1, last) //nolint:gosec // k is from 0
				found = found || n == place && is == digest
				return n > place
			}))
		}
		return nil
	})
	if err == nil && !found {
		err = fmt.Errorf("place %d: %w", place, ErrPlace)
	}
	return out, err
}

// placeFrom gives place and digest of the first record of a group, from an order on, whose
// header can be read; a place behind every other if there is none.
func (rd *reader) placeFrom(group uint32, order, last uint64) (uint64, protocol.Digest) {
	for ; order <= last; order++ {
		if value, err := rd.raw(refOf(group, order)); err == nil {
			return valueN(value), valueDigest(value)
		}
	}
	return ^uint64(0), protocol.Digest{}
}
