package trust_test

import (
	"crypto/ed25519"
	"errors"
	"slices"
	"testing"

	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// invited gives a registry in which gevgelija has an invitation, and the admission.
func invited() (*trust.Registry, protocol.Record, ed25519.PrivateKey) {
	g, secret := network(), private("claim")
	r := penOf(association).write(invitation(gevgelija, secret))
	g.Add(r)
	return g, r, secret
}

func TestInvitationIsTakenByTheFirstTrustRecord(t *testing.T) {
	g, admission, secret := invited()
	feed := trustFeed(gevgelija)
	key, expires, ok := g.ClaimKey(gevgelija)
	if !ok || key != protocol.KeyOf(secret) || expires != 1458810000000 {
		t.Fatalf("ClaimKey() = %s, %s, %t, want the invitation's", key, expires, ok)
	}
	if id, until, ok := g.ClaimedBy(key); !ok || id != gevgelija || until != expires {
		t.Errorf("ClaimedBy() = %s, %s, %t, want whom the invitation is for", id, until, ok)
	}
	if id, _, ok := g.ClaimedBy(protocol.KeyOf(identity(gevgelija))); ok {
		t.Errorf("ClaimedBy(no claim key) = %s", id)
	}
	if o := counting(t, g, epochOf(gevgelija, protocol.Trust)); !o.Key.IsZero() || o.Claim != key || !g.Wanted(feed) {
		t.Errorf("opener = %+v, want one that counts, without key, of a wanted feed", o)
	}
	if m, ok := g.Member(gevgelija); !ok || m.Claimed || m.Expires != expires || m.Admission != admission.Name || m.Registrar != association {
		t.Errorf("Member() = %+v, %t, want an invited one", m, ok)
	}

	member := newPen(gevgelija, identity(gevgelija), admission.Digest())
	first := member.write(claimOf(gevgelija, identity(gevgelija), secret))
	if err := g.CheckOpening(&first); err != nil {
		t.Errorf("CheckOpening() = %v, want nil", err)
	}
	if changed := g.Add(first); !slices.Equal(changed, []protocol.Feed{feed}) {
		t.Errorf("Add() = %v, want %s", changed, feed)
	}
	if o := counting(t, g, epochOf(gevgelija, protocol.Trust)); o.Key != protocol.KeyOf(identity(gevgelija)) || o.Digest != admission.Digest() {
		t.Errorf("opener = %+v, want the admission with the key that took it", o)
	}
	if m, _ := g.Member(gevgelija); !m.Claimed || m.IdentityKey != protocol.KeyOf(identity(gevgelija)) {
		t.Errorf("Member() = %+v, want one whose invitation was taken", m)
	}
	if _, _, ok := g.ClaimedBy(key); ok {
		t.Error("a claim key that was used lets a guest in")
	}
	if _, _, ok := g.ClaimKey(gevgelija); ok {
		t.Error("an invitation that was taken still lets a guest in")
	}
	g.Add(member.write(keyFor(gevgelija, protocol.Situation, nodeKey(gevgelija))))
	counting(t, g, epochOf(gevgelija, protocol.Situation))
}

func TestInvitationIsNotTakenOtherwise(t *testing.T) {
	thief := private("thief")
	tests := []struct {
		name  string
		first func(p *pen, secret ed25519.PrivateKey) protocol.Record
		want  error
	}{
		{"claim signature by another key", func(p *pen, _ ed25519.PrivateKey) protocol.Record {
			return p.write(claimOf(gevgelija, identity(gevgelija), thief))
		}, trust.ErrClaim},
		{"claim for another institution", func(p *pen, secret ed25519.PrivateKey) protocol.Record {
			c := claimOf(gevgelija, identity(gevgelija), secret)
			c.ClaimSignature = claimOf(kumanovo, identity(gevgelija), secret).ClaimSignature
			return p.write(c)
		}, trust.ErrClaim},
		{"claim for another key", func(p *pen, secret ed25519.PrivateKey) protocol.Record {
			c := claimOf(gevgelija, identity(gevgelija), secret)
			c.ClaimSignature = claimOf(gevgelija, thief, secret).ClaimSignature
			return p.write(c)
		}, trust.ErrClaim},
		{"key without proof of possession", func(p *pen, secret ed25519.PrivateKey) protocol.Record {
			c := claimOf(gevgelija, identity(gevgelija), secret)
			c.Proof = claimOf(gevgelija, thief, secret).Proof
			return p.write(c)
		}, trust.ErrClaim},
		{"record signed by another key than it names", func(p *pen, secret ed25519.PrivateKey) protocol.Record {
			p.key = thief
			return p.write(claimOf(gevgelija, identity(gevgelija), secret))
		}, trust.ErrWrongKey},
		{"another kind first", func(p *pen, _ ed25519.PrivateKey) protocol.Record {
			return p.write(profile("Gevgelija", body.Municipality))
		}, trust.ErrClaim},
		{"another key first", func(p *pen, _ ed25519.PrivateKey) protocol.Record {
			return p.write(keyFor(gevgelija, protocol.Situation, nodeKey(gevgelija)))
		}, trust.ErrWrongKey},
		{"an unknown kind first", func(p *pen, _ ed25519.PrivateKey) protocol.Record { return p.unknown() }, trust.ErrClaim},
		{"the claim second", func(p *pen, secret ed25519.PrivateKey) protocol.Record {
			p.unknown()
			return p.write(claimOf(gevgelija, identity(gevgelija), secret))
		}, trust.ErrNotFirst},
		{"body missing", func(p *pen, secret ed25519.PrivateKey) protocol.Record {
			r := p.write(claimOf(gevgelija, identity(gevgelija), secret))
			return r.WithoutBody(protocol.BodyMissing)
		}, trust.ErrNoBody},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g, admission, secret := invited()
			p := newPen(gevgelija, identity(gevgelija), admission.Digest())
			r := tt.first(p, secret)
			if err := g.CheckOpening(&r); !errors.Is(err, tt.want) {
				t.Errorf("CheckOpening() = %v, want %v", err, tt.want)
			}
			g.Add(r) // even if intake were to let it in
			g.Add(p.write(keyFor(gevgelija, protocol.Alert, private("next"))))
			if _, _, ok := g.ClaimKey(gevgelija); !ok {
				t.Error("the invitation was taken")
			}
			noneCounts(t, g, epochOf(gevgelija, protocol.Situation))
			noneCounts(t, g, epochOf(gevgelija, protocol.Alert))
		})
	}
}

