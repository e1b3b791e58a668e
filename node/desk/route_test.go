package desk_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// road is a route of the gate at a place.
func road(place string) desk.Request {
	return desk.Request{As: gate, Kind: "route", Set: []string{"asset.type=road", "asset.name=Old road", "state=closed", "place=" + place}}
}

// TestRouteOutsideTheTerritoryIsRefused with the field, the territory and the mend; put right
// into it too, and not once it stands among the sites of the profile.
func TestRouteOutsideTheTerritoryIsRefused(t *testing.T) {
	c := convene(t)
	const mend = "give a place or a crossing of its own; if this is one, add it to the sites of its profile (try: vardar publish profile --help)"
	_, err := c.desk.Publish(t.Context(), road("iso3166-2:RS-24"))
	refused(t, err, desk.Refused, "place: iso3166-2:RS-24 is beyond the competence of "+string(gate)+", whose territory is iso3166-2:MK-405: "+mend)
	crossing := road("iso3166-2:MK-405")
	crossing.Set = append(crossing.Set, "asset.code=x:bg-gr:promachonas")
	_, err = c.desk.Publish(t.Context(), crossing)
	refused(t, err, desk.Refused, "asset.code: x:bg-gr:promachonas is beyond the competence of "+string(gate))
	own := c.publish(road("iso3166-2:MK-405"))
	_, err = c.desk.Correct(t.Context(), desk.CorrectRequest{As: gate, Record: own.Record.String(), Reason: "further north", Set: []string{"place=iso3166-2:RS-24"}})
	refused(t, err, desk.Refused, "place: iso3166-2:RS-24 is beyond the competence of "+string(gate))

	c.say(gate, &body.Profile{
		Names: body.Names{"en": "South gate"}, Level: body.Municipality, Seat: &body.Place{Scheme: "iso3166-2", Code: "MK-405"},
		Sites: []body.Site{{Code: body.PlaceKey{Scheme: "iso3166-2", Code: "RS-24"}, Type: "road", Name: "Old road"}},
	})
	c.publish(road("iso3166-2:RS-24"))
}

// TestRouteThatCameFromOutsideTheTerritoryIsKeptAndNotCounted: it is shown with the reason, stands
// in no list, and wakes nobody.
func TestRouteThatCameFromOutsideTheTerritoryIsKeptAndNotCounted(t *testing.T) {
	c := convene(t)
	from := must(c.desk.Source().Events(t.Context(), "", func(string) bool { return false }))(t).Next
	past := func(code string) protocol.Name {
		r := &body.Route{Asset: body.Asset{Type: "road", Name: "Old road"}, State: body.RouteClosed, ObservedAt: body.TimeOf(c.clock.Now())}
		r.Place, r.ValidUntil = &body.Place{Scheme: "iso3166-2", Code: code}, body.TimeOf(c.clock.Now().Add(time.Hour))
		return c.say(gate, r)
	}
	idle := func(n protocol.Name) bool {
		news := must(c.desk.Source().Events(t.Context(), from, func(kind string) bool { return kind == "route" }))(t)
		for i := range news.Events {
			if news.Events[i].Record == n {
				return news.Events[i].Idle
			}
		}
		t.Fatalf("nothing is told of %s", n)
		return false
	}
	own, beyond := past("MK-405"), past("RS-24")
	if v := must(c.desk.Show(t.Context(), beyond.String()))(t).Record; v.Standing != board.BeyondCompetence || v.Reason != board.BeyondRoute || len(v.Body) == 0 {
		t.Errorf("shown as %s, %q", v.Standing, v.Reason)
	}
	if v := must(c.desk.Show(t.Context(), own.String()))(t).Record; v.Standing != board.Counts {
		t.Errorf("its own is shown as %s, %q", v.Standing, v.Reason)
	}
	if !idle(beyond) || idle(own) {
		t.Errorf("beyond is idle: %t, its own: %t", idle(beyond), idle(own))
	}
	rows := must(c.desk.List(t.Context(), desk.Query{What: desk.ListRoutes}))(t).Rows.([]desk.RouteRow)
	if r := only(t, rows); only(t, r.Sides).Record != own {
		t.Errorf("listed: %+v", r)
	}
	for _, r := range must(c.desk.List(t.Context(), desk.Query{What: desk.ListTerritories}))(t).Rows.([]desk.TerritoryRow) {
		if r.Place.Code == "RS-24" {
			t.Errorf("suggested: %+v", r)
		}
	}
}

