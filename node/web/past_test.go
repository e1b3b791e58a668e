package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// ofNow says of each page that tells nothing of an earlier instant why: what it shows is no record.
func ofNow() map[string]string {
	return map[string]string{
		"GET /account":                "passwords and log-ins are those of now",
		"GET /subscriptions":          "what somebody follows, and how much of it is new to them",
		"GET /subscriptions/{number}": "the same",
		"GET /drafts":                 "what is typed and not sent yet",
		"GET /report/blank":           "an empty sheet, with the numbers that are called now",
		"GET /approvals":              "what waits for a second person is no record yet",
		"GET /approvals/{number}":     "the same",
		"GET /help/stock":             "the book of an institution's own sites, of which it declares what it wants",
		"GET /duty":                   "who is woken now, and by what",
		"GET /duty/rules":             "how the node is set up",
		"GET /network/links":          "how the lines are, and what was agreed with the other end",
		"GET /network/links/{peer}":   "the same",
		"GET /network/carry":          "what waits now to be carried",
		"GET /network/dropped":        "a dropped record leaves nothing behind but its count",
		"GET /staff":                  "accounts, log-ins and tokens",
		"GET /node":                   "health, backups and configuration of the machine",
	}
}

// notAsked says of each page that is not asked about an instant in the walk why.
func notAsked() map[string]string {
	return map[string]string{
		"GET /live":                                           "it has an open page ask again",
		"GET /ring":                                           "a part of an open page, and those are of now",
		"GET /evidence/{institution}/{position}":              "what proves a record does not change with the hour",
		"GET /evidence/pack":                                  "the same",
		"GET /report/template.xlsx":                           "an empty sheet",
		"GET /report/template.csv":                            "the same",
		"GET /regional/{institution}/{position}":              "a ministry draws up no regional report: see TestRegionalReportIsDrawnUpOnAPageAndReadOnAnotherNode",
		"GET /policy/project/{institution}/{position}":        "nobody abroad is a member here",
		"GET /library/{institution}/{position}/file/{number}": "nothing is attached here",
	}
}

// early has the centre write one record of each kind that has a page of its own, and gives by the
// beginning of a page's address which it shows.
func (b *border) early() map[string]protocol.Name {
	asked := b.gate.says(gate, "request", "answer_by=2036-11-09T20:00:00Z", "deliver_to.place=MK-405", "lines.0.line=1", "lines.0.type=blanket", "lines.0.quantity=40", "lines.0.unit=pieces").Record
	b.centre.comes(asked)
	var commit desk.Published
	b.centre.until(func() bool { // the picture is told after the archive
		var err error
		commit, err = b.centre.node.Desk().Answer(b.t.Context(), desk.AnswerRequest{Record: asked.String(), Step: "commit"})
		return err == nil
	})
	of := func(kind string, set ...string) protocol.Name { return b.centre.says(centre, kind, set...).Record }
	return map[string]protocol.Name{
		"/incident/":            of("alert", "place=MK-405", "info.0.category=Safety", "info.0.event=Crowd", "info.0.urgency=Expected", "info.0.severity=Severe", "info.0.certainty=Likely", "info.0.headline=Many may come", "info.0.area.0.areaDesc=South"),
		"/help/{":               of("request", "answer_by=2036-11-09T20:00:00Z", "deliver_to.place=MK-405", "lines.0.line=1", "lines.0.type=blanket", "lines.0.quantity=40", "lines.0.unit=pieces"),
		"/delivery/":            commit.Record,
		"/funds/plan/{":         of("plan", "title=Winter", "currency=EUR", "territory=MK-405", "period=2016-01-01", "lines.0.line=1", "lines.0.purpose=Places", "lines.0.beneficiary="+string(gate), "lines.0.year=2016", "lines.0.sector=shelter", "lines.0.amount=5", "lines.0.source=eu_ipa", "lines.0.status=planned"),
		"/funds/flow/":          of("pledge", "recipient="+string(gate), "amount=500", "currency=EUR", "earmarking=soft"),
		"/policy/consultation/": of("consultation", "to="+string(gate), "question=By residents or by arrivals?", "closes_at=2036-11-10T00:00:00Z"),
		"/policy/strategy/":     of("strategy", "title=Reception", "period=2015-11-02/2036-11-02", "status=adopted", "objectives.0.text=Nobody sleeps outside."),
		"/library/{":            of("practice", "title=One number", "problem=People stood in the rain.", "solution=Each gets a number."),
		"/record/":              of("report", "place=MK-405", "period=2015-11-08", "figures.arrivals=960", "summary=quiet"),
	}
}

