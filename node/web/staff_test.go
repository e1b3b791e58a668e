package web_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// TestAdministratorKeepsAccountsAndTokens: made, changed, shut, opened, taken away; what is
// drawn is shown once, and an auditor sees and changes nothing.
func TestAdministratorKeepsAccountsAndTokens(t *testing.T) {
	s := open(t)
	keeper, reader := s.account(staff.Admin), s.account(staff.Auditor)
	does := func(form url.Values, want ...string) string {
		t.Helper()
		p := keeper.post("/staff", form)
		if p.status != http.StatusOK {
			t.Fatalf("%v: %d %s", form, p.status, p.body)
		}
		p.wants(t, want)
		return p.body
	}
	drawn := func(text string) string {
		t.Helper()
		m := regexp.MustCompile(`<p class="sheet[^"]*">([^<]+)</p>`).FindStringSubmatch(text)
		if m == nil {
			t.Fatalf("nothing is shown:\n%s", text)
		}
		return m[1]
	}
	word := drawn(does(url.Values{"do": {"add"}, "name": {"duty.night"}, "role": {"officer"}}, "duty.night", "duty officer"))
	if strings.Contains(keeper.get("/staff").body, word) {
		t.Error("a word is shown again")
	}
	other := s.browser()
	if p := other.post("/word", url.Values{"name": {"duty.night"}, "word": {word}, "password": {password}}); !strings.Contains(p.body, "The password is chosen") {
		t.Fatalf("its word: %d %s", p.status, p.body)
	}
	does(url.Values{"do": {"role"}, "name": {"duty.night"}, "role": {"approver"}}, "approver")
	if p := other.get("/"); p.path != "/enter" {
		t.Errorf("a session outlives the role: %s", p.path)
	}
	does(url.Values{"do": {"lock"}, "name": {"duty.night"}, "reason": {"the telephone <b>was</b> lost"}}, "the telephone &lt;b&gt;was")
	does(url.Values{"do": {"unlock"}, "name": {"duty.night"}})
	if again := drawn(does(url.Values{"do": {"reset"}, "name": {"duty.night"}})); again == word {
		t.Error("the same word again")
	}
	does(url.Values{"do": {"remove"}, "name": {"duty.night"}})
	keeper.get("/staff").wants(t, nil, "duty.night")
	if p := keeper.post("/staff", url.Values{"do": {"add"}, "name": {"Night!"}, "role": {"officer"}}); p.status != http.StatusBadRequest || !strings.Contains(p.body, `href="#name"`) {
		t.Errorf("a name that none is: %d", p.status)
	}
	token := url.Values{"name": {"room"}, "role": {"coordinator"}, "scope": {"read"}, "days": {"30"}}
	p := keeper.post("/staff/token", token)
	if secret := drawn(p.body); !strings.HasPrefix(secret, "vardar_") || strings.Contains(keeper.get("/staff").body, secret) {
		t.Errorf("the secret %q is none, or is shown again", secret)
	}
	token.Set("name", "other")
	token.Set("days", "many")
	if p = keeper.post("/staff/token", token); p.status != http.StatusBadRequest {
		t.Errorf("many days: %d", p.status)
	}
	reader.get("/staff").wants(t, []string{"room", "test.admin"}, `name="do"`, `name="scope"`)
	if p = keeper.post("/staff/token/remove", url.Values{"name": {"room"}}); p.status != http.StatusOK || strings.Contains(p.body, ">room<") {
		t.Errorf("taken away: %d", p.status)
	}
}

