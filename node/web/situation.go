package web

import (
	"net/http"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol/body"
)

// situationPage is the table of figures, and the map beside it.
type situationPage struct {
	desk.Sight
	Figures []figureRow
	Map     *chart
}

func (p *Pages) situation(w http.ResponseWriter, r *http.Request) {
	f := p.frame(r, "situation")
	s, err := p.o.Desk.See(r.Context(), f.At, r.FormValue("place"), body.Indicator(r.FormValue("what")))
	p.answer(w, r, f.page("situation", situationPage{s, p.figures(f, s.Rows), f.chart(&s.Chart)}), err)
}

func (p *Pages) crossings(w http.ResponseWriter, r *http.Request) {
	l, err := p.o.Desk.List(r.Context(), desk.Query{What: desk.ListRoutes, At: asked(r)})
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	p.render(w, r, http.StatusOK, p.frame(r, "situation").page("routes", l.Rows))
}
