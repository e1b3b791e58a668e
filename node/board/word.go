package board

import "slices"

// Of what an institution said earlier as much can contradict another as the curve beside the
// figure shows: what ended in the last fourteen days, and of that the last fourteen words, so
// that the years of a column, or a flood of words, cost a question nothing.
const (
	standingDays  = 14
	standingWords = 14
)

// word is what an institution said in a column of one period, and still stands for.
type word struct {
	Point
	row    *Figure
	latest bool
}

// words gives the latest word of a figure's column and the earlier ones that can contradict
// another still, the latest first. A period that is not reported is none, and what overlaps a
// period that its author spoke of later is none: the later takes its place.
func (a *assessor) words(f *Figure) []*word {
	said := f.column.said
	said = said[max(0, len(said)-standingWords):]
	var out []*word
	for i := range slices.Backward(said) {
		t := &said[i]
		latest := i == len(said)-1
		if !latest && a.past(t.report) || slices.ContainsFunc(said[i+1:], func(later statement) bool {
			return later.report.start < t.report.end && t.report.start < later.report.end
		}) {
			continue
		}
		if p := t.point(f.column.key.series); p.State == Reported {
			out = append(out, &word{p, f, latest})
		}
	}
	return out
}

// past reports whether nobody has to answer for a report any more.
func (a *assessor) past(r *report) bool {
	return r.end <= a.at-days(standingDays) || r.grade.validUntil != 0 && a.at >= r.grade.validUntil
}

func (w *word) voice() Voice {
	v := Voice{Institution: w.row.Institution, Place: w.row.Place, Value: w.Value, PeriodStart: w.PeriodStart, PeriodEnd: w.PeriodEnd, Record: w.Record, Correction: w.Correction}
	if w.latest {
		v.Quality = w.row.Quality
	}
	return v
}
