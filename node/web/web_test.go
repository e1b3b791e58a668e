package web_test

import (
	"encoding/json"
	"flag"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2/memstore"
	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/node/web"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// TestRolesOpenWhatTheTableSays asks every route of the mux as every role, and as nobody.
func TestRolesOpenWhatTheTableSays(t *testing.T) {
	c := &clock{now: hour()}
	s := open(t, func(o *node.Options) { o.Clock = c.Now })
	pages := must(web.New(web.Options{Desk: s.node.Desk(), Sessions: memstore.NewWithCleanupInterval(0), Cookie: "c", Clock: hour}))(t)
	var named []string
	for _, row := range staff.Pages() {
		named = append(named, row.Route)
	}
	routes := pages.Routes()
	slices.Sort(named)
	slices.Sort(routes)
	if diff := cmp.Diff(named, routes); diff != "" {
		t.Errorf("routes that the table does not have, or that nobody answers (-table +mux):\n%s", diff)
	}
	for _, role := range append(staff.Roles(), "") {
		var b *browser
		if role != "" {
			b = s.account(role)
		} else {
			b = open(t).browser() // of another node: one address may not ask one so often
		}
		b.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		for _, row := range staff.Pages() {
			method, path, _ := strings.Cut(row.Route, " ")
			path = example(path, "trust.1.1")
			c.pass(time.Second) // nobody asks more often than one may
			if path == "/leave" || path == "/account/leave" {
				continue // it ends the session that is asked with
			}
			if path == "/live" && role != "" {
				continue // it ends when its reader goes: TestPageIsToldWhenToLookAgain
			}
			p := b.do(must(http.NewRequestWithContext(t.Context(), method, b.base+path, http.NoBody))(t))
			shut := p.status == http.StatusForbidden && strings.Contains(p.body, "This page is not for the role ")
			if role == "" {
				shut = p.status == http.StatusSeeOther && p.header.Get("Location") == "/enter" || path == "/typed" && p.status == http.StatusUnauthorized
			}
			if want := !staff.May(role, row.Route); shut != want {
				t.Errorf("%s as %q: %d, shut %t, want %t", row.Route, role, p.status, shut, want)
			}
		}
	}
}

// TestFirstAccountComesInByItsWordAndTheSheetBringsItBack, and a session ends when its
// account is shut.
func TestFirstAccountComesInByItsWordAndTheSheetBringsItBack(t *testing.T) {
	s := open(t)
	b := s.browser()
	if p := b.get("/audit"); p.path != "/enter" || !strings.Contains(p.body, "DEMONSTRATION") {
		t.Errorf("a stranger came to %s", p.path)
	}
	p := b.post("/word", url.Values{"name": {"admin"}, "word": {s.word}, "password": {password}})
	sheet := regexp.MustCompile(`<p class="sheet">([0-9a-z-]{29})</p>`).FindStringSubmatch(p.body)
	if sheet == nil {
		t.Fatalf("no recovery word: %d %s", p.status, p.body)
	}
	if p = b.get("/audit"); p.status != http.StatusOK || !strings.Contains(p.body, "chose a password") {
		t.Errorf("the log: %d %s", p.status, p.body)
	}
	if p = b.post("/leave", nil); p.path != "/enter" {
		t.Errorf("log out led to %s", p.path)
	}
	if p = b.get("/audit"); p.path != "/enter" {
		t.Error("the session goes on")
	}
	p = b.post("/enter", url.Values{"name": {"admin"}, "password": {"wrong"}})
	if p.status != http.StatusForbidden || !strings.Contains(p.body, "belong together") || strings.Contains(p.body, `value="wrong"`) {
		t.Errorf("a wrong password: %d %s", p.status, p.body)
	}
	other := s.browser()
	p = other.post("/word", url.Values{"name": {"admin"}, "word": {s.word}, "password": {password + "!"}})
	if p.status != http.StatusForbidden || !strings.Contains(p.body, "a password was chosen with this word already") || !strings.Contains(p.body, "vardar demo") {
		t.Errorf("the word again: %d %s", p.status, p.body)
	}
	p = other.post("/word", url.Values{"name": {"admin"}, "word": {sheet[1]}, "password": {password + "!"}})
	if p.status != http.StatusOK {
		t.Errorf("the sheet's word: %d %s", p.status, p.body)
	}
	if p = b.post("/enter", url.Values{"name": {"admin"}, "password": {password + "!"}}); p.path != "/" {
		t.Errorf("the new password led to %s: %s", p.path, p.body)
	}
	s.account(staff.Admin)
	must(s.node.Desk().ChangeStaff(t.Context(), desk.StaffRequest{Do: desk.StaffLock, Name: "admin"}))(t)
	if p = b.get("/network"); p.path != "/enter" {
		t.Error("a shut account goes on")
	}
}

// TestPasswordIsChangedOnItsPage: this session goes on under another token, the others end; and
// an account is logged out everywhere.
func TestPasswordIsChangedOnItsPage(t *testing.T) {
	s := open(t)
	here, elsewhere := s.account(staff.Officer), s.browser()
	enters := func(password string) page {
		return elsewhere.post("/enter", url.Values{"name": {"test.officer"}, "password": {password}})
	}
	if p := enters(password); p.path != "/" {
		t.Fatalf("log-in led to %s", p.path)
	}
	const next = "the next long night"
	p := here.post("/account", url.Values{"old": {"not this one"}, "password": {next}})
	if p.status != http.StatusForbidden || strings.Contains(p.body, next) {
		t.Errorf("without the password: %d %s", p.status, p.body)
	}
	before := here.cookie()
	p = here.post("/account", url.Values{"old": {password}, "password": {next}})
	if p.status != http.StatusOK || !strings.Contains(p.body, "The password is changed") {
		t.Errorf("changed: %d %s", p.status, p.body)
	}
	if after := here.cookie(); after == "" || after == before {
		t.Error("the session goes on under its token of before")
	}
	if p := here.get("/drafts"); p.path != "/drafts" {
		t.Errorf("this session has ended: %s", p.path)
	}
	if p := elsewhere.get("/drafts"); p.path != "/enter" {
		t.Error("the session elsewhere goes on")
	}
	if p := enters(next); p.path != "/" {
		t.Errorf("log-in led to %s", p.path)
	}
	if p := here.post("/account/leave", nil); p.path != "/enter" {
		t.Errorf("log out everywhere led to %s", p.path)
	}
	if p := elsewhere.get("/drafts"); p.path != "/enter" {
		t.Error("the session elsewhere goes on")
	}
}

// TestNoSecretIsTakenInAnAddress: what asks for a password or a word posts it, and in an
// address neither opens anything. A password is not shown as it is typed; managers of passwords
// know whether one is asked for or chosen.
func TestNoSecretIsTakenInAnAddress(t *testing.T) {
	files := must(filepath.Glob("templates/*.html"))(t)
	asked, fields := 0, 0
	hidden := regexp.MustCompile(` type="password" autocomplete="(?:current|new)-password"`)
	for _, file := range files {
		for _, form := range strings.Split(string(must(os.ReadFile(file))(t)), "<form")[1:] {
			form, _, _ = strings.Cut(form, "</form>")
			if !strings.Contains(form, `type="password"`) && !strings.Contains(form, `name="word"`) {
				continue
			}
			if asked++; !strings.Contains(strings.SplitN(form, ">", 2)[0], `method="post"`) {
				t.Errorf("%s sends a secret in its address: %.100s", file, form)
			}
		}
		for _, field := range regexp.MustCompile(`<input [^>]*name="(?:password|old)"[^>]*>`).FindAllString(string(must(os.ReadFile(file))(t)), -1) {
			fields++
			if !hidden.MatchString(field) {
				t.Errorf("%s shows a password as it is typed, or keeps managers of passwords from it: %s", file, field)
			}
		}
	}
	if asked < 3 || fields < asked {
		t.Errorf("%d forms ask for a secret, by %d fields", asked, fields)
	}
	s := open(t)
	s.account(staff.Officer)
	b := s.browser()
	in := url.Values{"name": {"test.officer"}, "password": {password}}.Encode()
	b.get("/enter?" + in)
	b.post("/enter?"+in, nil)
	if p := b.get("/drafts"); p.path != "/enter" {
		t.Error("a password in an address opens the pages")
	}
}

// TestCurveDrawsAGapAsAGap: what nobody counted, or nobody spoke of, is no 0.
func TestCurveDrawsAGapAsAGap(t *testing.T) {
	s := open(t)
	b := s.account(staff.Auditor)
	s.reports(map[int]int{1: 0, 2: 600, 3: -1, 4: 300, 6: 1200, 7: 900})
	p := b.get("/situation")
	row := regexp.MustCompile(`(?s)<svg.*?</svg>`).FindString(p.body)
	if strings.Count(row, "<path") != 2 || strings.Count(row, "<circle") != 1 || !strings.Contains(row, "5 values in 14 days, the highest 1,200") {
		t.Errorf("curve = %s", row)
	}
	s.reports(map[int]int{8: -1})
	p = b.get("/situation")
	told := b.get("/place/MK-405").body
	for _, day := range []string{`<td>2015-11-01</td><td class="n"><a href="/record/mk.national.demo-crisis-centre/situation.1.1">0</a>`, `<td>2015-11-03</td><td class="n"><a class="none" href="/record/mk.national.demo-crisis-centre/situation.1.3">not reported</a>`, `<td>2015-11-05</td><td class="n"><span class="none">nothing was said</span>`} {
		if !strings.Contains(told, day) {
			t.Errorf("the days in words lack %s:\n%s", day, told)
		}
	}
	if !strings.Contains(p.body, "not reported</a>") || !strings.Contains(p.body, "before: 900") {
		t.Errorf("the day that nobody counted:\n%s", p.body)
	}
	golden(t, "situation", p)
}

// golden compares the content of a page with what it was.
func golden(t *testing.T, name string, p page) {
	t.Helper()
	got := regexp.MustCompile(`(?s)<main.*</main>`).FindString(p.body)
	path := filepath.Join("testdata", name+".golden")
	if *update {
		ok(t, os.WriteFile(path, []byte(got+"\n"), 0o600))
	}
	if diff := cmp.Diff(string(must(os.ReadFile(path))(t)), got+"\n"); diff != "" {
		t.Errorf("%s (-want +got), rewritten by -update:\n%s", path, diff)
	}
}

// TestBrowserIsToldToTrustNothingElse: headers, cookie, other origins, bounds.
func TestBrowserIsToldToTrustNothingElse(t *testing.T) {
	s := open(t)
	b := s.browser()
	p := b.post("/word", url.Values{"name": {"admin"}, "word": {s.word}, "password": {password}})
	p.trusts(t)
	b.get("/enter").trusts(t)
	if c := p.header.Get("Set-Cookie"); !strings.HasPrefix(c, "vardar_") || !strings.Contains(c, "HttpOnly") || !strings.Contains(c, "SameSite=Lax") {
		t.Errorf("cookie = %s", c)
	}
	p = b.get("/network")
	p.trusts(t)
	if scripts := strings.Count(p.body, "<script"); scripts == 0 || scripts != strings.Count(p.body, `<script defer src="/static/`) {
		t.Errorf("a script is inline, or from elsewhere, or there is none:\n%s", p.body)
	}
	if strings.Contains(p.body, " style=") || strings.Contains(p.body, " on") && regexp.MustCompile(`\son[a-z]+=`).MatchString(p.body) {
		t.Errorf("something is inline:\n%s", p.body)
	}
	r := must(http.NewRequestWithContext(t.Context(), http.MethodPost, b.base+"/leave", http.NoBody))(t)
	r.Header.Set("Origin", "https://evil.example.org")
	if p = b.do(r); p.status != http.StatusForbidden {
		t.Errorf("a form of another origin: %d", p.status)
	}
	p.trusts(t)
	if p = b.get("/network"); p.path != "/network" {
		t.Error("it ended the session")
	}
	p = b.post("/enter", url.Values{"name": {"admin"}, "password": {strings.Repeat("x", web.MaxFormBytes)}})
	if p.status == http.StatusOK || p.path == "/" {
		t.Errorf("a form beyond the bound: %d", p.status)
	}
	if p = b.get("/no/such/page"); p.status != http.StatusNotFound {
		t.Errorf("an unknown page: %d", p.status)
	}
	p.trusts(t)
}

// trusts holds the headers of an answer, whatever it is, against those that all have: nothing is
// run, shown in a frame, told to others or kept.
func (p page) trusts(t *testing.T) {
	t.Helper()
	for name, want := range map[string]string{
		"Content-Security-Policy":      "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
		"X-Content-Type-Options":       "nosniff",
		"Referrer-Policy":              "same-origin",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Cache-Control":                "no-store",
		"Access-Control-Allow-Origin":  "",
	} {
		if got := p.header.Get(name); got != want {
			t.Errorf("%s (%d): %s = %q, want %q", p.path, p.status, name, got, want)
		}
	}
}

// TestEveryMessageIsInTheCatalogueAndIsSaid reads the templates and the code.
func TestEveryMessageIsInTheCatalogueAndIsSaid(t *testing.T) {
	var catalogue map[string]any
	ok(t, json.Unmarshal(must(os.ReadFile("../lang/catalogues/en.json"))(t), &catalogue))
	said := map[string]bool{}
	key := regexp.MustCompile(`\.(?:T|Say)\(? ?"([a-z0-9_.]+)"`)
	for _, pattern := range []string{"templates/*.html", "*.go", "../duty/*.go"} {
		for _, file := range must(filepath.Glob(pattern))(t) {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			for _, m := range key.FindAllStringSubmatch(string(must(os.ReadFile(file))(t)), -1) {
				said[m[1]] = true
			}
		}
	}
	families := []string{"act.", "did.", "audit.by.", "dropped.rule.", "indicator.", "severity.", "due.", "kind.", "field.", "hint.", "choice.", "form.title.", "catalogue.", "format.", "age.", "says.", "duty.way.", "duty.rule.called.", "topic.", "help.input.", "ignored.", "quality.", "told.", "told.part.", "check.", "member.key.", "policy.state.", "policy.owed.", "policy.line.", "plan.signature.", "plan.by.", "plan.change.", "strategy.link.", "project.part.", "strategy.finding.", "phase.sign.", "registrar.", "exercise.state.", "regional.check.", "regional.source.", "regional.apart.", "record.known.", "staff.scope.", "standard.of.", "unit."} // said by word, or by lang
	for k := range said {
		if _, there := catalogue[k]; !there && !slices.Contains(families, k) {
			t.Errorf("no catalogue has %s", k)
		}
	}
	for k := range catalogue {
		family := slices.ContainsFunc(families, func(f string) bool { return strings.HasPrefix(k, f) })
		if !said[k] && !family {
			t.Errorf("%s is said nowhere", k)
		}
	}
	if len(said) < 50 {
		t.Errorf("%d messages were found", len(said))
	}
}

// TestEveryActHasItsWords: whatever is noted in the log of acts is told in words, and no other.
func TestEveryActHasItsWords(t *testing.T) {
	noted := map[string]bool{}
	for _, word := range desk.StaffWords() {
		noted["did.staff-"+word] = true
	}
	act := regexp.MustCompile(`(?:act\{(?:what: )?|\.entered\(ctx, |\.note(?:On)?\(ctx, )"([a-z-]+[a-z])"`)
	for _, room := range []string{"desk", "duty"} {
		for _, file := range must(filepath.Glob("../" + room + "/*.go"))(t) {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			for _, m := range act.FindAllStringSubmatch(string(must(os.ReadFile(file))(t)), -1) {
				noted["did."+m[1]] = true
			}
		}
	}
	if len(noted) < 40 {
		t.Errorf("%d acts were found", len(noted))
	}
	var catalogue map[string]any
	ok(t, json.Unmarshal(must(os.ReadFile("../lang/catalogues/en.json"))(t), &catalogue))
	for k := range noted {
		if _, there := catalogue[k]; !there {
			t.Errorf("no catalogue has %s", k)
		}
	}
	for k := range catalogue {
		if strings.HasPrefix(k, "did.") && !noted[k] {
			t.Errorf("nobody does %s", k)
		}
	}
}

// TestStylesheetIsOneAndSmall (web.md): each first visit brings it.
func TestStylesheetIsOneAndSmall(t *testing.T) {
	const most = 20_000
	sheets := must(filepath.Glob("static/*.css"))(t)
	if len(sheets) != 1 || len(must(os.ReadFile(sheets[0]))(t)) >= most {
		t.Errorf("the stylesheets are %q, want one of less than %d bytes", sheets, most)
	}
}

// TestNoTemplateIsDefinedTwice: of two of one name the second is shown for both.
func TestNoTemplateIsDefinedTwice(t *testing.T) {
	defined := map[string]string{}
	for _, file := range must(filepath.Glob("templates/*.html"))(t) {
		for _, m := range regexp.MustCompile(`\{\{-? *define "([^"]+)"`).FindAllStringSubmatch(string(must(os.ReadFile(file))(t)), -1) {
			if other, twice := defined[m[1]]; twice {
				t.Errorf("%s is in %s and in %s", m[1], other, file)
			}
			defined[m[1]] = file
		}
	}
	if len(defined) < 40 {
		t.Errorf("%d templates were found", len(defined))
	}
}
