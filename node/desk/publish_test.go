package desk_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

const quietReport = `{"place":{"scheme":"iso3166-2","code":"MK-405"},"period":{"start":"2015-11-02T00:00:00Z","end":"2015-11-03T00:00:00Z"},
	"figures":[{"indicator":"arrivals","value":8178},{"indicator":"children","value":{"lt":5}}]}`

func TestReportIsRecordedAndReadBack(t *testing.T) {
	w := solo(t)
	p := w.publish(desk.Request{Kind: "report", Body: json.RawMessage(quietReport)})
	if got, want := p.Record.String(), string(centre)+"/situation.1.1"; got != want {
		t.Errorf("record = %s, want %s", got, want)
	}
	if p.Handling != protocol.Green || p.Type != body.TypeReport || p.Said != "recorded; 0 of 0 peers have it" || !p.Reached {
		t.Errorf("published = %+v", p)
	}
	r := must(w.desk.Record(t.Context(), p.Record, protocol.Digest{}))(t)
	if err := r.Verify(); err != nil {
		t.Error(err)
	}
	b := must(body.Parse(r.Type, r.Body))(t).(*body.SituationReport)
	if n, _ := b.Figures[0].Value.Exact(); n != 8178 || !b.Figures[1].Value.IsBand() {
		t.Errorf("figures = %v", b.Figures)
	}
}

func TestDryRunWritesNothing(t *testing.T) {
	w := solo(t)
	p := w.publish(desk.Request{Kind: "report", Set: []string{"summary=quiet"}, DryRun: true})
	if !p.DryRun || !p.Record.IsZero() || !strings.Contains(string(p.Body), `"summary":"quiet"`) {
		t.Errorf("published = %+v", p)
	}
	var problem *desk.Problem
	_, err := w.desk.Show(t.Context(), "situation.1.1")
	if !errors.As(err, &problem) || problem.Kind != desk.NotFound {
		t.Errorf("Show() = %v, want nothing held", err)
	}
}

func TestFieldsAreSetByPath(t *testing.T) {
	w := solo(t)
	p := w.publish(desk.Request{Kind: "report", Set: []string{
		"place=iso3166-2:MK-405", "period.start=2015-11-02T00:00:00Z", "period.end=2015-11-03T00:00:00Z",
		"figures.arrivals=8178", "figures.children=<5", "figures.children.value={\"lt\":5}", "figures[2].indicator=x-buses",
		"figures.2.value=12", "figures.2.unit=buses", "top_needs=shelter, wash", "severity=Severe", "summary=1,000 wait",
	}, DryRun: true})
	var got, want map[string]any
	ok(t, json.Unmarshal(p.Body, &got))
	delete(got, "salt")
	ok(t, json.Unmarshal([]byte(`{"place":{"scheme":"iso3166-2","code":"MK-405"},
		"period":{"start":"2015-11-02T00:00:00Z","end":"2015-11-03T00:00:00Z"},
		"figures":[{"indicator":"arrivals","value":8178},{"indicator":"children","value":{"lt":5}},{"indicator":"x-buses","value":12,"unit":"buses"}],
		"top_needs":["shelter","wash"],"severity":"Severe","summary":"1,000 wait"}`), &want))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
}

func TestYesterdaysReportIsCopiedAndMovesOn(t *testing.T) {
	w := solo(t)
	w.publish(desk.Request{Kind: "report", Body: json.RawMessage(quietReport), Set: []string{"number=7", "version=initial"}})
	w.publish(desk.Request{Kind: "route", Set: []string{"asset.type=border_crossing", "asset.name=Bogorodica", "asset.code=x:gr-mk:bogorodica-evzoni", "state=open"}})
	_, err := w.desk.Publish(t.Context(), desk.Request{Kind: "report", From: "last"})
	refused(t, err, desk.Refused, "set: what "+string(centre)+"/situation.1.1 says would be said again, of a new period")
	w.clock.pass(24 * time.Hour)
	p := w.publish(desk.Request{Kind: "report", From: "last", Set: []string{"figures.arrivals=0"}})
	b := must(body.Parse(p.Type, p.Body))(t).(*body.SituationReport)
	if got, want := b.Period.Start.String()+" "+b.Period.End.String(), "2015-11-03T00:00:00Z 2015-11-04T00:00:00Z"; got != want {
		t.Errorf("period = %s, want %s", got, want)
	}
	n, exact := b.Figures[0].Value.Exact()
	if b.Number != 8 || b.Version != "update" || n != 0 || !exact || len(b.Figures) != 2 {
		t.Errorf("report = %+v", b)
	}
}

