package bus

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/vardar-network/vardar/protocol"
)

// The limits of a link and of the server behind it.
const (
	// MaxPayload bounds one message, its header included: four times the largest body.
	MaxPayload = 1 << 20
	// MaxSubscriptions bounds one connection, those inside the process too: a peer needs
	// three, so 64 leave room and can't be used to fill our memory.
	MaxSubscriptions = 64
	// MaxPendingBytes is what waits for a peer that does not read before it is cut off:
	// four times the largest window of a sender (4 MiB).
	MaxPendingBytes = 16 << 20
	// MaxConnections bounds peers and strangers together; the plan is for 9,000 local
	// authorities at a hub. Half of the descriptors that the process may have bound them
	// too: with silent connections on all of them a publish waited 20 s for one.
	MaxConnections = 16_384
	// DefaultInBytes is the size of IN: sixteen links' largest windows.
	DefaultInBytes = 64 << 20
	// DefaultLogBytes is the window of LOG: about 100,000 records.
	DefaultLogBytes = 256 << 20
	// DefaultLogAge is the age of what leaves LOG at the latest.
	DefaultLogAge = 7 * 24 * time.Hour

	maxControlLine = 4096 // CONNECT with ID, key and signature is about 400 bytes
	handshakeTime  = 10 * time.Second
	pingInterval   = 10 * time.Second
	maxPingsOut    = 3
	writeDeadline  = 10 * time.Second
)

// Options says what a bus is for. Fields without a default are required.
type Options struct {
	// Dir is where JetStream keeps LOG, below Dir/jetstream; created 0700 if absent. It
	// may be deleted whenever the bus is closed.
	Dir string
	// Listen is host:port for links; port 0 takes a free one. Empty: nobody can dial us.
	Listen string
	// Signers gives the link keys, Ed25519, that make certificates: the current one first,
	// then the one before it, if peers may still expect that. It is asked at each
	// handshake, so that a rotation needs no new start. Required with Listen.
	Signers func() []crypto.Signer
	// Institution names this node in handshakes: its first institution.
	Institution protocol.InstitutionID
	// Admit says who a dialler is: user is its institution ID, or "guest", key is the
	// key it claims, not yet proved. An error refuses it. It is called before the
	// signature is checked and once more after, from many goroutines; it must be quick.
	// Required with Listen.
	Admit  func(user string, key protocol.Key) (Peer, error)
	Clock  func() time.Time
	Logger *slog.Logger // default: discard

	LogMaxBytes int64         // default DefaultLogBytes
	LogMaxAge   time.Duration // default DefaultLogAge
	InMaxBytes  int64         // default DefaultInBytes
}

