package body_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// TestAllThatIsWrongIsTold: each member that can't be read or is missing, or else each rule that
// is broken; the first is what Parse says, and of what it takes there is none.
func TestAllThatIsWrongIsTold(t *testing.T) {
	for _, tt := range []struct {
		name, kind, members string
		want                []string
	}{
		{"members that can't be read, at any depth", body.TypeRoute, `"state":"shut","asset":{"name":"","type":"border_crossing"},"waiting":"many","wait_hours":-1,"observed_at":"2015-11-08T09:00:00Z"`, []string{"state", "asset.name", "waiting", "wait_hours"}},
		{"and those that are missing", body.TypeRoute, `"asset":{"name":""},"waiting":-1`, []string{"asset.name", "asset.type", "waiting", "state", "observed_at"}},
		{"bounds and rules together", body.TypeReport, `"period":{"start":"2015-11-08T00:00:00Z","end":"2015-11-07T00:00:00Z"},"figures":[{"indicator":"x-tea","value":3}],"top_needs":["food","health","wash","education"]`, []string{"top_needs", "period.end", "place", "figures[0].unit"}},
		{"rules of an alert", body.TypeAlert, `"identifier":"a","sender":"centre","sent":"2015-11-08T00:00:00-00:00","status":"Actual","msgType":"Update","scope":"Restricted","info":[{"category":["Safety"],"event":"Flood","urgency":"Immediate","severity":"Severe","certainty":"Observed","web":"not/full","area":[{"areaDesc":"town","ceiling":5}]}]`, []string{"restriction", "references", "info[0].web", "info[0].area[0].altitude"}},
		{"rules of a stance", body.TypeEndorsement(protocol.Situation), `"stance":"dispute","value":5,"basis":"document"`, []string{"reason", "field", "source", "refs"}},
		{"a report that fits", body.TypeReport, `"summary":"quiet"`, nil},
		{"a member twice", body.TypeReport, `"summary":"quiet","summary":"loud","severity":"awful"`, []string{"summary"}},
	} {
		raw := []byte(salted + "," + tt.members + "}")
		var got []string
		faults := body.Faults(tt.kind, raw)
		for _, err := range faults {
			field, _, _ := strings.Cut(err.Error(), ": ")
			got = append(got, field)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s%v", tt.name, diff, faults)
		}
		if _, err := body.Parse(tt.kind, raw); (err == nil) != (faults == nil) || err != nil && tt.name != "bounds and rules together" && err.Error() != faults[0].Error() {
			t.Errorf("%s: Parse says %v, want %v", tt.name, err, faults)
		}
	}
}

// TestFaultsOfAHostileBodyEnd: no more are told than a person mends.
func TestFaultsOfAHostileBodyEnd(t *testing.T) {
	raw := salted + `,"figures":[` + strings.TrimSuffix(strings.Repeat(`{"indicator":1,"value":-1},`, 5000), ",") + `]}`
	if n := len(body.Faults(body.TypeReport, []byte(raw))); n != protocol.MaxFaults {
		t.Errorf("%d faults, want %d", n, protocol.MaxFaults)
	}
	if got := fmt.Sprint(body.Faults("vardar.situation.sonnet.v1", []byte(salted+"}"))); !strings.Contains(got, "newer vardar") {
		t.Errorf("of a kind that nobody knows: %s", got)
	}
}

// TestMemberThatMustStandIsNotToBeLeftOut: nobody is told to leave out what is then missed; what may lack may be left out.
func TestMemberThatMustStandIsNotToBeLeftOut(t *testing.T) {
	for _, tt := range []struct{ kind, raw, want string }{
		{body.TypePlan, `"title":""`, `"": write something`},
		{body.TypePlan, `"title":null`, "null says nothing: a value is wanted here"},
		{body.TypePlan, `"lines":[{"line":0}]`, "0: want a whole number of 1 or more"},
		{body.TypePlan, `"lines":[{"co_financing_percent":0}]`, "0: want a whole number of 1 or more, or leave the member out"},
		{body.TypePlan, `"lines":[{"source_ref":" "}]`, `" ": write something, or leave the member out`},
		{body.TypePlan, `"lines":[{"purpose":"` + strings.Repeat("x", 201) + `"}]`, "201 bytes, at most 200: shorten it"},
		{body.TypeCapacity, `"gaps":[{"required":-1}]`, "-1: want a whole number of 0 or more"},
		{body.TypePractice, `"problem":" "`, `" ": write something`},
		{body.TypePractice, `"context":" "`, `" ": write something, or leave the member out`},
		{body.TypePractice, `"cost_note":null`, "null says nothing: leave the member out if it is not known"},
	} {
		var got []string
		for _, fault := range body.Faults(tt.kind, []byte(salted+","+tt.raw+"}")) {
			if v := new(*protocol.Violation); errors.As(fault, v) {
				got = append(got, (*v).Detail)
			}
		}
		if !slices.Contains(got, tt.want) {
			t.Errorf("%s: %q, want %q among them", tt.raw, got, tt.want)
		}
	}
	list := salted + `,"title":"x","period":{"start":"2016-01-01T00:00:00Z","end":"2017-01-01T00:00:00Z"},"currency":"EUR","territory":{"scheme":"iso3166-2","code":"MK-405"},"lines":[],"status":"draft"}`
	if _, err := body.Parse(body.TypePlan, []byte(list)); err == nil || !strings.HasSuffix(err.Error(), "want at least 1") {
		t.Errorf("a plan without lines: %v", err)
	}
}
