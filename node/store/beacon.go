package store

import (
	"context"
	"encoding/binary"
	"iter"
	"slices"

	bolt "go.etcd.io/bbolt"

	"github.com/vardar-network/vardar/protocol"
)

// heard is the newest beacon of an institution.
type heard struct {
	beacon   protocol.Beacon
	received protocol.Instant
}

// PutBeacon keeps a beacon if it is newer than the one held of its institution, and says
// whether it was. The caller has judged it ([protocol.ParseBeacon], its key, its time).
// One that is held from beyond [BeaconSlack] ahead of the time of receipt was made or
// taken while this node's clock was wrong, and gives way to any that is not.
func (s *Store) PutBeacon(ctx context.Context, b protocol.Beacon, received protocol.Instant) (newer bool, err error) {
	if !s.fresher(&b, received) {
		return false, nil
	}
	b.Heads = slices.Clone(b.Heads)
	wire := b.Wire()
	err = s.do(ctx, &job{size: len(wire), grows: true, apply: func(d *draft) error {
		if held, ok := d.s.mem.beacons[b.Institution]; ok && !held.yieldsTo(&b, received) {
			return nil
		}
		newer = true
		value := binary.BigEndian.AppendUint64(nil, uint64(received)) //nolint:gosec // an instant is never negative
		d.put(d.bucket(bucketBeacons), bucketBeacons, []byte(b.Institution), append(value, wire...))
		d.after = append(d.after, func(m *memory) {
			if held, ok := m.beacons[b.Institution]; !ok || held.yieldsTo(&b, received) {
				m.beacons[b.Institution] = heard{b, received}
			}
		})
		return nil
	}})
	return newer && err == nil, err
}

// BeaconSlack is how far ahead of a node's clock a beacon's time may lie (wire.md §8).
const BeaconSlack = protocol.Instant(5 * 60 * 1000)

// yieldsTo reports whether b is to be held instead.
func (h heard) yieldsTo(b *protocol.Beacon, received protocol.Instant) bool {
	latest := received + BeaconSlack
	return h.beacon.Time < b.Time || h.beacon.Time > latest && b.Time <= latest
}

// fresher reports whether b is to be held instead of the one that is.
func (s *Store) fresher(b *protocol.Beacon, received protocol.Instant) bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	held, ok := s.mem.beacons[b.Institution]
	return !ok || held.yieldsTo(b, received)
}

// Beacon gives the newest beacon of an institution and when it was received.
func (s *Store) Beacon(id protocol.InstitutionID) (protocol.Beacon, protocol.Instant, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	held, ok := s.mem.beacons[id]
	return held.beacon, held.received, ok
}

// Beacons gives the newest beacon of every institution and when it was received, sorted
// by institution.
func (s *Store) Beacons() iter.Seq2[protocol.Beacon, protocol.Instant] {
	return func(yield func(protocol.Beacon, protocol.Instant) bool) {
		s.mu.RLock()
		ids := make([]protocol.InstitutionID, 0, len(s.mem.beacons))
		for id := range s.mem.beacons {
			ids = append(ids, id)
		}
		s.mu.RUnlock()
		slices.Sort(ids)
		for _, id := range ids {
			if b, received, ok := s.Beacon(id); ok && !yield(b, received) {
				return
			}
		}
	}
}

func (s *Store) recallBeacons(tx *bolt.Tx) error {
	return eachSealed(tx, bucketBeacons, func(key, value []byte) error {
		h, err := decodeBeacon(key, value)
		if err == nil {
			s.mem.beacons[h.beacon.Institution] = h
		}
		return err
	})
}

func decodeBeacon(key, value []byte) (heard, error) {
	if len(value) < 8 {
		return heard{}, errFormat
	}
	b, err := protocol.ParseBeacon(value[8:])
	if err == nil && string(b.Institution) != string(key) {
		err = errFormat
	}
	return heard{b, protocol.Instant(binary.BigEndian.Uint64(value))}, err //nolint:gosec // as it was written
}
