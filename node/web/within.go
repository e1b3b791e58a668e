package web

import (
	"context"
	"fmt"
	"html"
	"net/http"
	"strings"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

// A form says in which world it was opened, and an open page in which it is shown: by the record
// that began the exercise; nothing says that it is real.
const (
	worldField  = "world"
	worldHeader = "X-World"
)

// shownAlerts are how many real alerts stand within an exercise.
const shownAlerts = 3

// within puts a visit into the exercise that its session is in. One that is over, or that its
// institution takes no part in any more, ends here: the next page says so.
func (p *Pages) within(ctx context.Context, v *visit) context.Context {
	ref := p.sessions.GetString(ctx, keyWithin)
	if ref == "" {
		return ctx
	}
	var x desk.ExerciseRow
	n, err := protocol.ParseName(ref)
	if err == nil {
		x, err = p.o.Desk.Playing(v.as, n)
	}
	if err != nil {
		p.sessions.Remove(ctx, keyWithin)
		p.sessions.Put(ctx, keyEnded, p.titled(ref))
		return ctx
	}
	v.playing = &x
	return desk.Within(ctx, x.World())
}

// titled gives the title of an exercise, or what began it where that is not known.
func (p *Pages) titled(ref string) string {
	n, err := protocol.ParseName(ref)
	if err != nil {
		return fmt.Sprintf("%.80q", ref)
	}
	if x, err := p.o.Desk.Exercise(n); err == nil {
		return x.Title
	}
	return ref
}

// world names that of a visit; empty: what is real.
func (v *visit) world() string {
	if v.playing == nil {
		return ""
	}
	return v.playing.Record.String()
}

// worldSaid says a world in words.
func (p *Pages) worldSaid(f *frame, ref string) string {
	if ref == "" {
		return f.T("exercise.reality")
	}
	return p.titled(ref)
}

// inWorld hands on what is done, or shown, in the world that its session is in, and nothing else.
func (p *Pages) inWorld(w http.ResponseWriter, r *http.Request, route string, next http.HandlerFunc) {
	v := visitOf(r.Context())
	presence := desk.WithinExercise(route)
	switch {
	case v.playing != nil && presence == desk.OutsideRoute:
		f := p.frame(r, "")
		p.elsewhere(w, r, route, f.T("exercise.outside", v.playing.Title))
	case r.Method == http.MethodPost && presence != desk.OutsideRoute && !desk.AnyWorld(route) && r.PostFormValue(worldField) != v.world():
		f := p.frame(r, "")
		p.elsewhere(w, r, route, f.T("exercise.mismatch", p.worldSaid(f, r.PostFormValue(worldField)), p.worldSaid(f, v.world())))
	case byItself(r) && route != "GET /live" && route != "GET /ring" && r.Header.Get(worldHeader) != v.world():
		w.Header().Set("HX-Redirect", r.URL.RequestURI()) // another tab has entered, or left
	case v.playing != nil && presence == desk.PlayedRoute && r.PathValue("institution") != "" && p.foreign(r, v.playing):
		f := p.frame(r, "")
		p.elsewhere(w, r, route, f.T("exercise.foreign", v.playing.Title))
	case v.playing != nil && presence == desk.RealRoute:
		next(w, r.WithContext(desk.Within(r.Context(), desk.World{})))
	default:
		next(w, r)
	}
}

// foreign reports whether a page is of a record that stands in another world.
func (p *Pages) foreign(r *http.Request, x *desk.ExerciseRow) bool {
	n, err := protocol.ParseName(recordName(r))
	return err == nil && p.o.Desk.WorldOf(n) != x.World()
}

// elsewhere refuses what is not done in the world that the session is in.
func (p *Pages) elsewhere(w http.ResponseWriter, r *http.Request, route, why string) {
	template := "problem"
	if route == "POST /typed" { // what stands in the form stays there
		template = "typedother"
	}
	p.render(w, r, http.StatusUnprocessableEntity, p.frame(r, "").page(template, inOwnWords(why)))
}

// played says on a page in which exercise it stands, or that one has ended.
func (p *Pages) played(r *http.Request, f *frame) {
	f.Playing = visitOf(r.Context()).playing
	if f.Playing == nil {
		if r.Method == http.MethodGet && !byItself(r) {
			f.Ended = p.sessions.PopString(r.Context(), keyEnded)
		}
		return
	}
	f.RealPage = desk.WithinExercise(r.Pattern) == desk.RealRoute
	alerts, err := p.o.Desk.RealAlerts(r.Context())
	if err != nil {
		p.o.Logger.ErrorContext(r.Context(), "real alerts are not shown within an exercise", "err", err)
	}
	f.Alerts = alerts
}

// FirstAlerts are the gravest of the real alerts.
func (f *frame) FirstAlerts() []desk.AlertRow { return f.Alerts[:min(shownAlerts, len(f.Alerts))] }

// MoreAlerts counts the others.
func (f *frame) MoreAlerts() int { return len(f.Alerts) - len(f.FirstAlerts()) }

// stamped writes into each form of a page that is sent in which exercise it was opened.
func (p *Pages) stamped(page []byte, x *desk.ExerciseRow) []byte {
	if x == nil {
		return page
	}
	field := `<input type="hidden" name="` + worldField + `" value="` + html.EscapeString(strings.ReplaceAll(x.Record.String(), "$", "")) + `">`
	return p.posts.ReplaceAll(page, []byte("$0"+field))
}
