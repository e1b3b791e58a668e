package api_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// marked are records of each mark that is not sealed. What one says has the mark's word in it.
type marked map[protocol.Handling][]protocol.Name

// wordOf is a word that stands in records of one mark, and nowhere else.
func wordOf(mark protocol.Handling) string {
	return "quite" + strings.ToLower(strings.TrimPrefix(mark.String(), "TLP:"))
}

// beginning is what that word is searched by: what was asked is said again.
func beginning(mark protocol.Handling) string { return strings.TrimRight(wordOf(mark), "rn") }

// saysAll publishes records of each mark.
func (n *node) saysAll() marked {
	n.t.Helper()
	out := marked{}
	must(n.client.Invite(n.t.Context(), api.InviteRequest{Institution: town, Level: body.Municipality}))(n.t)
	for mark := protocol.Clear; mark <= protocol.Amber; mark++ {
		word := wordOf(mark)
		for _, r := range []api.Request{
			{Kind: "report", Set: []string{"place=MK-405", "period=2015-11-02", "figures.arrivals=960", "summary=" + word}},
			{Kind: "note", Set: []string{"text=" + word, "acknowledge=true"}},
			{Kind: "phase", Set: []string{"place=MK-405", "phase=response", "reason=" + word}},
			{Kind: "alert", Set: []string{"info.0.category=Safety", "info.0.event=Snow", "info.0.urgency=Expected", "info.0.severity=Severe", "info.0.certainty=Likely", "info.0.headline=" + word}},
			{Kind: "practice", Set: []string{"title=" + word, "problem=" + word, "solution=" + word}},
			{Kind: "consultation", Set: []string{"to=" + string(town), "question=" + word, "closes_at=2036-11-02T00:00:00Z"}},
		} {
			r.Handling = mark
			out[mark] = append(out[mark], must(n.client.Publish(n.t.Context(), r))(n.t).Record)
		}
	}
	return out
}

// questionsOf gives how a route is asked about each of some records, and for each mark's word.
func questionsOf(path string, all marked) (out []string) {
	switch {
	case strings.Contains(path, "{position}"):
		for mark := range all {
			for _, n := range all[mark] {
				out = append(out, strings.NewReplacer("{institution}", string(n.Institution), "{position}", n.Position.String(), "{number}", "1").Replace(path))
			}
		}
	case strings.Contains(path, "{what}"):
		for _, what := range api.Lists() {
			out = append(out, strings.Replace(path, "{what}", what, 1))
		}
	case path == "/v1/show":
		out = append(out, questionsOf("/v1/show?ref={institution}/{position}", all)...)
	case path == "/v1/search":
		for mark := range all {
			out = append(out, path+"?q="+beginning(mark))
		}
	case path == "/v1/evidence":
		out = append(out, path+"?since=2015-11-01T00:00:00Z")
	default:
		out = append(out, filled(path))
	}
	return out
}

// opens reports whether a role may open a record.
func opens(role staff.Role) bool { return staff.May(role, "GET /record/{institution}/{position}") }

// TestCallsShowEachRoleWhatItsMarkAllows: every role × every call that reads × every mark that is not sealed, by
// the table alone: what stands above a role's ceiling no call says to it, and each mark that a role that
// may open a record may read some call does.
func TestCallsShowEachRoleWhatItsMarkAllows(t *testing.T) {
	n := open(t)
	all := n.saysAll()
	l := must(api.ListenLoopback(t.Context(), "127.0.0.1:0"))(t)
	n.serve(l, n.server.ByToken())
	for _, role := range staff.Roles() {
		secret := must(n.client.AddToken(t.Context(), api.TokenRequest{Name: string(role), Role: role, Scope: staff.Manage}))(t).Secret
		read := map[protocol.Handling]bool{}
		for _, row := range staff.Calls() {
			path, reads := strings.CutPrefix(row.Route, "GET ")
			if !reads || path == "/v1/stream" { // it tells of what comes, by name
				continue
			}
			for _, q := range questionsOf(path, all) {
				status, _, text := n.asked(l.Addr().String(), "GET "+q, secret)
				for mark := range all {
					said := strings.Contains(text, wordOf(mark))
					read[mark] = read[mark] || said
					if said && (status != http.StatusOK || mark > staff.Ceiling(role) || row.Shows == 0) {
						t.Errorf("%s reads at %s (%s, %d) what is marked %s", role, q, row.Route, status, mark)
					}
				}
			}
		}
		for mark := range all {
			if want := mark <= staff.Ceiling(role) && opens(role); read[mark] != want {
				t.Errorf("%s reads %s: %t, want %t", role, mark, read[mark], want)
			}
		}
	}
}

// TestSearchFindsForAProgramWhatThePageFinds: a role that may open no record finds institutions
// alone, by a page as by a call.
func TestSearchFindsForAProgramWhatThePageFinds(t *testing.T) {
	n := open(t)
	all := n.saysAll()
	l := must(api.ListenLoopback(t.Context(), "127.0.0.1:0"))(t)
	n.serve(l, n.server.ByToken())
	for _, role := range staff.Roles() {
		secret := must(n.client.AddToken(t.Context(), api.TokenRequest{Name: string(role), Role: role, Scope: staff.Read}))(t).Secret
		for q, found := range map[string]string{
			beginning(protocol.Green):       all[protocol.Green][0].String(),
			all[protocol.Green][0].String(): `"record":"`,
			"MK-405":                        `"place":"iso3166-2:MK-405","institutions"`,
			"Gevgelij":                      `"name":"Gevgelija"`,
		} {
			if status, _, text := n.asked(l.Addr().String(), "GET /v1/search?q="+url.QueryEscape(q), secret); status != http.StatusOK || strings.Contains(text, found) != opens(role) {
				t.Errorf("%s asks for %q and reads %d and %s in it: %t", role, q, status, found, !opens(role))
			}
		}
		if status, _, text := n.asked(l.Addr().String(), "GET /v1/search?q="+string(town), secret); status != http.StatusOK || !strings.Contains(text, `"institution":"`+string(town)+`"`) {
			t.Errorf("%s asks for the town and reads %d %s", role, status, text)
		}
	}
}
