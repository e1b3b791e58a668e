package trust_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// orphan waits for a version that doesn't exist; its document has about that many bytes.
func orphan(n, size int) protocol.SignedCharter {
	c, previous := second(), protocol.DigestOf(fmt.Append(nil, "nobody's ", n))
	c.Version, c.Previous = 3+n%1000, &previous
	c.Groups = map[string][]string{strings.Repeat("x", size): {fmt.Sprint("mk.g", n, ".")}}
	return signed(c, ministry)
}

// known counts the versions remembered that are not in force, and their bytes.
func known(g *trust.Registry) (n, size int, standing map[protocol.Digest]trust.CharterStanding) {
	standing = map[protocol.Digest]trust.CharterStanding{}
	for _, v := range g.Charters() {
		if v.Standing != trust.InForce && v.Standing != trust.Earlier {
			n, size = n+1, size+len(v.Signed.Document)
			standing[v.Digest] = v.Standing
		}
	}
	return n, size, standing
}

// Whoever publishes versions that wait for what does not exist has a node remember so many
// and no more, the same in whatever order they come, and takes nobody else's place.
func TestCharterThatWaitsIsBoundedByAuthor(t *testing.T) {
	for name, of := range map[string]struct{ versions, size int }{"many": {2 * trust.MaxCarried, 0}, "large": {trust.MaxCarried, 100 << 10}} {
		t.Run(name, func(t *testing.T) {
			line := years()
			var want map[protocol.Digest]trust.CharterStanding
			for seed := range uint64(2) {
				g, flooder, _ := admitted()
				other := penOf(association)
				other.write(admission(gevgelija))
				g.Add(other.write(body.CharterRecordOf(line[2]))) // waits for version 2
				var flood []protocol.SignedCharter
				for _, n := range rand.New(rand.NewPCG(seed, 0)).Perm(of.versions) { //nolint:gosec // dice of a test
					flood = append(flood, orphan(n, of.size))
				}
				for i, s := range flood {
					g.Add(flooder.write(body.CharterRecordOf(s)))
					if i%16 > 0 {
						continue
					}
					if n, bytes, _ := known(g); n > trust.MaxCarried+1 || bytes > trust.MaxCarriedBytes+len(line[2].Document) {
						t.Fatalf("%d versions with %d bytes are remembered", n, bytes)
					}
				}
				n, _, got := known(g)
				if got[line[2].Digest()] != trust.WaitingCharter || n < 2 {
					t.Fatalf("of %d versions that wait the other author's is %v", n, got[line[2].Digest()])
				}
				if want == nil {
					want = got
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("in another order others are remembered (-want +got):\n%s", diff)
				}
				add(t, g, line[1])
				if g.CharterInForce().Digest != line[2].Digest() {
					t.Errorf("version %d is in force, want 3", g.Charter().Version)
				}
			}
		})
	}
}

// Signatures that nobody made are remembered of one author so many and no more, while nobody
// can say that they are bad; and they hide none of another's.
func TestSignaturesOnWhatWaitsAreBoundedByAuthor(t *testing.T) {
	g, flooder, _ := admitted()
	line := years()
	other := penOf(association)
	other.write(admission(gevgelija))
	for k := range 2 * trust.MaxCarriedSignatures / 3 {
		bare := protocol.SignedCharter{Document: line[2].Document, Signatures: forgeries(3 * (k + 1))[3*k:]}
		g.Add(flooder.write(body.CharterRecordOf(bare)))
	}
	g.Add(other.write(body.CharterRecordOf(line[2])))
	for _, v := range g.Charters() {
		if n, most := len(v.Signed.Signatures), trust.MaxCarriedSignatures+len(line[2].Signatures); v.Charter.Version == 3 && n > most {
			t.Errorf("%d signatures are remembered, want at most %d", n, most)
		}
	}
	add(t, g, line[1])
	if g.CharterInForce().Digest != line[2].Digest() {
		t.Errorf("version %d is in force, want 3", g.Charter().Version)
	}
}

// A peer that has stolen keys gives a few rivals and no more, and after them still the one
// that ends the rivalry.
func TestRivalsFromPeersAreBounded(t *testing.T) {
	rival := func(n int) protocol.SignedCharter {
		c := second()
		c.Quota.RecordsADay = n
		return signed(c, centre, ministry)
	}
	for name, settled := range map[string]bool{"open": false, "settled": true} {
		t.Run(name, func(t *testing.T) {
			g, line := network(), years()
			add(t, g, line[1])
			want := trust.ErrManyRivals
			if settled {
				want = trust.ErrSetAside
				if _, err := g.Settle(line[1].Digest()); err != nil {
					t.Fatal(err)
				}
			}
			var refused error
			for n := range 20 {
				if _, err := g.TakeCharter(rival(n + 1)); err != nil {
					refused = err
				}
			}
			if n := len(g.Charters()); n > 10 || !errors.Is(refused, want) {
				t.Errorf("%d versions are kept, and the last was refused with %v, want %v", n, refused, want)
			}
			if !settled {
				first := rival(1)
				if _, err := g.TakeCharter(ending(line[1], first.Digest(), secretariat)); err == nil {
					t.Error("a version was taken whose own threshold did not sign it")
				}
				if _, err := g.TakeCharter(ending(line[1], first.Digest(), secretariat, ministry)); err != nil {
					t.Errorf("the version that ends the rivalry: %v", err)
				}
			}
			if g.Charter().Version < 2 || len(g.Rivals()) != 0 {
				t.Errorf("version %d is in force, with %d rivals", g.Charter().Version, len(g.Rivals()))
			}
		})
	}
}
