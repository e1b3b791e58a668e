package desk

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// Draft is [staff.Draft].
type Draft = staff.Draft

// draftProblem says why a draft can't be kept, or found; nothing of no error.
func draftProblem(err error) error {
	if err == nil {
		return nil
	}
	p := &Problem{Kind: Refused, Detail: err.Error(), Err: err}
	switch {
	case errors.Is(err, staff.ErrDraft):
		p.Kind, p.Mend = NotFound, "open the form again"
	case errors.Is(err, staff.ErrDraftID):
		p.Mend = "open the form again, and send that one"
	case errors.Is(err, staff.ErrManyDrafts):
		p.Mend = "throw some away, on the page Drafts"
	case errors.Is(err, staff.ErrLongDraft):
		p.Mend = "shorten it"
	default:
		return failure(err)
	}
	return p
}

// KeepForm keeps a form as it was typed, right or wrong, for the account that acts.
func (d *Desk) KeepForm(ctx context.Context, f Form) error {
	d.forms.Lock()
	defer d.forms.Unlock()
	before, err := d.o.Staff.Draft(actorOf(ctx).name, f.ID)
	if err == nil && (!before.Sent.IsZero() || before.Waits != "") {
		return nil // it has been sent: what comes late is what was sent
	}
	return draftProblem(d.o.Staff.KeepDraft(ctx, Draft{ID: f.ID, Account: actorOf(ctx).name, As: f.As, Form: f.Name, About: f.About, Within: f.world.Name, Values: f.values(), Back: before.Back}))
}

// Typed keeps a form that is being filled in, and holds its figures against each other; what is
// still empty is no fault yet. A form that is only tried is not kept.
func (d *Desk) Typed(ctx context.Context, f Form) error {
	if !f.Try {
		if err := d.KeepForm(ctx, f); err != nil {
			return err
		}
	}
	wrong := gathered{}
	f.figures(&wrong)
	return wrong.problem()
}

// Drafts gives the forms that the account that acts has begun and not sent, in the world in which
// it is, the newest first.
func (d *Desk) Drafts(ctx context.Context) ([]Draft, error) {
	all, err := d.o.Staff.Drafts(ctx, actorOf(ctx).name)
	if err != nil {
		return nil, failure(err)
	}
	out := slices.DeleteFunc(all, func(x Draft) bool { return !x.Sent.IsZero() || x.Waits != "" || x.Within != actorOf(ctx).world.Name })
	slices.SortStableFunc(out, func(a, b Draft) int { return int(b.Saved - a.Saved) })
	return out, nil
}

// DropDraft throws one away.
func (d *Desk) DropDraft(ctx context.Context, id string) error {
	return draftProblem(d.o.Staff.DropDraft(ctx, actorOf(ctx).name, id))
}

// GoOn opens a form again as it was left.
func (d *Desk) GoOn(ctx context.Context, id string) (Form, error) {
	draft, err := d.o.Staff.Draft(actorOf(ctx).name, id)
	if err == nil && (!draft.Sent.IsZero() || draft.Waits != "" || draft.Within != actorOf(ctx).world.Name) {
		err = staff.ErrDraft
	}
	if err != nil {
		return Form{}, draftProblem(err)
	}
	f, err := d.NewForm(ctx, draft.As, draft.Form, draft.About)
	if err != nil {
		return Form{}, err
	}
	f.ID, f.Back = draft.ID, draft.Back
	f.Fill(draft.Values)
	return f, nil
}

// Begin writes a place and a phase that were suggested into fields that are empty.
func (f *Form) Begin(place, phase string) {
	for i := range f.Fields {
		switch g := &f.Fields[i]; {
		case g.Value != "":
		case g.Name == "place":
			g.Value = strings.TrimSpace(place)
		case g.Name == "phase":
			g.Value = strings.TrimSpace(phase)
		}
	}
}

// Fill puts what was typed into the fields, what was emptied too, and says over which version it was typed.
func (f *Form) Fill(values map[string]string) {
	f.Over, _ = protocol.ParseDigest(values[fieldAfter]) // of none is no correction made
	for i := range f.Fields {
		g := &f.Fields[i]
		// A browser ends the lines of a text in its own way: that is no change.
		g.Value, g.Same = strings.ReplaceAll(values[g.Name], "\r\n", "\n"), values["same."+g.Name] != ""
	}
}
