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

// PutBeacons keeps each beacon that is newer than the one held of its institution, all in
// one transaction, and says which were. The caller has judged them
// ([protocol.Beacon.Verify], their keys and times). One that is held from beyond
// [BeaconSlack] ahead of the time of receipt was made or taken while this node's clock was
// wrong, and gives way to any that is not.
func (s *Store) PutBeacons(ctx context.Context, beacons []protocol.Beacon, received protocol.Instant) (newer []bool, err error) {
	newer = make([]bool, len(beacons))
	wires, size := make([][]byte, len(beacons)), 0
	for k := range beacons {
		if s.IsNews(&beacons[k], received) {
			wires[k] = beacons[k].Wire()
			size += len(wires[k])
		}
	}
	if size == 0 {
		return newer, nil
	}
	return newer, s.do(ctx, &job{size: size, grows: true, apply: func(d *draft) error {
		put := map[protocol.InstitutionID]heard{} // by this transaction
		for k, b := range beacons {
			held, ok := put[b.Institution]
			if !ok {
				held, ok = d.s.mem.beacons[b.Institution]
			}
			if wires[k] == nil || ok && !held.yieldsTo(&b, received) {
				continue
			}
			newer[k] = true
			b.Heads = slices.Clone(b.Heads)
			put[b.Institution] = heard{b, received}
			value := binary.BigEndian.AppendUint64(nil, uint64(received)) //nolint:gosec // an instant is never negative
			d.put(d.bucket(bucketBeacons), bucketBeacons, []byte(b.Institution), append(value, wires[k]...))
		}
		d.after = append(d.after, func(m *memory) {
			for id, h := range put {
				if held, ok := m.beacons[id]; !ok || held.yieldsTo(&h.beacon, received) {
					m.beacons[id] = h
				}
			}
		})
		return nil
	}})
}

// BeaconSlack is how far ahead of a node's clock a beacon's time may lie (wire.md §8).
const BeaconSlack = protocol.Instant(5 * 60 * 1000)

// yieldsTo reports whether b is to be held instead.
func (h heard) yieldsTo(b *protocol.Beacon, received protocol.Instant) bool {
	latest := received + BeaconSlack
	return h.beacon.Time < b.Time || h.beacon.Time > latest && b.Time <= latest
}

// IsNews reports whether a beacon that is received now is to be held instead of the one
// that is.
func (s *Store) IsNews(b *protocol.Beacon, received protocol.Instant) bool {
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
