package api_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/node/staff"
)

// tries are the calls that the tests of this package have made.
type tries struct {
	mu      sync.Mutex // guards what follows
	done    map[string]bool
	refused map[string]bool // naming what was wrong, and what to do
	other   map[string]bool // what an answer was, and what is published says otherwise
}

var tried = tries{done: map[string]bool{}, refused: map[string]bool{}, other: map[string]bool{}}

// TestMain fails for each call of the table that no test has made with success, and for each that
// takes anything and has refused nothing, so that no call comes without a test; and for each answer that
// was otherwise than is published. Of a part of the tests it asks the last alone.
func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	for what := range tried.other {
		fmt.Fprintln(os.Stderr, what)
		code = 1
	}
	for _, part := range []string{"test.run", "test.skip", "test.list", "test.fuzz", "test.bench"} {
		if flag.Lookup(part).Value.String() != "" {
			os.Exit(code)
		}
	}
	if code == 0 {
		code = tried.untried()
	}
	os.Exit(code)
}

// untried says of which calls something was not tried; 0 of none.
func (t *tries) untried() (code int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	described := (&api.Server{}).Described()
	for _, c := range staff.Calls() {
		d := described[c.Route]
		takes := d.Asks != nil || d.Sends != "" || len(d.Takes) > 0 || strings.Contains(c.Route, "{")
		if !t.done[c.Route] {
			fmt.Fprintf(os.Stderr, "no test has %s done\n", c.Route)
			code = 1
		}
		if takes && !t.refused[c.Route] {
			fmt.Fprintf(os.Stderr, "no test has %s refused with what is wrong and what to do\n", c.Route)
			code = 1
		}
	}
	return code
}

// noted has what a handler answers noted.
func noted(h http.Handler) http.Handler {
	mux := http.NewServeMux()
	for _, c := range staff.Calls() {
		mux.HandleFunc(c.Route, func(http.ResponseWriter, *http.Request) {})
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := &answering{ResponseWriter: w}
		_, route := mux.Handler(r)
		h.ServeHTTP(a, r)
		tried.mu.Lock()
		defer tried.mu.Unlock()
		for _, what := range otherwise(route, cmp.Or(a.status, http.StatusOK), w.Header()) {
			tried.other[what] = true
		}
		switch {
		case a.status == 0 || a.status == http.StatusOK:
			tried.done[route] = true
		case a.says():
			tried.refused[route] = true
		}
	})
}

// published is what is told of the API.
var published = sync.OnceValue(func() (doc publishedAPI) {
	text, err := os.ReadFile(openapiFile)
	if err == nil {
		err = json.Unmarshal(text, &doc)
	}
	if err != nil {
		panic(err)
	}
	return doc
})

// publishedAPI is what openapi.json says of answers.
type publishedAPI struct {
	Paths map[string]map[string]struct {
		Parameters []struct {
			Name   string
			Schema struct {
				Type             string
				Minimum, Maximum *int
			}
		}
		Responses map[string]publishedAnswer
	}
	Components struct{ Responses map[string]publishedAnswer }
}

type publishedAnswer struct {
	Ref     string `json:"$ref"`
	Headers map[string]struct{ Required bool }
	Content map[string]any
}

// otherwise says in what an answer differs from what is published of its route: in its status, its
// media type, or what stands in its head beside what stands in that of every answer.
func otherwise(route string, status int, h http.Header) (out []string) {
	method, path, is := strings.Cut(route, " ")
	if !is {
		return nil // no route: nothing is told of it
	}
	says := func(format string, a ...any) {
		out = append(out, fmt.Sprintf("%s, %d: ", route, status)+fmt.Sprintf(format, a...)+", which "+openapiFile+" says otherwise")
	}
	doc := published()
	answer, described := doc.Paths[path][strings.ToLower(method)].Responses[strconv.Itoa(status)]
	if named := strings.TrimPrefix(answer.Ref, "#/components/responses/"); named != answer.Ref {
		answer, described = doc.Components.Responses[named]
	}
	if !described {
		says("the status")
		return out
	}
	heads := map[string]bool{}
	for name, head := range answer.Headers {
		heads[http.CanonicalHeaderKey(name)] = true
		if head.Required && h.Get(name) == "" {
			says("no %s", name)
		}
	}
	if media, _, _ := strings.Cut(h.Get("Content-Type"), ";"); answer.Content[media] == nil && answer.Content["*/*"] == nil && (media != "" || len(answer.Content) > 0) {
		says("Content-Type %q", media)
	}
	every := []string{"Cache-Control", "X-Content-Type-Options", "Content-Security-Policy", "Cross-Origin-Resource-Policy", "Content-Type", "Content-Length", "Content-Encoding", "Vary"}
	behind := strings.Split(h.Get("Trailer"), ", ")
	for name := range h {
		if !heads[name] && !slices.Contains(every, name) && !slices.Contains(behind, name) {
			says("%s", name)
		}
	}
	return out
}

// answering keeps what is refused.
type answering struct {
	http.ResponseWriter
	status int
	said   bytes.Buffer
}

func (a *answering) WriteHeader(status int) {
	a.status = status
	a.ResponseWriter.WriteHeader(status)
}

func (a *answering) Write(b []byte) (int, error) {
	if a.status >= http.StatusBadRequest {
		a.said.Write(b)
	}
	return a.ResponseWriter.Write(b)
}

func (a *answering) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// says reports whether a refusal says what was wrong and what to do; that no member or parameter is
// called so is no refusal of a call's own.
func (a *answering) says() bool {
	var p api.Problem
	return a.Header().Get("Content-Type") == "application/problem+json" && json.Unmarshal(a.said.Bytes(), &p) == nil &&
		p.Detail != "" && (p.Mend != "" || p.Next != "") && a.status < http.StatusInternalServerError && !strings.Contains(p.Detail, "nonsense")
}
