package api_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/node/staff"
)

// said is what a logger wrote.
type said struct {
	mu   sync.Mutex // guards text
	text bytes.Buffer
}

func (s *said) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// TestRefusalIsLogged: what a token may not ask for, by its name, and never its secret.
func TestRefusalIsLogged(t *testing.T) {
	n := open(t)
	var log said
	server := api.NewServer(n.desk, slog.New(slog.NewTextHandler(&log, nil)))
	l := must(api.ListenLoopback(t.Context(), "127.0.0.1:0"))(t)
	n.serve(l, server.ByToken())
	secret := must(n.client.AddToken(t.Context(), api.TokenRequest{Name: "room", Role: staff.Officer, Scope: staff.Read}))(t).Secret
	if status, _, text := n.asked(l.Addr().String(), "POST /v1/tokens", secret); status != http.StatusForbidden {
		t.Fatalf("%d %s", status, text)
	}
	if text := log.String(); !strings.Contains(text, `msg="question refused" token=room role=officer scope=read route="POST /v1/tokens"`) || strings.Contains(text, secret) {
		t.Errorf("logged: %s", text)
	}
}
