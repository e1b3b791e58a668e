package board

import (
	"cmp"
	"maps"
	"slices"
	"sync"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// World names a world: what is real, which is the zero one, or what is played.
type World struct {
	Exercise bool
	Name     protocol.Name // the record that began the exercise; zero: of what is played without a name
}

// WorldOf gives the world in which a record stands. It hangs on nothing but the record, so
// that no order of arrival moves it; one whose body is not here is played without a name.
func WorldOf(r *protocol.Record) World {
	if !r.Exercise {
		return World{}
	}
	w := World{Exercise: true}
	if r.BodyState != protocol.BodyHeld || r.Sealed {
		return w
	}
	if b, err := body.Parse(r.Type, r.Body); err == nil {
		w.Name = playsIn(b, r.Name)
	}
	return w
}

// playsIn gives the record that began the exercise of which a body speaks; zero for none.
func playsIn(b body.Body, name protocol.Name) protocol.Name {
	if p, ok := b.(*body.Phase); ok && p.Exercise != "" {
		return name
	}
	ref, _ := b.Base().Ref(body.RelExercise)
	return ref.Record
}

// ExerciseState is where an exercise stands.
type ExerciseState string

// The states of an exercise.
const (
	ExercisePlanned ExerciseState = "planned"
	ExerciseRunning ExerciseState = "running"
	ExerciseOver    ExerciseState = "over"
)

// Exercise is a named exercise.
type Exercise struct {
	Record      protocol.Name          `json:"record"` // that began it
	Digest      protocol.Digest        `json:"digest,omitzero"`
	Institution protocol.InstitutionID `json:"institution"`
	Title       string                 `json:"title,omitempty"` // empty: what began it is not here, or does not count
	Purpose     string                 `json:"purpose,omitempty"`
	Place       body.PlaceKey          `json:"place,omitzero"`
	To          []body.Addressee       `json:"to,omitempty"` // who may take part; none: everybody
	From        protocol.Instant       `json:"from,omitzero"`
	Until       protocol.Instant       `json:"until,omitzero"`
	State       ExerciseState          `json:"state,omitempty"`

	Tally   Tally    `json:"-"` // of its records
	Asks    bool     `json:"-"` // somebody asks something in it
	Players []Player `json:"-"` // who takes part, by institution; [Board.Exercise] gives them
}

// Player is somebody who takes part in an exercise, and how many records of theirs count in it.
type Player struct {
	Institution protocol.InstitutionID
	Records     int
}

// World gives the one in which it is played.
func (x *Exercise) World() World { return World{Exercise: true, Name: x.Record} }

// played is a named exercise, and the picture of what is played in it.
type played struct {
	Exercise
	View View `json:"view"`
}

// playedViews are the views of named exercises that belong to a picture. A world costs its
// drawing to who asks for it alone: whoever writes records that each name another exercise
// makes as many worlds.
type playedViews struct {
	board *Board
	at    protocol.Instant

	mu    sync.Mutex // taken before the board's
	views map[World]View
}

func (v *playedViews) of(w World) View {
	v.mu.Lock()
	defer v.mu.Unlock()
	view, drawn := v.views[w]
	if !drawn {
		view = v.board.drawWorld(w, v.at)
		v.views[w] = view
	}
	return view
}

// In gives the view of a world; of one that nobody speaks of the empty one. That of a named
// exercise is drawn when it is first asked for, from what the board knows then.
func (p *Picture) In(w World) View {
	switch {
	case !w.Exercise:
		return p.View
	case !w.Name.IsZero() && p.named != nil:
		return p.named.of(w)
	case w.Name.IsZero() && p.Exercise != nil:
		return *p.Exercise
	}
	return View{}
}

// drawWorld gives the view of a named exercise.
func (b *Board) drawWorld(of World, at protocol.Instant) View {
	b.fold.Lock()
	defer b.fold.Unlock()
	b.settleLocked()
	w := b.worlds[of]
	if w == nil || w.tally().Records == 0 {
		return View{}
	}
	v := b.view(w, at)
	b.dressView(&v, b.linesNow())
	return v
}

// Exercises gives those that somebody speaks of and that fit, by the name of what began them,
// as they stand at an instant. Nothing of what is played in them is drawn.
func (b *Board) Exercises(at protocol.Instant, fits func(*Exercise) bool) []Exercise {
	b.fold.Lock()
	defer b.fold.Unlock()
	b.settleLocked()
	var out []Exercise
	for of, w := range b.worlds {
		if x := w.exercise(at); !of.Name.IsZero() && x.Tally.Records > 0 && fits(&x) {
			out = append(out, x)
		}
	}
	slices.SortFunc(out, func(x, y Exercise) int { return compareNames(x.Record, y.Record) })
	return out
}

// Exercise gives the one that a record began; false if it began none that counts here.
func (b *Board) Exercise(n protocol.Name, at protocol.Instant) (Exercise, bool) {
	b.fold.Lock()
	defer b.fold.Unlock()
	b.settleLocked()
	w := b.worlds[World{Exercise: true, Name: n}]
	if w == nil || n.IsZero() {
		return Exercise{}, false
	}
	x := w.exercise(at)
	for _, id := range slices.Sorted(maps.Keys(w.players)) {
		x.Players = append(x.Players, Player{id, w.players[id]})
	}
	return x, x.Begun()
}

// world gives the world of an entry.
func (b *Board) world(e *entry) *world { return b.worldAt(World{e.exercise, e.plays}) }

func (b *Board) worldAt(of World) *world {
	w := b.worlds[of]
	if w == nil {
		w = &world{of: of, stopped: b.stopped}
		if of.Exercise {
			w.players = map[protocol.InstitutionID]int{}
		}
		b.worlds[of] = w
	}
	return w
}

// played draws all named exercises that somebody speaks of, begun here or not, by name.
func (b *Board) played(at protocol.Instant) []played {
	var out []played
	for of, w := range b.worlds {
		if x := w.exercise(at); !of.Name.IsZero() && x.Tally.Records > 0 {
			out = append(out, played{x, b.view(w, at)})
		}
	}
	slices.SortFunc(out, func(x, y played) int { return compareNames(x.Record, y.Record) })
	return out
}

// Begun reports whether what began an exercise is here, and counts.
func (x *Exercise) Begun() bool { return x.Title != "" }

// exercise says what is known of the one that is played in a world.
func (w *world) exercise(at protocol.Instant) Exercise {
	w.opened.fold(before, foldOpened)
	x := Exercise{Record: w.of.Name, Institution: w.of.Name.Institution, Tally: w.tally(), Asks: w.threads.holds() || w.hearings.holds()}
	w.begun(&x, at)
	return x
}

// begun says what the record says that began an exercise.
func (w *world) begun(x *Exercise, at protocol.Instant) {
	e, ok := w.opened.get(x.Record)
	if !ok || e == nil {
		return
	}
	p := e.now.(*phase)
	x.Digest, x.Title, x.Purpose, x.Place, x.To = e.digest, p.exercise, p.row.Reason, p.place, p.to
	x.From, x.Until = cmp.Or(p.from, e.time), p.row.ValidUntil
	switch {
	case x.Until != 0 && at >= x.Until:
		x.State = ExerciseOver
	case p.from != 0 && at < p.from:
		x.State = ExercisePlanned
	default:
		x.State = ExerciseRunning
	}
}

// foldOpened gives what began an exercise.
func foldOpened(_ protocol.Name, of []*entry) *entry { return of[0] }
