package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/protocol/body"
)

// plans is the list of fund plans.
func (a *app) plans(rows []api.PlanRow) table {
	return tabled(rows, []string{"record", "state", "owed", "title", "total", "currency", "required", "secured", "paid", "gap", "flows reconciled", "signed", "refused"}, func(r *api.PlanRow) []string {
		owed := string(r.Owed)
		if owed != "" {
			owed += " by " + joined(r.OwedBy)
		}
		var s api.PlanSum // in the plan's own currency; the others stand in the plan
		for i := range r.Sums {
			if r.Sums[i].Currency == r.Currency && !r.Sums[i].Undivided && !r.Sums[i].Gone {
				s = r.Sums[i]
			}
		}
		return []string{
			r.Record.String(), string(r.State), owed, r.Title, r.Total.String(), string(r.Currency), s.Required.String(), s.Secured.String(), s.Paid.String(),
			s.Gap.String(), reconciledOf(&s), signedOf(r), refusedOf(r),
		}
	})
}

// planSums is the table of what plans add up to.
func (a *app) planSums(rows []api.PlanSum) table {
	return tabled(rows, []string{"by", "of", "currency", "required", "planned", "secured", "paid", "spent", "gap", "pledged only", "plans", "flows", "reconciled", "unreconciled", "reports"}, func(r *api.PlanSum) []string {
		of := r.Of
		switch {
		case r.Undivided:
			of = "(not divided)"
		case !r.Place.IsZero():
			of = place(r.Place, r.PlaceName, r.Footnote)
		}
		if r.Gone {
			of = strings.TrimSpace("(no longer in the plan) " + of)
		}
		return []string{
			string(r.By), of, string(r.Currency), r.Required.String(), r.Planned.String(), r.Secured.String(), r.Paid.String(), r.Reported.String(),
			r.Gap.String(), r.Pledged.String(), plansOf(r.Plans, r.Agreed, r.Proposed, r.Closed), number(r.Flows), number(r.Reconciled), number(r.Unreconciled), reportsOf(r.ReportedOf, r.ReceivedOf),
		}
	})
}

// reconciledOf says of how many flows of a sum both sides say the same: 5 of 7.
func reconciledOf(s *api.PlanSum) string {
	if s.Flows == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d", s.Reconciled, s.Flows)
}

// plansOf says of how many plans a sum is made: 3: 2 agreed, 1 proposed.
func plansOf(plans, agreed, proposed, closed int) string {
	var states []string
	for _, of := range []struct {
		n  int
		is string
	}{{agreed, "agreed"}, {proposed, "proposed"}, {closed, "closed"}} {
		if of.n > 0 {
			states = append(states, fmt.Sprintf("%d %s", of.n, of.is))
		}
	}
	return strings.TrimSuffix(fmt.Sprintf("%d: %s", plans, strings.Join(states, ", ")), ": ")
}

// reportsOf says of how many of the flows that were received it is reported what became of them: 1 of 2.
func reportsOf(reported, received int) string {
	if received == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d", reported, received)
}

// signedOf says who has signed what: version 3: 9 of 14; 3 signed only version 2. Of a closed plan
// that is the version before: version 3: 14 of 14, then closed as version 4.
func signedOf(r *api.PlanRow) string {
	asked := r.Asked()
	if asked == nil {
		return ""
	}
	said := fmt.Sprintf("version %d: %d of %d", asked.Number, asked.Signed, asked.Of)
	for _, b := range r.Before {
		said += fmt.Sprintf("; %d signed only version %d", len(b.Institutions), b.Version)
	}
	if asked.Number != r.Version {
		said += fmt.Sprintf(", then closed as version %d", r.Version)
	}
	return said
}

// refusedOf names who has refused the version that [signedOf] tells of, and why.
func refusedOf(r *api.PlanRow) string {
	if asked := r.Asked(); asked != nil {
		return whoSaid(asked, "refused")
	}
	return ""
}

// showPlan prints the lines of a plan, its versions with who has signed which, and what the last
// one changes.
func (a *app) showPlan(p *api.FundPlan) {
	line(a.out, "")
	line(a.out, "%s, %s: %s %s", p.Title, p.State, p.Total, p.Currency)
	t := table{}
	t.add("for", place(p.Territory, p.PlaceName, p.Footnote))
	t.add("signed", signedOf(&p.PlanRow))
	for i := range p.Rates {
		r := &p.Rates[i]
		t.add("rate", fmt.Sprintf("1 %s was %s %s", p.Currency, r.Rate, r.Currency), string(r.AsOf), string(r.Source))
	}
	_ = a.write(nil, t)
	line(a.out, "")
	_ = a.write(nil, tabled(p.Lines, []string{"line", "purpose", "beneficiary", "payer", "year", "sector", "amount", "co-financing", "source", "status"}, func(l *api.PlanLine) []string {
		cofinanced := ""
		if l.CofinancingPercent > 0 {
			cofinanced = number(l.CofinancingPercent) + " %"
		}
		return []string{number(l.Line), string(l.Purpose), string(l.Beneficiary), string(l.Payer), number(l.Year), string(l.Sector), string(l.Amount), cofinanced, string(l.Source), string(l.Status)}
	}))
	for i := range p.Hearings {
		h := &p.Hearings[i]
		of := "asked about"
		if h.Line > 0 {
			of = fmt.Sprintf("asked about line %d", h.Line)
		}
		line(a.out, "%s: %s, %s (%s)", of, h.Question, h.State, h.Record)
	}
	line(a.out, "")
	_ = a.write(nil, a.planSums(p.Sums))
	line(a.out, "")
	_ = a.write(nil, tabled(p.Versions, []string{"version", "record", "total", "signed", "refused", "why"}, func(v *api.PlanVersion) []string {
		return []string{
			number(v.Number), v.Record.String(), v.Total.String(), whoSaid(v, "signed"), whoSaid(v, "refused"), v.Reason,
		}
	}))
	if len(p.Changes) == 0 {
		return
	}
	line(a.out, "")
	t = table{}
	for _, c := range p.Changes {
		of := "the plan"
		if c.Line > 0 {
			of = fmt.Sprintf("line %d %s", c.Line, c.Change)
		}
		for _, f := range c.Fields {
			t.add(of, f.Field, nonZero(inWords(f.Field, f.Before), "nothing")+" → "+nonZero(inWords(f.Field, f.After), "nothing"))
		}
	}
	line(a.out, "version %d to %d:", p.From, p.To)
	_ = a.write(nil, t)
}

// inWords says a member of a plan that differs between versions: exchange rates by currency, rate, date and source.
func inWords(field, value string) string {
	var rates []body.PlanRate
	if field != "rates" || json.Unmarshal([]byte(value), &rates) != nil {
		return value
	}
	said := make([]string, len(rates))
	for i := range rates {
		r := &rates[i]
		said[i] = fmt.Sprintf("%s %s (%s, %s)", r.Rate, r.Currency, r.AsOf, r.Source)
	}
	return strings.Join(said, "; ")
}

// whoSaid names those whose word on a version counts, and those whose does not.
func whoSaid(v *api.PlanVersion, state string) string {
	var out []string
	for i := range v.Signatures {
		s := &v.Signatures[i]
		switch {
		case string(s.State) != state:
		case s.Ignored != "":
			out = append(out, string(s.Institution)+" (does not count)")
		case s.Reason != "":
			out = append(out, string(s.Institution)+": "+s.Reason)
		default:
			out = append(out, string(s.Institution))
		}
	}
	return strings.Join(out, ", ")
}
