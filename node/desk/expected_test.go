package desk_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// seated publishes the profile of a municipality with its seat.
func (w *world) seated(id protocol.InstitutionID, code string) {
	w.t.Helper()
	w.say(id, &body.Profile{Names: body.Names{"en": body.Label(id.LocalName())}, Level: body.Municipality, Seat: &body.Place{Scheme: "iso3166-2", Code: code}})
}

// due gives what the list says is due, as institution, short kind, place and state.
func (w *world) due(q desk.Query) []string {
	w.t.Helper()
	out := []string{}
	for _, r := range must(w.desk.List(w.t.Context(), q))(w.t).Rows.([]desk.DueRow) {
		out = append(out, r.Institution.LocalName()+" "+body.ShortName(r.Kind)+" "+r.Place.Code+" "+string(r.State))
	}
	slices.Sort(out)
	return out
}

// TestWhoNeverSpokeIsMissingEverywhere: a municipality that has joined and never reported is in
// "of 2", in the list of what is due, on the page of who has reported, among what is
// overdue and on its own Now, and by name; the ministry and the regional body are not.
func TestWhoNeverSpokeIsMissingEverywhere(t *testing.T) {
	w := market(t)
	w.hostAt("mk.regional.demo-association", body.RegionalBody)
	w.seated(gate, "MK-405")
	w.reportAt(river, "iso3166-2:MK-401", 12)
	if diff := cmp.Diff([]string{"demo-river-town report MK-401 on time", "demo-south-gate report MK-405 never"}, w.due(desk.Query{})); diff != "" {
		t.Errorf("due (-want +got):\n%s", diff)
	}
	missing := []desk.Missing{{Institution: gate, Place: body.PlaceKey{Scheme: "iso3166-2", Code: "MK-405"}, PlaceName: "Gevgelija", State: board.Never}}
	want := &desk.Coverage{Kind: body.TypeReport, Reported: 1, Of: 2, Never: 1, Missing: missing}
	if diff := cmp.Diff(want, must(w.desk.List(t.Context(), desk.Query{What: desk.ListFigures}))(t).Coverage); diff != "" {
		t.Errorf("figures are covered (-want +got):\n%s", diff)
	}
	if c := must(w.desk.List(t.Context(), desk.Query{What: desk.ListFigures, Place: "MK-401"}))(t).Coverage; c.Of != 1 || c.Never != 0 {
		t.Errorf("of the river town it is covered by %+v", c)
	}
	r := must(w.desk.Reporting(t.Context(), 0, 0))(t)
	if r.Counts[board.Never] != 1 || r.Rows[0].Institution != gate {
		t.Errorf("who has reported: %+v", r)
	}
	if o := must(w.desk.Overview(t.Context(), desk.Account{}, centre, 0))(t); o.Overdue != 1 {
		t.Errorf("%d are overdue, want 1", o.Overdue)
	}
	if p := must(w.desk.Post(t.Context(), desk.Account{}, gate, 0))(t); p.Due.All() != 1 || p.Due.Rows[0].State != board.Never {
		t.Errorf("the gate's own Now has %+v", p.Due)
	}
	if p := must(w.desk.Picture(t.Context(), desk.PictureQuery{}))(t); len(p.Due) != 2 {
		t.Errorf("due in the picture: %+v", p.Due)
	}
	w.reportAt(gate, "iso3166-2:MK-405", 960)
	if got := w.due(desk.Query{})[1]; got != "demo-south-gate report MK-405 on time" {
		t.Errorf("once it has reported: %s", got)
	}
}

// TestExpectedIsWhoWasAMemberThen: at an earlier instant who had been admitted by then, at the
// seat of then, and no more once it has left; where a phase is in force, needs and
// capacity too; in an exercise nobody who takes no part.
func TestExpectedIsWhoWasAMemberThen(t *testing.T) {
	w := solo(t)
	w.host(river)
	w.seated(river, "MK-401")
	w.clock.pass(time.Hour)
	before := protocol.InstantOf(w.clock.Now())
	w.clock.pass(time.Hour)
	w.host(gate)
	w.clock.pass(time.Hour)
	unseated := protocol.InstantOf(w.clock.Now())
	w.clock.pass(time.Hour)
	w.seated(gate, "MK-405")
	w.publish(desk.Request{As: centre, Kind: "phase", Set: []string{"place=iso3166-2:MK-405", "phase=response", "reason=Arrivals"}})
	w.clock.pass(time.Hour)
	phase := protocol.InstantOf(w.clock.Now())
	w.clock.pass(time.Hour)
	begun := w.publish(desk.Request{As: centre, Kind: "phase", Exercise: true, Set: []string{"place=iso3166-2:MK-405", "phase=response", "reason=why", "exercise=Flood", "valid_until=2015-11-04T12:00:00Z"}})
	must(w.desk.Close(t.Context(), desk.CloseRequest{Institution: river}))(t)
	w.clock.pass(time.Hour)
	gates := []string{"demo-south-gate capacity MK-405 never", "demo-south-gate needs MK-405 never", "demo-south-gate report MK-405 never"}
	rivers := "demo-river-town report MK-401 never"
	for _, tt := range []struct {
		name string
		q    desk.Query
		want []string
	}{
		{"before the gate was admitted", desk.Query{At: before}, []string{rivers}},
		{"before it had named its seat", desk.Query{At: unseated}, []string{rivers, "demo-south-gate report  never"}},
		{"in a phase", desk.Query{At: phase}, append([]string{rivers}, gates...)},
		{"once the river town has left", desk.Query{}, gates},
		{"in the exercise", desk.Query{Within: begun.Record.String()}, []string{}},
	} {
		if diff := cmp.Diff(tt.want, w.due(tt.q)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// TestDeclarationsAreCountedWhileAPhaseIsInForce: who has declared what it has is no "never", but on
// time or late by the cadence, in each list that is made of declarations; without a phase nobody owes one.
func TestDeclarationsAreCountedWhileAPhaseIsInForce(t *testing.T) {
	w := market(t)
	w.seated(gate, "MK-405")
	w.seated(river, "MK-401")
	w.publish(desk.Request{As: river, Kind: "capacity", Set: []string{"place=MK-401", "items.0.type=tent", "items.0.unit=pieces", "items.0.available=20"}})
	lists := []desk.Query{{What: desk.ListCapacity}, {What: desk.ListPool}, {What: desk.ListMatches}, {What: desk.ListMatches, Place: "MK-405", By: string(gate)}, {What: desk.ListWho}}
	covered := func(want *desk.Coverage) {
		t.Helper()
		for _, q := range lists {
			got := must(w.desk.List(t.Context(), q))(t).Coverage
			if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(desk.Coverage{}, "Missing")); diff != "" {
				t.Errorf("%+v is covered (-want +got):\n%s", q, diff)
			}
		}
	}
	covered(nil)
	w.publish(desk.Request{As: centre, Kind: "phase", Set: []string{"place=iso3166-1:MK", "phase=response", "reason=Arrivals"}})
	covered(&desk.Coverage{Kind: body.TypeCapacity, Reported: 1, Of: 2, Never: 1})
	if b := must(w.desk.Bearing(t.Context(), 0, ""))(t); b.Stocks.Kind != body.TypeCapacity || b.Stocks.Reported != 1 || b.Stocks.Of != 2 {
		t.Errorf("on the page of solidarity who does what is covered by %+v", b.Stocks)
	}
	w.clock.pass(8 * 24 * time.Hour)
	covered(&desk.Coverage{Kind: body.TypeCapacity, Of: 2, Overdue: 1, Never: 1})
}
