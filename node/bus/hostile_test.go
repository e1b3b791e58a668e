package bus_test

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/vardar-network/vardar/node/bus"
	"github.com/vardar-network/vardar/protocol"
)

// echo answers every question inside the node.
func echo(t *testing.T, b *bus.Bus) {
	t.Helper()
	serve(t, b, func(inside *nats.Conn, m *nats.Msg) {
		if q, err := bus.ParseQuestion(m); err == nil {
			_ = bus.Answer(inside, q, q.Data, nil)
		}
	})
}

// works dials as an honest member and asks a question until it is answered.
func works(t *testing.T, b *bus.Bus, id protocol.InstitutionID) {
	t.Helper()
	c := dial(t, dialling(b, id))
	r, err := bus.NewRequester(c, token(id))
	if err != nil {
		t.Fatal(err)
	}
	// The connection inside the node may just be coming back: nats-server drops one that falls
	// far behind, and says then at once that nobody answers.
	ctx := patient(t)
	got, err := r.Request(ctx, token(id).Ask(protocol.OpHello), []byte("x"))
	for errors.Is(err, bus.ErrNoAnswer) && ctx.Err() == nil {
		got, err = r.Request(ctx, token(id).Ask(protocol.OpHello), []byte("x"))
	}
	if err != nil || string(got) != "x" {
		t.Fatalf("Request() = %q, %v", got, err)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

func TestScannersAndSilentConnectionsHarmNobody(t *testing.T) {
	t.Parallel()
	b := open(t, options(t.TempDir()))
	echo(t, b)
	for i, text := range []string{
		"", "", "", "GET / HTTP/1.1\r\n\r\n", "CONNECT {}\r\nPING\r\n", "\x16\x03\x01\x00\x01\x00", "\x16\x03\x03\xff\xff" + strings.Repeat("\x00", 40_000), "SSH-2.0-x\r\n",
		strings.Repeat("A", 100_000), "\x00", "PING\r\n",
	} {
		for range 20 {
			conn, err := net.Dial("tcp", b.Addr())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = conn.Close() }) // half-open until then
			if _, err := io.WriteString(conn, text); err != nil && i == 0 {
				t.Fatal(err)
			}
		}
	}
	for _, text := range []string{ // after a good TLS handshake, and before CONNECT
		"", "CONNECT ", "CONNECT {", "CONNECT {\"user\":\"" + strings.Repeat("x", 5000), "PUB a 1\r\nx\r\n", "CONNECT {}\r\n{", strings.Repeat("\r\n", 1000), "\x00\x01\x02",
	} {
		for range 5 {
			w := wireTo(t, b)
			_, _ = io.WriteString(w.conn, text)
		}
	}
	works(t, b, gevgelija)
	if got := names(b.Peers()); got != string(gevgelija) {
		t.Errorf("Peers() = %q, want %s alone", got, gevgelija)
	}
}

func TestGarbageOfAMemberEndsItsLinkAlone(t *testing.T) {
	t.Parallel()
	b := open(t, options(t.TempDir()))
	echo(t, b)
	for _, text := range []string{
		"GARBAGE\r\n", "PUB\r\n", "HPUB " + token(gevgelija).Ask("push") + " 9 1\r\nx\r\n", "SUB\r\n", "PUB " + token(gevgelija).Ask("push") + " -5\r\n",
		"PUB " + strings.Repeat("a", 5000) + " 1\r\nx\r\n", "RS+ a b\r\n", "MSG a 1 1\r\nx\r\n",
	} {
		w := wireTo(t, b).enter(gevgelija)
		if got := w.say(text); len(got) == 0 || got[len(got)-1] != "EOF" {
			t.Errorf("%.20q was answered %q, want the end", text, got)
		}
		works(t, b, valandovo)
	}
}

