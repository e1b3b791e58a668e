package bus_test

import (
	"context"
	"crypto/ed25519"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/vardar-network/vardar/node/bus"
	"github.com/vardar-network/vardar/protocol"
)

func TestBothSidesOfALinkAskOverTheOneConnection(t *testing.T) {
	t.Parallel()
	ctx := patient(t)
	b := open(t, options(t.TempDir()))
	c := dial(t, dialling(b, gevgelija))
	l := token(gevgelija)
	echo := func(c *nats.Conn, m *nats.Msg) {
		q, err := bus.ParseQuestion(m)
		if err == nil {
			err = bus.Answer(c, q, append([]byte(q.Operation+" "), q.Data...), nats.Header{"Vardar-Size": {"1"}})
		}
		if err != nil {
			t.Errorf("answer %s: %v", m.Subject, err)
		}
	}
	serve(t, b, echo)
	listen(t, c, l.Serve("*"), func(m *nats.Msg) { echo(c, m) })
	out, err := bus.NewRequester(c, l)
	if err != nil {
		t.Fatal(err)
	}
	back := b.Requester(l)
	for i := range 200 {
		data := fmt.Sprint(i)
		if got, wrong := out.Request(ctx, l.Ask(protocol.OpHave), []byte(data)); wrong != nil || string(got) != "have "+data {
			t.Fatalf("the dialler was answered %q, %v", got, wrong)
		}
		if got, wrong := back.Request(ctx, l.Serve(protocol.OpTail), []byte(data)); wrong != nil || string(got) != "tail "+data {
			t.Fatalf("the listener was answered %q, %v", got, wrong)
		}
	}
	asked, err := back.Ask(l.Serve(protocol.OpFile), nil)
	if err != nil {
		t.Fatal(err)
	}
	if m, err := asked.Wait(ctx); err != nil || m.Header.Get("Vardar-Size") != "1" {
		t.Errorf("Wait() = %v, %v, want the header Vardar-Size", m, err)
	}
}

func TestListenerWithAnotherKeyIsToldNothing(t *testing.T) {
	t.Parallel()
	b := open(t, options(t.TempDir()))
	o := dialling(b, gevgelija)
	o.ListenerKey = public(valandovo)
	o.Sign = func(context.Context, string) (protocol.Signature, error) {
		t.Error("a nonce was signed for a listener whose key is not proved")
		return protocol.Signature{}, nil
	}
	if _, err := bus.Dial(patient(t), o); !errors.Is(err, bus.ErrListenerKey) {
		t.Errorf("Dial() = %v, want ErrListenerKey", err)
	}
}

// The signature base of a record, sent as a nonce, must never be signed as it comes:
// that would be a record of ours. Here the signer is as careless as can be.
func TestNonceIsNeverSignedAsItComes(t *testing.T) {
	t.Parallel()
	r := record(1, 0)
	for name, nonce := range map[string]string{
		"signature base of a record":   string(r.AppendBase(nil)),
		"text of another handshake":    "vardar-link-v1\n" + string(gevgelija) + "\n" + string(valandovo) + "\nAAAAAAAAAAAAAAA",
		"none":                         "",
		"too short":                    "AAAAAAAAAA",
		"too long":                     strings.Repeat("A", 65),
		"blank in a nonce":             "AAAAAAA AAAAAAA",
		"line feed at the end":         "AAAAAAAAAAAAAAA\n",
		"base64 of the other spelling": "AAAAAAAAAAAA+/A",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var sent atomic.Value
			address := listener(t, private(centre), &tls.Config{}, func(c net.Conn) {
				said, _ := greet(c, nonce)
				sent.Store(said)
			})
			_, err := bus.Dial(patient(t), bus.DialOptions{
				Address: address, Self: gevgelija, Listener: centre, ListenerKey: public(centre), LinkKey: public(gevgelija),
				Sign: func(_ context.Context, nonce string) (protocol.Signature, error) {
					return protocol.Signature(ed25519.Sign(private(gevgelija), []byte(nonce))), nil
				},
			})
			if !errors.Is(err, protocol.ErrNonce) {
				t.Errorf("Dial() = %v, want ErrNonce", err)
			}
			eventually(t, "listener heard the end", func() bool { return sent.Load() != nil })
			if got := sent.Load(); strings.Contains(got.(string), "sig") {
				t.Errorf("the listener was sent %q, want nothing", got)
			}
		})
	}
}

