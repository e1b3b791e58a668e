package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// fill says what the golden files are about.
func (n *node) fill() {
	n.t.Helper()
	ctx := n.t.Context()
	must(n.client.Publish(ctx, api.Request{Kind: "report", Body: json.RawMessage(`{"place":{"scheme":"iso3166-2","code":"MK-405"},
		"period":{"start":"2015-11-02T00:00:00Z","end":"2015-11-03T00:00:00Z"},"figures":[{"indicator":"arrivals","value":8178}]}`)}))(n.t)
	must(n.client.Publish(ctx, api.Request{Kind: "route", Set: []string{
		"asset.type=border_crossing", "asset.name=Bogorodica", "asset.code=x:gr-mk:bogorodica-evzoni", "state=congested", "waiting=1200",
	}}))(n.t)
	must(n.client.Publish(ctx, api.Request{Kind: "request", Body: json.RawMessage(`{"answer_by":"2015-11-05T12:00:00Z",
		"deliver_to":{"place":{"scheme":"iso3166-2","code":"MK-405"}},"lines":[{"line":1,"type":"blanket","quantity":300,"unit":"piece"}]}`)}))(n.t)
}

// scrub takes out what keys and salts make different in every run.
func scrub(text string) string {
	for _, of := range [][2]string{
		{`vardar1\.[A-Za-z0-9_-]+\.[0-9a-f]{8}`, "vardar1.LINE.CHECK"},
		{`"check_words": \[[^\]]*\]`, `"check_words": []`},
		{`"charter": "[A-Za-z0-9+/]{200,}={0,2}"`, `"charter": "DOCUMENT"`},
		{`sha-256:[0-9a-f]{64}`, "sha-256:DIGEST"},
		{`\b[0-9a-f]{64}\b`, "KEY"},
		{`[A-Za-z0-9+/]{86}==`, "SIGNATURE"},
		{`[A-Za-z0-9+/]{43}=`, "BASE64DIGEST"},
		{`("salt" ?: ?")[A-Za-z0-9+/]{22}==`, "${1}SALT"},
	} {
		text = regexp.MustCompile(of[0]).ReplaceAllString(text, of[1])
	}
	return text
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		ok(t, os.MkdirAll("testdata", 0o755))
		ok(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	ok(t, err)
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

func indented(t *testing.T, s string) string {
	t.Helper()
	var out bytes.Buffer
	ok(t, json.Indent(&out, []byte(s), "", "  "))
	return out.String()
}

// TestListThatIsAsItWasCostsNothing: and one that has changed comes whole.
func TestListThatIsAsItWasCostsNothing(t *testing.T) {
	n := open(t)
	l := must(api.ListenLoopback(t.Context(), "127.0.0.1:0"))(t)
	n.serve(l, n.server.ReadOnly())
	ask := func(tag string) (int, string, int) {
		r := must(http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+l.Addr().String()+"/v1/lists/reports", http.NoBody))(t)
		r.Header.Set("If-None-Match", tag)
		resp, err := http.DefaultClient.Do(r)
		ok(t, err)
		defer func() { _ = resp.Body.Close() }()
		return resp.StatusCode, resp.Header.Get("ETag"), len(must(io.ReadAll(resp.Body))(t))
	}
	status, tag, _ := ask("")
	if status != http.StatusOK || tag == "" {
		t.Fatalf("%d, tag %q", status, tag)
	}
	if status, again, size := ask(tag); status != http.StatusNotModified || again != tag || size != 0 {
		t.Errorf("as it was: %d, tag %q, %d bytes", status, again, size)
	}
	for _, same := range []string{"W/" + tag, "*", `"of another", W/` + tag, tag + ` , "of another"`} {
		if status, _, size := ask(same); status != http.StatusNotModified || size != 0 {
			t.Errorf("If-None-Match: %s, as it was: %d, %d bytes", same, status, size)
		}
	}
	for _, other := range []string{`W/"of another"`, `"of another", ""`, strings.Trim(tag, `"`)} {
		if status, _, size := ask(other); status != http.StatusOK || size == 0 {
			t.Errorf("If-None-Match: %s, which is another: %d, %d bytes", other, status, size)
		}
	}
	must(n.client.Publish(t.Context(), api.Request{Kind: "report", Set: []string{"summary=quiet"}}))(t)
	if status, other, size := ask(tag); status != http.StatusOK || other == tag || size == 0 {
		t.Errorf("changed: %d, tag %q, %d bytes", status, other, size)
	}
}

func TestAnswersAreWhatPartnersRead(t *testing.T) {
	n := open(t)
	n.fill()
	tests := []struct{ name, method, path, body string }{
		{"due", "GET", "/v1/lists/due", ""},
		{"reports", "GET", "/v1/lists/reports?place=MK-405&limit=10", ""},
		{"figures", "GET", "/v1/lists/figures", ""},
		{"routes", "GET", "/v1/lists/routes", ""},
		{"requests", "GET", "/v1/lists/requests", ""},
		{"show-record", "GET", "/v1/show?ref=situation.1.1", ""},
		{"show-place", "GET", "/v1/show?ref=MK-405", ""},
		{"show-institution", "GET", "/v1/show?ref=" + string(centre), ""},
		{"picture", "GET", "/v1/picture?at=2015-11-03T10:00:00Z", ""},
		{"status", "GET", "/v1/status", ""},
		{"members", "GET", "/v1/members", ""},
		{"charter", "GET", "/v1/charter", ""},
		{"links", "GET", "/v1/links", ""},
		{"holders", "GET", "/v1/records/" + string(centre) + "/situation.1.1/holders", ""},
		{"publish", "POST", "/v1/publish", `{"kind":"note","set":["text=Who has tents?"]}`},
		{"publish-dry-run", "POST", "/v1/publish", `{"kind":"report","set":["summary=quiet"],"dry_run":true}`},
		{"correct", "POST", "/v1/correct", `{"record":"situation.1.1","retract":true,"reason":"wrong day"}`},
		{"invite", "POST", "/v1/members/invite", `{"institution":"mk.southeast.demo-south-gate","level":"municipality"}`},
		{"problem-not-found", "GET", "/v1/links/mk.southeast.demo-river-town", ""},
		{"problem-misfit", "POST", "/v1/publish", `{"kind":"report","set":["figures.arrivals=N/A"]}`},
		{"problem-refused", "POST", "/v1/publish", `{"kind":"report","set":["summary=x"],"handling":"TLP:RED"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := n.ask(tt.method, tt.path, tt.body)
			got := fmt.Sprintln(r.status, http.StatusText(r.status)) + r.header.Get("Content-Type") + "\n" + scrub(indented(t, r.body))
			golden(t, tt.name, got)
		})
	}
}

func TestRecordIsServedAsItStands(t *testing.T) {
	n := open(t)
	n.fill()
	r := n.ask("GET", "/v1/records/"+string(centre)+"/situation.1.1", "", "Accept-Encoding", "gzip")
	if r.status != http.StatusOK || r.header.Get("Content-Encoding") != "" || r.header.Get("Cache-Control") != "no-transform" || r.header.Get("Vardar-Body") != "" {
		t.Errorf("%d %v", r.status, r.header)
	}
	record := must(protocol.ParseHeader(r.header))(t)
	whole := must(record.WithBody([]byte(r.body)))(t)
	ok(t, whole.Verify())
	if whole.Institution != centre || whole.Position.String() != "situation.1.1" {
		t.Errorf("record = %s", whole.Name)
	}
	for _, path := range []string{"/situation.1.99", "/situation.1", "/nothing.1.1", "/situation.1.01"} {
		if r := n.ask("GET", "/v1/records/"+string(centre)+path, ""); r.status != http.StatusNotFound || r.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("GET %s = %d", path, r.status)
		}
	}
}

// TestRivalIsServedByItsDigest: whoever is shown a fork can ask for both sides of it.
func TestRivalIsServedByItsDigest(t *testing.T) {
	n := open(t)
	n.fill()
	path := "/v1/records/" + string(centre) + "/situation.1.1"
	first := must(protocol.ParseHeader(n.ask("GET", path, "").header))(t)
	rival := first
	rival.Time++
	ok(t, n.safe.SignRecord(t.Context(), &rival))
	if !n.intake.TakeForkProof(t.Context(), centre, rival) {
		t.Fatal("the fork was not taken")
	}
	for _, want := range []protocol.Record{first, rival} {
		got := must(protocol.ParseHeader(n.ask("GET", path+"?digest="+want.Digest().String(), "").header))(t)
		if got.Digest() != want.Digest() {
			t.Errorf("?digest=%s gives %s", want.Digest(), got.Digest())
		}
	}
	for query, status := range map[string]int{
		"digest=" + protocol.DigestOf([]byte("x")).String(): http.StatusNotFound, "digest=x": http.StatusBadRequest, "digset=x": http.StatusBadRequest,
	} {
		if r := n.ask("GET", path+"?"+query, ""); r.status != status {
			t.Errorf("?%s = %d, want %d", query, r.status, status)
		}
	}
}

func TestPatienceHasAnEnd(t *testing.T) {
	for ms, want := range map[int]time.Duration{0: desk.DefaultWait, 20: 20 * time.Millisecond, math.MaxInt: api.MaxWait, 18_446_744_073_709: api.MaxWait} {
		if got := api.Patience(ms); got != want {
			t.Errorf("wait_ms=%d waits %v, want %v", ms, got, want)
		}
	}
}

// TestServersOwnWordsAreLogged: they went to the process's standard error, past the log. Whatever
// breaks they hold, they are one line there.
func TestServersOwnWordsAreLogged(t *testing.T) {
	l := must(api.ListenLoopback(t.Context(), "127.0.0.1:0"))(t)
	told := make(chan string, 1)
	log := slog.New(slog.NewTextHandler(writer(func(b []byte) {
		select {
		case told <- string(b):
		default:
		}
	}), nil))
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- api.Serve(ctx, l, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("a bug\nlevel=INFO msg=forged") }), log)
	}()
	req := must(http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+l.Addr().String()+"/", nil))(t)
	if resp, err := http.DefaultClient.Do(req); err == nil {
		ok(t, resp.Body.Close())
		t.Error("a handler that panics answered")
	}
	if said := <-told; !strings.Contains(said, `a bug\nlevel=INFO msg=forged`) || strings.Count(said, "\n") != 1 {
		t.Errorf("log says %q", said)
	}
	cancel()
	ok(t, <-done)
}

// writer is a function that is written to.
type writer func([]byte)

func (w writer) Write(b []byte) (int, error) { w(b); return len(b), nil }

func TestRecordWithoutItsBodySaysWhy(t *testing.T) {
	n := open(t)
	n.fill()
	name := must(protocol.ParseName(string(centre) + "/situation.1.1"))(t)
	held := must(n.store.Get(name))(t)
	ok(t, n.store.Erase(t.Context(), held.Digest))
	r := n.ask("GET", "/v1/records/"+name.String(), "")
	if r.status != http.StatusOK || r.header.Get("Vardar-Body") != "erased" || r.body != "" {
		t.Errorf("%d, Vardar-Body %q, body %q", r.status, r.header.Get("Vardar-Body"), r.body)
	}
	got := must(n.client.Record(t.Context(), name, protocol.Digest{}))(t)
	if got.BodyState != protocol.BodyErased || got.Verify() != nil || got.Digest() != held.Digest {
		t.Errorf("record = %+v", got)
	}
}

// TestEveryMistakeIsToldAtOnce: as errors of one problem, each with its field and its mend, of what
// could not be set and of what the body breaks; one alone has none.
func TestEveryMistakeIsToldAtOnce(t *testing.T) {
	n := open(t)
	_, err := n.client.Publish(t.Context(), desk.Request{Kind: "route", Set: []string{
		"place=Nowhere", "state=shut", "asset.name=Bogorodica", "asset.type=border_crossing", "waiting=many", "observed_at=2015-11-08T09:00:00Z",
	}})
	var p *desk.Problem
	if !errors.As(err, &p) {
		t.Fatal(err)
	}
	var fields []string
	for _, f := range p.Errors {
		if fields = append(fields, f.Field); f.Detail == "" || f.Mend == "" {
			t.Errorf("%+v", f)
		}
	}
	if want := []string{"place", "state", "waiting"}; !slices.Equal(fields, want) || p.Field != "place" || p.Faults()[0].Detail != p.Detail {
		t.Errorf("%v of %+v, want %v", fields, p, want)
	}
	_, err = n.client.Publish(t.Context(), desk.Request{Kind: "report", Set: []string{"severity=awful", "summary=x"}})
	if !errors.As(err, &p) || p.Field != "severity" || p.Errors != nil {
		t.Errorf("one alone: %+v", p)
	}
}

// TestBadQuestionIsRefused asserts what a program reads of each.
func TestBadQuestionIsRefused(t *testing.T) {
	n := open(t)
	tests := []struct {
		name, method, path, body string
		header                   []string
		status                   int
		detail                   string
	}{
		{"no JSON", "POST", "/v1/publish", `{"kind":`, nil, 400, "not well-formed JSON"},
		{"not an object", "POST", "/v1/publish", `["report"]`, nil, 400, "want an object, got a list"},
		{"two objects", "POST", "/v1/publish", `{"kind":"report"}{}`, nil, 400, "not well-formed JSON"},
		{"a member twice", "POST", "/v1/publish", `{"kind":"report","Kind":"alert"}`, nil, 400, "a member stands twice"},
		{"an unknown member", "POST", "/v1/publish", `{"kind":"report","dryrun":true}`, nil, 400, `unknown field "dryrun"`},
		{"a wrong value", "POST", "/v1/publish", `{"kind":7}`, nil, 400, "cannot unmarshal number"},
		{"a wrong mark", "POST", "/v1/publish", `{"kind":"report","handling":"SECRET"}`, nil, 400, "TLP:CLEAR"},
		{"no media type", "POST", "/v1/publish", `{"kind":"report"}`, []string{"Content-Type", "text/plain"}, 400, "the question is not application/json"},
		{"more than a mebibyte", "POST", "/v1/publish", `{"kind":"` + strings.Repeat("x", 2<<20) + `"}`, nil, 413, "the question is longer than 1 MiB"},
		{"a body of 300 KiB", "POST", "/v1/publish", `{"kind":"report","body":{"summary":"` + strings.Repeat("x", 300<<10) + `"}}`, nil, 413, "bytes long, and a record's is at most 262144"},
		{"an unknown parameter", "GET", "/v1/lists/due?plaice=MK", "", nil, 400, "there is no such parameter"},
		{"a parameter twice", "GET", "/v1/lists/due?by=mk.&by=rs.", "", nil, 400, "it is given twice"},
		{"no moment", "GET", "/v1/picture?at=yesterday", "", nil, 400, `"yesterday" is no moment`},
		{"no number", "GET", "/v1/lists/due?limit=many", "", nil, 400, `"many" is no number`},
		{"too many rows", "GET", "/v1/lists/due?limit=5001", "", nil, 400, `5001 is not within 1 to 5000`},
		{"no rows", "GET", "/v1/lists/due?limit=0", "", nil, 400, `0 is not within 1 to 5000`},
		{"no cursor", "GET", "/v1/lists/due?cursor=zz", "", nil, 400, `this is no cursor of this node`},
		{"neither true nor false", "GET", "/v1/lists/due?exercise=1", "", nil, 400, "neither true nor false"},
		{"a picture of neither", "GET", "/v1/picture?exercise=1", "", nil, 400, "neither true nor false"},
		{"a picture of no exercise", "GET", "/v1/picture?within=situation.1.1", "", nil, 404, "began no exercise that counts here"},
		{"a stream of neither", "GET", "/v1/stream?exercise=1", "", nil, 400, "neither true nor false"},
		{"a stream of no exercise", "GET", "/v1/stream?within=situation.1.1", "", nil, 404, "began no exercise that counts here"},
		{"an unknown path", "GET", "/v1/secrets", "", nil, 404, "GET /v1/secrets is not answered here"},
		{"an unknown method", "DELETE", "/v1/publish", "", nil, 404, "DELETE /v1/publish is not answered here"},
		{"an unknown list", "GET", "/v1/lists/rutes", "", nil, 400, `no list is called "rutes"`},
		{"another's name in DNS", "GET", "/v1/status", "", []string{"Host", "evil.example.org:8080"}, 403, "loopback addresses alone"},
		{"a page of another origin writes", "POST", "/v1/publish", `{"kind":"note","set":["text=x"]}`, []string{"Origin", "https://evil.example.org"}, 403, "web page of another origin"},
		{"a page of another site writes", "POST", "/v1/publish", `{"kind":"note","set":["text=x"]}`, []string{"Sec-Fetch-Site", "cross-site"}, 403, "web page of another origin"},
		{"a page of another site reads", "GET", "/v1/status", "", []string{"Sec-Fetch-Site", "cross-site"}, 403, "web page of another origin"},
		{"a page of the same site reads", "GET", "/v1/status", "", []string{"Sec-Fetch-Site", "same-site"}, 403, "web page of another origin"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := n.intake.Counts().Published
			r := n.ask(tt.method, tt.path, tt.body, tt.header...)
			var p struct {
				Type, Title, Detail string
				Status              int
			}
			ok(t, json.Unmarshal([]byte(r.body), &p))
			if r.status != tt.status || p.Status != tt.status || r.header.Get("Content-Type") != "application/problem+json" || !strings.Contains(p.Detail, tt.detail) || p.Title == "" || !strings.HasPrefix(p.Type, "tag:vardar.network,2026:problem:") {
				t.Errorf("%d: %s\nwant %d: %s", r.status, r.body, tt.status, tt.detail)
			}
			if r.header.Get("Access-Control-Allow-Origin") != "" {
				t.Error("CORS was granted")
			}
			if n.intake.Counts().Published != before {
				t.Error("a record was written")
			}
		})
	}
}

// Whoever dribbles a question is told why it was cut off, and fills no log: nothing went
// wrong at this node.
func TestQuestionThatIsCutOffIsTheAskersFault(t *testing.T) {
	var log bytes.Buffer
	server := api.NewServer(open(t).desk, slog.New(slog.NewTextHandler(&log, nil)))
	body := io.MultiReader(strings.NewReader(`{"kind":`), iotest.ErrReader(os.ErrDeadlineExceeded))
	q := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost/v1/publish", body)
	q.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	server.ServeHTTP(w, q)
	if said := w.Body.String(); w.Code != http.StatusBadRequest || !strings.Contains(said, "cut off after 8 bytes: i/o timeout") {
		t.Errorf("%d: %s", w.Code, said)
	}
	if log.Len() > 0 {
		t.Errorf("logged: %s", log.String())
	}
}

func TestLoopbackIsForReading(t *testing.T) {
	n := open(t)
	l := must(api.ListenLoopback(t.Context(), "127.0.0.1:0"))(t)
	n.serve(l, n.server.ReadOnly())
	ask := func(method, path, body string) reply {
		r := must(http.NewRequestWithContext(t.Context(), method, "http://"+l.Addr().String()+path, strings.NewReader(body)))(t)
		r.Header.Set("Content-Type", "application/json")
		resp, err := http.DefaultClient.Do(r)
		ok(t, err)
		defer func() { ok(t, resp.Body.Close()) }()
		return reply{resp.StatusCode, resp.Header, string(must(io.ReadAll(resp.Body))(t))}
	}
	if r := ask("GET", "/v1/status", ""); r.status != http.StatusOK {
		t.Errorf("GET = %d", r.status)
	}
	if r := ask("POST", "/v1/publish", `{"kind":"note","set":["text=x"]}`); r.status != http.StatusForbidden || !strings.Contains(r.body, "every user of this machine can reach this address") {
		t.Errorf("POST = %d", r.status)
	}
	for _, path := range []string{"/v1/lists/audit", "/v1/staff", "/v1/staff/logins"} {
		if r := ask("GET", path, ""); r.status != http.StatusForbidden || !strings.Contains(r.body, "is not told here") {
			t.Errorf("GET %s = %d", path, r.status)
		}
	}
	if _, err := api.ListenLoopback(t.Context(), "0.0.0.0:0"); err == nil {
		t.Error("it listens to the world")
	}
}
