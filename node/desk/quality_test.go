package desk_test

import (
	"testing"

	"github.com/vardar-network/vardar/node/desk"
)

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
	for _, what := range []string{desk.ListRoutes, desk.ListPool, desk.ListCapacity} {
		if good, poor := rows(desk.Query{What: what, Quality: "good"}), rows(desk.Query{What: what, Quality: "poor"}); good != 0 || poor != 1 {
			t.Errorf("%s: %d good and %d poor or better, want 0 and 1", what, good, poor)
		}
	}
	_, err := w.desk.List(t.Context(), desk.Query{What: desk.ListPhases, Quality: "good"})
	refused(t, err, desk.Usage, "quality: the list phases can't be chosen by quality: leave --quality out (try: vardar list phases)")
	_, err = w.desk.List(t.Context(), desk.Query{What: desk.ListFigures, Quality: "best"})
	refused(t, err, desk.Usage, "quality: no quality is called \"best\": want one of good, usable, weak, poor (try: vardar list figures --quality usable)")
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
