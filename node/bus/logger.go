package bus

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// linesAMinute bounds what strangers can make us write: every scanned port and refused
// key is a line of nats-server's.
const linesAMinute = 60

// serverLog hands nats-server's lines to slog. Its protocol trace, which would show
// signatures and bodies, is never on.
type serverLog struct {
	log   *slog.Logger
	clock func() time.Time

	mu     sync.Mutex // guards what follows
	minute time.Time
	lines  int
	fatal  string // the first line that nats-server would have ended the process with
}

// Noticef is for what nats-server does by itself.
func (l *serverLog) Noticef(format string, v ...any) { l.say(slog.LevelDebug, format, v) }

// Warnf is for what it finds unusual.
func (l *serverLog) Warnf(format string, v ...any) { l.say(slog.LevelInfo, format, v) }

// Errorf is for what went wrong, mostly at the other side.
func (l *serverLog) Errorf(format string, v ...any) { l.say(slog.LevelWarn, format, v) }

// Fatalf keeps the reason for Open to return: the process is not nats-server's to end.
func (l *serverLog) Fatalf(format string, v ...any) {
	l.mu.Lock()
	if l.fatal == "" {
		l.fatal = fmt.Sprintf(format, v...)
	}
	l.mu.Unlock()
	l.say(slog.LevelError, format, v)
}

// Debugf is never called: debugging is off.
func (l *serverLog) Debugf(string, ...any) {}

// Tracef is never called: tracing is off.
func (l *serverLog) Tracef(string, ...any) {}

func (l *serverLog) failure() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.fatal
}

func (l *serverLog) say(level slog.Level, format string, v []any) {
	ctx := context.Background()
	if !l.log.Enabled(ctx, level) || !l.room() {
		return
	}
	l.log.Log(ctx, level, "nats-server spoke", "text", fmt.Sprintf(format, v...))
}

func (l *serverLog) room() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now := l.clock(); now.Sub(l.minute) >= time.Minute || now.Before(l.minute) {
		l.minute, l.lines = now, 0
	}
	l.lines++
	return l.lines <= linesAMinute
}
