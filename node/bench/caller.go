package bench

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/protocol"
)

// callWait is how long one question to a hub may take while hundreds call at once.
const callWait = time.Minute

// caller is the other end of a link without a node behind it: a member that makes the
// handshake, agrees on the policy, answers what it is asked and acknowledges what it is
// sent, as wire.md has it, and keeps nothing. It says that it holds what the hub holds.
type caller struct {
	*author
	token protocol.LinkToken
	conn  *nats.Conn
	taken *atomic.Int64 // records, of all callers
	asked sync.Map      // what waits for an answer, by its reply: chan []byte
}

// hubAddress is where a hub is called, and by which key it is known.
type hubAddress struct {
	address string
	key     protocol.Key
	charter protocol.Digest
}

// call opens the link of a member: TLS 1.3, the hub's key compared, its nonce signed;
// then policy and hello, upon which the hub begins its session.
func (m *author) call(ctx context.Context, hub hubAddress, taken *atomic.Int64) (_ *caller, err error) {
	c := &caller{author: m, token: protocol.TokenOf(m.id, source), taken: taken}
	if c.conn, err = c.dial(ctx, hub); err != nil {
		return nil, fmt.Errorf("%s calls the hub: %w", m.id, err)
	}
	defer func() {
		if err != nil {
			c.conn.Close()
		}
	}()
	if _, err = c.conn.Subscribe(c.token.Serve("*"), func(q *nats.Msg) { c.answer(ctx, q) }); err != nil {
		return nil, err
	}
	if _, err = c.conn.Subscribe(c.token.Inbox("*"), c.answered); err != nil {
		return nil, err
	}
	if err = c.agree(ctx); err != nil {
		return nil, fmt.Errorf("%s agrees on a policy: %w", m.id, err)
	}
	hello, err := json.Marshal(c.hello(hub.charter))
	if err != nil {
		return nil, err
	}
	_, err = c.ask(ctx, protocol.OpHello, hello)
	return c, err
}

// secured gives nats.go a connection on which the TLS handshake is done.
type secured struct {
	ctx context.Context // of the dial alone: nats.go hands none on
	tls *tls.Config
}

func (s secured) Dial(network, address string) (net.Conn, error) {
	d := &tls.Dialer{Config: s.tls}
	return d.DialContext(s.ctx, network, address)
}

func (secured) SkipTLSHandshake() bool { return true }

func (c *caller) dial(ctx context.Context, hub hubAddress) (*nats.Conn, error) {
	key := protocol.KeyOf(c.link)
	nkey, err := nkeys.Encode(nkeys.PrefixByteUser, key[:])
	if err != nil {
		return nil, err
	}
	o := nats.GetDefaultOptions()
	o.Servers, o.AllowReconnect, o.NoEcho = []string{"nats://" + hub.address}, false, true
	o.Timeout, o.User, o.Nkey = callWait, string(c.id), string(nkey)
	o.InboxPrefix = strings.TrimSuffix(c.token.Inbox(""), ".")
	o.CustomDialer = secured{ctx, &tls.Config{
		MinVersion: tls.VersionTLS13, InsecureSkipVerify: true, //nolint:gosec // the key is compared below
		VerifyConnection: func(s tls.ConnectionState) error {
			if k, ok := s.PeerCertificates[0].PublicKey.(ed25519.PublicKey); !ok || protocol.Key(k) != hub.key {
				return errors.New("the hub shows another key")
			}
			return nil
		},
	}}
	o.SignatureCB = func(nonce []byte) ([]byte, error) {
		text, err := protocol.LinkText(c.id, source, string(nonce))
		return ed25519.Sign(c.link, text), err
	}
	return o.Connect()
}

// hello says who calls.
func (c *caller) hello(charter protocol.Digest) protocol.Hello {
	return protocol.Hello{
		V: protocol.ControlVersion, Wire: []string{"v1"}, Software: "bench", Institutions: []protocol.InstitutionID{c.id},
		Charter: charter, Time: protocol.InstantOf(time.Now()), Session: rand.Text(), Instance: rand.Text(),
	}
}

