package federation_test

import (
	"crypto/rand"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/node/link"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// goesOn fails unless the neighbour's and the capital's records still travel.
func (v *villain) goesOn() {
	v.t.Helper()
	arrives(v.t, v.n, capital, say(v.t, v.n, neighbour, "we are still here").Name)
	arrives(v.t, v.n, neighbour, say(v.t, v.n, capital, "so are we").Name)
}

func TestForgedReplyIsCountedAndNotAnswered(t *testing.T) {
	t.Parallel()
	n, dir := startIn(t, three())
	v := turn(t, n, dir)
	links := n.Node(capital).Links()
	other := protocol.TokenOf(neighbour, capital)
	replies := []string{
		"$JS.API.STREAM.PURGE.LOG", "vardar.v1.mk.national.crisis-centre.alert.red", "in." + string(v.token),
		other.Inbox("abc"), other.Reply("abc"), v.token.Reply("abc"), v.token.Inbox("a.b"), v.token.Ask(protocol.OpHello),
	}
	for _, reply := range replies {
		for _, x := range []protocol.Operation{protocol.OpHello, protocol.OpPush} {
			if err := v.conn.PublishRequest(v.token.Ask(x), reply, frameOf(t, v.writes(salted("x", 0))...)); err != nil {
				t.Fatal(err)
			}
		}
	}
	await(t, n.Node(capital), "all are counted", func() bool {
		v.request(protocol.OpHello, v.hello()) // asks for another look, and is answered
		return links.Counts().Forged == 2*len(replies)
	})
	if records := v.writes(salted("x", 0)); records[0].Sequence != 1 {
		t.Error("a frame with a forged reply was taken")
	}
	v.goesOn()
}

func TestPeerCanAskNothingButItsOwnLink(t *testing.T) {
	t.Parallel()
	n, dir := startIn(t, three())
	v := turn(t, n, dir)
	before := n.Node(capital).Counts()
	frame := frameOf(t, v.writes(salted("x", 0))...)
	other := protocol.TokenOf(neighbour, capital)
	for _, subject := range []string{
		"in." + string(v.token), other.In(), other.Ask(protocol.OpPush), other.Serve(protocol.OpTail), v.token.Serve(protocol.OpTail),
		"vardar.v1.mk.southeast.south-gate.situation.green", "$JS.API.STREAM.DELETE.LOG", "$SYS.REQ.SERVER.PING", other.Inbox("abc"),
	} {
		if err := v.conn.PublishRequest(subject, v.token.Inbox("abc"), frame); err != nil {
			t.Fatal(err)
		}
	}
	v.request(protocol.OpHello, v.hello())
	v.goesOn()
	if after := n.Node(capital).Counts(); after.Dropped != before.Dropped || after.Unwanted != before.Unwanted {
		t.Errorf("something came through: %+v, before %+v", after, before)
	}
	if v.writes(salted("x", 0))[0].Sequence != 1 {
		t.Error("the town's record came in by another way than its own")
	}
}

func TestHeadersOfAFrameSteerNothing(t *testing.T) {
	t.Parallel()
	n, dir := startIn(t, three())
	v := turn(t, n, dir)
	header := nats.Header{
		"Nats-Rollup": {"all"}, "Nats-TTL": {"1s"}, "Nats-Expected-Last-Sequence": {"999"}, "Nats-Expected-Stream": {"LOG"},
		"Nats-Msg-Id": {"1"}, "Vardar-Reply": {"$JS.API.STREAM.PURGE.LOG"}, "Nats-Schedule": {"@every 1s"},
	}
	records := v.writes(salted("one", 0), salted("two", 0))
	for k, r := range records {
		reply := make(chan *nats.Msg, 1)
		sub, err := v.conn.ChanSubscribe(v.token.Inbox(fmt.Sprintf("header%d", k)), reply)
		if err != nil {
			t.Fatal(err)
		}
		m := &nats.Msg{Subject: v.token.Ask(protocol.OpPush), Reply: sub.Subject, Header: header, Data: frameOf(t, r)}
		if err := v.conn.PublishMsg(m); err != nil {
			t.Fatal(err)
		}
		select {
		case <-reply:
		case <-within(t).Done():
			t.Fatal("no answer")
		}
	}
	arrives(t, n, neighbour, records[1].Name)
	v.goesOn()
}

// Peers may hold other versions of the charter, and ask each other for them before trust;
// a node of another network is refused in words.
func TestHelloTellsNetworksApartAndVersionsNot(t *testing.T) {
	t.Parallel()
	n, dir := startIn(t, three())
	v := turn(t, n, dir)
	strange := v.hello()
	strange.Charter = protocol.DigestOf([]byte("another network"))
	refused := protocol.ParseErrorAnswer(v.request(protocol.OpHello, strange))
	if refused == nil || refused.Code != protocol.CodeNotPermitted || !strings.Contains(refused.Detail, "network's first charter is "+strange.Charter.String()) {
		t.Errorf("a node of another network is answered %v", refused)
	}
	later := v.hello()
	later.Charters = []protocol.Digest{protocol.DigestOf([]byte("version 3")), protocol.DigestOf([]byte("version 2"))}
	later.Session = "with later charters"
	v.behaves()
	v.mu.Lock()
	var asked []string
	v.answers[protocol.OpHello] = func(m *nats.Msg) { v.say(m, later) }
	v.answers[protocol.OpCharter] = func(m *nats.Msg) {
		var q protocol.CharterQuestion
		if err := protocol.DecodeControl(m.Data, &q); err != nil {
			t.Error(err)
		}
		asked = append(asked, q.Digest.String())
		v.say(m, protocol.SignedCharter{Document: []byte("no charter")})
	}
	have := v.answers[protocol.OpHave]
	v.answers[protocol.OpHave] = func(m *nats.Msg) {
		asked = append(asked, "have")
		have(m)
	}
	v.mu.Unlock()
	v.request(protocol.OpHello, later) // the one session there is
	await(t, n.Node(capital), "the capital has asked for three things", func() bool {
		v.mu.Lock()
		defer v.mu.Unlock()
		return len(asked) >= 3
	})
	v.mu.Lock()
	defer v.mu.Unlock()
	if want := []string{later.Charters[1].String(), later.Charters[0].String(), "have"}; !slices.Equal(asked[:3], want) {
		t.Errorf("asked for %q, want first %q", asked, want)
	}
}

func TestStrangersRecordIsUnwanted(t *testing.T) {
	t.Parallel()
	n, dir := startIn(t, three())
	v := turn(t, n, dir)
	r := v.writes(salted("I am somebody else", 0))[0]
	r.Institution = "mk.southeast.stranger"
	a := v.push(frameOf(t, r))
	if len(a.Runs) != 1 || a.Runs[0].Outcome != protocol.Unwanted {
		t.Errorf("answer %+v, want unwanted", a)
	}
	if n.Node(capital).Holds(r.Name) {
		t.Error("the capital keeps a stranger's record")
	}
	v.goesOn()
}

func TestChunkWithABadLastSignatureIsDroppedWhole(t *testing.T) {
	t.Parallel()
	n, dir := startIn(t, three())
	v := turn(t, n, dir)
	good := v.writes(salted("one", 0), salted("two", 0), salted("three", 0))
	bad := slices.Clone(good)
	bad[2].Signature[7] ^= 1
	if a := v.push(frameOf(t, bad...)); a.Runs[0].Outcome != protocol.Dropped {
		t.Errorf("answer %+v, want dropped", a)
	}
	if n.Node(capital).Holds(good[0].Name) {
		t.Error("a part of the chunk is held")
	}
	if a := v.push(frameOf(t, good...)); a.Runs[0].Outcome != protocol.Accepted {
		t.Errorf("answer %+v, want accepted: a dropped position must stay open", a)
	}
	arrives(t, n, neighbour, good[2].Name)
	v.goesOn()
}

// M12: what a later good signature covers is taken, and every run and range that is
// passed on ends well signed.
func TestBadSignatureCoveredByALaterOneIsPassedOn(t *testing.T) {
	t.Parallel()
	n, dir := startIn(t, three())
	v := turn(t, n, dir)
	const big = 30_000 // two to a frame
	records := v.writes(salted("1", big), salted("2", big), salted("3", big), salted("4", big), salted("5", big))
	for k := 1; k < len(records); k++ {
		v.sign(&records[k], records[k-1].Digest())
		if k%2 == 1 {
			records[k].Signature[7] ^= 1
		}
	}
	for _, part := range [][]protocol.Record{records[:1], records[1:3], records[3:]} {
		if a := v.push(frameOf(t, part...)); a.Runs[0].Outcome != protocol.Accepted {
			t.Fatalf("answer %+v, want accepted", a)
		}
	}
	arrives(t, n, neighbour, records[4].Name)
	q := protocol.RangeQuestion{V: 1, Feed: records[0].Feed(), Epoch: 1, From: 1, To: 2, Bodies: true}
	runs, err := protocol.ParseFrame(v.request(protocol.OpRange, q), nil)
	if err != nil {
		t.Fatal(err)
	}
	if last := runs[len(runs)-1].Last(); last.Sequence != 1 || last.Verify() != nil {
		t.Errorf("a range ends at %d, which its author did not sign well", last.Sequence)
	}
	if err := n.Restart(t.Context(), town); err != nil {
		t.Fatal(err)
	}
	arrives(t, n, town, records[4].Name)
	if err := n.Settle(within(t)); err != nil {
		t.Fatal(err)
	}
}

// A frame that is none is answered, and in words that its sender can read.
func TestFrameThatIsNoneIsAnswered(t *testing.T) {
	t.Parallel()
	n, dir := startIn(t, three())
	v := turn(t, n, dir)
	if a := v.push([]byte("vf\x01 nothing of the kind")); len(a.Runs) != 0 || a.Busy {
		t.Errorf("answer %+v, want no outcome", a)
	}
}

func TestGarbageAndFloodsOfAMemberHoldUpNobody(t *testing.T) {
	t.Parallel()
	n, dir := startIn(t, three())
	v := turn(t, n, dir)
	links := n.Node(capital).Links()
	garbage := [][]byte{{}, []byte("vf"), []byte("vf\x01"), []byte("vf\x02garbage"), []byte("vf\x09"), []byte("{}"), make([]byte, 60_000)}
	bomb := protocol.PackFrame(append([]byte("vf\x01"), make([]byte, 4<<20-10)...), packer(t))
	for k := range 3000 {
		for _, x := range []protocol.Operation{protocol.OpPush, protocol.OpHave, protocol.OpRange, "nonsense"} {
			data := garbage[k%len(garbage)]
			if x == protocol.OpPush && k%3 == 0 {
				data = bomb
			}
			if err := v.conn.PublishRequest(v.token.Ask(x), v.token.Inbox(fmt.Sprintf("f%d%s", k, x)), data); err != nil {
				t.Fatal(err)
			}
		}
		if k == 1000 {
			v.goesOn()
		}
	}
	v.goesOn()
	if links.Counts().Refused == 0 {
		t.Error("nothing of the flood was refused")
	}
	for _, s := range n.Node(capital).Lines() {
		if s.Peer == neighbour && !s.Up {
			t.Error("the neighbour's line went down")
		}
	}
}

func packer(t *testing.T) *link.Packer {
	t.Helper()
	p, err := link.NewPacker(protocol.MaxRunBytes)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A peer that never acknowledges keeps its own place, and the others theirs.
func TestCursorMovesOnAcknowledgementAlone(t *testing.T) {
	t.Parallel()
	n, dir := startIn(t, three())
	v := turn(t, n, dir)
	v.listens()
	said := say(t, n, capital, "not acknowledged")
	for {
		runs, err := protocol.ParseFrame(v.frame().Data, packer(t))
		if err != nil {
			t.Fatal(err)
		}
		if slices.ContainsFunc(runs, func(r protocol.Run) bool { return r.Last().Name == said.Name }) {
			break
		}
	}
	v.goesOn()
	store := n.Node(capital).Store()
	if c := store.Cursor(v.token, said.Feed().Group()); c >= store.Order(said.Feed().Group()) {
		t.Errorf("cursor stands at %d, behind what was never acknowledged", c)
	}
	if have, _ := n.Node(capital).Links().Holders(said.Name); slices.Contains(have, town) {
		t.Error("the town is said to hold what it never acknowledged")
	}
	v.conn.Close()
	if err := n.Restart(t.Context(), town); err != nil {
		t.Fatal(err)
	}
	arrives(t, n, town, said.Name)
}

// A peer that acknowledged and then lost its store is given what it lacks, before a beacon
// shows it that it lacks anything.
func TestPeerThatLostWhatItAcknowledgedIsGivenItAgain(t *testing.T) {
	t.Parallel()
	n, dir := startIn(t, three())
	v := turn(t, n, dir)
	v.mu.Lock()
	v.answers[protocol.OpTail] = v.accepts
	v.mu.Unlock()
	v.listens()
	for range 50 {
		say(t, n, capital, "acknowledged and lost")
	}
	said := say(t, n, capital, "the last one")
	await(t, n.Node(capital), "all is acknowledged", func() bool {
		have, _ := n.Node(capital).Links().Holders(said.Name)
		return slices.Contains(have, town)
	})
	v.conn.Close()
	if err := n.Restart(t.Context(), town); err != nil {
		t.Fatal(err)
	}
	arrives(t, n, town, said.Name)
	if err := n.Settle(within(t)); err != nil {
		t.Fatal(err)
	}
	if asked := n.Node(town).Links().Counts().Ranges; asked > 0 {
		t.Errorf("the town had to ask for %d ranges: comparing groups should have shown what it lacks", asked)
	}
}

func TestNarrowedPolicyHoldsForWhatWasReadAlready(t *testing.T) {
	t.Parallel()
	for name, narrow := range map[string]func(*protocol.Direction){
		"a group that goes no more": func(d *protocol.Direction) { d.Groups = []string{"alert *"} },
		"bodies that go no more":    func(d *protocol.Direction) { d.Bodies = protocol.Clear },
	} {
		t.Run(name, func(t *testing.T) { narrowed(t, narrow) })
	}
}

func narrowed(t *testing.T, narrow func(*protocol.Direction)) {
	t.Helper()
	n, dir := startIn(t, three())
	v := turn(t, n, dir)
	for range 200 {
		big(t, n, capital, 20_000) // more than a window
	}
	v.listens()
	var under []*nats.Msg
	for full := 0; full < link.MinWindow; { // nothing is on its way any more, and much is read and cut
		under = append(under, v.frame())
		full += opened(t, under[len(under)-1].Data)
	}
	terms := link.Everything()
	narrow(&terms.Ours)
	if _, err := n.Node(capital).Links().Propose(t.Context(), town, terms); err != nil {
		t.Fatal(err)
	}
	v.mu.Lock()
	late := len(v.frames)
	v.answers[protocol.OpTail] = func(m *nats.Msg) {
		runs, err := protocol.ParseFrame(m.Data, packer(t))
		if err != nil {
			t.Error(err)
		}
		for _, r := range runs {
			if r.Topic == protocol.Situation && r.Last().BodyState == protocol.BodyHeld {
				late++
			}
		}
		v.accepts(m)
	}
	v.mu.Unlock()
	for _, m := range under {
		v.accepts(m)
	}
	tooLate := func() bool {
		v.mu.Lock()
		defer v.mu.Unlock()
		return late > 0
	}
	await(t, n.Node(capital), "nothing more is sent", func() bool { return lineTo(n.Node(capital), town).Settled || tooLate() })
	if tooLate() {
		t.Error("runs went over the line after the policy no longer carried them")
	}
}

// opened is what a frame counts for in the sender's window.
func opened(t *testing.T, frame []byte) int {
	t.Helper()
	runs, err := protocol.ParseFrame(frame, packer(t))
	if err != nil {
		t.Fatal(err)
	}
	n := 3 // what comes before the runs (wire.md §4)
	for k := range runs {
		n += runs[k].Size()
	}
	return n
}

func big(t *testing.T, n interface {
	Node(protocol.InstitutionID) *node.Node
}, id protocol.InstitutionID, size int,
) {
	t.Helper()
	_, err := n.Node(id).Intake().Publish(t.Context(), intake.Draft{
		Institution: id, Type: "vardar.situation.note.v1", Time: protocol.InstantOf(time.Now()), Handling: protocol.Green, Body: salted(rand.Text(), size),
	})
	if err != nil {
		t.Fatal(err)
	}
}

func alertOf() body.Body { return &body.Note{Topic: protocol.Alert, Text: "the dam is about to break"} }

func TestBeaconFromTheFutureIsNotBelieved(t *testing.T) {
	t.Parallel()
	n, dir := startIn(t, three())
	v := turn(t, n, dir)
	records := v.writes(salted("one", 0), salted("two", 0))
	beacon := func(at time.Time) string {
		b := protocol.Beacon{Institution: town, Time: protocol.InstantOf(at), Heads: []protocol.Head{
			{Topic: protocol.Situation, Epoch: 1, Sequence: 2, Digest: records[1].Digest()},
		}}
		if err := v.safe.SignBeacon(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
		return string(b.Wire())
	}
	held := func() protocol.Instant {
		b, _, _ := n.Node(capital).Store().Beacon(town)
		return b.Time
	}
	before := held()
	v.request(protocol.OpBeacon, map[string]any{"v": 1, "beacons": []string{beacon(time.Now().Add(6 * time.Minute))}})
	if held() != before {
		t.Error("a beacon from the future is believed")
	}
	v.request(protocol.OpBeacon, map[string]any{"v": 1, "beacons": []string{beacon(time.Now().Add(time.Minute))}})
	if held() == before {
		t.Error("a beacon of a clock that is a minute ahead is not taken")
	}
	// What it names and nobody gives is shown, until it comes.
	lacks := func() bool { return len(n.Node(capital).Links().Lacking()) > 0 }
	await(t, n.Node(capital), "the tail is shown as lacking", lacks)
	lack := n.Node(capital).Links().Lacking()[0]
	if lack.Institution != town || lack.From != 1 || lack.Head != 2 {
		t.Errorf("lacking %+v", lack)
	}
	if a := v.push(frameOf(t, records...)); a.Runs[0].Outcome != protocol.Accepted {
		t.Fatalf("answer %+v", a)
	}
	await(t, n.Node(capital), "nothing is lacking", func() bool { return !lacks() })
}
