package node_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

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
