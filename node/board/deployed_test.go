package board_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// stage puts lines somewhere.
func stage(at body.Stage, n ...int64) []body.Line {
	all := lines(n...)
	for i := range all {
		all[i].State = at
	}
	return all
}

// promised is a request of 400 blankets for which one provider is bound.
type promised struct {
	asks, gives     *pen
	request, commit board.Event
	events          []board.Event
}

func promise(t *testing.T) *promised {
	t.Helper()
	p := &promised{asks: newPen(t, town), gives: newPen(t, valley)}
	p.request = p.asks.request(400)
	p.commit = p.gives.step(body.StepCommit, &p.request, &p.request, 400)
	p.events = []board.Event{p.request, p.commit}
	return p
}

// says takes a step in answer to what was said last, and gives it.
func (p *promised) says(by *pen, step body.Step, all []body.Line) board.Event {
	return p.replies(by, step, &p.events[len(p.events)-1], all)
}

// replies answers another step.
func (p *promised) replies(by *pen, step body.Step, to *board.Event, all []body.Line) board.Event {
	e := by.stepSaying(step, &p.request, to, all)
	p.events = append(p.events, e)
	return e
}

// stands gives how the line stands between the two, as one string.
func (p *promised) stands(t *testing.T) string {
	t.Helper()
	pic := picture(t, day(6), p.events...)
	for _, s := range pic.Steps {
		if s.Ignored != "" {
			t.Errorf("%s of %s is ignored: %s", s.Step, s.Institution, s.Ignored)
		}
	}
	return stood(only(t, only(t, pic.Requests).Lines[0].With))
}

// stood says how a line stands between two.
func stood(d board.Dealing) string {
	var stages []string
	for _, s := range d.Stages {
		stages = append(stages, fmt.Sprintf("%d %s", s.Quantity, s.State))
	}
	said := d.State + ": " + strings.Join(stages, ", ")
	if d.Consumed > 0 {
		said += fmt.Sprintf("; %d consumed", d.Consumed)
	}
	if d.Until != 0 {
		said += "; until " + d.Until.String()
	}
	for _, q := range d.Asked {
		said += "; asked " + q.Step
	}
	return said
}

func (p *promised) wants(t *testing.T, said string) {
	t.Helper()
	if got := p.stands(t); got != said {
		t.Errorf("the line stands at %q, want %q", got, said)
	}
}

// TestWhatIsCommittedGoesOnPieceByPiece: some of it is on the way while the rest waits, some
// is used up, and the provider has the last of it back.
func TestWhatIsCommittedGoesOnPieceByPiece(t *testing.T) {
	p := promise(t)
	p.wants(t, "committed: ")
	p.says(p.gives, body.StepStatus, stage(body.StageInTransit, 300))
	p.wants(t, "committed: 100 committed, 300 in transit")
	p.says(p.asks, body.StepStatus, stage(body.StageDeployed, 350)) // the rest was never said to be on its way
	p.wants(t, "committed: 50 committed, 350 deployed")
	p.says(p.gives, body.StepStatus, stage(body.StageDeployed, 50))
	p.wants(t, "deployed: 400 deployed")
	p.says(p.asks, body.StepConsumed, lines(100))
	p.wants(t, "deployed: 300 deployed, 100 closed; 100 consumed")
	p.says(p.asks, body.StepRelease, lines(300))
	p.wants(t, "released: 300 released, 100 closed; 100 consumed")
	p.says(p.asks, body.StepStatus, stage(body.StageReturning, 200))
	p.wants(t, "released: 100 released, 200 returning, 100 closed; 100 consumed")
	p.says(p.asks, body.StepStatus, stage(body.StageReturned, 50))
	p.wants(t, "released: 100 released, 150 returning, 50 returned, 100 closed; 100 consumed")
	p.says(p.gives, body.StepReturned, lines(300))
	p.wants(t, "closed: 400 closed; 100 consumed")
}

