package web

import (
	"context"
	"net/http"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

// What a session holds.
const (
	keyAccount = "account"
	keyOf      = "of"    // what of the account it belongs to
	keyLogin   = "login" // its number, by which it is ended
	keyAs      = "as"    // the institution that it acts as
	keyWithin  = "world" // the record that began the exercise it is in
	keyEnded   = "ended" // the title of one that has ended for it since
)

// session finds out who asks, as whom and about when, and hands it on.
func (p *Pages) session(next http.HandlerFunc) http.HandlerFunc {
	known := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		var v visit
		if name := p.sessions.GetString(ctx, keyAccount); name != "" {
			a, err := p.o.Desk.Visitor(ctx, name, p.sessions.GetString(ctx, keyOf), p.sessions.GetString(ctx, keyLogin))
			if err != nil {
				p.failed(w, r, err)
				return
			}
			if a.Name != "" {
				v.account = a
				p.uses(r, a)
				if v.as, err = p.o.Desk.Acting(a, protocol.InstitutionID(p.sessions.GetString(ctx, keyAs))); err != nil {
					v.as, err = p.o.Desk.Acting(a, "") // it was taken from the account since
				}
				if err != nil {
					p.failed(w, r, err)
					return
				}
				ctx = p.within(desk.InRole(desk.By(ctx, a.Name, v.as), a.Role), &v)
			}
		}
		at, err := p.moment(r)
		v.at = at
		r = r.WithContext(context.WithValue(ctx, visitKey{}, v))
		if err != nil {
			p.refuse(w, r, err)
			return
		}
		next(w, r)
	})
	read, kept := peek(p.sessions, known), p.sessions.LoadAndSave(known)
	return func(w http.ResponseWriter, r *http.Request) {
		if byItself(r) {
			read.ServeHTTP(w, r)
			return
		}
		kept.ServeHTTP(w, r)
	}
}

// uses notes that somebody uses a log-in: what an open page asks by itself is no use of it. Where that
// can't be written, people read all the same.
func (p *Pages) uses(r *http.Request, a desk.Account) {
	if byItself(r) {
		return
	}
	if err := p.o.Desk.Uses(r.Context(), a, p.sessions.GetString(r.Context(), keyLogin), p.from(r)); err != nil {
		p.o.Logger.WarnContext(r.Context(), "it is not kept when a log-in was used", "account", a.Name, "err", err)
	}
}

// guard lets those in whom the table lets in. Who has not logged in is led to where that
// is done.
func (p *Pages) guard(route string, next http.HandlerFunc) http.HandlerFunc {
	if desk.MayOpen(desk.Account{}, route) {
		if route == "GET /static/{file}" {
			return next
		}
		return p.session(next)
	}
	return p.session(func(w http.ResponseWriter, r *http.Request) {
		a := visitor(r.Context())
		switch {
		case a.Name == "" && byItself(r): // the page that asks gives way to the log-in
			w.Header().Set("HX-Redirect", "/enter")
			http.Error(w, "the log-in has ended", http.StatusUnauthorized)
		case a.Name == "" && route == "POST /typed": // what stands in the form stays there
			p.render(w, r, http.StatusUnauthorized, p.frame(r, "").page("typedout", nil))
		case a.Name == "":
			http.Redirect(w, r, "/enter", http.StatusSeeOther)
		case !desk.MayOpen(a, route):
			p.o.Logger.WarnContext(r.Context(), "page refused", "account", a.Name, "role", a.Role, "route", route)
			f := p.frame(r, "")
			p.render(w, r, http.StatusForbidden, f.page("problem", inOwnWords(f.T("problem.forbidden", f.Word(a.Role)))))
		case p.o.Desk.MustPair(a) && !desk.Unpaired(route):
			w.Header().Set("HX-Redirect", "/account/factor")
			http.Redirect(w, r, "/account/factor", http.StatusSeeOther)
		case !desk.Tried(route) && p.trying(r):
			p.refuse(w, r, &desk.Problem{Kind: desk.Refused, Detail: "this is not done while you only try", Mend: "end the trial first"})
		default:
			p.inWorld(w, r, route, next)
		}
	})
}

// entry is the form of a log-in, or of a word.
type entry struct {
	Name    string
	Problem *desk.Problem
	Sheet   string // the recovery word, shown once
	To      string // where it goes on
}

func (p *Pages) enterForm(w http.ResponseWriter, r *http.Request) {
	p.render(w, r, http.StatusOK, p.frame(r, "").page("enter", entry{}))
}

func (p *Pages) enter(w http.ResponseWriter, r *http.Request) {
	name := r.PostFormValue("name")
	a, err := p.o.Desk.Enter(r.Context(), name, r.PostFormValue("password"))
	to := ""
	if err == nil {
		to, err = p.letIn(r, a)
	}
	if err != nil {
		p.render(w, r, statusOf(err), p.frame(r, "").page("enter", entry{Name: name, Problem: p.problem(r, err)}))
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// admit begins a session, under a token that nobody has seen before; the one that this browser had
// ends.
func (p *Pages) admit(r *http.Request, a desk.Account) error {
	ctx := r.Context()
	if err := p.sessions.RenewToken(ctx); err != nil {
		return err
	}
	if err := p.o.Desk.LeaveHere(ctx, p.sessions.GetString(ctx, keyAccount), p.sessions.GetString(ctx, keyLogin)); err != nil {
		return err
	}
	l, err := p.o.Desk.Begin(ctx, a, p.from(r), browserOf(r.UserAgent()), p.sessions.Deadline(ctx))
	if err != nil {
		return err
	}
	p.sessions.Put(ctx, keyLogin, l.ID)
	p.sessions.Remove(ctx, keyHalf)
	p.sessions.Put(ctx, keyAccount, a.Name)
	p.sessions.Put(ctx, keyOf, a.Session())
	return nil
}

func (p *Pages) wordForm(w http.ResponseWriter, r *http.Request) {
	p.render(w, r, http.StatusOK, p.frame(r, "").page("word", entry{Name: r.FormValue("name")}))
}

func (p *Pages) word(w http.ResponseWriter, r *http.Request) {
	name := r.PostFormValue("name")
	a, sheet, err := p.o.Desk.Redeem(r.Context(), name, r.PostFormValue("word"), r.PostFormValue("password"))
	to := ""
	if err == nil {
		to, err = p.letIn(r, a)
	}
	if err != nil {
		p.render(w, r, statusOf(err), p.frame(r, "").page("word", entry{Name: name, Problem: p.problem(r, err)}))
		return
	}
	p.render(w, r, http.StatusOK, p.frame(r, "").page("sheet", entry{Name: a.Name, Sheet: sheet, To: to}))
}

func (p *Pages) leave(w http.ResponseWriter, r *http.Request) {
	if err := p.o.Desk.LeaveHere(r.Context(), visitor(r.Context()).Name, p.sessions.GetString(r.Context(), keyLogin)); err != nil {
		p.o.Logger.WarnContext(r.Context(), "a log-in that has ended is still listed", "err", err)
	}
	if err := p.sessions.Destroy(r.Context()); err != nil {
		p.failed(w, r, err)
		return
	}
	http.Redirect(w, r, "/enter", http.StatusSeeOther)
}
