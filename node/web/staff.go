package web

import (
	"net/http"
	"strconv"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

// staffPage is who comes in, people and programs, and what was just drawn for one of them:
// it is shown once.
type staffPage struct {
	Accounts []desk.Account
	Logins   []desk.Login
	Tokens   []desk.Token
	Roles    []desk.Role
	Scopes   []desk.Scope
	Own      []protocol.InstitutionID
	Done     desk.StaffDone
	Made     desk.TokenMade
	Problem  *desk.Problem
}

func (p *Pages) showStaff(w http.ResponseWriter, r *http.Request, page staffPage, err error) {
	status := http.StatusOK
	if err != nil {
		status, page.Problem = statusOf(err), p.problem(r, err)
	}
	page.Roles, page.Scopes, page.Own = desk.Roles(), desk.Scopes(), p.o.Desk.Institutions()
	page.Accounts, err = p.o.Desk.Staff(r.Context())
	if err == nil {
		page.Logins, err = p.o.Desk.Logins(r.Context(), "")
	}
	if err == nil {
		page.Tokens, err = p.o.Desk.Tokens(r.Context())
	}
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	f := p.present(r, "staff")
	f.Scripts, f.Address = nil, "" // a word that is shown once stays until its reader goes
	p.render(w, r, status, f.page("staff", page))
}

func (p *Pages) staff(w http.ResponseWriter, r *http.Request) { p.showStaff(w, r, staffPage{}, nil) }

// ids are the institutions that a form names.
func ids(r *http.Request) []protocol.InstitutionID {
	_ = r.PostFormValue("for") // reads the form
	var out []protocol.InstitutionID
	for _, id := range r.PostForm["for"] {
		out = append(out, protocol.InstitutionID(id))
	}
	return out
}

// changeStaff makes, changes or takes away an account.
func (p *Pages) changeStaff(w http.ResponseWriter, r *http.Request) {
	done, err := p.o.Desk.ChangeStaff(r.Context(), desk.StaffRequest{
		Do: field(r, "do"), Name: field(r, "name"), Role: desk.Role(field(r, "role")), Reason: field(r, "reason"), Institutions: ids(r), Login: field(r, "login"),
	})
	p.showStaff(w, r, staffPage{Done: done}, err)
}

// addToken makes a program's way in.
func (p *Pages) addToken(w http.ResponseWriter, r *http.Request) {
	days, err := strconv.Atoi(field(r, "days"))
	if err != nil {
		days = -1 // which the desk refuses
	}
	made, err := p.o.Desk.AddToken(r.Context(), desk.TokenRequest{
		Name: field(r, "name"), Role: desk.Role(field(r, "role")), Scope: desk.Scope(field(r, "scope")), Days: days, Institutions: ids(r),
	})
	p.showStaff(w, r, staffPage{Made: made}, err)
}

func (p *Pages) removeToken(w http.ResponseWriter, r *http.Request) {
	_, err := p.o.Desk.RemoveToken(r.Context(), desk.TokenName{Name: field(r, "name")})
	p.showStaff(w, r, staffPage{}, err)
}
