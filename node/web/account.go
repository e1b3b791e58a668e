package web

import "net/http"

func (p *Pages) accountForm(w http.ResponseWriter, r *http.Request) {
	p.render(w, r, http.StatusOK, p.present(r, "").page("account", entry{}))
}

// changePassword gives the account another password. Every session of it ends but this one,
// which goes on under a token that nobody has seen before.
func (p *Pages) changePassword(w http.ResponseWriter, r *http.Request) {
	a, err := p.o.Desk.ChangePassword(r.Context(), visitor(r.Context()).Name, r.PostFormValue("old"), r.PostFormValue("password"))
	if err == nil {
		err = p.admit(r.Context(), a)
	}
	if err != nil {
		p.render(w, r, statusOf(err), p.present(r, "").page("account", entry{Problem: p.problem(r, err)}))
		return
	}
	p.render(w, r, http.StatusOK, p.present(r, "").page("account", entry{Name: a.Name}))
}

// leaveEverywhere ends every session of the account, this one too.
func (p *Pages) leaveEverywhere(w http.ResponseWriter, r *http.Request) {
	if _, err := p.o.Desk.EndSessions(r.Context(), visitor(r.Context()).Name); err != nil {
		p.refuse(w, r, err)
		return
	}
	p.leave(w, r)
}
