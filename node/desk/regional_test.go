package desk_test

import (
	"encoding/csv"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// secretariat is a regional body on one node with a ministry and towns of two countries that
// have reported two days.
func secretariat(t *testing.T) *world {
	t.Helper()
	w := foundOver(t, []string{"gr.", "int."}, centre).open(t, centre, body.Ministry, false)
	w.hostAt(gate, body.Municipality)
	w.hostAt(north, body.Municipality)
	w.hostAt(secretary, body.RegionalBody)
	w.reports(gate, "MK-405", "2015-11-03", "figures.arrivals=960", "figures.present=300")
	w.reports(gate, "MK-405", "2015-11-04", "figures.arrivals=1987", "figures.present=420")
	w.reports(north, "GR-B", "2015-11-04", "figures.arrivals=2100", "figures.present=80")
	return w
}

func (w *world) reports(as protocol.InstitutionID, place, day string, set ...string) {
	w.t.Helper()
	w.publish(desk.Request{As: as, Kind: "report", Set: append([]string{"place=iso3166-2:" + place, "period=" + day}, set...)})
}

// drawn is what a regional report of the first days of November is asked for.
func drawn(set ...string) desk.Request {
	return desk.Request{As: secretary, Kind: "report", Regional: &desk.RegionalAsk{}, Set: append([]string{"period=2015-11-03/2015-11-05"}, set...)}
}

func (w *world) regional(as protocol.InstitutionID, n protocol.Name) desk.RegionalSheet {
	w.t.Helper()
	return must(w.desk.Regional(w.t.Context(), as, n.String(), 0))(w.t)
}

// figureOf gives what a report has of an indicator at the gate, and the total of it.
func figureOf(t *testing.T, s *desk.RegionalSheet, i body.Indicator) (row *board.RegionalFigure, total *body.RegionalTotal) {
	t.Helper()
	for j := range s.Indicators {
		of := &s.Indicators[j]
		k := slices.IndexFunc(of.Rows, func(r board.RegionalFigure) bool { return r.Institution == gate })
		if of.Indicator == i && k >= 0 {
			return &of.Rows[k], of.Total
		}
	}
	t.Fatalf("no %s in %+v", i, s.Indicators)
	return nil, nil
}

func TestRegionalReportIsDrawnUpOfWhatMembersReport(t *testing.T) {
	w := secretariat(t)
	done := w.publish(drawn("outlook=More are expected."))
	s := w.regional(gate, done.Record)
	if s.Check != board.AddsUp || s.Sources != 3 || s.Changed != 0 || s.Outlook != "More are expected." || s.MayMend || s.Ignored != "" {
		t.Errorf("the report is %+v", s)
	}
	if s.Summary != "2 of 2 reports have come. Present: 500 persons (2 places reported)." {
		t.Errorf("it says %q until somebody writes something better", s.Summary)
	}
	row, total := figureOf(t, &s, body.Arrivals)
	if *row.Value != 2947 || *row.Hours != 48 || len(row.Made) != 2 || total != nil {
		t.Errorf("arrivals are %+v, in all %+v: those of two days, and never those of two places", row, total)
	}
	row, total = figureOf(t, &s, body.Present)
	if *row.Value != 420 || total == nil || total.Value != 500 || total.Places != 2 || row.Quality == nil {
		t.Errorf("present are %+v, in all %+v", row, total)
	}
	if !w.regional(secretary, done.Record).MayMend {
		t.Error("its author may not put it right")
	}
	for _, r := range rowsOf[desk.ReportRow](w, desk.Query{What: desk.ListReports}) {
		if r.Regional != (r.Record == done.Record) || r.Standing != board.Counts {
			t.Errorf("in the list of reports it is %+v", r)
		}
	}
	for _, f := range rowsOf[desk.FigureRow](w, desk.Query{What: desk.ListFigures}) {
		if f.Institution == secretary {
			t.Errorf("it is a figure of the board: %+v", f)
		}
	}
}

// TestWhoHasNotReportedIsNamed with why: "2 of 3" is not "2".
func TestWhoHasNotReportedIsNamed(t *testing.T) {
	w := secretariat(t)
	w.hostAt(river, body.Municipality)
	w.reports(river, "MK-401", "2015-10-20", "figures.present=10")
	w.publish(desk.Request{As: river, Kind: "phase", Set: []string{"place=iso3166-2:MK-401", "phase=response", "reason=full", "report_every_h=24"}})
	s := w.regional(gate, w.publish(drawn()).Record)
	if s.Coverage.Reported != 2 || s.Coverage.Of != 3 || len(s.Coverage.Missing) != 1 {
		t.Fatalf("coverage is %+v", s.Coverage)
	}
	if m := s.Coverage.Missing[0]; m.Institution != river || m.State != body.MissingOverdue || m.Place.Code != "MK-401" {
		t.Errorf("missing is %+v", m)
	}
	if _, total := figureOf(t, &s, body.Present); total.Value != 500 {
		t.Errorf("who is silent adds %+v", total)
	}
}

// TestWhoNeverReportedIsNamedInTheRegionalReport as overdue and without a last word, in the words
// that older nodes read; with no seat by the country of its ID. Who reports is in it no more.
func TestWhoNeverReportedIsNamedInTheRegionalReport(t *testing.T) {
	w := secretariat(t)
	w.host(river)
	w.host("mk.northeast.demo-new-town")
	w.seated(river, "MK-401")
	said := func(r desk.Request) (reported, of int, never []string) {
		t.Helper()
		s := w.regional(gate, w.publish(r).Record)
		for _, m := range s.Coverage.Missing {
			if m.State != body.MissingOverdue || !m.Never() {
				t.Errorf("missing is %+v", m)
			}
			never = append(never, m.Institution.LocalName()+" "+m.Place.Key().String())
		}
		return int(s.Coverage.Reported), int(s.Coverage.Of), never
	}
	reported, of, never := said(drawn())
	if want := []string{"demo-new-town iso3166-1:MK", "demo-river-town iso3166-2:MK-401"}; reported != 2 || of != 4 || !slices.Equal(never, want) {
		t.Errorf("%d of %d, never %v, want 2 of 4, and %v", reported, of, never, want)
	}
	abroad := drawn()
	abroad.Regional = &desk.RegionalAsk{Territory: []string{"gr"}}
	if reported, of, never = said(abroad); reported != 1 || of != 1 || never != nil {
		t.Errorf("of another country %d of %d, never %v", reported, of, never)
	}
	w.reports(river, "MK-401", "2015-11-04", "figures.present=10")
	if reported, of, never = said(drawn()); reported != 3 || of != 4 || len(never) != 1 {
		t.Errorf("once it has reported %d of %d, never %v", reported, of, never)
	}
}

func TestTerritoryChoosesWhoseReports(t *testing.T) {
	w := secretariat(t)
	r := drawn()
	r.Regional = &desk.RegionalAsk{Territory: []string{"MK"}, LeaveOut: []string{"arrivals"}}
	s := w.regional(gate, w.publish(r).Record)
	if len(s.Indicators) != 1 || len(s.Indicators[0].Rows) != 1 || s.Indicators[0].Total.Value != 420 || s.Coverage.Of != 1 || s.Sources != 1 {
		t.Errorf("of one country it has %+v", s)
	}
	if !slices.Equal(s.Territory, []body.Territory{"mk"}) || !slices.Equal(s.LeftOut, []body.Indicator{body.Arrivals}) {
		t.Errorf("territory is %v, left out %v", s.Territory, s.LeftOut)
	}
}

func TestRegionalReportThatCanNotBeIsRefused(t *testing.T) {
	w := secretariat(t)
	ask := func(change func(*desk.Request)) desk.Request {
		r := drawn()
		change(&r)
		return r
	}
	tests := []struct {
		name        string
		r           desk.Request
		field, want string
	}{
		{"a town", ask(func(r *desk.Request) { r.As = gate }), "regional", "beyond the competence of a municipality"},
		{"a ministry", ask(func(r *desk.Request) { r.As = centre }), "regional", "beyond the competence of a ministry"},
		{"no period and no report before", ask(func(r *desk.Request) { r.Set = nil }), "period", "no earlier regional report"},
		{"a period that ends before it starts", ask(func(r *desk.Request) {
			r.Set = []string{"period.start=2015-11-04T00:00:00Z", "period.end=2015-11-03T00:00:00Z"}
		}), "period.end", "lies at or before start"},
		{"a country without members", ask(func(r *desk.Request) { r.Regional.Territory = []string{"mk", "fr"} }), "territory.1", `no member is of "fr"`},
		{"no country", ask(func(r *desk.Request) { r.Regional.Territory = []string{"Macedonia"} }), "territory.0", "want a country such as mk"},
		{"no group", ask(func(r *desk.Request) { r.Regional.Territory = []string{"group:nobody"} }), "territory.0", "no group"},
		{"no indicator", ask(func(r *desk.Request) { r.Regional.LeaveOut = []string{"arivals"} }), "leave_out.0", "arivals"},
		{"figures of its own", ask(func(r *desk.Request) { r.Set = append(r.Set, "figures.present=1") }), "figures", "no figures of its own"},
		{"a figure typed over", ask(func(r *desk.Request) { r.Set, r.Regional = nil, nil; r.Body = w.altered(t, 421) }), "regional.indicators.1.rows.1", "not what its sources add up to"},
		{"another kind", ask(func(r *desk.Request) { r.Kind = "practice"; r.Set = []string{"title=x", "problem=y", "solution=z"} }), "regional", "a report is added up"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := w.desk.Publish(t.Context(), tt.r)
			var p *desk.Problem
			if p, _ = err.(*desk.Problem); p == nil || p.Field != tt.field || !strings.Contains(p.Error(), tt.want) || p.Mend == "" { //nolint:errorlint // it comes unwrapped
				t.Errorf("refused with %+v, want field %s: %s", err, tt.field, tt.want)
			}
		})
	}
}

