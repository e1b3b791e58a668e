package api_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/api"
	"github.com/vardar-network/vardar/node/desk"
)

// TestBadInputOfEachKindIsRefused by the API: with the field that is wrong and how to mend it, and
// nothing is written. A kind that has no row here fails.
func TestBadInputOfEachKindIsRefused(t *testing.T) {
	n := open(t)
	ok := func(kind string, set ...string) string {
		t.Helper()
		return must(n.client.Publish(t.Context(), api.Request{Kind: kind, Set: set}))(t).Record.String()
	}
	report := ok("report", "place=MK-405", "period=2015-11-02", "figures.arrivals=960")
	before := must(n.client.Status(t.Context()))(t).Records
	plan := func(set ...string) []string {
		return append([]string{
			"title=Winter places", "currency=EUR", "territory=MK-405", "period=2016-01-01", "lines.0.purpose=beds", "lines.0.beneficiary=mk.southeast.gevgelija", "lines.0.year=2016",
			"lines.0.sector=shelter", "lines.0.amount=5", "lines.0.source=eu_ipa", "lines.0.status=planned",
		}, set...)
	}
	strategy := func(set ...string) []string {
		return append([]string{"title=Reception", "period=2015-11-02/2036-11-02", "status=adopted", "objectives.0.text=Nobody sleeps outside"}, set...)
	}
	practice := func(set ...string) []string {
		return append([]string{"title=Numbers", "problem=Rain", "solution=A number each"}, set...)
	}
	tried := map[string]bool{}
	for _, tt := range []struct {
		path, kind string // of publish, or the step of an answer
		set        []string
		field      string
	}{
		{"publish", "report", []string{"place=MK-405", "period=2015-11-02", "figures.arrivals=-1"}, "figures[0].value"},
		{"publish", "report", []string{"place=Nowhere", "period=2015-11-02", "figures.arrivals=1"}, "place"},
		{"publish", "route", []string{"asset.type=border_crossing", "asset.name=Bogorodica", "state=shut", "observed_at=2015-11-02T00:00:00Z"}, "state"},
		{"publish", "needs", []string{"place=MK-405", "items.0.item=beds", "items.0.required=many"}, "items[0].required"},
		{"publish", "capacity", []string{"items.0.type=bed_place", "items.0.unit=places", "items.0.total=5"}, "items[0].place"},
		{"publish", "phase", []string{"place=MK-405", "phase=panic", "report_every_h=12", "reason=many"}, "phase"},
		{"publish", "phase", []string{"phase=response", "report_every_h=12", "reason=many"}, "place"},
		{"publish", "alert", []string{"info.0.event=Flood", "info.0.category.0=Safety", "info.0.urgency=Immediate", "info.0.severity=Awful", "info.0.certainty=Observed"}, "info[0].severity"},
		{"publish", "plan", plan("currency=euro"), "currency"},
		{"publish", "plan", plan("lines.0.amount=0"), "lines[0].amount"},
		{"publish", "plan", plan("lines.0.co_financing_percent=101"), "lines[0].co_financing_percent"},
		{"publish", "plan", plan("rates=[{\"currency\":\"MKD\",\"rate\":\"61.5\",\"source\":\"bank\"}]"), "rates[0].as_of"},
		{"publish", "strategy", strategy("period=2036-11-02/2015-11-02"), "period.end"},
		{"publish", "strategy", strategy("objectives.0.target=5"), "objectives[0].indicator"},
		{"publish", "strategy", strategy("level=local"), "level"},
		{"publish", "project", []string{"title=One queue", "partners=mk.southeast.nowhere", "period=2015-11-02/2036-11-02"}, "partners.0"},
		{"publish", "project", []string{"partners=mk.southeast.nowhere", "period=2015-11-02/2036-11-02"}, "title"},
		{"publish", "practice", []string{"title=Numbers", "solution=A number each"}, "problem"},
		{"publish", "practice", practice("cost.amount=-5", "cost.currency=EUR"), "cost.amount"},
		{"publish", "practice", practice("phases.0=panic"), "phases[0]"},
		{"publish", "pledge", []string{"recipient=mk.southeast.gevgelija", "amount=0", "currency=EUR"}, "amount"},
		{"publish", "pledge", []string{"recipient=mk.southeast.gevgelija", "amount=5", "currency=EURO"}, "currency"},
		{"publish", "pledge", []string{"amount=5", "currency=EUR"}, "recipient"},
		{"publish", "commit-flow", []string{"recipient=mk.southeast.gevgelija", "amount=-5", "currency=EUR"}, "amount"},
		{"publish", "receive", []string{"donor=mk.southeast.gevgelija", "amount=0", "currency=EUR"}, "amount"},
		{"publish", "pay", []string{"recipient=mk.southeast.gevgelija", "amount=0", "currency=EUR"}, "amount"},
		{"publish", "report-flow", []string{"donor=mk.southeast.gevgelija", "spent=-5", "currency=EUR"}, "spent"},
		{"publish", "cancel-flow", []string{"recipient=mk.southeast.gevgelija", "currency=EUR", "reason=over"}, "thread"},
		{"publish", "consultation", []string{"question=Where do they sleep?", "to=mk.southeast.gevgelija"}, "closes_at"},
		{"publish", "response", []string{"position=support"}, "thread"},
		{"publish", "outcome", []string{"decision=none"}, "thread"},
		{"publish", "request", []string{"lines.0.line=1", "lines.0.type=bed_place", "lines.0.quantity=0", "lines.0.unit=place"}, "lines[0].quantity"},
		{"publish", "offer", []string{"lines.0.line=1", "lines.0.quantity=-5"}, "lines[0].quantity"},
		{"publish", "accept", nil, "lines"},
		{"publish", "ask_status", nil, "lines"},
		{"publish", "cancel", nil, "lines"},
		{"publish", "commit", nil, "lines"},
		{"publish", "consumed", nil, "lines"},
		{"publish", "decline", nil, "lines"},
		{"publish", "extend", nil, "lines"},
		{"publish", "extend_reply", nil, "lines"},
		{"publish", "recall", nil, "lines"},
		{"publish", "recall_reply", nil, "lines"},
		{"publish", "release", nil, "lines"},
		{"publish", "returned", nil, "lines"},
		{"publish", "status", nil, "lines"},
		{"publish", "note", nil, "text"},
		{"publish", "endorsement", []string{"stance=perhaps"}, "stance"},
		{"publish", "acknowledgement", []string{"state=perhaps"}, "state"},
		{"correct", "correction", []string{"figures.arrivals=-1"}, "figures[0].value"},
		{"erase", "erasure", nil, "reason"},
		{"publish", "profile", []string{"names.en=", "level=ministry"}, "names.en"},
		{"answer", "confirm", []string{"basis=hearsay"}, "basis"},
		{"answer", "dispute", []string{"basis=observed"}, "reason"},
		{"answer", "adopt", nil, "refs"},
		{"answer", "pay", nil, ""},
	} {
		tried[tt.kind] = true
		ask := map[string]any{"kind": tt.kind, "set": tt.set}
		switch tt.path {
		case "answer":
			ask = map[string]any{"record": report, "step": tt.kind, "set": tt.set}
		case "correct":
			ask = map[string]any{"record": report, "set": tt.set}
		case "erase":
			ask = map[string]any{"record": report}
		}
		r := n.ask("POST", "/v1/"+tt.path, string(must(json.Marshal(ask))(t)))
		var p struct {
			Field, Mend, Next string
			Errors            []struct{ Field string }
		}
		_ = json.Unmarshal([]byte(r.body), &p)
		fields := p.Field
		for _, e := range p.Errors {
			fields += " " + e.Field
		}
		if r.status < http.StatusBadRequest || r.status >= http.StatusInternalServerError || tt.field != "" && !strings.Contains(" "+fields+" ", " "+tt.field+" ") || p.Mend == "" && p.Next == "" {
			t.Errorf("%s %v: %d %s, want the field %s and its mend", tt.kind, tt.set, r.status, r.body, tt.field)
		}
	}
	for _, kind := range append(desk.Publishable(), "correction", "erasure") {
		if !tried[kind] {
			t.Errorf("no bad input of the kind %s is tried", kind)
		}
	}
	if after := must(n.client.Status(t.Context()))(t).Records; after != before {
		t.Errorf("records before %+v, after %+v", before, after)
	}
}
