package store

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/vardar-network/vardar/protocol"
)

// Options say where the store is and what it is handed.
type Options struct {
	Dir    string           // required; created 0700 if absent
	Clock  func() time.Time // required; gives the time of acceptance
	Logger *slog.Logger     // default: discard
	// Free gives the bytes that can still be written in a directory, and the size of its
	// disk. Default: the operating system's answer.
	Free func(dir string) (free, total uint64, err error)
	// Reserve is how many bytes of disk are left alone: below it nothing is appended.
	// Default: [DefaultReserve].
	Reserve uint64
	// Check is called with the file before this process maps it, and runs [CheckFile] in a
	// child process, since a damaged file can crash the process that maps it. After [ErrIndexes]
	// they are made anew; another error becomes an [ErrDamaged]. Nil: no check, for tests.
	Check func(ctx context.Context, path string) error
}

const (
	// lockWait is how long Open waits for another process to let go: long enough for one
	// that is just ending.
	lockWait = time.Second
	// indexLot is after how many records the indexes are written: in lots they can be
	// sorted, which is 1.1 to 1.2 times as fast as with each commit (hotpath.md 3).
	indexLot = 8192
	// indexIdle is after how long without a commit they are written, however few.
	indexIdle = time.Second
	// queueLength bounds the callers that wait in the queue; further ones wait to get in.
	queueLength = 1024
	// batchBytes bounds what one transaction holds in memory.
	batchBytes = 32 << 20
)

// Store is the archive. All methods are safe for concurrent use. Iterators hold no
// transaction while they yield, so a slow reader stops nobody.
type Store struct {
	dir     string
	clock   func() time.Time
	log     *slog.Logger
	free    func(dir string) (free, total uint64, err error)
	reserve uint64
	read    time.Time // see [Stats]
	db      *bolt.DB

	queue   chan *job
	closing chan struct{}
	stopped chan struct{} // closed when the writer has ended
	once    sync.Once
	closed  error

	mu       sync.RWMutex // guards what follows; never held while a transaction begins or commits
	mem      memory
	full     bool  // the disk refused a commit
	failed   error // the disk failed
	watchers map[chan struct{}]bool

	tallies map[string]uint64 // by key in meta; the writer's alone
}

// Open opens the store in o.Dir, or makes an empty one. It returns [ErrLocked] if another
// process has it open, [ErrDamaged] if the file can't be used, [ErrNewer] if it is not for
// this version. Derived buckets of another version are rebuilt before it returns.
//
// It starts the one goroutine that writes; [Store.Close] waits for it.
func Open(ctx context.Context, o Options) (*Store, error) {
	s, err := newStore(o)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(s.dir, FileName)
	found := s.prepare(ctx, path, o.Check)
	if found != nil && !errors.Is(found, ErrIndexes) {
		return nil, found
	}
	bo := boltOptions()
	if bo.InitialMmapSize, err = mapSize(path); err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	db, err := bolt.Open(path, 0o600, bo)
	if err != nil {
		return nil, openError(s.dir, err)
	}
	db.AllocSize = allocSize
	s.db = db
	if err = s.start(found != nil); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	go s.write()
	return s, nil
}

