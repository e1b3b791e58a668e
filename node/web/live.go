package web

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"
)

// Limits of live pages.
const (
	// liveFor is how long one stream lasts, below what the server gives an answer (eleven
	// minutes): a browser comes back by itself, and whoever has been shut out since does not.
	liveFor = 9 * time.Minute
	// maxLive is how many streams there are at once: each is one open page of somebody.
	maxLive = 200
)

// What a stream says: that it was there, so that who comes back is known to have missed
// something; and that what the page shows may have changed. The page then asks for itself
// anew, as it is for its reader: nothing of any record is in the stream.
const (
	liveHere    = "id: 1\n\n"
	liveChanged = "event: changed\ndata: 1\n\n"
)

// live tells an open page when to look again.
func (p *Pages) live(w http.ResponseWriter, r *http.Request) {
	select {
	case p.open <- struct{}{}:
		defer func() { <-p.open }()
	default:
		http.Error(w, "too many pages are open: they are still read by loading them anew", http.StatusServiceUnavailable)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), liveFor)
	defer cancel()
	out := http.NewResponseController(w)
	w.Header().Set("Content-Type", "text/event-stream")
	say := func(text string) bool {
		_, err := io.WriteString(w, text)
		return err == nil && out.Flush() == nil
	}
	hello := liveHere
	if r.Header.Get("Last-Event-ID") != "" {
		hello += liveChanged
	}
	if !say(hello) {
		return
	}
	for range p.o.Desk.Changes(ctx) {
		if !say(liveChanged) {
			return
		}
	}
}

// byItself reports whether an open page asks, and not its reader. That keeps no session
// alive: a screen that was left is shut all the same.
func byItself(r *http.Request) bool {
	return r.Method == http.MethodGet && r.Header.Get("HX-Request") != ""
}

// peek hands a session on without prolonging it.
func peek(sessions *scs.SessionManager, next http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var token string
		if c, err := r.Cookie(sessions.Cookie.Name); err == nil {
			token = c.Value
		}
		ctx, err := sessions.Load(r.Context(), token)
		if err != nil {
			sessions.ErrorFunc(w, r, err)
			return
		}
		next.ServeHTTP(w, r.WithContext(ctx))
	}
}
