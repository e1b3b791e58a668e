package link

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"

	"github.com/vardar-network/vardar/node/bus"
	"github.com/vardar-network/vardar/protocol"
)

// dial tries the peer's addresses in turn and runs the session on the first that
// answers. It always returns why the line ended.
func (p *peer) dial(ctx context.Context) error {
	c := p.config()
	key := p.l.linkKey(p.id)
	switch err := p.judge(); {
	case err != nil:
		return err
	case key.IsZero():
		return fmt.Errorf("no link key of %s is held yet", p.id)
	case len(c.Addresses) == 0:
		return fmt.Errorf("no address of %s is known", p.id)
	}
	var errs []error
	for _, address := range c.Addresses {
		err := p.dialAddress(ctx, address, key)
		if !errors.As(err, &notReached{}) {
			return err
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// notReached marks the error of an address at which no session began, and says no more.
type notReached struct{ error }

// Unwrap gives why.
func (e notReached) Unwrap() error { return e.error }

func (p *peer) dialAddress(ctx context.Context, address string, key protocol.Key) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	own := p.callers()
	conn, err := bus.Dial(ctx, bus.DialOptions{
		Address: address, Self: p.l.self(), Listener: p.id, ListenerKey: key, LinkKey: own[0].LinkKey, Sign: own[0].Sign, Earlier: own[1:],
		Closed: func(err error) { cancel(errors.Join(ErrNoLine, err)) },
		Logger: p.log,
	})
	if err != nil {
		return notReached{err}
	}
	err = p.runDialled(ctx, conn)
	if cause := context.Cause(ctx); cause != nil && (err == nil || errors.Is(err, context.Canceled)) {
		err = cause
	}
	return err
}

// callers are the link keys that the peer may know this node by, the current one first.
func (p *peer) callers() []bus.Earlier {
	var out []bus.Earlier
	for _, key := range p.l.o.Signer.LinkKeys() {
		out = append(out, bus.Earlier{LinkKey: key, Sign: func(ctx context.Context, nonce string) (protocol.Signature, error) {
			return p.l.o.Signer.SignLinkBy(ctx, key, p.id, nonce)
		}})
	}
	return out
}

func (p *peer) runDialled(ctx context.Context, conn *nats.Conn) error {
	p.setLine(conn)
	defer p.setLine(nil)
	asks, err := subscribe(conn, p.token.Serve("*"), func(m *nats.Msg) {
		if q, err := bus.ParseQuestion(m); err == nil && q.Token == p.token {
			p.dispatch(q)
		} else {
			p.l.count(func(c *Counts) { c.Forged++ })
		}
	})
	if err != nil {
		conn.Close()
		return err
	}
	defer asks.close()
	defer conn.Close()
	ask, err := bus.NewRequester(conn, p.token)
	if err != nil {
		return err
	}
	return p.serveSession(ctx, ask)
}
