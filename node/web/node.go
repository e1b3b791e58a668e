package web

import "net/http"

func (p *Pages) node(w http.ResponseWriter, r *http.Request) {
	v, err := p.o.Desk.Examined(r.Context())
	p.answer(w, r, p.present(r, "node").page("node", v), err)
}

func (p *Pages) dropped(w http.ResponseWriter, r *http.Request) {
	v, err := p.o.Desk.Lacking(r.Context())
	p.answer(w, r, p.present(r, "network").page("dropped", v), err)
}
