package web

import (
	"net/http"

	"github.com/vardar-network/vardar/node/desk"
)

// approvalPage is a record that waits for a second person, and what was wrong with deciding.
type approvalPage struct {
	desk.Second
	Problem *desk.Problem
}

// approvals are what waits for a second person.
func (p *Pages) approvals(w http.ResponseWriter, r *http.Request) {
	v, err := p.o.Desk.Seconds(r.Context())
	p.answer(w, r, p.present(r, "approvals").page("approvals", v), err)
}

func (p *Pages) approval(w http.ResponseWriter, r *http.Request) {
	p.showApproval(w, r, http.StatusOK, nil)
}

func (p *Pages) showApproval(w http.ResponseWriter, r *http.Request, status int, wrong *desk.Problem) {
	v, err := p.o.Desk.Second(r.Context(), r.PathValue("number"))
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	p.render(w, r, status, p.present(r, "approvals").page("approval", approvalPage{v, wrong}))
}

// letGo signs and sends what waits.
func (p *Pages) letGo(w http.ResponseWriter, r *http.Request) {
	done, err := p.o.Desk.LetGo(r.Context(), r.PathValue("number"))
	if err != nil {
		p.showApproval(w, r, statusOf(err), p.problem(r, err))
		return
	}
	http.Redirect(w, r, "/record/"+done.Record.String(), http.StatusSeeOther)
}

// giveBack returns what waits to who handed it in.
func (p *Pages) giveBack(w http.ResponseWriter, r *http.Request) {
	if err := p.o.Desk.GiveBack(r.Context(), r.PathValue("number"), field(r, "reason")); err != nil {
		p.showApproval(w, r, statusOf(err), p.problem(r, err))
		return
	}
	http.Redirect(w, r, "/approvals", http.StatusSeeOther)
}

// takeBack takes back what the visitor has handed in.
func (p *Pages) takeBack(w http.ResponseWriter, r *http.Request) {
	if err := p.o.Desk.TakeBack(r.Context(), r.PathValue("number")); err != nil {
		p.refuse(w, r, err)
		return
	}
	http.Redirect(w, r, "/drafts", http.StatusSeeOther)
}
