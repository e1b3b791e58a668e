package link

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/vardar-network/vardar/node/bus"
	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

// peer is one link: the institution at its other end, and what is known of it.
type peer struct {
	l       *Links
	id      protocol.InstitutionID // the other node's first institution
	token   protocol.LinkToken
	dialler bool // this node dials
	log     *slog.Logger

	rescan    chan struct{}    // something is to be sent again, or the policy changed
	again     chan struct{}    // compare soon
	fetch     chan *intake.Gap // a pointer: a channel takes all its room at once
	beacons   chan struct{}
	signing   chan struct{} // a policy was proposed or approved here
	redial    chan struct{}
	greeted   chan struct{} // the dialler said hello and there is no session
	questions chan struct{} // one place for each question being answered

	started bool // guarded by l.mu

	gate sync.RWMutex // held for reading while something is put on the line; before mu

	mu         sync.Mutex // guards what follows
	cancel     context.CancelCauseFunc
	ours       string // names the session to the listener, if this node dials
	theirs     string // the dialler's name of its session
	connected  bus.PeerState
	kicksNamed int // its kicks when the dialler last said hello
	up         bool
	since      time.Time // of the last change of up
	heard      time.Time // when the peer last said anything
	lastErr    error
	tries      int // sessions, and attempts at one, that ended
	hello      protocol.Hello
	clock      time.Time // the peer's, by its hello
	clockAt    time.Time // ours then
	rate       float64   // bytes a second, as last measured; 0: never
	held       map[protocol.Group]*holding
	past       past // how held came about
	resend     map[protocol.Group][]stretch
	outcomes   map[protocol.Outcome]int
	frames     []bus.Question // that wait for IN, in their order
	putting    bool           // takeFrames runs
	taken      map[string]int // bytes of frames that were not answered yet, by reply
	takenBytes int
	told       told // newest beacon of each that the peer is known to hold
	idle       bool
	compared   bool
	copied     bool   // the listener says that another copy of this node dials it too
	copies     copies // of the dialler
	bodiesDue  bool   // bodies that this node lacks are to be asked for
	fetching   map[protocol.EpochID]uint32
	ask        *bus.Requester
	sending    outgoing
	barred     error                    // why nothing may go over the line; nil: it may
	charters   map[protocol.Digest]bool // that were asked for in this session
	taking     *protocol.Direction      // what the peer may send; nil: trust alone
	conf       Config
	judgedBy   protocol.Key // the peer's link key when policies were last compared
	conn       *nats.Conn   // of a dialled line
}

func (l *Links) newPeer(id protocol.InstitutionID, dialler bool) *peer {
	token := protocol.TokenOf(id, l.self())
	if dialler {
		token = protocol.TokenOf(l.self(), id)
	}
	return &peer{
		l: l, id: id, token: token, dialler: dialler, log: l.log.With("peer", id),
		rescan: make(chan struct{}, 1), again: make(chan struct{}, 1),
		fetch:   make(chan *intake.Gap, 64),
		beacons: make(chan struct{}, 1), signing: make(chan struct{}, 1), redial: make(chan struct{}, 1),
		greeted: make(chan struct{}, 1), questions: make(chan struct{}, maxQuestions),
		held: map[protocol.Group]*holding{}, resend: map[protocol.Group][]stretch{},
		outcomes: map[protocol.Outcome]int{}, taken: map[string]int{}, fetching: map[protocol.EpochID]uint32{},
		told: told{}, charters: map[protocol.Digest]bool{},
		conf: Config{Peer: id}, sending: outgoing{own: l.o.Self, terms: []protocol.Direction{trustAlone()}}, since: l.o.Clock(),
		past: past{from: protocol.InstantOf(l.o.Clock())},
	}
}

// subject gives the subject on which this side asks.
func (p *peer) subject(x protocol.Operation) string {
	if p.dialler {
		return p.token.Ask(x)
	}
	return p.token.Serve(x)
}

// askFor asks a control question and reads the answer.
func (p *peer) askFor(ctx context.Context, x protocol.Operation, question, answer any) error {
	data, err := p.request(ctx, x, marshal(question))
	if err != nil {
		return fmt.Errorf("ask %s of %s: %w", x, p.id, err)
	}
	if err := protocol.DecodeControl(data, answer); err != nil {
		return fmt.Errorf("answer of %s to %s: %w", p.id, x, err)
	}
	return nil
}

// ErrNoLine says that nobody at the other end of the link listens.
var ErrNoLine = errors.New("no line to that peer")

// askTimeout ends a question on a line that has died without saying so. Behind a window
// of frames on a slow line an answer takes seconds.
const askTimeout = time.Minute

// request asks and gives the answer; an error answer of the peer is returned as a
// [*protocol.ErrorAnswer]. A peer that is busy is asked again.
func (p *peer) request(ctx context.Context, x protocol.Operation, data []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	p.mu.Lock()
	ask := p.ask
	p.mu.Unlock()
	if ask == nil {
		return nil, ErrNoLine
	}
	for {
		answer, err := p.question(ctx, ask, x, data)
		if err != nil {
			return nil, err
		}
		p.hear()
		e := protocol.ParseErrorAnswer(answer)
		if e == nil {
			return answer, nil
		}
		if e.Code != protocol.CodeBusy || sleep(ctx, busyWait) != nil {
			return nil, e
		}
	}
}

