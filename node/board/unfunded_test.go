package board_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// costs assesses needs at a place: of each a sector, and what it costs, such as "shelter 100 EUR";
// without an amount nobody says what it costs.
func (p *pen) costs(place body.Place, items ...string) board.Event {
	p.t.Helper()
	n := &body.Needs{}
	n.Place = &place
	for i, said := range items {
		words := strings.Fields(said)
		item := body.Need{Sector: body.Sector(words[0]), Item: "blanket", Unit: body.Label(fmt.Sprint("kind ", i)), Required: 10, Basis: body.BasisCount, Priority: 1}
		if len(words) > 1 {
			item.CostEstimate = &body.Money{Amount: body.Decimal(words[1]), Currency: body.Currency(words[2])}
		}
		n.Items = append(n.Items, item)
	}
	return p.write(n)
}

// forLine names the line of a plan in a flow.
func forLine(plan *board.Event, line body.Positive) func(*body.Flow) {
	return func(f *body.Flow) {
		f.PlanLines = append(f.PlanLines, body.PlanLineRef{Plan: plan.Record.Name, Line: line})
	}
}

// proposed is a plan of lines such as "shelter 100", each for the same needs.
func proposed(lines []string, needs ...board.Event) *body.Plan {
	b := plan(body.PlanProposed)
	for i, said := range lines {
		words := strings.Fields(said)
		l := body.PlanLine{
			Line: body.Positive(i + 1), Purpose: "winter", Beneficiary: town, Year: 2015, Sector: body.Sector(words[0]), Amount: body.Decimal(words[1]),
			Source: "eu_amif", Status: body.LinePlanned,
		}
		for k := range needs {
			l.NeedsRefs = append(l.NeedsRefs, needs[k].Record.Name)
		}
		b.Lines = append(b.Lines, l)
	}
	return b
}

// gapIn gives what is not funded in words.
func gapIn(p board.Picture) []string {
	gap := p.FundingGap()
	out := []string{fmt.Sprintf("%d of %d", gap.Costed, gap.Needs)}
	for _, r := range gap.Rows {
		if r.Currency == "" {
			out = append(out, fmt.Sprintf("%s %s: no cost, %d of %d", r.PlaceName, r.Sector, r.Costed, r.Needs))
			continue
		}
		out = append(out, fmt.Sprintf("%s %s: %s %s, committed %s, paid %s, shared %s, pledged %s and %s: %s to %s, also in %v, %d of %d%s",
			r.PlaceName, r.Sector, r.Required, r.Currency, r.Committed, r.Paid, r.Shared, r.Pledged, r.SharedPledged, r.AtLeast, r.Unfunded, r.Elsewise, r.Costed, r.Needs, plansIn(&r)))
	}
	return out
}

// plansIn says of how many plans a row is made, if of any.
func plansIn(r *board.Unfunded) string {
	if r.Plans == 0 {
		return ""
	}
	return fmt.Sprintf(", plans %d agreed and %d proposed", r.Agreed, r.Proposed)
}

