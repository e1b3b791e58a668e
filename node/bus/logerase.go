package bus

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/vardar-network/vardar/protocol"
)

const (
	// eraseLot is how many headers are read at once to find the messages to erase.
	eraseLot = 500
	// eraseIdle is how long the server keeps a search that was cut off.
	eraseIdle = time.Minute
)

// EraseLog takes the messages of records out of LOG and has the server overwrite them:
// their bodies were erased. Records that are not on it, any longer or yet, are passed
// over. The others keep their sequences; those that went are not used again.
//
// Where that can't be done LOG is made anew, and EraseLog returns [ErrLogRenewed], as
// [Bus.PublishLog] does; any other error says that LOG can't be reached now, and that it is
// made anew once it can be.
func (b *Bus) EraseLog(ctx context.Context, records []protocol.Record) error {
	w := &b.window
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed {
		return ErrClosed
	}
	if len(records) == 0 || w.empty {
		return nil
	}
	if err := b.readyLog(ctx); err != nil {
		return err
	}
	if err := b.eraseLog(ctx, records); err != nil {
		w.broken = true
		return errors.Join(fmt.Errorf("erase on LOG: %w", err), b.readyLog(ctx))
	}
	return nil
}

// eraseLog reads the headers under the subjects of records, and erases what is theirs. The
// caller holds window.mu, so that nothing comes meanwhile.
func (b *Bus) eraseLog(ctx context.Context, records []protocol.Record) (err error) {
	gone, subjects := map[protocol.Digest]bool{}, []string{}
	for i := range records {
		gone[records[i].Digest()] = true
		subjects = append(subjects, protocol.LogSubject(&records[i]))
	}
	slices.Sort(subjects)
	s, err := b.streams.js.Stream(ctx, streamLog)
	if err != nil {
		return err
	}
	c, err := s.CreateConsumer(ctx, jetstream.ConsumerConfig{
		FilterSubjects: slices.Compact(subjects), HeadersOnly: true, AckPolicy: jetstream.AckNonePolicy,
		MemoryStorage: true, Replicas: 1, InactiveThreshold: eraseIdle,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.DeleteConsumer(ctx, c.CachedInfo().Name)) }()
	for left := c.CachedInfo().NumPending; left > 0; {
		batch, err := c.Fetch(int(min(left, eraseLot)), jetstream.FetchMaxWait(streamWait))
		if err != nil {
			return err
		}
		n := 0
		for m := range batch.Messages() {
			n++
			at, err := m.Metadata()
			if err != nil {
				return err
			}
			left = at.NumPending
			if err := eraseIf(ctx, s, gone, m, at.Sequence.Stream); err != nil {
				return err
			}
		}
		if n == 0 {
			return errors.Join(errSearch, batch.Error())
		}
	}
	return nil
}

// errSearch: messages that must be there did not come.
var errSearch = errors.New("the search ended before the last message")

// eraseIf erases one message if it is a record that is gone.
func eraseIf(ctx context.Context, s jetstream.Stream, gone map[protocol.Digest]bool, m jetstream.Msg, sequence uint64) error {
	r, err := protocol.ParseHeader(m.Headers())
	if err != nil || !gone[r.Digest()] {
		return nil //nolint:nilerr // nothing that this node published and is to erase
	}
	err = s.SecureDeleteMsg(ctx, sequence)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return nil // it has left the window meanwhile
	}
	return err
}
