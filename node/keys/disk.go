package keys

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// writeNew writes an owner-only file with fsync, in place of what a killed process may
// have left there. It does not sync the folder.
func writeNew(path string, text []byte) (err error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.Write(text); err != nil {
		return err
	}
	return f.Sync()
}

// replace puts a whole new file in the place of an old one: temporary file, fsync,
// rename, fsync of the folder. After a crash there is the old one or the new one.
func replace(path string, text []byte) error {
	if err := writeNew(path+".new", text); err != nil {
		return err
	}
	return rename(path+".new", path)
}

// rename moves a file or folder and makes the move last.
func rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(to))
}

// removeAll removes files of one folder that may be gone already, in their order, and
// makes that last.
func removeAll(folder string, paths ...string) error {
	gone := false
	for _, path := range paths {
		err := os.Remove(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		gone = gone || err == nil
	}
	if !gone {
		return nil
	}
	return syncFolder(folder)
}

func exists(path string) (bool, error) {
	_, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// inPlace is ownerOnly of what must lie where it is: through a link, whoever can move
// what it leads to decides which keys are opened.
func inPlace(path string, mode fs.FileMode) error {
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		return fmt.Errorf("%s is a link (mend: put what it leads to in its place, or mount it there): %w", path, ErrPermissions)
	}
	return ownerOnly(path, mode)
}

// ownerOnly refuses a file or folder that other accounts can reach, or that another
// account owns. The mode is what it should have.
func ownerOnly(path string, mode fs.FileMode) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.Mode().Perm()&0o077 != 0 && modesCount {
		return fmt.Errorf("%s has mode %04o (mend: chmod %o %s): %w", path, info.Mode().Perm(), mode, path, ErrPermissions)
	}
	if !ours(info) {
		return fmt.Errorf("%s belongs to another account (mend: run as that account, or chown it): %w", path, ErrPermissions)
	}
	return nil
}
