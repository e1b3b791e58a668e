package store_test

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	bolt "go.etcd.io/bbolt"

	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

func TestSecondProcessIsToldWhatToDo(t *testing.T) {
	dir := t.TempDir()
	open(t, options(dir))
	_, err := store.Open(t.Context(), options(dir))
	if !errors.Is(err, store.ErrLocked) || !strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), "--dir") {
		t.Errorf("second Open = %v, want ErrLocked that names the directory and the way out", err)
	}
	out, err := spawn(t.Context(), "check", filepath.Join(dir, store.FileName)).CombinedOutput()
	if err == nil || !strings.Contains(string(out), dir) {
		t.Errorf("check of a file in use: %v, %s", err, out)
	}
}

func TestNewerFileIsRefused(t *testing.T) {
	dir := t.TempDir()
	must(t, open(t, options(dir)).Close())
	tamper(t, dir, func(tx *bolt.Tx) error {
		key := []byte("format")
		return tx.Bucket([]byte("meta")).Put(key, sealed("meta", key, binary.BigEndian.AppendUint64(nil, 2)))
	})
	if _, err := store.Open(t.Context(), options(dir)); !errors.Is(err, store.ErrNewer) {
		t.Errorf("Open = %v, want ErrNewer", err)
	}
	o := options(dir)
	o.Check = checkInChild
	if _, err := store.Open(t.Context(), o); !errors.Is(err, store.ErrNewer) || errors.Is(err, store.ErrDamaged) {
		t.Errorf("Open after a check = %v, want ErrNewer alone", err)
	}
}

// TestStoreKnowsWhenItsFileWasReadWhole: as it was made, and each time that it was checked.
func TestStoreKnowsWhenItsFileWasReadWhole(t *testing.T) {
	o := options(t.TempDir())
	s := open(t, o)
	if read := s.Stats().Read; read.IsZero() {
		t.Error("nothing was in a file that was made, and nobody has read it")
	}
	must(t, s.Close())
	s = open(t, o)
	if read := s.Stats().Read; !read.IsZero() {
		t.Errorf("nobody checks it, and it was read at %s", read)
	}
	must(t, s.Close())
	o.Check = checkInChild
	if read := open(t, o).Stats().Read; read.IsZero() {
		t.Error("nobody has read a file that was checked")
	}
}

func TestFileThatIsNoStoreIsRefused(t *testing.T) {
	dir := t.TempDir()
	must(t, os.WriteFile(filepath.Join(dir, store.FileName), []byte(strings.Repeat("no store ", 9000)), 0o600))
	if _, err := store.Open(t.Context(), options(dir)); !errors.Is(err, store.ErrDamaged) {
		t.Errorf("Open = %v, want ErrDamaged", err)
	}
}

// TestDerivedBucketsAreRebuiltWhenTheirVersionChanges empties an index and gives it, or
// another, the version of another software: all of it must be there again.
func TestDerivedBucketsAreRebuiltWhenTheirVersionChanges(t *testing.T) {
	for _, bumped := range []string{"marks", "branches", "positions", "digests", "types", "absent"} {
		t.Run(bumped, func(t *testing.T) {
			dir := t.TempDir()
			furnish(t, dir)
			path := filepath.Join(dir, store.FileName)
			whole, err := os.ReadFile(path)
			must(t, err)
			want := read(t, whole)
			key := []byte("version of " + bumped)
			tamper(t, dir, func(tx *bolt.Tx) error {
				if err := tx.DeleteBucket([]byte("digests")); err != nil {
					return err
				}
				if _, err := tx.CreateBucket([]byte("digests")); err != nil {
					return err
				}
				return tx.Bucket([]byte("meta")).Put(key, sealed("meta", key, binary.BigEndian.AppendUint64(nil, 999)))
			})
			s := open(t, options(dir))
			if lost := want.differs(take(t, s)); len(lost) > 0 {
				t.Errorf("after the rebuild other answers to %.300q", lost)
			}
			must(t, s.Close())
			must(t, store.CheckFile(path))
			tamper(t, dir, func(tx *bolt.Tx) error {
				if got := tx.Bucket([]byte("meta")).Get(key); binary.BigEndian.Uint64(got) != 1 {
					t.Errorf("version of %s is %x after the rebuild, want 1", bumped, got)
				}
				return nil
			})
		})
	}
}

