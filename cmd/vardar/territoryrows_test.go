package main

import (
	"testing"

	"github.com/vardar-network/vardar/node/api"
)

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
