package bus

import (
	"context"
	"net"
)

// ShutdownJetStream does what nats-server does when the disk is full.
func (b *Bus) ShutdownJetStream() error { return b.server.ShutdownJetStream() }

// Guard wraps a listener's connection as Dial does.
func Guard(c net.Conn) net.Conn { return &guard{Conn: c} }

// LogMessages is how many messages LOG holds.
func (b *Bus) LogMessages(ctx context.Context) (uint64, error) {
	s, err := b.streams.js.Stream(ctx, streamLog)
	if err != nil {
		return 0, err
	}
	return s.CachedInfo().State.Msgs, nil
}

// DeleteLog loses LOG.
func (b *Bus) DeleteLog(ctx context.Context) error { return b.streams.js.DeleteStream(ctx, streamLog) }

// AskPrograms asks now whether the tokens of all programs still hold.
func (b *Bus) AskPrograms(ctx context.Context) { b.askProgramsNow(ctx) }
