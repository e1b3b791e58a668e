package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// follows fills in what somebody follows from now on.
func follows(name, kind, place string) url.Values {
	return url.Values{"do": {"add"}, "name": {name}, "kinds": {kind}, "place": {place}, "severity": {""}, "quality": {""}}
}

// TestSubscriptionCountsWhatFitsSinceItWasLookedAt: a town's record that fits is new to the one person at the
// centre who follows it, on Now and in the list, until they say that they have seen it.
func TestSubscriptionCountsWhatFitsSinceItWasLookedAt(t *testing.T) {
	b := meet(t)
	b.gate.says(gate, "report", "place=MK-405", "period=2015-11-07", "figures.arrivals=7")
	s, path := b.centre, "/subscriptions"
	here, other, officer := s.account(staff.Coordinator), s.named("test.other", staff.Coordinator), s.account(staff.Officer)
	here.get(path).wants(t, []string{"You follow nothing yet", `<option value="topic:situation">`, `<option value="report">`}, "topic:trust", `value="witness"`)
	for _, never := range []string{"topic:trust", "witness"} {
		if p := here.post(path, follows("Never", never, "")); p.status != http.StatusBadRequest || !strings.Contains(p.body, "can&#39;t be followed") {
			t.Errorf("%s, which never comes: %d", never, p.status)
		}
	}
	bad := here.post(path, follows("Figures", "report", "MK, XX-9"))
	for _, want := range []string{"no place is called", `value="MK, XX-9"`, `value="Figures"`, `href="#place"`} {
		if bad.status != http.StatusBadRequest || !strings.Contains(bad.body, want) {
			t.Errorf("a place that there is not: %d, without %q", bad.status, want)
		}
	}
	here.post(path, follows("Figures of Gevgelija", "report", "MK-405")).wants(t, []string{"Figures of Gevgelija", "situation report at MK-405", "Nothing new"}, "You follow nothing yet")
	here.post(path, follows("All help", "topic:resource", "")).wants(t, []string{"All help", "all of help"})
	officer.post(path, follows("Figures", "report", ""))
	b.clock.pass(time.Minute)

	fits := b.gate.says(gate, "report", "place=MK-405", "period=2015-11-08", "figures.arrivals=8", "method=registered").Record
	b.gate.says(gate, "report", "place=MK-102", "period=2015-11-08", "figures.arrivals=9")
	b.gate.says(river, "note", "to="+string(centre), "text=All quiet")
	last := b.gate.says(gate, "report", "place=MK-405", "period=2015-11-09", "figures.arrivals=10").Record
	s.until(func() bool { return strings.Contains(here.get("/situation").body, last.String()) })
	one := path + "/1"
	here.get("/").wants(t, []string{`id="followed"`, `2 new records</span> <a href="/subscriptions/1">Figures of Gevgelija`}, "All help")
	officer.get("/").wants(t, []string{`3 new records</span> <a href="/subscriptions/1">Figures`})
	other.get("/").wants(t, nil, `id="followed"`)
	if p := other.get(one); p.status != http.StatusNotFound {
		t.Errorf("another's subscription: %d", p.status)
	}
	here.get(path).wants(t, []string{"2 new records", "Nothing new"})
	p := here.get(one)
	p.wants(t, []string{"2 new records", fits.String(), last.String(), "arrivals 7", "of 100"}, "All quiet", "MK-102", "at least")
	if fresh, newest := strings.Count(p.body, ">new</span>"), strings.Index(p.body, last.String()) < strings.Index(p.body, fits.String()); fresh != 2 || !newest {
		t.Errorf("%d are new, the newest first: %v", fresh, newest)
	}
	p = here.get(one)
	p.wants(t, []string{"2 new records"}) // reading it is not saying so
	_, rest, _ := strings.Cut(p.body, `name="at" value="`)
	at, _, _ := strings.Cut(rest, `"`)
	here.post(one, url.Values{"at": {at}}).wants(t, nil)
	here.get(one).wants(t, []string{"Nothing new", fits.String()}, ">new</span>")
	here.get("/").wants(t, nil, `id="followed"`)
	officer.get(path).wants(t, []string{"3 new records"})
	if p := here.post(one, url.Values{"at": {"2036-01-01T00:00:00Z"}}); p.status != http.StatusBadRequest {
		t.Errorf("looked at what is to come: %d", p.status)
	}

	here.post(path, url.Values{"do": {"remove"}, "number": {"1"}}).wants(t, nil)
	here.get(path).wants(t, []string{"All help"}, "Figures of Gevgelija")
	if p := here.get(one); p.status != http.StatusNotFound {
		t.Errorf("one that is gone: %d", p.status)
	}
	if p := s.account(staff.Auditor).get(path); p.status != http.StatusForbidden {
		t.Errorf("an auditor: %d", p.status)
	}
}