func TestOwnSignerIsHeldAgainstTheHandshakeText(t *testing.T) {
	t.Parallel()
	b := open(t, options(t.TempDir()))
	o := dialling(b, gevgelija)
	o.Sign = func(_ context.Context, nonce string) (protocol.Signature, error) {
		return protocol.Signature(ed25519.Sign(private(gevgelija), []byte(nonce))), nil
	}
	if _, err := bus.Dial(patient(t), o); !errors.Is(err, bus.ErrSign) {
		t.Errorf("Dial() = %v, want ErrSign", err)
	}
}

// A listener that Gevgelija trusts passes on the nonce of the crisis centre, to enter
// there in Gevgelija's name.
func TestNoncePassedOnFromAnotherListenerIsOfNoUse(t *testing.T) {
	t.Parallel()
	b := open(t, options(t.TempDir()))
	victim := wireTo(t, b)
	said := make(chan string, 1)
	address := listener(t, private(valandovo), &tls.Config{}, func(c net.Conn) {
		connect, _ := greet(c, victim.info.Nonce)
		said <- connect
	})
	_, err := bus.Dial(patient(t), bus.DialOptions{
		Address: address, Self: gevgelija, Listener: valandovo, ListenerKey: public(valandovo), LinkKey: public(gevgelija),
		Sign: func(_ context.Context, nonce string) (protocol.Signature, error) {
			text, err := protocol.LinkText(gevgelija, valandovo, nonce)
			return protocol.Signature(ed25519.Sign(private(gevgelija), text)), err
		},
	})
	if err == nil {
		t.Error("Dial() = nil, want an error from the listener that hung up")
	}
	passedOn := await(t, "CONNECT", said)
	if !strings.Contains(passedOn, `"sig":"`) {
		t.Fatalf("the listener got %q, want a signature to pass on", passedOn)
	}
	if got := victim.say(passedOn); len(got) == 0 || !strings.Contains(got[0], "Authorization Violation") {
		t.Errorf("the crisis centre answered %q, want a refusal", got)
	}
	if got := b.Peers(); len(got) > 0 {
		t.Errorf("Peers() = %v, want none", got)
	}
}