// shownAt gives the address of a page that shows one of early, or what waits for a second person.
func shownAt(route string, early map[string]protocol.Name, waits string) string {
	path, record := strings.TrimPrefix(route, "GET "), early["/record/"]
	for prefix, n := range early {
		if strings.HasPrefix(path, prefix) {
			record = n
		}
	}
	path = strings.NewReplacer("{what}", "figures", "{format}", "csv", "{institution}/{position}", record.String(), "/subscriptions/{number}", "/subscriptions/1", "{number}", waits, "{peer}", string(gate)).Replace(path)
	return example(path, "")
}

// TestEveryPageIsOfAnEarlierInstantOrSaysThatItIsNot walks the table: each page either tells what
// was known then, and nothing of what came later, or that it is of now, for a reason that is named
// above, or that a form is filled in now. The records are of the kinds that the pages show.
func TestEveryPageIsOfAnEarlierInstantOrSaysThatItIsNot(t *testing.T) {
	b := meet(t, func(_ protocol.InstitutionID, o *node.Options) { o.Second = []string{"needs"} })
	early := b.early()
	b.centre.begins("Flood 1")
	then := "at=" + url.QueryEscape(protocol.InstantOf(b.clock.Now()).String())
	b.clock.pass(24 * time.Hour)
	const later = "Lateword"
	b.centre.warns(later)
	b.centre.says(centre, "report", "place=MK-405", "period=2015-11-09", "figures.arrivals=11572", "summary="+later)
	b.centre.says(centre, "phase", "place=MK-405", "phase=response", "report_every_h=12", "reason="+later)
	b.centre.says(centre, "route", "asset.type=border_crossing", "asset.name="+later, "state=closed", "place=MK-405", "valid_until=2015-11-11T00:00:00Z", "observed_at=2015-11-10T08:00:00Z")
	b.centre.says(centre, "practice", "title="+later, "problem="+later, "solution="+later)
	b.centre.says(centre, "strategy", "title="+later, "period=2015-11-02/2036-11-02", "status=adopted", "objectives.0.text="+later)
	b.centre.says(centre, "consultation", "to="+string(gate), "question="+later, "closes_at=2036-11-10T00:00:00Z")
	b.centre.says(centre, "plan", "title="+later, "currency=EUR", "territory=MK-405", "period=2016-01-01", "lines.0.purpose="+later, "lines.0.beneficiary="+string(gate), "lines.0.year=2016",
		"lines.0.sector=shelter", "lines.0.amount=5", "lines.0.source=eu_ipa", "lines.0.status=planned")
	b.centre.says(centre, "profile", "names.en="+later, "level=ministry", "duty_contact.office="+later, "duty_contact.phone=+389 2 11572")
	must(b.centre.node.Desk().Publish(t.Context(), desk.Request{Kind: "phase", Exercise: true, Set: []string{"exercise=" + later, "place=MK-405", "phase=response", "reason=" + later, "valid_until=2015-11-12T12:00:00Z"}}))(t)
	for prefix, field := range map[string]string{"/help/{": "lines.0.description", "/funds/plan/{": "title", "/policy/strategy/": "title", "/library/{": "title", "/record/": "summary"} {
		must(b.centre.node.Desk().Correct(t.Context(), desk.CorrectRequest{Record: early[prefix].String(), Set: []string{field + "=" + later}, Reason: later}))(t)
	}
	who := map[staff.Role]*browser{}
	for _, r := range staff.Roles() {
		who[r] = b.centre.account(r)
	}
	who[staff.Officer].post("/subscriptions", follows("Figures", "report", ""))
	waits := must(b.centre.node.Desk().Publish(t.Context(), desk.Request{Kind: "needs", Set: []string{"place=MK-405", "items.0.sector=nfi", "items.0.item=blanket", "items.0.unit=piece", "items.0.required=300", "items.0.basis=count", "items.0.priority=1", "method=registered"}}))(t).Waits
	now, aside, of := ofNow(), notAsked(), map[string]int{}
	for _, row := range staff.Pages() {
		if !strings.HasPrefix(row.Route, "GET ") || len(row.Roles) == 0 {
			continue
		}
		if aside[row.Route] != "" {
			delete(aside, row.Route)
			continue
		}
		path := shownAt(row.Route, early, waits)
		p := who[row.Roles[0]].get(path + map[bool]string{false: "?", true: "&"}[strings.Contains(path, "?")] + then)
		says, reason := strings.Contains(p.body, "This page is of now"), now[row.Route]
		delete(now, row.Route)
		switch {
		case p.status == http.StatusBadRequest && strings.Contains(p.body, "a form is filled in now"):
			of["form"]++
		case p.status != http.StatusOK:
			t.Errorf("%s: %d %s", path, p.status, p.body)
		case says != (reason != ""):
			t.Errorf("%s says that it is of now: %v, and that is because: %q", path, says, reason)
		case says:
			of["now"]++
		case strings.HasPrefix(p.header.Get("Content-Type"), "text/html") && !strings.Contains(p.shown(), "As this node knew it at 2015-11-09 09:00"):
			t.Errorf("%s says neither that it is of then nor that it is of now:\n%s", path, p.body)
		case strings.Contains(p.body, later), strings.Contains(p.body, "11,572"), strings.Contains(p.body, "11572"):
			t.Errorf("%s tells of an earlier instant what came later:\n%s", path, p.body)
		default:
			of["then"]++
		}
	}
	for route, reason := range now {
		t.Errorf("%s is no page, and is of now: %s", route, reason)
	}
	for route, reason := range aside {
		t.Errorf("%s is no page, and is not asked: %s", route, reason)
	}
	who[staff.Admin].get("/?"+then).wants(t, []string{"This page is of now"})
	if of["then"] < 40 || of["form"] < 10 {
		t.Errorf("the pages: %v", of)
	}
}

