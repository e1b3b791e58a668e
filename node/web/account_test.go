package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/staff"
)

// with has a browser say what it is.
func (b *browser) with(agent string) {
	b.client.Transport = named{agent, b.client.Transport}
}

type named struct {
	agent string
	next  http.RoundTripper
}

func (n named) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("User-Agent", n.agent)
	return n.next.RoundTrip(r)
}

func (n named) CloseIdleConnections() { n.next.(*http.Transport).CloseIdleConnections() }

// TestLogInsAreListedAndEndedOneByOne: an account's own by who gives the password again, another's
// by an administrator.
func TestLogInsAreListedAndEndedOneByOne(t *testing.T) {
	s := open(t)
	here, phone, left := s.account(staff.Officer), s.browser(), s.browser()
	phone.with("Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36")
	left.with(`Mozilla/5.0 (Windows NT 10.0; Win64; x64) <script>alert(1)</script> Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0`)
	for _, b := range []*browser{phone, left} {
		if p := b.post("/enter", url.Values{"name": {"test.officer"}, "password": {password}}); p.path != "/" {
			t.Fatalf("log-in led to %s", p.path)
		}
	}
	p := here.get("/account")
	p.wants(t, []string{"Chrome, Android", "Edge, Windows", "127.0.0.1", `<span class="open">Here</span>`}, "alert(1)")
	number := func(of string) string {
		t.Helper()
		m := regexp.MustCompile(`name="login" value="([0-9a-f]{16})"> ` + of).FindStringSubmatch(p.body)
		if m == nil {
			t.Fatalf("no number of %s:\n%s", of, p.body)
		}
		return m[1]
	}
	its := url.Values{"login": {number("Edge, Windows")}}
	if p = here.post("/account/end", its); p.status != http.StatusForbidden {
		t.Errorf("without the password: %d", p.status)
	}
	if p = here.post("/account/end", url.Values{"password": {password}}); p.status != http.StatusBadRequest || !strings.Contains(p.body, `href="#login"`) {
		t.Errorf("nothing chosen: %d", p.status)
	}
	if p = left.get("/drafts"); p.path != "/drafts" {
		t.Errorf("it ended all the same: %s", p.path)
	}
	its.Set("password", password)
	here.post("/account/end", its).wants(t, []string{"Logged out there", "Chrome, Android"}, "Edge, Windows")
	if p = left.get("/drafts"); p.path != "/enter" {
		t.Errorf("the screen that was left goes on: %s", p.path)
	}
	if p = phone.get("/drafts"); p.path != "/drafts" {
		t.Errorf("another ended: %s", p.path)
	}
	s.keeperEnds(here, phone)
}

// keeperEnds has an administrator end the log-ins of an officer.
func (s *site) keeperEnds(here, phone *browser) {
	t := s.t
	t.Helper()
	keeper, reader := s.account(staff.Admin), s.account(staff.Auditor)
	p := reader.get("/staff")
	if !strings.Contains(p.body, "Chrome, Android") || strings.Contains(p.body, `value="end"`) {
		t.Errorf("who may look:\n%s", p.body)
	}
	if p = reader.post("/staff", url.Values{"do": {"end"}, "name": {"test.officer"}}); p.status != http.StatusForbidden {
		t.Errorf("an auditor ended it: %d", p.status)
	}
	row := regexp.MustCompile(`(?s)<tr id="login-([0-9a-f]{16})"><td>test.officer</td><td>Chrome, Android`).FindStringSubmatch(keeper.get("/staff").body)
	if row == nil {
		t.Fatal("the administrator does not see it")
	}
	if p = keeper.post("/staff", url.Values{"do": {"end"}, "name": {"test.officer"}, "login": {row[1]}}); p.status != http.StatusOK {
		t.Errorf("the administrator: %d %s", p.status, p.body)
	}
	if p = phone.get("/drafts"); p.path != "/enter" {
		t.Errorf("the telephone goes on: %s", p.path)
	}
	if p = here.get("/drafts"); p.path != "/drafts" {
		t.Errorf("another ended: %s", p.path)
	}
	keeper.post("/staff", url.Values{"do": {"end"}, "name": {"test.officer"}})
	if p = here.get("/drafts"); p.path != "/enter" {
		t.Errorf("everywhere is not everywhere: %s", p.path)
	}
	if p = keeper.post("/staff", url.Values{"do": {"end"}, "name": {"test.officer"}, "login": {row[1]}}); p.status != http.StatusNotFound {
		t.Errorf("one that has ended: %d", p.status)
	}
	keeper.post("/leave", nil)
	if p = reader.get("/staff"); strings.Contains(p.body, `<td>test.admin</td><td>a browser`) {
		t.Errorf("who left is listed:\n%s", p.body)
	}
}
