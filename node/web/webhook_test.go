package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// TestAdministratorSeesRulesAndTellsPrograms: the rules in sentences, with the file and what became
// of it since; webhooks are made with a secret that is shown once, told of what they ask for, paused,
// resumed and taken away. Who audits reads it, and nobody else.
func TestAdministratorSeesRulesAndTellsPrograms(t *testing.T) {
	told := make(chan struct{}, 100)
	var answer atomic.Int32
	answer.Store(http.StatusInternalServerError)
	program := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		told <- struct{}{}
		w.WriteHeader(int(answer.Load()))
	}))
	defer program.Close()
	file := filepath.Join(t.TempDir(), "duty.yaml")
	const rules = "private: [127.0.0.1/32]\nrules:\n  - {name: figures, kinds: [report], places: [MK], quality: usable, quiet: {from: \"22:00\", to: \"06:00\"}}\n"
	write := func(text string) { ok(t, os.WriteFile(file, []byte(text), 0o600)) }
	write(rules)
	b := meet(t, func(id protocol.InstitutionID, o *node.Options) {
		if id == centre {
			o.Duty = file
		}
	})
	s := b.centre
	keeper, auditor, officer := s.account(staff.Admin), s.account(staff.Auditor), s.account(staff.Officer)
	const path = "/duty/rules"
	keeper.get("/duty").wants(t, []string{`href="/duty/rules"`})
	officer.get("/duty").wants(t, nil, `href="/duty/rules"`)
	if p := officer.get(path); p.status != http.StatusForbidden {
		t.Errorf("an officer: %d", p.status)
	}
	keeper.get(path).wants(t, []string{file, ">valid<", "of situation report at MK (Quality: at least usable) rings in the open pages.", "Not from 22:00 to 06:00", "No program is told of anything"})
	write(rules + "zone: UTC\n")
	keeper.get(path).wants(t, []string{"changed since"}, ">valid<")
	write(strings.Replace(rules, "usable", "usabel", 1))
	keeper.get(path).wants(t, []string{"would not start with it", "no quality is called usabel"}, ">valid<")

	form := url.Values{"do": {"add"}, "name": {"room"}, "url": {program.URL + "/in?key=hidden"}, "kinds": {"topic:resource", "report"}, "place": {"MK, RS"}, "severity": {"Severe"}, "quality": {""}}
	bad := url.Values{}
	for name, v := range form {
		bad[name] = v
	}
	bad.Set("place", "MK, XX-9")
	p := keeper.post(path, bad)
	for _, want := range []string{"no place is called", `value="MK, XX-9"`, `<option value="topic:resource" selected>`, `<option value="Severe" selected>`, `href="#place"`} {
		if p.status != http.StatusBadRequest || !strings.Contains(p.body, want) {
			t.Errorf("a place that there is not: %d, without %q", p.status, want)
		}
	}
	p = keeper.post(path, form)
	p.wants(t, []string{"whsec_", "room", program.URL + "/in?…", "all of help, situation report at MK, RS from", "goes well"}, "key=hidden")
	keeper.get(path).wants(t, []string{`id="webhook-room"`}, "whsec_")
	s.says(centre, "report", "place=MK-405", "period=2015-11-08", "figures.arrivals=1", "severity=Minor")
	s.says(centre, "report", "place=MK-405", "period=2015-11-08", "figures.arrivals=2", "severity=Extreme")
	<-told
	s.until(func() bool { return strings.Contains(keeper.get(path).body, "takes nothing since") })
	auditor.get(path).wants(t, []string{"takes nothing since", "500"}, `name="do"`)
	if p = auditor.post(path, form); p.status != http.StatusForbidden {
		t.Errorf("an auditor: %d", p.status)
	}
	do := func(what string) page { return keeper.post(path, url.Values{"do": {what}, "name": {"room"}}) }
	do("pause").wants(t, []string{"paused since"}, `value="pause"`)
	if p = do("test"); p.status == http.StatusOK || !strings.Contains(p.body, "room: the receiver answered 500 Internal Server Error") || !strings.Contains(p.body, "see that the address answers with 2xx") {
		t.Errorf("a test that is not taken: %d %s", p.status, p.body)
	}
	answer.Store(http.StatusAccepted)
	do("test").wants(t, []string{"room has taken the test: 202 Accepted", "paused since", "records taken: 0"})
	answer.Store(http.StatusInternalServerError)
	do("resume").wants(t, nil, "paused since")
	do("remove").wants(t, []string{"No program is told of anything"})
	if p = do("pause"); p.status != http.StatusNotFound {
		t.Errorf("one that is gone: %d", p.status)
	}
	acts := must(s.node.Desk().List(t.Context(), desk.Query{What: desk.ListAudit, Match: "webhook"}))(t)
	if text := fmt.Sprint(acts.Rows); !strings.Contains(text, "webhook-add") || !strings.Contains(text, "webhook-pause") || !strings.Contains(text, "webhook-test") || !strings.Contains(text, "webhook-remove") {
		t.Errorf("noted: %s", text)
	}
}
