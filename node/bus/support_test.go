package bus_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"github.com/vardar-network/vardar/node/bus"
	"github.com/vardar-network/vardar/protocol"
)

const (
	centre     = protocol.InstitutionID("mk.national.crisis-centre")
	gevgelija  = protocol.InstitutionID("mk.southeast.gevgelija")
	valandovo  = protocol.InstitutionID("mk.southeast.valandovo")
	idomeni    = protocol.InstitutionID("gr.central-macedonia.idomeni")
	newcomer   = protocol.InstitutionID("rs.pcinja.presevo")
	patience   = 2 * time.Minute // ends a test that hangs; nothing is measured against it
	smallBytes = 1 << 20
)

// private gives the link key of an institution, the same in every run.
func private(id protocol.InstitutionID) ed25519.PrivateKey {
	seed := protocol.DigestOf([]byte(id))
	return ed25519.NewKeyFromSeed(seed[:])
}

func public(id protocol.InstitutionID) protocol.Key { return protocol.KeyOf(private(id)) }

func token(dialler protocol.InstitutionID) protocol.LinkToken {
	return protocol.TokenOf(dialler, centre)
}

// admit knows three members and one newcomer.
func admit(user string, key protocol.Key) (bus.Peer, error) {
	if user == bus.UserGuest && key == public(newcomer) {
		return bus.Peer{Institution: newcomer, Guest: true, Key: key}, nil
	}
	for _, id := range []protocol.InstitutionID{gevgelija, valandovo, idomeni} {
		if user == string(id) {
			return bus.Peer{Institution: id, Key: public(id)}, nil
		}
	}
	return bus.Peer{}, errors.New("not a member")
}

func patient(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

// signers gives the link keys of a listener as the safe does.
func signers(ids ...protocol.InstitutionID) func() []crypto.Signer {
	return func() (out []crypto.Signer) {
		for _, id := range ids {
			out = append(out, private(id))
		}
		return out
	}
}

func options(dir string) bus.Options {
	return bus.Options{
		Dir: dir, Listen: "127.0.0.1:0", Signers: signers(centre), Institution: centre, Admit: admit, Clock: time.Now,
		InMaxBytes: smallBytes, LogMaxBytes: 16 << 20,
	}
}

func open(t *testing.T, o bus.Options) *bus.Bus {
	t.Helper()
	b, err := bus.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Errorf("Close() = %v", err)
		}
	})
	return b
}

// dialling gives the options of an honest dialler.
func dialling(b *bus.Bus, id protocol.InstitutionID) bus.DialOptions {
	return bus.DialOptions{
		Address: b.Addr(), Self: id, Listener: centre, ListenerKey: public(centre), LinkKey: public(id), Guest: id == newcomer,
		Sign: func(_ context.Context, nonce string) (protocol.Signature, error) {
			text, err := bus.HandshakeText(bus.Peer{Institution: id, Guest: id == newcomer}, centre, nonce)
			return protocol.Signature(ed25519.Sign(private(id), text)), err
		},
	}
}

func dial(t *testing.T, o bus.DialOptions) *nats.Conn {
	t.Helper()
	c, err := bus.Dial(patient(t), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// eventually waits for a condition.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !holds(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never came true: %s", what)
		}
	}
}

// wire is a peer that says what it likes.
type wire struct {
	t    *testing.T
	conn net.Conn
	r    *bufio.Reader
	info struct {
		Nonce       string   `json:"nonce"`
		ConnectURLs []string `json:"connect_urls"`
		Headers     bool     `json:"headers"`
	}
}

func anyTLS() *tls.Config { return &tls.Config{InsecureSkipVerify: true} }

// wireTo opens a TLS connection and reads INFO.
func wireTo(t *testing.T, b *bus.Bus) *wire {
	t.Helper()
	conn, err := tls.Dial("tcp", b.Addr(), anyTLS())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	w := &wire{t: t, conn: conn, r: bufio.NewReader(conn)}
	_ = conn.SetDeadline(time.Now().Add(patience))
	line, err := w.r.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(strings.TrimPrefix(line, "INFO ")), &w.info); err != nil {
		t.Fatalf("INFO %q: %v", line, err)
	}
	return w
}

// say writes lines and a PING and gives the complaints that came before the PONG; "EOF"
// is the last one if the connection ended.
func (w *wire) say(text string) (complaints []string) {
	w.t.Helper()
	if _, err := io.WriteString(w.conn, text+"PING\r\n"); err != nil {
		return []string{"EOF"}
	}
	for {
		line, err := w.r.ReadString('\n')
		switch {
		case err != nil:
			return append(complaints, "EOF")
		case strings.HasPrefix(line, "PONG"):
			return complaints
		case strings.HasPrefix(line, "PING"):
			_, _ = io.WriteString(w.conn, "PONG\r\n")
		case strings.HasPrefix(line, "-ERR"):
			complaints = append(complaints, strings.TrimSpace(line))
		}
	}
}

