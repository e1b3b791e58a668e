package link

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/vardar-network/vardar/node/bus"
	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
)

// Signer is what links need from the safe: two signatures, each over a text this node
// put together itself.
type Signer interface {
	SignLink(ctx context.Context, listener protocol.InstitutionID, nonce string) (protocol.Signature, error)
	SignPolicy(ctx context.Context, p *protocol.SignedPolicy) error
}

// Options are the parts links are joined from; all are required but those with a default.
type Options struct {
	Self      []protocol.InstitutionID // hosted; the first names the node
	Store     *store.Store
	Trust     *trust.Registry
	Intake    *intake.Intake
	Bus       *bus.Bus
	Signer    Signer
	LinkKey   protocol.Key
	Packer    protocol.Packer // nil: frames go uncompressed
	Software  string          // name and version, told in hello
	Clock     func() time.Time
	Logger    *slog.Logger  // default: discard
	Beacons   time.Duration // between beacons without news; default 15 minutes (design.md §4.8)
	Soon      time.Duration // between beacons with news; default 1 minute
	Heartbeat time.Duration // between looks whether the peer still answers; default 10 seconds
	Redial    time.Duration // longest wait between two attempts; default 30 seconds
}

// Links holds a node's links. Make it with [New]; [Links.Run] keeps the lines up.
type Links struct {
	o     Options
	log   *slog.Logger
	local *nats.Conn

	wg    sync.WaitGroup
	ready chan struct{}   // closed when Run answers peers
	ctx   context.Context //nolint:containedctx // Run's own, for sessions that a peer's hello begins

	mu      sync.Mutex // guards what follows
	byToken map[protocol.LinkToken]*peer
	waiting map[string]chan protocol.Acknowledgement // frames we put into IN ourselves
	counts  Counts
	watch   map[chan struct{}]bool
}

// Counts are what the links did since the node started.
type Counts struct {
	Ranges int // range answers taken
}

