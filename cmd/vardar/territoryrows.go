package main

import (
	"fmt"
	"strings"

	"github.com/vardar-network/vardar/node/api"
)

// territories is the phase board: what is declared, and what the signs speak for.
func (a *app) territories(rows []api.TerritoryRow) table {
	return tabled(rows, []string{"place", "phase", "declared by", "since", "report every h", "suggested", "because"}, func(r *api.TerritoryRow) []string {
		var phases, by, since, every, why []string
		for i := range r.Phases {
			p := &r.Phases[i]
			said := string(p.Phase)
			if p.Expired {
				said += " (over)"
			}
			if u := p.Under.Institution; u != "" {
				said += fmt.Sprintf(" (what %s declared counts, which is above)", u)
			}
			phases, by, since, every = append(phases, said), append(by, string(p.Institution)), append(since, a.when(p.Since)), append(every, number(p.ReportEveryH))
		}
		for i := range r.Signs {
			why = append(why, signText(&r.Signs[i]))
		}
		return []string{
			place(r.Place, r.PlaceName, r.Footnote), strings.Join(phases, ", "), strings.Join(by, ", "), strings.Join(since, ", "), strings.Join(every, ", "),
			string(r.Suggested), strings.Join(why, "; "),
		}
	})
}

// signText says why a phase is suggested.
func signText(s *api.Sign) string {
	switch s.Sign {
	case api.SignOccupancy, api.SignRoom:
		return fmt.Sprintf("%s of the places are taken (limit %d %%)", percent(s.Value), s.Limit/10)
	case api.SignClosed:
		return "closed: " + s.Name
	case api.SignFull:
		return fmt.Sprintf("%d places are free, and %d arrive in a day", s.Value, s.Limit)
	case api.SignArrivals:
		return fmt.Sprintf("%s arrive in a day for 1,000 residents (limit %d)", decimal(s.Value/100, 1), s.Limit/1000)
	case api.SignAlert:
		return "alert: " + s.Name
	case api.SignQuiet:
		return fmt.Sprintf("%d days without a sign of a response", s.Value)
	}
	return string(s.Sign)
}
