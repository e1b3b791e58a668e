package api_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/node/staff"
)

// asked sends one question, with a token if secret is not empty.
func (n *node) asked(address, route, secret string) (int, http.Header, string) {
	n.t.Helper()
	method, path, _ := strings.Cut(route, " ")
	path = filled(path)
	if method == http.MethodPost {
		return n.sent(address, path, secret, `{"nonsense": 1}`)
	}
	r := must(http.NewRequestWithContext(n.t.Context(), method, "http://"+address+path, http.NoBody))(n.t)
	if strings.HasSuffix(route, "/stream") {
		r.Header.Set("Last-Event-ID", "none") // refused, but by the stream itself
	}
	return n.answered(r, secret)
}

// filled puts names that are some into a path.
func filled(path string) string {
	return strings.NewReplacer("{institution}", string(centre), "{position}", "situation.1.1", "{what}", "reports", "{id}", string(centre), "{peer}", "rs.national.centre", "{number}", "1").Replace(path)
}

// sent sends one act, with a token if secret is not empty.
func (n *node) sent(address, path, secret, body string) (int, http.Header, string) {
	n.t.Helper()
	r := must(http.NewRequestWithContext(n.t.Context(), http.MethodPost, "http://"+address+path, strings.NewReader(body)))(n.t)
	r.Header.Set("Content-Type", "application/json")
	return n.answered(r, secret)
}

func (n *node) answered(r *http.Request, secret string) (int, http.Header, string) {
	n.t.Helper()
	r.Host = "node.example.org" // as behind a proxy
	if secret != "" {
		r.Header.Set("Authorization", "Bearer "+secret)
	}
	resp, err := http.DefaultClient.Do(r)
	ok(n.t, err)
	defer func() { _ = resp.Body.Close() }()
	return resp.StatusCode, resp.Header, string(must(io.ReadAll(resp.Body))(n.t))
}

// TestTokensMayAskWhatTheTableSays: every route × every role × every scope, and each route
// has a row.
func TestTokensMayAskWhatTheTableSays(t *testing.T) {
	n := open(t)
	must(n.client.Publish(t.Context(), api.Request{Kind: "report", Set: []string{"summary=quiet"}}))(t)
	l := must(api.ListenLoopback(t.Context(), "127.0.0.1:0"))(t)
	n.serve(l, n.server.ByToken())
	rows := map[string]staff.Row{}
	for _, c := range staff.Calls() {
		rows[c.Route] = c
	}
	for _, route := range n.server.Routes() {
		if _, ok := rows[route]; !ok {
			t.Errorf("%s has no row: no token may ask for it", route)
		}
		delete(rows, route)
	}
	for route := range rows {
		t.Errorf("the row of %s is of no route", route)
	}
	for _, role := range staff.Roles() {
		for _, scope := range staff.Scopes() {
			made := must(n.client.AddToken(t.Context(), api.TokenRequest{Name: string(role) + "." + string(scope), Role: role, Scope: scope}))(t)
			for _, c := range staff.Calls() {
				status, _, text := n.asked(l.Addr().String(), c.Route, made.Secret)
				refused := status == http.StatusForbidden && strings.Contains(text, "may not ask for")
				if want := !staff.MayCall(made.Token, c.Route); refused != want {
					t.Errorf("%s as %s, scope %s: %d %s; refused %v, want %v", c.Route, role, scope, status, text, refused, want)
				}
			}
		}
	}
}

