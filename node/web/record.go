package web

import (
	"net/http"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol/body"
)

// recordPage is one record.
type recordPage struct {
	desk.RecordView
	Hidden bool      // above the visitor's ceiling
	Parsed body.Body // nil of one that is hidden, or can't be read here
}

func (p *Pages) record(w http.ResponseWriter, r *http.Request) {
	ceiling := desk.Ceiling(visitor(r.Context()))
	v, err := p.o.Desk.RecordFor(r.Context(), recordName(r), ceiling, asked(r))
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	page := recordPage{RecordView: v, Hidden: v.Handling > ceiling}
	if b, err := body.Parse(v.Type, v.Body); err == nil && !page.Hidden {
		page.Parsed = b
	}
	p.render(w, r, http.StatusOK, p.frame(r, "").page("record", page))
}