// altered is a report as it would be drawn up, with another number of those present.
func (w *world) altered(t *testing.T, present int) json.RawMessage {
	t.Helper()
	dry := drawn()
	dry.DryRun = true
	var doc map[string]any
	ok(t, json.Unmarshal(w.publish(dry).Body, &doc))
	delete(doc, "salt")
	row := doc["regional"].(map[string]any)["indicators"].([]any)[1].(map[string]any)["rows"].([]any)[1].(map[string]any)
	if row["institution"] != string(gate) {
		row = doc["regional"].(map[string]any)["indicators"].([]any)[1].(map[string]any)["rows"].([]any)[0].(map[string]any)
	}
	row["value"] = present
	return must(json.Marshal(doc))(t)
}

// TestWhatGoesPastTheDeskShowsEverywhere: a figure that was altered, and a report of another level.
func TestWhatGoesPastTheDeskShowsEverywhere(t *testing.T) {
	w := secretariat(t)
	force := func(as protocol.InstitutionID, doc json.RawMessage) protocol.Name {
		raw := append([]byte(protocol.SaltMember([16]byte{1})+","), doc[1:]...)
		return must(w.intake.Publish(t.Context(), intake.Draft{Institution: as, Type: body.TypeReport, Time: protocol.InstantOf(w.clock.Now()), Handling: protocol.Green, Body: raw}))(t).Name
	}
	s := w.regional(gate, force(secretary, w.altered(t, 421)))
	row, _ := figureOf(t, &s, body.Present)
	if s.Check != board.AddsUpNot || row.Check != board.AddsUpNot || row.Comes == nil || *row.Comes != 420 {
		t.Errorf("an altered figure is %+v", row)
	}
	n := force(centre, w.altered(t, 420))
	if shown := must(w.desk.Show(t.Context(), n.String()))(t).Record; shown.Standing != board.BeyondCompetence || shown.Reason != board.BeyondRegional {
		t.Errorf("of a ministry it stands as %s: %s", shown.Standing, shown.Reason)
	}
	if s := w.regional(gate, n); s.Ignored != board.BeyondRegional {
		t.Errorf("of a ministry it is %q", s.Ignored)
	}
}