func TestStrangersAreRefused(t *testing.T) {
	t.Parallel()
	b := open(t, options(t.TempDir()))
	text := func(dialler, listener protocol.InstitutionID, nonce string) []byte {
		text, err := protocol.LinkText(dialler, listener, nonce)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	stranger := protocol.InstitutionID("al.national.stranger")
	tests := []struct {
		name, user string
		key        protocol.InstitutionID // whose key is claimed
		signs      protocol.InstitutionID
		text       func(nonce string) []byte
	}{
		{"not a member", string(stranger), stranger, stranger, func(n string) []byte { return text(stranger, centre, n) }},
		{"a member's name with another key", string(gevgelija), stranger, stranger, func(n string) []byte { return text(gevgelija, centre, n) }},
		{"a member's key without it", string(gevgelija), gevgelija, stranger, func(n string) []byte { return text(gevgelija, centre, n) }},
		{"another member's key", string(gevgelija), valandovo, valandovo, func(n string) []byte { return text(gevgelija, centre, n) }},
		{"the nonce signed as it comes", string(gevgelija), gevgelija, gevgelija, func(n string) []byte { return []byte(n) }},
		{"signed for another listener", string(gevgelija), gevgelija, gevgelija, func(n string) []byte { return text(gevgelija, valandovo, n) }},
		{"signed by another dialler", string(gevgelija), gevgelija, gevgelija, func(n string) []byte { return text(valandovo, centre, n) }},
		{"an older nonce", string(gevgelija), gevgelija, gevgelija, func(string) []byte { return text(gevgelija, centre, "AAAAAAAAAAAAAAA") }},
		{"a member as a guest", bus.UserGuest, gevgelija, gevgelija, func(n string) []byte { return text(gevgelija, centre, n) }},
		{"a guest with a link's text", bus.UserGuest, newcomer, newcomer, func(n string) []byte { return text(newcomer, centre, n) }},
		{"a guest as a member", string(newcomer), newcomer, newcomer, func(n string) []byte { return text(newcomer, centre, n) }},
		{"the node itself", string(centre), centre, centre, func(n string) []byte { return text(centre, centre, n) }},
		{"no user", "", gevgelija, gevgelija, func(n string) []byte { return text(gevgelija, centre, n) }},
		{"no institution", "gevgelija", gevgelija, gevgelija, func(n string) []byte { return text(gevgelija, centre, n) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := wireTo(t, b)
			got := w.say(connect(tt.user, public(tt.key), ed25519.Sign(private(tt.signs), tt.text(w.info.Nonce))))
			if len(got) != 2 || !strings.Contains(got[0], "Authorization Violation") || got[1] != "EOF" {
				t.Errorf("answered %q, want a refusal and the end", got)
			}
		})
	}
	for _, text := range []string{
		"CONNECT {}\r\n",
		"CONNECT {\"user\":\"" + string(gevgelija) + "\"}\r\n",
		"CONNECT {\"user\":\"" + string(gevgelija) + "\",\"pass\":\"x\",\"auth_token\":\"x\"}\r\n",
		connect(string(gevgelija), protocol.Key{}, make([]byte, 64)),
		connect(string(gevgelija), public(gevgelija), nil),
		"SUB > 1\r\n",
	} {
		if got := wireTo(t, b).say(text); len(got) == 0 || got[len(got)-1] != "EOF" {
			t.Errorf("%q was answered %q, want the end", text, got)
		}
	}
	if got := b.Peers(); len(got) > 0 {
		t.Errorf("Peers() = %v, want none", got)
	}
	o := dialling(b, gevgelija)
	o.LinkKey = public(stranger)
	o.Sign = func(_ context.Context, nonce string) (protocol.Signature, error) {
		return protocol.Signature(ed25519.Sign(private(stranger), text(gevgelija, centre, nonce))), nil
	}
	if _, err := bus.Dial(patient(t), o); !errors.Is(err, bus.ErrRefused) {
		t.Errorf("Dial() = %v, want ErrRefused", err)
	}
}

func TestUsersInsideTheNodeComeInOverNoWire(t *testing.T) {
	t.Parallel()
	o := options(t.TempDir())
	asked := atomic.Int32{}
	o.Admit = func(user string, key protocol.Key) (bus.Peer, error) {
		asked.Add(1)
		return admit(user, key)
	}
	b := open(t, o)
	servePrograms(t, b)
	for _, user := range []string{bus.UserLink, bus.UserIntake, bus.UserTools, "streams", "system"} {
		for _, text := range []string{
			"CONNECT {\"user\":\"" + user + "\",\"headers\":true}\r\n",
			"CONNECT {\"user\":\"" + user + "\",\"pass\":\"map\"}\r\n", // a program's word, which is none here
			connect(user, public(gevgelija), make([]byte, 64)),
		} {
			if got := wireTo(t, b).say(text); len(got) != 2 || !strings.Contains(got[0], "Authorization Violation") {
				t.Errorf("user %s over TLS was answered %q, want a refusal", user, got)
			}
		}
	}
	if n := asked.Load(); n > 0 {
		t.Errorf("Admit was asked %d times about names that are no institution's", n)
	}
	if _, err := b.Local("streams"); err == nil {
		t.Error("Local(streams) = nil, want an error: that user is the bus's own")
	}
}

func TestSecondConnectOnOneConnectionEndsIt(t *testing.T) {
	t.Parallel()
	b := open(t, options(t.TempDir()))
	w := wireTo(t, b).enter(gevgelija)
	text, err := protocol.LinkText(valandovo, centre, w.info.Nonce)
	if err != nil {
		t.Fatal(err)
	}
	again, err := protocol.LinkText(gevgelija, centre, w.info.Nonce)
	if err != nil {
		t.Fatal(err)
	}
	// With both keys, as an association that hosts both would have them.
	if got := w.say(connect(string(valandovo), public(valandovo), ed25519.Sign(private(valandovo), text))); len(got) == 0 || got[len(got)-1] != "EOF" {
		t.Errorf("a second CONNECT as another was answered %q, want the end", got)
	}
	w = wireTo(t, b).enter(gevgelija)
	if got := w.say(connect(string(gevgelija), public(gevgelija), ed25519.Sign(private(gevgelija), again))); len(got) == 0 || got[len(got)-1] != "EOF" {
		t.Errorf("a second CONNECT was answered %q, want the end", got)
	}
	eventually(t, "nobody is connected", func() bool { return len(b.Peers()) == 0 })
}

// Trust changes between the question who this is and the entry; Kick came too early to
// find the connection.
func TestPeerThatWentOutWhileItEnteredIsNotLetIn(t *testing.T) {
	t.Parallel()
	o := options(t.TempDir())
	asked := atomic.Int32{}
	o.Admit = func(user string, key protocol.Key) (bus.Peer, error) {
		if asked.Add(1) > 1 {
			return bus.Peer{}, errors.New("member is out")
		}
		return admit(user, key)
	}
	b := open(t, o)
	if _, err := bus.Dial(patient(t), dialling(b, gevgelija)); !errors.Is(err, bus.ErrRefused) {
		t.Errorf("Dial() = %v, want ErrRefused", err)
	}
	if got := b.Peers(); len(got) > 0 {
		t.Errorf("Peers() = %v, want none", got)
	}
}

func TestOldTLSIsRefusedOnBothSides(t *testing.T) {
	t.Parallel()
	b := open(t, options(t.TempDir()))
	old := anyTLS()
	old.MaxVersion = tls.VersionTLS12
	if c, err := tls.Dial("tcp", b.Addr(), old); err == nil {
		_ = c.Close()
		t.Error("the listener took TLS 1.2")
	}
	address := listener(t, private(centre), &tls.Config{MaxVersion: tls.VersionTLS12}, func(c net.Conn) { greet(c, "AAAAAAAAAAAAAAA") })
	o := dialling(b, gevgelija)
	o.Address = address
	if _, err := bus.Dial(patient(t), o); err == nil {
		t.Error("the dialler took TLS 1.2")
	}
}

func TestNoTicketsAndNoOtherAddressesAreGiven(t *testing.T) {
	t.Parallel()
	b := open(t, options(t.TempDir()))
	c := anyTLS()
	c.ClientSessionCache = tls.NewLRUClientSessionCache(8)
	for range 3 {
		conn, err := tls.Dial("tcp", b.Addr(), c)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Read(make([]byte, 1)); err != nil { // tickets would come with the first bytes
			t.Fatal(err)
		}
		if conn.ConnectionState().DidResume {
			t.Error("a TLS session was resumed")
		}
		_ = conn.Close()
	}
	if w := wireTo(t, b); len(w.info.ConnectURLs) > 0 {
		t.Errorf("INFO names %v, want no address", w.info.ConnectURLs)
	}
}

func TestAddressesThatSayMoreThanAPlaceAreRefused(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		"", "host", ":4222", "host:", "host:0", "host:65536", "user:password@host:4222", "a:1,b:2", "ws://host:80", "host/path:1", "host:1?x=y", "ho st:1", "[::1%25eth0]:1",
	} {
		if _, err := bus.Dial(t.Context(), bus.DialOptions{Address: address}); !errors.Is(err, bus.ErrAddress) {
			t.Errorf("Dial(%q) = %v, want ErrAddress", address, err)
		}
	}
}

