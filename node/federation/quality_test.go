package federation_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/federation"
	"github.com/vardar-network/vardar/protocol"
)

// graded is what a node shows at an instant.
func graded(t *testing.T, n *federation.Network, at protocol.InstitutionID, when protocol.Instant) desk.Picture {
	t.Helper()
	p, err := n.Node(at).Desk().Picture(t.Context(), desk.PictureQuery{At: when})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestQualityIsTheSameOnEveryNode: what is worth a figure, a crossing, an assessment, a declaration and both sides of a
// contradiction is reckoned by each node from the records that it holds, and comes to the same score, parts and word; and a
// neighbour's word moves it on all.
func TestQualityIsTheSameOnEveryNode(t *testing.T) {
	t.Parallel()
	n := start(t, three())
	when := protocol.InstantOf(time.Now().Add(time.Hour))
	publish := func(as protocol.InstitutionID, kind string, set ...string) protocol.Name {
		t.Helper()
		done, err := n.Node(as).Desk().Publish(t.Context(), desk.Request{Kind: kind, Set: set})
		if err != nil {
			t.Fatalf("%s: %s: %v", as, kind, err)
		}
		return done.Record
	}
	yesterday := "period=" + time.Now().UTC().AddDate(0, 0, -1).Format(time.DateOnly)
	report := publish(town, "report", "place=MK-405", yesterday, "figures.arrivals=960", "figures.present=300", "method=registered")
	said := []protocol.Name{
		report,
		publish(capital, "report", "place=MK-405", yesterday, "figures.arrivals=100", "method=estimated"),
		publish(capital, "route", "asset.type=border_crossing", "asset.name=Bogorodica", "asset.code=x:gr-mk:bogorodica-evzoni", "state=closed"),
		publish(town, "needs", "place=MK-405", "items.0.sector=shelter", "items.0.item=bed_place", "items.0.unit=place", "items.0.required=600", "items.0.basis=count", "items.0.priority=1"),
		publish(neighbour, "capacity", "place=MK-401", "items.0.type=bed_place", "items.0.unit=place", "items.0.available=35"),
	}
	everywhere := func(what string, known func(*desk.Picture) bool) {
		t.Helper()
		var first string
		for _, id := range []protocol.InstitutionID{capital, town, neighbour} {
			await(t, n.Node(id), what, func() bool { p := graded(t, n, id, when); return known(&p) })
			p := graded(t, n, id, when)
			text, err := json.Marshal([]any{p.Qualities(), p.Clashes})
			if err != nil {
				t.Fatal(err)
			}
			if first == "" {
				first = string(text)
			} else if string(text) != first {
				t.Errorf("%s: at %s it is %s, elsewhere %s", what, id, text, first)
			}
		}
	}
	everywhere("all is graded", func(p *desk.Picture) bool {
		for _, name := range said {
			if p.QualityOf(name) == nil {
				return false
			}
		}
		return len(p.Clashes) == 1 && p.Clashes[0].Between[0].Quality != nil && p.Clashes[0].Between[1].Quality != nil
	})
	p := graded(t, n, capital, when)
	before := *p.QualityOf(report)
	if _, err := n.Node(neighbour).Desk().Answer(t.Context(), desk.AnswerRequest{As: neighbour, Record: report.String(), Step: "confirm", Set: []string{"basis=observed"}}); err != nil {
		t.Fatal(err)
	}
	everywhere("a neighbour's word has moved it", func(p *desk.Picture) bool { return *p.QualityOf(report) != before })
}