func nkey(k protocol.Key) string {
	s, err := nkeys.Encode(nkeys.PrefixByteUser, k[:])
	if err != nil {
		panic(err)
	}
	return string(s)
}

// connect writes the CONNECT of user with key and signature.
func connect(user string, key protocol.Key, signature []byte) string {
	return fmt.Sprintf("CONNECT {\"user\":%q,\"nkey\":%q,\"sig\":%q,\"headers\":true,\"no_responders\":true,\"protocol\":1}\r\n",
		user, nkey(key), base64.RawURLEncoding.EncodeToString(signature))
}

// enter does an honest handshake.
func (w *wire) enter(id protocol.InstitutionID) *wire {
	w.t.Helper()
	user := string(id)
	if id == newcomer {
		user = bus.UserGuest
	}
	text, err := bus.HandshakeText(bus.Peer{Institution: id, Guest: id == newcomer}, centre, w.info.Nonce)
	if err != nil {
		w.t.Fatal(err)
	}
	if got := w.say(connect(user, public(id), ed25519.Sign(private(id), text))); len(got) > 0 {
		w.t.Fatalf("%s was not let in: %q", id, got)
	}
	return w
}

// listener is a server that proves key and then does what serve does.
func listener(t *testing.T, key ed25519.PrivateKey, c *tls.Config, serve func(net.Conn)) string {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(7), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(nil, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	c.Certificates = []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}
	l, err := tls.Listen("tcp", "127.0.0.1:0", c)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_ = conn.SetDeadline(time.Now().Add(patience))
			serve(conn)
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	return l.Addr().String()
}

// greet writes an INFO with a nonce and reads CONNECT and PING.
func greet(conn net.Conn, nonce string) (connect string, r *bufio.Reader) {
	info, _ := json.Marshal(map[string]any{"server_id": "x", "version": "2.15.2", "proto": 1, "headers": true, "max_payload": 1 << 20, "tls_required": true, "auth_required": true, "nonce": nonce})
	_, _ = fmt.Fprintf(conn, "INFO %s\r\n", info)
	r = bufio.NewReader(conn)
	connect, _ = r.ReadString('\n')
	_, _ = r.ReadString('\n')
	return connect, r
}

// record makes the sequence-th record of Gevgelija, signed, with a body of size.
func record(sequence uint32, size int) protocol.Record {
	r := protocol.Record{
		Name:     protocol.Name{Institution: gevgelija, Position: protocol.Position{Topic: protocol.Situation, Epoch: 1, Sequence: sequence}},
		Type:     "vardar.situation.report.v1",
		Time:     1458205200000,
		Previous: protocol.DigestOf([]byte("opener")),
		Handling: protocol.Green,
	}
	body := `{"salt":"AAECAwQFBgcICQoLDA0ODw==","summary":"quiet"}`
	r.SetBody(append([]byte(body), bytes.Repeat([]byte(" "), max(0, size-len(body)))...))
	r.Sign(private(gevgelija))
	return r
}

// logged is how many messages LOG holds.
func logged(t *testing.T, b *bus.Bus) int {
	t.Helper()
	n, err := b.LogMessages(patient(t))
	if err != nil {
		t.Fatal(err)
	}
	return int(n)
}

// sign signs the handshake of a peer with the key of id.
func sign(id protocol.InstitutionID, p bus.Peer, nonce string) (protocol.Signature, error) {
	text, err := bus.HandshakeText(p, centre, nonce)
	return protocol.Signature(ed25519.Sign(private(id), text)), err
}

// serve answers what diallers ask, inside the node.
func serve(t *testing.T, b *bus.Bus, answer func(inside *nats.Conn, m *nats.Msg)) *nats.Conn {
	t.Helper()
	inside, err := b.Local(bus.UserLink)
	if err != nil {
		t.Fatal(err)
	}
	listen(t, inside, "link.*.ask.*", func(m *nats.Msg) { answer(inside, m) })
	return inside
}

// listen subscribes, and waits until the server knows.
func listen(t *testing.T, c *nats.Conn, subject string, f nats.MsgHandler) {
	t.Helper()
	if _, err := c.Subscribe(subject, f); err != nil {
		t.Fatal(err)
	}
	if err := c.Flush(); err != nil {
		t.Fatal(err)
	}
}

// await takes from a channel, and gives up if nothing comes.
func await[T any](t *testing.T, what string, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatalf("never came: %s", what)
		panic("unreachable")
	}
}
