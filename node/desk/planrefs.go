package desk

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// wantLine refuses a line that a plan does not have now.
func wantLine(p *board.Plan, line body.Positive, field string) error {
	if slices.ContainsFunc(p.Lines, func(l body.PlanLine) bool { return l.Line == line }) {
		return nil
	}
	return &Problem{Kind: Refused, Field: field, Detail: fmt.Sprintf("%s has no line %d", p.Record, line), Mend: "name one that it has now", Next: "vardar show " + p.Record.String()}
}

// checkFlowRefs refuses a line that a plan held here does not have, and needs that are none: no sum would tell of
// them. What the flow names already stays, whatever the plan's later versions take out.
func (d *Desk) checkFlowRefs(view *board.View, f *body.Flow, stands *FlowRow) error {
	for i, ref := range f.PlanLines {
		p := planOf(view, ref.Plan)
		if p == nil || p.Live() == nil || slices.Contains(stands.PlanLines, ref) {
			continue
		}
		if err := wantLine(p, ref.Line, fmt.Sprintf("plan_lines.%d.line", i)); err != nil {
			return err
		}
	}
	return d.checkNeedsRefs(f.NeedsRefs, "needs_refs", func(n protocol.Name) bool { return slices.Contains(stands.NeedsRefs, n) })
}

// checkCurrency warns of a flow that is for a line in another currency, and says how to say it knowingly: nothing that it
// brings counts for the line, since currencies are never added. What the flow names already stays.
func checkCurrency(view *board.View, f *body.Flow, stands *FlowRow, knowingly string) error {
	currency := cmp.Or(f.Currency, stands.Currency)
	for i, ref := range f.PlanLines {
		p := planOf(view, ref.Plan)
		if p == nil || p.Live() == nil || p.Currency == currency || slices.Contains(stands.PlanLines, ref) {
			continue
		}
		return &Problem{
			Kind: Refused, Field: fmt.Sprintf("plan_lines.%d.plan", i),
			Detail: fmt.Sprintf("%s is in %s, and this flow in %s: currencies are never added, so that nothing of it counts for the line", ref.Plan, p.Currency, currency),
			Mend:   "give the amount in the currency of the plan, name no line of it, or say that you know of it", Next: knowingly,
		}
	}
	return nil
}

// fieldLines is the member of a plan that holds its lines.
const fieldLines = "lines"

// checkTakenOut warns of a version that takes out lines which money is for, pledged, committed or received, or puts them into
// another currency, and says how to say it knowingly: that money is told of apart from then on, in every sum. A plan that is
// taken back, with no version, leaves no line.
func checkTakenOut(s *statement, view *board.View, p *board.Plan, next *body.Plan) error {
	if s.knowing {
		return nil
	}
	how := "vardar correct " + p.Record.String() + " -f FILE --knowing --reason TEXT"
	if next == nil {
		if found := moneyFor(view, p, nil); found != "" {
			return &Problem{
				Kind: Refused, Detail: "money is for lines of this plan: " + found,
				Mend: "close the plan, or say that you know of it: the money stands apart then, as for lines that are gone", Next: "vardar correct " + p.Record.String() + " --retract --knowing --reason TEXT",
			}
		}
		return nil
	}
	if found := moneyFor(view, p, next.Lines); found != "" {
		return &Problem{
			Kind: Refused, Field: fieldLines, Detail: "money is for lines that are taken out: " + found,
			Mend: "keep these lines, or say that you know of it: the money stands apart then, as for lines that are gone", Next: how,
		}
	}
	if found := moneyFor(view, p, nil, p.Currency); found != "" && next.Currency != p.Currency {
		return &Problem{
			Kind: Refused, Field: fieldLines, Detail: fmt.Sprintf("money is for lines that would be in %s, and currencies are never added: %s", next.Currency, found),
			Mend: "keep the currency, or say that you know of it: the money stands apart then, and the lines are asked for anew", Next: how,
		}
	}
	return nil
}

// moneyFor names the money in some currencies, or in any, that is for lines of a plan beside those that are left; "" for none.
func moneyFor(view *board.View, p *board.Plan, left []body.PlanLine, in ...body.Currency) string {
	const most = 5 // that a sentence names
	var found []string
	flows := flowsFor(view, p)
	for i := range p.Lines {
		n := p.Lines[i].Line
		if slices.ContainsFunc(left, func(l body.PlanLine) bool { return l.Line == n }) {
			continue
		}
		for j := range flows {
			f := &flows[j]
			names := slices.ContainsFunc(f.PlanLines, func(ref body.PlanLineRef) bool { return ref.Line == n && says(p, ref.Plan) })
			if sum := atStake(f); names && sum.Sign() > 0 && (len(in) == 0 || slices.Contains(in, f.Currency)) {
				found = append(found, fmt.Sprintf("%d: %s %s, %s", n, sum, f.Currency, f.Flow))
			}
		}
	}
	if len(found) > most {
		found = append(found[:most], "…")
	}
	return strings.Join(found, "; ")
}

