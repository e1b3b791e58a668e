package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/api"
)

// road is a pace before a handler that answers everybody, at an hour that a test moves.
type road struct {
	http.Handler
	t   *testing.T
	now time.Time
}

func paced(t *testing.T, proxies ...netip.Prefix) *road {
	r := &road{t: t, now: hour()}
	p := api.NewPace(api.PaceOptions{Clock: func() time.Time { return r.now }, Proxies: proxies, Cookie: "vardar_8080", Entries: []string{"/enter"}})
	r.Handler = p.Before(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) }), api.TooMany)
	return r
}

// asks gives how many of n questions are let through, and what the last one was told.
func (r *road) asks(n int, method, path, from string, fields ...string) (let int, last *httptest.ResponseRecorder) {
	for range n {
		q := httptest.NewRequestWithContext(r.t.Context(), method, path, http.NoBody)
		q.RemoteAddr = from
		for i := 0; i < len(fields); i += 2 {
			q.Header.Set(fields[i], fields[i+1])
		}
		last = httptest.NewRecorder()
		r.ServeHTTP(last, q)
		if last.Code == http.StatusOK {
			let++
		}
	}
	return let, last
}

func TestWhoAsksTooOftenWaits(t *testing.T) {
	for _, tt := range []struct {
		name, method, path, field, value string
		burst                            int
		per                              time.Duration // one more
	}{
		{"an address", "GET", "/v1/status", "X-Nothing", "x", 500, 20 * time.Millisecond},
		{"a token", "GET", "/v1/status", "Authorization", "Bearer vardar_x", 200, 50 * time.Millisecond},
		{"a log-in", "GET", "/situation", "Cookie", "__Host-vardar_8080=x", 200, 50 * time.Millisecond},
		{"tries of a password", "POST", "/enter", "X-Nothing", "x", 20, 2 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := paced(t)
			let, last := r.asks(tt.burst+5, tt.method, tt.path, "192.0.2.1:1000", tt.field, tt.value)
			if let != tt.burst || last.Code != http.StatusTooManyRequests {
				t.Fatalf("%d of %d were let through, the last got %d; want %d", let, tt.burst+5, last.Code, tt.burst)
			}
			var p struct{ Status int }
			if err := json.Unmarshal(last.Body.Bytes(), &p); err != nil || p.Status != 429 || last.Header().Get("Content-Type") != "application/problem+json" {
				t.Errorf("told %s", last.Body)
			}
			after, err := strconv.Atoi(last.Header().Get("Retry-After"))
			if err != nil || after < 1 {
				t.Errorf("Retry-After = %q", last.Header().Get("Retry-After"))
			}
			for _, what := range otherwise("GET /v1/status", last.Code, last.Header()) {
				t.Error(what)
			}
			if let, _ := r.asks(1, tt.method, tt.path, "192.0.2.2:1000"); let != 1 {
				t.Error("another one waits as well")
			}
			r.now = r.now.Add(tt.per)
			if let, _ := r.asks(2, tt.method, tt.path, "192.0.2.1:2000", tt.field, tt.value); let != 1 {
				t.Errorf("%d were let through after %s, want 1", let, tt.per)
			}
			r.now = r.now.Add(time.Duration(after) * time.Second)
			if let, _ := r.asks(1, tt.method, tt.path, "192.0.2.1:2000", tt.field, tt.value); let != 1 {
				t.Error("who waited as long as it was told is not let through")
			}
		})
	}
}

// TestAddressIsBelievedOfTheOperatorsProxyAlone: who writes the header himself is still
// himself, and who stands behind the proxy is not the proxy.
func TestAddressIsBelievedOfTheOperatorsProxyAlone(t *testing.T) {
	proxy, err := api.ParseProxy("192.0.2.0/28")
	ok(t, err)
	for _, tt := range []struct {
		name, from string
		proxies    []netip.Prefix
		header     func(i int) string
		let        int // of 40 tries
	}{
		{"no proxy: each names another", "192.0.2.1:1", nil, func(i int) string { return fmt.Sprintf("198.51.100.%d", i) }, 20},
		{"through the proxy: each another", "192.0.2.1:1", []netip.Prefix{proxy}, func(i int) string { return fmt.Sprintf("198.51.100.%d", i) }, 40},
		{"through the proxy: what stands before is not believed", "192.0.2.1:1", []netip.Prefix{proxy}, func(i int) string { return fmt.Sprintf("203.0.113.%d, 198.51.100.7", i) }, 20},
		{"through two proxies", "192.0.2.1:1", []netip.Prefix{proxy}, func(i int) string { return fmt.Sprintf("198.51.100.%d, 192.0.2.3", i) }, 40},
		{"not through the proxy", "192.0.2.99:1", []netip.Prefix{proxy}, func(i int) string { return fmt.Sprintf("198.51.100.%d", i) }, 20},
		{"through the proxy, nonsense", "192.0.2.1:1", []netip.Prefix{proxy}, func(i int) string { return fmt.Sprintf("x%d", i) }, 20},
		{"one IPv6 network", "[2001:db8::1]:1", nil, func(int) string { return "" }, 20},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := paced(t, tt.proxies...)
			let := 0
			for i := range 40 {
				from := tt.from
				if from[0] == '[' {
					from = fmt.Sprintf("[2001:db8::%x]:1", i+1)
				}
				n, _ := r.asks(1, "POST", "/enter", from, "X-Forwarded-For", tt.header(i))
				let += n
			}
			if let != tt.let {
				t.Errorf("%d of 40 tries were let through, want %d", let, tt.let)
			}
		})
	}
	for _, bad := range []string{"", "proxy", "10.0.0.0/40", "10.0.0.1:80"} {
		if _, err := api.ParseProxy(bad); err == nil {
			t.Errorf("%q is a proxy", bad)
		}
	}
}

// TestPaceIsBounded: however many ask, what is remembered of them has an end, and who asks too
// often now is not forgotten for it.
func TestPaceIsBounded(t *testing.T) {
	r := paced(t)
	for i := range 21_000 {
		r.now = r.now.Add(time.Microsecond)
		r.asks(1, "GET", "/", fmt.Sprintf("10.%d.%d.%d:1", i>>16, i>>8&255, i&255))
		if i%1000 == 0 {
			r.asks(25, "POST", "/enter", "192.0.2.1:1")
		}
	}
	if let, _ := r.asks(1, "POST", "/enter", "192.0.2.1:1"); let != 0 {
		t.Error("who tries words all the time was forgotten")
	}
}
