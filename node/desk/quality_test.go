package desk_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/duty"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// TestEveryListWithAQualityIsChosenByIt, and no other: whether a list has one its rows say.
func TestEveryListWithAQualityIsChosenByIt(t *testing.T) {
	w, graded := solo(t), 0
	for _, what := range desk.Lists() {
		var l desk.Listing
		ok(t, json.Unmarshal([]byte(`{"what":"`+what+`","rows":[]}`), &l))
		has := hasQuality(reflect.TypeOf(l.Rows).Elem())
		if has {
			graded++
		}
		for _, quality := range []string{"usable", desk.Unverified} {
			if _, err := w.desk.List(t.Context(), desk.Query{What: what, Quality: quality}); (err == nil) != has {
				t.Errorf("the list %s, whose rows have a quality: %t, chosen by %s: %v", what, has, quality, err)
			}
		}
	}
	if graded < 10 {
		t.Errorf("%d lists have a quality", graded)
	}
}

// hasQuality reports whether a row, or a part of it, has a quality.
func hasQuality(t reflect.Type) bool {
	switch t {
	case reflect.TypeFor[board.Quality](), reflect.TypeFor[body.Band]():
		return true
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return hasQuality(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i); (f.IsExported() || f.Anonymous) && f.Tag.Get("json") != "-" && hasQuality(f.Type) {
				return true
			}
		}
	default:
	}
	return false
}

// TestRecordWithoutAQualitySaysWhy: its kind has none, it has no figure that could have one, or another record stands
// in its place, which is named; what does not count says so by its standing.
func TestRecordWithoutAQualitySaysWhy(t *testing.T) {
	w := market(t)
	says := func(kind string, set ...string) desk.Published {
		t.Helper()
		return w.publish(desk.Request{As: gate, Kind: kind, Set: append([]string{"place=MK-405"}, set...)})
	}
	first := says("report", "period=2015-11-02", "figures.arrivals=5", "figures.departures=4")
	half := says("report", "period=2015-11-03", "figures.departures=4")
	second := says("report", "period=2015-11-03", "figures.arrivals=7", "figures.departures=4")
	again := says("report", "period=2015-11-02", "figures.arrivals=6")
	words := says("report", "period=2015-11-03", "summary=calm")
	gone := says("report", "period=2015-11-04", "figures.arrivals=7")
	must(w.desk.Correct(t.Context(), desk.CorrectRequest{As: gate, Record: gone.Record.String(), Retract: true, Reason: "written twice"}))(t)
	road := []string{"asset.type=road", "asset.name=Old road", "state=open"}
	in, both, out := says("route", append(road, "direction=in")...), says("route", road...), says("route", append(road, "direction=out")...)
	tents := []string{"items.0.type=tent", "items.0.unit=piece", "items.0.total=9"}
	stock, stocked := says("capacity", tents...), says("capacity", tents...)
	blankets := []string{"items.0.sector=nfi", "items.0.item=blanket", "items.0.unit=piece", "items.0.required=300", "items.0.basis=count", "items.0.priority=1"}
	need, needed := says("needs", blankets...), says("needs", blankets...)
	later := func(p desk.Published) string { return "a later record has taken its place: " + p.Record.String() }
	for _, tt := range []struct {
		name   string
		of     desk.Published
		scored bool
		want   string
	}{
		{"a live report", second, true, ""},
		{"one of an earlier day", first, false, later(second)},
		{"one of the same day, with less", half, false, later(second)},
		{"one that says an earlier day anew", again, false, "it puts right a period that is not the latest one: what stands now is " + second.Record.String()},
		{"one without figures", words, false, "it has no figure on a core indicator"},
		{"one that was taken back", gone, false, ""},
		{"one way of a road, of which both were told since", in, false, later(both)},
		{"both ways of a road, of which one was told since", both, true, ""},
		{"the other way of it", out, true, ""},
		{"what there was", stock, false, later(stocked)},
		{"what there is", stocked, true, ""},
		{"what was needed", need, false, later(needed)},
		{"what is needed", needed, true, ""},
		{"a consultation", w.consult("closes_at=2015-12-01T00:00:00Z"), false, "this kind has no cadence and no indicators: whoever confirms, disputes or answers it says how far it holds"},
	} {
		r := must(w.desk.Show(t.Context(), tt.of.Record.String()))(t).Record
		if (r.Quality != nil) != tt.scored || r.NotScored != tt.want {
			t.Errorf("%s: quality %+v, not scored since %q, want %q", tt.name, r.Quality, r.NotScored, tt.want)
		}
	}
}

