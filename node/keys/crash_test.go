package keys_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/keys"
	"github.com/vardar-network/vardar/protocol"
)

// The test binary starts itself as a child for what only another process can show; these
// name the child's folder.
const (
	childCreates = "VARDAR_TEST_CREATE_KEYS_IN"
	childWrites  = "VARDAR_TEST_WRITE_TRUST_IN"
	childActs    = "VARDAR_TEST_ACT_IN"
	childAct     = "VARDAR_TEST_ACT"

	childFills     = "VARDAR_TEST_FILL_STICK_IN"
	childProtected = "VARDAR_TEST_PROTECTED_STICK_IN"
)

func TestMain(m *testing.M) {
	if strings.HasPrefix(filepath.Base(os.Args[0]), "age-plugin-") {
		os.Exit(tokenMain())
	}
	var err error
	switch {
	case os.Getenv(childFills) != "":
		err = tight(os.Getenv(childFills))
	case os.Getenv(childProtected) != "":
		err = protected(os.Getenv(childProtected))
	case os.Getenv(childActs) != "":
		runtime.LockOSThread() // strace counts by thread
		err = act(os.Getenv(childAct), os.Getenv(childActs))
	case os.Getenv(childCreates) != "":
		err = createUntilKilled(os.Getenv(childCreates))
	case os.Getenv(childWrites) != "":
		err = writeOnce(os.Getenv(childWrites))
	default:
		os.Exit(m.Run())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// createUntilKilled makes keys in one folder after the other, and says each that is done.
func createUntilKilled(dir string) error {
	for n := 0; ; n++ {
		s, err := keys.Create(keys.Options{Dir: filepath.Join(dir, fmt.Sprint(n))}, gevgelija)
		if err == nil {
			err = s.Add(idomeni)
		}
		if err != nil {
			return err
		}
		fmt.Println(n)
	}
}

func TestKilledCreateLeavesAllOrNothing(t *testing.T) {
	for round := range 6 {
		dir := t.TempDir()
		done := killAt(t, dir, round%4, []string{"identity", "keys.new/unlock", "keys"}[round%3])
		begun, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, folder := range begun {
			o := keys.Options{Dir: filepath.Join(dir, folder.Name())}
			s, err := keys.Open(o)
			if slices.Contains(done, folder.Name()) && (err != nil || len(s.Institutions()) != 2) {
				t.Fatalf("keys that were made are not there: %v", err)
			}
			if errors.Is(err, keys.ErrNoKeys) {
				s, err = keys.Create(o, gevgelija)
			}
			if err == nil && len(s.Institutions()) == 1 {
				err = s.Add(idomeni)
			}
			if err != nil {
				t.Fatalf("after a kill: %v", err)
			}
			for _, id := range s.Institutions() {
				if _, err := s.Proof(id, protocol.UseIdentity); err != nil {
					t.Errorf("after a kill: %v", err)
				}
			}
		}
	}
}

// killAt kills a child that makes keys in dir once n of them are done and in the next
// one a path is there, or a later one is begun. It gives the folders that were done.
func killAt(t *testing.T, dir string, n int, path string) (done []string) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), childCreates+"="+dir)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err = child.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); len(done) < n && lines.Scan(); {
		done = append(done, lines.Text())
	}
	there := func(parts ...string) bool {
		_, missing := os.Stat(filepath.Join(append([]string{dir}, parts...)...))
		return missing == nil
	}
	for !there(fmt.Sprint(n), path) && !there(fmt.Sprint(n+1)) && t.Context().Err() == nil {
		continue // a few milliseconds
	}
	if err = child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait()
	return done
}

// writeOnce writes one trust record and one mark.
func writeOnce(dir string) error {
	s, err := keys.Open(keys.Options{Dir: dir})
	if err != nil {
		return err
	}
	var last protocol.Record
	for record, broken := range s.TrustFeed(gevgelija) {
		if broken != nil {
			return broken
		}
		last = record
	}
	r := newRecord(gevgelija, protocol.Trust, last.Sequence+1, last.Digest())
	if err := s.SignRecord(context.Background(), &r); err != nil {
		return err
	}
	if err := s.AppendTrust(r); err != nil {
		return err
	}
	fmt.Println("appended")
	return s.SetMark(marking(protocol.Trust, 1, r.Sequence, r.Digest().Hex()))
}

// needsStrace ends a test where there is no strace: it fails in .ci/run, which installs it, and is
// skipped elsewhere.
func needsStrace(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("strace"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("no strace; .ci/run installs it")
		}
		t.Skip("no strace here; .ci/run installs it")
	}
}

// What a power cut would undo can't be tested without one; the calls that keep it from
// doing so can be listened to.
func TestTrustRecordAndMarkAreSyncedInOrder(t *testing.T) {
	needsStrace(t)
	o := keys.Options{Dir: t.TempDir()}
	trustChain(t, create(t, o), 1)
	trace := filepath.Join(t.TempDir(), "trace")
	child := exec.CommandContext(t.Context(), "strace", "-f", "-y", "-o", trace, "-e", "trace=write,fsync,fdatasync,rename,renameat,renameat2", os.Args[0])
	child.Env = append(os.Environ(), childWrites+"="+o.Dir)
	if out, err := child.CombinedOutput(); err != nil {
		t.Skipf("strace can't trace here: %v: %s", err, out)
	}
	said := string(read(t, trace))
	rest := said
	for _, step := range []string{
		`write\(\d+<.*/identity/mk\.southeast\.gevgelija\.trust>`,
		`f(data)?sync\(\d+<.*/identity/mk\.southeast\.gevgelija\.trust>`,
		`write\(1<.*"appended`,
		`write\(\d+<.*/keys/mark\.new>`,
		`f(data)?sync\(\d+<.*/keys/mark\.new>`,
		`rename\w*\(.*/keys/mark\.new".*/keys/mark"`,
		`fsync\(\d+<[^>]*/keys>`,
	} {
		at := regexp.MustCompile(step).FindStringIndex(rest)
		if at == nil {
			t.Fatalf("no %s after what came before, in:\n%s", step, strings.TrimSpace(said))
		}
		rest = rest[at[1]:]
	}
}
