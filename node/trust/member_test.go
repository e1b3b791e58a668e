package trust_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

func TestMembersAreThoseTheCharterNamesAndThoseAdmitted(t *testing.T) {
	g, _, _ := admitted()
	g.Add(penOf(centre).write(invitation(kumanovo, private("claim"))))
	g.Add(penOf(ministry).write(admission("gr.north.kilkis"))) // no registrar
	var got []protocol.InstitutionID
	for _, m := range g.Members() {
		got = append(got, m.ID)
		if again, ok := g.Member(m.ID); !ok || again.Registrar != m.Registrar {
			t.Errorf("Member(%s) = %+v, %t, want what Members gives", m.ID, again, ok)
		}
	}
	want := []protocol.InstitutionID{ministry, secretariat, centre, kumanovo, association, gevgelija}
	if !slices.Equal(got, want) {
		t.Errorf("Members() = %v, want %v", got, want)
	}
	if m, ok := g.Member("gr.north.kilkis"); ok {
		t.Errorf("Member() = %+v, want none", m)
	}
}

func TestMemberIsWhatCharterAdmissionAndItsOwnTrustFeedSay(t *testing.T) {
	g, member, registrar := admitted()
	const recipient = "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq"
	g.Add(member.write(keyFor(gevgelija, protocol.Situation, nodeKey(gevgelija))))
	g.Add(member.write(linkKey(gevgelija, private("first link"))))
	g.Add(member.write(linkKey(gevgelija, private("second link"))))
	g.Add(member.write(&body.KeyRecord{Use: protocol.UseAge, Key: recipient}))
	g.Add(member.write(profile("Gevgelija", body.Ministry)))
	m, ok := g.Member(gevgelija)
	switch {
	case !ok || m.ID != gevgelija || m.Registrar != association || !m.Claimed || m.Out || m.Steward || len(m.Prefixes) > 0:
		t.Errorf("Member() = %+v, %t", m, ok)
	case m.Level != body.Municipality:
		t.Errorf("level is %s, want the admission's and not what it says of itself", m.Level)
	case m.IdentityKey != protocol.KeyOf(identity(gevgelija)) || m.NodeKey != protocol.KeyOf(nodeKey(gevgelija)):
		t.Errorf("identity %s, node %s, want its keys", m.IdentityKey, m.NodeKey)
	case m.LinkKey != protocol.KeyOf(private("second link")):
		t.Errorf("link key is %s, want the newest", m.LinkKey)
	case m.AgeRecipient != recipient || m.Profile == nil || m.Profile.NameIn("en") != "Gevgelija":
		t.Errorf("recipient %s, profile %v, want its own", m.AgeRecipient, m.Profile)
	case m.Admission.Institution != association || m.Admission.Sequence != registrar.sequence:
		t.Errorf("admission is %s, want the association's", m.Admission)
	}
	if key, ok := g.LinkKey(gevgelija); !ok || key != m.LinkKey {
		t.Errorf("LinkKey() = %s, %t, want %s", key, ok, m.LinkKey)
	}
	if _, ok := g.LinkKey(kumanovo); ok {
		t.Error("somebody unknown has a link key")
	}
}

func TestStewardWithoutAdmissionHasTheLevelOfItsProfile(t *testing.T) {
	g := network()
	if m, ok := g.Member(secretariat); !ok || m.Level != 0 || !m.Steward || !slices.Equal(m.Prefixes, []string{"int."}) || m.Registrar != secretariat {
		t.Errorf("Member() = %+v, %t, want a steward and registrar without level", m, ok)
	}
	if !g.May(secretariat, "vardar.trust.key.v1") || g.May(secretariat, "vardar.knowledge.practice.v1") {
		t.Error("before it has said its level, a steward may write trust records alone")
	}
	pen := penOf(secretariat)
	g.Add(pen.write(profile("Secretariat", body.NGO)))
	g.Add(pen.write(profile("Secretariat", body.RegionalBody)))
	if m, _ := g.Member(secretariat); m.Level != body.RegionalBody {
		t.Errorf("level is %s, want that of its newest profile", m.Level)
	}
	if !g.May(secretariat, "vardar.knowledge.practice.v1") {
		t.Error("a regional body may not write a practice")
	}
}