// TestNetworkIsAsThisNodeKnewItThen: the directory, what was searched in it, and an institution's page
// tell who was who by the records of then, and of lines and beacons nothing; every link leads to the
// same instant, and nothing is changed from there.
func TestNetworkIsAsThisNodeKnewItThen(t *testing.T) {
	b := meet(t)
	desks := b.centre.node.Desk()
	old := b.centre.says(centre, "profile", "names.en=Old crisis centre", "level=ministry", "duty_contact.office=Duty desk", "duty_contact.phone=+389 2 111")
	b.gate.comes(old.Record) // while it is still then
	then := "?at=" + url.QueryEscape(protocol.InstantOf(b.clock.Now()).String())
	b.clock.pass(24 * time.Hour)
	const later protocol.InstitutionID = "mk.east.demo-later-town"
	b.centre.says(centre, "profile", "names.en=New crisis centre", "level=ministry", "duty_contact.office=Duty desk", "duty_contact.phone=+389 2 222")
	must(desks.Invite(t.Context(), desk.InviteRequest{Institution: later, Level: body.Municipality, Addresses: []string{"127.0.0.1:4222"}}))(t)
	must(desks.Close(t.Context(), desk.CloseRequest{Institution: river, Reason: "merged"}))(t)
	for _, role := range []staff.Role{staff.Officer, staff.Admin} {
		u := b.centre.account(role)
		u.get("/network").wants(t, []string{"New crisis centre", "389 2 222", string(later), "Last heard"}, "389 2 111")
		u.get("/network"+then).wants(t, []string{
			"Old crisis centre", "389 2 111", "As this node knew it at 2015-11-09 09:00", "who was heard when, is not kept",
			`href="/network/member/` + string(river) + then, `<input type="hidden" name="at" value="2015-11-09T09:00:00.000Z"> <button class="plain">Search</button></form>` + "\n<div",
		}, "New crisis centre", "389 2 222", string(later), "Last heard", ">never<", "/network/invite", "This page is of now")
		u.get("/network"+then+"&q=new").wants(t, []string{"has all of these words"}, "New crisis centre")
		u.get("/search"+then+"&q=later").wants(t, nil, string(later))
		u.get("/network/member/"+string(river)).wants(t, []string{"put out by " + string(centre) + "/trust.1.", "Our line to it"})
		u.get("/network/member/"+string(river)+then).wants(t, []string{"who was heard when, is not kept", ">member<", "situation report"}, "put out by", "Our line to it", "Last heard", "merged")
		if p := u.get("/network/member/" + string(later) + then); p.status != http.StatusNotFound || !strings.Contains(p.body, string(later)+" was no member yet") {
			t.Errorf("who came later: %d %s", p.status, p.body)
		}
	}
	officer := b.gate.account(staff.Officer)
	b.gate.until(func() bool { return strings.Contains(officer.get("/").body, "389 2 222") })
	officer.get("/"+then).wants(t, []string{"389 2 111"}, "389 2 222")
	officer.language = "mk"
	officer.get("/network"+then).wants(t, []string{"Не се чува какви биле линиите тогаш"}, "Последен пат се јавил")
}

