package trust_test

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
)

// after is a version that goes on from another, before anybody has signed it.
func after(before protocol.SignedCharter) *protocol.Charter {
	c, err := protocol.ParseCharter(before.Document)
	if err != nil {
		panic(err)
	}
	digest := before.Digest()
	c.Version, c.Previous, c.Rival = c.Version+1, &digest, nil
	return c
}

// years gives the versions of a network: of the stewards of the first the secretariat alone
// is left in the last two, with another key.
func years() []protocol.SignedCharter {
	line := []protocol.SignedCharter{signed(founding(), secretariat, centre)}
	line = append(line, signed(after(line[0]), secretariat, centre))
	third := after(line[1])
	turned := private("the secretariat's next key")
	steward := func(id protocol.InstitutionID, key ed25519.PrivateKey) protocol.Steward {
		return protocol.Steward{Institution: id, Key: protocol.KeyOf(key), Proof: proof(id, protocol.UseIdentity, key)}
	}
	third.Stewards = []protocol.Steward{steward(secretariat, turned), steward(association, identity(association))}
	third.Stewards[0].Epoch, third.Stewards[0].Last = 2, &protocol.Last{Digest: charterDigest()}
	third.Registrars[0].Key, third.Registrars[0].Proof = third.Stewards[0].Key, third.Stewards[0].Proof
	third.Registrars[0].Epoch, third.Registrars[0].Last = 2, third.Stewards[0].Last
	s := signed(third, secretariat, centre, association)
	s.Sign(secretariat, turned)
	line = append(line, s)
	fourth := after(s)
	fourth.Expires = "2034-01-01T00:00:00Z"
	s = signed(fourth, association)
	s.Sign(secretariat, turned)
	return append(line, s)
}

// stolen is a rival of version 2 that the keys of two stewards of version 1 sign, and what
// the thief has it followed by: versions whose stewards are all the thief's own.
func stolen() []protocol.SignedCharter {
	c := second()
	c.Expires = "2039-01-01T00:00:00Z"
	var keys []ed25519.PrivateKey
	for i := range c.Stewards {
		key := private(fmt.Sprint("the thief's ", i))
		keys = append(keys, key)
		if c.Stewards[i].Institution == secretariat { // whose key was not stolen
			c.Stewards[i].Key, c.Stewards[i].Proof = protocol.KeyOf(key), proof(secretariat, protocol.UseIdentity, key)
			c.Stewards[i].Epoch, c.Stewards[i].Last = 2, &protocol.Last{Digest: charterDigest()}
		}
	}
	c.Registrars = c.Registrars[1:]
	c.Ended = []protocol.Ended{{Institution: secretariat, Prefixes: []string{"int."}, Epoch: 1, Last: protocol.Last{Digest: charterDigest()}}}
	rival := signed(c, centre, ministry)
	next := signed(after(rival), centre, ministry)
	next.Sign(secretariat, keys[0])
	return []protocol.SignedCharter{rival, next, signed(after(next), centre, ministry)}
}

// orders calls with forty orders of n, the same in every run.
func orders(n int, with func(order []int)) {
	for seed := range uint64(40) {
		with(rand.New(rand.NewPCG(seed, 0)).Perm(n)) //nolint:gosec // dice of a test
	}
}

// verdict is all that a charter's standing says, for each that is held.
func verdict(g *trust.Registry) map[protocol.Digest]trust.CharterStanding {
	out := map[protocol.Digest]trust.CharterStanding{}
	for _, v := range g.Charters() {
		out[v.Digest] = v.Standing
	}
	return out
}

// Keys of stewards that were stolen years ago stop no node that has settled on what came
// since: whatever comes first, and however long a line the thief writes.
func TestStolenKeysOfAnEarlierVersionStopNobodyWhoHasSettled(t *testing.T) {
	line, thief := years(), stolen()
	var want map[protocol.Digest]trust.CharterStanding
	all := slices.Concat(line[1:], thief)
	orders(len(all), func(order []int) {
		for _, late := range []bool{false, true} { // settles before anything comes, or when its line is whole
			g := network()
			path := []protocol.Digest{line[0].Digest(), line[1].Digest(), line[2].Digest()}
			if !late {
				g.SettledOn(path)
			}
			for _, i := range order {
				add(t, g, all[i])
			}
			if late {
				if _, err := g.Settle(path[2]); err != nil {
					t.Fatal(err)
				}
			}
			if now := g.CharterInForce(); now.Digest != line[3].Digest() || len(g.Rivals()) != 0 {
				t.Fatalf("in the order %v version %d is in force, with %d rivals; want 4 and none", order, now.Charter.Version, len(g.Rivals()))
			}
			got := verdict(g)
			if want == nil {
				want = got
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("in the order %v the verdict is another (-want +got):\n%s", order, diff)
			}
			if got[thief[0].Digest()] != trust.SetAside || slices.Contains(g.LaterCharters(), thief[0].Digest()) {
				t.Fatalf("the thief's version is %v, want it set aside and not passed on", got[thief[0].Digest()])
			}
		}
	})
}

