package trust_test

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"testing"

	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// forgeries gives signatures that nobody made, in the names of all stewards.
func forgeries(n int) []protocol.CharterSignature {
	out := make([]protocol.CharterSignature, 0, n)
	for k := range n {
		steward := []protocol.InstitutionID{secretariat, centre, ministry}[k%3]
		out = append(out, protocol.CharterSignature{Steward: steward, Signature: protocol.Signature{0, byte(k), byte(k >> 8), 1}})
	}
	return out
}

// Whoever publishes the charter again with signatures that nobody made, as any member can,
// hides none of the good ones: what is handed on verifies, and has those alone.
func TestForgedSignaturesHideNoGoodOnes(t *testing.T) {
	for name, of := range map[string]func() (*trust.Registry, protocol.SignedCharter){
		"the founding version": func() (*trust.Registry, protocol.SignedCharter) {
			return network(), signed(founding(), secretariat, centre)
		},
		"the version in force": func() (*trust.Registry, protocol.SignedCharter) {
			g, next := network(), signed(second(), secretariat, centre)
			if _, err := g.AddCharter(next); err != nil {
				t.Fatal(err)
			}
			return g, next
		},
	} {
		t.Run(name, func(t *testing.T) {
			g, c := of()
			_, member, _ := admitted()
			g.Add(penOf(association).write(admission(gevgelija)))
			g.Add(member.write(body.CharterRecordOf(protocol.SignedCharter{Document: c.Document, Signatures: forgeries(600)})))
			given := map[string]protocol.SignedCharter{"CharterInForce": g.CharterInForce().Signed}
			given["CharterOf"], _ = g.CharterOf(c.Digest())
			if c.Digest() == g.CharterDigest() {
				given["SignedCharter"] = g.SignedCharter()
			}
			for by, s := range given {
				if _, err := s.Verify(); err != nil || len(s.Signatures) != 2 || s.Digest() != c.Digest() {
					t.Errorf("%s() gives %d signatures, %v; want the two good ones", by, len(s.Signatures), err)
				}
			}
			if g.Charter().Version != len(g.Charters()) {
				t.Errorf("version %d is in force, and %d are held", g.Charter().Version, len(g.Charters()))
			}
		})
	}
}

// impostor is a version that nobody signs who may, and that names a key of the impostor's for
// a steward, with a proof: anybody can write one.
func impostor(k int) (*protocol.Charter, ed25519.PrivateKey) {
	key := private(fmt.Sprint("impostor ", k))
	c := second()
	c.Network = fmt.Sprint("invented ", k)
	c.Stewards[1].Key, c.Stewards[1].Proof = protocol.KeyOf(key), proof(centre, protocol.UseIdentity, key)
	c.Registrars = []protocol.Registrar{}
	return c, key
}

// A member that invents versions in which a steward has other keys, and signs the version
// in force with all of them in that steward's name, changes nothing.
func TestInventedStewardsKnockOutNoVersion(t *testing.T) {
	g, member, _ := admitted()
	next := signed(second(), secretariat, centre)
	if _, err := g.AddCharter(next); err != nil {
		t.Fatal(err)
	}
	const invented = 20
	flood := map[protocol.Digest]protocol.SignedCharter{g.CharterDigest(): signed(founding()), next.Digest(): signed(second())}
	for k := range invented {
		c, key := impostor(k)
		s := signed(c)
		s.Sign(centre, key)
		g.Add(member.write(body.CharterRecordOf(s)))
		for digest, f := range flood {
			f.Sign(centre, key)
			flood[digest] = f
		}
	}
	for _, f := range flood {
		for at := range f.Signatures { // one at a time, and all at once
			one := protocol.SignedCharter{Document: f.Document, Signatures: f.Signatures[at : at+1]}
			g.Add(member.write(body.CharterRecordOf(one)))
		}
		g.Add(member.write(body.CharterRecordOf(f)))
	}
	if now := g.CharterInForce(); now.Digest != next.Digest() {
		t.Fatalf("version %d is in force, want 2", now.Charter.Version)
	}
	for digest := range flood {
		if c, ok := g.CharterOf(digest); !ok || len(c.Signatures) != 2 {
			t.Errorf("%d signatures are handed on, want the two good ones", len(c.Signatures))
		} else if _, err := c.Verify(); err != nil {
			t.Errorf("what is handed on is not taken: %v", err)
		}
	}
}

// News that changes no version in force concerns no feed, however many charters are published.
func TestCharterThatChangesNothingConcernsNobody(t *testing.T) {
	g, member, _ := admitted()
	for k := range 3 {
		c, key := impostor(k)
		s := signed(c)
		s.Sign(centre, key)
		if changed := g.Add(member.write(body.CharterRecordOf(s))); len(changed) > 0 {
			t.Errorf("an invented version concerns %v", changed)
		}
	}
	if changed := g.Add(member.write(body.CharterRecordOf(signed(second(), secretariat, centre)))); len(changed) == 0 {
		t.Error("a version that comes into force concerns nobody")
	}
}

// What a peer gives in vain leaves nothing behind, of a version that is held as well.
func TestRefusedOfferAddsNoSignatures(t *testing.T) {
	g, member, _ := admitted()
	early, previous := second(), protocol.DigestOf([]byte("not held"))
	early.Version, early.Previous = 3, &previous
	g.Add(member.write(body.CharterRecordOf(signed(early, secretariat))))
	held := func() int {
		for _, v := range g.Charters() {
			if v.Charter.Version == early.Version {
				return len(v.Signed.Signatures)
			}
		}
		return 0
	}
	for k := range 3 {
		offer := signed(early)
		offer.Signatures = forgeries(3 * (k + 1))[3*k:]
		if _, err := g.TakeCharter(offer); !errors.Is(err, trust.ErrEarlyCharter) {
			t.Errorf("TakeCharter() = %v, want %v", err, trust.ErrEarlyCharter)
		}
	}
	if n := held(); n != 1 {
		t.Errorf("%d signatures are held, want 1", n)
	}
}
