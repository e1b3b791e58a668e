package board_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// estimates assesses needs of shelter at the town that are estimated to cost so much.
func (p *pen) estimates(amount body.Decimal, currency body.Currency) board.Event {
	p.t.Helper()
	n := &body.Needs{}
	n.Place = new(gevgelija())
	n.Items = []body.Need{{
		Sector: "shelter", Item: "blanket", Unit: body.Label(amount), Required: 10, Basis: body.BasisCount, Priority: 1,
		CostEstimate: &body.Money{Amount: amount, Currency: currency},
	}}
	return p.write(n)
}

// forLines names lines of a plan in a flow.
func forLines(plan *board.Event, lines ...body.Positive) func(*body.Flow) {
	return func(f *body.Flow) {
		for _, l := range lines {
			f.PlanLines = append(f.PlanLines, body.PlanLineRef{Plan: plan.Record.Name, Line: l})
		}
	}
}

func between(donor, recipient protocol.InstitutionID) func(*body.Flow) {
	return func(f *body.Flow) { f.Donor, f.Recipient = donor, recipient }
}

// sumsOf gives the sums of all plans in words.
func sumsOf(v board.Picture) []string {
	var out []string
	for _, s := range v.PlanSums(func(*board.Plan) bool { return true }) {
		of := s.Of
		if s.Undivided {
			of = "undivided"
		}
		if s.Gone {
			of = "gone " + of
		}
		out = append(out, fmt.Sprintf("%s %s %s: %d lines, required %s, planned %s, secured %s, paid %s, reported %s, gap %s, pledged %s, %d of %d flows reconciled",
			s.By, of, s.Currency, s.Lines, s.Required, s.Planned, s.Secured, s.Paid, s.Reported, s.Gap, s.Pledged, s.Reconciled, s.Flows))
	}
	return out
}

// TestPlanIsAddedUpByHand: the plan asks for 100 (beds, AMIF 2015), 60 (water, local 2015,
// secured by its author's word) and 40 (beds, AMIF 2016). The assessment that lines 1 and 3 name
// costs 200 in shelter, so that 200 + 60 = 260 are required of 200 planned. The fund commits 70
// to line 1 and pays 50, of which 50 came and 30 are spent; what the centre passes on of it, 50
// to the town, names line 1 too and is counted once. 30 are committed to lines 1 and 3 together,
// of which nobody has said how they are divided. 500 are pledged to line 3: no funding. 1000 MKD
// for line 2 stand in a row of their own. What was committed in CHF and taken back again is in none.
// Both sides say the same of the first flow alone. Secured: 70 + 60 + 30 = 160; gap: 260 - 160 = 100.
func TestPlanIsAddedUpByHand(t *testing.T) {
	asks, proposes, gives, passes := newPen(t, town), newPen(t, centre), newPen(t, fund), newPen(t, centre)
	passes.next[protocol.Funding] = 100
	need := asks.estimates("200", "EUR")
	p := plan(body.PlanProposed, "100", "60", "40")
	p.Lines[0].NeedsRefs, p.Lines[2].NeedsRefs = []protocol.Name{need.Record.Name}, []protocol.Name{need.Record.Name}
	p.Lines[1].Sector, p.Lines[1].Source, p.Lines[1].Status = "wash", "local_budget", body.LineSecured
	p.Lines[2].Year = 2016
	version := proposes.write(p)
	to := between(fund, centre)
	commit := gives.flow(body.FlowCommit, "70", nil, nil, to, forLines(&version, 1))
	pay := gives.flow(body.FlowPay, "50", &commit, &commit, to)
	passes.next[protocol.Funding] = 200
	receive := passes.flow(body.FlowReceive, "50", &commit, &pay, to)
	report := passes.flow(body.FlowReport, "30", &commit, &receive, to)
	on := passes.flow(body.FlowCommit, "50", nil, nil, between(centre, town), forLines(&version, 1), func(f *body.Flow) { f.ParentFlow = commit.Record.Name })
	both := gives.flow(body.FlowCommit, "30", nil, nil, forLines(&version, 1, 3))
	pledge := gives.flow(body.FlowPledge, "500", nil, nil, forLines(&version, 3))
	denars := gives.flow(body.FlowCommit, "1000", nil, nil, forLines(&version, 2), func(f *body.Flow) { f.Currency = "MKD" })
	francs := func(f *body.Flow) { f.Currency = "CHF" }
	taken := gives.flow(body.FlowCommit, "20", nil, nil, forLines(&version, 1), francs)
	back := gives.flow(body.FlowCancel, "", &taken, &taken, francs)
	other := gives.flow(body.FlowCommit, "9999", nil, nil)
	all := []board.Event{need, version, commit, pay, receive, report, on, both, pledge, denars, taken, back, other}
	want := []string{
		"total  EUR: 3 lines, required 260, planned 200, secured 160, paid 50, reported 30, gap 100, pledged 500, 1 of 3 flows reconciled",
		"total  MKD: 0 lines, required 0, planned 0, secured 1000, paid 0, reported 0, gap 0, pledged 0, 0 of 1 flows reconciled",
		"sector shelter EUR: 2 lines, required 200, planned 140, secured 100, paid 50, reported 30, gap 100, pledged 500, 1 of 3 flows reconciled",
		"sector wash EUR: 1 lines, required 60, planned 60, secured 60, paid 0, reported 0, gap 0, pledged 0, 0 of 0 flows reconciled",
		"sector wash MKD: 0 lines, required 0, planned 0, secured 1000, paid 0, reported 0, gap 0, pledged 0, 0 of 1 flows reconciled",
		"place iso3166-2:MK-405 EUR: 3 lines, required 260, planned 200, secured 160, paid 50, reported 30, gap 100, pledged 500, 1 of 3 flows reconciled",
		"place iso3166-2:MK-405 MKD: 0 lines, required 0, planned 0, secured 1000, paid 0, reported 0, gap 0, pledged 0, 0 of 1 flows reconciled",
		"source eu_amif EUR: 2 lines, required 200, planned 140, secured 100, paid 50, reported 30, gap 100, pledged 500, 1 of 3 flows reconciled",
		"source local_budget EUR: 1 lines, required 60, planned 60, secured 60, paid 0, reported 0, gap 0, pledged 0, 0 of 0 flows reconciled",
		"source local_budget MKD: 0 lines, required 0, planned 0, secured 1000, paid 0, reported 0, gap 0, pledged 0, 0 of 1 flows reconciled",
		"year 2015 EUR: 2 lines, required 160, planned 160, secured 130, paid 50, reported 30, gap 30, pledged 0, 1 of 1 flows reconciled",
		"year 2015 MKD: 0 lines, required 0, planned 0, secured 1000, paid 0, reported 0, gap 0, pledged 0, 0 of 1 flows reconciled",
		"year 2016 EUR: 1 lines, required 40, planned 40, secured 0, paid 0, reported 0, gap 40, pledged 500, 0 of 1 flows reconciled",
		"year undivided EUR: 0 lines, required 60, planned 0, secured 30, paid 0, reported 0, gap 30, pledged 0, 0 of 1 flows reconciled",
	}
	if diff := cmp.Diff(want, sumsOf(picture(t, day(2), all...))); diff != "" {
		t.Error(diff)
	}
}

