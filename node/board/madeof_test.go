package board_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// seen assesses needs at the town, of sectors and costs as [pen.costs] has them, known by a method.
func (p *pen) seen(how body.Method, items ...string) board.Event {
	p.t.Helper()
	n := &body.Needs{}
	n.Place, n.Method = new(gevgelija()), how
	for i, said := range items {
		item := body.Need{Sector: "shelter", Item: "blanket", Unit: body.Label(fmt.Sprint("kind ", i)), Required: 10, Basis: body.BasisCount, Priority: 1}
		var amount, currency string
		if k, _ := fmt.Sscan(said, &item.Sector, &amount, &currency); k > 1 {
			item.CostEstimate = &body.Money{Amount: body.Decimal(amount), Currency: body.Currency(currency)}
		}
		n.Items = append(n.Items, item)
	}
	return p.write(n)
}

// scored says how good a row is.
func scored(q *board.Quality) string {
	if q == nil {
		return "none"
	}
	return fmt.Sprint(q.Provenance)
}

// TestRowsMadeOfSeveralRecordsAreAsGoodAsTheWeakest, by how the needs behind them are known: the town
// has observed what it needs (1,000 of P), the valley estimated (800). Shelter in euro is what both
// say; what only the town says of food and wash is as good as its word, also where a plan alone says what that
// costs; what the plan has for nobody's needs has no quality. So in the 3W: of a request, of flows, and of
// lines of the plan. What nobody asked for, and a flow that is for nothing, have none.
func TestRowsMadeOfSeveralRecordsAreAsGoodAsTheWeakest(t *testing.T) {
	asks, guesses, gives, proposes, donor := newPen(t, town), newPen(t, valley), newPen(t, centre), newPen(t, centre), newPen(t, fund)
	proposes.next[protocol.Funding] = 100
	sure, unsure := asks.seen(body.Observed, "shelter 100 EUR", "food", "wash"), guesses.seen(body.Estimated, "shelter 50 EUR")
	p := plan(body.PlanProposed, "60", "7")
	p.Lines[0].Sector, p.Lines[0].NeedsRefs, p.Lines[1].Sector = "food", []protocol.Name{sure.Record.Name}, "health"
	request := asks.ask(&sure, 100)
	offer := newPen(t, island).write(&body.ResourceStep{Step: body.StepOffer, Lines: lines(40)})
	accept := asks.step(body.StepAccept, &offer, &offer, 30)
	both := donor.flow(body.FlowCommit, "9", nil, nil, forNeeds(sure, unsure))
	bare := donor.flow(body.FlowCommit, "5", nil, nil)
	all := []board.Event{
		sure, unsure, proposes.write(p), request, gives.step(body.StepCommit, &request, &request, 60), offer, accept,
		both, donor.flow(body.FlowPay, "9", &both, &both), bare, donor.flow(body.FlowPay, "5", &bare, &bare),
	}
	islanders := newPen(t, island)
	islanders.next[protocol.Resource] = 1
	all = append(all, islanders.step(body.StepCommit, &offer, &accept, 20))
	rows := func(events []board.Event) []string {
		pic := picture(t, day(3), events...)
		quality(t, &pic, day(3))
		var out []string
		for _, r := range pic.FundingGap().Rows {
			out = append(out, fmt.Sprintf("%s %s %s: %s", r.Sector, string(r.Required), r.Currency, scored(r.Quality)))
		}
		for _, r := range pic.Activities() {
			out = append(out, fmt.Sprintf("%s %s %s %s: %s", r.Who, r.What, string(r.Amount)+string(r.Planned), r.State, scored(r.Quality)))
		}
		return out
	}
	got := rows(all)
	want := []string{
		"food 60 EUR: 1000", "health 7 EUR: none", "shelter 150 EUR: 800", "wash  : 1000",
		string(island) + " blanket  committed: none",
		string(fund) + " cash 5 paid: none",
		string(fund) + " cash 9 paid: 800",
		string(centre) + " blanket  committed: 1000",
		string(centre) + " cash 60 planned: 1000",
		string(centre) + " cash 7 planned: none",
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, slices.Sorted(slices.Values(got))); diff != "" {
		t.Error(diff)
	}
	slices.Reverse(all)
	if diff := cmp.Diff(got, rows(all)); diff != "" {
		t.Errorf("told the other way round:\n%s", diff)
	}
}

// TestSolidarityIsAsGoodAsTheWeakestOfWhatItIsMadeOf: of the figures and assessments that count in it,
// and of no other. Departures do not; of who has said nothing there is nothing to be good.
func TestSolidarityIsAsGoodAsTheWeakestOfWhatItIsMadeOf(t *testing.T) {
	asks := newPen(t, town)
	r := sitrep(gevgelija(), 2, figures{body.Arrivals: 300, body.Departures: 5, body.Present: 1300})
	hearsay := func(i body.Indicator) *body.SituationReport {
		out := *r
		out.Figures = slices.Clone(r.Figures)
		for k := range out.Figures {
			if out.Figures[k].Indicator == i {
				out.Figures[k].Method = body.Relayed
			}
		}
		return &out
	}
	for _, tt := range []struct {
		name string
		says []board.Event
		want string
	}{
		{"all of it registered", []board.Event{newPen(t, town).write(r)}, "1000"},
		{"what is no part of it is hearsay", []board.Event{newPen(t, town).write(hearsay(body.Departures))}, "1000"},
		{"those present are hearsay", []board.Event{newPen(t, town).write(hearsay(body.Present))}, "300"},
		{"the arrivals are hearsay", []board.Event{newPen(t, town).write(hearsay(body.Arrivals))}, "300"},
		{"the needs are estimated", []board.Event{asks.write(r), asks.seen(body.Estimated, "shelter")}, "800"},
		{"nothing is said", nil, "none"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			pic := picture(t, day(3), tt.says...)
			quality(t, &pic, day(3))
			units := board.Affected([]board.Burden{pic.BurdenOf(town, &board.Declared{}, weights(t), at(day(3)))}, weights(t))
			if got := scored(only(t, units).Quality); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}
