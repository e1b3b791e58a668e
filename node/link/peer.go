package link

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"golang.org/x/sync/errgroup"

	"github.com/vardar-network/vardar/node/bus"
	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/protocol"
)

// peer is one link: the institution at its other end, and what is known of it.
type peer struct {
	l       *Links
	id      protocol.InstitutionID // the other node's first institution
	token   protocol.LinkToken
	dialler bool // this node dials
	log     *slog.Logger

	rescan    chan struct{} // groups to be read again
	again     chan struct{} // compare soon
	fetch     chan intake.Gap
	frames    chan bus.Question // frames that wait for IN
	beacons   chan struct{}
	signing   chan struct{} // a policy was proposed or approved here
	redial    chan struct{}
	questions chan struct{} // one place for each question being answered

	started  bool       // guarded by l.mu
	running  sync.Mutex // held by the session that runs
	policies sync.Mutex // held while policies are compared and kept

	mu       sync.Mutex // guards what follows
	cancel   context.CancelFunc
	session  int    // counts sessions, so that an old one can't end a new one
	ours     string // names the session to the listener, if this node dials
	theirs   string // the dialler's name of its session
	up       bool
	since    time.Time // of the last change of up
	heard    time.Time // when the peer last said anything
	lastErr  error
	hello    protocol.Hello
	skew     time.Duration // the peer's clock ahead of ours, at hello
	held     map[protocol.EpochID]uint32
	rescans  map[protocol.Group]bool
	outcomes map[protocol.Outcome]int
	idle     bool
	compared bool
	fetching map[protocol.EpochID]uint32
	ask      *bus.Requester
	policy   *protocol.LinkPolicy
	signed   *protocol.SignedPolicy // the policy's document
	conf     Config
	conn     *nats.Conn // of a dialled line
}

func (l *Links) newPeer(id protocol.InstitutionID, dialler bool) *peer {
	token := protocol.TokenOf(id, l.self())
	if dialler {
		token = protocol.TokenOf(l.self(), id)
	}
	return &peer{
		l: l, id: id, token: token, dialler: dialler, log: l.log.With("peer", id),
		rescan: make(chan struct{}, 1), again: make(chan struct{}, 1),
		fetch: make(chan intake.Gap, 64), frames: make(chan bus.Question, maxFrames),
		beacons: make(chan struct{}, 1), signing: make(chan struct{}, 1), redial: make(chan struct{}, 1), questions: make(chan struct{}, maxQuestions),
		held: map[protocol.EpochID]uint32{}, rescans: map[protocol.Group]bool{},
		outcomes: map[protocol.Outcome]int{}, fetching: map[protocol.EpochID]uint32{},
		since: l.o.Clock(),
	}
}

// maxQuestions bounds the questions of one peer that are answered at the same time.
const maxQuestions = 8

// subject gives the subject on which this side asks.
func (p *peer) subject(x protocol.Operation) string {
	if p.dialler {
		return p.token.Ask(x)
	}
	return p.token.Serve(x)
}

// askFor asks a control question and reads the answer.
func (p *peer) askFor(ctx context.Context, x protocol.Operation, question, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	data, err := p.request(ctx, x, marshal(question))
	if err != nil {
		return fmt.Errorf("ask %s of %s: %w", x, p.id, err)
	}
	if err := protocol.DecodeControl(data, answer); err != nil {
		return fmt.Errorf("answer of %s to %s: %w", p.id, x, err)
	}
	return nil
}

// request asks and gives the answer; an error answer of the peer is returned as a
// [*protocol.ErrorAnswer].
func (p *peer) request(ctx context.Context, x protocol.Operation, data []byte) ([]byte, error) {
	p.mu.Lock()
	ask := p.ask
	p.mu.Unlock()
	if ask == nil {
		return nil, ErrNoLine
	}
	answer, err := ask.Request(ctx, p.subject(x), data)
	if err != nil {
		return nil, err
	}
	p.hear()
	if e := protocol.ParseErrorAnswer(answer); e != nil {
		return nil, e
	}
	return answer, nil
}

// ErrNoLine: nobody at the other end of the link listens.
var ErrNoLine = errors.New("no line to that peer")

// askTimeout ends a question on a line that has died without saying so.
const askTimeout = 30 * time.Second

