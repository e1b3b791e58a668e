//go:build unix

package store

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// DefaultReserve is the disk that is left alone unless Options.Reserve says otherwise: room
// for a commit, the erasure of bodies and an orderly end.
const DefaultReserve = 64 << 20

// diskFree gives what an ordinary user can still write.
func diskFree(dir string) (free, total uint64, err error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return 0, 0, &os.PathError{Op: "statfs", Path: dir, Err: err}
	}
	size := uint64(st.Bsize)                                       //nolint:gosec,unconvert // its type differs by platform
	return uint64(st.Bavail) * size, uint64(st.Blocks) * size, nil //nolint:gosec,unconvert // as above
}

func diskFullErrors() []error { return []error{unix.ENOSPC, unix.EDQUOT} }

// syncDir makes a new file's name durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
