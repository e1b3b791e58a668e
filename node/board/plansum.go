package board

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// PlanGroup says by what sums of plans are grouped.
type PlanGroup string

// The groups.
const (
	PlanTotal    PlanGroup = "total"
	PlanBySector PlanGroup = "sector"
	PlanByPlace  PlanGroup = "place" // of the needs that a line names, if they are of one; else the plan's territory
	PlanBySource PlanGroup = "source"
	PlanByYear   PlanGroup = "year"
)

// PlanGroups gives all groups, the total first.
func PlanGroups() []PlanGroup {
	return []PlanGroup{PlanTotal, PlanBySector, PlanByPlace, PlanBySource, PlanByYear}
}

// PlanSum adds up lines of fund plans in one currency, and what is known of the money for them;
// currencies are never added. Pledges stand apart and are no part of any other sum, and money
// that is passed on counts once.
//
// What nobody has divided among the rows of a group, such as a flow that names lines of two
// sectors, stands in an undivided row of its own, so that each sum but the gap adds up to that
// of the total. So does money that is for lines alone which the plans had once and have no more:
// nothing is asked for them, and the row is grouped by what the last version said that had them.
type PlanSum struct {
	By           PlanGroup     `json:"by"`
	Of           string        `json:"of,omitempty"` // the sector, place, source or year; of a total none
	Place        body.PlaceKey `json:"place,omitzero"`
	PlaceName    string        `json:"place_name,omitempty"`
	Footnote     bool          `json:"footnote,omitempty"`
	Undivided    bool          `json:"undivided,omitempty"` // it belongs to several rows, or to other plans too
	Gone         bool          `json:"gone,omitempty"`      // it is for lines that are in no plan any more
	Currency     body.Currency `json:"currency"`
	Lines        int           `json:"lines"`
	Plans        int           `json:"plans"`    // that these sums are made of: whose lines they add up, or are paid for
	Agreed       int           `json:"agreed"`   // of these; of a draft, and of one taken back, nothing is said
	Proposed     int           `json:"proposed"` // of these
	Closed       int           `json:"closed"`   // of these
	Required     body.Sum      `json:"required"` // what the lines ask for, and what the needs that they name are estimated to cost above that
	Planned      body.Sum      `json:"planned"`
	Secured      body.Sum      `json:"secured"`        // by the word of the plan's author, or committed by a donor: the greater of the two
	Paid         body.Sum      `json:"paid"`           // by the donors' word
	Reported     body.Sum      `json:"reported"`       // spent, by the recipients' word
	Gap          body.Sum      `json:"gap"`            // required and not secured, line by line: what one has too much fills no other
	Pledged      body.Sum      `json:"pledged_only"`   // and not committed: no funding
	Flows        int           `json:"flows"`          // that these sums are made of: none that is passed on in them, or was cancelled before anything was paid
	Reconciled   int           `json:"reconciled"`     // of these, on which the two sides have said the same
	Unreconciled int           `json:"unreconciled"`   // of these, the others
	ReceivedOf   int           `json:"received_flows"` // of these, of which the recipient has received anything
	ReportedOf   int           `json:"reported_flows"` // of those received, what became of which it has reported: Reported tells of no other
	Elsewhere    int           `json:"elsewhere"`      // estimates of needs in another currency: they are not compared
}

// lineFacts are what the needs that a line names say of it.
type lineFacts struct {
	at    aim
	costs []needCost // in the line's sector
}

// needCost is what a need is estimated to cost. Its address tells it from others.
type needCost struct {
	need *Need
	cost body.Money
}

