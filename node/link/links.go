package link

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
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
// put together itself, the link keys that peers may know this node by, the current one
// first, and the seal of bundles.
type Signer interface {
	LinkKeys() []protocol.Key
	SignLinkBy(ctx context.Context, key protocol.Key, listener protocol.InstitutionID, nonce string) (protocol.Signature, error)
	SignPolicy(ctx context.Context, p *protocol.SignedPolicy) error
	Seal(w io.Writer, recipient string) (io.WriteCloser, error)
	Unseal(id protocol.InstitutionID, sealed io.Reader) (io.Reader, error)
}

// Options are the parts links are joined from; all are required but those with a default.
type Options struct {
	Self      []protocol.InstitutionID // hosted; the first names the node
	Store     *store.Store
	Trust     *trust.Registry
	Intake    *intake.Intake
	Bus       *bus.Bus
	Signer    Signer
	Packer    *Packer // nil: frames go uncompressed
	Software  string  // name and version, told in hello
	Clock     func() time.Time
	Logger    *slog.Logger  // default: discard
	Beacons   time.Duration // between beacons without news; default 15 minutes (design.md §4.8)
	Soon      time.Duration // between beacons with news; default 1 minute
	Heartbeat time.Duration // between looks whether the peer still answers; default 10 seconds
	Redial    time.Duration // longest wait between two attempts; default 30 seconds
}

// Links holds a node's links. Make it with [New]; [Links.Run] keeps the lines up.
type Links struct {
	o        Options
	log      *slog.Logger
	ready    chan struct{} // closed when Run answers peers
	news     chan struct{} // a beacon came
	shelf    shelf
	signed   signedWell               // intake's, which has checked most
	maySend  func(protocol.Name) bool // intake's: an own record goes nowhere before its mark
	nextMark func() <-chan struct{}   // intake's: tells when one may go
	instance string                   // names this start of the process to listeners

	configuring sync.Mutex // held while a link's Config is read, changed and kept
	wg          sync.WaitGroup

	mu       sync.Mutex                  // guards what follows
	run      func(func(context.Context)) // begins what Run waits for; nil unless it runs
	local    *nats.Conn
	byToken  map[protocol.LinkToken]*peer
	byID     map[protocol.InstitutionID][]*peer       // at most two: one dials, one is dialled
	waiting  map[string]chan protocol.Acknowledgement // frames we put into IN ourselves
	counts   Counts
	lacking  map[protocol.EpochID]*Lack
	suspects map[protocol.InstitutionID]bool // whose beacons may name what is lacking
	damaged  map[string]bool                 // records that were logged as damaged
	watch    map[chan struct{}]bool
}

// Counts are what the links did since the node started.
type Counts struct {
	Ranges  int // range answers that brought what was asked for
	Forged  int // questions with a reply that is not the asker's own: not answered
	Refused int // frames and questions beyond what one peer may have under way: answered busy
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
		o: o, log: o.Logger, instance: rand.Text(), ready: make(chan struct{}), news: make(chan struct{}, 1),
		byToken:  map[protocol.LinkToken]*peer{},
		byID:     map[protocol.InstitutionID][]*peer{},
		waiting:  map[string]chan protocol.Acknowledgement{},
		lacking:  map[protocol.EpochID]*Lack{},
		suspects: map[protocol.InstitutionID]bool{},
		damaged:  map[string]bool{},
		watch:    map[chan struct{}]bool{},
	}, nil
}

func orDefault(d, usual time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return usual
}

// Attach sets the intake before Run.
func (l *Links) Attach(i *intake.Intake) {
	l.o.Intake, l.signed, l.maySend, l.nextMark = i, i.WellSigned, i.MaySend, i.Marked
}

func (l *Links) self() protocol.InstitutionID { return l.o.Self[0] }

// Run answers peers and keeps the dialled lines up until ctx ends; then nothing of the
// links runs any more. Call it once.
func (l *Links) Run(ctx context.Context) error {
	local, err := l.o.Bus.Local(bus.UserLink)
	if err != nil {
		return err
	}
	defer local.Close()
	configs, err := l.configs(ctx)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer l.wg.Wait()
	defer l.end(cancel)
	l.mu.Lock()
	l.run, l.local = func(f func(context.Context)) { l.wg.Go(func() { f(ctx) }) }, local
	for _, p := range l.byToken {
		l.start(p)
	}
	l.mu.Unlock()
	for _, c := range configs {
		l.open(c)
	}
	asks, err := subscribe(local, "link.*.ask.*", l.asked)
	if err != nil {
		return err
	}
	defer asks.close()
	if err := local.Flush(); err != nil {
		return err
	}
	l.suspectAll()
	l.spawn(l.watchPeers)
	l.spawn(l.runOwnBeacons)
	l.spawn(l.runLacking)
	close(l.ready)
	<-ctx.Done()
	return nil
}

