package intake_test

import (
	"fmt"
	"testing"

	"github.com/vardar-network/vardar/protocol"
)

func TestRowsFollowTheArchiveAndTrust(t *testing.T) {
	d := founded(t)
	m := d.known(gevgelija)
	group := epochOf(gevgelija, protocol.Situation).Group()
	if got := d.Digest(group); !got.IsZero() || len(d.Rows(group)) != 0 {
		t.Errorf("an empty group has digest %s", got)
	}
	digests := map[protocol.Digest]bool{}
	for range 3 {
		d.offer(protocol.Accepted, m.topics[protocol.Situation].notes(1, "quiet"))
		for range 2 {
			rows := d.Rows(group)
			if got, want := d.Digest(group), protocol.GroupDigest(group, rows); got != want || len(rows) != 1 {
				t.Errorf("Digest() = %s, want %s of %v", got, want, rows)
			}
			rows[0].Sequence = 99 // the caller's own
		}
		digests[d.Digest(group)] = true
	}
	if len(digests) != 3 {
		t.Errorf("%d digests for three records", len(digests))
	}
	other := *m.topics[protocol.Situation]
	d.offer(protocol.Accepted, m.topics[protocol.Situation].notes(1, "ours"))
	d.offer(protocol.Forked, other.notes(1, "theirs"))
	if got := len(d.Rows(group)); got != 2 {
		t.Errorf("%d rows for two branches", got)
	}
}

// TestGroupsThatAreNotHeldAreNotRemembered: a peer may name groups of regions that do not
// exist, in what it asks and in what it answers, without end.
func TestGroupsThatAreNotHeldAreNotRemembered(t *testing.T) {
	d := founded(t)
	m := d.known(gevgelija)
	d.offer(protocol.Accepted, m.topics[protocol.Situation].notes(1, "quiet"))
	for _, g := range d.store.Groups() {
		d.Digest(g)
	}
	held := d.GroupsRemembered()
	if held == 0 {
		t.Fatal("not even the groups that are held are remembered")
	}
	for k := range 1000 {
		g, err := protocol.ParseGroup(fmt.Sprintf("trust mk.invented%d", k))
		if err != nil {
			t.Fatal(err)
		}
		if got := d.Digest(g); !got.IsZero() {
			t.Fatalf("%s has digest %s", g, got)
		}
	}
	if n := d.GroupsRemembered(); n != held {
		t.Errorf("%d groups are remembered, want the %d that are held", n, held)
	}
}
