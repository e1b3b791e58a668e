package desk

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// DueState is [board.DueState].
type DueState = board.DueState

// The states that have a shape of their own; every other one is late.
const (
	OnTime  = board.OnTime
	LineCut = board.LineCut
	Ahead   = board.Ahead
)

// mostDue are the rows of who has reported that a page shows: in any language, compressed, it is
// below 15 kB.
const mostDue = 60

// Reporting is who is to say what, and who has.
type Reporting struct {
	Rows   []DueRow               // what is not on time first, the oldest first
	Counts map[board.DueState]int // of the rows
	Duty   map[protocol.InstitutionID]*body.Contact
	Past   bool // how the lines were then is not kept
	Shown  Part[DueRow]
}

// Reporting gathers it as this node knew it at an instant (zero: now), and what a page shows of it
// behind so many rows.
func (d *Desk) Reporting(ctx context.Context, at protocol.Instant, from int) (Reporting, error) {
	m, err := d.moment(ctx, at)
	if err != nil {
		return Reporting{}, err
	}
	out := Reporting{Rows: urgentFirst(m.view.Due), Counts: map[board.DueState]int{}, Duty: map[protocol.InstitutionID]*body.Contact{}, Past: m.past}
	for i := range out.Rows {
		r := &out.Rows[i]
		out.Counts[r.State]++
		if member, ok := m.trust.Member(r.Institution); ok && member.Profile != nil {
			out.Duty[r.Institution] = member.Profile.DutyContact
		}
	}
	out.Shown = partOf(out.Rows, from, mostDue)
	return out, nil
}

// late reports whether something is to be said, and was not.
func late(s board.DueState) bool { return s != board.OnTime && s != board.Ahead }

// TwoVoices is a contradiction with both statements.
type TwoVoices struct {
	Of       board.Disagreement
	Asset    string
	Twin     string // its code on the other side, where one of the two speaks by that
	Name     string
	Footnote bool
	Sides    [2]board.Side
}

// Opposed are the statements that can't both be so.
type Opposed struct {
	Routes  []TwoVoices
	Figures []board.Clash
}

// Only leaves those whose weaker side is at least so good, or not yet verified.
func (o *Opposed) Only(quality string) (err error) {
	if o.Routes, err = only(o.Routes, quality); err == nil {
		o.Figures, err = only(o.Figures, quality)
	}
	return err
}

// Contradictions gives the statements on crossings, and the figures, that can't both be so,
// as this node knew them at an instant; zero: now.
func (d *Desk) Contradictions(ctx context.Context, at protocol.Instant) (Opposed, error) {
	m, err := d.moment(ctx, at)
	if err != nil {
		return Opposed{}, err
	}
	return Opposed{twoVoices(&m.view), m.view.Clashes}, nil
}

func twoVoices(view *board.View) []TwoVoices {
	out := []TwoVoices{}
	for _, r := range routeRows(view.Routes) {
		for _, c := range r.Contradictions {
			v := TwoVoices{Of: c.Of, Asset: r.Asset, Twin: r.Twin, Name: r.Name, Footnote: r.Footnote}
			for i := range c.Between {
				for j := range r.Sides {
					if r.Sides[j].Record == c.Between[i] {
						v.Sides[i] = r.Sides[j]
					}
				}
			}
			out = append(out, v)
		}
	}
	return out
}

// Warnings are the alerts, and those that the change rule proposes.
type Warnings struct {
	Active []AlertRow
	Drafts []DraftRow // nobody has sent them, or dismissed them
	Over   []AlertRow // expired, cancelled or updated, the newest first
}

// Warnings gathers them as this node knew them at an instant; zero: now.
func (d *Desk) Warnings(ctx context.Context, at protocol.Instant) (Warnings, error) {
	m, err := d.moment(ctx, at)
	if err != nil {
		return Warnings{}, err
	}
	return d.warnings(m), nil
}

func (d *Desk) warnings(m *moment) Warnings {
	view := &m.view
	var out Warnings
	for i := range view.Alerts {
		switch a := view.Alerts[i]; a.State {
		case board.AlertActive:
			out.Active = append(out.Active, a)
		case board.AlertExpired, board.AlertCancelled, board.AlertUpdated:
			out.Over = append(out.Over, a)
		case board.AlertNone:
		}
	}
	sortAlerts(out.Active)
	sortAlerts(out.Over)
	for i := range view.Drafts {
		r := &view.Drafts[i]
		gone, is := d.dismissed(r)
		if len(r.Sent) == 0 && (!is || gone.At > m.at) {
			out.Drafts = append(out.Drafts, *r)
		}
	}
	return out
}

