package bus_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/vardar-network/vardar/node/bus"
	"github.com/vardar-network/vardar/protocol"
)

func records(from, n uint32) []protocol.Record {
	var rs []protocol.Record
	for i := range n {
		rs = append(rs, record(from+i, 0))
	}
	return rs
}

func TestToolsReadRecordsFromLogAsTheyWereSigned(t *testing.T) {
	t.Parallel()
	ctx := patient(t)
	b := open(t, options(t.TempDir()))
	tools, err := b.Local(bus.UserTools)
	if err != nil {
		t.Fatal(err)
	}
	sub, err := tools.SubscribeSync("vardar.v1.mk.>")
	if err != nil {
		t.Fatal(err)
	}
	_ = tools.Flush()
	want := records(1, 1203) // three acknowledgements
	want[7] = want[7].WithoutBody(protocol.BodyWithheld)
	big := record(1204, protocol.MaxBodyBytes)
	want = append(want, big)
	if err := b.PublishLog(ctx, want); err != nil {
		t.Fatal(err)
	}
	for i := range want {
		m, err := sub.NextMsgWithContext(ctx)
		if err != nil {
			t.Fatal(err)
		}
		got, err := protocol.ParseHeader(m.Header)
		if err != nil {
			t.Fatal(err)
		}
		if got.Digest() != want[i].Digest() || m.Subject != "vardar.v1.mk.southeast.gevgelija.situation.green" || string(m.Data) != string(want[i].Body) || len(m.Header) != 15 {
			t.Fatalf("record %d came as %s on %s with %d fields and %d bytes", i, got.Name, m.Subject, len(m.Header), len(m.Data))
		}
		if err := got.Verify(); err != nil {
			t.Errorf("Verify() = %v", err)
		}
	}
	if n := logged(t, b); n != len(want) {
		t.Errorf("LOG holds %d, want %d", n, len(want))
	}
}

func TestLogStaysAcrossARestart(t *testing.T) {
	t.Parallel()
	ctx := patient(t)
	dir := t.TempDir()
	b := open(t, options(dir))
	if !b.LogEmpty() || b.LogIncarnation() == "" {
		t.Errorf("new LOG: empty %v, incarnation %q", b.LogEmpty(), b.LogIncarnation())
	}
	if err := b.PublishLog(ctx, records(1, 5)); err != nil || b.LogEmpty() {
		t.Fatalf("PublishLog() = %v, LogEmpty() = %v", err, b.LogEmpty())
	}
	incarnation := b.LogIncarnation()
	for i := range 3 {
		if err := b.Close(); err != nil {
			t.Fatal(err)
		}
		o := options(dir)
		o.LogMaxBytes -= int64(i) << 20 // the window may be set anew
		b = open(t, o)
		if b.LogIncarnation() != incarnation || b.LogEmpty() || logged(t, b) != 5+i {
			t.Errorf("after a restart: empty %v, %d messages, incarnation %q, want %q", b.LogEmpty(), logged(t, b), b.LogIncarnation(), incarnation)
		}
		if err := b.PublishLog(ctx, records(uint32(6+i), 1)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestLogThatMayHaveGoneBackIsMadeAnew(t *testing.T) {
	t.Parallel()
	for name, harm := range map[string]func(t *testing.T, dir string){
		"folder deleted": func(t *testing.T, dir string) {
			if err := os.RemoveAll(filepath.Join(dir, "jetstream")); err != nil {
				t.Fatal(err)
			}
		},
		"everything deleted": func(t *testing.T, dir string) {
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
		},
		"not closed": func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, "log.closed")); err != nil {
				t.Fatal(err)
			}
		},
		"another sequence": func(t *testing.T, dir string) {
			path := filepath.Join(dir, "log.closed")
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			text[len(text)-2]++
			if err := os.WriteFile(path, text, 0o600); err != nil {
				t.Fatal(err)
			}
		},
		"note without sense": func(t *testing.T, dir string) {
			if err := os.WriteFile(filepath.Join(dir, "log.closed"), []byte("x"), 0o600); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := patient(t)
			dir := filepath.Join(t.TempDir(), "bus")
			b := open(t, options(dir))
			if err := b.PublishLog(ctx, records(1, 5)); err != nil {
				t.Fatal(err)
			}
			incarnation := b.LogIncarnation()
			if err := b.Close(); err != nil {
				t.Fatal(err)
			}
			harm(t, dir)
			b = open(t, options(dir))
			if b.LogIncarnation() == incarnation || !b.LogEmpty() || logged(t, b) != 0 {
				t.Errorf("empty %v, %d messages, want a new and empty LOG", b.LogEmpty(), logged(t, b))
			}
			if err := b.PublishLog(ctx, records(1, 5)); err != nil {
				t.Fatal(err)
			}
			if n := logged(t, b); n != 5 {
				t.Errorf("LOG holds %d, want 5", n)
			}
		})
	}
}

