package desk

import (
	"cmp"
	"slices"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// grade gives figures and records their quality, and marks the stances that go beyond
// competence.
func (d *Desk) grade(v *board.View, at protocol.Instant) {
	v.Grade(d.ranks(), &d.qualities, at)
}

// unverified gives the figures that nobody who may has verified.
func unverified(v *board.View) []FigureRow {
	return slices.DeleteFunc(slices.Clone(v.Figures), func(f FigureRow) bool { return f.Quality == nil || f.Quality.Verified })
}

// ContradictionRow is two statements that can't both be so.
type ContradictionRow struct {
	Of       string                    `json:"of"` // an indicator; state or throughput of a route
	Place    body.PlaceKey             `json:"place,omitzero"`
	Places   []body.PlaceKey           `json:"places,omitempty"` // by which it is found: those that the two name, and the crossing
	Name     string                    `json:"name"`             // of the place, or of the route
	Footnote bool                      `json:"footnote,omitempty"`
	Between  [2]protocol.InstitutionID `json:"between"`
	Says     [2]string                 `json:"says"`
	Records  [2]protocol.Name          `json:"records"`
	Quality  [2]*Quality               `json:"quality"`
}

// contradictionRows gives those of figures, and those of routes.
func contradictionRows(v *board.View) []ContradictionRow {
	rows := []ContradictionRow{}
	for _, c := range v.Clashes {
		r := ContradictionRow{Of: string(c.Indicator), Place: c.Place, Name: c.PlaceName, Footnote: c.Footnote}
		if c.By != "" {
			r.Of += " " + c.By
		}
		for i, b := range c.Between {
			r.Between[i], r.Says[i], r.Records[i], r.Quality[i] = b.Institution, b.Value.String(), b.Record, b.Quality
			r.stands(b.Place)
		}
		rows = append(rows, r)
	}
	for _, c := range twoVoices(v) {
		r := ContradictionRow{Of: string(c.Of), Name: c.Name, Footnote: c.Footnote}
		for _, code := range []string{c.Asset, c.Twin} {
			if k, err := body.ParsePlaceKey(code); err == nil {
				r.stands(k)
			}
		}
		for i := range c.Sides {
			s := &c.Sides[i]
			r.Between[i], r.Says[i], r.Records[i], r.Place, r.Quality[i] = s.Institution, string(s.State), s.Record, s.Place, s.Quality
			if c.Of == board.InThroughput && s.Throughput != nil {
				r.Says[i] = s.Throughput.Count.String()
			}
			r.stands(s.Place)
		}
		rows = append(rows, r)
	}
	return rows
}

// stands adds a code by which it is found: of two that speak of one ground by different codes neither
// would find, by its own, what stands under the other's alone.
func (r *ContradictionRow) stands(k body.PlaceKey) {
	if !k.IsZero() && !slices.Contains(r.Places, k) {
		r.Places = append(r.Places, k)
	}
}

// Unverified is [board.Unverified].
const Unverified = board.Unverified

// asGood reads what quality is asked for, empty: any; see [board.Quality.Is].
func asGood(word string) (func(*Quality) bool, error) {
	if word == "" {
		return func(*Quality) bool { return true }, nil
	}
	words := board.QualityWords()
	if slices.Contains(words, word) {
		return func(q *Quality) bool { return q.Is(word) }, nil
	}
	return nil, &Problem{Kind: Usage, Field: "quality", Detail: "no quality is called " + quoted(word), Mend: OneOf(word, words), Next: "vardar list figures --quality usable"}
}

// notScored says why a record that counts has no quality; of what does not count its standing does.
func notScored(v *board.View, r *RecordView, said body.Body) string {
	switch {
	case r.Quality != nil || r.Standing != board.Counts:
		return ""
	case len(body.Scored(r.Type)) == 0:
		return "this kind has no cadence and no indicators: whoever confirms, disputes or answers it says how far it holds"
	}
	switch by, scorable := v.Successor(r.Name, said); {
	case !scorable:
		return "it has no figure on a core indicator"
	case by.IsZero(): // the picture is behind the archive for a moment
		return ""
	case cmp.Or(cmp.Compare(by.Epoch, r.Name.Epoch), cmp.Compare(by.Sequence, r.Name.Sequence)) < 0:
		return "it puts right a period that is not the latest one: what stands now is " + by.String()
	default:
		return "a later record has taken its place: " + by.String()
	}
}

// qualityOf gives the quality of a row; nil of one that has none.
func qualityOf(row any) *board.Quality {
	switch r := row.(type) {
	case *FigureRow:
		return r.Quality
	case *SituationRow:
		return r.Quality
	case *NeedsRow:
		return r.Quality
	case *CapacityRow:
		return r.Quality
	case *RequestRow:
		return r.Quality
	case *PoolRow:
		return r.Quality
	case *RouteRow:
		return weakest(r.Sides)
	case *ContradictionRow:
		return ofBoth(r.Quality[0], r.Quality[1])
	case *TwoVoices:
		return ofBoth(r.Sides[0].Quality, r.Sides[1].Quality)
	case *board.Clash:
		return ofBoth(r.Between[0].Quality, r.Between[1].Quality)
	case *TerritoryRow:
		return weakestSign(r.Signs)
	case *board.ReportHead:
		return r.Quality
	case *Told:
		return r.Quality
	case *ReportRow:
		return r.Quality
	case *UnmetRow:
		return r.Quality
	case *UnfundedRow:
		return r.Quality
	case *SolidarityRow:
		return r.Quality
	case *WhoRow:
		return r.Quality
	case *MatchRow:
		return r.Quality
	case *AlignmentRow:
		if r.Progress != nil {
			return r.Progress.Quality
		}
	case *ProjectEntry:
		return r.Quality
	case *ExchangeDeal:
		return r.Quality
	case *board.RegionalFigure:
		if r.Quality != nil {
			return &Quality{Band: board.QualityBand(r.Quality.Band)} // as it was when it was added up
		}
	case *RegionalFigureRow:
		if r.Score != nil {
			return &Quality{Band: board.QualityBand(r.Band)} // as it was when it was added up
		}
	}
	return nil
}

// ofBoth gives the quality of a contradiction: that of its weaker side, and nil where one has none.
func ofBoth(one, other *board.Quality) *board.Quality {
	if one == nil || other == nil {
		return nil
	}
	return board.Weaker(one, other)
}

// weakestSign gives the quality of the weakest figure that speaks for a suggestion; nil where none does.
func weakestSign(signs []Sign) (out *board.Quality) {
	for i := range signs {
		out = board.Weaker(out, signs[i].Quality)
	}
	return out
}

// only leaves the rows of a page that are of a quality; all, if none is asked for.
func only[T any](rows []T, quality string) ([]T, error) {
	if quality == "" {
		return rows, nil
	}
	good, err := asGood(quality)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(rows), func(row T) bool { return !good(qualityOf(&row)) }), nil
}