// TestNextReportEndsByNow: of the time to come there is nothing to report, by form and by command alike.
func TestNextReportEndsByNow(t *testing.T) {
	for _, tt := range []struct{ name, start, end, wantStart, wantEnd string }{
		{"long ago", "2015-11-02T18:00:00Z", "2015-11-03T12:00:00Z", "2015-11-03T12:00:00Z", "2015-11-04T06:00:00Z"},
		{"half an hour ago", "2015-11-08T00:00:00Z", "2015-11-08T18:00:00Z", "2015-11-08T18:00:00Z", "2015-11-08T18:31:00Z"},
		{"still under way", "2015-11-08T00:00:00Z", "2015-11-09T00:00:00Z", "2015-11-09T00:00:00Z", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := solo(t)
			now := time.Date(2015, 11, 8, 18, 31, 20, 0, time.UTC)
			w.clock.pass(now.Sub(w.clock.Now()))
			w.publish(desk.Request{Kind: "report", Body: json.RawMessage(quietReport), Set: []string{"period.start=" + tt.start, "period.end=" + tt.end}})
			values := map[string]string{}
			for _, f := range must(w.desk.NewForm(t.Context(), centre, desk.FormReport, ""))(t).Fields {
				values[f.Name] = f.Value
			}
			if values["period.start"] != tt.wantStart || values["period.end"] != tt.wantEnd {
				t.Errorf("the form says %q to %q, want %q to %q", values["period.start"], values["period.end"], tt.wantStart, tt.wantEnd)
			}
		})
	}
}

func TestRouteExpiresByItself(t *testing.T) {
	w := solo(t)
	p := w.publish(desk.Request{Kind: "route", Set: []string{"asset.type=border_crossing", "asset.name=Bogorodica", "asset.code=x:gr-mk:bogorodica-evzoni", "state=closed"}})
	b := must(body.Parse(p.Type, p.Body))(t).(*body.Route)
	if b.ObservedAt.Time() != w.clock.Now() || b.ValidUntil.Time().Sub(b.ObservedAt.Time()) != 12*time.Hour {
		t.Errorf("observed %s, valid until %s", b.ObservedAt, b.ValidUntil)
	}
	// Filled in again when it is copied: the old moments would have expired.
	w.clock.pass(48 * time.Hour)
	p = w.publish(desk.Request{Kind: "route", From: "last", Set: []string{"state=open"}})
	b = must(body.Parse(p.Type, p.Body))(t).(*body.Route)
	if b.ObservedAt.Time() != w.clock.Now() || b.State != body.RouteOpen {
		t.Errorf("copied route = %+v", b)
	}
}

func TestAlertNeedsOnlyWhatAPersonKnows(t *testing.T) {
	w := solo(t)
	info := []string{"info.0.category=Safety", "info.0.event=Arrivals", "info.0.urgency=Expected", "info.0.severity=Severe", "info.0.certainty=Likely"}
	tests := []struct {
		name     string
		handling protocol.Handling
		exercise bool
		want     string
	}{
		{"green stays in the network", 0, false, "Actual Restricted TLP:GREEN"},
		{"clear is for everyone", protocol.Clear, false, "Actual Public "},
		{"an exercise says so", protocol.Amber, true, "Exercise Restricted TLP:AMBER"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := w.publish(desk.Request{Kind: "alert", Set: info, Handling: tt.handling, Exercise: tt.exercise})
			b := must(body.Parse(p.Type, p.Body))(t).(*body.Alert)
			if got := string(b.Status) + " " + string(b.Scope) + " " + string(b.Restriction); got != tt.want {
				t.Errorf("alert is %q, want %q", got, tt.want)
			}
			if b.Sender != body.CAPName(centre) || b.Sent.Time() != w.clock.Now() {
				t.Errorf("sent by %s at %s", b.Sender, b.Sent)
			}
		})
	}
}

