package web_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// wants holds a page against what it must say, and must not.
func (p page) wants(t *testing.T, says []string, not ...string) {
	t.Helper()
	if p.status != http.StatusOK {
		t.Errorf("%s: status %d", p.path, p.status)
	}
	shown := p.shown()
	for _, text := range says {
		if !strings.Contains(shown, text) {
			t.Errorf("%s lacks %s:\n%s", p.path, text, p.body)
		}
	}
	for _, text := range not {
		if strings.Contains(shown, text) {
			t.Errorf("%s says %s:\n%s", p.path, text, p.body)
		}
	}
}

// TestPageIsAsThisNodeKnewItThen: what came later is on no page of an earlier instant, and
// every link leads to the same instant.
func TestPageIsAsThisNodeKnewItThen(t *testing.T) {
	b := meet(t)
	first := b.centre.says(centre, "report", "place=MK-405", "period=2015-11-08", "figures.arrivals=960", "severity=Severe", "summary=quiet")
	alert := b.centre.warns("Many may come")
	then := "?at=" + url.QueryEscape(protocol.InstantOf(b.clock.Now()).String())
	b.clock.pass(24 * time.Hour)
	later := b.centre.says(centre, "report", "place=MK-405", "period=2015-11-09", "figures.arrivals=11572", "summary=never seen")
	b.centre.says(centre, "note", "incident="+alert.Record.String(), "text=buses are on the way", "acknowledge=true")
	b.centre.says(centre, "route", "asset.type=border_crossing", "asset.name=Bogorodica", "state=closed", "place=MK-405", "valid_until=2015-11-11T00:00:00Z", "observed_at=2015-11-10T08:00:00Z")
	officer, coordinator, auditor := b.centre.account(staff.Officer), b.centre.account(staff.Coordinator), b.centre.account(staff.Auditor)
	incident := "/incident/" + alert.Record.String()
	for path, says := range map[string]string{
		"/": "960", "/situation": "960", "/place/MK-405": "960", incident: "960", "/network/member/" + string(centre): "960",
		"/situation/reporting": "24", "/situation/alerts": "Many may come", "/situation/routes": "Nobody has said anything", "/situation/contradictions": "No two", "/help": "Nobody asks",
		"/handover": "960", "/record/" + first.Record.String(): "960",
	} {
		now, past := officer.get(path), officer.get(path+then)
		past.wants(t, []string{says, "As this node knew it at 2015-11-09 09:00", `<a href="` + path + `">Back to now</a>`}, "11572", "11,572", later.Record.String(), "Bogorodica", "buses are on the way", "have it", "report/new")
		if path != "/situation/reporting" && path != "/situation/alerts" && path != "/situation/contradictions" && path != "/help" && path != "/record/"+first.Record.String() && path != "/situation/routes" {
			now.wants(t, []string{"11,572"})
		}
		if !strings.Contains(past.body, `href="/situation`+then) {
			t.Errorf("%s: links leave the instant:\n%s", path, past.body)
		}
	}
	coordinator.get("/").wants(t, []string{"11,572"})
	coordinator.get("/"+then).wants(t, []string{"960"}, "11572", "11,572")
	if p := officer.get("/record/" + later.Record.String() + then); p.status != http.StatusNotFound || strings.Contains(p.body, "11572") {
		t.Errorf("a record that was not held then: %d %s", p.status, p.body)
	}
	auditor.get("/audit").wants(t, []string{later.Record.String()})
	auditor.get("/audit"+then).wants(t, []string{first.Record.String()}, later.Record.String())
	for at, said := range map[string]string{"yesterday": "is no moment", "2030-01-01": "still to come"} {
		if p := officer.get("/situation?at=" + at); p.status != http.StatusBadRequest || !strings.Contains(p.body, said) {
			t.Errorf("at=%s: %d %s", at, p.status, p.body)
		}
	}
	if p := officer.get("/report/new" + then); p.status != http.StatusBadRequest || !strings.Contains(p.body, "filled in now") {
		t.Errorf("a form in the past: %d", p.status)
	}
}

