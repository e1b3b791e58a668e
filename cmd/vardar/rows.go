package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// tableOf gives the columns of a list.
func (a *app) tableOf(rows any) table {
	switch rows := rows.(type) {
	case []api.DueRow:
		return tabled(rows, []string{"institution", "kind", "place", "state", "due", "last", "line"}, func(r *api.DueRow) []string {
			return []string{string(r.Institution), body.ShortName(r.Kind), place(r.Place, r.PlaceName, r.Footnote), string(r.State), a.when(r.DueAt), name(r.Last), string(r.Line)}
		})
	case []api.ReportRow:
		return tabled(rows, []string{"record", "place", "period end", "figures", "summary", "standing"}, func(r *api.ReportRow) []string {
			return []string{r.Record.String(), place(r.Place, r.PlaceName, r.Footnote), a.when(r.PeriodEnd), figuresOf(r), r.Summary, strings.TrimSuffix(r.Standing.String()+": "+r.Reason, ": ")}
		})
	case []api.FigureRow:
		head, age := "age", func(r *api.FigureRow) string { return api.Age(time.Duration(r.AgeHours) * time.Hour) }
		if a.output == asCSV {
			head, age = "age h", func(r *api.FigureRow) string { return number(r.AgeHours) }
		}
		return tabled(rows, []string{"place", "indicator", "value", "unit", "quality", head, "institution", "record", "due", "line"}, func(r *api.FigureRow) []string {
			value := string(r.State)
			if value == "reported" {
				value = r.Value.String()
			}
			return []string{place(r.Place, r.PlaceName, r.Footnote), strings.TrimSuffix(string(r.Indicator)+" "+r.By, " "), value, r.Unit, graded(r.Quality), age(r), string(r.Institution), r.Record.String(), string(r.Due), string(r.Line)}
		})
	case []api.RouteRow:
		return a.routes(rows)
	case []api.PhaseRow:
		return tabled(rows, []string{"place", "phase", "institution", "until", "reason"}, func(r *api.PhaseRow) []string {
			return []string{place(r.Place, r.PlaceName, r.Footnote), string(r.Phase), string(r.Institution), a.when(r.ValidUntil), r.Reason}
		})
	case []api.TerritoryRow:
		return a.territories(rows)
	case []api.AlertRow:
		return tabled(rows, []string{"record", "state", "severity", "headline", "place", "sent", "expires"}, func(r *api.AlertRow) []string {
			return []string{r.Record.String(), string(r.State), string(r.Severity), nonZero(r.Headline, r.Event), place(r.Place, r.PlaceName, r.Footnote), a.when(r.Sent), a.when(r.Expires)}
		})
	case []api.DraftRow:
		return tabled(rows, []string{"record", "place", "indicator", "before", "value", "sent"}, func(r *api.DraftRow) []string {
			return []string{r.Record.String(), place(r.Place, r.PlaceName, r.Footnote), string(r.Indicator), number(r.Before), number(r.Value), names(r.Sent)}
		})
	}
	return a.helpTables(rows)
}

