package trust_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
)

// A peer's answer is kept only if it follows what is in force, whatever it names; what it
// is then asked for by others has good signatures alone.
func TestOfferedCharterIsKeptOnlyIfItFollows(t *testing.T) {
	g := network()
	next := signed(second(), secretariat, centre)
	other := second()
	other.Quota.RecordsADay = 7
	third, previous := second(), next.Digest()
	third.Version, third.Previous = 3, &previous
	foreign := founding()
	foreign.Network = "another"
	tests := []struct {
		name  string
		offer protocol.SignedCharter
		want  error // nil: any
	}{
		{"no signature", signed(second()), protocol.ErrCharterSigned},
		{"one signature of two", signed(second(), centre), nil},
		{"a signature by a registrar", signed(second(), centre, association), nil},
		{"version 3 without version 2", signed(third, secretariat, centre), trust.ErrEarlyCharter},
		{"another network's first version", signed(foreign, secretariat, centre), trust.ErrOtherNetwork},
	}
	for _, tt := range tests {
		if changed, err := g.TakeCharter(tt.offer); err == nil || tt.want != nil && !errors.Is(err, tt.want) || changed != nil {
			t.Errorf("%s: TakeCharter() = %v, %v, want an error (%v)", tt.name, changed, err, tt.want)
		}
		if held := g.Charters(); len(held) != 1 {
			t.Errorf("%s: %d versions are held", tt.name, len(held))
		}
	}
	bad := signed(second(), secretariat, centre)
	bad.Signatures = append(bad.Signatures, protocol.CharterSignature{Steward: ministry, Signature: protocol.Signature{1}})
	for _, offer := range []protocol.SignedCharter{bad, signed(other, centre, ministry), signed(other, centre, ministry)} {
		if _, err := g.TakeCharter(offer); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := g.TakeCharter(signed(third, secretariat, centre)); !errors.Is(err, trust.ErrEarlyCharter) {
		t.Errorf("a version after a rival: %v, want %v", err, trust.ErrEarlyCharter)
	}
	later := g.LaterCharters()
	for _, want := range []protocol.Digest{next.Digest(), protocol.DigestOf(signed(other).Document)} {
		if !slices.Contains(later, want) {
			t.Errorf("LaterCharters() = %v, lacks the rival %v", later, want)
		}
	}
	if c, ok := g.CharterOf(next.Digest()); !ok || len(c.Signatures) != 2 {
		t.Errorf("CharterOf() gives %d signatures, %t; want the two good ones", len(c.Signatures), ok)
	}
	if _, ok := g.CharterOf(protocol.Digest{}); ok || len(g.Rivals()) != 2 {
		t.Errorf("%d rivals, want 2", len(g.Rivals()))
	}
}
