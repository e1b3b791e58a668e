package keys_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/keys"
	"github.com/vardar-network/vardar/protocol"
)

// copyOf copies a folder with modes and times, as who keeps a second stick does.
func copyOf(t *testing.T, from string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "copy")
	if out, err := exec.CommandContext(t.Context(), "cp", "-a", from, to).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return to
}

// putIn has the stick at one path take the place of the one at another, which goes away.
func putIn(t *testing.T, stick, place string) (out string) {
	t.Helper()
	out = filepath.Join(t.TempDir(), "out")
	if err := errors.Join(os.Rename(place, out), os.Rename(stick, place)); err != nil {
		t.Fatal(err)
	}
	return out
}

func nextTrust(t *testing.T, s *keys.Safe, last *protocol.Record, at protocol.Instant) protocol.Record {
	t.Helper()
	r := newRecord(gevgelija, protocol.Trust, last.Sequence+1, last.Digest())
	r.Time = at
	if err := s.SignRecord(t.Context(), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func TestSecondStickIsHeldAgainstTheFirst(t *testing.T) {
	o := keys.Options{Dir: t.TempDir(), Identity: filepath.Join(t.TempDir(), "stick")}
	s := create(t, o)
	chain := trustChain(t, s, 2)
	second := copyOf(t, o.Identity)
	third := nextTrust(t, s, &chain[1], 1)
	if err := s.AppendTrust(third); err != nil {
		t.Fatal(err)
	}
	fourth := nextTrust(t, s, &third, 2)

	// The copy is behind: it wants what it lacks first.
	first := putIn(t, second, o.Identity)
	if err := s.AppendTrust(fourth); !errors.Is(err, keys.ErrCarrierBehind) {
		t.Errorf("AppendTrust() onto a stick that is behind = %v, want ErrCarrierBehind", err)
	}
	behind := copyOf(t, o.Identity)
	if err := errors.Join(s.AppendTrust(third), s.AppendTrust(fourth)); err != nil {
		t.Errorf("AppendTrust() of what it lacks: %v", err)
	}
	if got, err := feed(t, s, gevgelija); err != nil || len(got) != 4 {
		t.Errorf("the second stick holds %d records, %v, want 4", len(got), err)
	}

	// The other one was written on by another machine meanwhile: same length, same time.
	elsewhere := open(t, keys.Options{Dir: o.Dir, Identity: behind})
	rival := nextTrust(t, elsewhere, &chain[1], 7)
	rivals := []protocol.Record{rival}
	if err := elsewhere.AppendTrust(rival); err != nil {
		t.Fatal(err)
	}
	rivals = append(rivals, nextTrust(t, elsewhere, &rival, 8))
	if err := elsewhere.AppendTrust(rivals[1]); err != nil {
		t.Fatal(err)
	}
	name := string(gevgelija) + ".trust"
	info, err := os.Stat(filepath.Join(o.Identity, name))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(filepath.Join(behind, name), info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	if is, err := os.Stat(filepath.Join(behind, name)); err != nil || is.Size() != info.Size() {
		t.Fatalf("the two feeds differ in length: %v", err)
	}
	fifth := nextTrust(t, s, &fourth, 3)
	putIn(t, behind, o.Identity)
	if err := s.AppendTrust(fifth); !errors.Is(err, keys.ErrCarrierAhead) {
		t.Errorf("AppendTrust() onto a stick with another feed = %v, want ErrCarrierAhead", err)
	}
	if got, err := feed(t, s, gevgelija); err != nil || len(got) != 4 {
		t.Errorf("the other stick holds %d records, %v, want its own 4", len(got), err)
	}
	putIn(t, first, o.Identity)
	if err := s.AppendTrust(fourth); err != nil {
		t.Errorf("AppendTrust() with the first stick back: %v", err)
	}
}

func TestWrongStickSaysWhoseItIs(t *testing.T) {
	place := filepath.Join(t.TempDir(), "stick")
	o := keys.Options{Dir: t.TempDir(), Identity: place}
	s := create(t, o)
	others := keys.Options{Dir: t.TempDir(), Identity: filepath.Join(t.TempDir(), "theirs")}
	if _, err := keys.Create(others, idomeni); err != nil {
		t.Fatal(err)
	}
	before := copyOf(t, others.Identity)
	putIn(t, others.Identity, place)
	for _, s := range []*keys.Safe{s, open(t, o)} {
		err := s.Carrier(gevgelija)
		if !errors.Is(err, keys.ErrNoCarrier) || !strings.Contains(err.Error(), string(idomeni)) || !strings.Contains(err.Error(), "mend: ") {
			t.Errorf("Carrier() with another's stick = %v, want ErrNoCarrier saying whose it is", err)
		}
	}
	if out, err := exec.CommandContext(t.Context(), "diff", "-r", before, place).CombinedOutput(); err != nil {
		t.Errorf("another's stick was changed: %s", out)
	}
	// An identity key of the same institution, and not the one that is listed.
	twin := keys.Options{Dir: t.TempDir(), Identity: filepath.Join(t.TempDir(), "twin")}
	create(t, twin)
	before = copyOf(t, twin.Identity)
	putIn(t, twin.Identity, place)
	for _, s := range []*keys.Safe{s, open(t, o)} {
		if _, err := s.Proof(gevgelija, protocol.UseIdentity); !errors.Is(err, keys.ErrOtherCarrier) || !strings.Contains(err.Error(), "mend: ") {
			t.Errorf("Proof() by a twin's stick = %v, want ErrOtherCarrier with the mend", err)
		}
	}
	if out, err := exec.CommandContext(t.Context(), "diff", "-r", before, place).CombinedOutput(); err != nil {
		t.Errorf("a twin's stick was changed: %s", out)
	}
}

// tight appends two trust records where there is room for one.
func tight(dir string) error {
	s, err := keys.Open(keys.Options{Dir: dir})
	if err != nil {
		return err
	}
	last := protocol.Record{}
	for r, err := range s.TrustFeed(gevgelija) {
		if err != nil {
			return err
		}
		last = r
	}
	path := filepath.Join(dir, "identity", string(gevgelija)+".trust")
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	r := newRecord(gevgelija, protocol.Trust, last.Sequence+1, last.Digest())
	if err = s.SignRecord(context.Background(), &r); err != nil {
		return err
	}
	lift, err := limitFiles(uint64(info.Size()) + 100)
	if err != nil {
		return err
	}
	full := s.AppendTrust(r)
	if !errors.Is(full, keys.ErrCarrierWrite) || !strings.Contains(full.Error(), "mend: ") {
		return errors.Join(errors.New("want ErrCarrierWrite with the mend, got"), full)
	}
	if now, err := os.Stat(path); err != nil || now.Size() != info.Size() {
		return errors.Join(errors.New("something of the record was left"), err)
	}
	if err := lift(); err != nil {
		return err
	}
	return s.AppendTrust(r)
}

func TestFullStickTakesNothingAndLosesNothing(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("no limit of file sizes on Windows")
	}
	o := keys.Options{Dir: t.TempDir()}
	trustChain(t, create(t, o), 2)
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), childFills+"="+o.Dir)
	if out, err := child.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if got, err := feed(t, open(t, o), gevgelija); err != nil || len(got) != 3 {
		t.Errorf("the feed holds %d records, %v, want 3", len(got), err)
	}
}

