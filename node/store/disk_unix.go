//go:build unix

package store

import (
	"errors"
	"io/fs"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// DefaultReserve is the disk that is left alone unless Options.Reserve says otherwise: room
// for a commit, the erasure of bodies and an orderly end.
const DefaultReserve = 64 << 20

// diskFree gives what an ordinary user can still write, and that and what is written
// already: blocks that are kept back for others belong to neither, as in df(1).
func diskFree(dir string) (free, total uint64, err error) {
	var st unix.Statfs_t
	if err := unix.Statfs(dir, &st); err != nil {
		return 0, 0, &os.PathError{Op: "statfs", Path: dir, Err: err}
	}
	size := uint64(st.Bsize)                                 //nolint:gosec,unconvert // its type differs by platform
	free = uint64(st.Bavail) * size                          //nolint:gosec,unconvert // as above
	return free, free + uint64(st.Blocks-st.Bfree)*size, nil //nolint:gosec,unconvert // as above
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

// mapAhead is how much more than the file is mapped, of addresses alone: bbolt can't grow
// its map while a transaction reads, and a [Copy] reads for as long as a slow disk or a
// line to one takes. A store that grows by more in one run waits for the copy.
const mapAhead = 64 << 30

// mapSize gives how much is mapped of a store's file; 0: what is there.
func mapSize(path string) (int, error) {
	info, err := os.Stat(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) || strconv.IntSize < 64 {
		return 0, err // 32 bits have no addresses to spare
	}
	size := int64(mapAhead)
	if err == nil {
		size += info.Size()
	}
	return int(size), nil
}
