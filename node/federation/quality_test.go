package federation_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/federation"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
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

// sameQualities waits until each node knows something at an instant, and wants the qualities and the
// contradictions to be the same on all, each part and word of them.
func sameQualities(t *testing.T, n *federation.Network, nodes []protocol.InstitutionID, when protocol.Instant, known func(*desk.Picture) bool) {
	t.Helper()
	var first string
	for _, id := range nodes {
		await(t, n.Node(id), "the qualities are known", func() bool { p := graded(t, n, id, when); return known(&p) })
		p := graded(t, n, id, when)
		text, err := json.Marshal([]any{p.Qualities(), p.Clashes})
		if err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = string(text)
		} else if string(text) != first {
			t.Errorf("at %s it is %s, elsewhere %s", id, text, first)
		}
	}
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
	nodes := []protocol.InstitutionID{capital, town, neighbour}
	sameQualities(t, n, nodes, when, func(p *desk.Picture) bool {
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
	sameQualities(t, n, nodes, when, func(p *desk.Picture) bool { return *p.QualityOf(report) != before })
}

// TestRegionalBodysWordMovesAFigureOnEveryNode: what it confirms is worth more, and what it disputes
// less, to the same score, parts and word on each node; that it is verified it cannot make so, and the
// record stands as its author wrote it.
func TestRegionalBodysWordMovesAFigureOnEveryNode(t *testing.T) {
	t.Parallel()
	r := &region{t: t, n: start(t, pooled())}
	agree(t, r.n)
	when := protocol.InstantOf(time.Now().Add(time.Hour))
	yesterday := "period=" + time.Now().UTC().AddDate(0, 0, -1).Format(time.DateOnly)
	r.report = r.publish(town, "report", "place=iso3166-2:MK-405", yesterday, "figures.arrivals=960", "figures.present=300", "method=registered")
	nodes := []protocol.InstitutionID{hub, town, capital, ministry, neighbour}
	// worth is what the report is worth, once each node knows so many words on it, and how many dispute it.
	worth := func(words, disputes int) desk.Quality {
		t.Helper()
		sameQualities(t, r.n, nodes, when, func(p *desk.Picture) bool {
			q := p.QualityOf(r.report.Record)
			return q != nil && q.Disputes == disputes && len(p.Endorsements) == words
		})
		p := graded(t, r.n, neighbour, when)
		for _, id := range nodes {
			at := r.n.Node(id)
			if got := r.stands(at, r.report.Record); got != "counts: " {
				t.Errorf("on %s the report is shown as %q", id, got)
			}
			if p := at.Picture(when.Time()); !slices.ContainsFunc(p.Figures, func(f board.Figure) bool {
				return f.Record == r.report.Record && f.Indicator == body.Arrivals && f.Value == body.Exact(960)
			}) {
				t.Errorf("on %s the figure is not what the town said: %+v", id, p.Figures)
			}
		}
		return *p.QualityOf(r.report.Record)
	}
	alone := worth(0, 0)
	r.answer(hub, r.report.Record, "confirm", "basis=registered")
	confirmed := worth(1, 0)
	if confirmed.Score <= alone.Score || confirmed.Band == alone.Band || confirmed.Confirmation <= alone.Confirmation || confirmed.Credibility <= alone.Credibility || confirmed.Verified {
		t.Errorf("confirmed by the regional body it is worth %+v, before %+v", confirmed, alone)
	}
	r.answer(ministry, r.report.Record, "confirm", "basis=observed")
	twice := worth(2, 0)
	if twice.Confirmation <= confirmed.Confirmation {
		t.Errorf("confirmed by two it is worth %+v, by one %+v", twice, confirmed)
	}
	r.answer(hub, r.report.Record, "dispute", "basis=registered", "field=arrivals", "value=700", "reason=counted twice")
	disputed := worth(3, 1)
	if disputed.Score >= confirmed.Score || disputed.Band == confirmed.Band || disputed.Disputes != 1 || disputed.Confirmation >= confirmed.Confirmation || disputed.Credibility >= confirmed.Credibility {
		t.Errorf("disputed by the regional body it is worth %+v, before %+v", disputed, confirmed)
	}
}
