package web_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// TestContradictionIsToldToBothInstitutions: each reads on its own Now what it said itself, what
// the other said and what to do, whoever sits there; a third reads nothing of it, and it is
// gone on both once one has put its figure right.
func TestContradictionIsToldToBothInstitutions(t *testing.T) {
	b := meet(t)
	counts := func(s *site, as protocol.InstitutionID, arrivals string) desk.Published {
		return s.says(as, "report", "place=MK-405", "period=2015-11-08", "figures.arrivals="+arrivals)
	}
	side := func(s *site, as protocol.InstitutionID, passing string) desk.Published {
		return s.says(as, "route", "asset.type=border_crossing", "asset.name=Bogorodica", "asset.code=x:gr-mk:bogorodica-evzoni", "state=open",
			"throughput.count="+passing, "throughput.per_hours=6", "place=MK-405", "observed_at=2015-11-09T08:00:00Z", "valid_until=2015-11-10T08:00:00Z")
	}
	counts(b.centre, centre, "11572")
	side(b.centre, centre, "400")
	wrong := counts(b.gate, gate, "960")
	passing := side(b.gate, gate, "900")
	b.centre.comes(wrong.Record)
	b.centre.comes(passing.Record)
	b.gate.until(func() bool {
		o, err := b.gate.node.Desk().Contradictions(t.Context(), 0)
		return err == nil && len(o.Figures) == 1 && len(o.Routes) == 1
	})
	coordinator, officer := b.centre.account(staff.Coordinator), b.gate.account(staff.Officer)
	const do = "If ours is wrong, we correct it or take it back; if theirs is, they do."
	coordinator.get("/").wants(t, []string{
		"Gevgelija, arrivals</b>: we say 11,572, " + string(gate) + " says 960.", "Bogorodica", "we say 400 persons in 6 h, " + string(gate) + " says 900 persons in 6 h.", do,
		`href="/endorse/` + wrong.Record.String() + `"`, "<b>2</b> waiting for us", "both be so",
	})
	officer.get("/").wants(t, []string{
		"Gevgelija, arrivals</b>: we say 960, " + string(centre) + " says 11,572.", "we say 900 persons in 6 h, " + string(centre) + " says 400 persons in 6 h.", do,
		`href="/correct/` + wrong.Record.String() + `"`, `href="/retract/` + wrong.Record.String() + `"`,
	})
	third := b.gate.named("test.river", staff.Officer, river)
	third.get("/").wants(t, nil, "both be so")
	for record, set := range map[protocol.Name]string{wrong.Record: "figures.arrivals=11570", passing.Record: "throughput.count=405"} {
		mended, err := b.gate.node.Desk().Correct(t.Context(), desk.CorrectRequest{As: gate, Record: record.String(), Reason: "counted anew", Set: []string{set}})
		ok(t, err)
		b.centre.comes(mended.Record)
	}
	b.centre.until(func() bool { return !strings.Contains(coordinator.get("/").body, "both be so") })
	officer.get("/").wants(t, nil, "both be so")
	coordinator.get("/").wants(t, []string{"<b>0</b> contradictions", "<b>0</b> waiting for us"})
}

