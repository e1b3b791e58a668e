package store_test

import (
	"bufio"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

func TestNothingAcknowledgedIsLostWhenTheProcessIsKilled(t *testing.T) {
	dir := t.TempDir()
	dice := rand.New(rand.NewPCG(1, 2))
	acknowledged := map[string]bool{}
	for range 8 {
		cmd := spawn(t.Context(), "append", dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		must(t, cmd.Start())
		lines := bufio.NewScanner(out)
		// Killed in whatever it does after some random number of acknowledgements.
		for range 2 + dice.IntN(120) {
			if !lines.Scan() {
				t.Fatal("the child ended by itself")
			}
			acknowledged[lines.Text()] = true
		}
		must(t, cmd.Process.Kill())
		rest, _ := io.ReadAll(out) // what it said before it died counts too, whole lines
		text := string(rest)
		text = text[:strings.LastIndex(text, "\n")+1]
		for line := range strings.Lines(text) {
			acknowledged[strings.TrimSpace(line)] = true
		}
		_ = cmd.Wait()
		o := options(dir)
		o.Check = checkInChild
		s, err := store.Open(t.Context(), o)
		if err != nil {
			t.Fatalf("Open after the kill: %v", err)
		}
		for line := range acknowledged {
			name, err := protocol.ParseName(line)
			if err != nil {
				continue // the scanner's own half line
			}
			if _, err := s.Get(name); err != nil {
				t.Errorf("acknowledged %s: %v", name, err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d records acknowledged, none lost", len(acknowledged))
}

// strace gives the program that shows what a process asks of the system.
func strace(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("strace")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("strace is missing; .ci/run installs it")
		}
		t.Skip("strace is missing: apt install strace")
	}
	return path
}

func TestAcknowledgementComesAfterTheDisk(t *testing.T) {
	const writers = 40
	dir := t.TempDir()
	path := filepath.Join(dir, "trace")
	cmd := spawn(t.Context(), "sync", dir, strconv.Itoa(writers))
	cmd.Args = append([]string{strace(t), "-f", "-o", path, "-e", "trace=fdatasync,fsync,write"}, cmd.Path)
	cmd.Path = cmd.Args[0]
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("strace: %v\n%s", err, out)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	syncs, alone, phase := 0, 0, ""
	// A sync counts when it returned: strace tells of a call that others interrupted twice.
	synced := regexp.MustCompile(`(fdatasync\(\d+\)|fdatasync resumed>\)) += 0`)
	said := regexp.MustCompile(`write\(1, "(\w+)\\n"`)
	for line := range strings.Lines(string(text)) {
		if synced.MatchString(line) {
			syncs++
		}
		m := said.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		switch {
		case m[1] == "acknowledged":
			alone++
			if syncs == 0 {
				t.Errorf("request %d was acknowledged without an fdatasync", alone)
			}
		case m[1] == "end" && phase == "together":
			t.Logf("%d writers, %d fdatasyncs", writers, syncs)
			if syncs == 0 || syncs >= writers {
				t.Errorf("%d concurrent writers took %d fdatasyncs, want some and fewer than one each", writers, syncs)
			}
		}
		phase, syncs = m[1], 0
	}
	if alone != 5 || phase != "end" {
		t.Errorf("trace shows %d acknowledgements and ends in %q, want 5 and end", alone, phase)
	}
}
