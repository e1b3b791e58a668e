package board_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// TestWhatAPlanCallsSecuredIsFunded: by the word of its author, as far as no flow for the line has brought it, and as far as the
// line's needs cost; what is for needs at two places is shared. A pledge funds nothing, and stands whole beside what is secured.
func TestWhatAPlanCallsSecuredIsFunded(t *testing.T) {
	asks, abroad, plans, gives := newPen(t, town), newPen(t, valley), newPen(t, centre), newPen(t, fund)
	costed, open := asks.costs(gevgelija(), "shelter 80 EUR"), newPen(t, island).costs(gevgelija(), "wash")
	elsewhere := abroad.costs(islands(), "wash 40 EUR")
	secured := func(b *body.Plan) *body.Plan {
		b.Lines[0].Status = body.LineSecured
		return b
	}
	own := plans.write(secured(proposed([]string{"shelter 100", "shelter 7"})))
	of := plans.write(secured(proposed([]string{"shelter 100"}, costed)))
	part := plans.write(secured(proposed([]string{"wash 60"}, open)))
	dear := newPen(t, valley).costs(gevgelija(), "shelter 300 EUR")
	rich := plans.write(secured(proposed([]string{"shelter 100"}, dear)))
	both := plans.write(secured(proposed([]string{"wash 60"}, open, elsewhere)))
	gives30 := func(of board.Event) board.Event { return gives.flow(body.FlowCommit, "30", nil, nil, forLine(&of, 1)) }
	for _, tt := range []struct {
		why    string
		events []board.Event
		want   string
	}{
		{"by its word alone", []board.Event{own}, "shelter 107: secured 100, committed 0, shared 0, pledged 0, 7 to 7"},
		{"and a part is committed", []board.Event{own, gives30(own)}, "shelter 107: secured 100, committed 30, shared 0, pledged 0, 7 to 7"},
		{"and a part is pledged", []board.Event{own, gives.flow(body.FlowPledge, "30", nil, nil, forLine(&own, 1))}, "shelter 107: secured 100, committed 0, shared 0, pledged 30, 7 to 7"},
		{"for needs that cost less", []board.Event{costed, of}, ""},
		{"for needs that cost less, and a part is committed", []board.Event{costed, of, gives30(of), own}, "shelter 187: secured 180, committed 30, shared 0, pledged 0, 7 to 7"},
		{"for needs that cost more, and a part is committed", []board.Event{dear, rich, gives30(rich)}, "shelter 300: secured 100, committed 30, shared 0, pledged 0, 200 to 200"},
		{"for needs of which nobody knows the cost", []board.Event{open, part, gives30(part)}, ""},
		{"for needs at two places", []board.Event{open, elsewhere, both}, "wash 40: secured 0, committed 0, shared 60, pledged 0, 0 to 40"},
	} {
		for range 2 {
			var got []string
			p := picture(t, day(2), tt.events...)
			for _, r := range p.FundingGap().Rows {
				if r.Currency != "" {
					got = append(got, fmt.Sprintf("%s %s: secured %s, committed %s, shared %s, pledged %s, %s to %s", r.Sector, r.Required, r.Secured, r.Committed, r.Shared, r.Pledged, r.AtLeast, r.Unfunded))
				}
			}
			if said := strings.Join(got, "; "); said != tt.want {
				t.Errorf("%s: %q, want %q", tt.why, said, tt.want)
			}
			slices.Reverse(tt.events)
		}
	}
}

// TestEstimateThatStandsThoughLessIsNeededSaysSo: nobody knows what is still to be paid of a line whose needs are less by now, or
// are not known here, nor of needs that are met in part; a line whose needs nobody says any more is needed no more.
func TestEstimateThatStandsThoughLessIsNeededSaysSo(t *testing.T) {
	asks, plans := newPen(t, town), newPen(t, centre)
	needs := asks.costs(gevgelija(), "shelter", "wash")
	of := plans.write(proposed([]string{"shelter 60"}, needs))
	of2 := plans.write(proposed([]string{"food 5"}, needs))
	asks2, asks3, gives := newPen(t, town), newPen(t, town), newPen(t, centre)
	asks2.next[protocol.Situation], asks3.next[protocol.Situation], asks3.next[protocol.Resource] = 100, 200, 100
	blankets := asks2.assess(300, 100)
	priced := asks3.assess(300, 100, func(n *body.Needs) {
		n.Items[0].CostEstimate = &body.Money{Amount: "90", Currency: "EUR"}
	})
	request, asked := asks2.ask(&blankets, 150), asks3.ask(&priced, 150)
	part, given := gives.step(body.StepCommit, &request, &request, 120), gives.step(body.StepCommit, &asked, &asked, 120)
	for1, for2 := plans.write(proposed([]string{"nfi 60"}, blankets)), plans.write(proposed([]string{"nfi 60"}, priced))
	later := func(missing uint64, sectors ...string) board.Event {
		n := &body.Needs{Common: body.Common{Place: new(gevgelija())}}
		for i, s := range sectors {
			n.Items = append(n.Items, body.Need{Sector: body.Sector(s), Item: "blanket", Unit: body.Label(fmt.Sprint("kind ", i)), Required: 10, Available: new(body.Quantity(10 - missing)), Basis: body.BasisCount, Priority: 1})
		}
		return asks.write(n)
	}
	for _, tt := range []struct {
		why    string
		events []board.Event
		want   string
	}{
		{"as they were", []board.Event{needs, of}, "shelter 60, 0 unsure"},
		{"as they were, in a later one", []board.Event{needs, of, later(10, "shelter")}, "shelter 60, 0 unsure"},
		{"less in a later one", []board.Event{needs, of, later(4, "shelter")}, "shelter 60, 1 unsure"},
		{"met", []board.Event{needs, of, later(0, "shelter")}, ""},
		{"said no more", []board.Event{needs, of, later(10, "wash")}, ""},
		{"of another sector", []board.Event{needs, of2}, "food 5, 0 unsure"},
		{"not known here", []board.Event{of}, "shelter 60, 1 unsure"},
		{"met in part, of a line", []board.Event{blankets, for1, request, part}, "nfi 60, 1 unsure"},
		{"not met, of a line", []board.Event{blankets, for1, request}, "nfi 60, 0 unsure"},
		{"met in part, as it was estimated", []board.Event{priced, asked, given}, "nfi 90, 1 unsure"},
		{"met in part, and a line for it adds nothing", []board.Event{priced, asked, given, for2}, "nfi 90, 1 unsure"},
	} {
		var got []string
		p := picture(t, day(4), tt.events...)
		for _, r := range p.FundingGap().Rows {
			if r.Currency != "" {
				got = append(got, fmt.Sprintf("%s %s, %d unsure", r.Sector, r.Required, r.Unsure))
			}
		}
		if said := strings.Join(got, "; "); said != tt.want {
			t.Errorf("%s: %q, want %q", tt.why, said, tt.want)
		}
	}
}
