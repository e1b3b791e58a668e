package federation

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// Line is the wire between a dialler and a listener: a TCP relay on loopback that can be
// cut, so that connections end and none are made, and healed.
type Line struct {
	target   func() string // the listener's address; it changes when its node is restarted
	listener net.Listener
	wg       sync.WaitGroup

	mu     sync.Mutex // guards what follows
	cut    bool
	held   chan struct{} // closed by Heal; nil unless Hold was called
	rate   int           // bytes a second each way; 0: as fast as it goes
	passed int           // bytes, both ways
	behind int           // of passed: where the line cuts itself; 0: nowhere
	conns  map[net.Conn]bool
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
	out, err := (&net.Dialer{}).Dial("tcp", l.target())
	if err != nil {
		return
	}
	defer l.drop(out)
	if !l.keep(out) {
		return
	}
	var both sync.WaitGroup
	both.Go(func() { l.copy(out, conn); _ = out.Close() })
	both.Go(func() { l.copy(conn, out); _ = conn.Close() })
	both.Wait()
}

// lineLot is how much a line takes at once: little, so that a slow line is slow evenly.
const lineLot = 4 << 10

// copy passes on what comes from one side until it ends.
func (l *Line) copy(to io.Writer, from io.Reader) {
	buffer := make([]byte, lineLot)
	for {
		n, err := from.Read(buffer)
		l.mu.Lock()
		held, rate := l.held, l.rate
		if l.passed += n; l.behind > 0 && l.passed >= l.behind {
			l.sever()
		}
		l.mu.Unlock()
		if held != nil {
			<-held
		}
		if rate > 0 {
			<-time.After(time.Duration(n) * time.Second / time.Duration(rate))
		}
		if _, broken := to.Write(buffer[:n]); broken != nil || err != nil {
			return
		}
	}
}

// Throttle lets no more than so many bytes a second through, each way; 0 ends that.
func (l *Line) Throttle(rate int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rate = rate
}

// Hold lets nothing through and ends nothing, until Heal: the connections look alive.
func (l *Line) Hold() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held == nil {
		l.held = make(chan struct{})
	}
}

// Passed is how many bytes went over the line, both ways.
func (l *Line) Passed() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.passed
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
	l.sever()
}

// CutBehind cuts the line once so many more bytes have gone over it, both ways together: in
// the middle of what is said then. Heal ends that.
func (l *Line) CutBehind(bytes int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.behind = l.passed + bytes
}

// sever is Cut. l.mu is held.
func (l *Line) sever() {
	l.cut, l.behind = true, 0
	l.release()
	for c := range l.conns {
		_ = c.Close() // that is the point
	}
}

// Heal lets connections through again.
func (l *Line) Heal() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut, l.behind = false, 0
	l.release()
}

// release ends Hold. l.mu is held.
func (l *Line) release() {
	if l.held != nil {
		close(l.held)
		l.held = nil
	}
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
