package duty_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/duty"
	"github.com/vardar-network/vardar/protocol"
)

// aSecret is that of the example in Standard Webhooks.
const aSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

// patience is how long something may take on a machine with much other work; every wait is for
// a condition, and this is its end.
const patience = 3 * time.Minute

// receiver takes webhooks, and answers as it is told.
type receiver struct {
	t    *testing.T
	http *httptest.Server

	mu     sync.Mutex
	secret string
	answer func(n int) int // status of the n-th request, from 0; nil: 200
	asked  int
	ids    []string // of those that were answered with 200
	bodies []string
	moved  chan struct{}
}

func receive(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{t: t, secret: aSecret, moved: make(chan struct{}, 1)}
	r.http = httptest.NewServer(r)
	t.Cleanup(r.http.Close)
	return r
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	body, err := io.ReadAll(q.Body)
	if err != nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	id, seconds := q.Header.Get(duty.HookID), q.Header.Get(duty.HookTime)
	want, err := duty.Signature(r.secret, id, seconds, body)
	if err != nil || q.Header.Get(duty.HookSignature) != want || id == "" {
		r.t.Errorf("signature %q of %q at %q, want %q (%v)", q.Header.Get(duty.HookSignature), id, seconds, want, err)
	}
	status := http.StatusOK
	if r.answer != nil {
		status = r.answer(r.asked)
	}
	r.asked++
	if status >= 300 && status <= 399 {
		w.Header().Set("Location", "/elsewhere")
	}
	w.WriteHeader(status)
	if status == http.StatusOK {
		r.ids, r.bodies = append(r.ids, id), append(r.bodies, string(body))
	}
	select {
	case r.moved <- struct{}{}:
	default:
	}
}

func (r *receiver) set(answer func(n int) int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer, r.asked = answer, 0
}

// took gives what was taken: what each said, in the order in which it came.
func (r *receiver) took() (said, ids []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, b := range r.bodies {
		var v struct {
			Data struct{ Event struct{ Said string } }
		}
		if err := json.Unmarshal([]byte(b), &v); err != nil {
			r.t.Error(err)
		}
		said = append(said, v.Data.Event.Said)
	}
	return said, slices.Clone(r.ids)
}

// until waits for a condition on the receiver.
func (r *receiver) until(met func() bool) {
	r.t.Helper()
	end := time.After(patience)
	for !met() {
		select {
		case <-r.moved:
		case <-time.After(20 * time.Millisecond):
		case <-end:
			r.t.Fatal("it does not come")
		}
	}
}

