package desk_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// counted says what of an amount is known.
func counted(n *int64) string {
	if n == nil {
		return "unknown"
	}
	return fmt.Sprint(*n)
}

// TestCapacityIsHeldAgainstWhatThePeopleThereNeed by hand: of 1,290 present each 20 need a latrine, which is
// 64.5 and so 65; two declare 10 and 5 of them, and 50 are missing. The latest word on how many are there
// counts: of the 100 that are in need then 5 latrines are enough, and nothing is missing; so it is of a month or a day
// that is under way. Where nobody has
// counted, or nobody declares a latrine, that is not known, and never 0. Two codes of one ground are one place.
func TestCapacityIsHeldAgainstWhatThePeopleThereNeed(t *testing.T) {
	w := market(t)
	has := func(who protocol.InstitutionID, place, item, total string) {
		t.Helper()
		w.publish(desk.Request{As: who, Kind: "capacity", Set: []string{"place=" + place, "items.0.type=" + item, "items.0.unit=pieces", "items.0.total=" + total}})
	}
	counts := func(place string, present int) desk.Published {
		t.Helper()
		end := w.clock.Now().Truncate(24 * time.Hour)
		return w.publish(desk.Request{As: gate, Kind: "report", Set: []string{
			"place=" + place, "period.start=" + end.Add(-24*time.Hour).Format(time.RFC3339), "period.end=" + end.Format(time.RFC3339), fmt.Sprintf("figures.present=%d", present),
		}})
	}
	says := func(ref string) (out []string) {
		t.Helper()
		shown := must(w.desk.Show(t.Context(), ref))(t)
		var rows []desk.StandardGap
		if shown.Place != nil {
			rows = must(w.desk.Place(t.Context(), ref, 0))(t).Standards
		} else {
			rows = shown.Institution.Standards
		}
		for _, g := range rows {
			people := "nobody counted"
			if p := g.People; p != nil {
				people = fmt.Sprintf("%d %s by %s, graded %t", p.Persons, p.Of, p.Record, p.Quality != nil)
			}
			out = append(out, fmt.Sprintf("%s: %s of %d declared, %s required, %s missing by %s; %s", g.Item, counted(g.Declared), g.Declarations, counted(g.Required), counted(g.Gap), g.StandardRef, people))
		}
		return out
	}
	water := func(people string) string {
		required, counts := "unknown", strings.Fields(people)
		if n, err := strconv.Atoi(counts[0]); err == nil {
			required = strconv.Itoa(15 * n)
		}
		return "water_litre: unknown of 0 declared, " + required + " required, unknown missing by Sphere Handbook 2018, Water supply standard 2.1, for a day; " + people
	}
	want := func(ref string, rows ...string) {
		t.Helper()
		for i, row := range rows {
			_, people, _ := strings.Cut(row, "; ")
			rows[i] = row + "\n" + water(people)
		}
		if diff := cmp.Diff(strings.Join(rows, "\n"), strings.Join(says(ref), "\n")); diff != "" {
			t.Errorf("%s:\n%s", ref, diff)
		}
	}
	const by = " by Sphere Handbook 2018, page 118; "
	want("MK-405")
	has(gate, "MK-405", "latrine", "10")
	has(river, "MK-405", "latrine", "5")
	want("MK-405", "latrine: 15 of 2 declared, unknown required, unknown missing"+by+"nobody counted")
	present := counts("MK-405", 1290)
	all := "latrine: 15 of 2 declared, 65 required, 50 missing" + by + "1290 present by " + present.Record.String() + ", graded true"
	want("MK-405", all)
	want(string(gate), all)
	pool := rowsOf[desk.PoolRow](w, desk.Query{What: desk.ListPool, Place: "MK-405"})
	pool = append(pool, must(w.desk.Register(t.Context(), 0, "", "", 0))(t).Rows...)
	for i := range pool {
		if r := &pool[i]; counted(r.Required) != "65" || counted(r.Gap) != "50" {
			t.Errorf("the pool has %s of %s, %s required there, %s missing", counted(r.Total), r.Institution, counted(r.Required), counted(r.Gap))
		}
	}
	if len(pool) != 4 {
		t.Errorf("the pool and the register have %d rows, want 2 each", len(pool))
	}
	w.clock.pass(time.Hour)
	needs := w.publish(desk.Request{As: gate, Kind: "needs", Set: []string{
		"place=MK-405", "population.in_need=100", "items.0.sector=nfi", "items.0.item=blanket", "items.0.unit=piece", "items.0.required=300", "items.0.basis=count", "items.0.priority=1",
	}})
	want("MK-405", "latrine: 15 of 2 declared, 5 required, 0 missing"+by+"100 in_need by "+needs.Record.String()+", graded true")
	w.clock.pass(time.Hour)
	now := w.clock.Now()
	month := []string{"period.start=" + now.Add(-time.Hour).Format(time.RFC3339), "period.end=" + now.Add(30*24*time.Hour).Format(time.RFC3339)}
	needs = w.publish(desk.Request{As: gate, Kind: "needs", Set: append([]string{
		"place=MK-405", "population.in_need=200", "items.0.sector=nfi", "items.0.item=blanket", "items.0.unit=piece", "items.0.required=300", "items.0.basis=count", "items.0.priority=1",
	}, month...)})
	want("MK-405", "latrine: 15 of 2 declared, 10 required, 0 missing"+by+"200 in_need by "+needs.Record.String()+", graded true")
	w.clock.pass(time.Hour)
	today := w.publish(desk.Request{As: gate, Kind: "report", Set: append([]string{"place=MK-405", "figures.present=640"}, month...)})
	want("MK-405", "latrine: 15 of 2 declared, 32 required, 17 missing"+by+"640 present by "+today.Record.String()+", graded true")
	island := counts("nuts:EL41", 40)
	has(centre, "iso3166-2:GR-K", "tent", "7")
	want("iso3166-2:GR-K", "latrine: unknown of 0 declared, 2 required, unknown missing"+by+"40 present by "+island.Record.String()+", graded true")
}

