package federation_test

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/keys"
	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
)

// nextVersion writes a version after another, signed by the network's one steward.
func nextVersion(t *testing.T, dir string, before protocol.SignedCharter, change func(c *protocol.Charter)) protocol.SignedCharter {
	t.Helper()
	c, err := protocol.ParseCharter(before.Document)
	if err != nil {
		t.Fatal(err)
	}
	digest := before.Digest()
	c.Version, c.Previous = c.Version+1, &digest
	change(c)
	document, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	safe, err := keys.Open(keys.Options{Dir: filepath.Join(dir, string(capital))})
	if err != nil {
		t.Fatal(err)
	}
	next := protocol.SignedCharter{Document: document}
	if err := safe.SignCharter(t.Context(), capital, &next); err != nil {
		t.Fatal(err)
	}
	return next
}

func quota(records int) func(c *protocol.Charter) {
	return func(c *protocol.Charter) { c.Quota.RecordsADay = records }
}

// takes has a node take a version in that no record brings: as a peer's answer.
func takes(t *testing.T, n *node.Node, c protocol.SignedCharter) {
	t.Helper()
	if err := n.Intake().TakeCharter(t.Context(), c); err != nil {
		t.Fatal(err)
	}
}

func inForce(n *node.Node, c protocol.SignedCharter) func() bool {
	return func() bool { return n.Trust().CharterInForce().Digest == c.Digest() }
}

// Versions that no record brings, such as those that open the trust feed in which they are
// told, travel by hello over a relay, to who was away too; what they say is in force at
// once, and after a restart.
func TestLaterChartersReachWhoWasAwayOverARelay(t *testing.T) {
	n, dir := startIn(t, three())
	said := say(t, n, town, "what a town may say")
	arrives(t, n, neighbour, said.Name)
	if err := n.Stop(neighbour); err != nil {
		t.Fatal(err)
	}
	second := nextVersion(t, dir, n.Node(town).Trust().SignedCharter(), quota(1000))
	third := nextVersion(t, dir, second, func(c *protocol.Charter) { c.MembersMay["municipality"] = []string{"vardar.alert.*"} })
	takes(t, n.Node(town), second)
	await(t, n.Node(capital), "version 2 is in force at the capital", inForce(n.Node(capital), second))
	takes(t, n.Node(town), third)
	await(t, n.Node(capital), "version 3 is in force at the capital", inForce(n.Node(capital), third))
	judgedAnew(t, n.Node(capital), said.Name)
	if err := n.Stop(town); err != nil { // the relay alone has them now
		t.Fatal(err)
	}
	if err := n.Restart(t.Context(), neighbour); err != nil {
		t.Fatal(err)
	}
	await(t, n.Node(neighbour), "version 3 is in force at the neighbour, which was away", inForce(n.Node(neighbour), third))
	judgedAnew(t, n.Node(neighbour), said.Name)
	for _, id := range []protocol.InstitutionID{neighbour, capital} {
		if err := n.Stop(id); err != nil {
			t.Fatal(err)
		}
	}
	if err := n.Restart(t.Context(), capital); err != nil { // nobody can tell it again
		t.Fatal(err)
	}
	if !inForce(n.Node(capital), third)() {
		t.Fatalf("after a restart version %d is in force, want 3", n.Node(capital).Trust().Charter().Version)
	}
	judgedAnew(t, n.Node(capital), said.Name)
}

// judgedAnew waits until a record that the charter lets its author write no more is shown so.
func judgedAnew(t *testing.T, n *node.Node, name protocol.Name) {
	t.Helper()
	await(t, n, "the record is shown as beyond competence", func() bool {
		return slices.ContainsFunc(n.Picture(time.Now()).Kept, func(k board.Kept) bool {
			return k.Record == name && k.Standing == board.BeyondCompetence
		})
	})
}

// Two versions of one number reach both sides, and stop each other on every node.
func TestRivalChartersReachBothSides(t *testing.T) {
	n, dir := startIn(t, three())
	first := n.Node(capital).Trust().SignedCharter()
	one, other := nextVersion(t, dir, first, quota(1000)), nextVersion(t, dir, first, quota(3000))
	n.Line(town, capital).Cut()
	n.Line(neighbour, capital).Cut()
	takes(t, n.Node(town), one)
	takes(t, n.Node(neighbour), other)
	n.Line(town, capital).Heal()
	n.Line(neighbour, capital).Heal()
	for _, at := range n.Nodes() {
		await(t, at, "both versions are held, and neither is in force", func() bool {
			return len(at.Trust().Rivals()) == 2 && inForce(at, first)()
		})
	}
	if err := n.Stop(town); err != nil {
		t.Fatal(err)
	}
	n.Line(town, capital).Cut()
	if err := n.Restart(t.Context(), town); err != nil {
		t.Fatal(err)
	}
	if got := len(n.Node(town).Trust().Rivals()); got != 2 {
		t.Errorf("after a restart %d rivals are held, want 2", got)
	}
}

// What a peer gives that follows no version in force leaves nothing behind, and is taken
// when its time has come.
func TestCharterThatNobodySignedIsNotTaken(t *testing.T) {
	n, dir := startIn(t, three())
	first := n.Node(capital).Trust().SignedCharter()
	signed := nextVersion(t, dir, first, quota(1000))
	unsigned := protocol.SignedCharter{Document: signed.Document}
	early := nextVersion(t, dir, signed, quota(500))
	at := n.Node(town)
	for what, c := range map[string]protocol.SignedCharter{"a version without signatures": unsigned, "a version whose predecessor is not held": early} {
		if err := at.Intake().TakeCharter(t.Context(), c); err == nil {
			t.Errorf("%s is taken", what)
		}
	}
	if held := at.Trust().Charters(); len(held) != 1 || held[0].Standing != trust.InForce {
		t.Errorf("%d versions are held, want the first alone", len(held))
	}
	takes(t, at, signed)
	takes(t, at, early)
	await(t, n.Node(capital), "version 3 is in force", inForce(n.Node(capital), early))
}