// serveSession runs one connected line until it ends: hello, policy, own feeds, trust
// whole, then everything.
func (p *peer) serveSession(ctx context.Context, a *bus.Requester) error {
	p.mu.Lock()
	p.ask, p.compared, p.ours = a, false, rand.Text()
	p.mu.Unlock()
	if err := p.greet(ctx); err != nil {
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

// greet says hello and compares policies.
func (p *peer) greet(ctx context.Context) error {
	var h protocol.Hello
	if err := p.askFor(ctx, protocol.OpHello, p.l.hello(p), &h); err != nil {
		return err
	}
	if err := p.takeHello(h); err != nil {
		return err
	}
	return p.syncPolicy(ctx)
}

// ErrStrange: the peer is not whom the link is agreed with, or of another network.
var ErrStrange = errors.New("the node that answers is of another network or another institution")

func (p *peer) takeHello(h protocol.Hello) error {
	if h.Charter != p.l.o.Trust.CharterDigest() {
		return fmt.Errorf("%w: its charter is %s, ours %s", ErrStrange, h.Charter, p.l.o.Trust.CharterDigest())
	}
	if len(h.Institutions) == 0 || h.Institutions[0] != p.id {
		return fmt.Errorf("%w: it answers for %v, the link is with %s", ErrStrange, h.Institutions, p.id)
	}
	if !slices.Contains(h.Wire, "v1") {
		return fmt.Errorf("%s speaks wire %v, this vardar speaks v1: one of the two needs a newer vardar", p.id, h.Wire)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.hello = h
	p.skew = h.Time.Time().Sub(p.l.o.Clock()).Round(time.Second)
	return nil
}

func (p *peer) packs() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.l.o.Packer != nil && slices.Contains(p.hello.Packing, Packing)
}

func (p *peer) setUp(up bool, err error) {
	p.mu.Lock()
	changed := p.up != up
	if changed {
		p.up, p.since = up, p.l.o.Clock()
	}
	if err != nil || up {
		p.lastErr = err
	}
	p.mu.Unlock()
	if changed {
		p.log.Info("line changed", "up", up) //nolint:sloglint // a line has no context of its own
		p.l.changed()
	}
}

func (p *peer) hear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.heard = p.l.o.Clock()
}

// note keeps the last thing that went wrong, for status.
func (p *peer) note(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lastErr = err
}

func (p *peer) countOutcome(o protocol.Outcome) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.outcomes[o]++
}

func (p *peer) setIdle(idle bool) {
	p.mu.Lock()
	changed := p.idle != idle
	p.idle = idle
	p.mu.Unlock()
	if changed && idle {
		p.l.changed()
	}
}

// has reports whether the peer is known to hold a record of the first branch.
func (p *peer) has(e protocol.EpochID, sequence uint32) bool {
	p.mu.Lock()
	held := p.held[e]
	p.mu.Unlock()
	return sequence <= held && len(p.l.o.Store.Branches(e)) == 1
}

// setHeld notes up to where a comparison found that the peer holds an epoch.
func (p *peer) setHeld(e protocol.EpochID, sequence uint32) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held[e] = sequence
}

// holds notes that the peer holds an epoch up to sequence.
func (p *peer) holds(e protocol.EpochID, sequence uint32) {
	p.mu.Lock()
	p.held[e] = max(p.held[e], sequence)
	p.mu.Unlock()
	p.l.changed()
}

func (p *peer) wantRescan(g protocol.Group) {
	p.mu.Lock()
	p.rescans[g] = true
	p.mu.Unlock()
	wake(p.rescan)
}

func (p *peer) takeRescans() []protocol.Group {
	p.mu.Lock()
	defer p.mu.Unlock()
	var out []protocol.Group
	for g := range p.rescans {
		out = append(out, g)
	}
	clear(p.rescans)
	return out
}

// compareSoon has the groups compared again: the peer refused what it will want later,
// or misses what it once held.
func (p *peer) compareSoon() { wake(p.again) }

func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// direction gives what this node sends over the link; without a policy that both have
// signed, trust alone.
func (p *peer) direction() protocol.Direction {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.policy == nil {
		return protocol.Direction{Bodies: protocol.Clear, Relay: protocol.Clear}
	}
	return p.policy.From(p.l.self())
}

// sends gives the direction if a group goes this way.
func (p *peer) sends(g protocol.Group) (protocol.Direction, bool) {
	d := p.direction()
	return d, d.Carries(g)
}

// takes reports whether the peer may send a group.
func (p *peer) takes(g protocol.Group) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.policy == nil {
		return g.Topic == protocol.Trust
	}
	return p.policy.From(p.id).Carries(g)
}

// carriesBody decides by the signed fields: others' records go with their bodies up to
// the relay mark, own ones up to the bodies mark, trust always.
func (p *peer) carriesBody(r *protocol.Record, d protocol.Direction) bool {
	if !d.CarriesBody(r.Topic, r.Handling) {
		return false
	}
	return r.Topic == protocol.Trust || r.Handling <= d.Relay || slices.Contains(p.l.o.Self, r.Institution)
}
