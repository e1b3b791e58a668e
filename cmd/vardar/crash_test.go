package main

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/protocol"
)

const town protocol.InstitutionID = "mk.southeast.gevgelija"

// run runs vardar to its end and wants an exit code.
func run(t *testing.T, code int, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "vardar", args...)
	out, err := cmd.CombinedOutput()
	if got := cmd.ProcessState.ExitCode(); got != code {
		t.Fatalf("vardar %v: exit code %d (%v), want %d\n%s", args, got, err, code, out)
	}
	return string(out)
}

// folder makes a node in a folder whose name is short enough for a socket.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "vardar") //nolint:usetesting // a test's own folder has too long a name
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// start runs a node as a process of its own, until kill.
func start(t *testing.T, dir string) (c *api.Client, kill func(os.Signal)) {
	t.Helper()
	return startAs(t, dir, exec.CommandContext(context.WithoutCancel(t.Context()), "vardar", "--dir", dir, "run", "--log", "error"))
}

// startAs runs a node by a command of one's own.
func startAs(t *testing.T, dir string, cmd *exec.Cmd) (c *api.Client, kill func(os.Signal)) {
	t.Helper()
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := false
	kill = func(s os.Signal) {
		if !ended {
			ended = true
			_ = cmd.Process.Signal(s)
			_ = cmd.Wait()
		}
	}
	t.Cleanup(func() { kill(os.Kill) })
	run(t, codeDone, "--dir", dir, "status", "--wait", "60s")
	c = api.NewClient(filepath.Join(dir, node.SocketName))
	t.Cleanup(c.Close)
	return c, kill
}

// note is a report. A campaign writes more of them than a charter lets a member write a day.
func note(text string) api.Request {
	return api.Request{Kind: "report", Anyway: api.Anyway{Quota: true}, Set: []string{"summary=" + text, "place=iso3166-2:MK-405", "period.start=2015-11-05T00:00:00Z", "period.end=2015-11-06T00:00:00Z"}}
}

// TestKilledNodeKeepsWhatItAcknowledged kills a node in the middle of its writing, three
// times over: whatever it had acknowledged is there afterwards, and it writes on.
func TestKilledNodeKeepsWhatItAcknowledged(t *testing.T) {
	dir := folder(t)
	run(t, codeDone, "--dir", dir, "init", string(town), "--network", "test", "--registrar", "mk.", "--level", "municipality")
	var acknowledged []protocol.Name
	for range 3 {
		c, kill := start(t, dir)
		for _, n := range acknowledged {
			if _, err := c.Record(t.Context(), n, protocol.Digest{}); err != nil {
				t.Errorf("%s was acknowledged, and is not there: %v", n, err)
			}
		}
		const before = 20 // acknowledgements, so that the kill falls into the middle of writing
		told, done := make(chan protocol.Name), make(chan struct{})
		for range 4 {
			go func() {
				for {
					p, err := c.Publish(context.WithoutCancel(t.Context()), note("x"))
					if err != nil {
						done <- struct{}{}
						return
					}
					told <- p.Record
				}
			}()
		}
		writers, killed := 4, false
		for here := 0; writers > 0; {
			select {
			case n := <-told:
				acknowledged = append(acknowledged, n)
				if here++; here >= before && !killed {
					killed = true
					go kill(os.Kill)
				}
			case <-done:
				writers--
			}
		}
		kill(os.Kill)
		c.Close()
	}
	if len(acknowledged) < 60 {
		t.Errorf("%d acknowledged, want 60 and more", len(acknowledged))
	}
	out := run(t, codeDone, "verify", dir)
	for _, n := range acknowledged {
		if !strings.Contains(out, n.String()+" ") {
			t.Errorf("%s was acknowledged, and verify does not find it", n)
		}
	}
}