func TestInvitationTakenTwiceWaits(t *testing.T) {
	g, admission, secret := invited()
	thief := private("thief")
	member := newPen(gevgelija, identity(gevgelija), admission.Digest())
	second := newPen(gevgelija, thief, admission.Digest())
	g.Add(member.write(claimOf(gevgelija, identity(gevgelija), secret)))
	g.Add(member.write(keyFor(gevgelija, protocol.Situation, nodeKey(gevgelija))))
	g.Add(member.write(linkKey(gevgelija, private("link"))))

	r := second.write(claimOf(gevgelija, thief, secret))
	if err := g.CheckOpening(&r); err != nil {
		t.Errorf("CheckOpening(second claim) = %v, want nil: every branch is taken", err)
	}
	g.Add(r)
	openers := g.Openers(epochOf(gevgelija, protocol.Trust))
	if len(openers) != 2 || !openers[0].Waits || !openers[1].Waits || openers[0].Key == openers[1].Key || openers[0].Digest != openers[1].Digest {
		t.Errorf("Openers() = %+v, want the one admission with each of two keys, waiting", openers)
	}
	if m, ok := g.Member(gevgelija); !ok || !m.Claimed || !m.IdentityKey.IsZero() {
		t.Errorf("Member() = %+v, %t, want a member whose identity key nobody can tell", m, ok)
	}
	// What only one of the two has said goes on; what they contradict each other in waits.
	counting(t, g, epochOf(gevgelija, protocol.Situation))
	if _, ok := g.LinkKey(gevgelija); !ok {
		t.Error("the link key that only one branch names is gone")
	}
	g.Add(second.write(keyFor(gevgelija, protocol.Situation, thief)))
	noOpener := g.Openers(epochOf(gevgelija, protocol.Situation))
	if len(noOpener) != 1 {
		t.Errorf("Openers() = %+v, want one: an identity key opens no other feed", noOpener)
	}
	g.Add(second.write(keyFor(gevgelija, protocol.Situation, private("thief's node"))))
	if o := g.Openers(epochOf(gevgelija, protocol.Situation)); len(o) != 2 || !o[0].Waits || !o[1].Waits {
		t.Errorf("Openers() = %+v, want two that wait", o)
	}
	g.Add(second.write(linkKey(gevgelija, private("thief's link"))))
	if key, ok := g.LinkKey(gevgelija); ok {
		t.Errorf("LinkKey() = %s, want none while two branches contradict", key)
	}
	branches := []trust.Branch{{Root: admission.Digest(), Parts: 1, Head: 3}, {Root: admission.Digest(), Parts: 1, Head: 4}}
	if from, stopped := g.Stops(epochOf(gevgelija, protocol.Trust), branches); !stopped || from != 1 {
		t.Errorf("Stops() = %d, %t, want 1", from, stopped)
	}
}

