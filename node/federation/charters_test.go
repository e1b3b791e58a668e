package federation_test

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/keys"
	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
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
	t.Parallel()
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
	t.Parallel()
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
	t.Parallel()
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

// A newcomer takes as given the version that its invitation names, as its registrar does: a
// rival that is signed with keys stolen from earlier stewards stops it no more than those who
// have settled. One whose invitation names none stops, and its people choose.
func TestNewcomerSettlesOnWhatItsInvitationNames(t *testing.T) {
	t.Parallel()
	n, dir := startIn(t, three())
	at := n.Node(capital)
	first := at.Trust().SignedCharter()
	second, thief := nextVersion(t, dir, first, quota(1000)), nextVersion(t, dir, first, quota(3000))
	third := nextVersion(t, dir, second, quota(2000))
	takes(t, at, second)
	takes(t, at, third)
	invited := func(id protocol.InstitutionID) protocol.Invitation {
		t.Helper()
		in, err := at.Desk().Invite(t.Context(), desk.InviteRequest{Institution: id, Level: body.Municipality})
		if err != nil {
			t.Fatal(err)
		}
		return in.Invitation
	}
	early := invited("mk.southeast.early")
	if !early.Settled.IsZero() {
		t.Errorf("the invitation of a node that has settled on nothing names %s", early.Settled)
	}
	if err := at.Intake().SettleOn(t.Context(), third.Digest()); err != nil {
		t.Fatal(err)
	}
	late := invited("mk.southeast.late")
	if line, err := protocol.ParseInvitation(late.Line()); err != nil || line.Settled != third.Digest() {
		t.Errorf("the line names %s (%v), want %s", line.Settled, err, third.Digest())
	}
	for inv, want := range map[*protocol.Invitation]int{&early: 1, &late: 3} {
		o := node.Options{Dir: filepath.Join(dir, string(inv.Institution)), Version: "test"}
		if _, err := node.Join(t.Context(), o, *inv, node.Opening{}); err != nil {
			t.Fatal(err)
		}
		guest, err := node.Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []protocol.SignedCharter{second, thief} {
			takes(t, guest, c)
		}
		if got := guest.Trust().Charter().Version; got != want {
			t.Errorf("%s follows version %d when the thief's has come, want %d", inv.Institution, got, want)
		}
		if err := guest.Close(); err != nil {
			t.Error(err)
		}
	}
}

// An invitation that names what does not follow from the network's first version is nobody's.
func TestInvitationThatNamesAnotherLineIsRefused(t *testing.T) {
	t.Parallel()
	n, dir := startIn(t, three())
	at := n.Node(capital)
	second := nextVersion(t, dir, at.Trust().SignedCharter(), quota(1000))
	takes(t, at, second)
	in, err := at.Desk().Invite(t.Context(), desk.InviteRequest{Institution: "mk.southeast.late", Level: body.Municipality})
	if err != nil {
		t.Fatal(err)
	}
	inv, o := in.Invitation, node.Options{Dir: filepath.Join(dir, "late"), Version: "test"}
	inv.Charter, inv.Settled = second.Digest(), at.Trust().CharterDigest()
	if _, err := node.Join(t.Context(), o, inv, node.Opening{}); err == nil || errors.Is(err, node.ErrUsed) {
		t.Errorf("an invitation whose first version goes on from another is taken: %v", err)
	}
	inv.Charter, inv.Settled = in.Invitation.Charter, protocol.DigestOf([]byte("held by nobody"))
	if _, err := node.Join(t.Context(), o, inv, node.Opening{}); err != nil {
		t.Errorf("a version that the listener does not hold keeps the newcomer out: %v", err)
	}
}
