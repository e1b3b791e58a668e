package store

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/vardar-network/vardar/protocol"
)

// Status is what became of a record that was to be appended.
type Status int

// The three outcomes.
const (
	Added Status = iota + 1 // new: it is on disk
	Known                   // held already; its body may have been added
	Gap                     // the record before it isn't held: nothing was kept
)

// String gives the word.
func (s Status) String() string {
	if s < Added || s > Gap {
		return "no status"
	}
	return [...]string{"added", "known", "gap"}[s-Added]
}

// Result says what became of one record.
type Result struct {
	Status Status
	Digest protocol.Digest
	Order  uint64 // of acceptance within its group; 0 for a gap
	// Head is the last sequence held on the record's branch; for a gap, on the first
	// branch of its epoch, 0 if there is none.
	Head uint32
	// BodyAdded: the record was known without its body, and now has it.
	BodyAdded bool
	// Rival is the proof of a fork (epochs.md 7): another record that is held at this
	// position, or at the first position of the epoch where two branches part, if that
	// lies behind it. Nil if the epoch is not forked up to here. Its body may be missing.
	Rival *Stored
}

// Append commits records in one transaction with whatever else waits, and returns once
// they are on disk: one result for each, in their order.
//
// It judges chain alone. A record with sequence 1 is taken as it is: the caller has
// checked its opener. One with sequence n is taken when a record of its key is held at
// n-1, on whatever branch, whose digest is its Previous, or stands before it in records;
// otherwise it is a [Gap]. Every branch is kept.
//
// A record that breaks the grammar, or whose body does not have its digest, is an error
// and then none is taken. [ErrDiskFull]: none was taken, try again later. If ctx ends
// while waiting they may or may not have been taken: append them again.
func (s *Store) Append(ctx context.Context, records []protocol.Record) ([]Result, error) {
	if len(records) == 0 {
		return nil, ctx.Err()
	}
	digests := make([]protocol.Digest, len(records))
	size := 0
	for i := range records {
		if err := records[i].Check(); err != nil {
			return nil, fmt.Errorf("append %s: %w", records[i].Name, err)
		}
		digests[i] = records[i].Digest()
		size += protocol.EntrySize(&records[i]) + headerFixed
	}
	results := make([]Result, len(records))
	err := s.do(ctx, &job{size: size, grows: true, apply: func(d *draft) error {
		for i := range records {
			if err := d.append(&records[i], digests[i], &results[i]); err != nil {
				d.keep(err) // it may have written some already
				return err
			}
		}
		return nil
	}})
	if err != nil {
		return nil, err
	}
	return results, nil
}

func (d *draft) branch(number uint32) *branch {
	if b := d.drafted[number]; b != nil {
		return b
	}
	return d.s.mem.branch(number)
}

func (d *draft) branches(e protocol.EpochID) []uint32 {
	if list, ok := d.epochs[e]; ok {
		return list
	}
	return d.s.mem.branches(e)
}

// set drafts a branch, new or changed.
func (d *draft) set(b *branch) {
	if d.drafted[b.number] == nil {
		d.touched = append(d.touched, b.number)
	}
	d.drafted[b.number] = b
	d.heads[b.Digest] = b.number
}

// headed gives the branch whose head is a record; 0 if none ends there.
func (d *draft) headed(digest protocol.Digest) uint32 {
	number := d.heads[digest]
	if number == 0 {
		number = d.s.mem.heads[digest]
	}
	if number != 0 && d.branch(number).Digest != digest {
		return 0 // it has grown in this draft
	}
	return number
}

// spot is where a record stands, or would.
type spot struct {
	held  ref    // of the record if it is known
	on    uint32 // its branch; 0: one that begins with it
	from  uint32 // the branch from which that one parts; 0 at sequence 1
	found bool   // false: a gap
}

