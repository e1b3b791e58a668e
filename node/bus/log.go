package bus

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/vardar-network/vardar/protocol"
)

const (
	// ackEvery is how many records go to LOG between two acknowledgements, ackBytes how
	// many bytes: well under what nats-server buffers for one stream before it refuses.
	ackEvery = 500
	ackBytes = 4 << 20

	// incarnation is the stream's metadata that holds its ID.
	incarnation = "vardar-incarnation"
)

// window is the state of LOG.
type window struct {
	mu          sync.Mutex // guards what follows, and lets one caller publish at a time
	conn        *rawConn   // nil: not connected, or not to be trusted
	incarnation string
	sequence    uint64 // of the last message on LOG
	empty       bool   // nothing was published since it was made
	closed      bool
	broken      bool // what is on it is not what was published: make it anew
}

// PublishLog puts records, in the order of acceptance, on LOG, each under
// [protocol.LogSubject] with its fifteen fields and its body, if that is held. It returns
// when JetStream has taken all of them, though not to disk: LOG can be rebuilt.
//
// If LOG was lost, or holds anything but what was published, it is made anew, and
// PublishLog returns [ErrLogRenewed]: none of these records is on it. Any other error
// says that LOG can't be written now; the next call tries again. If ctx has ended, nothing
// is published, and LOG, which now lacks these records, is made anew by the next call or
// the next Open.
func (b *Bus) PublishLog(ctx context.Context, records []protocol.Record) error {
	w := &b.window
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return ErrClosed
	}
	if err := ctx.Err(); err != nil {
		w.broken = true // these records are missing on LOG
		return err
	}
	ctx = context.WithoutCancel(ctx) // once begun, all or the knowledge that LOG is broken
	if err := b.readyLog(ctx); err != nil {
		return err
	}
	for len(records) > 0 {
		n := segment(records)
		if err := b.publishSegment(ctx, records[:n]); err != nil {
			w.broken = true
			return errors.Join(err, b.readyLog(ctx))
		}
		records = records[n:]
	}
	return nil
}

// segment is how many records go out before the next acknowledgement.
func segment(records []protocol.Record) int {
	size := 0
	for i := range records {
		if size += len(records[i].Body) + protocol.MaxBlockBytes/4; size > ackBytes || i == ackEvery {
			return max(i, 1)
		}
	}
	return len(records)
}