// TestPhaseOfOthersTerritoryIsRefusedAndNotCounted: put right into it too; one that came past the desk
// is shown with the reason, is on no phase board, and wakes nobody.
func TestPhaseOfOthersTerritoryIsRefusedAndNotCounted(t *testing.T) {
	c := convene(t)
	phase := func(as protocol.InstitutionID, place string) desk.Request {
		return desk.Request{As: as, Kind: "phase", Set: []string{"place=" + place, "phase=response", "reason=Arrivals"}}
	}
	const mend = "give a place of your own territory; a site of yours stands in your profile (try: vardar publish phase --help)"
	_, err := c.desk.Publish(t.Context(), phase(gate, "iso3166-2:RS-24"))
	refused(t, err, desk.Refused, "place: iso3166-2:RS-24 is beyond the competence of "+string(gate)+", whose territory is iso3166-2:MK-405: "+mend)
	_, err = c.desk.Publish(t.Context(), phase(centre, "iso3166-2:RS-24"))
	refused(t, err, desk.Refused, "place: iso3166-2:RS-24 is beyond the competence of "+string(centre)+", whose territory is MK: "+mend)
	own := c.publish(phase(gate, "iso3166-2:MK-405"))
	_, err = c.desk.Correct(t.Context(), desk.CorrectRequest{As: gate, Record: own.Record.String(), Reason: "mistyped", Set: []string{"place=iso3166-2:RS-24"}})
	refused(t, err, desk.Refused, "place: iso3166-2:RS-24 is beyond the competence of "+string(gate))

	from := must(c.desk.Source().Events(t.Context(), "", func(string) bool { return false }))(t).Next
	said := &body.Phase{Reason: "Arrivals", ReportEveryH: 1}
	said.Place, said.Phase = &body.Place{Scheme: "iso3166-2", Code: "RS-24"}, body.Response
	beyond := c.say(gate, said)
	if v := must(c.desk.Show(t.Context(), beyond.String()))(t).Record; v.Standing != board.BeyondCompetence || v.Reason != board.BeyondPhase {
		t.Errorf("shown as %s, %q", v.Standing, v.Reason)
	}
	rows := must(c.desk.List(t.Context(), desk.Query{What: desk.ListPhases}))(t).Rows.([]desk.PhaseRow)
	if p := only(t, rows); p.Record != own.Record {
		t.Errorf("declared: %+v", p)
	}
	news := must(c.desk.Source().Events(t.Context(), from, func(kind string) bool { return kind == "phase" }))(t)
	if e := only(t, news.Events); e.Record != beyond || !e.Idle {
		t.Errorf("told: %+v", e)
	}
}

