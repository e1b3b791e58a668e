package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
)

// TestOwnSitesAreKeptAndDeclaredByPage notes a site, counts who is there, takes goods in and
// lets them out, and sends what is drafted of it.
func TestOwnSitesAreKeptAndDeclaredByPage(t *testing.T) {
	s := open(t)
	u := s.account(staff.Officer)
	u.get("/help").wants(t, []string{`href="/help/stock"`})
	u.get("/help/stock").wants(t, []string{"No site is noted yet", `name="service.interpreter"`})
	const camp = "x:mk:reception-south"
	set := url.Values{"act": {"set"}, "site": {camp}, "name": {"Reception <b>camp</b>"}, "night": {"500"}, "day": {""}, "service.interpreter": {"3"}}
	for name, wrong := range map[string]string{"night": "some", "service.interpreter": "-1"} {
		form := url.Values{}
		for k, v := range set {
			form[k] = v
		}
		form.Set(name, wrong)
		p := u.post("/help/stock", form)
		if p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, `href="#`+name+`"`) || !strings.Contains(p.body, `value="`+wrong+`"`) {
			t.Errorf("%s is %s: %d\n%s", name, wrong, p.status, p.body)
		}
	}
	if p := u.post("/help/stock", set); p.status != http.StatusOK || !strings.Contains(p.body, `<h2 id="site">`) {
		t.Fatalf("a site: %d\n%s", p.status, p.body)
	}
	u.get("/help/stock").wants(t, []string{"Reception &lt;b&gt;camp&lt;/b&gt;", "not counted", "interpreters: 3", "nobody has counted who is at this site", "No goods are noted here"})
	act := func(of string, more ...string) page {
		form := url.Values{"act": {of}, "site": {camp}}
		for i := 0; i < len(more); i += 2 {
			form.Set(more[i], more[i+1])
		}
		return u.post("/help/stock", form)
	}
	done := func(p page) {
		t.Helper()
		if p.status != http.StatusOK {
			t.Fatalf("%d\n%s", p.status, p.body)
		}
	}
	done(act("count", "people", "412"))
	id := fields(u.get("/help/stock").body).Get("id")
	for range 2 { // the button is pressed twice
		done(act("move", "id", id, "direction", "in", "type", "blanket", "quantity", "300", "note", "lorry 12"))
	}
	p := act("move", "direction", "out", "type", "blanket", "quantity", "301", "note", "too many")
	if p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, "301 blanket are to go out, and 300 are there") || !strings.Contains(p.body, `href="#quantity"`) ||
		!strings.Contains(p.body, `value="too many"`) || !strings.Contains(p.body, `<option value="out" selected>`) {
		t.Errorf("more than is there: %d\n%s", p.status, p.body)
	}
	done(act("move", "direction", "out", "type", "blanket", "quantity", "120"))
	shown := u.get("/help/stock?site=" + camp)
	shown.wants(t, []string{"<b>180</b>", "lorry 12", "What others would be told", `name="offer" value="blanket"`})
	digest := fields(shown.body).Get("digest")
	if p := act("declare", "digest", "0", "offer", "blanket"); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, "has changed since you looked") {
		t.Errorf("another draft than was looked at: %d", p.status)
	}
	done(act("declare", "digest", digest, "offer", "blanket"))
	rows := must(s.node.Desk().List(t.Context(), desk.Query{What: desk.ListCapacity}))(t).Rows.([]desk.CapacityRow)
	if len(rows) != 1 || len(rows[0].Items) != 3 || *rows[0].Items[0].Available != 88 || *rows[0].Items[2].Available != 180 || !rows[0].Items[2].Offerable || rows[0].Items[0].Offerable {
		t.Errorf("declared: %+v", rows)
	}
	if p := u.get("/help/stock?site=x:mk:nowhere"); p.status != http.StatusNotFound {
		t.Errorf("a site that is not there: %d", p.status)
	}
	if p := act("remove"); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, "count again when they have left") {
		t.Errorf("taken away while people are there: %d", p.status)
	}
	done(act("count", "people", "0"))
	done(act("move", "direction", "out", "type", "blanket", "quantity", "180"))
	if p := act("remove"); p.status != http.StatusOK || p.path != "/help/stock" || !strings.Contains(p.body, "No site is noted yet") || !strings.Contains(p.body, "lorry 12") {
		t.Errorf("taken away: %d\n%s", p.status, p.body)
	}
	u.post("/help/stock", set)
	if p := act("burn"); p.status != http.StatusBadRequest {
		t.Errorf("an act that nobody knows: %d", p.status)
	}
	u.post("/try", url.Values{"try": {"1"}})
	if p := act("count", "people", "1"); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, "this is not done while you only try") {
		t.Errorf("while only tried: %d", p.status)
	}
	reader := s.account(staff.Auditor)
	if body := reader.get("/help/stock").body; strings.Contains(body, `method="post" action="/help/stock"`) || !strings.Contains(body, "lorry 12") {
		t.Errorf("an auditor's page:\n%s", body)
	}
	if p := reader.post("/help/stock", url.Values{"act": {"count"}, "site": {camp}, "people": {"1"}}); p.status != http.StatusForbidden {
		t.Errorf("an auditor counts: %d", p.status)
	}
}
