package intake_test

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/atlas"
	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/node/keys"
	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// The institutions of the tests. The node under test is the centre's.
const (
	centre    protocol.InstitutionID = "mk.national.crisis-centre" // steward and registrar of mk.
	gevgelija protocol.InstitutionID = "mk.southeast.gevgelija"
	negotino  protocol.InstitutionID = "mk.vardar.negotino"
	stranger  protocol.InstitutionID = "mk.southeast.stranger" // admitted by nobody
)

// Two links to the node under test.
const (
	north protocol.LinkToken = "0123456789abcdef0123"
	south protocol.LinkToken = "fedcba98765432100123"
)

var noon = time.Date(2016, 3, 17, 12, 0, 0, 0, time.UTC)

// private gives the private key of a name: the same in every run.
func private(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte(name))
	return ed25519.NewKeyFromSeed(seed[:])
}

func proofOf(id protocol.InstitutionID, use protocol.KeyUse, key ed25519.PrivateKey) protocol.Signature {
	return protocol.Signature(ed25519.Sign(key, protocol.KeyProofText(id, use, protocol.KeyOf(key))))
}

// line notes what the door says to its links.
type line struct {
	mu      sync.Mutex
	answers map[string]protocol.Acknowledgement
	fetches []intake.Gap
	took    []protocol.HaveRow
	sends   func(protocol.LinkToken, protocol.Group) bool // nil: everything
	answer  func(reply string, a protocol.Acknowledgement)
}

func (l *line) Answer(_ protocol.LinkToken, reply string, a protocol.Acknowledgement) {
	if l.answer != nil {
		l.answer(reply, a)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.answers[reply] = a
}

func (l *line) Fetch(g intake.Gap) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fetches = append(l.fetches, g)
}

func (l *line) Took(_ protocol.LinkToken, tops []protocol.HaveRow) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.took = append(l.took, tops...)
}

func (l *line) Sends(t protocol.LinkToken, g protocol.Group) bool {
	return l.sends == nil || l.sends(t, g)
}

// logbook notes what goes on LOG.
type logbook struct {
	mu      sync.Mutex
	records []protocol.Record
}

func (l *logbook) PublishLog(_ context.Context, records []protocol.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.records = append(l.records, records...)
	return nil
}

// EraseLog takes records out as LOG does: by name.
func (l *logbook) EraseLog(_ context.Context, records []protocol.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for k := range records {
		l.records = slices.DeleteFunc(l.records, func(r protocol.Record) bool { return r.Name == records[k].Name })
	}
	return nil
}

func (l *logbook) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.records)
}

// in is an IN that tests fill.
type in struct {
	frames chan []intake.Arrived
	done   chan int // told the length of each batch that was taken out
}

func newIn() *in { return &in{make(chan []intake.Arrived), make(chan int, 100)} }

func (i *in) Next(ctx context.Context) ([]intake.Arrived, func() error, error) {
	select {
	case batch := <-i.frames:
		return batch, func() error { i.done <- len(batch); return nil }, nil
	case <-ctx.Done():
		return nil, nil, ctx.Err()
	}
}

// hand is the safe, with what goes wrong around it.
type hand struct {
	*keys.Safe
	appendTrust func(protocol.Record) error // nil: the safe's
	setMark     func(map[protocol.EpochID]protocol.Head) error
	signed      func(*protocol.Record) // told of each own record that is signed
}

func (h *hand) SignRecord(ctx context.Context, r *protocol.Record) error {
	err := h.Safe.SignRecord(ctx, r)
	if h.signed != nil {
		h.signed(r)
	}
	return err
}

func (h *hand) AppendTrust(r protocol.Record) error {
	if h.appendTrust != nil {
		return h.appendTrust(r)
	}
	return h.Safe.AppendTrust(r)
}

func (h *hand) SetMark(heads map[protocol.EpochID]protocol.Head) error {
	if h.setMark != nil {
		return h.setMark(heads)
	}
	return h.Safe.SetMark(heads)
}

