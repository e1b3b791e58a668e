package web

import (
	"net/http"
	"strings"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol/body"
)

// situationPage is the table of figures, and the map beside it.
type situationPage struct {
	desk.Sight
	Figures []figureRow
	Map     *chart
	Files   []takeAway
}

// crossingsPage is the crossings, and of which quality.
type crossingsPage struct {
	Rows    any
	Quality string
}

// takeAway is a file that says what the table says.
type takeAway struct{ As, Href string }

// files gives them, of what is chosen and of the same instant.
func (f *frame) files(s *desk.Sight) []takeAway {
	var out []takeAway
	for _, file := range []takeAway{{"XLSX", "figures.xlsx"}, {"CSV", "figures.csv"}, {"HXL", "figures.hxl.csv"}} {
		file.Href = f.address("/situation/"+file.Href, "place", s.Place, "what", s.Indicator, "quality", s.Quality)
		out = append(out, file)
	}
	return out
}

// sight is what the page and its files show.
func (p *Pages) sight(r *http.Request) (desk.Sight, error) {
	s, err := p.o.Desk.See(r.Context(), asked(r), r.FormValue("place"), body.Indicator(r.FormValue("what")))
	if err == nil {
		err = s.Only(r.FormValue("quality"))
	}
	return s, err
}

func (p *Pages) situation(w http.ResponseWriter, r *http.Request) {
	f := p.frame(r, "situation")
	s, err := p.sight(r)
	s.Show(from(r))
	p.answer(w, r, f.page("situation", situationPage{s, p.figures(f, s.Shown.Rows), f.chart(&s.Chart), f.files(&s)}), err)
}

// phasesPage is the phase board, and of which place.
type phasesPage struct {
	desk.TerritoryBoard
	Place, Quality string
}

func (p *Pages) phases(w http.ResponseWriter, r *http.Request) {
	q := desk.Query{At: asked(r), Place: strings.TrimSpace(r.FormValue("place")), Quality: r.FormValue("quality")}
	v, err := p.o.Desk.PhaseBoard(r.Context(), q, from(r))
	p.answer(w, r, p.frame(r, "situation").page("phaseboard", phasesPage{v, q.Place, q.Quality}), err)
}

func (p *Pages) crossings(w http.ResponseWriter, r *http.Request) {
	q := desk.Query{What: desk.ListRoutes, At: asked(r), Quality: r.FormValue("quality")}
	l, err := p.o.Desk.List(r.Context(), q)
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	p.render(w, r, http.StatusOK, p.frame(r, "situation").page("routes", crossingsPage{l.Rows, q.Quality}))
}
