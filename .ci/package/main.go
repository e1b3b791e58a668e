// Command package writes the Debian package that nfpm.yaml describes, with nfpm's library: its
// command brings every other format along.
//
//	VERSION=0.1.0 ARCH=amd64 BINARY=vardar go run . ../../deploy/debian/nfpm.yaml vardar.deb
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/goreleaser/nfpm/v2"
	"github.com/goreleaser/nfpm/v2/deb"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "want CONFIG and PACKAGE.deb")
		os.Exit(2)
	}
	if err := write(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// write makes the package; what it holds is named from the folder of its description.
func write(config, target string) (err error) {
	if target, err = filepath.Abs(target); err != nil {
		return err
	}
	if err := os.Chdir(filepath.Dir(config)); err != nil {
		return err
	}
	described, err := nfpm.ParseFileWithEnvMapping(filepath.Base(config), os.Getenv)
	if err != nil {
		return err
	}
	info, err := described.Get("deb")
	if err != nil {
		return err
	}
	info = nfpm.WithDefaults(info)
	if err := nfpm.PrepareForPackager(info, "deb"); err != nil {
		return err
	}
	part, err := os.CreateTemp(filepath.Dir(target), ".package-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(part.Name()) }()
	if err := deb.Default.Package(info, part); err != nil {
		return err
	}
	if err := part.Close(); err != nil {
		return err
	}
	return os.Rename(part.Name(), target)
}
