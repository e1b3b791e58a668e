package trust_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

func TestAdmissionCountsFromTheRegistrarOfThatIDAlone(t *testing.T) {
	other := admission(gevgelija)
	other.Charter = protocol.DigestOf([]byte("another network"))
	tests := []struct {
		name      string
		registrar protocol.InstitutionID
		admits    *body.Admission
		counts    bool
	}{
		{"the longest prefix admits", association, admission(gevgelija), true},
		{"a shorter prefix admits the rest", centre, admission(kumanovo), true},
		{"a shorter prefix does not reach under a longer one", centre, admission(gevgelija), false},
		{"a registrar of another country", secretariat, admission(gevgelija), false},
		{"a steward who is no registrar", ministry, admission(gevgelija), false},
		{"a registrar outside its prefix", association, admission(kumanovo), false},
		{"nobody's prefix", centre, admission("rs.south.vranje"), false},
		{"an admission to another network", association, other, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := network()
			r := penOf(tt.registrar).write(tt.admits)
			g.Add(r)
			id := tt.admits.Institution
			openers := g.Openers(epochOf(id, protocol.Trust))
			if len(openers) != 1 || openers[0].Counts != tt.counts || openers[0].Waits || openers[0].By != r.Name || openers[0].Digest != r.Digest() {
				t.Fatalf("Openers() = %+v, want %s with Counts %t", openers, r.Name, tt.counts)
			}
			if _, member := g.Member(id); member != tt.counts || g.Wanted(trustFeed(id)) != tt.counts {
				t.Errorf("member %t, wanted %t, want both %t", member, g.Wanted(trustFeed(id)), tt.counts)
			}
			// Any held opener will do at the door (epochs.md 5).
			first := newPen(id, identity(id), r.Digest()).write(profile("first", body.Municipality))
			if err := g.CheckOpening(&first); err != nil {
				t.Errorf("CheckOpening() = %v, want nil", err)
			}
		})
	}
}

func TestAdmissionByAMemberOpensNothing(t *testing.T) {
	g, member, _ := admitted()
	g.Add(member.write(admission("mk.southeast.bogdanci")))
	noneCounts(t, g, epochOf("mk.southeast.bogdanci", protocol.Trust))
	if g.Wanted(trustFeed("mk.southeast.bogdanci")) {
		t.Error("a member has made a stranger's feed wanted")
	}
}

func TestNothingHangsOnAnOpenerThatDoesNotCount(t *testing.T) {
	g := network()
	strange := penOf(centre).write(admission(gevgelija)) // the association's to admit
	g.Add(strange)
	member := newPen(gevgelija, identity(gevgelija), strange.Digest())
	g.Add(member.write(keyFor(gevgelija, protocol.Situation, nodeKey(gevgelija))))
	noneCounts(t, g, epochOf(gevgelija, protocol.Situation))
	if g.Wanted(protocol.Feed{Institution: gevgelija, Topic: protocol.Situation}) {
		t.Error("a feed under a stranger's admission is wanted")
	}
	// The right registrar admits it, with the same identity key: the member's own chain
	// begins in another opener still.
	r := penOf(association).write(admission(gevgelija))
	g.Add(r)
	noneCounts(t, g, epochOf(gevgelija, protocol.Situation))
	again := newPen(gevgelija, identity(gevgelija), r.Digest()).write(keyFor(gevgelija, protocol.Situation, nodeKey(gevgelija)))
	changed := g.Add(again)
	if got := counting(t, g, epochOf(gevgelija, protocol.Situation)); got.By != again.Name || got.Digest != again.Digest() {
		t.Errorf("opener is %+v, want %s", got, again.Name)
	}
	if want := []protocol.Feed{{Institution: gevgelija, Topic: protocol.Situation}}; !slices.Equal(changed, want) {
		t.Errorf("Add() = %v, want %v", changed, want)
	}
}

