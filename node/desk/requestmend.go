package desk

import (
	"fmt"
	"slices"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol/body"
)

// mendLines is how many lines of a request the form of corrections shows; more are put right on the
// command line.
const mendLines = 40

// requestFields are those in which a request for help is put right: its own lines, by their number from 0.
func requestFields(doc map[string]any) []FormField {
	fields := []FormField{must(instant("answer_by")), text("deliver_to.place"), text("deliver_to.contact.office")}
	lines, _ := doc["lines"].([]any)
	for i := range min(len(lines), mendLines) {
		for _, part := range []FormField{must(choice("type", body.ResourceType("").Words())), must(number("quantity")), must(text("unit")), text("description")} {
			part.Name = fmt.Sprintf("lines.%d.%s", i, part.Name)
			fields = append(fields, part)
		}
	}
	return fields
}

// checkStepMended holds what began an exchange and is put right against what was said in answer: of a line that
// somebody has answered the number may change, down to what is committed, and nothing else.
func (d *Desk) checkStepMended(s *statement, h *Held, step *body.ResourceStep) error {
	if err := d.checkAnswerBy(h, step); err != nil {
		return err
	}
	view := d.world(s.world)
	t, ok := exchangeOf(&view, h.Name)
	if !ok {
		return nil // it began none that counts
	}
	for i := range t.lines {
		if root := &t.lines[i]; len(root.with) > 0 {
			if err := root.checkMended(step); err != nil {
				err.Next = "vardar show " + t.name.String()
				return err
			}
		}
	}
	return nil
}

// checkAnswerBy wants a moment to come of a request that puts its own off.
func (d *Desk) checkAnswerBy(h *Held, step *body.ResourceStep) error {
	if step.Step != body.StepRequest || step.AnswerBy.Instant() > d.now() {
		return nil
	}
	_, was, err := d.saidNow(h)
	if before, ok := was.(*body.ResourceStep); err != nil || ok && before.AnswerBy == step.AnswerBy {
		return err
	}
	return overAlready()
}

// overAlready refuses a request that nobody can answer in time.
func overAlready() *Problem {
	return &Problem{Kind: Refused, Field: "answer_by", Detail: "nobody can answer by then: it is over already", Mend: "give a moment to come", Next: "vardar publish request --help"}
}

// checkMended holds a line that somebody has answered against what it is to be.
func (l *rootLine) checkMended(step *body.ResourceStep) *Problem {
	at := slices.IndexFunc(step.Lines, func(x body.Line) bool { return int(x.Line) == l.line })
	if at < 0 {
		return &Problem{
			Kind: Refused, Field: "lines", Detail: fmt.Sprintf("line %d is answered by %s, and would be gone", l.line, l.with[0].Institution),
			Mend: "leave it, and cancel what is not committed of it",
		}
	}
	now, field := &step.Lines[at], fmt.Sprintf("lines[%d]", at)
	bound := l.committed
	if l.standalone {
		bound = max(bound, l.ordered)
	}
	switch {
	case now.Type != l.kind || string(now.Unit) != l.unit:
		return &Problem{
			Kind: Refused, Field: field + ".type", Detail: fmt.Sprintf("line %d is answered by %s, and is about %s in %s", l.line, l.with[0].Institution, l.kind, l.unit),
			Mend: "leave type and unit as they are; cancel the line, and ask for the other thing anew",
		}
	case int64(now.Quantity) < bound:
		return &Problem{
			Kind: Refused, Field: field + ".quantity", Detail: fmt.Sprintf("%d of line %d are committed", bound, l.line),
			Mend: fmt.Sprintf("want at least %d; agree on fewer by a note to who has committed them", bound),
		}
	}
	return nil
}

// MayMend reports whether a form puts the request that began an exchange right for who looks.
func (x *Exchange) MayMend() bool { return x.Asked && !x.Past && x.As == x.Institution }

// MayMend reports whether a form puts a step of a flow right for who looks: one of its own that was not taken back.
func (v *FlowView) MayMend(s board.FlowStep) bool {
	return !v.Past && s.Institution == v.As && len(flowFields(flowStep(s.Step), false)) > 0 && (s.Standing == board.Counts || s.Standing == board.Replaced)
}
