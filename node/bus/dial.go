package bus

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"github.com/vardar-network/vardar/protocol"
)

// DialOptions says whom to dial and who dials. All but Guest, Earlier, Closed and Logger
// are required.
type DialOptions struct {
	Address     string                 // host:port
	Self        protocol.InstitutionID // who dials; of a guest the institution that joins
	Listener    protocol.InstitutionID // the first institution of the node that listens
	ListenerKey protocol.Key           // its link key
	LinkKey     protocol.Key           // ours; of a guest the claim key of the invitation
	Guest       bool
	// Sign signs [HandshakeText] of the nonce with LinkKey. It is called once, after the
	// listener proved its key, and only for a nonce that is one by its grammar.
	Sign func(ctx context.Context, nonce string) (protocol.Signature, error)
	// Earlier are link keys of ours that the listener may know us by: each is tried when
	// the one before was refused. A listener that was out of reach during a rotation lets
	// the key in that it knows, and hears of the new one over that very link.
	Earlier []Earlier
	// Closed is called once when the connection has ended, with the reason; nil if we
	// closed it. It is not called if Dial returns an error.
	Closed func(error)
	Logger *slog.Logger // default: discard
}

// Earlier is a link key from before a rotation; Sign is as in [DialOptions].
type Earlier struct {
	LinkKey protocol.Key
	Sign    func(ctx context.Context, nonce string) (protocol.Signature, error)
}

// Dial opens a link, as dialOnce does, by the link key, or by an earlier one if the
// listener refuses that.
//
// It returns [ErrAddress], [ErrListenerKey], [ErrSilent], [ErrRefused], [ErrListener], [ErrSign] or
// protocol.ErrNonce, an error of the network, or ctx's.
func Dial(ctx context.Context, o DialOptions) (*nats.Conn, error) {
	c, err := dialOnce(ctx, o)
	for _, e := range o.Earlier {
		if !errors.Is(err, ErrRefused) {
			break
		}
		o.LinkKey, o.Sign = e.LinkKey, e.Sign
		c, err = dialOnce(ctx, o)
	}
	return c, err
}

// dialOnce makes one attempt to open a link: TLS 1.3 first, the listener's key compared,
// then the handshake. The connection does not come back by itself when it ends: the link
// decides. Everything the listener sends is held against the limits of a link.
func dialOnce(ctx context.Context, o DialOptions) (*nats.Conn, error) {
	if err := checkAddress(o.Address); err != nil {
		return nil, err
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	nkey, err := nkeys.Encode(nkeys.PrefixByteUser, o.LinkKey[:])
	if err != nil {
		return nil, fmt.Errorf("write link key: %w", err)
	}
	life := ctx
	ctx, cancel := context.WithTimeout(ctx, handshakeTime)
	defer cancel()
	d := &dialler{ctx: ctx, o: o, tls: diallerTLS(o.ListenerKey)}
	c, err := d.options(string(nkey)).Connect()
	if d.stop != nil && !d.stop() {
		err = errors.Join(err, ctx.Err())
	}
	if err == nil {
		d.settled.Store(true)
		context.AfterFunc(life, func() { _ = d.raw.Close() })
		return c, nil
	}
	if c != nil {
		c.Close()
	}
	return nil, fmt.Errorf("dial %s at %s: %w", o.Listener, o.Address, d.reason(err))
}

// checkAddress: addresses come from invitations and profiles, and NATS
// reads more out of an URL than a place: users, passwords, lists, other schemes.
func checkAddress(address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil || host == "" || len(address) > 260 {
		return fmt.Errorf("%w: %q", ErrAddress, address)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return fmt.Errorf("%w: %q", ErrAddress, address)
	}
	for _, c := range host {
		if !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:", c) {
			return fmt.Errorf("%w: %q", ErrAddress, address)
		}
	}
	return nil
}

// dialler is one attempt. nats.go hands no context to its dialer and signer.
type dialler struct {
	ctx     context.Context // of one attempt, which ends before Dial returns
	o       DialOptions
	tls     *tls.Config
	guard   *guard
	raw     net.Conn
	stop    func() bool // ends the watch over ctx; false if ctx has closed the connection
	err     error       // why there is no TLS connection
	settled atomic.Bool // Dial succeeded, Closed is due
}

