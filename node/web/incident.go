package web

import (
	"net/http"

	"github.com/vardar-network/vardar/node/desk"
)

// incidentPage is one incident.
type incidentPage struct {
	desk.Incident
	Rows []figureRow
	Note desk.Form // into its thread; empty for who writes none
}

func (p *Pages) incident(w http.ResponseWriter, r *http.Request) {
	v, err := p.o.Desk.Incident(r.Context(), recordName(r), desk.Ceiling(visitor(r.Context())), asked(r))
	if err == nil {
		err = v.Only(r.FormValue("quality"))
	}
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	f := p.frame(r, "situation")
	page := incidentPage{Incident: v, Rows: p.figures(f, v.Curves)}
	if f.May("POST /note/{institution}/{position}") {
		if page.Note, err = p.o.Desk.NewForm(r.Context(), f.Institution, desk.FormNote, recordName(r)); err != nil {
			p.refuse(w, r, err)
			return
		}
	}
	p.render(w, r, http.StatusOK, f.page("incident", page))
}

// recordName is the record's that an address names.
func recordName(r *http.Request) string {
	return r.PathValue("institution") + "/" + r.PathValue("position")
}
