package api_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// programs serves a node to tokens, one of each role by the role's name, which may do all that it
// may; ask gives what one of them is answered.
func (n *node) programs() (ask func(as staff.Role, route string, v any) int, act func(as staff.Role, path, body string, v any) int) {
	n.t.Helper()
	l := must(api.ListenLoopback(n.t.Context(), "127.0.0.1:0"))(n.t)
	n.serve(l, n.server.ByToken())
	secrets := map[staff.Role]string{}
	for _, role := range staff.Roles() {
		secrets[role] = must(n.client.AddToken(n.t.Context(), api.TokenRequest{Name: string(role), Role: role, Scope: staff.Manage}))(n.t).Secret
	}
	read := func(status int, text string, v any) int {
		if err := json.Unmarshal([]byte(text), v); err != nil {
			n.t.Errorf("%d %s: %v", status, text, err)
		}
		return status
	}
	ask = func(as staff.Role, route string, v any) int {
		status, _, text := n.asked(l.Addr().String(), "GET "+route, secrets[as])
		return read(status, text, v)
	}
	return ask, func(as staff.Role, path, body string, v any) int {
		status, text := n.posts(l.Addr().String(), secrets[as], path, "", body)
		return read(status, text, v)
	}
}

// TestNowTellsAProgramWhatItTellsAPersonOfItsRole: and nothing of the other homes.
func TestNowTellsAProgramWhatItTellsAPersonOfItsRole(t *testing.T) {
	n := open(t)
	must(n.client.Publish(t.Context(), api.Request{Kind: "report", Set: []string{"summary=quiet", "place=MK-405", "figures.arrivals=960", "period=2015-11-02"}}))(t)
	ask, _ := n.programs()
	for role, home := range map[staff.Role]staff.Home{
		staff.Officer: staff.HomePost, staff.Approver: staff.HomePost, staff.Coordinator: staff.HomeOverview, staff.Auditor: staff.HomeAudit,
	} {
		var now desk.Now
		status := ask(role, "/v1/now", &now)
		has := map[staff.Home]bool{staff.HomePost: now.Post != nil, staff.HomeOverview: now.Overview != nil, staff.HomeNode: now.Node != nil, staff.HomeAudit: now.Audit != nil}
		for h, there := range has {
			if status != http.StatusOK || now.Home != home || there != (h == home) {
				t.Errorf("%s: %d, home %q, %s there: %v", role, status, now.Home, h, there)
			}
		}
	}
	var post desk.Now
	ask(staff.Officer, "/v1/now", &post)
	if p := post.Post; p.As != centre || len(p.Figures.Rows) != 1 || p.Last == nil || len(p.Sent) == 0 {
		t.Errorf("the post of an officer: %+v", p)
	}
	var refused api.Problem
	if status := ask(staff.Admin, "/v1/now?at=2015-11-03T00:00:00Z", &refused); status != http.StatusBadRequest || refused.Field != "at" {
		t.Errorf("the node of yesterday: %d %+v", status, refused)
	}
}

// TestProgramIsToldWhatIsNewSinceItLooked: each token by its own last look.
func TestProgramIsToldWhatIsNewSinceItLooked(t *testing.T) {
	n := open(t)
	ask, act := n.programs()
	since := func() protocol.Instant {
		var now desk.Now
		ask(staff.Coordinator, "/v1/now", &now)
		return now.Overview.Since
	}
	if got := since(); got != protocol.InstantOf(hour().Add(-desk.FirstLook)) {
		t.Errorf("who never looked is told what is new since %s", got)
	}
	look := protocol.InstantOf(hour().Add(-time.Hour))
	var token desk.Token
	if status := act(staff.Coordinator, "/v1/looked", fmt.Sprintf(`{"at":%q}`, look), &token); status != http.StatusOK || token.Looked != look || token.Name != string(staff.Coordinator) {
		t.Errorf("looked: %d %+v", status, token)
	}
	if got := since(); got != look {
		t.Errorf("new since %s, want %s", got, look)
	}
	for _, of := range must(n.client.Tokens(t.Context()))(t) {
		if looked := of.Looked != 0; looked != (of.Name == token.Name) {
			t.Errorf("%s has looked: %v", of.Name, looked)
		}
	}
	var p api.Problem
	if status := act(staff.Coordinator, "/v1/looked", fmt.Sprintf(`{"at":%q}`, protocol.InstantOf(hour().Add(time.Minute))), &p); status != http.StatusBadRequest || p.Field != "at" {
		t.Errorf("a look at what is to come: %d %+v", status, p)
	}
}

