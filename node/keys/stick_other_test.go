//go:build !unix

package keys_test

import (
	"os/exec"
	"testing"
)

func limitFiles(uint64) (lift func() error, err error) { return nil, nil }

func asAnother(*testing.T, *exec.Cmd, string) {}
