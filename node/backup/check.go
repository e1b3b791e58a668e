package backup

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

// CheckOptions say how a backup is opened.
type CheckOptions struct {
	Identity string // required: the recovery sheet, or its line AGE-SECRET-KEY-1…
	// Temp is the folder in which the copy is laid out, in a fresh folder that is removed
	// again; default: the system's.
	Temp  string
	Clock func() time.Time // required: when the check was, and the store's clock
	// Child runs store.CheckFile in a child process; required.
	Child func(ctx context.Context, path string) error
	// Judge looks at the records of the copy: chains, signatures, openers; required, since
	// who may sign what is no business of this package. It gives how many hold, and the
	// first that does not.
	Judge func(ctx context.Context, s *store.Store) (verified int, err error)
	Free  func(dir string) (free, total uint64, err error) // default: [store.Free]
}

// Report is what a check found.
type Report struct {
	Header   Header   `json:"-"`
	Checked  Checked  `json:"-"` // as it stands beside the backup now
	File     string   `json:"file"`
	Records  int      `json:"records"`
	Verified int      `json:"verified"` // of these whole, chained, signed
	OK       bool     `json:"ok"`
	Findings []string `json:"findings"`
}

// maxFindings bounds what one check tells.
const maxFindings = 20

// Check opens a backup as a restore would, in a folder of its own, and looks at all of it:
// every page, every record's digest and body, chains and signatures, and that every head
// and charter the header names is there. What it finds is in the report, and beside the
// backup for [List]; an error says that it could not look ([ErrIdentity], [ErrNoBackup],
// [ErrNewer], [ErrNoRoom]).
func Check(ctx context.Context, file string, o CheckOptions) (Report, error) {
	clearKilled(o)
	dir, err := os.MkdirTemp(o.Temp, checkFolder) // 0700: bodies lie in it in plain
	if err != nil {
		return Report{}, fmt.Errorf("check a backup: %w", err)
	}
	defer os.RemoveAll(dir) //nolint:errcheck // the system's to clear up
	r, err := examine(ctx, file, dir, o)
	if err != nil {
		return r, err
	}
	r.Checked = Checked{Time: protocol.InstantOf(o.Clock()), OK: r.OK}
	if !r.OK {
		r.Checked.Found = r.Findings[0]
	}
	n := readNote(file)
	n.Checked = &r.Checked
	if r.Header.Version > 0 {
		n.Heads = len(r.Header.Heads)
	}
	if err := writeNote(file, n); err != nil && !errors.Is(err, fs.ErrPermission) {
		return r, fmt.Errorf("write beside the backup: %w", err) // a folder to read alone is none of our business
	}
	return r, nil
}

const (
	checkFolder = "vardar-check-"
	// killedAfter is when a check that is still there was killed: the largest takes hours.
	killedAfter = 24 * time.Hour
)

// clearKilled removes what checks that were killed have left, as far as it may: bodies lie
// there in plain.
func clearKilled(o CheckOptions) {
	temp := cmp.Or(o.Temp, os.TempDir())
	entries, _ := os.ReadDir(temp) // what can't be read is told by MkdirTemp
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && e.IsDir() && strings.HasPrefix(e.Name(), checkFolder) && o.Clock().Sub(info.ModTime()) > killedAfter {
			_ = os.RemoveAll(filepath.Join(temp, e.Name())) // another account's stays
		}
	}
}

// examine lays a backup out in dir and looks at it.
func examine(ctx context.Context, file, dir string, o CheckOptions) (Report, error) {
	r := Report{File: file, Findings: []string{}}
	var err error
	if r.Header, err = extract(ctx, file, dir, o); errors.Is(err, ErrDamaged) {
		r.tell("%v", err)
		return r, nil
	} else if err != nil {
		return r, err
	}
	if err = o.Child(ctx, filepath.Join(dir, store.FileName)); err != nil {
		r.tell("the store in it: %v", err)
		return r, ctx.Err()
	}
	s, err := store.Open(ctx, store.Options{Dir: dir, Clock: o.Clock, Free: o.Free})
	if err != nil {
		r.tell("the store in it: %v", err)
		return r, ctx.Err()
	}
	r.Records = int(s.Stats().Records) //nolint:gosec // fewer than fit
	r.compare(s)
	if r.Verified, err = o.Judge(ctx, s); err != nil {
		r.tell("%v", err)
	}
	if err == nil && r.Verified != r.Records {
		r.tell("%d of %d records are not signed by their author", r.Records-r.Verified, r.Records)
	}
	if err := s.Close(); err != nil {
		r.tell("the store in it: %v", err)
	}
	r.OK = len(r.Findings) == 0
	return r, ctx.Err()
}

func (r *Report) tell(format string, args ...any) {
	if len(r.Findings) < maxFindings {
		r.Findings = append(r.Findings, fmt.Sprintf(format, args...))
	}
}

// compare holds the header against the store.
func (r *Report) compare(s *store.Store) {
	for _, h := range r.Header.Heads {
		held, err := s.ByDigest(h.Digest)
		if err != nil || held.EpochID() != h.Epoch || held.Sequence != h.Sequence {
			r.tell("%s.%d was in the archive and is not in the backup", h.Epoch, h.Sequence)
		}
	}
	for _, d := range r.Header.Charters {
		if _, err := s.Charter(d); err != nil {
			r.tell("charter %s was in the archive and is not in the backup", d)
		}
	}
}

// extract lays the store of a backup out in dir, on disk when it returns.
func extract(ctx context.Context, file, dir string, o CheckOptions) (h Header, err error) {
	identity, err := parseIdentity(o.Identity)
	if err != nil {
		return h, err
	}
	in, err := os.Open(file)
	if err != nil {
		return h, fmt.Errorf("open a backup: %w", absent(err))
	}
	defer in.Close() //nolint:errcheck // only read
	b, err := open(in, identity)
	if err != nil {
		return h, fmt.Errorf("%s: %w", file, err)
	}
	free := o.Free
	if free == nil {
		free = store.Free
	}
	if err = hasRoom(free, dir, b.Bytes); err != nil {
		return b.Header, err
	}
	err = writeWhole(filepath.Join(dir, store.FileName), func(f *os.File) error { return b.storeTo(&ending{ctx, f}) })
	if err != nil {
		return b.Header, fmt.Errorf("%s: %w", file, err)
	}
	return b.Header, nil
}

// ending is a file whose writing ends with a context.
type ending struct {
	ctx  context.Context //nolint:containedctx // io.Writer takes none
	file *os.File
}

// Write writes, unless the context has ended.
func (e *ending) Write(b []byte) (int, error) {
	if err := e.ctx.Err(); err != nil {
		return 0, err
	}
	return e.file.Write(b)
}
