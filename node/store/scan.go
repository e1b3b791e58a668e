package store

import (
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"iter"
	"slices"

	bolt "go.etcd.io/bbolt"

	"github.com/vardar-network/vardar/protocol"
)

// All gives every record in order of acceptance, hash-checked: those that were held when
// it was called. A damaged body is yielded as [Store.Get] returns it, a damaged header as a
// [*Damage] with no record; those behind it follow. After any other error it ends.
func (s *Store) All(ctx context.Context) iter.Seq2[Stored, error] {
	return s.Between(ctx, nil, s.Orders())
}

// Between gives the records of each group behind one order of acceptance up to another, as
// [Store.All] does.
func (s *Store) Between(ctx context.Context, behind, to map[protocol.Group]uint64) iter.Seq2[Stored, error] {
	return func(yield func(Stored, error) bool) {
		s.mu.RLock()
		groups := s.mem.groups
		s.mu.RUnlock()
		m := newMerger()
		err := s.view(func(tx *bolt.Tx) error {
			rd := newReader(tx)
			for i, g := range groups {
				m.begin(rd, uint32(i)+1, behind[g]+1, to[g]) //nolint:gosec // 24 bits
			}
			return nil
		})
		for err == nil && ctx.Err() == nil {
			var lot []read
			err = s.view(func(tx *bolt.Tx) error {
				lot = m.lot(tx)
				return nil
			})
			if !yieldLot(lot, yield) || (err == nil && len(lot) == 0) {
				return
			}
		}
		if err == nil {
			err = ctx.Err()
		}
		yield(Stored{}, err)
	}
}

func yieldLot(lot []read, yield func(Stored, error) bool) bool {
	for _, l := range lot {
		if !yield(l.Stored, l.damage) {
			return false
		}
	}
	return true
}

// lot reads the next lot of records.
func (m *merger) lot(tx *bolt.Tx) []read {
	var out []read
	rd, ahead := newReader(tx), newReader(tx)
	for size := 0; len(out) < lotRecords && size < lotBytes; {
		r, ok, damage := m.next(ahead)
		if damage == nil && !ok {
			break
		}
		var h header
		if ok {
			if h, damage = rd.load(r); damage != nil && !isBody(damage) {
				h = header{} // nothing of it is to be believed
			}
		}
		out = append(out, read{h, damage})
		size += len(h.Body) + headerFixed
	}
	return out
}

// ByType gives the records of a type that were accepted at an instant or later, by this
// node's clock as it then was, in order of acceptance, hash-checked: those that were held
// when it began. Damage is told as [Store.Range] tells it.
func (s *Store) ByType(ctx context.Context, recordType string, since protocol.Instant) iter.Seq2[Stored, error] {
	return s.ofType(ctx, recordType, since, func(tx *bolt.Tx, refs []ref) ([]read, int, error) {
		lot, err := loadLot(tx, refs, nil, nil)
		n := len(lot)
		return slices.DeleteFunc(lot, func(r read) bool { return r.Accepted < since }), n, err
	})
}

// OlderBodies gives the records of a type, in order of acceptance, whose bodies were not
// erased and which their author wrote, or this node accepted, before an instant. It reads
// headers alone: their bodies are said to be missing. A damaged header is yielded as an
// error, and the rest follows.
func (s *Store) OlderBodies(ctx context.Context, recordType string, before protocol.Instant) iter.Seq2[Stored, error] {
	return s.ofType(ctx, recordType, 0, func(tx *bolt.Tx, refs []ref) (lot []read, n int, err error) {
		rd := newReader(tx)
		for _, r := range refs {
			h, damage := rd.header(r)
			if damage != nil || h.BodyState != protocol.BodyErased && min(h.Time, h.Accepted) < before {
				h.BodyState = protocol.BodyMissing
				lot = append(lot, read{h, damage})
			}
		}
		return lot, len(refs), nil
	})
}