// mostOpen are the open requests that a page shows: in any language, compressed, it is below 15 kB.
const mostOpen = 60

// Asked gives the part of the open requests that a page shows behind so many, those first whose
// answers are due first, as this node knew them at an instant; zero: now.
func (d *Desk) Asked(ctx context.Context, at protocol.Instant, quality string, from int) (Part[RequestRow], error) {
	m, err := d.moment(ctx, at)
	if err != nil {
		return Part[RequestRow]{}, err
	}
	out := slices.DeleteFunc(slices.Clone(m.view.Requests), func(r RequestRow) bool { return !unmet(&r) })
	slices.SortStableFunc(out, func(a, b RequestRow) int { return cmp.Compare(a.AnswerBy, b.AnswerBy) })
	out, err = only(out, quality)
	return partOf(out, from, mostOpen), err
}

// MemberFor gives an institution's page to an account, as this node knew it at an instant;
// zero: now. Who may not read the situation is not told what the institution says of it.
func (d *Desk) MemberFor(ctx context.Context, a Account, id protocol.InstitutionID, at protocol.Instant) (InstitutionView, error) {
	if _, err := protocol.ParseInstitution(string(id)); err != nil {
		return InstitutionView{}, problem(NotFound, "vardar list members", "%s is no institution", quoted(string(id)))
	}
	shown, err := d.ShowAt(ctx, string(id), at)
	if err != nil {
		return InstitutionView{}, err
	}
	v := shown.Institution
	if !MayOpen(a, "GET /situation") {
		v.Due, v.Figures, v.Capacity, v.Requests, v.Declared = nil, nil, nil, nil, nil
	}
	return *v, nil
}

// PlaceSight is a place with the curves of its figures.
type PlaceSight struct {
	PlaceView
	Curves  []SituationRow
	Chart   Chart
	Quality string             // at least so good, or unverified; empty: all
	Shown   Part[SituationRow] // by [PlaceSight.Show]
	Left    int                // rows of the other lists that it leaves out

	standings standings
}

// mostHere are the rows of a list of a place, and of those within it, that its page shows; a figure
// has its days in words beside it.
const mostHere = 12

// Show chooses what the page shows of it, as [Sight.Show] does.
func (s *PlaceSight) Show(from int) {
	s.Shown = s.standings.part(s.Curves, from, mostHere)
	s.Chart.bound(s.standings)
	cut(&s.Phases, &s.Left)
	cut(&s.Alerts, &s.Left)
	cut(&s.Routes, &s.Left)
	cut(&s.Needs, &s.Left)
	cut(&s.Requests, &s.Left)
	cut(&s.Capacity, &s.Left)
	cut(&s.Due, &s.Left)
	cut(&s.Contradictions, &s.Left)
	cut(&s.Standards, &s.Left)
}

// cut leaves as many rows as a place's page shows of a list, and counts the others.
func cut[T any](rows *[]T, left *int) {
	some := firstOf(*rows, mostHere)
	*rows = some.Rows
	*left += some.More
}

// Only leaves what is known of the place and at least so good, or not yet verified.
func (s *PlaceSight) Only(quality string) (err error) {
	s.Quality = quality
	if s.Curves, err = only(s.Curves, quality); err == nil {
		err = s.only(quality)
	}
	return err
}

// only leaves the crossings, needs and declarations that are of a quality.
func (v *PlaceView) only(quality string) (err error) {
	if v.Routes, err = only(v.Routes, quality); err == nil {
		v.Needs, err = only(v.Needs, quality)
	}
	if err == nil {
		v.Capacity, err = only(v.Capacity, quality)
	}
	if err == nil {
		v.Requests, err = only(v.Requests, quality)
	}
	if err == nil {
		v.Contradictions, err = only(v.Contradictions, quality)
	}
	return err
}

// Place gives all that is known of a place, as this node knew it at an instant; zero: now.
// The problem is [NotFound] for what is no place.
func (d *Desk) Place(ctx context.Context, ref string, at protocol.Instant) (PlaceSight, error) {
	k, err := d.placeKey(ref)
	if p := new(Problem); errors.As(err, &p) {
		return PlaceSight{}, p.as(NotFound)
	}
	m, err := d.moment(ctx, at)
	if err != nil {
		return PlaceSight{}, err
	}
	v, err := d.place(m, k)
	if err != nil {
		return PlaceSight{}, err
	}
	f, err := d.filter(&Query{Place: k.String()})
	if err != nil {
		return PlaceSight{}, err
	}
	curves := situation(&m.view, func(g *FigureRow) bool { return f.covers(g.Place) })
	return PlaceSight{PlaceView: v, Curves: curves, Chart: d.chart(curves), standings: standingsIn(&m.view, curves)}, nil
}
