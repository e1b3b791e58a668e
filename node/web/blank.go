package web

import (
	"net/http"

	"github.com/vardar-network/vardar/node/desk"
)

// blankNumbers is how many duty numbers the blank form has room for: it is one A4.
const blankNumbers = 8

// blankPage is the form of a report, to be filled in by hand.
type blankPage struct {
	desk.Form
	Duty []desk.Member // whom to call first
}

func (p *Pages) blank(w http.ResponseWriter, r *http.Request) {
	f := p.present(r, "report")
	form, err := p.o.Desk.NewForm(r.Context(), f.Institution, desk.FormReport, "")
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	p.answer(w, r, f.page("blank", blankPage{form, p.o.Desk.Numbers(f.Institution, blankNumbers).Rows}), nil)
}