func (a *app) moreTables(rows any) table {
	switch rows := rows.(type) {
	case []api.ConsultationRow:
		return a.consultations(rows)
	case []api.StrategyRow:
		return a.strategies(rows)
	case []api.AlignmentRow:
		return alignment(rows)
	case []api.CoverageRow:
		return coverage(rows)
	case []api.ProjectRow:
		return a.projects(rows)
	case []api.RequestRow:
		return requests(rows)
	case []api.OfferRow:
		return offers(rows)
	case []api.CapacityRow:
		return capacities(rows)
	case []api.NoteRow:
		return tabled(rows, []string{"record", "thread", "kind", "text"}, func(r *api.NoteRow) []string {
			return []string{r.Record.String(), r.Thread.String(), string(r.Kind), r.Text}
		})
	case []api.CorrectionRow:
		return tabled(rows, []string{"record", "corrects", "action", "reason", "standing"}, func(r *api.CorrectionRow) []string {
			return []string{r.Record.String(), r.Corrects.String(), string(r.Action), r.Reason, r.Standing.String()}
		})
	case []api.ContradictionRow:
		return tabled(rows, []string{"where", "of", "one", "says", "quality", "record", "the other", "says", "quality", "record"}, func(r *api.ContradictionRow) []string {
			return []string{
				footnoted(r.Name, r.Footnote), r.Of, string(r.Between[0]), r.Says[0], graded(r.Quality[0]), r.Records[0].String(),
				string(r.Between[1]), r.Says[1], graded(r.Quality[1]), r.Records[1].String(),
			}
		})
	case []api.EndorsementRow:
		return tabled(rows, []string{"record", "of", "stance", "field", "value", "basis", "not counted"}, func(r *api.EndorsementRow) []string {
			value := ""
			if !r.Value.IsZero() {
				value = r.Value.String()
			}
			return []string{r.Record.String(), r.Of.String(), string(r.Stance), string(r.Field), value, string(r.Basis), r.Ignored}
		})
	case []api.KeptRow:
		return tabled(rows, []string{"record", "kind", "standing", "reason"}, func(r *api.KeptRow) []string {
			return []string{r.Record.String(), body.ShortName(r.Type), r.Standing.String(), r.Reason}
		})
	case []api.Member:
		return tabled(rows, []string{"institution", "state", "level", "name", "registrar", "merged", "heard"}, func(r *api.Member) []string {
			return []string{string(r.ID), string(r.State), r.Level, r.Names["en"], string(r.Registrar), merged(r), a.when(r.Heard)}
		})
	}
	return a.nodeTables(rows)
}

// nodeTables are of lists that tell of this node itself.
func (a *app) nodeTables(rows any) table {
	switch rows := rows.(type) {
	case []api.AuditRow:
		return tabled(rows, []string{"number", "time", "who", "institution", "act", "on", "outcome", "digest"}, func(r *api.AuditRow) []string {
			return []string{strconv.FormatUint(r.Number, 10), a.when(r.Time), r.Who, string(r.As), r.Act, r.On, r.Outcome, r.Digest.String()}
		})
	case []api.LinkState:
		return a.links(rows)
	case []api.DroppedRow:
		return tabled(rows, []string{"peer", "rule", "records", "since", "last"}, func(r *api.DroppedRow) []string {
			return []string{string(r.Peer), r.Rule, strconv.Itoa(r.Records), a.when(r.First), a.when(r.Last)}
		})
	case []api.GapRow:
		return tabled(rows, []string{"institution", "topic", "epoch", "from", "to"}, func(r *api.GapRow) []string {
			return []string{string(r.Institution), r.Topic.String(), number(r.Epoch), number(r.From), number(r.To)}
		})
	}
	return table{}
}

func tabled[T any](rows []T, head []string, cells func(*T) []string) table {
	t := table{head: head}
	for i := range rows {
		t.add(cells(&rows[i])...)
	}
	return t
}

func (a *app) routes(rows []api.RouteRow) table {
	t := table{head: []string{"asset", "name", "institution", "direction", "state", "observed", "until", "record"}}
	for i := range rows {
		for j := range rows[i].Sides {
			s := &rows[i].Sides[j]
			state := sideState(s.State, s.Expired)
			for _, c := range rows[i].Contradictions {
				if slices.Contains(c.Between[:], s.Record) {
					state += ", contradicted in " + string(c.Of)
				}
			}
			asset := rows[i].Asset
			if !s.Asset.IsZero() {
				asset = s.Asset.String()
			}
			t.add(asset, footnoted(rows[i].Name, rows[i].Footnote), string(s.Institution), string(s.Direction), state, a.when(s.ObservedAt), a.when(s.ValidUntil), s.Record.String())
		}
	}
	return t
}

// sideState says how a side has a crossing to be.
func sideState(s body.RouteState, expired bool) string {
	if expired {
		return "not known now, was " + string(s)
	}
	return string(s)
}

func (a *app) links(rows []api.LinkState) table {
	return tabled(rows, []string{"peer", "line", "since", "waiting", "policy", "error"}, func(r *api.LinkState) []string {
		state, policy := "cut", "none: trust alone travels"
		if r.Up {
			state = "up"
		}
		if r.Policy > 0 {
			policy = strconv.Itoa(r.Policy)
		}
		if r.Proposed > 0 {
			policy += fmt.Sprintf(" (%d proposed)", r.Proposed)
		}
		return []string{string(r.Peer), state, a.when(protocol.InstantOf(r.Since)), strconv.Itoa(r.Waiting), policy, r.Error}
	})
}

