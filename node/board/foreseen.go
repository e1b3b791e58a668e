package board

import (
	"cmp"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// ActivityPlanned is the state of what a plan foresees, in the 3W.
const ActivityPlanned = "planned"

// foreseen gives the rows of what fund plans foresee: a line a row, of plans that are proposed or
// agreed. A draft foresees nothing yet, and a plan that is closed nothing more. Whoever pays is
// the plan's author unless a line names somebody; where it is to help is where the needs are
// that the line names, else the plan's territory.
func (v *View) foreseen(needs map[protocol.Name]*Quality) []WhoWhatWhere {
	var out []WhoWhatWhere
	for i := range v.Plans {
		p := &v.Plans[i]
		if p.State != PlanProposed && p.State != PlanAgreed {
			continue
		}
		for j := range p.Lines {
			l, at := &p.Lines[j], &p.facts[j].at
			out = append(out, WhoWhatWhere{
				Who: cmp.Or(l.Payer, p.Institution), What: "cash", Planned: body.SumOf(l.Amount), Currency: p.Currency, Sectors: []body.Sector{l.Sector},
				Purpose: string(l.Purpose), State: ActivityPlanned, For: l.Beneficiary, Where: at.place, WhereName: at.name, Footnote: at.footnote,
				Plan: p.Record, PlanState: p.State, Line: int(l.Line), Year: int(l.Year), LineStatus: l.Status,
				Quality: weakestOf(needs, l.NeedsRefs),
			})
		}
	}
	return out
}

// Activities gives the 3W with what is planned beside what is delivered: the same money can stand
// in both, so that the two stand apart ([WhoWhatWhere.Planned]) and are never added.
func (v *View) Activities() []WhoWhatWhere {
	needs := v.assessed()
	return byWhere(append(v.delivered(needs), v.foreseen(needs)...))
}
