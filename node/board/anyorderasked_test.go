package board_test

import (
	"slices"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// members ranks those of a saga.
func members() *board.Ranks {
	return board.NewRanks([]board.Rank{
		{Institution: town, Level: body.Municipality, Registrar: centre, Places: []body.PlaceKey{gevgelija().Key()}, Twins: []board.Twin{{Own: bogorodica(), Other: evzoni()}}},
		{Institution: valley, Level: body.Municipality},
		{Institution: southeast, Level: body.RegionalAuthority, Registrar: centre},
		{Institution: centre, Level: body.Ministry},
		{Institution: island, Level: body.Ministry, Twins: []board.Twin{{Own: evzoni(), Other: bogorodica()}}},
		{Institution: office, Level: body.RegionalBody},
		{Institution: fund, Level: body.Donor},
	})
}

// expected are those of whom something is to come.
func expected() []board.Expected {
	return []board.Expected{
		{Institution: town, Level: body.Municipality, Seat: gevgelija().Key(), May: anything},
		{Institution: centre, Level: body.Ministry, Seat: body.PlaceKey{Scheme: body.ISOCountry, Code: "MK"}, May: anything},
	}
}

// profileOf gives the town's and the valley's, which every saga begins with.
func (q *question) profileOf(id protocol.InstitutionID) *board.Declared {
	for i := range q.events[:2] {
		if e := &q.events[i]; e.Record.Institution == id {
			return declaredIn(q.t, e)
		}
	}
	return nil
}

func (q *question) declared() any {
	n, of := q.v.ResidentsOf(q.profileOf(town))
	budget, by := q.v.BudgetOf(q.profileOf(town))
	return []any{n, of, budget, by}
}

func (q *question) burden() (out []board.Burden) {
	for _, id := range []protocol.InstitutionID{town, valley} {
		out = append(out, q.v.BurdenOf(id, q.profileOf(id), weights(q.t), q.at))
	}
	return out
}

func (q *question) burdens() any  { return q.burden() }
func (q *question) affected() any { return board.Affected(q.burden(), weights(q.t)) }

func (q *question) territories() any {
	residents := int64(400)
	signs := must(body.PhaseSigns())
	return q.v.Territories(func(body.PlaceKey) *int64 { return &residents }, &signs, q.at)
}

func (q *question) addUp() any {
	indicators, refs := q.v.AddUp(&board.RegionalQuery{Start: at(day(1)), End: q.at, Of: func(protocol.InstitutionID) bool { return true }})
	return []any{indicators, refs}
}

// addedUpAgain adds up each regional report that was written, whether it counts or not.
func (q *question) addedUpAgain() any {
	var out []board.RegionalReport
	for i := range q.events {
		if said, err := body.Parse(q.events[i].Record.Type, q.events[i].Record.Body); err == nil {
			if s, ok := said.(*body.SituationReport); ok && s.Regional != nil {
				out = append(out, q.b.AddUpAgain(q.w, s))
			}
		}
	}
	return out
}

func (q *question) wrong() any {
	var out []string
	for i := range q.v.Regional {
		out = append(out, q.v.Regional[i].Wrong())
	}
	return out
}

// about asks for all that speaks of each record, and for a few of them.
func (q *question) about() any {
	out := map[string]any{}
	for i := range q.events {
		n := q.events[i].Record.Name
		rows, more := q.b.About(n, len(q.events))
		few, others := q.b.About(n, 2)
		out[n.String()] = []any{rows, more, few, others}
	}
	return out
}

// reports come in the order told, which is the node's own: as a set they are the same.
func (q *question) reports() any {
	var out []board.ReportHead
	heads, all := q.b.Reports(q.w)
	for h := range heads {
		out = append(out, *h)
	}
	slices.SortFunc(out, func(a, b board.ReportHead) int { return slices.Compare(a.Digest[:], b.Digest[:]) })
	return []any{out, all}
}

// news come in that order too.
func (q *question) news() any {
	out, left := q.b.News(q.w, -1, len(q.events)) // the hours of acceptance are the node's own
	slices.SortFunc(out, func(a, b board.Mention) int { return slices.Compare(a.Digest[:], b.Digest[:]) })
	return []any{out, left}
}

func (q *question) standings() any {
	out := map[string]any{}
	for i := range q.events {
		s, why := q.b.Standing(q.events[i].Digest)
		out[q.events[i].Digest.Hex()] = []any{s, why}
	}
	return out
}

func (q *question) stopped() any {
	out := map[string]int{}
	for id, n := range q.p.Stopped() {
		out[id.String()] = n
	}
	return out
}

// counted judges the answers to each consultation: of a group the valley alone is one.
func (q *question) counted() any {
	var out []any
	for _, c := range q.v.Consultations {
		c.Answers = slices.Clone(c.Answers)
		c.Judge(func(id protocol.InstitutionID) bool { return id == town || id == valley })
		out = append(out, c, c.Counted())
	}
	return out
}

func (q *question) strategyChanges() any {
	var out []any
	for _, s := range q.v.Strategies {
		for i := 1; i < len(s.Versions); i++ {
			out = append(out, s.Versions[i].Since(&s.Versions[i-1].StrategyText))
		}
	}
	return out
}

func (q *question) projectChanges() any {
	var out []any
	for _, p := range q.v.Projects {
		for i := 1; i < len(p.Versions); i++ {
			out = append(out, p.Versions[i].Since(&p.Versions[i-1].ProjectText))
		}
	}
	return out
}

func (q *question) aligned() any {
	var out []any
	for i := range q.v.Strategies {
		out = append(out, q.v.Aligned(&q.v.Strategies[i]))
	}
	return out
}

func (q *question) progress() any {
	var out []any
	for i := range q.v.Strategies {
		s := &q.v.Strategies[i]
		for j := range s.Objectives {
			out = append(out, q.v.Progress(s, &s.Objectives[j]))
		}
	}
	return out
}

func (q *question) qualities() any {
	var out []any
	for i := range q.events {
		out = append(out, q.v.QualityOf(q.events[i].Record.Name))
	}
	return out
}

func (q *question) successors() any {
	var out []any
	for i := range q.events {
		r := &q.events[i].Record
		if said, err := body.Parse(r.Type, r.Body); err == nil {
			by, scorable := q.v.Successor(r.Name, said)
			out = append(out, by, scorable)
		}
	}
	return out
}

func (q *question) series() any {
	var out []any
	for i := range q.v.Figures {
		f := &q.v.Figures[i]
		out = append(out, q.v.Series(f.Place, f.Indicator, f.Institution), q.v.SeriesSince(f.Place, f.Indicator, f.Institution, at(day(3))))
	}
	return out
}

func (q *question) spoke() any {
	var out []string
	for s := range q.v.Spoke(at(day(1)), q.at) {
		out = append(out, string(s.Institution)+" "+s.Place.String())
	}
	slices.Sort(out)
	return out
}

// stepsMended puts each step right in turn, by one that cancels a bus.
func (q *question) stepsMended() any {
	return each(q.v.Steps, func(s *board.Step) any {
		b := &body.ResourceStep{Step: body.StepCancel, Lines: []body.Line{{Line: 1, Type: "bus", Quantity: 1, Unit: "buses"}}}
		b.Thread = s.Thread
		return q.b.StepsMended(s.Digest, b)
	})
}
