package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/protocol/body"
)

// TestBadInputOfAConsultationIsRefused: each kind, with what is wrong and where.
func TestBadInputOfAConsultationIsRefused(t *testing.T) {
	n := open(t)
	must(n.client.Invite(t.Context(), api.InviteRequest{Institution: town, Level: body.Municipality}))(t)
	const to, closes = `"to":["` + string(town) + `"]`, `"closes_at":"2036-11-10T00:00:00Z"`
	asked := n.ask("POST", "/v1/publish", `{"kind":"consultation","body":{"question":"Why?",`+to+`,`+closes+`}}`)
	if asked.status != http.StatusOK {
		t.Fatalf("asked: %d %s", asked.status, asked.body)
	}
	thread := `"thread":"` + string(centre) + `/policy.1.1"`
	for _, tt := range []struct {
		kind, body string
		status     int
		want       string
	}{
		{"consultation", `{` + to + `,` + closes + `}`, 422, `"field":"question"`},
		{"consultation", `{"question":"Why?",` + closes + `}`, 422, `"field":"to"`},
		{"consultation", `{"question":"Why?",` + to + `}`, 422, `"field":"closes_at"`},
		{"consultation", `{"question":"Why?",` + to + `,"closes_at":"tomorrow"}`, 422, `"field":"closes_at"`},
		{"consultation", `{"question":"Why?",` + to + `,` + closes + `,"options":["one"]}`, 422, `"field":"options"`},
		{"consultation", `{"question":"Why?",` + to + `,` + closes + `,"line":3}`, 422, `"field":"refs"`},
		{"consultation", `{"question":"Why?","to":["group:nobody"],` + closes + `}`, 422, `"field":"to.0"`},
		{"response", `{"position":"support"}`, 422, `"field":"thread"`},
		{"response", `{` + thread + `,"position":"perhaps"}`, 422, `"field":"position"`},
		{"response", `{` + thread + `,"position":"support"}`, 409, "is not asked by this consultation"},
		{"response", `{"thread":"` + string(centre) + `/policy.1.9","position":"support"}`, 404, "policy.1.9"},
		{"outcome", `{` + thread + `}`, 422, `"field":"decision"`},
		{"outcome", `{` + thread + `,"decision":"Yes."}`, 409, "is open until"},
		{"outcome", `{` + thread + `,"decision":"Yes.","considered":[{"response":"` + string(centre) + `/policy.1.1","consideration":"perhaps","reason":"x"}]}`, 422, `"field":"considered[0].consideration"`},
	} {
		r := n.ask("POST", "/v1/publish", `{"kind":"`+tt.kind+`","body":`+tt.body+`}`)
		if r.status != tt.status || !strings.Contains(r.body, tt.want) || r.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %s: %d %s, want %d with %s", tt.kind, tt.body, r.status, r.body, tt.status, tt.want)
		}
	}
	if r := n.ask("GET", "/v1/consultations/"+string(centre)+"/policy.1.9", ""); r.status != http.StatusNotFound {
		t.Errorf("a consultation that is not there: %d %s", r.status, r.body)
	}
	for _, tt := range []struct {
		asked  string
		status int
		want   string
	}{
		{`"to":["mk.pelagonia.bitola"]`, 422, `"field":"to.0"`},
		{`"to":["Bitola"]`, 400, "Bitola"},
		{`"step":"note","to":["` + string(town) + `"]`, 400, `"field":"to"`},
		{`"to":["` + string(town) + `"],"reason":"Well?"`, 200, `policy.1.2`},
	} {
		body := `{"record":"` + string(centre) + `/policy.1.1",` + tt.asked
		if !strings.Contains(body, `"step"`) {
			body += `,"step":"remind"`
		}
		if r := n.ask("POST", "/v1/answer", body+"}"); r.status != tt.status || !strings.Contains(r.body, tt.want) {
			t.Errorf("remind %s: %d %s, want %d with %s", tt.asked, r.status, r.body, tt.status, tt.want)
		}
	}
}
