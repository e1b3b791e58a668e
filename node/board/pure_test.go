package board_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// A correction that names a record rightly and its digest wrongly says so whichever of
// the two comes first.
func TestBrokenReferenceIsToldInEveryOrder(t *testing.T) {
	p := newPen(t, town)
	said := p.report(1, figures{body.Arrivals: 5})
	wrong := said
	wrong.Digest[0] ^= 1
	events := []board.Event{said, p.correct(&wrong, nil)}
	want := picture(t, day(3), events...)
	slices.Reverse(events)
	got := newBoard(t, events[0])
	got.Picture(at(day(3)))
	got.Tell(events[1:])
	if diff := cmp.Diff(want.Corrections, got.Picture(at(day(3))).Corrections); diff != "" {
		t.Errorf("corrections differ by the order of arrival:\n%s", diff)
	}
	if a, b := newBoard(t, events...).Digest(at(day(3))), got.Digest(at(day(3))); a != b {
		t.Errorf("digests differ by the order of arrival: %s, %s", a, b)
	}
	if c := only(t, want.Corrections); c.Why != "broken reference: the record of that name has another digest" {
		t.Errorf("why: %q", c.Why)
	}
}

// Why a node can't read a body is its own affair: withheld by one link, missing behind
// another. Nodes that can read the same show the same.
func TestWhyABodyIsAbsentIsInNoDigest(t *testing.T) {
	e := newPen(t, town).report(1, figures{body.Arrivals: 5})
	var digests []protocol.Digest
	for _, state := range []protocol.BodyState{protocol.BodyWithheld, protocol.BodyMissing, protocol.BodyErased} {
		bare := e
		bare.Record = e.Record.WithoutBody(state)
		b := newBoard(t, bare)
		digests = append(digests, b.Digest(at(day(3))))
		if k := only(t, b.Picture(at(day(3))).Kept); k.Standing != board.NoBody || k.Reason != state.String() {
			t.Errorf("%s: kept as %s, because %q", state, k.Standing, k.Reason)
		}
	}
	if digests[0] != digests[1] || digests[1] != digests[2] {
		t.Errorf("digests differ: %v", digests)
	}
}
