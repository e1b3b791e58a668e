package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// TestEachInstitutionOfANodeIsWokenByItsOwnRules: a neighbour on the same node is a neighbour, and
// an own alert rings for the colleagues of who has sent it.
func TestEachInstitutionOfANodeIsWokenByItsOwnRules(t *testing.T) {
	file := filepath.Join(t.TempDir(), "duty.yaml")
	ok(t, os.WriteFile(file, fmt.Appendf(nil, "rules:\n  - {name: river, kinds: [phase, report], for: [%s]}\n  - {name: gate, kinds: [alert, phase, report], for: [%s]}\n", river, gate), 0o600))
	rules := ""
	b := meet(t, func(id protocol.InstitutionID, o *node.Options) {
		if id == gate {
			o.Duty = rules
		}
	})
	rules = file
	ok(t, b.network.Stop(gate))
	ok(t, b.network.Restart(t.Context(), gate))
	b.gate.node = b.network.Node(gate)
	at, over := b.gate.account(staff.Officer), b.gate.named("river.officer", staff.Officer, river)
	b.gate.says(gate, "report", "place=MK-405", "period=2015-11-08", "figures.arrivals=960")
	b.gate.says(gate, "phase", "place=MK-405", "phase=response", "reason=many come")
	officer := b.centre.account(staff.Officer)
	warned := b.centre.warns("Many may come")
	b.gate.comes(warned.Record)
	woken := func() map[string]desk.Waking {
		out := map[string]desk.Waking{}
		for _, w := range b.gate.node.Desk().Duty(t.Context(), protocol.Amber).Wakings {
			out[w.Rule] = w
		}
		return out
	}
	b.gate.until(func() bool { return len(woken()["river"].Events) == 2 && len(woken()["gate"].Events) == 1 })
	b.centre.until(func() bool { return len(b.centre.node.Desk().Duty(t.Context(), protocol.Amber).Wakings) == 1 }) // of its own alert
	b.clock.pass(10 * time.Second)
	b.gate.says(gate, "note", "text=something happens, so that duty looks")
	b.centre.says(centre, "note", "text=here too")
	b.gate.until(func() bool { return woken()["river"].Sent != 0 && woken()["gate"].Sent != 0 })
	b.centre.until(func() bool { return strings.Contains(officer.get("/").body, `id="ring-1"`) })
	if r, g := woken()["river"], woken()["gate"]; len(r.Events) != 2 || len(g.Events) != 1 || g.Events[0].Record != warned.Record {
		t.Fatalf("river: %+v\ngate: %+v", r.Events, g.Events)
	}
	rings := func(u *browser, rule string) bool {
		return strings.Contains(u.get("/").body, fmt.Sprintf(`id="ring-%d"`, woken()[rule].ID))
	}
	if !rings(at, "gate") || rings(at, "river") || rings(over, "gate") || !rings(over, "river") {
		t.Error("it rings in pages of others, or not in those it is for")
	}
	seen := func(u *browser, rule string) page {
		return u.post("/duty/seen", url.Values{"id": {fmt.Sprint(woken()[rule].ID)}})
	}
	if p := seen(over, "gate"); p.status != http.StatusForbidden || woken()["gate"].Seen != 0 {
		t.Errorf("others say that it was seen: %d %s", p.status, p.body)
	}
	if body := over.get("/duty").body; strings.Count(body, `action="/duty/seen"`) != 2 { // in the banner, and in the list
		t.Errorf("what is for others can be said to be seen:\n%s", body)
	}
	if seen(at, "gate"); woken()["gate"].Seen == 0 || woken()["river"].Seen != 0 || rings(at, "gate") || !rings(over, "river") {
		t.Errorf("it is not over for those who have seen it: %+v", woken())
	}
}

// TestDutyIsSaidInTheLanguageOfThePage: what is wrong with an act; and who keeps the node is not told
// what rang, which an officer is.
func TestDutyIsSaidInTheLanguageOfThePage(t *testing.T) {
	b := meet(t)
	must(b.centre.node.Desk().Publish(t.Context(), desk.Request{As: centre, Kind: "alert", Handling: protocol.Amber, Set: []string{
		"place=MK-405", "info.0.category=Safety", "info.0.event=Arrivals", "info.0.urgency=Expected", "info.0.severity=Severe", "info.0.certainty=Likely",
		"info.0.headline=Many may come", "info.0.area.0.areaDesc=Gevgelija",
	}}))(t)
	b.centre.until(func() bool { return len(b.centre.node.Desk().Duty(t.Context(), protocol.Amber).Wakings) == 1 })
	keeper, officer := b.centre.account(staff.Admin), b.centre.account(staff.Officer)
	for language, says := range map[string]string{
		"en": "no way is called", "mk": "нема начин со име", "sq": "nuk ka mënyrë me emrin", "sr-Latn": "nema načina po imenu", "sr-Cyrl": "нема начина по имену", "el": "δεν υπάρχει τρόπος με το όνομα",
	} {
		keeper.language, officer.language = language, language
		keeper.get("/duty").wants(t, nil, "Many may come", "marked")
		officer.get("/duty").wants(t, []string{"Many may come"})
		p := keeper.post("/duty/test", url.Values{"way": {"pigeon"}})
		if p.status != http.StatusNotFound || strings.Contains(p.body, `<span lang="en">`) || !strings.Contains(p.body, says) {
			t.Errorf("a way that is not there, in %s: %d %s", language, p.status, p.body)
		}
	}
}

