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
	Duty []desk.Member // those with a telephone
}

func (p *Pages) blank(w http.ResponseWriter, r *http.Request) {
	f := p.present(r, "report")
	form, err := p.o.Desk.NewForm(r.Context(), f.Institution, desk.FormReport, "")
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	members, err := p.o.Desk.Members(r.Context())
	page := blankPage{Form: form}
	for i := range members {
		if m := &members[i]; m.Duty != nil && m.Duty.Phone != "" && len(page.Duty) < blankNumbers {
			page.Duty = append(page.Duty, *m)
		}
	}
	p.answer(w, r, f.page("blank", page), err)
}
