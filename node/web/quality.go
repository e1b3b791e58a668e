package web

import (
	"net/http"

	"github.com/vardar-network/vardar/node/desk"
)

// QualityWord says a band.
func (f *frame) QualityWord(b desk.QualityBand) string { return f.T("quality." + string(b)) }

// QualityChoices are what figures are chosen by.
func (f *frame) QualityChoices() []string { return desk.QualityWords() }

// QualityChoice says one of them: at least so good. At least poor is all that is scored.
func (f *frame) QualityChoice(q string) string {
	switch q {
	case desk.Unverified, string(desk.QualityGood):
		return f.T("quality." + q)
	case string(desk.QualityPoor):
		return f.T("quality.scored")
	}
	return f.T("quality.least", f.T("quality."+q))
}

// scoreless answers for a page of a list whose rows have no score, and refuses who chooses by it.
func (p *Pages) scoreless(what string, page http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := desk.Unscored(what, r.FormValue("quality")); err != nil {
			p.refuse(w, r, err)
			return
		}
		page(w, r)
	}
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