// TestForkedProfileIsThatOfBeforeTheFork: else who has stolen a steward's key takes from it, with two
// profiles, its name, the numbers to call it by, and all that its level lets it write.
func TestForkedProfileIsThatOfBeforeTheFork(t *testing.T) {
	for name, thief := range map[string]body.Level{"of the same level": body.RegionalBody, "of another": body.NGO} {
		t.Run(name, func(t *testing.T) {
			g, pen := network(), penOf(secretariat)
			g.Add(pen.write(profile("Early", body.NGO)))
			g.Add(pen.write(profile("Secretariat", body.RegionalBody)))
			g.Add(pen.unknown())
			other := pen.forked()
			g.Add(pen.write(profile("Secretariat still", body.RegionalBody)))
			g.Add(other.write(profile("Thief", thief)))
			m, _ := g.Member(secretariat)
			if m.Profile == nil || m.Profile.Names["en"] != "Secretariat" || m.Level != body.RegionalBody {
				t.Errorf("profile %+v of level %s, want the one before the fork", m.Profile, m.Level)
			}
			if !g.May(secretariat, "vardar.knowledge.practice.v1") {
				t.Error("what it has written is beyond its competence now")
			}
		})
	}
}

func TestProfileUnderAStrangersAdmissionSaysNothing(t *testing.T) {
	g, _, _ := admitted()
	strange := penOf(centre).write(admissionOf(gevgelija, private("thief")))
	g.Add(strange)
	thief := newPen(gevgelija, private("thief"), strange.Digest())
	g.Add(thief.write(profile("Thief", body.Ministry)))
	g.Add(thief.write(linkKey(gevgelija, private("thief's link"))))
	if m, _ := g.Member(gevgelija); m.Profile != nil || !m.LinkKey.IsZero() {
		t.Errorf("Member() = %+v, want neither profile nor link key", m)
	}
}

func TestNewestIsNoneWhileTwoBranchesContradict(t *testing.T) {
	g, member, _ := admitted()
	g.Add(member.write(linkKey(gevgelija, private("trunk"))))
	third, other := member.forked(), member.forked()
	third.hand = 9
	g.Add(third.unknown())
	g.Add(member.write(linkKey(gevgelija, private("one"))))
	if key, ok := g.LinkKey(gevgelija); !ok || key != protocol.KeyOf(private("one")) {
		t.Errorf("LinkKey() = %s, %t, want the one branch's that says it", key, ok)
	}
	g.Add(other.write(linkKey(gevgelija, private("other"))))
	if key, ok := g.LinkKey(gevgelija); ok {
		t.Errorf("LinkKey() = %s, want none", key)
	}
}

func TestBeaconIsSignedByAnOpenKeyOfAFeedItLists(t *testing.T) {
	g, member, _ := admitted()
	g.Add(member.write(keyFor(gevgelija, protocol.Situation, nodeKey(gevgelija))))
	situation, alert, own := protocol.Head{Topic: protocol.Situation, Epoch: 1}, protocol.Head{Topic: protocol.Alert, Epoch: 1}, protocol.Head{Topic: protocol.Trust, Epoch: 1, Sequence: 1}
	tests := []struct {
		name  string
		id    protocol.InstitutionID
		key   protocol.Key
		heads []protocol.Head
		want  error
	}{
		{"its node key", gevgelija, protocol.KeyOf(nodeKey(gevgelija)), []protocol.Head{alert, situation, own}, nil},
		{"its node key, the feed it opens not listed", gevgelija, protocol.KeyOf(nodeKey(gevgelija)), []protocol.Head{alert, own}, trust.ErrBeaconKey},
		{"its identity key", gevgelija, protocol.KeyOf(identity(gevgelija)), []protocol.Head{situation, own}, trust.ErrBeaconKey},
		{"another's node key", gevgelija, protocol.KeyOf(nodeKey(kumanovo)), []protocol.Head{situation, own}, trust.ErrBeaconKey},
		{"somebody unknown", kumanovo, protocol.KeyOf(nodeKey(gevgelija)), []protocol.Head{situation}, trust.ErrBeaconKey},
		{"no key", kumanovo, protocol.Key{}, []protocol.Head{situation}, trust.ErrBeaconKey},
		{"nothing listed", gevgelija, protocol.KeyOf(nodeKey(gevgelija)), nil, trust.ErrBeaconKey},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := g.BeaconKey(&protocol.Beacon{Institution: tt.id, Key: tt.key, Heads: tt.heads}); !errors.Is(err, tt.want) {
				t.Errorf("BeaconKey() = %v, want %v", err, tt.want)
			}
		})
	}
}
