package federation

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// signers are who is to sign the plan beside the ministry.
func signers() []protocol.InstitutionID { return []protocol.InstitutionID{SouthGate, RiverTown} }

// proposePlan has the ministry plan with what is needed and what was decided, and the towns
// sign that version of it.
func (d *demo) proposePlan(ctx context.Context) (err error) {
	set := []string{
		"title=Beds for the winter (invented)", "status=proposed", "currency=EUR", "territory=" + southGatePlace().Key().String(),
		"period=" + d.story.To.Format(time.DateOnly) + "T00:00:00Z/2017-01-01T00:00:00Z",
		"lines.0.purpose=Bed places that are still missing", "lines.0.beneficiary=" + string(SouthGate), "lines.0.payer=" + string(ReliefFund),
		"lines.0.year=2016", "lines.0.sector=shelter", "lines.0.amount=180000", "lines.0.source=other", "lines.0.status=requested",
		`lines.1={"line":2,"purpose":"Fifty places, whoever comes","beneficiary":"` + string(RiverTown) + `","year":2016,"sector":"shelter","amount":"35000","source":"national_budget","status":"planned"}`,
	}
	if !d.needs.IsZero() {
		set = append(set, "lines.0.needs_refs.0="+d.needs.String())
	}
	for i, id := range signers() {
		set = append(set, fmt.Sprintf("cosigners.%d=%s", i, id))
	}
	if d.planned, err = d.states(ctx, CrisisCentre, "plan", set...); err != nil {
		return err
	}
	for _, id := range append(signers(), Coordinator) {
		if err = d.known(ctx, id, func(p node.Picture) bool { _, ok := planIn(p, d.planned); return ok }); err != nil {
			return err
		}
	}
	p, _ := planIn(d.coordinator().Picture(d.clock.Now()), d.planned)
	d.say.event(d.clock.Now(), strong, "FUND PLAN by %s (invented): %s %s in %s; %s are to sign it", short(p.Institution), amount(p.Total), p.Currency, plural(len(p.Lines), "line"), plural(len(p.Cosigners), "town"))
	for n, id := range signers() {
		if _, err = d.net.Node(id).Desk().Answer(ctx, node.AnswerRequest{As: id, Record: d.planned.String(), Step: node.AnswerCosign}); err != nil {
			return fmt.Errorf("%s signs: %w", id, err)
		}
		if err = d.known(ctx, Coordinator, func(p node.Picture) bool { now, _ := planIn(p, d.planned); return now.Signed > n }); err != nil {
			return err
		}
		p, _ = planIn(d.coordinator().Picture(d.clock.Now()), d.planned)
		d.say.event(d.clock.Now(), good, "SIGNED by %s: version %d, %d of %d; the plan is %s", short(id), p.Version, p.Signed, len(p.Cosigners), p.State)
	}
	return nil
}

// payment is one step of the flow of funds.
type payment struct {
	by   protocol.InstitutionID
	kind string
	step body.FlowStep
	set  []string
}

// payments are the steps, by who has to say them: the donor until it has paid, then the town.
func (d *demo) payments() []payment {
	pledge := []string{
		"recipient=" + string(SouthGate), "currency=EUR", "amount=200000", "earmarking=earmarked",
		"plan_lines.0.plan=" + d.planned.String(), "plan_lines.0.line=1",
	}
	if !d.needs.IsZero() {
		pledge = append(pledge, "needs_refs.0="+d.needs.String())
	}
	return []payment{
		{ReliefFund, "pledge", body.FlowPledge, pledge},
		{ReliefFund, "commit-flow", body.FlowCommit, []string{"amount=180000"}},
		{ReliefFund, "pay", body.FlowPay, []string{"amount=180000"}},
		{SouthGate, "receive", body.FlowReceive, []string{"amount=180000"}},
		{SouthGate, "report-flow", body.FlowReport, []string{"spent=150000", "results=Four hundred places are being built. " + invented}},
	}
}

// pay has money flow for a line of the plan. Each side says at its own desk what is its own to
// say, once its own picture has come to what was said before.
func (d *demo) pay(ctx context.Context) (err error) {
	var last protocol.Name
	for _, s := range d.payments() {
		set := s.set
		if d.flow.IsZero() {
			err = d.known(ctx, s.by, func(p node.Picture) bool { now, ok := planIn(p, d.planned); return ok && now.Signed == len(signers()) })
		} else {
			set = append(set, "thread="+d.flow.String())
			err = d.known(ctx, s.by, func(p node.Picture) bool { return flowHas(p, last) })
		}
		if err != nil {
			return err
		}
		if last, err = d.states(ctx, s.by, s.kind, set...); err != nil {
			return err
		}
		if d.flow.IsZero() {
			d.flow = last
		}
		if err = d.known(ctx, Coordinator, func(p node.Picture) bool { return flowHas(p, last) }); err != nil {
			return err
		}
		f, _ := flowIn(d.coordinator().Picture(d.clock.Now()), d.flow)
		d.tellFunds(f, s.step)
	}
	return nil
}

// tellFunds tells a flow as the coordinator's picture has it behind a step.
func (d *demo) tellFunds(f node.Flow, step body.FlowStep) {
	at, to, from := d.clock.Now(), short(f.Recipient), short(f.Donor)
	switch step {
	case body.FlowPledge:
		d.say.event(at, plain, "PLEDGED by %s to %s: %s %s (invented); a pledge is no funding", from, to, amount(f.Pledged), f.Currency)
	case body.FlowCommit:
		d.say.event(at, plain, "COMMITTED by %s: %s %s", from, amount(f.Committed), f.Currency)
	case body.FlowPay:
		d.say.event(at, warn, "PAID, says %s: %s %s; not reconciled: %s has not said so yet", from, amount(f.Paid), f.Currency, to)
	case body.FlowReceive:
		d.say.event(at, good, "RECEIVED, says %s: %s %s; the two sides are %s", to, amount(f.Received), f.Currency, f.Reconciliation)
	case body.FlowReport:
		d.say.event(at, good, "REPORTED by %s: %s %s spent, %s left", to, amount(f.Spent), f.Currency, amount(f.Unspent))
	case body.FlowCancel: // none is
	}
}

// planIn finds a fund plan in a picture.
func planIn(p node.Picture, name protocol.Name) (node.Plan, bool) {
	return first(p.Plans, func(f *node.Plan) bool { return f.Record == name })
}

// flowIn finds a flow of funds in a picture.
func flowIn(p node.Picture, name protocol.Name) (node.Flow, bool) {
	return first(p.Flows, func(f *node.Flow) bool { return f.Flow == name })
}

// flowHas reports whether a picture has come to a step of a flow that counts.
func flowHas(p node.Picture, name protocol.Name) bool {
	return slices.ContainsFunc(p.Flows, func(f node.Flow) bool {
		return slices.ContainsFunc(f.Steps, func(s node.FlowStep) bool { return s.Record == name && s.Ignored == "" })
	})
}

// amount writes a sum as it is told: 180,000 or 9,000.50.
func amount(s body.Sum) string {
	whole, cents, broken := strings.Cut(s.String(), ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	switch {
	case err != nil: // more than fits: as it is
		return s.String()
	case broken:
		return thousands(n) + "." + cents
	}
	return thousands(n)
}
