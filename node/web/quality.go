package web

import (
	"github.com/vardar-network/vardar/node/desk"
)

// QualityWord says a band.
func (f *frame) QualityWord(b desk.QualityBand) string { return f.T("quality." + string(b)) }

// QualityChoices are what figures are chosen by.
func (f *frame) QualityChoices() []string {
	var out []string
	for _, b := range desk.QualityBands()[:3] {
		out = append(out, string(b))
	}
	return append(out, desk.Unverified)
}

// QualityChoice says one of them: at least so good.
func (f *frame) QualityChoice(q string) string {
	if q == desk.Unverified || q == string(desk.QualityGood) {
		return f.T("quality." + q)
	}
	return f.T("quality.least", f.T("quality."+q))
}

// qualityPart is one part, per mille.
type qualityPart struct {
	Word  string
	Mille string
}

// QualityParts says the parts of a quality, in the order of the formula.
func (f *frame) QualityParts(q *desk.Quality) []qualityPart {
	part := func(key string, n int64) qualityPart { return qualityPart{f.T(key), f.Number(n) + " ‰"} }
	return []qualityPart{
		part("quality.p", q.Provenance), part("quality.r", q.SourceRecord), part("quality.c", q.Credibility),
		part("quality.t", q.Timeliness), part("quality.k", q.Completeness), part("quality.i", q.Confirmation),
	}
}
