package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

func TestWritingStopsAboveTheReserveAndGoesOnByItself(t *testing.T) {
	var free atomic.Uint64
	free.Store(900)
	o := options(t.TempDir())
	o.Reserve = 10
	o.Free = func(string) (uint64, uint64, error) { return free.Load(), 1000, nil }
	s := open(t, o)
	a := newAuthor(gevgelija, protocol.Situation, 1)
	first, second := a.write("one", 0), a.write("two", 0)
	mustAppend(t, s, first)
	if st := s.Stats(); st.ForeignPaused || st.Paused {
		t.Errorf("with 90 %% free: %+v", st)
	}
	free.Store(99)
	if st := s.Stats(); !st.ForeignPaused || st.Paused {
		t.Errorf("below 10 %%: %+v, want foreign bodies paused alone", st)
	}
	free.Store(9)
	if _, err := s.Append(t.Context(), []protocol.Record{second}); !errors.Is(err, store.ErrDiskFull) {
		t.Errorf("below the reserve: %v, want ErrDiskFull", err)
	}
	if st := s.Stats(); !st.Paused {
		t.Errorf("below the reserve: %+v, want it paused", st)
	}
	if _, err := s.Get(first.Name); err != nil {
		t.Errorf("reading while the disk is full: %v", err)
	}
	must(t, s.Erase(t.Context(), first.Digest())) // the reserve is there for this
	free.Store(500)
	if r := mustAppend(t, s, second); r[0].Status != store.Added || s.Stats().Paused {
		t.Errorf("with room again: %v", r[0].Status)
	}
}

// A tenth of a large disk is more than the records of many years: others are heard.
func TestOthersAreHeardWhileThereIsRoomEnough(t *testing.T) {
	var free, total atomic.Uint64
	o := options(t.TempDir())
	o.Reserve = 64 << 20
	o.Free = func(string) (uint64, uint64, error) { return free.Load(), total.Load(), nil }
	s := open(t, o)
	for _, c := range []struct {
		free, total uint64
		paused      bool
	}{
		{21 << 30, 252 << 30, false},
		{8 << 30, 4 << 40, false},
		{8<<30 - 1, 4 << 40, true},
		{3 << 30, 20 << 30, false},
		{1 << 30, 20 << 30, true},
		{256 << 20, 1 << 30, false},
		{255 << 20, 1 << 30, true},
	} {
		free.Store(c.free)
		total.Store(c.total)
		if st := s.Stats(); st.ForeignPaused != c.paused || (st.Free < st.ForeignBelow) != c.paused {
			t.Errorf("%d of %d bytes free: paused %v below %d, want %v", c.free, c.total, st.ForeignPaused, st.ForeignBelow, c.paused)
		}
	}
}

// TestFullDiskRefusesCleanlyAndGoesOn fills a real file system of a few MiB.
func TestFullDiskRefusesCleanlyAndGoesOn(t *testing.T) {
	disk := t.TempDir()
	unmount, err := mountSmall(disk)
	if err != nil {
		t.Skipf("can't mount a small tmpfs: %v; it needs root, with CAP_SYS_ADMIN", err)
	}
	t.Cleanup(unmount)
	dir := filepath.Join(disk, "node")
	o := options(dir)
	o.Free = roomy // a lie, so that the disk itself must refuse, and not the reserve
	ballast := filepath.Join(disk, "ballast")
	must(t, os.WriteFile(ballast, make([]byte, 2<<20), 0o600))
	s := open(t, o)
	a := newAuthor(gevgelija, protocol.Situation, 1)
	var held []protocol.Record
	fill := func() protocol.Record {
		t.Helper()
		for range 2000 {
			r := a.write("fill", 20_000)
			results, err := s.Append(t.Context(), []protocol.Record{r})
			if err == nil && results[0].Status == store.Added {
				held = append(held, r)
				continue
			}
			if !errors.Is(err, store.ErrDiskFull) || !errors.Is(err, syscall.ENOSPC) {
				t.Fatalf("Append on a full disk: %v, %v, want ErrDiskFull, of the disk's own ENOSPC", results, err)
			}
			return r
		}
		t.Fatal("the disk never was full")
		return protocol.Record{}
	}
	refused := fill()
	if !s.Stats().Paused || len(held) < 20 {
		t.Errorf("after %d records: %+v, want it paused", len(held), s.Stats())
	}
	if _, err := s.Append(t.Context(), []protocol.Record{refused}); !errors.Is(err, store.ErrDiskFull) {
		t.Errorf("again on the full disk: %v, want ErrDiskFull", err)
	}
	whole := func() {
		t.Helper()
		got := collect(t, s.All(t.Context()))
		if len(got) != len(held) {
			t.Fatalf("%d records held, want %d", len(got), len(held))
		}
		for i, r := range held {
			if got[i].Digest != r.Digest() {
				t.Fatalf("record %d is %s, want %s", i, got[i].Name, r.Name)
			}
		}
	}
	whole()
	must(t, os.Remove(ballast)) // and it goes on by itself
	if r := mustAppend(t, s, refused); r[0].Status != store.Added {
		t.Fatalf("with room again: %v", r[0].Status)
	}
	held = append(held, refused)
	last := fill() // until it is full once more, and then it is opened on a full disk
	must(t, s.Close())
	o.Check = checkInChild
	s = open(t, o)
	whole()
	if _, err := s.Append(t.Context(), []protocol.Record{last}); err != nil && !errors.Is(err, store.ErrDiskFull) {
		t.Errorf("opened on a full disk: %v", err)
	}
	if leftovers, _ := filepath.Glob(filepath.Join(dir, "*")); len(leftovers) != 1 {
		t.Errorf("files left in the directory: %s", strings.Join(leftovers, " "))
	}
}
