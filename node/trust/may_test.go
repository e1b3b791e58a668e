package trust_test

import (
	"slices"
	"testing"

	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

func TestWhoMaySayWhat(t *testing.T) {
	ngo := admission(kumanovo)
	ngo.Level = body.NGO
	g, _, _ := admitted()
	g.Add(penOf(centre).write(ngo))
	tests := []struct {
		name string
		id   protocol.InstitutionID
		what string
		want bool
	}{
		{"a municipality reports, as the default says", gevgelija, "vardar.situation.report.v1", true},
		{"a municipality sends no warnings", gevgelija, "vardar.alert.warning.v1", false},
		{"a municipality corrects itself", gevgelija, "vardar.situation.correction.v1", true},
		{"an NGO reports, as the charter says", kumanovo, "vardar.situation.report.v1", true},
		{"a last star holds kinds to come", kumanovo, "vardar.situation.weather.v7", true},
		{"a star in the middle holds one topic", kumanovo, "vardar.policy.note.v1", true},
		{"an NGO offers nothing, where the charter has spoken", kumanovo, "vardar.resource.offer.v1", false},
		{"a sealed record is judged once it is open", kumanovo, "vardar.resource.sealed.v1", true},
		{"every member names keys", kumanovo, "vardar.trust.key.v1", true},
		{"a registrar admits", association, "vardar.trust.admission.v1", true},
		{"a registrar erases for its members, whatever its level", association, "vardar.situation.erasure.v1", true},
		{"an NGO erases nothing, where the charter has spoken", kumanovo, "vardar.resource.erasure.v1", false},
		{"a member admits nobody", gevgelija, "vardar.trust.admission.v1", false},
		{"a steward admits nobody", ministry, "vardar.trust.admission.v1", false},
		{"a stranger says nothing", "rs.south.vranje", "vardar.situation.report.v1", false},
		{"not even keys", "rs.south.vranje", "vardar.trust.key.v1", false},
		{"what is no type", gevgelija, "vardar.situation.*.*", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := g.May(tt.id, tt.what); got != tt.want {
				t.Errorf("May(%s, %s) = %t, want %t", tt.id, tt.what, got, tt.want)
			}
		})
	}
}

func TestPatternsOfTheCharter(t *testing.T) {
	const report = "vardar.situation.report.v1"
	tests := []struct {
		name, pattern string
		want          bool
	}{
		{"the type itself", "vardar.situation.report.v1", true},
		{"every version", "vardar.situation.report.*", true},
		{"every kind of a topic", "vardar.situation.*", true},
		{"the same in full", "vardar.situation.*.*", true},
		{"everything", "vardar.*", true},
		{"another version", "vardar.situation.report.v2", false},
		{"another topic", "vardar.alert.*", false},
		{"no star at the end", "vardar.situation", false},
		{"part of a token", "vardar.sit*", false},
		{"too long", "vardar.situation.report.v1.*", false},
		{"nothing", "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := founding()
			c.MembersMay["municipality"] = []string{tt.pattern}
			g, err := trust.New(signed(c, secretariat, centre))
			if err != nil {
				t.Fatal(err)
			}
			a := admission(gevgelija)
			a.Charter = g.CharterDigest()
			registrar := newPen(association, identity(association), g.CharterDigest())
			g.Add(registrar.write(a))
			if got := g.May(gevgelija, report); got != tt.want {
				t.Errorf("May() under %q = %t, want %t", tt.pattern, got, tt.want)
			}
		})
	}
}

func TestWhileAdmissionsContradictOnlyWhatBothAllowIsAllowed(t *testing.T) {
	g, _, registrar := admitted()
	registrar.sequence, registrar.previous, registrar.hand = 0, charterDigest(), 1
	other := admission(gevgelija)
	other.Level = body.Ministry
	g.Add(registrar.write(other))
	if m, _ := g.Member(gevgelija); m.Level != 0 {
		t.Errorf("level is %s, want none while two admissions contradict", m.Level)
	}
	if !g.May(gevgelija, "vardar.situation.report.v1") || g.May(gevgelija, "vardar.alert.warning.v1") {
		t.Error("want what a municipality and a ministry may both say, and no more")
	}
}

func TestGroupsMeanMembersByPrefixAndByName(t *testing.T) {
	c := founding()
	c.Groups = map[string][]string{"south": {"mk.southeast."}, "some": {string(centre), string(kumanovo), "rs.south.vranje"}}
	g, err := trust.New(signed(c, secretariat, centre))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]protocol.InstitutionID{"south": {association}, "some": {centre}} {
		if got, ok := g.GroupMembers(name); !ok || !slices.Equal(got, want) {
			t.Errorf("group %s means %v, %v; want %v", name, got, ok, want)
		}
	}
	if got, ok := g.GroupMembers("north"); ok {
		t.Errorf("a group that the charter lacks means %v", got)
	}
}
