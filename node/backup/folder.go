package backup

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/vardar-network/vardar/protocol"
)

const (
	namePrefix, nameSuffix = "vardar-", ".backup"
	noteSuffix             = ".json" // of what lies beside a backup in plain
	halfMade               = ".new"
	// nameTime is how a name says when, sorted as time is.
	nameTime = "20060102T150405.000Z"
	// MaxKeep is how long a backup may be kept: erased bodies are gone by then (design.md
	// §2).
	MaxKeep = 35 * 24 * time.Hour
)

// Entry is one backup as its folder shows it, unopened.
type Entry struct {
	File        string                 `json:"file"`
	Institution protocol.InstitutionID `json:"institution"`
	Time        protocol.Instant       `json:"time"`
	Bytes       int64                  `json:"bytes"`           // of the sealed file
	Heads       int                    `json:"heads,omitempty"` // branches in it; 0: not known
	Checked     *Checked               `json:"checked,omitempty"`
}

// Checked is the last check of a backup.
type Checked struct {
	Time  protocol.Instant `json:"time"`
	OK    bool             `json:"ok"`
	Found string           `json:"found,omitempty"` // the first thing, if it is not OK
}

// note is what lies beside a backup.
type note struct {
	Heads   int      `json:"heads"`
	Checked *Checked `json:"checked,omitempty"`
}

func fileName(id protocol.InstitutionID, at protocol.Instant) string {
	return namePrefix + string(id) + "-" + at.Time().Format(nameTime) + nameSuffix
}

// parseName reads what a name says; ok is false for a file of somebody else.
func parseName(name string) (id protocol.InstitutionID, at protocol.Instant, ok bool) {
	name, begins := strings.CutPrefix(name, namePrefix)
	name, ends := strings.CutSuffix(name, nameSuffix)
	cut := strings.LastIndexByte(name, '-')
	if !begins || !ends || cut < 0 {
		return "", 0, false
	}
	id, err := protocol.ParseInstitution(name[:cut])
	if err != nil {
		return "", 0, false
	}
	t, err := time.Parse(nameTime, name[cut+1:])
	return id, protocol.InstantOf(t), err == nil
}

// List gives the backups in a folder, the newest first, of one institution or, if that is
// empty, of all. It needs no secret and believes the names: see [Check]. A folder that is
// not there is an error.
func List(dir string, id protocol.InstitutionID) ([]Entry, error) {
	files, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("list backups: %w", absent(err))
	}
	out := []Entry{}
	for _, f := range files {
		of, at, ok := parseName(f.Name())
		if !ok || id != "" && of != id || !f.Type().IsRegular() {
			continue
		}
		info, err := f.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // it expired meanwhile
		}
		if err != nil {
			return nil, fmt.Errorf("list backups: %w", err)
		}
		e := Entry{File: filepath.Join(dir, f.Name()), Institution: of, Time: at, Bytes: info.Size()}
		n := readNote(e.File)
		e.Heads, e.Checked = n.Heads, n.Checked
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b Entry) int {
		return cmp.Or(-cmp.Compare(a.Time, b.Time), cmp.Compare(a.Institution, b.Institution))
	})
	return out, nil
}

// clearHalfMade removes what a killed backup of an institution left in a folder: a copy
// that nobody can open, on a stick that may have room for one.
func clearHalfMade(dir string, id protocol.InstitutionID) error {
	files, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("make a backup: %w", absent(err))
	}
	for _, f := range files {
		name, half := strings.CutSuffix(f.Name(), halfMade)
		of, _, ok := parseName(strings.TrimSuffix(name, noteSuffix))
		if !half || !ok || of != id || !f.Type().IsRegular() {
			continue
		}
		if err := os.Remove(filepath.Join(dir, f.Name())); err != nil {
			return fmt.Errorf("remove what a killed backup left: %w", err)
		}
	}
	return nil
}

// absent makes an error of the file system one of ours, if something is not there.
func absent(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %w", ErrAbsent, err)
	}
	return err
}

// readNote reads what lies beside a backup; nothing of it if it can't be read.
func readNote(file string) note {
	var n note
	text, err := os.ReadFile(file + noteSuffix)
	if err != nil || json.Unmarshal(text, &n) != nil {
		return note{}
	}
	return n
}

func writeNote(file string, n note) error {
	text, err := json.Marshal(n)
	if err != nil {
		return err
	}
	return writeFile(file+noteSuffix, append(text, '\n'))
}

// Expire removes the backups of an institution in a folder that are older than keep, and
// gives their files. That of the time named stays, and so does what lies in the future.
func Expire(dir string, id protocol.InstitutionID, now protocol.Instant, keep time.Duration) ([]string, error) {
	if keep <= 0 || keep > MaxKeep {
		return nil, fmt.Errorf("keep backups for %s: %w", keep, ErrKeep)
	}
	entries, err := List(dir, id)
	if err != nil {
		return nil, err
	}
	var gone []string
	for _, e := range entries {
		if now.Time().Sub(e.Time.Time()) <= keep {
			continue
		}
		if err := os.Remove(e.File); err != nil {
			return gone, fmt.Errorf("remove an old backup: %w", err)
		}
		gone = append(gone, e.File)
		if err := os.Remove(e.File + noteSuffix); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return gone, fmt.Errorf("remove an old backup: %w", err)
		}
	}
	return gone, nil
}

// writeFile puts a whole file in the place of another: temporary name, fsync, rename,
// fsync of the folder.
func writeFile(path string, text []byte) error {
	return writeWhole(path, func(f *os.File) error {
		_, err := f.Write(text)
		return err
	})
}

// writeWhole makes one file by fill under a temporary name, and gives it its own once it is on
// disk. After an error nothing is left.
func writeWhole(path string, fill func(*os.File) error) (err error) {
	f, err := os.OpenFile(path+halfMade, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	err = fill(f)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(path+halfMade))
	}
	if err := os.Rename(path+halfMade, path); err != nil {
		return errors.Join(err, os.Remove(path+halfMade))
	}
	return syncFolder(filepath.Dir(path))
}

// syncFolder makes names in a folder last. Windows has no such call, and journals them.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