// TestScopesAndRolesHoldEachOther: what the table is made of, by example.
func TestScopesAndRolesHoldEachOther(t *testing.T) {
	for _, tt := range []struct {
		role  staff.Role
		scope staff.Scope
		route string
		may   bool
	}{
		{staff.Officer, staff.Read, "GET /v1/lists/{what}", true},
		{staff.Officer, staff.Read, "POST /v1/publish", false},
		{staff.Officer, staff.Publish, "POST /v1/publish", true},
		{staff.Officer, staff.Manage, "POST /v1/members/close", false},
		{staff.Auditor, staff.Manage, "POST /v1/publish", false},
		{staff.Auditor, staff.Read, "GET /v1/lists/audit", true},
		{staff.Coordinator, staff.Read, "GET /v1/lists/audit", false},
		{staff.Admin, staff.Read, "GET /v1/lists/{what}", false}, // AMBER
		{staff.Admin, staff.Read, "GET /metrics", true},
		{staff.Admin, staff.Publish, "POST /v1/staff", false},
		{staff.Admin, staff.Manage, "POST /v1/staff", true},
		{staff.Admin, "everything", "GET /v1/status", false},
		{"boss", staff.Manage, "GET /v1/status", false},
		{staff.Admin, staff.Manage, "GET /v1/unheard-of", false},
	} {
		if got := staff.MayCall(staff.Token{Role: tt.role, Scope: tt.scope}, tt.route); got != tt.may {
			t.Errorf("%s, %s, %s: %v, want %v", tt.role, tt.scope, tt.route, got, tt.may)
		}
	}
}

// TestNobodyAsksWithoutAToken: none, a made-up one, one that was taken away.
func TestNobodyAsksWithoutAToken(t *testing.T) {
	n := open(t)
	l := must(api.ListenLoopback(t.Context(), "127.0.0.1:0"))(t)
	n.serve(l, n.server.ByToken())
	made := must(n.client.AddToken(t.Context(), api.TokenRequest{Name: "room", Role: staff.Coordinator, Scope: staff.Read}))(t)
	const route = "GET /v1/status"
	status, h, text := n.asked(l.Addr().String(), route, made.Secret)
	if status != http.StatusOK || h.Get("Cache-Control") != "no-store" || h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Content-Type") != "application/json" {
		t.Errorf("with a token: %d %v %s", status, h, text)
	}
	for _, c := range staff.Calls() {
		if status, _, text := n.asked(l.Addr().String(), c.Route, ""); status != http.StatusUnauthorized {
			t.Errorf("%s without a token: %d %s", c.Route, status, text)
		}
	}
	ok(t, n.client.RemoveToken(t.Context(), "room"))
	for name, secret := range map[string]string{"none": "", "made up": "vardar_" + strings.Repeat("A", 43), "taken away": made.Secret, "empty": "vardar_"} {
		status, h, text := n.asked(l.Addr().String(), route, secret)
		if status != http.StatusUnauthorized || h.Get("WWW-Authenticate") == "" || !strings.Contains(text, "vardar staff token add") {
			t.Errorf("%s: %d %s", name, status, text)
		}
		if secret != "" && strings.Contains(text, secret) {
			t.Errorf("%s: the answer repeats the secret", name)
		}
	}
}

// TestWhatATokenDoesIsNotedAsDoneByIt, for the institution that it acts for.
func TestWhatATokenDoesIsNotedAsDoneByIt(t *testing.T) {
	n := open(t)
	l := must(api.ListenLoopback(t.Context(), "127.0.0.1:0"))(t)
	n.serve(l, n.server.ByToken())
	made := must(n.client.AddToken(t.Context(), api.TokenRequest{Name: "counter", Role: staff.Officer, Scope: staff.Publish}))(t)
	if status, _, text := n.sent(l.Addr().String(), "/v1/publish", made.Secret, `{"kind":"report","set":["summary=counted"]}`); status != http.StatusOK {
		t.Fatalf("%d %s", status, text)
	}
	acts := must(n.client.List(t.Context(), api.Query{What: "audit", Match: "token counter"}))(t)
	if acts.Total != 1 {
		t.Errorf("acts = %+v", acts)
	}
}