// TestWhatCannotBeSaidIsRefused gives each bad input with the whole of what a person
// reads.
func TestWhatCannotBeSaidIsRefused(t *testing.T) {
	w := solo(t)
	w.host(gate)
	report := func(s string) desk.Request { return desk.Request{Kind: "report", Body: json.RawMessage(s)} }
	tests := []struct {
		name string
		r    desk.Request
		kind desk.Kind
		want string
	}{
		{"a kind nobody knows", desk.Request{Kind: "reprot"}, desk.Usage, `kind: no kind is called "reprot": did you mean report? want one of accept, acknowledgement, alert, ask_status, cancel, cancel-flow, capacity, `},
		{"a trust record", desk.Request{Kind: "admission"}, desk.Usage, `admission is not published by hand (try: vardar member invite)`},
		{"a correction", desk.Request{Kind: "correction"}, desk.Usage, `correction is not published by hand (try: vardar correct RECORD)`},
		{"an institution of somebody else", desk.Request{As: river, Kind: "report"}, desk.NotPermitted, `this node does not write for mk.southeast.demo-river-town`},
		{"wrong JSON", report(`{"summary":`), desk.Refused, `not well-formed JSON: `},
		{"a list", report(`[]`), desk.Refused, `a member's value does not fit: want an object, got a list`},
		{"a member twice", report(`{"summary":"a","summary":"b"}`), desk.Refused, `summary: a member stands twice, in this or another case`},
		{"a salt of one's own", report(`{"salt":"AAECAwQFBgcICQoLDA0ODw==","summary":"a"}`), desk.Refused, `salt: a salt is made anew for every record: leave it out`},
		{"nothing said", report(`{}`), desk.Refused, `summary: a member is needed here: the report says nothing: give a summary, or figures`},
		{"a missing member", report(`{"figures":[{"indicator":"arrivals"}]}`), desk.Refused, `figures[0].value: it is missing: give it`},
		{"figures without a place", report(`{"figures":[{"indicator":"arrivals","value":1}]}`), desk.Refused, `place: a member is needed here: figures need the place that they were counted at`},
		{"a negative count", report(`{"figures":[{"indicator":"arrivals","value":-1}]}`), desk.Refused, `figures[0].value: not a figure: -1: want a whole number from 0 to 1000000000000`},
		{"N/A as a figure", desk.Request{Kind: "report", Set: []string{"figures.arrivals=N/A"}}, desk.Refused, `figures[0].value: not a figure: "N/A": want a whole number`},
		{"a body of 300 KiB", report(`{"summary":"` + strings.Repeat("x", 300<<10) + `"}`), desk.Refused, `the body is 307214 bytes long, and a record's is at most 262144: shorten it, or say it in several records`},
		{"a field nobody knows", desk.Request{Kind: "report", Set: []string{"sommary=quiet"}}, desk.Usage, `sommary: there is no field "sommary" here: did you mean summary? want one of `},
		{"no assignment", desk.Request{Kind: "report", Set: []string{"summary"}}, desk.Usage, `set: "summary" is not field=value: write it as place.code=MK-405`},
		{"an entry too far", desk.Request{Kind: "report", Set: []string{"figures.4.value=1"}}, desk.Usage, `figures.4.value: there is no entry 4 yet: the next one is 0`},
		{"below a text", desk.Request{Kind: "report", Set: []string{"summary.en=quiet"}}, desk.Usage, `summary.en: there is nothing below "summary": end the path there`},
		{"the salt by name", desk.Request{Kind: "report", Set: []string{"salt=AAECAwQFBgcICQoLDA0ODw=="}}, desk.Usage, `salt: there is no field "salt" here`},
		{"above AMBER", desk.Request{Kind: "report", Set: []string{"summary=x"}, Handling: protocol.Red}, desk.Refused, `handling: TLP:RED is always sealed to its readers, and this version can't seal yet: say it under TLP:AMBER`},
		{"AMBER+STRICT too", desk.Request{Kind: "report", Set: []string{"summary=x"}, Handling: protocol.AmberStrict}, desk.Refused, `handling: TLP:AMBER+STRICT is always sealed`},
		{"beyond competence", desk.Request{As: gate, Kind: "alert"}, desk.Refused, `kind: alert is beyond the competence of a municipality: these may: region, ministry (try: vardar member charter show)`},
		{"an alert of nothing", desk.Request{Kind: "alert"}, desk.Refused, `info: the alert warns of nothing: give info.0.event`},
		{
			"an alert for everyone under a mark that is not",
			desk.Request{Kind: "alert", Body: json.RawMessage(`{"scope":"Public","info":[{"category":["Safety"],"event":"Arrivals","urgency":"Expected","severity":"Severe","certainty":"Likely"}]}`)},
			desk.Refused, `scope: scope Public goes beyond the mark TLP:GREEN: give --handling TLP:CLEAR, or leave the scope out (try: vardar publish alert --help)`,
		},
		{"nothing to copy", desk.Request{Kind: "report", From: "last"}, desk.NotFound, `mk.national.demo-crisis-centre has not published a report yet (try: vardar publish report)`},
		{"a copy of nothing", desk.Request{Kind: "report", From: "situation.1.77"}, desk.NotFound, `no record mk.national.demo-crisis-centre/situation.1.77 is held here`},
		{"a group that the charter lacks", desk.Request{Kind: "report", Set: []string{"summary=x"}, Body: json.RawMessage(`{"to":["group:mk-south-east"]}`)}, desk.Refused, `to.0: the charter in force has no group "mk-south-east": did you mean group:mk-southeast? (try: vardar member charter show)`},
		{"a group like none", desk.Request{Kind: "report", Set: []string{"summary=x"}, Body: json.RawMessage(`{"to":["group:donors"]}`)}, desk.Refused, `to.0: the charter in force has no group "donors": want one of group:far, group:mk-southeast, or an institution`},
		{"a copy of no name", desk.Request{Kind: "report", From: "yesterday"}, desk.Usage, `record: `},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			before := w.intake.Counts().Published
			if tt.kind == desk.Refused && tt.r.As == gate { // fill what a person would
				tt.r.Set = append(tt.r.Set, "info.0.event=x")
			}
			_, err := w.desk.Publish(t.Context(), tt.r)
			refused(t, err, tt.kind, tt.want)
			if after := w.intake.Counts().Published; after != before {
				t.Errorf("%d records were written", after-before)
			}
		})
	}
}

// refused wants a problem of a kind that begins with words.
func refused(t *testing.T, err error, kind desk.Kind, want string) {
	t.Helper()
	var p *desk.Problem
	if !errors.As(err, &p) {
		t.Fatalf("error = %v, want a problem", err)
	}
	if p.Kind != kind || !strings.HasPrefix(p.Error(), want) {
		t.Errorf("problem = %s: %q\nwant %s: %q", p.Kind, p.Error(), kind, want)
	}
}
