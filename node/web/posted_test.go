package web_test

import (
	"flag"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/staff"
)

// noted keeps a form that one of the browser's tabs sends.
func (c *chrome) noted(address string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.sent == nil {
		c.sent = map[string]bool{}
	}
	c.sent[address] = true
}

// sentAll fails for each form of the table that none of the scenes has sent, so that no page comes
// without a scene in which people use it. Of a part of the scenes it asks nothing, nor where one of
// them has failed and sent less.
func (c *chrome) sentAll(t *testing.T) {
	t.Helper()
	if t.Failed() || partOfTheScenes() {
		return
	}
	mux, unsent := http.NewServeMux(), map[string]bool{}
	for _, row := range staff.Pages() {
		if strings.HasPrefix(row.Route, "POST ") {
			mux.Handle(row.Route, http.NotFoundHandler())
			unsent[row.Route] = true
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for address := range c.sent {
		_, route := mux.Handler(&http.Request{Method: http.MethodPost, URL: must(url.Parse(address))(t)})
		delete(unsent, route)
	}
	for route := range unsent {
		t.Errorf("no scene sends %s", route)
	}
}

// partOfTheScenes reports whether -run or -skip names a test within a test.
func partOfTheScenes() bool {
	for _, name := range []string{"test.run", "test.skip"} {
		if strings.Contains(flag.Lookup(name).Value.String(), "/") {
			return true
		}
	}
	return false
}
