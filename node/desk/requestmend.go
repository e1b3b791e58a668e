package desk

import (
	"cmp"
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
	return append(fields, stepLineFields(doc, promised()...)...)
}

// promised are the parts of a line of what is asked for or offered.
func promised() []FormField {
	return []FormField{must(choice("type", body.ResourceType("").Words())), must(number("quantity")), must(text("unit")), text("description")}
}

// takenBack are the parts of a line of a cancellation: what it is of is said by what it takes back.
func takenBack() []FormField { return []FormField{must(number("quantity")), text("reason")} }

// stepLineFields are some parts of the lines of a step, by their number from 0; of the first without a document.
func stepLineFields(doc map[string]any, parts ...FormField) (fields []FormField) {
	lines, _ := doc["lines"].([]any)
	for i := range min(max(len(lines), 1), mendLines) {
		for _, part := range parts {
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
		return d.checkTakenAnew(&view, h, step)
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

// checkTakenAnew holds a step within an exchange that is put right against what was said since: what has an effect there
// keeps it, and so does the step itself, line by line.
func (d *Desk) checkTakenAnew(view *board.View, h *Held, step *body.ResourceStep) error {
	for _, now := range d.o.Board.StepsMended(h.Digest, step) {
		was := pick(view.Steps, func(s *board.Step) bool { return s.Record == now.Record && s.Digest == now.Digest })
		if was == nil || was.Ignored != "" {
			continue
		}
		own := now.Digest == h.Digest
		for i := range now.Lines {
			why := cmp.Or(now.Lines[i].Ignored, now.Ignored)
			switch {
			case why == "" || !own && was.Lines[i].Ignored != "":
			case own:
				return &Problem{
					Kind: Refused, Field: fmt.Sprintf("lines[%d].quantity", i), Detail: "put so, it would have no effect: " + why,
					Mend: "give what the exchange has room for", Next: "vardar show " + now.Thread.String(),
				}
			default:
				return &Problem{
					Kind: Refused, Field: "lines", Detail: fmt.Sprintf("%s builds on it, and would have no effect any more: %s", now.Record, why),
					Mend: "leave as much as that takes, or agree with who said it and have that put right first", Next: "vardar show " + now.Thread.String(),
				}
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

// MayMend reports whether a form puts what began an exchange right for who looks.
func (x *Exchange) MayMend() bool { return !x.Past && x.As == x.Institution }

// Mends reports whether a form puts a step within an exchange right for who looks: an offer or a cancellation of its own
// that was not taken back.
func (x *Exchange) Mends(s ExchangeStep) bool {
	of, _ := body.StepOf(s.Step.Step)
	return !x.Past && s.Institution == x.As && s.Record != x.Record && (of == body.StepOffer || of == body.StepCancel) && (s.Standing == board.Counts || s.Standing == board.Replaced)
}

// MayMend reports whether a form puts a step of a flow right for who looks: one of its own that was not taken back.
func (v *FlowView) MayMend(s board.FlowStep) bool {
	return !v.Past && s.Institution == v.As && len(flowFields(flowStep(s.Step), false)) > 0 && (s.Standing == board.Counts || s.Standing == board.Replaced)
}
