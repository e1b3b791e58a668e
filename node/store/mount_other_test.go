//go:build !linux

package store_test

import "errors"

func mountSmall(string) (func(), error) { return nil, errors.New("only on Linux") }
