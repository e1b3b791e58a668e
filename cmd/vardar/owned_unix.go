//go:build unix

package main

import (
	"io/fs"
	"os"
	"syscall"
)

// ownedAs gives a file the owner of another.
func ownedAs(f *os.File, info fs.FileInfo) error {
	if of, ok := info.Sys().(*syscall.Stat_t); ok {
		return f.Chown(int(of.Uid), int(of.Gid))
	}
	return nil
}
