package body_test

import (
	"math"
	"slices"
	"testing"

	"github.com/vardar-network/vardar/protocol/body"
)

func TestQualityProfileIsWhole(t *testing.T) {
	p, err := body.Qualities()
	if err != nil {
		t.Fatal(err)
	}
	w := p.Weights
	if sum := w.SourceRecord + w.Credibility + w.Timeliness + w.Completeness + w.Confirmation; sum != 1000 {
		t.Errorf("weights sum to %d per mille", sum)
	}
	for i, got := range p.Halves {
		if want := int64(math.Floor(1000*math.Pow(2, -float64(i)/4) + 0.5)); got != want {
			t.Errorf("2^(−%d/4) = %d per mille, want %d", i, got, want)
		}
	}
	for kind, weights := range p.Kinds {
		if names := body.Scored(kind); len(names) != len(weights) || slices.ContainsFunc(names, func(n string) bool { return weights[n] == 0 }) {
			t.Errorf("%s: weights of %v, want of %v", kind, weights, names)
		}
	}
	for _, m := range body.Method("").Words() {
		if m != string(body.Relayed) && p.Provenance[m] == 0 {
			t.Errorf("no provenance of %s", m)
		}
	}
}

func TestInnerContradictionsAreCounted(t *testing.T) {
	figure := func(i body.Indicator, n int64, sex body.Sex) body.Figure {
		f := body.Figure{Indicator: i, Value: body.Exact(n)}
		if sex != "" {
			f.By = &body.Breakdown{Sex: sex}
		}
		return f
	}
	few := body.Figure{Indicator: body.Children, Value: body.Below(5)}
	q := func(n body.Quantity) *body.Quantity { return &n }
	tests := []struct {
		name string
		b    body.Body
		want int
	}{
		{"more children than persons", &body.SituationReport{Figures: []body.Figure{figure(body.Children, 41, ""), figure(body.Present, 40, "")}}, 1},
		{"as many children as persons", &body.SituationReport{Figures: []body.Figure{figure(body.Children, 40, ""), figure(body.Present, 40, "")}}, 0},
		{"a band that may be fewer", &body.SituationReport{Figures: []body.Figure{few, figure(body.Present, 0, "")}}, 0},
		{"more sheltered than places", &body.SituationReport{Figures: []body.Figure{figure(body.Sheltered, 501, ""), figure(body.CapacityTotal, 500, "")}}, 1},
		{"sexes that make no total", &body.SituationReport{Figures: []body.Figure{figure(body.Arrivals, 100, ""), figure(body.Arrivals, 40, "f"), figure(body.Arrivals, 50, "m")}}, 1},
		{"sexes that make the total", &body.SituationReport{Figures: []body.Figure{figure(body.Arrivals, 100, ""), figure(body.Arrivals, 40, "f"), figure(body.Arrivals, 60, "m")}}, 0},
		{"one sex alone", &body.SituationReport{Figures: []body.Figure{figure(body.Arrivals, 100, ""), figure(body.Arrivals, 40, "f")}}, 0},
		{"more in need than affected", &body.Needs{Population: &body.Population{Affected: body.Exact(9), InNeed: body.Exact(10)}}, 1},
		{"a stock that does not add up", &body.Capacity{Items: []body.CapacityItem{{Total: q(10), Committed: q(3), Available: q(8)}}}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := body.InnerContradictions(tt.b); got != tt.want {
				t.Errorf("%d contradictions, want %d", got, tt.want)
			}
		})
	}
}
