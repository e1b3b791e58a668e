package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/vardar-network/vardar/node/api"
)

// strategies is the list of strategies.
func (a *app) strategies(rows []api.StrategyRow) table {
	return tabled(rows, []string{"record", "level", "state", "title", "from", "until", "objectives", "versions", "not counted"}, func(r *api.StrategyRow) []string {
		return []string{
			r.Record.String(), string(r.Level), string(r.State), r.Title, a.when(r.PeriodStart), a.when(r.PeriodEnd), strconv.Itoa(len(r.Objectives)), strconv.Itoa(len(r.Versions)), r.Ignored,
		}
	})
}

// alignment is the list of objectives, with what is to be looked at.
func alignment(rows []api.AlignmentRow) table {
	return tabled(rows, []string{"record", "objective", "level", "finding", "text", "supports", "supported by", "progress"}, func(r *api.AlignmentRow) []string {
		return []string{r.Strategy.String(), string(r.OID), string(r.Level), joined(r.Findings), r.Text, supports(r), supporters(r), progress(r)}
	})
}

// coverage is the list of how many have a strategy, and how they hang together.
func coverage(rows []api.CoverageRow) table {
	return tabled(rows, []string{"level", "country", "with a strategy", "of", "strategies", "objectives", "linked", "orphans", "covered", "uncovered"}, func(r *api.CoverageRow) []string {
		n := strconv.Itoa
		return []string{string(r.Level), r.Country, n(r.Speaking), n(r.Members), n(r.Strategies), n(r.Objectives), n(r.Linked), n(r.Orphans), n(r.Covered), n(r.Uncovered)}
	})
}

// supports says what an objective supports, and of a link that does not hold why.
func supports(r *api.AlignmentRow) string {
	words := make([]string, len(r.Supports))
	for i := range r.Supports {
		s := &r.Supports[i]
		words[i] = s.String()
		if s.State != "holds" {
			words[i] += " (" + string(s.State) + ")"
		}
	}
	return strings.Join(words, ", ")
}

func supporters(r *api.AlignmentRow) string {
	words := make([]string, len(r.SupportedBy))
	for i, s := range r.SupportedBy {
		words[i] = s.Strategy.String() + "#" + string(s.OID)
	}
	return strings.Join(words, ", ")
}

// progress says how far an objective is, by which figure, and how old that is.
func progress(r *api.AlignmentRow) string {
	if r.Indicator == "" {
		return ""
	}
	goal := ""
	if r.Target != nil {
		goal = fmt.Sprintf(" of %d", *r.Target)
	}
	p := r.Progress
	if p == nil {
		return strings.TrimSpace("not reported" + goal)
	}
	out := p.Value.String() + goal + " " + p.Unit
	if p.PerMille != nil {
		out += ", " + percent(*p.PerMille)
	}
	out += fmt.Sprintf(", %d h old", p.AgeHours)
	if p.Quality != nil {
		out += ", " + graded(p.Quality)
	}
	return out
}

// showStrategy prints the objectives of a strategy with their links, and what became otherwise
// from version to version.
func (a *app) showStrategy(s *api.StrategySheet) {
	line(a.out, "")
	line(a.out, "%s", s.Title)
	t := table{}
	t.add("level", string(s.Level))
	t.add("state", string(s.State))
	if s.Ignored != "" {
		t.add("not counted", s.Ignored)
	}
	t.add("period", clock(s.PeriodStart)+" to "+clock(s.PeriodEnd))
	_ = a.write(nil, t)
	line(a.out, "")
	_ = a.write(nil, tabled(s.Aligned, []string{"objective", "text", "finding", "supports", "supported by", "progress"}, func(r *api.AlignmentRow) []string {
		return []string{string(r.OID), r.Text, joined(r.Findings), supports(r), supporters(r), progress(r)}
	}))
	for _, h := range s.History {
		line(a.out, "")
		line(a.out, "version %d  %s  %s  %s", h.Version, h.Record, clock(h.AuthorTime), h.Reason)
		changes(a.out, h.Changes)
	}
}

// changes prints what became otherwise in a version.
func changes(out io.Writer, of []api.StrategyChange) {
	for _, c := range of {
		field := c.Field
		if c.OID != "" {
			field = string(c.OID) + " " + c.Field
		}
		line(out, "  %s: %s -> %s", field, nonZero(c.Before, "nothing"), nonZero(c.After, "nothing"))
	}
}
