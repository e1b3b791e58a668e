package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"
)

const (
	// foreignShare: below a tenth of free disk no more foreign bodies are fetched
	// (design.md §4).
	foreignShare = 10
	// foreignEnough: with as many bytes free they are, however large the disk: a tenth of a
	// large one is more than the records of many years.
	foreignEnough = 8 << 30
	// foreignReserves: nor below four reserves, so that a small disk's own records have room.
	foreignReserves = 4
	// probeSlack is written beside a batch when it is tried whether a disk that was full
	// has room again: the pages of the tree that a commit rewrites.
	probeSlack = 1 << 20
	// probeName is the file that is written for it, and removed.
	probeName = "store.room"
	// makingName begins the name of a store's file until it is whole.
	makingName = FileName + ".making-"
)

// Stats says how the store is.
type Stats struct {
	Records  uint64 // held
	Indexed  uint64 // of these behind the water mark of the indexes
	Groups   int
	Feeds    int
	Epochs   int
	Branches int
	Bytes    int64  // of the file
	Free     uint64 // bytes of disk that can still be written; 0 with Total 0: not known
	Total    uint64
	// ForeignPaused: less than ForeignBelow is free, so bodies of others should not be
	// fetched now.
	ForeignPaused bool
	ForeignBelow  uint64 // bytes: a tenth of the disk, 8 GiB at most, four reserves at least
	// Paused: below the reserve, or the disk refused the last commit: nothing is appended
	// until there is room.
	Paused bool
	// Read is when [Options.Check] last read the whole file, or when it was made; zero: nobody has.
	Read time.Time
	// Failed is why the store writes nothing more; nil if it does. See [ErrFailed].
	Failed error
}

// Free gives the bytes that this user can still write in a folder, and those and all that
// is written on its disk, by the operating system's answer.
func Free(dir string) (free, total uint64, err error) { return diskFree(dir) }

// makeFile makes an empty file of bbolt under another name and gives it its own once it is
// on the disk: a power cut in the middle would leave one that looks damaged.
func makeFile(path string) (err error) {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, makingName+"*")
	if err != nil {
		return err
	}
	making := f.Name()
	defer func() {
		if err != nil {
			_ = os.Remove(making)
		}
	}()
	if err = f.Close(); err != nil {
		return err
	}
	db, err := bolt.Open(making, 0o600, boltOptions())
	if err != nil {
		return err
	}
	if err := db.Close(); err != nil {
		return err
	}
	if _, err := os.Stat(path); err == nil {
		return os.Remove(making) // another process was quicker
	}
	if err := os.Rename(making, path); err != nil {
		return err
	}
	return syncDir(dir)
}

// Stats asks memory and the disk.
func (s *Store) Stats() Stats {
	s.mu.RLock()
	out := Stats{
		Records: s.mem.n, Indexed: s.mem.indexed, Groups: len(s.mem.groups), Feeds: len(s.mem.feeds),
		Epochs: len(s.mem.epochs), Branches: len(s.mem.chain), Paused: s.full, Failed: s.failed, Read: s.read,
	}
	s.mu.RUnlock()
	if info, err := os.Stat(filepath.Join(s.dir, FileName)); err == nil {
		out.Bytes = info.Size()
	}
	free, total, err := s.free(s.dir)
	if err != nil {
		return out
	}
	out.Free, out.Total = free, total
	out.ForeignBelow = max(min(total/foreignShare, foreignEnough), foreignReserves*s.reserve)
	out.ForeignPaused = free < out.ForeignBelow
	out.Paused = out.Paused || free < s.reserve
	return out
}

// mayWrite says whether there is room for what the batch appends: [ErrDiskFull] if not.
// Once the disk has refused a commit, a file of the batch's size is tried first: bbolt
// scans all of its own file after a commit that failed, which no full disk should cause
// again and again.
func (s *Store) mayWrite(batch []*job) error {
	free, _, err := s.free(s.dir)
	if err == nil && free < s.reserve {
		return fmt.Errorf("%w: %s has %d MiB left, %d MiB are kept back", ErrDiskFull, s.dir, free>>20, s.reserve>>20)
	}
	s.mu.RLock()
	full := s.full
	s.mu.RUnlock()
	if !full {
		return nil
	}
	size := probeSlack
	for _, j := range batch {
		size += 2 * j.size
	}
	if err := s.probe(size); err != nil {
		return fmt.Errorf("%w: %s: %w", ErrDiskFull, s.dir, err)
	}
	return nil
}

// probe writes a file of a size, and removes it.
func (s *Store) probe(size int) (err error) {
	path := filepath.Join(s.dir, probeName)
	file, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, file.Close())
		if gone := os.Remove(path); !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}()
	chunk := make([]byte, 64<<10)
	for ; size > 0; size -= len(chunk) {
		if _, err := file.Write(chunk); err != nil {
			return err
		}
	}
	return file.Sync()
}

func (s *Store) setFull(full bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.full = full
}

// isDiskFull reports whether an error says so. bbolt turns some into text.
func isDiskFull(err error) bool {
	for _, full := range diskFullErrors() {
		if errors.Is(err, full) || (err != nil && strings.Contains(err.Error(), full.Error())) {
			return true
		}
	}
	return false
}
