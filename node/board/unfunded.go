package board

import (
	"cmp"
	"slices"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Unfunded is what the needs of one sector at one place cost in one currency, and what of it
// nobody has secured. What is pledged is no funding and stands apart, whole; currencies are never
// added. A row without a currency is of needs that nobody has put a price to.
type Unfunded struct {
	Place         body.PlaceKey            `json:"place"`
	PlaceName     string                   `json:"place_name,omitempty"`
	Footnote      bool                     `json:"footnote,omitempty"`
	Sector        body.Sector              `json:"sector"`
	Currency      body.Currency            `json:"currency,omitempty"`
	Required      body.Sum                 `json:"required,omitempty"`
	Secured       body.Sum                 `json:"secured,omitempty"`             // by the word of a plan's author, or committed: the greater of the two, for this alone
	Committed     body.Sum                 `json:"committed,omitempty"`           // paid or not, by flows that are for this alone
	Paid          body.Sum                 `json:"paid,omitempty"`                // of what is committed
	Shared        body.Sum                 `json:"shared,omitempty"`              // secured for this and other things: nobody says how it is divided
	Pledged       body.Sum                 `json:"pledged_only,omitempty"`        // and not committed, for this alone
	SharedPledged body.Sum                 `json:"shared_pledged_only,omitempty"` // the same, for other things too
	Unfunded      body.Sum                 `json:"unfunded,omitempty"`            // required without secured: so much at most
	AtLeast       body.Sum                 `json:"at_least,omitempty"`            // so much at least, if all that is shared came here
	Needs         int                      `json:"needs"`                         // open ones of this place and sector
	Costed        int                      `json:"costed"`                        // of these, how many their assessment or a plan gives a cost of
	Unsure        int                      `json:"unsure"`                        // costs in what is required that stand as they were estimated, though what they are for is met in part, is less since, or is not known here
	Plans         int                      `json:"plans"`                         // whose lines are in what is required
	Agreed        int                      `json:"agreed"`                        // of these
	Proposed      int                      `json:"proposed"`                      // of these
	Flows         int                      `json:"flows"`                         // that are counted as committed, shared or pledged
	Unreconciled  int                      `json:"unreconciled"`                  // of these, on which the two sides have not said the same
	Elsewise      []body.Currency          `json:"other_currencies,omitempty"`    // in which funds are committed for the same: nobody adds them
	Institutions  []protocol.InstitutionID `json:"institutions"`                  // who says that it is needed
	Records       []protocol.Name          `json:"records"`                       // needs assessments and plans
	Quality       *Quality                 `json:"quality,omitempty"`             // of the weakest assessment that it is made of, see [View.Grade]; a plan has none
}

// FundingGap is what is needed and not funded, and of how many of the open needs a cost is known.
type FundingGap struct {
	Rows   []Unfunded // by place, sector, currency
	Needs  int
	Costed int
}

// cause is what money can be for.
type cause struct {
	place  body.PlaceKey
	sector body.Sector
}

// wanted is what is known of a cause.
type wanted struct {
	name          string
	footnote      bool
	needs, costed int
	who           []protocol.InstitutionID // of those without a cost
	records       []protocol.Name
	quality       *Quality // of the weakest of these
	rows          map[body.Currency]*Unfunded
}

// asked are the needs of one sector in one live assessment.
type asked struct {
	stockKey

	sector body.Sector
}

// asking is how these stand.
type asking struct {
	open, partly, over, uncosted int                        // partly: of the open ones
	in                           map[body.Currency]body.Sum // what they cost, as far as something is costed
}

// target is a cause that a flow or the line of a plan is for; settled: also for what is met,
// has lapsed, or is not said any more.
type target struct {
	cause

	settled bool
}

// funding computes the gap.
type funding struct {
	v      *View
	live   map[stockKey]*Needs
	asked  map[asked]*asking
	causes map[cause]*wanted
	lines  map[body.PlanLineRef][]target  // by any name of the plan
	room   map[body.PlanLineRef]*lineRoom // the same
}

// FundingGap gives what is needed and not funded. Needed is what an open need costs, or, where its
// assessment gives no cost in the currency of the plan, what the line of a plan in force (proposed
// or agreed) has for it; a line that names no such need counts at the place of the plan. Secured
// is what a donor has committed, or the recipient has received where the donor says nothing; and of a
// line what its plan's author calls so, as far as no flow for it has brought that. A plan that is closed, and a line that
// its plan has no more, ask for nothing, and money for them goes on counting for the needs that they named.
func (v *View) FundingGap() FundingGap {
	g := &funding{v, map[stockKey]*Needs{}, map[asked]*asking{}, map[cause]*wanted{}, map[body.PlanLineRef][]target{}, map[body.PlanLineRef]*lineRoom{}}
	g.needs()
	for i := range v.Plans {
		if p := &v.Plans[i]; p.Counted() {
			g.plan(p)
		}
	}
	own := v.ownMoney()
	for i := range v.Flows {
		g.flow(&v.Flows[i], own[i])
	}
	for i := range v.Plans {
		g.words(&v.Plans[i])
	}
	return g.gap()
}

func (g *funding) cause(c cause, name string, footnote bool) *wanted {
	w := g.causes[c]
	if w == nil {
		w = &wanted{name: name, footnote: footnote, rows: map[body.Currency]*Unfunded{}}
		g.causes[c] = w
	}
	return w
}

// require adds what somebody says is required, and gives the row that it stands in.
func (w *wanted) require(amount body.Decimal, currency body.Currency, who protocol.InstitutionID, record protocol.Name) *Unfunded {
	row := w.rows[currency]
	if row == nil {
		row = &Unfunded{Currency: currency}
		w.rows[currency] = row
	}
	row.Required = row.Required.Plus(body.SumOf(amount))
	row.Institutions, row.Records = append(row.Institutions, who), append(row.Records, record)
	return row
}

// needs takes what the live assessments say. What is met wants no money, and what has lapsed is
// asked of nobody; of what is partly met the cost stands as it was said, and is told to.
func (g *funding) needs() {
	for i := range g.v.Needs {
		n := &g.v.Needs[i]
		stock := stockKey{n.Institution, n.Place}
		g.live[stock] = n
		for k := range n.Items {
			item := &n.Items[k]
			of := asked{stock, item.Sector}
			a := g.asked[of]
			if a == nil {
				a = &asking{in: map[body.Currency]body.Sum{}}
				g.asked[of] = a
			}
			if item.State != NeedOpen && item.State != NeedPartly {
				a.over++
				continue
			}
			w := g.cause(cause{n.Place, item.Sector}, n.PlaceName, n.Footnote)
			w.needs++
			if a.open++; item.State == NeedPartly {
				a.partly++
			}
			if item.Cost == nil {
				a.uncosted++
				w.who, w.records, w.quality = append(w.who, n.Institution), append(w.records, n.Record), Weaker(w.quality, n.Quality)
				continue
			}
			w.costed++
			a.in[item.Cost.Currency] = a.in[item.Cost.Currency].Plus(body.SumOf(item.Cost.Amount))
			row := w.require(item.Cost.Amount, item.Cost.Currency, n.Institution, n.Record)
			if item.State == NeedPartly {
				row.Unsure++
			}
			row.Quality = Weaker(row.Quality, n.Quality)
		}
	}
}

// plan takes the lines of a plan, and those that it has no more. A need is counted once: a line for needs whose cost in
// this currency is known adds nothing to it.
func (g *funding) plan(p *Plan) {
	for i := range p.Lines {
		l := &p.Lines[i]
		if p.State == PlanClosed {
			g.past(p, l, p.Currency)
			continue
		}
		to, open := g.toward(l)
		room := g.roomOf(l, p.Currency, open)
		costed := slices.ContainsFunc(open, func(of asked) bool { return g.asked[of].in[p.Currency] != "" })
		if !costed && (len(to) == 0 || len(open) > 0) { // else its needs say what they cost, or nobody needs it any more
			to = g.require(p, l, open, to)
		}
		g.takes(p, l, to, room)
	}
	for i := range p.gone {
		g.past(p, p.gone[i].line, p.gone[i].said.Currency)
	}
}

// toward gives what the needs are that a line names, and which of them are open.
func (g *funding) toward(l *body.PlanLine) (to []target, open []asked) {
	for _, of := range g.meets(l) {
		to = append(to, target{cause{of.place, of.sector}, g.asked[of].open == 0 || g.asked[of].over > 0})
		if g.asked[of].open > 0 {
			open = append(open, of)
		}
	}
	return to, open
}

func (g *funding) takes(p *Plan, l *body.PlanLine, to []target, room *lineRoom) {
	for _, ref := range p.refs(l) {
		g.lines[ref], g.room[ref] = to, room
	}
}

// require adds what a line is the cost of, and gives what it is for: to, where its needs are of one place.
func (g *funding) require(p *Plan, l *body.PlanLine, open []asked, to []target) []target {
	at, name, footnote := p.Territory, p.PlaceName, p.Footnote
	if len(open) == 1 {
		n := g.live[open[0].stockKey]
		at, name, footnote = n.Place, n.PlaceName, n.Footnote
	} else {
		to = []target{{cause: cause{at, l.Sector}}}
	}
	row := g.cause(cause{at, l.Sector}, name, footnote).require(l.Amount, p.Currency, p.Institution, p.Record)
	if g.unsure(l, open) {
		row.Unsure++
	}
	for _, of := range open {
		row.Quality = Weaker(row.Quality, g.live[of.stockKey].Quality)
		g.causes[cause{of.place, of.sector}].costed += g.asked[of].uncosted
		g.asked[of].uncosted = 0
	}
	return to
}

// meets gives the needs of its sector that a line of a plan names. What a later assessment says no more is over.
func (g *funding) meets(l *body.PlanLine) (out []asked) {
	for _, name := range l.NeedsRefs {
		row := g.v.named[name]
		if row == nil {
			continue
		}
		of := asked{stockKey{name.Institution, row.Place}, l.Sector}
		said := slices.ContainsFunc(row.Items, func(n Need) bool { return n.Sector == l.Sector })
		if g.asked[of] == nil && said && g.live[of.stockKey] != nil {
			g.asked[of] = &asking{over: 1}
		}
		if g.asked[of] != nil && !slices.Contains(out, of) {
			out = append(out, of)
		}
	}
	return out
}

// targets gives what a flow is for: the lines of plans that it names, which say it closest, else
// the needs; a flow that names its own place helps there alone, if they are there at all. Older:
// it names an assessment that a later one has taken the place of, or only lines that do and ask for nothing any more.
func (g *funding) targets(f *Flow) (of []target, older bool) {
	for _, ref := range f.PlanLines {
		of = append(of, g.lines[ref]...)
	}
	older = g.overtaken(f.PlanLines)
	if len(of) == 0 {
		for _, name := range f.NeedsRefs {
			row := g.v.named[name]
			if row == nil {
				continue
			}
			stock := stockKey{name.Institution, row.Place}
			older = older || g.older(name)
			for i := range row.Items {
				a := g.asked[asked{stock, row.Items[i].Sector}]
				of = append(of, target{cause{row.Place, row.Items[i].Sector}, a == nil || a.open == 0 || a.over > 0})
			}
		}
	}
	if there := func(t target) bool { return t.place == f.Place }; slices.ContainsFunc(of, there) {
		of = slices.DeleteFunc(of, func(t target) bool { return !there(t) })
	}
	return of, older
}

// causesOf gives what targets are of, each once, and whether that is one alone, none of which is settled.
func causesOf(targets []target) (causes []cause, alone bool) {
	alone = true
	for _, t := range targets {
		alone = alone && !t.settled
		if !slices.Contains(causes, t.cause) {
			causes = append(causes, t.cause)
		}
	}
	return causes, alone && len(causes) == 1
}

// flow takes what a flow brings. It counts in full where all that it names is one cause, and is
// shared else. Of a flow that names an older assessment counts what is not spent: what was spent
// is in what the later one says is missing.
func (g *funding) flow(f *Flow, m money) {
	targets, older := g.targets(f)
	if older {
		m.secured, m.paid = m.secured.Over(f.Spent), m.paid.Over(f.Spent)
	}
	m = g.within(f, m)
	if m.secured.Sign() == 0 && m.pledged.Sign() == 0 {
		return
	}
	causes, alone := causesOf(targets)
	for _, c := range causes {
		w := g.causes[c]
		switch {
		case w == nil:
		case w.rows[f.Currency] != nil:
			w.rows[f.Currency].take(f, m, alone)
		case m.secured.Sign() > 0:
			for _, row := range w.rows {
				row.Elsewise = append(row.Elsewise, f.Currency)
			}
		}
	}
}

func (u *Unfunded) take(f *Flow, m money, alone bool) {
	u.Flows++
	if f.Reconciliation != body.Reconciled {
		u.Unreconciled++
	}
	if alone {
		u.Committed, u.Paid, u.Pledged = u.Committed.Plus(m.secured), u.Paid.Plus(m.paid), u.Pledged.Plus(m.pledged)
		return
	}
	u.Shared, u.SharedPledged = u.Shared.Plus(m.secured), u.SharedPledged.Plus(m.pledged)
}

// planned counts the plans that the row is made of.
func (u *Unfunded) planned(of map[protocol.Name]PlanState) {
	for _, n := range u.Records {
		switch of[n] {
		case PlanAgreed:
			u.Plans, u.Agreed = u.Plans+1, u.Agreed+1
		case PlanProposed:
			u.Plans, u.Proposed = u.Plans+1, u.Proposed+1
		case PlanDraft, PlanClosed, PlanWithdrawn: // in no gap
		}
	}
}

// gap gives the rows: what is funded in full has none.
func (g *funding) gap() FundingGap {
	out, plans := FundingGap{Rows: []Unfunded{}}, map[protocol.Name]PlanState{}
	for i := range g.v.Plans {
		plans[g.v.Plans[i].Record] = g.v.Plans[i].State
	}
	for c, w := range g.causes {
		out.Needs, out.Costed = out.Needs+w.needs, out.Costed+w.costed
		if len(w.rows) == 0 {
			w.rows[""] = &Unfunded{Institutions: w.who, Records: w.records, Quality: w.quality}
		}
		for currency, row := range w.rows {
			row.Place, row.PlaceName, row.Footnote, row.Sector, row.Needs, row.Costed = c.place, w.name, w.footnote, c.sector, w.needs, w.costed
			slices.Sort(row.Institutions)
			slices.SortFunc(row.Records, compareNames)
			slices.Sort(row.Elsewise)
			row.Institutions, row.Records, row.Elsewise = slices.Compact(row.Institutions), slices.Compact(row.Records), slices.Compact(row.Elsewise)
			row.planned(plans)
			if currency != "" {
				row.Secured = row.Secured.Plus(row.Committed)
				row.Unfunded = row.Required.Over(row.Secured)
				row.AtLeast = row.Unfunded.Over(row.Shared)
				row.Committed, row.Paid, row.Shared = row.Committed.Plus(""), row.Paid.Plus(""), row.Shared.Plus("")
				row.Pledged, row.SharedPledged = row.Pledged.Plus(""), row.SharedPledged.Plus("")
			}
			if currency == "" || row.Unfunded.Sign() > 0 {
				out.Rows = append(out.Rows, *row)
			}
		}
	}
	slices.SortFunc(out.Rows, func(a, b Unfunded) int {
		return cmp.Or(comparePlaces(a.Place, b.Place), cmp.Compare(a.Sector, b.Sector), cmp.Compare(a.Currency, b.Currency))
	})
	return out
}