// find gives a record's spot.
func (d *draft) find(r *protocol.Record, digest protocol.Digest) (spot, error) {
	e := r.EpochID()
	// Nothing is held behind a head, so a record that fits there is new.
	if number := d.headed(r.Previous); number != 0 {
		if b := d.branch(number); b.EpochID == e && b.Head+1 == r.Sequence && b.Key == r.Key {
			return spot{on: number, found: true}, nil
		}
	}
	if len(d.branches(e)) == 0 {
		return spot{found: r.Sequence == 1}, nil
	}
	held, err := d.lookup(digest)
	if err != nil {
		return spot{}, err
	}
	if held != 0 {
		return spot{held: held, on: d.branchOf(e, r.Sequence, held), found: true}, nil
	}
	if r.Sequence == 1 {
		return spot{found: true}, nil
	}
	before, err := d.lookup(r.Previous)
	if before == 0 || err != nil {
		return spot{}, err
	}
	number := d.branchOf(e, r.Sequence-1, before)
	if number == 0 || d.branch(number).Key != r.Key {
		return spot{}, nil
	}
	return spot{from: number, found: true}, nil
}

// lookup finds a record by its digest; 0 if it isn't held.
func (d *draft) lookup(digest protocol.Digest) (ref, error) {
	if r := d.digests[digest]; r != 0 {
		return r, nil
	}
	if r := d.s.mem.tail.digests[digest]; r != 0 {
		return r, nil
	}
	return byDigest(d.tx, digest)
}

// refAt finds a record by its place; 0 if the index doesn't have it.
func (d *draft) refAt(key posKey) ref {
	if r := d.places[key]; r != 0 {
		return r
	}
	if r := d.s.mem.tail.places[key]; r != 0 {
		return r
	}
	return refIn(d.bucket(bucketPositions).Get(key.bytes()))
}

// branchOf gives the branch of an epoch that has r at a sequence; 0 if none has.
func (d *draft) branchOf(e protocol.EpochID, sequence uint32, r ref) uint32 {
	for _, number := range d.branches(e) {
		if b := d.branch(number); b.Parts <= sequence && sequence <= b.Head && d.refAt(posKey{number, sequence}) == r {
			return number
		}
	}
	return 0
}

// append judges one record and, if it is new, writes it.
func (d *draft) append(r *protocol.Record, digest protocol.Digest, out *Result) error {
	*out = Result{Digest: digest}
	at, err := d.find(r, digest)
	if err != nil {
		return err
	}
	switch {
	case !at.found:
		out.Status, out.Head = Gap, d.firstHead(r.EpochID())
		return nil
	case at.held != 0:
		out.Status, out.Order = Known, at.held.order()
		out.BodyAdded, err = d.addBody(at.held, r)
		if err != nil {
			return err
		}
		if at.on == 0 {
			return &Damage{Record: r.Name, Order: out.Order, Reason: errAbsent}
		}
	default:
		out.Status = Added
		at.on = d.extend(r, digest, at)
		out.Order = d.write(r, digest, at.on)
	}
	out.Head = d.branch(at.on).Head
	out.Rival = d.rival(at.on, r.Sequence)
	return nil
}

func (d *draft) firstHead(e protocol.EpochID) uint32 {
	if list := d.branches(e); len(list) > 0 {
		return d.branch(list[0]).Head
	}
	return 0
}

// extend puts a new record at the head of its branch, which may begin with it.
func (d *draft) extend(r *protocol.Record, digest protocol.Digest, at spot) uint32 {
	var b branch
	switch {
	case at.on != 0:
		b = *d.branch(at.on)
	default:
		d.begun++
		b = branch{parent: at.from, number: uint32(len(d.s.mem.chain)) + d.begun} //nolint:gosec // fewer than records
		b.EpochID, b.Parts, b.Root, b.Key = r.EpochID(), r.Sequence, r.Previous, r.Key
		if at.from != 0 {
			b.Root = d.branch(at.from).Root
		}
		if f, ok := d.fork(b.EpochID); len(d.branches(b.EpochID)) > 0 {
			d.forks[b.EpochID] = f.or(ok, &b, d.branches(b.EpochID)[0])
		}
		// It may grow into what lies behind the store's own slice, which nobody reads.
		d.epochs[b.EpochID] = append(d.branches(b.EpochID), b.number)
	}
	b.Head, b.Digest = r.Sequence, digest
	d.set(&b)
	return b.number
}

