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

// TestWhatKilledOnesLeftIsCleared: a killed backup leaves a copy that nobody can open, a
// killed check bodies in plain.
func TestWhatKilledOnesLeftIsCleared(t *testing.T) {
	s, to, temp := archive(t, t.TempDir(), 2), t.TempDir(), t.TempDir()
	text, recipient := sheet(t)
	o := options(to, recipient)
	o.Time = at(day)
	before := filepath.Base(create(t, s, o).File)
	ours := []string{before + ".new", before + ".json.new"}
	others := []string{"notes.new", strings.Replace(before, string(town), string(other), 1) + ".new"}
	for _, name := range slices.Concat(ours, others) {
		if err := os.WriteFile(filepath.Join(to, name), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	made := create(t, s, options(to, recipient))
	stays := append(others, before, before+".json", filepath.Base(made.File), filepath.Base(made.File)+".json")
	names := func(dir string) (names []string) {
		files, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			names = append(names, f.Name())
		}
		return names
	}
	slices.Sort(stays)
	if got := names(to); !slices.Equal(got, stays) {
		t.Errorf("the folder of the backups holds %q, want %q", got, stays)
	}

	for name, ago := range map[string]time.Duration{"vardar-check-1": 2 * day, "vardar-check-2": time.Hour, "else": 2 * day} {
		if err := errors.Join(os.Mkdir(filepath.Join(temp, name), 0o700), os.WriteFile(filepath.Join(temp, name, "store.bbolt"), nil, 0o600)); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(filepath.Join(temp, name), noon, noon.Add(-ago)); err != nil {
			t.Fatal(err)
		}
	}
	c := checking(text)
	c.Temp = temp
	if r, err := backup.Check(t.Context(), made.File, c); err != nil || !r.OK {
		t.Fatalf("Check = %+v, %v", r, err)
	}
	if got := names(temp); !slices.Equal(got, []string{"else", "vardar-check-2"}) {
		t.Errorf("the folder of the checks holds %q", got)
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
