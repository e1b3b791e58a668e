package federation_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/federation"
	"github.com/vardar-network/vardar/node/link"
	"github.com/vardar-network/vardar/protocol"
)

// An alert written behind thousands of records overtakes them on a slow line.
func TestAlertOvertakesTheRestOnASlowLine(t *testing.T) {
	t.Parallel()
	n, _ := startIn(t, three())
	wire := n.Line(town, capital)
	wire.Cut()
	const behind, window = 300, 100 // a second's worth is about 60
	for range behind {
		big(t, n, capital, 20_000) // 6 MB: a look-ahead and a half
	}
	wire.Throttle(1 << 20)
	wire.Heal()
	at := n.Node(town)
	notes := func() int {
		b := at.Store().Branches(protocol.EpochID{Feed: protocol.Feed{Institution: capital, Topic: protocol.Situation}, Epoch: 1})
		if len(b) == 0 {
			return 0
		}
		return int(b[0].Head)
	}
	await(t, at, "the first reports have come", func() bool { return notes() > 0 })
	alert, err := n.Node(capital).Say(t.Context(), capital, alertOf(), protocol.Green)
	if err != nil {
		t.Fatal(err)
	}
	written := notes()
	arrives(t, n, town, alert.Name)
	// By order of acceptance: how many came while the alert was on its way.
	held, err := at.Store().Get(alert.Name)
	if err != nil {
		t.Fatal(err)
	}
	earlier := 0
	for s, err := range at.Store().All(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		if s.Digest == held.Digest {
			break
		}
		if s.Institution == capital && s.Topic == protocol.Situation {
			earlier++
		}
	}
	if earlier > written+window {
		t.Errorf("%d of %d reports came before the alert, %d of them before it was written", earlier, behind, written)
	}
	wire.Throttle(0)
	if err := n.Settle(within(t)); err != nil {
		t.Fatal(err)
	}
}

func TestBodiesAboveTheMarkAreWithheldWhileTheFeedIsComplete(t *testing.T) {
	t.Parallel()
	n, _ := startIn(t, three())
	agreed(t, n, capital, town)
	links := n.Node(capital).Links()
	terms := link.Everything()
	terms.Ours.Bodies = protocol.Clear
	if _, err := links.Propose(t.Context(), town, terms); err != nil {
		t.Fatal(err)
	}
	var said []protocol.Name
	for _, h := range []protocol.Handling{protocol.Green, protocol.Clear, protocol.Amber, protocol.Clear, protocol.Green, protocol.Red, protocol.Clear} {
		s, err := n.Node(capital).Say(t.Context(), capital, note("under "+h.String()), h)
		if err != nil {
			t.Fatal(err)
		}
		said = append(said, s.Name)
	}
	arrives(t, n, town, said[6])
	state := func(k int) protocol.BodyState {
		held, err := n.Node(town).Store().Get(said[k])
		if err != nil {
			t.Fatalf("the feed is not complete: %v", err)
		}
		return held.BodyState
	}
	for k, want := range []protocol.BodyState{protocol.BodyWithheld, protocol.BodyHeld, protocol.BodyWithheld, protocol.BodyHeld, protocol.BodyWithheld, protocol.BodyWithheld, protocol.BodyHeld} {
		if got := state(k); got != want {
			t.Errorf("body of %s is in state %v, want %v", said[k], got, want)
		}
	}
	// A wider policy brings them, up to its mark: what is RED stays where it was said.
	wider, err := links.Propose(t.Context(), town, link.Everything())
	if err != nil {
		t.Fatal(err)
	}
	await(t, n.Node(town), "the policy is proposed to the town", func() bool {
		for _, s := range n.Node(town).Lines() {
			if s.Peer == capital && s.Proposed == wider.Number {
				return true
			}
		}
		return false
	})
	if _, err := n.Node(town).Links().Approve(t.Context(), capital, nil); err != nil {
		t.Fatal(err)
	}
	await(t, n.Node(town), "the bodies have come", func() bool {
		return !slices.ContainsFunc([]int{0, 1, 2, 3, 4}, func(k int) bool { return state(k) != protocol.BodyHeld })
	})
	if got := state(5); got != protocol.BodyWithheld {
		t.Errorf("a RED body is in state %v, want withheld", got)
	}
}

