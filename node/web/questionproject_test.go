package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/staff"
)

// TestQuestionIsPutIntoAProjectAndOutOfItOnItsPage: also once an answer counts, since the words stay. What else is put
// right leaves it where it is.
func TestQuestionIsPutIntoAProjectAndOutOfItOnItsPage(t *testing.T) {
	f := federate(t)
	asks := f.sites[centre].account(staff.Officer)
	n := f.opened(t, asks)
	path := "/policy/consultation/" + n.String()
	asks.get(path).wants(t, []string{`id="mend"`}, `id="project"`)
	project := f.joint(t, centre).String()
	mend := func(set ...string) page {
		t.Helper()
		return asks.post(path, filledIn(t, asks.get(path), "mend", append([]string{"reason", "a slip"}, set...)...))
	}
	link := `href="/policy/project/` + project + `"`
	asks.get(path).wants(t, []string{`<select id="project"`, `<option value="` + project + `">One queue</option>`}, link)
	mend("project", project).wants(t, []string{link, `<option value="` + project + `" selected>`})
	asks.get("/policy/project/"+project).wants(t, []string{"By residents or by arrivals?"})
	mend("background", "Seats of the winter plan.").wants(t, []string{link, "Seats of the winter plan."})
	p := mend("project", n.String())
	for _, kept := range []string{`href="#project"`, "is no project"} {
		if p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, kept) {
			t.Errorf("in what is no project: %d, without %s", p.status, kept)
		}
	}
	mend("project", "").wants(t, []string{`<select id="project"`}, link)
	asks.get("/policy/project/"+project).wants(t, nil, "By residents or by arrivals?")
}
