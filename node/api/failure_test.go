package api_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/node/staff"
)

// TestFailureIsToldByItsReference: what went wrong inside, with its files, is told over the node's
// own socket; a token and loopback are told a reference, under which the log has it.
func TestFailureIsToldByItsReference(t *testing.T) {
	p := meet(t)
	n := p.centre
	file := filepath.Join(t.TempDir(), "file")
	ok(t, os.WriteFile(file, nil, 0o600))
	asks := fmt.Sprintf(`{"to":%q}`, filepath.Join(file, "backups"))
	var log strings.Builder
	server := api.NewServer(n.desk, slog.New(slog.NewTextHandler(&log, nil)))
	if own := n.through(server, "POST", "/v1/backups", asks); own.status != http.StatusInternalServerError || !strings.Contains(own.body, file) {
		t.Errorf("over the socket: %d %s", own.status, own.body)
	}
	log.Reset()
	secret := must(n.client.AddToken(t.Context(), api.TokenRequest{Name: "backups", Role: staff.Admin, Scope: staff.Manage}))(t).Secret
	told := n.through(server.ByToken(), "POST", "/v1/backups", asks, "Authorization", "Bearer "+secret)
	ref := regexp.MustCompile(`under the reference ([0-9a-f]{8})"`).FindStringSubmatch(told.body)
	if told.status != http.StatusInternalServerError || ref == nil || strings.Contains(told.body, file) || !strings.Contains(told.body, `"mend":`) {
		t.Fatalf("by a token: %d %s", told.status, told.body)
	}
	if !strings.Contains(log.String(), "ref="+ref[1]) || !strings.Contains(log.String(), file) {
		t.Errorf("the log lacks %s or %s: %s", ref[1], file, log.String())
	}
}
