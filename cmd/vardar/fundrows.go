package main

import (
	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/protocol/body"
)

// fundTables gives the tables of lists about funds.
func (a *app) fundTables(rows any) table {
	switch rows := rows.(type) {
	case []api.FlowRow:
		return tabled(rows, []string{"flow", "donor", "recipient", "currency", "pledged only", "committed", "paid", "received", "spent", "state", "sides", "where", "sectors"}, func(r *api.FlowRow) []string {
			return []string{
				r.Flow.String(), string(r.Donor), string(r.Recipient), string(r.Currency), r.PledgedOnly.String(), r.Committed.String(), r.Paid.String(), r.Received.String(),
				r.Spent.String(), string(r.State), sidesOf(r), codes(r.Places), joined(r.Sectors),
			}
		})
	case []api.PlanRow:
		return a.plans(rows)
	case []api.UnfundedRow:
		return tabled(rows, []string{"place", "sector", "currency", "required", "secured", "committed", "paid", "shared", "pledged only", "unfunded", "at least", "costed", "of needs", "unsure", "plans", "quality"}, func(r *api.UnfundedRow) []string {
			out := []string{place(r.Place, r.PlaceName, r.Footnote), string(r.Sector), string(r.Currency)}
			for _, sum := range []body.Sum{r.Required, r.Secured, r.Committed, r.Paid, r.Shared, r.Pledged, r.Unfunded, r.AtLeast} {
				said := ""
				if r.Currency != "" {
					said = sum.String()
				}
				out = append(out, said)
			}
			return append(out, number(r.Costed), number(r.Needs), number(r.Unsure), plansOf(r.Plans, r.Agreed, r.Proposed, 0), graded(r.Quality))
		})
	case []api.PlanSum:
		return a.planSums(rows)
	case []api.FundTotal:
		return tabled(rows, []string{"currency", "flows", "pledged only", "committed", "paid", "received", "spent", "left", "reports", "unreconciled", "passed on"}, func(r *api.FundTotal) []string {
			return []string{
				string(r.Currency), number(r.Flows), r.Pledged.String(), r.Committed.String(), r.Paid.String(), r.Received.String(), r.Spent.String(), r.Unspent.String(),
				reportsOf(r.ReportedOf, r.ReceivedOf), number(r.Unreconciled), number(r.PassedOn),
			}
		})
	}
	return a.moreTables(rows)
}

// sidesOf says whether the two sides of a flow say the same.
func sidesOf(f *api.FlowRow) string {
	said := map[body.Reconciliation]string{
		body.Reconciled: "reconciled", body.DonorAlone: "unreconciled: only the donor says so",
		body.RecipientOnly: "unreconciled: only the recipient says so", body.SidesDiffer: "unreconciled: the two differ",
	}[f.Reconciliation]
	if f.State == body.FlowCancelled {
		said = "nothing to reconcile" // nothing was paid or received
	}
	if f.PassedOn {
		said += "; passed on, counted once"
	}
	return said
}
