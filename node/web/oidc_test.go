package web_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
)

// provider is a real one of OpenID Connect, in a process of its own.
type provider struct {
	t      *testing.T
	issuer string
	stop   func()
}

// place gives an address of this machine at which nobody listens.
func place(t *testing.T) string {
	t.Helper()
	l := must(net.Listen("tcp", "127.0.0.1:0"))(t)
	defer func() { ok(t, l.Close()) }()
	return l.Addr().String()
}

func startProvider(t *testing.T, back string) *provider {
	t.Helper()
	program := filepath.Join(t.TempDir(), "provider")
	build := exec.CommandContext(t.Context(), "go", "build", "-C", "../../.ci/oidc", "-o", program, "github.com/zitadel/oidc/v3/example/server")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	_, port, err := net.SplitHostPort(place(t))
	ok(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	c := exec.CommandContext(ctx, program)
	c.Env = append(os.Environ(), "PORT="+port, "REDIRECT_URI="+back)
	ok(t, c.Start())
	p := &provider{t: t, issuer: "http://localhost:" + port + "/"}
	p.stop = func() { cancel(); _ = c.Wait() }
	t.Cleanup(p.stop)
	for {
		r := must(http.NewRequestWithContext(t.Context(), http.MethodGet, p.issuer+".well-known/openid-configuration", http.NoBody))(t)
		answer, err := http.DefaultClient.Do(r)
		if err == nil {
			ok(t, answer.Body.Close())
			return p
		}
		select { // it has not come up yet; when the test ends it never will
		case <-t.Context().Done():
			t.Fatal(err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// at logs somebody in at the provider, from the page of the node's log-in on, and gives the
// page where that ends.
func (p *provider) at(b *browser, user string) page {
	p.t.Helper()
	form := b.get("/enter/oidc")
	id := regexp.MustCompile(`name="id" value="([^"]*)"`).FindStringSubmatch(form.body)
	if id == nil {
		p.t.Fatalf("the provider asks nobody to log in: %d at %s\n%s", form.status, form.path, form.body)
	}
	values := url.Values{"id": {id[1]}, "username": {user}, "password": {"verysecure"}}
	r := must(http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.issuer+"login/username", strings.NewReader(values.Encode())))(p.t)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.do(r)
}

// TestPeopleLogInWhereTheirInstitutionsDo: whom a real provider knows comes in if an account is
// theirs, and else is told what to tell; what comes back from elsewhere, twice, or from nobody,
// lets nobody in; and while the provider is down the password works.
func TestPeopleLogInWhereTheirInstitutionsDo(t *testing.T) {
	pages := place(t)
	p := startProvider(t, "http://"+pages+"/enter/oidc/back")
	secret, file := filepath.Join(t.TempDir(), "secret"), filepath.Join(t.TempDir(), "oidc.yaml")
	ok(t, os.WriteFile(secret, []byte("secret\n"), 0o600))
	ok(t, os.WriteFile(file, fmt.Appendf(nil, "name: Town hall\nissuer: %s\nclient_id: web\nclient_secret_file: %s\npages: http://%s\n", p.issuer, secret, pages), 0o600))
	s := open(t, func(o *node.Options) { o.Pages, o.OIDC, o.Clock = pages, file, time.Now })

	b := s.browser()
	b.get("/enter").wants(t, []string{`<a class="filled" href="/enter/oidc">Log in at Town hall</a>`})
	if got := p.at(b, "test-user2"); got.status != http.StatusForbidden || !strings.Contains(got.body, "&#34;id2&#34; has no account here") {
		t.Errorf("somebody without an account: %d %s", got.status, got.body)
	}
	if got := b.get("/situation"); got.path != "/enter" {
		t.Errorf("and is at %s then", got.path)
	}
	made := must(s.node.Desk().ChangeStaff(t.Context(), desk.StaffRequest{Do: desk.StaffAdd, Name: "duty", Role: staff.Officer}))(t)
	if _, err := s.node.Desk().ChangeStaff(t.Context(), desk.StaffRequest{Do: desk.StaffBind, Name: "duty", Signs: "id2"}); err != nil {
		t.Fatal(err)
	}
	other := must(s.node.Desk().ChangeStaff(t.Context(), desk.StaffRequest{Do: desk.StaffAdd, Name: "night", Role: staff.Officer}))(t)
	if _, err := s.node.Desk().ChangeStaff(t.Context(), desk.StaffRequest{Do: desk.StaffBind, Name: "night", Signs: "id2"}); err == nil || !strings.Contains(err.Error(), "another account here, duty") || other.Word == "" {
		t.Errorf("two accounts of one person: %v", err)
	}
	if got := p.at(b, "test-user2"); got.status != http.StatusOK || got.path != "/" || !strings.Contains(got.body, "duty") {
		t.Fatalf("somebody with an account: %d at %s %s", got.status, got.path, got.body)
	}
	if got := b.get("/situation"); got.path != "/situation" {
		t.Errorf("and is at %s then", got.path)
	}

	stranger := s.browser()
	for query, says := range map[string]string{
		"":                     "was not begun here",
		"?code=abc&state=abc":  "was not begun here",
		"?error=access_denied": "was not begun here",
	} {
		if got := stranger.get("/enter/oidc/back" + query); got.status != http.StatusForbidden || !strings.Contains(got.body, says) {
			t.Errorf("back with %q: %d %s", query, got.status, got.body)
		}
	}
	must(s.node.Desk().ChangeStaff(t.Context(), desk.StaffRequest{Do: desk.StaffLock, Name: "duty", Reason: "the telephone was lost"}))(t)
	if got := p.at(s.browser(), "test-user2"); got.status != http.StatusForbidden || !strings.Contains(got.body, "the telephone was lost") {
		t.Errorf("a locked account: %d %s", got.status, got.body)
	}
	must(s.node.Desk().ChangeStaff(t.Context(), desk.StaffRequest{Do: desk.StaffUnlock, Name: "duty"}))(t)

	p.stop()
	s.again()
	late := s.browser()
	if got := late.get("/enter/oidc"); got.status != http.StatusBadGateway && got.status != http.StatusServiceUnavailable || !strings.Contains(got.body, "does not answer as it should") {
		t.Errorf("the provider is down: %d %s", got.status, got.body)
	}
	if got := late.post("/word", url.Values{"name": {"duty"}, "word": {made.Word}, "password": {password}}); got.status != http.StatusOK {
		t.Errorf("the word while the provider is down: %d %s", got.status, got.body)
	}
}
