package backup_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/backup"
	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

func TestOldBackupsExpireAndOthersStay(t *testing.T) {
	s, to := archive(t, t.TempDir(), 2), t.TempDir()
	_, recipient := sheet(t)
	for _, ago := range []time.Duration{40 * day, 34 * day, 2 * day} {
		o := options(to, recipient)
		o.Time = at(ago)
		create(t, s, o)
	}
	o := options(to, recipient)
	o.Hosted, o.Time = []protocol.InstitutionID{other}, at(50*day)
	create(t, s, o)
	if err := os.WriteFile(filepath.Join(to, "vardar-notes.backup"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	o = options(to, recipient)
	o.Keep = 30 * day
	made := create(t, s, o)
	// That of 40 days went when that of 2 days was made.
	if len(made.Expired) != 1 || !strings.Contains(made.Expired[0], "20160212") {
		t.Errorf("expired %v, want that of 34 days", made.Expired)
	}
	all, err := backup.List(to, "")
	if err != nil || len(all) != 3 || all[0].File != made.File || all[2].Institution != other {
		t.Errorf("List = %+v, %v", all, err)
	}
	files, _ := os.ReadDir(to)
	names := []string{}
	for _, f := range files {
		names = append(names, f.Name())
	}
	if len(names) != 2*3+1 || !slices.Contains(names, "vardar-notes.backup") {
		t.Errorf("the folder holds %v", names)
	}
}

func TestRestoreIsWholeOrNotAtAll(t *testing.T) {
	s, to := archive(t, t.TempDir(), 4), t.TempDir()
	text, recipient := sheet(t)
	made := create(t, s, options(to, recipient))
	dir := filepath.Join(t.TempDir(), "node")
	broken := errors.New("the carrier is not there")
	if _, err := backup.Restore(t.Context(), made.File, dir, checking(text), func(string, backup.Header) error { return broken }); !errors.Is(err, broken) {
		t.Fatalf("Restore = %v", err)
	}
	if left, _ := os.ReadDir(filepath.Dir(dir)); len(left) != 0 {
		t.Fatalf("it left %v", left)
	}
	// One that was killed left its folder; an empty one stands where the node is to be.
	if err := errors.Join(os.MkdirAll(dir+".restoring/keys", 0o700), os.Mkdir(dir, 0o700)); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Restore(t.Context(), made.File, dir, checking(text), nothingMore); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "keys")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what the killed one left is in it: %v", err)
	}
	before, err := os.ReadFile(filepath.Join(dir, store.FileName))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := backup.Restore(t.Context(), made.File, dir, checking(text), nothingMore); !errors.Is(err, backup.ErrNotEmpty) {
		t.Errorf("over a node: %v, want %v", err, backup.ErrNotEmpty)
	}
	if after, err := os.ReadFile(filepath.Join(dir, store.FileName)); err != nil || !bytes.Equal(before, after) {
		t.Errorf("the node there was changed: %v", err)
	}
}
