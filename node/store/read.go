package store

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"

	bolt "go.etcd.io/bbolt"

	"github.com/vardar-network/vardar/protocol"
)

const (
	// lotRecords and lotBytes bound what an iterator reads in one transaction: it holds
	// none while it yields, since bbolt can't grow its map under an open one, and a
	// reader that then appends would wait for itself.
	lotRecords = 256
	lotBytes   = 1 << 20
)

// Get gives the record of a name, hash-checked; of several the first accepted.
// [ErrNotFound]; a [*Damage] if it can't be read, with Body set if all but the body can,
// which is then returned.
func (s *Store) Get(n protocol.Name) (Stored, error) {
	all, err := s.at(n, true)
	if len(all) == 0 {
		return Stored{}, err
	}
	return all[0], err
}

// At gives all rivals at a position, hash-checked, the first accepted first; none if
// nothing is held there. What can't be read is left out and joined to the error, a
// [*Damage] each.
func (s *Store) At(n protocol.Name) ([]Stored, error) {
	all, err := s.at(n, false)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	return all, err
}

func (s *Store) at(n protocol.Name, first bool) ([]Stored, error) {
	s.mu.RLock()
	var keys []posKey
	for _, number := range s.mem.epochs[n.EpochID()] {
		if b := s.mem.branch(number); b.Parts <= n.Sequence && n.Sequence <= b.Head {
			keys = append(keys, posKey{number, n.Sequence})
		}
	}
	s.mu.RUnlock()
	if len(keys) == 0 {
		return nil, fmt.Errorf("record %s: %w", n, ErrNotFound)
	}
	var out []Stored
	var damage []error
	refs := s.tailRefs(keys)
	err := s.view(func(tx *bolt.Tx) error {
		fillRefs(tx, keys, refs)
		slices.Sort(refs) // one feed, one group: by order of acceptance
		if first {
			refs = refs[:1]
		}
		rd := newReader(tx)
		for _, r := range refs {
			h, err := rd.load(r)
			if err == nil || isBody(err) {
				err = errors.Join(err, h.at(n.EpochID(), n.Sequence))
			}
			if err == nil || isBody(err) {
				out = append(out, h.Stored)
			}
			if err != nil {
				damage = append(damage, err)
			}
		}
		return nil
	})
	return out, errors.Join(err, errors.Join(damage...))
}

// isBody reports whether all but a body could be read.
func isBody(err error) bool {
	var d *Damage
	return errors.As(err, &d) && d.Body
}

// tailRefs looks places up in front of the water mark. It is asked before a transaction
// begins: then what has just been indexed is in the one or in the other.
func (s *Store) tailRefs(keys []posKey) []ref {
	s.mu.RLock()
	defer s.mu.RUnlock()
	refs := make([]ref, len(keys))
	for i, key := range keys {
		refs[i] = s.mem.tail.places[key]
	}
	return refs
}

// fillRefs looks the others up behind it.
func fillRefs(tx *bolt.Tx, keys []posKey, refs []ref) {
	b := tx.Bucket([]byte(bucketPositions))
	for i, key := range keys {
		if refs[i] == 0 {
			refs[i] = refIn(b.Get(key.bytes()))
		}
	}
}

// ByDigest gives the record of a digest, as [Store.Get] does of a name.
func (s *Store) ByDigest(d protocol.Digest) (Stored, error) {
	s.mu.RLock()
	at := s.mem.tail.digests[d]
	s.mu.RUnlock()
	var h header
	err := s.view(func(tx *bolt.Tx) error {
		var err error
		if at == 0 {
			if at, err = byDigest(tx, d); err != nil {
				return err
			}
		}
		if at == 0 {
			return fmt.Errorf("record %s: %w", d, ErrNotFound)
		}
		if h, err = newReader(tx).load(at); (err == nil || isBody(err)) && h.Digest != d {
			return &Damage{Record: h.Name, Order: h.Order, Reason: errAbsent}
		}
		return err
	})
	if err != nil && !isBody(err) {
		return Stored{}, err
	}
	return h.Stored, err
}

// Range gives the records of an epoch from one sequence to another, hash-checked, along
// the branch that holds the record head; along the first for the zero digest. It ends
// at the first that isn't held, or with [ErrNotFound] if no branch of the epoch holds head.
// A damaged body is yielded as [Store.Get] returns it, and the range goes on; after any
// other error it ends.
func (s *Store) Range(ctx context.Context, e protocol.EpochID, head protocol.Digest, from, to uint32) iter.Seq2[Stored, error] {
	return func(yield func(Stored, error) bool) {
		way, err := s.way(e, head)
		if err != nil {
			yield(Stored{}, err)
			return
		}
		for next := max(from, 1); next <= to && ctx.Err() == nil; {
			lot, err := s.stretch(e, way, next, to)
			for _, l := range lot {
				next = l.Sequence + 1
				if !yield(l.Stored, l.damage) {
					return
				}
			}
			if err != nil {
				yield(Stored{}, err)
				return
			}
			if len(lot) == 0 {
				return
			}
		}
		if err := ctx.Err(); err != nil {
			yield(Stored{}, err)
		}
	}
}

