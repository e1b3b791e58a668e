package audit

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"sync"
	"time"

	"github.com/vardar-network/vardar/protocol"
)

// Done is the outcome of an act that was done; of any other it is the kind of problem.
const Done = "done"

// maxText bounds each text of an entry, in bytes: an act is said in a word, and what it was
// done on is a name.
const maxText = 300

// maxRecords bounds the records that an entry names: a waking names twenty events, and those beyond that it counts up to this; a change few that have its cause.
const maxRecords = 100

// Entry is one act.
type Entry struct {
	Number   uint64                 `json:"number"` // from 1, without a gap
	Time     protocol.Instant       `json:"time"`   // of this node's clock
	Who      string                 `json:"who"`    // an account, or the way in that has none
	As       protocol.InstitutionID `json:"institution,omitempty"`
	Act      string                 `json:"act"`
	On       string                 `json:"on,omitempty"`      // a record, an institution, an account
	Records  []protocol.Name        `json:"records,omitempty"` // that it was about, where On is none: those of a waking; entries before there was this have none
	Outcome  string                 `json:"outcome"`           // done, or the kind of problem
	Previous protocol.Digest        `json:"previous,omitzero"` // of the entry before it
	Digest   protocol.Digest        `json:"digest,omitzero"`   // of this one; not part of itself
}

// Kept is the room's bucket; node fills it with the store's.
type Kept interface {
	Get(key []byte) (value []byte, ok bool, err error)
	Put(ctx context.Context, key, value []byte) error
	Each(ctx context.Context, prefix []byte) iter.Seq2[[2][]byte, error]
}

// ErrBroken says that the log is not what was written.
var ErrBroken = errors.New("the log of acts is not as it was written")

// Log is the log of one node. Make it with [New]; its methods are safe for concurrent use.
type Log struct {
	kept  Kept
	clock func() time.Time

	mu     sync.Mutex // guards the rest, and is held while an entry is written
	loaded bool
	head   head
	failed error // why the newest act could not be noted; nil: it was
}

// head is the newest entry.
type head struct {
	Number uint64          `json:"number"`
	Digest protocol.Digest `json:"digest,omitzero"`
}

// New makes the log over its bucket. It reads nothing yet.
func New(kept Kept, clock func() time.Time) *Log { return &Log{kept: kept, clock: clock} }

// Keys of the bucket: entries by number, and the head, written after its entry.
const entryPrefix = "e"

func headKey() []byte { return []byte("head") }

func entryKey(number uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte(entryPrefix), number)
}

// digestOf chains an entry: its text holds the digest of the one before.
func digestOf(text []byte) protocol.Digest {
	return protocol.DigestOf([]byte("vardar-audit-v1\n"), text)
}

// Note appends an act, and returns once it is on disk. Number, time and digests are the
// log's own to give. An error is ours: the act was done all the same, and [Log.Check]
// tells that an entry lacks until the node starts anew.
func (l *Log) Note(ctx context.Context, e Entry) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	err := l.append(ctx, e)
	if err != nil {
		l.failed = fmt.Errorf("note %s of %s: %w", e.Act, e.Who, err)
	}
	return err
}

func (l *Log) append(ctx context.Context, e Entry) error {
	if err := l.load(); err != nil {
		return err
	}
	e.Number, e.Time = l.head.Number+1, protocol.InstantOf(l.clock())
	e.Previous, e.Digest = l.head.Digest, protocol.Digest{}
	for _, text := range []*string{&e.Who, &e.Act, &e.On, &e.Outcome} {
		*text = (*text)[:min(len(*text), maxText)]
	}
	e.Records = e.Records[:min(len(e.Records), maxRecords)]
	text, err := json.Marshal(e)
	if err != nil {
		return err
	}
	next := head{e.Number, digestOf(text)}
	if err := l.kept.Put(ctx, entryKey(e.Number), text); err != nil {
		return err
	}
	l.head = next
	return l.saveHead(ctx)
}

func (l *Log) saveHead(ctx context.Context) error {
	text, err := json.Marshal(l.head)
	if err != nil {
		return err
	}
	return l.kept.Put(ctx, headKey(), text)
}

// load finds the head. A node that was killed between an entry and the head has one entry
// more than the head says. The caller holds mu.
func (l *Log) load() error {
	if l.loaded {
		return nil
	}
	var h head
	text, ok, err := l.kept.Get(headKey())
	if err == nil && ok {
		err = json.Unmarshal(text, &h)
	}
	if err != nil {
		return fmt.Errorf("%w: its head can't be read: %w", ErrBroken, err)
	}
	for {
		e, ok, err := l.entry(h.Number + 1)
		if err != nil {
			return err
		}
		if !ok || e.Previous != h.Digest {
			break
		}
		h = head{e.Number, e.Digest}
	}
	l.head, l.loaded = h, true
	return nil
}

func (l *Log) entry(number uint64) (Entry, bool, error) {
	text, ok, err := l.kept.Get(entryKey(number))
	if err != nil || !ok {
		return Entry{}, false, err
	}
	e, err := read(text)
	return e, err == nil, err
}

// read reads an entry, and gives it its digest.
func read(text []byte) (Entry, error) {
	var e Entry
	if err := json.Unmarshal(text, &e); err != nil {
		return e, fmt.Errorf("%w: an entry can't be read: %w", ErrBroken, err)
	}
	e.Digest = digestOf(text)
	return e, nil
}

// Entries gives all entries, the oldest first. It ends with the first error.
func (l *Log) Entries(ctx context.Context) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		for pair, err := range l.kept.Each(ctx, []byte(entryPrefix)) {
			var e Entry
			if err == nil {
				e, err = read(pair[1])
			}
			if !yield(e, err) || err != nil {
				return
			}
		}
	}
}
