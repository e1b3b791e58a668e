package web

import (
	"encoding/json"
	"errors"
	"net/http"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/oidc"
)

// keyBegun is where a session holds a log-in that is under way elsewhere.
const keyBegun = "oidc"

// enterElsewhere sends a browser to where the institution's people log in.
func (p *Pages) enterElsewhere(w http.ResponseWriter, r *http.Request) {
	if p.o.OIDC == nil {
		p.enterForm(w, r)
		return
	}
	address, begun, err := p.o.OIDC.Begin(r.Context())
	kept, wrong := json.Marshal(begun)
	if err = errors.Join(err, wrong); err != nil {
		p.notEntered(w, r, err)
		return
	}
	p.sessions.Put(r.Context(), keyBegun, kept)
	http.Redirect(w, r, address, http.StatusSeeOther)
}

// back takes a browser that comes from there.
func (p *Pages) back(w http.ResponseWriter, r *http.Request) {
	if p.o.OIDC == nil {
		p.enterForm(w, r)
		return
	}
	var begun oidc.Begun
	if kept := p.sessions.PopBytes(r.Context(), keyBegun); kept != nil { // once, whatever comes of it
		if err := json.Unmarshal(kept, &begun); err != nil {
			p.failed(w, r, err)
			return
		}
	}
	who, err := p.o.OIDC.Finish(r.Context(), r.URL.Query(), begun)
	var a desk.Account
	if err == nil {
		a, err = p.o.Desk.EnterBy(r.Context(), who)
	}
	to := ""
	if err == nil {
		to, err = p.letIn(r, a)
	}
	if err != nil {
		p.notEntered(w, r, err)
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// notEntered shows the log-in again with why, in words that say nothing of what the provider
// sent; that stands in the log.
func (p *Pages) notEntered(w http.ResponseWriter, r *http.Request, err error) {
	var said *desk.Problem
	if errors.As(err, &said) {
		p.render(w, r, statusOf(err), p.frame(r, "").page("enter", entry{Problem: p.problem(r, said)}))
		return
	}
	p.o.Logger.WarnContext(r.Context(), "nobody entered by the provider", "issuer", p.o.OIDC.Issuer(), "err", err)
	kind, why, mend := desk.NotPermitted, oidc.ErrRefused, "try again there, or log in with the password"
	const meanwhile = "log in with the password; who runs the node finds the reason in its log"
	switch {
	case errors.Is(err, oidc.ErrNoAnswer):
		kind, why, mend = desk.NoLine, oidc.ErrNoAnswer, meanwhile
	case errors.Is(err, oidc.ErrOther):
		why, mend = oidc.ErrOther, "begin it again"
	case errors.Is(err, oidc.ErrUnproved):
		why, mend = oidc.ErrUnproved, meanwhile
	}
	said = &desk.Problem{Kind: kind, Detail: why.Error(), Mend: mend}
	p.render(w, r, statusOf(said), p.frame(r, "").page("enter", entry{Problem: said}))
}
