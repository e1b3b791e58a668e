package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/vardar-network/vardar/node/api"
)

// helpTables gives the tables of lists about needs, and who has what.
func (a *app) helpTables(rows any) table {
	switch rows := rows.(type) {
	case []api.PracticeRow:
		return practices(rows)
	case []api.RegionalFigureRow:
		return a.regionalFigures(rows)
	case []api.ExerciseRow:
		return a.exercises(rows)
	case []api.NeedsRow:
		return needs(rows)
	case []api.UnmetRow:
		return tabled(rows, []string{"institution", "place", "priority", "what", "unmet", "of", "unit", "state", "affected", "record"}, func(r *api.UnmetRow) []string {
			return []string{
				string(r.Institution), place(r.Place, r.PlaceName, r.Footnote), strconv.Itoa(r.Priority), string(r.Item), number(r.Need.Unmet), number(r.Required),
				r.Unit, string(r.State), tenths(r.Affected), r.Record.String(),
			}
		})
	case []api.PoolRow:
		return tabled(rows, []string{"institution", "place", "what", "free", "of", "unit", "required there", "gap there", "offered to others", "ready in h", "km", "said h ago", "quality", "record"}, func(r *api.PoolRow) []string {
			return []string{
				string(r.Institution), place(r.Place, r.PlaceName, r.Footnote), string(r.Type), known(r.Free), known(r.Total), r.Unit, reckoned(r.Required), reckoned(r.Gap), yes(r.Offerable),
				known(r.ReadyHours), known(r.Kilometres), number(r.AgeHours), graded(r.Quality), r.Record.String(),
			}
		})
	case []api.StandardGap:
		return a.standards(rows)
	case []api.MatchRow:
		return tabled(rows, []string{"for", "record", "line", "what", "wanted", "rank", "who has it", "of", "why"}, func(r *api.MatchRow) []string {
			line, wanted := strconv.Itoa(r.Line), number(r.Wanted)
			if r.Lack == "training" {
				line, wanted = r.Lack, r.Text
			}
			return []string{
				string(r.For), r.Record.String(), line, string(r.Type), wanted, strconv.Itoa(r.Rank), string(r.Institution), r.Of.String(), strings.Join(r.Reasons, ", "),
			}
		})
	case []api.SolidarityRow:
		return solidarity(rows)
	case []api.LedgerRow:
		return tabled(rows, []string{"institution", "what", "unit", "gave", "got", "gave per 1,000 residents", "got per 1,000 residents", "residents are"}, func(r *api.LedgerRow) []string {
			return []string{string(r.Institution), string(r.Type), r.Unit, number(r.Gave), number(r.Got), thousandths(r.GavePer), thousandths(r.GotPer), string(r.Registrar)}
		})
	case []api.WhoRow:
		return tabled(rows, []string{"who", "what", "quantity", "unit", "amount", "planned", "currency", "sectors", "where", "for", "state", "quality", "exchange"}, who)
	}
	return a.fundTables(rows)
}

// standards is the table of what is declared against what the people there need.
func (a *app) standards(rows []api.StandardGap) table {
	return tabled(rows, []string{"place", "what", "unit", "declared", "required", "gap", "standard", "people", "of", "until", "quality", "record"}, func(r *api.StandardGap) []string {
		out := []string{place(r.Place, r.PlaceName, r.Footnote), string(r.Item), string(r.Unit), known(r.Declared), known(r.Required), known(r.Gap), string(r.StandardRef)}
		if p := r.People; p != nil {
			return append(out, number(p.Persons), p.Of, a.when(p.At), graded(p.Quality), p.Record.String())
		}
		return append(out, "not said", "", "", "", "")
	})
}

// who gives a row of the 3W: of a line of an exchange, of a flow of funds, or of a line of a plan.
func who(r *api.WhoRow) []string {
	quantity, sectors, from := "", make([]string, len(r.Sectors)), r.Exchange
	for i, s := range r.Sectors {
		sectors[i] = string(s)
	}
	switch {
	case !r.Plan.IsZero():
		from = r.Plan
	case !r.Flow.IsZero():
		from = r.Flow
	default:
		quantity = number(r.Quantity)
	}
	return []string{
		string(r.Who), string(r.What), quantity, r.Unit, string(r.Amount), string(r.Planned), string(r.Currency), strings.Join(sectors, " "), place(r.Where, r.WhereName, r.Footnote),
		string(r.For), r.State, graded(r.Quality), from.String(),
	}
}

func needs(rows []api.NeedsRow) table {
	t := table{head: []string{"institution", "place", "what", "required", "there", "asked", "committed", "unmet", "unit", "state", "record"}}
	for i := range rows {
		r := &rows[i]
		for j := range r.Items {
			n := &r.Items[j]
			t.add(string(r.Institution), place(r.Place, r.PlaceName, r.Footnote), string(n.Item), number(n.Required), known(n.Available), number(n.Asked), number(n.Committed), number(n.Unmet), n.Unit, string(n.State), r.Record.String())
		}
	}
	return t
}

func solidarity(rows []api.SolidarityRow) table {
	t := table{head: []string{"institution", "index", "confidence", "quality"}}
	for i := range rows {
		r := &rows[i]
		if i == 0 {
			for _, p := range r.Parts {
				t.head = append(t.head, string(p.Input))
			}
		}
		index := tenths(&r.Index)
		if r.Apart {
			index = "not enough data"
		}
		row := []string{string(r.Institution), index, percent(r.Confidence), graded(r.Quality)}
		for _, p := range r.Parts {
			said := "not known"
			if p.Known {
				said = fmt.Sprintf("%s (%s × %s)", thousandths(&p.Value), percent(p.Share), percent(p.Weight))
			}
			if p.Registrar != "" {
				said += ", " + string(p.Registrar)
			}
			row = append(row, said)
		}
		t.add(row...)
	}
	return t
}

func known(n *int64) string {
	if n == nil {
		return "not said"
	}
	return number(*n)
}

// reckoned says a number that the table of standards gives; of what it lacks, or where nobody counted the people, nothing.
func reckoned(n *int64) string {
	if n == nil {
		return ""
	}
	return number(*n)
}

// tenths says a number per mille as one of a hundred.
func tenths(n *int64) string {
	if n == nil {
		return "not enough data"
	}
	return decimal(*n, 1)
}

// decimal says a number of tenths (one place) or thousandths (three).
func decimal(n int64, places int) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	digits := fmt.Sprintf("%0*d", places+1, n)
	return sign + digits[:len(digits)-places] + "." + digits[len(digits)-places:]
}

func percent(perMille int64) string { return tenths(&perMille) + " %" }

// thousandths says a number that is in thousandths.
func thousandths(n *int64) string {
	if n == nil {
		return "not known"
	}
	return decimal(*n, 3)
}
