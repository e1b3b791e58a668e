package main

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestDemonstrationThatNobodyReadsOnLeavesNothing reads one line of each story and goes, as
// head does.
func TestDemonstrationThatNobodyReadsOnLeavesNothing(t *testing.T) {
	for _, story := range []string{"november", "trust"} {
		t.Run(story, func(t *testing.T) {
			temporary := folder(t)
			cmd := exec.CommandContext(context.WithoutCancel(t.Context()), "vardar", "demo", story, "--once")
			cmd.Env = append(os.Environ(), "TMPDIR="+temporary)
			said, err := cmd.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			var complained bytes.Buffer
			cmd.Stderr = &complained
			if err = cmd.Start(); err != nil {
				t.Fatal(err)
			}
			lines := bufio.NewReader(said)
			for line := ""; !strings.Contains(line, "2015") && !strings.Contains(line, "town"); { // its nodes run
				if line, err = lines.ReadString('\n'); err != nil {
					t.Fatalf("%v\n%s", err, &complained)
				}
			}
			if err = said.Close(); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait()
			if got := cmd.ProcessState.ExitCode(); got != codeFailed || !strings.Contains(complained.String(), "nobody reads on") {
				t.Errorf("exit code %d, want %d\n%s", got, codeFailed, &complained)
			}
			left, err := os.ReadDir(temporary)
			if err != nil || len(left) > 0 {
				t.Errorf("%v is left in the temporary folder (%v)", left, err)
			}
		})
	}
}
