package store

import (
	"bytes"
	"container/heap"
	"encoding/binary"
	"errors"
	"slices"

	bolt "go.etcd.io/bbolt"

	"github.com/vardar-network/vardar/protocol"
)

// entry is what the indexes say of one record.
type entry struct {
	ref    ref
	branch uint32
	at     posKey
	moment moment
	digest protocol.Digest
	typ    string
	// bare: the index of absent bodies lacks it, since what is derived is being rebuilt.
	// Otherwise the transaction that changes a body's state writes that index.
	bare bool
}

// entry makes the entry of a record, which must be the next in order of acceptance.
func (d *draft) entry(h *header, at ref, on uint32) entry {
	d.peak = max(d.peak, h.Accepted)
	return entry{
		ref: at, branch: on, at: posKey{on, h.Sequence}, digest: h.Digest, typ: h.Type,
		moment: moment{d.peak, h.Place},
	}
}

// tail is the records in front of the water mark: committed, and not yet in the indexes.
type tail struct {
	entries []entry
	places  map[posKey]ref
	digests map[protocol.Digest]ref
}

func newTail() tail {
	return tail{places: map[posKey]ref{}, digests: map[protocol.Digest]ref{}}
}

func (t *tail) add(e entry) {
	t.entries = append(t.entries, e)
	t.places[e.at], t.digests[e.digest] = e.ref, e.ref
}

// byDigest looks a digest up behind the water mark; 0 if it isn't there.
func byDigest(tx *bolt.Tx, digest protocol.Digest) (ref, error) {
	c := tx.Bucket([]byte(bucketDigests)).Cursor()
	rd := newReader(tx)
	for key, _ := c.Seek(digest[:8]); len(key) == 16 && bytes.Equal(key[:8], digest[:8]); key, _ = c.Next() {
		r := ref(binary.BigEndian.Uint64(key[8:]))
		value, err := rd.raw(r)
		if err != nil {
			return 0, &Damage{Order: r.order(), Reason: err}
		}
		if valueDigest(value) == digest {
			return r, nil
		}
	}
	return 0, nil
}

// waiting says how many records, or cursors, the indexes lack.
func (s *Store) waiting() int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return len(s.mem.tail.entries)
}

// index writes the indexes of the tail, and the cursors that moved, in a transaction
// nobody waits for. If that can't be, the tail stays in memory.
func (s *Store) index() {
	if s.waiting() == 0 && !s.cursorsMoved() {
		return
	}
	if s.mayWrite(nil) != nil || s.failure() != nil {
		return
	}
	if err := s.writeIndexes(); err != nil && !errors.Is(err, ErrDiskFull) {
		s.log.Error("indexes not written", "dir", s.dir, "err", err)
	}
}

func (s *Store) writeIndexes() error {
	entries := s.mem.tail.entries
	return s.transact(func(d *draft) error {
		d.indexEntries(entries)
		d.putCursors()
		d.keep(putNumber(d.tx, metaPeak, uint64(d.peak))) //nolint:gosec // an instant is never negative
		d.after = append(d.after, func(m *memory) {
			m.tail = newTail()
			m.indexed = m.n
		})
		return d.err
	})
}

// indexEntries writes entries sorted, each index by its own key, and moves the water mark.
func (d *draft) indexEntries(entries []entry) {
	marks, touched := map[uint32]uint64{}, map[uint32]bool{}
	var places, digests, types [][2][]byte
	for _, e := range entries {
		at := u64(uint64(e.ref))
		places = append(places, [2][]byte{e.at.bytes(), at})
		digests = append(digests, [2][]byte{digestKey(e.digest, e.ref), nil})
		topic, kind := splitType(e.typ)
		// Sealed: nothing else knows the peak.
		key := typeKey(topic, kind, e.moment)
		types = append(types, [2][]byte{key, seal(bucketTypes, key, at)})
		marks[e.ref.group()] = max(marks[e.ref.group()], e.ref.order())
		touched[e.branch] = true
		if e.bare {
			d.putAbsent(e.ref)
		}
	}
	d.putSorted(bucketPositions, packed, places)
	d.putSorted(bucketDigests, bolt.DefaultFillPercent, digests)
	d.putSorted(bucketTypes, packed, types)
	for number := range touched {
		b := d.branch(number)
		d.put(d.bucket(bucketBranches), bucketBranches, u32(number), b.encode())
	}
	for group, order := range marks {
		d.put(d.bucket(bucketMarks), bucketMarks, u32(group), u64(order))
	}
}

// putAbsent indexes a body that isn't held, if that is still so.
func (d *draft) putAbsent(at ref) {
	h, err := newReader(d.tx).header(at)
	if err != nil {
		d.keep(err)
	} else if h.BodyState != protocol.BodyHeld {
		d.keep(d.bucket(bucketAbsent).Put(absentKey(h.BodyState, at), nil))
	}
}

// putSorted writes pairs in the order of their keys, which spares bbolt half of its work.
func (d *draft) putSorted(bucket string, fill float64, pairs [][2][]byte) {
	slices.SortFunc(pairs, func(a, b [2][]byte) int { return bytes.Compare(a[0], b[0]) })
	b := d.bucket(bucket)
	b.FillPercent = fill
	for _, p := range pairs {
		d.keep(b.Put(p[0], p[1]))
	}
}

