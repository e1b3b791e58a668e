package federation

import (
	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// DemoDecided is what was decided and paid together, as the coordinator's store has it. Sums
// stand a plan and a flow for itself: no two are added up.
type DemoDecided struct {
	Asked      int        `json:"asked"`      // institutions, by all consultations
	Answered   int        `json:"answered"`   // answers that count
	Considered int        `json:"considered"` // of these, those of which it is said what became of them
	Concluded  int        `json:"concluded"`  // consultations
	Plans      []DemoPlan `json:"plans,omitempty"`
	Flows      []DemoFlow `json:"flows,omitempty"`
	Practices  int        `json:"practices"`
	Adoptions  int        `json:"adoptions"` // of them, by others
}

// DemoPlan is a fund plan, in its version in force.
type DemoPlan struct {
	Plan     protocol.Name `json:"plan"`
	Total    body.Sum      `json:"total"`
	Currency body.Currency `json:"currency"`
	Lines    int           `json:"lines"`
	Signed   int           `json:"signed"` // by so many
	Of       int           `json:"of"`     // who are to sign, beside its author
	State    string        `json:"state"`
}

// DemoFlow is a flow of funds.
type DemoFlow struct {
	Donor          protocol.InstitutionID `json:"donor"`
	Recipient      protocol.InstitutionID `json:"recipient"`
	Currency       body.Currency          `json:"currency"`
	Committed      body.Sum               `json:"committed"`
	Paid           body.Sum               `json:"paid"`
	Received       body.Sum               `json:"received"`
	Spent          body.Sum               `json:"spent"`
	Unspent        body.Sum               `json:"unspent"`
	Reconciliation body.Reconciliation    `json:"reconciliation"`
}

// decidedIn counts the consultations, plans and flows of a picture.
func decidedIn(p node.Picture) (out DemoDecided) {
	for i := range p.Consultations {
		c := &p.Consultations[i]
		out.Asked += len(c.To)
		if c.Outcome != nil {
			out.Concluded++
		}
		for k := range c.Answers {
			if c.Answers[k].State != node.AnswerCounts {
				continue
			}
			out.Answered++
			if c.Answers[k].Consideration != "" {
				out.Considered++
			}
		}
	}
	for i := range p.Plans {
		f := &p.Plans[i]
		out.Plans = append(out.Plans, DemoPlan{f.Record, f.Total, f.Currency, len(f.Lines), f.Signed, len(f.Cosigners), string(f.State)})
	}
	for i := range p.Flows {
		f := &p.Flows[i]
		out.Flows = append(out.Flows, DemoFlow{f.Donor, f.Recipient, f.Currency, f.Committed, f.Paid, f.Received, f.Spent, f.Unspent, f.Reconciliation})
	}
	out.Practices = len(p.Practices)
	for i := range p.Practices {
		out.Adoptions += len(p.Practices[i].Adoptions)
	}
	return out
}

// proveDecided counts what was decided and paid in the coordinator's store, and wants what
// was told there: every answer considered, the plan signed by all, the flow said by both.
func (d *demo) proveDecided(p node.Picture) {
	got := decidedIn(p)
	d.report.Decided = got
	if d.story.Decide == nil {
		return
	}
	if c, ok := consultationIn(p, d.question); !ok || c.Outcome == nil || len(c.Waiting) > 0 || got.Considered != got.Answered {
		d.problem("%s does not hold the consultation that was told, concluded with every answer considered", Coordinator)
	}
	if f, ok := planIn(p, d.planned); !ok || f.Signed != len(f.Cosigners) || f.Agreed != f.Version {
		d.problem("%s does not hold the fund plan that was told, signed by all who are to sign it", Coordinator)
	}
	if f, ok := flowIn(p, d.flow); !ok || f.Reconciliation != body.Reconciled || !f.Reported {
		d.problem("%s does not hold the flow of funds that was told, said by both sides and reported", Coordinator)
	}
}

// proveLearnt wants what a town has tried, and that another does the same.
func (d *demo) proveLearnt(p node.Picture) {
	if told, ok := practiceIn(p, d.practice); d.story.Decide != nil && (!ok || len(told.Adoptions) == 0) {
		d.problem("%s does not hold the practice that was told, adopted", Coordinator)
	}
}

// closeDecided tells what was counted.
func (d *demo) closeDecided() {
	g := d.report.Decided
	if g.Asked > 0 {
		d.say.item(plain, "Consultation (invented): %s asked, %s counted, %d considered with a reason, %d concluded.",
			plural(g.Asked, "town"), plural(g.Answered, "answer"), g.Considered, g.Concluded)
	}
	if g.Practices > 0 {
		d.say.item(plain, "Library (invented): %s, %s by others.", plural(g.Practices, "practice"), plural(g.Adoptions, "adoption"))
	}
	for _, f := range g.Plans {
		d.say.item(plain, "Fund plan (invented): %s %s in %s, signed by %d of %d: %s.", amount(f.Total), f.Currency, plural(f.Lines, "line"), f.Signed, f.Of, f.State)
	}
	for _, f := range g.Flows {
		d.say.item(plain, "Flow of funds (invented), %s to %s: %s %s committed, %s paid, %s received, %s spent, %s left: %s.", short(f.Donor), short(f.Recipient),
			amount(f.Committed), f.Currency, amount(f.Paid), amount(f.Received), amount(f.Spent), amount(f.Unspent), f.Reconciliation)
	}
}
