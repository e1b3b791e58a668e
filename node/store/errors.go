package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	bolterrors "go.etcd.io/bbolt/errors"

	"github.com/vardar-network/vardar/protocol"
)

// What callers branch on.
var (
	// ErrLocked: another process has the store open. The message says which directory
	// and what to do.
	ErrLocked = errors.New("the store is in use")
	// ErrDamaged: bytes on disk are not what was written. A [*Damage] says which record;
	// without one the file as a whole can't be used: recover from a backup and peers.
	ErrDamaged = errors.New("the store is damaged")
	// ErrIndexes: records and bodies are whole, what is derived from them is not. It is an
	// [ErrDamaged] too. [Open] makes the indexes anew when its check says so.
	ErrIndexes = errors.New("the indexes are not what was written: they are made anew when the store is opened")
	// ErrNewer: the file was written by a newer vardar; run that one.
	ErrNewer = errors.New("the store was written by a newer vardar")
	// ErrDiskFull: nothing was written, since there is no room. Reading goes on, and so
	// does writing by itself when there is room again: try again later.
	ErrDiskFull = errors.New("the disk is full: writing is paused until there is room")
	// ErrNotFound: nothing of that name or digest is held.
	ErrNotFound = errors.New("not held")
	// ErrClosed: the store was closed.
	ErrClosed = errors.New("the store is closed")
	// ErrFailed: the disk returned an error other than being full, so that it isn't known
	// what of the last transaction is on it. Nothing more is written until the store is
	// opened anew; reading goes on.
	ErrFailed = errors.New("the disk failed: the store writes nothing more until it is opened again")
	// ErrBody: a body was given for a record that was erased.
	ErrBody = errors.New("the body was erased by its author")
)

// Damage names the record that can't be read as it was written. It is an [ErrDamaged].
// Order tells a reader of a group where to go on; Body says that the header is whole, and
// then the record was returned with its body missing: ask a peer, and [Store.PutBody] it.
type Damage struct {
	Record protocol.Name  // zero if even that can't be read
	Group  protocol.Group // zero if not known
	Order  uint64         // in its group; 0 if not known
	Body   bool
	Reason error
}

// Error names record and reason.
func (d *Damage) Error() string {
	what := "record"
	if d.Body {
		what = "body of"
	}
	switch {
	case d.Record.IsZero() && d.Order == 0:
		return fmt.Sprintf("%v: %v", ErrDamaged, d.Reason)
	case d.Record.IsZero() && d.Group == protocol.Group{}:
		return fmt.Sprintf("%v: %s accepted as number %d of its group: %v", ErrDamaged, what, d.Order, d.Reason)
	case d.Record.IsZero():
		return fmt.Sprintf("%v: %s %d of %q: %v", ErrDamaged, what, d.Order, d.Group, d.Reason)
	}
	return fmt.Sprintf("%v: %s %s: %v", ErrDamaged, what, d.Record, d.Reason)
}

// Unwrap gives [ErrDamaged] and the reason.
func (d *Damage) Unwrap() []error { return []error{ErrDamaged, d.Reason} }

var (
	errChecksum = errors.New("checksum does not match")
	errDigest   = errors.New("digest does not match")
	errAbsent   = errors.New("it is not where the index says")
	errFormat   = errors.New("not of a known form")
)

func openError(dir string, err error) error {
	var sys *fs.PathError
	var link *os.LinkError
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return fmt.Errorf("%w: another vardar runs on %s; stop it, or use another --dir", ErrLocked, dir)
	case isDiskFull(err):
		return fmt.Errorf("%w: %s: %w", ErrDiskFull, dir, err)
	case errors.As(err, &sys), errors.As(err, &link): // permissions and the like
		return fmt.Errorf("open the store: %w", err)
	}
	return fmt.Errorf("%w: %s: %w", ErrDamaged, filepath.Join(dir, FileName), err)
}
