package duty

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"syscall"
	"time"
)

// Waits of what is sent.
const (
	// sendTime bounds one try of any way: a server that takes longer is as good as down, and
	// a node that is told to stop waits for a try that runs.
	sendTime = 20 * time.Second
	// dialTime bounds the call within it.
	dialTime = 10 * time.Second
)

// errAddress says that a webhook would reach what it must not: who may name an address for
// it would else reach, through this node, what only this machine and its network reach.
var errAddress = errors.New("this address is not for webhooks")

// guard keeps webhooks from the machine's own network, but for what is allowed.
type guard struct{ private []netip.Prefix }

func (c *Config) guard() guard { return guard{c.private} }

// url refuses an address that can never be called: over anything but HTTPS, or over HTTP to a
// host that is no private address allowed.
func (g guard) url(text string) error {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || u.User != nil || u.Fragment != "":
		return fmt.Errorf("%q is no address: want one such as https://room.example.org/vardar", text)
	case u.Scheme == "https":
	case u.Scheme != "http":
		return fmt.Errorf("%s:// is no way to call a webhook: want https://", u.Scheme)
	default:
		if a, err := netip.ParseAddr(u.Hostname()); err != nil || !g.allowed(a.Unmap()) {
			return errors.New("http:// is for the networks under private in the duty file alone, by number: want https://")
		}
	}
	if a, err := netip.ParseAddr(u.Hostname()); err == nil {
		return g.address(a)
	}
	return nil
}

func (g guard) allowed(a netip.Addr) bool {
	for _, p := range g.private {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// closed are the networks that are not of the public Internet and that no method of
// [netip.Addr] tells: "this network" (RFC 791), shared (RFC 6598), protocol assignments (RFC
// 6890), benchmarking (RFC 2544), reserved (RFC 1112); and those that hold an IPv4 address in
// another form (RFC 6052, RFC 8215, RFC 3056, RFC 4380, RFC 4291 §2.5.5.1).
func closed() []netip.Prefix {
	var out []netip.Prefix
	for _, p := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "198.18.0.0/15", "240.0.0.0/4", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96",
	} {
		out = append(out, netip.MustParsePrefix(p))
	}
	return out
}

// address refuses what only this machine and its network reach.
func (g guard) address(a netip.Addr) error {
	a = a.Unmap().WithZone("")
	if g.allowed(a) {
		return nil
	}
	inside := a.IsLoopback() || a.IsPrivate() || a.IsLinkLocalUnicast() || a.IsMulticast() || a.IsUnspecified()
	for _, p := range closed() {
		inside = inside || p.Contains(a)
	}
	if inside {
		return fmt.Errorf("%w: %s is of a network of one's own: name the network under private in the duty file", errAddress, a)
	}
	return nil
}

// control looks at the address that a name became, when it is called: a name that is looked
// up twice may be another the second time.
func (g guard) control(_, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	return g.address(ap.Addr())
}

// client calls webhooks: by no proxy of the environment, behind no redirect.
func (g guard) client() *http.Client {
	dial := net.Dialer{Timeout: dialTime, Control: g.control}
	return &http.Client{
		Timeout: sendTime,
		Transport: &http.Transport{
			DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
				return dial.DialContext(ctx, network, address)
			},
			TLSHandshakeTimeout: dialTime, MaxResponseHeaderBytes: 64 << 10, MaxIdleConnsPerHost: 1, IdleConnTimeout: time.Minute, ForceAttemptHTTP2: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
