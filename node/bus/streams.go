package bus

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go/jetstream"
)

// The two streams and the one consumer.
const (
	streamIn  = "IN"
	streamLog = "LOG"
	consumer  = "intake"

	nextSubject = "$JS.API.CONSUMER.MSG.NEXT." + streamIn + "." + consumer

	// streamWait bounds one request to JetStream inside this process.
	streamWait = 30 * time.Second
	// ackWait is when IN offers a frame again that was taken and never acknowledged:
	// longer than any commit.
	ackWait = time.Minute
	// mendPause is the least time between two attempts to bring JetStream back.
	mendPause = 5 * time.Second
)

// streams keeps JetStream and its two streams in being: nats-server turns JetStream off
// as a whole, IN too, when the disk is full (nats-server #7654).
type streams struct {
	mu    sync.Mutex // guards what follows, and the making of streams; taken before window.mu
	js    jetstream.JetStream
	tried time.Time // the last attempt to mend
}

// openStreams makes what is missing at start.
func (b *Bus) openStreams(ctx context.Context) error {
	node, err := b.server.LookupAccount(accountNode)
	if err != nil {
		return fmt.Errorf("open streams: %w", err)
	}
	if err = node.EnableJetStream(nil, nil); err != nil {
		return fmt.Errorf("open streams: %w", err)
	}
	if b.streams.js, err = jetstream.New(b.manager, jetstream.WithDefaultTimeout(streamWait)); err != nil {
		return fmt.Errorf("open streams: %w", err)
	}
	if err := b.makeIn(ctx); err != nil {
		return err
	}
	return b.openLog(ctx)
}

// makeIn makes IN and its consumer, or leaves them as they are.
func (b *Bus) makeIn(ctx context.Context) error {
	_, err := b.streams.js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name:      streamIn,
		Subjects:  []string{"in.>"},
		Storage:   jetstream.MemoryStorage,
		Retention: jetstream.WorkQueuePolicy,
		Discard:   jetstream.DiscardNew,
		MaxBytes:  b.o.InMaxBytes,
	})
	if err != nil {
		return fmt.Errorf("make stream %s: %w", streamIn, err)
	}
	_, err = b.streams.js.CreateOrUpdateConsumer(ctx, streamIn, jetstream.ConsumerConfig{
		Durable:       consumer,
		AckPolicy:     jetstream.AckExplicitPolicy,
		AckWait:       ackWait,
		MaxAckPending: -1, // the stream's bytes are the bound
		MemoryStorage: true,
	})
	if err != nil {
		return fmt.Errorf("make consumer of %s: %w", streamIn, err)
	}
	return nil
}

// mend brings JetStream and IN back after nats-server has turned them off. It does
// nothing if they are there, and returns ErrBusy between two attempts.
func (b *Bus) mend(ctx context.Context) error {
	b.streams.mu.Lock()
	defer b.streams.mu.Unlock()
	if b.closed.Load() {
		return ErrClosed
	}
	if b.server.JetStreamEnabled() {
		if _, err := b.streams.js.Consumer(ctx, streamIn, consumer); err == nil {
			return nil
		}
	}
	now := b.o.Clock()
	if since := now.Sub(b.streams.tried); since >= 0 && since < mendPause {
		return ErrBusy
	}
	b.streams.tried = now
	if !b.server.JetStreamEnabled() {
		b.o.Logger.WarnContext(ctx, "JetStream was off and is started again")
		if err := b.server.EnableJetStream(b.jetStreamConfig()); err != nil {
			return fmt.Errorf("start JetStream again: %w", err)
		}
	}
	return b.makeIn(ctx)
}

// jetStreamConfig is what nats-server makes of serverOptions.
func (b *Bus) jetStreamConfig() *server.JetStreamConfig {
	memory, store := b.jetStreamSpace()
	return &server.JetStreamConfig{StoreDir: b.o.Dir, MaxMemory: memory, MaxStore: store, CompressOK: true, Strict: true}
}

// jetStreamSpace bounds JetStream as a whole, with room above the streams' own bounds,
// which are the ones to be felt.
func (b *Bus) jetStreamSpace() (memory, store int64) {
	return 2*b.o.InMaxBytes + 64<<20, 2*b.o.LogMaxBytes + 64<<20
}

// full reports whether a publish failed because a bound was reached.
func full(err error) bool {
	const (
		storeFailed  = 10077 // "maximum bytes exceeded", of discard new
		noResources  = 10023
		noMemory     = 10028
		tooManyAsked = 10167
	)
	var api *jetstream.APIError
	return errors.As(err, &api) &&
		slices.Contains([]jetstream.ErrorCode{storeFailed, noResources, noMemory, tooManyAsked}, api.ErrorCode)
}

func (b *Bus) logMark() string { return filepath.Join(b.o.Dir, "log.closed") }