func TestKeyRecordOpensOneFeed(t *testing.T) {
	g, member, _ := admitted()
	for _, topic := range protocol.Topics() {
		if topic == protocol.Trust {
			continue
		}
		feed := protocol.Feed{Institution: gevgelija, Topic: topic}
		key := private("node " + topic.String())
		r := member.write(keyFor(gevgelija, topic, key))
		if g.Wanted(feed) {
			t.Errorf("%s is wanted before its opener is held", feed)
		}
		if changed := g.Add(r); !slices.Equal(changed, []protocol.Feed{feed}) {
			t.Errorf("Add(%s) = %v, want %s", r.Name, changed, feed)
		}
		got := counting(t, g, epochOf(gevgelija, topic))
		want := trust.Opener{EpochID: epochOf(gevgelija, topic), Digest: r.Digest(), By: r.Name, Key: protocol.KeyOf(key), Counts: true}
		if got != want || !g.Wanted(feed) {
			t.Errorf("opener of %s = %+v, want %+v", feed, got, want)
		}
		p := pen{epoch: epochOf(gevgelija, topic), key: key, previous: r.Digest()}
		first := p.raw("vardar."+topic.String()+".note.v1", nil)
		if err := g.CheckOpening(&first); err != nil {
			t.Errorf("CheckOpening(%s) = %v, want nil", first.Name, err)
		}
		p.key = identity(gevgelija)
		second := p.raw("vardar."+topic.String()+".note.v1", nil)
		if err := g.CheckOpening(&second); !errors.Is(err, trust.ErrNotFirst) {
			t.Errorf("CheckOpening(%s) = %v, want %v", second.Name, err, trust.ErrNotFirst)
		}
		second.Sequence = 1
		if err := g.CheckOpening(&second); !errors.Is(err, trust.ErrNoOpener) {
			t.Errorf("CheckOpening(%s on no opener) = %v, want %v", second.Name, err, trust.ErrNoOpener)
		}
		second.Previous = r.Digest()
		if err := g.CheckOpening(&second); !errors.Is(err, trust.ErrWrongKey) {
			t.Errorf("CheckOpening(%s by the identity key) = %v, want %v", second.Name, err, trust.ErrWrongKey)
		}
		second.Topic = topic%7 + 1
		if err := g.CheckOpening(&second); !errors.Is(err, trust.ErrNoOpener) {
			t.Errorf("CheckOpening(%s on another feed's opener) = %v, want %v", second.Name, err, trust.ErrNoOpener)
		}
	}
}

func TestKeyThatIsNotTheAuthorsOpensNothing(t *testing.T) {
	stolen := keyFor(gevgelija, protocol.Situation, nodeKey(gevgelija))
	stolen.Key = body.KeyText(protocol.KeyOf(private("somebody else's")).String())
	small := keyFor(gevgelija, protocol.Situation, nodeKey(gevgelija))
	tests := []struct {
		name  string
		write func(member *pen) protocol.Record
	}{
		{"proof by another key", func(m *pen) protocol.Record { return m.write(stolen) }},
		{"proof for another institution", func(m *pen) protocol.Record {
			return m.write(keyFor(kumanovo, protocol.Situation, nodeKey(gevgelija)))
		}},
		{"proof for another use", func(m *pen) protocol.Record {
			key := keyFor(gevgelija, protocol.Situation, nodeKey(gevgelija))
			key.Proof = proof(gevgelija, protocol.UseLink, nodeKey(gevgelija))
			return m.write(key)
		}},
		{"the identity key", func(m *pen) protocol.Record {
			return m.write(keyFor(gevgelija, protocol.Situation, identity(gevgelija)))
		}},
		{"a point of small order", func(m *pen) protocol.Record {
			text, err := body.Marshal(small, [16]byte{})
			if err != nil {
				t.Fatal(err)
			}
			return m.raw(body.TypeKey, replaced(text, string(small.Key), protocol.Key{1}.String()))
		}},
		{"another kind with the same body", func(m *pen) protocol.Record {
			text, _ := body.Marshal(small, [16]byte{})
			return m.raw("vardar.trust.key.v2", text)
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g, member, _ := admitted()
			if changed := g.Add(tt.write(member)); len(changed) > 0 || len(g.Openers(epochOf(gevgelija, protocol.Situation))) > 0 {
				t.Errorf("Add() = %v and openers %v, want none", changed, g.Openers(epochOf(gevgelija, protocol.Situation)))
			}
			// What says nothing still is a link of the chain.
			g.Add(member.write(keyFor(gevgelija, protocol.Situation, nodeKey(gevgelija))))
			counting(t, g, epochOf(gevgelija, protocol.Situation))
		})
	}
}

func TestAdmissionOfASmallOrderKeyOpensNothing(t *testing.T) {
	for _, small := range []protocol.Key{{}, {1}, {31: 0x80}} {
		g, registrar := network(), penOf(association)
		a := admission(gevgelija)
		text, err := body.Marshal(a, [16]byte{})
		if err != nil {
			t.Fatal(err)
		}
		g.Add(registrar.raw(body.TypeAdmission, replaced(text, a.Key.String(), small.String())))
		if openers := g.Openers(epochOf(gevgelija, protocol.Trust)); len(openers) > 0 {
			t.Errorf("Openers() with key %s = %v, want none", small, openers)
		}
	}
}

