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

// kindEndorsement is the short name of the kind that says where somebody stands.
const kindEndorsement = "endorsement"

// ranks gives what the word of a member on others' records rests on.
func (d *Desk) ranks() *board.Ranks {
	var out []board.Rank
	for _, m := range d.o.Trust.Members() {
		if m.Out {
			continue
		}
		r := board.Rank{Institution: m.ID, Level: m.Level, Registrar: m.Registrar}
		if p := m.Profile; p != nil {
			if p.Seat != nil {
				r.Places = append(r.Places, p.Seat.Key())
			}
			for _, s := range p.Sites {
				r.Places = append(r.Places, s.Code)
				if !s.Twin.IsZero() {
					r.Places, r.Twins = append(r.Places, s.Twin), append(r.Twins, board.Twin{Own: s.Code, Other: s.Twin})
				}
			}
		}
		out = append(out, r)
	}
	return board.NewRanks(out)
}

// stance composes one: on what the record says now, so on its replacement if it has one.
func (a *answer) stance() (string, map[string]any, error) {
	view := a.d.world(board.WorldOf(&a.to.Record))
	for i := len(view.Corrections) - 1; i >= 0; i-- {
		c := &view.Corrections[i]
		if c.Corrects != a.to.Name || c.Standing != board.Counts || c.Action != board.Replace {
			continue
		}
		by, err := a.d.held(c.Record)
		if err != nil {
			return "", nil, err
		}
		*a.to = by
		break
	}
	doc := map[string]any{"refs": a.refs(body.RelEndorses), "stance": a.r.Step}
	if a.r.Step == string(body.Adopt) {
		doc["basis"] = string(body.OnUse)
	}
	return body.TypeEndorsement(a.topic()), a.worded(doc, "reason"), nil
}

// fillEndorsement says what the one reference is for.
func fillEndorsement(doc map[string]any) {
	refs, _ := doc["refs"].([]any)
	if len(refs) != 1 {
		return
	}
	if ref, ok := refs[0].(map[string]any); ok && ref["rel"] == nil {
		ref["rel"] = string(body.RelEndorses)
	}
}

// checkEndorsement refuses what every node would show and not count: a word on one's own
// record, and a verification beyond competence.
func (d *Desk) checkEndorsement(s *statement, parsed body.Body) error {
	e, ok := parsed.(*body.Endorsement)
	if !ok {
		return nil
	}
	of := e.Endorses().Record
	if of.Institution == s.as {
		return &Problem{Kind: Refused, Field: "refs", Detail: "nobody confirms or disputes a record of its own", Mend: "put it right, or take it back", Next: "vardar correct " + of.String()}
	}
	h, err := d.held(of)
	switch {
	case err != nil:
		return err
	case board.WorldOf(&h.Record) != s.world:
		return &Problem{Kind: Refused, Field: "refs", Detail: "an exercise says nothing of what is real, nor the other way", Mend: "say it with --exercise, or without"}
	}
	if err = d.checkAdopted(s, e); err != nil {
		return err
	}
	if e.Stance == body.Adopt {
		if h, err = d.corrected(h); err == nil && h.Type != body.TypePractice {
			err = &Problem{Kind: Refused, Field: "stance", Detail: fmt.Sprintf("%s is %s, and only a practice is adopted", of, article(shortName(h.Type))), Next: "vardar list practices"}
		}
		return err
	}
	if why := d.beyondVerifying(s.as, e); why != "" {
		return &Problem{
			Kind: Refused, Field: "stance", Detail: why, Mend: "say that you confirm it, and on what basis",
			Next: "vardar answer " + of.String() + " confirm --set basis=observed",
		}
	}
	return d.checkField(e)
}

