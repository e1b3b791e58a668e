package desk

import (
	"fmt"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol/body"
)

// funding composes a step of a flow of funds, in the flow that the record answered stands in, or
// the pledge that begins one for what it needs or plans; false for what is of an exchange of help.
func (a *answer) funding() (recordType string, doc map[string]any, ok bool, err error) {
	step := flowStep(a.r.Step)
	if step == 0 {
		return "", nil, false, nil
	}
	view := a.d.world(board.WorldOf(&a.to.Record))
	flow, within := flowIn(&view, namedIn(a.thread()))
	plan := planOf(&view, a.to.Name)
	switch {
	case within:
		doc, err = a.inFlow(flow, step)
	case step == body.FlowPledge && a.to.Type == body.TypeNeeds:
		doc = map[string]any{body.RecipientSide.String(): string(a.to.Institution), "needs_refs": []any{a.to.String()}}
	case step == body.FlowPledge && plan != nil:
		doc, err = a.forLines(plan)
	case step == body.FlowCommit, step == body.FlowCancel:
		return "", nil, false, nil
	case step == body.FlowPledge:
		err = problem(Refused, "vardar publish pledge --help", "%s is %s, and a pledge answers a flow of funds, needs or a fund plan", a.to.Name, article(shortName(a.to.Type)))
	default:
		err = problem(Refused, "vardar list flows", "%s is %s, and %s answers a flow of funds", a.to.Name, article(shortName(a.to.Type)), step)
	}
	return step.Type(), doc, err == nil, err
}

// inFlow composes a step in a flow that has begun: unless an amount is set, all that is left of it.
func (a *answer) inFlow(flow *FlowRow, step body.FlowStep) (map[string]any, error) {
	if len(a.r.Lines) > 0 {
		return nil, &Problem{Kind: Usage, Field: "line", Detail: "a flow of funds has no lines", Mend: "leave it out, and say --set amount=", Next: "vardar show " + flow.Flow.String()}
	}
	doc := map[string]any{"thread": flow.Flow.String()}
	switch most, _ := flow.Open(step); step {
	case body.FlowCommit, body.FlowPay, body.FlowReceive:
		if most.Sign() > 0 {
			doc["amount"] = most.String()
		} else if !a.gives("amount") {
			return nil, a.nothingLeft(flow, step)
		}
	case body.FlowPledge, body.FlowReport, body.FlowCancel:
	}
	return a.worded(doc, "reason"), nil
}

// gives reports whether who answers has given a member of the body.
func (a *answer) gives(member string) bool {
	given, err := readDocument(a.r.Body)
	return err != nil || given[member] != nil || slices.ContainsFunc(a.r.Set, func(assignment string) bool {
		field, _, _ := strings.Cut(assignment, "=")
		return strings.TrimSpace(field) == member
	})
}

// nothingLeft says why a step that is to go as far as is left can go nowhere, and what can be said instead.
func (a *answer) nothingLeft(flow *FlowRow, step body.FlowStep) error {
	id := flow.Flow.String()
	book := flow.FlowBook
	if err := book.Take(a.as, &body.Flow{Step: step, Donor: flow.Donor, Recipient: flow.Recipient, Currency: flow.Currency}); err != nil {
		return &Problem{Kind: Refused, Detail: err.Error(), Next: "vardar show " + id, Err: err}
	}
	p := &Problem{Kind: Refused, Field: "amount", Next: "vardar answer " + id + " commit --set amount=AMOUNT"}
	stands := fmt.Sprintf("%s %s are pledged, %s committed, %s paid and %s received", flow.Pledged, flow.Currency, flow.Committed, flow.Paid, flow.Received)
	switch step {
	case body.FlowCommit:
		p.Detail, p.Mend = "nothing that was pledged is left to commit: "+stands, "give the amount, if more is committed than was pledged"
	case body.FlowPay:
		p.Detail, p.Mend = "nothing that was committed is left to pay: "+stands, "commit first what is to be paid"
	default:
		p.Detail, p.Mend = "nothing that was paid is left to receive: "+stands, "give the amount, if more came than is known here to be paid, or report what became of it"
		p.Next = "vardar answer " + id + " receive --set amount=AMOUNT --knowing"
	}
	return p
}

// forLines composes the pledge for lines of a fund plan.
func (a *answer) forLines(plan *board.Plan) (map[string]any, error) {
	chosen, err := chosenLines(plan, a.r.Lines)
	if err != nil {
		return nil, err
	}
	var lines []any
	for i := range chosen {
		lines = append(lines, map[string]any{"plan": plan.Record.String(), "line": int(chosen[i].Line)})
	}
	return map[string]any{body.RecipientSide.String(): string(chosen[0].Beneficiary), "currency": string(plan.Currency), "plan_lines": lines}, nil
}

// chosenLines gives the lines of a fund plan that are named, or all: those of one beneficiary.
func chosenLines(plan *board.Plan, named []LineQuantity) ([]body.PlanLine, error) {
	next := "vardar show " + plan.Record.String()
	wanted := map[int]bool{}
	for _, l := range named {
		if l.Quantity > 0 {
			return nil, &Problem{Kind: Usage, Field: "line", Detail: fmt.Sprintf("line %d of a fund plan has no quantity", l.Line), Mend: "give the number alone, and say --set amount=", Next: next}
		}
		wanted[l.Line] = true
	}
	var out []body.PlanLine
	for i := range plan.Lines {
		l := &plan.Lines[i]
		if len(named) > 0 && !wanted[int(l.Line)] {
			continue
		}
		delete(wanted, int(l.Line))
		if len(out) > 0 && out[0].Beneficiary != l.Beneficiary {
			return nil, &Problem{Kind: Refused, Field: "line", Detail: "these lines are for more than one beneficiary, and a flow goes to one", Mend: "name lines of one of them", Next: next}
		}
		out = append(out, *l)
	}
	for number := range wanted {
		return nil, &Problem{Kind: Refused, Field: "line", Detail: fmt.Sprintf("%s has no line %d", plan.Record, number), Next: next}
	}
	return out, nil
}
