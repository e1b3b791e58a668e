package federation

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
)

// Line is the wire between a dialler and a listener: a TCP relay on loopback that can be
// cut, so that connections end and none are made, and healed.
type Line struct {
	target   func() string // the listener's address; it changes when its node is restarted
	listener net.Listener
	wg       sync.WaitGroup

	mu    sync.Mutex // guards what follows
	cut   bool
	conns map[net.Conn]bool
}

// OpenLine listens on loopback and relays to target. Close ends it.
func OpenLine(ctx context.Context, target func() string) (*Line, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	l := &Line{target: target, listener: listener, conns: map[net.Conn]bool{}}
	l.wg.Go(l.accept)
	return l, nil
}

// Addr is where the dialler dials.
func (l *Line) Addr() string { return l.listener.Addr().String() }

func (l *Line) accept() {
	for {
		conn, err := l.listener.Accept()
		if err != nil {
			return
		}
		l.wg.Go(func() { l.relay(conn) })
	}
}

func (l *Line) relay(conn net.Conn) {
	defer l.drop(conn)
	if !l.keep(conn) {
		return
	}
	out, err := (&net.Dialer{}).Dial("tcp", l.target()) //nolint:noctx // loopback: it answers or refuses at once
	if err != nil {
		return
	}
	defer l.drop(out)
	if !l.keep(out) {
		return
	}
	var both sync.WaitGroup
	both.Go(func() { _, _ = io.Copy(out, conn); _ = out.Close() })
	both.Go(func() { _, _ = io.Copy(conn, out); _ = conn.Close() })
	both.Wait()
}

func (l *Line) keep(c net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cut {
		return false
	}
	l.conns[c] = true
	return true
}

func (l *Line) drop(c net.Conn) {
	l.mu.Lock()
	delete(l.conns, c)
	l.mu.Unlock()
	_ = c.Close() // it may be closed already
}

// Cut ends what runs over the line and lets nothing through until Heal.
func (l *Line) Cut() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = true
	for c := range l.conns {
		_ = c.Close() // that is the point
	}
}

// Heal lets connections through again.
func (l *Line) Heal() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = false
}

// Close ends the line.
func (l *Line) Close() error {
	l.Cut()
	err := l.listener.Close()
	l.wg.Wait()
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}