// write appends header and body: all that a caller waits for.
func (d *draft) write(r *protocol.Record, digest protocol.Digest, on uint32) uint64 {
	group := d.group(r.Feed().Group())
	last, ok := d.last[group]
	if !ok && int(group) <= len(d.s.mem.last) {
		last = d.s.mem.last[group-1]
	}
	d.last[group] = last + 1
	d.n++
	at := refOf(group, last+1)
	h := header{Stored: Stored{Record: *r, Digest: digest, Accepted: d.now, Order: at.order(), Place: d.n}}
	d.putHeader(at, &h)
	switch r.BodyState {
	case protocol.BodyHeld:
		d.putBody(at, r.Body)
	case protocol.BodyWithheld, protocol.BodyErased, protocol.BodyMissing:
		d.keep(d.bucket(bucketAbsent).Put(absentKey(r.BodyState, at), nil))
	}
	e := d.entry(&h, at, on)
	d.added = append(d.added, e)
	d.places[posKey{on, r.Sequence}] = at
	d.digests[digest] = at
	d.news = true
	return at.order()
}

func (d *draft) putHeader(at ref, h *header) {
	if b := d.open(d.records, bucketRecords, at.group()); b != nil {
		d.keep(b.Put(u64(at.order()), seal(bucketRecords, refKey(at), h.encode())))
	}
}

func (d *draft) putBody(at ref, body []byte) {
	if b := d.open(d.bodies, bucketBodies, at.group()); b != nil {
		d.keep(b.Put(u64(at.order()), body))
	}
}

// group gives a group's number, a new one if need be.
func (d *draft) group(g protocol.Group) uint32 {
	if number := d.s.mem.numbers[g]; number != 0 {
		return number
	}
	if number := d.numbers[g]; number != 0 {
		return number
	}
	d.groups = append(d.groups, g)
	number := uint32(len(d.s.mem.groups) + len(d.groups)) //nolint:gosec // 24 bits: 6 million regions
	d.numbers[g] = number
	d.put(d.bucket(bucketGroups), bucketGroups, u32(number), []byte(g.String()))
	return number
}

// rival finds the proof of a fork for a record on a branch; see [Result]. A record stands
// on one branch alone, so where two reach a sequence two records stand; and up to the
// first fork of an epoch there is one chain, so that every branch that reaches it has a
// rival there. It costs a step for each branch between this one and that fork, however
// many an author makes.
func (d *draft) rival(on, sequence uint32) *Stored {
	own := d.branch(on)
	f, forked := d.fork(own.EpochID)
	if !forked || f.at > sequence {
		return nil
	}
	at := posKey{sequence: sequence}
	for _, number := range []uint32{own.parent, f.one, f.other} {
		if number != 0 && number != on && d.branch(number).reaches(sequence) {
			at.branch = number
			break
		}
	}
	if at.branch == 0 {
		for own.Parts > f.at {
			own = d.branch(own.parent)
		}
		at = posKey{f.one, f.at}
		if own.number == f.one {
			at.branch = f.other
		}
	}
	h, err := newReader(d.tx).load(d.refAt(at))
	if err != nil {
		d.s.log.Warn("rival not readable", "record", h.Name, "err", err)
	}
	return &h.Stored
}

func (d *draft) fork(e protocol.EpochID) (fork, bool) {
	if f, ok := d.forks[e]; ok {
		return f, true
	}
	f, ok := d.s.mem.forks[e]
	return f, ok
}

func refIn(value []byte) ref {
	if len(value) != 8 {
		return 0
	}
	return ref(binary.BigEndian.Uint64(value))
}
