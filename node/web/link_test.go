package web_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// policy is what an administrator types of what goes which way; of the centre more is asked than it
// has agreed to beforehand, so that a person has to approve it.
func policy(groups string) url.Values {
	return url.Values{
		"ours.groups": {groups}, "ours.bodies": {"TLP:AMBER"}, "ours.relay": {"TLP:GREEN"}, "ours.kib_s": {"0"},
		"theirs.groups": {"* *"}, "theirs.bodies": {"TLP:RED"}, "theirs.relay": {"TLP:GREEN"}, "theirs.kib_s": {"64"},
	}
}

// lists reports whether all links, as a page shows them, have one with a peer.
func (p page) lists(peer protocol.InstitutionID) bool {
	return strings.Contains(p.body, `<a href="/network/links/`+string(peer)+`">`)
}

// TestPolicyIsProposedAndApprovedOnPages: the town's administrator proposes what goes which way, the
// capital's reads it in sentences and approves it, and so it goes.
func TestPolicyIsProposedAndApprovedOnPages(t *testing.T) {
	b := meet(t)
	here, there := b.gate.account(staff.Admin), b.centre.account(staff.Admin)
	to, from := "/network/links/"+string(centre), "/network/links/"+string(gate)
	b.gate.until(func() bool { return here.get("/network/links").lists(centre) })

	wrong := policy("situation *\nthe weather")
	wrong.Set("ours.relay", "")
	wrong.Set("theirs.kib_s", "many")
	p := here.post(to+"/propose", wrong)
	if p.status != http.StatusUnprocessableEntity {
		t.Errorf("a wrong policy: %d", p.status)
	}
	for _, want := range []string{
		`<a href="#ours.groups">We send to ` + string(centre) + `: Topics and regions</a>`, "&#34;the weather&#34; is no topic with a region", `<a href="#ours.relay">`, `<a href="#theirs.kib_s">`,
		"situation *\nthe weather</textarea>", `value="many"`,
	} {
		if !strings.Contains(p.body, want) {
			t.Errorf("a wrong policy lacks %s:\n%s", want, p.body)
		}
	}

	here.post(to+"/propose", policy("situation *\nalert *")).wants(t, []string{"waits for the peer&#39;s signature"})
	asked := `We send to ` + string(gate) + `: all topics of all regions, with bodies up to TLP:RED, those of others up to TLP:GREEN, at most 64 KiB a second.`
	b.centre.until(func() bool { return strings.Contains(there.get(from).body, asked) })
	p = there.get("/network/links")
	p.wants(t, []string{"waits for our signature", string(gate) + " sends us: situation *, alert *, with bodies up to TLP:AMBER"})
	read := regexp.MustCompile(`name="document" value="([^"]+)"`).FindStringSubmatch(p.body)
	if read == nil {
		t.Fatalf("there is nothing to approve:\n%s", p.body)
	}
	const other = "another policy was proposed meanwhile"
	for document, said := range map[string]string{"": "which proposal was read", protocol.Digest{}.String(): other, protocol.DigestOf([]byte("another")).String(): other} {
		if p = there.post(from+"/approve", url.Values{"document": {document}}); !strings.Contains(html.UnescapeString(p.body), said) || p.status/100 != 4 {
			t.Errorf("approve %q: %d, want %q", document, p.status, said)
		}
	}
	there.post(from+"/approve", url.Values{"document": {html.UnescapeString(read[1])}}).wants(t, []string{"at most 64 KiB a second"})
	b.gate.until(func() bool {
		return strings.Contains(here.get(to).body, "sends us: all topics of all regions, with bodies up to TLP:RED")
	})

	kept := b.gate.says(gate, "request", "answer_by=2015-11-09T20:00:00Z", "deliver_to.place=MK-405", "lines.0.line=1", "lines.0.type=blanket", "lines.0.quantity=40", "lines.0.unit=pieces")
	b.centre.comes(b.gate.says(gate, "report", "place=MK-405", "period=2015-11-08", "figures.arrivals=11572").Record)
	if _, err := b.centre.node.Desk().Record(t.Context(), kept.Record, protocol.Digest{}); err == nil {
		t.Error("what the policy doesn't name went over the line")
	}
}

// TestLinkIsPausedResumedTestedAndEndedOnPages by whoever keeps the node, and by nobody else.
func TestLinkIsPausedResumedTestedAndEndedOnPages(t *testing.T) {
	b := meet(t)
	here, officer, to := b.gate.account(staff.Admin), b.gate.account(staff.Officer), "/network/links/"+string(centre)
	b.gate.until(func() bool { return strings.Contains(here.get(to).body, "all topics of all regions") })
	for _, path := range []string{"/network/links", to} {
		p := officer.get(path)
		p.wants(t, []string{"all topics of all regions"})
		if strings.Contains(p.body, `method="post" action="/network/links`) {
			t.Errorf("%s offers an officer what is refused", path)
		}
	}
	for _, act := range []string{"", "/propose", "/approve", "/pause", "/resume", "/remove", "/test"} {
		path := to + act
		if act == "" {
			path = "/network/links"
		}
		if p := officer.post(path, policy("* *")); p.status != http.StatusForbidden {
			t.Errorf("%s by an officer: %d", path, p.status)
		}
		if p := here.post("/network/links/hr.national.nobody"+act, policy("* *")); act != "" && p.status/100 != 4 {
			t.Errorf("%s of nobody's: %d", act, p.status)
		}
	}
	down := func(s *site, with protocol.InstitutionID) bool {
		l, err := s.node.Desk().LinkShow(t.Context(), with)
		return err == nil && !l.State.Up
	}

	here.post(to+"/pause", nil).wants(t, []string{"paused", to + "/resume"})
	b.centre.until(func() bool { return down(b.centre, gate) })
	said := b.gate.says(gate, "report", "place=MK-405", "period=2015-11-08", "figures.arrivals=960")
	here.post(to+"/test", nil).wants(t, []string{"What the test found", "resume it where it was paused"})
	if _, err := b.centre.node.Desk().Record(t.Context(), said.Record, protocol.Digest{}); err == nil {
		t.Error("a record went over a paused line")
	}
	here.post(to+"/resume", nil).wants(t, []string{to + "/pause"})
	b.centre.comes(said.Record)
	b.gate.until(func() bool { return strings.Contains(here.post(to+"/test", nil).body, "answered in ") })

	l := must(b.gate.node.Desk().LinkShow(t.Context(), centre))(t)
	if p := here.post(to+"/remove", nil); p.path != "/network/links" || p.lists(centre) {
		t.Errorf("removed: %s\n%s", p.path, p.body)
	}
	b.centre.until(func() bool { return down(b.centre, gate) })
	address := "127.0.0.1:1"
	if l.State.Dials {
		address = l.State.Addresses[0]
	}
	for name, typed := range map[string]url.Values{
		"peer": {"peer": {"Скопје"}, "address": {address}}, "address": {"peer": {string(centre)}, "address": {"nowhere"}}, "key": {"peer": {string(centre)}, "key": {"00"}},
	} {
		if p := here.post("/network/links", typed); p.status/100 != 4 || !strings.Contains(p.body, `<a href="#`+name+`">`) || !strings.Contains(p.body, typed.Get(name)) {
			t.Errorf("a wrong %s: %d\n%s", name, p.status, p.body)
		}
	}
	here.post("/network/links", url.Values{"peer": {string(centre)}, "address": {address}}).wants(t, []string{"Nothing is agreed yet"})
	must(b.gate.node.Desk().Propose(t.Context(), centre, desk.Everything()))(t)
}
