package store

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/vardar-network/vardar/protocol"
)

// job is what one caller wants in the next transaction.
type job struct {
	// apply does it. An error is this caller's alone, and then it has written nothing;
	// what fails in the file is kept in draft.err and undoes the whole transaction.
	apply func(d *draft) error
	size  int        // bytes, about
	grows bool       // refused when the disk is below the reserve
	done  chan error // takes one
}

// do queues a job and waits for its commit. If ctx ends first, the job may still be done.
func (s *Store) do(ctx context.Context, j *job) error {
	j.done = make(chan error, 1)
	select {
	case <-s.closing:
		return ErrClosed
	case <-ctx.Done():
		return ctx.Err()
	case s.queue <- j:
	}
	select {
	case err := <-j.done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-s.stopped:
		select {
		case err := <-j.done:
			return err
		default:
			return ErrClosed
		}
	}
}

// write is the writer: the one goroutine that writes the file. It takes what waits, never
// waiting for more, and commits it in one transaction; when there is enough for a lot, or
// nothing to do, it writes the indexes.
func (s *Store) write() {
	defer close(s.stopped)
	debug.SetPanicOnFault(true)
	idle := time.NewTimer(indexIdle)
	defer idle.Stop()
	for {
		select {
		case first := <-s.queue:
			runtime.Gosched() // whoever was just answered, and is ready again, may join
			s.commitBatch(s.gather(first))
			if s.waiting() >= indexLot {
				s.index()
			}
			idle.Reset(indexIdle)
		case <-idle.C:
			s.index()
		case <-s.closing:
			s.index()
			return
		}
	}
}

// gather takes what waits in the queue, up to the bound of a transaction.
func (s *Store) gather(first *job) []*job {
	batch, size := []*job{first}, first.size
	for size < batchBytes {
		select {
		case j := <-s.queue:
			batch, size = append(batch, j), size+j.size
		default:
			return batch
		}
	}
	return batch
}

// commitBatch does the jobs in one transaction and tells the callers, after the commit
// and not before.
func (s *Store) commitBatch(batch []*job) {
	refused := s.mayWrite(batch)
	outcome := make([]error, len(batch))
	err := s.transact(func(d *draft) error {
		for i, j := range batch {
			if outcome[i] = refused; j.grows && refused != nil {
				continue
			}
			if outcome[i] = j.apply(d); d.err != nil {
				return d.err
			}
		}
		return nil
	})
	if len(batch) > 1 && errors.Is(err, ErrDamaged) && s.failure() == nil {
		// One caller met a damaged place: the others need not suffer for it.
		for _, j := range batch {
			s.commitBatch([]*job{j})
		}
		return
	}
	for i, j := range batch {
		if err != nil {
			outcome[i] = err
		}
		j.done <- outcome[i]
	}
}

// transact runs fn in a writing transaction, commits, and then lets readers see it. After
// an error nothing has changed.
func (s *Store) transact(fn func(d *draft) error) (err error) {
	if err = s.failure(); err != nil {
		return err
	}
	tx, err := s.db.Begin(true)
	if err != nil {
		return err
	}
	id := tx.ID()
	committing := false
	defer func() {
		// A panic means damage, or a fault of the disk under the map. Rollback without
		// bbolt's own scan of the file, which would panic where nobody can recover.
		if p := recover(); p != nil {
			_ = tx.Rollback()
			err = s.fail(fmt.Errorf("%w: %v", ErrDamaged, p))
		} else if err != nil && !committing {
			_ = tx.Rollback()
		}
	}()
	d := s.newDraft(tx)
	if err = fn(d); err != nil {
		return err
	}
	if !d.dirty {
		return tx.Rollback()
	}
	if d.finish(); d.err != nil {
		return d.err
	}
	committing = true
	if err = tx.Commit(); err != nil {
		return s.commitFailed(id, err)
	}
	s.publish(d)
	return nil
}

// commitFailed judges a commit that did not go through. bbolt has rolled back, unless the
// meta page was written and only its sync failed: then readers see the transaction, but a
// power cut may undo it.
func (s *Store) commitFailed(id int, err error) error {
	seen := -1
	if viewed := s.view(func(tx *bolt.Tx) error { seen = tx.ID(); return nil }); viewed != nil {
		return s.fail(errors.Join(err, viewed))
	}
	if isDiskFull(err) && seen < id {
		s.setFull(true)
		s.log.Warn("disk full", "dir", s.dir, "err", err)
		return fmt.Errorf("%w: %s: %w", ErrDiskFull, s.dir, err)
	}
	return s.fail(err)
}

// fail stops all writing until the store is opened again.
func (s *Store) fail(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed = fmt.Errorf("%w: %w", ErrFailed, err)
	s.log.Error("store stopped writing", "dir", s.dir, "err", err)
	return s.failed
}

func (s *Store) failure() error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.failed
}

