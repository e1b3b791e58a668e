package desk

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol/body"
)

// flowFields are those in which a step of a flow is put right: what it says of money, and of one that
// promises or begins a flow on which terms, whom it is with and in which currency. Of a cancellation it is why:
// it takes back all that is not paid.
func flowFields(step body.FlowStep, begins bool) []FormField {
	switch step {
	case body.FlowReport:
		return []FormField{must(text("spent")), must(text("unspent")), mayEmpty(long("results"))}
	case body.FlowCancel:
		return []FormField{must(long(fieldBecause))}
	case body.FlowPledge, body.FlowCommit, body.FlowPay, body.FlowReceive:
	default:
		return nil
	}
	fields := []FormField{must(text("amount"))}
	if begins {
		other := body.RecipientSide
		if step.By() == body.RecipientSide {
			other = body.DonorSide
		}
		fields = append(fields, must(text("currency")), must(text(other.String())))
	}
	fields = append(fields, instant("decided_at"))
	if !step.Begins() {
		return fields
	}
	return append(fields,
		mayEmpty(text("in_kind")), mayEmpty(choice("earmarking", body.Unearmarked.Words())), mayEmpty(FormField{Name: fieldNeedsRefs, As: AsLines}),
		mayEmpty(FormField{Name: fieldPlanLines, As: AsLines}), mayEmpty(instant("use_by")), mayEmpty(text("parent_flow")),
	)
}

// fieldBecause is the field of a record's own reason, beside that of the correction.
const fieldBecause = "because"

// fieldPlanLines is the field that names lines of fund plans, one in a line of the form.
const fieldPlanLines = "plan_lines"

// fieldNeedsRefs is the field that names needs assessments.
const fieldNeedsRefs = "needs_refs"

// PlanLinesTyped reads lines of fund plans as a person types them: in each line the name of a plan and
// the number of its line. What cannot be read stays as it is typed, for the desk to refuse.
func PlanLinesTyped(said string) []any {
	var out []any
	for typed := range strings.Lines(said) {
		words := strings.Fields(typed)
		if len(words) == 0 {
			continue
		}
		line := map[string]any{"plan": words[0]}
		if number := strings.Join(words[1:], " "); number != "" {
			line["line"] = number
			if n, err := strconv.Atoi(number); err == nil {
				line["line"] = n
			}
		}
		out = append(out, line)
	}
	return out
}

// checkFlowMended holds a step of a flow that is put right against the flow: it stays the step that it
// is, of the same two and in the same currency once anything else of the flow says so, and all that
// has an effect there keeps it.
func (d *Desk) checkFlowMended(s *statement, h *Held, f *body.Flow) error {
	view := d.world(s.world)
	row := flowWith(&view, h.Name, h.Digest)
	if row == nil {
		return nil // nothing of the flow counts: the record says why
	}
	next := "vardar show " + row.Flow.String()
	if err := fixedInFlow(row, h, f); err != nil {
		err.Next = next
		return err
	}
	after, at, err := mended(row, h, f)
	switch {
	case err == nil:
		_, err = d.checkTerms(&view, f, next)
		err = cmp.Or(err, d.checkFlowRefs(&view, f, row))
		if s.knowing || err != nil {
			return err
		}
		if f.Step == body.FlowReceive && after.Received.Compare(row.Received) > 0 {
			err = checkReceived(&after, f, fmt.Sprintf("vardar correct %s --set amount=%s --knowing --reason TEXT", h.Name, body.SumOf(f.Amount)))
		}
		if body.SumOf(f.Spent, f.Unspent).Compare(row.Spent.Plus(row.Unspent)) != 0 {
			err = cmp.Or(err, checkReported(&after, f, fmt.Sprintf("vardar correct %s --set spent=%s --set unspent=%s --knowing --reason TEXT", h.Name, body.SumOf(f.Spent), body.SumOf(f.Unspent))))
		}
		again := fmt.Sprintf("vardar correct %s --knowing --reason TEXT", h.Name)
		return cmp.Or(err, passing{f, row, &after}.check(&view, again), checkCurrency(&view, f, row, again))
	case errors.Is(err, body.ErrStepRole):
		return &Problem{Kind: Refused, Field: f.Step.By().String(), Detail: err.Error(), Mend: "leave it as it is; take the record back, and say the other step", Next: next, Err: err}
	case at.Digest == h.Digest:
		return &Problem{Kind: Refused, Field: flowField(f), Detail: err.Error(), Mend: "give what the flow has room for, or put right first what it is too much or too little for", Next: next, Err: err}
	}
	return &Problem{
		Kind: Refused, Field: flowField(f), Detail: fmt.Sprintf("%s builds on it, and would have no effect any more: %s", at.Record, err),
		Mend: "leave as much as that takes, or agree with who said it and have that put right first", Next: next, Err: err,
	}
}

// fixedInFlow refuses to make a step one of another two, or in another currency, than the flow is: what else
// was said in it names them too.
func fixedInFlow(row *FlowRow, h *Held, f *body.Flow) *Problem {
	if !slices.ContainsFunc(row.Steps, func(s board.FlowStep) bool { return s.Ignored == "" && s.Digest != h.Digest }) {
		return nil
	}
	for _, m := range []struct{ name, is, was string }{
		{body.DonorSide.String(), string(f.Donor), string(row.Donor)},
		{body.RecipientSide.String(), string(f.Recipient), string(row.Recipient)},
		{"currency", string(f.Currency), string(row.Currency)},
	} {
		if m.is != m.was {
			return &Problem{
				Kind: Refused, Field: m.name, Detail: "other steps of the flow say " + m.was + ", and would have no effect beside this",
				Mend: "leave it as it is, or take the steps back and begin another flow",
			}
		}
	}
	return nil
}

// mended takes the steps of a flow anew with one of them put right, and gives what they come to, or the first that
// would have no effect, and why.
func mended(row *FlowRow, h *Held, f *body.Flow) (book body.FlowBook, at *board.FlowStep, err error) {
	for i := range row.Steps {
		s := &row.Steps[i]
		step := f
		if s.Digest != h.Digest {
			if s.Ignored != "" {
				continue
			}
			step = &body.Flow{
				Step: flowStep(s.Step), Donor: f.Donor, Recipient: f.Recipient, Currency: f.Currency,
				Amount: body.Decimal(s.Amount), Spent: body.Decimal(s.Spent), Unspent: body.Decimal(s.Unspent),
			}
		}
		if err = book.Take(s.Institution, step); err != nil {
			return book, s, err
		}
	}
	return book, nil, nil
}

// flowStep gives the step that a word names; 0 if it is none.
func flowStep(word string) body.FlowStep {
	i := slices.IndexFunc(body.FlowSteps(), func(s body.FlowStep) bool { return s.String() == word })
	return body.FlowStep(i + 1) //nolint:gosec // the steps are counted from 1
}

// checkThread refuses to take what is put right out of the thread that it stands in.
func checkThread(h *Held, b body.Body) error {
	stands := threadOf(h)
	if cmp.Or(b.Base().Thread, h.Name) == stands {
		return nil
	}
	return &Problem{
		Kind: Refused, Field: "thread", Detail: "it stands in what began with " + stands.String() + ", and a correction leaves it there",
		Mend: "leave thread as it is; take the record back, and say it where it belongs", Next: "vardar show " + stands.String(),
	}
}