// TestQuestionStandsUntilItIsAnswered: where it is, for how much longer, and when it comes back.
func TestQuestionStandsUntilItIsAnswered(t *testing.T) {
	p := promise(t)
	p.says(p.asks, body.StepAskStatus, lines(400))
	p.wants(t, "committed: ; asked ask_status")
	p.says(p.gives, body.StepStatus, stage(body.StageInTransit, 400))
	p.wants(t, "in transit: 400 in transit")
	p.says(p.asks, body.StepStatus, stage(body.StageDeployed, 400))
	first := p.says(p.asks, body.StepExtend, lines(400))
	p.wants(t, "deployed: 400 deployed; asked extend")
	no := lines(400)
	no[0].Response = body.ResponseDecline
	p.replies(p.gives, body.StepExtendReply, &first, no)
	p.wants(t, "deployed: 400 deployed")
	second := p.says(p.asks, body.StepExtend, lines(400))
	p.replies(p.gives, body.StepExtendReply, &second, lines(400))
	p.wants(t, "deployed: 400 deployed; until 2015-11-20T00:00:00.000Z")
	recall := p.says(p.gives, body.StepRecall, lines(150))
	p.wants(t, "deployed: 400 deployed; until 2015-11-20T00:00:00.000Z; asked recall")
	p.replies(p.asks, body.StepRecallReply, &recall, lines(150))
	p.wants(t, "deployed: 250 deployed, 150 released; until 2015-11-20T00:00:00.000Z")
}

// TestCancelEndsWhatIsNotCommitted: by the requester the line with all of them, by a provider
// its own offer alone.
func TestCancelEndsWhatIsNotCommitted(t *testing.T) {
	asks, a, b := newPen(t, town), newPen(t, centre), newPen(t, valley)
	request := asks.request(100, 20)
	offerA := a.step(body.StepOffer, &request, &request, 60)
	offerB := b.step(body.StepOffer, &request, &request, 80, 20)
	acceptA := asks.step(body.StepAccept, &request, &offerA, 60)
	commitA := a.step(body.StepCommit, &request, &acceptA, 40)
	withdrawn := b.step(body.StepCancel, &request, &offerB, 80)
	events := []board.Event{request, offerA, offerB, acceptA, commitA, withdrawn}
	states := func(want string, events ...board.Event) {
		t.Helper()
		var got []string
		for _, l := range only(t, picture(t, day(2), events...).Requests).Lines {
			said := fmt.Sprintf("%s %d", l.State, l.Unmet)
			for _, d := range l.With {
				said += " " + string(d.Institution[:2]) + " " + d.State
			}
			got = append(got, said)
		}
		if strings.Join(got, "; ") != want {
			t.Errorf("lines are %q, want %q", strings.Join(got, "; "), want)
		}
	}
	states("requested 60 mk committed rs cancelled; offered 20 rs offered", events...)
	events = append(events, asks.step(body.StepCancel, &request, &request, 100, 20))
	states("cancelled 0 mk committed rs cancelled; cancelled 0 rs cancelled", events...)

	again := asks.step(body.StepCancel, &request, &request, 100)
	p := picture(t, day(2), append(events, again)...)
	if got := ignored(t, p, &again); !strings.Contains(got, "cancelled already") {
		t.Errorf("cancelled twice: ignored %q", got)
	}
}

// TestStepBehindTheCommitThatIsNotAllowedIsShownAsIgnored: by the wrong side, too early, too
// many, twice, and by a stranger.
func TestStepBehindTheCommitThatIsNotAllowedIsShownAsIgnored(t *testing.T) {
	p := promise(t)
	there := p.says(p.asks, body.StepStatus, stage(body.StageDeployed, 300))
	stranger := newPen(t, fund)
	recall := p.says(p.gives, body.StepRecall, lines(100))
	tests := []struct {
		name string
		bad  board.Event
		want string
	}{
		{"the requester says that it is on its way", p.asks.stepSaying(body.StepStatus, &p.request, &p.commit, stage(body.StageInTransit, 100)), "other side"},
		{"the provider says that it is coming back", p.gives.stepSaying(body.StepStatus, &p.request, &there, stage(body.StageReturning, 100)), "other side"},
		{"the provider has back what nobody released", p.gives.step(body.StepReturned, &p.request, &there, 100), "a line that is committed"},
		{"more arrives than was sent", p.asks.stepSaying(body.StepStatus, &p.request, &there, stage(body.StageDeployed, 101)), "of 101, and 100 are"},
		{"the provider releases", p.gives.step(body.StepRelease, &p.request, &there, 100), "other side"},
		{"the requester recalls", p.asks.step(body.StepRecall, &p.request, &there, 100), "other side"},
		{"the provider uses it up", p.gives.step(body.StepConsumed, &p.request, &there, 100), "other side"},
		{"more is used up than is there", p.asks.step(body.StepConsumed, &p.request, &there, 301), "of 301, and 300 are deployed"},
		{"a stranger says that it is there", stranger.stepSaying(body.StepStatus, &p.request, &p.commit, stage(body.StageDeployed, 100)), "other side"},
		{"a stranger has it back", stranger.step(body.StepReturned, &p.request, &p.commit, 100), "between others"},
		{"an answer to a recall that answers the commit", p.asks.step(body.StepRecallReply, &p.request, &p.commit, 100), "does not answer"},
		{"the provider answers its own recall", p.gives.step(body.StepRecallReply, &p.request, &recall, 100), "other side"},
		{"the requester cancels what it does not answer for", p.asks.step(body.StepCancel, &p.request, &p.commit, 100), "does not answer"},
		{"the provider cancels what it committed", p.gives.step(body.StepCancel, &p.request, &p.commit, 100), "does not answer"},
	}
	before := picture(t, day(6), p.events...)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			after := picture(t, day(6), append(slices.Clone(p.events), tt.bad)...)
			if got := ignored(t, after, &tt.bad); !strings.Contains(got, tt.want) {
				t.Errorf("ignored: %q, want %q", got, tt.want)
			}
			if diff := cmp.Diff(show(before.Requests), show(after.Requests)); diff != "" {
				t.Errorf("it has an effect: %s", diff)
			}
		})
	}
}

