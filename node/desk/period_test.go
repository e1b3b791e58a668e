package desk_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol/body"
)

// withoutPeriod is the plan of planFields, of which a body says the period.
func withoutPeriod() []string {
	return slices.DeleteFunc(planFields(), func(said string) bool { return strings.HasPrefix(said, "period=") })
}

// TestPeriodIsADayAMonthOrAYear, or two days; what is none is refused where it stands, by no other kind's help.
func TestPeriodIsADayAMonthOrAYear(t *testing.T) {
	w := market(t)
	for said, want := range map[string]string{
		"2016":                  "2016-01-01T00:00:00Z/2017-01-01T00:00:00Z",
		"2016-02":               "2016-02-01T00:00:00Z/2016-03-01T00:00:00Z",
		"2016-02-28":            "2016-02-28T00:00:00Z/2016-02-29T00:00:00Z",
		"2016-02-28/2016-12-01": "2016-02-28T00:00:00Z/2016-12-01T00:00:00Z",
		"2016/2031":             "2016-01-01T00:00:00Z/2032-01-01T00:00:00Z",
		"2016-01/2016-06":       "2016-01-01T00:00:00Z/2016-07-01T00:00:00Z",
		"2015-11-30/2016":       "2015-11-30T00:00:00Z/2017-01-01T00:00:00Z",
		"2016/2016-02-28":       "2016-01-01T00:00:00Z/2016-02-28T00:00:00Z",

		"2016-02-28T06:00:00Z/2016-02-28T18:00:00Z": "2016-02-28T06:00:00Z/2016-02-28T18:00:00Z",
	} {
		text, year := json.RawMessage(`{"period":"`+said+`"}`), json.RawMessage(`{"period":`+said+`}`)
		requests := []desk.Request{{Set: planFields("period=" + said)}, {Body: text, Set: withoutPeriod()}}
		if len(said) == len("2016") {
			requests = append(requests, desk.Request{Body: year, Set: withoutPeriod()})
		}
		for _, r := range requests {
			r.As, r.Kind, r.DryRun = centre, "plan", true
			p := must(w.desk.Publish(t.Context(), r))(t)
			of := must(body.Parse(p.Type, p.Body))(t).(*body.Plan).Period
			if got := of.Start.String() + "/" + of.End.String(); got != want {
				t.Errorf("%s is %s, want %s", said, got, want)
			}
		}
	}
	plan := w.propose().Record
	done := must(w.desk.Correct(t.Context(), desk.CorrectRequest{As: centre, Record: plan.String(), Reason: "x", Body: json.RawMessage(`{"period":"2016/2018"}`), DryRun: true}))(t)
	if !strings.Contains(string(done.Body), `"end":"2019-01-01T00:00:00Z"`) {
		t.Errorf("put right to %s", done.Body)
	}
	for _, said := range []string{"201", "2016-13", "2016/17", "2016-02/2016-13", "winter", "2016-02-28/", "2016-02-28T06:00:00Z"} {
		_, err := w.desk.Publish(t.Context(), desk.Request{As: centre, Kind: "plan", Body: json.RawMessage(`{"period":"` + said + `"}`), Set: withoutPeriod()})
		refused(t, err, desk.Usage, `period: "`+said+`" is no period: want a day, a month or a year such as`)
		_, err = w.desk.Publish(t.Context(), desk.Request{As: centre, Kind: "plan", Set: planFields("period=" + said)})
		refused(t, err, desk.Usage, `period: "`+said+`" is no period: want a day, a month or a year such as`)
		if p := new(desk.Problem); !errors.As(err, &p) || p.Next != "vardar publish plan --help" {
			t.Errorf("%s leads to %v", said, err)
		}
	}
}