// door is the node under test: real store, keys, trust and board, no network.
type door struct {
	*intake.Intake
	t     testing.TB
	dir   string
	store *store.Store
	trust *trust.Registry
	board *board.Board
	hand  *hand
	line  *line
	log   *logbook
	in    *in
	free  func(string) (uint64, uint64, error)
	now   time.Time
	clock func() time.Time // default: now
	hands *atomic.Int64    // of a clock that goes on while the node runs
	err   error            // of Load
	left  func(protocol.InstitutionID)

	sweepLook time.Duration

	charter protocol.SignedCharter // default: the one that the centre has signed
}

func roomy(string) (free, total uint64, err error) { return 1 << 40, 1 << 40, nil }

// charterOf founds the network of a safe.
func charterOf(t testing.TB, safe *keys.Safe, change ...func(*protocol.Charter)) protocol.SignedCharter {
	t.Helper()
	key, _ := safe.Public(centre, protocol.UseIdentity)
	proof, err := safe.Proof(centre, protocol.UseIdentity)
	if err != nil {
		t.Fatal(err)
	}
	charter := protocol.Charter{
		Vardar: "charter", Version: 1, Network: "test", Threshold: 1,
		Stewards:   []protocol.Steward{{Institution: centre, Key: key, Proof: proof}},
		Registrars: []protocol.Registrar{{Institution: centre, Prefixes: []string{"mk."}, Key: key, Proof: proof}},
		MembersMay: map[string][]string{}, Handling: map[string]protocol.Handling{}, RetentionDays: map[string]int{},
		Groups: map[string][]string{}, Networks: []protocol.PartnerNetwork{}, Expires: "2030-01-01T00:00:00Z",
	}
	for _, f := range change {
		f(&charter)
	}
	document, err := json.Marshal(charter)
	if err != nil {
		t.Fatal(err)
	}
	c := protocol.SignedCharter{Document: document}
	if err := safe.SignCharter(t.Context(), centre, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

// founded makes the centre's node in a new folder, with open feeds.
func founded(t testing.TB, change ...func(*door)) *door {
	t.Helper()
	dir := t.TempDir()
	if _, err := keys.Create(keys.Options{Dir: dir}, centre); err != nil {
		t.Fatal(err)
	}
	d := opened(t, dir, change...)
	for _, topic := range protocol.Topics() {
		if topic == protocol.Trust {
			continue
		}
		key, _ := d.hand.Public(centre, protocol.UseNode)
		proof, err := d.hand.Proof(centre, protocol.UseNode)
		if err != nil {
			t.Fatal(err)
		}
		d.must(d.say(&body.KeyRecord{Use: protocol.UseNode, Key: body.KeyText(key.String()), Proof: proof, FeedTopic: topic, FeedEpoch: 1, Wire: body.WireV1}))
	}
	return d
}

// opened opens the node of a folder; what Load says stands in err.
func opened(t testing.TB, dir string, change ...func(*door)) *door {
	t.Helper()
	d := &door{t: t, dir: dir, line: &line{answers: map[string]protocol.Acknowledgement{}}, log: &logbook{}, in: newIn(), free: roomy, now: noon, hands: &atomic.Int64{}}
	safe, err := keys.Open(keys.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	d.hand = &hand{Safe: safe}
	for _, f := range change {
		f(d)
	}
	clock := d.clock
	if clock == nil {
		clock = func() time.Time { return d.now }
	}
	d.store, err = store.Open(t.Context(), store.Options{Dir: dir, Clock: clock, Free: func(dir string) (uint64, uint64, error) { return d.free(dir) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.close)
	if d.charter.Document == nil {
		d.charter = charterOf(t, safe)
	}
	if d.trust, err = trust.New(d.charter); err != nil {
		t.Fatal(err)
	}
	places, err := atlas.New()
	if err != nil {
		t.Fatal(err)
	}
	if d.board, err = board.New(board.Options{Atlas: places}); err != nil {
		t.Fatal(err)
	}
	d.Intake, err = intake.New(intake.Options{
		Store: d.store, Trust: d.trust, Board: d.board, Signer: d.hand, Inbox: d.in, Log: d.log, Line: d.line, Clock: clock, Membership: d.left, SweepLook: d.sweepLook,
	})
	if err != nil {
		t.Fatal(err)
	}
	mark, err := safe.Mark(t.Context())
	held := intake.Held{Mark: mark, MarkErr: err, Trust: map[protocol.InstitutionID]iter.Seq2[protocol.Record, error]{}}
	for _, id := range safe.Institutions() {
		held.Trust[id] = safe.TrustFeed(id)
	}
	d.err = d.Load(t.Context(), held)
	return d
}

func (d *door) close() {
	if d.store == nil {
		return
	}
	if err := d.store.Close(); err != nil {
		d.t.Errorf("Close: %v", err)
	}
	d.store = nil
}

// again stops the node and starts it anew.
func (d *door) again(change ...func(*door)) *door {
	d.t.Helper()
	d.close()
	return opened(d.t, d.dir, change...)
}

func (d *door) must(s store.Stored, err error) store.Stored {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
	return s
}

// say publishes a body of the centre.
func (d *door) say(b body.Body) (store.Stored, error) {
	raw, err := body.Marshal(b, [16]byte{1})
	if err != nil {
		d.t.Fatal(err)
	}
	return d.Publish(d.t.Context(), intake.Draft{Institution: centre, Type: b.Type(), Time: protocol.InstantOf(d.now), Handling: protocol.Green, Body: raw})
}

func note(topic protocol.Topic, text string) *body.Note {
	return &body.Note{Topic: topic, Text: body.NoteText(text)}
}

// take sends a frame through the door and gives the outcomes of its runs.
func (d *door) take(token protocol.LinkToken, frame []byte) protocol.Acknowledgement {
	d.t.Helper()
	return d.Take(d.t.Context(), intake.Arrived{Peer: "mk.national." + protocol.InstitutionID(token[:5]), Token: token, Frame: frame})
}

// offer sends records, one run for each argument, and wants one outcome for all runs.
func (d *door) offer(want protocol.Outcome, runs ...[]protocol.Record) protocol.Acknowledgement {
	d.t.Helper()
	a := d.take(north, frameOf(d.t, runs...))
	if a.Busy || len(a.Runs) != len(runs) {
		d.t.Fatalf("answer to %d runs: %+v", len(runs), a)
	}
	for _, o := range a.Runs {
		if o.Outcome != want {
			d.t.Errorf("answer for %s of %s.%d: %s, want %s", runs[0][0].Name, o.Feed, o.Epoch, o.Outcome, want)
		}
	}
	return a
}

func (d *door) holds(records ...protocol.Record) bool {
	for k := range records {
		if _, err := d.store.ByDigest(records[k].Digest()); err != nil {
			return false
		}
	}
	return true
}

func frameOf(t testing.TB, runs ...[]protocol.Record) []byte {
	t.Helper()
	list := make([]protocol.Run, len(runs))
	for k, records := range runs {
		run, err := protocol.NewRun(records)
		if err != nil {
			t.Fatal(err)
		}
		list[k] = run
	}
	return protocol.AppendFrame(nil, list)
}

// pen writes one epoch of a feed; a copy of it writes a fork.
type pen struct {
	epoch    protocol.EpochID
	key      ed25519.PrivateKey
	previous protocol.Digest
	sequence uint32
}

func penOf(id protocol.InstitutionID, topic protocol.Topic, key ed25519.PrivateKey, opener protocol.Digest) *pen {
	return &pen{epoch: protocol.EpochID{Feed: protocol.Feed{Institution: id, Topic: topic}, Epoch: 1}, key: key, previous: opener}
}

func (p *pen) write(b body.Body) protocol.Record {
	raw, err := body.Marshal(b, [16]byte{byte(p.sequence)})
	if err != nil {
		panic(err)
	}
	return p.raw(b.Type(), raw, true)
}

// raw writes a record of any type and body; well: with a good signature.
func (p *pen) raw(recordType string, text []byte, well bool) protocol.Record {
	p.sequence++
	r := protocol.Record{
		Name: protocol.Name{Institution: p.epoch.Institution, Position: protocol.Position{Topic: p.epoch.Topic, Epoch: p.epoch.Epoch, Sequence: p.sequence}},
		Type: recordType, Time: protocol.InstantOf(noon), Previous: p.previous, Handling: protocol.Green,
	}
	r.SetBody(text)
	r.Sign(p.key)
	if !well {
		r.Signature[7] ^= 1
	}
	p.previous = r.Digest()
	return r
}

// notes writes n notes.
func (p *pen) notes(n int, text string) []protocol.Record {
	out := make([]protocol.Record, n)
	for k := range out {
		out[k] = p.write(note(p.epoch.Topic, fmt.Sprintf("%s %d", text, p.sequence+1)))
	}
	return out
}

// member is an institution that the centre has admitted, and whose node is elsewhere.
type member struct {
	id     protocol.InstitutionID
	trust  *pen
	opens  []protocol.Record // its trust feed
	topics map[protocol.Topic]*pen
}

// admitted admits a member by its identity key; its trust feed stays with it.
func (d *door) admitted(id protocol.InstitutionID) *member {
	d.t.Helper()
	identity := private("identity " + string(id))
	admission := d.must(d.say(&body.Admission{
		Institution: id, Level: body.Municipality, FeedEpoch: 1, Key: protocol.KeyOf(identity),
		Proof: proofOf(id, protocol.UseIdentity, identity), Charter: d.trust.CharterDigest(),
	}))
	return memberOf(id, penOf(id, protocol.Trust, identity, admission.Digest))
}

func memberOf(id protocol.InstitutionID, trustPen *pen) *member {
	m := &member{id: id, trust: trustPen, topics: map[protocol.Topic]*pen{}}
	for _, topic := range []protocol.Topic{protocol.Alert, protocol.Situation, protocol.Resource} {
		r := m.open(topic)
		m.opens = append(m.opens, r)
		m.topics[topic] = penOf(id, topic, m.nodeKey(), r.Digest())
	}
	return m
}

func (m *member) nodeKey() ed25519.PrivateKey { return private("node " + string(m.id)) }

// open writes the key record that opens a feed.
func (m *member) open(topic protocol.Topic) protocol.Record {
	node := m.nodeKey()
	return m.trust.write(&body.KeyRecord{
		Use: protocol.UseNode, Key: body.KeyText(protocol.KeyOf(node).String()), Proof: proofOf(m.id, protocol.UseNode, node),
		FeedTopic: topic, FeedEpoch: 1, Wire: body.WireV1,
	})
}

// known admits a member whose trust feed the node holds.
func (d *door) known(id protocol.InstitutionID) *member {
	d.t.Helper()
	m := d.admitted(id)
	d.offer(protocol.Accepted, m.opens)
	return m
}

// eventually waits for a condition that must come true.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(2 * time.Minute) // bounds a hang
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("still not: %s", what)
		}
		time.Sleep(time.Millisecond)
	}
}

// elsewhere makes another node of the same network, which holds nothing yet.
func (d *door) elsewhere() *door {
	d.t.Helper()
	dir := d.t.TempDir()
	if _, err := keys.Create(keys.Options{Dir: dir}, stranger); err != nil {
		d.t.Fatal(err)
	}
	return opened(d.t, dir, func(other *door) { other.charter = d.charter })
}

// run runs the three stages while f sends batches into IN.
func (d *door) run(f func(send func(...intake.Arrived))) {
	d.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	f(func(batch ...intake.Arrived) { d.in.frames <- batch })
	cancel()
	if err := <-done; err != nil {
		d.t.Errorf("Run() = %v after it was told to stop", err)
	}
}

// standing is how the board shows a record.
func (d *door) standing(r protocol.Record) board.Standing {
	s, _ := d.board.Standing(r.Digest())
	return s
}

func epochOf(id protocol.InstitutionID, topic protocol.Topic) protocol.EpochID {
	return protocol.EpochID{Feed: protocol.Feed{Institution: id, Topic: topic}, Epoch: 1}
}

// held gives what a node holds of an epoch.
func (d *door) held(e protocol.EpochID) []protocol.Record {
	d.t.Helper()
	var out []protocol.Record
	for s, err := range d.store.Range(d.t.Context(), e, protocol.Digest{}, 1, protocol.MaxNumber) {
		if err != nil {
			d.t.Fatal(err)
		}
		out = append(out, s.Record)
	}
	return out
}
