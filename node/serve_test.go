package node_test

import (
	"net/http"
	"testing"
)

// TestPeopleAndProgramsComeToOneAddress: people to the pages, programs with a token to the
// API; who has none reads nothing.
func TestPeopleAndProgramsComeToOneAddress(t *testing.T) {
	o := options(t, "capital")
	found(t, o)
	o.Pages = "127.0.0.1:0"
	n, _ := start(t, o)
	for path, want := range map[string]int{
		"/enter": http.StatusOK, "/v1/status": http.StatusUnauthorized, "/v1/publish": http.StatusUnauthorized, "/v1/": http.StatusUnauthorized,
		"/metrics": http.StatusUnauthorized, "/readyz": http.StatusUnauthorized,
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+n.PagesAddr()+path, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if resp.StatusCode != want {
			t.Errorf("%s: %d, want %d", path, resp.StatusCode, want)
		}
		if err := resp.Body.Close(); err != nil {
			t.Error(err)
		}
	}
}
