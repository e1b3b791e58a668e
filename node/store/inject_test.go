package store_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

// TestFailingDiskLosesNothingAcknowledged has the kernel's answers to a writer's calls
// replaced: an error once, the most treacherous, since the next sync says that all is well,
// or from some call on. The writer must say what failed and stop; what it acknowledged
// before must be there, in a file that passes its check.
func TestFailingDiskLosesNothingAcknowledged(t *testing.T) {
	tracer := strace(t)
	for _, call := range []string{"fdatasync", "pwrite64"} {
		for _, fault := range []struct{ number, says string }{{"EIO", "input/output error"}, {"ENOSPC", "no space left on device"}} {
			for _, when := range []string{"2", "3", "7", "12+", "25"} {
				t.Run(fmt.Sprintf("%s %s at %s", call, fault.number, when), func(t *testing.T) {
					t.Parallel()
					failingDisk(t, tracer, fmt.Sprintf("inject=%s:error=%s:when=%s", call, fault.number, when), fault.says)
				})
			}
		}
	}
}

func failingDisk(t *testing.T, tracer, inject, says string) {
	dir := t.TempDir()
	// The file is made before anything fails: whoever can't make one has nothing to lose.
	s, err := store.Open(t.Context(), options(dir))
	must(t, err)
	must(t, s.Close())
	cmd := spawn(t.Context(), "append", dir)
	call, _, _ := strings.Cut(strings.TrimPrefix(inject, "inject="), ":")
	cmd.Args = []string{tracer, "-f", "--seccomp-bpf", "-o", filepath.Join(t.TempDir(), "trace"), "-e", "trace=" + call, "-e", inject, cmd.Path}
	cmd.Path = tracer
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err == nil || !strings.Contains(stderr.String(), says) || strings.Contains(stderr.String(), "goroutine ") {
		t.Errorf("the writer ended with %v and said %q, want an error that says %q", err, stderr.String(), says)
	}
	o := options(dir)
	o.Check = checkInChild
	s = open(t, o)
	text := string(out)
	names := strings.Fields(text[:strings.LastIndex(text, "\n")+1])
	for _, line := range names {
		name, err := protocol.ParseName(line)
		must(t, err)
		if _, err := s.Get(name); err != nil {
			t.Errorf("acknowledged %s: %v", name, err)
		}
	}
	t.Logf("%d records were acknowledged before", len(names))
}