// TestMoneyForALineThatIsGoneIsToldApart: the second version has line 1 alone; line 2 was of wash and 2016, line 3 of shelter and
// 2015. Money that is for line 2 alone, promised in any version's name, stands in rows of its own by what the first version said
// of it; what is for lines 2 and 3 is undivided between them, and what is for line 1 too is as money for other plans is. The gap of what
// the plan asks for now is none of theirs.
func TestMoneyForALineThatIsGoneIsToldApart(t *testing.T) {
	proposes, gives := newPen(t, centre), newPen(t, fund)
	p := plan(body.PlanProposed, "100", "60", "40")
	p.Lines[1].Sector, p.Lines[1].Year = "wash", 2016
	first := proposes.write(p)
	later := proposes.correct(&first, plan(body.PlanProposed, "100"))
	commit := gives.flow(body.FlowCommit, "50", nil, nil, forLines(&first, 2))
	all := []board.Event{
		first, later, commit, gives.flow(body.FlowPay, "20", &commit, &commit), gives.flow(body.FlowPledge, "7", nil, nil, forLines(&later, 2)),
		gives.flow(body.FlowCommit, "30", nil, nil, forLines(&first, 2, 3)), gives.flow(body.FlowCommit, "11", nil, nil, forLines(&first, 1, 2)),
	}
	want := []string{
		"total  EUR: 1 lines, required 100, planned 100, secured 0, paid 0, reported 0, gap 100, pledged 0, 0 of 0 flows reconciled",
		"total undivided EUR: 0 lines, required 0, planned 0, secured 11, paid 0, reported 0, gap 0, pledged 0, 0 of 1 flows reconciled",
		"total gone  EUR: 0 lines, required 0, planned 0, secured 80, paid 20, reported 0, gap 0, pledged 7, 0 of 3 flows reconciled",
		"sector shelter EUR: 1 lines, required 100, planned 100, secured 0, paid 0, reported 0, gap 100, pledged 0, 0 of 0 flows reconciled",
		"sector undivided EUR: 0 lines, required 0, planned 0, secured 11, paid 0, reported 0, gap 0, pledged 0, 0 of 1 flows reconciled",
		"sector gone wash EUR: 0 lines, required 0, planned 0, secured 50, paid 20, reported 0, gap 0, pledged 7, 0 of 2 flows reconciled",
		"sector gone undivided EUR: 0 lines, required 0, planned 0, secured 30, paid 0, reported 0, gap 0, pledged 0, 0 of 1 flows reconciled",
	}
	for range 2 {
		v := picture(t, day(2), all...)
		got := slices.DeleteFunc(sumsOf(v), func(s string) bool { return !strings.HasPrefix(s, "total") && !strings.HasPrefix(s, "sector") })
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		var years []string
		for _, s := range v.PlanSums(func(*board.Plan) bool { return true }, board.PlanByYear, board.PlanByPlace) {
			if s.Gone && !s.Undivided {
				years = append(years, s.Of)
			}
		}
		if diff := cmp.Diff([]string{"2016", "iso3166-2:MK-405"}, years); diff != "" {
			t.Errorf("of the lines that are gone:\n%s", diff)
		}
		if f := v.Flows[0]; !slices.Equal(f.Sectors, []body.Sector{"wash"}) {
			t.Errorf("what is paid for the line helps in %s", f.Sectors)
		}
		slices.Reverse(all)
	}
}

