package node_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/store"
)

// TestRunningNodeFindsWhatHasRotted: it reads all its records again, says when, and how many have changed on
// the disk since it started.
func TestRunningNodeFindsWhatHasRotted(t *testing.T) {
	o := options(t, "capital")
	found(t, o)
	o.CheckStore = func(_ context.Context, path string) error { return node.CheckStoreFile(path) }
	n, _ := start(t, o)
	const word = "a bed for each of them"
	publish(t, n, capital, note(word))
	says := func(grave bool, want string) {
		t.Helper()
		n.ReadAgain(t.Context())
		d, err := n.Desk().Doctor(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(d.Checks, func(c desk.Check) bool { return c.Name == "store" })
		if c := d.Checks[i]; c.Grave != grave || !strings.Contains(c.Said, want) {
			t.Errorf("doctor says %+v, want %q", c, want)
		}
	}
	says(false, "every one was last read and hashed 0 s ago")
	path := filepath.Join(o.Dir, store.FileName)
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	for at := bytes.Index(file, []byte(word)); at >= 0; at = bytes.Index(file, []byte(word)) {
		if _, err := f.WriteAt([]byte("X"), int64(at)); err != nil {
			t.Fatal(err)
		}
		file[at] = 'X'
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	says(true, "damaged ones were found: 1, the first: ")
}

// TestRecordsAreReadAgainEachDay: a day behind the start and each day; what failed at the next look, and what a
// machine slept through when it wakes.
func TestRecordsAreReadAgainEachDay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, slept := time.Now(), time.Duration(0)
		now := func() time.Time { return time.Now().Add(slept) }
		var read []time.Duration
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() {
			done <- node.KeepReading(ctx, now, func(context.Context) bool {
				read = append(read, now().Sub(start))
				return len(read) != 2 // the second does not reach the end
			})
		}()
		time.Sleep(50 * time.Hour)
		synctest.Wait()
		slept = 30 * time.Hour
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		const day, look = 24 * time.Hour, 10 * time.Minute
		if want := []time.Duration{day, 2 * day, 2*day + look, 80*time.Hour + look}; !slices.Equal(read, want) {
			t.Errorf("read again at %v, want %v", read, want)
		}
	})
}
