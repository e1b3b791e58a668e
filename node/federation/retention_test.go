package federation_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/federation"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// What the charter has let go after a day leaves every node that has settled on it by itself. One that was away
// and still holds it, and comes back over the relay, brings it back to nobody; nor is who
// has let it go asked for it, or said to withhold it.
func TestBodiesWhoseDaysAreOverLeaveEveryNodeAndComeBackToNone(t *testing.T) {
	t.Parallel()
	var ahead atomic.Int64
	clock := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	dir, timing := t.TempDir(), quick()
	timing.Sweep = 20 * time.Millisecond
	n, err := federation.Start(t.Context(), federation.Options{Dir: dir, Clock: clock, Timing: timing}, three())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	// goOn puts all clocks forward by a day and more, until those that are there have heard so.
	goOn := func(there ...protocol.InstitutionID) {
		ahead.Add(int64(30 * time.Hour))
		since := clock()
		for _, id := range there {
			said := &body.Note{Topic: protocol.Resource, Text: "another day"} // a kind that is kept
			if _, err := n.Node(id).Say(t.Context(), id, said, protocol.Green); err != nil {
				t.Fatal(err)
			}
		}
		for _, at := range there {
			for _, of := range there {
				await(t, n.Node(at), "it has today's beacon of "+string(of), func() bool {
					b, _, _ := n.Node(at).Store().Beacon(of)
					return at == of || !b.Time.Time().Before(since)
				})
			}
		}
	}
	said := say(t, n, town, "of a day")
	for _, at := range []protocol.InstitutionID{capital, neighbour} {
		arrives(t, n, at, said.Name)
	}
	next := nextVersion(t, dir, n.Node(town).Trust().SignedCharter(), func(c *protocol.Charter) {
		c.RetentionDays[body.TypeNote(protocol.Situation)] = 1
	})
	takes(t, n.Node(town), next)
	for _, at := range []protocol.InstitutionID{capital, neighbour} {
		await(t, n.Node(at), "the charter is in force", inForce(n.Node(at), next))
	}
	if err := n.Stop(neighbour); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		goOn(capital, town)
	}
	settles := func(id protocol.InstitutionID) {
		t.Helper()
		if err := n.Node(id).Intake().SettleOn(t.Context(), next.Digest()); err != nil {
			t.Fatal(err)
		}
	}
	for _, at := range []protocol.InstitutionID{capital, town} {
		if got := heldAt(t, n.Node(at), said.Name).BodyState; got != protocol.BodyHeld {
			t.Errorf("the body is %s at %s, which has not settled on the version that has it let go", got, at)
		}
		settles(at)
	}
	for range 2 {
		goOn(capital, town)
	}
	for _, at := range []protocol.InstitutionID{capital, town} {
		erased(t, n.Node(at), said.Name)
	}

	if err := n.Restart(t.Context(), neighbour); err != nil {
		t.Fatal(err)
	}
	settles(neighbour)
	last := say(t, n, neighbour, "back again")
	for _, at := range []protocol.InstitutionID{capital, town} {
		arrives(t, n, at, last.Name)
	}
	if err := n.Stop(capital); err != nil {
		t.Fatal(err)
	}
	if err := n.Restart(t.Context(), capital); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		goOn(capital, town, neighbour)
	}
	erased(t, n.Node(neighbour), said.Name)
	if err := n.Settle(within(t)); err != nil {
		t.Fatal(err)
	}
	for _, at := range n.Nodes() {
		erased(t, at, said.Name)
		if got := heldAt(t, at, said.Name).Digest; got != heldAt(t, n.Node(town), said.Name).Digest {
			t.Errorf("%s holds another header than the author", at.Institutions()[0])
		}
		for _, state := range []protocol.BodyState{protocol.BodyMissing, protocol.BodyWithheld} {
			for name, err := range at.Store().Bodies(context.Background(), state) {
				t.Errorf("%s would ask for the body of %s (%s, %v)", at.Institutions()[0], name, state, err)
			}
		}
	}
}
