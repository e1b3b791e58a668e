//go:build unix

package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestFirstStepsAsTheyStand pastes the README's first steps into a shell, but for the
// build, which made this test, and the ports, which may be taken here; then a stranger
// reads and verifies the record with stock libraries alone.
func TestFirstStepsAsTheyStand(t *testing.T) {
	steps := blocks(readme(t), "sh")
	if len(steps) != 1 {
		t.Fatalf("the README has %d blocks of shell, want 1", len(steps))
	}
	const build = "go build -o vardar ./cmd/vardar"
	if !strings.Contains(steps[0], build) {
		t.Fatalf("the first steps don't build: %q is missing", build)
	}
	served := freeAddress(t)
	script := strings.NewReplacer(build, "", "./vardar", "vardar", "127.0.0.1:4222", freeAddress(t), "127.0.0.1:8080", served).Replace(steps[0])
	shell := exec.CommandContext(context.WithoutCancel(t.Context()), "bash", "-e", "-o", "pipefail")
	shell.Stdin, shell.Dir = strings.NewReader(script), folder(t)
	shell.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	output := filepath.Join(shell.Dir, "output")
	file, err := os.Create(output)
	if err != nil {
		t.Fatal(err)
	}
	shell.Stdout, shell.Stderr = file, file
	err = shell.Run()
	// The nodes run on in the shell's own group of processes.
	t.Cleanup(func() { _ = syscall.Kill(-shell.Process.Pid, syscall.SIGKILL) })
	said, read := os.ReadFile(output)
	if err = errors.Join(err, read); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	for _, want := range []string{
		"recorded; 1 of 1 peers have it", "arrivals 960 persons", "a key opened by mk.southeast.gevgelija/trust.1.", "record  holds",
	} {
		if !strings.Contains(string(said), want) {
			t.Errorf("the first steps don't print %q:\n%s", want, said)
		}
	}
	strangersRead(t, "http://"+served+"/v1/records/mk.southeast.gevgelija/situation.1.1", string(said))
}