// TestKilledReplayLeavesNodesThatHold kills the demonstration in mid-replay, and again:
// every store it leaves holds, and its nodes run.
func TestKilledReplayLeavesNodesThatHold(t *testing.T) {
	for _, until := range []string{"5 November", "7 November"} {
		dir := filepath.Join(folder(t), "n")
		cmd := exec.CommandContext(context.WithoutCancel(t.Context()), "vardar", "demo", "--once", "--day", "0s", "--keep", dir, "--seed", "7")
		said, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		var complained bytes.Buffer
		cmd.Stderr = &complained
		if err = cmd.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(said)
		for lines.Scan() && !strings.Contains(lines.Text(), until) {
		}
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if text, _ := os.ReadFile(filepath.Join(dir, "README.txt")); !strings.Contains(string(text), "lead nowhere") {
			t.Errorf("the folder does not say that its nodes reach each other no more:\n%s", text)
		}
		nodes, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil || len(nodes) < 11 {
			t.Fatalf("%d folders in %s, %v\n%s", len(nodes), dir, err, &complained)
		}
		for _, n := range nodes {
			if node.IsFolder(n) {
				run(t, codeDone, "verify", n)
			}
		}
		coordinator := nodes[slices.IndexFunc(nodes, func(n string) bool { return strings.HasSuffix(n, "crisis-centre") })]
		_, kill := start(t, coordinator)
		if out := run(t, codeDone, "--dir", coordinator, "list", "reports", "--limit", "-1"); !strings.Contains(out, "demo-south-gate/situation") {
			t.Errorf("the coordinator knows no report of the town:\n%s", out)
		}
		kill(os.Interrupt)
		if out := run(t, codeRefused, "demo", "--keep", dir); !strings.Contains(out, "cut off") || !strings.Contains(out, "try: vardar demo --keep") {
			t.Errorf("a second replay in the same folder is refused without a word why:\n%s", out)
		}
		run(t, codeDone, "verify", coordinator)
	}
}

// smallDisk makes a disk of a size, and resizes it.
func smallDisk(t *testing.T, size string) (dir string, resize func(size string)) {
	t.Helper()
	dir = folder(t)
	mount := func(options string) error {
		out, err := exec.CommandContext(t.Context(), "mount", "-t", "tmpfs", "-o", options, "vardar-test", dir).CombinedOutput()
		if err != nil {
			t.Log(string(out))
		}
		return err
	}
	if err := mount("size=" + size); err != nil {
		t.Skipf("no small disk can be made here: %v", err)
	}
	t.Cleanup(func() { _ = exec.CommandContext(context.WithoutCancel(t.Context()), "umount", "-l", dir).Run() })
	return dir, func(size string) {
		if err := mount("remount,size=" + size); err != nil {
			t.Fatal(err)
		}
	}
}

// TestInitGoesOnWhenThereIsRoom: the keys that a full disk left, whose sheet was shown, are
// not lost, and the refusal says its sentence once.
func TestInitGoesOnWhenThereIsRoom(t *testing.T) {
	dir, resize := smallDisk(t, "3m")
	home := filepath.Join(dir, "n")
	found := []string{"--dir", home, "init", string(town), "--network", "test", "--registrar", "mk.", "--level", "municipality"}
	for range 2 {
		if out := run(t, codeFailed, found...); strings.Count(out, "disk is full") != 1 {
			t.Errorf("a full disk is told so:\n%s", out)
		}
	}
	resize("160m")
	if out := run(t, codeDone, found...); strings.Contains(out, "AGE-SECRET") {
		t.Errorf("a second sheet was made:\n%s", out)
	}
	_, kill := start(t, home)
	kill(os.Interrupt)
	run(t, codeRefused, found...)
}

// TestFullDiskStopsWritingAndNothingElse fills the disk of a node: it says so, goes on
// reading, and writes again by itself when there is room.
func TestFullDiskStopsWritingAndNothingElse(t *testing.T) {
	dir, _ := smallDisk(t, "160m")
	home := filepath.Join(dir, "n")
	run(t, codeDone, "--dir", home, "init", string(town), "--network", "test", "--registrar", "mk.", "--level", "municipality")
	c, kill := start(t, home)
	first, err := c.Publish(t.Context(), note("before"))
	if err != nil {
		t.Fatal(err)
	}
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 120<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	var full error
	for deadline := time.Now().Add(time.Minute); full == nil && time.Now().Before(deadline); {
		_, full = c.Publish(t.Context(), note("while"))
	}
	if full == nil || !strings.Contains(full.Error(), "disk") {
		t.Fatalf("on a full disk: %v", full)
	}
	t.Log(full)
	run(t, codeRefused, "--dir", home, "publish", "report", "--set", "summary=x", "--set", "place=iso3166-2:MK-405", "--set", "period.start=2015-11-05T00:00:00Z", "--set", "period.end=2015-11-06T00:00:00Z")
	if _, err := c.Record(t.Context(), first.Record, protocol.Digest{}); err != nil {
		t.Errorf("reading stopped too: %v", err)
	}
	run(t, codeCheckFound, "--dir", home, "status")
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); full != nil && time.Now().Before(deadline); {
		_, full = c.Publish(t.Context(), note("after"))
	}
	if full != nil {
		t.Errorf("there is room again: %v", full)
	}
	kill(os.Interrupt)
	run(t, codeDone, "verify", home)
}
