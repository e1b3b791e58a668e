package web_test

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // RFC 6238
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
)

// app is what an officer has in the hand, written after RFC 6238 and not after the node.
type app struct {
	t      *testing.T
	secret string
	clock  *clock
}

func (a app) shows() string {
	key := must(base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(a.secret))(a.t)
	mac := hmac.New(sha1.New, key)
	_ = binary.Write(mac, binary.BigEndian, a.clock.Now().Unix()/30)
	sum := mac.Sum(nil)
	i := sum[19] & 15
	return fmt.Sprintf("%06d", (int(sum[i]&127)<<24|int(sum[i+1])<<16|int(sum[i+2])<<8|int(sum[i+3]))%1e6)
}

// pairs sets a second factor up, and gives the recovery codes.
func (b *browser) pairs(c *clock) (a app, codes []string) {
	b.t.Helper()
	p := b.post("/account/factor", url.Values{"do": {"begin"}, "password": {password}})
	secret := regexp.MustCompile(`<p class="sheet id">([A-Z2-7]{32})</p>`).FindStringSubmatch(p.body)
	if secret == nil || !strings.Contains(p.body, `<svg class="qr"`) || strings.Contains(p.body, "<script") {
		b.t.Fatalf("no square, or no letters: %d %s", p.status, p.body)
	}
	a = app{b.t, secret[1], c}
	p = b.post("/account/factor", url.Values{"do": {"confirm"}, "code": {a.shows()}})
	for _, m := range regexp.MustCompile(`<li class="sheet">([0-9a-z-]{29})</li>`).FindAllStringSubmatch(p.body, -1) {
		codes = append(codes, m[1])
	}
	if len(codes) != 10 {
		b.t.Fatalf("%d recovery codes: %d %s", len(codes), p.status, p.body)
	}
	return a, codes
}

// TestLogInWithASecondFactorTakesTwoSteps: nothing opens between them, a code opens once, and a
// program's token needs none.
func TestLogInWithASecondFactorTakesTwoSteps(t *testing.T) {
	c := &clock{now: hour()}
	s := open(t, func(o *node.Options) { o.Clock = c.Now })
	b, other := s.account(staff.Officer), s.browser()
	in := url.Values{"name": {"test.officer"}, "password": {password}}
	if p := other.post("/enter", in); p.path != "/" {
		t.Fatalf("before there is one: %s", p.path)
	}
	a, codes := b.pairs(c)
	if p := b.get("/drafts"); p.path != "/drafts" {
		t.Errorf("this log-in ended: %s", p.path)
	}
	if p := other.get("/drafts"); p.path != "/enter" {
		t.Error("a log-in of before goes on")
	}
	c.pass(time.Minute)
	p := other.post("/enter", in)
	if p.path != "/enter/code" || !strings.Contains(p.body, "six digits") {
		t.Fatalf("the password led to %s: %s", p.path, p.body)
	}
	for _, path := range []string{"/", "/drafts", "/account", "/account/factor"} {
		if half := other.get(path); half.path != "/enter" {
			t.Errorf("%s opens by the password alone", path)
		}
	}
	code := a.shows()
	if p = other.post("/enter/code", url.Values{"code": {"000000"}}); p.status != http.StatusForbidden || !strings.Contains(p.body, "this code is not taken") {
		t.Errorf("a wrong code: %d %s", p.status, p.body)
	}
	if p = other.post("/enter/code", url.Values{"code": {code}}); p.path != "/" {
		t.Errorf("the code led to %s: %s", p.path, p.body)
	}
	third := s.browser()
	third.post("/enter", in)
	if p = third.post("/enter/code", url.Values{"code": {code}}); p.path == "/" {
		t.Error("the code opens again")
	}
	if p = third.post("/enter/code", url.Values{"code": {codes[0]}}); p.path != "/" {
		t.Errorf("a recovery code led to %s: %s", p.path, p.body)
	}
	late := s.browser()
	late.post("/enter", in)
	c.pass(10 * time.Minute)
	if p = late.post("/enter/code", url.Values{"code": {a.shows()}}); p.path == "/" || !strings.Contains(p.body, `name="password"`) {
		t.Errorf("behind ten minutes: %s %s", p.path, p.body)
	}
	c.pass(time.Minute)
	p = third.post("/account/factor", url.Values{"do": {"drop"}, "password": {password}, "code": {a.shows()}})
	if !strings.Contains(p.body, "Set up a second factor") {
		t.Errorf("taken away: %d %s", p.status, p.body)
	}
	if p = late.post("/enter", in); p.path != "/" {
		t.Errorf("without it: %s", p.path)
	}
}