// protected writes onto a stick that can't be written.
func protected(dir string) error {
	o := keys.Options{Dir: filepath.Join(dir, "node"), Identity: filepath.Join(dir, "stick")}
	s, err := keys.Open(o)
	if err != nil {
		return err
	}
	report := newRecord(gevgelija, protocol.Situation, 1, protocol.Digest{})
	if err = s.SignRecord(context.Background(), &report); err != nil {
		return err
	}
	r := newRecord(gevgelija, protocol.Trust, 1, protocol.Digest{})
	if err = s.SignRecord(context.Background(), &r); err != nil {
		return err
	}
	_, prepared := s.Prepare(gevgelija, protocol.UseIdentity)
	for _, err := range []error{s.AppendTrust(r), prepared} {
		if !errors.Is(err, keys.ErrCarrierWrite) || !strings.Contains(err.Error(), "write protection") {
			return errors.Join(errors.New("want ErrCarrierWrite saying so, got"), err)
		}
	}
	_, err = s.Prepare(gevgelija, protocol.UseNode)
	return err
}

func TestWriteProtectedStickStopsTrustRecordsAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("modes say nothing on Windows")
	}
	dir, err := os.MkdirTemp("", "stick") //nolint:usetesting // other accounts can't reach what t.TempDir makes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	o := keys.Options{Dir: filepath.Join(dir, "node"), Identity: filepath.Join(dir, "stick")}
	create(t, o)
	child := exec.CommandContext(t.Context(), copyOf(t, os.Args[0]))
	child.Dir = dir
	asAnother(t, child, dir)
	for _, mode := range []struct {
		path string
		mode os.FileMode
	}{{filepath.Join(o.Identity, string(gevgelija)+".trust"), 0o400}, {o.Identity, 0o500}} {
		if err := os.Chmod(mode.path, mode.mode); err != nil {
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { _ = os.Chmod(o.Identity, 0o700) })
	child.Env = append(os.Environ(), childProtected+"="+dir)
	if out, err := child.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}