// factsOf reads what the assessments say that a line of a plan names, which is else for the plan's territory. One
// that is not held, or does not count, says nothing.
func factsOf(l *body.PlanLine, territory aim, held map[protocol.Name]*Needs) (f lineFacts) {
	for _, n := range l.NeedsRefs {
		row := held[n]
		if row == nil {
			continue
		}
		switch {
		case f.at.place.IsZero():
			f.at.place, f.at.name = row.Place, row.PlaceName
		case f.at.place != row.Place:
			f.at.place = territory.place
		}
		for j := range row.Items {
			known := slices.ContainsFunc(f.costs, func(c needCost) bool { return c.need == &row.Items[j] })
			if need := &row.Items[j]; need.Sector == l.Sector && need.Cost != nil && !known {
				f.costs = append(f.costs, needCost{need, *need.Cost})
			}
		}
	}
	if f.at.place.IsZero() || f.at.place == territory.place {
		f.at = territory
	}
	return f
}

// planned tells plans what the needs say that their lines name.
func planned(plans []Plan, held map[protocol.Name]*Needs) {
	for i := range plans {
		p := &plans[i]
		p.facts = make([]lineFacts, len(p.Lines))
		for j := range p.Lines {
			p.facts[j] = factsOf(&p.Lines[j], aim{place: p.Territory, name: p.PlaceName}, held)
		}
		for j := range p.gone {
			g := &p.gone[j]
			g.facts = factsOf(g.line, aim{place: internKey(g.said.Territory.Key()), name: string(g.said.Territory.Name)}, held)
		}
	}
}

// sumLine is a line in a sum.
type sumLine struct {
	plan   *Plan
	line   *body.PlanLine
	facts  *lineFacts
	gone   bool // the plan has it no more
	amount body.Sum
	word   body.Sum // secured by the author's word
	own    body.Sum // committed by flows that name it alone
	bundle int      // the first of the lines that hang together with it
}

func (l *sumLine) secured() body.Sum {
	if l.own.Compare(l.word) > 0 {
		return l.own
	}
	return l.word
}

// group gives which row of a group the line belongs to.
func (l *sumLine) group(by PlanGroup) PlanSum {
	row := PlanSum{By: by, Gone: l.gone}
	switch by {
	case PlanTotal:
	case PlanBySector:
		row.Of = string(l.line.Sector)
	case PlanByPlace:
		row.Of, row.Place, row.PlaceName, row.Footnote = l.facts.at.place.String(), l.facts.at.place, l.facts.at.name, l.facts.at.footnote
	case PlanBySource:
		row.Of = string(l.line.Source)
	case PlanByYear:
		row.Of = strconv.Itoa(int(l.line.Year))
	}
	return row
}

// sumFlow is a flow that names lines in a sum.
type sumFlow struct {
	*Flow
	lines  []int
	beyond bool // it names other lines too
	apart  bool // it is in another currency than one of them
	gone   bool // the plans have them no more
}

// planSums is what is added up.
type planSums struct {
	lines []sumLine
	at    map[body.PlanLineRef]int // by any name of the plan
	flows []sumFlow
}

// PlanSums adds up the plans that are wanted, by the groups asked for; by none: by all, the total
// first. It wants all of the view, since flows name lines of any plan.
func (v *View) PlanSums(wanted func(*Plan) bool, by ...PlanGroup) []PlanSum {
	s := planSums{at: map[body.PlanLineRef]int{}}
	for i := range v.Plans {
		if p := &v.Plans[i]; p.Live() != nil && wanted(p) {
			s.take(p)
		}
	}
	out := []PlanSum{}
	if len(s.lines) == 0 {
		return out
	}
	s.hear(v.Flows)
	s.tie()
	if len(by) == 0 {
		by = PlanGroups()
	}
	for _, group := range by {
		out = append(out, s.by(group)...)
	}
	return out
}