func TestClosedStoreAnswersSo(t *testing.T) {
	s := open(t, options(t.TempDir()))
	a := newAuthor(gevgelija, protocol.Situation, 1)
	r := a.write("x", 0)
	mustAppend(t, s, r)
	must(t, s.Close())
	if _, err := s.Append(t.Context(), []protocol.Record{a.write("y", 0)}); !errors.Is(err, store.ErrClosed) {
		t.Errorf("Append = %v, want ErrClosed", err)
	}
	if _, err := s.Get(r.Name); !errors.Is(err, store.ErrClosed) {
		t.Errorf("Get = %v, want ErrClosed", err)
	}
}

func TestChangedTellsOnceOfWhatCameMeanwhile(t *testing.T) {
	s := open(t, options(t.TempDir()))
	told, stop := s.Changed()
	a := newAuthor(gevgelija, protocol.Situation, 1)
	mustAppend(t, s, a.write("x", 0))
	mustAppend(t, s, a.write("y", 0))
	<-told
	select {
	case <-told:
		t.Error("told twice of what came before it looked")
	default:
	}
	r := a.write("z", 0)
	mustAppend(t, s, r)
	<-told
	mustAppend(t, s, r)
	select {
	case <-told:
		t.Error("told of a record that was known")
	default:
	}
	stop()
}

// TestReaderMayAppendWhileItReads: an iterator holds no transaction while it yields, so
// that the file can grow under it.
func TestReaderMayAppendWhileItReads(t *testing.T) {
	s := open(t, options(t.TempDir()))
	a := newAuthor(gevgelija, protocol.Situation, 1)
	mustAppend(t, s, a.run(300, "quiet")...)
	b := newAuthor("mk.southeast.strumica", protocol.Situation, 1)
	n := 0
	for r, err := range s.All(t.Context()) {
		must(t, err)
		if n++; n%10 == 0 {
			mustAppend(t, s, b.write(r.String(), 100_000))
		}
	}
	if n != 300 {
		t.Errorf("All gave %d records, want those 300 that were held when it began", n)
	}
}

// TestManyReadAndWriteAtOnce is for the race detector, and for the lots of the index.
func TestManyReadAndWriteAtOnce(t *testing.T) {
	s := open(t, options(t.TempDir()))
	ctx, cancel := context.WithCancel(t.Context())
	var writers, readers sync.WaitGroup
	for _, id := range []protocol.InstitutionID{"mk.southeast.one", "mk.southeast.two", "al.north.three"} {
		a := newAuthor(id, protocol.Situation, 1)
		readers.Go(func() {
			for ctx.Err() == nil {
				for _, b := range s.Branches(a.epoch) {
					n := 0
					for r, err := range s.Range(ctx, a.epoch, protocol.Digest{}, b.Head-min(b.Head-1, 5), b.Head) {
						if ctx.Err() != nil {
							return
						}
						if err != nil || r.Institution != id {
							t.Errorf("Range: %v, %v", r.Name, err)
						}
						n++
					}
					if n != int(min(b.Head, 6)) && ctx.Err() == nil {
						t.Errorf("Range to the head %d gives %d", b.Head, n)
					}
					if _, err := s.ByDigest(b.Digest); err != nil {
						t.Errorf("ByDigest of a head: %v", err)
					}
				}
				s.Stats()
				s.Rows(a.epoch.Group())
			}
		})
		writers.Go(func() {
			for range 15 {
				if _, err := s.Append(t.Context(), a.run(250, "quiet")); err != nil {
					t.Errorf("Append: %v", err)
				}
				must(t, s.SetCursors(t.Context(), linkToken, map[protocol.Group]uint64{a.epoch.Group(): uint64(a.sequence)}))
			}
		})
	}
	writers.Wait()
	cancel()
	readers.Wait()
	if st := s.Stats(); st.Records != 3*15*250 || st.Indexed == 0 {
		t.Errorf("Stats = %+v, want 11250 records, some of them indexed", st)
	}
}