// TestUnfundedByHand is worked by hand. The town needs shelter for 100 + 20.50 = 120.50 EUR and for
// 5,000 MKD, wash for 40 EUR, and food of which nobody knows the cost: 4 of its 5 needs give one.
// The plan has 60 EUR for food, which is then the cost, and makes it 5 of 5; its 100 EUR for shelter
// are for the same needs, and add nothing; its 7 EUR for health name no health there, and count where
// the plan is. Committed for the plan's shelter are 80 EUR, of which 50 are paid, and 30 more are pledged:
// 120.50 - 80 = 40.50 EUR of shelter are missing at most. Another 15 EUR are for all that
// the town needs: if they went into shelter, 25.50 would be missing, if into wash, 25, and
// if into food, 45. In MKD nothing is committed, and nothing is converted.
func TestUnfundedByHand(t *testing.T) {
	asks, plans, gives := newPen(t, town), newPen(t, centre), newPen(t, fund)
	needs := asks.costs(gevgelija(), "shelter 100 EUR", "shelter 20.50 EUR", "shelter 5000 MKD", "wash 40 EUR", "food")
	of := plans.write(proposed([]string{"shelter 100", "food 60", "health 7"}, needs))
	commit := gives.flow(body.FlowCommit, "80", nil, nil, forLine(&of, 1))
	pay := gives.flow(body.FlowPay, "50", &commit, &commit)
	pledge := gives.flow(body.FlowPledge, "30", nil, nil, forLine(&of, 1))
	all := gives.flow(body.FlowCommit, "15", nil, nil, forNeeds(needs))
	events := []board.Event{needs, of, commit, pay, pledge, all}
	want := []string{
		"5 of 5",
		"Gevgelija food: 60 EUR, committed 0, paid 0, shared 15, pledged 0 and 0: 45 to 60, also in [], 1 of 1, plans 0 agreed and 1 proposed",
		"Gevgelija health: 7 EUR, committed 0, paid 0, shared 0, pledged 0 and 0: 7 to 7, also in [], 0 of 0, plans 0 agreed and 1 proposed",
		"Gevgelija shelter: 120.50 EUR, committed 80, paid 50, shared 15, pledged 30 and 0: 25.50 to 40.50, also in [], 3 of 3",
		"Gevgelija shelter: 5000 MKD, committed 0, paid 0, shared 0, pledged 0 and 0: 5000 to 5000, also in [], 3 of 3",
		"Gevgelija wash: 40 EUR, committed 0, paid 0, shared 15, pledged 0 and 0: 25 to 40, also in [], 1 of 1",
	}
	if diff := cmp.Diff(want, gapIn(picture(t, day(2), events...))); diff != "" {
		t.Error(diff)
	}
	signed := append([]board.Event{newPen(t, town).sign(&of, body.Accepted), newPen(t, island).sign(&of, body.Accepted)}, events...)
	if got := gapIn(picture(t, day(2), signed...)); got[1] != strings.Replace(want[1], "0 agreed and 1 proposed", "1 agreed and 0 proposed", 1) {
		t.Errorf("once it is signed: %s", got[1])
	}
	alone := []string{
		"4 of 5",
		"Gevgelija food: no cost, 0 of 1",
		"Gevgelija shelter: 120.50 EUR, committed 0, paid 0, shared 0, pledged 0 and 0: 120.50 to 120.50, also in [], 3 of 3",
		"Gevgelija shelter: 5000 MKD, committed 0, paid 0, shared 0, pledged 0 and 0: 5000 to 5000, also in [], 3 of 3",
		"Gevgelija wash: 40 EUR, committed 0, paid 0, shared 0, pledged 0 and 0: 40 to 40, also in [], 1 of 1",
	}
	if diff := cmp.Diff(alone, gapIn(picture(t, day(2), needs))); diff != "" {
		t.Errorf("the needs alone:\n%s", diff)
	}
}