// TestExerciseIsAsItStoodThen: at an instant an exercise ran that is over now, with what had been said
// in it by then, and one that was begun later is not there; nothing is entered, ended or begun from there.
func TestExerciseIsAsItStoodThen(t *testing.T) {
	b := meet(t)
	x := b.centre.begins("Flood 1")
	says := func(figure string, of ...string) {
		t.Helper()
		must(b.centre.node.Desk().Publish(t.Context(), desk.Request{As: centre, Kind: "report", Within: x.String(), Set: append(of, "place=MK-405", "figures.arrivals="+figure)}))(t)
	}
	says("27182", "period=2015-11-08")
	then := "?at=" + url.QueryEscape(protocol.InstantOf(b.clock.Now()).String())
	b.clock.pass(time.Hour)
	says("31415", "period=2015-11-09")
	must(b.centre.node.Desk().EndExercise(t.Context(), centre, x.String()))(t)
	must(b.centre.node.Desk().Publish(t.Context(), desk.Request{Kind: "phase", Exercise: true, Set: []string{"exercise=Fire 2", "place=MK-405", "phase=response", "reason=to see more", "valid_until=2015-11-09T18:00:00Z"}}))(t)
	u := b.centre.account(staff.Coordinator)
	u.get("/exercise").wants(t, []string{"Flood 1", ">over<", "Fire 2", ">running<", `action="/exercise/enter"`, "Begin an exercise"})
	incident := `href="/incident/` + x.String() + then
	u.get("/exercise"+then).wants(t, []string{"As this node knew it at 2015-11-09 09:00", "Flood 1", ">running<", incident + `">2</a>`, `href="/place/iso3166-2:MK-405` + then}, "Fire 2", ">over<", "/exercise/enter", "End it now", "Begin an exercise", "Write down")
	u.get("/incident/"+x.String()+then).wants(t, []string{"27,182"}, "31,415")
	u.get("/incident/"+x.String()).wants(t, []string{"31,415"})
	before := "?at=" + url.QueryEscape(b.clock.Now().Add(-25*time.Hour).Format(time.RFC3339))
	u.get("/exercise"+before).wants(t, []string{"No exercise has been held or planned yet."}, "Flood 1")
}
