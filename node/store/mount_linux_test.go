package store_test

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// mountSmall mounts a tmpfs of 8 MiB on dir.
func mountSmall(dir string) (unmount func(), err error) {
	if os.Getuid() != 0 {
		return nil, errors.New("not root")
	}
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=8m"); err != nil {
		return nil, err
	}
	return func() { _ = unix.Unmount(dir, unix.MNT_DETACH) }, nil
}