// TestEstimateInAnotherCurrencyIsNotCompared, and what one line has too much fills no other.
func TestEstimateInAnotherCurrencyIsNotCompared(t *testing.T) {
	asks, proposes, gives := newPen(t, town), newPen(t, centre), newPen(t, fund)
	need := asks.estimates("90000", "MKD")
	p := plan(body.PlanProposed, "10", "20")
	p.Lines[0].NeedsRefs = []protocol.Name{need.Record.Name}
	version := proposes.write(p)
	much := gives.flow(body.FlowCommit, "500", nil, nil, forLines(&version, 1))
	v := picture(t, day(2), need, version, much)
	got := v.PlanSums(func(*board.Plan) bool { return true })[0]
	if got.Required != "30" || got.Elsewhere != 1 || got.Secured != "500" || got.Gap != "20" {
		t.Errorf("sum is %s", show(got))
	}
	if none := v.PlanSums(func(*board.Plan) bool { return false }); len(none) != 0 {
		t.Errorf("of no plan: %s", show(none))
	}
}

// TestWhatALineHasAboveItsAmountPaysForItsOwnNeeds, and for no more: the needs cost 90, for which the
// first line asks 60, and the second asks 20 for nothing assessed.
func TestWhatALineHasAboveItsAmountPaysForItsOwnNeeds(t *testing.T) {
	for _, tt := range []struct {
		committed body.Decimal
		line      body.Positive
		joined    bool // 1 is committed to both lines together
		want      string
	}{
		{"60", 1, false, "required 110, secured 60, gap 50"},
		{"80", 1, false, "required 110, secured 80, gap 30"},
		{"90", 1, false, "required 110, secured 90, gap 20"},
		{"500", 1, false, "required 110, secured 500, gap 20"},
		{"90", 1, true, "required 90, secured 91, gap 19"},
		{"500", 2, true, "required 90, secured 501, gap 69"},
	} {
		asks, proposes, gives := newPen(t, town), newPen(t, centre), newPen(t, fund)
		need := asks.estimates("90", "EUR")
		p := plan(body.PlanProposed, "60", "20")
		p.Lines[0].NeedsRefs = []protocol.Name{need.Record.Name}
		version := proposes.write(p)
		all := []board.Event{need, version, gives.flow(body.FlowCommit, tt.committed, nil, nil, forLines(&version, tt.line))}
		if tt.joined {
			all = append(all, gives.flow(body.FlowCommit, "1", nil, nil, forLines(&version, 1, 2)))
		}
		v := picture(t, day(2), all...)
		s := v.PlanSums(func(*board.Plan) bool { return true }, board.PlanTotal)[0]
		if got := fmt.Sprintf("required %s, secured %s, gap %s", s.Required, s.Secured, s.Gap); got != tt.want {
			t.Errorf("with %s committed to line %d, joined %t: %s, want %s", tt.committed, tt.line, tt.joined, got, tt.want)
		}
	}
}

