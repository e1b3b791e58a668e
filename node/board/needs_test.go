package board_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol/body"
)

// assess needs so many blankets at the town, of which some are there.
func (p *pen) assess(required, available int64, change ...func(*body.Needs)) board.Event {
	p.t.Helper()
	there, place := body.Quantity(available), gevgelija()
	b := &body.Needs{Items: []body.Need{{
		Sector: "nfi", Item: "blanket", Unit: "pieces", Required: body.Positive(required), Available: &there, Basis: body.BasisCount, Priority: 1,
	}}}
	b.Place = &place
	for _, c := range change {
		c(b)
	}
	return p.write(b)
}

// ask asks for blankets for an assessment.
func (p *pen) ask(of *board.Event, n ...int64) board.Event {
	p.t.Helper()
	b := &body.ResourceStep{
		Step: body.StepRequest, AnswerBy: body.TimeOf(day(5)), DeliverTo: &body.Delivery{Place: gevgelija()}, Lines: lines(n...),
	}
	b.Refs = []body.Ref{refTo(body.RelNeeds, of)}
	return p.write(b)
}

func need(t *testing.T, p board.Picture) (board.Needs, board.Need) {
	t.Helper()
	n := only(t, p.Needs)
	return n, only(t, n.Items)
}

func TestNeedIsMetByWhatIsCommittedToItsRequests(t *testing.T) {
	asks, gives, other := newPen(t, town), newPen(t, centre), newPen(t, valley)
	assessed := asks.assess(300, 100)
	request := asks.ask(&assessed, 150)
	more := asks.ask(&assessed, 50)
	part := gives.step(body.StepCommit, &request, &request, 120)
	rest := other.step(body.StepCommit, &request, &request, 30)
	last := gives.step(body.StepCommit, &more, &more, 50)
	tests := []struct {
		name             string
		events           []board.Event
		state            board.NeedState
		asked, committed int64
		unmet            int64
	}{
		{"nobody was asked", []board.Event{assessed}, board.NeedOpen, 0, 0, 200},
		{"asked and not answered", []board.Event{assessed, request}, board.NeedOpen, 150, 0, 200},
		{"a part is committed", []board.Event{assessed, request, part}, board.NeedPartly, 150, 120, 80},
		{"by two, to two requests", []board.Event{assessed, request, part, rest, more}, board.NeedPartly, 200, 150, 50},
		{"all of it", []board.Event{assessed, request, part, rest, more, last}, board.NeedMet, 200, 200, 0},
		{"a request for an assessment that is not here", []board.Event{request, part}, "", 0, 0, 0},
		{"enough of its own", []board.Event{asks.assess(300, 400)}, board.NeedMet, 0, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := picture(t, day(4), tt.events...)
			if tt.state == "" {
				if len(p.Needs) > 0 {
					t.Errorf("needs %s", show(p.Needs))
				}
				return
			}
			n, item := need(t, p)
			if n.State != tt.state || item.State != tt.state || item.Asked != tt.asked || item.Committed != tt.committed || item.Unmet != tt.unmet {
				t.Errorf("need is %s, want %s, %d asked, %d committed, %d unmet", show(item), tt.state, tt.asked, tt.committed, tt.unmet)
			}
			if open := len(p.Unmet()) == 1; open != (tt.unmet > 0) {
				t.Errorf("unmet are %s", show(p.Unmet()))
			}
		})
	}
}

