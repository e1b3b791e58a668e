package board

import (
	"slices"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Clash is two institutions that give the same figure of one place, by whichever of its codes, for
// periods that overlap, and lie further apart than both limits allow (domain.md §5). It is put before
// both until one corrects itself or says something else of the time, or a third verifies; a word
// that its author has reported on since, for a fortnight at most (see [assessor.words]).
type Clash struct {
	Place     body.PlaceKey  `json:"place"` // as one of the two names it; the other may by another code
	PlaceName string         `json:"place_name,omitempty"`
	Footnote  bool           `json:"footnote,omitempty"`
	Indicator body.Indicator `json:"indicator"`
	By        string         `json:"by,omitempty"`
	Unit      string         `json:"unit,omitempty"`
	Between   [2]Voice       `json:"between"`

	latest bool // between the latest words of both
}

// Voice is one side of it.
type Voice struct {
	Institution protocol.InstitutionID `json:"institution"`
	Place       body.PlaceKey          `json:"place"` // as it names it itself
	Value       body.Count             `json:"value"`
	PeriodStart protocol.Instant       `json:"period_start"`
	PeriodEnd   protocol.Instant       `json:"period_end"`
	Record      protocol.Name          `json:"record"`
	Correction  protocol.Name          `json:"correction,omitzero"` // the record is replaced by
	Quality     *Quality               `json:"quality,omitempty"`   // of its author's latest word
}

// contradict finds the figures that contradict each other, ends what a third has verified,
// and notes who stands against whom.
func (a *assessor) contradict() {
	a.v.Clashes = nil
	beside := map[columnKey][]*Figure{} // of one ground, indicator and part, whoever says them
	for i := range a.v.Figures {
		if f := &a.v.Figures[i]; f.Indicator.Core() {
			beside[a.stands(f)] = append(beside[a.stands(f)], f)
		}
	}
	for i := range a.v.Figures {
		if f := &a.v.Figures[i]; f.Indicator.Core() {
			a.contradicting(beside[a.stands(f)])
			delete(beside, a.stands(f))
		}
	}
	a.v.Routes = slices.Clone(a.v.Routes)
	for i := range a.v.Routes {
		r := &a.v.Routes[i]
		r.Contradictions = slices.DeleteFunc(slices.Clone(r.Contradictions), func(c Contradiction) bool {
			x, y := r.side(c.Between[0]), r.side(c.Between[1])
			if a.settled(body.FieldName(c.Of), x.stated(c.Of), y.stated(c.Of)) {
				return true
			}
			a.rival(x.version, "", x.Institution, y.version, y.Institution)
			return false
		})
	}
}

// contradicting finds the contradictions between figures that stand beside each other.
func (a *assessor) contradicting(figures []*Figure) {
	if len(figures) < 2 { //nolint:mnd // one alone contradicts nothing
		return
	}
	words := make([][]*word, len(figures))
	for i, f := range figures {
		words[i] = a.words(f)
	}
	for i, x := range figures {
		for j := i + 1; j < len(figures); j++ {
			if figures[j].Institution != x.Institution {
				a.against(words[i], words[j])
			}
		}
	}
}

// against puts what one institution said against what another did, the latest first, each word
// against one at most: who speaks of a week is not contradicted on each of its days.
func (a *assessor) against(one, other []*word) {
	taken := map[*word]bool{}
	for _, x := range one {
		field := fieldOf(x.row)
		for _, y := range other {
			if taken[y] || !a.clash(x, y) || a.settled(field, stated{x.version, x.row.Institution, x.Value}, stated{y.version, y.row.Institution, y.Value}) {
				continue
			}
			taken[y] = true
			a.rival(x.version, field, x.row.Institution, y.version, y.row.Institution)
			a.clashing = append(a.clashing, [2]*word{x, y})
			a.v.Clashes = append(a.v.Clashes, Clash{x.row.Place, x.row.PlaceName, x.row.Footnote, x.row.Indicator, x.row.By, x.Unit, [2]Voice{}, x.latest && y.latest})
			break
		}
	}
}

// voices says who contradicts whom, with the quality of each: it is lower for the other's word.
func (a *assessor) voices() {
	for i, of := range a.clashing {
		a.v.Clashes[i].Between = [2]Voice{of[0].voice(), of[1].voice()}
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
func (a *assessor) stands(f *Figure) columnKey {
	return columnKey{place: a.ranks.Ground(f.column.ground), series: series{f.Indicator, f.By, f.Variant}}
}

// clash reports whether two words on periods that overlap lie further apart than they may.
func (a *assessor) clash(x, y *word) bool {
	return x.Unit == y.Unit && x.PeriodStart < y.PeriodEnd && y.PeriodStart < x.PeriodEnd && apart(x.Value, y.Value, a.p.Percent, a.p.Floor)
}

// stated is one of two statements that stand against each other; without a value it is of none.
type stated struct {
	version protocol.Digest
	by      protocol.InstitutionID
	value   body.Count
}

func (s *Side) stated(of Disagreement) stated {
	if of == InThroughput && s.Throughput != nil {
		return stated{s.version, s.Institution, s.Throughput.Count}
	}
	return stated{version: s.version, by: s.Institution}
}

// settled reports whether a third has verified one of two statements, or one of the two that of the other, as it is: nobody
// says otherwise any more. Who verifies the other's with its own value judges in its own cause, and settles nothing.
func (a *assessor) settled(field body.FieldName, x, y stated) bool {
	for _, s := range []stated{x, y} {
		if slices.ContainsFunc(a.on(s.version, field), func(e *Endorsement) bool {
			side := e.Institution == x.by || e.Institution == y.by
			return e.Stance == body.Verify && e.Institution != s.by && (!side || e.Bears(s.value, a.p.Percent))
		}) {
			return true
		}
	}
	return false
}
