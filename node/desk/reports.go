package desk

import (
	"context"
	"slices"

	"github.com/vardar-network/vardar/node/atlas"
	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// listReports gives the situation reports, the newest accepted first. They are chosen by what
// the board keeps of each, and only those of the page are read; a text to be found in them is
// the one thing for which all are.
func (d *Desk) listReports(ctx context.Context, l Listing, w board.World, k knowledge, f *filter) (Listing, error) {
	b, m := k.board, d.momentIn(k, w)
	l.covered(&m.view, f)
	quality := m.view.Qualities()
	if f.match != "" {
		rows := d.allReports(ctx, w, b, l)
		for i := range rows {
			rows[i].Quality = quality[rows[i].Record]
		}
		if err := ctx.Err(); err != nil {
			return Listing{}, err
		}
		return take(l, rows, f)
	}
	heads, all := b.Reports(w)
	l, err := takeEach(l, func(yield func(*board.ReportHead) bool) {
		for h := range heads {
			if f.good != nil { // of those of the page it is looked up below
				h.Quality = quality[h.Record]
			}
			if !yield(h) {
				return
			}
		}
	}, f, all)
	if err != nil {
		return Listing{}, err
	}
	rows := []ReportRow{}
	for _, head := range l.Rows.([]board.ReportHead) { //nolint:forcetypeassert // of takeEach
		h, err := d.heldAs(head.Record, head.Digest)
		if err != nil {
			d.log.ErrorContext(ctx, "record not readable", "record", head.Record.String(), "err", err)
			continue
		}
		row := d.report(b, &h)
		row.Quality = quality[head.Record]
		rows = append(rows, row)
	}
	l.Rows = rows
	return l, ctx.Err()
}

// allReports reads them all.
func (d *Desk) allReports(ctx context.Context, w board.World, b *board.Board, l Listing) []ReportRow {
	var rows []ReportRow
	for h, err := range d.o.Archive.Records(ctx, body.TypeReport, 0) {
		if err != nil {
			d.log.ErrorContext(ctx, "record not readable", "err", err)
			continue
		}
		if board.WorldOf(&h.Record) == w && h.Accepted <= l.At {
			rows = append(rows, d.report(b, &h))
		}
	}
	slices.Reverse(rows)
	return rows
}

// report is a report as a board has it stand.
func (d *Desk) report(b *board.Board, h *Held) ReportRow {
	row := ReportRow{
		Record: h.Name, Digest: h.Digest, Institution: h.Institution, Time: h.Time, Accepted: h.Accepted,
		Handling: h.Handling, Standing: board.Counts, Figures: []body.Figure{},
	}
	if s, why := b.Standing(h.Digest); s != 0 {
		row.Standing, row.Reason = s, d.goneBy(h.Type, min(h.Time, h.Accepted), why)
	}
	if h.BodyState != protocol.BodyHeld || h.Sealed {
		return row
	}
	said, err := body.Parse(h.Type, h.Body)
	r, ok := said.(*body.SituationReport)
	if err != nil || !ok {
		return row
	}
	row.Severity, row.Summary, row.NA = r.Severity, string(r.Summary), r.NA
	row.Regional = r.Regional != nil
	if why := d.beyondReport(h.Institution, row.Regional); why != "" && row.Standing == board.Counts {
		row.Standing, row.Reason = board.BeyondCompetence, why
	}
	row.Figures = append(row.Figures, r.Figures...)
	if r.Place != nil {
		row.Place, row.PlaceName = r.Place.Key(), d.o.Atlas.Name(*r.Place)
		row.Footnote = atlas.NeedsFootnote(row.Place)
	}
	if r.Period != nil {
		row.PeriodStart, row.PeriodEnd = r.Period.Start.Instant(), r.Period.End.Instant()
	}
	return row
}
