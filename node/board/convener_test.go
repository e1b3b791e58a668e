package board_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// TestAnswerInTimeStaysSoWhereverTheClosingIsMovedTo: a convener that moves it past its desk to before an answer, or says other
// words and options, makes nothing late that was in time when it was made, and owes a word on it; what it said before is told.
func TestAnswerInTimeStaysSoWhereverTheClosingIsMovedTo(t *testing.T) {
	ask, south := newPen(t, centre), newPen(t, town)
	c := ask.consult(body.Addressee(town), body.Addressee(valley), body.Addressee(island))
	a := south.respond(&c, body.PositionOppose, day(8), day(8))
	slow, late := newPen(t, valley).respond(&c, body.PositionAmend, day(8), day(12)), newPen(t, island).respond(&c, body.PositionSupport, day(11), day(11))
	earlier := &body.Consultation{Question: "By arrivals, then?", Options: []body.Label{"arrivals", "months"}, OpensAt: body.TimeOf(day(3)), ClosesAt: body.TimeOf(day(6))}
	earlier.To = []body.Addressee{body.Addressee(town), body.Addressee(valley), body.Addressee(island)}
	moved := ask.correct(&c, earlier)
	over := ask.conclude(&c, "Nobody has said a word in time.")
	events := []board.Event{c, a, slow, late, moved, over}
	want := "concluded; demo-islands-desk late; demo-south-gate counts; demo-south-valley counts"
	for range events {
		row := only(t, picture(t, day(14), events...).Consultations)
		if got := states(&row); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if !slices.Equal(row.Waiting, []protocol.Name{a.Record.Name, slow.Record.Name}) {
			t.Errorf("waiting are %v", row.Waiting)
		}
		was := only(t, row.Before)
		if was.Question != "By residents or by arrivals?" || was.ClosesAt != at(day(10)) || was.Record != c.Record.Name || row.ClosesAt != at(day(6)) {
			t.Errorf("before it said %s", show(was))
		}
		if got := row.ChosenIn(row.Answers[1].Read, 1); got != "residents" || row.Chosen(1) != "arrivals" {
			t.Errorf("option 1 was %v", got)
		}
		events = append(events[1:], events[0])
	}
}

// TestConclusionStandsWhenItsQuestionIsTakenBack: others were told of it; what is taken back before it is concluded is not concluded.
func TestConclusionStandsWhenItsQuestionIsTakenBack(t *testing.T) {
	for _, tt := range []struct {
		first, second string
		want          board.ConsultationState
	}{
		{"conclude", "take back", board.ConsultationConcluded},
		{"take back", "conclude", board.ConsultationWithdrawn},
	} {
		ask, south := newPen(t, centre), newPen(t, town)
		c := ask.consult(body.Addressee(town))
		a := south.respond(&c, body.PositionOppose, day(8), day(8))
		events := []board.Event{c, a}
		for _, act := range []string{tt.first, tt.second} {
			if act == "conclude" {
				events = append(events, ask.conclude(&c, "By arrivals.", &a))
			} else {
				events = append(events, ask.correct(&c, nil))
			}
		}
		for range events {
			row := only(t, picture(t, day(14), events...).Consultations)
			if row.State != tt.want || row.TakenBack == nil || row.TakenBack.Reason == "" || row.Outcome == nil || row.Question == "" {
				t.Errorf("%s, then %s: %s", tt.first, tt.second, show(row))
			}
			events = append(events[1:], events[0])
		}
	}
}

// TestOutcomeThatIsTakenBackIsKeptInTheHistory: with all that it said before and why it was taken back; the next one has it too.
func TestOutcomeThatIsTakenBackIsKeptInTheHistory(t *testing.T) {
	ask, south := newPen(t, centre), newPen(t, town)
	c := ask.consult(body.Addressee(town))
	a := south.respond(&c, body.PositionOppose, day(8), day(8))
	done := ask.conclude(&c, "By residents.", &a)
	mended := ask.correct(&done, concluding(&c, "By residents, then.", &a))
	undone := ask.correct(&done, nil)
	events := []board.Event{c, a, done, mended, undone}
	says := func(of []board.Decided) (out []string) {
		for i := range of {
			said := of[i].Decision
			if of[i].TakenBack != nil {
				said += " taken back: " + of[i].TakenBack.Reason
			}
			out = append(out, said)
		}
		return out
	}
	want := []string{"By residents.", "By residents, then. taken back: mistyped"}
	for range events {
		row := only(t, picture(t, day(14), events...).Consultations)
		if diff := cmp.Diff(want, says(row.Undone)); diff != "" || row.State != board.ConsultationClosed || row.Outcome != nil {
			t.Errorf("%s (-want +got):\n%s", row.State, diff)
		}
		events = append(events[1:], events[0])
	}
	row := only(t, picture(t, day(14), append(events, ask.conclude(&c, "By arrivals.", &a))...).Consultations)
	if diff := cmp.Diff(want, says(row.Outcome.History)); diff != "" || row.State != board.ConsultationConcluded || len(row.Undone) != 0 {
		t.Errorf("concluded anew, %s (-want +got):\n%s", row.State, diff)
	}
}