func newStore(o Options) (*Store, error) {
	if o.Dir == "" || o.Clock == nil {
		return nil, errors.New("store: Dir and Clock are required")
	}
	s := &Store{
		dir: o.Dir, clock: o.Clock, log: o.Logger, free: o.Free, reserve: o.Reserve,
		queue: make(chan *job, queueLength), closing: make(chan struct{}), stopped: make(chan struct{}),
		mem: newMemory(), watchers: map[chan struct{}]bool{}, tallies: map[string]uint64{},
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.free == nil {
		s.free = diskFree
	}
	if s.reserve == 0 {
		s.reserve = DefaultReserve
	}
	return s, nil
}

func boltOptions() *bolt.Options {
	return &bolt.Options{
		Timeout: lockWait, PageSize: pageSize, NoStatistics: true,
		NoFreelistSync: true, FreelistType: bolt.FreelistMapType,
	}
}

// prepare makes the directory, and has an existing file checked.
func (s *Store) prepare(ctx context.Context, path string, check func(context.Context, string) error) error {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return fmt.Errorf("make the store's directory: %w", err)
	}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err = makeFile(path); err != nil {
			return openError(s.dir, err)
		}
		s.read = s.clock()
		return nil
	}
	if err != nil {
		return fmt.Errorf("open the store: %w", err)
	}
	if info.Size() == 0 {
		s.read = s.clock()
		return nil
	}
	// Reading the two meta pages alone tells whether another process has the lock.
	o := boltOptions()
	o.ReadOnly = true
	db, err := bolt.Open(path, 0o600, o)
	if err != nil {
		return openError(s.dir, err)
	}
	if err := db.Close(); err != nil {
		return openError(s.dir, err)
	}
	if check == nil {
		return nil
	}
	s.read = s.clock()
	if err := check(ctx, path); err != nil {
		if ctx.Err() != nil {
			return fmt.Errorf("check the store: %w", ctx.Err())
		}
		s.log.WarnContext(ctx, "store is damaged", "path", path, "err", err)
		return fmt.Errorf("%w: %s: %w", ErrDamaged, path, err)
	}
	return nil
}

// start makes the buckets that are missing, or all that is derived, and fills memory and indexes.
func (s *Store) start(anew bool) (err error) {
	defer faultsAreDamage(&err)()
	fresh, clear, err := s.inspect()
	if err != nil {
		return err
	}
	if fresh || clear || anew {
		if err := s.create(fresh); err != nil {
			return err
		}
	}
	if err := s.db.View(s.recall); err != nil {
		return err
	}
	return s.catchUp()
}

// inspect reads the versions: whether the file is new, and whether what is derived is of
// other versions than ours, or can't be trusted.
func (s *Store) inspect() (fresh, clear bool, err error) {
	err = s.db.View(func(tx *bolt.Tx) error {
		meta := tx.Bucket([]byte(bucketMeta))
		if meta == nil {
			fresh = true
			return nil
		}
		format, rot := number(meta, metaFormat)
		switch {
		case rot != nil:
			return &Damage{Reason: rot}
		case format > formatVersion:
			return fmt.Errorf("%w: %s is of form %d, this vardar knows up to %d", ErrNewer, s.db.Path(), format, formatVersion)
		case format == 0:
			return fmt.Errorf("%w: %s is no store", ErrDamaged, s.db.Path())
		}
		for _, name := range plainBuckets() {
			if tx.Bucket([]byte(name)) == nil {
				return fmt.Errorf("%w: bucket %s is gone", ErrDamaged, name)
			}
		}
		for name, version := range derivedBuckets() {
			held, bad := number(meta, metaVersion+name)
			if bad != nil || held != version || tx.Bucket([]byte(name)) == nil {
				clear = true
			}
		}
		_, rot = number(meta, metaDerived)
		_, rotten := number(meta, metaPeak)
		clear = clear || errors.Join(rot, rotten) != nil
		return nil
	})
	return fresh, clear, err
}

// create makes the buckets of a new file, or those that are derived anew and empty.
func (s *Store) create(fresh bool) error {
	s.log.Info("store's indexes cleared", "dir", s.dir, "fresh", fresh)
	err := s.db.Update(func(tx *bolt.Tx) error {
		if fresh {
			for _, name := range plainBuckets() {
				if _, err := tx.CreateBucketIfNotExists([]byte(name)); err != nil {
					return err
				}
			}
			if err := putNumber(tx, metaFormat, formatVersion); err != nil {
				return err
			}
		}
		for name, version := range derivedBuckets() {
			if tx.Bucket([]byte(name)) != nil {
				if err := tx.DeleteBucket([]byte(name)); err != nil {
					return err
				}
			}
			if _, err := tx.CreateBucket([]byte(name)); err != nil {
				return err
			}
			if err := putNumber(tx, metaVersion+name, version); err != nil {
				return err
			}
		}
		if err := putNumber(tx, metaPeak, 0); err != nil {
			return err
		}
		return putNumber(tx, metaDerived, 0)
	})
	if err != nil {
		return openError(s.dir, err)
	}
	if !fresh {
		return nil
	}
	return syncDir(s.dir) // or a power cut could lose the file with all that is in it
}

