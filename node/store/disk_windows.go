package store

import (
	"os"

	"golang.org/x/sys/windows"
)

// DefaultReserve is the disk that is left alone unless Options.Reserve says otherwise. On
// Windows bbolt grows the file to the size of its map, by up to 1 GiB at a time, and can't
// go on after a growth that failed.
const DefaultReserve = 1<<30 + 64<<20

// diskFree gives what this user can still write.
func diskFree(dir string) (free, total uint64, err error) {
	name, err := windows.UTF16PtrFromString(dir)
	if err == nil {
		err = windows.GetDiskFreeSpaceEx(name, &free, &total, nil)
	}
	if err != nil {
		return 0, 0, &os.PathError{Op: "GetDiskFreeSpaceEx", Path: dir, Err: err}
	}
	return free, total, nil
}

func diskFullErrors() []error {
	return []error{windows.ERROR_DISK_FULL, windows.ERROR_HANDLE_DISK_FULL}
}

// syncDir does nothing: Windows has no such call, and journals names.
func syncDir(string) error { return nil }

// mapSize maps what is there: on Windows the file would be as long as its map.
func mapSize(string) (int, error) { return 0, nil }
