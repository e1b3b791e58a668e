package federation_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/vardar-network/vardar/node/bus"
	"github.com/vardar-network/vardar/node/federation"
	"github.com/vardar-network/vardar/node/keys"
	"github.com/vardar-network/vardar/node/link"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// three is a capital that two towns dial.
func three() federation.Plan {
	return federation.Plan{
		Network:    "test",
		Nodes:      [][]federation.Member{{member(capital, body.Ministry)}, {member(town, body.Municipality)}, {member(neighbour, body.Municipality)}},
		Registrars: map[protocol.InstitutionID][]string{capital: {"mk."}},
	}
}

// villain is a member that does what it likes: it has a town's keys, and no node.
type villain struct {
	t     *testing.T
	id    protocol.InstitutionID
	safe  *keys.Safe
	conn  *nats.Conn
	ask   *bus.Requester
	token protocol.LinkToken
	n     *federation.Network

	packing []string // what it says it can open

	mu      sync.Mutex // guards what follows
	answers map[protocol.Operation]func(m *nats.Msg)
	frames  []*nats.Msg // that came and were not answered
	came    chan struct{}
}

// turn stops the town's node and has a villain dial the capital with its keys.
func turn(t *testing.T, n *federation.Network, dir string) *villain {
	t.Helper()
	return turnOf(t, n, dir, town)
}

// turnOf is turn for any member that dials the capital.
func turnOf(t *testing.T, n *federation.Network, dir string, id protocol.InstitutionID) *villain {
	t.Helper()
	if err := n.Stop(id); err != nil {
		t.Fatal(err)
	}
	safe, err := keys.Open(keys.Options{Dir: filepath.Join(dir, string(id))})
	if err != nil {
		t.Fatal(err)
	}
	v := &villain{
		t: t, id: id, safe: safe, n: n, token: protocol.TokenOf(id, capital),
		answers: map[protocol.Operation]func(*nats.Msg){}, came: make(chan struct{}, 1),
	}
	v.dial()
	return v
}

func (v *villain) dial() {
	v.t.Helper()
	key, _ := v.safe.Public(v.id, protocol.UseLink)
	conn, err := bus.Dial(v.t.Context(), bus.DialOptions{
		Address: v.n.Node(capital).Addr(), Self: v.id, Listener: capital, ListenerKey: v.n.Node(capital).LinkKey(), LinkKey: key,
		Sign: func(ctx context.Context, nonce string) (protocol.Signature, error) {
			return v.safe.SignLink(ctx, capital, nonce)
		},
	})
	if err != nil {
		v.t.Fatal(err)
	}
	v.t.Cleanup(conn.Close)
	v.conn = conn
	if v.ask, err = bus.NewRequester(conn, v.token); err != nil {
		v.t.Fatal(err)
	}
	if _, err := conn.Subscribe(v.token.Serve("*"), v.take); err != nil {
		v.t.Fatal(err)
	}
	if err := conn.Flush(); err != nil {
		v.t.Fatal(err)
	}
}

// take answers what the capital asks, as far as the villain has been told how.
func (v *villain) take(m *nats.Msg) {
	v.mu.Lock()
	defer v.mu.Unlock()
	q, err := bus.ParseQuestion(m)
	if err != nil {
		return
	}
	if q.Operation == protocol.OpTail && v.answers[protocol.OpTail] == nil {
		v.frames = append(v.frames, m)
		select {
		case v.came <- struct{}{}:
		default:
		}
		return
	}
	if answer := v.answers[q.Operation]; answer != nil {
		answer(m)
	}
}

func (v *villain) say(m *nats.Msg, answer any) {
	data, err := json.Marshal(answer)
	if err == nil {
		err = m.Respond(data)
	}
	if err != nil && !errors.Is(err, nats.ErrConnectionClosed) { // the test is over
		v.t.Error(err)
	}
}

func (v *villain) hello() protocol.Hello {
	return protocol.Hello{
		V: 1, Wire: []string{"v1"}, Institutions: []protocol.InstitutionID{v.id}, Charter: v.n.Node(capital).Trust().CharterDigest(),
		Time: protocol.InstantOf(time.Now()), Session: "villain", Packing: v.packing,
	}
}

// listens has the villain answer as a node does that holds nothing, and say hello, so
// that the capital sends.
func (v *villain) listens() {
	v.behaves()
	v.request(protocol.OpHello, v.hello())
}

// behaves has the villain answer as a member who has nothing.
func (v *villain) behaves() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.answers[protocol.OpHello] = func(m *nats.Msg) { v.say(m, v.hello()) }
	v.answers[protocol.OpPolicy] = func(m *nats.Msg) { v.say(m, map[string]int{"v": 1}) }
	v.answers[protocol.OpBeacon] = func(m *nats.Msg) { v.say(m, map[string]int{"v": 1}) }
	v.answers[protocol.OpOwn] = func(m *nats.Msg) { v.say(m, protocol.RowsAnswer{V: 1, Rows: []protocol.HaveRow{}}) }
	v.answers[protocol.OpRows] = v.answers[protocol.OpOwn]
	v.answers[protocol.OpHave] = func(m *nats.Msg) { v.say(m, protocol.HaveAnswer{V: 1}) }
}

// accepts acknowledges a frame as if all of it were kept.
func (v *villain) accepts(m *nats.Msg) {
	packer, err := link.NewPacker(protocol.MaxRunBytes)
	if err != nil {
		v.t.Error(err)
		return
	}
	runs, err := protocol.ParseFrame(m.Data, packer)
	if err != nil {
		v.t.Error(err)
	}
	a := protocol.Acknowledgement{V: 1}
	for _, r := range runs {
		a.Runs = append(a.Runs, protocol.RunOutcome{Feed: r.Feed, Epoch: r.Epoch, Sequence: r.Last().Sequence, Outcome: protocol.Accepted})
	}
	v.say(m, a)
}