// TestProgramTakesOverAPost: with a note that the next one reads, and that the read-only address
// tells nobody.
func TestProgramTakesOverAPost(t *testing.T) {
	n := open(t)
	ask, act := n.programs()
	var h desk.Handover
	if status := act(staff.Officer, "/v1/handover", `{"note":"the bus is late"}`, &h); status != http.StatusOK || h.By != "token officer" || h.Institution != centre {
		t.Fatalf("taken over: %d %+v", status, h)
	}
	var s desk.Shift
	if status := ask(staff.Coordinator, "/v1/handover", &s); status != http.StatusOK || s.Last.Note != "the bus is late" || s.Since != h.Time || s.As != centre {
		t.Errorf("the next shift: %d %+v", status, s)
	}
	var p api.Problem
	if status := act(staff.Officer, "/v1/handover", `{"as":"mk.southeast.demo-river-town"}`, &p); status != http.StatusForbidden {
		t.Errorf("the post of another: %d %+v", status, p)
	}
	if status := act(staff.Officer, "/v1/handover", fmt.Sprintf(`{"note":%q}`, strings.Repeat("a", staff.MaxHandoverNote+1)), &p); status != http.StatusUnprocessableEntity || p.Field != "note" {
		t.Errorf("a note of too many words: %d %+v", status, p)
	}
	open := must(api.ListenLoopback(t.Context(), "127.0.0.1:0"))(t)
	n.serve(open, n.server.ReadOnly())
	r := must(http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+open.Addr().String()+"/v1/handover", http.NoBody))(t)
	resp := must(http.DefaultClient.Do(r))(t)
	defer func() { _ = resp.Body.Close() }()
	if text := string(must(io.ReadAll(resp.Body))(t)); resp.StatusCode != http.StatusForbidden || strings.Contains(text, "the bus is late") {
		t.Errorf("everybody on the machine reads the note: %d %s", resp.StatusCode, text)
	}
}

// TestProgramDismissesAProposedAlert: once, and by name.
func TestProgramDismissesAProposedAlert(t *testing.T) {
	n := open(t)
	for day := range 15 {
		arrivals := 5000
		if day == 14 {
			arrivals = 100
		}
		must(n.client.Publish(t.Context(), api.Request{Kind: "report", Set: []string{"place=MK-405", "period=" + time.Date(2015, time.October, 19+day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly), fmt.Sprintf("figures.arrivals=%d", arrivals)}}))(t)
	}
	ask, act := n.programs()
	drafts := func() []desk.DraftRow {
		var now desk.Now
		ask(staff.Coordinator, "/v1/now", &now)
		return now.Overview.Waiting.Drafts
	}
	before := drafts()
	if len(before) != 1 {
		t.Fatalf("proposed: %+v", before)
	}
	body := fmt.Sprintf(`{"record":%q}`, before[0].Record)
	var d desk.Dismissal
	if status := act(staff.Officer, "/v1/alerts/dismiss", body, &d); status != http.StatusOK || d.By != "token officer" || d.At == 0 {
		t.Errorf("dismissed: %d %+v", status, d)
	}
	if after := drafts(); len(after) != 0 {
		t.Errorf("it is proposed all the same: %+v", after)
	}
	var p api.Problem
	if status := act(staff.Officer, "/v1/alerts/dismiss", body, &p); status != http.StatusNotFound {
		t.Errorf("dismissed again: %d %+v", status, p)
	}
}