// TestNarrativeIsPutRightAndFiguresAreNot by its author; what was taken back is told.
func TestNarrativeIsPutRightAndFiguresAreNot(t *testing.T) {
	w := secretariat(t)
	done := w.publish(drawn())
	must(w.desk.Correct(t.Context(), desk.CorrectRequest{As: secretary, Record: done.Record.String(), Reason: "said better", Set: []string{"summary=Two towns are full."}}))(t)
	if s := w.regional(gate, done.Record); s.Summary != "Two towns are full." || s.Check != board.AddsUp || len(s.Corrections) != 1 {
		t.Errorf("put right it is %+v", s)
	}
	_, err := w.desk.Correct(t.Context(), desk.CorrectRequest{As: secretary, Record: done.Record.String(), Reason: "rounder", Set: []string{"regional.indicators.1.total.value=600"}})
	refused(t, err, desk.Refused, "regional.indicators.1.total: this is not what its sources add up to")
	f := must(w.desk.NewForm(t.Context(), secretary, desk.FormCorrect, done.Record.String()))(t)
	for _, field := range f.Fields {
		if strings.HasPrefix(field.Name, "figures.") || field.Name == "place" {
			t.Errorf("the form to put it right has %s", field.Name)
		}
	}
	must(w.desk.Correct(t.Context(), desk.CorrectRequest{As: gate, Record: string(gate) + "/situation.1.2", Reason: "counted again", Set: []string{"figures.present=400"}}))(t)
	if s := w.regional(gate, done.Record); s.Changed != 1 || s.Check != board.AddsUp {
		t.Errorf("behind a correction of a source: %d of %d changed, it %s", s.Changed, s.Sources, s.Check)
	}
}

