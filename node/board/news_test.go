package board_test

import (
	"slices"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// TestNewsAreTheNewestThatWereAccepted: of their world alone, without what machines and
// trust say, and with what was accepted while the clock was set back.
func TestNewsAreTheNewestThatWereAccepted(t *testing.T) {
	p, q := newPen(t, town), newPen(t, centre)
	accepted := func(e board.Event, minute int) board.Event {
		e.Accepted = at(day(5).Add(time.Duration(minute) * time.Minute))
		return e
	}
	first := accepted(p.report(1, figures{body.Arrivals: 1}), 10)
	second := accepted(q.report(1, figures{body.Arrivals: 2}), 20)
	read := accepted(p.write(&body.Acknowledgement{Topic: protocol.Situation, State: body.Read, Common: body.Common{Refs: []body.Ref{refTo(body.RelAcknowledges, &second)}}}), 25)
	back := accepted(p.report(2, figures{body.Arrivals: 3}), 5) // the clock was set back
	last := accepted(q.report(2, figures{body.Arrivals: 4}), 30)
	played := accepted(p.report(3, figures{body.Arrivals: 5}), 40)
	played.Record.Exercise = true
	b := newBoard(t, first, second, read, back, last, played)
	minute := func(n int) protocol.Instant { return at(day(5).Add(time.Duration(n) * time.Minute)) }
	for _, c := range []struct {
		name  string
		since protocol.Instant
		most  int
		want  []*board.Event
		left  int
	}{
		{"all", 0, 9, []*board.Event{&first, &second, &back, &last}, 0},
		{"the newest", 0, 2, []*board.Event{&back, &last}, 2},
		{"behind the first", minute(10), 9, []*board.Event{&second, &back, &last}, 0},
		{"behind the second", minute(20), 9, []*board.Event{&last}, 0},
		{"behind all", minute(30), 9, nil, 0},
	} {
		var want []board.Mention
		for _, e := range c.want {
			want = append(want, board.Mention{Record: e.Record.Name, Digest: e.Digest})
		}
		if got, left := b.News(board.World{}, c.since, c.most); !slices.Equal(got, want) || left != c.left {
			t.Errorf("%s: %v and %d more, want %v and %d", c.name, got, left, want, c.left)
		}
	}
	if got, _ := b.News(board.World{Exercise: true}, 0, 9); len(got) != 1 || got[0].Record != played.Record.Name {
		t.Errorf("of exercises: %v", got)
	}
}