func TestLogThatIsLostWhileTheNodeRunsIsMadeAnew(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(*bus.Bus) error{
		"stream deleted":   func(b *bus.Bus) error { return b.DeleteLog(context.Background()) },
		"JetStream is off": (*bus.Bus).ShutdownJetStream,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := patient(t)
			b := open(t, options(t.TempDir()))
			if err := b.PublishLog(ctx, records(1, 5)); err != nil {
				t.Fatal(err)
			}
			incarnation := b.LogIncarnation()
			if err := lose(b); err != nil {
				t.Fatal(err)
			}
			if err := b.PublishLog(ctx, records(6, 2)); !errors.Is(err, bus.ErrLogRenewed) {
				t.Fatalf("PublishLog() = %v, want ErrLogRenewed", err)
			}
			if b.LogIncarnation() == incarnation || !b.LogEmpty() {
				t.Error("LOG has the incarnation it had before it was lost")
			}
			if err := b.PublishLog(ctx, records(1, 7)); err != nil {
				t.Fatal(err)
			}
			if n := logged(t, b); n != 7 {
				t.Errorf("LOG holds %d, want 7", n)
			}
		})
	}
}

// TestLogIsMadeAnewOverFilesOfTheOld: nats-server deletes the files of a stream after it has said that
// it is gone, and a new one of its name may find them in its way.
func TestLogIsMadeAnewOverFilesOfTheOld(t *testing.T) {
	t.Parallel()
	ctx, dir := patient(t), t.TempDir()
	b := open(t, options(dir))
	if err := b.PublishLog(ctx, records(1, 5)); err != nil {
		t.Fatal(err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	found, err := filepath.Glob(filepath.Join(dir, "jetstream", "*", "streams", "*", "msgs"))
	if err != nil || len(found) != 1 {
		t.Fatalf("%d folders of messages, %v: want LOG's", len(found), err)
	}
	kept := filepath.Join(t.TempDir(), "msgs")
	if err := os.CopyFS(kept, os.DirFS(found[0])); err != nil {
		t.Fatal(err)
	}
	b = open(t, options(dir))
	if err := b.DeleteLog(ctx); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the files of the stream are gone", func() bool { _, err := os.Stat(found[0]); return errors.Is(err, os.ErrNotExist) })
	if err := os.CopyFS(found[0], os.DirFS(kept)); err != nil {
		t.Fatal(err)
	}
	if err := b.PublishLog(ctx, records(6, 2)); !errors.Is(err, bus.ErrLogRenewed) {
		t.Fatalf("PublishLog() = %v, want ErrLogRenewed", err)
	}
	if err := b.PublishLog(ctx, records(1, 7)); err != nil {
		t.Fatal(err)
	}
	if n := logged(t, b); n != 7 {
		t.Errorf("LOG holds %d, want 7", n)
	}
}

func TestLogThatLacksRecordsIsNotTakenOver(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	b := open(t, options(dir))
	if err := b.PublishLog(patient(t), records(1, 5)); err != nil {
		t.Fatal(err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if err := b.PublishLog(over, records(6, 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("PublishLog() = %v, want Canceled", err)
	}
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	if err := b.PublishLog(patient(t), records(6, 1)); !errors.Is(err, bus.ErrClosed) {
		t.Errorf("PublishLog() after Close = %v, want ErrClosed", err)
	}
	if b = open(t, options(dir)); !b.LogEmpty() {
		t.Error("a LOG was taken over on which a record is missing")
	}
}

func TestLogIsAWindow(t *testing.T) {
	t.Parallel()
	o := options(t.TempDir())
	o.LogMaxBytes = 1 << 20
	b := open(t, o)
	for i := range uint32(8) {
		if err := b.PublishLog(patient(t), []protocol.Record{record(i+1, protocol.MaxBodyBytes)}); err != nil {
			t.Fatal(err)
		}
	}
	if n := logged(t, b); n < 1 || n > 4 {
		t.Errorf("a LOG of 1 MiB holds %d records of 256 KiB", n)
	}
}
