package link_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/node/link"
	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

// day is an hour of a day, by minutes since nine.
func day(minutes int) time.Time {
	return time.Date(2016, 3, 17, 9, minutes, 0, 0, time.UTC)
}

func accepted(town string, sequence uint32, order uint64, minute int) *store.Stored {
	return &store.Stored{
		Record: protocol.Record{Name: protocol.Name{
			Institution: protocol.InstitutionID("mk.southeast." + town),
			Position:    protocol.Position{Topic: protocol.Situation, Epoch: 1, Sequence: sequence},
		}},
		Order: order, Accepted: protocol.InstantOf(day(minute)),
	}
}

// A link that is made at nine learns of a peer what it holds, in this order.
func TestSinceWhenAPeerHoldsARecord(t *testing.T) {
	var now time.Time
	at := func(minute int) { now = day(minute) }
	at(0)
	x := link.NewLearner(func() time.Time { return now })
	older, newer, other := accepted("town", 1, 1, -60), accepted("town", 2, 2, 10), accepted("other", 1, 3, 11)
	g := older.Feed().Group()
	since := func(what string, r *store.Stored, minute int) {
		t.Helper()
		want := link.Known{Peer: "mk.southeast.peer", Since: protocol.InstantOf(day(minute))}
		if d := cmp.Diff(want, x.Known(r)); d != "" {
			t.Errorf("%s (-want +got):\n%s", what, d)
		}
	}
	unknown := func(what string, r *store.Stored, why link.Unknown, from int) {
		t.Helper()
		want := link.Known{Peer: "mk.southeast.peer", Why: why, From: protocol.InstantOf(day(from))}
		if d := cmp.Diff(want, x.Known(r)); d != "" {
			t.Errorf("%s (-want +got):\n%s", what, d)
		}
	}

	at(5)
	x.Equal(g, 1)
	unknown("it is older than the link", older, link.Begun, 0)
	at(12)
	x.Acknowledged(newer)
	at(20)
	x.Equal(g, 3)
	since("acknowledged before the comparison", newer, 12)
	since("found by the comparison", other, 20)
	at(30)
	x.Equal(g, 3)
	since("a later comparison finds nothing new", other, 20)

	at(40)
	x.Lacking(g, 3, newer.EpochID(), 1)
	since("the peer went on holding it", other, 20)
	unknown("older than the link, and not what is lacking", older, link.Begun, 0)
	at(45)
	x.Acknowledged(newer)
	since("it had lost it in between", newer, 45)
	at(46)
	x.Lacking(g, 3, older.EpochID(), 0)
	at(50)
	x.Acknowledged(newer)
	since("it was found to lack what is older than the link", older, 50)
	since("and what is behind that", newer, 50)

	at(60)
	for k := range 10_000 {
		x.Acknowledged(accepted(fmt.Sprint("flood", k), 1, uint64(4+k), 59)) //nolint:gosec // small
	}
	unknown("it was learnt longer ago than is remembered", other, link.LongAgo, 60)
	if taken, most := x.Bytes(); taken > most || most > 40<<10 {
		t.Errorf("%d bytes of a line, of %d at most, want 40 KiB at most", taken, most)
	}
	late := accepted("other", 2, 10_010, 61)
	at(62)
	x.Acknowledged(late)
	since("what comes after the flood", late, 62)
	unknown("another acknowledgement of the epoch says nothing of what was before", other, link.LongAgo, 60)
}
