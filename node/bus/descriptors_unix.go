//go:build unix

package bus

import "golang.org/x/sys/unix"

// descriptors is how many files and connections this process may have open; Go has raised
// it as far as it may.
func descriptors() int {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil || limit.Cur > 2*MaxConnections {
		return 2 * MaxConnections
	}
	return int(limit.Cur) //nolint:gosec // bounded
}
