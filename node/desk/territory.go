package desk

import (
	"context"
	"slices"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// The rows of the phase board.
type (
	// TerritoryRow is [board.Territory].
	TerritoryRow = board.Territory
	// Sign is [board.Sign].
	Sign = board.Sign
)

// The signs, as [board.SignOccupancy] and those beside it.
const (
	SignOccupancy = board.SignOccupancy
	SignClosed    = board.SignClosed
	SignFull      = board.SignFull
	SignArrivals  = board.SignArrivals
	SignAlert     = board.SignAlert
	SignQuiet     = board.SignQuiet
	SignRoom      = board.SignRoom
)

// territories gives the phase board. A place has the residents of the municipality that has
// its seat there.
func (d *Desk) territories(view *board.View, at protocol.Instant) []TerritoryRow {
	residents := map[body.PlaceKey]*int64{}
	for _, m := range d.o.Trust.Members() {
		if m.Level == body.Municipality && !m.Out && m.Profile != nil && m.Profile.Residents != nil && m.Profile.Seat != nil {
			n := int64(m.Profile.Residents.Value)
			residents[m.Profile.Seat.Key()] = &n
		}
	}
	rows := view.Territories(func(k body.PlaceKey) *int64 { return residents[k] }, &d.phases, at)
	for i := range rows {
		r := &rows[i]
		r.PlaceName = d.o.Atlas.Name(body.Place{Scheme: r.Place.Scheme, Code: r.Place.Code, Name: body.Label(r.PlaceName)})
		for j := range r.Signs {
			s := &r.Signs[j]
			of, read := signFigure(s.Sign)
			if f := pick(view.Figures, func(f *FigureRow) bool {
				return read && f.Record == s.Record && f.Place == r.Place && f.Indicator == of && f.By == "" && f.Variant == ""
			}); f != nil {
				s.Quality = f.Quality
			}
		}
	}
	return rows
}

// signFigure gives the figure that a sign cites; false for a sign that cites none.
func signFigure(s board.SignKind) (body.Indicator, bool) {
	switch s {
	case SignOccupancy, SignRoom:
		return body.Present, true
	case SignFull, SignArrivals:
		return body.Arrivals, true
	case SignClosed, SignAlert, SignQuiet:
	}
	return "", false
}

// mostTerritories are the rows of the phase board that a page shows: in any language, compressed, it
// is below 15 kB.
const mostTerritories = 40

// PhaseBoard gives the part of the phase board that a page shows behind so many rows, as it is
// chosen by place and quality and this node knew it at an instant (zero: now): first where a
// response is in force or suggested.
func (d *Desk) PhaseBoard(ctx context.Context, q Query, from int) (Part[TerritoryRow], error) {
	q.What, q.Limit = ListTerritories, -1
	l, err := d.List(ctx, q)
	if err != nil {
		return Part[TerritoryRow]{}, err
	}
	rows, _ := l.Rows.([]TerritoryRow)
	slices.SortStableFunc(rows, func(a, b TerritoryRow) int { return calm(&a) - calm(&b) })
	return partOf(rows, from, mostTerritories), nil
}

// calm puts a territory behind those of a response.
func calm(t *TerritoryRow) int {
	if t.Suggested == body.Response || slices.ContainsFunc(t.Phases, func(p PhaseRow) bool { return p.Phase == body.Response && !p.Expired }) {
		return 0
	}
	return 1
}
