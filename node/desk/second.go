package desk

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Pending is [staff.Pending].
type Pending = staff.Pending

// SecondKinds gives the kinds that a node can be told to hold for a second person. Each act
// that writes a record comes by [Desk.record], where they are held: a kind that is new needs
// no word here.
func SecondKinds() []string {
	return append(Publishable(), "correction")
}

// checkSecond looks at the kinds that a node is told to hold.
func checkSecond(kinds []string) error {
	for _, k := range kinds {
		if !slices.Contains(SecondKinds(), k) {
			return &Problem{Kind: Usage, Field: "second_person", Detail: "no kind that could wait for a second person is called " + quoted(k), Mend: OneOf(k, SecondKinds()), Next: "vardar run --help"}
		}
	}
	return nil
}

// wantsSecond reports whether a record waits for a second person: for its own kind, or for
// that of the record that it corrects. A body is erased at once: nothing new is said, and what
// must not be out must go.
func (d *Desk) wantsSecond(s *statement, b body.Body) bool {
	held := func(recordType string) bool { return slices.Contains(d.o.Second, shortName(recordType)) }
	if held(s.recordType) {
		return true
	}
	ref, ok := b.Base().Ref(body.RelCorrects)
	if !ok {
		return false
	}
	h, err := d.held(ref.Record)
	return err == nil && held(h.Type)
}

// handIn keeps a record for a second person.
func (d *Desk) handIn(ctx context.Context, s *statement, out Published) (Published, error) {
	anyway, err := json.Marshal(s.anyway)
	if err != nil {
		return Published{}, failure(err)
	}
	p, err := d.o.Staff.AddPending(ctx, Pending{
		By: actorOf(ctx).name, As: s.as, Type: s.recordType, Handling: s.handling, Exercise: s.world.Exercise,
		Body: out.Body, Knowing: s.knowing, After: s.after, Anyway: anyway, Draft: formOf(ctx),
	})
	if err != nil {
		return Published{}, pendingProblem(err)
	}
	d.note(ctx, act{"hand-in", s.as, shortName(s.recordType) + " " + p.ID, false}, nil)
	out.Waits, out.Said = p.ID, "kept here for a second person: nothing is signed yet, and nobody has it"
	return out, nil
}

// pendingProblem says why something can't wait, or can't be decided.
func pendingProblem(err error) error {
	switch {
	case errors.Is(err, staff.ErrPending):
		return &Problem{Kind: NotFound, Detail: err.Error(), Mend: "look at what waits", Next: "vardar approval list", Err: err}
	case errors.Is(err, staff.ErrManyPending):
		return &Problem{Kind: Refused, Detail: err.Error(), Mend: "have an approver look at them first", Err: err}
	}
	return failure(err)
}

// formKey is the key under which a context holds the form that an act was filled in on.
type formKey struct{}

func formOf(ctx context.Context) string {
	id, _ := ctx.Value(formKey{}).(string)
	return id
}

// Second is a record that waits for a second person, as it will be sent.
type Second struct {
	Pending
	Says    string    `json:"says"` // in a line
	Parsed  body.Body `json:"-"`    // nil: it is not to be read here
	Instead body.Body `json:"-"`    // of a correction: what takes the other record's place; nil: nothing, or it is not to be read here
	Text    string    `json:"text"` // the body, without its salt, laid out for programs
	Own     bool      `json:"own"`  // of who looks: somebody else decides
}

// Seconds gives what waits for a second person and is of the institutions that who acts may
// act for, the oldest first.
func (d *Desk) Seconds(ctx context.Context) ([]Second, error) {
	return d.seconds(ctx, func(p *Pending) bool { return p.State == staff.PendingWaits && slices.Contains(d.own(ctx), p.As) })
}

// HandedIn gives what who acts has handed in, with what became of it.
func (d *Desk) HandedIn(ctx context.Context) ([]Second, error) {
	return d.seconds(ctx, func(p *Pending) bool { return p.By == actorOf(ctx).name })
}

func (d *Desk) seconds(ctx context.Context, chosen func(*Pending) bool) ([]Second, error) {
	all, err := d.o.Staff.AllPending(ctx)
	if err != nil {
		return nil, failure(err)
	}
	out := []Second{}
	for i := range all {
		if chosen(&all[i]) {
			out = append(out, d.secondOf(ctx, all[i]))
		}
	}
	return out, nil
}

func (d *Desk) secondOf(ctx context.Context, p Pending) Second {
	w := Second{Pending: p, Own: p.By == actorOf(ctx).name}
	h := Held{Record: protocol.Record{Type: p.Type, Body: p.Body, BodyState: protocol.BodyHeld}}
	if !p.Record.IsZero() { // what it says is what the archive still has of it
		var err error
		if h, err = d.held(p.Record); err != nil {
			return w
		}
	}
	w.Says = d.summary(&h)
	if h.BodyState == protocol.BodyHeld && !h.Sealed {
		w.Parsed, _ = body.Parse(h.Type, h.Body)
		w.Instead = d.instead(w.Parsed)
	}
	if doc, err := documentOf(h.Body); err == nil {
		if text, err := json.MarshalIndent(doc, "", "  "); err == nil {
			w.Text = string(text)
		}
	}
	return w
}

// Second gives one record that waits, or has waited, of an institution that who acts may act
// for.
func (d *Desk) Second(ctx context.Context, id string) (Second, error) {
	p, err := d.o.Staff.Pending(id)
	if err == nil && !slices.Contains(d.own(ctx), p.As) {
		err = staff.ErrPending
	}
	if err != nil {
		return Second{}, pendingProblem(err)
	}
	return d.secondOf(ctx, p), nil
}

// instead gives what a correction puts in the place of another record; nil if that is nothing, or
// the other is not held here.
func (d *Desk) instead(b body.Body) body.Body {
	c, ok := b.(*body.Correction)
	if !ok || c.Action != body.Replace {
		return nil
	}
	ref, _ := c.Ref(body.RelCorrects)
	h, err := d.held(ref.Record)
	if err != nil {
		return nil
	}
	if whole, err := c.Replaced(h.Type); err == nil {
		return whole
	}
	return nil
}