// end has whatever runs stop; nothing begins after it.
func (l *Links) end(cancel context.CancelFunc) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.run = nil
	cancel()
}

// spawn runs f until Run ends. It does nothing unless Run runs: Run waits for what it
// began, and nothing may begin behind its back.
func (l *Links) spawn(f func(ctx context.Context)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.spawnLocked(f)
}

func (l *Links) spawnLocked(f func(ctx context.Context)) {
	if l.run != nil {
		l.run(f)
	}
}

// Ready is closed when Run answers peers: nobody is admitted before.
func (l *Links) Ready() <-chan struct{} { return l.ready }

// open makes the link of a configured peer and has it follow its new configuration.
func (l *Links) open(c Config) {
	l.mu.Lock()
	l.get(c.Peer, len(c.Addresses) > 0)
	l.mu.Unlock()
	for _, p := range l.both(c.Peer) {
		p.setConfig(c)
	}
}

// get gives one link of a peer, and makes it if need be. l.mu is held.
func (l *Links) get(id protocol.InstitutionID, dialler bool) *peer {
	for _, p := range l.byID[id] {
		if p.dialler == dialler {
			return p
		}
	}
	p := l.newPeer(id, dialler)
	l.byToken[p.token] = p
	// A new slice: readers may hold the old one.
	l.byID[id] = append(slices.Clone(l.byID[id]), p)
	l.start(p)
	return p
}

// start runs, once, what a link needs as long as the node runs. l.mu is held.
func (l *Links) start(p *peer) {
	if l.run == nil || p.started {
		return // before Run, which starts it
	}
	p.started = true
	l.spawnLocked(p.keep)
}

// Admit says who a dialler is: a member whose link key it shows, or the guest of an
// invitation. The bus asks it for every connection.
func (l *Links) Admit(user string, key protocol.Key) (bus.Peer, error) {
	select {
	case <-l.ready:
	default:
		return bus.Peer{}, errors.New("this node is still starting")
	}
	if user == bus.UserGuest {
		return l.admitGuest(key)
	}
	id, err := protocol.ParseInstitution(user)
	if err != nil {
		return bus.Peer{}, err
	}
	if held := l.linkKey(id); held.IsZero() || held != key {
		return bus.Peer{}, errors.New("no member of that name shows that link key")
	}
	if err = l.out(id); err != nil {
		return bus.Peer{}, err
	}
	p, err := l.accept(id)
	if err == nil {
		err = p.judge()
	}
	if err != nil {
		return bus.Peer{}, err
	}
	return bus.Peer{Institution: id, Key: key, Token: p.token}, nil
}

// accept gives the link that a peer dials.
func (l *Links) accept(id protocol.InstitutionID) (*peer, error) {
	l.mu.Lock()
	known := slices.ContainsFunc(l.byID[id], func(p *peer) bool { return !p.dialler })
	p := l.get(id, false)
	l.mu.Unlock()
	if known {
		return p, nil
	}
	c, _, err := l.Config(id)
	if err != nil {
		return nil, err
	}
	p.setConfig(c)
	return p, nil
}

// admitGuest finds the invitation whose claim key this is. Whether it has expired is
// judged here, by this node's clock, and nowhere else.
func (l *Links) admitGuest(key protocol.Key) (bus.Peer, error) {
	id, expires, ok := l.o.Trust.ClaimedBy(key)
	if !ok {
		return bus.Peer{}, errors.New("no open invitation has that claim key")
	}
	if !l.o.Clock().Before(expires.Time()) {
		return bus.Peer{}, errors.New("the invitation has expired")
	}
	p, err := l.accept(id)
	if err != nil {
		return bus.Peer{}, err
	}
	return bus.Peer{Institution: id, Guest: true, Key: key, Token: p.token}, nil
}

func (l *Links) peer(token protocol.LinkToken) *peer {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.byToken[token]
}

// both gives the links with a peer: there are two where each side dials.
func (l *Links) both(id protocol.InstitutionID) []*peer {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.byID[id]
}

// find gives the link with a peer, the one that is up if there are two.
func (l *Links) find(id protocol.InstitutionID) *peer {
	all := l.both(id)
	for _, p := range all {
		if p.isUp() {
			return p
		}
	}
	if len(all) == 0 {
		return nil
	}
	return all[0]
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

// wake signals a channel of one place.
func wake(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
