package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"

	vardar "github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// TestNodeIsKeptByPrograms: its accounts, tokens, keys and backups, and how each is refused.
func TestNodeIsKeptByPrograms(t *testing.T) {
	p := meet(t)
	to := t.TempDir()
	p.centre.walk(
		step{staff.Admin, "POST /v1/staff", `{"do":"add","name":"duty.night","role":"officer"}`, 200, `"word":"`},
		step{staff.Auditor, "GET /v1/staff", "", 200, `"name":"duty.night"`},
		step{staff.Admin, "POST /v1/staff", `{"do":"add","name":"duty.day","role":"chief"}`, 400, `"field":"role"`},
		step{staff.Admin, "POST /v1/staff", `{"do":"promote","name":"duty.night"}`, 400, `"field":"do"`},
		step{staff.Admin, "POST /v1/tokens", `{"name":"room","role":"officer","scope":"read"}`, 200, `"secret":"vardar_`},
		step{staff.Admin, "POST /v1/tokens/remove", `{"name":"room"}`, 200, `"room"`},
		step{staff.Admin, "POST /v1/tokens/remove", `{"name":"room"}`, 404, `"field":"name"`},
		step{staff.Admin, "GET /v1/staff/logins?name=nobody.here", "", 404, `"field":"name"`},
		step{staff.Admin, "POST /v1/keys/rotate", `{"use":"age"}`, 200, `"use":"age"`},
		step{staff.Admin, "GET /v1/keys", "", 200, `"use":"age"`},
		step{staff.Admin, "GET /v1/keys?as=rs.national.centre", "", 403, `does not write for rs.national.centre`},
		step{staff.Admin, "POST /v1/keys/rotate", `{"use":"paper"}`, 400, `"field":"use"`},
		step{staff.Admin, "POST /v1/backups", fmt.Sprintf(`{"to":%q}`, to), 200, to},
		step{staff.Admin, "POST /v1/backups", fmt.Sprintf(`{"to":%q,"keep_days":99}`, to), 422, `"field":"keep_days"`},
	)
	if files := must(filepath.Glob(filepath.Join(to, "*")))(t); len(files) == 0 {
		t.Error("no backup lies where it was to")
	}
}

// TestLinkIsAgreedOnByPrograms: proposed at one end and approved at the other, tried, paused, carried
// past, and ended.
func TestLinkIsAgreedOnByPrograms(t *testing.T) {
	p := meet(t)
	peer := "/v1/links/" + string(town)
	p.centre.walk(
		step{staff.Officer, "GET " + peer, "", 200, `"peer":"` + string(town) + `"`},
		step{staff.Admin, "POST " + peer + "/propose", `{"ours":{"groups":["weather *"],"bodies":"TLP:GREEN","relay":"TLP:GREEN"},"theirs":{"groups":["* *"],"bodies":"TLP:GREEN","relay":"TLP:GREEN"}}`, 422, `"field":"ours.groups`},
		step{staff.Admin, "POST " + peer + "/propose", `{"ours":{"groups":["situation *"],"bodies":"TLP:GREEN","relay":"TLP:GREEN"},"theirs":{"groups":["* *"],"bodies":"TLP:GREEN","relay":"TLP:GREEN"}}`, 200, `"situation *"`},
		step{staff.Admin, "POST " + peer + "/test", `{}`, 200, `"peer":"` + string(town) + `"`},
	)
	back := "/v1/links/" + string(centre)
	p.town.until(func() bool { return must(p.town.client.LinkShow(t.Context(), centre))(t).Approve })
	p.town.walk(
		step{staff.Admin, "POST " + back + "/approve", `{"document":"` + protocol.Digest{}.String() + `"}`, 422, `"field":"document"`},
		step{staff.Admin, "POST " + back + "/approve", `{"document":"sha-256:1111111111111111111111111111111111111111111111111111111111111111"}`, 422, `"field":"document"`},
		step{staff.Admin, "POST " + back + "/approve", `{}`, 200, `"situation *"`},
	)
	p.centre.walk(
		step{staff.Admin, "POST " + peer + "/pause", `{}`, 200, string(town)},
		step{staff.Admin, "GET " + peer, "", 200, "paused: see 'vardar link resume'"},
		step{staff.Admin, "POST " + peer + "/resume", `{}`, 200, string(town)},
	)
	p.centre.until(func() bool { return must(p.centre.client.LinkShow(t.Context(), town))(t).State.Up })
	b := p.centre.ask("POST", peer+"/bundle", `{"all":true}`)
	if b.status != http.StatusOK {
		t.Fatalf("no bundle: %s", b.body)
	}
	if r := p.town.ask("POST", "/v1/bundles", b.body, "Content-Type", b.header.Get("Content-Type")); r.status != http.StatusOK {
		t.Errorf("a bundle that was carried: %d %s", r.status, r.body)
	}
	if r := p.town.ask("POST", "/v1/bundles", "no bundle", "Content-Type", b.header.Get("Content-Type")); r.status != http.StatusBadRequest && r.status != http.StatusConflict {
		t.Errorf("no bundle: %d %s", r.status, r.body)
	}
	for _, act := range []string{"propose", "approve", "pause", "resume", "remove", "test", "bundle"} {
		p.centre.walk(step{staff.Admin, "POST /v1/links/rs.national.centre/" + act, `{}`, 404, "rs.national.centre"})
	}
	p.centre.walk(
		step{staff.Admin, "POST " + peer + "/remove", `{}`, 200, string(town)},
		step{staff.Admin, "GET " + peer, "", 404, string(town)},
		step{staff.Admin, "POST /v1/links", `{"peer":"` + string(town) + `","address":"no address"}`, 400, `"field":"address"`},
	)
}