func TestDiallingEndsWithItsContext(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0") // accepts and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	b := bus.DialOptions{Address: l.Addr().String(), Self: gevgelija, Listener: centre, ListenerKey: public(centre), LinkKey: public(gevgelija)}
	if _, err := bus.Dial(ctx, b); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Dial() = %v, want DeadlineExceeded", err)
	}
	silent := listener(t, private(centre), &tls.Config{}, func(c net.Conn) { _, _ = c.Read(make([]byte, 1)); <-ctx.Done() })
	ctx2, cancel2 := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel2()
	b.Address = silent
	if _, err := bus.Dial(ctx2, b); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Dial() to a server that never greets = %v, want DeadlineExceeded", err)
	}
}

// At three in the morning one reads which address, and once.
func TestAddressThatRefusesIsNamedOnce(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	if err = l.Close(); err != nil {
		t.Fatal(err)
	}
	o := bus.DialOptions{Address: address, Self: gevgelija, Listener: centre, ListenerKey: public(centre), LinkKey: public(gevgelija)}
	_, err = bus.Dial(t.Context(), o)
	if err == nil || strings.Count(err.Error(), address) != 1 || !strings.Contains(err.Error(), "refused") {
		t.Errorf("Dial() = %v, want %s once, and that it refused", err, address)
	}
	if op := new(net.OpError); !errors.As(err, &op) {
		t.Errorf("Dial() = %v, want a *net.OpError in it: nobody was reached", err)
	}
}
