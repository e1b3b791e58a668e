package web

import (
	"net/http"

	"github.com/vardar-network/vardar/node/desk"
)

// placePage is all of one place.
type placePage struct {
	desk.PlaceSight
	Rows []figureRow
	Map  *chart
}

func (p *Pages) place(w http.ResponseWriter, r *http.Request) {
	v, err := p.o.Desk.Place(r.Context(), r.PathValue("code"), asked(r))
	if err == nil {
		err = v.Only(r.FormValue("quality"))
	}
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	v.Show(from(r))
	f := p.frame(r, "situation")
	p.render(w, r, http.StatusOK, f.page("place", placePage{v, p.figures(f, v.Shown.Rows), f.chart(&v.Chart)}))
}
