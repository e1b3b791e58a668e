package web

import (
	"net/http"

	"github.com/vardar-network/vardar/node/desk"
)

// brief prints an incident.
func (p *Pages) brief(w http.ResponseWriter, r *http.Request) {
	f := p.frame(r, "situation")
	b, err := p.o.Desk.Brief(r.Context(), recordName(r), desk.Ceiling(f.Visitor), f.At)
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	p.answer(w, r, f.page("brief", b), nil)
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
