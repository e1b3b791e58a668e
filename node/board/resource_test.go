package board_test

import (
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

func lines(n ...int64) []body.Line {
	var out []body.Line
	for i, q := range n {
		out = append(out, body.Line{Line: body.Positive(i + 1), Type: "blanket", Quantity: body.Positive(q), Unit: "pieces"})
	}
	return out
}

// request asks for blankets, n to a line.
func (p *pen) request(n ...int64) board.Event {
	p.t.Helper()
	return p.write(&body.ResourceStep{
		Step: body.StepRequest, AnswerBy: body.TimeOf(day(5)), DeliverTo: &body.Delivery{Place: gevgelija()}, Lines: lines(n...),
	})
}

// step answers a record of a thread; what a kind needs besides is that it arrived, and yes.
func (p *pen) step(s body.Step, root, answered *board.Event, n ...int64) board.Event {
	p.t.Helper()
	return p.stepSaying(s, root, answered, lines(n...))
}

// stepSaying answers with lines that say more, and names what its author has heard besides.
func (p *pen) stepSaying(s body.Step, root, answered *board.Event, all []body.Line, heard ...board.Event) board.Event {
	p.t.Helper()
	for i := range all {
		l := &all[i]
		switch {
		case s == body.StepStatus && l.State == "":
			l.State = body.StageDeployed
		case s == body.StepExtend && l.Schedule == nil:
			l.Schedule = []body.Schedule{{Type: "requested_return_departure", At: body.TimeOf(day(20))}}
		case (s == body.StepExtendReply || s == body.StepRecallReply) && l.Response == "":
			l.Response = body.ResponseAccept
		}
	}
	b := &body.ResourceStep{Step: s, Lines: all}
	b.Thread, b.Refs = root.Record.Name, []body.Ref{refTo(body.RelAnswers, answered)}
	for i := range heard {
		b.Refs = append(b.Refs, refTo(body.RelAbout, &heard[i]))
	}
	return p.write(b)
}

// ignored gives why a step has no effect.
func ignored(t *testing.T, p board.Picture, e *board.Event) string {
	t.Helper()
	for _, s := range p.Steps {
		if s.Digest == e.Digest {
			return s.Ignored
		}
	}
	t.Fatalf("step %s is not shown", e.Record.Name)
	return ""
}

func TestHelpIsAgreedLineByLine(t *testing.T) {
	asks, a, b, c := newPen(t, town), newPen(t, centre), newPen(t, valley), newPen(t, fund)
	request := asks.request(100, 20)
	offerA := a.step(body.StepOffer, &request, &request, 60, 20)
	offerB := b.step(body.StepOffer, &request, &request, 80)
	declineC := c.step(body.StepDecline, &request, &request, 100)
	acceptA := asks.step(body.StepAccept, &request, &offerA, 60)
	acceptB := asks.step(body.StepAccept, &request, &offerB, 40)
	commitA := a.step(body.StepCommit, &request, &acceptA, 50)
	restA := a.step(body.StepCommit, &request, &acceptA, 10)
	commitB := b.step(body.StepCommit, &request, &acceptB, 30)

	p := picture(t, day(6), commitB, acceptB, restA, offerB, declineC, acceptA, request, commitA, offerA)
	r := only(t, p.Requests)
	one, two := r.Lines[0], r.Lines[1]
	if one.Quantity != 100 || one.Offered != 140 || one.Ordered != 100 || one.Committed != 90 || one.Unmet != 10 || one.State != "requested" {
		t.Errorf("line 1 is %s, want 140 offered, 100 ordered, 90 committed, 10 unmet", show(one))
	}
	if two.State != "offered" || two.Offered != 20 || two.Unmet != 20 {
		t.Errorf("line 2 is %s, want it offered", show(two))
	}
	if !r.Late {
		t.Error("the request is not late a day after answer_by, with 30 unmet")
	}
	states := map[protocol.InstitutionID]string{}
	for _, d := range one.With {
		states[d.Institution] = d.State
	}
	if states[centre] != "committed" || states[valley] != "committed" || states[fund] != "declined" {
		t.Errorf("line 1 stands with each provider as %v", states)
	}
	for _, s := range p.Steps {
		if s.Ignored != "" {
			t.Errorf("%s of %s is ignored: %s", s.Step, s.Institution, s.Ignored)
		}
	}
	if len(p.Offers) != 2 {
		t.Errorf("offers are %s, want 2", show(p.Offers))
	}
}

func TestStepThatIsNotAllowedIsShownAsIgnored(t *testing.T) {
	asks, a, b := newPen(t, town), newPen(t, centre), newPen(t, valley)
	request := asks.request(100)
	offer := a.step(body.StepOffer, &request, &request, 60)
	accept := asks.step(body.StepAccept, &request, &offer, 40)
	commit := a.step(body.StepCommit, &request, &accept, 40)
	elsewhere := b.request(5)

	tests := []struct {
		name string
		bad  board.Event
		want string
	}{
		{"the provider accepts its own offer", a.step(body.StepAccept, &request, &offer, 60), "other side"},
		{"a third party accepts", b.step(body.StepAccept, &request, &offer, 60), "other side"},
		{"the requester offers to itself", asks.step(body.StepOffer, &request, &request, 60), "other side"},
		{"accepted twice", asks.step(body.StepAccept, &request, &offer, 40), "state does not allow"},
		{"more committed than ordered", a.step(body.StepCommit, &request, &accept, 1), "more would be committed"},
		{"a third party commits another's order", b.step(body.StepCommit, &request, &accept, 40), "between others"},
		{"an offer in answer to an offer", b.step(body.StepOffer, &request, &offer, 5), "does not answer"},
		{"a commit on an offer nobody accepted", a.step(body.StepCommit, &request, &offer, 5), "does not answer"},
		{"no such line", b.step(body.StepOffer, &request, &request, 1, 1), ""},
		{"what it answers stands elsewhere", b.step(body.StepOffer, &request, &elsewhere, 5), "not in this exchange"},
		{"declined after it was committed", a.step(body.StepDecline, &request, &accept, 40), "state does not allow"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := picture(t, day(2), tt.bad, commit, accept, offer, request, elsewhere)
			if got := ignored(t, p, &tt.bad); tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
				t.Errorf("ignored: %q, want %q", got, tt.want)
			}
			for _, r := range p.Requests {
				if r.Institution == town && r.Lines[0].Committed != 40 {
					t.Errorf("line is %s, want 40 committed", show(r.Lines[0]))
				}
			}
		})
	}
}

