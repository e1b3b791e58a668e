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

// lacks assesses needs of some sectors at a place.
func (p *pen) lacks(place body.Place, sectors ...body.Sector) board.Event {
	p.t.Helper()
	n := &body.Needs{}
	n.Place = &place
	for _, s := range sectors {
		n.Items = append(n.Items, body.Need{Sector: s, Item: "blanket", Unit: body.Label(s), Required: 10, Basis: body.BasisCount, Priority: 1})
	}
	return p.write(n)
}

// forNeeds names needs in a flow.
func forNeeds(of ...board.Event) func(*body.Flow) {
	return func(f *body.Flow) {
		for i := range of {
			f.NeedsRefs = append(f.NeedsRefs, of[i].Record.Name)
		}
	}
}

// paidFor gives the 3W's rows of funds in words.
func paidFor(p board.Picture) []string {
	var out []string
	for _, r := range p.WhoWhatWhere() {
		if !r.Flow.IsZero() {
			out = append(out, fmt.Sprintf("%s %s %s %v at %q for %s, %s, shared by %d, passed on %t", r.Who, r.Amount, r.Currency, r.Sectors, r.WhereName, r.For, r.State, r.SharedBy, r.PassedOn))
		}
	}
	return out
}

// TestFundedActivitiesStandInThe3W: with place and sectors of the needs that the flow names, as
// they were when it named them; what names no place has none, and a promise is no activity.
func TestFundedActivitiesStandInThe3W(t *testing.T) {
	asks, abroad, gives, takes := newPen(t, town), newPen(t, valley), newPen(t, fund), newPen(t, town)
	takes.next[protocol.Funding] = 100
	old := asks.lacks(gevgelija(), "shelter", "wash")
	now := asks.lacks(gevgelija(), "food")
	other := abroad.lacks(body.Place{Scheme: body.ISOSubdivision, Code: "RS-24"}, "health")
	lost := asks.lacks(gevgelija(), "telecom")
	retracted := asks.correct(&lost, nil)

	pay := func(commit *board.Event, amount body.Decimal) board.Event {
		return gives.flow(body.FlowPay, amount, commit, commit)
	}
	one := gives.flow(body.FlowCommit, "80", nil, nil, forNeeds(old))
	two := gives.flow(body.FlowCommit, "90", nil, nil, forNeeds(now, other))
	placed := gives.flow(body.FlowCommit, "7", nil, nil, forNeeds(other), func(f *body.Flow) { f.Place = new(gevgelija()) })
	silent := gives.flow(body.FlowCommit, "5", nil, nil)
	gone := gives.flow(body.FlowCommit, "4", nil, nil, forNeeds(lost))
	promised := gives.flow(body.FlowCommit, "1000", nil, nil, forNeeds(now))
	had := takes.flow(body.FlowReceive, "3", nil, nil, forNeeds(now), func(f *body.Flow) { f.InKind = "boots" })
	all := []board.Event{
		old, now, other, lost, retracted, one, two, placed, silent, gone, promised, had,
		pay(&one, "60"), pay(&two, "90"), pay(&placed, "7"), pay(&silent, "5"), pay(&gone, "4"),
	}
	row := func(amount, what, where, state string, shared int) string {
		return fmt.Sprintf("%s %s EUR [%s] at %q for %s, %s, shared by %d, passed on false", fund, amount, what, where, town, state, shared)
	}
	want := []string{
		row("5", "", "", "paid", 0), row("4", "", "", "paid", 0), // no assessment that counts says where
		row("60", "shelter wash", "Gevgelija", "partly_paid", 0),
		row("90", "food", "Gevgelija", "paid", 2),
		row("7", "health", "Gevgelija", "paid", 0),
		row("3", "food", "Gevgelija", "received", 0),
		row("90", "health", "Pčinjski okrug", "paid", 2),
	}
	got := paidFor(picture(t, day(3), all...))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	slices.Reverse(all)
	if diff := cmp.Diff(got, paidFor(picture(t, day(3), all...))); diff != "" {
		t.Errorf("told the other way round:\n%s", diff)
	}
}

