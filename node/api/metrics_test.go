package api_test

import (
	"crypto/ed25519"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/protocol"
)

// read gets a path over loopback, as a monitor would.
func (n *node) read(l string, path string) (int, string) {
	n.t.Helper()
	r := must(http.NewRequestWithContext(n.t.Context(), http.MethodGet, "http://"+l+path, http.NoBody))(n.t)
	resp, err := http.DefaultClient.Do(r)
	ok(n.t, err)
	defer func() { _ = resp.Body.Close() }()
	return resp.StatusCode, string(must(io.ReadAll(resp.Body))(n.t))
}

// TestMetricsAreThoseOfTheStatus: by the conventions of Prometheus, and with the numbers
// that the command line tells.
func TestMetricsAreThoseOfTheStatus(t *testing.T) {
	n := open(t)
	l := must(api.ListenLoopback(t.Context(), "127.0.0.1:0"))(t)
	n.serve(l, n.server.ReadOnly())
	must(n.client.Publish(t.Context(), api.Request{Kind: "report", Set: []string{"summary=quiet"}}))(t)
	must(n.client.AddLink(t.Context(), api.AddLinkRequest{Peer: "rs.national.centre", Address: "127.0.0.1:9", Key: protocol.KeyOf(ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)))}))(t)
	n.health.Store.FreeBytes = 7_500_000
	status, text := n.read(l.Addr().String(), "/metrics")
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, text)
	}
	problems := must(promlint.New(strings.NewReader(text)).Lint())(t)
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
	told := must(n.client.Status(t.Context()))(t)
	if told.Counts.Published < 2 {
		t.Fatalf("status = %+v", told.Counts)
	}
	for _, want := range []string{
		"\nvardar_writes 1\n", fmt.Sprintf("\nvardar_records_published_total %d\n", told.Counts.Published), "\nvardar_disk_free_bytes 7.5e+06\n", "\nvardar_backup_time_seconds 0\n",
		"\nvardar_line_up{peer=\"rs.national.centre\"} 0\n", "\nvardar_build_info{institution=\"mk.national.demo-crisis-centre\",network=\"Test network\",software=\"vardar test\"} 1\n",
		"# TYPE vardar_records_dropped_total counter\n", "\nprocess_open_fds ", "\ngo_goroutines ",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in the metrics", want)
		}
	}
}

// TestAlertsAreOnMetricsThatThereAre: a rule on a name that nothing measures never fires.
func TestAlertsAreOnMetricsThatThereAre(t *testing.T) {
	n := open(t)
	l := must(api.ListenLoopback(t.Context(), "127.0.0.1:0"))(t)
	n.serve(l, n.server.ReadOnly())
	must(n.client.AddLink(t.Context(), api.AddLinkRequest{Peer: "rs.national.centre", Address: "127.0.0.1:9", Key: protocol.KeyOf(ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize)))}))(t)
	n.health.Store.Failed = "bad sector" // so that something is found
	_, measured := n.read(l.Addr().String(), "/metrics")
	rules := string(must(os.ReadFile("../../deploy/prometheus/vardar.rules.yaml"))(t))
	names := regexp.MustCompile(`\bvardar_[a-z_]+`).FindAllString(rules, -1)
	if len(names) < 10 {
		t.Fatalf("the rules name %q", names)
	}
	for _, name := range names {
		if !strings.Contains(measured, "# TYPE "+name+" ") {
			t.Errorf("a rule asks for %s, which nothing measures", name)
		}
	}
}

// TestProbesSayWhatIsTheMatter: the process is alive as long as it answers; ready only while
// it does its work.
func TestProbesSayWhatIsTheMatter(t *testing.T) {
	n := open(t)
	l := must(api.ListenLoopback(t.Context(), "127.0.0.1:0"))(t)
	n.serve(l, n.server.ReadOnly())
	for _, path := range []string{"/livez", "/readyz"} {
		if status, text := n.read(l.Addr().String(), path); status != http.StatusOK || text != "ok\n" {
			t.Errorf("%s: %d %q", path, status, text)
		}
	}
	n.health.Store.Failed = "bad sector"
	if status, text := n.read(l.Addr().String(), "/livez"); status != http.StatusOK {
		t.Errorf("livez: %d %q", status, text)
	}
	if status, text := n.read(l.Addr().String(), "/readyz"); status != http.StatusServiceUnavailable || !strings.Contains(text, "bad sector (mend: look at the disk, then start the node again)") {
		t.Errorf("readyz: %d %q", status, text)
	}
}
