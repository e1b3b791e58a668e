package link

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/vardar-network/vardar/node/bus"
	"github.com/vardar-network/vardar/protocol"
)

// firstRedial is the wait before the first new attempt; it doubles up to Options.Redial,
// each time with half of it left to chance, so that a hub that comes back is not run
// over.
const firstRedial = 100 * time.Millisecond

// backoff is the wait between two sessions of a link.
type backoff struct{ wait, most time.Duration }

// next gives the wait after a session that lasted so long.
func (b *backoff) next(lasted time.Duration) time.Duration {
	if lasted > b.most || b.wait == 0 {
		b.wait = min(firstRedial, b.most)
	}
	out := b.wait/2 + mathrand.N(b.wait/2+1) //nolint:gosec // jitter needs no secrecy
	b.wait = min(2*b.wait, b.most)
	return out
}

// keep holds one session after the other, as long as the node runs.
func (p *peer) keep(ctx context.Context) {
	b := backoff{most: p.l.o.Redial}
	last := ""
	for p.due(ctx) {
		began := p.l.o.Clock()
		session, cancel := context.WithCancelCause(ctx)
		name := p.begin(cancel)
		var err error
		if p.dialler {
			err = p.dial(session)
		} else {
			err = p.serveSession(session, p.l.o.Bus.Requester(p.token))
		}
		if cause := context.Cause(session); cause != nil && (err == nil || errors.Is(err, context.Canceled)) {
			err = cause
		}
		cancel(nil)
		p.begin(nil)
		if ctx.Err() != nil {
			p.setUp(false, nil)
			return
		}
		p.ended(err)
		p.log.DebugContext(ctx, "session ended", "err", err)
		if !p.dialler && name != last {
			b.wait = 0 // the dialler began anew: it waited already
		}
		if p.wasTold() {
			b.wait = b.most // two copies are not to storm the one they both dial
		}
		last = name
		p.pause(ctx, b.next(p.l.o.Clock().Sub(began)))
	}
}

// ended notes that a session, or an attempt at one, is over.
func (p *peer) ended(err error) {
	p.mu.Lock()
	p.tries++
	p.mu.Unlock()
	p.setUp(false, err)
}

// wasTold reports whether the listener said that another copy of this node dials it.
func (p *peer) wasTold() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.dialler && p.copied
}

// due waits until a session is to begin: at once for who dials, at the next hello of the
// dialler for who listens. It returns false when the node stops.
func (p *peer) due(ctx context.Context) bool {
	if p.dialler {
		return ctx.Err() == nil
	}
	select {
	case <-p.greeted:
		return true
	case <-ctx.Done():
		return false
	}
}

// pause waits between two sessions; a change of the configuration cuts a dialler's wait
// short.
func (p *peer) pause(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-p.redial:
	case <-ctx.Done():
	}
}

// begin notes how the session is ended, nil for none, and gives the dialler's name of it.
func (p *peer) begin(cancel context.CancelCauseFunc) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cancel = cancel; cancel != nil {
		clear(p.taken) // of what IN may have lost
		p.takenBytes = 0
	}
	return p.theirs
}

// end ends the session, if there is one.
func (p *peer) end(why error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cancel != nil {
		p.cancel(why)
	}
}

var errAnew = errors.New("the dialler began a new session")

// greet takes a dialler's hello: it begins a session unless that one runs, since the
// dialler says hello again and again to see whether this side is there.
func (p *peer) greet(session string) {
	p.mu.Lock()
	runs := p.cancel != nil && p.theirs == session
	p.theirs = session
	if p.cancel != nil && !runs {
		p.cancel(errAnew)
	}
	p.mu.Unlock()
	if !runs {
		wake(p.greeted)
	}
}

// watchPeers ends the sessions of diallers that are gone, and keeps what the bus knows
// of the others.
func (l *Links) watchPeers(ctx context.Context) {
	changed, stop := l.o.Bus.Changed()
	defer stop()
	for {
		l.follow(l.o.Bus.Peers)
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}

// follow looks once at who is connected. A session whose hello comes after connected was
// asked is of a newer connection than it told of, and goes on.
func (l *Links) follow(connected func() []bus.PeerState) {
	sessions := map[*peer]string{}
	for _, p := range l.peers() {
		if !p.dialler {
			sessions[p] = p.session()
		}
	}
	there := map[protocol.LinkToken]bus.PeerState{}
	for _, s := range connected() {
		there[s.Token] = s
	}
	for p, session := range sessions {
		p.connectedAs(session, there[p.token])
	}
	l.changed()
}

// session is the dialler's name of its session.
func (p *peer) session() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.theirs
}

// connectedAs keeps what the bus knows of a dialler. If that is nothing, the session ends.
func (p *peer) connectedAs(session string, s bus.PeerState) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.connected = s
	if s.Token == "" && p.cancel != nil && p.theirs == session {
		p.cancel(ErrNoLine)
	}
}

// serveSession runs one connected line until it ends: hello, policy, own feeds, trust
// whole, then everything.
func (p *peer) serveSession(ctx context.Context, a *bus.Requester) error {
	p.mu.Lock()
	p.ask, p.compared, p.bodiesDue, p.ours, p.heard = a, false, true, rand.Text(), p.l.o.Clock()
	clear(p.told)
	clear(p.charters)
	p.mu.Unlock()
	if err := p.sayHello(ctx); err != nil {
		return err
	}
	if err := p.syncPolicy(ctx); err != nil {
		return err
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return p.runFetch(ctx) })
	g.Go(func() error { return p.runHeartbeat(ctx) })
	g.Go(func() error { return p.runPolicy(ctx) })
	g.Go(func() error {
		if err := p.compareOwn(ctx); err != nil {
			return err
		}
		if err := p.pullTrust(ctx); err != nil {
			return err
		}
		p.syncIfRekeyed()
		// A new link compares before it sends; one that comes back goes on from its
		// cursors at once.
		if p.isNew() {
			if _, err := p.compare(ctx); err != nil {
				return err
			}
		}
		p.setUp(true, nil)
		g.Go(func() error { return p.newSender(a).run(ctx) })
		g.Go(func() error { return p.runBeacons(ctx) })
		return p.runCompare(ctx)
	})
	return g.Wait()
}

func (p *peer) isNew() bool {
	for _, g := range p.l.o.Store.Groups() {
		if p.l.o.Store.Cursor(p.token, g) > 0 {
			return false
		}
	}
	return true
}

func (p *peer) sayHello(ctx context.Context) error {
	var h protocol.Hello
	if err := p.askFor(ctx, protocol.OpHello, p.l.hello(p), &h); err != nil {
		return err
	}
	if err := p.takeHello(h); err != nil {
		return err
	}
	return p.pullCharters(ctx)
}

// runHeartbeat ends a session whose peer no longer answers, and one with a peer that
// nothing may be exchanged with any more. On a line that is slow but brings
// acknowledgements, a hello that is late is no sign of death.
func (p *peer) runHeartbeat(ctx context.Context) error {
	for sleep(ctx, p.l.o.Heartbeat) == nil {
		if err := p.judge(); err != nil {
			p.l.o.Bus.Kick(p.id)
			return err
		}
		p.syncIfRekeyed()
		err := p.sayHello(ctx)
		if errors.Is(err, context.DeadlineExceeded) && p.quiet() < askTimeout {
			continue
		}
		if err != nil {
			return fmt.Errorf("heartbeat: %w", err)
		}
	}
	return nil
}
