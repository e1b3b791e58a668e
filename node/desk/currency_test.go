package desk_test

import (
	"testing"

	"github.com/vardar-network/vardar/node/desk"
)

// TestMoneyThatCannotBeIsRefused: a currency that is none, more decimals than a currency has, a line for a year outside its plan's
// period, beside the field that says so, whatever kind of record tells of it.
func TestMoneyThatCannotBeIsRefused(t *testing.T) {
	w := market(t)
	commit := func(amount, currency string) error {
		_, err := w.flow(centre, "commit-flow", "recipient="+string(river), "amount="+amount, "currency="+currency)
		return err
	}
	noCurrency := "no currency has the code XXQ: want an ISO 4217 code such as EUR or MKD"
	refused(t, commit("10", "XXQ"), desk.Refused, "currency: "+noCurrency)
	refused(t, commit("10", "XXX"), desk.Refused, "currency: no currency has the code XXX")
	refused(t, commit("10.505", "EUR"), desk.Refused, "amount: 10.505: amounts in EUR have at most 2 decimals: round it")
	refused(t, commit("10.5", "JPY"), desk.Refused, "amount: 10.5: amounts in JPY have at most 0 decimals")
	for _, currency := range []string{"EUR", "MKD", "RSD", "ALL", "BAM", "USD", "CHF", "HUF", "TRY", "BGN", "HRK", "KWD"} {
		ok(t, commit("10.50", currency))
	}
	ok(t, commit("10.0000", "JPY"))
	ok(t, commit("10.505", "KWD"))

	begun := must(w.flow(centre, "commit-flow", "recipient="+string(river), "amount=100", "currency=EUR"))(t)
	_, err := w.flow(centre, "pay", "thread="+begun.Record.String(), "amount=10.505")
	refused(t, err, desk.Refused, "amount: 10.505")
	_, err = w.desk.Correct(t.Context(), desk.CorrectRequest{As: centre, Record: begun.Record.String(), Reason: "a slip", Set: []string{"amount=100.005"}})
	refused(t, err, desk.Refused, "amount: 100.005")

	for _, wrong := range []struct{ set, want string }{
		{"currency=XXQ", "currency: " + noCurrency},
		{"lines.0.amount=0.001", "lines.0.amount: 0.001: amounts in EUR"},
		{"lines.0.year=2017", "lines.0.year: the year 2017 is outside the period of the plan, 2016-01-01T00:00:00Z to 2017-01-01T00:00:00Z: give a year of the period, or another period"},
		{"lines.0.year=2015", "lines.0.year: the year 2015 is outside"},
		{`rates=[{"currency":"XXQ","rate":"61.4995","as_of":"2015-11-01","source":"National Bank"}]`, "rates.0.currency: " + noCurrency},
	} {
		_, err = w.desk.Publish(t.Context(), desk.Request{As: centre, Kind: "plan", Set: planFields(wrong.set)})
		refused(t, err, desk.Refused, wrong.want)
	}
	plan := w.propose(`rates=[{"currency":"MKD","rate":"61.4995","as_of":"2015-11-01","source":"National Bank"}]`)
	_, err = w.replan(plan.Record, "period=2017-01-01T00:00:00Z/2018-01-01T00:00:00Z")
	refused(t, err, desk.Refused, "lines.0.year: the year 2016 is outside")
	must(w.replan(plan.Record, "period=2015-12-31T23:00:00Z/2016-12-31T23:00:00Z"))(t) // the year in Skopje
	_, err = w.replan(plan.Record, "period=2015-12-31T23:00:00Z/2016-12-31T23:00:00Z", "lines.0.year=2015")
	refused(t, err, desk.Refused, "lines.0.year: the year 2015 is outside")
}
