package node

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/vardar-network/vardar/node/atlas"
	"github.com/vardar-network/vardar/node/audit"
	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/bus"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/duty"
	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/node/keys"
	"github.com/vardar-network/vardar/node/link"
	"github.com/vardar-network/vardar/node/oidc"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
)

// Options say how a node runs. Only Dir is required.
type Options struct {
	Dir          string                                           // the node's folder
	Identity     string                                           // the carrier of the identity key; default Dir/identity
	Passphrase   func() ([]byte, error)                           // nil: a credential or an owner-only file opens the keys
	WorkFactor   int                                              // of a new passphrase seal; default keys.DefaultWorkFactor
	Sheet        func(text string) error                          // is given the recovery sheet of keys that are made, once, before they count; nil: nobody sees it
	Token        string                                           // identity file of an age plugin: new identity keys are sealed to that token
	Prompt       keys.Prompt                                      // asks what a token wants to know; nil: nobody is there to answer
	Listen       string                                           // host:port for links; empty: nobody can dial
	Advertise    []string                                         // addresses for invitations; default what Listen became
	HTTP         string                                           // loopback host:port of the API; empty: the unix socket alone
	Language     string                                           // of the pages, BCP 47, for a browser that asks for none of theirs; empty: English
	Programs     string                                           // loopback host:port on which the institution's own programs listen to LOG over NATS, with a token; empty: none do
	Pages        string                                           // host:port of the pages for people, on loopback unless there is a certificate; empty: there are none
	PagesCert    string                                           // file of their certificate, or SelfMade; empty: no TLS
	PagesKey     string                                           // file of its key
	PagesProxies []netip.Prefix                                   // the operator's own, whose X-Forwarded-For says who asks; of nobody else it is believed
	Institution  protocol.InstitutionID                           // refuse a folder whose node is another's; empty: any
	Socket       string                                           // of the API; default Dir/vardar.sock
	CheckStore   func(ctx context.Context, path string) error     // looks at the file before it is opened; nil: nobody does
	Clock        func() time.Time                                 // default time.Now
	Stamp        func() time.Time                                 // the author's time in what Say, Found, Join and the desk write; default Clock. A replay's own hour
	Rand         io.Reader                                        // default crypto/rand
	Free         func(dir string) (free, total uint64, err error) // room on the store's disk; default the operating system's answer
	Logger       *slog.Logger                                     // default: discard
	Version      string                                           // told to peers
	Resume       bool                                             // open the next epoch of each own feed in which this node can't go on: its store is older than its mark, the mark is lost, or the feed is forked
	BackupTo     string                                           // folder for a backup each day; empty: none
	Second       []string                                         // kinds of records that wait for a second person, of desk.SecondKinds; default none
	Factor       []string                                         // roles that must have a second factor, or NoFactor; default admin and approver where other machines reach the pages
	Duty         string                                           // file that says who is woken; empty: open pages alone ring
	OIDC         string                                           // file that says where accounts log in besides; empty: by password alone
	Timing       Timing
}

// Timing are the waits of links; zero means the default of link.Options. Witness is how
// often is asked whether a witness record is due; default an hour. Sweep is how often the
// clock is asked whether a day has passed since bodies were let go; default ten minutes.
type Timing struct {
	Beacons, Soon, Heartbeat, Redial, Witness, Sweep time.Duration
}

