package web

import (
	"net/http"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

func (p *Pages) reporting(w http.ResponseWriter, r *http.Request) {
	v, err := p.o.Desk.Reporting(r.Context(), asked(r), from(r))
	p.answer(w, r, p.frame(r, "situation").page("reporting", v), err)
}

// remind asks somebody for what is due of them.
func (p *Pages) remind(w http.ResponseWriter, r *http.Request) {
	f := p.frame(r, "situation")
	kind := field(r, "kind")
	done, err := p.o.Desk.Remind(r.Context(), desk.RemindRequest{As: acting(r.Context()), Institution: protocol.InstitutionID(field(r, "institution")), Kind: kind, Words: func(since protocol.Instant) string {
		if since == 0 {
			return f.T("reporting.remind.never", f.Kind(kind))
		}
		return f.T("reporting.remind.text", f.Kind(kind), f.UTC(since))
	}})
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	p.leadOn(w, r, done, "/record/"+done.Record.String())
}

func (p *Pages) alerts(w http.ResponseWriter, r *http.Request) {
	v, err := p.o.Desk.Warnings(r.Context(), asked(r))
	p.answer(w, r, p.frame(r, "situation").page("alerts", v), err)
}

func (p *Pages) contradictions(w http.ResponseWriter, r *http.Request) {
	quality := r.FormValue("quality")
	v, err := p.o.Desk.Contradictions(r.Context(), asked(r))
	if err == nil {
		err = v.Only(quality)
	}
	p.answer(w, r, p.frame(r, "situation").page("contradictions", contradictionsPage{v, quality}), err)
}

// contradictionsPage is what can't both be so, and of which quality.
type contradictionsPage struct {
	desk.Opposed

	Quality string
}

// helpPage is what is asked for, and of which quality.
type helpPage struct {
	desk.Part[desk.RequestRow]

	Quality string
}

func (p *Pages) help(w http.ResponseWriter, r *http.Request) {
	quality := r.FormValue("quality")
	v, err := p.o.Desk.Asked(r.Context(), asked(r), quality, from(r))
	p.answer(w, r, p.frame(r, "help").page("help", helpPage{v, quality}), err)
}

// memberPage is one institution, and what of it is shown by quality.
type memberPage struct {
	desk.InstitutionView
	Quality string
}

// member is one institution's page.
func (p *Pages) member(w http.ResponseWriter, r *http.Request) {
	v, err := p.o.Desk.MemberFor(r.Context(), visitor(r.Context()), protocol.InstitutionID(r.PathValue("id")), asked(r))
	quality := r.FormValue("quality")
	if err == nil {
		err = v.Only(quality)
	}
	p.answer(w, r, p.frame(r, "network").page("member", memberPage{v, quality}), err)
}