func TestLineThatTheRequestDoesNotHaveIsIgnoredAlone(t *testing.T) {
	asks, a := newPen(t, town), newPen(t, centre)
	request := asks.request(100)
	offer := a.step(body.StepOffer, &request, &request, 60, 9)
	p := picture(t, day(2), offer, request)
	s := p.Steps[1]
	if s.Ignored != "" || s.Lines[0].Ignored != "" || !strings.Contains(s.Lines[1].Ignored, "no line 2") {
		t.Errorf("step is %s, want line 2 ignored alone", show(s))
	}
}

func TestOtherUnitIsIgnored(t *testing.T) {
	asks, a := newPen(t, town), newPen(t, centre)
	request := asks.request(100)
	b := &body.ResourceStep{Step: body.StepOffer, Lines: lines(60)}
	b.Lines[0].Unit = "bales"
	b.Thread, b.Refs = request.Record.Name, []body.Ref{refTo(body.RelAnswers, &request)}
	offer := a.write(b)
	if got := ignored(t, picture(t, day(2), offer, request), &offer); !strings.Contains(got, "not blanket in bales") {
		t.Errorf("ignored: %q", got)
	}
}

func TestCommittedDirectlyOnTheRequest(t *testing.T) {
	asks, a, b := newPen(t, town), newPen(t, centre), newPen(t, valley)
	request := asks.request(100)
	one, two := a.step(body.StepCommit, &request, &request, 80), b.step(body.StepCommit, &request, &request, 80)
	p := picture(t, day(2), one, two, request)
	if l := only(t, p.Requests).Lines[0]; l.Committed != 80 || l.Unmet != 20 {
		t.Errorf("line is %s, want the sum held to what was asked", show(l))
	}
	// Which of two concurrent commits is taken is decided by digest, on every node alike.
	won, lost := &one, &two
	if string(two.Digest[:]) < string(one.Digest[:]) {
		won, lost = &two, &one
	}
	if ignored(t, p, won) != "" || !strings.Contains(ignored(t, p, lost), "20 are left") {
		t.Errorf("steps are %s", show(p.Steps))
	}
}

// TestOrderBoundsACommitOnTheRequestToo: whichever of the two comes first in the fold, what
// was not ordered is not committed.
func TestOrderBoundsACommitOnTheRequestToo(t *testing.T) {
	asks, a := newPen(t, town), newPen(t, centre)
	request := asks.request(400)
	offer := a.step(body.StepOffer, &request, &request, 300)
	accept := asks.step(body.StepAccept, &request, &offer, 300)
	commit := a.step(body.StepCommit, &request, &request, 400)
	p := picture(t, day(4), request, offer, accept, commit)
	if got := only(t, p.Requests).Lines[0]; got.Ordered != 300 || got.Committed != 0 || ignored(t, p, &commit) == "" {
		t.Errorf("line is %s, want the 300 that were ordered, and the commit of 400 ignored", show(got))
	}
}

