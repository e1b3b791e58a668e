package node_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
)

// browser trusts one certificate alone, as somebody does who has compared its fingerprint.
func browser(t *testing.T, file string) *http.Client {
	t.Helper()
	pool := x509.NewCertPool()
	text, err := os.ReadFile(file)
	if err != nil || !pool.AppendCertsFromPEM(text) {
		t.Fatalf("%s: %v", file, err)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true, DisableKeepAlives: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, Timeout: time.Minute}
}

func get(t *testing.T, c *http.Client, address string) (status, protocol int) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.ProtoMajor
}

// TestPagesOverTheNodesOwnCertificate: it is made once, its key is its owner's alone, the
// fingerprint stays, and the cookie goes nowhere without TLS.
func TestPagesOverTheNodesOwnCertificate(t *testing.T) {
	o := options(t, "capital")
	found(t, o)
	o.Pages, o.PagesCert = "127.0.0.1:0", node.SelfMade
	n, stop := start(t, o)
	first, file := n.PagesFingerprint(), filepath.Join(o.Dir, "pages.pem")
	if info, err := os.Stat(file); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("%s: %v %v", file, info, err)
	}
	c := browser(t, file)
	if status, protocol := get(t, c, n.PagesURL()+"/enter"); status != http.StatusOK || protocol != 2 {
		t.Errorf("%d over HTTP/%d", status, protocol)
	}
	made, err := n.Desk().ChangeStaff(t.Context(), desk.StaffRequest{Do: desk.StaffAdd, Name: "duty", Role: staff.Officer})
	if err != nil {
		t.Fatal(err)
	}
	form := url.Values{"name": {"duty"}, "word": {made.Word}, "password": {"a long night at the gate"}}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, n.PagesURL()+"/word", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if cookie := resp.Header.Get("Set-Cookie"); !strings.HasPrefix(cookie, "__Host-vardar_") || !strings.Contains(cookie, "Secure") {
		t.Errorf("%s, cookie %q", resp.Status, cookie)
	}
	stop()
	if n, _ = start(t, o); n.PagesFingerprint() != first {
		t.Errorf("the fingerprint was %s and is %s after a restart", first, n.PagesFingerprint())
	}
}

// TestPagesStayOnThisMachineWithoutTLS, and say what to do.
func TestPagesStayOnThisMachineWithoutTLS(t *testing.T) {
	o := options(t, "capital")
	found(t, o)
	for want, change := range map[error]func(*node.Options){
		node.ErrPagesPlain: func(o *node.Options) { o.Pages = "0.0.0.0:0" },
		node.ErrPagesKey:   func(o *node.Options) { o.Pages, o.PagesCert = "127.0.0.1:0", "pages.crt" },
		node.ErrPagesCert:  func(o *node.Options) { o.Pages, o.PagesCert, o.PagesKey = "127.0.0.1:0", "none.crt", "none.key" },
	} {
		o := o
		change(&o)
		if n, err := node.Open(t.Context(), o); !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
			if err == nil {
				_ = n.Close()
			}
		}
	}
}

// TestRenewedCertificateNeedsNoRestart: and one that can't be read changes nothing.
func TestRenewedCertificateNeedsNoRestart(t *testing.T) {
	o := options(t, "capital")
	found(t, o)
	o.Pages = "127.0.0.1:0"
	var certificates [2][]byte
	for i := range certificates { // two of the node's own, one after the other
		own := o
		own.PagesCert = node.SelfMade
		_, stop := start(t, own)
		stop()
		file := filepath.Join(o.Dir, "pages.pem")
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if certificates[i] = text; os.Remove(file) != nil {
			t.Fatal("the certificate stays")
		}
	}
	if bytes.Equal(certificates[0], certificates[1]) {
		t.Fatal("one certificate twice")
	}
	file := filepath.Join(t.TempDir(), "pages.pem")
	write := func(text []byte, at time.Time) {
		t.Helper()
		if err := errors.Join(os.WriteFile(file, text, 0o600), os.Chtimes(file, at, at)); err != nil {
			t.Fatal(err)
		}
	}
	began := time.Now()
	write(certificates[0], began)
	o.PagesCert, o.PagesKey = file, file
	n, _ := start(t, o)
	first := browser(t, file)
	get(t, first, n.PagesURL()+"/enter")
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, n.PagesURL()+"/v1/status", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := first.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if strict := resp.Header.Get("Strict-Transport-Security"); errors.Join(resp.Body.Close()) != nil || strict != "max-age=31536000; includeSubDomains" {
		t.Errorf("over the operator's certificate: Strict-Transport-Security %q", strict)
	}
	write([]byte("half a cert"), began.Add(time.Second))
	get(t, first, n.PagesURL()+"/enter")
	write(certificates[1], began.Add(2*time.Second))
	get(t, browser(t, file), n.PagesURL()+"/enter")
}

// TestPagesAndAPIAreNotAskedTooOften, neither by tries of words nor by a token; who stands
// behind the same proxy and asks as he should is answered.
func TestPagesAndAPIAreNotAskedTooOften(t *testing.T) {
	o := options(t, "capital")
	found(t, o)
	o.Pages, o.PagesProxies = "127.0.0.1:0", []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}
	n, _ := start(t, o)
	asks := func(method, path, from, secret string) (status int, after, text string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, n.PagesURL()+path, strings.NewReader(""))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("X-Forwarded-For", from)
		if secret != "" {
			r.Header.Set("Authorization", "Bearer "+secret)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		said, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, resp.Header.Get("Retry-After"), string(said)
	}
	for _, tt := range []struct{ method, path, secret, says string }{
		{http.MethodPost, "/word", "", "Too much was asked from here in a short time. Wait "},
		{http.MethodGet, "/v1/status", "vardar_guess", `"status":429`},
	} {
		status, after, text := 0, "", ""
		for range 2000 {
			if status, after, text = asks(tt.method, tt.path, "198.51.100.7", tt.secret); status == http.StatusTooManyRequests {
				break
			}
		}
		if status != http.StatusTooManyRequests || after == "" || !strings.Contains(text, tt.says) {
			t.Errorf("%s: %d, Retry-After %q: %s", tt.path, status, after, text)
		}
		if status, _, _ := asks(tt.method, tt.path, "198.51.100.8", ""); status == http.StatusTooManyRequests {
			t.Errorf("%s: somebody else behind the proxy waits as well", tt.path)
		}
	}
}
