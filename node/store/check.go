package store

import "errors"

// CheckFile is still to be written.
func CheckFile(string) error { return errors.New("the check of a store's file is still to be written") }