// TestSubscriptionTellsNothingAboveItsReadersMark: a record above it fits by its kind and not by what
// its body says, and of its body nothing is shown.
func TestSubscriptionTellsNothingAboveItsReadersMark(t *testing.T) {
	hours := &clock{now: hour()}
	s := open(t, func(o *node.Options) { o.Clock = hours.Now })
	d, green := s.node.Desk(), desk.Account{Name: "keeper", Role: staff.Admin}
	for i, places := range [][]string{nil, {"MK-405"}} {
		must(d.Follow(t.Context(), green, desk.FollowRequest{Name: fmt.Sprint(i), ChoiceRequest: desk.ChoiceRequest{Kinds: []string{"report"}, Places: places}}))(t)
	}
	hours.pass(time.Minute)
	for _, mark := range []protocol.Handling{protocol.Green, protocol.Amber} {
		must(d.Publish(t.Context(), desk.Request{Kind: "report", Handling: mark, Set: []string{"place=MK-405", "period=2015-11-08", "figures.arrivals=31337", "method=registered"}}))(t)
	}
	all, placed := must(d.FollowedRecords(t.Context(), green, 1))(t), must(d.FollowedRecords(t.Context(), green, 2))(t)
	if all.New != 2 || placed.New != 1 || len(placed.Records) != 1 || placed.Records[0].Hidden {
		t.Fatalf("all: %+v; of the place: %+v", all, placed)
	}
	if r := all.Records[0]; !r.Hidden || r.Says != "" || r.Body != nil || r.Quality != nil || r.Place.Code != "" {
		t.Errorf("of the one that is marked amber it says %+v", r)
	}
}

// TestSubscriptionsAreAsManyAsAScreen: the next is refused with the way to mend it, as is one of a name that
// is taken; what is typed stays.
func TestSubscriptionsAreAsManyAsAScreen(t *testing.T) {
	s := open(t)
	officer, path := s.account(staff.Officer), "/subscriptions"
	for i := range desk.MaxSubscriptions {
		if i == 1 {
			p := officer.post(path, follows("Follow 0", "alert", ""))
			if p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, "there is one of that name already") {
				t.Errorf("a name that is taken: %d", p.status)
			}
		}
		officer.post(path, follows(fmt.Sprintf("Follow %d", i), "alert", "")).wants(t, nil)
	}
	p := officer.post(path, follows("One more", "alert", ""))
	for _, want := range []string{"there are 20 subscriptions already", "take one away that nobody reads", `value="One more"`} {
		if p.status != http.StatusUnprocessableEntity || !strings.Contains(p.body, want) {
			t.Errorf("one too many: %d, without %q", p.status, want)
		}
	}
	officer.post(path, url.Values{"do": {"remove"}, "number": {"3"}}).wants(t, nil)
	officer.post(path, follows("One more", "alert", "")).wants(t, nil)
	officer.get(path).wants(t, []string{"One more", `href="/subscriptions/21"`}, "Follow 2<")
}

// TestSubscriptionFollowsTheWorldItsReaderIsIn: what is played counts inside its exercise alone, and what is real
// outside alone; looking inside takes nothing from what is new outside.
func TestSubscriptionFollowsTheWorldItsReaderIsIn(t *testing.T) {
	hours := &clock{now: hour()}
	s := open(t, func(o *node.Options) { o.Clock = hours.Now })
	flood, fire := s.begins("Flood 1"), s.begins("Fire 2")
	u, path := s.account(staff.Coordinator), "/subscriptions/1"
	u.post("/subscriptions", follows("Figures", "report", "")).wants(t, nil)
	hours.pass(time.Minute)
	said := func(within string, exercise bool, day int) string {
		t.Helper()
		return must(s.node.Desk().Publish(t.Context(), desk.Request{Kind: "report", Within: within, Exercise: exercise, Set: []string{
			"place=MK-405", fmt.Sprintf("period=2015-11-%02d", day), fmt.Sprintf("figures.arrivals=%d", day),
		}}))(t).Record.String()
	}
	outside, inFlood, alsoInFlood, inFire, nameless := said("", false, 1), said(flood.String(), true, 2), said(flood.String(), true, 3), said(fire.String(), true, 4), said("", true, 5)
	hours.pass(time.Minute)
	reads := func(n string, has, not []string) {
		t.Helper()
		for _, at := range []string{"/", "/subscriptions", path} {
			u.get(at).wants(t, []string{n})
		}
		p := u.get(path)
		p.wants(t, has, append(not, nameless)...)
		if fresh := strings.Count(p.body, ">new</span>"); fresh != len(has) {
			t.Errorf("%d are marked as new, want %d", fresh, len(has))
		}
	}
	reads("1 new record<", []string{outside}, []string{inFlood, alsoInFlood, inFire})
	u.post("/exercise/enter", url.Values{"record": {flood.String()}})
	reads("2 new records<", []string{inFlood, alsoInFlood}, []string{outside, inFire})
	u.get(path).wants(t, nil, `name="at" value="`)
	if p := u.post(path, url.Values{"at": {hours.Now().Format(time.RFC3339)}, "world": {flood.String()}}); p.status != http.StatusUnprocessableEntity {
		t.Errorf("seen within an exercise: %d", p.status)
	}
	u.post("/exercise/leave", nil)
	reads("1 new record<", []string{outside}, []string{inFlood, alsoInFlood, inFire})
}
