package link

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/vardar-network/vardar/node/bus"
	"github.com/vardar-network/vardar/protocol"
)

// firstRedial is the wait before the first new attempt; it doubles up to Options.Redial,
// each time with half of it left to chance, so that a hub that comes back is not run
// over.
const firstRedial = 100 * time.Millisecond

// keepLine dials, runs the session, and dials again.
func (p *peer) keepLine(ctx context.Context) {
	wait := firstRedial
	for ctx.Err() == nil {
		began := p.l.o.Clock()
		err := p.dialOnce(ctx)
		if ctx.Err() != nil {
			return
		}
		p.setUp(false, err)
		if p.l.o.Clock().Sub(began) > p.l.o.Redial {
			wait = firstRedial
		}
		p.log.DebugContext(ctx, "line down", "err", err)
		jittered := wait/2 + rand.N(wait/2+1) //nolint:gosec // jitter needs no secrecy
		select {
		case <-time.After(jittered):
		case <-p.redial:
		case <-ctx.Done():
			return
		}
		wait = min(2*wait, p.l.o.Redial)
	}
}

// dialOnce tries the peer's addresses in turn and runs the session on the first that
// answers. It always returns why the line ended.
func (p *peer) dialOnce(ctx context.Context) error {
	c := p.config()
	key := p.l.linkKey(p.id)
	if key.IsZero() {
		return fmt.Errorf("no link key of %s is held yet", p.id)
	}
	if c.Paused {
		return errors.New("paused: see 'vardar link resume'")
	}
	var errs []error
	for _, address := range c.Addresses {
		ctx, cancel := context.WithCancelCause(ctx)
		conn, err := bus.Dial(ctx, bus.DialOptions{
			Address: address, Self: p.l.self(), Listener: p.id, ListenerKey: key, LinkKey: p.l.o.LinkKey,
			Sign: func(ctx context.Context, nonce string) (protocol.Signature, error) {
				return p.l.o.Signer.SignLink(ctx, p.id, nonce)
			},
			Closed: func(err error) { cancel(errors.Join(ErrNoLine, err)) },
			Logger: p.log,
		})
		if err != nil {
			cancel(nil)
			errs = append(errs, fmt.Errorf("%s: %w", address, err))
			continue
		}
		err = p.runDialled(ctx, conn)
		if cause := context.Cause(ctx); cause != nil && (err == nil || errors.Is(err, context.Canceled)) {
			err = cause
		}
		cancel(nil)
		conn.Close()
		return err
	}
	return errors.Join(errs...)
}

func (p *peer) runDialled(ctx context.Context, conn *nats.Conn) error {
	p.setLine(conn)
	defer p.setLine(nil)
	_, err := conn.Subscribe(p.token.Serve("*"), func(m *nats.Msg) {
		if q, err := bus.ParseQuestion(m); err == nil && q.Token == p.token {
			p.dispatch(q)
		}
	})
	if err != nil {
		return err
	}
	ask, err := bus.NewRequester(conn, p.token)
	if err != nil {
		return err
	}
	err = p.session1(ctx, ask)
	if err == nil {
		err = ctx.Err()
	}
	return err
}

// runHeartbeat ends a session whose peer no longer answers: an accepted line has no
// connection of its own whose end would tell.
func (p *peer) runHeartbeat(ctx context.Context) error {
	for sleep(ctx, p.l.o.Heartbeat) == nil {
		var h protocol.Hello
		if err := p.askFor(ctx, protocol.OpHello, p.l.hello(p), &h); err != nil {
			return err
		}
		if err := p.takeHello(h); err != nil {
			return err
		}
	}
	return nil
}
