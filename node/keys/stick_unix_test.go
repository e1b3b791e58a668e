//go:build unix

package keys_test

import (
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"
)

// limitFiles lets no file of this process grow beyond a size: the stick is full.
func limitFiles(size uint64) (lift func() error, err error) {
	signal.Ignore(syscall.SIGXFSZ)
	var was syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
		return nil, err
	}
	lift = func() error { return syscall.Setrlimit(syscall.RLIMIT_FSIZE, &was) }
	return lift, syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: size, Max: was.Max})
}

// asAnother has root's child run as an account that modes count for, and gives it the
// folder.
func asAnother(t *testing.T, child *exec.Cmd, dir string) {
	t.Helper()
	if os.Geteuid() != 0 {
		return
	}
	const account = 12345
	child.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: account, Gid: account}}
	open := func(path string) error { return os.Chmod(path, 0o755) }
	for at := filepath.Dir(child.Path); at != os.TempDir() && at != "/"; at = filepath.Dir(at) {
		if err := open(at); err != nil {
			t.Fatal(err)
		}
	}
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err == nil {
			err = os.Chown(path, account, account)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