// Two links at one cursor share their frames, and never a body that one of the two may
// not be given: RED goes to the town, and its neighbour's feed is complete without it.
func TestBodiesOfOneLinkAreNotSharedWithAnother(t *testing.T) {
	t.Parallel()
	n, _ := startIn(t, three())
	wide, narrow := link.Everything(), link.Everything()
	wide.Ours.Bodies, narrow.Ours.Bodies = protocol.Red, protocol.Green
	for peer, terms := range map[protocol.InstitutionID]link.Terms{town: wide, neighbour: narrow} {
		agreed(t, n, capital, peer)
		policy, err := n.Node(capital).Links().Propose(t.Context(), peer, terms)
		if err != nil {
			t.Fatal(err)
		}
		at := n.Node(peer)
		await(t, at, "the policy is proposed or in force", func() bool {
			return slices.ContainsFunc(at.Lines(), func(s link.State) bool { return max(s.Proposed, s.Policy) == policy.Number })
		})
		if _, err := at.Links().Approve(t.Context(), capital, nil); err != nil && !errors.Is(err, link.ErrNothingProposed) {
			t.Fatal(err)
		}
		await(t, n.Node(capital), "the policy is in force", func() bool {
			return slices.ContainsFunc(n.Node(capital).Lines(), func(s link.State) bool { return s.Peer == peer && s.Policy == policy.Number })
		})
	}
	marks := []protocol.Handling{protocol.Red, protocol.Amber, protocol.Green, protocol.AmberStrict}
	var said []protocol.Name
	for k := range 40 {
		d := draft("vardar.situation.note.v1", salted(fmt.Sprint("note ", k), 100))
		d.Handling = marks[k%len(marks)] // by hand: the desk lets nobody write above AMBER in the open
		held, err := n.Node(capital).Intake().Publish(t.Context(), d)
		if err != nil {
			t.Fatal(err)
		}
		said = append(said, held.Name)
	}
	for _, at := range []protocol.InstitutionID{town, neighbour} {
		arrives(t, n, at, said[len(said)-1])
		for k, name := range said {
			held, err := n.Node(at).Store().Get(name)
			if err != nil {
				t.Fatalf("the feed is not complete at %s: %v", at, err)
			}
			want := protocol.BodyHeld
			if at == neighbour && marks[k%len(marks)] != protocol.Green {
				want = protocol.BodyWithheld
			}
			if held.BodyState != want {
				t.Errorf("%s at %s, %s: body is in state %v, want %v", name, at, held.Handling, held.BodyState, want)
			}
		}
	}
	if err := n.Settle(within(t)); err != nil {
		t.Fatal(err)
	}
}

func TestWhoHasARecordIsKnownOverACut(t *testing.T) {
	t.Parallel()
	n, _ := startIn(t, three())
	from := n.Node(capital).Links()
	early := say(t, n, capital, "before the cut")
	has := func(name protocol.Name, id protocol.InstitutionID) bool {
		have, _ := from.Holders(name)
		return slices.Contains(have, id)
	}
	await(t, n.Node(capital), "both towns have it", func() bool { return has(early.Name, town) && has(early.Name, neighbour) })
	n.Line(town, capital).Cut()
	late := say(t, n, capital, "during the cut")
	await(t, n.Node(capital), "the neighbour has it", func() bool { return has(late.Name, neighbour) })
	if !has(early.Name, town) || has(late.Name, town) {
		t.Error("what the town holds is not known while its line is cut")
	}
	if _, of := from.Holders(late.Name); len(of) != 2 {
		t.Errorf("of %v, want both towns", of)
	}
	// A node that starts anew learns it when it compares.
	if err := n.Stop(capital); err != nil {
		t.Fatal(err)
	}
	if err := n.Restart(t.Context(), capital); err != nil {
		t.Fatal(err)
	}
	n.Line(town, capital).Heal()
	from = n.Node(capital).Links()
	await(t, n.Node(capital), "both towns are known to have both", func() bool {
		return has(early.Name, town) && has(late.Name, town) && has(early.Name, neighbour) && has(late.Name, neighbour)
	})
}

