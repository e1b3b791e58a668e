package board_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol/body"
)

// TestRegionalBodyHasNoFiguresOfItsOwn: what it says of a member's place changes no figure, is due of nobody, contradicts
// nobody, and neither is a change nor hides or foretells one, whichever comes first, its word or the members'.
func TestRegionalBodyHasNoFiguresOfItsOwn(t *testing.T) {
	member, above := newPen(t, town), newPen(t, secretariat)
	own := replay(t, 2, member, gevgelija(), body.Arrivals)
	own = append(own, newPen(t, valley).report(5, figures{body.Arrivals: 5000, body.Present: 40}))
	beyond := slices.Concat(replay(t, 2, above, gevgelija(), body.Arrivals), replay(t, 1, above, islands(), body.Departures))
	graded := func(events ...board.Event) board.Picture {
		b := newBoard(t, events...)
		before, p := b.Digest(at(day(6))), b.Picture(at(day(6)))
		if hides := func(d board.Draft) bool { return d.Institution == secretariat && len(d.Also)*len(d.Upstream) > 0 }; len(events) > len(own) && !slices.ContainsFunc(p.Drafts, hides) {
			t.Fatalf("it would hide no change of a member: %s", show(p.Drafts))
		}
		for range 2 {
			quality(t, &p, day(6))
		}
		if b.Digest(at(day(6))) != before {
			t.Error("the digest hangs on who is who")
		}
		return p
	}
	want := graded(own...)
	if len(want.Drafts) == 0 || len(want.Clashes) == 0 {
		t.Fatal("no change is proposed, or nobody contradicts another")
	}
	for _, events := range [][]board.Event{slices.Concat(own, beyond), slices.Concat(beyond, own)} {
		got := graded(events...)
		if got.Tally.Records != len(events) {
			t.Errorf("%d records are kept of %d", got.Tally.Records, len(events))
		}
		got.Tally = want.Tally
		if diff := cmp.Diff(show(want.View), show(got.View)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if points := got.Series(gevgelija().Key(), body.Arrivals, secretariat); points != nil {
			t.Errorf("it has a column: %s", show(points))
		}
	}
}
