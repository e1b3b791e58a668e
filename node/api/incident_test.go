package api_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// TestIncidentIsToldAndShortened: all of it to a program, and as much as stands on one sheet.
func TestIncidentIsToldAndShortened(t *testing.T) {
	n := open(t)
	report := must(n.client.Publish(t.Context(), api.Request{Kind: "report", Set: []string{"place=MK-405", "period=2015-11-02", "figures.arrivals=960", "figures.present=300"}}))(t)
	phase := must(n.client.Publish(t.Context(), api.Request{Kind: "phase", Set: []string{"place=MK-405", "phase=response", "report_every_h=12", "reason=many arrive"}}))(t)
	var lines []string
	for i := range 14 {
		lines = append(lines, fmt.Sprintf(`{"line":%d,"type":"blanket","quantity":%d,"unit":"piece"}`, i+1, 100+i))
	}
	must(n.client.Publish(t.Context(), api.Request{Kind: "request", Body: json.RawMessage(fmt.Sprintf(`{"incident":%q,"answer_by":"2015-11-05T12:00:00Z",
		"deliver_to":{"place":{"scheme":"iso3166-2","code":"MK-405"}},"lines":[%s]}`, phase.Record, strings.Join(lines, ",")))}))(t)
	for _, text := range []string{"first", "second", "third"} {
		must(n.client.Publish(t.Context(), api.Request{Kind: "note", Set: []string{"text=" + text, "incident=" + phase.Record.String()}}))(t)
	}

	b := must(n.client.Brief(t.Context(), phase.Record, 0))(t)
	if b.Opener.Record != phase.Record || len(b.Phases) != 1 || b.Phases[0].Phases[0].Phase != body.Response || b.Coverage.Of != 1 {
		t.Errorf("the head: %+v", b)
	}
	if len(b.Figures.Rows) != 2 || b.Figures.More != 0 || b.Figures.Rows[0].Days == nil {
		t.Errorf("the figures: %+v", b.Figures)
	}
	if len(b.Asked.Rows) != 12 || b.Asked.More != 2 || b.Asked.Rows[11].Unmet != 111 {
		t.Errorf("what is asked for: %+v", b.Asked)
	}
	if len(b.Told.Rows) != 3 || b.Told.More != 2 || !strings.Contains(b.Told.Rows[2].Says, "third") {
		t.Errorf("what happened last: %+v", b.Told)
	}

	whole := n.ask("GET", "/v1/incidents/"+phase.Record.String(), "")
	var told api.Incident
	ok(t, json.Unmarshal([]byte(whole.body), &told))
	if whole.status != 200 || len(told.Timeline) != 5 || len(told.Requests) != 1 || len(told.Requests[0].Lines) != 14 || len(told.Here.Figures) != 2 {
		t.Errorf("%d %s", whole.status, whole.body)
	}
	if bad := n.ask("GET", "/v1/incidents/"+phase.Record.String()+"?quality=best", ""); bad.status != 400 || !strings.Contains(bad.body, "quality") {
		t.Errorf("a quality that there is not: %d %s", bad.status, bad.body)
	}

	for name, refused := range map[string]struct {
		record protocol.Name
		at     protocol.Instant
		kind   desk.Kind
	}{
		"a report":         {report.Record, 0, api.Usage},
		"before it was":    {phase.Record, protocol.InstantOf(hour().Add(-time.Hour)), api.NotFound},
		"what nobody said": {protocol.Name{Institution: centre, Position: protocol.Position{Topic: protocol.Situation, Epoch: 1, Sequence: 99}}, 0, api.NotFound},
	} {
		_, err := n.client.Brief(t.Context(), refused.record, refused.at)
		var p *api.Problem
		if !errors.As(err, &p) || p.Kind != refused.kind {
			t.Errorf("%s: %v, want it refused as %v", name, err, refused.kind)
		}
	}
}
