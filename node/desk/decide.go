package desk

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// LetGo lets a record go that somebody else has handed in: it is checked anew, signed and
// sent. What can't be said any more goes on waiting.
func (d *Desk) LetGo(ctx context.Context, id string) (out Published, err error) {
	d.deciding.Lock()
	defer d.deciding.Unlock()
	p, err := d.decide(ctx, id, staff.PendingApproved, "")
	defer func() { d.note(ctx, act{"approve", p.As, onRecord(out.Record, shortName(p.Type)+" "+id), false}, err) }()
	if err != nil {
		return Published{}, err
	}
	s := statement{as: p.As, recordType: p.Type, raw: p.Body, handling: p.Handling, world: board.WorldOf(&protocol.Record{Type: p.Type, Exercise: p.Exercise, BodyState: protocol.BodyHeld, Body: p.Body}), knowing: p.Knowing, after: p.After, ours: true, seen: true}
	if err = json.Unmarshal(p.Anyway, &s.anyway); err == nil {
		out, err = d.say(ctx, s)
	}
	// Who hangs up has still decided.
	ctx = context.WithoutCancel(ctx)
	sent := err == nil
	_, kept := d.o.Staff.Decide(ctx, id, func(q *Pending) error {
		if sent {
			q.Record, q.Body = out.Record, nil // its body lies in the archive alone, from which it can be erased
		} else {
			q.State, q.Decider = staff.PendingWaits, ""
		}
		return nil
	})
	if err == nil {
		kept = errors.Join(kept, d.settleDraft(ctx, &p, func(f *Draft) { f.Sent, f.Values = out.Record, nil }))
	}
	if kept != nil {
		d.log.ErrorContext(ctx, "what became of a record that waited is not kept", "record", out.Record, "err", kept)
	}
	return out, err
}

// GiveBack gives a record back to who handed it in, with the reason.
func (d *Desk) GiveBack(ctx context.Context, id, reason string) (err error) {
	d.deciding.Lock()
	defer d.deciding.Unlock()
	if reason == "" {
		return &Problem{Kind: Refused, Field: "reason", Detail: "who returns a record says why", Mend: "give the reason"}
	}
	p, err := d.decide(ctx, id, staff.PendingReturned, reason)
	defer func() { d.note(ctx, act{"return", p.As, shortName(p.Type) + " " + id, false}, err) }()
	if err != nil {
		return err
	}
	return failure(d.settleDraft(context.WithoutCancel(ctx), &p, func(f *Draft) { f.Back = reason }))
}

// TakeBack takes back what who acts has handed in, while nobody has decided on it: the form that
// it was is a draft again.
func (d *Desk) TakeBack(ctx context.Context, id string) (err error) {
	d.deciding.Lock()
	defer d.deciding.Unlock()
	p, err := d.decide(ctx, id, staff.PendingWithdrawn, "")
	defer func() { d.note(ctx, act{"withdraw", p.As, shortName(p.Type) + " " + id, false}, err) }()
	if err != nil {
		return err
	}
	return failure(d.settleDraft(context.WithoutCancel(ctx), &p, func(*Draft) {}))
}

// decide notes that somebody else than its author has decided on what waits, or that its author
// has taken it back.
func (d *Desk) decide(ctx context.Context, id, state, reason string) (Pending, error) {
	who := actorOf(ctx).name
	p, err := d.o.Staff.Decide(ctx, id, func(p *Pending) error {
		switch back := state == staff.PendingWithdrawn; {
		case !slices.Contains(d.own(ctx), p.As):
			return staff.ErrPending
		case back && p.By != who:
			return &Problem{Kind: NotPermitted, Detail: p.By + " has handed this in, and nobody else takes it back", Mend: "give it back with the reason, if you decide on it", Next: "vardar approval return --help"}
		case !back && p.By == who:
			return &Problem{Kind: NotPermitted, Detail: "nobody is their own second person: " + who + " has handed this in", Mend: "have another approver look at it", Next: "vardar staff list"}
		case p.State != staff.PendingWaits:
			return &Problem{Kind: Refused, Detail: decided(p), Mend: "look at what waits still"}
		}
		p.State, p.Decider, p.Reason = state, who, reason
		return nil
	})
	var said *Problem
	if err != nil && !errors.As(err, &said) {
		err = pendingProblem(err)
	}
	return p, err
}

