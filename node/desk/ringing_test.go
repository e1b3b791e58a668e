package desk_test

import (
	"slices"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/duty"
	"github.com/vardar-network/vardar/protocol"
)

// rung gives what is told of a kind.
func (w *world) rung(kind string) []duty.Event {
	w.t.Helper()
	return slices.DeleteFunc(must(w.desk.Source().Proposed(w.t.Context()))(w.t), func(e duty.Event) bool { return e.Kind != kind })
}

// only gives the one there must be.
func only[T any](t *testing.T, all []T) T {
	t.Helper()
	if len(all) != 1 {
		t.Fatalf("%d, want one: %+v", len(all), all)
	}
	return all[0]
}

func (w *world) over(e duty.Event) bool {
	return w.desk.Source().Over(w.t.Context(), []duty.Event{e})[0]
}

// TestPlanThatWaitsForOurSignatureRings when a version of it is proposed, and once more a week
// before its period begins; for those of the node that have not signed that version, until they do
// or another is in force.
func TestPlanThatWaitsForOurSignatureRings(t *testing.T) {
	w := market(t)
	must(w.desk.Publish(t.Context(), desk.Request{As: centre, Kind: "plan", Set: planFields("title=A thought", "status=draft")}))(t)
	first := w.propose()
	told := only(t, w.rung(duty.SignatureDue))
	if told.Record != first.Record || !slices.Equal(told.To, []protocol.InstitutionID{gate, river}) || told.Said != "Winter places: 120000 EUR" || !slices.Contains(told.Places, "MK") || w.over(told) {
		t.Errorf("proposed: %+v", told)
	}
	ok(t, w.cosign(gate, first.Record))
	if told = only(t, w.rung(duty.SignatureDue)); !slices.Equal(told.To, []protocol.InstitutionID{river}) {
		t.Errorf("one has signed, and it rings for %v", told.To)
	}
	second := must(w.replan(first.Record, "lines.0.amount=130000"))(t)
	again := only(t, w.rung(duty.SignatureDue))
	if want := "version 2 waits for your signature, and version 1 was signed by " + string(gate) + ": Winter places: 130000 EUR"; again.Said != want {
		t.Errorf("another version says %q, want %q", again.Said, want)
	}
	if again.Record != second.Record || again.Once == told.Once || len(again.To) != 2 || !w.over(told) || w.over(again) {
		t.Errorf("another version: %+v; that before is over: %t", again, w.over(told))
	}
	w.clock.pass(51 * 24 * time.Hour) // to 24 December, eight days before
	only(t, w.rung(duty.SignatureDue))
	w.clock.pass(24 * time.Hour)
	reminds := w.rung(duty.SignatureDue)
	if len(reminds) != 2 || reminds[0].Once != again.Once || reminds[1].Once == again.Once || reminds[1].Ends.String() != "2016-01-01T00:00:00.000Z" {
		t.Fatalf("a week before: %+v", reminds)
	}
	ok(t, w.cosign(gate, second.Record))
	if got := w.rung(duty.SignatureDue)[0].Said; got != "version 2 waits for your signature: Winter places: 130000 EUR" {
		t.Errorf("who has signed none is told %q", got)
	}
	ok(t, w.cosign(river, second.Record))
	if got := w.rung(duty.SignatureDue); len(got) != 0 || !w.over(reminds[0]) || !w.over(reminds[1]) {
		t.Errorf("all have signed: %+v", got)
	}
}

// TestContradictionRingsForBothSides: once for two records, whatever they differ in, and not for
// who is neither; it is over once one of them is put right.
func TestContradictionRingsForBothSides(t *testing.T) {
	w := market(t)
	says := func(as protocol.InstitutionID, arrivals, present string) desk.Published {
		return w.publish(desk.Request{As: as, Kind: "report", Set: []string{"place=MK-405", "period=2015-11-02", "figures.arrivals=" + arrivals, "figures.present=" + present}})
	}
	one := says(gate, "960", "100")
	if got := w.rung(duty.Contradiction); len(got) != 0 {
		t.Fatalf("nobody has spoken against it: %+v", got)
	}
	other := says(river, "400", "500")
	told := only(t, w.rung(duty.Contradiction))
	const said = "arrivals at Gevgelija: " + string(gate) + " says 960, " + string(river) + " says 400, and 1 more"
	if told.Said != said || !slices.Equal(told.To, []protocol.InstitutionID{gate, river}) || told.Record != other.Record || !slices.Equal(told.Also, []protocol.Name{one.Record}) || !slices.Contains(told.Places, "MK-405") {
		t.Errorf("told %+v", told)
	}
	put := func(arrivals string) {
		w.clock.pass(time.Hour)
		must(w.desk.Correct(t.Context(), desk.CorrectRequest{As: gate, Record: one.Record.String(), Reason: "counted anew", Set: []string{"figures.arrivals=" + arrivals, "figures.present=500"}}))(t)
	}
	put("700")
	if again := only(t, w.rung(duty.Contradiction)); again.Once != told.Once || again.Written != told.Written+3_600_000 || w.over(told) {
		t.Errorf("put right and still apart: %+v", again)
	}
	put("401")
	if got := w.rung(duty.Contradiction); len(got) != 0 || !w.over(told) {
		t.Errorf("put right: %+v", got)
	}
	side := func(as protocol.InstitutionID, state string) {
		w.publish(desk.Request{As: as, Kind: "route", Set: []string{
			"asset.type=border_crossing", "asset.name=Bogorodica", "asset.code=x:gr-mk:bogorodica-evzoni", "state=" + state, "place=MK-405",
			"observed_at=2015-11-03T10:00:00Z", "valid_until=2015-11-04T08:00:00Z",
		}})
	}
	side(centre, "open")
	side(gate, "closed")
	if told = only(t, w.rung(duty.Contradiction)); told.Said != "Bogorodica: "+string(centre)+" says it is open, "+string(gate)+" says it is closed" || slices.Contains(told.To, river) {
		t.Errorf("of a crossing: %+v", told)
	}
}

// TestNowNamesThePlansThatWaitForUs: those that we are to sign and have not, and no others.
func TestNowNamesThePlansThatWaitForUs(t *testing.T) {
	w := market(t)
	names := func(as protocol.InstitutionID) (out []protocol.Name) {
		o := must(w.desk.Overview(t.Context(), desk.Account{Name: "duty"}, as, 0))(t)
		for i := range o.Waiting.Plans {
			out = append(out, o.Waiting.Plans[i].Record)
		}
		return out
	}
	both := w.propose()
	alone := w.propose("title=Interpreters", "cosigners="+string(river))
	if got := names(gate); !slices.Equal(got, []protocol.Name{both.Record}) {
		t.Errorf("to sign for the gate: %v", got)
	}
	if got := names(centre); len(got) != 0 {
		t.Errorf("to sign for who wrote them: %v", got)
	}
	ok(t, w.cosign(river, both.Record))
	if got := names(river); !slices.Equal(got, []protocol.Name{alone.Record}) {
		t.Errorf("to sign for the river town, which has signed one: %v", got)
	}
}
