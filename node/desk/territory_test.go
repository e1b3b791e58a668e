package desk_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol/body"
)

// TestPhaseBoardSuggestsWhatNobodyDeclared: with the residents of the municipality that has
// its seat there, until who is competent declares it.
func TestPhaseBoardSuggestsWhatNobodyDeclared(t *testing.T) {
	w := market(t)
	territory := func() *desk.TerritoryRow {
		t.Helper()
		l := must(w.desk.List(t.Context(), desk.Query{What: desk.ListTerritories, Place: "MK"}))(t)
		rows := l.Rows.([]desk.TerritoryRow)
		if len(rows) == 0 {
			return nil
		}
		return &rows[0]
	}
	w.reportAt(gate, "iso3166-2:MK-405", 960)
	if row := territory(); row != nil {
		t.Fatalf("%+v: nobody knows how many live there", row)
	}
	w.publish(desk.Request{As: gate, Kind: "profile", Set: []string{
		"names.en=South Gate", "level=municipality", "seat.scheme=iso3166-2", "seat.code=MK-405", "residents.value=22000", "residents.source=census", "residents.year=2015",
	}})
	row := territory()
	want := []desk.Sign{{Sign: board.SignArrivals, Value: 43636, Limit: 10000, Institution: gate}}
	if row == nil || row.Suggested != body.Response || len(row.Phases) != 0 {
		t.Fatalf("territory = %+v, want a response suggested", row)
	}
	if q := row.Signs[0].Quality; q == nil || q.Score == 0 || row.Signs[0].Record.IsZero() {
		t.Errorf("the figure behind it is %s, of quality %+v", row.Signs[0].Record, q)
	}
	row.Signs[0].Record, row.Signs[0].Quality = want[0].Record, nil
	if diff := cmp.Diff(want, row.Signs); diff != "" {
		t.Errorf("signs (-want +got):\n%s", diff)
	}
	w.publish(desk.Request{As: gate, Kind: "phase", Set: []string{"place=iso3166-2:MK-405", "phase=response", "reason=Arrivals"}})
	if row = territory(); row == nil || row.Suggested != "" || len(row.Signs) != 0 || len(row.Phases) != 1 {
		t.Errorf("declared, the territory is %+v", row)
	}
	shown := must(w.desk.Show(t.Context(), "MK-405"))(t)
	if len(shown.Place.Phases) != 1 || shown.Place.Phases[0].Phases[0].Phase != body.Response {
		t.Errorf("the place has %+v", shown.Place.Phases)
	}
	_, err := w.desk.List(t.Context(), desk.Query{What: desk.ListTerritories, By: string(gate)})
	refused(t, err, desk.Usage, "by: the list territories can't be chosen by by: leave --by out (try: vardar list territories)")
}
