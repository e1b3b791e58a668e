package desk

import (
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
	}
	return rows
}
