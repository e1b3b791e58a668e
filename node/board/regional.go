package board

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// RegionalReport is what a regional body has added up of its members' reports, as this node
// adds it up again. Nothing of it is a figure of the board: it is in no column, no sum and no
// grade, and not due of anybody.
type RegionalReport struct {
	Record       protocol.Name          `json:"record"`
	Digest       protocol.Digest        `json:"digest"`
	Institution  protocol.InstitutionID `json:"institution"`
	AuthorTime   protocol.Instant       `json:"author_time"`
	PeriodStart  protocol.Instant       `json:"period_start"`
	PeriodEnd    protocol.Instant       `json:"period_end"`
	NextReportAt protocol.Instant       `json:"next_report_at,omitzero"`
	Territory    []body.Territory       `json:"territory,omitempty"` // empty: all members
	Severity     body.Severity          `json:"severity,omitempty"`
	Lang         body.Language          `json:"lang,omitempty"`
	Summary      string                 `json:"summary"`
	Outlook      string                 `json:"outlook,omitempty"`
	Actions      string                 `json:"actions,omitempty"`
	TopNeeds     []body.Sector          `json:"top_needs,omitempty"`
	Coverage     body.RegionalCoverage  `json:"coverage"`
	LeftOut      []body.Indicator       `json:"left_out,omitempty"`
	Check        RegionalCheck          `json:"check"` // of all figures the worst
	Figures      int                    `json:"figures"`
	Sources      int                    `json:"sources"`
	Changed      int                    `json:"changed"` // sources put right or taken back since
	Absent       int                    `json:"absent"`  // sources that are not here, or can't be read here
	Broken       int                    `json:"broken"`  // sources whose digest is another record's
	Indicators   []RegionalIndicatorRow `json:"indicators,omitempty"`
	Used         []RegionalSource       `json:"used,omitempty"`      // the sources, each once, by name
	Correction   protocol.Name          `json:"correction,omitzero"` // that put it right last
	Ignored      string                 `json:"ignored,omitempty"`   // why it is beyond competence: by [View.Rank], no part of the digest
}

// RegionalCheck says whether a figure is what its sources come to.
type RegionalCheck string

// The answers, the best first.
const (
	AddsUp       RegionalCheck = "adds up"
	SourceAbsent RegionalCheck = "source not held here"
	AddsUpNot    RegionalCheck = "does not add up"
)

// worse gives the worse of two.
func (c RegionalCheck) worse(d RegionalCheck) RegionalCheck {
	order := []RegionalCheck{AddsUp, SourceAbsent, AddsUpNot}
	if slices.Index(order, d) > slices.Index(order, c) {
		return d
	}
	return c
}

// RegionalIndicatorRow is one indicator of a report.
type RegionalIndicatorRow struct {
	Indicator      body.Indicator               `json:"indicator"`
	Unit           body.Label                   `json:"unit"`
	Total          *body.RegionalTotal          `json:"total,omitempty"`
	Check          RegionalCheck                `json:"check"` // of the total
	Rows           []RegionalFigure             `json:"rows"`
	Contradictions []body.RegionalContradiction `json:"contradictions,omitempty"`
}

// RegionalFigure is a row of it, with what its sources come to here.
type RegionalFigure struct {
	body.RegionalRow
	Check   RegionalCheck    `json:"check"`
	Comes   *body.Quantity   `json:"comes,omitempty"`      // what they come to, where that is something else
	ComesTo *body.Quantity   `json:"comes_high,omitempty"` // its higher end
	Made    []RegionalSource `json:"made"`
}

// RegionalSource is a record that a figure was made of.
type RegionalSource struct {
	Record protocol.Name   `json:"record"`
	Digest protocol.Digest `json:"digest"`
	State  SourceState     `json:"state"`
	By     protocol.Name   `json:"by,omitzero"` // what put it right, or took it back
}

// SourceState says how a source stands.
type SourceState string

// The states.
const (
	SourceHeld      SourceState = "held"      // it says what it said
	SourceCorrected SourceState = "corrected" // its author has put it right since
	SourceWithdrawn SourceState = "withdrawn" // it counts no more: taken back, erased, disowned
	SourceWaiting   SourceState = "waiting"   // it is not here
	SourceUnread    SourceState = "unread"    // it is here, and what it says is not
	SourceBroken    SourceState = "broken"    // name and digest are of different records
)

// regional is the essence of a regional report.
type regional struct{ said *body.SituationReport }

// isRegional reports whether a record is one, or was before it was taken back.
func isRegional(e *entry) bool {
	_, ok := e.now.(*regional)
	return ok
}