func putNumber(tx *bolt.Tx, key string, n uint64) error {
	k := []byte(key)
	return tx.Bucket([]byte(bucketMeta)).Put(k, seal(bucketMeta, k, u64(n)))
}

// recall reads groups, branches, tallies and the small things into memory.
func (s *Store) recall(tx *bolt.Tx) error {
	meta := tx.Bucket([]byte(bucketMeta))
	for _, key := range []string{metaTally, metaDerived} {
		n, err := number(meta, key)
		if err != nil {
			return &Damage{Reason: fmt.Errorf("%s: %w", key, err)}
		}
		s.tallies[key] = n
	}
	n, err := number(meta, metaLast)
	if err != nil {
		return &Damage{Reason: fmt.Errorf("%s: %w", metaLast, err)}
	}
	s.mem.n = n
	peak, err := number(meta, metaPeak)
	if err != nil {
		return &Damage{Reason: fmt.Errorf("%s: %w", metaPeak, err)}
	}
	s.mem.peak = protocol.Instant(peak) //nolint:gosec // as it was written
	if err = s.recallGroups(tx); err != nil {
		return err
	}
	err = eachSealed(tx, bucketBranches, func(key, value []byte) error {
		b, rot := decodeBranch(binary.BigEndian.Uint32(key), value)
		if rot != nil {
			return rot
		}
		if int(b.number) != len(s.mem.chain)+1 || b.parent >= b.number {
			return errFormat
		}
		s.mem.setBranch(b)
		return nil
	})
	if err != nil {
		return err
	}
	return errors.Join(s.recallBeacons(tx), s.recallCursors(tx))
}

// recallGroups reads the groups and the last order given in each.
func (s *Store) recallGroups(tx *bolt.Tx) error {
	var total uint64
	err := eachSealed(tx, bucketGroups, func(key, value []byte) error {
		g, err := protocol.ParseGroup(string(value))
		if err != nil {
			return err
		}
		if len(key) != 4 || int(binary.BigEndian.Uint32(key)) != len(s.mem.groups)+1 {
			return errFormat
		}
		s.mem.addGroup(g)
		group := uint32(len(s.mem.groups)) //nolint:gosec // 24 bits
		if b := nested(tx, bucketRecords, group); b != nil {
			if last, _ := b.Cursor().Last(); len(last) == 8 {
				s.mem.last[group-1] = binary.BigEndian.Uint64(last)
			}
		}
		total += s.mem.last[group-1]
		return nil
	})
	if err == nil && total != s.mem.n {
		err = &Damage{Reason: fmt.Errorf("%d records were written, %d are there", s.mem.n, total)}
	}
	return err
}

// eachSealed gives all of a bucket of sealed values; fn must copy what it keeps.
func eachSealed(tx *bolt.Tx, bucket string, fn func(key, value []byte) error) error {
	return tx.Bucket([]byte(bucket)).ForEach(func(key, sealed []byte) error {
		value, err := unseal(bucket, key, sealed)
		if err == nil {
			err = fn(key, value)
		}
		if err != nil {
			return &Damage{Reason: fmt.Errorf("bucket %s, key %x: %w", bucket, key, err)}
		}
		return nil
	})
}

// faultsAreDamage makes a panic over the mapped file, or a fault in it, an error instead
// of the end of the node. Use: defer faultsAreDamage(&err)().
func faultsAreDamage(err *error) func() {
	before := debug.SetPanicOnFault(true)
	return func() {
		debug.SetPanicOnFault(before)
		if p := recover(); p != nil {
			*err = &Damage{Reason: fmt.Errorf("reading failed: %v", p)}
		}
	}
}

// view runs fn in a reading transaction.
func (s *Store) view(fn func(tx *bolt.Tx) error) (err error) {
	defer faultsAreDamage(&err)()
	err = s.db.View(fn)
	if errors.Is(err, bolterrors.ErrDatabaseNotOpen) {
		return ErrClosed
	}
	return err
}

// Close writes indexes and cursors, and closes the file. Whoever still waits for a commit,
// or comes later, gets [ErrClosed].
func (s *Store) Close() error {
	s.once.Do(func() {
		close(s.closing)
		<-s.stopped
		s.closed = s.db.Close()
	})
	return s.closed
}