// A node that has settled on nothing stops at the version before the rivals, in any order,
// and goes on once its people have chosen; either of them.
func TestPeopleChooseBetweenRivals(t *testing.T) {
	line, thief := years(), stolen()
	all := slices.Concat(line[1:], thief)
	orders(len(all), func(order []int) {
		g := network()
		for _, i := range order {
			add(t, g, all[i])
		}
		if g.Charter().Version != 1 || len(g.Rivals()) != 2 {
			t.Fatalf("in the order %v version %d is in force, with %d rivals; want 1 and two", order, g.Charter().Version, len(g.Rivals()))
		}
		if changed, err := g.Settle(line[1].Digest()); err != nil || len(changed) == 0 || g.CharterInForce().Digest != line[3].Digest() {
			t.Fatalf("Settle() = %v, %v; version %d is in force, want 4", changed, err, g.Charter().Version)
		}
		if changed, err := g.Settle(line[0].Digest()); err != nil || changed != nil || len(g.Settled()) != 2 {
			t.Fatalf("Settle() on an earlier one = %v, %v, and holds to %v", changed, err, g.Settled())
		}
		if _, err := g.Settle(thief[0].Digest()); err != nil || g.CharterInForce().Digest != thief[2].Digest() {
			t.Fatalf("Settle() on the other = %v; version %d is in force, want its last", err, g.Charter().Version)
		}
	})
}

func TestNobodySettlesOnWhatDoesNotFollow(t *testing.T) {
	line := years()
	for name, s := range map[string]protocol.SignedCharter{
		"a version without its predecessor":            line[3],
		"one that too few stewards signed":             signed(second(), ministry),
		"one that names a rival that is not held here": ending(line[1], line[2].Digest()),
	} {
		g := network()
		add(t, g, s)
		if _, err := g.Settle(s.Digest()); !errors.Is(err, trust.ErrNotSettled) || len(g.Settled()) != 0 || g.Charter().Version != 1 {
			t.Errorf("%s: Settle() = %v, holds to %v; want %v and nothing", name, err, g.Settled(), trust.ErrNotSettled)
		}
	}
	if _, err := network().Settle(line[1].Digest()); !errors.Is(err, trust.ErrNotSettled) {
		t.Errorf("Settle() on one that is not held = %v, want %v", err, trust.ErrNotSettled)
	}
}

// ending goes on from one rival and names another.
func ending(previous protocol.SignedCharter, rival protocol.Digest, by ...protocol.InstitutionID) protocol.SignedCharter {
	c := after(previous)
	c.Rival = &rival
	return signed(c, by...)
}

// A node that has lost the document of a version it settled on waits for it, and takes no
// rival in its stead.
func TestLostVersionIsNotReplacedByItsRival(t *testing.T) {
	line, thief := years(), stolen()
	g := network()
	g.SettledOn([]protocol.Digest{line[0].Digest(), line[1].Digest()})
	for _, s := range thief {
		add(t, g, s)
	}
	if g.Charter().Version != 1 {
		t.Fatalf("version %d is in force, want 1", g.Charter().Version)
	}
	add(t, g, line[1])
	if g.CharterInForce().Digest != line[1].Digest() {
		t.Errorf("version %d is in force, want 2", g.Charter().Version)
	}
}

// A version that ends a rivalry is followed by a node whose people had chosen the same.
func TestChosenVersionIsFollowedByTheOneThatEndsTheRivalry(t *testing.T) {
	one, two := second(), second()
	one.Expires, two.Expires = "2031-01-01T00:00:00Z", "2032-01-01T00:00:00Z"
	a, b := signed(one, secretariat, centre), signed(two, centre, ministry)
	g := network()
	add(t, g, a)
	add(t, g, b)
	if _, err := g.Settle(a.Digest()); err != nil {
		t.Fatal(err)
	}
	add(t, g, ending(a, b.Digest(), secretariat, ministry))
	if g.Charter().Version != 3 {
		t.Errorf("version %d is in force, want 3", g.Charter().Version)
	}
	if _, err := g.Settle(g.CharterInForce().Digest); err != nil {
		t.Errorf("Settle() on the version that ended it = %v", err)
	}
}

// A thief with the keys of as many as make a version names keys of its own for the others,
// and ends in their names the rivalry that it has begun.
func TestThiefEndsNoRivalryInOthersNames(t *testing.T) {
	line, thief := years(), stolen()
	g := network()
	add(t, g, line[1])
	add(t, g, thief[0])
	s := ending(thief[0], line[1].Digest(), centre, ministry)
	s.Sign(secretariat, private("the thief's 0"))
	add(t, g, s)
	if now := g.CharterInForce(); now.Charter.Version != 1 {
		t.Errorf("version %d is in force, with %v: want the rivalry to last", now.Charter.Version, now.Charter.Stewards)
	}
}

// A third rival, which whoever signs twice can sign as well, changes nothing about who ends
// the rivalry, or has ended it.
func TestThirdRivalKeepsNoRivalryAlive(t *testing.T) {
	rival := func(expires string, by ...protocol.InstitutionID) protocol.SignedCharter {
		c := second()
		c.Expires = expires
		return signed(c, by...)
	}
	a, b := rival("2031-01-01T00:00:00Z", secretariat, centre), rival("2032-01-01T00:00:00Z", centre, ministry)
	third := rival("2033-01-01T00:00:00Z", centre, ministry)
	all := []protocol.SignedCharter{a, b, third, ending(a, b.Digest(), secretariat, centre)}
	orders(len(all), func(order []int) {
		g := network()
		for _, i := range order {
			add(t, g, all[i])
		}
		// The centre and the ministry have signed two of the three: the secretariat is left.
		if now := g.CharterInForce(); now.Charter.Version != 3 || len(g.Rivals()) != 0 {
			t.Errorf("in the order %v version %d is in force with %d rivals, want 3 and none", order, now.Charter.Version, len(g.Rivals()))
		}
	})
}
