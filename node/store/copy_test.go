package store_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

// copyTo writes a copy into a folder of its own.
func copyTo(t testing.TB, c *store.Copy, dir string) {
	t.Helper()
	var out bytes.Buffer
	n, err := c.WriteTo(&out)
	if err != nil || n != c.Size() || int64(out.Len()) != n {
		t.Fatalf("WriteTo = %d, %v, Size %d, %d bytes came", n, err, c.Size(), out.Len())
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, store.FileName), out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestCopyOfABusyStoreIsWholeAndOfOneMoment(t *testing.T) {
	s := open(t, options(t.TempDir()))
	ctx, stop := context.WithCancel(t.Context())
	var writers sync.WaitGroup
	for _, topic := range []protocol.Topic{protocol.Situation, protocol.Resource, protocol.Alert} {
		writers.Go(func() {
			for a := newAuthor(gevgelija, topic, 1); ctx.Err() == nil; {
				if _, err := s.Append(context.WithoutCancel(ctx), []protocol.Record{a.write("quiet", 1000), a.write("busy", 5000)}); err != nil {
					t.Errorf("Append: %v", err)
					return
				}
			}
		})
	}
	for range 8 {
		before := s.Stats().Records
		c, err := s.Copy(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for s.Stats().Records < before+20 && !t.Failed() { // the writers go on while it is open
			runtime.Gosched()
		}
		dir := t.TempDir()
		copyTo(t, c, dir)
		if err := store.CheckFile(filepath.Join(dir, store.FileName)); err != nil {
			t.Fatalf("the copy: %v", err)
		}
		o := options(dir)
		if held := open(t, o).Stats().Records; held < before {
			t.Errorf("the copy holds %d records, %d had been acknowledged", held, before)
		}
	}
	stop()
	writers.Wait()
}

// TestOpenCopyStopsNoWriter: with a map of bbolt's own size the writer would wait for the
// copy as soon as the file outgrows the map, and every reader for the writer.
func TestOpenCopyStopsNoWriter(t *testing.T) {
	s := open(t, options(t.TempDir()))
	a := newAuthor(gevgelija, protocol.Situation, 1)
	mustAppend(t, s, a.run(10, "before")...)
	c, err := s.Copy(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		for range 60 { // 12 MiB: the file doubles and doubles again
			if _, err := s.Append(t.Context(), []protocol.Record{a.write("after", 200_000)}); err != nil {
				done <- err
				return
			}
		}
		_, err := s.Get(protocol.Name{Institution: gevgelija, Position: protocol.Position{Topic: protocol.Situation, Epoch: 1, Sequence: 70}})
		done <- err
	}()
	select {
	case err := <-done:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(time.Minute): // a hang, and no duration that anybody promised
		if err := c.Close(); err != nil { // or nobody could close the store
			t.Error(err)
		}
		t.Fatal("writing waits for the copy")
	}
	dir := t.TempDir()
	copyTo(t, c, dir)
	if held := open(t, options(dir)).Stats().Records; held != 10 {
		t.Errorf("the copy holds %d records, want the 10 of its moment", held)
	}
}

// TestCopyHoldsAfterItsNextCommit: a copy that is written on, and whose process is killed
// then, is no damaged file.
func TestCopyHoldsAfterItsNextCommit(t *testing.T) {
	s := open(t, options(t.TempDir()))
	for i := range 4 { // transactions of even and of odd number
		if err := s.Private("test").Put(t.Context(), []byte{byte(i)}, []byte("before")); err != nil {
			t.Fatal(err)
		}
		c, err := s.Copy(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		dir, killed := t.TempDir(), filepath.Join(t.TempDir(), store.FileName)
		copyTo(t, c, dir)
		back := open(t, options(dir))
		for range 2 {
			if err := back.Private("test").Put(t.Context(), []byte("key"), []byte("after")); err != nil {
				t.Fatal(err)
			}
			written, err := os.ReadFile(filepath.Join(dir, store.FileName))
			if err == nil {
				err = os.WriteFile(killed, written, 0o600)
			}
			if err == nil {
				err = store.CheckFile(killed)
			}
			if err != nil {
				t.Fatalf("copy %d: %v", i, err)
			}
		}
	}
}

func TestCopyEndsWithItsContextAndWithTheStore(t *testing.T) {
	s := open(t, options(t.TempDir()))
	ctx, stop := context.WithCancel(t.Context())
	c, err := s.Copy(ctx)
	if err != nil {
		t.Fatal(err)
	}
	stop()
	if _, err := c.WriteTo(&bytes.Buffer{}); !errors.Is(err, context.Canceled) {
		t.Errorf("WriteTo after the end: %v", err)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Copy(t.Context()); !errors.Is(err, store.ErrClosed) {
		t.Errorf("copy of a closed store: %v", err)
	}
}