func TestWhatCountsForNoNeed(t *testing.T) {
	asks, gives, stranger := newPen(t, town), newPen(t, centre), newPen(t, valley)
	assessed := asks.assess(300, 0)
	tests := []struct {
		name   string
		events func() []board.Event
	}{
		{"a request of somebody else that names the assessment", func() []board.Event {
			r := stranger.ask(&assessed, 100)
			return []board.Event{r, gives.step(body.StepCommit, &r, &r, 100)}
		}},
		{"a request that names another record", func() []board.Event {
			wrong := assessed
			wrong.Digest[0] ^= 1
			r := asks.ask(&wrong, 100)
			return []board.Event{r, gives.step(body.StepCommit, &r, &r, 100)}
		}},
		{"a request that names nothing", func() []board.Event {
			r := asks.request(100)
			return []board.Event{r, gives.step(body.StepCommit, &r, &r, 100)}
		}},
		{"an offer that nobody has accepted", func() []board.Event {
			r := asks.ask(&assessed, 100)
			return []board.Event{r, gives.step(body.StepOffer, &r, &r, 100)}
		}},
		{"another thing", func() []board.Event {
			b := &body.ResourceStep{
				Step: body.StepRequest, AnswerBy: body.TimeOf(day(5)), DeliverTo: &body.Delivery{Place: gevgelija()},
				Lines: []body.Line{{Line: 1, Type: "blanket", Quantity: 100, Unit: "pallets"}},
			}
			b.Refs = []body.Ref{refTo(body.RelNeeds, &assessed)}
			r := asks.write(b)
			commit := &body.ResourceStep{Step: body.StepCommit, Lines: b.Lines}
			commit.Thread, commit.Refs = r.Record.Name, []body.Ref{refTo(body.RelAnswers, &r)}
			return []board.Event{r, gives.write(commit)}
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, item := need(t, picture(t, day(4), append(tt.events(), assessed)...))
			if item.State != board.NeedOpen || item.Committed != 0 || item.Unmet != 300 {
				t.Errorf("need is %s, want it open", show(item))
			}
		})
	}
}

// TestNextAssessmentCountsOnTheRequestsItNames: what was asked for last week is lost to the
// new assessment, unless that says that it goes on.
func TestNextAssessmentCountsOnTheRequestsItNames(t *testing.T) {
	asks, gives := newPen(t, town), newPen(t, centre)
	first := asks.assess(300, 0)
	request := asks.ask(&first, 100)
	commit := gives.step(body.StepCommit, &request, &request, 100)
	alone := asks.assess(350, 0)
	p := picture(t, day(4), first, request, commit, alone)
	if _, item := need(t, p); item.Unmet != 350 || len(item.Trend) != 1 || item.Trend[0].Required != 300 {
		t.Errorf("need is %s, want 350 unmet and the 300 before", show(item))
	}
	named := asks.assess(350, 0, func(b *body.Needs) { b.Refs = []body.Ref{refTo(body.RelRequests, &request)} })
	n, item := need(t, picture(t, day(4), first, request, commit, alone, named))
	if item.Unmet != 250 || len(item.Trend) != 2 || item.Trend[1].Required != 350 {
		t.Errorf("need is %s, want 250 unmet", show(item))
	}
	if len(n.Requests) != 1 || n.Requests[0] != request.Record.Name {
		t.Errorf("linked with %v", n.Requests)
	}
	retracted := asks.correct(&request, nil)
	if _, item := need(t, picture(t, day(4), first, request, commit, alone, named, retracted)); item.Asked != 0 || item.Committed != 100 {
		t.Errorf("need is %s: what was committed to a request that was taken back stays so", show(item))
	}
}

func TestNeedLapsesWhenItsTimeIsOver(t *testing.T) {
	asks, gives := newPen(t, town), newPen(t, centre)
	assessed := asks.assess(300, 0, func(b *body.Needs) {
		b.ValidUntil = body.TimeOf(day(6))
		b.Items[0].Deadline = body.TimeOf(day(4))
		b.Items = append(b.Items, body.Need{Sector: "food", Item: "meal", Unit: "pieces", Required: 50, Basis: body.BasisEstimate, Priority: 2})
	})
	request := asks.ask(&assessed, 300)
	commit := gives.step(body.StepCommit, &request, &request, 100)
	for _, tt := range []struct {
		day          int
		whole        board.NeedState
		blanket      board.NeedState
		meal         board.NeedState
		stillToBeMet int
	}{
		{3, board.NeedPartly, board.NeedPartly, board.NeedOpen, 2},
		{4, board.NeedOpen, board.NeedLapsed, board.NeedOpen, 1},
		{6, board.NeedLapsed, board.NeedLapsed, board.NeedLapsed, 0},
	} {
		p := picture(t, day(tt.day), commit, request, assessed)
		n := only(t, p.Needs)
		if n.State != tt.whole || n.Items[0].State != tt.blanket || n.Items[1].State != tt.meal || len(p.Unmet()) != tt.stillToBeMet {
			t.Errorf("on day %d %s, and unmet %s", tt.day, show(n), show(p.Unmet()))
		}
	}
	all := gives.step(body.StepCommit, &request, &request, 200)
	if n := only(t, picture(t, day(7), commit, all, request, assessed).Needs); n.Items[0].State != board.NeedMet || n.State != board.NeedLapsed {
		t.Errorf("what was met does not lapse: %s", show(n))
	}
}