// TestPeopleAndBedsOfOneCrossingMeetByTheCodesOfBothSides: once the profiles of both name the other's code, what one side has at a
// crossing stands against the people whom the other counted there.
func TestPeopleAndBedsOfOneCrossingMeetByTheCodesOfBothSides(t *testing.T) {
	w := border(t)
	w.publish(desk.Request{As: gate, Kind: "capacity", Set: []string{"place=x:gr-mk:bogorodica-evzoni", "items.0.type=latrine", "items.0.unit=pieces", "items.0.total=10"}})
	end := w.clock.Now().Truncate(24 * time.Hour)
	w.publish(desk.Request{As: north, Kind: "report", Set: []string{
		"place=x:gr-mk:evzoni", "period.start=" + end.Add(-24*time.Hour).Format(time.RFC3339), "period.end=" + end.Format(time.RFC3339), "figures.present=1290",
	}})
	missing := func() (out []string) {
		for _, r := range rowsOf[desk.PoolRow](w, desk.Query{What: desk.ListPool, Place: "x:gr-mk:bogorodica-evzoni"}) {
			out = append(out, counted(r.Gap))
		}
		return out
	}
	if diff := cmp.Diff([]string{"unknown"}, missing()); diff != "" {
		t.Errorf("before the profiles say so (-want +got):\n%s", diff)
	}
	for own, other := range map[string]string{"gr-mk:bogorodica-evzoni": "gr-mk:evzoni", "gr-mk:evzoni": "gr-mk:bogorodica-evzoni"} {
		who := map[string]protocol.InstitutionID{"gr-mk:bogorodica-evzoni": gate, "gr-mk:evzoni": north}[own]
		w.say(who, &body.Profile{Names: body.Names{"en": body.Label(who)}, Level: body.Municipality, Sites: []body.Site{
			{Code: shared(own), Type: "border_crossing", Name: "Bogorodica – Evzoni", Twin: shared(other)},
		}})
	}
	if diff := cmp.Diff([]string{"55"}, missing()); diff != "" {
		t.Errorf("once they do (-want +got):\n%s", diff)
	}
}