// New joins the parts. Intake is set by [Links.Attach], since each needs the other.
func New(o Options) (*Links, error) {
	if len(o.Self) == 0 || o.Store == nil || o.Trust == nil || o.Bus == nil || o.Signer == nil || o.Clock == nil {
		return nil, errors.New("link: a required option is empty")
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	o.Beacons = orDefault(o.Beacons, 15*time.Minute)
	o.Soon = orDefault(o.Soon, time.Minute)
	o.Heartbeat = orDefault(o.Heartbeat, 10*time.Second)
	o.Redial = orDefault(o.Redial, 30*time.Second)
	return &Links{
		o: o, log: o.Logger, ready: make(chan struct{}),
		byToken: map[protocol.LinkToken]*peer{},
		waiting: map[string]chan protocol.Acknowledgement{},
		watch:   map[chan struct{}]bool{},
	}, nil
}

func orDefault(d, usual time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return usual
}

// Attach sets the intake before Run.
func (l *Links) Attach(i *intake.Intake) { l.o.Intake = i }

func (l *Links) self() protocol.InstitutionID { return l.o.Self[0] }

func (l *Links) packer() protocol.Packer { return l.o.Packer }

// Run answers peers and keeps the dialled lines up until ctx ends.
func (l *Links) Run(ctx context.Context) error {
	local, err := l.o.Bus.Local("link")
	if err != nil {
		return err
	}
	l.mu.Lock()
	l.ctx, l.local = ctx, local
	l.mu.Unlock()
	asks, err := local.Subscribe("link.*.ask.*", l.asked)
	if err != nil {
		return err
	}
	if err := local.Flush(); err != nil {
		return err
	}
	configs, err := l.configs(ctx)
	if err != nil {
		return err
	}
	for _, c := range configs {
		l.open(c)
	}
	l.mu.Lock()
	for _, p := range l.byToken {
		l.start(p)
	}
	l.mu.Unlock()
	l.wg.Go(func() { l.runOwnBeacons(ctx) })
	close(l.ready)
	<-ctx.Done()
	err = asks.Unsubscribe()
	l.wg.Wait()
	local.Close()
	return err
}

// Ready is closed when Run answers peers: nobody is admitted before.
func (l *Links) Ready() <-chan struct{} { return l.ready }

// open makes the peer of a configured link and, where this node dials, keeps its line.
func (l *Links) open(c Config) *peer {
	l.mu.Lock()
	defer l.mu.Unlock()
	dialler := len(c.Addresses) > 0
	token := protocol.TokenOf(c.Peer, l.self())
	if dialler {
		token = protocol.TokenOf(l.self(), c.Peer)
	}
	p := l.byToken[token]
	if p == nil {
		p = l.newPeer(c.Peer, dialler)
		l.byToken[token] = p
	}
	p.setConfig(c)
	l.start(p)
	return p
}

// start runs, once, what a peer needs as long as the node runs. l.mu is held.
func (l *Links) start(p *peer) {
	ctx := l.ctx
	if ctx == nil || p.started {
		return // before Run, which starts it
	}
	p.started = true
	l.wg.Go(func() { p.runFrames(ctx) })
	if p.dialler {
		l.wg.Go(func() { p.keepLine(ctx) })
	}
}

// runFrames puts the peer's frames into IN one after the other, in their order.
func (p *peer) runFrames(ctx context.Context) {
	for {
		select {
		case m := <-p.frames:
			p.take(ctx, m)
		case <-ctx.Done():
			return
		}
	}
}

// Admit says who a dialler is: a member whose link key it shows, or the guest of an
// invitation. The bus asks it for every connection.
func (l *Links) Admit(user string, key protocol.Key) (bus.Peer, error) {
	select {
	case <-l.ready:
	default:
		return bus.Peer{}, errors.New("this node is still starting")
	}
	if user == guestUser {
		return l.admitGuest(key)
	}
	id, err := protocol.ParseInstitution(user)
	if err != nil {
		return bus.Peer{}, err
	}
	if held := l.linkKey(id); held.IsZero() || held != key {
		return bus.Peer{}, errors.New("no member of that name shows that link key")
	}
	p := l.open(Config{Peer: id})
	return bus.Peer{Institution: id, Key: key, Token: p.token}, nil
}

const guestUser = "guest"

// admitGuest finds the invitation whose claim key this is. Whether it has expired is
// judged here, by this node's clock, and nowhere else.
func (l *Links) admitGuest(key protocol.Key) (bus.Peer, error) {
	for _, m := range l.o.Trust.Members() {
		claim, expires, ok := l.o.Trust.ClaimKey(m.ID)
		if !ok || claim != key {
			continue
		}
		if !l.o.Clock().Before(expires.Time()) {
			return bus.Peer{}, errors.New("the invitation has expired")
		}
		p := l.open(Config{Peer: m.ID})
		return bus.Peer{Institution: m.ID, Guest: true, Key: key, Token: p.token}, nil
	}
	return bus.Peer{}, errors.New("no open invitation has that claim key")
}

func (l *Links) peer(token protocol.LinkToken) *peer {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.byToken[token]
}

// asked takes a dialler's question.
func (l *Links) asked(m *nats.Msg) {
	q, err := bus.ParseQuestion(m)
	if p := l.peer(q.Token); err == nil && p != nil && !p.dialler {
		p.dispatch(q)
	}
}

// dispatch answers a question, or queues a frame. What comes faster than it can be
// answered is told so; it never piles up.
func (p *peer) dispatch(q bus.Question) {
	if q.Operation == protocol.OpPush || q.Operation == protocol.OpTail || q.Operation == protocol.OpJoin {
		select {
		case p.frames <- q:
		default:
			p.l.publish(p, q.Reply, busyAnswer())
		}
		return
	}
	select {
	case p.questions <- struct{}{}:
	default:
		p.l.publish(p, q.Reply, marshal(protocol.ErrorAnswer{V: protocol.ControlVersion, Code: protocol.CodeBusy}))
		return
	}
	p.l.wg.Go(func() {
		defer func() { <-p.questions }()
		p.l.publish(p, q.Reply, p.answer(p.l.ctx, q.Operation, q.Data))
	})
}

// publish answers a peer, if the reply subject it named is one of its own link's: nats
// does not check reply subjects, so this node must (nats.md).
func (l *Links) publish(p *peer, reply string, data []byte) {
	answers := p.token.AnswersTo
	conn := l.local
	if p.dialler {
		answers, conn = p.token.AnsweredBy, p.line()
	}
	if !answers(reply) || conn == nil {
		return
	}
	if err := conn.Publish(reply, data); err != nil {
		p.note(err)
	}
}

// begin starts the session of an accepted line, unless it runs: the dialler says hello
// again and again to see whether this side is there.
func (p *peer) begin(session string) {
	p.mu.Lock()
	runs := p.cancel != nil && p.theirs == session
	p.theirs = session
	p.mu.Unlock()
	if runs {
		return
	}
	p.l.wg.Go(func() {
		if err := p.session1(p.l.ctx, p.l.o.Bus.Requester(p.token)); err != nil && p.l.ctx.Err() == nil {
			p.log.Info("line ended", "err", err) //nolint:sloglint // a line has no context of its own
		}
	})
}

// session1 runs the one session a link has: a newer one ends the older.
func (p *peer) session1(parent context.Context, a *bus.Requester) error {
	ctx, cancel := context.WithCancel(parent)
	defer cancel()
	p.mu.Lock()
	if p.cancel != nil {
		p.cancel()
	}
	p.cancel = cancel
	p.session++
	mine := p.session
	p.mu.Unlock()
	p.running.Lock() // until the older one is gone
	defer p.running.Unlock()
	err := p.serveSession(ctx, a)
	p.mu.Lock()
	current := p.session == mine
	if current {
		p.cancel = nil
	}
	p.mu.Unlock()
	if current {
		p.setUp(false, err)
	}
	return err
}

// Answer is intake's way to acknowledge a frame: to the peer that sent it, or to this
// node where it fetched the frame itself.
func (l *Links) Answer(token protocol.LinkToken, reply string, a protocol.Acknowledgement) {
	l.mu.Lock()
	own := l.waiting[reply]
	delete(l.waiting, reply)
	p := l.byToken[token]
	l.mu.Unlock()
	if own != nil {
		own <- a
		return
	}
	if p != nil {
		l.publish(p, reply, marshal(a))
	}
}

// putAndWait puts a frame that was fetched into IN and waits until it is committed.
func (l *Links) putAndWait(ctx context.Context, p *peer, frame []byte) error {
	for {
		y := rand.Text()
		reply := p.token.Inbox(y)
		if p.dialler {
			reply = p.token.Reply(y)
		}
		done := make(chan protocol.Acknowledgement, 1)
		l.mu.Lock()
		l.waiting[reply] = done
		l.mu.Unlock()
		err := l.o.Bus.PutIn(ctx, p.token, reply, frame)
		if err != nil && !errors.Is(err, bus.ErrBusy) {
			l.forget(reply)
			return err
		}
		busy := err != nil
		if !busy {
			select {
			case a := <-done:
				busy = a.Busy
			case <-ctx.Done():
				l.forget(reply)
				return ctx.Err()
			}
		}
		if !busy {
			return nil
		}
		l.forget(reply)
		if err := sleep(ctx, busyWait); err != nil {
			return err
		}
	}
}

func (l *Links) forget(reply string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.waiting, reply)
}