func TestNeedsAreDueEveryWeek(t *testing.T) {
	assessed := newPen(t, town).assess(300, 0)
	for _, tt := range []struct {
		day   int
		state board.DueState
	}{{8, board.OnTime}, {9, board.Silent}} {
		d := only(t, picture(t, day(tt.day), assessed).Due)
		if d.Kind != body.TypeNeeds || d.State != tt.state || d.CadenceH != body.NeedsCadence || d.PlaceName != "Gevgelija" {
			t.Errorf("on day %d it is %s, want %s", tt.day, show(d), tt.state)
		}
	}
}

// TestAnyOrderOfNeedsAndHelpGivesTheSameNeeds draws assessments, requests for them,
// commitments and what takes them back, and tells them in any order and more than once.
func TestAnyOrderOfNeedsAndHelpGivesTheSameNeeds(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		pens := []*pen{newPen(t, town), newPen(t, island), newPen(t, centre)}
		var events, requests []board.Event
		for range rapid.IntRange(1, 14).Draw(rt, "records") {
			p := rapid.SampledFrom(pens).Draw(rt, "author")
			n := rapid.Int64Range(1, 4).Draw(rt, "n")
			var said *board.Event
			if len(events) > 0 {
				said = &events[rapid.IntRange(0, len(events)-1).Draw(rt, "said")]
			}
			kind := rapid.IntRange(0, 5).Draw(rt, "kind")
			switch {
			case kind == 0 || said == nil:
				events = append(events, p.assess(n, n-1, func(b *body.Needs) {
					if len(requests) > 0 && rapid.Bool().Draw(rt, "goes on") {
						b.Refs = []body.Ref{refTo(body.RelRequests, &requests[len(requests)-1])}
					}
				}))
			case kind == 1:
				events = append(events, p.ask(said, n))
				requests = append(requests, events[len(events)-1])
			case kind < 5 && len(requests) > 0:
				r := rapid.SampledFrom(requests).Draw(rt, "request")
				events = append(events, p.step(body.StepCommit, &r, &r, n))
			case said.Record.Institution == p.author:
				events = append(events, p.correct(said, nil))
			}
		}
		shuffled := rapid.Permutation(append(events, events[:len(events)/2]...)).Draw(rt, "order")
		want, got := picture(t, day(3), events...).Needs, picture(t, day(3), shuffled...).Needs
		if diff := cmp.Diff(show(want), show(got)); diff != "" {
			rt.Fatalf("needs differ:\n%s", diff)
		}
		for _, n := range got {
			for _, item := range n.Items {
				if item.Unmet < 0 || item.Unmet > item.Missing || (item.State == board.NeedMet) != (item.Unmet == 0) {
					rt.Fatalf("%s", show(item))
				}
			}
		}
	})
}

// TestWhatGoesBackMeetsNoNeedAnyMore: what was used up has, what was released has not.
func TestWhatGoesBackMeetsNoNeedAnyMore(t *testing.T) {
	asks, gives := newPen(t, town), newPen(t, centre)
	assessed := asks.assess(300, 0)
	request := asks.ask(&assessed, 300)
	commit := gives.step(body.StepCommit, &request, &request, 300)
	there := asks.stepSaying(body.StepStatus, &request, &commit, stage("deployed", 300))
	used := asks.stepSaying(body.StepConsumed, &request, &there, lines(50))
	back := asks.stepSaying(body.StepRelease, &request, &used, lines(100))
	for _, tt := range []struct {
		name      string
		events    []board.Event
		committed int64
	}{
		{"there", []board.Event{assessed, request, commit, there}, 300},
		{"some used up", []board.Event{assessed, request, commit, there, used}, 300},
		{"some on its way back", []board.Event{assessed, request, commit, there, used, back}, 200},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := picture(t, day(4), tt.events...)
			if _, item := need(t, p); item.Committed != tt.committed || item.Unmet != 300-tt.committed {
				t.Errorf("need is %s, want %d committed", show(item), tt.committed)
			}
		})
	}
}
