package desk

import (
	"context"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// How much a brief has room for: it is one A4. How much is left out, it says.
const (
	briefFigures = 8
	briefRoutes  = 4
	briefLines   = 12
	briefTold    = 3
	briefNumbers = 6
)

// Some are as many of all as there is room for.
type Some[T any] struct {
	Rows []T `json:"rows"`
	More int `json:"more,omitempty"` // how many are left out
}

// All gives how many there are.
func (s Some[T]) All() int { return len(s.Rows) + s.More }

func firstOf[T any](all []T, room int) Some[T] {
	n := min(len(all), room)
	return Some[T]{all[:n:n], len(all) - n}
}

func lastOf[T any](all []T, room int) Some[T] {
	left := max(0, len(all)-room)
	return Some[T]{all[left:], left}
}

// Asking is one line of what somebody asks for in an incident.
type Asking struct {
	Institution protocol.InstitutionID `json:"institution"`
	Record      protocol.Name          `json:"record"`
	Type        body.ResourceType      `json:"type"`
	Description string                 `json:"description,omitempty"`
	Unit        string                 `json:"unit"`
	Quantity    int64                  `json:"quantity"`
	Unmet       int64                  `json:"unmet"`
	AnswerBy    protocol.Instant       `json:"answer_by"`
}

// Brief is what is known of an incident, as much as stands on one A4.
type Brief struct {
	Opener   Told               `json:"opener"`
	Alert    *AlertRow          `json:"alert,omitempty"` // if an alert opened it
	Exercise bool               `json:"exercise,omitempty"`
	Place    body.PlaceKey      `json:"place,omitzero"`
	Name     string             `json:"name,omitempty"` // of the place
	Footnote bool               `json:"footnote,omitempty"`
	Phases   []TerritoryRow     `json:"phases"`
	Coverage Coverage           `json:"coverage"`
	Figures  Some[SituationRow] `json:"figures"`
	Asked    Some[Asking]       `json:"asked"`
	Routes   Some[RouteRow]     `json:"routes"`
	Told     Some[Happened]     `json:"told"` // the newest
	Duty     Some[Member]       `json:"duty"` // as [Desk.Numbers], by the way from the place
}

// Brief shortens what [Desk.Incident] gathers to one A4; it has the errors of that.
func (d *Desk) Brief(ctx context.Context, ref string, ceiling protocol.Handling, at protocol.Instant) (Brief, error) {
	v, err := d.Incident(ctx, ref, ceiling, at)
	if err != nil {
		return Brief{}, err
	}
	k, err := d.knownAt(ctx, at)
	if err != nil {
		return Brief{}, err
	}
	as := d.o.Institutions[0]
	if own := d.own(ctx); len(own) > 0 {
		as = own[0]
	}
	var lines []Asking
	for i := range v.Requests {
		r := &v.Requests[i]
		for j := range r.Lines {
			l := &r.Lines[j]
			lines = append(lines, Asking{r.Institution, r.Record, l.Type, l.Description, l.Unit, l.Quantity, l.Unmet, r.AnswerBy})
		}
	}
	return Brief{
		Opener: v.Opener, Alert: v.Alert, Exercise: v.Exercise,
		Place: v.Here.Place, Name: v.Here.Name, Footnote: v.Here.Footnote, Phases: v.Here.Phases, Coverage: v.Here.Coverage,
		Figures: firstOf(v.Curves, briefFigures), Asked: firstOf(lines, briefLines), Routes: firstOf(v.Here.Routes, briefRoutes),
		Told: lastOf(v.Timeline, briefTold), Duty: d.numbers(k, as, placeOf(v.Here.Place), briefNumbers),
	}, nil
}
