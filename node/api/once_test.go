package api_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// posts posts under a key.
func (n *node) posts(address, secret, path, key, body string) (int, string) {
	r := must(http.NewRequestWithContext(n.t.Context(), http.MethodPost, "http://"+address+path, strings.NewReader(body)))(n.t)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+secret)
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err.Error()
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return 0, err.Error()
	}
	return resp.StatusCode, string(text)
}

// TestRecordIsWrittenOnceUnderItsKey: twenty programs of one token ask the same at once, then
// once more: one record, one answer.
func TestRecordIsWrittenOnceUnderItsKey(t *testing.T) {
	n := open(t)
	secret := must(n.client.AddToken(t.Context(), api.TokenRequest{Name: "room", Role: staff.Coordinator, Scope: staff.Publish}))(t).Secret
	l := must(api.ListenLoopback(t.Context(), "127.0.0.1:0"))(t)
	n.serve(l, n.server.ByToken())
	address := l.Addr().String()
	const note = `{"kind": "note", "set": ["text=The road is open"]}`
	answers := make([]string, 20)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() {
			status, text := n.posts(address, secret, "/v1/publish", `"key-1"`, note)
			answers[i] = fmt.Sprint(status, " ", text)
		})
	}
	all.Wait()
	status, text := n.posts(address, secret, "/v1/publish", "key-1", note) // without quotes it is the same
	for i, answer := range append(answers, fmt.Sprint(status, " ", text)) {
		if answer != answers[0] || !strings.HasPrefix(answer, "200 ") {
			t.Errorf("answer %d: %s\nwant %s", i, answer, answers[0])
		}
	}
	if rows := must(n.client.List(t.Context(), api.Query{What: "notes"}))(t); rows.Total != 1 {
		t.Errorf("%d notes, want 1", rows.Total)
	}
	for name, tt := range map[string]struct {
		path, key, body string
		status          int
		says            string
	}{
		"another act":      {"/v1/publish", "key-1", `{"kind": "note", "set": ["text=It is not"]}`, 422, `"field":"idempotency-key"`},
		"another way":      {"/v1/answer", "key-1", `{"record": "situation.1.1", "step": "seen"}`, 422, "something else was asked under this key"},
		"no key":           {"/v1/publish", `""`, note, 400, "1 to 255 visible characters"},
		"what is not kept": {"/v1/tokens", "key-2", `{"name": "x", "role": "officer", "scope": "read"}`, 403, "may not ask for"},
		"refused":          {"/v1/publish", "key-3", `{"kind": "note", "set": ["kind=shout"]}`, 422, `"field":"kind"`},
	} {
		if status, text := n.posts(address, secret, tt.path, tt.key, tt.body); status != tt.status || !strings.Contains(text, tt.says) {
			t.Errorf("%s: %d %s; want %d %s", name, status, text, tt.status, tt.says)
		}
	}
	if status, text := n.posts(address, secret, "/v1/publish", "key-3", note); status != http.StatusOK {
		t.Errorf("mended: %d %s", status, text)
	}
	admin := must(n.client.AddToken(t.Context(), api.TokenRequest{Name: "admin", Role: staff.Admin, Scope: staff.Manage}))(t).Secret
	if status, text := n.posts(address, admin, "/v1/tokens", "key-2", `{"name": "x", "role": "officer", "scope": "read"}`); status != http.StatusBadRequest || !strings.Contains(text, "is not remembered") {
		t.Errorf("an act whose answer is a secret: %d %s", status, text)
	}
}

// TestErasedBodyIsInNoRememberedAnswer: what is remembered holds no copy of a body.
func TestErasedBodyIsInNoRememberedAnswer(t *testing.T) {
	n := open(t)
	secret := must(n.client.AddToken(t.Context(), api.TokenRequest{Name: "room", Role: staff.Coordinator, Scope: staff.Publish}))(t).Secret
	l := must(api.ListenLoopback(t.Context(), "127.0.0.1:0"))(t)
	n.serve(l, n.server.ByToken())
	const note = `{"kind": "note", "set": ["text=Her name is Ana"]}`
	_, text := n.posts(l.Addr().String(), secret, "/v1/publish", "key", note)
	var p api.Published
	ok(t, json.Unmarshal([]byte(text), &p))
	if r := must(n.client.Record(t.Context(), p.Record, protocol.Digest{}))(t); string(r.Body) != string(p.Body) {
		t.Errorf("answered %s, wrote %s", p.Body, r.Body)
	}
	kept := n.store.Private("staff")
	for pair, err := range kept.Each(t.Context(), []byte("once/")) {
		ok(t, err)
		if strings.Contains(string(pair[1]), "Ana") {
			t.Errorf("kept: %s", pair[1])
		}
	}
}
