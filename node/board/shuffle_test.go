package board_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// story draws what three institutions say to each other: reports and routes, alerts and
// help, corrections and acknowledgements of what was said before, with all that goes
// wrong.
type story struct {
	t      *rapid.T
	pens   []*pen
	events []board.Event
	alerts []*body.Alert
}

func drawStory(t *testing.T, rt *rapid.T) []board.Event {
	s := &story{t: rt}
	for _, id := range []protocol.InstitutionID{town, island, centre} {
		s.pens = append(s.pens, newPen(t, id))
	}
	for range rapid.IntRange(1, 40).Draw(rt, "records") {
		s.tell()
	}
	return s.events
}

func (s *story) tell() {
	p := rapid.SampledFrom(s.pens).Draw(s.t, "author")
	p.clock = day(rapid.IntRange(-900, 900).Draw(s.t, "clock"))
	p.exercise = rapid.IntRange(0, 9).Draw(s.t, "exercise") == 0
	e := s.say(p)
	e.Accepted = at(day(rapid.IntRange(0, 30).Draw(s.t, "accepted")))
	switch rapid.IntRange(0, 16).Draw(s.t, "verdict") {
	case 0:
		e.Stopped = true
	case 1:
		e.Void = true
	case 2:
		e.Competent = false
	case 3:
		e.Record = e.Record.WithoutBody(protocol.BodyWithheld)
	case 4:
		e.Record = e.Record.WithoutBody(protocol.BodyMissing)
	case 5:
		e.Record = e.Record.WithoutBody(protocol.BodyErased)
	}
	s.events = append(s.events, e)
}

func (s *story) say(p *pen) board.Event {
	n := rapid.Int64Range(-1, 3).Draw(s.t, "n")
	d := rapid.IntRange(1, 5).Draw(s.t, "day")
	place := rapid.SampledFrom([]body.Place{gevgelija(), islands()}).Draw(s.t, "place")
	said := s.earlier()
	kind := rapid.IntRange(0, 24).Draw(s.t, "kind")
	switch {
	case kind > 23:
		return p.write(declares(place, n))
	case kind > 21:
		return s.warn(p)
	case said == nil && kind > 6:
		kind %= 7
	}
	switch kind {
	case 0, 1, 2:
		report := sitrep(place, d, figures{body.Arrivals: n * 1000, body.Departures: n})
		if said != nil && n == 0 {
			report.Refs = []body.Ref{{Rel: body.RelReissues, Record: said.Record.Name, Digest: said.Digest}}
		}
		return p.write(report)
	case 3:
		direction := rapid.SampledFrom([]body.Direction{"", "in", "out", "both"}).Draw(s.t, "direction")
		state := rapid.SampledFrom([]body.RouteState{body.RouteOpen, body.RouteClosed}).Draw(s.t, "state")
		return p.route(state, direction, day(d))
	case 4:
		return p.request(n+2, 5)
	case 5:
		phase := &body.Phase{Reason: "because"}
		phase.Place, phase.Phase = &place, body.Response
		return p.write(phase)
	case 6:
		if n < 0 {
			return p.raw("vardar.situation.weather.v1", []byte(`{"salt":"AAECAwQFBgcICQoLDA0ODw=="}`))
		}
		return p.write(&body.ResourceStep{Step: body.StepOffer, Lines: lines(n + 1)})
	case 7:
		return s.correct(p, said, place, d)
	case 8:
		return p.write(&body.Acknowledgement{
			Topic: said.Record.Topic, State: body.Read, Common: body.Common{Refs: []body.Ref{refTo(body.RelAcknowledges, said)}},
		})
	case 9:
		return p.write(&body.Note{Topic: said.Record.Topic, Text: "seen", Common: body.Common{Thread: said.Record.Name}})
	}
	if kind > 18 {
		return s.learn(p, said, n)
	}
	if kind > 16 {
		return p.endorse(said, rapid.SampledFrom([]body.Stance{body.Confirm, body.Dispute, body.Verify, body.Adopt}).Draw(s.t, "stance"), rapid.SampledFrom([]body.FieldName{"", "arrivals"}).Draw(s.t, "field"), n)
	}
	if kind > 14 {
		return s.erase(p, said)
	}
	if kind > 12 {
		return s.again(said)
	}
	step := rapid.SampledFrom(body.Steps()[1:]).Draw(s.t, "step")
	all := lines(n + 2)
	switch step {
	case body.StepStatus:
		all[0].State = body.Stage(rapid.SampledFrom(body.StageDeployed.Words()).Draw(s.t, "stage"))
	case body.StepExtendReply, body.StepRecallReply:
		all[0].Response = rapid.SampledFrom([]body.LineResponse{body.ResponseAccept, body.ResponseDecline}).Draw(s.t, "response")
	default:
	}
	return p.stepSaying(step, s.root(said), said, all)
}