func TestOfTwoOpenersTheFirstInItsFeedCounts(t *testing.T) {
	e := epochOf(gevgelija, protocol.Situation)
	g, member, _ := admitted()
	first := member.write(keyFor(gevgelija, protocol.Situation, nodeKey(gevgelija)))
	second := member.write(keyFor(gevgelija, protocol.Situation, private("second")))
	g.Add(first)
	g.Add(second)
	openers := g.Openers(e)
	if len(openers) != 2 || openers[0].By != first.Name || !openers[0].Counts || openers[1].By != second.Name || openers[1].Counts || openers[1].Waits {
		t.Errorf("Openers() = %+v, want %s, which counts, then %s, which is held", openers, first.Name, second.Name)
	}
	p := pen{epoch: e, key: private("second"), previous: second.Digest()}
	r := p.raw("vardar.situation.note.v1", nil)
	if err := g.CheckOpening(&r); err != nil {
		t.Errorf("CheckOpening(under the second) = %v, want nil: any held opener will do", err)
	}
}

func TestOfTwoAdmissionsTheFirstCounts(t *testing.T) {
	g, _, registrar := admitted()
	g.Add(registrar.write(admissionOf(gevgelija, private("second identity"))))
	if got := counting(t, g, epochOf(gevgelija, protocol.Trust)); got.Key != protocol.KeyOf(identity(gevgelija)) {
		t.Errorf("opener is %s, want the first", got.By)
	}
}

func TestFirstOpenerCountsThoughItsBodyCameLast(t *testing.T) {
	g, member, _ := admitted()
	first := member.write(keyFor(gevgelija, protocol.Situation, nodeKey(gevgelija)))
	second := member.write(keyFor(gevgelija, protocol.Situation, private("second")))
	g.Add(first.WithoutBody(protocol.BodyMissing))
	g.Add(second)
	if got := counting(t, g, epochOf(gevgelija, protocol.Situation)); got.By != second.Name {
		t.Errorf("opener is %s, want %s while the first's body is missing", got.By, second.Name)
	}
	wrong := first
	wrong.Body = second.Body
	if changed := g.Add(wrong); len(changed) > 0 {
		t.Errorf("Add(a body that isn't the record's) = %v, want nothing", changed)
	}
	if changed := g.Add(first); len(changed) != 1 {
		t.Errorf("Add(the body) = %v, want its feed", changed)
	}
	if got := counting(t, g, epochOf(gevgelija, protocol.Situation)); got.By != first.Name {
		t.Errorf("opener is %s, want %s once its body is here", got.By, first.Name)
	}
}

func TestForkedTrustFeedStopsNothingElse(t *testing.T) {
	g, member, _ := admitted()
	other := member.forked()
	g.Add(member.write(keyFor(gevgelija, protocol.Situation, nodeKey(gevgelija))))
	g.Add(other.write(keyFor(gevgelija, protocol.Alert, nodeKey(gevgelija))))
	counting(t, g, epochOf(gevgelija, protocol.Situation))
	counting(t, g, epochOf(gevgelija, protocol.Alert))

	g.Add(member.write(keyFor(gevgelija, protocol.Policy, nodeKey(gevgelija))))
	g.Add(other.unknown())
	g.Add(other.write(keyFor(gevgelija, protocol.Policy, private("thief"))))
	openers := g.Openers(epochOf(gevgelija, protocol.Policy))
	if len(openers) != 2 || !openers[0].Waits || !openers[1].Waits || openers[0].Counts || openers[1].Counts {
		t.Errorf("Openers(policy) = %+v, want two that wait: two branches open it differently", openers)
	}
	if _, ok := g.Current(protocol.Feed{Institution: gevgelija, Topic: protocol.Policy}); ok {
		t.Error("an epoch that waits is current")
	}
	if !g.Wanted(protocol.Feed{Institution: gevgelija, Topic: protocol.Policy}) {
		t.Error("an epoch that waits is not wanted: every branch is still taken")
	}
}

