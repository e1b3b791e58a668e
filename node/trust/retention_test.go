package trust_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// What is let go does not come back. So whoever signs a version, thieves of enough keys too,
// shortens nothing before a node has settled on it; what it keeps longer is kept at once.
func TestVersionShortensNoDaysBeforeItIsSettledOn(t *testing.T) {
	const report, route, note = body.TypeReport, body.TypeRoute, "vardar.situation.note.v1"
	days := func(c *protocol.Charter, of map[string]int) *protocol.Charter { c.RetentionDays = of; return c }
	first := signed(days(founding(), map[string]int{report: 30, route: 30, note: 30}), secretariat, centre)
	second := signed(days(after(first), map[string]int{report: 1, route: 90, body.TypeAlert: 1}), secretariat, centre)
	third := signed(days(after(second), map[string]int{report: 2, route: 60}), secretariat, centre)
	g, err := trust.New(first)
	if err != nil {
		t.Fatal(err)
	}
	wants := func(when string, want []trust.Retention, shorter []trust.Retention) {
		t.Helper()
		if diff := cmp.Diff(want, g.Retentions()); diff != "" {
			t.Errorf("%s, what is let go (-want +got):\n%s", when, diff)
		}
		if diff := cmp.Diff(shorter, g.Shortening()); diff != "" {
			t.Errorf("%s, what waits (-want +got):\n%s", when, diff)
		}
	}
	wants("founded", []trust.Retention{{note, 30, 1}, {report, 30, 1}, {route, 30, 1}}, nil)
	add(t, g, second)
	wants("with a second version", []trust.Retention{{report, 30, 1}, {route, 90, 2}},
		[]trust.Retention{{body.TypeAlert, 1, 2}, {report, 1, 2}})
	add(t, g, third)
	wants("with a third", []trust.Retention{{report, 30, 1}, {route, 90, 2}}, []trust.Retention{{report, 2, 3}, {route, 60, 3}})
	noon := protocol.InstantOf(time.Date(2016, 3, 17, 12, 0, 0, 0, time.UTC))
	old := trust.Retention{Days: 31}.Before(noon)
	if g.RanOut(report, old+2*86_400_000, noon) || !g.RanOut(report, old, noon) {
		t.Error("RanOut does not go by the days that hold")
	}
	if why, ok := g.WhyLetGo(report, old, noon); !ok || why.Version != 1 {
		t.Errorf("let go by version %d, %v, want by the first", why.Version, ok)
	}
	for _, step := range []struct {
		on            protocol.SignedCharter
		want, shorter []trust.Retention
	}{
		{second, []trust.Retention{{report, 2, 3}, {route, 90, 2}}, []trust.Retention{{route, 60, 3}}},
		{third, []trust.Retention{{report, 2, 3}, {route, 60, 3}}, nil},
	} {
		if _, err := g.Settle(step.on.Digest()); err != nil {
			t.Fatal(err)
		}
		wants("settled", step.want, step.shorter)
	}
	if why, ok := g.WhyLetGo(note, old, noon); !ok || why.Version != 1 {
		t.Errorf("what only the first let go was let go by version %d, %v", why.Version, ok)
	}
}
