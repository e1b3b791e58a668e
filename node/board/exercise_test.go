package board_test

import (
	"math/rand/v2"
	"sync"
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
	if len(p.Phases) != 0 || p.In(board.World{Exercise: true, Name: real.Record.Name}).Tally.Records != 0 {
		t.Errorf("phases that are real: %s", show(p.Phases))
	}
	states := map[string]board.ExerciseState{}
	for _, x := range newBoard(t, events...).Exercises(at(day(3)), (*board.Exercise).Begun) {
		states[x.Title] = x.State
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
	for _, x := range newBoard(t, events...).Exercises(at(day(3)), (*board.Exercise).Begun) {
		if x.Title == "Flood 1" && (x.Purpose != "over" || x.State != board.ExerciseOver) {
			t.Errorf("an exercise that was ended early is %s", show(x))
		}
	}
}

// TestNobodyAsksInAnExerciseWhoseQuestionBecameVoid, though nobody has looked at it since.
func TestNobodyAsksInAnExerciseWhoseQuestionBecameVoid(t *testing.T) {
	w, c := newPen(t, town), newPen(t, centre)
	flood := c.begins("Flood 1", 2)
	w.exercise = true
	asked := &body.Consultation{Question: "Who pays?", OpensAt: body.TimeOf(day(2)), ClosesAt: body.TimeOf(day(4))}
	asked.To = []body.Addressee{body.Addressee(centre)}
	said := w.write(played(asked, &flood))
	b := newBoard(t, flood, said)
	if x, begun := b.Exercise(flood.Record.Name, at(day(3))); !begun || !x.Asks {
		t.Errorf("asked: %s", show(x))
	}
	b.Restand([]board.Verdict{{Digest: said.Digest, Void: true, Competent: true}})
	if x, _ := b.Exercise(flood.Record.Name, at(day(3))); x.Asks {
		t.Error("somebody asks, and it is void")
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

// TestWorldIsDrawnForWhoAsksForIt: whoever writes records that each name another exercise makes
// a thousand worlds, and no picture of anybody costs more for it.
func TestWorldIsDrawnForWhoAsksForIt(t *testing.T) {
	w, c := newPen(t, town), newPen(t, centre)
	flood := c.begins("Flood 1", 2)
	w.exercise = true
	said := w.write(played(sitrep(gevgelija(), 2, figures{body.Arrivals: 7}), &flood))
	events := []board.Event{flood, said}
	var asked []board.World
	for i := range 1000 {
		nothing := flood
		nothing.Record.Sequence = uint32(100 + i) // began by nobody
		events = append(events, w.write(played(sitrep(gevgelija(), 2, figures{body.Arrivals: 9}), &nothing)))
		asked = append(asked, board.World{Exercise: true, Name: nothing.Record.Name})
	}
	b := newBoard(t, events...)
	p := b.Picture(at(day(3)))
	if n := b.Drawn(); n != 2 {
		t.Errorf("a picture drew %d worlds, want 2: what is real, and what is played without a name", n)
	}
	if xs := b.Exercises(at(day(3)), (*board.Exercise).Begun); only(t, xs).Tally.Records != 2 || b.Drawn() != 2 {
		t.Errorf("exercises %s are listed, and %d worlds were drawn for it", show(xs), b.Drawn())
	}
	var readers sync.WaitGroup
	for range 8 {
		readers.Go(func() {
			for _, of := range append(asked[:3:3], board.World{Exercise: true, Name: flood.Record.Name}) {
				if v := p.In(of); len(v.Figures) != 1 {
					t.Errorf("%+v shows %d figures, want 1", of, len(v.Figures))
				}
			}
		})
	}
	readers.Wait()
	if n := b.Drawn(); n != 6 {
		t.Errorf("of 1,001 exercises %d worlds were drawn, want the 4 that were asked for, and 2", n)
	}
}

// TestWhatIsPlayedIsInNoOtherDigest: of what is real, and of another exercise, it stays what it was.
func TestWhatIsPlayedIsInNoOtherDigest(t *testing.T) {
	w, c := newPen(t, town), newPen(t, centre)
	real := w.report(2, figures{body.Arrivals: 100})
	flood, fire := c.begins("Flood 1", 2), c.begins("Fire 2", 4)
	w.exercise = true
	before, after := newBoard(t, real, flood, fire), newBoard(t, real, flood, fire)
	after.Tell([]board.Event{w.write(played(sitrep(gevgelija(), 2, figures{body.Arrivals: 7}), &flood))})
	if got, want := newBoard(t, real).DigestIn(board.World{}, at(day(3))), newBoard(t, real).Digest(at(day(3))); got != want {
		t.Errorf("where nothing is played what is real has the digest %s, want that of all, %s", got, want)
	}
	for _, of := range []struct {
		world   board.World
		changes bool
	}{
		{board.World{}, false},
		{board.World{Exercise: true}, false},
		{board.World{Exercise: true, Name: flood.Record.Name}, true},
		{board.World{Exercise: true, Name: fire.Record.Name}, false},
	} {
		was, is := before.DigestIn(of.world, at(day(3))), after.DigestIn(of.world, at(day(3)))
		if changed := was != is; changed != of.changes {
			t.Errorf("a figure of Flood 1 changes the digest in %+v: %v, want %v", of.world, changed, of.changes)
		}
		after.Picture(at(day(3)))
		if again := after.DigestIn(of.world, at(day(3))); again != is {
			t.Errorf("the digest in %+v is %s once a picture was drawn, want %s", of.world, again, is)
		}
	}
}

// TestDigestOfExercisesStaysWhatItWas: nodes of two versions compare it.
func TestDigestOfExercisesStaysWhatItWas(t *testing.T) {
	w, c := newPen(t, town), newPen(t, centre)
	flood, fire := c.begins("Flood 1", 2), c.begins("Fire 2", 4)
	w.exercise = true
	events := []board.Event{
		flood, fire, w.write(played(sitrep(gevgelija(), 2, figures{body.Arrivals: 7}), &flood)), w.write(sitrep(gevgelija(), 2, figures{body.Arrivals: 11})),
		w.write(played(sitrep(gevgelija(), 2, figures{body.Arrivals: 7}), &flood)),
	}
	events[4].Stopped = true
	const want = "c8cbc52f22a27436a9c1ad002013a77c3cc295c3b2a2e4a08e18041edec6787b"
	if got := told(t, events...).Digest(at(day(3))).Hex(); got != want {
		t.Errorf("digest is %s, want %s", got, want)
	}
}