// TestRecoveryWordDoesNotGoAroundTheCode, and an administrator takes a lost factor away.
func TestRecoveryWordDoesNotGoAroundTheCode(t *testing.T) {
	c := &clock{now: hour()}
	s := open(t, func(o *node.Options) { o.Clock = c.Now })
	b, keeper := s.account(staff.Officer), s.account(staff.Admin)
	b.pairs(c)
	done := must(s.node.Desk().ChangeStaff(t.Context(), desk.StaffRequest{Do: desk.StaffReset, Name: "test.officer"}))(t)
	p := b.post("/word", url.Values{"name": {"test.officer"}, "word": {done.Word}, "password": {password}})
	if !strings.Contains(p.body, `href="/enter/code"`) {
		t.Errorf("the word: %d %s", p.status, p.body)
	}
	if p = b.get("/drafts"); p.path != "/enter" {
		t.Error("a word goes around the code")
	}
	if p = keeper.post("/staff", url.Values{"do": {"factor"}, "name": {"test.officer"}}); p.status != http.StatusOK {
		t.Errorf("taken away: %d %s", p.status, p.body)
	}
	keeper.get("/audit").wants(t, []string{"took the second factor of an account away", "confirmed a second factor"})
	if p = b.post("/enter", url.Values{"name": {"test.officer"}, "password": {password}}); p.path != "/" {
		t.Errorf("without it: %s", p.path)
	}
}

// TestRoleThatMustHaveASecondFactorOpensNothingElse, until it has one; other roles need none.
func TestRoleThatMustHaveASecondFactorOpensNothingElse(t *testing.T) {
	c := &clock{now: hour()}
	s := open(t, func(o *node.Options) { o.Clock, o.Factor = c.Now, []string{"admin"} })
	b := s.account(staff.Admin)
	for _, path := range []string{"/", "/staff", "/node"} {
		if p := b.get(path); p.path != "/account/factor" || !strings.Contains(p.body, "must have a second factor") {
			t.Errorf("%s led to %s", path, p.path)
		}
	}
	if p := b.post("/staff", url.Values{"do": {"add"}, "name": {"friend"}, "role": {"admin"}}); p.path != "/account/factor" {
		t.Errorf("an act led to %s", p.path)
	}
	b.pairs(c)
	if p := b.get("/staff"); p.path != "/staff" || strings.Contains(p.body, "friend") {
		t.Errorf("with one: %s", p.path)
	}
	if p := s.account(staff.Officer).get("/drafts"); p.path != "/drafts" {
		t.Errorf("an officer came to %s", p.path)
	}
}

// codeIsAskedFor sets a second factor up and logs in with it, as a person does.
func codeIsAskedFor(t *testing.T, browser *chrome) {
	c := &clock{now: hour()}
	s := open(t, func(o *node.Options) { o.Clock = c.Now })
	b := s.enter(t, browser, staff.Approver)
	b.open("/account")
	b.press(`a[href="/account/factor"]`)
	b.fill("password", password)
	b.press("form.stack .actions button")
	b.held(t, "a square for the telephone", func(b *tab) { b.says("Scan the square") })
	a := app{t, eval[string](b, `document.querySelector("p.sheet").textContent`), c}
	b.fill("code", a.shows())
	b.press("form.stack .actions button")
	b.held(t, "codes that are shown once", func(b *tab) { b.says("counts from now on") })
	b.press(".account form button")
	b.at("/enter")
	c.pass(time.Minute)
	b.fill("name", "duty.approver")
	b.fill("password", password)
	b.press("form.stack .actions button")
	b.at("/enter/code")
	b.fill("code", a.shows())
	b.press("form.stack .actions button")
	b.until(`location.pathname === "/"`)
	b.calm()
}
