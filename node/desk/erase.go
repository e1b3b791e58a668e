package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// EraseRequest takes back the body of an own record, or of a member's by its registrar.
type EraseRequest struct {
	As     protocol.InstitutionID `json:"as,omitempty"` // default: the record's author, or its registrar, whichever is hosted
	Record string                 `json:"record"`
	Digest string                 `json:"digest,omitempty"`  // how its digest begins, in hex, where a fork left several
	Reason string                 `json:"reason"`            // for everybody to read: nothing of what the body held
	DryRun bool                   `json:"dry_run,omitempty"` // say what it would do
}

// Erasing is what taking a body back does.
type Erasing struct {
	Record    protocol.Name   `json:"record"`
	Digest    protocol.Digest `json:"digest"`
	Also      []protocol.Name `json:"also"` // the author's other records that repeat what the body says
	Does      []string        `json:"does"`
	Published *Published      `json:"published,omitempty"` // the record's own erasure; nil after a dry run
}

// Erase writes the erasure of a record, and of what else of its author repeats the body:
// corrections that replace it, and the record said again. Every node lets the bodies go as
// soon as an erasure reaches it, for good; headers and chain stay.
func (d *Desk) Erase(ctx context.Context, r EraseRequest) (_ Erasing, err error) {
	defer func() { d.note(ctx, act{"erase", r.As, r.Record, r.DryRun}, err) }()
	h, as, err := d.erasable(ctx, &r)
	if err != nil {
		return Erasing{}, err
	}
	also, err := d.repeating(&h)
	if err != nil {
		return Erasing{}, err
	}
	out := Erasing{Record: h.Name, Digest: h.Digest, Also: []protocol.Name{}, Does: []string{
		fmt.Sprintf("the body of %s (%s) is taken back for good: every node lets it go as soon as this reaches it", h.Name, shortName(h.Type)),
		"its header, its place in the chain and the reason stay, for everybody to read",
		"backups made before keep it until they expire, 35 days at the most; copies that people made stay theirs",
	}}
	for i := range also {
		out.Also = append(out.Also, also[i].Name)
		out.Does = append(out.Does, fmt.Sprintf("%s (%s) repeats it, and its body is taken back too", also[i].Name, shortName(also[i].Type)))
	}
	for i := range also {
		if _, err = d.erase(ctx, as, &also[i], &r); err != nil {
			return Erasing{}, err
		}
	}
	said, err := d.erase(ctx, as, &h, &r)
	if err == nil && !r.DryRun {
		out.Published = &said
	}
	return out, err
}

// erase writes one erasure. It goes wherever the body went, and no further than the
// network: its mark is the body's, at most TLP:GREEN.
func (d *Desk) erase(ctx context.Context, as protocol.InstitutionID, h *Held, r *EraseRequest) (Published, error) {
	e := &body.Erasure{Topic: h.Topic, Reason: body.Text(r.Reason)}
	e.Refs = append(d.hearingOf(h), body.Ref{Rel: body.RelErases, Record: h.Name, Digest: h.Digest})
	document, err := body.ReplacementOf(e)
	if err != nil {
		return Published{}, misfit(err, "vardar correct --help")
	}
	return d.say(ctx, statement{
		as: as, recordType: e.Type(), document: document, handling: min(h.Handling, protocol.Green),
		world: board.WorldOf(&h.Record), dryRun: r.DryRun, ours: true,
	})
}

// hearingOf gives the question that an answer to a consultation, or its outcome, is to: it goes on waiting for nothing, and owes
// a word or another outcome on every node, as the erasure says so once the body is gone. That of a correction of one, or of the
// question itself, names what it corrects too: what was said before it is not said again.
func (d *Desk) hearingOf(h *Held) []body.Ref {
	b, err := body.Parse(h.Type, h.Body)
	if err != nil {
		return nil
	}
	switch h.Type {
	case body.TypeResponse:
		return refsOf(b, body.RelAnswers)
	case body.TypeOutcome:
		return refsOf(b, body.RelConcludes)
	}
	corrects := refsOf(b, body.RelCorrects)
	if len(corrects) == 0 {
		return nil
	}
	of, err := d.held(corrects[0].Record)
	switch {
	case err != nil:
		return nil
	case of.Type == body.TypeResponse, of.Type == body.TypeOutcome, of.Type == body.TypeConsultation:
		return append(d.hearingOf(&of), corrects...)
	}
	return nil
}

func refsOf(b body.Body, rel body.Relation) []body.Ref {
	if ref, ok := b.Base().Ref(rel); ok {
		return []body.Ref{ref}
	}
	return nil
}