// options are nats.go's, with all that it does by itself turned off.
func (d *dialler) options(nkey string) nats.Options {
	o := nats.GetDefaultOptions()
	o.Servers = []string{"nats://" + d.o.Address}
	o.CustomDialer, o.SkipHostLookup, o.NoRandomize = d, true, true
	o.AllowReconnect, o.RetryOnFailedConnect, o.ReconnectBufSize = false, false, -1
	o.IgnoreDiscoveredServers = true
	o.Timeout, o.PingInterval, o.MaxPingsOut = handshakeTime, pingInterval, maxPingsOut
	o.User, o.Nkey, o.SignatureCB = string(d.o.Self), nkey, d.sign
	if d.o.Guest {
		o.User = UserGuest
	}
	o.NoEcho = true
	o.InboxPrefix = strings.TrimSuffix(d.peer().Token.Inbox(""), ".")
	o.ClosedCB = func(c *nats.Conn) {
		if d.o.Closed != nil && d.settled.Load() {
			d.o.Closed(d.ended(c))
		}
	}
	o.AsyncErrorCB = func(_ *nats.Conn, _ *nats.Subscription, err error) {
		d.o.Logger.Warn("link had an error", "peer", d.o.Listener, "err", err)
	}
	return o
}

func (d *dialler) peer() Peer {
	return Peer{Institution: d.o.Self, Guest: d.o.Guest, Key: d.o.LinkKey, Token: protocol.TokenOf(d.o.Self, d.o.Listener)}
}

// SkipTLSHandshake tells nats.go that Dial gives a connection that is secure already.
func (d *dialler) SkipTLSHandshake() bool { return true }

// unreached is the network's error in fewer words: Dial says the address.
type unreached struct{ op *net.OpError }

// Error gives why alone.
func (u unreached) Error() string { return u.op.Err.Error() }

// Unwrap gives the whole, by which callers know that nobody was reached.
func (u unreached) Unwrap() error { return u.op }

// Dial connects and does the TLS handshake, in which the listener's key is compared.
func (d *dialler) Dial(network, address string) (net.Conn, error) {
	raw, err := (&net.Dialer{}).DialContext(d.ctx, network, address)
	if err != nil {
		var op *net.OpError
		if d.err = err; errors.As(err, &op) {
			d.err = unreached{op}
		}
		return nil, err
	}
	secure := tls.Client(raw, d.tls)
	if err := secure.HandshakeContext(d.ctx); err != nil {
		d.err = errors.Join(err, raw.Close())
		return nil, d.err
	}
	d.stop = context.AfterFunc(d.ctx, func() { _ = raw.Close() }) // nats.go knows no context
	d.guard, d.raw = &guard{Conn: secure}, raw
	return d.guard, nil
}

// sign answers the nonce. It runs inside Connect, after Dial.
func (d *dialler) sign(nonce []byte) ([]byte, error) {
	if d.guard == nil {
		return nil, ErrListenerKey
	}
	text, err := HandshakeText(d.peer(), d.o.Listener, string(nonce))
	if err != nil {
		return nil, err
	}
	s, err := d.o.Sign(d.ctx, string(nonce))
	if err != nil {
		return nil, err
	}
	if !d.o.LinkKey.Verify(text, s) {
		return nil, ErrSign
	}
	return s[:], nil
}

// reason finds the cause that a caller can act on behind nats.go's error.
func (d *dialler) reason(err error) error {
	switch {
	case errors.Is(d.ctx.Err(), context.DeadlineExceeded):
		return fmt.Errorf("%w: %w", ErrSilent, d.ctx.Err())
	case d.err != nil:
		return d.err
	case d.guard != nil && d.guard.broken() != nil:
		return d.guard.broken()
	case d.ctx.Err() != nil:
		return d.ctx.Err()
	case errors.Is(err, nats.ErrAuthorization), errors.Is(err, nats.ErrAuthExpired):
		return ErrRefused
	case errors.Is(err, nats.ErrNkeysNotSupported): // it sent no nonce
		return protocol.ErrNonce
	}
	return err
}

func (d *dialler) ended(c *nats.Conn) error {
	if err := d.guard.broken(); err != nil {
		return err
	}
	return c.LastError()
}
