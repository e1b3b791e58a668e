package federation_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/federation"
	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// startIn starts a network in a folder that the test knows.
func startIn(t *testing.T, plan federation.Plan) (*federation.Network, string) {
	t.Helper()
	dir := t.TempDir()
	n, err := federation.Start(t.Context(), federation.Options{Dir: dir, Timing: quick()}, plan)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	return n, dir
}

func quick() node.Timing {
	return node.Timing{Heartbeat: 500 * time.Millisecond, Redial: 300 * time.Millisecond, Soon: 100 * time.Millisecond}
}

// copyOf copies a node's folder while it stands still, and gives the copy's.
func copyOf(t *testing.T, n *federation.Network, dir string, id protocol.InstitutionID) string {
	t.Helper()
	if err := n.Stop(id); err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(dir, "copy")
	if err := os.CopyFS(copied, os.DirFS(filepath.Join(dir, string(id)))); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Chmod(filepath.Join(copied, "keys"), 0o700), lockDown(filepath.Join(copied, "keys")), lockDown(filepath.Join(copied, "identity"))); err != nil {
		t.Fatal(err)
	}
	if err := n.Restart(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	return copied
}

// runAlone runs a node that is not of the network's list.
func runAlone(t *testing.T, dir string, timing node.Timing, before func(*node.Node)) *node.Node {
	t.Helper()
	n, err := node.Open(t.Context(), node.Options{Dir: dir, Listen: "127.0.0.1:0", Version: "test", Timing: timing})
	if err != nil {
		t.Fatal(err)
	}
	before(n)
	ctx, cancel := contextOf(t)
	done := make(chan error, 1)
	go func() { done <- n.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := errors.Join(<-done, n.Close()); err != nil {
			t.Error(err)
		}
	})
	<-n.Ready()
	return n
}

func await(t *testing.T, n *node.Node, what string, ok func() bool) {
	t.Helper()
	if err := federation.Wait(within(t), n, ok); err != nil {
		t.Fatalf("still not: %s\n%+v", what, n.Lines())
	}
}

func up(n *node.Node, peer protocol.InstitutionID) bool {
	for _, s := range n.Lines() {
		if s.Peer == peer && s.Up {
			return true
		}
	}
	return false
}

// Town and its clone both compare, agree, and then write (M4, M6): the fork is found in
// the middle of a link, both branches reach everyone, and the author stops.
func TestForkOfAClonedNodeIsProvedAndStopsItsAuthorAlone(t *testing.T) {
	t.Parallel()
	plan := three()
	plan.Lines = [][2]protocol.InstitutionID{{town, neighbour}}
	n, dir := startIn(t, plan)
	first := say(t, n, town, "before the copy")
	arrives(t, n, capital, first.Name)
	arrives(t, n, neighbour, first.Name) // over the capital, maybe
	agreed(t, n, town, neighbour)        // the copy keeps the policy
	copied := copyOf(t, n, dir, town)
	author := n.Node(town)
	if err := author.Links().Pause(t.Context(), neighbour); err != nil {
		t.Fatal(err)
	}
	clone := runAlone(t, copied, quick(), func(c *node.Node) {
		if err := c.Links().Configure(t.Context(), pausedConfig(t, c, capital)); err != nil {
			t.Fatal(err)
		}
	})
	await(t, author, "the town is connected", func() bool { return up(author, capital) })
	await(t, clone, "the clone is connected", func() bool { return up(clone, neighbour) })

	n.Line(town, capital).Hold() // the session lives, and brings nothing
	mine := say(t, n, town, "written by the town")
	theirs, err := clone.Say(t.Context(), town, note("written by the copy"), protocol.Green)
	if err != nil {
		t.Fatal(err)
	}
	if mine.Name != theirs.Name {
		t.Fatalf("wrote %s and %s, want one position twice", mine.Name, theirs.Name)
	}
	arrives(t, n, capital, theirs.Name)
	n.Line(town, capital).Heal()

	for _, at := range []*node.Node{n.Node(capital), n.Node(neighbour), author, clone} {
		await(t, at, string(at.Institutions()[0])+" holds both branches", func() bool {
			both, unread := at.Store().At(mine.Name)
			return unread == nil && len(both) == 2
		})
	}
	for who, at := range map[string]*node.Node{"author": author, "clone": clone} {
		if _, stopped := at.Say(t.Context(), town, note("one more"), protocol.Green); !errors.Is(stopped, intake.ErrForked) {
			t.Errorf("the %s writes behind the fork: %v", who, stopped)
		}
	}
	if n.Node(capital).Counts().Forks == 0 {
		t.Error("the capital has found no fork")
	}
	// The feed of anybody else, and the town's other feeds, go on.
	other := say(t, n, capital, "we go on")
	arrives(t, n, town, other.Name)
	another, err := author.Say(t.Context(), town, &body.Note{Topic: protocol.Resource, Text: "another feed"}, protocol.Green)
	if err != nil {
		t.Fatal(err)
	}
	arrives(t, n, capital, another.Name)
	arrives(t, n, neighbour, another.Name)
	if err = n.Settle(within(t)); err != nil {
		t.Fatal(err)
	}
}
