package desk

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// ListExercises has the named exercises, those that run first.
const ListExercises = "exercises"

// ExerciseOver is [board.ExerciseOver].
const ExerciseOver = board.ExerciseOver

// World is [board.World].
type World = board.World

// ExerciseRow is a named exercise.
type ExerciseRow struct {
	Record      protocol.Name          `json:"record"` // that began it
	Digest      protocol.Digest        `json:"digest"`
	Institution protocol.InstitutionID `json:"institution"`
	Title       string                 `json:"title"`
	Purpose     string                 `json:"purpose"`
	Place       body.PlaceKey          `json:"place"`
	To          []body.Addressee       `json:"to,omitempty"` // who may take part; none: everybody
	From        protocol.Instant       `json:"from,omitzero"`
	Until       protocol.Instant       `json:"until"`
	State       board.ExerciseState    `json:"state"`
	Records     int                    `json:"records"` // that this node holds of it
}

// World gives the one in which it is played.
func (x *ExerciseRow) World() World { return World{Exercise: true, Name: x.Record} }

// exercisesOf gives the exercises whose beginning counts by what is known: those that run first, then
// those that are planned.
func exercisesOf(k knowledge) []ExerciseRow {
	exercises := k.board.Exercises(k.at, (*board.Exercise).Begun)
	var out []ExerciseRow
	for _, state := range []board.ExerciseState{board.ExerciseRunning, board.ExercisePlanned, board.ExerciseOver} {
		for i := range exercises {
			if x := &exercises[i]; x.State == state {
				out = append(out, exerciseRow(x))
			}
		}
	}
	return out
}

func exerciseRow(x *board.Exercise) ExerciseRow {
	return ExerciseRow{
		Record: x.Record, Digest: x.Digest, Institution: x.Institution, Title: x.Title, Purpose: x.Purpose, Place: x.Place,
		To: x.To, From: x.From, Until: x.Until, State: x.State, Records: x.Tally.Records,
	}
}

// Exercises gives the named exercises as this node knew them at an instant (zero: now), those that
// ran then first.
func (d *Desk) Exercises(ctx context.Context, at protocol.Instant) ([]ExerciseRow, error) {
	k, err := d.knownAt(ctx, at)
	if err != nil {
		return nil, err
	}
	return exercisesOf(k), nil
}

// Exercise gives the exercise that a record began; [NotFound] if it began none that counts here.
func (d *Desk) Exercise(n protocol.Name) (ExerciseRow, error) {
	if x, ok := d.o.Board.Exercise(n, d.now()); ok {
		return exerciseRow(&x), nil
	}
	return ExerciseRow{}, problem(NotFound, "vardar list exercises", "%s began no exercise that counts here", n)
}

// Plays reports whether an institution may take part in an exercise.
func (d *Desk) Plays(x *ExerciseRow, as protocol.InstitutionID) bool {
	return len(x.To) == 0 || as == x.Institution || slices.Contains(d.addressed(x.To), as)
}

// Join gives the world of an exercise that runs and that an institution may take part in.
func (d *Desk) Join(ctx context.Context, as protocol.InstitutionID, ref string) (ExerciseRow, error) {
	as, err := d.author(ctx, as)
	if err != nil {
		return ExerciseRow{}, err
	}
	n, err := d.named(as, ref)
	if err != nil {
		return ExerciseRow{}, err
	}
	x, err := d.Exercise(n)
	if err != nil {
		return ExerciseRow{}, err
	}
	return x, d.mayPlay(&x, as)
}

func (d *Desk) mayPlay(x *ExerciseRow, as protocol.InstitutionID) error {
	switch {
	case x.State == board.ExerciseOver:
		return problem(Refused, "vardar list exercises", "the exercise %s is over", quoted(x.Title))
	case !d.Plays(x, as):
		return problem(Refused, "vardar show "+x.Record.String(), "%s was not asked to take part in the exercise %s", as, quoted(x.Title))
	}
	return nil
}

// worlds gives those in which something may be that concerns this node: what is real, what is
// played without a name, and of the exercises that fit those that run and that an institution
// of this node takes part in, and its own whose beginning does not count.
func (d *Desk) worlds(fits func(*board.Exercise) bool) []board.World {
	out := []board.World{{}, {Exercise: true}}
	exercises := d.o.Board.Exercises(d.now(), func(x *board.Exercise) bool {
		return (x.State == board.ExerciseRunning || !x.Begun() && d.isOwn(x.Institution)) && fits(x)
	})
	for i := range exercises {
		x := exerciseRow(&exercises[i])
		if slices.ContainsFunc(d.o.Institutions, func(id protocol.InstitutionID) bool { return d.Plays(&x, id) }) {
			out = append(out, x.World())
		}
	}
	return out
}

