//go:build unix

package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/protocol"
)

// sweptOnDay starts a node whose clock, from now on, is so many days and hours ahead, with each sync of its
// disk so much longer; a sweep begins as it starts.
func sweptOnDay(t *testing.T, dir string, day int, longer time.Duration) (c *api.Client, kill func(os.Signal)) {
	t.Helper()
	t.Setenv("TEST_CLOCK_SKEW", (time.Duration(day) * 25 * time.Hour).String())
	args := []string{"vardar", "--dir", dir, "run", "--log", "error"}
	if longer > 0 { // -D: the node is the child, and strace watches from aside
		args = append([]string{
			"strace", "-D", "-f", "-o", os.DevNull, "-e", "trace=fdatasync",
			"-e", "inject=fdatasync:delay_enter=" + strconv.FormatInt(longer.Microseconds(), 10),
		}, args...)
	}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), args[0], args[1:]...)
	return startAs(t, dir, cmd)
}

// letGo counts the records of a node that does not run whose bodies were let go.
func letGo(t *testing.T, dir string) int {
	t.Helper()
	return strings.Count(run(t, codeDone, "verify", dir), "body let go after 1 day")
}

// TestSweepThatIsKilledIsDoneByTheNext kills a node in the middle of a sweep. What it had let
// go is gone, lot by lot, out of LOG too, and the next start lets go the rest.
func TestSweepThatIsKilledIsDoneByTheNext(t *testing.T) {
	installed(t, "strace")
	if out, err := exec.CommandContext(t.Context(), "strace", "-f", "-o", os.DevNull, "-e", "trace=fdatasync", "true").CombinedOutput(); err != nil {
		t.Skipf("strace may watch nothing here: %v\n%s", err, out)
	}
	dir, work := folder(t), t.TempDir()
	key, charter := filepath.Join(work, "key.json"), filepath.Join(work, "charter.json")
	founder, err := exec.CommandContext(t.Context(), "vardar", "--dir", dir, "init", string(town), "--keys-only").Output()
	if err == nil {
		err = os.WriteFile(key, founder, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	run(t, codeDone, "member", "charter", "draft", charter, "--network", "test", "--steward", key, "--registrar", "mk.="+key, "--retention", "vardar.situation.report.v1=1", "--expires", "2099-01-01")
	run(t, codeDone, "--dir", dir, "member", "charter", "sign", charter, "--yes")
	run(t, codeDone, "--dir", dir, "init", string(town), "--charter", charter, "--level", "municipality")

	const lot, lots, writers = 64, 8, 16 // lot: intake.SweepLot
	day, before := 0, 0
	for longer := 100 * time.Millisecond; ; longer *= 2 {
		c, kill := sweptOnDay(t, dir, day, 0)
		told, done := published(c, writers, lot*lots/writers)
		for range writers {
			if err := <-done; err != nil {
				t.Fatal(err)
			}
		}
		first := (<-told).Record
		for range len(told) {
			if n := (<-told).Record; n.Sequence < first.Sequence {
				first = n
			}
		}
		kill(os.Interrupt)
		if !onLOG(t, dir) {
			t.Fatal("nothing is on LOG, so that nothing could be left there")
		}
		_, kill = sweptOnDay(t, dir, day+1, 0) // each start counts one day of a node that hears nobody
		kill(os.Interrupt)
		day += 2
		c, kill = sweptOnDay(t, dir, day, longer)
		awaitLetGo(t, c, first)
		kill(syscall.SIGKILL)
		gone := letGo(t, dir) - before
		if gone == 0 || gone%lot != 0 {
			t.Fatalf("%d bodies gone, want some, in whole lots of %d", gone, lot)
		}
		t.Logf("killed with %d of %d bodies gone", gone, lot*lots)
		before += lot * lots
		if gone < lot*lots {
			break
		}
		// It was through before it answered: once more, slower.
	}
	c, kill := sweptOnDay(t, dir, day, 0)
	last := protocol.Name{Institution: town, Position: protocol.Position{Topic: protocol.Situation, Epoch: 1, Sequence: uint32(before)}}
	awaitLetGo(t, c, last)
	kill(os.Interrupt)
	if gone := letGo(t, dir); gone != before {
		t.Errorf("%d bodies gone after the next start, want %d", gone, before)
	}
	if onLOG(t, dir) {
		t.Error("LOG holds bodies that were let go")
	}
}

// onLOG reports whether the files of LOG hold the body of a report.
func onLOG(t *testing.T, dir string) bool {
	t.Helper()
	return exec.CommandContext(t.Context(), "grep", "-rq", `"summary":"x"`, filepath.Join(dir, "jetstream")).Run() == nil
}

func awaitLetGo(t *testing.T, c *api.Client, n protocol.Name) {
	t.Helper()
	deadline := time.Now().Add(2 * time.Minute) // bounds a hang
	for {
		r, err := c.Record(t.Context(), n, protocol.Digest{})
		if err != nil {
			t.Fatal(err)
		}
		if r.BodyState == protocol.BodyErased {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the body of %s is still %s", n, r.BodyState)
		}
		time.Sleep(time.Millisecond)
	}
}
