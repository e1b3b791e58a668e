package main

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/vardar-network/vardar/node/api"
)

// Bounds of a pack that is read: who sent it may mean harm.
const (
	maxPackBytes = 512 << 20 // of the file, and unpacked, its parts together; ten parts as large as any is made
	maxPartBytes = 64 << 20  // of one file in it: the rows of a witness are the longest
	maxPartName  = 255       // bytes
)

// packFile is a file of a pack.
type packFile struct {
	name string
	data []byte
}

// errPack says what of a pack can't be read.
var errPack = errors.New("it is no pack that can be read")

// isPack reports whether a folder holds a pack.
func isPack(dir string) bool {
	info, err := os.Lstat(filepath.Join(dir, api.PackListName))
	return err == nil && info.Mode().IsRegular()
}

// isZip reports whether a file begins like a zip.
func isZip(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }()
	head := make([]byte, 4)
	_, err = io.ReadFull(f, head)
	return err == nil && bytes.Equal(head, []byte("PK\x03\x04"))
}

// gatherZip takes in a pack of one file.
func gatherZip(j *judge, path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return &api.Problem{Kind: api.NotFound, Detail: err.Error(), Next: "vardar verify --help", Err: err}
	}
	if info.Size() > maxPackBytes {
		j.unreadable(path, fmt.Sprintf("it is larger than %d MiB", maxPackBytes>>20))
		return nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return &api.Problem{Kind: api.NotFound, Detail: err.Error(), Next: "vardar verify --help", Err: err}
	}
	left := uint64(maxPackBytes)
	files, err := readZip(data, &left)
	if err != nil {
		j.unreadable(path, err.Error())
		return nil
	}
	if len(files) == 0 || slices.ContainsFunc(files, func(f packFile) bool { return !strings.EqualFold(filepath.Ext(f.name), zipEnding) }) {
		j.pack(path, files)
		return nil
	}
	for _, f := range files { // the parts of one, as a page gives them
		where := filepath.Join(path, f.name)
		if files, err = readZip(f.data, &left); err != nil {
			j.unreadable(where, err.Error())
			continue
		}
		j.pack(where, files)
	}
	return nil
}

// readZip reads the files of a pack: what is no plain file of a plain name, stands twice, or is
// more than what is left of a pack's bytes, makes all of it unreadable. Its sizes are believed of
// no zip: what unpacks to more than it says is not read on.
func readZip(data []byte, left *uint64) ([]packFile, error) {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errPack, err)
	}
	if len(archive.File) > api.MaxPackFiles+8 {
		return nil, fmt.Errorf("%w: it has %d files, more than %d", errPack, len(archive.File), api.MaxPackFiles)
	}
	names := packNames{}
	var out []packFile
	for _, part := range archive.File {
		if err := names.add(part.Name, part.Mode().IsRegular()); err != nil {
			return nil, err
		}
		if part.UncompressedSize64 > min(maxPartBytes, *left) {
			return nil, fmt.Errorf("%w: unpacked, %s is too large", errPack, part.Name)
		}
		*left -= part.UncompressedSize64
		raw, err := unpack(part)
		if err != nil {
			return nil, fmt.Errorf("%w: %s: %w", errPack, part.Name, err)
		}
		out = append(out, packFile{part.Name, raw})
	}
	return out, nil
}

// unpack reads one file of a zip, and no more than it says.
func unpack(part *zip.File) (raw []byte, err error) {
	r, err := part.Open()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close()) }()
	raw, err = io.ReadAll(io.LimitReader(r, int64(part.UncompressedSize64)+1)) //nolint:gosec // at most maxPartBytes
	if err == nil && uint64(len(raw)) != part.UncompressedSize64 {
		err = errors.New("it is not as long as the zip says")
	}
	return raw, err
}

// packNames are the names that stand in a pack, in small letters: on some machines the other ones
// are the same file.
type packNames map[string]bool

func (n packNames) add(name string, plain bool) error {
	small := strings.ToLower(name)
	switch {
	case !plain, name == "", len(name) > maxPartName, !utf8.ValidString(name), strings.HasPrefix(name, "."), strings.ContainsAny(name, "/\\:\x00"), name != filepath.Base(name):
		return fmt.Errorf("%w: %.80q is no plain file", errPack, name)
	case n[small]:
		return fmt.Errorf("%w: %q stands in it twice", errPack, name)
	}
	n[small] = true
	return nil
}

// gatherPackFolder takes in a pack that was unpacked. Other folders in it, and what begins with a
// dot, are not of it.
func gatherPackFolder(j *judge, dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return &api.Problem{Kind: api.NotFound, Detail: err.Error(), Next: "vardar verify --help", Err: err}
	}
	var files []packFile
	left := int64(maxPackBytes)
	for _, e := range entries {
		if !e.Type().IsRegular() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		if left -= info.Size(); left < 0 || info.Size() > maxPartBytes || len(files) > api.MaxPackFiles+8 {
			j.unreadable(filepath.Join(dir, e.Name()), "with it the pack is larger than one may be")
			return nil
		}
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return &api.Problem{Kind: api.NotFound, Detail: err.Error(), Next: "vardar verify --help", Err: err}
		}
		files = append(files, packFile{e.Name(), data})
	}
	j.pack(dir, files)
	return nil
}
