package web_test

import (
	"errors"
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/alexedwards/scs/v2/memstore"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/node/web"
)

// TestPageTellsAFailureByItsReference: what went wrong inside, with its files, stands in the log alone,
// under the reference that the page names; of a full disk the page says that, and not where.
func TestPageTellsAFailureByItsReference(t *testing.T) {
	var full atomic.Bool
	s := open(t, func(o *node.Options) {
		o.Free = func(dir string) (free, total uint64, err error) {
			if full.Load() {
				return 0, 1 << 40, nil
			}
			return roomy(dir)
		}
	})
	form := s.account(staff.Officer).form("/report/new")
	form.Set("summary", "all quiet")
	var log strings.Builder
	pages := must(web.New(web.Options{Desk: s.node.Desk(), Sessions: memstore.NewWithCleanupInterval(0), Cookie: "c", Clock: hour, Logger: slog.New(slog.NewTextHandler(&log, nil))}))(t)
	post := func(path string, form url.Values, cookie string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Cookie", cookie)
		w := httptest.NewRecorder()
		pages.ServeHTTP(w, r)
		return w
	}
	enters := url.Values{"name": {"test.officer"}, "password": {password}}
	cookie, _, _ := strings.Cut(post("/enter", enters, "").Header().Get("Set-Cookie"), ";")

	full.Store(true)
	w := post("/report/new", form, cookie)
	if said := html.UnescapeString(w.Body.String()); w.Code != http.StatusInternalServerError || !strings.Contains(strings.ToLower(said), "the disk is full: nothing is written") || strings.Contains(said, s.options.Dir) {
		t.Errorf("of a full disk: %d %s", w.Code, said)
	}
	if !regexp.MustCompile(`ref=[0-9a-f]{8} err=.*` + regexp.QuoteMeta(s.options.Dir)).MatchString(log.String()) {
		t.Errorf("the log lacks where: %s", log.String())
	}

	s.stop()
	s.stop = func() {}
	log.Reset()
	w = post("/enter", enters, "")
	ref := regexp.MustCompile(`its log says what, under the reference ([0-9a-f]{8})`).FindStringSubmatch(w.Body.String())
	if w.Code != http.StatusInternalServerError || ref == nil || strings.Contains(w.Body.String(), "the store is closed") {
		t.Fatalf("of a closed store: %d %s", w.Code, w.Body)
	}
	if !regexp.MustCompile("ref=" + ref[1] + " err=.*the store is closed").MatchString(log.String()) {
		t.Errorf("the log lacks %s: %s", ref[1], log.String())
	}
}

// lostSessions is a store of sessions that can't be read.
type lostSessions struct{ *memstore.MemStore }

func (lostSessions) Find(string) ([]byte, bool, error) {
	return nil, false, errors.New("the disk is gone")
}

// TestFailureOfTheNodeIsSaidInTheLanguage: where no page can be made any more.
func TestFailureOfTheNodeIsSaidInTheLanguage(t *testing.T) {
	s := open(t)
	pages := must(web.New(web.Options{Desk: s.node.Desk(), Sessions: lostSessions{memstore.NewWithCleanupInterval(0)}, Cookie: "c", Clock: hour, Logger: slog.New(slog.DiscardHandler)}))(t)
	for language, says := range map[string]string{"en": "the node failed: try again", "mk": "јазолот не успеа", "el": "ο κόμβος απέτυχε"} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody)
		r.Header.Set("Cookie", "c=any")
		r.Header.Set("Accept-Language", language)
		w := httptest.NewRecorder()
		pages.ServeHTTP(w, r)
		if w.Code != http.StatusInternalServerError || !strings.HasPrefix(w.Body.String(), says) {
			t.Errorf("in %s: %d %s", language, w.Code, w.Body)
		}
	}
}
