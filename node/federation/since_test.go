package federation_test

import (
	"slices"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/link"
	"github.com/vardar-network/vardar/protocol"
)

// Who had a record at once, and who only when its line was back, is told with the times, until the
// node that is asked starts anew.
func TestSinceWhenOthersHaveARecord(t *testing.T) {
	t.Parallel()
	n, _ := startIn(t, three())
	known := func(name protocol.Name) map[protocol.InstitutionID]link.Known {
		of := map[protocol.InstitutionID]link.Known{}
		for _, k := range n.Node(capital).Links().HeldSince(name) {
			of[k.Peer] = k
		}
		return of
	}
	now := func() protocol.Instant { return protocol.InstantOf(time.Now()) }
	settled := func() bool {
		return !slices.ContainsFunc(n.Node(capital).Links().States(), func(s link.State) bool { return !s.Settled })
	}
	await(t, n.Node(capital), "both lines are at rest", settled)
	n.Line(town, capital).Cut()
	await(t, n.Node(capital), "the line is down", func() bool { return !up(n.Node(capital), town) })
	began := now()
	said := say(t, n, capital, "during the cut")
	await(t, n.Node(capital), "the neighbour has it", func() bool { return len(known(said.Name)) == 1 })
	first := known(said.Name)[neighbour]
	if first.Since < began || first.Since > now() || first.Why != "" {
		t.Errorf("the neighbour has it by %+v, want since some time from %v on", first, began)
	}
	healed := now()
	n.Line(town, capital).Heal()
	await(t, n.Node(capital), "the town has it too", func() bool { return len(known(said.Name)) == 2 })
	late := known(said.Name)[town]
	if late.Since < healed || late.Since > now() || late.Why != "" {
		t.Errorf("the town has it by %+v, want since some time from %v on", late, healed)
	}
	if again := known(said.Name)[neighbour]; again != first {
		t.Errorf("the neighbour has it by %+v now, want %+v", again, first)
	}

	if err := n.Stop(capital); err != nil {
		t.Fatal(err)
	}
	stopped := now()
	if err := n.Restart(t.Context(), capital); err != nil {
		t.Fatal(err)
	}
	await(t, n.Node(capital), "both are known to have it again", func() bool { return len(known(said.Name)) == 2 })
	for id, k := range known(said.Name) {
		if k.Since != 0 || k.Why != link.Begun || k.From < stopped || k.From > now() {
			t.Errorf("%s has it by %+v, want that it is not known since when, for a start after %v", id, k, stopped)
		}
	}
}
