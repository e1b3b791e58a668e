package desk_test

import (
	"slices"
	"testing"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// TestPaperHasTheNumbersThatAreCalledFirst: the registrar, the own region, the rest, the nearest of
// them first, and one's own at the end; a brief by the way from where it happens.
func TestPaperHasTheNumbersThatAreCalledFirst(t *testing.T) {
	const (
		valley protocol.InstitutionID = "mk.polog.demo-valley"
		lake   protocol.InstitutionID = "mk.southeast.demo-lake"
		plain  protocol.InstitutionID = "mk.vardar.demo-plain"
		unsaid protocol.InstitutionID = "mk.east.demo-unsaid" // says not where it is
		silent protocol.InstitutionID = "mk.southeast.demo-silent"
	)
	w := solo(t)
	calls := func(id protocol.InstitutionID, level body.Level, seat, phone string) {
		p := &body.Profile{Names: body.Names{"en": body.Label(id.LocalName())}, Level: level, DutyContact: &body.Contact{Office: "Duty desk", Phone: body.Phone(phone)}}
		if seat != "" {
			p.Seat = &body.Place{Scheme: "iso3166-2", Code: seat}
		}
		w.say(id, p)
	}
	calls(centre, body.Ministry, "MK-85", "+389 2 1")
	for id, seat := range map[protocol.InstitutionID]string{gate: "MK-405", lake: "MK-410", river: "MK-401", valley: "MK-609", plain: "MK-403", unsaid: ""} {
		w.hostAt(id, body.Municipality)
		calls(id, body.Municipality, seat, "+389 34 2")
		ok(t, w.links.Remove(t.Context(), id)) // which the admission agreed on
	}
	w.hostAt(silent, body.Municipality)
	ids := func(of desk.Some[desk.Member]) (out []protocol.InstitutionID) {
		for i := range of.Rows {
			out = append(out, of.Rows[i].ID)
		}
		return out
	}
	if got, want := ids(w.desk.Numbers(gate, 8)), []protocol.InstitutionID{centre, river, lake, plain, valley, unsaid, gate}; !slices.Equal(got, want) {
		t.Errorf("the gate calls %v, want %v", got, want)
	}
	if got := w.desk.Numbers(gate, 2); !slices.Equal(ids(got), []protocol.InstitutionID{centre, river}) || got.More != 5 {
		t.Errorf("with room for two: %v and %d more", ids(got), got.More)
	}
	alert := w.publish(desk.Request{As: centre, Kind: "alert", Set: []string{
		"place=MK-609", "info.0.category=Safety", "info.0.event=Flood", "info.0.urgency=Expected", "info.0.severity=Severe", "info.0.certainty=Likely", "info.0.headline=The river rises", "info.0.area.0.areaDesc=Tetovo",
	}})
	b := must(w.desk.Brief(t.Context(), alert.Record.String(), protocol.Amber, 0))(t)
	if got := ids(b.Duty); got[0] != valley || got[len(got)-1] != unsaid || b.Duty.More != 1 {
		t.Errorf("by the way from Tetovo: %v and %d more", got, b.Duty.More)
	}
}
