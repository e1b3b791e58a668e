package bus_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/vardar-network/vardar/node/bus"
	"github.com/vardar-network/vardar/protocol"
)

func TestErasedRecordLeavesLogAndItsFile(t *testing.T) {
	t.Parallel()
	ctx := patient(t)
	dir := t.TempDir()
	b := open(t, options(dir))
	said := records(1, 1203) // the search takes three lots
	const secret = "a name that must not be kept"
	for _, k := range []int{0, 700, 1202} { // the first, one in between, the last
		said[k].SetBody([]byte(`{"salt":"AAECAwQFBgcICQoLDA0ODw==","summary":"` + secret + `"}`))
	}
	if err := b.PublishLog(ctx, said); err != nil {
		t.Fatal(err)
	}
	incarnation := b.LogIncarnation()
	never := record(2000, 0)
	gone := []protocol.Record{bare(said[0]), bare(said[700]), bare(said[1202]), bare(never)}
	for range 2 { // erasing again is harmless
		if err := b.EraseLog(ctx, gone); err != nil {
			t.Fatal(err)
		}
	}
	if n := logged(t, b); n != len(said)-3 {
		t.Errorf("LOG holds %d records, want %d", n, len(said)-3)
	}
	if err := b.PublishLog(ctx, []protocol.Record{record(1204, 0)}); err != nil {
		t.Errorf("PublishLog() after the last record was erased: %v", err)
	}
	if b.LogIncarnation() != incarnation {
		t.Error("LOG was made anew to erase three records")
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	wantNowhere(t, dir, secret)
	if b = open(t, options(dir)); b.LogIncarnation() != incarnation {
		t.Error("the next run did not take over a LOG of which something was erased")
	}
}

func TestLogThatCannotBeSearchedIsMadeAnew(t *testing.T) {
	t.Parallel()
	ctx := patient(t)
	b := open(t, options(t.TempDir()))
	said := records(1, 3)
	if err := b.PublishLog(ctx, said); err != nil {
		t.Fatal(err)
	}
	if err := b.DeleteLog(ctx); err != nil {
		t.Fatal(err)
	}
	if err := b.EraseLog(ctx, said[:1]); !errors.Is(err, bus.ErrLogRenewed) {
		t.Errorf("EraseLog() = %v, want ErrLogRenewed", err)
	}
	if n := logged(t, b); n != 0 {
		t.Errorf("LOG that was made anew holds %d", n)
	}
}

func bare(r protocol.Record) protocol.Record { return r.WithoutBody(protocol.BodyErased) }

// wantNowhere reads every file of a folder for bytes that must be gone.
func wantNowhere(t *testing.T, dir, secret string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		if n := bytes.Count(raw, []byte(secret)); n > 0 {
			t.Errorf("%s still holds it %d times", path, n)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
