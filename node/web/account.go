package web

import (
	"net/http"
	"slices"

	"github.com/vardar-network/vardar/node/desk"
)

// accountPage is an account's own page: its password, and where it is logged in.
type accountPage struct {
	entry
	Here      desk.Login   // this log-in
	Elsewhere []desk.Login // the others
	Ended     bool         // some of them were ended just now
}

func (p *Pages) accountForm(w http.ResponseWriter, r *http.Request) {
	p.showAccount(w, r, accountPage{}, nil)
}

func (p *Pages) showAccount(w http.ResponseWriter, r *http.Request, page accountPage, wrong error) {
	status := http.StatusOK
	if wrong != nil {
		status, page.Problem = statusOf(wrong), p.problem(r, wrong)
	}
	all, err := p.o.Desk.Logins(r.Context(), visitor(r.Context()).Name)
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	here := p.sessions.GetString(r.Context(), keyLogin)
	if i := slices.IndexFunc(all, func(l desk.Login) bool { return l.ID == here }); i >= 0 {
		page.Here, all = all[i], slices.Delete(all, i, i+1)
	}
	page.Elsewhere = all
	p.render(w, r, status, p.present(r, "").page("account", page))
}

// changePassword gives the account another password. Every session of it ends but this one,
// which goes on under a token that nobody has seen before.
func (p *Pages) changePassword(w http.ResponseWriter, r *http.Request) {
	a, err := p.o.Desk.ChangePassword(r.Context(), visitor(r.Context()).Name, r.PostFormValue("old"), r.PostFormValue("password"))
	if err == nil {
		err = p.admit(r, a)
	}
	page := accountPage{}
	if err == nil {
		page.Name = a.Name
	}
	p.showAccount(w, r, page, err)
}

// endLogins ends those log-ins of the account that are chosen.
func (p *Pages) endLogins(w http.ResponseWriter, r *http.Request) {
	password := r.PostFormValue("password") // reads the form
	err := p.o.Desk.EndLogins(r.Context(), visitor(r.Context()), p.sessions.GetString(r.Context(), keyLogin), password, r.PostForm["login"])
	p.showAccount(w, r, accountPage{Ended: err == nil}, err)
}

// leaveEverywhere ends every session of the account, this one too.
func (p *Pages) leaveEverywhere(w http.ResponseWriter, r *http.Request) {
	if _, err := p.o.Desk.EndSessions(r.Context(), visitor(r.Context()).Name); err != nil {
		p.refuse(w, r, err)
		return
	}
	p.leave(w, r)
}