func (s *story) earlier() *board.Event {
	if len(s.events) == 0 {
		return nil
	}
	said := s.events[rapid.IntRange(0, len(s.events)-1).Draw(s.t, "earlier")]
	other := &s.events[rapid.IntRange(0, len(s.events)-1).Draw(s.t, "other")]
	switch rapid.IntRange(0, 15).Draw(s.t, "reference") { // name and digest that don't belong together
	case 0:
		said.Digest = protocol.DigestOf([]byte("of a record that nobody wrote"))
	case 1:
		said.Digest = other.Digest
	case 2:
		said.Record.Name = other.Record.Name
	case 3:
		said.Record.Sequence++ // which may be written yet
	}
	return &said
}

// again has what became void said again by its author.
func (s *story) again(said *board.Event) board.Event {
	said.Void = true
	for _, own := range s.pens {
		if own.author == said.Record.Institution {
			return own.again(said)
		}
	}
	panic("written by nobody")
}

// erase takes a body back, or tries to; that only its author may is the teller's to say.
func (s *story) erase(p *pen, said *board.Event) board.Event {
	for _, own := range s.pens {
		if own.author == said.Record.Institution && rapid.IntRange(0, 4).Draw(s.t, "own") > 0 {
			p = own
		}
	}
	e := p.erase(said)
	e.Competent = p.author == said.Record.Institution || p.author == centre
	return e
}

// warn sends an alert, or one that updates or cancels what anybody sent.
func (s *story) warn(p *pen) board.Event {
	kind := rapid.SampledFrom([]body.CAPMsgType{body.MsgAlert, body.MsgUpdate, body.MsgCancel}).Draw(s.t, "message")
	var of []body.Body
	if kind != body.MsgAlert && len(s.alerts) > 0 {
		for range rapid.IntRange(1, 2).Draw(s.t, "references") {
			of = append(of, rapid.SampledFrom(s.alerts).Draw(s.t, "of"))
		}
	} else {
		kind = body.MsgAlert
	}
	a := capMessage(p, fmt.Sprint(len(s.alerts)), kind, of...)
	a.Sent = body.CAPTimeOf(day(2).Add(time.Duration(len(s.alerts)) * time.Minute)) // behind all that it refers to
	s.alerts = append(s.alerts, a)
	return p.write(a)
}

// declares says what an institution has at a place, some or nothing of it free.
func declares(place body.Place, n int64) *body.Capacity {
	total, free := body.Quantity(10), body.Quantity(n+1)
	b := &body.Capacity{Items: []body.CapacityItem{{Type: "bed_place", Unit: body.Places, Total: &total, Available: &free}}}
	b.Place = &place
	return b
}

// root is the thread of what was said, so that exchanges get somewhere.
func (s *story) root(said *board.Event) *board.Event {
	b, err := body.Parse(said.Record.Type, said.Record.Body)
	if err == nil && !b.Base().Thread.IsZero() {
		for i := range s.events {
			if s.events[i].Record.Name == b.Base().Thread {
				return &s.events[i]
			}
		}
	}
	return said
}

// learn tells of a practice, or adopts one, or what is none.
func (s *story) learn(p *pen, said *board.Event, n int64) board.Event {
	if n < 0 {
		return p.write(queue("Queue numbers"))
	}
	for i := range s.events {
		if s.events[i].Record.Type == body.TypePractice && rapid.Bool().Draw(s.t, "this one") {
			said = &s.events[i]
			break
		}
	}
	switch {
	case n < 2 && said.Record.Topic == protocol.Knowledge:
		return p.adopt(said, n)
	case said.Record.Type == body.TypePractice:
		return p.correct(said, queue("Numbers and a screen"))
	}
	return p.write(queue("Queue numbers"))
}

// correct takes back, or replaces by a body that may or may not fit.
func (s *story) correct(p *pen, said *board.Event, place body.Place, d int) board.Event {
	for _, own := range s.pens {
		if own.author == said.Record.Institution && rapid.IntRange(0, 4).Draw(s.t, "own") > 0 {
			p = own
		}
	}
	if rapid.Bool().Draw(s.t, "retract") {
		return p.correct(said, nil)
	}
	return p.correct(said, sitrep(place, d, figures{body.Arrivals: 77}))
}

