package board_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// consult opens a consultation from the 3rd to the 10th.
func (p *pen) consult(to ...body.Addressee) board.Event {
	p.t.Helper()
	c := &body.Consultation{Question: "By residents or by arrivals?", Options: []body.Label{"residents", "arrivals"}, OpensAt: body.TimeOf(day(3)), ClosesAt: body.TimeOf(day(10))}
	c.To = to
	return p.write(c)
}

// respond answers a consultation on a day by the author's clock; it comes here on another.
func (p *pen) respond(of *board.Event, position body.ResponsePosition, signed, came time.Time) board.Event {
	p.t.Helper()
	p.clock = signed
	r := answering(of, position)
	r.Text = "as said"
	e := p.write(r)
	e.Accepted = at(came)
	return e
}

func answering(of *board.Event, position body.ResponsePosition) *body.ConsultationResponse {
	r := &body.ConsultationResponse{Position: position}
	r.Thread, r.Refs = of.Record.Name, []body.Ref{refTo(body.RelAnswers, of)}
	return r
}

// conclude decides, and considers some answers.
func (p *pen) conclude(of *board.Event, decision string, answers ...*board.Event) board.Event {
	p.t.Helper()
	return p.write(concluding(of, decision, answers...))
}

func concluding(of *board.Event, decision string, answers ...*board.Event) *body.ConsultationOutcome {
	o := &body.ConsultationOutcome{Decision: body.Text(decision)}
	o.Thread, o.Refs = of.Record.Name, []body.Ref{refTo(body.RelConcludes, of)}
	for _, a := range answers {
		o.Considered = append(o.Considered, body.Considered{Response: a.Record.Name, Digest: a.Digest, Consideration: body.ConsideredPartly, Reason: "as far as the law lets us"})
	}
	return o
}

// states says in a line how a consultation stands: each answer with its state.
func states(c *board.Consultation) string {
	out := []string{string(c.State)}
	for i := range c.Answers {
		a := &c.Answers[i]
		out = append(out, strings.TrimSuffix(fmt.Sprintf("%s %s %s", a.Institution.LocalName(), a.State, a.Consideration), " "))
	}
	return strings.Join(out, "; ")
}

