package board_test

import (
	"slices"
	"testing"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// TestAboutFindsWhatSpeaksOfARecord, whatever the order of arrival, and what speaks of that;
// what was taken back speaks of nothing.
func TestAboutFindsWhatSpeaksOfARecord(t *testing.T) {
	p, q := newPen(t, town), newPen(t, centre)
	note := func(of *board.Event, text string) board.Event {
		n := &body.Note{Topic: protocol.Situation, Text: body.NoteText(text)}
		if of != nil {
			n.Incident = of.Record.Name
		}
		return q.write(n)
	}
	opener := p.report(1, figures{body.Arrivals: 1})
	direct := note(&opener, "direct")
	indirect := note(&direct, "of the note")
	apart := note(nil, "of nothing")
	names := func(b *board.Board, most int) (out []protocol.Name, more bool) {
		found, more := b.About(opener.Record.Name, most)
		for _, m := range found {
			out = append(out, m.Record)
		}
		return out, more
	}
	want := []protocol.Name{direct.Record.Name, indirect.Record.Name}
	for name, events := range map[string][]board.Event{
		"as written": {opener, direct, indirect, apart}, "backwards": {apart, indirect, direct, opener}, "twice": {indirect, direct, direct, indirect},
	} {
		if got, more := names(newBoard(t, events...), 10); more || !slices.Equal(got, want) {
			t.Errorf("%s: About() = %v, %t; want %v", name, got, more, want)
		}
	}
	if got, more := names(newBoard(t, opener, direct, indirect), 1); !more || !slices.Equal(got, want[:1]) {
		t.Errorf("at most one: %v, %t", got, more)
	}
	other := note(&opener, "behind it")
	for name, events := range map[string][]board.Event{"as written": {opener, direct, other}, "backwards": {other, direct, opener}} {
		if got, more := names(newBoard(t, events...), 1); !more || !slices.Equal(got, want[:1]) {
			t.Errorf("at most one of two as near, %s: %v, %t", name, got, more)
		}
	}
	gone := q.erase(&direct)
	if got, _ := names(newBoard(t, opener, direct, indirect, gone), 10); len(got) != 0 {
		t.Errorf("what was taken back still leads to %v", got)
	}
}