// A peer that takes everything and reads nothing is cut off by what waits for it, and
// nobody else waits.
func TestPeerThatDoesNotReadHoldsUpNobody(t *testing.T) {
	t.Parallel()
	b := open(t, options(t.TempDir()))
	echo(t, b)
	dead := wireTo(t, b).enter(gevgelija)
	dead.say("SUB " + token(gevgelija).Serve("*") + " 1\r\n")
	r := b.Requester(token(gevgelija))
	frame := make([]byte, 512<<10)
	for range 3 * bus.MaxPendingBytes / len(frame) {
		if _, err := r.Ask(token(gevgelija).Serve(protocol.OpTail), frame); err != nil {
			t.Fatal(err)
		}
	}
	works(t, b, valandovo)
	// What waits for it is bounded: beyond that it is cut off, and others go on meanwhile. It
	// gives every sign of life, so that it is the waiting bytes that count and not its silence.
	for ctx := patient(t); slices.ContainsFunc(b.Peers(), func(p bus.PeerState) bool { return p.Institution == gevgelija }); {
		if ctx.Err() != nil {
			t.Fatal("it is never cut off")
		}
		_, _ = io.WriteString(dead.conn, "PONG\r\n")
		works(t, b, valandovo)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}

func TestFloodOfOneMemberLosesNothingOfAnother(t *testing.T) {
	t.Parallel()
	b := open(t, options(t.TempDir()))
	echo(t, b)
	w := wireTo(t, b).enter(gevgelija)
	stop := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		burst := strings.Repeat(fmt.Sprintf("PUB %s %s 1\r\nx\r\n", token(gevgelija).Ask(protocol.OpPush), "$JS.API.INFO"), 1000)
		for {
			select {
			case <-stop:
				return
			default:
				_, _ = io.WriteString(w.conn, burst)
			}
		}
	}()
	for range 5 {
		works(t, b, valandovo)
	}
	close(stop)
	<-done
}

func TestPortThatIsTakenIsNamed(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	o := options(t.TempDir())
	o.Listen = l.Addr().String()
	if b, err := bus.Open(t.Context(), o); err == nil || !strings.Contains(err.Error(), o.Listen) || !strings.Contains(err.Error(), "in use") {
		if b != nil {
			_ = b.Close()
		}
		t.Errorf("Open() = %v, want an error that names %s", err, o.Listen)
	}
}

func TestNodeWithoutListenerHasItsStreamsAllTheSame(t *testing.T) {
	t.Parallel()
	o := options(t.TempDir())
	o.Listen, o.Signers, o.Admit = "", nil, nil
	b := open(t, o)
	if b.Addr() != "" {
		t.Errorf("Addr() = %q, want none", b.Addr())
	}
	l := protocol.TokenOf(centre, gevgelija) // we dialled; frames come on serve.tail
	if err := b.PutIn(patient(t), l, l.Reply("a"), []byte("x")); err != nil {
		t.Fatal(err)
	}
	if batch, _, err := b.Arrivals().Next(patient(t)); err != nil || len(batch) != 1 || batch[0].Reply != l.Reply("a") {
		t.Errorf("Next() = %v, %v", batch, err)
	}
}

func TestOptionsThatLackSomethingAreRefused(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*bus.Options){
		"folder":      func(o *bus.Options) { o.Dir = "" },
		"clock":       func(o *bus.Options) { o.Clock = nil },
		"institution": func(o *bus.Options) { o.Institution = "" },
		"signers":     func(o *bus.Options) { o.Signers = nil },
		"admit":       func(o *bus.Options) { o.Admit = nil },
		"port":        func(o *bus.Options) { o.Listen = "127.0.0.1" },
		"number":      func(o *bus.Options) { o.Listen = "127.0.0.1:http" },
	} {
		o := options(t.TempDir())
		spoil(&o)
		if _, err := bus.Open(t.Context(), o); err == nil {
			t.Errorf("Open() without %s = nil, want an error", name)
		}
	}
}

// A listener whose certificate holds no Ed25519 key, or none at all, proves nothing.
func TestListenerMustProveAnEd25519Key(t *testing.T) {
	t.Parallel()
	address := listener(t, private(valandovo), &tls.Config{}, func(c net.Conn) { greet(c, "AAAAAAAAAAAAAAA") })
	o := bus.DialOptions{Address: address, Self: gevgelija, Listener: centre, LinkKey: public(gevgelija)} // the zero key
	if c, err := bus.Dial(patient(t), o); err == nil {
		c.Close()
		t.Error("Dial() with no key to compare = nil, want an error")
	}
}