// publishSegment publishes and compares: the last one's sequence says whether all are
// there. The caller holds window.mu.
func (b *Bus) publishSegment(ctx context.Context, records []protocol.Record) error {
	w := &b.window
	w.empty, w.conn.used = false, true
	for i := range records {
		r := &records[i]
		w.conn.buf = r.AppendNATS(w.conn.buf[:0])
		if err := w.conn.publish(protocol.LogSubject(r), w.conn.buf, r.Body, i == len(records)-1); err != nil {
			return fmt.Errorf("publish on LOG: %w", err)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, streamWait)
	defer cancel()
	ack, err := w.conn.ack(ctx)
	want := w.sequence + uint64(len(records))
	switch {
	case err != nil:
		return err
	case ack.Error != nil:
		return fmt.Errorf("publish on LOG: %w", ack.Error)
	case ack.Stream != streamLog || ack.Sequence != want:
		return fmt.Errorf("publish on LOG: stands at %d, want %d", ack.Sequence, want)
	}
	w.sequence = want
	return nil
}

// DoubtLog says that LOG lacks records: the next call of PublishLog, or the next Open,
// makes it anew.
func (b *Bus) DoubtLog() {
	b.window.mu.Lock()
	defer b.window.mu.Unlock()
	b.window.broken = true
}

// LogIncarnation is the ID of LOG as it is now: a sequence remembered with another one
// means nothing. It changes when LOG is made anew.
func (b *Bus) LogIncarnation() string {
	b.window.mu.Lock()
	defer b.window.mu.Unlock()
	return b.window.incarnation
}

// LogEmpty reports whether nothing was published on LOG since it was made: fill the
// window from the store.
func (b *Bus) LogEmpty() bool {
	b.window.mu.Lock()
	defer b.window.mu.Unlock()
	return b.window.empty
}

// openLog takes LOG over from the last run, or makes it anew. It is taken over only if
// it stands where that run left it when it closed: after a crash its sequences may have
// gone back, and be used again (nats-server #5412).
func (b *Bus) openLog(ctx context.Context) error {
	w := &b.window
	w.mu.Lock()
	defer w.mu.Unlock()
	w.broken = true
	id, sequence := b.takeMark()
	if s, err := b.streams.js.Stream(ctx, streamLog); err == nil && id != "" {
		at := s.CachedInfo()
		w.broken = at.Config.Metadata[incarnation] != id || at.State.LastSeq != sequence
		w.incarnation, w.sequence, w.empty = id, sequence, at.State.Msgs == 0
	}
	if !w.broken {
		if _, err := b.streams.js.UpdateStream(ctx, b.logConfig(id)); err != nil {
			b.o.Logger.WarnContext(ctx, "LOG of the last run was not taken over", "err", err)
			w.broken = true
		}
	}
	if err := b.readyLog(ctx); err != nil && !errors.Is(err, ErrLogRenewed) {
		return err
	}
	return nil
}

// readyLog sees to it that LOG is there and connected to; ErrLogRenewed if it had to be
// made anew. The caller holds window.mu.
func (b *Bus) readyLog(ctx context.Context) error {
	w := &b.window
	if !w.broken && w.conn != nil {
		return nil
	}
	if w.conn != nil && w.conn.used {
		_ = w.conn.close() // what is still on its way must not come to the new LOG
		w.conn = nil
	}
	if w.conn == nil {
		var err error
		if w.conn, err = b.openRaw(); err != nil {
			return err
		}
	}
	if !w.broken {
		return nil
	}
	if err := b.renewLog(ctx); err != nil {
		return fmt.Errorf("make LOG anew: %w", err)
	}
	return ErrLogRenewed
}

func (b *Bus) renewLog(ctx context.Context) error {
	if err := b.mend(ctx); err != nil {
		return err
	}
	if err := b.streams.js.DeleteStream(ctx, streamLog); err != nil && !errors.Is(err, jetstream.ErrStreamNotFound) {
		return err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	if err := b.createLog(ctx, b.logConfig(id.String())); err != nil {
		return err
	}
	w := &b.window
	w.incarnation, w.sequence, w.empty, w.broken = id.String(), 0, true, false
	return nil
}

// createTries and createWait bound how long a folder that is still being deleted is
// waited for.
const (
	createTries = 50
	createWait  = 20 * time.Millisecond
)

// errCodeCreate is the server's JSStreamCreateErrF.
const errCodeCreate = 10049

// errOldFiles says what is mended by making the stream once more.
var errOldFiles = errors.New("the files of the stream before it are still there")

// createLog makes the stream, empty. nats-server deletes a stream's files after it has said
// that the stream is gone, and under load a new one of the same name finds them in its
// way (nats-server 2.15.2, seen once in some ten runs under the race detector), or takes
// them for its own.
func (b *Bus) createLog(ctx context.Context, config jetstream.StreamConfig) error {
	for try := 1; ; try++ {
		made, err := b.streams.js.CreateStream(ctx, config)
		if err == nil && made.CachedInfo().State.LastSeq > 0 {
			err = errors.Join(errOldFiles, b.streams.js.DeleteStream(ctx, streamLog))
		}
		var refused *jetstream.APIError
		inTheWay := errors.Is(err, errOldFiles) || errors.As(err, &refused) && refused.ErrorCode == errCodeCreate
		if try == createTries || !inTheWay {
			return err
		}
		select {
		case <-time.After(createWait):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (b *Bus) logConfig(id string) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name:        streamLog,
		Subjects:    []string{logSubjects},
		Storage:     jetstream.FileStorage,
		Retention:   jetstream.LimitsPolicy,
		Discard:     jetstream.DiscardOld,
		MaxBytes:    b.o.LogMaxBytes,
		MaxAge:      b.o.LogMaxAge,
		Metadata:    map[string]string{incarnation: id},
		PersistMode: jetstream.AsyncPersistMode,
	}
}

// closeLog notes where LOG stands, so that the next Open can take it over.
func (b *Bus) closeLog() error {
	w := &b.window
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	if w.conn == nil {
		return nil
	}
	err := w.conn.close()
	w.conn = nil
	if w.broken || w.incarnation == "" {
		return err
	}
	text := w.incarnation + " " + strconv.FormatUint(w.sequence, 10) + "\n"
	return errors.Join(err, writeSynced(b.logMark(), []byte(text)))
}

// takeMark reads the note and removes it: whoever finds it knows that nothing was
// published since.
func (b *Bus) takeMark() (id string, sequence uint64) {
	text, err := os.ReadFile(b.logMark())
	if err != nil {
		return "", 0
	}
	if os.Remove(b.logMark()) != nil || syncDir(b.o.Dir) != nil {
		return "", 0
	}
	id, number, _ := strings.Cut(strings.TrimSuffix(string(text), "\n"), " ")
	sequence, err = strconv.ParseUint(number, 10, 64)
	if err != nil {
		return "", 0
	}
	return id, sequence
}

func writeSynced(path string, text []byte) error {
	tmp := path + ".tmp"
	f, err := os.OpenFile(tmp, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(tmp, path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil // can't; a rename is on disk there when it returns
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
