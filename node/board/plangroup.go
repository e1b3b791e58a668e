package board

import (
	"slices"

	"github.com/vardar-network/vardar/protocol/body"
)

// sumRow tells the rows of a group apart.
type sumRow struct {
	of        string
	undivided bool
	gone      bool
	currency  body.Currency
}

// grouping adds up the rows of one group.
type grouping struct {
	of   *planSums
	by   PlanGroup
	rows map[sumRow]*PlanSum
	made map[madeOf]bool
}

// madeOf is a plan that a row is made of.
type madeOf struct {
	row  *PlanSum
	plan *Plan
}

// by gives the rows of a group.
func (s *planSums) by(group PlanGroup) []PlanSum {
	g := grouping{s, group, map[sumRow]*PlanSum{}, map[madeOf]bool{}}
	for i := range s.lines {
		if !s.lines[i].gone {
			g.line(i)
		}
	}
	for i := range s.lines {
		if s.lines[i].bundle == i && !s.lines[i].gone {
			g.bundle(i)
		}
	}
	for i := range s.flows {
		g.flow(&s.flows[i])
	}
	out := make([]PlanSum, 0, len(g.rows))
	for _, row := range g.rows {
		out = append(out, *row)
	}
	slices.SortFunc(out, compareSums)
	return out
}

// row gives the row of some lines in a currency: the undivided one, if they belong to several.
func (g *grouping) row(lines []int, currency body.Currency, beyond bool) *PlanSum {
	head := g.of.lines[lines[0]].group(g.by)
	for _, i := range lines {
		beyond = beyond || g.of.lines[i].group(g.by).Of != head.Of
	}
	if beyond {
		head = PlanSum{By: g.by, Undivided: true, Gone: head.Gone}
	}
	key := sumRow{head.Of, beyond, head.Gone, currency}
	row := g.rows[key]
	if row == nil {
		row = &head
		row.Currency = currency
		for _, sum := range []*body.Sum{&row.Required, &row.Planned, &row.Secured, &row.Paid, &row.Reported, &row.Gap, &row.Pledged} {
			*sum = "0"
		}
		g.rows[key] = row
	}
	for _, i := range lines {
		g.plan(madeOf{row, g.of.lines[i].plan})
	}
	return row
}

// plan counts a plan that a row is made of.
func (g *grouping) plan(of madeOf) {
	if g.made[of] {
		return
	}
	g.made[of] = true
	of.row.Plans++
	switch of.plan.State {
	case PlanAgreed:
		of.row.Agreed++
	case PlanProposed:
		of.row.Proposed++
	case PlanClosed:
		of.row.Closed++
	case PlanDraft, PlanWithdrawn:
	}
}

// line adds what is known of a line alone.
func (g *grouping) line(i int) {
	l := &g.of.lines[i]
	row := g.row([]int{i}, l.plan.Currency, false)
	row.Lines++
	row.Planned, row.Required = row.Planned.Plus(l.amount), row.Required.Plus(l.amount)
	row.Secured, row.Gap = row.Secured.Plus(l.secured()), row.Gap.Plus(l.amount.Over(l.secured()))
	for _, c := range l.facts.costs {
		if c.cost.Currency != l.plan.Currency {
			row.Elsewhere++
		}
	}
}

// bundle adds what lines that hang together have in common: what the needs cost above what the
// lines ask for, and what is committed for them together above what their author calls secured. What
// a line has above its own amount pays for what the needs that it names cost above that, and no more.
func (g *grouping) bundle(first int) {
	var lines []int
	var costs, asked, open, common, beyond body.Sum
	covered := body.Sum("0") // by the author's word alone
	seen := map[*Need]bool{}
	for i := range g.of.lines {
		l := &g.of.lines[i]
		if l.bundle != first {
			continue
		}
		lines = append(lines, i)
		asked, open = asked.Plus(l.amount), open.Plus(l.amount.Over(l.secured()))
		covered = covered.Plus(l.word.Over(l.own))
		var ownCosts body.Sum
		for _, c := range l.facts.costs {
			if c.cost.Currency != l.plan.Currency {
				continue
			}
			cost := body.SumOf(c.cost.Amount)
			if ownCosts = ownCosts.Plus(cost); !seen[c.need] {
				seen[c.need] = true
				costs = costs.Plus(cost)
			}
		}
		beyond = beyond.Plus(least(l.own, ownCosts).Over(l.amount))
	}
	for i := range g.of.flows {
		if f := &g.of.flows[i]; f.joins() && len(f.lines) > 1 && g.of.lines[f.lines[0]].bundle == first {
			common = common.Plus(f.Committed)
		}
	}
	more, extra := costs.Over(asked), common.Over(covered)
	if more.Sign() == 0 && extra.Sign() == 0 {
		return
	}
	row := g.row(lines, g.of.lines[first].plan.Currency, false)
	row.Required, row.Secured = row.Required.Plus(more), row.Secured.Plus(extra)
	more = more.Over(beyond) // what a line has stands in its own row's secured
	if row.Undivided {
		row.Gap = row.Gap.Plus(more.Over(extra)) // the lines' own gaps stand in their rows
		return
	}
	row.Gap = row.Gap.Minus(open).Plus(open.Plus(more).Over(extra))
}

// flow adds what is said of a flow. One that was cancelled before anything was paid adds nothing.
func (g *grouping) flow(f *sumFlow) {
	if f.State == body.FlowCancelled {
		return
	}
	row := g.row(f.lines, f.Currency, f.beyond)
	row.Paid, row.Reported, row.Pledged = row.Paid.Plus(f.Paid), row.Reported.Plus(f.Spent), row.Pledged.Plus(f.OpenPledge())
	if !f.joins() {
		row.Secured = row.Secured.Plus(f.Committed)
	}
	row.Flows++
	received, told := f.reports()
	row.ReceivedOf, row.ReportedOf = row.ReceivedOf+received, row.ReportedOf+told
	if f.Reconciliation == body.Reconciled {
		row.Reconciled++
		return
	}
	row.Unreconciled++
}
