package board

import (
	"slices"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// grade is what the quality of a record is made of as far as its body alone tells.
type grade struct {
	kind       string
	method     body.Method
	origin     *Origin
	phase      body.PhaseName
	validUntil protocol.Instant
	given      uint32 // a bit for each of body.Scored
	inner      int    // contradictions in itself
	sums       []body.Indicator
}

func newGrade(b body.Body) *grade {
	c := b.Base()
	g := &grade{
		kind: intern(b.Type()), method: c.Method, origin: originOf(c.Source), phase: body.PhaseName(intern(string(c.Phase))),
		validUntil: c.ValidUntil.Instant(), inner: body.InnerContradictions(b),
	}
	for i, given := range body.Given(b) {
		if given {
			g.given |= 1 << i
		}
	}
	if b, ok := b.(*body.SituationReport); ok {
		for _, f := range b.Figures {
			if parted, agree := b.PartsOf(f.Indicator); parted && agree && !slices.Contains(g.sums, f.Indicator) {
				g.sums = append(g.sums, body.Indicator(intern(string(f.Indicator))))
			}
		}
	}
	return g
}

// provenance is P, of one method.
func (g *grade) provenance(method body.Method, p *body.QualityProfile) int64 {
	relayed := g.origin != nil && g.origin.Type != body.OwnSource
	switch {
	case method == "" && !relayed:
		method = body.Estimated
	case method == "" || method == body.Relayed:
		o := g.origin
		switch {
		case o == nil || o.AsOf == "" || o.Name == "" && o.URL == "":
			return p.Provenance["unsourced"]
		case o.Type == body.PublicSource && o.URL != "":
			return p.Provenance["official"]
		}
		return p.Provenance["sourced"]
	}
	return p.Provenance[string(method)]
}

// completeness is K.
func (g *grade) completeness(p *body.QualityProfile) int64 {
	var have, all int64
	for i, name := range body.Scored(g.kind) {
		w := p.Kinds[g.kind][name]
		if all += w; g.given&(1<<i) != 0 {
			have += w
		}
	}
	if all == 0 {
		return 0
	}
	k := halfUp(have, perMille, all)
	for range g.inner {
		k = halfUp(k, p.Inner, perMille)
	}
	return k
}

// timeliness is T, of a record that is so many hours old.
func (g *grade) timeliness(age, cadence int64, at protocol.Instant, p *body.QualityProfile) int64 {
	switch {
	case g.validUntil != 0 && at >= g.validUntil:
		return 0
	case age <= cadence || cadence <= 0:
		return perMille
	}
	return halved(4*(age-cadence), cadence, p)
}

// halved gives 2^(−x) per mille, x being a quotient of quarter steps: from the table, and
// linear between its steps.
func halved(quarters, of int64, p *body.QualityProfile) int64 {
	i, rest := quarters/of, quarters%of
	if i >= int64(len(p.Halves))-1 {
		return 0
	}
	return halfUp(p.Halves[i]*(of-rest)+p.Halves[i+1]*rest, 1, of)
}

// fit says how a value lies among those before it.
type fit uint8

const (
	fitUnknown fit = iota // no history, or not enough of it
	fitWithin
	fitOutside
)

// fitOf holds the last of some points against the values before it.
func fitOf(points []Point, history int, mad int64) fit {
	if len(points) == 0 || points[len(points)-1].State != Reported {
		return fitUnknown
	}
	var before []int64
	for _, p := range points[:len(points)-1] {
		if p.State == Reported {
			_, v := p.Value.Range()
			before = append(before, v)
		}
	}
	if len(before) < history {
		return fitUnknown
	}
	_, v := points[len(points)-1].Value.Range()
	last := before[len(before)-history:]
	median2 := doubledMedian(last)
	for i, x := range last {
		last[i] = magnitude(2*x - median2)
	}
	if 2*magnitude(2*v-median2) > mad*doubledMedian(last) {
		return fitOutside
	}
	return fitWithin
}