// TestOnlyACoordinatorBeginsAnExercise by a token, as on pages; who may write otherwise writes all the
// same within what is played, and the node's own socket begins one.
func TestOnlyACoordinatorBeginsAnExercise(t *testing.T) {
	n := open(t)
	l := must(api.ListenLoopback(t.Context(), "127.0.0.1:0"))(t)
	n.serve(l, n.server.ByToken())
	set := []string{"place=MK-405", "phase=response", "reason=to see who answers", "valid_until=2015-11-03T12:00:00Z"}
	publish := func(set ...string) string {
		return string(must(json.Marshal(api.Request{Kind: "phase", Exercise: true, Set: set}))(t))
	}
	for role, want := range map[staff.Role]int{staff.Officer: http.StatusForbidden, staff.Approver: http.StatusForbidden, staff.Coordinator: http.StatusOK} {
		secret := must(n.client.AddToken(t.Context(), api.TokenRequest{Name: string(role), Role: role, Scope: staff.Publish}))(t).Secret
		status, _, text := n.sent(l.Addr().String(), "/v1/publish", secret, publish(append(set, "exercise=Flood of the "+string(role))...))
		if status != want || want == http.StatusForbidden && (!strings.Contains(text, `"field":"exercise"`) || !strings.Contains(text, "only a coordinator begins an exercise")) {
			t.Errorf("%s begins one: %d %s", role, status, text)
		}
		if status, _, text = n.sent(l.Addr().String(), "/v1/publish", secret, publish(set...)); status != http.StatusOK {
			t.Errorf("%s plays: %d %s", role, status, text)
		}
	}
	must(n.client.Publish(t.Context(), api.Request{Kind: "phase", Exercise: true, Set: append(set, "exercise=Flood of the node")}))(t)
	if begun := must(n.client.List(t.Context(), api.Query{What: "exercises"}))(t).Total; begun != 2 {
		t.Errorf("%d exercises have begun, want the coordinator's and the node's", begun)
	}
}

// TestOnlyACoordinatorEndsAnExercise by a token, as on pages: nobody else moves its end, takes back or
// erases what began it, or erases what ended it. Who may write otherwise corrects and erases what was
// played all the same, and the node's own socket ends one.
func TestOnlyACoordinatorEndsAnExercise(t *testing.T) {
	n := open(t)
	l := must(api.ListenLoopback(t.Context(), "127.0.0.1:0"))(t)
	n.serve(l, n.server.ByToken())
	began := must(n.client.Publish(t.Context(), api.Request{Kind: "phase", Exercise: true, Set: []string{
		"exercise=Flood 1", "place=MK-405", "phase=response", "reason=to see who answers", "valid_until=2015-11-03T12:00:00Z",
	}}))(t).Record.String()
	played := must(n.client.Publish(t.Context(), api.Request{Kind: "note", Within: began, Set: []string{"text=played"}}))(t).Record.String()
	moved := must(n.client.Correct(t.Context(), api.CorrectRequest{Record: began, Set: []string{"valid_until=2015-11-03T13:00:00Z"}, Reason: "longer"}))(t).Record.String()
	for role, want := range map[staff.Role]int{staff.Officer: http.StatusForbidden, staff.Approver: http.StatusForbidden, staff.Coordinator: http.StatusOK} {
		secret := must(n.client.AddToken(t.Context(), api.TokenRequest{Name: string(role), Role: role, Scope: staff.Publish}))(t).Secret
		sent := func(want int, path, what string, more ...string) {
			t.Helper()
			body := fmt.Sprintf(`{"record":%q,"reason":"why","dry_run":true%s}`, what, strings.Join(more, ""))
			status, _, text := n.sent(l.Addr().String(), path, secret, body)
			if status != want || want == http.StatusForbidden && (!strings.Contains(text, `"field":"exercise"`) || !strings.Contains(text, "have a coordinator do it")) {
				t.Errorf("%s sends %s to %s: %d %s", role, body, path, status, text)
			}
		}
		sent(want, "/v1/correct", began, `,"set":["valid_until=2015-11-03T09:00:00Z"]`)
		sent(want, "/v1/correct", began, `,"retract":true`)
		sent(want, "/v1/erase", began)
		sent(want, "/v1/erase", moved)
		sent(http.StatusOK, "/v1/correct", played, `,"set":["text=otherwise"]`)
		sent(http.StatusOK, "/v1/erase", played)
	}
	must(n.client.Correct(t.Context(), api.CorrectRequest{Record: began, Retract: true, Reason: "ended"}))(t)
	if left := must(n.client.List(t.Context(), api.Query{What: "exercises"}))(t).Total; left != 0 {
		t.Errorf("%d exercises are left, want none", left)
	}
	// What was played, and what began it, are erased after it too.
	must(n.client.Erase(t.Context(), api.EraseRequest{Record: played, Reason: "a name"}))(t)
	must(n.client.Erase(t.Context(), api.EraseRequest{Record: began, Reason: "a name"}))(t)
}