// TestLineCutIsNotShownAsSilent: an institution whose line is down may well have spoken.
func TestLineCutIsNotShownAsSilent(t *testing.T) {
	b := meet(t)
	b.gate.says(gate, "report", "place=MK-405", "period=2015-11-08", "figures.arrivals=960", "phase=response")
	heard := b.gate.says(gate, "capacity", "items.0.type=bed_place", "items.0.unit=places", "items.0.total=500", "place=MK-405")
	b.centre.says(centre, "report", "place=MK", "period=2015-11-08", "figures.arrivals=2000", "phase=response")
	b.centre.comes(heard.Record)
	b.clock.pass(72 * time.Hour)
	officer := b.centre.account(staff.Officer)
	rowAt := func(id protocol.InstitutionID, at string) string {
		t.Helper()
		p := officer.get("/situation/reporting" + at)
		from := strings.Index(p.body, `/network/member/`+string(id))
		if from < 0 {
			t.Fatalf("%s has no row:\n%s", id, p.body)
		}
		text, _, _ := strings.Cut(p.body[from:], "</tr>")
		return text
	}
	row := func(id protocol.InstitutionID) string { return rowAt(id, "") }
	b.centre.until(func() bool { return strings.Contains(row(gate), ">silent<") })
	if got := row(river); !strings.Contains(got, ">never heard<") {
		t.Errorf("who never spoke: %s", got)
	}
	b.network.Line(gate, centre).Cut()
	b.centre.until(func() bool { return strings.Contains(row(gate), ">line cut<") })
	if got := row(gate); strings.Contains(got, "silent") {
		t.Errorf("a line that is cut is called silence: %s", got)
	}
	if got := row(centre); !strings.Contains(got, ">silent<") || strings.Contains(got, "line cut") {
		t.Errorf("our own silence is called another thing: %s", got)
	}
	officer.get("/situation").wants(t, []string{`<span class="pill cut">line cut</span>`, `<span class="pill late">silent</span>`})
	then := "?at=" + url.QueryEscape(b.clock.Now().Add(-time.Hour).Format(time.RFC3339))
	officer.get("/situation/reporting"+then).wants(t, []string{"How the lines were then is not kept"})
	if got := rowAt(gate, then); !strings.Contains(got, ">overdue<") || strings.Contains(got, "silent") {
		t.Errorf("of whose line of then nothing is known: %s", got)
	}
	if got := rowAt(centre, then); !strings.Contains(got, ">silent<") {
		t.Errorf("our own silence of then: %s", got)
	}
	if got := officer.get("/situation" + then).body; strings.Contains(got, `<span class="pill cut">line cut`) {
		t.Errorf("the line of now in the past:\n%s", got)
	}
	b.centre.account(staff.Coordinator).get("/").wants(t, []string{"line cut since"})
}

// TestIncidentTellsMachinesFromPeople: that a node holds a record says nothing of anybody
// who saw it.
func TestIncidentTellsMachinesFromPeople(t *testing.T) {
	b := meet(t)
	alert := b.centre.warns("Many may come")
	b.gate.comes(alert.Record)
	request := b.centre.says(centre, "request", "incident="+alert.Record.String(), "to.0="+string(gate), "lines.0.line=1", "lines.0.type=bus", "lines.0.quantity=4", "lines.0.unit=buses", "answer_by=2015-11-09T20:00:00Z", "deliver_to.place=MK-405", "deliver_to.contact.office=Duty desk")
	b.gate.comes(request.Record)
	var offer desk.Published
	b.gate.until(func() bool { // the picture is told after the archive
		var err error
		offer, err = b.gate.node.Desk().Answer(t.Context(), desk.AnswerRequest{Record: request.Record.String(), Step: "offer"})
		return err == nil
	})
	b.centre.comes(offer.Record)
	officer := b.centre.account(staff.Officer)
	incident := "/incident/" + alert.Record.String()
	b.centre.until(func() bool {
		return strings.Contains(officer.get(incident).body, "held by the machines of 1 of 1 peer")
	})
	p := officer.get(incident)
	p.wants(t, []string{"Many may come", request.Record.String(), offer.Record.String(), "nobody has said that a person saw it"}, "seen by a person:")
	ack := func(state string) {
		t.Helper()
		said := must(b.gate.node.Desk().Answer(t.Context(), desk.AnswerRequest{Record: alert.Record.String(), Step: "acknowledge", Set: []string{"state=" + state}}))(t)
		b.centre.comes(said.Record)
		b.centre.until(func() bool {
			return strings.Contains(officer.get(incident).body, said.Record.String()) || state == "received" && strings.Contains(officer.get(incident).body, "came to the machine of")
		})
	}
	ack("received")
	officer.get(incident).wants(t, []string{"came to the machine of " + string(gate)}, "seen by a person:")
	ack("read")
	officer.get(incident).wants(t, []string{"seen by a person: " + string(gate) + ", read"})
	if p = officer.get("/incident/" + request.Record.String()); p.status != http.StatusBadRequest {
		t.Errorf("a request opened an incident: %d", p.status)
	}
}

// TestSuggestedPhaseIsDeclaredByAPerson: the page says why, and its link fills the form in;
// nothing is declared before it is sent.
func TestSuggestedPhaseIsDeclaredByAPerson(t *testing.T) {
	b := meet(t)
	said := b.centre.says(centre, "report", "place=MK-405", "period=2015-11-08", "figures.present=477", "figures.capacity_total=500")
	coordinator := b.centre.account(staff.Coordinator)
	for _, path := range []string{"/", "/place/MK-405"} {
		coordinator.get(path).wants(t, []string{"suggested: response", "95.4 % of the places are taken (limit 90.0 %)", "/record/" + said.Record.String(), `href="/phase/new?place=iso3166-2%3aMK-405&amp;phase=response"`})
	}
	b.centre.account(staff.Auditor).get("/place/MK-405").wants(t, []string{"suggested: response"}, "/phase/new")
	form := coordinator.get("/phase/new?place=iso3166-2:MK-405&phase=response")
	form.wants(t, []string{`value="iso3166-2:MK-405"`, `<option value="response" selected`})
	b.centre.says(centre, "phase", "place=MK-405", "phase=response", "reason=full")
	coordinator.get("/place/MK-405").wants(t, []string{"full"}, "suggested")
}