// TestCorrectionThatMovesARouteOutOfTheTerritoryIsNotCounted, come past its author's desk: the
// route stands in no list and is shown with the reason, the correction wakes nobody.
func TestCorrectionThatMovesARouteOutOfTheTerritoryIsNotCounted(t *testing.T) {
	c := convene(t)
	said := func(code string) *body.Route {
		r := &body.Route{Asset: body.Asset{Type: "road", Name: "Old road"}, State: body.RouteClosed, ObservedAt: body.TimeOf(c.clock.Now())}
		r.Place, r.ValidUntil = &body.Place{Scheme: "iso3166-2", Code: code}, body.TimeOf(c.clock.Now().Add(time.Hour))
		return r
	}
	own := c.say(gate, said("MK-405"))
	if e := c.told(t, own); e.Idle {
		t.Errorf("its own wakes nobody: %q", e.Beyond)
	}
	mend := &body.Correction{Topic: protocol.Situation, Action: body.Replace, Reason: "further north", Replacement: must(body.ReplacementOf(said("RS-24")))(t)}
	mend.Refs = []body.Ref{{Rel: body.RelCorrects, Record: own, Digest: must(c.desk.Show(t.Context(), own.String()))(t).Record.Proof.Digest}}
	moved := c.say(gate, mend)
	if e := c.told(t, moved); !e.Idle || e.Beyond != board.BeyondRoute {
		t.Errorf("the correction wakes: %t, %q", !e.Idle, e.Beyond)
	}
	if v := must(c.desk.Show(t.Context(), own.String()))(t).Record; v.Standing != board.BeyondCompetence || v.Reason != board.BeyondRoute {
		t.Errorf("shown as %s, %q", v.Standing, v.Reason)
	}
	if rows := must(c.desk.List(t.Context(), desk.Query{What: desk.ListRoutes}))(t).Rows.([]desk.RouteRow); len(rows) != 0 {
		t.Errorf("listed: %+v", rows)
	}
}

// TestCrossingIsListedOnceByTheCodesOfBothSides: as soon as the profiles of both name the other's code, and not before; it
// and what is contradicted of it are found by the code of either, made of both sides' words.
func TestCrossingIsListedOnceByTheCodesOfBothSides(t *testing.T) {
	w := border(t)
	codes := map[protocol.InstitutionID]string{gate: "gr-mk:bogorodica-evzoni", north: "gr-mk:evzoni"}
	for id, state := range map[protocol.InstitutionID]body.RouteState{gate: body.RouteOpen, north: body.RouteClosed} {
		r := &body.Route{Asset: body.Asset{Type: "border_crossing", Name: "Bogorodica – Evzoni", Code: shared(codes[id])}, State: state, ObservedAt: body.TimeOf(w.clock.Now())}
		r.ValidUntil = body.TimeOf(w.clock.Now().Add(time.Hour))
		w.say(id, r)
	}
	names := func(id, other protocol.InstitutionID) {
		w.say(id, &body.Profile{Names: body.Names{"en": body.Label(id)}, Level: body.Municipality, Sites: []body.Site{
			{Code: shared(codes[id]), Type: "border_crossing", Name: "Bogorodica – Evzoni", Twin: shared(codes[other])},
		}})
	}
	listed := func(what, place string) int {
		rows := must(w.desk.List(t.Context(), desk.Query{What: what, Place: place}))(t)
		return reflect.ValueOf(rows.Rows).Len()
	}
	for _, step := range []struct {
		why                        string
		routes, contradictions, of int
		then                       func()
	}{
		{"nobody names a twin", 2, 0, 1, func() { names(gate, north) }},
		{"one side does", 2, 0, 1, func() { names(north, gate) }},
		{"both do", 1, 1, 2, func() {}},
	} {
		if got := listed(desk.ListRoutes, ""); got != step.routes {
			t.Errorf("%s: %d crossings, want %d", step.why, got, step.routes)
		}
		for _, code := range codes {
			if got := listed(desk.ListRoutes, "x:"+code); got != 1 {
				t.Errorf("%s: %d crossings at %s, want 1", step.why, got, code)
			}
			if l := must(w.desk.List(t.Context(), desk.Query{What: desk.ListRoutes, Place: "x:" + code}))(t); l.Coverage == nil || l.Coverage.Of != step.of {
				t.Errorf("%s: at %s it is made of %+v, want of %d", step.why, code, l.Coverage, step.of)
			}
			if got := listed(desk.ListContradictions, "x:"+code); got != step.contradictions {
				t.Errorf("%s: %d contradictions at %s, want %d", step.why, got, code, step.contradictions)
			}
		}
		step.then()
	}
}

func shared(code string) body.PlaceKey { return body.PlaceKey{Scheme: body.Shared, Code: code} }