func (o *Options) check() error {
	switch {
	case o.Dir == "":
		return errors.New("bus: Dir is required")
	case o.Clock == nil:
		return errors.New("bus: Clock is required")
	case o.Institution == "":
		return errors.New("bus: Institution is required")
	case o.Listen != "" && (o.Signers == nil || o.Admit == nil):
		return errors.New("bus: Listen needs Signers and Admit")
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.LogMaxBytes <= 0 {
		o.LogMaxBytes = DefaultLogBytes
	}
	if o.LogMaxAge <= 0 {
		o.LogMaxAge = DefaultLogAge
	}
	if o.InMaxBytes <= 0 {
		o.InMaxBytes = DefaultInBytes
	}
	return nil
}

// Bus is a running NATS server with its two streams. It is safe for concurrent use.
type Bus struct {
	o        Options
	server   *server.Server
	said     *serverLog
	peers    *registry
	streams  streams
	window   window // LOG
	programs *programs
	answers  *mux // of questions this node asks diallers

	links, intake, manager, system *nats.Conn // the bus's own, one for each user

	closed atomic.Bool

	mu     sync.Mutex // guards what follows
	locals []*nats.Conn
	spare  *nats.Conn // of the user of links, for who asks first
}

// Open starts the server, makes the streams and opens the listener. Give it a Dir that
// no other process uses. It returns an error that names the address if the port is
// taken.
func Open(ctx context.Context, o Options) (*Bus, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	if err := probe(ctx, o.Listen); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Join(o.Dir, server.JetStreamStoreDir), 0o700); err != nil {
		return nil, fmt.Errorf("make folder of the bus: %w", err)
	}
	b := &Bus{o: o, said: &serverLog{log: o.Logger, clock: o.Clock}}
	b.peers, b.programs = newRegistry(b), newPrograms()
	so, err := b.serverOptions()
	if err != nil {
		return nil, err
	}
	b.server, err = server.NewServer(so)
	if err != nil {
		return nil, fmt.Errorf("start NATS server: %w", err)
	}
	b.server.SetLoggerV2(b.said, false, false, false)
	b.server.Start()
	if err := b.start(ctx); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

func (b *Bus) start(ctx context.Context) error {
	if why := b.said.failure(); why != "" {
		return fmt.Errorf("start NATS server on %s: %s", b.o.Listen, why)
	}
	if err := b.openLocals(); err != nil {
		return err
	}
	if err := b.openStreams(ctx); err != nil {
		return err
	}
	var err error
	if b.answers, err = newMux(b.links, "link.*.reply.*"); err != nil {
		return err
	}
	if err := b.watchPeers(); err != nil {
		return err
	}
	b.peers.admitting.Store(true)
	return nil
}

// openLocals opens the bus's own connections, and one that is asked for as soon as it is
// open, all at once: nats-server waits 50 ms in each for a TLS handshake that does not come.
func (b *Bus) openLocals() error {
	conns := map[**nats.Conn]string{
		&b.links: UserLink, &b.spare: UserLink, &b.intake: UserIntake, &b.manager: userStreams, &b.system: userSystem,
	}
	failed := make(chan error, len(conns)+1)
	for c, user := range conns {
		go func() {
			var err error
			*c, err = b.local(user)
			failed <- err
		}()
	}
	go func() {
		var err error
		b.window.conn, err = b.openRaw()
		failed <- err
	}()
	var err error
	for range cap(failed) {
		err = errors.Join(err, <-failed)
	}
	return err
}

// connections is how many peers and strangers may be connected.
func (b *Bus) connections() int {
	most := min(MaxConnections, descriptors()/2)
	if most < MaxConnections && b.o.Listen != "" {
		b.o.Logger.Info("few descriptors: fewer peers can be connected than might be", "connections", most, "mend", "raise the limit of open files (LimitNOFILE, ulimit -n)")
	}
	return most
}

func (b *Bus) serverOptions() (*server.Options, error) {
	accounts, err := accounts()
	if err != nil {
		return nil, err
	}
	so := &server.Options{
		ServerName: string(b.o.Institution),
		DontListen: b.o.Listen == "",
		NoSigs:     true,
		Accounts:   accounts,

		CustomClientAuthentication: b.peers,
		AlwaysEnableNonce:          true,

		MaxConn:             b.connections(),
		MaxSubs:             MaxSubscriptions,
		MaxPayload:          MaxPayload,
		MaxPending:          MaxPendingBytes,
		MaxControlLine:      maxControlLine,
		MaxClosedClients:    64,
		NoFastProducerStall: true, // one peer that does not read must not hold up the sender to all
		AuthTimeout:         handshakeTime.Seconds(),
		PingInterval:        pingInterval,
		MaxPingsOut:         maxPingsOut,
		WriteDeadline:       writeDeadline,
		WriteTimeout:        server.WriteTimeoutPolicyRetry, // a slow line goes on as long as anything is taken

		JetStream:              true,
		DisableJetStreamBanner: true,
		StoreDir:               b.o.Dir,
	}
	so.JetStreamMaxMemory, so.JetStreamMaxStore = b.jetStreamSpace()
	so.Cluster.NoAdvertise = true
	if b.o.Listen == "" {
		return so, nil
	}
	host, port, err := net.SplitHostPort(b.o.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen on %q: %w", b.o.Listen, ErrAddress)
	}
	number, err := strconv.ParseUint(port, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("listen on %q: %w", b.o.Listen, ErrAddress)
	}
	so.Host, so.Port = host, int(number)
	if so.Port == 0 {
		so.Port = server.RANDOM_PORT
	}
	so.TLSConfig, err = listenerTLS(b.o.Signers)
	so.TLS, so.TLSHandshakeFirst, so.TLSTimeout = true, true, handshakeTime.Seconds()
	return so, err
}

// Close ends every connection and the server, and waits for it. What IN holds is gone:
// it was not acknowledged. LOG stays for the next Open.
func (b *Bus) Close() error {
	if b.closed.Swap(true) {
		return nil
	}
	b.mu.Lock()
	locals := b.locals
	b.mu.Unlock()
	b.peers.admitting.Store(false)
	err := b.closeLog()
	for _, c := range locals {
		c.Close()
	}
	b.server.Shutdown()
	b.server.WaitForShutdown()
	return err
}

// Addr is where the listener listens, host:port; empty without one.
func (b *Bus) Addr() string {
	if a := b.server.Addr(); a != nil {
		return a.String()
	}
	return ""
}

// LinkKey is the key the listener proves to who asks for no other: the current one.
func (b *Bus) LinkKey() protocol.Key {
	if b.o.Signers == nil {
		return protocol.Key{}
	}
	for _, signer := range b.o.Signers() {
		return signerKey(signer)
	}
	return protocol.Key{}
}

// Local opens a connection inside the process for [UserLink], [UserIntake] or
// [UserTools], with that user's permissions (wire.md §5) and at most [MaxSubscriptions]:
// subscribe to link.*.ask.*, not to each link. It comes back by itself if the server
// drops it, and is closed with the bus.
func (b *Bus) Local(user string) (*nats.Conn, error) {
	switch user {
	case UserLink:
		if c := b.takeSpare(); c != nil {
			return c, nil
		}
		return b.local(user)
	case UserIntake, UserTools:
		return b.local(user)
	}
	return nil, fmt.Errorf("open connection inside the node: no user %q", user)
}

func (b *Bus) takeSpare() *nats.Conn {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := b.spare
	b.spare = nil
	return c
}

func (b *Bus) local(user string) (*nats.Conn, error) {
	c, err := nats.Connect("", nats.InProcessServer(b.server), nats.UserInfo(user, b.programs.inside), nats.CustomInboxPrefix(inboxPrefix(user)),
		nats.Timeout(handshakeTime), nats.MaxReconnects(-1), nats.ReconnectWait(reconnectWait), nats.ReconnectBufSize(-1),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			b.o.Logger.Warn("connection inside the node had an error", "user", user, "err", err)
		}))
	if err != nil {
		return nil, fmt.Errorf("open connection inside the node as %s: %w", user, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed.Load() {
		c.Close()
		return nil, ErrClosed
	}
	b.locals = append(b.locals, c)
	return c, nil
}

// reconnectWait is how long a connection inside the process waits before it comes back.
const reconnectWait = 50 * time.Millisecond
