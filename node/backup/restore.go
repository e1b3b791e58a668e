package backup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// restoring ends the name of a folder that is being restored.
const restoring = ".restoring"

// Restore puts a backup into a folder that is empty or not there, whole or not at all: it
// works in DIR.restoring, which a killed restore leaves and the next one clears, and
// renames it at the end. What [Check] would find refuses it, with [ErrDamaged]. Before the
// rename prepare makes the rest of the node in the folder it is given, such as its keys.
//
// It returns [ErrNotEmpty] for any other folder, and what Check returns.
func Restore(ctx context.Context, file, dir string, o CheckOptions, prepare func(dir string, h Header) error) (r Report, err error) {
	dir = filepath.Clean(dir)
	there, err := isEmpty(dir)
	if err != nil {
		return r, err
	}
	work := dir + restoring
	if err = os.RemoveAll(work); err != nil {
		return r, fmt.Errorf("clear what a killed restore left: %w", err)
	}
	if err = os.MkdirAll(work, 0o700); err != nil {
		return r, fmt.Errorf("restore: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(work))
		}
	}()
	if r, err = examine(ctx, file, work, o); err != nil {
		return r, err
	}
	if !r.OK {
		return r, fmt.Errorf("%s: %w: %s (mend: take another backup)", file, ErrDamaged, r.Findings[0])
	}
	if err := prepare(work, r.Header); err != nil {
		return r, err
	}
	if err := syncFolder(work); err != nil {
		return r, err
	}
	if there {
		if err := os.Remove(dir); err != nil { // empty still, or it fails
			return r, fmt.Errorf("restore: %w", err)
		}
	}
	if err := os.Rename(work, dir); err != nil {
		return r, fmt.Errorf("restore: %w", err)
	}
	return r, syncFolder(filepath.Dir(dir))
}

// isEmpty reports whether a folder is there, and refuses one that holds anything.
func isEmpty(dir string) (there bool, err error) {
	files, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("restore: %w", err)
	case len(files) > 0:
		return true, fmt.Errorf("%s holds %s (mend: name a new folder; nothing is ever written over): %w", dir, files[0].Name(), ErrNotEmpty)
	}
	return true, nil
}