// TestMoneyForTwoPlansIsNotTheOnesAlone: a flow that names lines of two plans is undivided in each,
// and counts once for both together.
func TestMoneyForTwoPlansIsNotTheOnesAlone(t *testing.T) {
	proposes, gives := newPen(t, centre), newPen(t, fund)
	one, two := proposes.write(plan(body.PlanProposed, "100")), proposes.write(plan(body.PlanProposed, "50"))
	shared := gives.flow(body.FlowCommit, "120", nil, nil, forLines(&one, 1), forLines(&two, 1))
	v := picture(t, day(2), one, two, shared)
	alone := v.PlanSums(func(p *board.Plan) bool { return p.Record == one.Record.Name })
	if alone[0].Secured != "0" || alone[0].Gap != "100" || !alone[1].Undivided || alone[1].Secured != "120" {
		t.Errorf("of one plan: %s", show(alone[:2]))
	}
	if both := v.PlanSums(func(*board.Plan) bool { return true })[0]; both.Secured != "120" || both.Gap != "30" {
		t.Errorf("of both: %s", show(both))
	}
}

// TestAnyOrderOfPlansAndFlowsGivesTheSameSums, which add up to the total in each group.
func TestAnyOrderOfPlansAndFlowsGivesTheSameSums(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		events := drawFunding(t, rt)
		told := newBoard(t, events...).Picture(at(day(2)))
		other := newBoard(t)
		for _, e := range rapid.Permutation(events).Draw(rt, "order") {
			other.Tell([]board.Event{e})
		}
		want, v := sumsOf(told), other.Picture(at(day(2)))
		if diff := cmp.Diff(want, sumsOf(v)); diff != "" {
			rt.Fatalf("the sums differ:\n%s", diff)
		}
		added := map[board.PlanGroup]map[body.Currency][]body.Sum{}
		for _, s := range v.PlanSums(func(*board.Plan) bool { return true }) {
			if added[s.By] == nil {
				added[s.By] = map[body.Currency][]body.Sum{}
			}
			sums := added[s.By][s.Currency]
			if sums == nil {
				sums = make([]body.Sum, 8)
			}
			count := func(n int) body.Sum { return body.SumOf(body.Decimal(strconv.Itoa(n))) }
			for i, sum := range []body.Sum{s.Required, s.Planned, s.Secured, s.Paid, s.Reported, s.Pledged, count(s.Reconciled), count(s.Unreconciled)} {
				sums[i] = sums[i].Plus(sum)
			}
			if s.Reconciled+s.Unreconciled != s.Flows {
				rt.Fatalf("a flow is both reconciled and not, or neither: %s", show(s))
			}
			if added[s.By][s.Currency] = sums; s.Gap.Sign() < 0 || s.Gap.Compare(s.Required) > 0 {
				rt.Fatalf("a gap of %s: %s", s.Gap, show(s))
			}
		}
		for _, by := range board.PlanGroups() {
			if diff := cmp.Diff(added[board.PlanTotal], added[by]); diff != "" {
				rt.Fatalf("by %s it adds up to something else:\n%s", by, diff)
			}
		}
	})
}

// drawFunding draws two plans, needs that they name, and flows for some of their lines.
func drawFunding(t *testing.T, rt *rapid.T) []board.Event {
	asks, proposes, gives, passes := newPen(t, town), newPen(t, centre), newPen(t, fund), newPen(t, centre)
	passes.next[protocol.Funding] = 100
	currency := func() body.Currency {
		return rapid.SampledFrom([]body.Currency{"EUR", "EUR", "MKD"}).Draw(rt, "currency")
	}
	amount := func() body.Decimal {
		return rapid.SampledFrom([]body.Decimal{"10", "20.50", "300"}).Draw(rt, "amount")
	}
	var events []board.Event
	for range 2 {
		events = append(events, asks.estimates(amount(), currency()))
	}
	var plans []board.Event
	for range 2 {
		p := plan(body.PlanProposed, amount(), amount(), amount())
		p.Currency = currency()
		for i := range p.Lines {
			l := &p.Lines[i]
			l.Sector = rapid.SampledFrom([]body.Sector{"shelter", "wash"}).Draw(rt, "sector")
			l.Year = rapid.SampledFrom([]body.Positive{2015, 2016}).Draw(rt, "year")
			l.Status = rapid.SampledFrom([]body.LineStatus{body.LinePlanned, body.LineSecured}).Draw(rt, "status")
			if rapid.Bool().Draw(rt, "needs") {
				l.NeedsRefs = []protocol.Name{events[rapid.IntRange(0, 1).Draw(rt, "which")].Record.Name}
			}
		}
		version := proposes.write(p)
		plans = append(plans, version)
		if rapid.Bool().Draw(rt, "dropped") {
			later := *p
			later.Lines = slices.Delete(slices.Clone(p.Lines), 1, 2)
			events = append(events, proposes.correct(&version, &later))
		}
	}
	events = append(events, plans...)
	var parent board.Event
	for range rapid.IntRange(0, 6).Draw(rt, "flows") {
		of, in := rapid.SampledFrom(plans).Draw(rt, "plan"), currency()
		lines := forLines(&of, rapid.SliceOfNDistinct(rapid.SampledFrom([]body.Positive{1, 2, 3, 4}), 1, 3, rapid.ID).Draw(rt, "lines")...)
		money := func(f *body.Flow) { f.Currency = in }
		switch rapid.IntRange(0, 3).Draw(rt, "what") {
		case 0:
			events = append(events, gives.flow(body.FlowPledge, amount(), nil, nil, money, lines))
		case 1:
			sum := amount()
			parent = gives.flow(body.FlowCommit, sum, nil, nil, money, lines, between(fund, centre))
			events = append(events, parent, gives.flow(body.FlowPay, sum, &parent, &parent, money, between(fund, centre)))
		default:
			events = append(events, passes.flow(body.FlowCommit, amount(), nil, nil, money, lines, between(centre, town), func(f *body.Flow) { f.ParentFlow = parent.Record.Name }))
		}
	}
	return slices.Clip(events)
}

