package web

import (
	"net/http"

	"github.com/vardar-network/vardar/node/desk"
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

// some are the first of many.
type some[T any] struct {
	Rows []T
	More int // how many are left out
}

func first[T any](all []T, room int) some[T] {
	n := min(len(all), room)
	return some[T]{all[:n], len(all) - n}
}

// asking is one line of what somebody asks for.
type asking struct {
	By              protocol.InstitutionID
	Type            body.ResourceType
	Description     string
	Unit            string
	Quantity, Unmet int64
	AnswerBy        protocol.Instant
}

// briefPage is an incident on one A4.
type briefPage struct {
	desk.Incident
	Figures some[desk.SituationRow]
	Asked   some[asking]
	Crossed some[desk.RouteRow]
	Told    some[desk.Happened] // the newest
	Duty    some[desk.Member]   // those with a telephone
}

// brief prints an incident.
func (p *Pages) brief(w http.ResponseWriter, r *http.Request) {
	f := p.frame(r, "situation")
	v, err := p.o.Desk.Incident(r.Context(), recordName(r), desk.Ceiling(f.Visitor), f.At)
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	page := briefPage{Incident: v, Figures: first(v.Curves, briefFigures), Crossed: first(v.Here.Routes, briefRoutes)}
	var lines []asking
	for i := range v.Requests {
		request := &v.Requests[i]
		for j := range request.Lines {
			l := &request.Lines[j]
			lines = append(lines, asking{request.Institution, l.Type, l.Description, l.Unit, l.Quantity, l.Unmet, request.AnswerBy})
		}
	}
	page.Asked = first(lines, briefLines)
	earlier := max(0, len(v.Timeline)-briefTold)
	page.Told = some[desk.Happened]{v.Timeline[earlier:], earlier}
	members, err := p.o.Desk.Members(r.Context())
	var reached []desk.Member
	for i := range members {
		if m := &members[i]; m.Duty != nil && m.Duty.Phone != "" {
			reached = append(reached, *m)
		}
	}
	page.Duty = first(reached, briefNumbers)
	p.answer(w, r, f.page("brief", page), err)
}

// requestPage is a request for help on one A4, with the square that holds its name.
type requestPage struct {
	desk.Exchange
	square
}

// requestPaper prints a request: what is asked for, with room to write an answer by hand.
func (p *Pages) requestPaper(w http.ResponseWriter, r *http.Request) {
	f := p.frame(r, "help")
	x, err := p.o.Desk.Exchange(r.Context(), f.Institution, recordName(r), f.At)
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	code, err := squareOf(x.Record.String())
	p.answer(w, r, f.page("requestpaper", &requestPage{x, code}), err)
}