// TestAnyOrderOfArrivalGivesTheSamePicture tells one board everything at once, another in
// any order, in lots, repeatedly, bodies and verdicts late, asking in between.
func TestAnyOrderOfArrivalGivesTheSamePicture(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		events := drawStory(t, rt)
		one := newBoard(t, events...)
		other := newBoard(t)
		shuffled := rapid.Permutation(events).Draw(rt, "order")
		for i := 0; i < len(shuffled); {
			n := min(len(shuffled)-i, rapid.IntRange(1, 8).Draw(rt, "lot"))
			other.Tell(late(rt, other, shuffled[i:i+n]))
			other.Tell(shuffled[i : i+n])
			if again := rapid.IntRange(0, i).Draw(rt, "again"); again > 0 {
				other.Tell(shuffled[again-1 : i])
			}
			if rapid.Bool().Draw(rt, "ask") {
				other.Digest(at(day(3)))
			}
			i += n
		}
		var verdicts []board.Verdict
		for _, e := range shuffled {
			verdicts = append(verdicts, board.Verdict{Digest: e.Digest, Stopped: e.Stopped, Void: e.Void, Competent: e.Competent})
		}
		other.Restand(verdicts)
		for _, when := range []int{2, 4, 20} {
			if one.Digest(at(day(when))) == other.Digest(at(day(when))) {
				continue
			}
			diff := cmp.Diff(show(one.Picture(at(day(when)))), show(other.Picture(at(day(when)))))
			rt.Fatalf("the pictures of day %d differ:\n%s", when, diff)
		}
	})
}

// late tells some of the records without their bodies, and with verdicts that change.
func late(rt *rapid.T, b *board.Board, events []board.Event) []board.Event {
	out := slices.Clone(events)
	for i := range out {
		e := &out[i]
		switch rapid.IntRange(0, 5).Draw(rt, "late") {
		case 0:
			e.Record = e.Record.WithoutBody(protocol.BodyMissing)
		case 1:
			e.Stopped = !e.Stopped
		case 2:
			b.Restand([]board.Verdict{{Digest: e.Digest, Void: !e.Void, Competent: true}})
		}
		e.Accepted++
	}
	return out
}

// TestOrderInAThreadIsNotThatOfArrival has several providers answer at the same time.
func TestOrderInAThreadIsNotThatOfArrival(t *testing.T) {
	asks := newPen(t, town)
	request := asks.request(100)
	events := []board.Event{request}
	for i := range 6 {
		p := newPen(t, protocol.InstitutionID(fmt.Sprintf("mk.southeast.demo-%d", i)))
		events = append(events, p.step(body.StepCommit, &request, &request, 30))
	}
	want := picture(t, day(2), events...).Steps
	rapid.Check(t, func(rt *rapid.T) {
		got := picture(t, day(2), rapid.Permutation(events).Draw(rt, "order")...).Steps
		if diff := cmp.Diff(show(want), show(got)); diff != "" {
			rt.Fatalf("steps differ:\n%s", diff)
		}
	})
}

func TestBoardIsToldAndAskedAtOnce(t *testing.T) {
	b := newBoard(t)
	ctx, cancel := context.WithCancel(t.Context())
	told, end := b.Subscribe()
	defer end()
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := b.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	const each = 200
	for _, id := range []protocol.InstitutionID{town, island, centre} {
		p := newPen(t, id)
		wg.Go(func() {
			for d := range each {
				b.Tell([]board.Event{p.report(d+1, figures{body.Arrivals: int64(d)})})
				b.TellLine([]board.Line{{Institution: id, State: board.LineUp}})
			}
		})
	}
	for b.Picture(at(day(2))).Tally.Records < 3*each {
		<-told
		b.Digest(at(day(3)))
	}
	cancel()
	wg.Wait()
	for _, c := range b.Picture(at(day(2))).Columns {
		if c.ReportedDays != each || c.Total != each*(each-1)/2 {
			t.Errorf("column is %s", show(c))
		}
	}
}

func TestStandingsReadBackAsWritten(t *testing.T) {
	for s := board.Counts; s <= board.Ignored; s++ {
		text, err := s.MarshalText()
		var back board.Standing
		if err != nil || back.UnmarshalText(text) != nil || back != s {
			t.Errorf("%s reads back as %s", s, back)
		}
	}
	if s := board.Standing(0); s.UnmarshalText([]byte("fine")) == nil {
		t.Error("a standing that there is none was read")
	}
}
