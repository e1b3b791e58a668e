package desk

import (
	"context"
	"slices"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Register is who has what, and what of it could serve whom.
type Register struct {
	At       protocol.Instant // that it is of
	Exercise bool             // it is only played
	Rows     []PoolRow
	Coverage Coverage            // of the declarations that are due
	Kinds    []body.ResourceType // that there are any of, sorted
	Kind     body.ResourceType   // asked for; empty: all
	Near     string              // the place asked about
	By       protocol.Instant    // ready by then; zero: whenever
	Matches  []MatchRow          // for what is open or declared as a gap
	Training []CapacityRow       // whose institution wants training
	Quality  string              // at least so good, or unverified; empty: all

	Shown     Part[PoolRow] // by [Register.Show], as these
	Suggested Part[MatchRow]
	Wanting   Part[CapacityRow]
	Lesser    bool // of what is suggested some fits less well, and stands in none of them
}

// Bounds of the page of the register: in any language, compressed, it is below 15 kB.
const (
	mostPool      = 40
	mostBest      = 3 // of what could serve one lack
	mostSuggested = 20 * mostBest
	mostWanting   = 12
)

// Show chooses what a page shows of it, of each list behind so many rows: of what could serve one
// lack only what fits best.
func (r *Register) Show(behind func(list string) int) {
	best := bestOfEach(r.Matches)
	r.Lesser = len(best) < len(r.Matches)
	r.Shown = partOf(r.Rows, behind(FirstList), mostPool)
	r.Suggested = partOf(best, behind("served"), mostSuggested).called("served")
	r.Wanting = partOf(r.Training, behind("training"), mostWanting).called("training")
}

// bestOfEach leaves of the suggestions for each lack the best, which stand first.
func bestOfEach(rows []MatchRow) []MatchRow {
	type lack struct {
		kind   string
		record protocol.Name
		line   int
	}
	seen := map[lack]int{}
	return slices.DeleteFunc(slices.Clone(rows), func(r MatchRow) bool {
		of := lack{r.Lack, r.Record, r.Line}
		seen[of]++
		return seen[of] > mostBest
	})
}

// Only leaves what is declared, and what could serve, by declarations that are at least so
// good, or not yet verified.
func (r *Register) Only(quality string) (err error) {
	r.Quality = quality
	if r.Rows, err = only(r.Rows, quality); err == nil {
		r.Matches, err = only(r.Matches, quality)
	}
	if err == nil {
		r.Training, err = only(r.Training, quality)
	}
	return err
}

// Register gathers it at an instant (zero: now): of one kind or all, the nearest to a place
// first, what is ready by an instant.
func (d *Desk) Register(ctx context.Context, at protocol.Instant, kind body.ResourceType, near string, by protocol.Instant) (Register, error) {
	f, err := d.filter(&Query{Place: near})
	if err != nil {
		return Register{}, err
	}
	m, err := d.moment(ctx, at)
	if err != nil {
		return Register{}, err
	}
	r := Register{At: m.at, Exercise: m.world.Exercise, Coverage: coverage(&m.view, body.TypeCapacity, everywhere), Kind: kind, Near: near, By: by, Rows: d.beside(m, d.pool(&m.view, m.at, f.key))}
	for i := range r.Rows {
		if k := r.Rows[i].Type; !slices.Contains(r.Kinds, k) {
			r.Kinds = append(r.Kinds, k)
		}
	}
	slices.Sort(r.Kinds)
	r.Rows = slices.DeleteFunc(r.Rows, func(p PoolRow) bool { return kind != "" && p.Type != kind || by != 0 && p.ReadyAt > by })
	r.Matches = slices.DeleteFunc(d.matches(&m.view, m.at), func(p MatchRow) bool { return kind != "" && p.Type != kind })
	r.Training = slices.DeleteFunc(slices.Clone(m.view.Capacities), func(c CapacityRow) bool { return c.TrainingNeeds == "" })
	return r, nil
}

// ExportRegister gives a list of a register in a foreign format, [ListPool] or [ListMatches]: what is
// chosen on its page, all parts of it, and no more. The rest is as of [Desk.ExportList].
func (d *Desk) ExportRegister(ctx context.Context, r *Register, what, format string, ceiling protocol.Handling) (Exported, error) {
	if err := fitsFormat(what, format); err != nil {
		return Exported{}, err
	}
	l := Listing{What: what, At: r.At, Exercise: r.Exercise, Total: len(r.Rows), Rows: r.Rows}
	if what == ListMatches {
		l.Total, l.Rows = len(r.Matches), r.Matches
	}
	if r.Coverage.Of > 0 {
		l.Coverage = &r.Coverage
	}
	return d.exported(ctx, l, r.At, format, ceiling)
}

// Bearing is who bears the most, and who helps whom.
type Bearing struct {
	Units     []SolidarityRow // the most affected first
	Apart     []SolidarityRow // not enough is known
	Unmet     []UnmetRow
	Reports   Coverage // of the reports that the index was made of
	Needs     Coverage // of the assessments that Unmet was made of; of the Ledger, who has said what it lacks
	Stocks    Coverage // of Who: who has said what it has
	Ledger    []LedgerRow
	Who       []WhoRow
	Where     WhoChart // the same, place by place
	Profile   int      // the version of the weights
	ByQuality          // of all but the ledger, whose sums have none

	Most   Part[SolidarityRow] // of Units, by [Bearing.Show], as these of the other lists
	Little Part[SolidarityRow] // of Apart
	Lacks  Part[UnmetRow]
	Books  Part[LedgerRow]
	Helps  Part[WhoRow]
}

// mostBorne are the rows of each list of who bears the most that a page shows: in any language,
// compressed, it is below 15 kB.
const mostBorne = 30

// Show chooses what a page shows of it, of each list behind so many rows.
func (b *Bearing) Show(behind func(list string) int) {
	b.Most = partOf(b.Units, behind(FirstList), mostBorne)
	b.Little = partOf(b.Apart, behind("apart"), mostBorne).called("apart")
	b.Lacks = partOf(b.Unmet, behind("unmet"), mostBorne).called("unmet")
	b.Books = partOf(b.Ledger, behind("ledger"), mostBorne).called("ledger")
	b.Helps = partOf(b.Who, behind("who"), mostBorne).called("who")
}

// chosen leaves what is at least so good, or not yet verified.
func (b *Bearing) chosen(units []SolidarityRow) ([]SolidarityRow, error) {
	err := leave(&units, &b.ByQuality)
	if err == nil {
		err = leave(&b.Unmet, &b.ByQuality)
	}
	if err == nil {
		err = leave(&b.Who, &b.ByQuality)
	}
	return units, err
}

// Bearing gathers it at an instant (zero: now), of a quality (empty: any). How much a unit bears is
// reckoned among all of them, also those that are left out.
func (d *Desk) Bearing(ctx context.Context, at protocol.Instant, quality string) (Bearing, error) {
	m, err := d.moment(ctx, at)
	if err != nil {
		return Bearing{}, err
	}
	units := d.solidarity(m)
	b := Bearing{
		ByQuality: ByQuality{Quality: quality},
		Reports:   coverage(&m.view, body.TypeReport, everywhere), Needs: coverage(&m.view, body.TypeNeeds, everywhere), Stocks: coverage(&m.view, body.TypeCapacity, everywhere),
		Ledger: ledgers(m), Who: m.view.WhoWhatWhere(), Unmet: unmetRows(&m.view, units),
	}
	if units, err = b.chosen(units); err != nil {
		return Bearing{}, err
	}
	b.Where = d.whoChart(b.Who)
	for i := range units {
		b.Profile = units[i].Profile
		if units[i].Apart {
			b.Apart = append(b.Apart, units[i])
		} else {
			b.Units = append(b.Units, units[i])
		}
	}
	return b, nil
}
