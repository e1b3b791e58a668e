package web_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/alexedwards/scs/v2/memstore"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/node/web"
)

// TestSessionThatIsLeftEnds two hours behind the last thing that was done.
func TestSessionThatIsLeftEnds(t *testing.T) {
	c := &clock{now: time.Now()} // a session's end is counted by the machine's own clock
	b := open(t, func(o *node.Options) { o.Clock = c.Now }).account(staff.Officer)
	c.pass(2*time.Hour - time.Minute)
	if p := b.get("/drafts"); p.path != "/drafts" {
		t.Errorf("within two hours it led to %s", p.path)
	}
	c.pass(10 * time.Minute) // the visit prolonged it by the machine's clock, which stands where it stood
	if p := b.get("/drafts"); p.path != "/enter" {
		t.Errorf("nobody was there for two hours, and it leads to %s", p.path)
	}
}

// TestSessionIsOfAShiftAndARefusalIsLogged: twelve hours in all, two until the next thing is done,
// of which the browser is told; and what an account may not open is logged with its name and role.
func TestSessionIsOfAShiftAndARefusalIsLogged(t *testing.T) {
	s := open(t)
	s.account(staff.Officer)
	var log bytes.Buffer
	sessions := memstore.NewWithCleanupInterval(0)
	pages := must(web.New(web.Options{Desk: s.node.Desk(), Sessions: sessions, Cookie: "c", Clock: hour, Logger: slog.New(slog.NewTextHandler(&log, nil))}))(t)
	asks := func(r *http.Request) *http.Response {
		w := httptest.NewRecorder()
		pages.ServeHTTP(w, r)
		return w.Result()
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/enter", strings.NewReader(url.Values{"name": {"test.officer"}, "password": {password}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	in := asks(r)
	ok(t, in.Body.Close())
	if len(in.Cookies()) != 1 {
		t.Fatalf("%d cookies of a log-in: %d", len(in.Cookies()), in.StatusCode)
	}
	cookie := in.Cookies()[0]
	if cookie.MaxAge <= 0 || cookie.MaxAge > 2*60*60+1 { // rounded up
		t.Errorf("the browser keeps the cookie for %d s, want two hours", cookie.MaxAge)
	}
	all := must(sessions.All())(t)
	for key, kept := range all {
		if key == cookie.Value || bytes.Contains(kept, []byte(cookie.Value)) {
			t.Error("the store holds the session's token")
		}
		until, _, err := scs.GobCodec{}.Decode(kept)
		ok(t, err)
		if most := time.Now().Add(12 * time.Hour); until.After(most) {
			t.Errorf("a session goes on until %s, behind %s", until, most)
		}
	}
	if len(all) != 1 {
		t.Errorf("%d sessions are kept", len(all))
	}
	r = httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/staff", http.NoBody)
	r.AddCookie(cookie)
	out := asks(r)
	ok(t, out.Body.Close())
	if want := `msg="page refused" account=test.officer role=officer route="GET /staff"`; out.StatusCode != http.StatusForbidden || !strings.Contains(log.String(), want) {
		t.Errorf("%d, logged: %s", out.StatusCode, log.String())
	}
}
