package main

import (
	"os"
	"os/exec"
	"testing"
)

// missing ends a test for want of something that .ci/run installs: there it fails, elsewhere it is
// skipped. What the kernel or one's rights do not allow is skipped everywhere, and said.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("no %s; .ci/run installs it", what)
	}
	t.Skipf("no %s here; .ci/run installs it", what)
}

// installed ends a test unless there are all the commands that it runs.
func installed(t *testing.T, commands ...string) {
	t.Helper()
	for _, c := range commands {
		if _, err := exec.LookPath(c); err != nil {
			missing(t, c)
		}
	}
}
