package desk

import (
	"context"
	"slices"

	"github.com/vardar-network/vardar/node/atlas"
	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/staff"
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
func (d *Desk) territories(of *moment) []TerritoryRow {
	view, residents := &of.view, map[body.PlaceKey]*int64{}
	for _, m := range of.trust.Members() {
		if m.Level == body.Municipality && !m.Out && m.Profile != nil && m.Profile.Residents != nil && m.Profile.Seat != nil {
			n := int64(m.Profile.Residents.Value)
			residents[m.Profile.Seat.Key()] = &n
		}
	}
	rows := view.Territories(func(k body.PlaceKey) *int64 { return residents[k] }, &d.phases, of.at)
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

// TerritoryBoard is the phase board as a page shows it.
type TerritoryBoard struct {
	Part[TerritoryRow]
	Waiting []PhaseWaits // for a second person, of now alone; in the order in which they were handed in
}

// PhaseWaits is a phase that somebody wants to declare, and that nobody has until a second person
// has seen it.
type PhaseWaits struct {
	Number      string // under which it waits
	Institution protocol.InstitutionID
	Place       body.PlaceKey
	PlaceName   string
	Footnote    bool
	Phase       body.PhaseName
	Reason      body.Text
	Made        protocol.Instant
}

// PhaseBoard gives the part of the phase board that a page shows behind so many rows, as it is
// chosen by place and quality and this node knew it at an instant (zero: now): first where a
// response is in force or suggested.
func (d *Desk) PhaseBoard(ctx context.Context, q Query, from int) (TerritoryBoard, error) {
	q.What, q.Limit = ListTerritories, -1
	l, err := d.List(ctx, q)
	if err != nil {
		return TerritoryBoard{}, err
	}
	rows, _ := l.Rows.([]TerritoryRow)
	slices.SortStableFunc(rows, func(a, b TerritoryRow) int { return calm(&a) - calm(&b) })
	b := TerritoryBoard{Part: partOf(rows, from, mostTerritories)}
	if q.At == 0 && q.Quality == "" && from == 0 {
		b.Waiting, err = d.phasesWaiting(ctx, &q)
	}
	return b, err
}

// phasesWaiting gives the phases of what is real that wait for a second person: to who handed one
// in, and to whoever may be that person.
func (d *Desk) phasesWaiting(ctx context.Context, q *Query) ([]PhaseWaits, error) {
	who := actorOf(ctx)
	if who.world.Exercise {
		return nil, nil
	}
	f, err := d.filter(q)
	if err != nil {
		return nil, err
	}
	all, err := d.seconds(ctx, func(p *Pending) bool {
		return p.Type == body.TypePhase && p.State == staff.PendingWaits && !p.Exercise && slices.Contains(d.own(ctx), p.As) && (p.By == who.name || staff.May(who.role, "GET /approvals"))
	})
	var out []PhaseWaits
	for i := range all {
		said, ok := all[i].Parsed.(*body.Phase)
		if !ok || q.Place != "" && !f.covers(said.Place.Key()) {
			continue
		}
		out = append(out, PhaseWaits{
			Number: all[i].ID, Institution: all[i].As, Place: said.Place.Key(), PlaceName: d.o.Atlas.Name(*said.Place), Footnote: atlas.NeedsFootnote(said.Place.Key()),
			Phase: said.Phase, Reason: said.Reason, Made: all[i].Made,
		})
	}
	return out, err
}

// calm puts a territory behind those of a response.
func calm(t *TerritoryRow) int {
	if t.Suggested == body.Response || slices.ContainsFunc(t.Phases, func(p PhaseRow) bool { return p.Phase == body.Response && !p.Expired }) {
		return 0
	}
	return 1
}
