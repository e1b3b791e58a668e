package board

import (
	"cmp"
	"slices"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// aim is a place where a flow of funds is to help, and in which sectors: as the lines of fund plans or
// the needs assessments say that it names, or it itself.
type aim struct {
	place    body.PlaceKey
	name     string
	footnote bool
	sectors  []body.Sector // sorted
}

// aimed tells flows where they are to help, and in what. The lines of plans that a flow names say it
// closest, and else the needs, as in [View.FundingGap]. A plan or an assessment that is not held here, or does
// not count, tells it nothing, and nobody makes anything up in its place.
func aimed(flows []Flow, plans []Plan, held map[protocol.Name]*Needs) {
	lines := linesOf(plans)
	for i := range flows {
		f := &flows[i]
		if !f.Place.IsZero() {
			f.aims = []aim{{place: f.Place, name: f.PlaceName}}
		}
		f.answers = slices.Clone(f.NeedsRefs)
		said := false
		for _, ref := range f.PlanLines {
			if l := lines[ref]; l.line != nil {
				said = true
				f.aim(&aim{place: l.facts.at.place, name: l.facts.at.name, sectors: []body.Sector{l.line.Sector}})
				f.answers = append(f.answers, l.line.NeedsRefs...)
			}
		}
		for _, n := range f.NeedsRefs {
			if row := held[n]; row != nil && !said {
				a := aim{place: row.Place, name: row.PlaceName}
				for j := range row.Items {
					a.sectors = append(a.sectors, row.Items[j].Sector)
				}
				f.aim(&a)
			}
		}
	}
}

// linesOf gives the lines of plans, as they are in force, by any name of the plan; and those that are gone, as they
// were last: what is paid for them is still paid.
func linesOf(plans []Plan) map[body.PlanLineRef]sumLine {
	out := map[body.PlanLineRef]sumLine{}
	for i := range plans {
		p := &plans[i]
		if p.State == PlanWithdrawn {
			continue
		}
		for j := range p.Lines {
			for _, ref := range p.refs(&p.Lines[j]) {
				out[ref] = sumLine{line: &p.Lines[j], facts: &p.facts[j]}
			}
		}
		for j := range p.gone {
			for _, ref := range p.refs(p.gone[j].line) {
				out[ref] = sumLine{line: p.gone[j].line, facts: &p.gone[j].facts}
			}
		}
	}
	return out
}

// assessments gives what counts of each needs assessment, by its name and by those of the void
// records that it says again.
func (w *world) assessments() map[protocol.Name]*Needs {
	out, from := map[protocol.Name]*Needs{}, map[protocol.Name]*entry{}
	for _, s := range w.needs.slots {
		for _, e := range s.members {
			names := []protocol.Name{e.name}
			for _, ref := range e.reissues {
				names = append(names, ref.Record)
			}
			for _, n := range names {
				// Of several that say they are one, all nodes take the same.
				if old := from[n]; old == nil || compareDigests(e.digest, old.digest) < 0 {
					from[n], out[n] = e, &e.now.(*needs).row
				}
			}
		}
	}
	return out
}

// named gives the assessments by name if a flow or a plan names any.
func (w *world) named(v *View) map[protocol.Name]*Needs {
	names := slices.ContainsFunc(v.Flows, func(f Flow) bool { return len(f.NeedsRefs) > 0 }) ||
		slices.ContainsFunc(v.Plans, func(p Plan) bool {
			return slices.ContainsFunc(p.Lines, func(l body.PlanLine) bool { return len(l.NeedsRefs) > 0 }) ||
				slices.ContainsFunc(p.gone, func(g goneLine) bool { return len(g.line.NeedsRefs) > 0 })
		})
	if !names {
		return nil
	}
	return w.assessments()
}

// aim takes one more place with its sectors. A flow that names its own place helps there.
func (f *Flow) aim(more *aim) {
	at := slices.IndexFunc(f.aims, func(a aim) bool { return a.place == more.place || !f.Place.IsZero() })
	if at < 0 {
		at = len(f.aims)
		f.aims = append(f.aims, aim{place: more.place, name: more.name})
	}
	a := &f.aims[at]
	for _, s := range more.sectors {
		if !slices.Contains(a.sectors, s) {
			a.sectors = append(a.sectors, s)
		}
	}
	slices.Sort(a.sectors)
}

// money is what a flow is of: cash, or other things that it is the value of.
func (f *Flow) money() body.ResourceType {
	if f.InKind != "" {
		return "other"
	}
	return "cash"
}

// funded gives the rows of the activities that are paid for: of flows of which anything is paid
// or received, one a place, as good as the needs by [View.assessed]. What a donor only promises is no activity.
func (v *View) funded(needs map[protocol.Name]*Quality) []WhoWhatWhere {
	var out []WhoWhatWhere
	for i := range v.Flows {
		f := &v.Flows[i]
		row := WhoWhatWhere{
			Who: f.Donor, What: f.money(), Purpose: f.InKind, Amount: f.Paid, Currency: f.Currency, State: string(f.State), For: f.Recipient,
			Reconciliation: f.Reconciliation, PassedOn: f.PassedOn, Flow: f.Flow, Quality: weakestOf(needs, f.answers),
		}
		if row.Amount.Sign() <= 0 {
			row.Amount = f.Received
		}
		if row.Amount.Sign() <= 0 {
			continue
		}
		if len(f.aims) > 1 {
			row.SharedBy = len(f.aims)
		}
		for _, a := range f.aims {
			row.Where, row.WhereName, row.Footnote, row.Sectors = a.place, a.name, a.footnote, a.sectors
			out = append(out, row)
		}
		if len(f.aims) == 0 {
			out = append(out, row)
		}
	}
	return out
}

// WhoWhatWhere is one row of the 3W: who brings what to whom, where.
type WhoWhatWhere struct {
	Who            protocol.InstitutionID `json:"who"` // the provider, or the donor
	What           body.ResourceType      `json:"what"`
	Quantity       int64                  `json:"quantity,omitempty"` // of a line that is committed
	Unit           string                 `json:"unit,omitempty"`
	Amount         body.Sum               `json:"amount,omitempty"`  // of a flow of funds: paid, or else received
	Planned        body.Sum               `json:"planned,omitempty"` // of a line of a plan: apart, since what is paid for the line stands in the row of its flow
	Currency       body.Currency          `json:"currency,omitempty"`
	Sectors        []body.Sector          `json:"sectors,omitempty"`   // of the lines or the needs that the flow names
	Purpose        string                 `json:"purpose,omitempty"`   // what the amount is the value of, or is planned for
	SharedBy       int                    `json:"shared_by,omitempty"` // rows that stand for this one amount: nobody says how it is divided among the places
	State          string                 `json:"state"`               // committed and beyond, or of the flow
	Reconciliation body.Reconciliation    `json:"reconciliation,omitempty"`
	PassedOn       bool                   `json:"passed_on,omitempty"` // the money is counted by the flow that it came from
	For            protocol.InstitutionID `json:"for"`
	Where          body.PlaceKey          `json:"where,omitzero"` // it is not known of an offer that nobody asked for, nor of funds of which nothing names a place
	WhereName      string                 `json:"where_name,omitempty"`
	Footnote       bool                   `json:"footnote,omitempty"`
	Exchange       protocol.Name          `json:"exchange,omitzero"`
	Line           int                    `json:"line,omitempty"` // of the exchange, or of the plan
	Flow           protocol.Name          `json:"flow,omitzero"`
	Plan           protocol.Name          `json:"plan,omitzero"` // that foresees it
	PlanState      PlanState              `json:"plan_state,omitempty"`
	Year           int                    `json:"year,omitempty"`
	LineStatus     body.LineStatus        `json:"line_status,omitempty"` // how sure the money of the line is
	Quality        *Quality               `json:"quality,omitempty"`     // of the weakest of the needs assessments that it answers, see [View.Grade]; absent of what names none that is live
}

// WhoWhatWhere gives the 3W: computed from what is committed, on its way or in use, and from
// the funds that are paid or received; reported by nobody.
func (v *View) WhoWhatWhere() []WhoWhatWhere { return byWhere(v.delivered(v.assessed())) }

// delivered gives the rows of the 3W, in no order.
func (v *View) delivered(needs map[protocol.Name]*Quality) []WhoWhatWhere {
	out := []WhoWhatWhere{}
	v.deals(func(d *deed) {
		if d.active == 0 {
			return
		}
		out = append(out, WhoWhatWhere{
			Who: d.from, What: d.kind, Quantity: d.active, Unit: d.unit, State: d.state, For: d.to,
			Where: d.place, WhereName: d.name, Footnote: d.footnote, Exchange: d.thread, Line: d.line, Quality: d.quality,
		})
	})
	return append(out, v.funded(needs)...)
}

// byWhere puts rows in order.
func byWhere(rows []WhoWhatWhere) []WhoWhatWhere {
	slices.SortStableFunc(rows, func(a, b WhoWhatWhere) int {
		return cmp.Or(comparePlaces(a.Where, b.Where), cmp.Compare(a.Who, b.Who), cmp.Compare(a.What, b.What))
	})
	return rows
}
