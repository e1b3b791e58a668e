package board_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// TestLineThatIsGoneTiesNothing: the needs cost 50,000, and both lines of one plan name them, for which 5,000 are paid together. Another plan has
// 700 for nothing assessed, and had a line for the same needs, which a later version took out: with money for it or none, and whichever plan is the
// first by name, 50,700 are required and 45,700 of it open. What was committed for the line that is gone stands in its own row.
func TestLineThatIsGoneTiesNothing(t *testing.T) {
	for _, order := range [][]string{{"had", "stays"}, {"stays", "had"}} {
		asks, proposes, gives := newPen(t, town), newPen(t, centre), newPen(t, fund)
		need := asks.estimates("50000", "EUR")
		plans := map[string]*body.Plan{"had": plan(body.PlanProposed, "1000", "700"), "stays": plan(body.PlanProposed, "2000", "3000")}
		for _, l := range []*body.PlanLine{&plans["had"].Lines[0], &plans["stays"].Lines[0], &plans["stays"].Lines[1]} {
			l.NeedsRefs = []protocol.Name{need.Record.Name}
		}
		written := map[string]board.Event{}
		for _, which := range order {
			written[which] = proposes.write(plans[which])
		}
		had, stays, later := written["had"], written["stays"], *plans["had"]
		later.Lines = later.Lines[1:]
		drop := proposes.correct(&had, &later)
		commit := gives.flow(body.FlowCommit, "5000", nil, nil, forLines(&stays, 1, 2))
		all := []board.Event{need, had, stays, commit, gives.flow(body.FlowPay, "5000", &commit, &commit)}
		const sums = "required 50700, planned %d, secured 5000, paid 5000, reported 0, gap 45700, pledged 0, 0 of 1 flows reconciled"
		after := "total  EUR: 3 lines, " + fmt.Sprintf(sums, 5700)
		for _, tt := range []struct {
			why    string
			events []board.Event
			want   []string
		}{
			{"with the line", all, []string{"total  EUR: 4 lines, " + fmt.Sprintf(sums, 6700)}},
			{"without it", append(slices.Clone(all), drop), []string{after}},
			{"without it, and with money for it", append(slices.Clone(all), drop, gives.flow(body.FlowCommit, "40", nil, nil, forLines(&had, 1))), []string{
				after, "total gone  EUR: 0 lines, required 0, planned 0, secured 40, paid 0, reported 0, gap 0, pledged 0, 0 of 1 flows reconciled",
			}},
		} {
			got := slices.DeleteFunc(sumsOf(picture(t, day(2), tt.events...)), func(s string) bool { return !strings.HasPrefix(s, "total") })
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%s, %v by name:\n%s", tt.why, order, diff)
			}
		}
	}
}
