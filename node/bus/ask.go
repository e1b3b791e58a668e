package bus

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/nats-io/nats.go"

	"github.com/vardar-network/vardar/protocol"
)

// Requester asks over one link. Every question has a reply subject of one fresh token,
// as wire.md §5 wants it; nats.go's own requests use two, and are not answered.
type Requester struct {
	mux    *mux
	prefix string
	owned  bool
}

// NewRequester asks the listener over a connection that [Dial] opened.
func NewRequester(c *nats.Conn, l protocol.LinkToken) (*Requester, error) {
	m, err := newMux(c, l.Inbox("*"))
	if err != nil {
		return nil, err
	}
	return &Requester{mux: m, prefix: l.Inbox(""), owned: true}, nil
}

// Requester asks the dialler of link l, as long as that is connected.
func (b *Bus) Requester(l protocol.LinkToken) *Requester {
	return &Requester{mux: b.answers, prefix: l.Reply("")}
}

// Request asks and waits for the answer. It returns [ErrNoAnswer] when nobody listens
// there, [ErrPeerGone] or [ErrClosed] when the connection ended, or ctx's error: give
// ctx a deadline.
func (r *Requester) Request(ctx context.Context, subject string, data []byte) ([]byte, error) {
	a, err := r.Ask(subject, data)
	if err != nil {
		return nil, err
	}
	m, err := a.Wait(ctx)
	if err != nil {
		return nil, err
	}
	return m.Data, nil
}

// Ask sends a question and does not wait: questions leave in the order of the calls,
// which is what a sender of frames needs. Wait must be called once for each.
func (r *Requester) Ask(subject string, data []byte) (*Asked, error) {
	a := &Asked{mux: r.mux, reply: r.prefix + rand.Text(), answer: make(chan *nats.Msg, 1), failed: make(chan struct{})}
	if err := r.mux.add(a); err != nil {
		return nil, err
	}
	if err := r.mux.conn.PublishMsg(&nats.Msg{Subject: subject, Reply: a.reply, Data: data}); err != nil {
		r.mux.remove(a)
		return nil, connError("ask "+subject, err)
	}
	return a, nil
}

// Close ends what is being asked with [ErrClosed]. The connection stays open.
func (r *Requester) Close() error {
	r.mux.drop(r.prefix, ErrClosed)
	if !r.owned {
		return nil
	}
	return r.mux.close()
}

// Asked is a question that was sent.
type Asked struct {
	mux    *mux
	reply  string
	answer chan *nats.Msg
	failed chan struct{} // closed when there will be none
	err    error         // set before failed is closed
}

// Wait gives the answer; see [Requester.Request] for the errors.
func (a *Asked) Wait(ctx context.Context) (*nats.Msg, error) {
	defer a.mux.remove(a)
	select {
	case m := <-a.answer:
		if len(m.Data) == 0 && m.Header.Get("Status") == "503" {
			return nil, ErrNoAnswer
		}
		return m, nil
	case <-a.failed:
		return nil, a.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// mux gives answers that come on one subscription to those who asked.
type mux struct {
	conn *nats.Conn
	sub  *nats.Subscription

	mu      sync.Mutex // guards what follows
	waiting map[string]*Asked
	closed  bool
}

func newMux(c *nats.Conn, subject string) (*mux, error) {
	m := &mux{conn: c, waiting: map[string]*Asked{}}
	sub, err := c.Subscribe(subject, m.take)
	if err != nil {
		return nil, connError("listen for answers", err)
	}
	m.sub = sub
	// Called when the subscription ends, with its connection at the latest.
	sub.SetClosedHandler(func(string) { m.end() })
	return m, flush(c)
}

func (m *mux) take(msg *nats.Msg) {
	m.mu.Lock()
	a := m.waiting[msg.Subject]
	delete(m.waiting, msg.Subject)
	m.mu.Unlock()
	if a != nil {
		a.answer <- msg
	}
}

func (m *mux) add(a *Asked) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return ErrClosed
	}
	m.waiting[a.reply] = a
	return nil
}

func (m *mux) remove(a *Asked) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.waiting, a.reply)
}

// drop fails all questions whose answers would come below prefix.
func (m *mux) drop(prefix string, why error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for reply, a := range m.waiting {
		if strings.HasPrefix(reply, prefix) {
			delete(m.waiting, reply)
			a.err = why
			close(a.failed)
		}
	}
}

func (m *mux) end() {
	m.mu.Lock()
	m.closed = true
	m.mu.Unlock()
	m.drop("", ErrClosed)
}

func (m *mux) close() error {
	m.end()
	if err := m.sub.Unsubscribe(); err != nil && !errors.Is(err, nats.ErrConnectionClosed) {
		return fmt.Errorf("end listening for answers: %w", err)
	}
	return nil
}

func connError(doing string, err error) error {
	if errors.Is(err, nats.ErrConnectionClosed) {
		return fmt.Errorf("%s: %w", doing, ErrClosed)
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// flush sees to it that the server has read everything sent so far.
func flush(c *nats.Conn) error {
	if err := c.FlushTimeout(handshakeTime); err != nil {
		return connError("reach NATS server", err)
	}
	return nil
}
