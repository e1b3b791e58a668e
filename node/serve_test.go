package node_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/desk"
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

// TestDoctorCallsTheAddressThatInvitationsName, and says which vardar runs and where.
func TestDoctorCallsTheAddressThatInvitationsName(t *testing.T) {
	o := options(t, "capital")
	found(t, o)
	o.Listen, o.Version, o.Pages = "127.0.0.1:0", "v1.2.3", "127.0.0.1:0"
	look := func(n *node.Node, what string) desk.Check {
		g, err := n.Desk().Doctor(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		explained(t, g.Checks)
		i := slices.IndexFunc(g.Checks, func(c desk.Check) bool { return c.Name == what })
		if i < 0 {
			t.Fatalf("%s was not looked at", what)
		}
		return g.Checks[i]
	}
	n, stop := start(t, o)
	if c := look(n, "port"); !c.OK || !strings.Contains(c.Said, n.Addr()) || !strings.Contains(c.Said, n.PagesAddr()) {
		t.Errorf("port: %+v", c)
	}
	if c := look(n, "version"); !c.OK || !strings.Contains(c.Said, "vardar v1.2.3") {
		t.Errorf("version: %+v", c)
	}
	stop()
	o.Advertise = []string{"127.0.0.1:1"}
	n, _ = start(t, o)
	if c := look(n, "port"); c.OK || !strings.Contains(c.Said, "127.0.0.1:1, which invitations name, does not answer") || c.Mend == "" {
		t.Errorf("port: %+v", c)
	}
}

// explained wants of each check that it says what, and why.
func explained(t *testing.T, checks []desk.Check) {
	t.Helper()
	for _, c := range checks {
		if c.Said == "" || c.Why == "" || c.OK == (c.Mend != "") {
			t.Errorf("%s: said %q, why %q, mend %q", c.Name, c.Said, c.Why, c.Mend)
		}
	}
}

// TestDoctorOfAStoppedNodeSaysWhy: of each thing, found or not.
func TestDoctorOfAStoppedNodeSaysWhy(t *testing.T) {
	o := options(t, "capital")
	found(t, o)
	g, err := node.Doctor(t.Context(), o)
	if err != nil || len(g.Checks) < 10 {
		t.Fatalf("%+v %v", g, err)
	}
	explained(t, g.Checks)
}