// TestRecordThatWakesIsSaidInTheLanguageOfThePage: in the banner and on the page of who is woken; its author's own
// words as they are, until they are erased.
func TestRecordThatWakesIsSaidInTheLanguageOfThePage(t *testing.T) {
	file := filepath.Join(t.TempDir(), "duty.yaml")
	ok(t, os.WriteFile(file, []byte("rules:\n  - {name: all, kinds: [request, report, route, phase, answer_due]}\n"), 0o600))
	b := meet(t, func(id protocol.InstitutionID, o *node.Options) {
		if id == centre {
			o.Duty = file
		}
	})
	var last, report protocol.Name
	for _, of := range [][]string{
		{"report", "place=MK-405", "period=2015-11-08", "figures.arrivals=11572", "summary=The night was calm."},
		{"route", "asset.type=border_crossing", "asset.name=Bogorodica", "state=closed", "place=MK-405", "observed_at=2015-11-09T08:00:00Z", "valid_until=2015-11-10T08:00:00Z"},
		{"phase", "place=MK-405", "phase=response", "reason=many came"},
		{"request", "to.0=" + string(centre), "lines.0.line=1", "lines.0.type=bed_place", "lines.0.quantity=1400", "lines.0.unit=places", "answer_by=2015-11-09T09:30:00Z", "deliver_to.place=MK-405", "deliver_to.contact.office=Duty desk"},
	} {
		last = b.gate.says(gate, of[0], of[1:]...).Record
		if b.centre.comes(last); of[0] == "report" {
			report = last
		}
	}
	u := b.centre.account(staff.Coordinator)
	rings := func() []string {
		return regexp.MustCompile(`(?s)<div id="ring".*?</div>`).FindAllString(u.get("/").shown(), 1)
	}
	b.clock.pass(20 * time.Minute)
	b.centre.until(func() bool {
		b.clock.pass(time.Second)
		b.centre.says(centre, "note", "text=something happens, so that duty looks")
		return strings.Count(strings.Join(rings(), ""), "/help/"+last.String()) == 2 // as it came, and that its answer is due
	})
	for language, says := range map[string][]string{
		"en": {"arrivals 11,572 persons", "The night was calm.", "Bogorodica: closed", "request beds: 1,400"},
		"mk": {"пристигнати 11.572 лица", "The night was calm.", "Bogorodica: затворено", "барање легла: 1.400", "Gevgelija: одговор"},
		"el": {"αφίξεις 11.572 άτομα", "The night was calm.", "Bogorodica: κλειστό", "αίτημα κλίνες: 1.400"},
	} {
		u.language = language
		for _, shown := range []string{strings.Join(rings(), ""), u.get("/duty").shown()} {
			for _, want := range says {
				if !strings.Contains(shown, want) {
					t.Errorf("in %s no %q:\n%s", language, want, shown)
				}
			}
			for _, english := range []string{"1400 bed", "arrivals 11572"} {
				if strings.Contains(shown, english) {
					t.Errorf("in %s %q:\n%s", language, english, shown)
				}
			}
		}
	}
	must(b.gate.node.Desk().Erase(t.Context(), desk.EraseRequest{Record: report.String(), Reason: "it named a person"}))(t)
	u.language = "mk"
	b.centre.until(func() bool { return !strings.Contains(u.get("/duty").shown(), "The night was calm.") })
	u.get("/duty").wants(t, []string{"/record/" + report.String() + `">Неговата содржина не е овде: `})
}

// TestNewVersionOfAPlanRingsAsWhatItIs: it waits for a signature, and its record alone says only what it corrects.
func TestNewVersionOfAPlanRingsAsWhatItIs(t *testing.T) {
	b := meet(t)
	first := b.centre.says(centre, "plan", "title=Winter places", "status=proposed", "currency=EUR", "territory=MK-405", "period=2016-01-01/2017-01-01", "cosigners="+string(gate),
		"lines.0.line=1", "lines.0.purpose=200 bed places", "lines.0.beneficiary="+string(gate), "lines.0.year=2016", "lines.0.sector=shelter", "lines.0.amount=120000", "lines.0.source=eu_ipa", "lines.0.status=requested").Record
	b.gate.planned(first, 1)
	b.centre.comes(must(b.gate.node.Desk().Answer(t.Context(), desk.AnswerRequest{As: gate, Record: first.String(), Step: desk.AnswerCosign}))(t).Record)
	must(b.centre.node.Desk().Correct(t.Context(), desk.CorrectRequest{As: centre, Record: first.String(), Reason: "again", Set: []string{"lines.0.amount=110000"}}))(t)
	b.gate.planned(first, 2)
	officer := b.gate.account(staff.Officer)
	b.gate.until(func() bool { return strings.Contains(officer.get("/duty").body, "version 2 waits") })
	for language, says := range map[string]string{
		"en": "version 2 waits for your signature, and version 1 was signed by " + string(gate) + ": Winter places: 110,000 EUR", "mk": "верзијата 2 го чека вашиот потпис (верзијата 1 е потпишана од " + string(gate) + "): Winter places: 110.000 EUR",
	} {
		officer.language = language
		officer.get("/duty").wants(t, []string{says}, "again", "takes the place of")
	}
}
