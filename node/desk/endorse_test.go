package desk_test

import (
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol/body"
)

func (w *world) stance(r desk.AnswerRequest) {
	w.t.Helper()
	must(w.desk.Answer(w.t.Context(), r))(w.t)
}

func TestStanceIsOnWhatTheRecordSaysNow(t *testing.T) {
	w := market(t)
	report := w.reportAt(gate, "iso3166-2:MK-405", 960)
	name := report.Record.String()
	w.stance(desk.AnswerRequest{As: river, Record: name, Step: "dispute", Reason: "we counted 800", Set: []string{"basis=observed", "field=arrivals", "value=800"}})
	must(w.desk.Correct(t.Context(), desk.CorrectRequest{As: gate, Record: name, Reason: "counted twice", Set: []string{"figures.arrivals=810"}}))(t)
	w.stance(desk.AnswerRequest{As: river, Record: name, Step: "confirm", Set: []string{"basis=observed", "field=arrivals", "value=810"}})
	l := must(w.desk.List(t.Context(), desk.Query{What: desk.ListEndorsements, By: string(gate)}))(t)
	rows := l.Rows.([]desk.EndorsementRow)
	if len(rows) != 2 {
		t.Fatalf("%d stances, want one on each version: %+v", len(rows), rows)
	}
	for _, r := range rows {
		if (r.Stance == body.Confirm) == (r.Of == report.Record) || r.Ignored != "" {
			t.Errorf("%s of %s, not counted: %q", r.Stance, r.Of, r.Ignored)
		}
	}
	shown := must(w.desk.Show(t.Context(), name))(t)
	if got := len(shown.Record.Stances); got != 2 {
		t.Errorf("the record shows %d stances, want both", got)
	}
}

func TestStanceThatNobodyWouldCountIsRefused(t *testing.T) {
	w := market(t)
	name := w.reportAt(gate, "iso3166-2:MK-405", 960).Record.String()
	tests := []struct {
		why string
		r   desk.AnswerRequest
	}{
		{"nobody confirms or disputes a record of its own", desk.AnswerRequest{As: gate, Record: name, Step: "confirm", Set: []string{"basis=observed"}}},
		{"only an authority for the place", desk.AnswerRequest{As: river, Record: name, Step: "verify", Set: []string{"basis=observed"}}},
		{"a member is needed here", desk.AnswerRequest{As: river, Record: name, Step: "dispute", Set: []string{"basis=observed"}}},
		{"only what stands under knowledge", desk.AnswerRequest{As: river, Record: name, Step: "adopt", Set: []string{"basis=used"}}},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			_, err := w.desk.Answer(t.Context(), tt.r)
			if err == nil || !strings.Contains(err.Error(), tt.why) {
				t.Errorf("Answer() = %v, want %q", err, tt.why)
			}
		})
	}
	w.stance(desk.AnswerRequest{As: centre, Record: name, Step: "verify", Set: []string{"basis=registered", "field=arrivals"}})
}

// TestStanceIsOnWhatTheRecordHas: nobody confirms a field that it lacks, or another number than it says; within a
// tenth it is the same number, and another one is disputed, or verified by who may.
func TestStanceIsOnWhatTheRecordHas(t *testing.T) {
	w := market(t)
	name := w.reportAt(gate, "iso3166-2:MK-405", 960).Record.String()
	ask := w.publish(desk.Request{As: gate, Kind: "request", Set: []string{"lines.0.type=bed_place", "lines.0.quantity=4", "answer_by=2015-11-05T12:00:00Z", "deliver_to.place=MK-405"}}).Record.String()
	say := func(of, step string, set ...string) error {
		_, err := w.desk.Answer(t.Context(), desk.AnswerRequest{As: river, Record: of, Step: step, Reason: "counted", Set: append(set, "basis=observed"), DryRun: true})
		return err
	}
	refused(t, say(name, "confirm", "field=zebra"), desk.Refused, `field: `+name+` has no field "zebra": want one of arrivals`)
	refused(t, say(name, "dispute", "field=figures.present", "value=3"), desk.Refused, `field: `+name+` has no field "present"`)
	refused(t, say(ask, "confirm", "field=zebra"), desk.Refused, `field: `+ask+` has no field "zebra": want one of answer_by, deliver_to`)
	needs := w.publish(desk.Request{As: gate, Kind: "needs", Set: []string{
		"place=MK-405", "population.in_need=40", "items.0.sector=shelter", "items.0.item=tent", "items.0.unit=piece", "items.0.required=10", "items.0.basis=count", "items.0.priority=1",
	}}).Record.String()
	refused(t, say(needs, "confirm", "field=items.zebra"), desk.Refused, `field: `+needs+` has no field "items.zebra": want one of items.basis, items.item, items.priority`)
	for _, field := range []string{"items.1", "items.0.zebra", "items.10", "items.tent.unit.x", "population.zebra", "place.code.x", "salt"} {
		refused(t, say(needs, "dispute", "field="+field), desk.Refused, `field: `+needs+` has no field "`+field+`"`)
	}
	for _, field := range []string{"items", "items.0", "items.tent", "items.tent.required", "items.required", "items.0.required", "population.in_need", "place.code"} {
		ok(t, say(needs, "dispute", "field="+field))
	}
	refused(t, say(ask, "confirm", "field=lines.2"), desk.Refused, `field: `+ask+` has no field "lines.2"`)
	refused(t, say(name, "confirm", "field=arrivals", "value=5"), desk.Refused, "value: the record says 960, and 5 is too far from it to confirm that: dispute it with that value")
	refused(t, say(name, "confirm", "field=arrivals", "value=863"), desk.Refused, "value: ")
	for _, err := range []error{
		say(name, "confirm", "field=figures.arrivals", "value=864"), say(name, "dispute", "field=arrivals", "value=5"), say(name, "confirm", "field=period"), say(ask, "confirm", "field=lines.1"),
	} {
		ok(t, err)
	}
	_, err := w.desk.Answer(t.Context(), desk.AnswerRequest{As: centre, Record: name, Step: "verify", Set: []string{"basis=registered", "field=arrivals", "value=5"}, DryRun: true})
	ok(t, err)
}

func TestEndorsementIsPublishedByItsKind(t *testing.T) {
	w := market(t)
	name := w.reportAt(gate, "iso3166-2:MK-405", 960).Record
	got := w.publish(desk.Request{As: river, Kind: "endorsement", Set: []string{"refs.0.record=" + name.String(), "stance=confirm", "basis=observed"}})
	if got.Type != body.TypeEndorsement(name.Topic) {
		t.Errorf("published %s", got.Type)
	}
}
