package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// CorrectRequest replaces or retracts an own record, or says it again. A replacement is the record as it
// stands now with the members of Body and the fields of Set put over it.
type CorrectRequest struct {
	As      protocol.InstitutionID `json:"as,omitempty"` // default: the record's author, if hosted
	Record  string                 `json:"record"`
	Retract bool                   `json:"retract,omitempty"`
	Reissue bool                   `json:"reissue,omitempty"` // say a void record again as it was; needs no reason
	Digest  string                 `json:"digest,omitempty"`  // of a record to say again: how its digest begins, in hex, where a fork left several
	After   protocol.Digest        `json:"after,omitzero"`    // of what was read: the record, or its last correction; if that is in force no more, nothing is written
	Reason  string                 `json:"reason"`
	Body    json.RawMessage        `json:"body,omitempty"`
	Set     []string               `json:"set,omitempty"`
	Form    bool                   `json:"-"` // it was written in a form, as people write amounts, and with no members of one's own: lines that keep their number keep theirs
	DryRun  bool                   `json:"dry_run,omitempty"`
	Wait    int                    `json:"wait,omitempty"`
	WaitMS  int                    `json:"wait_ms,omitempty"`
	Knowing bool                   `json:"knowing,omitempty"` // what a warning says is known and wanted
	Anyway

	wrong gathered // with the form that it is made of
}

// Correct writes a correction: nothing is changed, and both stay visible.
func (d *Desk) Correct(ctx context.Context, r CorrectRequest) (out Published, err error) {
	defer func() {
		d.note(ctx, act{"correct", r.As, onRecord(out.Record, r.Record), r.DryRun || out.Waits != ""}, err)
	}()
	as, err := d.author(ctx, r.As)
	if err != nil {
		return Published{}, err
	}
	n, err := d.named(as, r.Record)
	if err != nil {
		return Published{}, err
	}
	if r.As == "" && slices.Contains(d.own(ctx), n.Institution) {
		as = n.Institution
	}
	if r.Reissue {
		return d.reissue(ctx, as, n, &r)
	}
	h, err := d.held(n)
	if err != nil {
		return Published{}, err
	}
	if err = correctable(&h, as, r.Retract); err != nil {
		return Published{}, err
	}
	if s, _ := d.o.Board.Standing(h.Digest); r.Retract && s == board.NoBody {
		return Published{}, problem(Refused, "vardar show "+h.String(), "the body of %s is gone, and nothing of it is left to take back: %s", h.Name, d.noBody(&h))
	}
	if err = d.stillSays(&h, r.After); err != nil {
		return Published{}, err
	}
	c := &body.Correction{Topic: h.Topic, Action: body.Retract, Reason: body.Text(r.Reason)}
	c.Thread = threadOf(&h)
	c.Refs = []body.Ref{{Rel: body.RelCorrects, Record: h.Name, Digest: h.Digest}}
	wrong := r.wrong
	if r.Reason == "" && !wrong.covers("reason") {
		wrong.found = append(wrong.found, &Problem{Kind: Refused, Field: "reason", Detail: "a correction says why", Mend: "give the reason", Next: "vardar correct " + h.String() + ` --reason "…"`})
	}
	switch {
	case r.Retract && (len(r.Body) > 0 || len(r.Set) > 0):
		return Published{}, &Problem{Kind: Usage, Field: "retract", Detail: "a record is taken back whole", Mend: "leave the new fields out, or leave --retract out", Next: "vardar correct --help"}
	case !r.Retract && len(r.Body) == 0 && len(r.Set) == 0 && len(wrong.found) == 0:
		return Published{}, &Problem{Kind: Usage, Field: "set", Detail: "nothing is said that would be otherwise", Mend: "give the fields that change, or --retract", Next: "vardar correct --help"}
	case !r.Retract:
		c.Action = body.Replace
		if c.Replacement, err = d.replacement(&h, &r, &wrong); err != nil {
			return Published{}, err
		}
	}
	if err = wrong.problem(); err != nil {
		return Published{}, err
	}
	document, err := body.ReplacementOf(c)
	if err != nil {
		return Published{}, misfit(err, "vardar correct --help")
	}
	return d.say(ctx, statement{
		as: as, recordType: c.Type(), document: document, handling: max(h.Handling, d.handling(h.Type)),
		world: board.WorldOf(&h.Record), dryRun: r.DryRun, wait: r.Wait, waitMS: r.WaitMS, knowing: r.Knowing, ours: true, after: r.After, anyway: r.Anyway,
	})
}

