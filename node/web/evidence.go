package web

import (
	"net/http"
	"strings"

	"github.com/vardar-network/vardar/node/desk"
)

// evidence gives the files that prove a record, in one that a browser keeps.
func (p *Pages) evidence(w http.ResponseWriter, r *http.Request) {
	name, ceiling := recordName(r), desk.Ceiling(visitor(r.Context()))
	v, err := p.o.Desk.RecordFor(r.Context(), name, ceiling, 0)
	if err == nil && v.Handling > ceiling {
		err = &desk.Problem{Kind: desk.NotPermitted, Detail: name + " is marked " + v.Handling.String() + ", and not for the role " + string(visitor(r.Context()).Role)}
	}
	var e desk.Evidence
	if err == nil {
		e, err = p.o.Desk.Evidence(r.Context(), name)
	}
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	data, err := packed(e.Files)
	if err != nil {
		p.failed(w, r, err)
		return
	}
	p.file(w, r, "evidence-"+strings.ReplaceAll(name, "/", "-")+".zip", data, nil)
}