// decided says what has become of what waited.
func decided(p *Pending) string {
	switch p.State {
	case staff.PendingReturned:
		return "this is decided already: " + p.Decider + " has returned it"
	case staff.PendingWithdrawn:
		return "this does not wait any more: " + p.Decider + " has taken it back"
	}
	return "this is decided already: " + p.Decider + " has approved it"
}

// FinishDeciding brings to its end what a node that was killed, or could not write, had begun
// to decide. It is asked when a node starts, before anybody can decide. What was signed is known
// by its body, whose salt no other record has: it is noted as let go, and not said again. What
// was not signed waits again: nobody was told that it was sent.
func (d *Desk) FinishDeciding(ctx context.Context) {
	if err := d.finishDeciding(ctx); err != nil {
		d.log.ErrorContext(ctx, "what was being decided when the node ended stays as it was", "err", err)
	}
}

func (d *Desk) finishDeciding(ctx context.Context) error {
	d.deciding.Lock()
	defer d.deciding.Unlock()
	all, err := d.o.Staff.AllPending(ctx)
	if err != nil {
		return err
	}
	for i := range all {
		p := &all[i]
		if p.State == staff.PendingApproved && p.Record.IsZero() {
			if err := d.finish(ctx, p); err != nil {
				return err
			}
		}
		if err := d.tellForm(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// tellForm tells the form that a record was filled in on what it was not told in time.
func (d *Desk) tellForm(ctx context.Context, p *Pending) error {
	f, err := d.o.Staff.Draft(p.By, p.Draft)
	switch {
	case p.Draft == "" || errors.Is(err, staff.ErrDraft):
		return nil
	case err != nil:
		return err
	case p.State == staff.PendingWaits && f.Waits == "" && f.Sent.IsZero():
		return d.settleDraft(ctx, p, func(f *Draft) { f.Waits = p.ID })
	case p.State == staff.PendingReturned && f.Waits == p.ID:
		return d.settleDraft(ctx, p, func(f *Draft) { f.Back = p.Reason })
	case p.State == staff.PendingWithdrawn && f.Waits == p.ID:
		return d.settleDraft(ctx, p, func(*Draft) {})
	case p.State == staff.PendingApproved && f.Waits == p.ID:
		return d.settleDraft(ctx, p, func(f *Draft) { f.Sent, f.Values = p.Record, nil })
	}
	return nil
}

// finish finds out whether what was approved is written, and notes it.
func (d *Desk) finish(ctx context.Context, p *Pending) error {
	digest := protocol.DigestOf(p.Body)
	var written protocol.Name
	// From the first record on: the clock may have been put back since.
	for h, err := range d.o.Archive.Records(ctx, p.Type, 0) {
		if err != nil {
			return err
		}
		if h.Institution == p.As && h.ContentDigest == digest {
			written = h.Name
			break
		}
	}
	decider := p.Decider
	var err error
	*p, err = d.o.Staff.Decide(ctx, p.ID, func(q *Pending) error {
		if q.Record, q.Body = written, nil; written.IsZero() {
			q.State, q.Decider, q.Body = staff.PendingWaits, "", p.Body
		}
		return nil
	})
	if err != nil {
		return err
	}
	if written.IsZero() {
		d.log.WarnContext(ctx, "record approved and not signed when the node ended: it waits again", "waits", p.ID)
		return nil
	}
	d.note(By(ctx, decider), act{"approve", p.As, written.String(), false}, nil)
	return nil
}

// settleDraft tells the form that a record was filled in on what became of it; one that was
// sent again since is left.
func (d *Desk) settleDraft(ctx context.Context, p *Pending, how func(*Draft)) error {
	if p.Draft == "" {
		return nil
	}
	d.forms.Lock()
	defer d.forms.Unlock()
	f, err := d.o.Staff.Draft(p.By, p.Draft)
	if errors.Is(err, staff.ErrDraft) {
		return nil // its account is gone, or its fortnight over
	}
	if err != nil || f.Waits != "" && f.Waits != p.ID {
		return err
	}
	f.Waits = ""
	how(&f)
	return d.o.Staff.KeepDraft(ctx, f)
}