// gradedLists are those whose rows have a quality.
func gradedLists() []string {
	return []string{ListReports, ListFigures, ListUnverified, ListContradictions, ListRoutes, ListNeeds, ListUnmet, ListCapacity, ListRequests, ListPool, ListMatches, ListTerritories, ListAlignment, ListRegional, ListUnfunded, ListSolidarity, ListWho}
}

// weakest gives the quality of the weakest word on a crossing that holds: it is no better known
// than that.
func weakest(sides []board.Side) (out *board.Quality) {
	for i := range sides {
		if !sides[i].Expired {
			out = board.Weaker(out, sides[i].Quality)
		}
	}
	return out
}

// QualityGood and QualityPoor are the ends of the bands.
const (
	QualityGood = board.QualityGood
	QualityPoor = board.QualityPoor
)

// QualityWords is [board.QualityWords].
func QualityWords() []string { return board.QualityWords() }

// QualityAsked is [board.QualityAsked].
func QualityAsked() string { return board.QualityAsked() }

// Unscored refuses a choice by quality of a list whose rows have none; no word, none asked for.
func Unscored(what, quality string) error {
	q := &Query{What: what, Quality: quality}
	return q.fitsList()
}

// scoreless says of a list whose rows have no score what they are gone by instead (node/board/DESIGN.md has why
// they have none); nothing of one that has, or where nothing takes its place.
func scoreless(what string) string {
	switch what {
	case ListPlans, ListPlanSums:
		return "a fund plan has no score: go by how far it is, and by who has signed it"
	case ListFlows, ListFunds:
		return "a flow of funds has no score: go by whether both sides say the same"
	case ListPractices:
		return "a practice has no score: go by who has adopted, confirmed or disputed it"
	case ListConsultations:
		return "a consultation has no score: go by who has answered it, and by what was decided"
	case ListProjects:
		return "a project has no score: go by who has confirmed that it takes part"
	case ListStrategies:
		return "a strategy has no score: go by the progress of its objectives, which has one, in the list alignment"
	case ListAlerts:
		return "an alert has no score: go by how grave and how certain it says it is, and by who has confirmed or disputed it"
	case ListEndorsements:
		return "a stance has no score, being a part of that of others: go by who takes it, and on what basis"
	case ListOffers, ListNotes, ListCorrections, ListKept:
		return "a word about another record has no score: go by that of what it is about"
	}
	return ""
}