// TestSumsSayOfHowManyPlansAndReportsTheyAreMade, by hand: the first plan is agreed and has a line for
// shelter, the second is proposed and has one for shelter and one for wash. Money for line 1 of each was
// received, and what became of the first is reported; money for the agreed shelter and the wash together
// is committed alone, and is made of both plans. What is passed on is counted once.
func TestSumsSayOfHowManyPlansAndReportsTheyAreMade(t *testing.T) {
	proposes, gives, takes, isles := newPen(t, centre), newPen(t, fund), newPen(t, town), newPen(t, island)
	takes.next[protocol.Funding], isles.next[protocol.Funding] = 100, 100
	first := proposes.write(plan(body.PlanProposed, "100"))
	two := plan(body.PlanProposed, "60", "40")
	two.Lines[1].Sector = "wash"
	second := proposes.write(two)
	one := gives.flow(body.FlowCommit, "70", nil, nil, forLines(&first, 1))
	other := gives.flow(body.FlowCommit, "50", nil, nil, forLines(&second, 1))
	receive := takes.flow(body.FlowReceive, "70", &one, &one)
	on := takes.flow(body.FlowCommit, "20", nil, nil, between(town, island), func(f *body.Flow) { f.ParentFlow = one.Record.Name })
	all := []board.Event{
		first, second, takes.sign(&first, body.Accepted), isles.sign(&first, body.Accepted),
		one, other, receive, takes.flow(body.FlowReport, "30", &one, &receive), takes.flow(body.FlowReceive, "50", &other, &other),
		on, isles.flow(body.FlowReceive, "20", &on, &on, between(town, island)),
		gives.flow(body.FlowCommit, "9", nil, nil, forLines(&first, 1), forLines(&second, 2)),
	}
	made := func(p board.Picture) []string {
		var out []string
		for _, s := range p.PlanSums(func(*board.Plan) bool { return true }, board.PlanTotal, board.PlanBySector) {
			out = append(out, fmt.Sprintf("%s undivided %t: %d plans, %d agreed, %d proposed, %d closed; reported on %d of %d", s.Of, s.Undivided, s.Plans, s.Agreed, s.Proposed, s.Closed, s.ReportedOf, s.ReceivedOf))
		}
		for _, s := range p.FundTotals() {
			out = append(out, fmt.Sprintf("funds: reported on %d of %d", s.ReportedOf, s.ReceivedOf))
		}
		return out
	}
	want := []string{
		" undivided false: 2 plans, 1 agreed, 1 proposed, 0 closed; reported on 1 of 2",
		"shelter undivided false: 2 plans, 1 agreed, 1 proposed, 0 closed; reported on 1 of 2",
		"wash undivided false: 1 plans, 0 agreed, 1 proposed, 0 closed; reported on 0 of 0",
		" undivided true: 2 plans, 1 agreed, 1 proposed, 0 closed; reported on 0 of 0",
		"funds: reported on 1 of 2",
	}
	if diff := cmp.Diff(want, made(picture(t, day(2), all...))); diff != "" {
		t.Error(diff)
	}
	slices.Reverse(all)
	if diff := cmp.Diff(want, made(picture(t, day(2), all...))); diff != "" {
		t.Errorf("told the other way round:\n%s", diff)
	}
}
