package board_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// bodies gives a record whose body is erased as three nodes have it: one that had it, one that has let it go, one that never had it.
func bodies(e board.Event) []board.Event {
	return []board.Event{e, bare(e, protocol.BodyErased), bare(e, protocol.BodyWithheld)}
}

// hears gives the one consultation of events that come in any order, where the same is told of each.
func hears(t *testing.T, on int, events ...board.Event) board.Consultation {
	t.Helper()
	var first board.Consultation
	for i := range events {
		row := only(t, picture(t, day(on), events...).Consultations)
		if i == 0 {
			first = row
		} else if got, want := show(row), show(first); got != want {
			t.Fatalf("in another order: %s\nwant %s", got, want)
		}
		events = append(events[1:], events[0])
	}
	return first
}

// decisions says in a line what was decided, with what is known of it.
func decisions(c *board.Consultation) string {
	out := ""
	if c.Outcome != nil {
		for _, d := range c.Outcome.History {
			out += toldOf(d) + "; "
		}
		out += "in force: " + c.Outcome.Decision
	}
	for _, d := range c.Undone {
		out += "undone: " + toldOf(d) + "; "
	}
	return out
}

func toldOf(d board.Decided) string {
	if d.Erased != nil {
		return fmt.Sprintf("%s erased by %s", d.Record.Position, d.Erased.Record.Institution.LocalName())
	}
	return d.Decision
}

// TestErasedOutcomeStaysAmongWhatWasDecided: those who answered were told of it, and are owed another. It says by whom and why
// it is gone; what was decided before a correction that is gone does not count again.
func TestErasedOutcomeStaysAmongWhatWasDecided(t *testing.T) {
	ask, south := newPen(t, centre), newPen(t, town)
	c := ask.consult(body.Addressee(town))
	a := south.respond(&c, body.PositionSupport, day(5), day(5))
	ask.clock = day(11)
	over := ask.conclude(&c, "By arrivals.", &a)
	mended, later := ask.correct(&over, concluding(&c, "By residents.", &a)), ask.correct(&over, concluding(&c, "By both.", &a))
	gone, goneMended := ask.erase(&over), ask.erase(&mended)
	for name, tt := range map[string]struct {
		events []board.Event
		erased board.Event
		want   string
		state  board.ConsultationState
	}{
		"the outcome":                     {[]board.Event{gone}, over, "undone: policy.1.2 erased by demo-crisis-centre; ", board.ConsultationClosed},
		"the outcome, put right before":   {[]board.Event{mended, gone}, over, "undone: policy.1.2 erased by demo-crisis-centre; undone: By residents.; ", board.ConsultationClosed},
		"its correction":                  {[]board.Event{over, goneMended}, mended, "undone: By arrivals.; undone: policy.1.3 erased by demo-crisis-centre; ", board.ConsultationClosed},
		"its correction, put right since": {[]board.Event{over, later, goneMended}, mended, "By arrivals.; policy.1.3 erased by demo-crisis-centre; in force: By both.", board.ConsultationConcluded},
	} {
		t.Run(name, func(t *testing.T) {
			for _, e := range bodies(tt.erased) {
				row := hears(t, 14, append([]board.Event{c, a, e}, tt.events...)...)
				if got := decisions(&row); got != tt.want || row.State != tt.state {
					t.Errorf("%s: %s\nwant %s: %s", row.State, got, tt.state, tt.want)
				}
				if (only(t, row.Answers).Consideration != "") != (tt.state == board.ConsultationConcluded) {
					t.Errorf("the answer: %s", show(row))
				}
			}
		})
	}
}

// TestErasedQuestionStaysListed, with who has answered and what was decided: by whom and why it is gone.
func TestErasedQuestionStaysListed(t *testing.T) {
	ask, south := newPen(t, centre), newPen(t, town)
	c := ask.consult(body.Addressee(town))
	a := south.respond(&c, body.PositionSupport, day(5), day(5))
	ask.clock = day(11)
	over, gone := ask.conclude(&c, "By arrivals.", &a), ask.erase(&c)
	for name, tt := range map[string]struct {
		events []board.Event
		want   string
	}{
		"nobody has answered": {[]board.Event{gone}, "erased"},
		"answered":            {[]board.Event{a, gone}, "erased; demo-south-gate counts"},
		"concluded":           {[]board.Event{a, over, gone}, "concluded; demo-south-gate counts partly"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, question := range bodies(c) {
				row := hears(t, 14, append([]board.Event{question}, tt.events...)...)
				if got := states(&row); got != tt.want || row.Question != "" || row.Erased == nil || row.Erased.Record != gone.Record.Name || row.Erased.Reason != "named a person" {
					t.Errorf("got %s, want %s: %s", got, tt.want, show(row))
				}
			}
		})
	}
}

// TestAnswerInTimeStaysSoThoughTheVersionThatItReadIsErased: the closing that it said is known on no node any more.
func TestAnswerInTimeStaysSoThoughTheVersionThatItReadIsErased(t *testing.T) {
	ask, south, isles := newPen(t, centre), newPen(t, town), newPen(t, island)
	c := ask.consult(body.Addressee(town), body.Addressee(island))
	longer := &body.Consultation{Question: "By residents or by arrivals?", Options: []body.Label{"residents", "arrivals"}, OpensAt: body.TimeOf(day(3)), ClosesAt: body.TimeOf(day(20))}
	longer.To = []body.Addressee{body.Addressee(town), body.Addressee(island)}
	mended := ask.correct(&c, longer)
	read := answering(&c, body.PositionSupport)
	read.Refs = append(read.Refs, refTo(body.RelAbout, &mended))
	south.clock, ask.clock = day(15), day(16)
	in, out := south.write(read), isles.respond(&c, body.PositionSupport, day(15), day(15))
	in.Accepted = at(day(15))
	gone := ask.erase(&mended)
	for _, version := range bodies(mended) {
		row := hears(t, 21, c, version, in, out, gone)
		if got, want := states(&row), "closed; demo-islands-desk late; demo-south-gate counts"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if i := slices.IndexFunc(row.Before, func(q board.Asked) bool { return q.Erased != nil }); i < 0 || row.Before[i].Record != mended.Record.Name || row.Question == "" {
			t.Errorf("what it said before: %s", show(row))
		}
	}
}
