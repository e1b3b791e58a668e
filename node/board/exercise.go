package board

import (
	"maps"
	"slices"

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

// Exercise is a named exercise, and the picture of what is played in it.
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
	View        View                   `json:"view"`
}

// World gives the one in which it is played.
func (x *Exercise) World() World { return World{Exercise: true, Name: x.Record} }

// In gives the view of a world; of one that nobody speaks of the empty one.
func (p *Picture) In(w World) View {
	switch {
	case !w.Exercise:
		return p.View
	case !w.Name.IsZero():
		for i := range p.Exercises {
			if p.Exercises[i].Record == w.Name {
				return p.Exercises[i].View
			}
		}
	case p.Exercise != nil:
		return *p.Exercise
	}
	return View{}
}

// Worlds gives all worlds that the picture has, what is real first.
func (p *Picture) Worlds() []World {
	out := []World{{}}
	if p.Exercise != nil {
		out = append(out, World{Exercise: true})
	}
	for i := range p.Exercises {
		out = append(out, p.Exercises[i].World())
	}
	return out
}

// world gives the world of an entry.
func (b *Board) world(e *entry) *world { return b.worldAt(World{e.exercise, e.plays}) }

func (b *Board) worldAt(of World) *world {
	w := b.worlds[of]
	if w == nil {
		w = newWorld(of)
		b.worlds[of] = w
	}
	return w
}

// exercises gives the named ones, by name.
func (b *Board) exercises(at protocol.Instant) []Exercise {
	var out []Exercise
	named := slices.SortedFunc(maps.Keys(b.worlds), func(x, y World) int { return compareNames(x.Name, y.Name) })
	for _, of := range named {
		if of.Name.IsZero() {
			continue
		}
		w := b.worlds[of]
		if x := (Exercise{Record: of.Name, Institution: of.Name.Institution, View: b.view(w, at)}); x.View.Tally.Records > 0 {
			w.begun(&x, at)
			out = append(out, x)
		}
	}
	return out
}

// begun says what the record says that began an exercise.
func (w *world) begun(x *Exercise, at protocol.Instant) {
	e, ok := w.opened.get(x.Record)
	if !ok || e == nil {
		return
	}
	p := e.now.(*phase)
	x.Digest, x.Title, x.Purpose, x.Place, x.To = e.digest, p.exercise, p.row.Reason, p.place, p.to
	x.From, x.Until = p.from, p.row.ValidUntil
	switch {
	case x.Until != 0 && at >= x.Until:
		x.State = ExerciseOver
	case x.From != 0 && at < x.From:
		x.State = ExercisePlanned
	default:
		x.State = ExerciseRunning
	}
}

// foldOpened gives what began an exercise.
func foldOpened(_ protocol.Name, of []*entry) *entry { return of[0] }