// agree signs the policy that the hub has offered: everything, both ways.
func (c *caller) agree(ctx context.Context) error {
	all := protocol.Direction{Groups: []string{"* *"}, Bodies: protocol.Amber, Relay: protocol.Green}
	document, err := json.Marshal(protocol.LinkPolicy{Vardar: protocol.PolicyDocument, Number: 1, A: c.id, B: source, AToB: all, BToA: all})
	if err != nil {
		return err
	}
	p := &protocol.SignedPolicy{Document: document}
	p.Sign(c.id, c.link)
	question, err := json.Marshal(map[string]any{"v": protocol.ControlVersion, "proposed": p})
	if err != nil {
		return err
	}
	data, err := c.ask(ctx, protocol.OpPolicy, question)
	if err != nil {
		return err
	}
	var answer struct {
		InForce *protocol.SignedPolicy `json:"in_force"`
	}
	if err := protocol.DecodeControl(data, &answer); err != nil {
		return err
	}
	if answer.InForce == nil || answer.InForce.Digest() != p.Digest() {
		return errors.New("the hub has not signed it")
	}
	return nil
}

// ask asks the hub, as a link does: the reply has one token of its own.
func (c *caller) ask(ctx context.Context, x protocol.Operation, data []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, callWait)
	defer cancel()
	reply, answer := c.token.Inbox(rand.Text()), make(chan []byte, 1)
	c.asked.Store(reply, answer)
	defer c.asked.Delete(reply)
	if err := c.conn.PublishMsg(&nats.Msg{Subject: c.token.Ask(x), Reply: reply, Data: data}); err != nil {
		return nil, err
	}
	select {
	case data = <-answer:
		if e := protocol.ParseErrorAnswer(data); e != nil {
			return nil, e
		}
		return data, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("ask %s of the hub: %w", x, ctx.Err())
	}
}

// answered hands an answer to who asked.
func (c *caller) answered(m *nats.Msg) {
	if answer, ok := c.asked.LoadAndDelete(m.Subject); ok {
		answer.(chan []byte) <- m.Data
	}
}

// answer answers the hub. What can't be answered is told the hub as an error, which ends
// the session there and shows as a link that never comes up.
func (c *caller) answer(ctx context.Context, q *nats.Msg) {
	x := protocol.Operation(strings.TrimPrefix(q.Subject, c.token.Serve("")))
	var out any = protocol.ErrorAnswer{V: protocol.ControlVersion, Code: protocol.CodeNotFound}
	switch x { //nolint:exhaustive // nothing else is asked of who holds the same
	case protocol.OpHello:
		var h protocol.Hello
		if err := protocol.DecodeControl(q.Data, &h); err == nil {
			out = c.hello(h.Charter)
		}
	case protocol.OpOwn:
		out = protocol.RowsAnswer{V: protocol.ControlVersion, Rows: []protocol.HaveRow{}}
	case protocol.OpPolicy:
		out = map[string]int{"v": protocol.ControlVersion}
	case protocol.OpBeacon:
		out = protocol.BeaconsAnswer{V: protocol.ControlVersion}
	case protocol.OpHave, protocol.OpRows, protocol.OpBisect:
		go func() { // what the hub holds now is what it is told that is held here
			if data, err := c.ask(ctx, x, q.Data); err == nil {
				_ = q.Respond(data) // a connection that has ended needs no answer
			}
		}()
		return
	case protocol.OpTail:
		out = c.take(q.Data)
	}
	if data, err := json.Marshal(out); err == nil {
		_ = q.Respond(data) // as above
	}
}

// take acknowledges a frame as somebody who has committed it.
func (c *caller) take(frame []byte) any {
	runs, err := node.ParseFrame(frame)
	if err != nil {
		return protocol.ErrorAnswer{V: protocol.ControlVersion, Code: protocol.CodeBadRequest, Detail: err.Error()}
	}
	a := protocol.Acknowledgement{V: protocol.ControlVersion}
	for _, r := range runs {
		a.Runs = append(a.Runs, protocol.RunOutcome{
			Feed: r.Feed, Epoch: r.Epoch, Sequence: r.First + uint32(len(r.Records)) - 1, Outcome: protocol.Accepted, //nolint:gosec // at most 256
		})
		c.taken.Add(int64(len(r.Records)))
	}
	return a
}

// push has the hub take one record that the caller's member has written.
func (c *caller) push(ctx context.Context, r protocol.Record) error {
	run, err := protocol.NewRun([]protocol.Record{r})
	if err != nil {
		return err
	}
	data, err := c.ask(ctx, protocol.OpPush, protocol.AppendFrame(nil, []protocol.Run{run}))
	if err != nil {
		return err
	}
	var a protocol.Acknowledgement
	if err := protocol.DecodeControl(data, &a); err != nil {
		return err
	}
	if len(a.Runs) != 1 || a.Runs[0].Outcome != protocol.Accepted {
		return fmt.Errorf("the hub did not take %s: %+v", r.Name, a)
	}
	return nil
}
