//go:build !unix

package keys

import "io/fs"

// On Windows a mode says nothing about who may read, and access lists are not looked at:
// the checks of permissions and owners do nothing there (doc.go says so).
const modesCount = false

func ours(fs.FileInfo) bool { return true }

// syncFolder does nothing: Windows has no fsync of a folder, and NTFS journals names.
func syncFolder(string) error { return nil }
