package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/lang"
	"github.com/vardar-network/vardar/node/staff"
)

// TestPagesAreReadInTheChosenLanguage: before somebody logs in and after; what the browser
// asks for counts until somebody chooses. The names of places are data.
func TestPagesAreReadInTheChosenLanguage(t *testing.T) {
	s := open(t)
	b := s.account(staff.Coordinator)
	b.language = "mk-MK,mk;q=0.9,en;q=0.5"
	s.reports(map[int]int{1: 11572})
	b.get("/situation").wants(t, []string{`<html lang="mk">`, "<h1>Состојба</h1>", "11.572", "пристигнати", "Страницата ја преведе машина"}, "Situation", "11,572")
	if p := b.post("/language", url.Values{"language": {"sr-Cyrl"}, "back": {"/network"}}); p.path != "/network" || !strings.Contains(p.body, `<html lang="sr-Cyrl">`) {
		t.Errorf("choose a language: %d %s\n%s", p.status, p.path, p.body)
	}
	for _, back := range []string{"https://evil.example.org/", "//evil.example.org", `/\evil.example.org`, ""} {
		if p := b.post("/language", url.Values{"language": {"el"}, "back": {back}}); p.path != "/" || p.status != http.StatusOK {
			t.Errorf("back to %q leads to %s (%d)", back, p.path, p.status)
		}
	}
	b.post("/leave", nil)
	b.get("/enter").wants(t, []string{`<html lang="el">`, "Συνθηματικό"}, "Password")
	b.post("/language", url.Values{"language": {"klingon"}, "back": {"/enter"}})
	b.get("/enter").wants(t, []string{`<html lang="en">`, "Password"}, "machine translated")
}

// TestEveryPageIsWholeInEveryLanguage: no page shows the key of a message instead of its words.
func TestEveryPageIsWholeInEveryLanguage(t *testing.T) {
	s := open(t)
	s.reports(map[int]int{1: 0, 2: 600, 3: -1})
	key := regexp.MustCompile(`>\s*(?:app|now|due|kind|place|reporting|alerts|overview|links|node|member|form|field|record|network|figure|routes|help|choice|age|format)\.[a-z_.]+\s*<`)
	catalogue, err := lang.New()
	ok(t, err)
	for _, role := range []staff.Role{staff.Coordinator, staff.Officer, staff.Admin} {
		b := s.account(role)
		for _, l := range catalogue.Languages() {
			b.language = l.Tag
			for _, row := range staff.Table() {
				path, reads := strings.CutPrefix(row.Route, "GET ")
				if !reads || strings.ContainsAny(path, "{") && path != "/{$}" || path == "/live" || !staff.May(role, row.Route) {
					continue
				}
				p := b.get(strings.TrimSuffix(path, "{$}"))
				if p.status != http.StatusOK || !strings.Contains(p.body, `lang="`+l.Tag+`"`) && strings.Contains(p.body, "<html") {
					t.Errorf("%s in %s: %d", path, l.Tag, p.status)
				}
				if bare := key.FindString(p.body); bare != "" {
					t.Errorf("%s in %s says %s", path, l.Tag, bare)
				}
			}
		}
	}
}