// TestMoneyThatIsPassedOnSaysSoInThe3W: it stands where it ends, and is not counted again.
func TestMoneyThatIsPassedOnSaysSoInThe3W(t *testing.T) {
	asks, gives, passes := newPen(t, town), newPen(t, fund), newPen(t, centre)
	needs := asks.lacks(gevgelija(), "shelter")
	to := func(donor, recipient protocol.InstitutionID) func(*body.Flow) {
		return func(f *body.Flow) { f.Donor, f.Recipient = donor, recipient }
	}
	parent := gives.flow(body.FlowCommit, "80", nil, nil, to(fund, centre))
	paid := gives.flow(body.FlowPay, "80", &parent, &parent, to(fund, centre))
	child := passes.flow(body.FlowCommit, "80", nil, nil, to(centre, town), forNeeds(needs), func(f *body.Flow) { f.ParentFlow = parent.Record.Name })
	on := passes.flow(body.FlowPay, "80", &child, &child, to(centre, town))
	want := []string{
		fmt.Sprintf("%s 80 EUR [] at \"\" for %s, paid, shared by 0, passed on false", fund, centre),
		fmt.Sprintf("%s 80 EUR [shelter] at \"Gevgelija\" for %s, paid, shared by 0, passed on true", centre, town),
	}
	if diff := cmp.Diff(want, paidFor(picture(t, day(3), needs, parent, paid, child, on))); diff != "" {
		t.Error(diff)
	}
}

// TestFlowHelpsWhereTheLinesThatItNamesDo, of whichever version of the plan, and before the needs that it names too; its own
// place goes before theirs. Of a line that the plan does not have, and of a plan that was taken back, nothing is known.
func TestFlowHelpsWhereTheLinesThatItNamesDo(t *testing.T) {
	asks, abroad, plans, gives := newPen(t, town), newPen(t, valley), newPen(t, centre), newPen(t, fund)
	here, there := asks.lacks(gevgelija(), "wash"), abroad.lacks(body.Place{Scheme: body.ISOSubdivision, Code: "RS-24"}, "food")
	first := plans.write(plan(body.PlanProposed, "100", "50"))
	second := plan(body.PlanProposed, "100", "50")
	second.Lines[1].NeedsRefs, second.Lines[1].Sector = []protocol.Name{there.Record.Name}, "health"
	version := plans.correct(&first, second)
	gone := plans.write(plan(body.PlanProposed, "3"))
	taken := plans.correct(&gone, nil)
	placed := func(f *body.Flow) { f.Place = new(islands()) }
	for _, tt := range []struct {
		why  string
		flow board.Event
		want string
	}{
		{"a line whose needs are elsewhere", gives.flow(body.FlowCommit, "1", nil, nil, forLines(&version, 2)), "[iso3166-2:RS-24] [health]"},
		{"named by an earlier version, as it is now", gives.flow(body.FlowCommit, "1", nil, nil, forLines(&first, 2)), "[iso3166-2:RS-24] [health]"},
		{"two lines", gives.flow(body.FlowCommit, "1", nil, nil, forLines(&version, 1, 2)), "[iso3166-2:MK-405 iso3166-2:RS-24] [health shelter]"},
		{"a line and a need", gives.flow(body.FlowCommit, "1", nil, nil, forLines(&version, 2), forNeeds(here)), "[iso3166-2:RS-24] [health]"},
		{"a need alone", gives.flow(body.FlowCommit, "1", nil, nil, forNeeds(here)), "[iso3166-2:MK-405] [wash]"},
		{"its own place", gives.flow(body.FlowCommit, "1", nil, nil, forLines(&version, 2), placed), fmt.Sprintf("[%s] [health]", new(islands()).Key())},
		{"a line that is not there", gives.flow(body.FlowCommit, "1", nil, nil, forLines(&version, 9)), "[] []"},
		{"a plan that was taken back", gives.flow(body.FlowCommit, "1", nil, nil, forLines(&gone, 1)), "[] []"},
	} {
		b := newBoard(t, here, there, first, version, gone, taken, tt.flow)
		p := b.Picture(at(day(3)))
		f := only(t, p.Flows)
		if got := fmt.Sprint(f.Places, f.Sectors); got != tt.want {
			t.Errorf("%s: it helps %s, want %s", tt.why, got, tt.want)
		}
	}
}