// TestNoteOfAnIncidentReminderAndEvidence: from where they are wanted.
func TestNoteOfAnIncidentReminderAndEvidence(t *testing.T) {
	b := meet(t)
	alert := b.centre.warns("Many may come")
	u := b.centre.account(staff.Coordinator)
	at := "/incident/" + alert.Record.String()
	form := u.form(at)
	form.Set("text", "who has buses?")
	n := u.sent("/note/"+alert.Record.String(), form)
	if again := u.sent("/note/"+alert.Record.String(), form); again != n {
		t.Errorf("sent twice it is two: %s and %s", n, again)
	}
	u.get(at).wants(t, []string{"who has buses?"})
	p := u.get("/evidence/" + alert.Record.String())
	files, err := zip.NewReader(bytes.NewReader([]byte(p.body)), int64(len(p.body)))
	if err != nil || len(files.File) < 3 || p.header.Get("Content-Type") != "application/zip" {
		t.Errorf("evidence: %d %v %v", p.status, p.header, err)
	}
	u.get(at).wants(t, []string{`/evidence/pack?incident=` + strings.ReplaceAll(alert.Record.String(), "/", "%2f")})
	b.centre.account(staff.Officer).get(at).wants(t, nil, "/evidence/pack")
	auditor := b.centre.account(staff.Auditor)
	for who, q := range map[*browser]string{u: "incident=" + alert.Record.String(), auditor: "by=" + string(centre) + "&since=2015-11-01&until=2015-12-01"} {
		p = who.get("/evidence/pack?" + q)
		if page := partOf(t, p.body, "index.html"); !strings.Contains(page, "Many may come") || !strings.Contains(page, "Who said what, and when") || !strings.Contains(page, "Records told here: "+fmt.Sprint(strings.Count(page, "<li id="))) {
			t.Errorf("the page of %s:\n%s", q, page)
		}
		acts, page := partOf(t, p.body, "acts.json"), partOf(t, p.body, "index.html")
		if told := strings.Contains(page, "acts about it were noted by the node") && strings.Contains(page, `href="acts.json"`) && strings.Contains(page, ": wrote a record <span"); (acts != "") != (who != u) || told != (acts != "") {
			t.Errorf("%s: what people did is %q, and its page says\n%s", q, acts, page)
		}
	}
	p = auditor.get("/evidence/pack?limit=1&by=" + string(centre))
	last := partOf(t, partOf(t, p.body, "evidence-2.zip"), "pack.json")
	if !strings.Contains(last, `"after": `) || partOf(t, partOf(t, p.body, "evidence-1.zip"), "index.html") == "" {
		t.Errorf("the second part's list:\n%s", last)
	}
	if p = auditor.get("/evidence/pack?limit=many&by=" + string(centre)); p.status != http.StatusBadRequest {
		t.Errorf("a limit that is no number: %d", p.status)
	}
	if p = u.get("/evidence/pack"); p.status != http.StatusBadRequest {
		t.Errorf("a pack of nothing: %d", p.status)
	}
	auditor.get("/audit").wants(t, []string{`action="/evidence/pack"`})
	b.gate.comes(alert.Record)
	p = u.get("/situation/reporting")
	if !strings.Contains(p.body, `name="institution" value="`+string(gate)+`"`) || strings.Contains(p.body, `name="institution" value="`+string(centre)+`"`) {
		t.Fatalf("who can be reminded:\n%s", p.body)
	}
	p = u.post("/situation/remind", url.Values{"institution": {string(gate)}, "kind": {"vardar.situation.report.v1"}, "due": {"2015-11-08 09:00"}})
	reminder, err := protocol.ParseName(strings.TrimPrefix(p.path, "/record/"))
	if err != nil {
		t.Fatalf("reminded: %d %s", p.status, p.body)
	}
	b.gate.comes(reminder)
	b.gate.account(staff.Officer).get("/").wants(t, []string{"we have never had one of you"}, "2015-11-08 09:00")
	if p = u.post("/situation/remind", url.Values{"institution": {"mk.nobody.here"}, "kind": {"report"}}); p.status != http.StatusUnprocessableEntity {
		t.Errorf("nobody is reminded: %d", p.status)
	}
	for whom, kind := range map[protocol.InstitutionID]string{centre: "vardar.situation.report.v1", gate: "vardar.alert.warning.v1"} {
		p = u.post("/situation/remind", url.Values{"institution": {string(whom)}, "kind": {kind}})
		if p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, "is overdue of "+string(whom)) {
			t.Errorf("%s is reminded of %s, which is not late: %d at %s", whom, kind, p.status, p.path)
		}
	}
}

// partOf gives a file of a zip; empty if it is not there.
func partOf(t *testing.T, archive, name string) string {
	t.Helper()
	files, err := zip.NewReader(strings.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatalf("%v:\n%.300s", err, archive)
	}
	f, err := files.Open(name)
	if err != nil {
		return ""
	}
	text := must(io.ReadAll(f))(t)
	ok(t, f.Close())
	return string(text)
}

// TestLastAdministratorStays, whether another one or they themselves would take them away.
func TestLastAdministratorStays(t *testing.T) {
	s := open(t)
	keeper := s.account(staff.Admin) // beside the first account, whose word nobody has used
	for _, form := range []url.Values{
		{"do": {"remove"}}, {"do": {"lock"}, "reason": {"left"}}, {"do": {"role"}, "role": {"officer"}},
	} {
		form.Set("name", "test.admin")
		if p := keeper.post("/staff", form); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, "make another administrator of it first") {
			t.Errorf("%v: %d %s", form, p.status, p.body)
		}
	}
	if p := keeper.get("/staff"); p.path != "/staff" {
		t.Errorf("the session has ended: %s", p.path)
	}
	first := s.browser()
	first.post("/word", url.Values{"name": {"admin"}, "word": {s.word}, "password": {password}})
	if p := first.post("/staff", url.Values{"do": {"remove"}, "name": {"test.admin"}}); p.status != http.StatusOK || strings.Contains(p.body, "test.admin") {
		t.Errorf("one of two: %d %s", p.status, p.body)
	}
}