// TestRegionalReportGoesNoFurtherThanItsSources: what is marked amber makes it amber.
func TestRegionalReportGoesNoFurtherThanItsSources(t *testing.T) {
	w := secretariat(t)
	w.publish(desk.Request{As: north, Kind: "report", Handling: protocol.Amber, Set: []string{"place=iso3166-2:GR-B", "period=2015-11-03", "figures.arrivals=7"}})
	if done := w.publish(drawn()); done.Handling != protocol.Amber {
		t.Errorf("it is marked %s", done.Handling)
	}
	r := drawn()
	r.Handling = protocol.Green
	_, err := w.desk.Publish(t.Context(), r)
	refused(t, err, desk.Refused, "handling: "+string(north)+"/situation.1.2 is marked TLP:AMBER, and the report repeats what it says")
}

// TestNextRegionalReportGoesOnWhereTheLastEnded.
func TestNextRegionalReportGoesOnWhereTheLastEnded(t *testing.T) {
	w := secretariat(t)
	w.publish(drawn())
	w.clock.pass(7 * 24 * time.Hour)
	r := drawn()
	r.Set, r.DryRun = nil, true
	var doc struct{ Period body.Period }
	ok(t, json.Unmarshal(w.publish(r).Body, &doc))
	if got := doc.Period.Start.String(); got != "2015-11-05T00:00:00Z" || doc.Period.End.Time() != w.clock.Now().UTC().Truncate(time.Minute) {
		t.Errorf("the next period is %s to %s", got, doc.Period.End)
	}
}

// TestFiguresOfARegionalReportAreTakenAwayWithTheirSources: a line for each record.
func TestFiguresOfARegionalReportAreTakenAwayWithTheirSources(t *testing.T) {
	w := secretariat(t)
	done := w.publish(drawn())
	for _, format := range []string{desk.AsCSV, desk.AsXLSX, desk.AsHXL, desk.AsJSON} {
		if e := must(w.desk.ExportList(t.Context(), desk.Query{What: desk.ListRegional, Record: done.Record.String()}, format, protocol.Amber))(t); e.Rows != 5 {
			t.Errorf("%s has %d rows, want 4 figures and a total", format, e.Rows)
		}
	}
	e := must(w.desk.ExportList(t.Context(), desk.Query{What: desk.ListRegional, By: string(gate)}, desk.AsCSV, protocol.Amber))(t)
	lines := must(csv.NewReader(strings.NewReader(strings.TrimPrefix(string(e.Files[0].Data), "\ufeff"))).ReadAll())(t)
	source := slices.Index(lines[0], "sources.source")
	var sources []string
	for _, l := range lines[1:] {
		sources = append(sources, l[source])
	}
	want := []string{string(gate) + "/situation.1.1", string(gate) + "/situation.1.2", string(gate) + "/situation.1.2"}
	if !slices.Equal(sources, want) {
		t.Errorf("sources are %v, want %v", sources, want)
	}
}