// Whoever holds both claims sees the epoch end where its registrar says, as does who never heard
// of the second: that is void then, and comes to nobody any more.
func TestInvitationTakenTwiceIsClosedByALast(t *testing.T) {
	g, secret, thief := network(), private("claim"), private("thief")
	registrar, e := penOf(association), epochOf(gevgelija, protocol.Trust)
	admission := registrar.write(invitation(gevgelija, secret))
	mine := newPen(gevgelija, identity(gevgelija), admission.Digest()).write(claimOf(gevgelija, identity(gevgelija), secret))
	theirs := newPen(gevgelija, thief, admission.Digest()).write(claimOf(gevgelija, thief, secret))
	g.Add(admission)
	g.Add(mine)
	g.Add(registrar.write(closing(gevgelija, &body.Last{Sequence: 1, Digest: mine.Digest()})))
	held := []trust.Branch{{Root: admission.Digest(), Parts: 1, Head: 1, Digest: mine.Digest()}}
	one, rows := g.Stands(e, held), g.Rows(e, held)
	g.Add(theirs)
	held = append(held, trust.Branch{Root: admission.Digest(), Parts: 1, Head: 1, Digest: theirs.Digest()})
	if two := g.Stands(e, held); !two.Closed || !two.Equal(one) {
		t.Errorf("Stands() = %+v with both claims, %+v with one: want closed alike", two, one)
	}
	if got := g.Rows(e, held); len(rows) != 1 || !slices.Equal(got, rows) {
		t.Errorf("Rows() = %v with both claims, want %v as with one", got, rows)
	}
}

func TestSameClaimWrittenTwiceIsOneKeyAndAFork(t *testing.T) {
	g, admission, secret := invited()
	one := newPen(gevgelija, identity(gevgelija), admission.Digest())
	two := one.forked()
	g.Add(one.write(claimOf(gevgelija, identity(gevgelija), secret)))
	g.Add(two.write(claimOf(gevgelija, identity(gevgelija), secret)))
	counting(t, g, epochOf(gevgelija, protocol.Trust))
	branches := []trust.Branch{
		{Root: admission.Digest(), Parts: 1, Head: 1, Digest: one.previous},
		{Root: admission.Digest(), Parts: 1, Head: 1, Digest: two.previous},
	}
	if from, stopped := g.Stops(epochOf(gevgelija, protocol.Trust), branches); !stopped || from != 1 {
		t.Errorf("Stops() = %d, %t, want 1", from, stopped)
	}
}

func TestClaimThatComesBeforeItsAdmissionTakesIt(t *testing.T) {
	g, secret := network(), private("claim")
	admission := penOf(association).write(invitation(gevgelija, secret))
	first := newPen(gevgelija, identity(gevgelija), admission.Digest()).write(claimOf(gevgelija, identity(gevgelija), secret))
	if err := g.CheckOpening(&first); !errors.Is(err, trust.ErrNoOpener) {
		t.Errorf("CheckOpening() = %v, want %v", err, trust.ErrNoOpener)
	}
	g.Add(first)
	g.Add(admission)
	if o := counting(t, g, epochOf(gevgelija, protocol.Trust)); o.Key != protocol.KeyOf(identity(gevgelija)) {
		t.Errorf("opener = %+v, want one with the key that took it", o)
	}
}

func TestClaimOfAnAdmissionThatIsNoInvitationIsNone(t *testing.T) {
	g, member, _ := admitted() // with a key
	first := member.write(claimOf(gevgelija, identity(gevgelija), private("claim")))
	if err := g.CheckOpening(&first); err != nil {
		t.Errorf("CheckOpening() = %v, want nil: the key is the admission's", err)
	}
	g.Add(first)
	if o := counting(t, g, epochOf(gevgelija, protocol.Trust)); !o.Claim.IsZero() || o.Key != protocol.KeyOf(identity(gevgelija)) {
		t.Errorf("opener = %+v, want the admission as it was", o)
	}
	g.Add(member.write(keyFor(gevgelija, protocol.Situation, nodeKey(gevgelija))))
	counting(t, g, epochOf(gevgelija, protocol.Situation))
}

func TestClaimThatIsNotTheFirstRecordTakesNothing(t *testing.T) {
	g, admission, secret := invited()
	p := newPen(gevgelija, identity(gevgelija), admission.Digest())
	g.Add(p.unknown()) // even if intake were to let it in
	g.Add(p.write(claimOf(gevgelija, identity(gevgelija), secret)))
	if _, _, ok := g.ClaimKey(gevgelija); !ok {
		t.Error("the invitation was taken")
	}
}
