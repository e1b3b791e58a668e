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

// activities gives the 3W with what is planned in words: what is paid, and behind the stroke what is planned.
func activities(p board.Picture) []string {
	var out []string
	for _, r := range p.Activities() {
		out = append(out, fmt.Sprintf("%s %s/%s %s %v %q at %q for %s: %s %s %d %s", r.Who, string(r.Amount), string(r.Planned), r.Currency, r.Sectors, r.Purpose, r.WhereName, r.For, r.State, r.PlanState, r.Year, r.LineStatus))
	}
	return out
}

// TestPlanLinesStandInThe3WAsPlanned, by hand: of the plan that is proposed, line 1 names a need of
// the valley and is the fund's to pay; line 2 names none, and is the centre's own. Of line 1 the
// fund has paid 60, naming a need of the town's too: that is delivered, where the line helps and in its sector, and
// stands beside it in another column, so that nobody who adds up either has the money twice. A draft, a plan that is closed and one that was taken back foresee
// nothing. What only is delivered is as it was.
func TestPlanLinesStandInThe3WAsPlanned(t *testing.T) {
	asks, abroad, proposes, gives, south, isles := newPen(t, town), newPen(t, valley), newPen(t, centre), newPen(t, fund), newPen(t, town), newPen(t, island)
	south.next[protocol.Funding] = 100
	here, there := asks.lacks(gevgelija(), "shelter"), abroad.lacks(body.Place{Scheme: body.ISOSubdivision, Code: "RS-24"}, "health")
	p := plan(body.PlanProposed, "100", "20.50")
	p.Lines[0].NeedsRefs, p.Lines[0].Payer, p.Lines[0].Sector, p.Lines[0].Status = []protocol.Name{there.Record.Name}, fund, "health", body.LineRequested
	p.Lines[1].Purpose, p.Lines[1].Year = "water", 2016
	proposed := proposes.write(p)
	draft := proposes.write(plan(body.PlanDraft, "1"))
	over := proposes.write(plan(body.PlanProposed, "2"))
	closed := proposes.correct(&over, plan(body.PlanClosed, "2"))
	gone := proposes.write(plan(body.PlanProposed, "3"))
	taken := proposes.correct(&gone, nil)
	commit := gives.flow(body.FlowCommit, "60", nil, nil, forNeeds(here), forLines(&proposed, 1))
	pay := gives.flow(body.FlowPay, "60", &commit, &commit)
	all := []board.Event{here, there, proposed, draft, over, closed, gone, taken, commit, pay, south.sign(&over, body.Accepted), isles.sign(&over, body.Accepted)}
	want := []string{
		fmt.Sprintf(`%s 60/ EUR [health] "" at "Pčinjski okrug" for %s: paid  0 `, fund, town),
		fmt.Sprintf(`%s /20.50 EUR [shelter] "water" at "Gevgelija" for %s: planned proposed 2016 planned`, centre, town),
		fmt.Sprintf(`%s /100 EUR [health] "bed places" at "Pčinjski okrug" for %s: planned proposed 2015 requested`, fund, town),
	}
	slices.Sort(want)
	got := activities(picture(t, day(3), all...))
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	first := activities(picture(t, day(3), all...))
	slices.Reverse(all)
	if diff := cmp.Diff(first, activities(picture(t, day(3), all...))); diff != "" {
		t.Errorf("told the other way round:\n%s", diff)
	}
	view := picture(t, day(3), all...)
	for _, r := range view.WhoWhatWhere() {
		if !r.Plan.IsZero() {
			t.Errorf("what is delivered has what is planned: %+v", r)
		}
	}
}
