package board_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// saga draws what seven institutions say of everything that the board folds: what a story has,
// and strategies, plans, money, projects, consultations, needs, stocks and regional reports,
// that name each other, are put right, taken back, forked and said again, real and played.
type saga struct {
	story
	authors  []*pen // who speaks of itself
	played   bool
	forked   bool
	tellers  []func(*saga, *pen) board.Event
	profiles []board.Event              // of the town and the valley
	begun    []board.Event              // exercises
	versions map[protocol.Digest]string // corrections, by the kind of what they put right
}

// rooms are the tellers of what belongs together: a saga is of one or two of them, so that what
// it says meets.
func rooms() [][]func(*saga, *pen) board.Event {
	return [][]func(*saga, *pen) board.Event{
		{func(s *saga, p *pen) board.Event { return s.say(p) }},
		{(*saga).reports, (*saga).passes, (*saga).plays, (*saga).asks, (*saga).reports},
		{(*saga).reports, (*saga).sums},
		{(*saga).needs, (*saga).helps, (*saga).helps, (*saga).stocks, (*saga).judgesProfile},
		{(*saga).needs, (*saga).plans, (*saga).signs, (*saga).pays, (*saga).pays},
		{(*saga).aims, (*saga).aims, (*saga).reports},
		{(*saga).joins, (*saga).takesPart, (*saga).plans, (*saga).helps, (*saga).pays},
		{(*saga).asks, (*saga).answers, (*saga).answers, (*saga).answers},
		{(*saga).teaches},
	}
}

func drawSaga(t *testing.T, rt *rapid.T) []board.Event {
	s := &saga{story: story{t: rt}, versions: map[protocol.Digest]string{}}
	for _, id := range []protocol.InstitutionID{town, island, centre, valley, fund, office, southeast} {
		s.pens = append(s.pens, newPen(t, id))
	}
	s.profiles = []board.Event{s.pens[0].profile(20_000), s.pens[3].profile(9_000)}
	all := rooms()
	for _, i := range rapid.SliceOfNDistinct(rapid.IntRange(0, len(all)-1), 1, 2, rapid.ID).Draw(rt, "rooms") {
		s.tellers = append(s.tellers, all[i]...)
	}
	s.authors = few(s, "authors", s.pens)
	if s.played, s.forked = s.chance("exercises", 3), s.chance("forks", 3); s.chance("history", 10) {
		s.events = append(s.events, history(s.pens[0])...)
	}
	for range rapid.IntRange(5, 40).Draw(rt, "records") {
		s.tell()
	}
	return append(s.profiles, s.events...)
}

// tell has somebody say something, that may not count, or not be the only one in its place.
func (s *saga) tell() {
	p := pick(s, "author", s.authors)
	p.clock = day(rapid.IntRange(1, 9).Draw(s.t, "clock"))
	p.exercise = s.played && s.chance("exercise", 3)
	if s.chance("new epoch", 30) {
		clear(p.next)
		p.epoch++
	}
	var e board.Event
	if len(s.events) > 0 && s.chance("mends", 4) {
		e = s.mends()
	} else {
		e = pick(s, "kind", s.tellers)(s, p)
	}
	e.Accepted = at(day(rapid.IntRange(0, 16).Draw(s.t, "accepted")))
	switch rapid.IntRange(0, 20).Draw(s.t, "verdict") {
	case 0:
		e.Stopped = true
	case 1:
		e.Void = true
	case 2:
		e.Competent = false
	case 3:
		e.Record = e.Record.WithoutBody(pick(s, "body", []protocol.BodyState{protocol.BodyWithheld, protocol.BodyMissing, protocol.BodyErased}))
	case 4, 5:
		if s.forked {
			s.events = append(s.events, s.twin(&e))
		}
	}
	s.events = append(s.events, e)
}

// twin is another record in the same place of the feed. Both are stopped; or the fork is closed,
// and one of them is disowned.
func (s *saga) twin(e *board.Event) board.Event {
	p := s.own(e)
	p.next[e.Record.Topic]--
	p.clock, p.exercise = p.clock.AddDate(0, 0, 1), e.Record.Exercise
	other := p.raw(e.Record.Type, e.Record.Body)
	switch rapid.IntRange(0, 2).Draw(s.t, "fork") {
	case 0:
		e.Stopped, other.Stopped = true, true
	case 1:
		e.Void = true
	default:
		other.Void = true
	}
	return other
}

// pick draws one of some. A seed that fails tells its number, and not all that it is.
func pick[T any](s *saga, what string, of []T) T {
	return of[rapid.IntRange(0, len(of)-1).Draw(s.t, what)]
}

// few draws one to three of some.
func few[T any](s *saga, what string, of []T) (out []T) {
	for _, i := range rapid.SliceOfNDistinct(rapid.IntRange(0, len(of)-1), 1, 3, rapid.ID).Draw(s.t, what) {
		out = append(out, of[i])
	}
	return out
}

func (s *saga) chance(what string, in int) bool { return rapid.IntRange(0, in-1).Draw(s.t, what) == 0 }

// write says a body, of a project or in an exercise that was begun before if there is one.
func (s *saga) write(p *pen, b body.Body) board.Event {
	if p.exercise && len(s.begun) > 0 && !s.chance("without a name", 3) {
		of := pick(s, "exercise of", s.begun)
		b = played(b, &of)
	}
	if of := s.some(body.TypeProject); of != nil && b.Type() != body.TypeProject && s.chance("of a project", 3) {
		b.Base().Project = of.Record.Name
	}
	return p.write(b)
}

// some gives a record of a kind, or one that put it right; nil if there is none.
func (s *saga) some(kind string) *board.Event {
	var of []board.Event
	for i := range s.events {
		if e := &s.events[i]; e.Record.Type == kind || s.versions[e.Digest] == kind {
			of = append(of, *e)
		}
	}
	if len(of) == 0 {
		return nil
	}
	e := pick(s, kind, of)
	return &e
}

func (s *saga) place() body.Place {
	return pick(s, "place", []body.Place{gevgelija(), gevgelija(), islands(), of(body.NUTS, "EL41"), of(body.ISOCountry, "MK")})
}

func (s *saga) day() int { return rapid.IntRange(1, 4).Draw(s.t, "day") }

func (s *saga) n() int64 { return rapid.Int64Range(0, 3).Draw(s.t, "n") }

func (s *saga) amount() body.Decimal {
	return pick(s, "amount", []body.Decimal{"10", "20.50", "300"})
}

func (s *saga) currency() body.Currency {
	return pick(s, "currency", []body.Currency{"EUR", "EUR", "MKD"})
}

func (s *saga) sector() body.Sector {
	return pick(s, "sector", []body.Sector{"shelter", "wash", "nfi"})
}

func (s *saga) who() protocol.InstitutionID { return pick(s, "who", s.pens).author }

// own gives who wrote a record.
func (s *saga) own(of *board.Event) *pen { return s.penOf(of.Record.Institution) }

func (s *saga) penOf(id protocol.InstitutionID) *pen {
	return s.pens[slices.IndexFunc(s.pens, func(p *pen) bool { return p.author == id })]
}