func (s *planSums) take(p *Plan) {
	for i := range p.Lines {
		l := sumLine{plan: p, line: &p.Lines[i], facts: &p.facts[i], amount: body.SumOf(p.Lines[i].Amount), word: "0", own: "0", bundle: len(s.lines)}
		if l.line.Status == body.LineSecured {
			l.word = l.amount
		}
		for _, ref := range p.refs(l.line) {
			s.at[ref] = len(s.lines)
		}
		s.lines = append(s.lines, l)
	}
	for i := range p.gone {
		g := &p.gone[i]
		for _, ref := range p.refs(g.line) {
			s.at[ref] = len(s.lines)
		}
		s.lines = append(s.lines, sumLine{plan: p, line: g.line, facts: &g.facts, gone: true, bundle: len(s.lines)})
	}
}

// names gives the lines in the sum that a flow names, and whether it names others. Those that are gone are others
// beside one that is not.
func (s *planSums) names(f *Flow) (lines []int, beyond bool) {
	for _, ref := range f.PlanLines {
		i, here := s.at[ref]
		beyond = beyond || !here
		if here && !slices.Contains(lines, i) {
			lines = append(lines, i)
		}
	}
	gone := func(i int) bool { return s.lines[i].gone }
	if live := slices.DeleteFunc(slices.Clone(lines), gone); len(live) > 0 && len(live) < len(lines) {
		return live, true
	}
	return lines, beyond
}

// hear takes in the flows that name lines in the sum. One of money that another one counts here
// is not counted again.
func (s *planSums) hear(flows []Flow) {
	at := map[protocol.Name]*Flow{}
	for i := range flows {
		at[flows[i].Flow] = &flows[i]
	}
	for i := range flows {
		f := sumFlow{Flow: &flows[i]}
		if f.lines, f.beyond = s.names(f.Flow); f.Donor == "" || len(f.lines) == 0 || s.countedBefore(f.Flow, at) {
			continue
		}
		f.gone = s.lines[f.lines[0]].gone
		f.apart = slices.ContainsFunc(f.lines, func(i int) bool { return s.lines[i].plan.Currency != f.Currency })
		if l := &s.lines[f.lines[0]]; len(f.lines) == 1 && f.joins() {
			l.own = l.own.Plus(f.Committed)
		}
		s.flows = append(s.flows, f)
	}
}

// joins reports whether all that it commits is for lines in the sum that the plans have, in their currency.
func (f *sumFlow) joins() bool { return !f.beyond && !f.apart && !f.gone }

// countedBefore reports whether the money of a flow came by one that names lines in the sum.
func (s *planSums) countedBefore(f *Flow, at map[protocol.Name]*Flow) bool {
	for range at { // as long as a chain can be
		if !f.PassedOn {
			return false
		}
		f = at[f.ParentFlow]
		if lines, _ := s.names(f); len(lines) > 0 {
			return true
		}
	}
	return false
}

// tie puts lines into one bundle that a flow names together, or that name one need. One that is gone asks for none.
func (s *planSums) tie() {
	join := func(i, j int) {
		from, to := max(s.lines[i].bundle, s.lines[j].bundle), min(s.lines[i].bundle, s.lines[j].bundle)
		for k := range s.lines {
			if s.lines[k].bundle == from {
				s.lines[k].bundle = to
			}
		}
	}
	for i := range s.flows {
		if f := &s.flows[i]; f.joins() {
			for _, j := range f.lines {
				join(f.lines[0], j)
			}
		}
	}
	first := map[*Need]int{}
	for i := range s.lines {
		for _, c := range s.lines[i].facts.costs {
			if c.cost.Currency != s.lines[i].plan.Currency || s.lines[i].gone {
				continue
			}
			j, seen := first[c.need]
			if !seen {
				first[c.need] = i
				continue
			}
			join(i, j)
		}
	}
}

// compareSums is the order of rows: what is undivided behind the others, and then what is for lines that are gone.
func compareSums(a, b PlanSum) int {
	rank := func(s PlanSum) (n int) {
		if s.Undivided {
			n = 1
		}
		if s.Gone {
			n += 2
		}
		return n
	}
	return cmp.Or(rank(a)-rank(b), cmp.Compare(a.Of, b.Of), cmp.Compare(a.Currency, b.Currency))
}
