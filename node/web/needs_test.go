package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// TestNeedsStandAgainstWhatMeetsThem on the page of their place and of its incident.
func TestNeedsStandAgainstWhatMeetsThem(t *testing.T) {
	b := meet(t)
	alert := b.centre.warns("Many may come")
	u := b.centre.account(staff.Coordinator)
	pages := []string{"/place/MK-405", "/incident/" + alert.Record.String()}
	for _, path := range pages {
		u.get(path).wants(t, []string{"Nobody has assessed the needs here", `href="/needs/new"`})
	}
	needs := b.gate.says(gate, "needs", "place=MK-405", "population.in_need=400", "items.0.sector=shelter", "items.0.item=bed_place", "items.0.unit=places", "items.0.required=400", "items.0.available=100", "items.0.basis=estimate", "items.0.priority=1")
	held := must(b.gate.node.Desk().Record(t.Context(), needs.Record, protocol.Digest{}))(t)
	request := b.gate.says(gate, "request", "to.0="+string(centre), "lines.0.line=1", "lines.0.type=bed_place", "lines.0.quantity=300", "lines.0.unit=places", "answer_by=2015-11-09T20:00:00Z", "deliver_to.place=MK-405", "deliver_to.contact.office=Duty desk",
		"refs.0.rel=needs", "refs.0.record="+needs.Record.String(), "refs.0.digest="+held.Digest().String())
	b.centre.comes(needs.Record)
	b.centre.comes(request.Record)
	must(b.centre.node.Desk().Answer(t.Context(), desk.AnswerRequest{Record: request.Record.String(), Step: "commit", Lines: []desk.LineQuantity{{Line: 1, Quantity: 120}}, Knowing: true}))(t)
	for _, path := range pages {
		u.get(path).wants(t, []string{`data-l="Needed">400`, `data-l="There">100`, `data-l="Committed">120`, `data-l="Unmet"><b>180</b>`}, "Nobody has assessed", "before: ")
	}
	b.clock.pass(7 * 24 * time.Hour)
	b.centre.comes(b.gate.says(gate, "needs", "place=MK-405", "population.in_need=500", "items.0.sector=shelter", "items.0.item=bed_place", "items.0.unit=places", "items.0.required=500", "items.0.basis=estimate", "items.0.priority=1").Record)
	u.get(pages[0]).wants(t, []string{`data-l="Needed">500`, "before: 400"})
}

// TestPeopleBecomeNeedsAndARequest is one form: how many people, what they need by the
// handbook minus what is there, each row to be changed, and asked for in the same act.
func TestPeopleBecomeNeedsAndARequest(t *testing.T) {
	s := open(t)
	s.says(centre, "capacity", "place=MK-405", "items.0.type=latrine", "items.0.unit=pieces", "items.0.available=30", "items.0.offerable=true")
	u := s.account(staff.Officer)
	u.get("/").wants(t, []string{`href="/needs/new"`, "Ask for help"})
	form := u.form("/needs/new")
	form.Set("place", "MK-405")
	form.Set("population.in_need", "many")
	form.Set("workout", "1")
	if p := u.post("/needs/new", form); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, `id="why.population.in_need"`) {
		t.Errorf("no number of people: %d", p.status)
	}
	form.Set("population.in_need", "3000")
	form.Set("items.4.item", "generator") // the handbook has none: it is typed
	form.Set("items.4.required", "7")
	form.Set("items.7.item", "bus")
	form.Set("items.7.required", "4")
	p := u.post("/needs/new", form)
	rows := fields(p.body)
	for name, want := range map[string]string{
		"items.0.item": "bed_place", "items.0.required": "3000", "items.1.item": "latrine", "items.1.required": "150", "items.1.available": "30",
		"items.2.item": "water_litre", "items.2.required": "45000", "items.3.item": "generator", "items.3.required": "7", "items.4.item": "bus", "items.4.required": "4",
	} {
		if rows.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, rows.Get(name), want)
		}
	}
	rows.Set("items.0.required", "2500")
	rows.Set("items.4.required", "a few")
	if p = u.post("/needs/new", rows); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, `id="why.items.4.required"`) {
		t.Errorf("a few buses: %d\n%s", p.status, p.body)
	}
	rows.Set("items.4.required", "4")
	n := u.sent("/needs/new", rows)
	said := s.said(n)
	for _, want := range []string{
		`{"basis":"estimate","item":"bed_place","priority":1,"required":2500,"sector":"shelter","unit":"places"}`, `"standard_ref":"Sphere Handbook 2018, page 118"`, `"standard_ref":"Sphere Handbook 2018, Water supply standard 2.1, for a day"`, `"available":30`, `"in_need":3000`, `"item":"bus"`,
	} {
		if !strings.Contains(said, want) {
			t.Errorf("the needs do not say %s:\n%s", want, said)
		}
	}
	l := must(s.node.Desk().List(t.Context(), desk.Query{What: desk.ListNeeds}))(t).Rows.([]desk.NeedsRow)
	if len(l) != 1 || len(l[0].Requests) != 1 || l[0].Items[1].Asked != 120 || l[0].Items[2].Asked != 45000 {
		t.Fatalf("needs are %+v", l)
	}
	again := u.form("/needs/new")
	if again.Get("items.0.required") != "2500" || again.Get("population.in_need") != "3000" || again.Get("place") != "iso3166-2:MK-405" {
		t.Errorf("the next one begins with %v", again)
	}
	u.get("/help/solidarity").wants(t, []string{"What is still unmet", "45,000", "Nothing is committed yet, and nothing is paid"})
	u.get("/help/capacity?near=MK-401").wants(t, []string{"latrines", "15 km", "Nothing that others have declared"})
	u.get("/help/capacity?kind=tent").wants(t, []string{"Nobody has declared anything that fits"})
	if p = u.get("/help/capacity?by=soon"); p.status != http.StatusBadRequest {
		t.Errorf("ready by soon: %d", p.status)
	}
	if p = u.get("/help/3w.csv"); p.status != http.StatusOK || !strings.HasPrefix(p.header.Get("Content-Type"), "text/csv") || !strings.Contains(p.body, "who,what,quantity") {
		t.Errorf("3W: %d %s", p.status, p.body)
	}
}

// TestEmptyRowsOfNeedsAreFoldedAway: what is filled in stands open, with one row to go on in, and
// what is wrong in a row is never hidden.
func TestEmptyRowsOfNeedsAreFoldedAway(t *testing.T) {
	u := open(t).account(staff.Officer)
	open := func(p page) int {
		t.Helper()
		before, folded, _ := strings.Cut(p.body, `<details class="more" id="spare">`)
		n := strings.Count(before, `.item" name="items.`)
		if all := n + strings.Count(folded, `.item" name="items.`); all != 8 {
			t.Errorf("the form has %d rows, want 8:\n%s", all, p.body)
		}
		return n
	}
	p := u.get("/needs/new")
	p.wants(t, []string{"Room for 7 more</summary>"})
	if n := open(p); n != 1 {
		t.Errorf("%d rows of an empty form stand open, want 1", n)
	}
	form := u.form("/needs/new")
	form.Set("population.in_need", "10")
	form.Set("items.4.required", "many")
	if p = u.post("/needs/new", form); open(p) != 6 || p.status != http.StatusUnprocessableEntity {
		t.Errorf("%d rows stand open with the fifth filled in, want 6 (status %d)", open(p), p.status)
	}
}
