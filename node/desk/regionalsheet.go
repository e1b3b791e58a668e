package desk

import (
	"cmp"
	"context"
	"slices"

	"github.com/vardar-network/vardar/node/atlas"
	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// RegionalRow is [board.RegionalReport].
type RegionalRow = board.RegionalReport

// RegionalSource is [board.RegionalSource].
type RegionalSource = board.RegionalSource

// RegionalSheet is one regional report as an institution sees it.
type RegionalSheet struct {
	RegionalRow
	ByQuality
	As          protocol.InstitutionID `json:"as"`
	Handling    protocol.Handling      `json:"handling"`
	MayMend     bool                   `json:"may_correct"`
	Exercise    bool                   `json:"exercise"`
	Corrections []CorrectionRow        `json:"corrections,omitempty"`
	Stances     []EndorsementRow       `json:"endorsements,omitempty"`
	Notes       []NoteRow              `json:"notes,omitempty"`
	Shown       Part[RegionalFigure]   `json:"-"` // by [RegionalSheet.Show]
}

// RegionalFigure is [board.RegionalFigure].
type RegionalFigure = board.RegionalFigure

// mostRegional are the figures of a regional report that a page shows, each with its sources: in any
// language, compressed, it is below 15 kB.
const mostRegional = 40

// Show leaves the figures that a page shows, behind so many, under their indicators.
func (s *RegionalSheet) Show(from int) { s.Shown = showFigures(&s.RegionalRow, from) }

func showFigures(r *RegionalRow, from int) Part[RegionalFigure] {
	var all []RegionalFigure
	for i := range r.Indicators {
		all = append(all, r.Indicators[i].Rows...)
	}
	part := partOf(all, from, mostRegional)
	var shown []board.RegionalIndicatorRow
	before := 0
	for i := range r.Indicators {
		of := r.Indicators[i]
		first, end := max(part.From-before, 0), min(part.To()-before, len(of.Rows))
		before += len(of.Rows)
		if first < end {
			of.Rows = of.Rows[first:end]
			shown = append(shown, of)
		}
	}
	r.Indicators = shown
	return part
}

// Regional gives a regional report by the name of its record, as this node knew it at an instant
// (zero: now). It is [NotFound] for a record that is none that counts.
func (d *Desk) Regional(ctx context.Context, as protocol.InstitutionID, ref string, at protocol.Instant) (RegionalSheet, error) {
	var row *RegionalRow
	s, err := d.seek(ctx, as, ref, at, func(v *board.View, n protocol.Name) bool {
		row = regionalOf(v, n)
		return row != nil
	})
	switch {
	case err != nil:
		return RegionalSheet{}, err
	case row == nil:
		return RegionalSheet{}, problem(NotFound, "vardar list regional", "%s is no regional report that counts here", s.name)
	}
	h, err := d.held(row.Record)
	if err != nil {
		return RegionalSheet{}, err
	}
	out := RegionalSheet{RegionalRow: *row, As: s.as, Handling: h.Handling, Exercise: s.world.Exercise}
	out.MayMend = !s.past && out.Institution == s.as && out.Ignored == ""
	v := RecordView{Name: row.Record}
	for i := range s.view.Corrections {
		if c := &s.view.Corrections[i]; c.Corrects == row.Record {
			out.Corrections = append(out.Corrections, *c)
		}
	}
	v.stances(&s.view)
	v.thread(&s.view)
	out.Stances, out.Notes = v.Stances, v.Notes
	return out, nil
}

// regionalOf finds the regional report that a record is, or has put right last.
func regionalOf(v *board.View, n protocol.Name) *RegionalRow {
	return pick(v.Regional, func(r *RegionalRow) bool { return r.Record == n || r.Correction == n })
}

// RegionalFigureRow is a figure of a regional report in a list, or a total, with the records
// that it was made of.
type RegionalFigureRow struct {
	Record      protocol.Name          `json:"record"`
	Digest      protocol.Digest        `json:"digest"`
	Institution protocol.InstitutionID `json:"institution"` // that added up
	PeriodStart protocol.Instant       `json:"period_start"`
	PeriodEnd   protocol.Instant       `json:"period_end"`
	Indicator   body.Indicator         `json:"indicator"`
	Total       bool                   `json:"total"` // over places
	Place       body.PlaceKey          `json:"place,omitzero"`
	PlaceName   string                 `json:"place_name,omitempty"`
	Footnote    bool                   `json:"footnote,omitempty"`
	Reporter    protocol.InstitutionID `json:"reporter,omitempty"` // whose figure it is
	Value       *body.Quantity         `json:"value,omitempty"`
	High        *body.Quantity         `json:"high,omitempty"` // above value: it is a range
	Unit        body.Label             `json:"unit"`
	Reason      string                 `json:"reason,omitempty"` // why there is no value
	Hours       *body.Quantity         `json:"hours,omitempty"`
	Places      *body.Quantity         `json:"places,omitempty"` // that a total was made of
	Apart       body.ApartWord         `json:"apart,omitempty"`  // why it is in no total
	Score       *body.Quantity         `json:"score,omitempty"`
	Band        body.Band              `json:"band,omitempty"`
	Check       board.RegionalCheck    `json:"check"`
	Reported    body.Quantity          `json:"reported"` // of the reports that were due
	Of          body.Quantity          `json:"of"`
	Ignored     string                 `json:"ignored,omitempty"`
	Sources     []RegionalSourceRow    `json:"sources"`
}

// RegionalSourceRow is a record that a figure was made of.
type RegionalSourceRow struct {
	Source protocol.Name     `json:"source"`
	Digest protocol.Digest   `json:"digest"`
	State  board.SourceState `json:"state"`
	By     protocol.Name     `json:"by,omitzero"`
}

// ListRegional has the figures of regional reports, the latest report first.
const ListRegional = "regional"

func regionalRows(v *board.View) []RegionalFigureRow {
	reports := slices.Clone(v.Regional)
	slices.SortStableFunc(reports, func(a, b RegionalRow) int { return cmp.Compare(b.PeriodEnd, a.PeriodEnd) })
	rows := []RegionalFigureRow{}
	for i := range reports {
		r := &reports[i]
		row := RegionalFigureRow{
			Record: r.Record, Digest: r.Digest, Institution: r.Institution, PeriodStart: r.PeriodStart, PeriodEnd: r.PeriodEnd,
			Reported: r.Coverage.Reported, Of: r.Coverage.Of, Ignored: r.Ignored,
		}
		for j := range r.Indicators {
			of := &r.Indicators[j]
			row.Indicator, row.Unit = of.Indicator, of.Unit
			if t := of.Total; t != nil {
				total := row
				total.Total, total.Value, total.High, total.Places, total.Check, total.Sources = true, &t.Value, t.High, &t.Places, of.Check, []RegionalSourceRow{}
				rows = append(rows, total)
			}
			for k := range of.Rows {
				rows = append(rows, row.figure(&of.Rows[k]))
			}
		}
	}
	return rows
}

// NeedsFootnote is [atlas.NeedsFootnote].
func NeedsFootnote(k body.PlaceKey) bool { return atlas.NeedsFootnote(k) }

// figure fills in what one institution reported of one place.
func (r RegionalFigureRow) figure(f *board.RegionalFigure) RegionalFigureRow {
	r.Place, r.PlaceName, r.Reporter = f.Place.Key(), string(f.Place.Name), f.Institution
	r.Footnote = NeedsFootnote(r.Place)
	r.Value, r.High, r.Reason, r.Hours, r.Apart, r.Check = f.Value, f.High, string(f.Reason), f.Hours, f.Apart, f.Check
	if q := f.Quality; q != nil {
		r.Score, r.Band = &q.Score, q.Band
	}
	r.Sources = []RegionalSourceRow{}
	for _, s := range f.Made {
		r.Sources = append(r.Sources, RegionalSourceRow{s.Record, s.Digest, s.State, s.By})
	}
	return r
}
