package board

import (
	"slices"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Clash is two institutions that give the same figure of one place, by whichever of its codes, for
// periods that overlap, and lie further apart than both limits allow (domain.md §5). It is put before
// both until one corrects itself or says something else, or a third verifies.
type Clash struct {
	Place     body.PlaceKey  `json:"place"` // as one of the two names it
	PlaceName string         `json:"place_name,omitempty"`
	Footnote  bool           `json:"footnote,omitempty"`
	Indicator body.Indicator `json:"indicator"`
	By        string         `json:"by,omitempty"`
	Unit      string         `json:"unit,omitempty"`
	Between   [2]Voice       `json:"between"`
}

// Voice is one side of it.
type Voice struct {
	Institution protocol.InstitutionID `json:"institution"`
	Value       body.Count             `json:"value"`
	PeriodStart protocol.Instant       `json:"period_start"`
	PeriodEnd   protocol.Instant       `json:"period_end"`
	Record      protocol.Name          `json:"record"`
	Quality     *Quality               `json:"quality,omitempty"`
}

// contradict finds the figures that contradict each other, ends what a third has verified,
// and notes who stands against whom.
func (a *assessor) contradict() {
	a.v.Clashes = nil
	figures := a.v.Figures
	beside := map[columnKey][]int{} // the figures of one ground, indicator and part, whoever says them
	for i := range figures {
		if f := &figures[i]; f.State == Reported && f.Indicator.Core() {
			beside[f.stands()] = append(beside[f.stands()], i)
		}
	}
	for i := range figures {
		x := &figures[i]
		for _, j := range beside[x.stands()] {
			y := &figures[j]
			if j <= i || !a.clash(x, y) || a.settled(x.version, y.version, fieldOf(x), x.Institution, y.Institution) {
				continue
			}
			a.rival(x.version, fieldOf(x), x.Institution, y.version, y.Institution)
			a.clashing = append(a.clashing, [2]int{i, j})
			a.v.Clashes = append(a.v.Clashes, Clash{x.Place, x.PlaceName, x.Footnote, x.Indicator, x.By, x.Unit, [2]Voice{}})
		}
	}
	a.v.Routes = slices.Clone(a.v.Routes)
	for i := range a.v.Routes {
		r := &a.v.Routes[i]
		r.Contradictions = slices.DeleteFunc(slices.Clone(r.Contradictions), func(c Contradiction) bool {
			x, y := r.side(c.Between[0]), r.side(c.Between[1])
			if a.settled(x.version, y.version, body.FieldName(c.Of), x.Institution, y.Institution) {
				return true
			}
			a.rival(x.version, "", x.Institution, y.version, y.Institution)
			return false
		})
	}
}

// voices says who contradicts whom, with the quality of each: it is lower for the other's word.
func (a *assessor) voices() {
	for i, of := range a.clashing {
		a.v.Clashes[i].Between = [2]Voice{voiceOf(&a.v.Figures[of[0]]), voiceOf(&a.v.Figures[of[1]])}
	}
}

func (r *Route) side(n protocol.Name) *Side {
	return &r.Sides[slices.IndexFunc(r.Sides, func(s Side) bool { return s.Record == n })]
}

// rival notes that two statements stand against each other.
func (a *assessor) rival(x protocol.Digest, field body.FieldName, by protocol.InstitutionID, y protocol.Digest, and protocol.InstitutionID) {
	a.rivals[claimKey{x, field}] = append(a.rivals[claimKey{x, field}], and)
	a.rivals[claimKey{y, field}] = append(a.rivals[claimKey{y, field}], by)
}

// stands says beside which others a figure stands: those of its ground, indicator and part, whoever
// says them.
func (f *Figure) stands() columnKey {
	return columnKey{place: f.ground, series: series{f.Indicator, f.By, f.Variant}}
}

// clash reports whether two figures that stand beside each other lie further apart than they may.
func (a *assessor) clash(x, y *Figure) bool {
	return x.State == Reported && x.Unit == y.Unit && x.Institution != y.Institution && x.PeriodStart < y.PeriodEnd && y.PeriodStart < x.PeriodEnd && apart(x.Value, y.Value, a.p.Percent, a.p.Floor)
}

// settled reports whether a third has verified one of two statements.
func (a *assessor) settled(x, y protocol.Digest, field body.FieldName, of ...protocol.InstitutionID) bool {
	for _, version := range []protocol.Digest{x, y} {
		if slices.ContainsFunc(a.on(version, field), func(e *Endorsement) bool {
			return e.Stance == body.Verify && !slices.Contains(of, e.Institution)
		}) {
			return true
		}
	}
	return false
}

func voiceOf(f *Figure) Voice {
	return Voice{f.Institution, f.Value, f.PeriodStart, f.PeriodEnd, f.Record, f.Quality}
}
