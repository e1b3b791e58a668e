package api_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
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
}

var tried = tries{done: map[string]bool{}, refused: map[string]bool{}}

// TestMain fails for each call of the table that no test has made with success, and for each that
// takes anything and has refused nothing, so that no call comes without a test. Of a part of the
// tests it asks nothing, nor where one of them has failed.
func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
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
		switch {
		case a.status == 0 || a.status == http.StatusOK:
			tried.done[route] = true
		case a.says():
			tried.refused[route] = true
		}
	})
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
