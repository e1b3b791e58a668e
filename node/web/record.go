package web

import (
	"net/http"

	"github.com/vardar-network/vardar/node/desk"
)

// recordPage is one record.
type recordPage struct {
	desk.RecordView
	Hidden bool // above the visitor's ceiling
}

func (p *Pages) record(w http.ResponseWriter, r *http.Request) {
	ceiling := desk.Ceiling(visitor(r.Context()))
	v, err := p.o.Desk.RecordFor(r.Context(), recordName(r), ceiling, asked(r))
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	p.render(w, r, http.StatusOK, p.frame(r, "").page("record", recordPage{v, v.Handling > ceiling}))
}