func TestPausedLinkStaysDownAndATestSaysSo(t *testing.T) {
	t.Parallel()
	n, _ := startIn(t, three())
	for _, side := range []struct{ at, peer protocol.InstitutionID }{{capital, town}, {town, capital}} {
		links := n.Node(side.at).Links()
		if trip, err := links.Test(within(t), side.peer); err != nil || trip <= 0 {
			t.Errorf("test of a good line: %v, %v", trip, err)
		}
		if err := links.Pause(t.Context(), side.peer); err != nil {
			t.Fatal(err)
		}
		await(t, n.Node(side.at), "the line is down", func() bool { return !up(n.Node(side.at), side.peer) })
		said := say(t, n, capital, "not over a paused line")
		arrives(t, n, neighbour, said.Name)
		if n.Node(town).Holds(said.Name) {
			t.Error("a record went over a paused line")
		}
		if _, err := links.Test(within(t), side.peer); !errors.Is(err, link.ErrPaused) {
			t.Errorf("test of a paused line: %v", err)
		}
		if err := links.Resume(t.Context(), side.peer); err != nil {
			t.Fatal(err)
		}
		arrives(t, n, town, said.Name)
	}
	if _, err := n.Node(capital).Links().Test(within(t), "mk.southeast.nobody"); !errors.Is(err, link.ErrNoLink) {
		t.Errorf("test of no link: %v", err)
	}
}

// What was agreed on a link that is removed does not come back by itself: the peer goes on showing
// it, and has to sign what is proposed anew.
func TestRemovedLinkIsAgreedOnAnew(t *testing.T) {
	t.Parallel()
	n, _ := startIn(t, three())
	links := n.Node(capital).Links()
	if err := links.Remove(t.Context(), town); err != nil {
		t.Fatal(err)
	}
	await(t, n.Node(town), "the line is down", func() bool { return !up(n.Node(town), capital) })
	if slices.ContainsFunc(links.States(), func(s link.State) bool { return s.Peer == town }) {
		t.Error("a removed link is shown")
	}
	said := say(t, n, capital, "not over a removed link")
	arrives(t, n, neighbour, said.Name)
	if _, err := links.Test(within(t), town); !errors.Is(err, link.ErrRemoved) {
		t.Errorf("test of a removed link: %v", err)
	}
	c, _, err := links.Config(town)
	if err == nil {
		err = links.Configure(t.Context(), c)
	}
	if err != nil {
		t.Fatal(err)
	}
	await(t, n.Node(capital), "the line is up", func() bool { return up(n.Node(capital), town) })
	p, err := links.Propose(t.Context(), town, link.Everything())
	if err != nil || p.Number != 2 {
		t.Errorf("proposed = %+v, %v", p, err)
	}
	await(t, n.Node(town), "the town is shown it", func() bool {
		c, _, err := n.Node(town).Links().Config(capital)
		return err == nil && c.Proposed != nil
	})
	if c, _, err := links.Config(town); err != nil || c.InForce != nil {
		t.Errorf("what was ended is in force again: %+v, %v", c.InForce, err)
	}
	if n.Node(town).Holds(said.Name) {
		t.Error("a record went before both had signed")
	}
	if _, err := n.Node(town).Links().Approve(t.Context(), capital, new(protocol.DigestOf([]byte("another")))); !errors.Is(err, link.ErrOtherProposed) {
		t.Errorf("approve another than the one that waits: %v", err)
	}
	if _, err := n.Node(town).Links().Approve(t.Context(), capital, nil); err != nil {
		t.Fatal(err)
	}
	arrives(t, n, town, said.Name)
}