func splitType(full string) (protocol.Topic, string) {
	r := protocol.Record{Type: full}
	topic, err := protocol.TypeTopic(full)
	if err != nil {
		return 0, ""
	}
	return topic, r.Kind()
}

// catchUp reads the records in front of the water mark, in order of acceptance, and finds
// their places again; by lots they are indexed, the last of them wait for the writer.
func (s *Store) catchUp() error {
	m, err := s.behind()
	if err != nil {
		return err
	}
	for m.Len() > 0 {
		if err := s.recollect(m); err != nil {
			return err
		}
		bare := slices.ContainsFunc(s.mem.tail.entries, func(e entry) bool { return e.bare })
		if (s.waiting() < indexLot && !bare) || s.mayWrite(nil) != nil {
			continue
		}
		if err := s.writeIndexes(); err != nil && !errors.Is(err, ErrDiskFull) {
			return err
		}
	}
	s.mem.indexed = s.mem.n - uint64(len(s.mem.tail.entries))
	return nil
}

// behind gives all records in front of the water mark.
func (s *Store) behind() (merger, error) {
	m := newMerger()
	err := s.view(func(tx *bolt.Tx) error {
		marks := map[uint32]uint64{}
		err := eachSealed(tx, bucketMarks, func(key, value []byte) error {
			if len(key) != 4 || len(value) != 8 {
				return errFormat
			}
			marks[binary.BigEndian.Uint32(key)] = binary.BigEndian.Uint64(value)
			return nil
		})
		if err != nil {
			return err
		}
		rd := newReader(tx)
		for i, last := range s.mem.last {
			group := uint32(i) + 1 //nolint:gosec // 24 bits
			m.begin(rd, group, marks[group]+1, last)
		}
		return nil
	})
	return m, err
}

// recollect finds the places of one lot of records, as [draft.append] found them first.
func (s *Store) recollect(m merger) error {
	return s.view(func(tx *bolt.Tx) error {
		d := s.newDraft(tx)
		rd, ahead := newReader(tx), newReader(tx)
		for range indexLot {
			r, ok, err := m.next(ahead)
			if err != nil || !ok {
				s.remember(d)
				return err
			}
			h, err := rd.header(r)
			if err != nil {
				return err
			}
			at, err := d.find(&h.Record, h.Digest)
			if err == nil && (!at.found || at.held != 0) {
				err = &Damage{Record: h.Name, Order: h.Order, Reason: protocol.ErrPrevious}
			}
			if err != nil {
				return err
			}
			e := d.entry(&h, r, d.extend(&h.Record, h.Digest, at))
			e.bare = h.BodyState != protocol.BodyHeld && !has(tx, bucketAbsent, absentKey(h.BodyState, r))
			d.added = append(d.added, e)
			d.places[e.at], d.digests[e.digest] = r, r
		}
		s.remember(d)
		return nil
	})
}

// remember takes over what was found; nobody else reads yet.
func (s *Store) remember(d *draft) {
	s.mem.peak = d.peak
	for _, number := range d.touched {
		s.mem.setBranch(d.drafted[number])
	}
	for _, e := range d.added {
		s.mem.tail.add(e)
	}
}

// merger gives the records of several groups in order of acceptance over all: within a
// group they lie in it, and each header says its place.
type merger struct{ *streams }

func newMerger() merger { return merger{&streams{}} }

// stream is what is left of one group.
type stream struct {
	n      uint64 // of the next one; of one that is damaged, of the one before it
	at     ref
	last   uint64
	damage error // why the next one can't be read
}

// look reads the header of the next one.
func (s *stream) look(rd *reader) {
	value, err := rd.raw(s.at)
	if s.damage = nil; err != nil {
		s.damage = &Damage{Order: s.at.order(), Reason: err}
		return
	}
	s.n = valueN(value)
}

type streams []stream

func (s streams) Len() int           { return len(s) }
func (s streams) Less(i, j int) bool { return s[i].n < s[j].n }
func (s streams) Swap(i, j int)      { s[i], s[j] = s[j], s[i] }
func (s *streams) Push(x any)        { *s = append(*s, x.(stream)) }

func (s *streams) Pop() any {
	old := *s
	x := old[len(old)-1]
	*s = old[:len(old)-1]
	return x
}

// begin adds a group's records from an order to its last.
func (m *merger) begin(rd *reader, group uint32, from, last uint64) {
	if from > last {
		return
	}
	first := stream{at: refOf(group, from), last: last}
	first.look(rd)
	heap.Push(m.streams, first)
}

// next gives the next record; false if there is none left. One that is damaged is a
// [*Damage], and those behind it follow.
func (m *merger) next(rd *reader) (ref, bool, error) {
	if len(*m.streams) == 0 {
		return 0, false, nil
	}
	first := &(*m.streams)[0]
	r, damage := first.at, first.damage
	if r.order() == first.last {
		heap.Pop(m.streams)
	} else {
		first.at++
		first.look(rd)
		heap.Fix(m.streams, 0)
	}
	return r, damage == nil, damage
}
