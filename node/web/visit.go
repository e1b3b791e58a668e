package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/lang"
	"github.com/vardar-network/vardar/protocol"
)

// visit is what a request says of itself: who asks, as which institution, and about when.
type visit struct {
	account desk.Account // the zero one has not logged in
	as      protocol.InstitutionID
	at      protocol.Instant  // as this node knew it then; 0: now
	playing *desk.ExerciseRow // the exercise that the session is in; nil: what is real
}

// visitKey is the key under which a request's context holds its visit.
type visitKey struct{}

func visitOf(ctx context.Context) visit {
	v, _ := ctx.Value(visitKey{}).(visit)
	return v
}

// visitor gives who asks; the zero account has not logged in.
func visitor(ctx context.Context) desk.Account { return visitOf(ctx).account }

// acting gives the institution that the visitor acts as.
func acting(ctx context.Context) protocol.InstitutionID { return visitOf(ctx).as }

// asked gives the instant that a page is asked about; 0: now.
func asked(r *http.Request) protocol.Instant { return visitOf(r.Context()).at }

// moment reads the instant that a page is asked about. A page can't show what is to come,
// and a form is filled in now.
func (p *Pages) moment(r *http.Request) (protocol.Instant, error) {
	text := strings.TrimSpace(r.URL.Query().Get("at"))
	if text == "" || r.Method != http.MethodGet {
		return 0, nil
	}
	now := p.o.Clock()
	t, ok := lang.Moment(text, now)
	switch {
	case !ok:
		return 0, &desk.Problem{Kind: desk.Usage, Field: "at", Detail: fmt.Sprintf("at=%.40q is no moment", text), Mend: "want 2006-01-02, 2006-01-02T15:04, or how long ago: 24h, 7d"}
	case t.After(now):
		return 0, &desk.Problem{Kind: desk.Usage, Field: "at", Detail: "that moment is still to come", Mend: "give an earlier one"}
	case isForm(r.URL.Path):
		return 0, &desk.Problem{Kind: desk.Usage, Field: "at", Detail: "a form is filled in now", Mend: "open it without at"}
	}
	return protocol.InstantOf(t), nil
}

// isForm reports whether something is written on a page.
func isForm(path string) bool {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return strings.HasSuffix(path, "/new") || path == "/report/sheet" || path == invitePath || slices.Contains(aboutForms(), first)
}

// actAs takes the institution that an account acts as from now on.
func (p *Pages) actAs(w http.ResponseWriter, r *http.Request) {
	as, err := p.o.Desk.Acting(visitor(r.Context()), protocol.InstitutionID(r.PostFormValue("institution")))
	if err != nil {
		p.refuse(w, r, err)
		return
	}
	p.sessions.Put(r.Context(), keyAs, string(as))
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// Href gives the address of a page of the same instant, out of parts.
func (f *frame) Href(parts ...any) string {
	var path strings.Builder
	for _, part := range parts {
		fmt.Fprint(&path, part)
	}
	if f.At != 0 {
		path.WriteString("?at=" + url.QueryEscape(f.At.String()))
	}
	return path.String()
}
