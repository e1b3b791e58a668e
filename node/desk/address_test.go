package desk_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

// stranger is spelled as an institution is, and none.
const stranger protocol.InstitutionID = "mk.southeast.nowhere"

// TestInstitutionThatIsNoMemberIsNotBound by a word of another: nothing is to one, or taken by it, and no evidence
// is of it; who names one that gives, or in a line of a plan, is told.
func TestInstitutionThatIsNoMemberIsNotBound(t *testing.T) {
	w := market(t)
	from := string(stranger) + " is no member of the network here"
	consultation := []string{"question=Well?", "closes_at=2015-12-01T00:00:00Z"}
	asked := w.publish(desk.Request{As: centre, Kind: "consultation", Set: append(consultation, "to="+string(gate))}).Record
	commit := must(w.flow(centre, "commit-flow", "recipient="+string(river), "amount=100", "currency=EUR"))(t).Record
	for name, say := range map[string]func() (desk.Published, error){
		"to.1: ": func() (desk.Published, error) {
			return w.desk.Publish(t.Context(), desk.Request{As: centre, Kind: "consultation", Set: append(consultation, "to="+string(gate)+","+string(stranger))})
		},
		"to.0: ": func() (desk.Published, error) {
			return w.desk.Correct(t.Context(), desk.CorrectRequest{As: centre, Record: asked.String(), Reason: "moved", Set: []string{"to=" + string(stranger)}})
		},
		"recipient: ": func() (desk.Published, error) {
			return w.flow(centre, "pledge", "recipient="+string(stranger), "amount=5", "currency=EUR")
		},
	} {
		_, err := say()
		if err == nil {
			t.Errorf("%sit was written", name)
			continue
		}
		refused(t, err, desk.Refused, name+from)
	}
	must(w.flow(river, "receive", "thread="+commit.String(), "amount=100"))(t)
	_, err := w.desk.Pack(t.Context(), desk.PackRequest{Institution: string(stranger)}, protocol.Red)
	if err == nil {
		t.Fatal("a pack of a stranger was made")
	}
	refused(t, err, desk.Refused, "by: "+from)
	told := from + ": is it spelled as it should be?"
	if given := must(w.flow(river, "receive", "donor="+string(stranger), "amount=5", "currency=EUR"))(t); !slices.Contains(given.Warnings, told) {
		t.Errorf("who was given money from outside is told %q", given.Warnings)
	}
	plan := w.propose("lines.0.payer=" + string(stranger))
	mended := must(w.replan(plan.Record, "lines.0.amount=130000"))(t)
	if !slices.Contains(plan.Warnings, told) || !slices.Contains(mended.Warnings, told) {
		t.Errorf("who proposes is told %q, then %q", plan.Warnings, mended.Warnings)
	}
	if member := w.propose(); len(member.Warnings) > 0 {
		t.Errorf("of members: %q", member.Warnings)
	}
}

func TestGroupMeansItsMembersByTheCharter(t *testing.T) {
	w := solo(t)
	w.host(gate)
	publish := func(to string) desk.Published {
		return must(w.desk.Publish(t.Context(), desk.Request{
			Kind: "request", Body: json.RawMessage(`{"to":[` + to + `],"answer_by":"2015-11-05T12:00:00Z","deliver_to":{"place":{"scheme":"iso3166-2","code":"MK-405"}},"lines":[{"line":1,"type":"bed_place","quantity":4,"unit":"places"}]}`),
		}))(t)
	}
	said := publish(`"group:mk-southeast"`)
	publish(`"group:far"`)
	publish(`"group:mk-southeast","` + string(gate) + `","` + string(centre) + `"`)
	want := [][]protocol.InstitutionID{{gate}, nil, {centre, gate}}
	slices.Sort(want[2])
	rows := must(w.desk.List(t.Context(), desk.Query{What: desk.ListRequests}))(t).Rows.([]desk.RequestRow)
	for k, row := range rows {
		if !slices.Equal(row.Addressed, want[k]) {
			t.Errorf("request %d is to %v, which means %v, want %v", k, row.To, row.Addressed, want[k])
		}
	}
	if len(rows) != len(want) {
		t.Errorf("%d requests, want %d", len(rows), len(want))
	}
	shown := must(w.desk.Show(t.Context(), said.Record.String()))(t)
	if !slices.Equal(shown.Record.Addressed, want[0]) {
		t.Errorf("shown as to %v, want %v", shown.Record.Addressed, want[0])
	}
	empty := must(w.desk.Publish(t.Context(), desk.Request{Kind: "note", Body: json.RawMessage(`{"text":"hello","to":["group:far"]}`)}))(t)
	if !slices.Contains(empty.Warnings, "group:far has no member yet") {
		t.Errorf("warnings are %q", empty.Warnings)
	}
}
