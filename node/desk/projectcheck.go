package desk

import (
	"fmt"
	"strings"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// takingPart composes the word of a partner, on the version in force; false for what is no
// project.
func (a *answer) takingPart() (recordType string, doc map[string]any, ok bool) {
	view := a.d.world(board.WorldOf(&a.to.Record))
	p := projectOf(&view, a.to.Name)
	if p == nil || a.r.Step != AnswerAccept && a.r.Step != AnswerRefuse {
		return "", nil, false
	}
	live, state := p.Live(), body.Accepted
	if a.r.Step == AnswerRefuse {
		state = body.Refused
	}
	doc = map[string]any{"state": string(state), "refs": []any{map[string]any{
		"rel": string(body.RelAcknowledges), "record": live.Record.String(), "digest": live.Digest.String(),
	}}}
	return body.TypeAcknowledgement(protocol.Policy), a.worded(doc, "reason"), true
}

// checkPartner refuses the word of a partner that would not count.
func (d *Desk) checkPartner(s *statement, a *body.Acknowledgement) error {
	if a.Topic != protocol.Policy || a.State != body.Accepted && a.State != body.Refused {
		return nil
	}
	ref, _ := a.Ref(body.RelAcknowledges)
	view := d.world(s.world)
	p := projectOf(&view, ref.Record)
	if p == nil {
		return nil // it is of something else
	}
	next := "vardar show " + p.Record.String()
	word := pick(p.Words, func(w *board.ProjectWord) bool { return w.Institution == s.as })
	switch {
	case p.State == board.ProjectWithdrawn:
		return problem(Refused, next, "%s was taken back", p.Record)
	case p.State == board.ProjectEnded:
		return problem(Refused, next, "the period of this project is over")
	case word == nil:
		return problem(Refused, next, "%s is no partner of this project: its word would not count", s.as)
	case word.State == board.PartConfirmed && a.State == body.Accepted && word.Version == p.Version, word.State == board.PartDeclined && a.State == body.Refused && word.Version == p.Version:
		return problem(Refused, next, "%s has said so of this version already", s.as)
	}
	return nil
}

// checkProject refuses a project that is none across borders, and what leads nowhere.
func (d *Desk) checkProject(s *statement, b *body.Project) (warnings []string, err error) {
	const next = "vardar publish project --help"
	for i, id := range b.Partners {
		field := fmt.Sprintf("partners.%d", i)
		if id == s.as {
			return nil, &Problem{Kind: Refused, Field: field, Detail: "it is who writes the project: it takes part", Mend: "leave it out", Next: next}
		}
		if err = d.stranger(field, id); err != nil {
			return nil, err
		}
	}
	if countries := board.CountriesOf(append([]protocol.InstitutionID{s.as}, b.Partners...)); len(countries) < 2 { //nolint:mnd // across a border
		return nil, &Problem{
			Kind: Refused, Field: "partners", Detail: "all of them are of one country (" + strings.Join(countries, ", ") + "): a project is across borders",
			Mend: "name a partner of another country", Next: next,
		}
	}
	view := d.world(s.world)
	view.Rank(d.ranks())
	for i := range b.Objectives {
		for j, ref := range b.Objectives[i].Supports {
			warning, refused := d.checkObjective(&view, ref)
			if refused != nil {
				refused.Field = fmt.Sprintf("objectives.%d.supports.%d", i, j)
				return nil, refused
			}
			if warning != "" {
				warnings = append(warnings, warning)
			}
		}
	}
	if b.Plan.IsZero() || planOf(&view, b.Plan) != nil {
		return warnings, nil
	}
	if _, err := d.held(b.Plan); err == nil {
		return nil, &Problem{Kind: Refused, Field: "plan", Detail: b.Plan.String() + " is no fund plan that counts here", Mend: "name a fund plan", Next: "vardar list plans"}
	}
	return append(warnings, b.Plan.String()+" is not here: its money shows once it is"), nil
}

// fillProject numbers the objectives, and names in the references what they support.
func (d *Desk) fillProject(as protocol.InstitutionID, doc map[string]any) {
	numberObjectives(doc)
	d.fillSupports(as, doc)
	d.fillName(as, doc, "plan")
}

// fillName writes the whole name of a record that is named by its position.
func (d *Desk) fillName(as protocol.InstitutionID, doc map[string]any, member string) {
	if text, ok := doc[member].(string); ok {
		if text == "" { // a field that was emptied names none
			delete(doc, member)
			return
		}
		if n, err := d.named(as, text); err == nil {
			doc[member] = n.String()
		}
	}
}

// projectLine says a project in a line.
func projectLine(b *body.Project) string {
	return short(string(b.Title)) + ", with " + joinIDs(b.Partners)
}

// checkBelonging holds the project that a record names against those that are here.
func (d *Desk) checkBelonging(s *statement, n protocol.Name) (warnings []string, err error) {
	if n.IsZero() {
		return nil, nil
	}
	refuse := func(detail string, args ...any) error {
		return &Problem{Kind: Refused, Field: "project", Detail: fmt.Sprintf(detail, args...), Mend: "name a project, or leave it out", Next: "vardar list projects"}
	}
	view := d.world(s.world)
	p := projectOf(&view, n)
	switch {
	case p == nil:
		if _, err := d.held(n); err == nil {
			return nil, refuse("%s is no project that counts here", n)
		}
		return []string{n.String() + " is not here: the record stands with the project once it is"}, nil
	case p.State == board.ProjectWithdrawn:
		return nil, refuse("%s was taken back", n)
	case !p.Has(s.as):
		return []string{fmt.Sprintf("%s is no partner of %s: the record is shown there apart", s.as, n)}, nil
	case p.State == board.ProjectEnded:
		return []string{"the period of this project is over"}, nil
	}
	return nil, nil
}
