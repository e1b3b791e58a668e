package web

import (
	"context"
	"net/http"
	"time"

	"github.com/vardar-network/vardar/node/desk"
)

// keyHalf is where a session holds who has proved the password, and has yet to give a code.
const keyHalf = "half"

// halfLasts is how long they may take.
const halfLasts = 10 * time.Minute

const factorPath = "/account/factor"

// half is somebody who is not in yet, in words, as a session holds them.
func half(a desk.Account, ends time.Time) []string {
	return []string{a.Name, a.Session(), ends.UTC().Format(time.RFC3339)}
}

// factorPage is an account's second factor, and what was just drawn for it: it is shown once.
type factorPage struct {
	desk.Pairing
	Square  square
	Begun   bool // the next thing is a code
	Must    bool
	Codes   []string
	Problem *desk.Problem
}

// pairing are the routes of an account and its second factor.
func (p *Pages) pairing() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"GET /account":        p.accountForm,
		"POST /account":       p.changePassword,
		"POST /account/leave": p.leaveEverywhere,
		"POST /account/end":   p.endLogins,
		"GET /enter/code":     p.codeForm,
		"POST /enter/code":    p.code,
		"GET " + factorPath:   p.factor,
		"POST " + factorPath:  p.changeFactor,
	}
}

// letIn begins the session of somebody who has proved the password, or half of it where there is a
// second factor; it gives where that goes on.
func (p *Pages) letIn(r *http.Request, a desk.Account) (to string, err error) {
	ctx := r.Context()
	if !a.Factor {
		return "/", p.admit(r, a)
	}
	if err := p.sessions.RenewToken(ctx); err != nil {
		return "", err
	}
	p.sessions.Remove(ctx, keyAccount)
	p.sessions.Put(ctx, keyHalf, half(a, p.o.Clock().Add(halfLasts)))
	return "/enter/code", nil
}

// halfway gives who is halfway in; the zero account if nobody is, or it took too long.
func (p *Pages) halfway(ctx context.Context) (desk.Account, error) {
	said, _ := p.sessions.Get(ctx, keyHalf).([]string)
	if len(said) != 3 {
		return desk.Account{}, nil
	}
	if ends, err := time.Parse(time.RFC3339, said[2]); err != nil || !p.o.Clock().Before(ends) {
		return desk.Account{}, err
	}
	return p.o.Desk.Known(ctx, said[0], said[1])
}

func (p *Pages) codeForm(w http.ResponseWriter, r *http.Request) { p.showCode(w, r, nil) }

func (p *Pages) showCode(w http.ResponseWriter, r *http.Request, wrong error) {
	a, err := p.halfway(r.Context())
	switch {
	case err != nil:
		p.failed(w, r, err)
	case a.Name == "":
		p.enterForm(w, r)
	case wrong != nil:
		p.render(w, r, statusOf(wrong), p.frame(r, "").page("code", entry{Name: a.Name, Problem: p.problem(r, wrong)}))
	default:
		p.render(w, r, http.StatusOK, p.frame(r, "").page("code", entry{Name: a.Name}))
	}
}

// code takes that of somebody who is halfway in.
func (p *Pages) code(w http.ResponseWriter, r *http.Request) {
	a, err := p.halfway(r.Context())
	if err != nil || a.Name == "" {
		p.showCode(w, r, err)
		return
	}
	a, err = p.o.Desk.EnterCode(r.Context(), a.Name, r.PostFormValue("code"))
	if err == nil {
		err = p.admit(r, a)
	}
	if err != nil {
		p.showCode(w, r, err)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func (p *Pages) factor(w http.ResponseWriter, r *http.Request) {
	p.showFactor(w, r, &factorPage{}, nil)
}

func (p *Pages) showFactor(w http.ResponseWriter, r *http.Request, page *factorPage, err error) {
	status := http.StatusOK
	if err != nil {
		status, page.Problem = statusOf(err), p.problem(r, err)
	}
	page.Must = p.o.Desk.MustPair(visitor(r.Context()))
	f := p.frame(r, "")
	f.Scripts, f.Address = nil, "" // what is shown once stays until its reader goes
	p.render(w, r, status, f.page("factor", page))
}

// changeFactor begins a second factor, has it count, or takes it away. This session goes on under
// a token that nobody has seen before; all others end.
func (p *Pages) changeFactor(w http.ResponseWriter, r *http.Request) {
	ctx, name, page := r.Context(), visitor(r.Context()).Name, &factorPage{}
	var a desk.Account
	var err error
	switch field(r, "do") {
	case "begin":
		if page.Pairing, err = p.o.Desk.BeginFactor(ctx, name, r.PostFormValue("password")); err == nil {
			page.Begun = true
			page.Square, err = squareOf(page.URI)
		}
	case "confirm":
		page.Begun = true
		a, page.Codes, err = p.o.Desk.ConfirmFactor(ctx, name, r.PostFormValue("code"))
	case "drop":
		a, err = p.o.Desk.DropFactor(ctx, name, r.PostFormValue("password"), r.PostFormValue("code"))
	}
	if err == nil && a.Name != "" {
		err = p.admit(r, a)
		v := visitOf(ctx)
		v.account = a
		r = r.WithContext(context.WithValue(ctx, visitKey{}, v))
	}
	p.showFactor(w, r, page, err)
}
