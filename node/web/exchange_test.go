package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// act gives the form of a step on the page of an exchange, as it stands there.
func act(t *testing.T, p page, step, state string) url.Values {
	t.Helper()
	for _, form := range regexp.MustCompile(`(?s)<details class="act"[^>]*>.*?</details>`).FindAllString(p.body, -1) {
		if f := fields(form); f.Get("step") == step && f.Get("state") == state {
			return f
		}
	}
	t.Fatalf("%s offers no %s %s:\n%s", p.path, step, state, p.body)
	return nil
}

// TestHelpIsAgreedOnItsPage: two offers beside each other, a part of one accepted, more than
// was asked for only knowingly, and what is committed goes on with its delivery note.
func TestHelpIsAgreedOnItsPage(t *testing.T) {
	b := meet(t)
	b.gate.says(river, "capacity", "place=MK-405", "items.0.type=bus", "items.0.unit=buses", "items.0.available=7", "items.0.readiness_hours=6")
	request := b.gate.says(gate, "request", "lines.0.line=1", "lines.0.type=bus", "lines.0.quantity=4", "lines.0.unit=buses", "answer_by=2015-11-09T20:00:00Z", "deliver_to.place=MK-405", "deliver_to.contact.office=Duty desk")
	path := "/help/" + request.Record.String()
	done := must(b.gate.node.Desk().ChangeStaff(t.Context(), desk.StaffRequest{Do: desk.StaffAdd, Name: "duty.both", Role: staff.Officer, Institutions: []protocol.InstitutionID{gate, river}}))(t)
	u := b.gate.browser()
	u.post("/word", url.Values{"name": {"duty.both"}, "word": {done.Word}, "password": {password}})
	become := func(id protocol.InstitutionID) {
		t.Helper()
		if p := u.post("/as", url.Values{"institution": {string(id)}}); p.status != http.StatusOK {
			t.Fatalf("act as %s: %d", id, p.status)
		}
	}
	u.get("/record/"+request.Record.String()).wants(t, []string{`<a href="` + path + `">` + request.Record.String()})
	do := func(step, state, quantity string, more ...string) page {
		t.Helper()
		form := act(t, u.get(path), step, state)
		form.Set("quantity", quantity)
		for _, m := range more {
			form.Set(m, "yes")
		}
		return u.post(path, form)
	}
	u.get("/help").wants(t, []string{`href="` + path + `"`})
	u.get(path).wants(t, []string{"Nobody has answered this line yet", ">Take it back<", "EDXL-RM 1 RequestResource"}, ">Accept<", ">Commit<")
	become(river)
	u.get(path).wants(t, []string{">Offer<", ">Commit<", "0 km", "declared this week", "2015-11-09 15:00"}, ">Accept<", ">Take it back<")
	u.get(path+"?quality=poor").wants(t, []string{"declared this week", `<option value="good">`}, `id="omitted"`)
	u.get(path+"?quality=good").wants(t, []string{"1 is left out", "Nothing is of what was chosen", `<option value="good" selected>`}, "declared this week")
	if p := u.get(path + "?quality=best"); p.status != http.StatusBadRequest {
		t.Errorf("a quality that there is not: %d", p.status)
	}
	do("offer", "", "3").wants(t, []string{">Take it back<"}, ">Offer<")
	must(b.gate.node.Desk().Answer(t.Context(), desk.AnswerRequest{As: river, Record: request.Record.String(), Step: "note", Reason: "by which road?"}))(t)
	become(gate)
	named := map[string]bool{} // else a change of the open page could leave one's form under another's word
	acts := regexp.MustCompile(`<details class="act"(?: id="([^"]*)")?>`).FindAllStringSubmatch(u.get(path).body, -1)
	for _, a := range acts {
		named[a[1]] = true
	}
	if len(acts) < 2 || len(named) != len(acts) || named[""] {
		t.Errorf("%d acts have the names %v", len(acts), named)
	}
	do("accept", "", "2").wants(t, []string{"EDXL-RM 3 RequisitionResource"})
	if p := do("cancel", "", "0"); p.status != http.StatusBadRequest || !strings.Contains(p.body, "is no quantity") {
		t.Errorf("a quantity of zero: %d", p.status)
	}
	become(river)
	if p := do("commit", "", "3"); p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, "want at most 2") {
		t.Errorf("more than was ordered: %d %s", p.status, p.body)
	}
	p := do("commit", "", "2")
	p.wants(t, []string{">Delivery note<", ">Say where it is: on the way<"})
	do("status", "in_transit", "1").wants(t, []string{"1 committed, 1 on the way"})
	become(gate)
	do("status", "deployed", "2").wants(t, []string{"2 there", ">It is no longer needed<"}, ">It is used up<")
	note := regexp.MustCompile(`href="(/delivery/[^"]+)"`).FindStringSubmatch(p.body)
	if note == nil {
		t.Fatal("no delivery note")
	}
	u.get(note[1]).wants(t, []string{"Duty desk", string(river), string(gate), `<svg class="qr"`, strings.TrimPrefix(note[1], "/delivery/")})
	if p := u.get("/delivery/" + request.Record.String()); p.status != http.StatusBadRequest {
		t.Errorf("a delivery note of a request: %d", p.status)
	}
	if p := u.get("/help/" + string(gate) + "/resource.1.99"); p.status != http.StatusNotFound {
		t.Errorf("an exchange that is not there: %d", p.status)
	}
}

// TestWhatIsOnlyPlayedSaysSo: nobody drives for an exercise, and nobody prints it as real.
func TestWhatIsOnlyPlayedSaysSo(t *testing.T) {
	b := meet(t)
	plays := func(kind string, set ...string) desk.Published {
		t.Helper()
		return must(b.gate.node.Desk().Publish(t.Context(), desk.Request{As: gate, Kind: kind, Exercise: true, Set: set, Knowing: true}))(t)
	}
	opener := plays("phase", "place=MK-405", "phase=response", "reason=only played")
	request := plays("request", "lines.0.line=1", "lines.0.type=bus", "lines.0.quantity=4", "lines.0.unit=buses", "answer_by=2015-11-09T20:00:00Z", "deliver_to.place=MK-405", "deliver_to.contact.office=Duty desk")
	commit := must(b.gate.node.Desk().Answer(t.Context(), desk.AnswerRequest{As: river, Record: request.Record.String(), Step: "commit"}))(t)
	u := b.gate.account(staff.Officer)
	for _, path := range []string{"/incident/" + opener.Record.String(), "/delivery/" + commit.Record.String(), "/record/" + opener.Record.String()} {
		u.get(path).wants(t, []string{`<p class="exercise">EXERCISE</p>`})
	}
	meant := b.gate.says(gate, "phase", "place=MK-405", "phase=response", "reason=many came")
	u.get("/incident/"+meant.Record.String()).wants(t, nil, "EXERCISE")
}