// TestSignatureIsThatOfStandardWebhooks, by the example of its specification.
func TestSignatureIsThatOfStandardWebhooks(t *testing.T) {
	got := must(duty.Signature(aSecret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", []byte(`{"test": 2432232314}`)))(t)
	if want := "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="; got != want {
		t.Errorf("signature %q, want %q", got, want)
	}
	if _, err := duty.Signature("short", "", "", nil); err == nil {
		t.Error("a secret without its mark was taken")
	}
}

// room is a way that is a webhook.
func room(t *testing.T, url, private string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "secret")
	ok(t, os.WriteFile(file, []byte(aSecret+"\n"), 0o600))
	return fmt.Sprintf("private: [%s]\nways: {room: {webhook: %q, secret_file: %s}}\nrules: [{name: r, kinds: [alert], wake: [room], exercises: true}]\n", private, url, file)
}

// TestWebhookOfAWayIsSignedAndFollowsNobody: tried again, under the same ID.
func TestWebhookOfAWayIsSignedAndFollowsNobody(t *testing.T) {
	r := receive(t)
	p := open(t, room(t, r.http.URL, "127.0.0.0/8"))
	r.set(func(n int) int {
		return []int{http.StatusFound, http.StatusInternalServerError, http.StatusOK}[min(n, 2)]
	})
	e := p.warns("Severe", "Many may come to Prizren *")
	e.Exercise = true
	p.news.events[0] = e
	p.passes(0)
	p.passes(shortly)
	if m := only(t, p.duty.Wakings()[0].Messages); !strings.Contains(m.Error, "302") || m.Sent != 0 {
		t.Errorf("redirected: %+v", m)
	}
	for range 5 {
		p.passes(time.Minute)
	}
	if r.asked != 3 || len(r.bodies) != 1 {
		t.Errorf("asked %d times, %d taken: redirects are not followed, and what was taken is not sent again", r.asked, len(r.bodies))
	}
	var v struct {
		Type string
		Data struct {
			Subject, Footnote string
			Exercise          bool
		}
	}
	ok(t, json.Unmarshal([]byte(r.bodies[0]), &v))
	if v.Type != "vardar.waking" || !v.Data.Exercise || !strings.Contains(v.Data.Footnote, "1244") || !strings.HasPrefix(v.Data.Subject, "EXERCISE – ") {
		t.Errorf("sent %+v", v)
	}
}

// TestTestOfASubscriptionSaysWhatWasAnsweredAndMovesNothing: it is signed and says that it is a test; to one
// that is paused it is sent too, and each is another to its receiver.
func TestTestOfASubscriptionSaysWhatWasAnsweredAndMovesNothing(t *testing.T) {
	r := receive(t)
	p := open(t, "private: [127.0.0.0/8]\nrules: []\n")
	_, secret, err := p.duty.Subscribe(t.Context(), duty.Subscription{Name: "room", URL: r.http.URL}, p.news)
	ok(t, err)
	r.secret = secret
	must(p.duty.Pause(t.Context(), "room"))(t)
	before := p.duty.Subscriptions()[0]
	for range 2 {
		if got := must(p.duty.TestSubscription(t.Context(), "room"))(t); got != "200 OK" {
			t.Errorf("answered %q", got)
		}
	}
	var v struct {
		Type string
		Data struct {
			Subscription string
			Event        *duty.Event
		}
	}
	ok(t, json.Unmarshal([]byte(r.bodies[0]), &v))
	if v.Type != "vardar.test" || v.Data.Subscription != "room" || v.Data.Event != nil || r.ids[0] == r.ids[1] {
		t.Errorf("sent %+v under %q", v, r.ids)
	}
	r.set(func(int) int { return http.StatusInternalServerError })
	if got, err := p.duty.TestSubscription(t.Context(), "room"); err == nil || got != "500 Internal Server Error" || !strings.Contains(err.Error(), got) {
		t.Errorf("answered %q, %v", got, err)
	}
	if _, err := p.duty.TestSubscription(t.Context(), "hall"); !errors.Is(err, duty.ErrUnknown) {
		t.Errorf("one that there is not: %v", err)
	}
	if after := p.duty.Subscriptions()[0]; after.Sent != before.Sent || after.Tries != before.Tries || after.Error != before.Error || after.Paused != before.Paused {
		t.Errorf("before %+v, and after it %+v", before, after)
	}
}

// TestWebhookReachesNoNetworkOfItsOwn: what only this machine and its network reach, not even
// by a name that leads there.
func TestWebhookReachesNoNetworkOfItsOwn(t *testing.T) {
	inside := []string{
		"127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1", "255.255.255.255",
		"::1", "::", "fe80::1", "fc00::1", "fd12::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::a00:1", "2002:7f00:1::", "::127.0.0.1",
	}
	for _, a := range inside {
		if duty.Reaches(a) == nil {
			t.Errorf("%s is reached", a)
		}
	}
	for _, a := range []string{"1.1.1.1", "93.184.215.14", "2606:4700::1111"} {
		if err := duty.Reaches(a); err != nil {
			t.Errorf("%s: %v", a, err)
		}
	}
	if err := duty.Reaches("10.1.2.3", netip.MustParsePrefix("10.1.2.0/24")); err != nil {
		t.Errorf("allowed: %v", err)
	}
	if duty.Reaches("10.1.3.3", netip.MustParsePrefix("10.1.2.0/24")) == nil {
		t.Error("the network beside the one allowed is reached")
	}
	r := receive(t)
	p := open(t, "rules: []\n")
	if _, _, err := p.duty.Subscribe(t.Context(), duty.Subscription{Name: "room", URL: r.http.URL}, p.news); err == nil {
		t.Error("http:// was taken")
	}
	for _, url := range []string{"https://127.0.0.1/x", "https://[::1]/x", "ftp://example.org/x", "file:///etc/passwd", "https://user:word@example.org/", "example.org", ""} {
		if _, _, err := p.duty.Subscribe(t.Context(), duty.Subscription{Name: "room", URL: url}, p.news); err == nil {
			t.Errorf("%q was taken", url)
		}
	}
	// localhost is a name, whose address is known when it is called.
	sub, _, err := p.duty.Subscribe(t.Context(), duty.Subscription{Name: "room", URL: strings.Replace(strings.Replace(r.http.URL, "http://", "https://", 1), "127.0.0.1", "localhost", 1)}, p.news)
	ok(t, err)
	stop := p.run()
	p.warns("Severe", "Many may come")
	r.until(func() bool { s := p.duty.Subscriptions()[0]; return s.Tries > 1 })
	stop()
	if s := p.duty.Subscriptions()[0]; !strings.Contains(s.Error, "private in the duty file") || s.Sent != 0 || sub.Name != "room" {
		t.Errorf("%+v", s)
	}
	if r.asked != 0 {
		t.Errorf("it was reached %d times", r.asked)
	}
}

// run runs the duty until it is stopped.
func (p *post) run() (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	d := p.duty
	go func() { done <- d.Run(ctx, p.news) }()
	return func() { cancel(); ok(p.t, <-done) }
}

// TestSubscriptionIsToldInOrderAndLosesNothing, over a receiver that fails and a node that is
// started anew; what it has taken is not sent again, and each try has the same ID.
func TestSubscriptionIsToldInOrderAndLosesNothing(t *testing.T) {
	r := receive(t)
	p := open(t, "private: [127.0.0.1/32]\n")
	p.warns("Severe", "before")
	made, secret, err := p.duty.Subscribe(t.Context(), duty.Subscription{Name: "room", URL: r.http.URL, Choice: duty.Choice{Kinds: []string{"alert"}, Places: []string{"MK"}}}, p.news)
	ok(t, err)
	r.secret = secret
	if _, _, err := p.duty.Subscribe(t.Context(), duty.Subscription{Name: "room", URL: r.http.URL}, p.news); err == nil {
		t.Error("a second one of that name was made")
	}
	r.set(func(n int) int {
		if n%3 != 2 { // two of three are not taken
			return http.StatusServiceUnavailable
		}
		return http.StatusOK
	})
	var want []string
	say := func(n int) {
		for range n {
			want = append(want, fmt.Sprintf("number %d", len(want)))
			p.warns("Minor", want[len(want)-1])
			p.news.happens(duty.Event{Kind: "note", Institution: centre, Handling: protocol.Green, Said: "not asked for", Places: []string{"MK"}})
			p.news.happens(duty.Event{Kind: "alert", Institution: centre, Handling: protocol.Green, Said: "elsewhere", Places: []string{"RS"}})
		}
	}
	say(10)
	stop := p.run()
	all := func() bool { said, _ := r.took(); return len(said) >= len(want) }
	r.until(all)
	say(10)
	r.until(all)
	stop()
	say(40) // while nobody runs
	p.restart()
	r.set(func(n int) int { return map[bool]int{true: http.StatusBadGateway, false: http.StatusOK}[n < 3] })
	stop = p.run()
	r.until(all)
	say(1)
	r.until(all)
	stop()
	said, ids := r.took()
	if !slices.Equal(said, want) {
		t.Errorf("told %q, want %q", said, want)
	}
	slices.Sort(ids)
	if n := len(slices.Compact(ids)); n != len(want) {
		t.Errorf("%d IDs for %d events", n, len(want))
	}
	if s := p.duty.Subscriptions()[0]; s.Sent != uint64(len(want)) || s.Failing != 0 || s.Made != made.Made {
		t.Errorf("%+v", s)
	}
}

// TestSubscriptionThatTakesNothingIsPaused, says so, and goes on behind what it took when it is
// resumed.
func TestSubscriptionThatTakesNothingIsPaused(t *testing.T) {
	r := receive(t)
	p := open(t, "private: [127.0.0.1/32]\n")
	_, secret, err := p.duty.Subscribe(t.Context(), duty.Subscription{Name: "room", URL: r.http.URL}, p.news)
	ok(t, err)
	r.secret = secret
	r.set(func(int) int { return http.StatusInternalServerError })
	p.warns("Minor", "one")
	p.warns("Minor", "two")
	stop := p.run()
	defer func() { stop() }()
	now := func() duty.Subscription { return p.duty.Subscriptions()[0] }
	r.until(func() bool { return now().Tries > 1 })
	if now().Paused != 0 {
		t.Error("paused at once")
	}
	p.clock.mu.Lock()
	p.clock.now = p.clock.now.Add(73 * time.Hour)
	p.clock.mu.Unlock()
	r.until(func() bool { return now().Paused != 0 })
	r.set(nil)
	stop()
	p.restart()
	stop = p.run()
	if s := now(); s.Paused == 0 || !strings.Contains(s.Error, "500") {
		t.Errorf("behind a restart: %+v", s)
	}
	must(p.duty.Resume(t.Context(), "room"))(t)
	r.until(func() bool { said, _ := r.took(); return slices.Equal(said, []string{"one", "two"}) })
	r.set(func(int) int { return http.StatusGone })
	p.warns("Minor", "three")
	r.until(func() bool { return now().Paused != 0 })
	ok(t, p.duty.Unsubscribe(t.Context(), "room"))
	if err := p.duty.Unsubscribe(t.Context(), "room"); err == nil || len(p.duty.Subscriptions()) != 0 {
		t.Errorf("taken away twice: %v", err)
	}
}
