package keys

import (
	"errors"
	"io/fs"
	"path/filepath"
)

// Permissions looks at the folder of the keys, and at the carrier beside it, file by file:
// nil, or every [ErrPermissions] with its mend. Open looks at less, since it looks at what
// it reads.
func (s *Safe) Permissions() error {
	folders := []string{filepath.Join(s.o.Dir, keysFolder)}
	if s.o.ownCarrier() {
		folders = append(folders, s.o.Identity)
	}
	var errs []error
	for _, folder := range folders {
		err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			mode := fs.FileMode(0o600)
			if err == nil && d.IsDir() {
				mode = 0o700
			}
			if err == nil {
				err = ownerOnly(path, mode)
			}
			if errors.Is(err, ErrPermissions) {
				errs = append(errs, err)
				return nil
			}
			return err
		})
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
