package board_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// passing is a statement on the crossing with how many pass in so many hours.
func passing(state body.RouteState, direction body.Direction, observed time.Time, count body.Count, hours body.Positive) *body.Route {
	r := routeOf(state, direction, observed)
	r.Throughput = &body.Throughput{Count: count, PerHours: hours}
	return r
}

func TestSidesOfACrossingContradictEachOther(t *testing.T) {
	const none, state, throughput = "", "state", "throughput"
	here, noon := day(3), day(3).Add(12*time.Hour)
	tests := []struct {
		name string
		a, b *body.Route
		want string
	}{
		{"the same word", routeOf("open", "", here), routeOf("open", "", here), none},
		{"another word", routeOf("open", "", here), routeOf("closed", "", here), state},
		{"what leaves one country comes into the other", routeOf("open", "out", here), routeOf("closed", "in", here), state},
		{"one for both directions", routeOf("open", "", here), routeOf("closed", "in", here), state},
		{"people who go opposite ways", routeOf("open", "in", here), routeOf("closed", "in", here), none},
		{"one after the other", routeOf("open", "", here), routeOf("closed", "", noon), none},
		{"one has expired", routeOf("open", "", here.Add(-6*time.Hour)), routeOf("closed", "", here.Add(6*time.Hour)), none},
		{"twice as many", passing("open", "", here, body.Exact(100), 1), passing("open", "", here, body.Exact(200), 1), throughput},
		{"as many in more hours", passing("open", "", here, body.Exact(100), 1), passing("open", "", here, body.Exact(600), 6), none},
		{"a tenth more", passing("open", "", here, body.Exact(900), 1), passing("open", "", here, body.Exact(1000), 1), none},
		{"more than a tenth", passing("open", "", here, body.Exact(899), 1), passing("open", "", here, body.Exact(1000), 1), throughput},
		{"ten persons", passing("open", "", here, body.Exact(0), 1), passing("open", "", here, body.Exact(10), 1), none},
		{"eleven persons", passing("open", "", here, body.Exact(0), 1), passing("open", "", here, body.Exact(11), 1), throughput},
		{"a band that may be as many", passing("open", "", here, body.Below(50), 1), passing("open", "", here, body.Exact(50), 1), none},
		{"only one counts", passing("open", "", here, body.Exact(5), 1), routeOf("open", "", here), none},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := only(t, picture(t, here.Add(7*time.Hour), newPen(t, town).write(tt.a), newPen(t, island).write(tt.b)).Routes).Contradictions
			switch {
			case tt.want == none && len(got) > 0, tt.want != none && len(got) != 1:
				t.Fatalf("contradictions are %s, want %q", show(got), tt.want)
			case tt.want != none && string(got[0].Of) != tt.want:
				t.Errorf("contradiction is %s, want %q", show(got), tt.want)
			}
		})
	}
}

func TestNobodyContradictsItself(t *testing.T) {
	p := newPen(t, town)
	r := only(t, picture(t, day(3), p.route("open", "in", day(3)), p.route("closed", "out", day(3))).Routes)
	if len(r.Sides) != 2 || r.Contradictions != nil {
		t.Errorf("route is %s, want two directions and no contradiction", show(r))
	}
}

func TestContradictionEndsWithACorrection(t *testing.T) {
	north, south := newPen(t, town), newPen(t, island)
	open, closed := north.route("open", "", day(3)), south.route("closed", "", day(3))
	if got := only(t, picture(t, day(3), open, closed).Routes).Contradictions; len(got) != 1 {
		t.Fatalf("contradictions are %s, want one", show(got))
	}
	mended := south.correct(&closed, routeOf("open", "", day(3)))
	if got := only(t, picture(t, day(3), mended, open, closed).Routes).Contradictions; got != nil {
		t.Errorf("contradictions are %s after the correction, want none", show(got))
	}
}

// TestContradictionIsOfBothSidesAlike: whoever is called first, the same pairs contradict
// each other, in the same things, and always two live statements of different authors.
func TestContradictionIsOfBothSidesAlike(t *testing.T) {
	type pair struct {
		of   board.Disagreement
		a, b body.RouteState
	}
	rapid.Check(t, func(rt *rapid.T) {
		draw := func(label string) *body.Route {
			observed := day(3).Add(time.Duration(rapid.IntRange(-13, 13).Draw(rt, label+" hour")) * time.Hour)
			count := body.Exact(rapid.Int64Range(0, 40).Draw(rt, label+" count"))
			return passing(rapid.SampledFrom([]body.RouteState{"open", "restricted", "congested", "closed"}).Draw(rt, label+" state"),
				rapid.SampledFrom([]body.Direction{"in", "out", "both"}).Draw(rt, label+" direction"),
				observed, count, body.Positive(rapid.Int64Range(1, 3).Draw(rt, label+" hours")))
		}
		first, second := draw("first"), draw("second")
		pairs := func(x, y protocol.InstitutionID) (out []pair) {
			p := picture(t, day(3), newPen(t, x).write(first), newPen(t, y).write(second))
			r := only(t, p.Routes)
			for _, c := range r.Contradictions {
				states := map[protocol.InstitutionID]body.RouteState{}
				for _, s := range r.Sides {
					if slices.Contains(c.Between[:], s.Record) && !s.Expired {
						states[s.Institution] = s.State
					}
				}
				if len(states) != 2 {
					rt.Fatalf("%s is between %s", show(c), show(r.Sides))
				}
				out = append(out, pair{c.Of, states[x], states[y]})
			}
			return out
		}
		if one, other := pairs(town, island), pairs(island, town); !slices.Equal(one, other) {
			rt.Fatalf("contradictions are %v, and %v with the sides exchanged", one, other)
		}
	})
}
