package node_test

import (
	"slices"
	"testing"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

// A backup that was made while the node was still to say what counts brings that note back. What
// a person has said meanwhile, as after a theft, stands all the same: it came from the carrier.
func TestWhatAPersonSaidStandsOverAnOlderBackup(t *testing.T) {
	p := newPair(t)
	before := publish(t, p.town, town, note("before the backup"))
	file := p.backUp(t)
	after := publish(t, p.town, town, note("after the backup, and not by the town"))
	eventually(t, "the capital holds what was written after the backup", func() bool { return p.capital.Holds(after) })
	p.stopTown()
	o, _ := p.restore(t, file)
	n, stop := start(t, o)
	if _, err := n.Restate(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.town = n
	file = p.backUp(t)
	if _, err := n.Desk().RotateKey(t.Context(), desk.RotateRequest{As: town, Use: protocol.UseNode, Last: []string{before.String()}}); err != nil {
		t.Fatal(err)
	}
	stop()

	p.townAt.Dir = o.Dir
	o, r := p.restore(t, file)
	n, _ = start(t, o)
	says := func() protocol.Last { last, _ := n.Trust().Last(before.EpochID()); return last }
	if says().Sequence != before.Sequence {
		t.Fatalf("after the second restore %+v is last, want %s", says(), before)
	}
	p.meet(t, r.LinkKey)
	p.redirect(t, n)
	eventually(t, "what was written after the first backup came home", func() bool { return n.Holds(after) })
	stated, err := n.Restate(t.Context())
	if err != nil || slices.Contains(stated, before.EpochID()) || says().Sequence != before.Sequence {
		t.Errorf("a person said that %s is last; the node said %v again (%v), and %+v is last", before, stated, err, says())
	}
	if last, _ := n.Trust().Last(first(2).EpochID()); last.Sequence != 0 {
		t.Errorf("of epoch 2, in which nothing was written, %+v is last", last)
	}
}
