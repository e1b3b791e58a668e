package federation_test

import (
	"context"
	"log/slog"
	"os"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/federation"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

const (
	hub       protocol.InstitutionID = "int.regional.secretariat"
	capital   protocol.InstitutionID = "mk.national.crisis-centre"
	town      protocol.InstitutionID = "mk.southeast.south-gate"
	neighbour protocol.InstitutionID = "mk.southeast.river-town"
	hosted    protocol.InstitutionID = "mk.northeast.north-gate"
	abroad    protocol.InstitutionID = "rs.pcinjski.south-valley"
)

func member(id protocol.InstitutionID, level body.Level) federation.Member {
	return federation.Member{ID: id, Level: level}
}

// small is six institutions on five nodes: the town has two ways to the capital, abroad
// is let in by the neighbour, and reached over it alone.
func small() federation.Plan {
	return federation.Plan{
		Network: "test",
		Nodes: [][]federation.Member{
			{member(hub, body.RegionalBody)},
			{member(capital, body.Ministry)},
			{member(town, body.Municipality)},
			{member(neighbour, body.Municipality), member(hosted, body.Municipality)},
			{member(abroad, body.Municipality)},
		},
		Registrars: map[protocol.InstitutionID][]string{hub: {"int.", "rs."}, capital: {"mk."}},
		Via:        map[protocol.InstitutionID]protocol.InstitutionID{abroad: neighbour}, // whose registrar is another one
		Lines:      [][2]protocol.InstitutionID{{town, neighbour}},
	}
}

func start(t *testing.T, plan federation.Plan) *federation.Network {
	t.Helper()
	o := federation.Options{
		Dir:    t.TempDir(),
		Timing: node.Timing{Heartbeat: 500 * time.Millisecond, Redial: 300 * time.Millisecond, Soon: 100 * time.Millisecond},
		Logger: func(id protocol.InstitutionID) *slog.Logger {
			level := slog.LevelError
			if testing.Verbose() {
				level = slog.LevelInfo
			}
			return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level})).With("node", id)
		},
	}
	n, err := federation.Start(t.Context(), o, plan)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	return n
}

func say(t *testing.T, n *federation.Network, id protocol.InstitutionID, text string) node.Said {
	t.Helper()
	said, err := n.Node(id).Say(t.Context(), id, &body.Note{Topic: protocol.Situation, Text: body.NoteText(text)}, protocol.Green)
	if err != nil {
		t.Fatal(err)
	}
	return said
}

// within bounds how long a condition is waited for; it is a bound on hanging, not a
// claim.
func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func arrives(t *testing.T, n *federation.Network, at protocol.InstitutionID, name protocol.Name) {
	t.Helper()
	to := n.Node(at)
	if err := federation.Wait(within(t), to, func() bool { return to.Holds(name) }); err != nil {
		for _, other := range n.Nodes() {
			t.Logf("%s holds it: %v, lines %+v", other.Institutions()[0], other.Holds(name), other.Lines())
		}
		t.Fatalf("%s never held %s: %v", at, name, err)
	}
}

func TestRecordsReachEveryNodeOverRelays(t *testing.T) {
	t.Parallel()
	n := start(t, small())
	for _, id := range []protocol.InstitutionID{hub, capital, town, neighbour, hosted, abroad} {
		said := say(t, n, id, "here is "+string(id))
		for _, at := range []protocol.InstitutionID{hub, capital, town, neighbour, abroad} {
			arrives(t, n, at, said.Name)
		}
	}
	if err := n.Settle(within(t)); err != nil {
		t.Fatal(err)
	}
	at := time.Now()
	for _, other := range n.Nodes() { // the board is told after the answer to the peer
		await(t, other, "it shows the picture of "+string(hub), func() bool { return other.PictureDigest(at) == n.Node(hub).PictureDigest(at) })
	}
}

func TestCutLineIsCaughtUpInOrder(t *testing.T) {
	t.Parallel()
	n := start(t, small())
	n.Line(town, capital).Cut()
	n.Line(town, neighbour).Cut()
	var last node.Said
	for range 300 {
		last = say(t, n, town, "still here")
	}
	far := say(t, n, hub, "do you hear us")
	arrives(t, n, capital, far.Name)
	if n.Node(capital).Holds(last.Name) {
		t.Fatal("a record came over a line that is cut")
	}
	n.Line(town, capital).Heal()
	arrives(t, n, capital, last.Name)
	arrives(t, n, abroad, last.Name)
	arrives(t, n, town, far.Name)
	n.Line(town, neighbour).Heal()
	if err := n.Settle(within(t)); err != nil {
		t.Fatal(err)
	}
}