// TestDutyNumberIsReadWithoutALine: whom to call is on this node already when no line is up.
func TestDutyNumberIsReadWithoutALine(t *testing.T) {
	b := meet(t)
	const number = "389 2 324 9100" // whose sign is escaped
	b.centre.says(centre, "profile", "names.en=Demo crisis centre", "level=ministry", "duty_contact.office=Duty desk", "duty_contact.phone=+"+number)
	u := b.gate.account(staff.Officer)
	b.gate.until(func() bool { return strings.Contains(u.get("/network").body, number) })
	b.network.Line(gate, centre).Cut()
	b.gate.until(func() bool { return strings.Contains(u.get("/").body, "no line") })
	ok(t, b.network.Stop(gate)) // and what it still held in its memory is gone
	ok(t, b.network.Restart(context.WithoutCancel(t.Context()), gate))
	b.gate.node = b.network.Node(gate)
	u = b.gate.named("test.later", staff.Officer)
	for _, path := range []string{"/", "/network", "/network/member/" + string(centre), "/report/blank"} {
		u.get(path).wants(t, []string{number, "no line"})
	}
}

// TestPlaceShowsWhatIsContradictedByEachOfItsCodes, with both words, how good each is, and chosen by that.
func TestPlaceShowsWhatIsContradictedByEachOfItsCodes(t *testing.T) {
	b := meet(t)
	one := b.gate.says(gate, "report", "place=nuts:EL41", "period=2015-11-08T00:00:00Z/2015-11-09T00:00:00Z", "figures.present=960")
	b.centre.comes(one.Record)
	other := b.centre.says(centre, "report", "place=iso3166-2:GR-K", "period=2015-11-08T00:00:00Z/2015-11-09T00:00:00Z", "figures.present=500")
	u := b.centre.account(staff.Officer)
	for _, code := range []string{"nuts:EL41", "iso3166-2:GR-K"} {
		shown := regexp.MustCompile(`(?s)<h2 id="contradictions">.*?</ul>`).FindString(u.get("/place/" + code).body)
		for _, want := range []string{`href="/record/` + one.Record.String() + `">960<`, `href="/record/` + other.Record.String() + `">500<`, `class="grounds"`} {
			if !strings.Contains(shown, want) {
				t.Errorf("/place/%s says of what is contradicted %q, without %q", code, shown, want)
			}
		}
		u.get("/place/"+code+"?quality=good").wants(t, nil, `id="contradictions"`)
	}
	u.get("/place/MK-405").wants(t, nil, `id="contradictions"`)
}

// TestCapacityStandsBesideTheStandard on the page of the place and of the institution, and in the register: where nobody has
// counted the people it says so, and else which count it is made of.
func TestCapacityStandsBesideTheStandard(t *testing.T) {
	s := meet(t).gate
	u := s.account(staff.Officer)
	s.says(gate, "capacity", "place=MK-405", "items.0.type=latrine", "items.0.unit=pieces", "items.0.total=15")
	row := regexp.MustCompile(`(?s)<h3 id="standards">.*?</table>`)
	for _, path := range []string{"/place/MK-405", "/network/member/" + string(gate)} {
		if shown := row.FindString(u.get(path).body); strings.Count(shown, ">not known<") != 4 || !strings.Contains(shown, "nobody has reported how many are there") {
			t.Errorf("%s says without a count %q", path, shown)
		}
	}
	u.get("/help/capacity").wants(t, []string{"latrines"}, "Against the standard")
	counted := s.says(gate, "report", "place=MK-405", "period=2015-11-08T00:00:00Z/2015-11-09T00:00:00Z", "figures.present=1290")
	for _, path := range []string{"/place/MK-405", "/network/member/" + string(gate)} {
		shown := row.FindString(u.get(path).body)
		for _, want := range []string{`data-l="Needed">65<`, `data-l="Missing"><b>50</b>`, "Sphere Handbook 2018, page 118", "1,290 present", `href="/record/` + counted.Record.String() + `"`, `class="grounds"`} {
			if !strings.Contains(shown, want) {
				t.Errorf("%s says %q, without %q", path, shown, want)
			}
		}
	}
	u.get("/help/capacity").wants(t, []string{"Against the standard: Needed 65<", "Missing <b>50</b>"})
}
