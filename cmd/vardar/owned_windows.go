package main

import (
	"io/fs"
	"os"
)

// ownedAs changes nothing: on Windows a file has the rights of its folder.
func ownedAs(*os.File, fs.FileInfo) error { return nil }