// TestMoneyForALineOfAPlanPaysForNoOther: a line for needs that cost 1,000 EUR by now and one of 104,000 for the same at the
// place; 180,000 are committed for the first. Of a line whose needs have no known cost all that is committed counts there.
func TestMoneyForALineOfAPlanPaysForNoOther(t *testing.T) {
	asks, plans, gives := newPen(t, town), newPen(t, centre), newPen(t, fund)
	needs := asks.costs(gevgelija(), "shelter 1000 EUR")
	part := newPen(t, valley).costs(gevgelija(), "shelter 1000 EUR", "shelter")
	line := func(of *board.Event, n body.Positive, amount string) board.Event {
		return gives.flow(body.FlowCommit, body.Decimal(amount), nil, nil, forLine(of, n))
	}
	two := proposed([]string{"shelter 200000", "shelter 104000"}, needs)
	two.Lines[1].NeedsRefs = nil
	of := plans.write(two)
	version := plans.correct(&of, two)
	open := plans.write(proposed([]string{"shelter 5000"}, part))
	for _, tt := range []struct {
		why    string
		events []board.Event
		want   string
	}{
		{"more than the first line costs", []board.Event{needs, of, line(&of, 1, "180000")}, "105000 EUR, committed 1000, paid 0, shared 0, pledged 0 and 0: 104000 to 104000"},
		{"twice for one line", []board.Event{needs, of, line(&of, 1, "700"), line(&of, 1, "800")}, "105000 EUR, committed 1000, paid 0, shared 0, pledged 0 and 0: 104000 to 104000"},
		{"for both", []board.Event{needs, of, line(&of, 1, "1000"), line(&of, 2, "4000")}, "105000 EUR, committed 5000, paid 0, shared 0, pledged 0 and 0: 100000 to 100000"},
		{"a pledge above what is left", []board.Event{needs, of, line(&of, 1, "900"), gives.flow(body.FlowPledge, "500", nil, nil, forLine(&of, 1))}, "105000 EUR, committed 900, paid 0, shared 0, pledged 500 and 0: 104100 to 104100"},
		{"named by a later version of the plan", []board.Event{needs, of, version, line(&version, 1, "180000")}, "105000 EUR, committed 1000, paid 0, shared 0, pledged 0 and 0: 104000 to 104000"},
		{"needs of which one has no cost", []board.Event{part, open, line(&open, 1, "1500")}, ""},
	} {
		said := strings.TrimPrefix(strings.Join(gapIn(picture(t, day(2), tt.events...))[1:], "; "), "Gevgelija shelter: ")
		if said, _, _ = strings.Cut(said, ", also"); said != tt.want {
			t.Errorf("%s: %q, want %q", tt.why, said, tt.want)
		}
	}
}