// TestWhatHasNoScoreSaysWhatToGoBy: who asks for the quality of what is signed, reconciled, adopted or answered is told
// that it has none, and what tells as much.
func TestWhatHasNoScoreSaysWhatToGoBy(t *testing.T) {
	w := solo(t)
	for what, by := range map[string]string{
		desk.ListPlans: "a fund plan has no score: go by how far it is, and by who has signed it", desk.ListPlanSums: "a fund plan has no score",
		desk.ListFlows: "a flow of funds has no score: go by whether both sides say the same", desk.ListFunds: "a flow of funds has no score",
		desk.ListPractices: "a practice has no score: go by who has adopted", desk.ListConsultations: "a consultation has no score: go by who has answered it",
		desk.ListAlerts: "an alert has no score: go by how grave", desk.ListEndorsements: "a stance has no score, being a part of that of others", desk.ListNotes: "a word about another record has no score",
		desk.ListProjects: "a project has no score: go by who has confirmed", desk.ListStrategies: "a strategy has no score: go by the progress of its objectives",
	} {
		_, err := w.desk.List(t.Context(), desk.Query{What: what, Quality: "good"})
		refused(t, err, desk.Usage, "quality: the list "+what+" can't be chosen by quality: "+by)
		refused(t, desk.Unscored(what, "good"), desk.Usage, "quality: the list "+what+" can't be chosen by quality: "+by)
		ok(t, desk.Unscored(what, ""))
	}
}

// TestFiguresAreChosenByTheirQuality, and what nobody has verified is listed until somebody
// who may has.
func TestFiguresAreChosenByTheirQuality(t *testing.T) {
	w := market(t)
	mine := w.reportAt(gate, "iso3166-2:MK-405", 960)
	w.reportAt(river, "iso3166-2:MK-405", 500)
	rows := func(q desk.Query) int {
		t.Helper()
		return must(w.desk.List(t.Context(), q))(t).Total
	}
	if weak, poor := rows(desk.Query{What: desk.ListFigures, Quality: "weak"}), rows(desk.Query{What: desk.ListFigures, Quality: "poor"}); weak != 0 || poor != 2 {
		t.Errorf("%d figures are at least weak and %d poor or better, want 0 and 2", weak, poor)
	}
	w.publish(desk.Request{As: gate, Kind: "route", Set: []string{"asset.type=road", "asset.name=Old road", "place=iso3166-2:MK-405", "state=open"}})
	w.publish(desk.Request{As: gate, Kind: "capacity", Set: []string{"place=iso3166-2:MK-405", "items.0.type=tent", "items.0.unit=piece", "items.0.total=9"}})
	w.publish(desk.Request{As: gate, Kind: "needs", Set: []string{"place=iso3166-2:MK-405", "items.0.sector=nfi", "items.0.item=blanket", "items.0.unit=piece", "items.0.required=300", "items.0.basis=count", "items.0.priority=1"}})
	w.declare(100)
	w.need(300, 20)
	for what, all := range map[string]int{
		desk.ListRoutes: 1, desk.ListPool: 2, desk.ListCapacity: 2, desk.ListNeeds: 1, desk.ListUnmet: 1, desk.ListMatches: 1, desk.ListReports: 2, desk.ListContradictions: 1,
	} {
		for quality, want := range map[string]int{"good": 0, "poor": all, desk.Unverified: all} {
			if got := rows(desk.Query{What: what, Quality: quality}); got != want {
				t.Errorf("%s: %d are %s, want %d", what, got, quality, want)
			}
		}
	}
	if got := rows(desk.Query{What: desk.ListReports, Quality: "poor", Match: "960"}); got != 1 {
		t.Errorf("%d reports with a word in them are poor or better, want 1", got)
	}
	_, err := w.desk.List(t.Context(), desk.Query{What: desk.ListPhases, Quality: "good"})
	refused(t, err, desk.Usage, "quality: the list phases can't be chosen by quality: leave --quality out (try: vardar list phases)")
	_, err = w.desk.List(t.Context(), desk.Query{What: desk.ListFigures, Quality: "best"})
	refused(t, err, desk.Usage, "quality: no quality is called \"best\": want one of good, usable, weak, poor, unverified (try: vardar list figures --quality usable)")
	if n, open := rows(desk.Query{What: desk.ListUnverified}), rows(desk.Query{What: desk.ListContradictions}); n != 2 || open != 1 {
		t.Errorf("%d not yet verified and %d contradictions, want 2 and 1", n, open)
	}
	w.stance(desk.AnswerRequest{As: centre, Record: mine.Record.String(), Step: "verify", Set: []string{"basis=registered", "field=arrivals", "value=960"}})
	if n, open := rows(desk.Query{What: desk.ListUnverified}), rows(desk.Query{What: desk.ListContradictions}); n != 1 || open != 0 {
		t.Errorf("verified, %d not yet verified and %d contradictions, want 1 and 0", n, open)
	}
	if weak := rows(desk.Query{What: desk.ListFigures, Quality: "weak"}); weak != 1 {
		t.Errorf("%d figures are at least weak once one is verified, want 1", weak)
	}
	if q := must(w.desk.Show(t.Context(), mine.Record.String()))(t).Record.Quality; q == nil || !q.Verified || q.Profile != 1 {
		t.Errorf("the record's quality = %+v", q)
	}
	sight := must(w.desk.See(t.Context(), 0, "", ""))(t)
	if sight.Coverage.Of != 2 {
		t.Errorf("coverage = %+v, want of 2", sight.Coverage)
	}
	if err := sight.Only(desk.Unverified); err != nil || len(sight.Rows) != 1 {
		t.Errorf("%d rows are not yet verified, want 1 (%v)", len(sight.Rows), err)
	}
}