// beyondVerifying gives why a stance is not counted as the verification that it says it is;
// empty: it is, or says none. Of what can't be read here, others judge.
func (d *Desk) beyondVerifying(as protocol.InstitutionID, e *body.Endorsement) string {
	of := e.Endorses()
	if e.Stance != body.Verify {
		return ""
	}
	said, ok := d.endorsed(of)
	if !ok || d.ranks().May(as, of.Record.Institution, board.PlacesOf(said)) {
		return ""
	}
	return board.BeyondVerifying
}

// corrected gives the record that a correction corrects; any other one as it is.
func (d *Desk) corrected(h Held) (Held, error) {
	b, err := body.Parse(h.Type, h.Body)
	if c, ok := b.(*body.Correction); err == nil && ok {
		ref, _ := c.Ref(body.RelCorrects)
		return d.held(ref.Record)
	}
	return h, nil
}

// endorsing offers what of a record somebody can stand on.
func (d *Desk) endorsing(f *Form) error {
	h, err := d.aboutRecord(f)
	if err != nil {
		return err
	}
	if h, err = d.corrected(h); err != nil {
		return err
	}
	b, err := body.Parse(h.Type, h.Body)
	if err != nil {
		return problem(Refused, "vardar show "+h.String(), "what %s says can't be read here", h.Name)
	}
	f.field("field").Choices = judged(b)
	if len(f.field("field").Choices) == 0 {
		f.Fields = slices.DeleteFunc(f.Fields, func(g FormField) bool { return g.Name == "field" || g.Name == "value" })
	}
	return nil
}

// judged names what of a body a stance can be on.
func judged(b body.Body) []string {
	var out []string
	switch b := b.(type) {
	case *body.SituationReport:
		for i := range b.Figures {
			if name := string(b.Figures[i].Indicator); !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	case *body.Route:
		out = []string{"state"}
		if b.Throughput != nil {
			out = append(out, "throughput")
		}
		if b.Waiting != nil {
			out = append(out, "waiting")
		}
	case *body.Profile:
		if b.Residents != nil {
			out = append(out, "residents")
		}
		if b.Budget != nil {
			out = append(out, "budget")
		}
	}
	return out
}

// makeEndorsement says where somebody stands, as the form has it.
func (d *Desk) makeEndorsement(ctx context.Context, f *Form, wrong gathered) (Published, error) {
	r := AnswerRequest{As: f.As, Record: f.About, Step: f.field("stance").Value, Reason: f.field("reason").Value, DryRun: f.Try}
	for _, assignment := range f.set(nil) {
		name, value, _ := strings.Cut(assignment, "=")
		switch name {
		case "stance", "reason":
			continue
		case "value":
			n, err := countOf(value)
			if err != nil {
				wrong.found = append(wrong.found, noCount("value", value, err))
				continue
			}
			text, err := n.MarshalJSON()
			if err != nil {
				return Published{}, failure(err)
			}
			assignment = "value=" + string(text)
		case "source.name":
			r.Set = append(r.Set, "source.type="+string(body.PartnerSource))
		}
		r.Set = append(r.Set, assignment)
	}
	if wrong.covers("stance") { // what the answer would be is not known
		return Published{}, wrong.problem()
	}
	r.wrong = wrong
	return d.Answer(ctx, r)
}

// stances takes where others stand on the record, as it is now or was before.
func (v *RecordView) stances(view *board.View) {
	names := []protocol.Name{v.Name}
	for i := range v.Corrections {
		names = append(names, v.Corrections[i].Record)
	}
	for i := range view.Endorsements {
		if e := &view.Endorsements[i]; slices.Contains(names, e.Of) {
			v.Stances = append(v.Stances, *e)
		}
	}
}

func endorsementLine(e *body.Endorsement) string {
	s := fmt.Sprintf("%s %s", e.Stance, e.Endorses().Record)
	if e.Field != "" {
		s += " " + string(e.Field)
	}
	if !e.Value.IsZero() {
		s += " " + e.Value.String()
	}
	if e.Reason != "" {
		s += ": " + short(string(e.Reason))
	}
	return s
}
