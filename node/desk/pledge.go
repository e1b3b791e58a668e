package desk

import (
	"context"
	"slices"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// FundingQuestion asks for what a flow of funds for a record would begin with.
type FundingQuestion struct {
	As     protocol.InstitutionID
	Record string         // needs, or a fund plan
	Lines  []LineQuantity // of the plan; none: all
	Sector body.Sector    // of the needs; none: all
}

// FundingTerms are what follows from the record that a flow is to be for.
type FundingTerms struct {
	Recipient protocol.InstitutionID
	Amount    body.Sum // what is asked for, or not funded yet; empty: nobody can say it
	Currency  body.Currency
	NeedsRefs []protocol.Name
	PlanLines []body.PlanLineRef
	Project   protocol.Name
}

// FundingFor gives them for needs or for lines of a fund plan, as a pledge in answer to the record
// would name them. Nothing is written.
func (d *Desk) FundingFor(ctx context.Context, q FundingQuestion) (FundingTerms, error) {
	as, err := d.author(ctx, q.As)
	if err != nil {
		return FundingTerms{}, err
	}
	n, err := d.named(as, q.Record)
	if err != nil {
		return FundingTerms{}, err
	}
	h, err := d.held(n)
	if err != nil {
		return FundingTerms{}, err
	}
	view := d.world(board.WorldOf(&h.Record))
	if plan := planOf(&view, n); plan != nil {
		return forPlan(plan, q.Lines)
	}
	if h.Type != body.TypeNeeds {
		return FundingTerms{}, problem(Refused, "vardar list needs", "%s is %s, and a pledge answers a flow of funds, needs or a fund plan", n, article(shortName(h.Type)))
	}
	out := FundingTerms{Recipient: n.Institution, NeedsRefs: []protocol.Name{n}}
	out.ofGap(slices.DeleteFunc(view.FundingGap().Rows, func(r UnfundedRow) bool {
		return !slices.Contains(r.Records, n) || r.Currency == "" || q.Sector != "" && r.Sector != q.Sector
	}))
	return out, nil
}

// forPlan takes the lines that are named, and what they ask for.
func forPlan(plan *board.Plan, named []LineQuantity) (FundingTerms, error) {
	lines, err := chosenLines(plan, named)
	if err != nil {
		return FundingTerms{}, err
	}
	out := FundingTerms{Recipient: lines[0].Beneficiary, Currency: plan.Currency, Project: plan.Project}
	for i := range lines {
		out.Amount = out.Amount.Plus(body.SumOf(lines[i].Amount))
		out.PlanLines = append(out.PlanLines, body.PlanLineRef{Plan: plan.Record, Line: lines[i].Line})
	}
	return out, nil
}

// ofGap takes what is not funded, where it is needed by the recipient alone and in one currency.
func (t *FundingTerms) ofGap(rows []UnfundedRow) {
	for i := range rows {
		r := &rows[i]
		if t.Currency != "" && t.Currency != r.Currency || len(r.Institutions) > 1 {
			t.Amount, t.Currency = "", ""
			return
		}
		t.Amount, t.Currency = t.Amount.Plus(r.Unfunded), r.Currency
	}
}

// MayPledge reports whether an institution of this node may pledge funds to another.
func (d *Desk) MayPledge(as, to protocol.InstitutionID) bool {
	return as != to && d.o.Trust.May(as, body.FlowPledge.Type())
}