// A line that takes everything and brings nothing holds up neither the others nor the
// end of the node.
func TestLineThatBringsNothingHoldsUpNobody(t *testing.T) {
	t.Parallel()
	n, _ := startIn(t, three())
	n.Line(town, capital).Hold()
	for range 100 {
		big(t, n, capital, 60_000) // more than fits any buffer on the way
	}
	last := say(t, n, capital, "the others have it")
	arrives(t, n, neighbour, last.Name)
	for range 100 {
		big(t, n, town, 60_000)
	}
	if err := n.Stop(town); err != nil {
		t.Fatal(err)
	}
	if err := n.Restart(t.Context(), town); err != nil {
		t.Fatal(err)
	}
	n.Line(town, capital).Heal()
	arrives(t, n, town, last.Name)
}

// Two copies of the town that dial the capital end each other's lines: all three say so
// before either has written, and the copies leave one another in peace.
func TestCopiesThatKickEachOtherAreToldSo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	timing := quick()
	timing.Redial = time.Hour // what a copy waits once it was told
	n, err := federation.Start(t.Context(), federation.Options{Dir: dir, Timing: timing}, three())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	copied := copyOf(t, n, dir, town)
	clone := runAlone(t, copied, timing, func(*node.Node) {})
	says := func(at *node.Node, peer protocol.InstitutionID) bool {
		return slices.ContainsFunc(at.Lines(), func(s link.State) bool {
			return s.Peer == peer && s.Clone && strings.Contains(s.Error, "another copy of this node is running")
		})
	}
	const few = 8
	storm := func() bool {
		return slices.ContainsFunc(n.Node(capital).Lines(), func(s link.State) bool { return s.Peer == town && s.Kicks > few })
	}
	author := n.Node(town)
	await(t, n.Node(capital), "they are told", func() bool {
		return (says(n.Node(capital), town) && says(author, capital) && says(clone, capital)) || storm()
	})
	var said node.Said
	for range 100 { // in the meantime a storm would go on
		said = say(t, n, capital, "one of the two lines stays")
	}
	await(t, n.Node(capital), "one of them has it", func() bool { return author.Holds(said.Name) || clone.Holds(said.Name) || storm() })
	if storm() {
		t.Errorf("they kicked each other more than %d times: capital told %v, town %v, copy %v", few, says(n.Node(capital), town), says(author, capital), says(clone, capital))
	}
	if n.Node(capital).Counts().Forks > 0 {
		t.Error("it took a fork to find the copy")
	}
}

// A line that looks alive and brings nothing is found by asking over it.
func TestTestOfALinkAsksThePeer(t *testing.T) {
	t.Parallel()
	n, _ := startIn(t, three())
	links := n.Node(capital).Links()
	await(t, n.Node(capital), "the line is up", func() bool { return up(n.Node(capital), town) })
	n.Line(town, capital).Hold()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if trip, err := links.Test(ctx, town); err == nil {
		t.Errorf("a line that brings nothing answered in %v", trip)
	}
	n.Line(town, capital).Heal()
	if _, err := links.Test(within(t), town); err != nil {
		t.Errorf("a line that is well again: %v", err)
	}
}

func TestNothingOfALinkRunsWhenItsNodeHasStopped(t *testing.T) {
	n, err := federation.Start(t.Context(), federation.Options{Dir: t.TempDir(), Timing: quick()}, three())
	if err != nil {
		t.Fatal(err)
	}
	arrives(t, n, town, say(t, n, neighbour, "hello").Name)
	n.Line(town, capital).Cut()
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	stacks := make([]byte, 8<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	for _, g := range strings.Split(string(stacks), "\n\n") {
		if strings.Contains(g, "vardar/node/link.") && !strings.Contains(g, "testing.tRunner") {
			t.Errorf("still runs:\n%s", g)
		}
	}
}

func TestClonedLinkKeyIsShown(t *testing.T) {
	t.Parallel()
	n, dir := startIn(t, three())
	v := turn(t, n, dir)
	for range 6 {
		v.dial()
	}
	await(t, n.Node(capital), "the clone is shown", func() bool {
		return slices.ContainsFunc(n.Node(capital).Lines(), func(s link.State) bool { return s.Peer == town && s.Clone && s.Kicks > 3 })
	})
	v.goesOn()
}
