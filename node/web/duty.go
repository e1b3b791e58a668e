package web

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/vardar-network/vardar/node/desk"
)

// waking are the routes of who is woken by what, and of programs that are told.
func (p *Pages) waking() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"GET /ring":        p.ring,
		"GET /duty":        p.duty,
		"GET /duty/rules":  p.dutyRules,
		"POST /duty/rules": p.changeWebhook,
		"POST /duty/seen":  p.seen,
		"POST /duty/test":  p.testWay,
	}
}

// duty shows who is woken by what, and what was woken.
func (p *Pages) duty(w http.ResponseWriter, r *http.Request) {
	p.render(w, r, http.StatusOK, p.present(r, "duty").page("duty", p.o.Desk.Duty(r.Context(), desk.Ceiling(visitor(r.Context())))))
}

// ring answers an open page with what rings.
func (p *Pages) ring(w http.ResponseWriter, r *http.Request) {
	p.render(w, r, http.StatusOK, p.frame(r, "").page("ringing", nil))
}

// seen takes a person's word that something was seen. An open page stays where it is.
func (p *Pages) seen(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.ParseUint(field(r, "id"), 10, 64)
	if err != nil {
		err = &desk.Problem{Kind: desk.Usage, Field: "id", Detail: "this is no number of a waking"}
	} else {
		_, err = p.o.Desk.SeenWaking(r.Context(), desk.WakingID{ID: id})
	}
	switch {
	case err != nil:
		p.refuse(w, r, err)
	case r.Header.Get("HX-Request") != "":
		p.ring(w, r)
	default:
		http.Redirect(w, r, "/duty", http.StatusSeeOther)
	}
}

// testWay sends a test, and says how it went.
func (p *Pages) testWay(w http.ResponseWriter, r *http.Request) {
	way := field(r, "way")
	_, err := p.o.Desk.TestWay(r.Context(), desk.WayName{Way: way})
	f := p.present(r, "duty")
	f.Said = f.T("duty.tested", way)
	view := struct {
		desk.DutyView
		Problem *desk.Problem
	}{DutyView: p.o.Desk.Duty(r.Context(), desk.Ceiling(visitor(r.Context())))}
	status := http.StatusOK
	if err != nil {
		f.Said, view.Problem, status = "", p.problem(r, err), statusOf(err)
	}
	p.render(w, r, status, f.page("dutytested", view))
}

// MayWarn reports whether the institution that the visitor acts as may send an alert.
func (f *frame) MayWarn() bool { return f.May("POST /alert/new") && f.mayWarn(f.Institution) }

// dismiss takes a person's word that a change needs no alert.
func (p *Pages) dismiss(w http.ResponseWriter, r *http.Request) {
	if _, err := p.o.Desk.Dismiss(r.Context(), field(r, "record")); err != nil {
		p.refuse(w, r, err)
		return
	}
	http.Redirect(w, r, "/situation/alerts#drafts", http.StatusSeeOther)
}

// KindsSaid says kinds of records, with commas.
func (f *frame) KindsSaid(kinds []string) string {
	words := make([]string, len(kinds))
	for i, k := range kinds {
		words[i] = f.Kind(k)
	}
	return strings.Join(words, ", ")
}

// Listed says words, with commas.
func (f *frame) Listed(words []string) string { return strings.Join(words, ", ") }