// frame waits for a frame that was not answered.
func (v *villain) frame() *nats.Msg {
	v.t.Helper()
	ctx := within(v.t)
	for {
		v.mu.Lock()
		if len(v.frames) > 0 {
			m := v.frames[0]
			v.frames = v.frames[1:]
			v.mu.Unlock()
			return m
		}
		v.mu.Unlock()
		select {
		case <-v.came:
		case <-ctx.Done():
			v.t.Fatal("no frame came")
		}
	}
}

// request asks the capital and gives the answer.
func (v *villain) request(x protocol.Operation, question any) []byte {
	v.t.Helper()
	data, ok := question.([]byte)
	if !ok {
		var err error
		if data, err = json.Marshal(question); err != nil {
			v.t.Fatal(err)
		}
	}
	answer, err := v.ask.Request(within(v.t), v.token.Ask(x), data)
	if err != nil {
		v.t.Fatalf("ask %s: %v", x, err)
	}
	return answer
}

// push gives the capital a frame and returns what became of its runs.
func (v *villain) push(frame []byte) protocol.Acknowledgement {
	v.t.Helper()
	var a protocol.Acknowledgement
	if err := protocol.DecodeControl(v.request(protocol.OpPush, frame), &a); err != nil {
		v.t.Fatal(err)
	}
	return a
}

// writes gives the next records of the town's feed, signed by its node key.
func (v *villain) writes(bodies ...[]byte) []protocol.Record {
	v.t.Helper()
	e := protocol.EpochID{Feed: protocol.Feed{Institution: v.id, Topic: protocol.Situation}, Epoch: 1}
	opener, ok := v.n.Node(capital).Trust().Current(e.Feed)
	if !ok {
		v.t.Fatal("the town may not write")
	}
	sequence, previous := uint32(1), opener.Digest
	if b := v.n.Node(capital).Store().Branches(e); len(b) > 0 {
		sequence, previous = b[0].Head+1, b[0].Digest
	}
	var out []protocol.Record
	for _, b := range bodies {
		r := protocol.Record{
			Name: protocol.Name{Institution: v.id, Position: protocol.Position{Topic: e.Topic, Epoch: 1, Sequence: sequence}},
			Type: "vardar.situation.note.v1", Time: protocol.InstantOf(time.Now()), Handling: protocol.Green, Previous: previous,
		}
		r.SetBody(b)
		if err := v.safe.SignRecord(v.t.Context(), &r); err != nil {
			v.t.Fatal(err)
		}
		out = append(out, r)
		sequence, previous = sequence+1, r.Digest()
	}
	return out
}

// sign chains a record to another and signs it.
func (v *villain) sign(r *protocol.Record, previous protocol.Digest) {
	v.t.Helper()
	r.Previous = previous
	if err := v.safe.SignRecord(v.t.Context(), r); err != nil {
		v.t.Fatal(err)
	}
}

func salted(text string, pad int) []byte {
	return []byte(`{"salt":"AAECAwQFBgcICQoLDA0ODw==","text":"` + text + padding(text, pad) + `"}`)
}

// padding does not compress to less than half.
func padding(seed string, n int) string {
	b := make([]byte, 0, n+64)
	for sum := sha256.Sum256([]byte(seed)); len(b) < n; sum = sha256.Sum256(sum[:]) {
		b = hex.AppendEncode(b, sum[:])
	}
	return string(b[:n])
}

func frameOf(t *testing.T, records ...protocol.Record) []byte {
	t.Helper()
	run, err := protocol.NewRun(records)
	if err != nil {
		t.Fatal(err)
	}
	return protocol.AppendFrame(nil, []protocol.Run{run})
}

// A peer in trouble refuses a frame whole and judges nothing of it: it is not sent on and on,
// and it does not wait for the comparison that is due every quarter of an hour.
func TestFrameRefusedWholeIsOfferedAgainSoon(t *testing.T) {
	t.Parallel()
	n, dir := startIn(t, three())
	v := turn(t, n, dir)
	var name protocol.Name // once it is said
	var refused, taken bool
	v.mu.Lock()
	v.answers[protocol.OpTail] = func(m *nats.Msg) {
		runs, err := protocol.ParseFrame(m.Data, packer(t))
		if err != nil {
			t.Error(err)
		}
		holds := slices.ContainsFunc(runs, func(r protocol.Run) bool { return r.EpochID == name.EpochID() })
		if holds && !refused {
			refused = true
			v.say(m, protocol.ErrorAnswer{V: 1, Code: protocol.CodeInternal})
			return
		}
		taken = taken || holds
		v.accepts(m)
	}
	v.mu.Unlock()
	v.listens()
	await(t, n.Node(capital), "the comparison due at the beginning is over", func() bool {
		return slices.ContainsFunc(n.Node(capital).Lines(), func(s link.State) bool { return s.Peer == town && s.Settled })
	})
	v.mu.Lock()
	name = protocol.Name{Institution: capital, Position: protocol.Position{Topic: protocol.Situation, Epoch: 1}}
	v.mu.Unlock()
	say(t, n, capital, "refused at first")
	await(t, n.Node(capital), "what was refused comes again", func() bool {
		v.mu.Lock()
		defer v.mu.Unlock()
		return taken
	})
}
