//go:build unix

package main

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/protocol"
)

// slowed starts a node whose disk takes so many microseconds longer for each sync, from the
// moment at which slow has returned.
func slowed(t *testing.T, dir string, microseconds int) (c *api.Client, slow, kill func()) {
	t.Helper()
	installed(t, "strace")
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), "vardar", "--dir", dir, "run", "--log", "error")
	c, end := startAs(t, dir, cmd)
	var tracer *exec.Cmd
	kill = func() {
		_ = cmd.Process.Kill()
		if tracer != nil {
			_ = tracer.Process.Kill() // or it waits for what it holds up
			_ = tracer.Wait()
			tracer = nil
		}
		end(os.Kill)
	}
	return c, func() {
		strace := exec.CommandContext(context.WithoutCancel(t.Context()), "strace", "-f", "-o", os.DevNull, "-p", strconv.Itoa(cmd.Process.Pid),
			"-e", "trace=fdatasync,fsync", "-e", "inject=fdatasync,fsync:delay_enter="+strconv.Itoa(microseconds))
		said, err := strace.StderrPipe()
		if err == nil {
			err = strace.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		tracer = strace
		t.Cleanup(kill)
		lines := bufio.NewScanner(said)
		if attached := lines.Scan() && strings.Contains(lines.Text(), "attached"); !attached {
			t.Skipf("strace can't attach here: %s", lines.Text())
		}
		go func() { // what it says of threads that come and go
			for lines.Scan() {
			}
		}()
	}, kill
}

// published says something from several writers at once, and gives what is acknowledged and
// when all are done.
func published(c *api.Client, writers, each int) (told chan api.Published, done chan error) {
	told, done = make(chan api.Published, writers*each), make(chan error, writers)
	for range writers {
		go func() {
			for range each {
				p, err := c.Publish(context.Background(), note("x"))
				if err != nil {
					done <- err
					return
				}
				told <- p
			}
			done <- nil
		}()
	}
	return told, done
}

// holdsAll wants the archive of a node that does not run to hold records.
func holdsAll(t *testing.T, dir string, all []api.Published) {
	t.Helper()
	out := run(t, codeDone, "verify", dir)
	for _, p := range all {
		if !strings.Contains(out, p.Record.String()+" ") {
			t.Errorf("%s was acknowledged, and verify does not find it", p.Record)
		}
	}
}

// TestSlowDiskIsWaitedFor: each sync takes a fifth of a second longer. Nobody is told that the node is
// broken, and what was acknowledged when it is killed is there.
func TestSlowDiskIsWaitedFor(t *testing.T) {
	dir := folder(t)
	run(t, codeDone, "--dir", dir, "init", string(town), "--network", "test", "--registrar", "mk.", "--level", "municipality")
	c, slow, kill := slowed(t, dir, 200_000)
	slow()
	const writers = 8
	told, done := published(c, writers, 1)
	var all []api.Published
	for range writers {
		if err := <-done; err != nil {
			t.Errorf("publish on a slow disk: %v", err)
		}
	}
	for range len(told) {
		all = append(all, <-told)
	}
	told, done = published(c, writers, 1)
	if err := <-done; err != nil { // killed at the first acknowledgement, while the others wait
		t.Fatal(err)
	}
	kill()
	cutOff := 0
	for range writers - 1 {
		if err := <-done; err != nil {
			cutOff++
		}
	}
	t.Logf("%d of %d writers were cut off", cutOff, writers)
	for range len(told) {
		all = append(all, <-told)
	}
	holdsAll(t, dir, all)
}

// TestHungDiskHoldsUpNoReader: the disk stands still in the middle of a commit. What is
// held is read on, nobody is told that anything was published, and the node that is killed
// then has all that it had acknowledged.
func TestHungDiskHoldsUpNoReader(t *testing.T) {
	dir := folder(t)
	run(t, codeDone, "--dir", dir, "init", string(town), "--network", "test", "--registrar", "mk.", "--level", "municipality")
	c, hang, kill := slowed(t, dir, 2_000_000_000) // longer than any test
	before, err := c.Publish(t.Context(), note("before"))
	if err != nil {
		t.Fatal(err)
	}
	hang()
	told, done := published(c, 4, 1)
	patient, cancel := context.WithTimeout(t.Context(), 2*time.Minute) // a reader that waits for the disk waits for good
	defer cancel()
	reader := api.NewClient(filepath.Join(dir, node.SocketName))
	t.Cleanup(reader.Close)
	for range 20 { // some of them while the commit waits
		if _, err := reader.Status(patient); err != nil {
			t.Fatalf("status: %v", err)
		}
		if _, err := reader.Record(patient, before.Record, protocol.Digest{}); err != nil {
			t.Fatalf("record: %v", err)
		}
		if _, err := reader.List(patient, api.Query{What: "figures"}); err != nil {
			t.Fatalf("list: %v", err)
		}
	}
	select {
	case p := <-told:
		t.Errorf("%s is acknowledged, and no sync has come to its end", p.Record)
	case err := <-done:
		t.Errorf("publish on a disk that hangs: %v", err)
	default:
	}
	kill()
	holdsAll(t, dir, []api.Published{before})
}
