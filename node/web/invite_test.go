package web_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// TestInstitutionIsInvitedOnAPage: the letter has the invitation, once, and the words of it; what
// can't be is said beside its field, and nobody but who keeps the node invites.
func TestInstitutionIsInvitedOnAPage(t *testing.T) {
	s := open(t, func(o *node.Options) { o.Listen = "127.0.0.1:0" })
	keeper, officer := s.account(staff.Admin), s.account(staff.Officer)
	const path = "/network/invite"
	if p := officer.get(path); p.status != http.StatusForbidden {
		t.Errorf("an officer: %d", p.status)
	}
	keeper.get("/network").wants(t, []string{`href="` + path + `"`})
	keeper.get(path).wants(t, []string{`name="institution"`, `value="7"`, ">municipality<"})

	for field, form := range map[string]url.Values{
		"institution": {"institution": {"Gevgelija"}, "level": {"municipality"}, "valid_for": {"7"}},
		"level":       {"institution": {"mk.southeast.gevgelija"}, "level": {"village"}, "valid_for": {"7"}},
		"valid_for":   {"institution": {"mk.southeast.gevgelija"}, "level": {"municipality"}, "valid_for": {"a week"}},
	} {
		p := keeper.post(path, form)
		if p.status < 400 || !strings.Contains(p.body, `<a href="#`+field+`">`) || strings.Contains(p.body, "vardar1.") {
			t.Errorf("%s: %d %s", field, p.status, p.body)
		}
	}

	asked := url.Values{"institution": {"mk.southeast.gevgelija"}, "level": {"municipality"}, "valid_for": {"3"}}
	p := keeper.post(path, asked)
	p.wants(t, []string{"mk.southeast.gevgelija", string(centre), "2015-11-12 09:00", "vardar join invitation.txt"})
	pre := regexp.MustCompile(`(?s)<pre[^>]*>(.*?)</pre>`).FindStringSubmatch(p.body)
	if pre == nil {
		t.Fatalf("no invitation: %s", p.body)
	}
	line := strings.ReplaceAll(html.UnescapeString(pre[1]), "\n", "")
	inv := must(protocol.ParseInvitation(line))(t)
	if inv.Institution != "mk.southeast.gevgelija" || inv.Listener != centre {
		t.Errorf("the invitation says %+v", inv)
	}
	for _, word := range protocol.CheckWords(line) {
		if !strings.Contains(p.body, `<span lang="en">`+word+`</span>`) {
			t.Errorf("the letter lacks the word %s", word)
		}
	}
	if again := keeper.get(path); strings.Contains(again.body, "<pre") {
		t.Error("the invitation is shown twice")
	}
	if p = keeper.post(path, asked); p.status != http.StatusUnprocessableEntity || strings.Contains(p.body, "<pre") {
		t.Errorf("an invitation that is open already: %d", p.status)
	}
	asked.Set("again", "yes")
	if p = keeper.post(path, asked); p.status != http.StatusOK || strings.Contains(p.body, pre[1]) {
		t.Errorf("it is taken back by another: %d", p.status)
	}
	keeper.get("/audit").wants(t, []string{"invited", "mk.southeast.gevgelija"})
}