func TestRegistrarsForkDoesNotSilenceItsMembers(t *testing.T) {
	g, registrar := network(), penOf(association)
	fork := registrar.forked()
	here, there := registrar.write(admission(gevgelija)), fork.write(admission("mk.southeast.bogdanci"))
	g.Add(here)
	g.Add(there)
	counting(t, g, epochOf(gevgelija, protocol.Trust))
	counting(t, g, epochOf("mk.southeast.bogdanci", protocol.Trust))
	member := newPen(gevgelija, identity(gevgelija), here.Digest())
	g.Add(member.write(keyFor(gevgelija, protocol.Situation, nodeKey(gevgelija))))

	// The fork admits the same institution differently: its trust feed waits, what it has
	// opened goes on.
	changed := g.Add(fork.write(admissionOf(gevgelija, private("thief"))))
	if want := []protocol.Feed{trustFeed(gevgelija), {Institution: gevgelija, Topic: protocol.Situation}}; !slices.Equal(changed, want) {
		t.Errorf("Add() = %v, want %v", changed, want)
	}
	if _, ok := g.Current(trustFeed(gevgelija)); ok {
		t.Error("a trust feed with two admissions on two branches is current")
	}
	counting(t, g, epochOf(gevgelija, protocol.Situation))
	if m, ok := g.Member(gevgelija); !ok || !m.IdentityKey.IsZero() || m.Level != body.Municipality || !m.Admission.IsZero() {
		t.Errorf("Member() = %+v, %t, want a member without one identity key or admission, whose level both agree on", m, ok)
	}
}

func TestSecondEpochIsHeldWithItsLast(t *testing.T) {
	g, member, _ := admitted()
	g.Add(member.write(keyFor(gevgelija, protocol.Situation, nodeKey(gevgelija))))
	next := keyFor(gevgelija, protocol.Situation, private("second"))
	next.FeedEpoch, next.Last = 2, &body.Last{Sequence: 42, Digest: protocol.DigestOf([]byte("42"))}
	r := member.write(next)
	g.Add(r)
	feed := protocol.Feed{Institution: gevgelija, Topic: protocol.Situation}
	got, ok := g.Current(feed)
	if !ok || got.Epoch != 2 || got.Last == nil || got.Last.Sequence != 42 {
		t.Errorf("Current() = %+v, %t, want epoch 2 with its last", got, ok)
	}
	if last, ok := g.Last(epochOf(gevgelija, protocol.Situation)); !ok || last != *got.Last {
		t.Errorf("Last(epoch 1) = %+v, %t, want %+v", last, ok, *got.Last)
	}
	if _, ok := g.Last(protocol.EpochID{Feed: feed, Epoch: 2}); ok {
		t.Error("the open epoch has a last")
	}
	counting(t, g, epochOf(gevgelija, protocol.Situation))
}

func TestOpenerOfAnEarlierTrustEpochCountsBeforeALaterOne(t *testing.T) {
	g, member, registrar := admitted()
	next := admissionOf(gevgelija, private("next identity"))
	next.FeedEpoch, next.Last = 2, &body.Last{Unknown: true}
	r := registrar.write(next)
	g.Add(r)
	later := newPen(gevgelija, private("next identity"), r.Digest())
	later.epoch.Epoch = 2
	g.Add(later.write(keyFor(gevgelija, protocol.Situation, private("later"))))
	if got := counting(t, g, epochOf(gevgelija, protocol.Situation)); got.Key != protocol.KeyOf(private("later")) {
		t.Errorf("opener is %s, want the one held", got.By)
	}
	g.Add(member.write(keyFor(gevgelija, protocol.Situation, nodeKey(gevgelija))))
	if got := counting(t, g, epochOf(gevgelija, protocol.Situation)); got.Key != protocol.KeyOf(nodeKey(gevgelija)) {
		t.Errorf("opener is %s, want that of trust epoch 1", got.By)
	}
	// Whichever of them came last.
	again := later.write(keyFor(gevgelija, protocol.Alert, private("later")))
	g.Add(member.write(keyFor(gevgelija, protocol.Alert, nodeKey(gevgelija))))
	g.Add(again)
	if got := counting(t, g, epochOf(gevgelija, protocol.Alert)); got.Key != protocol.KeyOf(nodeKey(gevgelija)) {
		t.Errorf("opener is %s, want that of trust epoch 1", got.By)
	}
	if got, ok := g.Current(trustFeed(gevgelija)); !ok || got.Epoch != 2 {
		t.Errorf("Current() = %+v, %t, want epoch 2", got, ok)
	}
}

func TestSealedTrustRecordSaysNothing(t *testing.T) {
	g, member, _ := admitted()
	r := member.write(keyFor(gevgelija, protocol.Situation, nodeKey(gevgelija)))
	r.Sealed = true
	if changed := g.Add(r); len(changed) > 0 {
		t.Errorf("Add() = %v, want nothing", changed)
	}
}
