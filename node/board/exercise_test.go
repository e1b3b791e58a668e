package board_test

import (
	"math/rand/v2"
	"testing"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol/body"
)

// begins writes the record that begins an exercise of a day.
func (p *pen) begins(name string, d int) board.Event {
	p.t.Helper()
	p.exercise = true
	place := gevgelija()
	b := &body.Phase{Exercise: body.Label(name), Reason: "to see who answers"}
	b.Place, b.Phase, b.ValidFrom, b.ValidUntil = &place, body.Response, body.TimeOf(day(d)), body.TimeOf(day(d+1))
	return p.write(b)
}

// played makes a body one of an exercise.
func played(b body.Body, of *board.Event) body.Body {
	base := b.Base()
	base.Refs = append(base.Refs, refTo(body.RelExercise, of))
	return b
}

func TestTwoExercisesAndWhatIsRealNeverMeet(t *testing.T) {
	w, c := newPen(t, town), newPen(t, centre)
	real := w.report(2, figures{body.Arrivals: 100})
	flood, fire := c.begins("Flood 1", 2), c.begins("Fire 2", 4)
	w.exercise = true
	events := []board.Event{
		real, flood, fire,
		w.write(played(sitrep(gevgelija(), 2, figures{body.Arrivals: 7}), &flood)),
		w.write(played(sitrep(gevgelija(), 2, figures{body.Arrivals: 9}), &fire)),
		w.write(sitrep(gevgelija(), 2, figures{body.Arrivals: 11})),
	}
	p := picture(t, day(3), events...)
	value := func(v board.View) int64 {
		n, _ := only(t, v.Figures).Value.Exact()
		return n
	}
	for _, of := range []struct {
		world board.World
		want  int64
	}{
		{board.World{}, 100},
		{board.World{Exercise: true}, 11},
		{board.World{Exercise: true, Name: flood.Record.Name}, 7},
		{board.World{Exercise: true, Name: fire.Record.Name}, 9},
	} {
		if got := value(p.In(of.world)); got != of.want {
			t.Errorf("in %+v there are %d arrivals, want %d", of.world, got, of.want)
		}
	}
	if len(p.Phases) != 0 || len(p.Worlds()) != 4 {
		t.Errorf("phases that are real: %s; worlds: %v", show(p.Phases), p.Worlds())
	}
	states := map[string]board.ExerciseState{}
	for i := range p.Exercises {
		states[p.Exercises[i].Title] = p.Exercises[i].State
	}
	if states["Flood 1"] != board.ExerciseOver || states["Fire 2"] != board.ExercisePlanned {
		t.Errorf("the exercises are %v", states)
	}
}

func TestAnyOrderOfExercisesGivesTheSameBytes(t *testing.T) {
	w, c := newPen(t, town), newPen(t, centre)
	flood, fire := c.begins("Flood 1", 2), c.begins("Fire 2", 4)
	w.exercise = true
	first := w.write(played(sitrep(gevgelija(), 2, figures{body.Arrivals: 7}), &flood))
	ends := &body.Phase{Exercise: "Flood 1", Reason: "over"}
	place := gevgelija()
	ends.Place, ends.Phase, ends.ValidUntil = &place, body.Response, body.TimeOf(day(2))
	events := []board.Event{
		flood, fire, first, w.correct(&first, sitrep(gevgelija(), 2, figures{body.Arrivals: 8})), c.correct(&flood, ends),
		w.write(played(&body.ResourceStep{Step: body.StepOffer, Lines: lines(3)}, &fire)), w.report(3, figures{body.Arrivals: 1}),
	}
	want := told(t, events...).Digest(at(day(3)))
	dice := rand.New(rand.NewPCG(1, 2))
	for range 40 {
		dice.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		if got := told(t, events...).Digest(at(day(3))); got != want {
			t.Fatalf("another order gives %s, want %s", got, want)
		}
	}
	p := picture(t, day(3), events...)
	for i := range p.Exercises {
		if x := &p.Exercises[i]; x.Title == "Flood 1" && (x.Purpose != "over" || x.State != board.ExerciseOver) {
			t.Errorf("an exercise that was ended early is %s", show(x))
		}
	}
}

func TestWordOnAnotherExerciseIsIgnored(t *testing.T) {
	w, r, c := newPen(t, town), newPen(t, river), newPen(t, centre)
	flood, fire := c.begins("Flood 1", 2), c.begins("Fire 2", 4)
	w.exercise, r.exercise = true, true
	said := w.write(played(sitrep(gevgelija(), 2, figures{body.Arrivals: 7}), &flood))
	e := &body.Endorsement{Topic: said.Record.Topic, Stance: body.Confirm, Basis: body.OnObservation, Reason: "we counted too"}
	e.Refs = []body.Ref{refTo(body.RelEndorses, &said)}
	p := picture(t, day(3), flood, fire, said, r.write(played(e, &fire)))
	v := p.In(board.World{Exercise: true, Name: fire.Record.Name})
	if got := only(t, v.Endorsements).Ignored; got == "" {
		t.Error("a word in one exercise counts on a record of another")
	}
}

// told gives a board that was told events, each by itself.
func told(t *testing.T, events ...board.Event) *board.Board {
	t.Helper()
	b := newBoard(t)
	for i := range events {
		b.Tell(events[i : i+1])
	}
	return b
}