// TestNetworkIsGovernedByPrograms: the next charter is drafted, published and taken as given; a
// member is invited, admitted at another level, and closed.
func TestNetworkIsGovernedByPrograms(t *testing.T) {
	p := meet(t)
	drafted := must(p.centre.client.DraftCharter(t.Context(), api.DraftCharterRequest{}))(t)
	p.centre.walk(
		step{staff.Admin, "POST /v1/charter/draft", `{"network":"Another name"}`, 200, `"version":2`},
		step{staff.Admin, "POST /v1/charter/draft", `{"handling":{"vardar.situation.report.v1":"SECRET"}}`, 400, `"field":"handling`},
		step{staff.Admin, "POST /v1/charter/publish", string(must(json.Marshal(api.PublishCharterRequest{Paper: drafted.Paper}))(t)), 422, `"field":"signatures"`},
	)
	paper := drafted.Paper
	must(vardar.SignCharter(t.Context(), p.options, centre, &paper))(t)
	p.centre.walk(
		step{staff.Admin, "POST /v1/charter/publish", string(must(json.Marshal(api.PublishCharterRequest{Paper: paper}))(t)), 200, `"record":`},
		step{staff.Officer, "GET /v1/charter", "", 200, `"version":2`},
		step{staff.Admin, "POST /v1/charter/accept", fmt.Sprintf(`{"digest":%q}`, paper.Digest()), 200, `"version":2`},
		step{staff.Admin, "POST /v1/charter/accept", `{"digest":"sha-256:1111111111111111111111111111111111111111111111111111111111111111"}`, 422, `"field":"digest"`},
		step{staff.Admin, "POST /v1/members/invite", `{"institution":"mk.southeast.demo-new","level":"galaxy"}`, 400, `"field":"level","mend":"\"galaxy\": want one of municipality, `},
		step{staff.Admin, "POST /v1/members/admit", `{"institution":"` + string(town) + `","level":"region"}`, 200, `"record":`},
		step{staff.Officer, "GET /v1/members/" + string(town), "", 200, `"level":"region"`},
		step{staff.Officer, "GET /v1/members/mk.southeast.nobody", "", 404, "mk.southeast.nobody"},
		step{staff.Admin, "POST /v1/members/admit", `{"institution":"` + string(town) + `","level":"galaxy"}`, 400, `"field":"level","mend":"\"galaxy\": want one of municipality, `},
		step{staff.Admin, "POST /v1/members/close", `{"institution":"` + string(town) + `","successor":"mk.southeast.nobody"}`, 422, `"field":"successor"`},
		step{staff.Admin, "POST /v1/members/close", `{"institution":"` + string(town) + `","reason":"merged"}`, 200, string(town)},
		step{staff.Officer, "GET /v1/members/" + string(town), "", 200, `"state":"out"`},
	)
}

// TestProgramsAreToldByWebhooks that programs make, try, pause, resume and take away; and a waking is
// seen.
func TestProgramsAreToldByWebhooks(t *testing.T) {
	p := meet(t)
	told := make(chan string, 10)
	program := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { told <- r.URL.Path }))
	defer program.Close()
	hook := fmt.Sprintf(`{"name":"room","url":%q,"kinds":["note"]}`, program.URL+"/told")
	p.centre.walk(
		step{staff.Admin, "POST /v1/webhooks", hook, 200, `"secret":"`},
		step{staff.Admin, "POST /v1/webhooks", `{"name":"other","url":"ftp://x"}`, 400, `"field":"url"`},
		step{staff.Admin, "POST /v1/webhooks/test", `{"name":"room"}`, 200, `"answered":"200 OK"`},
		step{staff.Admin, "POST /v1/webhooks/pause", `{"name":"room"}`, 200, `"name":"room"`},
		step{staff.Auditor, "GET /v1/webhooks", "", 200, `"paused":`},
		step{staff.Admin, "POST /v1/webhooks/resume", `{"name":"room"}`, 200, `"name":"room"`},
	)
	if path := <-told; path != "/told" {
		t.Errorf("told at %s", path)
	}
	for _, act := range []string{"pause", "resume", "test", "remove"} {
		p.centre.walk(step{staff.Admin, "POST /v1/webhooks/" + act, `{"name":"nobody"}`, 404, `"field":"name"`})
	}
	must(p.town.client.Publish(t.Context(), api.Request{Kind: "report", Set: []string{"summary=quiet"}}))(t)
	p.centre.until(func() bool { return len(must(p.centre.client.Duty(t.Context()))(t).Wakings) > 0 })
	p.centre.walk(
		step{staff.Admin, "POST /v1/webhooks/remove", `{"name":"room"}`, 200, `"name":"room"`},
		step{staff.Auditor, "GET /v1/webhooks", "", 200, `[]`},
		step{staff.Officer, "POST /v1/duty/seen", `{"id":1}`, 200, `"seen_by":"token officer`},
		step{staff.Officer, "GET /v1/duty", "", 200, `"seen_by":"token officer`},
		step{staff.Officer, "POST /v1/duty/seen", `{"id":99}`, 404, `"mend":"see which there are"`},
		step{staff.Admin, "POST /v1/duty/test", `{"way":"phone"}`, 200, `"phone"`},
		step{staff.Admin, "POST /v1/duty/test", `{"way":"fone"}`, 404, `"field":"way"`},
	)
}
