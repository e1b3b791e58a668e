package board_test

import (
	"slices"
	"testing"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// TestErasedAnswerWasReceived: a convener that is the registrar of who answered takes the body back and concludes over it. On
// every node, whichever had the body, it stays an answer without a position, and the outcome owes it a word.
func TestErasedAnswerWasReceived(t *testing.T) {
	ask, south := newPen(t, centre), newPen(t, town)
	c := ask.consult(body.Addressee(town), body.Addressee(valley))
	a := south.respond(&c, body.PositionOppose, day(5), day(5))
	ask.clock = day(6)
	gone, over := ask.erase(&a), ask.conclude(&c, "Nobody has said a word.")
	for name, answer := range map[string]board.Event{
		"had": a, "let go": bare(a, protocol.BodyErased), "never had": bare(a, protocol.BodyWithheld),
	} {
		t.Run(name, func(t *testing.T) {
			events := []board.Event{c, answer, gone, over}
			for range events {
				row := only(t, picture(t, day(14), events...).Consultations)
				row.Invited = []protocol.InstitutionID{town, valley}
				row.Judge(func(id protocol.InstitutionID) bool { return slices.Contains(row.Invited, id) })
				got := only(t, row.Answers)
				if s := states(&row); s != "concluded; demo-south-gate erased" || got.Position != "" || got.Text != "" || row.Counted() != 1 || len(row.Positions) != 0 {
					t.Errorf("%s: %s", s, show(row))
				}
				if by := got.Erased; by == nil || by.Record != gone.Record.Name || by.AuthorTime != at(day(6)) || by.Reason != "named a person" {
					t.Errorf("erased by %+v", by)
				}
				if !slices.Equal(row.Silent, []protocol.InstitutionID{valley}) || !slices.Equal(row.Waiting, []protocol.Name{a.Record.Name}) {
					t.Errorf("silent %v, waiting %v", row.Silent, row.Waiting)
				}
				events = append(events[1:], events[0])
			}
		})
	}
	anew := south.respond(&c, body.PositionSupport, day(7), day(7))
	row := only(t, picture(t, day(9), c, a, gone, anew).Consultations)
	if got, want := states(&row), "open; demo-south-gate replaced; demo-south-gate counts"; got != want {
		t.Errorf("answered anew: %s, want %s", got, want)
	}
}

// TestErasureThatDoesNotNameTheQuestion: it was written past a desk. What else names the answer says what it was to; where
// nothing does, no node knows.
func TestErasureThatDoesNotNameTheQuestion(t *testing.T) {
	ask, south := newPen(t, centre), newPen(t, town)
	c := ask.consult(body.Addressee(town))
	a := south.respond(&c, body.PositionOppose, day(5), day(5))
	mute := &body.Erasure{Topic: protocol.Policy, Reason: "named a person"}
	mute.Refs = []body.Ref{refTo(body.RelErases, &a)}
	gone := ask.write(mute)
	other := answering(&c, body.PositionAmend)
	other.Text = "otherwise"
	south.clock = day(6)
	for name, tt := range map[string]struct {
		also []board.Event
		want string
	}{
		"nothing else":                      {nil, "closed"},
		"an outcome that has considered it": {[]board.Event{ask.conclude(&c, "By arrivals.", &a)}, "concluded; demo-south-gate erased partly"},
		"a correction of it":                {[]board.Event{south.correct(&a, other)}, "closed; demo-south-gate erased"},
	} {
		for _, answer := range []board.Event{a, bare(a, protocol.BodyErased)} {
			events := append([]board.Event{gone, answer, c}, tt.also...)
			for range events {
				row := only(t, picture(t, day(14), events...).Consultations)
				if got := states(&row); got != tt.want {
					t.Errorf("%s: got %s, want %s", name, got, tt.want)
				}
				events = append(events[1:], events[0])
			}
		}
	}
}

// TestAnswerTakenBackBehindTheClosingStays: past its author's desk. What was decided had it before it, and owes it a word;
// it says what it said by the closing, and that it was taken back. Taken back before the closing it says nothing but that, and
// nothing is owed.
func TestAnswerTakenBackBehindTheClosingStays(t *testing.T) {
	ask, south := newPen(t, centre), newPen(t, town)
	c := ask.consult(body.Addressee(town))
	a := south.respond(&c, body.PositionSupport, day(5), day(5))
	other := answering(&c, body.PositionOppose)
	on := func(d int, replacement body.Body) board.Event {
		south.clock = day(d)
		return south.correct(&a, replacement)
	}
	early, mended, late, again := on(6, nil), on(9, other), on(10, nil), on(11, other)
	over := ask.conclude(&c, "Nobody has said a word.")
	for name, tt := range map[string]struct {
		events   []board.Event
		want     string
		position body.ResponsePosition
		back     bool
	}{
		"before the closing":                       {[]board.Event{c, a, early, over}, "concluded; demo-south-gate taken back", "", true},
		"behind it":                                {[]board.Event{c, a, late, over}, "concluded; demo-south-gate counts", body.PositionSupport, true},
		"behind it, put right before":              {[]board.Event{c, a, mended, late, over}, "concluded; demo-south-gate counts", body.PositionOppose, true},
		"before the closing, and said again after": {[]board.Event{c, a, early, again, over}, "concluded; demo-south-gate taken back", "", true},
		"before the closing, and said again":       {[]board.Event{c, a, early, mended, over}, "concluded; demo-south-gate counts", body.PositionOppose, false},
		"behind it, and said again":                {[]board.Event{c, a, late, again, over}, "concluded; demo-south-gate counts", body.PositionSupport, false},
	} {
		t.Run(name, func(t *testing.T) {
			for range tt.events {
				row := only(t, picture(t, day(14), tt.events...).Consultations)
				if got := states(&row); got != tt.want {
					t.Fatalf("got %s, want %s", got, tt.want)
				}
				got, back, waits := only(t, row.Answers), late.Record.Name, []protocol.Name{a.Record.Name}
				if got.State == board.AnswerWithdrawn {
					back, waits = early.Record.Name, nil
				}
				if got.Position != tt.position || (got.TakenBack != nil) != tt.back || tt.back && (got.TakenBack.Record != back || got.TakenBack.Reason == "") || !slices.Equal(row.Waiting, waits) {
					t.Errorf("%s", show(row))
				}
				tt.events = append(tt.events[1:], tt.events[0])
			}
		})
	}
}

// TestAnswerWhoseCorrectionIsErasedStandsAsErased: a convener that is the registrar of who answered takes back the correction
// alone, and the answer does not say again what its author has put right; on every node, whichever had that body.
func TestAnswerWhoseCorrectionIsErasedStandsAsErased(t *testing.T) {
	ask, south := newPen(t, centre), newPen(t, town)
	c := ask.consult(body.Addressee(town))
	a := south.respond(&c, body.PositionSupport, day(5), day(5))
	on := func(d int, position body.ResponsePosition) board.Event {
		south.clock = day(d)
		other := answering(&c, position)
		other.Text = "otherwise"
		return south.correct(&a, other)
	}
	no, later, behind, back := on(6, body.PositionOppose), on(7, body.PositionAmend), on(11, body.PositionNeutral), south.correct(&a, nil)
	ask.clock = day(12)
	gone, goneLater, goneBehind := ask.erase(&no), ask.erase(&later), ask.erase(&behind)
	over := ask.conclude(&c, "Nobody has said a word.")
	for name, tt := range map[string]struct {
		events   []board.Event
		bare     board.Event
		want     string
		position body.ResponsePosition
	}{
		"its only correction":              {[]board.Event{c, a, gone, over}, no, "erased", ""},
		"the last of several":              {[]board.Event{c, a, no, goneLater, over}, later, "erased", ""},
		"one that another has followed":    {[]board.Event{c, a, later, gone, over}, no, "counts", body.PositionAmend},
		"one that came behind the closing": {[]board.Event{c, a, goneBehind, over}, behind, "counts", body.PositionSupport},
		"one before that was taken back":   {[]board.Event{c, a, back, gone, over}, no, "erased", ""},
	} {
		t.Run(name, func(t *testing.T) {
			for _, mended := range []board.Event{tt.bare, bare(tt.bare, protocol.BodyErased), bare(tt.bare, protocol.BodyWithheld)} {
				events := append([]board.Event{mended}, tt.events...)
				for range events {
					row := only(t, picture(t, day(14), events...).Consultations)
					got := only(t, row.Answers)
					if string(got.State) != tt.want || got.Position != tt.position || !slices.Equal(row.Waiting, []protocol.Name{a.Record.Name}) {
						t.Errorf("%s: %s", states(&row), show(row))
					}
					if (got.Erased != nil) != (tt.want == "erased") || got.Erased != nil && (got.Erased.Record.Institution != centre || got.Erased.Reason == "") {
						t.Errorf("erased by %+v", got.Erased)
					}
					events = append(events[1:], events[0])
				}
			}
		})
	}
}

// TestOutcomeHasConsideredWhatItHadRead: what an author has put right in time can come to who asked behind its outcome. The
// words that stand were not considered then, and are owed that; an outcome says which version of an answer it had read.
func TestOutcomeHasConsideredWhatItHadRead(t *testing.T) {
	ask, south, isles := newPen(t, centre), newPen(t, town), newPen(t, island)
	c := ask.consult(body.Addressee(town), body.Addressee(island))
	a, other := south.respond(&c, body.PositionSupport, day(5), day(5)), isles.respond(&c, body.PositionSupport, day(5), day(5))
	on := func(d int, position body.ResponsePosition) board.Event {
		south.clock = day(d)
		if position == "" {
			return south.correct(&a, nil)
		}
		return south.correct(&a, answering(&c, position))
	}
	mended, again, late := on(6, body.PositionOppose), on(7, body.PositionNeutral), on(11, body.PositionOppose)
	back := on(8, "")
	reading := func(versions ...*board.Event) *body.ConsultationOutcome {
		o := concluding(&c, "By arrivals.", &a, &other)
		for _, v := range versions {
			o.Refs = append(o.Refs, refTo(body.RelAbout, v))
		}
		return o
	}
	ask.clock = day(12)
	unread, one, both := ask.write(reading()), ask.write(reading(&mended)), ask.write(reading(&mended, &again))
	ask.clock = day(13)
	anew := ask.correct(&unread, reading(&again))
	for name, tt := range map[string]struct {
		events  []board.Event
		want    string // of the answer that was put right
		waits   bool
		outdate bool
	}{
		"never put right":                          {[]board.Event{unread}, "counts partly", false, false},
		"put right, and come behind the outcome":   {[]board.Event{mended, unread}, "counts partly", true, true},
		"put right, and read":                      {[]board.Event{mended, one}, "counts partly", false, false},
		"put right twice, the first read":          {[]board.Event{mended, again, one}, "counts partly", true, true},
		"put right twice, both read":               {[]board.Event{mended, again, both}, "counts partly", false, false},
		"put right, and the outcome too":           {[]board.Event{mended, again, unread, anew}, "counts partly", false, false},
		"put right behind the closing":             {[]board.Event{late, unread}, "counts partly", false, false},
		"taken back in time, and come behind that": {[]board.Event{back, unread}, "taken back partly", false, true},
		"taken back in time, and not considered":   {[]board.Event{back, ask.conclude(&c, "By arrivals.", &other)}, "taken back", false, false},
	} {
		t.Run(name, func(t *testing.T) {
			events := append([]board.Event{c, a, other}, tt.events...)
			for range events {
				row := only(t, picture(t, day(14), events...).Consultations)
				row.Invited = []protocol.InstitutionID{town, island}
				row.Judge(func(protocol.InstitutionID) bool { return true })
				if got, want := states(&row), "concluded; demo-islands-desk counts partly; demo-south-gate "+tt.want; got != want {
					t.Fatalf("got %s, want %s", got, want)
				}
				if got := row.Answers[1]; got.Outdated != tt.outdate || slices.Contains(row.Waiting, a.Record.Name) != tt.waits || len(row.Waiting) > 1 {
					t.Errorf("outdated %t, waiting %v: %s", got.Outdated, row.Waiting, show(row))
				}
				if silent := slices.Contains(row.Silent, town); silent != (tt.want == "taken back") {
					t.Errorf("silent: %v", row.Silent)
				}
				events = append(events[1:], events[0])
			}
		})
	}
}
