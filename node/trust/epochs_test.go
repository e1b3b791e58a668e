package trust_test

import (
	"slices"
	"testing"

	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// The tests named M9 to M15 are scenarios at the end of the rules of epochs.

func last(r protocol.Record) *body.Last {
	return &body.Last{Sequence: r.Sequence, Digest: r.Digest()}
}

func add(t *testing.T, g *trust.Registry, s protocol.SignedCharter) {
	t.Helper()
	if _, err := g.AddCharter(s); err != nil {
		t.Fatal(err)
	}
}

// state is what becomes of a charter.
func state(g *trust.Registry, s protocol.SignedCharter) trust.CharterStanding {
	for _, c := range g.Charters() {
		if c.Digest == s.Digest() {
			return c.Standing
		}
	}
	return 0
}

func TestM9ForkedRegistrarSilencesNobody(t *testing.T) {
	g, registrar := network(), penOf(association)
	g.Add(registrar.unknown())
	other := registrar.forked()
	const bogdanci protocol.InstitutionID = "mk.southeast.bogdanci"
	g.Add(registrar.write(admission(gevgelija)))
	g.Add(other.write(admission(bogdanci)))
	counting(t, g, epochOf(gevgelija, protocol.Trust))
	counting(t, g, epochOf(bogdanci, protocol.Trust))
	// Only what two branches open differently waits.
	g.Add(registrar.write(admissionOf("mk.southeast.dojran", private("one"))))
	g.Add(other.write(admissionOf("mk.southeast.dojran", private("two"))))
	for _, o := range g.Openers(epochOf("mk.southeast.dojran", protocol.Trust)) {
		if !o.Waits {
			t.Errorf("%s counts or opens nothing, want it to wait", o.By)
		}
	}
	counting(t, g, epochOf(gevgelija, protocol.Trust))
}

func TestM14TwoRegistrarsOneMember(t *testing.T) {
	g, former, successor := network(), penOf(association), penOf(centre)
	first := former.write(admission(gevgelija))
	g.Add(first)
	stolen := former.write(admission("mk.southeast.bogdanci"))
	g.Add(stolen)
	// Nobody else admits under the prefix, as long as it is not taken.
	early := successor.write(admissionOf(gevgelija, private("another key")))
	g.Add(early)
	if got := counting(t, g, epochOf(gevgelija, protocol.Trust)); got.By != first.Name {
		t.Errorf("%s opened it, want %s", got.By, first.Name)
	}
	c := second()
	c.Registrars = c.Registrars[:2] // the association is gone: the centre's prefix reaches under it
	c.Ended = []protocol.Ended{{Institution: association, Prefixes: []string{"mk.southeast."}, Epoch: 1, Last: *last(first)}}
	add(t, g, signed(c, secretariat, centre))
	// What it admitted up to there comes before its successor's; what came after opens nothing.
	if got := counting(t, g, epochOf(gevgelija, protocol.Trust)); got.By != first.Name {
		t.Errorf("%s opened it, want the former registrar's %s", got.By, first.Name)
	}
	noneCounts(t, g, epochOf("mk.southeast.bogdanci", protocol.Trust))
	g.Add(former.write(admission("mk.southeast.dojran")))
	noneCounts(t, g, epochOf("mk.southeast.dojran", protocol.Trust))
	// The successor goes on: it opens the next epoch, and says the level anew.
	r := successor.write(admission("mk.southeast.dojran"))
	g.Add(r)
	if got := counting(t, g, epochOf("mk.southeast.dojran", protocol.Trust)); got.By != r.Name {
		t.Errorf("%s opened it, want the successor's %s", got.By, r.Name)
	}
	next := admission(gevgelija)
	next.Level = body.NGO
	g.Add(successor.write(next))
	if m, _ := g.Member(gevgelija); m.Level != body.NGO || m.Registrar != centre {
		t.Errorf("level %v by %s, want what the successor says", m.Level, m.Registrar)
	}
}

func TestM15TwoChartersOfOneNumber(t *testing.T) {
	one, two := second(), second()
	one.Expires, two.Expires = "2031-01-01T00:00:00Z", "2032-01-01T00:00:00Z"
	a, b := signed(one, secretariat, centre), signed(two, centre, ministry)
	third := func(ended bool, stewards ...protocol.InstitutionID) protocol.SignedCharter {
		c, digest, rival := founding(), a.Digest(), b.Digest()
		c.Version, c.Previous = 3, &digest
		if ended {
			c.Rival = &rival
		}
		return signed(c, stewards...)
	}
	g := network()
	add(t, g, third(true, secretariat, ministry))
	add(t, g, a)
	if g.Charter().Version != 2 || len(g.Rivals()) != 0 {
		t.Fatalf("version %d in force with rivals %v, want 2 and none", g.Charter().Version, g.Rivals())
	}
	add(t, g, b)
	ending := third(true, secretariat, ministry)
	if g.Charter().Version != 3 || state(g, ending) != trust.InForce || state(g, a) != trust.Earlier || state(g, b) != trust.RivalCharter {
		t.Errorf("version %d in force: %v", g.Charter().Version, g.Charters())
	}

	g = network()
	add(t, g, a)
	add(t, g, b)
	if g.Charter().Version != 1 || len(g.Rivals()) != 2 || state(g, a) != trust.RivalCharter {
		t.Fatalf("version %d in force with rivals %v, want 1 and both", g.Charter().Version, g.Rivals())
	}
	add(t, g, third(false, secretariat, centre, ministry)) // follows one as if there were no other
	add(t, g, third(true, secretariat, centre))            // the centre signed both
	if g.Charter().Version != 1 {
		t.Fatalf("version %d in force, want the rivalry to last", g.Charter().Version)
	}
	add(t, g, third(true, ministry)) // a further signature of the same document
	if g.Charter().Version != 3 || len(g.Rivals()) != 0 {
		t.Errorf("version %d in force with rivals %v, want 3 and none", g.Charter().Version, g.Rivals())
	}
}

func TestCharterWaitsForItsPredecessorAndSaysWhatItLacks(t *testing.T) {
	g := network()
	one := signed(second(), secretariat)
	add(t, g, one)
	if got := g.Charters()[1]; got.Standing != trust.InvalidCharter || got.Why == "" {
		t.Errorf("a version signed by one is %v (%q)", got.Standing, got.Why)
	}
	digest := one.Digest()
	c := founding()
	c.Version, c.Previous = 3, &digest
	next := signed(c, secretariat, centre)
	// A record of anybody's carries it.
	g.Add(penOf(association).write(body.CharterRecordOf(next)))
	if state(g, next) != trust.WaitingCharter {
		t.Errorf("a version without its predecessor is %v", state(g, next))
	}
	add(t, g, signed(second(), ministry))
	if g.CharterInForce().Digest != next.Digest() || state(g, one) != trust.Earlier {
		t.Errorf("in force: version %d", g.Charter().Version)
	}
	other := founding()
	other.Network = "another"
	if _, err := g.AddCharter(signed(other, secretariat, centre)); err == nil {
		t.Error("another network's charter was taken")
	}
}

func TestRegistrarTurnsItsKeyByTheCharter(t *testing.T) {
	g, p := network(), penOf(association)
	admitted := p.write(admission(gevgelija))
	g.Add(admitted)
	void := p.write(admission("mk.southeast.bogdanci"))
	g.Add(void)
	key := private("the association's next key")
	c := second()
	r := &c.Registrars[2]
	r.Key, r.Proof, r.Epoch, r.Last = protocol.KeyOf(key), proof(association, protocol.UseIdentity, key), 2, last(admitted)
	s := signed(c, secretariat, centre)
	add(t, g, s)
	if o := counting(t, g, protocol.EpochID{Feed: trustFeed(association), Epoch: 2}); o.Digest != s.Digest() || o.Key != r.Key {
		t.Errorf("its second epoch was opened by %v", o)
	}
	counting(t, g, epochOf(gevgelija, protocol.Trust))
	noneCounts(t, g, epochOf("mk.southeast.bogdanci", protocol.Trust))
	next := newPen(association, key, s.Digest())
	next.epoch.Epoch = 2
	g.Add(next.write(admission("mk.southeast.bogdanci")))
	counting(t, g, epochOf("mk.southeast.bogdanci", protocol.Trust))
}

func TestMemberThatBecomesRegistrarGoesOnWithItsFeed(t *testing.T) {
	g, member, _ := admitted()
	before := member.write(keyFor(gevgelija, protocol.Situation, nodeKey(gevgelija)))
	g.Add(before)
	c := second()
	key := identity(gevgelija)
	c.Registrars = append(c.Registrars, protocol.Registrar{Institution: gevgelija, Prefixes: []string{"gr."}, Key: protocol.KeyOf(key), Proof: proof(gevgelija, protocol.UseIdentity, key)})
	add(t, g, signed(c, secretariat, centre))
	counting(t, g, epochOf(gevgelija, protocol.Trust))
	counting(t, g, epochOf(gevgelija, protocol.Situation))
	g.Add(member.write(admission("gr.central.kilkis")))
	counting(t, g, epochOf("gr.central.kilkis", protocol.Trust))
}

func TestClosedMemberIsOutUntilItIsAdmittedAgain(t *testing.T) {
	g, member, registrar := admitted()
	opener := member.write(keyFor(gevgelija, protocol.Situation, nodeKey(gevgelija)))
	link := member.write(linkKey(gevgelija, private("link")))
	for _, r := range []protocol.Record{opener, link} {
		g.Add(r)
	}
	a := closing(gevgelija, last(link))
	a.Successor = kumanovo
	closed := registrar.write(a)
	g.Add(closed)
	m, _ := g.Member(gevgelija)
	if !m.Out || m.ClosedBy != closed.Name || m.Successor != kumanovo || m.Reason != "merged" || m.Level != body.Municipality {
		t.Errorf("Member() = %+v, want it closed", m)
	}
	if _, ok := g.LinkKey(gevgelija); ok || g.IsMember(gevgelija) {
		t.Error("it takes part")
	}
	if !g.May(gevgelija, "vardar.situation.report.v1") || !g.Wanted(opener.Feed()) {
		t.Error("what it said as a member is no longer its to say, or unwanted")
	}
	for _, topic := range []protocol.Topic{protocol.Trust, protocol.Situation} {
		if o, ok := g.Current(protocol.Feed{Institution: gevgelija, Topic: topic}); ok {
			t.Errorf("%s is open: %+v", topic, o)
		}
	}
	// Of a feed that its registrar had not heard of nothing counts.
	e := epochOf(gevgelija, protocol.Situation)
	if l, ok := g.Last(e); !ok || l != (trust.Last{Digest: opener.Digest()}) {
		t.Errorf("Last(%s) = %v, %t", e, l, ok)
	}
	a.Feeds = []body.ClosedFeed{{Topic: protocol.Situation, Epoch: 1, Last: trust.Last{Sequence: 7, Digest: closed.Digest()}}}
	again := registrar.write(a)
	g.Add(again)
	if l, _ := g.Last(e); l.Sequence != 7 || len(g.Statements(protocol.EpochID{Feed: trustFeed(gevgelija), Epoch: 1})) != 2 {
		t.Errorf("stated again, Last(%s) = %v", e, l)
	}
	back := admission(gevgelija)
	back.FeedEpoch, back.Last, back.Predecessors = 3, &body.Last{Digest: closed.Digest()}, []protocol.InstitutionID{kumanovo}
	r := registrar.write(back)
	g.Add(r)
	next := newPen(gevgelija, identity(gevgelija), r.Digest())
	next.epoch.Epoch = 3
	g.Add(next.write(linkKey(gevgelija, private("another link"))))
	reopened := keyFor(gevgelija, protocol.Situation, nodeKey(gevgelija))
	reopened.FeedEpoch, reopened.Last = 2, &body.Last{Unknown: true}
	g.Add(next.write(reopened))
	m, _ = g.Member(gevgelija)
	if m.Out || !slices.Equal(m.Predecessors, back.Predecessors) || m.LinkKey.IsZero() || m.NodeKey.IsZero() {
		t.Errorf("Member() = %+v, want it back", m)
	}
	if l, _ := g.Last(e); l.Sequence != 7 {
		t.Errorf("its own word went before its registrar's: %v", l)
	}
}

func TestMemberAsksForItsNextIdentityKey(t *testing.T) {
	g, member, registrar := admitted()
	g.Add(member.unknown())
	next := private("next identity")
	asked := member.write(request(gevgelija, next))
	g.Add(asked)
	m, _ := g.Member(gevgelija)
	if m.RequestedKey != protocol.KeyOf(next) || protocol.CheckKeyProof(gevgelija, protocol.UseIdentity, m.RequestedKey, m.RequestProof) != nil {
		t.Fatalf("asks for %s", m.RequestedKey)
	}
	a := admissionOf(gevgelija, next)
	a.FeedEpoch, a.Last = 2, last(asked)
	g.Add(registrar.write(a))
	if m, _ = g.Member(gevgelija); !m.RequestedKey.IsZero() || m.IdentityKey != protocol.KeyOf(next) {
		t.Errorf("granted, it asks for %s and has %s", m.RequestedKey, m.IdentityKey)
	}
}

// What a member says first in an epoch that its new key opened may be that it asks for the next.
func TestMemberAsksForAnotherIdentityKeyWithItsFirstRecord(t *testing.T) {
	g, member, registrar := admitted()
	asked := member.write(request(gevgelija, private("second identity")))
	g.Add(asked)
	a := admissionOf(gevgelija, private("second identity"))
	a.FeedEpoch, a.Last = 2, last(asked)
	granted := registrar.write(a)
	g.Add(granted)
	second := newPen(gevgelija, private("second identity"), granted.Digest())
	second.epoch.Epoch = 2
	third := private("third identity")
	g.Add(second.write(request(gevgelija, third)))
	if m, _ := g.Member(gevgelija); m.RequestedKey != protocol.KeyOf(third) || len(g.Refused()) != 0 {
		t.Errorf("asks for %s, want %s; refused: %v", m.RequestedKey, protocol.KeyOf(third), g.Refused())
	}
}

func TestNewestStatementSpeaksAndOneThatContradictsItHoldsNeither(t *testing.T) {
	g, member, _ := admitted()
	e := epochOf(gevgelija, protocol.Situation)
	state := func(p *pen, key string, n uint32) protocol.Record {
		k := keyFor(gevgelija, protocol.Situation, private(key))
		k.FeedEpoch, k.Last = 2, &body.Last{Sequence: n, Digest: protocol.DigestOf([]byte("head"))}
		r := p.write(k)
		g.Add(r)
		return r
	}
	want := func(n uint32, held bool) {
		t.Helper()
		if l, ok := g.Last(e); l.Sequence != n || ok != held {
			t.Errorf("Last() = %d, %t, want %d, %t", l.Sequence, ok, n, held)
		}
	}
	g.Add(member.write(keyFor(gevgelija, protocol.Situation, nodeKey(gevgelija))))
	state(member, "second", 3)
	want(3, true)
	state(member, "a thief's", 9) // another key opens nothing, and states nothing
	want(3, true)
	other := member.forked()
	newest := state(member, "second", 5)
	want(5, true)
	if s := g.Statements(e); len(s) != 2 || s[0].By != newest.Name {
		t.Errorf("Statements() = %v", s)
	}
	state(other, "second", 5) // the same on another branch
	want(5, true)
	state(other, "second", 4)
	want(0, false)
}