// worldAsked gives the world that a question or an act names, else that in which who asks is.
func (d *Desk) worldAsked(ctx context.Context, as protocol.InstitutionID, within string, exercise bool) (board.World, error) {
	w := actorOf(ctx).world
	switch {
	case within != "":
		n, err := d.named(as, within)
		if err != nil {
			return board.World{}, err
		}
		x, err := d.Exercise(n)
		return x.World(), err
	case exercise && !w.Exercise:
		w = board.World{Exercise: true}
	}
	return w, nil
}

// enlist writes into a record of which exercise it is, and takes out any other, which came with
// an earlier record that it was filled in from.
func (d *Desk) enlist(ctx context.Context, s *statement) error {
	if !s.world.Exercise && !bytes.Contains(s.document, []byte(`"`+string(body.RelExercise)+`"`)) { // as a relation, or as a member
		return nil
	}
	doc, err := documentOf(s.document)
	if err != nil {
		return err
	}
	refs, _ := doc["refs"].([]any)
	refs = slices.DeleteFunc(refs, func(ref any) bool {
		r, _ := ref.(map[string]any)
		return r["rel"] == string(body.RelExercise)
	})
	if title, _ := doc["exercise"].(string); s.recordType == body.TypePhase && title != "" {
		if err = beginning(ctx, s, doc); err != nil {
			return err
		}
	} else if !s.world.Name.IsZero() {
		var digest protocol.Digest
		if digest, err = d.began(s); err != nil {
			return err
		}
		if topic, _ := protocol.TypeTopic(s.recordType); topic == protocol.Trust {
			return problem(Refused, "vardar list exercises", "who is who is not played: a record of trust is of no exercise")
		}
		refs = append(refs, body.Ref{Rel: body.RelExercise, Record: s.world.Name, Digest: digest})
	}
	if doc["refs"] = refs; len(refs) == 0 {
		delete(doc, "refs")
	}
	s.document, err = json.Marshal(doc)
	return failure(err)
}

// began gives the digest of what began the exercise that a statement is of, which has to be one that
// its author takes part in; what is put right, or erased, was of it already, and still is where what
// began it counts no more.
func (d *Desk) began(s *statement) (protocol.Digest, error) {
	if s.ours {
		h, err := d.held(s.world.Name)
		return h.Digest, err
	}
	x, err := d.Exercise(s.world.Name)
	if err == nil {
		err = d.mayPlay(&x, s.as)
	}
	return x.Digest, err
}

// runs is the page on which an exercise is begun and ended: whose role may open it may do so by any way.
const runs = "POST /exercise"

// mayRun reports whether who acts may begin an exercise, and say otherwise what began one.
func mayRun(ctx context.Context) bool {
	role := actorOf(ctx).role
	return role == "" || staff.May(role, runs)
}

// beginning refuses a record that would begin an exercise, and could not.
func beginning(ctx context.Context, s *statement, doc map[string]any) error {
	const help = "vardar publish phase --help"
	switch {
	case !mayRun(ctx):
		return &Problem{Kind: NotPermitted, Field: "exercise", Detail: "only a coordinator begins an exercise", Mend: "have a coordinator begin it", Next: help}
	case !s.world.Exercise:
		return &Problem{Kind: Refused, Field: "exercise", Detail: "what is real begins no exercise", Mend: "say it with --exercise", Next: help}
	case !s.world.Name.IsZero():
		return &Problem{Kind: Refused, Field: "exercise", Detail: "no exercise begins within another", Mend: "leave that one first", Next: help}
	case doc["valid_until"] == nil:
		return &Problem{Kind: Refused, Field: "valid_until", Detail: "an exercise has an end", Mend: "say until when", Next: help}
	}
	return nil
}

// checkRun refuses who may begin no exercise to put otherwise what began one, to take it back or to
// erase it, and to erase what put it otherwise: each ends it, moves its end or has it go on. What a
// second person lets go was looked at when it was handed in.
func (d *Desk) checkRun(ctx context.Context, s *statement, b body.Body) error {
	if s.seen || s.world.Name.IsZero() || mayRun(ctx) {
		return nil
	}
	of := altered(b)
	if h, err := d.held(of); err == nil && of != s.world.Name {
		if b, err = body.Parse(h.Type, h.Body); err == nil {
			of = altered(b)
		}
	}
	if of != s.world.Name {
		return nil
	}
	return &Problem{Kind: NotPermitted, Field: "exercise", Detail: "only a coordinator ends an exercise or changes what it is", Mend: "have a coordinator do it", Next: "vardar show " + of.String()}
}

// altered gives the record that a correction or an erasure is of; of anything else the zero name.
func altered(b body.Body) protocol.Name {
	for _, rel := range []body.Relation{body.RelCorrects, body.RelErases} {
		if ref, ok := b.Base().Ref(rel); ok {
			return ref.Record
		}
	}
	return protocol.Name{}
}
