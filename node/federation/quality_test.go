package federation_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

// TestQualityIsTheSameOnEveryNode: what a figure is worth is reckoned by each node from the records
// that it holds, and comes to the same score, parts and word; and a neighbour's word moves it on all.
func TestQualityIsTheSameOnEveryNode(t *testing.T) {
	t.Parallel()
	n := start(t, three())
	publish := func(as protocol.InstitutionID, r desk.Request) protocol.Name {
		t.Helper()
		done, err := n.Node(as).Desk().Publish(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		return done.Record
	}
	report := publish(town, desk.Request{Kind: "report", Set: []string{"place=MK-405", "period=" + time.Now().UTC().AddDate(0, 0, -1).Format(time.DateOnly), "figures.arrivals=960", "figures.present=300", "method=registered"}})
	everywhere := func(name protocol.Name) (said string) {
		t.Helper()
		for _, id := range []protocol.InstitutionID{capital, town, neighbour} {
			arrives(t, n, id, name)
			at := n.Node(id)
			await(t, at, "the report is graded", func() bool {
				shown, err := at.Desk().Show(t.Context(), report.String())
				return err == nil && shown.Record != nil && shown.Record.Quality != nil && (name == report || len(shown.Record.Stances) > 0)
			})
			shown, err := at.Desk().Show(t.Context(), report.String())
			if err != nil {
				t.Fatal(err)
			}
			text, err := json.Marshal(shown.Record.Quality)
			if err != nil {
				t.Fatal(err)
			}
			if said == "" {
				said = string(text)
			} else if string(text) != said {
				t.Errorf("at %s it is %s, elsewhere %s", id, text, said)
			}
		}
		return said
	}
	before := everywhere(report)
	done, err := n.Node(neighbour).Desk().Answer(t.Context(), desk.AnswerRequest{As: neighbour, Record: report.String(), Step: "confirm", Set: []string{"basis=observed"}})
	if err != nil {
		t.Fatal(err)
	}
	if after := everywhere(done.Record); after == before {
		t.Errorf("a neighbour's word moved nothing: %s", after)
	}
}