// Fetch asks the peer of a link for a gap.
func (l *Links) Fetch(gap intake.Gap) {
	if p := l.peer(gap.Token); p != nil {
		p.want(gap)
	}
}

// Sends reports whether a link's policy lets its peer send a group.
func (l *Links) Sends(token protocol.LinkToken, g protocol.Group) bool {
	p := l.peer(token)
	return p != nil && p.takes(g)
}

// PeerOf gives the institution at the other end of a link; empty if there is none.
func (l *Links) PeerOf(token protocol.LinkToken) protocol.InstitutionID {
	if p := l.peer(token); p != nil {
		return p.id
	}
	return ""
}

// Took notes what a peer sent, so that it is not sent back.
func (l *Links) Took(token protocol.LinkToken, tops []protocol.HaveRow) {
	if p := l.peer(token); p != nil {
		for _, r := range tops {
			p.holds(r.EpochID, r.Sequence)
		}
	}
}

func (l *Links) count(change func(*Counts)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	change(&l.counts)
}

// Counts gives what the links did so far.
func (l *Links) Counts() Counts {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.counts
}

func (l *Links) hello(p *peer) protocol.Hello {
	h := protocol.Hello{
		V: protocol.ControlVersion, Wire: []string{"v1"}, Software: l.o.Software,
		Institutions: l.o.Self, Charter: l.o.Trust.CharterDigest(), Time: protocol.InstantOf(l.o.Clock()),
	}
	if l.o.Packer != nil {
		h.Packing = []string{Packing}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.signed != nil {
		d := p.signed.Digest()
		h.Policy = &d
	}
	if p.dialler {
		h.Session = p.ours
	}
	return h
}

// Changed tells, coalesced, that the state of some link changed.
func (l *Links) Changed() (<-chan struct{}, func()) {
	c := make(chan struct{}, 1)
	l.mu.Lock()
	l.watch[c] = true
	l.mu.Unlock()
	return c, func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		delete(l.watch, c)
	}
}

func (l *Links) changed() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c := range l.watch {
		wake(c)
	}
}

// peers gives all links, by the name of their peer.
func (l *Links) peers() []*peer {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]*peer, 0, len(l.byToken))
	for _, p := range l.byToken {
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b *peer) int {
		return strings.Compare(string(a.id)+string(a.token), string(b.id)+string(b.token))
	})
	return out
}