// TestContradictionAndPlanRingOnTheNodesThatTheyConcern: on both nodes the contradiction, on that of
// the town alone the plan that it is to sign; the open pages lead to where both are dealt with.
func TestContradictionAndPlanRingOnTheNodesThatTheyConcern(t *testing.T) {
	b := meet(t)
	people := map[*site]*browser{b.centre: b.centre.account(staff.Coordinator), b.gate: b.gate.account(staff.Coordinator)}
	b.centre.warns("Duty looks") // what a first look finds proposed rings for nobody
	for s, u := range people {
		s.until(func() bool { return strings.Contains(u.get("/duty").body, "Duty looks") })
	}
	b.centre.says(centre, "report", "place=MK-405", "period=2015-11-08", "figures.arrivals=11572")
	wrong := b.gate.says(gate, "report", "place=MK-405", "period=2015-11-08", "figures.arrivals=960")
	plan := b.centre.says(centre, "plan", "title=Winter places", "status=proposed", "currency=EUR", "territory=MK-405", "period=2016-01-01T00:00:00Z/2017-01-01T00:00:00Z", "cosigners="+string(gate),
		"lines.0.purpose=200 bed places", "lines.0.beneficiary="+string(gate), "lines.0.year=2016", "lines.0.sector=shelter", "lines.0.amount=120000", "lines.0.source=eu_amif", "lines.0.status=planned")
	side := func(s *site, as protocol.InstitutionID, state string) desk.Published {
		return s.says(as, "route", "asset.type=border_crossing", "asset.name=Bogorodica", "asset.code=x:gr-mk:bogorodica-evzoni", "state="+state,
			"place=MK-405", "observed_at=2015-11-09T08:00:00Z", "valid_until=2015-11-10T08:00:00Z")
	}
	side(b.centre, centre, "closed")
	b.centre.comes(side(b.gate, gate, "open").Record)
	b.centre.comes(wrong.Record)
	b.gate.comes(plan.Record)
	rings := func(s *site) string { // what is told behind the next thing that happens
		b.clock.pass(3 * time.Minute)
		s.says(s.node.Institutions()[0], "note", "text=something happens, so that duty looks")
		return people[s].get("/duty").body
	}
	const contradiction, signature = `<a href="/situation/contradictions">`, `<a href="/funds/plan/`
	for s, signs := range map[*site]bool{b.centre: false, b.gate: true} {
		s.until(func() bool {
			body := rings(s)
			return strings.Contains(body, contradiction) && (!signs || strings.Contains(body, signature+plan.Record.String()))
		})
	}
	if body := rings(b.centre); strings.Contains(body, signature) {
		t.Errorf("the plan rings for who wrote it:\n%s", body)
	}
	for language, says := range map[string]string{
		"en": "Bogorodica: %s says it is closed, %s says it is open", "mk": "Bogorodica: %s вели дека е затворено, %s вели дека е отворено",
		"sq": "Bogorodica: %s thotë se është mbyllur, %s thotë se është hapur", "sr-Latn": "Bogorodica: %s kaže da je zatvoreno, %s kaže da je otvoreno",
		"el": "Bogorodica: %s λέει ότι είναι κλειστό, %s λέει ότι είναι ανοικτό",
	} {
		u := people[b.centre]
		u.language = language
		u.get("/duty").wants(t, []string{fmt.Sprintf(says, centre, gate)}, "says closed")
	}
}

// TestContradictionIsSaidAsTheLanguageCounts: the part of the figure in words, its day as the language writes days, and one
// of what is counted in the singular.
func TestContradictionIsSaidAsTheLanguageCounts(t *testing.T) {
	b := meet(t)
	women := func(as protocol.InstitutionID, arrivals string) {
		b.gate.says(as, "report", "place=MK-405", "period=2015-11-08", "figures.0.indicator=arrivals", "figures.0.value="+arrivals, "figures.0.by.sex=f", "figures.0.by.age=children", "figures.0.by.group=refugees")
	}
	women(gate, "960")
	women(river, "1")
	u := b.gate.account(staff.Coordinator)
	for language, says := range map[string][3]string{
		"en": {"arrivals (women and girls, children, refugees)", "2015-11-08", "<b>1</b> contradiction<"}, "mk": {"пристигнати (жени и девојчиња, деца, бегалци)", "8.11.2015", "<b>1</b> противречност<"},
		"sr-Cyrl": {"(жене и девојчице, деца, избеглице)", "8. 11. 2015.", "<b>1</b> противречност<"}, "el": {"αφίξεις (", "8/11/2015", "<b>1</b> αντίφαση<"},
	} {
		u.language = language
		u.get("/situation/contradictions").wants(t, says[:2], "(f children refugees)")
		u.get("/").wants(t, says[:], "(f children refugees)")
	}
	u.language = "sr-Latn"
	u.get("/").wants(t, []string{"<b>1</b> protivrečnost<", "<b>1</b> čeka nas<"})
}

// TestContradictionEndsWhenAThirdVerifies: on the Now of both.
func TestContradictionEndsWhenAThirdVerifies(t *testing.T) {
	b := meet(t)
	one := b.gate.says(gate, "report", "place=MK-405", "period=2015-11-08", "figures.arrivals=960")
	b.gate.says(river, "report", "place=MK-405", "period=2015-11-08", "figures.arrivals=400")
	first, second := b.gate.named("test.gate", staff.Officer, gate), b.gate.named("test.river", staff.Officer, river)
	first.get("/").wants(t, []string{"we say 960, " + string(river) + " says 400."})
	second.get("/").wants(t, []string{"we say 400, " + string(gate) + " says 960."})
	b.centre.comes(one.Record)
	_, err := b.centre.node.Desk().Answer(t.Context(), desk.AnswerRequest{As: centre, Record: one.Record.String(), Step: "verify", Set: []string{"basis=registered", "field=arrivals", "value=960"}})
	ok(t, err)
	b.gate.until(func() bool { return !strings.Contains(first.get("/").body, "both be so") })
	second.get("/").wants(t, nil, "both be so")
}
