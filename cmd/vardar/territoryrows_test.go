package main

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/vardar-network/vardar/node/api"
)

// TestNumberBelowZeroKeepsItsMinus, also where the whole part is 0.
func TestNumberBelowZeroKeepsItsMinus(t *testing.T) {
	for n, want := range map[int64][2]string{0: {"0.0 %", "0.000"}, -5: {"-0.5 %", "-0.005"}, -10: {"-1.0 %", "-0.010"}, -1234: {"-123.4 %", "-1.234"}, 45: {"4.5 %", "0.045"}} {
		if got := [2]string{percent(n), thousandths(&n)}; got != want {
			t.Errorf("%d is said %q, want %q", n, got, want)
		}
		var row api.AlignmentRow
		if err := json.Unmarshal(fmt.Appendf(nil, `{"indicator":"arrivals","progress":{"value":1,"unit":"persons","per_mille":%d}}`, n), &row); err != nil {
			t.Fatal(err)
		}
		if got := progress(&row); got != "1 persons, "+want[0]+", 0 h old" {
			t.Errorf("progress of %d per mille is said %q", n, got)
		}
	}
}

// TestPhaseThatStandsUnderAnotherSaysSo: of two phases of one place, that which counts is named beside the other.
func TestPhaseThatStandsUnderAnotherSaysSo(t *testing.T) {
	var row api.TerritoryRow
	if err := json.Unmarshal([]byte(`{"place":"iso3166-2:MK-405","phases":[{"phase":"preparedness","institution":"mk.southeast.gevgelija","under":"mk.national.crisis-centre/situation.1.4"},{"phase":"response","institution":"mk.national.crisis-centre"}]}`), &row); err != nil {
		t.Fatal(err)
	}
	table := (&app{}).territories([]api.TerritoryRow{row})
	if got, want := table.rows[0][1], "preparedness (what mk.national.crisis-centre declared counts, which is above), response"; got != want {
		t.Errorf("the phases are said %q, want %q", got, want)
	}
}

func TestEverySignIsSaid(t *testing.T) {
	for _, tt := range []struct {
		sign api.Sign
		want string
	}{
		{api.Sign{Sign: api.SignOccupancy, Value: 954, Limit: 900}, "95.4 % of the places are taken (limit 90 %)"},
		{api.Sign{Sign: api.SignRoom, Value: 200, Limit: 600}, "20.0 % of the places are taken (limit 60 %)"},
		{api.Sign{Sign: api.SignClosed, Name: "Bogorodica"}, "closed: Bogorodica"},
		{api.Sign{Sign: api.SignFull, Value: 400, Limit: 401}, "400 places are free, and 401 arrive in a day"},
		{api.Sign{Sign: api.SignAlert, Name: "Snow"}, "alert: Snow"},
		{api.Sign{Sign: api.SignQuiet, Value: 14}, "14 days without a sign of a response"},
		{api.Sign{Sign: api.SignArrivals, Value: 43636, Limit: 10000}, "43.6 arrive in a day for 1,000 residents (limit 10)"},
	} {
		if got := signText(&tt.sign); got != tt.want {
			t.Errorf("%s is said as %q, want %q", tt.sign.Sign, got, tt.want)
		}
	}
}