// TestWhatIsFundedIsInNoListOfWhatIsNot: paid or only committed; a pledge funds nothing.
func TestWhatIsFundedIsInNoListOfWhatIsNot(t *testing.T) {
	asks, gives, takes := newPen(t, town), newPen(t, fund), newPen(t, town)
	takes.next[protocol.Funding] = 100
	needs := asks.costs(gevgelija(), "shelter 100 EUR")
	row := func(secured, paid, pledged, open string) []string {
		return []string{"1 of 1", "Gevgelija shelter: 100 EUR, committed " + secured + ", paid " + paid + ", shared 0, pledged " + pledged + " and 0: " + open + " to " + open + ", also in [], 1 of 1"}
	}
	none := []string{"1 of 1"}
	commit := gives.flow(body.FlowCommit, "100", nil, nil, forNeeds(needs))
	cancel := gives.flow(body.FlowCancel, "", &commit, &commit)
	later := asks.costs(gevgelija(), "shelter 100 EUR")
	received := takes.flow(body.FlowReceive, "100", &commit, &commit, forNeeds(needs))
	spent := takes.flow(body.FlowReport, "100", &commit, &received)
	met := asks.correct(&needs, &body.Needs{Common: body.Common{Place: new(gevgelija())}, Items: []body.Need{{
		Sector: "shelter", Item: "blanket", Unit: "kind 0", Required: 10, Available: new(body.Quantity(10)), Basis: body.BasisCount, Priority: 1,
	}}})
	for _, tt := range []struct {
		name   string
		events []board.Event
		want   []string
	}{
		{"pledged", []board.Event{needs, gives.flow(body.FlowPledge, "100", nil, nil, forNeeds(needs))}, row("0", "0", "100", "100")},
		{"in part", []board.Event{needs, gives.flow(body.FlowCommit, "99.99", nil, nil, forNeeds(needs))}, row("99.99", "0", "0", "0.01")},
		{"committed", []board.Event{needs, commit}, none},
		{"taken back", []board.Event{needs, commit, cancel}, row("0", "0", "0", "100")},
		{"received, and the donor says nothing", []board.Event{needs, received}, none},
		{"for an assessment before the last one, and not spent", []board.Event{needs, later, commit, received}, none},
		{"for an assessment before the last one, and spent", []board.Event{needs, later, commit, received, spent}, row("0", "0", "0", "100")},
		{"for needs that are not held", []board.Event{later, commit}, row("0", "0", "0", "100")},
		{"in another currency", []board.Event{needs, gives.flow(body.FlowCommit, "9000", nil, nil, forNeeds(needs), func(f *body.Flow) { f.Currency = "MKD" })}, []string{
			"1 of 1", "Gevgelija shelter: 100 EUR, committed 0, paid 0, shared 0, pledged 0 and 0: 100 to 100, also in [MKD], 1 of 1",
		}},
		{"met", []board.Event{needs, met}, []string{"0 of 0"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, gapIn(picture(t, day(2), tt.events...))); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestMoneyThatIsPassedOnFundsOnce, and where the last who says so wants it.
func TestMoneyThatIsPassedOnFundsOnce(t *testing.T) {
	asks, abroad, gives, passes := newPen(t, town), newPen(t, valley), newPen(t, fund), newPen(t, centre)
	needs := asks.costs(gevgelija(), "shelter 100 EUR")
	other := abroad.costs(body.Place{Scheme: body.ISOSubdivision, Code: "RS-24"}, "shelter 100 EUR")
	from := func(aims ...func(*body.Flow)) board.Event {
		return gives.flow(body.FlowCommit, "80", nil, nil, append(aims, func(f *body.Flow) { f.Recipient = centre })...)
	}
	on := func(parent *board.Event, aims ...func(*body.Flow)) board.Event {
		return passes.flow(body.FlowCommit, "60", nil, nil, append(aims, func(f *body.Flow) { f.Donor, f.ParentFlow = centre, parent.Record.Name })...)
	}
	here, blind := from(forNeeds(needs)), from()
	secured := func(events ...board.Event) string {
		var out []string
		p := picture(t, day(2), append(events, needs, other)...)
		for _, r := range p.FundingGap().Rows {
			out = append(out, r.PlaceName+" "+r.Committed.String())
		}
		return strings.Join(out, ", ")
	}
	for _, tt := range []struct {
		name   string
		events []board.Event
		want   string
	}{
		{"both for the same", []board.Event{here, on(&here, forNeeds(needs))}, "Gevgelija 80, Pčinjski okrug 0"},
		{"passed on to others", []board.Event{here, on(&here, forNeeds(other))}, "Gevgelija 20, Pčinjski okrug 60"},
		{"only the second says for what", []board.Event{blind, on(&blind, forNeeds(other))}, "Gevgelija 0, Pčinjski okrug 60"},
		{"only the first says for what", []board.Event{here, on(&here)}, "Gevgelija 80, Pčinjski okrug 0"},
	} {
		if got := secured(tt.events...); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

// TestMoneyThatIsPassedOnOverThreeHopsOrExchangedFundsOnce: nothing is taken off a sum in another
// currency, and nothing counts in two.
func TestMoneyThatIsPassedOnOverThreeHopsOrExchangedFundsOnce(t *testing.T) {
	asks, gives, passes, spends := newPen(t, town), newPen(t, fund), newPen(t, centre), newPen(t, valley)
	needs := map[string]board.Event{
		"shelter": asks.costs(gevgelija(), "shelter 100 EUR"),
		"food":    spends.costs(body.Place{Scheme: body.ISOSubdivision, Code: "RS-24"}, "food 9000 MKD"),
	}
	for _, tt := range []struct {
		name, first, mid, third string // amount and currency, and what it is for, if it says so
		want                    string
	}{
		{"three hops, the first and the last say for what", "80 EUR shelter", "60 EUR", "40 EUR shelter", "food 0 MKD, shelter 80 EUR"},
		{"three hops, all say for what", "80 EUR shelter", "60 EUR shelter", "40 EUR shelter", "food 0 MKD, shelter 80 EUR"},
		{"more is passed on than came", "30 EUR shelter", "60 EUR shelter", "10 EUR", "food 0 MKD, shelter 60 EUR"},
		{"exchanged, and both say for what", "80 EUR shelter", "3000 MKD food", "1000 MKD food", "food 0 MKD, shelter 80 EUR"},
		{"exchanged, and only the second says for what", "80 EUR", "3000 MKD food", "1000 MKD", "food 3000 MKD, shelter 0 EUR"},
		{"exchanged, and only the third says for what", "80 EUR", "3000 MKD", "1000 MKD food", "food 1000 MKD, shelter 0 EUR"},
		{"exchanged in the middle, and the first and the last say for what", "80 EUR shelter", "3000 MKD", "1000 MKD food", "food 0 MKD, shelter 80 EUR"},
		{"exchanged and back", "80 EUR shelter", "3000 MKD", "20 EUR shelter", "food 0 MKD, shelter 80 EUR"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var parent protocol.Name
			events := []board.Event{needs["shelter"], needs["food"]}
			for i, said := range []string{tt.first, tt.mid, tt.third} {
				words := strings.Fields(said)
				p, to := []*pen{gives, passes, spends}[i], []protocol.InstitutionID{centre, valley, town}[i]
				e := p.flow(body.FlowCommit, body.Decimal(words[0]), nil, nil, func(f *body.Flow) {
					f.Donor, f.Recipient, f.Currency, f.ParentFlow = p.author, to, body.Currency(words[1]), parent
					if len(words) > 2 {
						f.NeedsRefs = []protocol.Name{needs[words[2]].Record.Name}
					}
				})
				parent = e.Record.Name
				events = append(events, e)
			}
			var out []string
			p := picture(t, day(2), events...)
			for _, r := range p.FundingGap().Rows {
				out = append(out, string(r.Sector)+" "+r.Committed.String()+" "+string(r.Currency))
			}
			slices.Sort(out)
			if got := strings.Join(out, ", "); got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
		})
	}
}

// TestAnyOrderGivesTheSameGap: whatever is needed, planned, committed and passed on.
func TestAnyOrderGivesTheSameGap(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		asks, abroad, plans, gives := newPen(t, town), newPen(t, valley), newPen(t, centre), newPen(t, fund)
		sector := rapid.SampledFrom([]string{"shelter 100 EUR", "shelter", "wash 40.10 EUR", "food 900 MKD"})
		some := func() []string { return rapid.SliceOfN(sector, 1, 4).Draw(rt, "items") }
		needs := []board.Event{asks.costs(gevgelija(), some()...), abroad.costs(islands(), some()...), asks.costs(gevgelija(), some()...)}
		said := proposed([]string{"shelter 70", "food 3"}, needs[rapid.IntRange(0, 2).Draw(rt, "planned")])
		of := plans.write(said)
		events := append(slices.Clone(needs), of)
		if later := *said; rapid.Bool().Draw(rt, "put right") {
			later.Status = rapid.SampledFrom([]body.PlanStatus{body.PlanProposed, body.PlanClosed}).Draw(rt, "status")
			later.Lines = said.Lines[rapid.IntRange(0, 1).Draw(rt, "taken out"):]
			events = append(events, plans.correct(&of, &later))
		}
		for range rapid.IntRange(1, 6).Draw(rt, "flows") {
			aim := forNeeds(rapid.SampledFrom(needs).Draw(rt, "for"))
			if rapid.Bool().Draw(rt, "a line") {
				aim = forLine(&of, body.Positive(rapid.IntRange(1, 3).Draw(rt, "line")))
			}
			step := rapid.SampledFrom([]body.FlowStep{body.FlowPledge, body.FlowCommit}).Draw(rt, "step")
			events = append(events, gives.flow(step, rapid.SampledFrom([]body.Decimal{"5", "60.50", "300"}).Draw(rt, "amount"), nil, nil, aim))
		}
		want := gapIn(newBoard(t, events...).Picture(at(day(2))))
		other := newBoard(t)
		for _, e := range rapid.Permutation(events).Draw(rt, "order") {
			other.Tell([]board.Event{e})
		}
		if diff := cmp.Diff(want, gapIn(other.Picture(at(day(2))))); diff != "" {
			rt.Fatalf("the gaps differ:\n%s", diff)
		}
	})
}
