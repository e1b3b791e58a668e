package body_test

import (
	"testing"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

func TestLevelsMayWriteWhatTheMatrixSays(t *testing.T) {
	const (
		mu = 1 << body.Municipality
		re = 1 << body.RegionalAuthority
		mi = 1 << body.Ministry
		ng = 1 << body.NGO
		io = 1 << body.InternationalOrganisation
		do = 1 << body.Donor
		rb = 1 << body.RegionalBody

		all       = mu | re | mi | ng | io | do | rb
		authority = mu | re | mi
	)
	tests := []struct {
		recordType string
		levels     int
	}{
		{"vardar.situation.report.v1", all},
		{"vardar.situation.route.v1", authority},
		{"vardar.situation.phase.v1", authority},
		{"vardar.situation.needs.v1", all &^ rb},
		{"vardar.alert.warning.v1", re | mi},
		{"vardar.resource.request.v1", all &^ rb},
		{"vardar.resource.capacity.v1", all &^ rb},
		{"vardar.knowledge.practice.v1", all},
		{"vardar.policy.consultation.v1", re | mi | rb},
		{"vardar.policy.response.v1", all &^ rb},
		{"vardar.policy.strategy.v1", authority | rb},
		{"vardar.policy.project.v1", authority | rb},
		{"vardar.funding.plan.v1", re | mi},
		{"vardar.funding.pledge.v1", re | mi | io | do},
		{"vardar.funding.receive.v1", all &^ rb},
		{"vardar.trust.key.v1", all},
		{"vardar.trust.admission.v1", all},
		{"vardar.resource.note.v1", all},
		{"vardar.alert.acknowledgement.v1", all},
		{"vardar.situation.correction.v1", all},
		{"vardar.situation.report.v2", all},
		{"vardar.situation.sealed.v1", all},
		{"vardar.situation.weather.v1", re | mi},
		{"vardar.knowledge.weather.v1", 0},
		{"report", 0},
	}
	for _, tt := range tests {
		t.Run(tt.recordType, func(t *testing.T) {
			for _, l := range body.Levels() {
				want := tt.levels&(1<<l) != 0
				if got := body.MayByDefault(l, tt.recordType); got != want {
					t.Errorf("MayByDefault(%s) = %v, want %v", l, got, want)
				}
			}
			if body.MayByDefault(0, tt.recordType) {
				t.Error("nobody may write it")
			}
		})
	}
}

func TestLevelsPrintAndReadThemselves(t *testing.T) {
	for _, l := range body.Levels() {
		var back body.Level
		if err := back.UnmarshalText([]byte(l.String())); err != nil || back != l {
			t.Errorf("%s reads as %s, %v", l, back, err)
		}
	}
	if got := body.Level(0).String(); got != "level(0)" {
		t.Errorf("String() = %s, want level(0)", got)
	}
}

func TestCadencesAreThoseOfTheQualityRules(t *testing.T) {
	tests := []struct {
		name       string
		recordType string
		phase      body.PhaseName
		hours      int
		due        bool
	}{
		{"a report every day in response", body.TypeReport, body.Response, 24, true},
		{"a report every week otherwise", body.TypeReport, body.Recovery, 168, true},
		{"a report every week where no phase was declared", body.TypeReport, "", 168, true},
		{"a route every twelve hours", body.TypeRoute, body.Response, 12, true},
		{"needs every week", body.TypeNeeds, body.Response, 168, true},
		{"capacity every week", body.TypeCapacity, body.Prevention, 168, true},
		{"an alert never", body.TypeAlert, body.Response, 0, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if hours, due := body.Cadence(tt.recordType, tt.phase); hours != tt.hours || due != tt.due {
				t.Errorf("Cadence() = %d, %v, want %d, %v", hours, due, tt.hours, tt.due)
			}
		})
	}
}

func TestNothingIsClearUnlessItsAuthorSaysSo(t *testing.T) {
	for _, typ := range body.Types() {
		if got := body.DefaultHandling(typ); got != protocol.Green {
			t.Errorf("DefaultHandling(%s) = %s, want %s", typ, got, protocol.Green)
		}
	}
}

func TestChangeRulesAreThoseOfTheProfile(t *testing.T) {
	p, err := body.Changes()
	if err != nil || p.Profile != "change" || p.Version != 1 {
		t.Fatalf("Changes() = %+v, %v", p, err)
	}
	for name := range p.Indicators {
		if !body.Indicator(name).Core() {
			t.Errorf("%s is no core indicator", name)
		}
	}
	got, ok := body.ChangeRule(body.Arrivals)
	want := body.ChangeLimits{MAD: 3, History: 14, Percent: 50, Floor: 500, QuietHours: 6, Basis: got.Basis}
	if !ok || got != want || got.Basis == "" {
		t.Errorf("ChangeRule(arrivals) = %+v, %v, want %+v", got, ok, want)
	}
	if _, ok := body.ChangeRule("x-own"); ok {
		t.Error("an indicator of one's own has limits")
	}
}
