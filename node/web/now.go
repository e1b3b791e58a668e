package web

import (
	"net/http"

	"github.com/vardar-network/vardar/node/desk"
)

// nowPage is Now for a duty officer.
type nowPage struct {
	desk.Post
	Curves  []figureRow
	Members []desk.Member
}

func (p *Pages) now(w http.ResponseWriter, r *http.Request) {
	f := p.frame(r, "now")
	if !f.May("GET /situation") { // who keeps the machine sees the network, and no figures
		p.network(w, r)
		return
	}
	post, err := p.o.Desk.Post(r.Context(), f.Institution)
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	members, err := p.o.Desk.Members(r.Context())
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	p.render(w, r, http.StatusOK, f.page("now", nowPage{post, p.figures(f, post.Figures), members}))
}

func (p *Pages) network(w http.ResponseWriter, r *http.Request) {
	members, err := p.o.Desk.Members(r.Context())
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	p.render(w, r, http.StatusOK, p.frame(r, "network").page("network", members))
}

func (p *Pages) audit(w http.ResponseWriter, r *http.Request) {
	l, err := p.o.Desk.List(r.Context(), desk.Query{What: desk.ListAudit})
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	p.render(w, r, http.StatusOK, p.frame(r, "audit").page("audit", l.Rows))
}
