package desk_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

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
	publish(`"group:mk-southeast","` + string(gate) + `","` + string(river) + `"`)
	want := [][]protocol.InstitutionID{{gate}, nil, {river, gate}}
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