func (o Options) withDefaults() (Options, error) {
	if o.Dir == "" {
		return o, errors.New("node: no folder given: use --dir")
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Stamp == nil {
		o.Stamp = o.Clock
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o, nil
}

func (o Options) keys() keys.Options {
	k := keys.Options{
		Dir: o.Dir, Identity: o.Identity, Passphrase: o.Passphrase, WorkFactor: o.WorkFactor, Token: o.Token, Prompt: o.Prompt,
		Credentials: os.Getenv("CREDENTIALS_DIRECTORY"), Clock: o.Clock, Rand: o.Rand, Logger: o.Logger,
	}
	if o.Sheet != nil {
		k.Sheet = func(s *keys.Sheet) error { return o.Sheet(s.Text()) }
	}
	return k
}

// Node is one node with all its rooms. Make it with [Open].
type Node struct {
	o      Options
	rooms  rooms
	bus    *bus.Bus
	links  *link.Links
	admits atomic.Pointer[link.Links] // links, once they are there: the bus admits from many goroutines
	packer *link.Packer
	logs   *logStream
	desk   *desk.Desk
	people *staff.Staff
	duty   *duty.Duty
	signOn *oidc.Provider // nil: accounts have passwords alone

	started  time.Time
	again    reread
	unix     net.Listener // the API's socket; nil if its path is too long
	loopback net.Listener // nil unless Options.HTTP
	programs net.Listener // nil unless Options.Programs
	pages    net.Listener // nil unless Options.Pages
	// certificate is that of the pages; nil: they are served without TLS.
	certificate *certificate
}

// rooms are what a node has whether it runs or not.
type rooms struct {
	safe   *keys.Safe
	store  *store.Store
	trust  *trust.Registry
	atlas  *atlas.Atlas
	board  *board.Board
	intake *intake.Intake
	audit  *audit.Log

	stating sync.Mutex // held while the node says by itself what counts of an own epoch
}

// ErrNoNode is when the folder holds no node.
var ErrNoNode = errors.New("there is no node in this folder: make one with 'vardar init INSTITUTION' or 'vardar join INVITATION'")

// ErrNoArchive is when the folder holds keys, and nothing that says whose network they are
// of: the archive was lost, or is not made yet.
var ErrNoArchive = errors.New("there are keys in this folder, and no archive that names a charter")

// Open opens the rooms of a node and starts its NATS server. It returns [ErrNoNode], [ErrNoArchive],
// keys.ErrPassphrase, store.ErrLocked, store.ErrDamaged or the bus's error, each with
// what to do. Close must follow.
func Open(ctx context.Context, o Options) (_ *Node, err error) {
	o, err = o.withDefaults()
	if err != nil {
		return nil, err
	}
	n := &Node{o: o, started: o.Clock()}
	defer func() {
		if err != nil {
			err = errors.Join(err, n.Close())
		}
	}()
	if n.rooms.safe, err = keys.Open(o.keys()); err != nil {
		if errors.Is(err, keys.ErrNoKeys) {
			return nil, fmt.Errorf("%s: %w", o.Dir, ErrNoNode)
		}
		return nil, err
	}
	if first := n.Institutions()[0]; o.Institution != "" && first != o.Institution {
		return nil, fmt.Errorf("%w: %s is of %s, and %s was to run: name its own folder with --dir", ErrOtherInstitution, o.Dir, first, o.Institution)
	}
	if n.packer, err = link.NewPacker(protocol.MaxRunBytes); err != nil {
		return nil, err
	}
	if err = n.rooms.openStore(ctx, o); err != nil {
		return nil, err
	}
	if err = n.rooms.openTrust(ctx, o); err != nil {
		return nil, err
	}
	if err = n.openBus(ctx); err != nil {
		return nil, err
	}
	n.logs = newLogStream(n.bus, n.rooms.store, o)
	parts := intake.Options{Inbox: inbox{n.bus.Arrivals(), n.links}, Log: n.logs, Line: n.links, Packer: n.packer, Membership: n.links.Cut}
	if err = n.rooms.openIntake(ctx, o, parts); err != nil {
		return nil, err
	}
	if o.Resume {
		renewed, refused := n.rooms.renewMark(ctx, o)
		if renewed {
			refused = n.rooms.openIntake(ctx, o, parts)
		}
		if refused != nil {
			return nil, refused
		}
		opened, refused := n.rooms.resume(ctx, o)
		if refused != nil {
			return nil, refused
		}
		o.Logger.InfoContext(ctx, "next epochs opened", "count", len(opened))
	}
	n.links.Attach(n.rooms.intake)
	if err = n.openDesk(ctx); err != nil {
		return nil, err
	}
	n.desk.FinishDeciding(ctx)
	if err = n.listen(ctx); err != nil {
		return nil, err
	}
	return n, nil
}

func (r *rooms) openStore(ctx context.Context, o Options) error {
	var err error
	r.store, err = store.Open(ctx, store.Options{Dir: o.Dir, Clock: o.Clock, Logger: o.Logger, Free: o.Free, Check: o.CheckStore})
	if err == nil {
		r.audit = audit.New(r.store.Private(auditBucket), o.Clock)
	}
	return err
}

// Keys of the node's own bucket, and the names of other rooms' buckets.
const (
	ownBucket  = "node"
	charterKey = "charter" // digest of the founding charter

	auditBucket = "audit" // of the log of acts
	staffBucket = "staff" // of accounts and sessions
	dutyBucket  = "duty"  // of wakings and subscriptions
	siteBucket  = "site"  // of sites and movements of goods
)

// openTrust begins the fold with the charter that this node was made with, and with the
// later versions that the archive holds. One that is damaged is left out: it is asked for
// again like one that never came.
func (r *rooms) openTrust(ctx context.Context, o Options) error {
	text, ok, err := r.store.Private(ownBucket).Get([]byte(charterKey))
	if err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("%s: %w", o.Dir, ErrNoArchive)
	}
	digest, err := protocol.ParseDigest(string(text))
	if err != nil {
		return err
	}
	charter, err := r.store.Charter(digest)
	if err != nil {
		return fmt.Errorf("charter %s: %w", digest, err)
	}
	if r.trust, err = trust.New(charter); err != nil {
		return err
	}
	// Later versions came in records, which are folded by whoever reads them, or from peers.
	for c, damage := range r.store.Charters(ctx) {
		if damage == nil {
			_, damage = r.trust.AddCharter(c)
		}
		err = errors.Join(err, damage)
	}
	if err != nil {
		o.Logger.ErrorContext(ctx, "version of the charter not read: a peer has it", "err", err)
	}
	return nil
}

// openIntake joins intake to what it needs and folds what the archive holds.
func (r *rooms) openIntake(ctx context.Context, o Options, parts intake.Options) error {
	err := r.openBoard(ctx, o)
	if err != nil {
		return err
	}
	parts.Store, parts.Trust, parts.Board, parts.Signer = r.store, r.trust, r.board, r.safe
	parts.Clock, parts.Logger, parts.SweepLook = o.Clock, o.Logger, o.Timing.Sweep
	if r.intake, err = intake.New(parts); err != nil {
		return err
	}
	mark, err := r.safe.Mark(ctx)
	if err != nil && ctx.Err() != nil {
		return err
	}
	held := intake.Held{Mark: mark, MarkErr: err, Resuming: o.Resume, Trust: map[protocol.InstitutionID]iter.Seq2[protocol.Record, error]{}}
	for _, id := range r.safe.Institutions() {
		held.Trust[id] = r.safe.TrustFeed(id)
	}
	if err := r.intake.Load(ctx, held); err != nil {
		return err
	}
	if r.intake.Writable() != nil { // the archive is older than its mark, or nobody can say that it is not
		r.beginAnew(ctx, o)
	}
	r.followTrust(o)
	return nil
}

func (r *rooms) openBoard(ctx context.Context, o Options) error {
	var err error
	if r.atlas, err = atlas.New(); err != nil {
		return err
	}
	if r.board, err = board.New(board.Options{Atlas: r.atlas, Logger: o.Logger}); err != nil {
		return err
	}
	return r.tellAnew(ctx)
}

func (n *Node) openBus(ctx context.Context) error {
	self := n.rooms.safe.Institutions()
	var err error
	n.bus, err = bus.Open(ctx, bus.Options{
		Dir: n.o.Dir, Listen: n.o.Listen, Signers: n.rooms.safe.LinkSigners, Institution: self[0],
		Admit: n.admit, Clock: n.o.Clock, Logger: n.o.Logger,
	})
	if err != nil {
		return err
	}
	n.links, err = link.New(link.Options{
		Self: self, Store: n.rooms.store, Trust: n.rooms.trust, Bus: n.bus, Signer: n.rooms.safe,
		Packer: n.packer, Software: "vardar " + n.o.Version, Clock: n.o.Clock, Logger: n.o.Logger,
		Beacons: n.o.Timing.Beacons, Soon: n.o.Timing.Soon, Heartbeat: n.o.Timing.Heartbeat, Redial: n.o.Timing.Redial,
	})
	n.admits.Store(n.links)
	return err
}

// admit asks the links, which the bus is older than.
func (n *Node) admit(user string, key protocol.Key) (bus.Peer, error) {
	links := n.admits.Load()
	if links == nil {
		return bus.Peer{}, errors.New("this node is still starting")
	}
	return links.Admit(user, key)
}

// Run runs the node until ctx ends.
func (n *Node) Run(ctx context.Context) error {
	if n.bus.LogEmpty() {
		n.logs.renewed()
	}
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return n.links.Run(ctx) })
	g.Go(func() error { return n.logs.run(ctx) })
	g.Go(func() error { return n.rooms.intake.Run(ctx) })
	g.Go(func() error { return n.rooms.board.Run(ctx) })
	g.Go(func() error { return n.tellLines(ctx) })
	g.Go(func() error { return n.keepBackups(ctx) })
	g.Go(func() error { return keepReading(ctx, n.o.Clock, n.readAgain) })
	g.Go(func() error { return n.comeHome(ctx) })
	g.Go(func() error { return n.followKeys(ctx) })
	g.Go(func() error { return n.serve(ctx) })
	g.Go(func() error { return n.duty.Run(ctx, n.desk.Source()) })
	g.Go(func() error { return n.witness(ctx) })
	err := g.Wait()
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// Close closes the rooms, the bus first, so that nothing arrives any more.
func (n *Node) Close() error {
	errs := []error{n.closeListeners()}
	if n.bus != nil {
		errs = append(errs, n.bus.Close())
	}
	if n.rooms.store != nil {
		errs = append(errs, n.rooms.store.Close())
	}
	return errors.Join(errs...)
}

// Ready is closed when the node answers its peers.
func (n *Node) Ready() <-chan struct{} { return n.links.Ready() }

// Institutions gives whom the node writes for; the first names it.
func (n *Node) Institutions() []protocol.InstitutionID { return n.rooms.safe.Institutions() }

// Addr is where the node listens for links; empty if it does not.
func (n *Node) Addr() string { return n.bus.Addr() }

// Links gives the node's links, for simulations and tests that cut them.
func (n *Node) Links() *link.Links { return n.links }

// Intake gives the node's door, for simulations and tests.
func (n *Node) Intake() *intake.Intake { return n.rooms.intake }

// Store gives the node's archive, for simulations and tests.
func (n *Node) Store() *store.Store { return n.rooms.store }

// Board gives the node's picture.
func (n *Node) Board() *board.Board { return n.rooms.board }

// Trust gives the node's fold of the trust topic.
func (n *Node) Trust() *trust.Registry { return n.rooms.trust }