// One board is asked for several instants: what is late or over at a later one is not so in the
// picture that somebody has of an earlier one.
func TestInstantsOfOneBoardAreApart(t *testing.T) {
	gives, asks := newPen(t, fund), newPen(t, town)
	offer := gives.write(&body.ResourceStep{Step: body.StepOffer, Lines: lines(500), Common: body.Common{ValidUntil: body.TimeOf(day(3))}})
	b := newBoard(t, offer, asks.request(100))
	early := b.Picture(at(day(2)))
	late := b.Picture(at(day(9)))
	if !only(t, late.Offers).Expired || !only(t, late.Requests).Late {
		t.Errorf("a week later: %s, %s", show(late.Offers), show(late.Requests))
	}
	for _, p := range []board.Picture{early, b.Picture(at(day(2)))} {
		if only(t, p.Offers).Expired || only(t, p.Requests).Late {
			t.Errorf("on the day: %s, %s", show(p.Offers), show(p.Requests))
		}
	}
}

func TestOfferNobodyAskedFor(t *testing.T) {
	gives, asks := newPen(t, fund), newPen(t, town)
	offer := gives.write(&body.ResourceStep{Step: body.StepOffer, Lines: lines(500), Common: body.Common{ValidUntil: body.TimeOf(day(3))}})
	accept := asks.step(body.StepAccept, &offer, &offer, 200)
	commit := gives.step(body.StepCommit, &offer, &accept, 200)
	p := picture(t, day(4), commit, accept, offer)
	o := only(t, p.Offers)
	if l := only(t, o.Lines); l.Ordered != 200 || l.Committed != 200 || only(t, l.With).Institution != town || !o.Unsolicited || !o.Expired {
		t.Errorf("offer is %s, want 200 of 500 committed to the town", show(o))
	}
	if len(p.Requests) != 0 {
		t.Errorf("an offer makes a request: %s", show(p.Requests))
	}
}

func TestRetractedRequestIsCancelledButForWhatIsCommitted(t *testing.T) {
	asks, a, b := newPen(t, town), newPen(t, centre), newPen(t, valley)
	request := asks.request(100)
	offer := a.step(body.StepOffer, &request, &request, 60)
	commit := b.step(body.StepCommit, &request, &request, 30)
	retract := asks.correct(&request, nil)
	p := picture(t, day(2), retract, commit, offer, request)
	r := only(t, p.Requests)
	if l := r.Lines[0]; !r.Cancelled || l.State != "cancelled" || l.Committed != 30 || l.Offered != 0 {
		t.Errorf("request is %s, want it cancelled but for 30", show(r))
	}
}

func TestReplacedOfferCounts(t *testing.T) {
	asks, a := newPen(t, town), newPen(t, centre)
	request := asks.request(100)
	offer := a.step(body.StepOffer, &request, &request, 60)
	b := &body.ResourceStep{Step: body.StepOffer, Lines: lines(90)}
	b.Thread, b.Refs = request.Record.Name, []body.Ref{refTo(body.RelAnswers, &request)}
	mend := a.correct(&offer, b)
	accept := asks.step(body.StepAccept, &request, &offer, 90)
	p := picture(t, day(2), accept, mend, offer, request)
	if l := only(t, p.Requests).Lines[0]; l.Offered != 90 || l.Ordered != 90 {
		t.Errorf("line is %s, want 90 offered and ordered", show(l))
	}
}

func TestStepsOfAnAbsentRequestAreShown(t *testing.T) {
	asks, a := newPen(t, town), newPen(t, centre)
	request := asks.request(100)
	offer := a.step(body.StepOffer, &request, &request, 60)
	if got := ignored(t, picture(t, day(2), offer), &offer); !strings.Contains(got, "not here") {
		t.Errorf("ignored: %q", got)
	}
	request.Stopped = true
	p := picture(t, day(2), offer, request)
	if got := ignored(t, p, &request); got != "stopped" || len(p.Requests) != 0 {
		t.Errorf("a stopped request is ignored: %q; requests %s", got, show(p.Requests))
	}
}

func TestNotesStandInTheThreadsOrder(t *testing.T) {
	asks, a := newPen(t, town), newPen(t, centre)
	request := asks.request(100)
	question := a.write(&body.Note{Topic: protocol.Resource, Common: body.Common{Thread: request.Record.Name}, Kind: body.Question, Text: "wool or fleece?"})
	answer := asks.write(&body.Note{
		Topic: protocol.Resource, Kind: body.Answer, Text: "fleece",
		Common: body.Common{Thread: request.Record.Name, Refs: []body.Ref{refTo(body.RelAnswers, &question)}},
	})
	p := picture(t, day(2), answer, question, request)
	if len(p.Notes) != 2 || p.Notes[0].Record != question.Record.Name || p.Notes[1].Answers != question.Record.Name {
		t.Errorf("notes are %s", show(p.Notes))
	}
}