// publish lets readers see what a draft has committed.
func (s *Store) publish(d *draft) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.full = false
	for _, g := range d.groups {
		s.mem.addGroup(g)
	}
	for group, last := range d.last {
		s.mem.last[group-1] = last
	}
	for _, number := range d.touched {
		s.mem.setBranch(d.drafted[number])
	}
	for _, e := range d.added {
		s.mem.tail.add(e)
	}
	s.mem.n, s.mem.peak = d.n, d.peak
	for key, tally := range d.tallies {
		s.tallies[key] = tally
	}
	for _, fn := range d.after {
		fn(&s.mem)
	}
	if !d.news {
		return
	}
	for c := range s.watchers {
		select {
		case c <- struct{}{}:
		default: // it has not yet looked at the news before
		}
	}
}

// Changed gives a channel that is told after each commit that added a record or a body;
// what comes while nobody looks is told once. Call the function when done.
func (s *Store) Changed() (<-chan struct{}, func()) {
	c := make(chan struct{}, 1)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watchers[c] = true
	return c, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.watchers, c)
	}
}

// draft is one transaction: what it changes in the file, and beside it what readers will
// see once it is committed.
type draft struct {
	s   *Store
	tx  *bolt.Tx
	now protocol.Instant
	err error // the first that the file returned

	n       uint64
	peak    protocol.Instant
	groups  []protocol.Group
	numbers map[protocol.Group]uint32
	last    map[uint32]uint64
	drafted map[uint32]*branch
	begun   uint32                     // how many of drafted are new
	heads   map[protocol.Digest]uint32 // of drafted
	forks   map[protocol.EpochID]fork
	touched []uint32 // numbers of drafted, in order of their first touch
	epochs  map[protocol.EpochID][]uint32
	added   []entry
	news    bool
	dirty   bool
	places  map[posKey]ref
	digests map[protocol.Digest]ref
	tallies map[string]uint64
	after   []func(*memory)

	records, bodies map[uint32]*bolt.Bucket
}

func (s *Store) newDraft(tx *bolt.Tx) *draft {
	d := &draft{
		s: s, tx: tx, now: protocol.InstantOf(s.clock()), n: s.mem.n, peak: s.mem.peak,
		numbers: map[protocol.Group]uint32{}, last: map[uint32]uint64{}, drafted: map[uint32]*branch{}, heads: map[protocol.Digest]uint32{}, forks: map[protocol.EpochID]fork{},
		epochs: map[protocol.EpochID][]uint32{}, places: map[posKey]ref{}, digests: map[protocol.Digest]ref{},
		tallies: map[string]uint64{}, records: map[uint32]*bolt.Bucket{}, bodies: map[uint32]*bolt.Bucket{},
	}
	for key, tally := range s.tallies {
		d.tallies[key] = tally
	}
	return d
}

// keep remembers the first error of the file.
func (d *draft) keep(err error) {
	d.dirty = true
	if d.err == nil {
		d.err = err
	}
}

// put writes a sealed value into b, which is bucket or lies in it, and keeps its tally.
func (d *draft) put(b *bolt.Bucket, bucket string, key, value []byte) {
	d.count(b, bucket, key)
	sealed := seal(bucket, key, value)
	d.tallies[tallyOf(bucket)] ^= fingerprint(bucket, key, sealed)
	d.keep(b.Put(key, sealed))
}

// remove takes a sealed value out of b.
func (d *draft) remove(b *bolt.Bucket, bucket string, key []byte) {
	d.count(b, bucket, key)
	d.keep(b.Delete(key))
}

// count takes a value that is to go out of its tally.
func (d *draft) count(b *bolt.Bucket, bucket string, key []byte) {
	if old := b.Get(key); old != nil {
		d.tallies[tallyOf(bucket)] ^= fingerprint(bucket, key, old)
	}
}

func tallyOf(bucket string) string {
	if bucket == bucketMarks || bucket == bucketBranches {
		return metaDerived
	}
	return metaTally
}

// bucket opens a bucket that Open has made.
func (d *draft) bucket(name string) *bolt.Bucket { return d.tx.Bucket([]byte(name)) }

// open gives a group's own bucket in records or bodies, made if need be.
func (d *draft) open(cache map[uint32]*bolt.Bucket, bucket string, group uint32) *bolt.Bucket {
	if b := cache[group]; b != nil {
		return b
	}
	b, err := d.bucket(bucket).CreateBucketIfNotExists(u32(group))
	if err != nil {
		d.keep(err)
		return nil
	}
	b.FillPercent = dense
	cache[group] = b
	return b
}

// finish writes what a transaction says of itself.
func (d *draft) finish() {
	if d.n != d.s.mem.n {
		d.keep(putNumber(d.tx, metaLast, d.n))
	}
	for key, tally := range d.tallies {
		if tally != d.s.tallies[key] {
			d.keep(putNumber(d.tx, key, tally))
		}
	}
}
