package bus_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/vardar-network/vardar/node/bus"
	"github.com/vardar-network/vardar/protocol"
)

// hostile gives the connection of an honest dialler to a listener that lets it in and
// then says text, and how it ended.
func hostile(t *testing.T, text string) (*nats.Conn, <-chan error) {
	t.Helper()
	said := make(chan struct{})
	address := listener(t, private(centre), &tls.Config{}, func(c net.Conn) {
		_, r := greet(c, "AAAAAAAAAAAAAAA")
		_, _ = io.WriteString(c, "PONG\r\n")
		<-said
		_, _ = io.WriteString(c, text)
		_, _ = io.Copy(io.Discard, r)
	})
	ended := make(chan error, 1)
	c := dial(t, bus.DialOptions{
		Address: address, Self: gevgelija, Listener: centre, ListenerKey: public(centre), LinkKey: public(gevgelija),
		Sign: func(_ context.Context, nonce string) (protocol.Signature, error) {
			return sign(gevgelija, bus.Peer{Institution: gevgelija}, nonce)
		},
		Closed: func(err error) { ended <- err },
	})
	close(said)
	return c, ended
}

// nats.go would allocate what a message claims to hold, at once: 4 EiB end the process.
func TestListenerThatLiesAboutLengthsIsLeft(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"message of 4 EiB":              "MSG a 1 4611686018427387904\r\nx",
		"message over 1 MiB":            "MSG a 1 1048577\r\nx",
		"header over 1 MiB":             "HMSG a 1 12 9000000000\r\nNATS/1.0\r\n\r\n",
		"header longer than message":    "HMSG a 1 12 1\r\nx",
		"negative length":               "MSG a 1 -1\r\n",
		"small letters":                 "msg a 1 4611686018427387904\r\nx",
		"tabs":                          "MSG\ta\t1\t4611686018427387904\r\nx",
		"two blanks":                    "MSG a 1  4611686018427387904\r\nx",
		"no carriage return":            "MSG a 1 4611686018427387904\nx",
		"payload longer than it said":   "MSG a 1 1\r\nxMSG a 1 4611686018427387904\r\nx",
		"line without end":              strings.Repeat("INFO ", 10_000),
		"error without end":             "-ERR " + strings.Repeat("x", 10_000),
		"unknown operation":             "PUB a 1\r\nx\r\n",
		"nothing that belongs to NATS":  "GET / HTTP/1.1\r\n\r\n",
		"carriage return inside a line": "PING\rMSG a 1 4611686018427387904\r\n",
		"too many fields":               "MSG a 1 b c 5\r\nx",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, ended := hostile(t, text)
			if err := await(t, "end of the connection", ended); !errors.Is(err, bus.ErrListener) {
				t.Errorf("Closed(%v), want ErrListener", err)
			}
		})
	}
}

// Other addresses and an end of service change nothing: the link decides where to dial.
func TestListenersOtherAddressesAreIgnored(t *testing.T) {
	t.Parallel()
	c, _ := hostile(t, `INFO {"server_id":"y","connect_urls":["192.0.2.1:4222","192.0.2.2:4222"],"ldm":true,"nonce":"BBBBBBBBBBBBBBB"}`+"\r\nPING\r\n")
	eventually(t, "INFO was read", func() bool { return c.ConnectedServerId() == "y" })
	if got := c.DiscoveredServers(); len(got) > 0 || len(c.Servers()) != 1 {
		t.Errorf("Servers() = %v, want the one that was dialled", c.Servers())
	}
}

// Whatever a listener sends, in whatever pieces, the guard judges the same, and lets no
// message pass that claims more than a message may hold.
func FuzzGuardJudgesAStreamNotItsPieces(f *testing.F) {
	for _, s := range []string{
		"INFO {}\r\nPING\r\nPONG\r\n+OK\r\n-ERR 'x'\r\n", "MSG a 1 3\r\nabc\r\nMSG a 1 r 0\r\n\r\n", "HMSG a 1 12 14\r\nNATS/1.0\r\n\r\nhi\r\n", "MSG a 1 1048577\r\n", "\r\n", "MSG a 1 1\r\nxx\r\n",
	} {
		f.Add([]byte(s), 3)
	}
	f.Fuzz(func(t *testing.T, stream []byte, piece int) {
		if piece < 1 || piece > 64 {
			t.Skip()
		}
		whole, err := io.ReadAll(bus.Guard(&script{pieces: [][]byte{stream}}))
		var cut [][]byte
		for b := stream; len(b) > 0; b = b[min(piece, len(b)):] {
			cut = append(cut, b[:min(piece, len(b))])
		}
		parts, err2 := io.ReadAll(bus.Guard(&script{pieces: cut}))
		if errors.Is(err, bus.ErrListener) != errors.Is(err2, bus.ErrListener) {
			t.Errorf("whole: %v, in pieces of %d: %v", err, piece, err2)
		}
		if err == nil && (string(whole) != string(stream) || string(parts) != string(stream)) {
			t.Errorf("the guard changed what was sent")
		}
	})
}

// script is a connection that gives pieces.
type script struct {
	net.Conn
	pieces [][]byte
}

func (s *script) Read(p []byte) (int, error) {
	if len(s.pieces) == 0 {
		return 0, io.EOF
	}
	n := copy(p, s.pieces[0])
	if s.pieces[0] = s.pieces[0][n:]; len(s.pieces[0]) == 0 {
		s.pieces = s.pieces[1:]
	}
	return n, nil
}

func (s *script) Close() error { return nil }