// question asks once, if the peer may be asked anything.
func (p *peer) question(ctx context.Context, ask *bus.Requester, x protocol.Operation, data []byte) ([]byte, error) {
	var asked *bus.Asked
	err := p.through(func() (err error) {
		asked, err = ask.Ask(p.subject(x), data)
		return err
	})
	if err != nil {
		return nil, err
	}
	m, err := asked.Wait(ctx)
	if err != nil {
		return nil, err
	}
	return m.Data, nil
}

// refused reports whether an error is the peer's own answer, after which the line goes
// on.
func refused(err error) bool {
	var e *protocol.ErrorAnswer
	return errors.As(err, &e)
}

// ErrStrange says that the peer is not whom the link is agreed with, or of another network.
var ErrStrange = errors.New("the node that answers is of another network or another institution")

func (p *peer) takeHello(h protocol.Hello) error {
	if ours := p.l.o.Trust.CharterDigest(); h.Charter != ours {
		return fmt.Errorf("%w: its network's first charter is %s, ours is %s", ErrStrange, h.Charter, ours)
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
	if p.dialler {
		p.copied = h.Copied
	} else {
		p.copies.saw(h.Instance, p.l.o.Clock())
		p.kicksNamed = p.connected.Kicks
	}
	p.clock, p.clockAt = h.Time.Time(), p.l.o.Clock()
	return nil
}

func (l *Links) hello(p *peer) protocol.Hello {
	h := protocol.Hello{
		V: protocol.ControlVersion, Wire: []string{"v1"}, Software: l.o.Software,
		Institutions: l.o.Self, Charter: l.o.Trust.CharterDigest(), Charters: l.o.Trust.LaterCharters(), Time: protocol.InstantOf(l.o.Clock()),
	}
	h.Charters = h.Charters[:min(len(h.Charters), protocol.MaxCharters)]
	if l.o.Packer != nil {
		h.Packing = []string{Packing, p.l.o.Packer.Dictionary()}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.conf.InForce != nil {
		d := p.conf.InForce.Digest()
		h.Policy = &d
	}
	if p.dialler {
		h.Session, h.Instance = p.ours, p.l.instance
	} else {
		h.Copied = p.isCopied()
	}
	return h
}

// packs reports whether both sides read frames that are compressed so.
func (p *peer) packs(how string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.l.o.Packer != nil && slices.Contains(p.hello.Packing, how)
}

func (p *peer) isUp() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.up
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
		p.log.Info("line changed", "up", up, "err", err)
	}
	p.l.changed()
}

func (p *peer) hear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.heard = p.l.o.Clock()
}

// quiet is how long the peer has said nothing.
func (p *peer) quiet() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.l.o.Clock().Sub(p.heard)
}

// note keeps the last thing that went wrong, for status.
func (p *peer) note(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lastErr = err
}

func (p *peer) attempts() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.tries
}

func (p *peer) lastError() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lastErr
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

func (p *peer) setLine(c *nats.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conn = c
}

func (p *peer) line() *nats.Conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.conn
}

// isGuest reports whether the peer is admitted but has shown no link key yet.
func (p *peer) isGuest() bool {
	return p.l.linkKey(p.id).IsZero()
}

// compareSoon has the groups compared again: the peer refused what it will want later,
// or misses what it once held.
func (p *peer) compareSoon() { wake(p.again) }

// holding is what is known of what a peer holds of one group. It is kept across a cut,
// for "who has it"; a comparison sets it right.
type holding struct {
	whole  uint64                      // all that was accepted here up to this order
	epochs map[protocol.EpochID]uint32 // and these, up to a sequence
}

func (p *peer) holding(g protocol.Group) *holding {
	h := p.held[g]
	if h == nil {
		h = &holding{epochs: map[protocol.EpochID]uint32{}}
		p.held[g] = h
	}
	return h
}

// holds notes that the peer holds an epoch up to sequence.
func (p *peer) holds(e protocol.EpochID, sequence uint32) {
	p.mu.Lock()
	defer p.mu.Unlock()
	h := p.holding(e.Group())
	if sequence > h.epochs[e] {
		h.epochs[e] = sequence
		p.past.add(learnt{p.now(), hasRun, e.Group(), e, uint64(sequence)})
	}
}

// holdsGroup notes that a comparison found the peer to hold all of a group.
func (p *peer) holdsGroup(g protocol.Group, order uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.holding(g).whole != order {
		p.past.add(learnt{at: p.now(), what: hasAll, group: g, upTo: order})
	}
	p.held[g] = &holding{whole: order, epochs: map[protocol.EpochID]uint32{}}
}

// holdsOnly notes what a comparison found the peer to hold of a group up to an order, and what of
// that to lack.
func (p *peer) holdsOnly(g protocol.Group, order uint64, epochs map[protocol.EpochID]uint32, lacks []learnt) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	p.past.add(learnt{at: now, what: hasAll, group: g, upTo: order})
	for _, x := range lacks {
		x.at = now
		p.past.add(x)
	}
	p.held[g] = &holding{epochs: epochs}
}

func (p *peer) now() protocol.Instant { return protocol.InstantOf(p.l.o.Clock()) }

// has reports whether the peer is known to hold a record. Of a forked epoch only whole
// groups are known, and of these not what is void.
func (p *peer) has(r *store.Stored) bool {
	p.mu.Lock()
	h := p.held[r.Feed().Group()]
	known, chain := false, false
	if h != nil {
		known, chain = r.Order <= h.whole, r.Sequence <= h.epochs[r.EpochID()]
	}
	p.mu.Unlock()
	return (known && p.l.o.Intake.Covers(&r.Record, r.Digest)) || (chain && len(p.l.o.Store.Branches(r.EpochID())) == 1)
}
