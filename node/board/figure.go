package board

import (
	"cmp"
	"math"
	"slices"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Figure is the latest word of one institution on one indicator at one place. The
// figures of different institutions stand side by side and are never added: the same
// people pass through each country in turn.
type Figure struct {
	Place       body.PlaceKey          `json:"place"`
	PlaceName   string                 `json:"place_name,omitempty"`
	Footnote    bool                   `json:"footnote,omitempty"` // show the footnote of [atlas.NeedsFootnote]
	Indicator   body.Indicator         `json:"indicator"`
	By          string                 `json:"by,omitempty"`      // which part of the total
	Variant     string                 `json:"variant,omitempty"` // method, of a second figure for the same
	State       FigureState            `json:"state"`
	Value       body.Count             `json:"value,omitzero"` // a number or a band; only if reported
	Unit        string                 `json:"unit,omitempty"`
	Reason      string                 `json:"reason,omitempty"` // why it was not reported
	Before      *Point                 `json:"before,omitempty"` // the last one reported, if this one was not
	Institution protocol.InstitutionID `json:"institution"`
	Record      protocol.Name          `json:"record"`
	Digest      protocol.Digest        `json:"digest"`
	Correction  protocol.Name          `json:"correction,omitzero"` // the record is replaced by
	PeriodStart protocol.Instant       `json:"period_start"`
	PeriodEnd   protocol.Instant       `json:"period_end"`
	AuthorTime  protocol.Instant       `json:"author_time"`       // its author's clock
	Accepted    protocol.Instant       `json:"accepted,omitzero"` // by this node; no part of the digest
	AgeHours    int64                  `json:"age_hours"`         // since the period ended, or its author signed while it was under way; never less than 0
	Source      *Origin                `json:"source,omitempty"`  // besides the institution itself
	Method      body.Method            `json:"method,omitempty"`
	Standing    Standing               `json:"standing"`
	Due         DueState               `json:"due"`               // whether its author's reports on the place are on time, silent, cut
	Line        LineState              `json:"line,omitempty"`    // of the line to its author, overdue or not; no part of the digest
	Quality     *Quality               `json:"quality,omitempty"` // of core indicators, by [View.Grade]; no part of the digest

	column  *column
	known   protocol.Instant // as of [Point]
	version protocol.Digest
	cadence int64 // hours
	fit     fit
	grade   *grade
}

// Known gives up to when it tells what was: to its period's end, or until its author signed while that was under way.
func (f *Figure) Known() protocol.Instant { return f.known }

// Column is the history of what one institution says on one indicator at one place.
// Totals are of this column alone.
type Column struct {
	Institution     protocol.InstitutionID `json:"institution"`
	Place           body.PlaceKey          `json:"place"`
	PlaceName       string                 `json:"place_name,omitempty"`
	Footnote        bool                   `json:"footnote,omitempty"`
	Indicator       body.Indicator         `json:"indicator"`
	By              string                 `json:"by,omitempty"`
	Variant         string                 `json:"variant,omitempty"`
	Unit            string                 `json:"unit,omitempty"`    // of the latest figure; others are not in the total
	Total           int64                  `json:"total"`             // of values reported, bands at their lowest
	TotalHigh       int64                  `json:"total_high"`        // bands at their highest
	ReportedDays    int                    `json:"reported_days"`     // periods with a value, a 0 included
	NotReportedDays int                    `json:"not_reported_days"` // periods its author said to have none for
	Holes           int                    `json:"holes"`             // stretches between periods nobody spoke of
	Overlaps        int                    `json:"overlaps"`          // periods that begin inside another: the total counts both
	First           protocol.Instant       `json:"first"`             // start of the first period
	Last            protocol.Instant       `json:"last"`              // end of the last
	Changes         int                    `json:"changes"`           // how often the change rule fired
}

// figure gives the point stated last.
func (c *column) figure(at protocol.Instant) Figure {
	p := c.point(len(c.said) - 1)
	f := Figure{
		Place: c.key.place, PlaceName: c.placeName, Indicator: c.key.series.Indicator, By: c.key.series.By,
		Variant: c.key.series.Variant, State: p.State, Value: p.Value, Unit: p.Unit, Reason: p.Reason,
		Institution: c.key.institution, Record: p.Record, Digest: p.Digest, Correction: p.Correction,
		PeriodStart: p.PeriodStart, PeriodEnd: p.PeriodEnd, AuthorTime: p.authored,
		AgeHours: AgeHours(p.known, at), Source: p.origin, Method: p.Method, Standing: Counts,
		column: c, known: p.known, version: p.version, fit: c.fit, grade: c.said[len(c.said)-1].report.grade,
	}
	for i := len(c.said) - 2; p.State == NotReported && i >= 0; i-- {
		if q := c.point(i); q.State == Reported {
			f.Before = &q
			break
		}
	}
	return f
}

// always is before all periods.
const always protocol.Instant = math.MinInt64

// Series gives an institution's points on an indicator at a place, in the order of their
// periods. A period nobody spoke of has no point: it is a gap, and no 0.
func (v *View) Series(place body.PlaceKey, indicator body.Indicator, institution protocol.InstitutionID) []Point {
	return v.SeriesSince(place, indicator, institution, always)
}

// SeriesSince gives those of them whose periods ended behind an instant: a column of years is
// not gone through for its last days.
func (v *View) SeriesSince(place body.PlaceKey, indicator body.Indicator, institution protocol.InstitutionID, since protocol.Instant) []Point {
	want := columnKey{institution, place, series{Indicator: indicator}}
	i, ok := slices.BinarySearchFunc(v.columns, want, func(c *column, k columnKey) int { return compareColumns(c.key, k) })
	if !ok {
		return nil
	}
	return byPeriod(v.columns[i].points(since))
}

// byPeriod puts points in the order of their periods.
func byPeriod(points []Point) []Point {
	slices.SortStableFunc(points, func(a, b Point) int {
		return cmp.Or(cmp.Compare(a.PeriodStart, b.PeriodStart), cmp.Compare(a.PeriodEnd, b.PeriodEnd))
	})
	return points
}

// tell sums a column up; it sorts the points.
func (c *column) tell(points []Point) Column {
	out := Column{
		Institution: c.key.institution, Place: c.key.place, PlaceName: c.placeName, Indicator: c.key.series.Indicator,
		By: c.key.series.By, Variant: c.key.series.Variant, Changes: len(c.changes),
	}
	for _, p := range slices.Backward(points) {
		if p.Unit != "" {
			out.Unit = p.Unit
			break
		}
	}
	var end protocol.Instant
	for i, p := range byPeriod(points) {
		switch {
		case i == 0:
			out.First = p.PeriodStart
		case p.PeriodStart > end:
			out.Holes++
		case p.PeriodStart < end:
			out.Overlaps++
		}
		end = max(end, p.PeriodEnd)
		if p.State == NotReported {
			out.NotReportedDays++
			continue
		}
		out.ReportedDays++
		if low, high := p.Value.Range(); p.Unit == out.Unit {
			out.Total, out.TotalHigh = out.Total+low, out.TotalHigh+high
		}
	}
	out.Last = end
	return out
}