// atStake is what of a flow somebody relies on: what is promised, or what its recipient has where the donor says nothing.
func atStake(f *FlowRow) body.Sum {
	if f.State == body.FlowCancelled {
		return ""
	}
	if sum := promisedBy(&f.FlowBook); sum.Sign() > 0 {
		return sum
	}
	return f.Received
}

// checkYears refuses a line for a year outside the plan's period. Its ends are moments, and a year ends some hours
// earlier or later where the plan is: what reaches over by those alone is of the year beside it.
func checkYears(p *body.Plan) error {
	const anywhere = 14 * time.Hour // the most that a clock is before UTC, or behind it
	first, last := p.Period.Start.Time().Add(anywhere).Year(), p.Period.End.Time().Add(-anywhere).Year()
	for i := range p.Lines {
		if year := int(p.Lines[i].Year); year < min(first, last) || year > max(first, last) {
			return &Problem{
				Kind: Refused, Field: fmt.Sprintf("lines.%d.year", i), Detail: fmt.Sprintf("the year %d is outside the period of the plan, %s to %s", year, p.Period.Start, p.Period.End),
				Mend: "give a year of the period, or another period",
			}
		}
	}
	return nil
}

// checkLineRefs refuses an objective, or needs, that a line of a plan names and the record held here
// does not have. What the plan names already stays.
func (d *Desk) checkLineRefs(s *statement, p *body.Plan, was []body.PlanLine) error {
	view := d.world(s.world)
	for i := range p.Lines {
		for j, ref := range p.Lines[i].ObjectiveRefs {
			if slices.ContainsFunc(was, func(l body.PlanLine) bool { return slices.Contains(l.ObjectiveRefs, ref) }) {
				continue
			}
			if err := d.wantObjective(&view, ref); err != nil {
				err.Field = fmt.Sprintf("lines.%d.objective_refs.%d", i, j)
				return err
			}
		}
		stands := func(n protocol.Name) bool {
			return slices.ContainsFunc(was, func(l body.PlanLine) bool { return slices.Contains(l.NeedsRefs, n) })
		}
		if err := d.checkNeedsRefs(p.Lines[i].NeedsRefs, fmt.Sprintf("lines.%d.needs_refs", i), stands); err != nil {
			return err
		}
	}
	return nil
}

// checkNeedsRefs refuses a record that is named as needs, and that is held here and no needs assessment; what
// stands already stays.
func (d *Desk) checkNeedsRefs(refs []protocol.Name, field string, stands func(protocol.Name) bool) error {
	for i, n := range refs {
		if !stands(n) {
			if err := d.wantNeeds(n, fmt.Sprintf("%s.%d", field, i)); err != nil {
				return err
			}
		}
	}
	return nil
}

// unheldNeeds tells of needs that a plan or a flow names and that are not held here: they may come, or be mistyped.
func (d *Desk) unheldNeeds(b body.Body) []string {
	var refs []protocol.Name
	switch b := b.(type) {
	case *body.Plan:
		for i := range b.Lines {
			refs = append(refs, b.Lines[i].NeedsRefs...)
		}
	case *body.Flow:
		refs = b.NeedsRefs
	}
	var out []string
	for i, n := range refs {
		if _, err := d.held(n); err != nil && !slices.Contains(refs[:i], n) {
			out = append(out, fmt.Sprintf("the needs %s are not held here: if they do not come, see that they are spelled as they should be", n))
		}
	}
	return out
}

func (d *Desk) wantNeeds(n protocol.Name, field string) error {
	if h, err := d.held(n); err == nil && h.Type != body.TypeNeeds {
		return &Problem{Kind: Refused, Field: field, Detail: n.String() + " is no needs assessment", Mend: "name another", Next: "vardar list needs"}
	}
	return nil
}

// wantObjective refuses an objective that the strategy held here does not have. How far the strategy
// is does not matter: a plan may be made for a draft.
func (d *Desk) wantObjective(v *board.View, ref body.ObjectiveRef) *Problem {
	n := ref.Strategy()
	if s := pick(v.Strategies, func(s *board.Strategy) bool { return s.Record == n }); s != nil {
		if s.Objective(ref.OID()) == nil {
			return noObjective(ref)
		}
		return nil
	}
	if h, err := d.held(n); err == nil && h.Type != body.TypeStrategy {
		return refuseLink("name a strategy", "%s is no strategy that counts here", n)
	}
	return nil
}

func noObjective(ref body.ObjectiveRef) *Problem {
	return refuseLink("name one of its objectives", "%s has no objective %s", ref.Strategy(), ref.OID())
}
