package intake_test

import (
	"context"
	"testing"

	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/protocol"
)

// TestDropIsWrittenDownWhileTheNodeRuns: a node that loses its power has told nobody that it stops.
func TestDropIsWrittenDownWhileTheNodeRuns(t *testing.T) {
	t.Parallel()
	d := founded(t)
	since := d.DropsSince()
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- d.Run(ctx) }()
	if _, err := d.TakeBeacons(t.Context(), northPeer, []string{"garbage"}); err != nil {
		t.Fatal(err)
	}
	written := func() (n int) {
		for _, err := range d.store.Private("drops").Each(t.Context(), []byte(northPeer)) {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		return n
	}
	eventually(t, "the count is written down", func() bool { return written() == 1 })
	stop()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	d.now = d.now.AddDate(0, 0, 1)
	next := d.again(func(n *door) { n.now = d.now })
	if got := next.Drops()[northPeer]; len(got) != 1 || next.DropsSince() != since {
		t.Errorf("drops are %v since %s, want one since %s", got, next.DropsSince(), since)
	}
	for _, got := range next.Drops()[northPeer] {
		if want := (intake.Drop{Records: 1, First: protocol.InstantOf(noon), Last: protocol.InstantOf(noon)}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
}