// TestContradictionOfTwoCodesOfOneGroundIsFoundByBoth: the eight islands are nuts:EL41 and iso3166-2:GR-K. By
// the code of either side it stands in the list and on the page of the place, and rings who follows that
// place; by the code of another place it does not. So does that of a crossing, by its own code too.
func TestContradictionOfTwoCodesOfOneGroundIsFoundByBoth(t *testing.T) {
	w := market(t)
	w.reportAt(gate, "nuts:EL41", 960)
	w.reportAt(river, "iso3166-2:GR-K", 500)
	for who, state := range map[protocol.InstitutionID]string{gate: "place=MK-405", river: "place=MK-406"} {
		w.publish(desk.Request{As: who, Kind: "route", Set: []string{"asset.type=border_crossing", "asset.name=Bogorodica", "asset.code=x:gr-mk:bogorodica-evzoni", state, "direction=both", "state=" + map[protocol.InstitutionID]string{gate: "open", river: "closed"}[who]}})
	}
	all := must(w.desk.List(t.Context(), desk.Query{What: desk.ListContradictions}))(t)
	if all.Total != 2 {
		t.Fatalf("%d contradictions, want 2: %+v", all.Total, all.Rows)
	}
	for _, both := range [][2]string{{"nuts:EL41", "iso3166-2:GR-K"}, {"iso3166-2:MK-405", "iso3166-2:MK-406"}} {
		if !slices.ContainsFunc(must(w.desk.Source().Proposed(t.Context()))(t), func(e duty.Event) bool {
			return e.Kind == duty.Contradiction && slices.Contains(e.Places, both[0]) && slices.Contains(e.Places, both[1])
		}) {
			t.Errorf("no contradiction rings for both of %q", both)
		}
	}
	for place, of := range map[string]string{
		"nuts:EL41": "arrivals", "iso3166-2:GR-K": "arrivals", "MK-405": "state", "MK-406": "state", "x:gr-mk:bogorodica-evzoni": "state", "MK-101": "", "nuts:EL42": "",
	} {
		want := 0
		if of != "" {
			want = 1
		}
		l := must(w.desk.List(t.Context(), desk.Query{What: desk.ListContradictions, Place: place}))(t)
		rows, _ := l.Rows.([]desk.ContradictionRow)
		if len(rows) != want || want == 1 && rows[0].Of != of {
			t.Errorf("by %s: %+v, want %d of %q", place, rows, want, of)
		}
		here := must(w.desk.Place(t.Context(), place, 0))(t).Contradictions
		shown := must(w.desk.Show(t.Context(), place))(t).Place.Contradictions
		if len(here) != want || len(shown) != want {
			t.Errorf("the page of %s has %d, and what is told of it %d, want %d", place, len(here), len(shown), want)
		}
	}
}
