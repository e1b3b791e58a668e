package board

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// BurdenOf gathers what this world says of a local unit: its own figures, at the one place
// that it reports them for, or at its seat if it reports for several; its live assessments;
// and what its profile says of residents and budget, unless its registrar disputes that. Bands
// count at their highest.
func (v *View) BurdenOf(id protocol.InstitutionID, d *Declared, p *body.SolidarityProfile, at protocol.Instant) Burden {
	b := Burden{Institution: id}
	var seat body.PlaceKey
	if d.Profile != nil && d.Profile.Seat != nil {
		seat = d.Profile.Seat.Key()
	}
	b.Residents, b.ResidentsBacking = v.ResidentsOf(d)
	budget, backing := v.BudgetOf(d)
	for _, back := range []*Backing{b.ResidentsBacking, backing} {
		if back != nil {
			b.source(d.Record)
		}
		if back != nil && !back.By.IsZero() {
			b.source(back.By)
		}
	}
	oldest := at - days(p.FigureDays)
	b.Present = b.figure(v.own(id, seat, body.Present), oldest, at)
	b.Places = b.figure(v.own(id, seat, body.CapacityTotal), oldest, at)
	b.Children = b.figure(v.own(id, seat, body.Children), oldest, at)
	if c := v.own(id, seat, body.Arrivals); c != nil {
		b.Arrived = arrived(v.SeriesSince(c.Place, body.Arrivals, id, at-days(p.ArrivalDays)), at-days(p.ArrivalDays), at)
		if b.Arrived != nil {
			b.Quality = Weaker(b.Quality, c.Quality)
		}
	}
	b.shortfalls(v, at, at-days(p.HelpDays))
	if b.BudgetBacking = backing; budget != nil {
		b.gap(v, budget, at)
	}
	return b
}

func days(n int) protocol.Instant { return protocol.Instant(n) * 24 * 3600 * 1000 }

// own gives the figure of an institution on an indicator, in total; nil if it gives none,
// or several and none at its seat.
func (v *View) own(id protocol.InstitutionID, seat body.PlaceKey, indicator body.Indicator) *Figure {
	var found []*Figure
	for i := range v.Figures {
		if f := &v.Figures[i]; f.Institution == id && f.Indicator == indicator && f.By == "" && f.Variant == "" {
			found = append(found, f)
		}
	}
	if len(found) == 1 {
		return found[0]
	}
	for _, f := range found {
		if f.Place == seat {
			return f
		}
	}
	return nil
}

// figure reads one that was reported and is not too old.
func (b *Burden) figure(f *Figure, oldest, at protocol.Instant) *int64 {
	if f == nil || f.State != Reported || f.PeriodEnd < oldest || f.PeriodStart > at {
		return nil
	}
	_, high := f.Value.Range()
	b.source(f.Record)
	b.Quality = Weaker(b.Quality, f.Quality)
	return &high
}

func (b *Burden) source(n protocol.Name) {
	if !slices.Contains(b.Records, n) {
		b.Records = append(b.Records, n)
	}
}

// arrived sums the periods that lie in the days before an instant. Nothing of periods
// that overlap: they would count the same persons twice.
func arrived(points []Point, from, to protocol.Instant) *Arrived {
	var out Arrived
	end := from
	for _, p := range points {
		if p.State != Reported || p.PeriodStart < end || p.PeriodEnd > to {
			continue
		}
		_, high := p.Value.Range()
		out.Persons, out.Hours = out.Persons+high, out.Hours+int64(p.PeriodEnd-p.PeriodStart)/(3600*1000)
		end = p.PeriodEnd
	}
	if out.Hours == 0 {
		return nil
	}
	return &out
}

// live gives the assessments of an institution that hold at an instant.
func (v *View) live(id protocol.InstitutionID, at protocol.Instant) []*Needs {
	var out []*Needs
	for i := range v.Needs {
		if n := &v.Needs[i]; n.Institution == id && (n.ValidUntil == 0 || at < n.ValidUntil) {
			out = append(out, n)
		}
	}
	return out
}

// shortfalls takes the needs, each with what is unmet of it after the help that was asked
// for since an instant.
func (b *Burden) shortfalls(v *View, at, since protocol.Instant) {
	for _, n := range v.live(b.Institution, at) {
		b.source(n.Record)
		b.Quality = Weaker(b.Quality, n.Quality)
		for i := range n.Items {
			item := &n.Items[i]
			var help int64
			for j := range v.Requests {
				if r := &v.Requests[j]; r.AuthorTime >= since && slices.Contains(n.Requests, r.Record) {
					help += r.committed(item.Item, item.Unit)
				}
			}
			b.Needs = append(b.Needs, Shortfall{item.Required, max(0, item.Missing-help)})
		}
	}
}

func (r *Request) committed(kind body.ResourceType, unit string) (sum int64) {
	for i := range r.Lines {
		if l := &r.Lines[i]; l.Type == kind && l.Unit == unit {
			sum += l.standing()
		}
	}
	return sum
}

// gap sums the estimated cost of what is unmet, in the budget's currency; nothing if no
// need has a cost in it.
func (b *Burden) gap(v *View, budget *body.OwnBudget, at protocol.Instant) {
	var missing *big.Int
	for _, n := range v.live(b.Institution, at) {
		for i := range n.Items {
			item := &n.Items[i]
			if item.Cost == nil || item.Cost.Currency != budget.Currency {
				continue
			}
			if missing == nil {
				missing = new(big.Int)
			}
			if item.Missing > 0 {
				cost := new(big.Int).Mul(tenThousandths(item.Cost.Amount), big.NewInt(item.Unmet))
				missing.Add(missing, rounded(cost, big.NewInt(item.Missing)))
			}
		}
	}
	if missing != nil {
		b.Gap = &Gap{decimal(missing), budget.Amount, budget.Currency}
	}
}

// tenThousandths reads a decimal, which has at most four places.
func tenThousandths(d body.Decimal) *big.Int {
	whole, fraction, _ := strings.Cut(string(d), ".")
	n, ok := new(big.Int).SetString(whole+(fraction + "0000")[:4], 10)
	if !ok {
		return new(big.Int)
	}
	return n
}

func decimal(tenThousandths *big.Int) body.Decimal {
	whole, rest := new(big.Int).QuoRem(tenThousandths, big.NewInt(10_000), new(big.Int))
	return body.Decimal(fmt.Sprintf("%s.%04d", whole, rest))
}