// ofType gives what load chooses of the records of a type, lot by lot: it is handed where
// they stand, and says how many of them it has looked at.
func (s *Store) ofType(ctx context.Context, recordType string, since protocol.Instant, load func(*bolt.Tx, []ref) ([]read, int, error)) iter.Seq2[Stored, error] {
	return func(yield func(Stored, error) bool) {
		if _, kind := splitType(recordType); kind == "" {
			return
		}
		s.mu.RLock()
		held := s.mem.n
		s.mu.RUnlock()
		next := moment{peak: max(since, 0)}
		for ctx.Err() == nil {
			var lot []read
			looked := 0
			found, err := s.typeLot(recordType, next, held, func(tx *bolt.Tx, refs []ref) (err error) {
				lot, looked, err = load(tx, refs)
				return err
			})
			if !yieldLot(lot, yield) {
				return
			}
			if err != nil {
				yield(Stored{}, err)
				return
			}
			if looked == 0 {
				return
			}
			next = found[looked-1].moment
			next.n++
		}
		yield(Stored{}, ctx.Err())
	}
}

// posting is one record in the index of types.
type posting struct {
	moment
	ref ref
}

func (m moment) compare(o moment) int {
	return cmp.Or(cmp.Compare(m.peak, o.peak), cmp.Compare(m.n, o.n))
}

// typeLot finds the next records of a type, of those in front of the water mark and those
// behind it the first, each once, and has them loaded. It gives their postings.
func (s *Store) typeLot(full string, next moment, held uint64, load func(*bolt.Tx, []ref) error) (found []posting, err error) {
	s.mu.RLock()
	for _, e := range s.mem.tail.entries {
		if e.typ == full && e.moment.compare(next) >= 0 {
			found = append(found, posting{e.moment, e.ref})
		}
	}
	s.mu.RUnlock()
	err = s.view(func(tx *bolt.Tx) error {
		behind, rot := typePostings(tx, typePrefix(splitType(full)), next)
		if rot != nil {
			return rot
		}
		found = append(found, behind...)
		slices.SortFunc(found, func(a, b posting) int { return a.compare(b.moment) })
		found = slices.Compact(found)
		found = slices.DeleteFunc(found, func(p posting) bool { return p.n > held })
		refs := make([]ref, 0, lotRecords)
		for _, p := range found[:min(len(found), lotRecords)] {
			refs = append(refs, p.ref)
		}
		return load(tx, refs)
	})
	return found, err
}

// typePostings reads one lot of the index.
func typePostings(tx *bolt.Tx, prefix []byte, next moment) ([]posting, error) {
	var found []posting
	c := tx.Bucket([]byte(bucketTypes)).Cursor()
	from := binary.BigEndian.AppendUint64(slices.Clone(prefix), uint64(next.peak)) //nolint:gosec // not negative
	from = binary.BigEndian.AppendUint64(from, next.n)
	for key, value := c.Seek(from); len(found) < lotRecords; key, value = c.Next() {
		rest, ok := bytes.CutPrefix(key, prefix)
		if !ok || len(rest) != 16 {
			break
		}
		at, err := unseal(bucketTypes, key, value)
		if err != nil {
			return found, &Damage{Reason: fmt.Errorf("index of types, key %x: %w", key, err)}
		}
		found = append(found, posting{momentIn(rest), refIn(at)})
	}
	return found, nil
}

// momentIn reads the end of a key of the index of types.
func momentIn(rest []byte) moment {
	return moment{protocol.Instant(binary.BigEndian.Uint64(rest)), binary.BigEndian.Uint64(rest[8:])} //nolint:gosec // as typeKey wrote it
}

// Bodies gives the names of the records whose body is in a state other than held, by
// group and order of acceptance. A damaged record is yielded as an error, and the rest
// follows.
func (s *Store) Bodies(ctx context.Context, state protocol.BodyState) iter.Seq2[protocol.Name, error] {
	return func(yield func(protocol.Name, error) bool) {
		next := absentKey(state, 0)
		for ctx.Err() == nil {
			type found struct {
				name protocol.Name
				err  error
			}
			var lot []found
			err := s.view(func(tx *bolt.Tx) error {
				rd, c := newReader(tx), tx.Bucket([]byte(bucketAbsent)).Cursor()
				for key, _ := c.Seek(next); len(lot) < lotRecords && len(key) == 9 && key[0] == byte(state); key, _ = c.Next() {
					r := ref(binary.BigEndian.Uint64(key[1:]))
					h, err := rd.header(r)
					lot = append(lot, found{h.Name, err})
					next = absentKey(state, r+1)
				}
				return nil
			})
			for _, f := range lot {
				if !yield(f.name, f.err) {
					return
				}
			}
			if err != nil {
				yield(protocol.Name{}, err)
				return
			}
			if len(lot) == 0 {
				return
			}
		}
		yield(protocol.Name{}, ctx.Err())
	}
}