// correctable says what can't be corrected, and what to do instead.
func correctable(h *Held, as protocol.InstitutionID, retract bool) error {
	bound := []string{body.StepAccept.Type(), body.StepDecline.Type(), body.StepCommit.Type()}
	switch {
	case h.Institution != as:
		return problem(NotPermitted, "vardar answer "+h.String()+" note", "%s is %s's: only its author corrects it", h.Name, h.Institution)
	case h.Topic == protocol.Trust:
		return problem(Refused, "vardar member show", "trust records are not corrected: a newer one takes their place")
	case !retract && slices.Contains(bound, h.Type):
		// Put otherwise, it would go past the look at the line's state and the stock.
		return problem(Refused, "vardar correct "+h.String()+" --retract", "the other side relies on %s: take it back, then answer anew", h.Name)
	case body.IsErasure(h.Type):
		return problem(Refused, "vardar show "+h.String(), "%s is an erasure: what it took back is gone", h.Name)
	case h.Type == body.TypeCorrection(h.Topic):
		return problem(Refused, "vardar show "+h.String(), "%s is a correction: correct the record that it corrects once more", h.Name)
	}
	return nil
}

// stillSays refuses what was written over something that is in force no more.
func (d *Desk) stillSays(h *Held, read protocol.Digest) error {
	if read.IsZero() {
		return nil
	}
	now, err := d.inForce(h)
	if err != nil || now.Digest == read {
		return err
	}
	return &Problem{
		Kind: Refused, Field: "after", Detail: fmt.Sprintf("%s was put right by %s since it was read", h.Name, now.Name),
		Mend: "read what is in force now, and say again what is to be otherwise", Next: "vardar show " + now.String(),
	}
}

// threadOf gives the thread that a correction stands in: that of the record, or the record
// itself where it began one.
func threadOf(h *Held) protocol.Name {
	b, err := body.Parse(h.Type, h.Body)
	if err != nil {
		return protocol.Name{} // what can't be read can still be taken back
	}
	if t := b.Base().Thread; !t.IsZero() {
		return t
	}
	switch b.(type) {
	case *body.ResourceStep, *body.Flow, *body.Plan, *body.Note:
		return h.Name
	}
	return protocol.Name{}
}

// fillVersions says in the correction of an answer to which version of the question it is, where another option is chosen, and
// in that of an outcome as which version each answer is considered.
func (d *Desk) fillVersions(h *Held, doc map[string]any, option any) error {
	w := board.WorldOf(&h.Record)
	switch {
	case h.Type == body.TypeResponse && doc["option"] != option: // chosen among those of now
		return d.fillVersion(w, doc, true)
	case h.Type == body.TypeOutcome:
		was, err := d.current(h)
		if err != nil {
			return err
		}
		before, _ := was["considered"].([]any)
		if err = d.fillRead(w, doc, before); err != nil {
			return err
		}
		return d.digests(doc)
	}
	return nil
}

// replacement makes the new body, and reads it as one of the record's type; what is wrong with it
// is gathered.
func (d *Desk) replacement(h *Held, r *CorrectRequest, wrong *gathered) (body.Document, error) {
	kind, err := body.New(h.Type)
	if err != nil {
		return nil, misfit(err, "")
	}
	doc, err := d.current(h)
	if err != nil {
		return nil, err
	}
	given, err := readDocument(r.Body)
	if err != nil {
		return nil, err
	}
	option := doc["option"]
	if r.Form && h.Type == body.TypePlan {
		keepOwn(numbered(doc), given)
	}
	for k, v := range given {
		if v == nil { // RFC 7396: null takes a member out
			delete(doc, k)
			continue
		}
		doc[k] = v
	}
	if err = d.setAll(doc, kind, r.Set, wrong); err != nil {
		return nil, err
	}
	if r.Form {
		was, other := d.current(h)
		if other != nil {
			return nil, other
		}
		if err = readAmounts(doc, was, kind, wrong); err != nil {
			return nil, err
		}
	}
	if err = d.fillVersions(h, doc, option); err != nil {
		return nil, err
	}
	if err = wrong.add(d.chooseOption(h.Type, board.WorldOf(&h.Record), doc)); err != nil {
		return nil, err
	}
	d.fillName(h.Institution, doc, "project")
	if h.Type == body.TypeStrategy || h.Type == body.TypeProject {
		numberObjectives(doc)
		d.fillSupports(h.Institution, doc)
		if err = wrong.add(d.digests(doc)); err != nil {
			return nil, err
		}
	}
	if err = wrong.addBody(h.Type, doc, "vardar correct --help"); err != nil {
		return nil, err
	}
	raw, err := writeDocument(doc)
	if err != nil {
		return nil, failure(err)
	}
	return body.Document(raw), nil
}