// TestSameStatusTwiceMovesNothingTwice: of all that was sent nothing is left to send.
func TestSameStatusTwiceMovesNothingTwice(t *testing.T) {
	p := promise(t)
	p.says(p.gives, body.StepStatus, stage(body.StageInTransit, 400))
	again := p.gives.stepSaying(body.StepStatus, &p.request, &p.commit, stage(body.StageInTransit, 400))
	pic := picture(t, day(6), append(p.events, again)...)
	if got := ignored(t, pic, &again); !strings.Contains(got, "a line that is in transit") {
		t.Errorf("ignored: %q", got)
	}
}

// TestBooksOfAnExchangeAlwaysBalance: whatever anybody says, what is somewhere is what was
// committed, no more is committed than was asked for or ordered, and a dealing is changed by
// its two sides alone. Who names what somebody else has said puts its own word behind that: where
// nobody knows of it, steps of the two that crossed each other may stand the other way round. So
// either all have heard all before they speak, or nobody else names what is taken away.
func TestBooksOfAnExchangeAlwaysBalance(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		pens := []*pen{newPen(t, town), newPen(t, centre), newPen(t, valley)}
		events := []board.Event{pens[0].request(rapid.Int64Range(1, 9).Draw(rt, "asked"))}
		heard := rapid.Bool().Draw(rt, "all have heard all")
		named := map[protocol.InstitutionID]bool{}
		for range rapid.IntRange(1, 30).Draw(rt, "steps") {
			by := rapid.SampledFrom(pens).Draw(rt, "author")
			said := &events[rapid.IntRange(0, len(events)-1).Draw(rt, "answered")]
			step := rapid.SampledFrom(body.Steps()[1:]).Draw(rt, "step")
			if step == body.StepCommit && said == &events[0] {
				continue // what one commits unasked is taken from what others may
			}
			all := lines(rapid.Int64Range(1, 9).Draw(rt, "quantity"))
			if step == body.StepStatus {
				all[0].State = body.Stage(rapid.SampledFrom(body.StageDeployed.Words()).Draw(rt, "stage"))
			}
			var before []board.Event
			if heard {
				before = events
			}
			if by.author != said.Record.Institution {
				named[said.Record.Institution] = true
			}
			events = append(events, by.stepSaying(step, &events[0], said, all, before...))
		}
		line := only(t, picture(t, day(2), events...).Requests).Lines[0]
		for _, d := range line.With {
			var somewhere int64
			for _, s := range d.Stages {
				somewhere += s.Quantity
			}
			if d.Stages != nil && somewhere != d.Committed || d.Committed > d.Ordered || d.Consumed > d.Committed {
				rt.Errorf("the books do not balance: %s", show(d))
			}
		}
		for _, other := range pens[1:] {
			if !heard && named[other.author] {
				continue
			}
			var without []board.Event
			for _, e := range events {
				if e.Record.Institution != other.author {
					without = append(without, e)
				}
			}
			rest := only(t, picture(t, day(2), without...).Requests).Lines[0].With
			if diff := cmp.Diff(show(dealtWithout(line.With, other.author)), show(dealtWithout(rest, other.author))); diff != "" {
				rt.Errorf("%s changed what is between others: %s", other.author, diff)
			}
		}
	})
}

func dealtWithout(all []board.Dealing, one protocol.InstitutionID) []board.Dealing {
	return append([]board.Dealing{}, slices.DeleteFunc(slices.Clone(all), func(d board.Dealing) bool { return d.Institution == one })...)
}