func requests(rows []api.RequestRow) table {
	t := table{head: []string{"record", "institution", "line", "what", "asked", "offered", "ordered", "committed", "unmet", "state"}}
	for i := range rows {
		r := &rows[i]
		for j := range r.Lines {
			l := &r.Lines[j]
			state := l.State
			if r.Cancelled {
				state = "taken back"
			}
			t.add(r.Record.String(), string(r.Institution), strconv.Itoa(l.Line), string(l.Type), number(l.Quantity), number(l.Offered), number(l.Ordered), number(l.Committed), number(l.Unmet), state)
		}
	}
	return t
}

func offers(rows []api.OfferRow) table {
	t := table{head: []string{"record", "institution", "thread", "line", "what", "quantity", "ordered", "committed", "state"}}
	for i := range rows {
		r := &rows[i]
		for j := range r.Lines {
			l := &r.Lines[j]
			state := l.State
			switch {
			case r.Cancelled:
				state = "taken back"
			case l.Ignored != "" || r.Ignored != "":
				state = "ignored: " + nonZero(l.Ignored, r.Ignored)
			}
			t.add(r.Record.String(), string(r.Institution), r.Thread.String(), strconv.Itoa(l.Line), string(l.Type), number(l.Quantity), number(l.Ordered), number(l.Committed), state)
		}
	}
	return t
}

func capacities(rows []api.CapacityRow) table {
	t := table{head: []string{"institution", "place", "what", "available", "of", "unit", "offered to others", "record"}}
	for i := range rows {
		r := &rows[i]
		for j := range r.Items {
			item := &r.Items[j]
			t.add(string(r.Institution), place(r.Place, r.PlaceName, r.Footnote), string(item.Type), quantity(item.Available), quantity(item.Total), string(item.Unit), yes(item.Offerable), r.Record.String())
		}
	}
	return t
}

// graded says how good a row is, with its Admiralty letter and number.
func graded(q *api.Quality) string {
	if q == nil {
		return ""
	}
	return fmt.Sprintf("%d %s %s", q.Score, q.Band, q.Admiralty)
}

func quantity(q *body.Quantity) string {
	if q == nil {
		return "not said"
	}
	return number(*q)
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func number[T ~int | ~int64 | ~uint32](n T) string { return strconv.FormatInt(int64(n), 10) }

func name(n protocol.Name) string {
	if n.IsZero() {
		return ""
	}
	return n.String()
}

func names(list []protocol.Name) string {
	words := make([]string, len(list))
	for i, n := range list {
		words[i] = n.String()
	}
	return strings.Join(words, ", ")
}

func codes(list []body.PlaceKey) string {
	words := make([]string, len(list))
	for i, k := range list {
		words[i] = k.String()
	}
	return strings.Join(words, ", ")
}

// place says a place by its name, with the mark of the footnote where it has one.
func place(k body.PlaceKey, named string, footnote bool) string {
	if k == (body.PlaceKey{}) {
		return ""
	}
	return footnoted(nonZero(named, k.String()), footnote)
}

// footnoted adds the asterisk of the footnote on UNSCR 1244.
func footnoted(s string, footnote bool) string {
	if footnote {
		return s + " *"
	}
	return s
}

// figuresOf says the figures of a report: what is not reported is no 0.
func figuresOf(r *api.ReportRow) string {
	var words []string
	for i := range r.Figures {
		f := &r.Figures[i]
		words = append(words, fmt.Sprintf("%s %s %s", f.Indicator, f.Value, f.In()))
	}
	for _, na := range r.NA {
		words = append(words, string(na.Field)+" not reported")
	}
	return strings.Join(words, ", ")
}

// merged says who goes on in a member's place, or in whose place it goes on.
func merged(m *api.Member) string {
	switch {
	case m.Closed != nil && m.Closed.Successor != "":
		return "into " + string(m.Closed.Successor)
	case len(m.Before) > 0:
		return "from " + joined(m.Before)
	}
	return ""
}