// foldRegional keeps a report: its sources are joined at the question, since they come and go.
func foldRegional(_ protocol.Digest, of []*entry) *entry { return of[0] }

// regionalRows gives the reports that count, by name.
func (b *Board) regionalRows(w *world) []RegionalReport {
	var out []RegionalReport
	for _, e := range w.regional.rows(compareDigests) {
		out = append(out, b.regionalRow(w, e))
	}
	slices.SortFunc(out, func(x, y RegionalReport) int {
		return cmp.Or(compareNames(x.Record, y.Record), compareDigests(x.Digest, y.Digest))
	})
	return out
}

func (b *Board) regionalRow(w *world, e *entry) RegionalReport {
	row := b.addUpAgain(w, e.now.(*regional).said)
	row.Record, row.Digest, row.Institution, row.AuthorTime = e.name, e.digest, e.name.Institution, e.time
	if e.by != nil {
		row.Correction = e.by.name
	}
	return row
}

// AddUpAgain adds up what a report says of a world, as each node will that holds its sources.
func (b *Board) AddUpAgain(w World, s *body.SituationReport) RegionalReport {
	b.fold.Lock()
	defer b.fold.Unlock()
	b.settleLocked()
	return b.addUpAgain(b.worldAt(w), s)
}

func (b *Board) addUpAgain(w *world, s *body.SituationReport) RegionalReport {
	r := s.Regional
	row := RegionalReport{
		PeriodStart: s.Period.Start.Instant(), PeriodEnd: s.Period.End.Instant(), Territory: r.Territory, Severity: s.Severity, Lang: s.Lang,
		Summary: string(s.Summary), Outlook: string(s.Outlook), Actions: string(s.Actions), TopNeeds: s.TopNeeds, Coverage: r.Coverage, LeftOut: r.LeftOut, Check: AddsUp,
	}
	if s.NextReportAt != 0 {
		row.NextReportAt = s.NextReportAt.Instant()
	}
	found := map[protocol.Name]*foundSource{}
	for _, ref := range s.Refs {
		if ref.Rel == body.RelAggregates && found[ref.Record] == nil {
			f := b.source(ref, w)
			found[ref.Record] = &f
			row.Used = append(row.Used, f.RegionalSource)
		}
	}
	slices.SortFunc(row.Used, func(x, y RegionalSource) int { return compareNames(x.Record, y.Record) })
	row.tally()
	for i := range r.Indicators {
		of := checkIndicator(&r.Indicators[i], span{row.PeriodStart, row.PeriodEnd}, found)
		row.Figures, row.Check = row.Figures+len(of.Rows), row.Check.worse(of.Check)
		for j := range of.Rows {
			row.Check = row.Check.worse(of.Rows[j].Check)
		}
		row.Indicators = append(row.Indicators, of)
	}
	return row
}

// Wrong names the first figure that does not add up, as a field of the body.
func (r *RegionalReport) Wrong() string {
	for i := range r.Indicators {
		of := &r.Indicators[i]
		for j := range of.Rows {
			if of.Rows[j].Check == AddsUpNot {
				return fmt.Sprintf("regional.indicators.%d.rows.%d", i, j)
			}
		}
		if of.Check == AddsUpNot {
			return fmt.Sprintf("regional.indicators.%d.total", i)
		}
	}
	return "regional"
}

// tally counts the sources by how they stand.
func (r *RegionalReport) tally() {
	r.Sources = len(r.Used)
	for _, s := range r.Used {
		switch s.State {
		case SourceCorrected, SourceWithdrawn:
			r.Changed++
		case SourceWaiting, SourceUnread:
			r.Absent++
		case SourceBroken:
			r.Broken++
		case SourceHeld:
		}
	}
}

// foundSource is a source with what the version named says; nil: not to be read here.
type foundSource struct {
	RegionalSource
	report *report
}

// source looks a source up in the version whose digest is named, whatever became of it since.
func (b *Board) source(ref body.Ref, w *world) foundSource {
	out := foundSource{RegionalSource: RegionalSource{Record: ref.Record, Digest: ref.Digest, State: SourceHeld}}
	switch b.reference(ref.Record, ref.Digest) {
	case RefWaiting:
		out.State = SourceWaiting
		return out
	case RefBroken:
		out.State = SourceBroken
		return out
	case RefHeld:
	}
	e := b.entries[ref.Digest]
	if b.world(e) != w {
		out.State = SourceBroken // an exercise says nothing of what is real, nor the other way
		return out
	}
	of, says := e, e.what
	if c, ok := e.what.(*correction); ok {
		if of = b.entries[c.target.Digest]; of != nil {
			says, _ = c.replacement(of)
		}
	}
	out.report, _ = says.(*report)
	switch {
	case of == nil || out.report == nil && of.standing != Retracted:
		out.State = SourceUnread
	case of.standing != Counts && of.standing != Replaced:
		out.State = SourceWithdrawn
	case of.by == nil && of != e || of.by != nil && of.by != e:
		out.State = SourceCorrected
	}
	if of != nil && of.by != nil && of.by != e {
		out.By = of.by.name
	}
	return out
}