// read is one record of a lot; damage is of its body alone, in [Store.All] of its header too.
type read struct {
	header
	damage error
}

// way gives the lineage of the branch that holds head.
func (s *Store) way(e protocol.EpochID, head protocol.Digest) ([]segment, error) {
	var on uint32
	s.mu.RLock()
	list := s.mem.epochs[e]
	if head.IsZero() && len(list) > 0 {
		on = list[0]
	} else if number := s.mem.heads[head]; number != 0 && s.mem.branch(number).EpochID == e {
		on = number
	}
	s.mu.RUnlock()
	if on == 0 && len(list) > 0 && !head.IsZero() {
		held, err := s.ByDigest(head)
		if err != nil && !isBody(err) {
			return nil, err
		}
		if held.EpochID() == e {
			on, err = s.holder(list, held)
		}
		if err != nil && !isBody(err) {
			return nil, err
		}
	}
	if on == 0 && head.IsZero() {
		return nil, nil
	}
	if on == 0 {
		return nil, fmt.Errorf("branch of %s with %s: %w", e, head, ErrNotFound)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return lineage(&s.mem, s.mem.branch(on)), nil
}

// holder gives the branch of an epoch on which a held record lies; 0 if none.
func (s *Store) holder(list []uint32, held Stored) (uint32, error) {
	var keys []posKey
	s.mu.RLock()
	for _, number := range list {
		if b := s.mem.branch(number); b.Parts <= held.Sequence && held.Sequence <= b.Head {
			keys = append(keys, posKey{number, held.Sequence})
		}
	}
	s.mu.RUnlock()
	refs := s.tailRefs(keys)
	var on uint32
	err := s.view(func(tx *bolt.Tx) error {
		fillRefs(tx, keys, refs)
		for i, r := range refs {
			if r.order() == held.Order {
				on = keys[i].branch
			}
		}
		return nil
	})
	return on, err
}

// stretch reads one lot of a range.
func (s *Store) stretch(e protocol.EpochID, way []segment, from, to uint32) ([]read, error) {
	var keys []posKey
	for sequence := from; sequence <= to && len(keys) < lotRecords; sequence++ {
		key, ok := place(way, sequence)
		if !ok {
			break
		}
		keys = append(keys, key)
	}
	refs := s.tailRefs(keys)
	var out []read
	err := s.view(func(tx *bolt.Tx) error {
		fillRefs(tx, keys, refs)
		var err error
		out, err = loadLot(tx, refs, func(h *header) error { return h.at(e, from) }, &from)
		return err
	})
	return out, err
}

// loadLot loads records up to the bound of a lot; check is asked of each, and next counts
// those that passed.
func loadLot(tx *bolt.Tx, refs []ref, check func(h *header) error, next *uint32) ([]read, error) {
	var out []read
	size, rd := 0, newReader(tx)
	for _, r := range refs {
		if r == 0 {
			return out, &Damage{Reason: errAbsent}
		}
		h, err := rd.load(r)
		if err != nil && !isBody(err) {
			return out, err
		}
		if check != nil {
			if misplaced := check(&h); misplaced != nil {
				return out, misplaced
			}
			*next++
		}
		out = append(out, read{h, err})
		if size += len(h.Body) + headerFixed; size >= lotBytes {
			break
		}
	}
	return out, nil
}

// After gives records of a group behind an order of acceptance, in that order, up to a
// number of bytes as they stand in a frame, and at least one if there is any. On a
// [*Damage] it returns what stands before it; go on behind its Order. A damaged body is
// no error here: its record comes with the body missing.
func (s *Store) After(ctx context.Context, g protocol.Group, order uint64, limit int) ([]Stored, error) {
	s.mu.RLock()
	number := s.mem.numbers[g]
	var last uint64
	if number != 0 {
		last = s.mem.last[number-1]
	}
	s.mu.RUnlock()
	if number == 0 || order >= last {
		return nil, ctx.Err()
	}
	var out []Stored
	err := s.view(func(tx *bolt.Tx) error {
		rd := newReader(tx)
		for size := 0; order < last && ctx.Err() == nil; {
			h, err := rd.load(refOf(number, order+1))
			if isBody(err) {
				s.log.WarnContext(ctx, "body damaged", "record", h.Name, "err", err)
				err = nil
			}
			if err != nil {
				return err
			}
			if size += protocol.EntrySize(&h.Record); size > limit && len(out) > 0 {
				return nil
			}
			out = append(out, h.Stored)
			order++
		}
		return ctx.Err()
	})
	var damage *Damage
	if errors.As(err, &damage) {
		damage.Group = g
	}
	return out, err
}