func TestAnswersOfAConsultationCount(t *testing.T) {
	ask, south, isles, north := newPen(t, centre), newPen(t, town), newPen(t, island), newPen(t, valley)
	c := ask.consult(body.Addressee(town), body.Addressee(island))
	stranger := newPen(t, fund).conclude(&c, "nothing")
	yes := south.respond(&c, body.PositionSupport, day(4), day(4))
	no := south.respond(&c, body.PositionOppose, day(9), day(12))
	cut := isles.respond(&c, body.PositionAmend, day(9), day(13))
	over := isles.respond(&c, body.PositionOppose, day(9), day(13).Add(time.Minute))
	signedLate := isles.respond(&c, body.PositionOppose, day(10), day(10))
	uninvited := north.respond(&c, body.PositionSupport, day(5), day(5))
	self := ask.respond(&c, body.PositionSupport, day(5), day(5))
	elsewhere := c
	elsewhere.Record.Sequence++
	wrong := isles.respond(&elsewhere, body.PositionSupport, day(5), day(5))
	early := ask.conclude(&c, "By arrivals.", &over)
	for _, tt := range []struct {
		name   string
		at     int
		events []board.Event
		want   string
	}{
		{"not open yet", 2, []board.Event{c}, "not open yet"},
		{"nobody has answered", 4, []board.Event{c}, "open"},
		{"one live answer each", 9, []board.Event{c, yes, no}, "open; demo-south-gate replaced; demo-south-gate counts"},
		{"72 h behind the closing, by a cut line", 14, []board.Event{c, cut}, "closed; demo-islands-desk counts"},
		{"more than 72 h behind it", 14, []board.Event{c, cut, over}, "closed; demo-islands-desk counts; demo-islands-desk late"},
		{"signed at the closing", 14, []board.Event{c, signedLate}, "closed; demo-islands-desk late"},
		{"who was not invited", 6, []board.Event{c, uninvited}, "open; demo-south-valley not invited"},
		{"who asks", 6, []board.Event{c, self}, "open; demo-crisis-centre not invited"},
		{"an answer to a name with another digest", 6, []board.Event{c, wrong}, "open"},
		{"an answer whose question is not here", 6, []board.Event{yes}, ""},
		{"late here, and considered by who asked", 14, []board.Event{c, over, early}, "concluded; demo-islands-desk counts partly"},
		{"concluded by a stranger", 14, []board.Event{c, yes, stranger}, "closed; demo-south-gate counts"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			for _, row := range picture(t, day(tt.at), tt.events...).Consultations {
				got += states(&row)
			}
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

// TestAnswerThatMayHaveComeInTimeCounts: the archive of the node began anew, and the answer that it has since then was
// signed before. The clock of the question is the 1st, it closes on the 10th, and answers come in time until the 13th.
func TestAnswerThatMayHaveComeInTimeCounts(t *testing.T) {
	ask, south := newPen(t, centre), newPen(t, town)
	c := ask.consult(body.Addressee(town))
	signed := south.respond(&c, body.PositionOppose, day(5), day(15))
	since := south.respond(&c, body.PositionOppose, day(9), day(15))
	over := south.respond(&c, body.PositionOppose, day(10), day(15))
	conclude := func(d int, came time.Time, of ...*board.Event) board.Event {
		ask.clock = day(d)
		e := ask.conclude(&c, "By arrivals.", of...)
		e.Accepted = at(came)
		return e
	}
	early, late, away := conclude(12, day(15)), conclude(14, day(15)), conclude(14, day(14).Add(time.Hour))
	restored := conclude(15, day(14).Add(18*time.Hour))
	for _, tt := range []struct {
		name   string
		first  time.Time // when the node had the question
		anew   []time.Time
		events []board.Event
		want   string
	}{
		{"held all along", day(1), nil, []board.Event{signed}, "closed; demo-south-gate late"},
		{"restored behind the 72 hours", day(1), []time.Time{day(14)}, []board.Event{signed}, "closed; demo-south-gate counts ?"},
		{"joined behind them", day(14), nil, []board.Event{signed}, "closed; demo-south-gate counts ?"},
		{"restored before them, and cut off", day(1), []time.Time{day(7)}, []board.Event{signed}, "closed; demo-south-gate counts ?"},
		{"signed since it was restored", day(1), []time.Time{day(7)}, []board.Event{since}, "closed; demo-south-gate late"},
		{"restored before it was asked", day(1), []time.Time{day(1)}, []board.Event{signed}, "closed; demo-south-gate late"},
		{"restored since it came", day(1), []time.Time{day(16)}, []board.Event{signed}, "closed; demo-south-gate late"},
		{"signed behind the closing", day(1), []time.Time{day(14)}, []board.Event{over}, "closed; demo-south-gate late"},
		{"decided before all could have come", day(1), []time.Time{day(14)}, []board.Event{signed, early}, "concluded; demo-south-gate counts ?"},
		{"left out by who asked", day(1), []time.Time{day(14)}, []board.Event{signed, late}, "concluded; demo-south-gate late ?"},
		{"left out before it began anew", day(1), []time.Time{day(14).Add(time.Hour)}, []board.Event{signed, away}, "concluded; demo-south-gate late ?"},
		{"decided before it came home", day(1), []time.Time{day(14)}, []board.Event{signed, restored}, "concluded; demo-south-gate counts ?"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			asked := c
			asked.Accepted = at(tt.first)
			b := newBoard(t, append(tt.events, asked)...)
			for _, anew := range tt.anew {
				b.TellAnew(at(anew))
			}
			row := only(t, b.Picture(at(day(17))).Consultations)
			got := states(&row)
			if row.Answers[0].Unjudged {
				got += " ?"
			}
			if got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestWhatIsBeyondCompetenceIsNoConsultation(t *testing.T) {
	ask, south := newPen(t, town), newPen(t, centre)
	c := ask.consult(body.Addressee(centre))
	c.Competent = false
	p := picture(t, day(6), c, south.respond(&c, body.PositionSupport, day(5), day(5)))
	if len(p.Consultations) != 0 || only(t, p.Kept).Standing != board.BeyondCompetence {
		t.Errorf("consultations %s, kept %s", show(p.Consultations), show(p.Kept))
	}
	fine := south.consult(body.Addressee(town))
	answer := ask.respond(&fine, body.PositionSupport, day(5), day(5))
	answer.Competent = false
	p = picture(t, day(6), fine, answer)
	if row := only(t, p.Consultations); len(row.Answers) != 0 || only(t, p.Kept).Standing != board.BeyondCompetence {
		t.Errorf("an answer beyond competence: %s", show(row))
	}
}

// TestInvitationsAndSilenceAreJudgedByGroups: whom a group means is the teller's to say.
func TestInvitationsAndSilenceAreJudgedByGroups(t *testing.T) {
	ask := newPen(t, centre)
	c := ask.consult("group:mk-southeast", body.Addressee(island))
	events := []board.Event{
		c, newPen(t, town).respond(&c, body.PositionSupport, day(5), day(5)), newPen(t, valley).respond(&c, body.PositionOppose, day(5), day(5)),
	}
	row := only(t, picture(t, day(6), events...).Consultations)
	row.Invited = []protocol.InstitutionID{island, town}
	row.Judge(func(id protocol.InstitutionID) bool { return slices.Contains(row.Invited, id) })
	if got, want := states(&row), "open; demo-south-gate counts; demo-south-valley not invited"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if !slices.Equal(row.Silent, []protocol.InstitutionID{island}) || len(row.Positions) != 1 || row.Positions[0] != (board.PositionCount{Position: body.PositionSupport, Answers: 1}) {
		t.Errorf("silent %v, positions %v", row.Silent, row.Positions)
	}
}

func TestOutcomeKeepsItsHistory(t *testing.T) {
	ask, south := newPen(t, centre), newPen(t, town)
	c := ask.consult(body.Addressee(town))
	a := south.respond(&c, body.PositionAmend, day(5), day(5))
	first := ask.conclude(&c, "one", &a)
	second := ask.correct(&first, concluding(&c, "two", &a))
	third := ask.correct(&first, concluding(&c, "three", &a))
	row := only(t, picture(t, day(14), c, a, first, second, third).Consultations)
	var history []string
	for _, h := range row.Outcome.History {
		history = append(history, h.Decision+" "+h.Reason)
	}
	if row.Outcome.Decision != "three" || row.Outcome.Correction != third.Record.Name || row.Outcome.Reason != "mistyped" || !slices.Equal(history, []string{"one ", "two mistyped"}) {
		t.Errorf("outcome is %s", show(row.Outcome))
	}
	if row.Answers[0].Consideration != body.ConsideredPartly || len(row.Waiting) != 0 {
		t.Errorf("answers are %s", show(row.Answers))
	}
	bare := ask.conclude(&c, "without a word on it")
	row = only(t, picture(t, day(14), c, a, first, second, bare).Consultations)
	if row.Outcome.Decision != "without a word on it" || row.Outcome.Reason != "" || len(row.Outcome.History) != 2 || row.Outcome.History[1].Reason != "mistyped" || !slices.Equal(row.Waiting, []protocol.Name{a.Record.Name}) {
		t.Errorf("a second outcome that considers nothing: %s", show(row))
	}
	if taken := only(t, picture(t, day(14), c, a, first, ask.correct(&first, nil)).Consultations); taken.State != board.ConsultationClosed || taken.Outcome != nil {
		t.Errorf("an outcome that was taken back: %s", show(taken))
	}
	if gone := only(t, picture(t, day(14), c, a, ask.correct(&c, nil)).Consultations); gone.State != board.ConsultationWithdrawn || len(gone.Answers) != 1 {
		t.Errorf("a question that was taken back: %s", show(gone))
	}
}

// TestAnswerOfWhoWasAskedKeepsCounting, whatever becomes of whom the question asks, and whatever comes first: what a
// later version says binds nobody who has answered, and an outcome owes a word on it. Who is asked no more is not silent.
func TestAnswerOfWhoWasAskedKeepsCounting(t *testing.T) {
	ask, south := newPen(t, centre), newPen(t, town)
	c := ask.consult(body.Addressee(town))
	version := func(to ...body.Addressee) board.Event {
		v := &body.Consultation{Question: "By residents or by arrivals?", Options: []body.Label{"residents", "arrivals"}, OpensAt: body.TimeOf(day(3)), ClosesAt: body.TimeOf(day(10))}
		v.To = to
		return ask.correct(&c, v)
	}
	wider := version(body.Addressee(town), body.Addressee(valley))
	narrower := version(body.Addressee(island))
	a, b := south.respond(&c, body.PositionOppose, day(5), day(5)), newPen(t, valley).respond(&c, body.PositionAmend, day(5), day(5))
	stranger := newPen(t, fund).respond(&c, body.PositionSupport, day(5), day(5))
	over := ask.conclude(&c, "Nobody has said a word.")
	events := []board.Event{c, wider, narrower, a, b, stranger, over}
	want := "concluded; demo-relief-fund not invited; demo-south-gate counts; demo-south-valley counts"
	for range events {
		row := only(t, picture(t, day(14), events...).Consultations)
		if got := states(&row); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if !slices.Equal(row.Waiting, []protocol.Name{a.Record.Name, b.Record.Name}) || !slices.Equal(row.ToBefore, []body.Addressee{body.Addressee(town), body.Addressee(valley)}) {
			t.Errorf("waiting are %v, asked before were %v", row.Waiting, row.ToBefore)
		}
		events = append(events[1:], events[0])
	}
	row := only(t, picture(t, day(14), c, wider, narrower, a, ask.correct(&c, nil)).Consultations)
	if got, want := states(&row), "taken back; demo-south-gate counts"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestAnswerPutRightAfterTheClosingStaysAsItWas: else the closing would bind nobody. It stays as it was put right before.
func TestAnswerPutRightAfterTheClosingStaysAsItWas(t *testing.T) {
	ask, south := newPen(t, centre), newPen(t, town)
	c := ask.consult(body.Addressee(town))
	a := south.respond(&c, body.PositionSupport, day(5), day(5))
	on := func(d int, position body.ResponsePosition) board.Event {
		south.clock = day(d)
		return south.correct(&a, answering(&c, position))
	}
	before, after := on(9, body.PositionOppose), on(10, body.PositionNeutral)
	for _, tt := range []struct {
		events []board.Event
		want   body.ResponsePosition
	}{
		{[]board.Event{c, a, before}, body.PositionOppose},
		{[]board.Event{c, a, after}, body.PositionSupport},
		{[]board.Event{c, a, before, after}, body.PositionOppose},
	} {
		for range tt.events {
			if row := only(t, picture(t, day(14), tt.events...).Consultations); row.Answers[0].Position != tt.want {
				t.Errorf("it says %s, want %s", row.Answers[0].Position, tt.want)
			}
			tt.events = append(tt.events[1:], tt.events[0])
		}
	}
}

// TestConsultationSaidAgainKeepsItsAnswers: a void question leads to the one that its author
// says again, and so does a void answer.
func TestConsultationSaidAgainKeepsItsAnswers(t *testing.T) {
	ask, south := newPen(t, centre), newPen(t, town)
	c := ask.consult(body.Addressee(town))
	a := south.respond(&c, body.PositionSupport, day(5), day(5))
	done := ask.conclude(&c, "done", &a)
	c.Void, a.Void = true, true
	again, too := ask.again(&c), south.again(&a)
	row := only(t, picture(t, day(14), c, a, done, again, too).Consultations)
	if row.Record != again.Record.Name || len(row.Answers) != 1 || row.Answers[0].Record != too.Record.Name || row.Answers[0].Consideration == "" || row.Outcome == nil {
		t.Errorf("said again: %s", show(row))
	}
}

// TestAnyOrderOfAConsultationGivesTheSameBytes also draws what does not fit.
func TestAnyOrderOfAConsultationGivesTheSameBytes(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		pens := []*pen{newPen(t, centre), newPen(t, town), newPen(t, island), newPen(t, valley)}
		own := func(of *board.Event) *pen {
			return pens[slices.IndexFunc(pens, func(p *pen) bool { return p.author == of.Record.Institution })]
		}
		var events, asked, answers []board.Event
		for range rapid.IntRange(1, 16).Draw(rt, "records") {
			p := rapid.SampledFrom(pens).Draw(rt, "author")
			p.exercise = rapid.IntRange(0, 9).Draw(rt, "exercise") == 0
			signed, came := day(rapid.IntRange(3, 12).Draw(rt, "signed")), day(rapid.IntRange(4, 16).Draw(rt, "came"))
			var e board.Event
			switch kind := rapid.IntRange(0, 7).Draw(rt, "kind"); {
			case kind == 0 || len(asked) == 0:
				e = p.consult(rapid.SampledFrom([]body.Addressee{body.Addressee(town), "group:mk-southeast"}).Draw(rt, "to"), body.Addressee(island))
				asked = append(asked, e)
			case kind < 4:
				e = p.respond(&asked[rapid.IntRange(0, len(asked)-1).Draw(rt, "asked")], rapid.SampledFrom([]body.ResponsePosition{body.PositionSupport, body.PositionAmend}).Draw(rt, "position"), signed, came)
				answers = append(answers, e)
			case kind == 4:
				p = pens[0]
				var of []*board.Event
				for i := range answers {
					if rapid.Bool().Draw(rt, "considered") {
						of = append(of, &answers[i])
					}
				}
				e = p.conclude(&asked[rapid.IntRange(0, len(asked)-1).Draw(rt, "asked")], "so be it", of...)
			case kind == 5:
				said := &events[rapid.IntRange(0, len(events)-1).Draw(rt, "said")]
				e = own(said).correct(said, nil)
			case kind == 6:
				said := &asked[rapid.IntRange(0, len(asked)-1).Draw(rt, "asked")]
				v := &body.Consultation{Question: "By whom?", OpensAt: body.TimeOf(day(3)), ClosesAt: body.TimeOf(day(10))}
				v.To = []body.Addressee{rapid.SampledFrom([]body.Addressee{body.Addressee(town), body.Addressee(valley), body.Addressee(island)}).Draw(rt, "to now")}
				e = own(said).correct(said, v)
			default:
				said := &events[rapid.IntRange(0, len(events)-1).Draw(rt, "said")]
				said.Void = true
				e = own(said).again(said)
			}
			events = append(events, e)
		}
		shuffled := rapid.Permutation(append(slices.Clone(events), events[:len(events)/2]...)).Draw(rt, "order")
		one, other := newBoard(t, events...), newBoard(t)
		for i := range shuffled {
			other.Tell(shuffled[i : i+1])
			if rapid.Bool().Draw(rt, "asked in between") {
				other.Picture(at(day(9)))
			}
		}
		if one.Digest(at(day(14))) != other.Digest(at(day(14))) {
			rt.Fatal("digests differ")
		}
		rows := one.Picture(at(day(14))).Consultations
		if diff := cmp.Diff(show(rows), show(other.Picture(at(day(14))).Consultations)); diff != "" {
			rt.Fatalf("consultations differ:\n%s", diff)
		}
		for i := range rows {
			live := map[protocol.InstitutionID]int{}
			for _, a := range rows[i].Answers {
				if a.State != board.AnswerCounts {
					continue
				}
				if live[a.Institution]++; live[a.Institution] > 1 || a.AuthorTime >= rows[i].ClosesAt || a.Institution == rows[i].Institution {
					rt.Fatalf("%s", show(rows[i]))
				}
			}
		}
	})
}
