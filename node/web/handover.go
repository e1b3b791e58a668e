package web

import (
	"net/http"

	"github.com/vardar-network/vardar/node/desk"
)

// handoverPage is what whoever takes over must know.
type handoverPage struct {
	desk.Shift
	Note    string // as it was typed, when something was wrong with it
	Problem *desk.Problem
}

func (p *Pages) showHandover(w http.ResponseWriter, r *http.Request, status int, page handoverPage) {
	f := p.frame(r, "handover")
	var err error
	if page.Shift, err = p.o.Desk.Shift(r.Context(), f.Visitor, f.Institution, f.At); err != nil {
		p.refuse(w, r, err)
		return
	}
	p.render(w, r, status, f.page("handover", page))
}

func (p *Pages) handover(w http.ResponseWriter, r *http.Request) {
	p.showHandover(w, r, http.StatusOK, handoverPage{})
}

func (p *Pages) takeOver(w http.ResponseWriter, r *http.Request) {
	note := field(r, "note")
	if _, err := p.o.Desk.TakeOver(r.Context(), visitor(r.Context()), acting(r.Context()), note); err != nil {
		p.showHandover(w, r, statusOf(err), handoverPage{Note: note, Problem: p.problem(r, err)})
		return
	}
	http.Redirect(w, r, "/handover", http.StatusSeeOther)
}