// checkIndicator adds an indicator up again.
func checkIndicator(said *body.RegionalIndicator, period span, found map[protocol.Name]*foundSource) RegionalIndicatorRow {
	out := RegionalIndicatorRow{Indicator: said.Indicator, Unit: said.Unit, Total: said.Total, Check: AddsUp, Rows: []RegionalFigure{}, Contradictions: said.Contradictions}
	apart, total := sumPlaces(said.Indicator, placedRows(said.Rows))
	if !sameTotal(total, said.Total) {
		out.Check = AddsUpNot
	}
	for i := range said.Rows {
		f := checkRow(said, &said.Rows[i], period, found)
		if f.Apart != apart[i] {
			f.Check = AddsUpNot
		}
		out.Rows = append(out.Rows, f)
	}
	return out
}

func sameTotal(a, b *body.RegionalTotal) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Value == b.Value && sameQuantity(a.High, b.High) && a.Places == b.Places
}

func sameQuantity(a, b *body.Quantity) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// checkRow adds up the sources of one row: those of its institution, at its place, on its
// indicator, in the period. A source of anybody else adds nothing, and shows.
func checkRow(said *body.RegionalIndicator, row *body.RegionalRow, period span, found map[protocol.Name]*foundSource) RegionalFigure {
	out := RegionalFigure{RegionalRow: *row, Check: AddsUp, Made: []RegionalSource{}}
	var pieces []piece
	for _, n := range row.Sources {
		f := found[n]
		if f == nil {
			continue // body.Parse lets no such name in
		}
		out.Made = append(out.Made, f.RegionalSource)
		switch {
		case f.State == SourceBroken:
			out.Check = AddsUpNot
		case f.report == nil:
			out.Check = out.Check.worse(SourceAbsent)
		case n.Institution == row.Institution && f.report.place == row.Place.Key():
			pieces = append(pieces, f.report.piece(said.Indicator, f)...)
		}
	}
	if out.Check != AddsUp {
		return out
	}
	sum, there := sumOver(said.Indicator, period, pieces)
	again := sum.row(said.Indicator)
	switch {
	case !there || len(sum.sources) != len(row.Sources) || !sameQuantity(again.Hours, row.Hours):
		out.Check = AddsUpNot
	case !sameQuantity(again.Value, row.Value) || !sameQuantity(again.High, row.High) || sum.there && sum.unit != string(said.Unit):
		out.Check = AddsUpNot
	}
	if out.Check == AddsUpNot {
		out.Comes, out.ComesTo = again.Value, again.High
	}
	return out
}

// piece gives what a report says of the total of an indicator, if it does.
func (r *report) piece(of body.Indicator, f *foundSource) []piece {
	i := slices.IndexFunc(r.figures, func(f figure) bool { return f.series == series{Indicator: of} })
	if i < 0 {
		return nil
	}
	said := &r.figures[i]
	return []piece{{span{r.start, r.end}, said.value, said.unit, said.reason, body.Ref{Rel: body.RelAggregates, Record: f.Record, Digest: f.Digest}}}
}

// nameRegional names the places.
func nameRegional(v *View, name func(body.PlaceKey, *string, *bool)) {
	named := func(p body.Place) body.Place {
		said, footnote := string(p.Name), false
		name(p.Key(), &said, &footnote)
		p.Name = body.Label(said)
		return p
	}
	v.Regional = slices.Clone(v.Regional)
	for i := range v.Regional {
		r := &v.Regional[i]
		r.Coverage.Missing = slices.Clone(r.Coverage.Missing)
		for j := range r.Coverage.Missing {
			r.Coverage.Missing[j].Place = named(r.Coverage.Missing[j].Place)
		}
		r.Indicators = slices.Clone(r.Indicators)
		for j := range r.Indicators {
			of := &r.Indicators[j]
			of.Rows, of.Contradictions = slices.Clone(of.Rows), slices.Clone(of.Contradictions)
			for k := range of.Rows {
				of.Rows[k].Place = named(of.Rows[k].Place)
			}
			for k := range of.Contradictions {
				of.Contradictions[k].Place = named(of.Contradictions[k].Place)
			}
		}
	}
}
