package federation_test

import (
	"slices"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/federation"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// A peer's machine was put back to an earlier state, and what it had acknowledged since is
// gone there. One record of that lies behind another that is on its way: a comparison finds
// both lacking and takes both to be on their way, while the sender has left the one out
// that it knew to be there.
func TestWhatIsNotUnderWayAfterAllIsSent(t *testing.T) {
	t.Parallel()
	const third = protocol.InstitutionID("mk.southeast.third-town")
	plan := three()
	plan.Nodes = append(plan.Nodes, []federation.Member{member(third, body.Municipality)})
	n, dir := startIn(t, plan)
	at := n.Node(capital)
	v := turn(t, n, dir)
	var first, rows []*nats.Msg // not answered
	var sent int                // how often what lies behind the first was
	of := func(m *nats.Msg, id protocol.InstitutionID) bool {
		runs, err := protocol.ParseFrame(m.Data, packer(t))
		if err != nil {
			t.Error(err)
		}
		return slices.ContainsFunc(runs, func(r protocol.Run) bool { return r.Feed == protocol.Feed{Institution: id, Topic: protocol.Situation} })
	}
	answer := func() {
		for _, q := range rows {
			v.say(q, protocol.RowsAnswer{V: 1, Rows: []protocol.HaveRow{}})
		}
		rows = nil
	}
	v.behaves()
	v.mu.Lock()
	v.answers[protocol.OpTail] = func(m *nats.Msg) {
		if of(m, third) {
			sent++
		}
		if of(m, neighbour) {
			first = append(first, m)
			answer()
			return
		}
		v.accepts(m)
	}
	v.mu.Unlock()
	v.request(protocol.OpHello, v.hello())
	counts := func() (waiting, behind int) {
		v.mu.Lock()
		defer v.mu.Unlock()
		return len(first), sent
	}
	arrives(t, n, capital, say(t, n, neighbour, "on its way").Name)
	await(t, at, "the first is on its way", func() bool { waiting, _ := counts(); return waiting == 1 })
	said := say(t, n, third, "behind it")
	arrives(t, n, capital, said.Name)
	has := func() bool { have, _ := at.Links().Holders(said.Name); return slices.Contains(have, town) }
	await(t, at, "what lies behind it is acknowledged", has)

	v.mu.Lock()
	v.answers[protocol.OpRows] = func(m *nats.Msg) { // once the sender has looked
		if rows = append(rows, m); len(first) > 1 {
			answer()
		}
	}
	v.answers[protocol.OpHello] = func(m *nats.Msg) {
		h := v.hello()
		h.Session = "put back"
		v.say(m, h)
	}
	v.mu.Unlock()
	v.conn.Close()
	v.dial()
	h := v.hello()
	h.Session = "put back"
	v.request(protocol.OpHello, h)
	await(t, at, "the comparison finds both lacking", func() bool { waiting, _ := counts(); return waiting == 2 && !has() })
	if _, behind := counts(); behind != 1 {
		t.Fatalf("what lies behind the first was sent %d times: the sender did not leave it out", behind)
	}
	v.mu.Lock()
	v.answers[protocol.OpRows] = v.answers[protocol.OpOwn]
	v.accepts(first[1])
	v.mu.Unlock()
	await(t, at, "it is sent after all", func() bool { _, behind := counts(); return behind == 2 })
}

// Records of a few words that are written one behind the other travel at once: no receiver
// takes the frame of one for more than it is, and says that it is busy.
func TestBurstOfShortRecordsIsTakenAtOnce(t *testing.T) {
	t.Parallel()
	n, _ := startIn(t, three())
	await(t, n.Node(capital), "the line is up", func() bool { return up(n.Node(capital), neighbour) })
	var said node.Said
	for range 100 {
		said = say(t, n, capital, "short")
	}
	arrives(t, n, neighbour, said.Name)
	arrives(t, n, town, said.Name)
	for _, id := range []protocol.InstitutionID{town, neighbour} {
		if refused := n.Node(id).Links().Counts().Refused; refused > 0 {
			t.Errorf("%s answered busy %d times to frames of %d bytes", id, refused, len(frameOf(t, recordOf(t, n.Node(id), said.Name))))
		}
	}
}

func recordOf(t *testing.T, n *node.Node, name protocol.Name) protocol.Record {
	t.Helper()
	r, err := n.Record(name)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