// erasable finds the record and who here may take it back.
func (d *Desk) erasable(ctx context.Context, r *EraseRequest) (Held, protocol.InstitutionID, error) {
	as, err := d.author(ctx, r.As)
	if err != nil {
		return Held{}, "", err
	}
	n, err := d.named(as, r.Record)
	if err != nil {
		return Held{}, "", err
	}
	show := "vardar show " + n.String()
	registrar, _ := d.o.Trust.Charter().RegistrarOf(n.Institution)
	may := slices.DeleteFunc([]protocol.InstitutionID{n.Institution, registrar}, func(id protocol.InstitutionID) bool {
		return !slices.Contains(d.own(ctx), id) || r.As != "" && id != r.As
	})
	records, err := d.rivals(n)
	if err != nil {
		return Held{}, "", err
	}
	h, err := d.choose(records, r.Digest, "--erase")
	switch {
	case err != nil:
		return Held{}, "", err
	case len(may) == 0:
		return Held{}, "", &Problem{Kind: NotPermitted, Detail: fmt.Sprintf("%s is %s's: only its author, or its registrar, takes back what it says", n, n.Institution), Mend: "ask " + joinIDs(slices.Compact([]protocol.InstitutionID{n.Institution, registrar})), Next: show}
	case h.Topic == protocol.Trust:
		return Held{}, "", problem(Refused, show, "trust records are not erased: who may speak must stay to be seen")
	case body.IsErasure(h.Type):
		return Held{}, "", problem(Refused, show, "%s is an erasure: it says nothing but who took what back, and why", n)
	case h.BodyState == protocol.BodyErased:
		return Held{}, "", problem(Refused, show, "the body of %s is gone already: %s", n, d.noBody(&h))
	case r.Reason == "":
		return Held{}, "", &Problem{Kind: Refused, Field: "reason", Detail: "an erasure says why", Mend: "give the reason, without what must go", Next: "vardar correct " + n.String() + ` --erase --reason "…"`}
	}
	return h, may[0], nil
}

// choose gives the one of several records at a position, as a fork leaves them, whose digest
// begins so; how is the flag of correct that is to say it again.
func (d *Desk) choose(records []Held, digest, how string) (Held, error) {
	n := records[0].Name
	chosen := slices.DeleteFunc(slices.Clone(records), func(h Held) bool { return !strings.HasPrefix(h.Digest.Hex(), digest) })
	switch len(chosen) {
	case 0:
		return Held{}, problem(NotFound, "vardar show "+n.String(), "no record %s is held here whose digest begins with %s", n, quoted(digest))
	case 1:
		return chosen[0], nil
	}
	var each []string
	for i := range chosen {
		each = append(each, fmt.Sprintf("%s: %s", chosen[i].Digest.Hex()[:8], d.summary(&chosen[i])))
	}
	return Held{}, &Problem{
		Kind: Refused, Field: "digest", Detail: fmt.Sprintf("%d records stand at %s (%s)", len(chosen), n, strings.Join(each, "; ")),
		Mend: "say which by the beginning of its digest", Next: fmt.Sprintf("vardar correct %s %s --digest %s", n, how, chosen[0].Digest.Hex()[:8]),
	}
}

// repeating gives the records whose bodies hold what a record's does: corrections of it,
// and the record said again, or of which it is the record said again.
func (d *Desk) repeating(h *Held) ([]Held, error) {
	var names []protocol.Name
	view := d.world(board.WorldOf(&h.Record))
	for i := range view.Corrections {
		if c := &view.Corrections[i]; c.Corrects == h.Name && c.Institution == h.Institution && c.Action == board.Replace {
			names = append(names, c.Record)
		}
	}
	if _, why := d.o.Board.Standing(h.Digest); strings.HasPrefix(why, board.ReissuedAs) {
		if n, err := protocol.ParseName(strings.TrimPrefix(why, board.ReissuedAs)); err == nil {
			names = append(names, n)
		}
	}
	if b, err := body.Parse(h.Type, h.Body); err == nil {
		if ref, ok := b.Base().Ref(body.RelReissues); ok && ref.Record.Institution == h.Institution {
			names = append(names, ref.Record)
		}
	}
	var out []Held
	for _, n := range names {
		records, err := d.o.Archive.At(n)
		if err != nil {
			return nil, failure(err)
		}
		for _, r := range records {
			if r.BodyState != protocol.BodyErased {
				out = append(out, r)
			}
		}
	}
	return out, nil
}
