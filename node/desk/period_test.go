package desk_test

import (
	"errors"
	"testing"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol/body"
)

// TestPeriodIsADayAMonthOrAYear, or two days; what is none is refused where it stands, by no other kind's help.
func TestPeriodIsADayAMonthOrAYear(t *testing.T) {
	w := market(t)
	for said, want := range map[string]string{
		"2016":                  "2016-01-01T00:00:00Z/2017-01-01T00:00:00Z",
		"2016-02":               "2016-02-01T00:00:00Z/2016-03-01T00:00:00Z",
		"2016-02-28":            "2016-02-28T00:00:00Z/2016-02-29T00:00:00Z",
		"2016-02-28/2016-12-01": "2016-02-28T00:00:00Z/2016-12-01T00:00:00Z",
	} {
		p := must(w.desk.Publish(t.Context(), desk.Request{As: centre, Kind: "plan", DryRun: true, Set: planFields("period=" + said)}))(t)
		of := must(body.Parse(p.Type, p.Body))(t).(*body.Plan).Period
		if got := of.Start.String() + "/" + of.End.String(); got != want {
			t.Errorf("%s is %s, want %s", said, got, want)
		}
	}
	for _, said := range []string{"201", "2016-13", "2016/2017", "2016-02/2016-03", "winter", "2016-02-28/"} {
		_, err := w.desk.Publish(t.Context(), desk.Request{As: centre, Kind: "plan", Set: planFields("period=" + said)})
		refused(t, err, desk.Usage, `period: "`+said+`" is no period: want a day, a month or a year such as`)
		if p := new(desk.Problem); !errors.As(err, &p) || p.Next != "vardar publish plan --help" {
			t.Errorf("%s leads to %v", said, err)
		}
	}
}
