//go:build unix

package bench

import "golang.org/x/sys/unix"

// descriptors is how many files and connections this process may have open; its children
// may as many.
func descriptors() int {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil || limit.Cur > manyFiles {
		return manyFiles
	}
	return int(limit.Cur) //nolint:gosec // bounded
}
