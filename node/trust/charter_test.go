package trust_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
)

func TestCharterThatBreaksItsOwnRulesIsRefused(t *testing.T) {
	digest := protocol.DigestOf([]byte("version 1"))
	tests := []struct {
		name   string
		change func(c *protocol.Charter)
		by     []protocol.InstitutionID
		want   error
	}{
		{"less than half of the stewards is no threshold", func(c *protocol.Charter) { c.Threshold = 1 }, []protocol.InstitutionID{secretariat, centre}, protocol.ErrThreshold},
		{"half of the stewards is none", func(c *protocol.Charter) { c.Threshold, c.Stewards = 1, c.Stewards[:2] }, []protocol.InstitutionID{secretariat, centre}, protocol.ErrThreshold},
		{"more than all is none", func(c *protocol.Charter) { c.Threshold = 4 }, []protocol.InstitutionID{secretariat, centre, ministry}, protocol.ErrThreshold},
		{"one signature too few", func(*protocol.Charter) {}, []protocol.InstitutionID{secretariat}, protocol.ErrCharterSigned},
		{"one steward twice", func(*protocol.Charter) {}, []protocol.InstitutionID{secretariat, secretariat}, protocol.ErrCharterSigned},
		{"a registrar is no steward", func(*protocol.Charter) {}, []protocol.InstitutionID{secretariat, association}, protocol.ErrCharterSigned},
		{"proof by another key", func(c *protocol.Charter) { c.Stewards[0].Proof = c.Stewards[1].Proof }, []protocol.InstitutionID{secretariat, centre}, protocol.ErrProof},
		{"registrar's proof by another key", func(c *protocol.Charter) { c.Registrars[2].Proof = c.Registrars[1].Proof }, []protocol.InstitutionID{secretariat, centre}, protocol.ErrProof},
		{"two keys for one institution", func(c *protocol.Charter) {
			c.Registrars[0].Key = protocol.KeyOf(private("other"))
			c.Registrars[0].Proof = proof(secretariat, protocol.UseIdentity, private("other"))
		}, []protocol.InstitutionID{secretariat, centre}, protocol.ErrCharterKeys},
		{"a key of small order", func(c *protocol.Charter) { c.Registrars[2].Key = protocol.Key{1} }, []protocol.InstitutionID{secretariat, centre}, protocol.ErrKeySmallOrder},
		{"a later version", func(c *protocol.Charter) { c.Version, c.Previous = 2, &digest }, []protocol.InstitutionID{secretariat, centre}, trust.ErrLaterCharter},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := founding()
			tt.change(c)
			g, err := trust.New(signed(c, tt.by...))
			if g != nil || !errors.Is(err, tt.want) {
				t.Errorf("New() = %v, %v, want nil, %v", g, err, tt.want)
			}
		})
	}
}

func TestCharterOpensTheTrustFeedsOfThoseItNames(t *testing.T) {
	g := network()
	for _, id := range []protocol.InstitutionID{secretariat, centre, association, ministry} {
		want := trust.Opener{EpochID: epochOf(id, protocol.Trust), Digest: g.CharterDigest(), Key: protocol.KeyOf(identity(id)), Counts: true}
		if got := counting(t, g, epochOf(id, protocol.Trust)); got != want {
			t.Errorf("Openers(%s trust) = %+v, want %+v", id, got, want)
		}
		if got, ok := g.Current(trustFeed(id)); !ok || got != want {
			t.Errorf("Current(%s trust) = %+v, %t, want %+v", id, got, ok, want)
		}
		if !g.Wanted(trustFeed(id)) || g.Wanted(protocol.Feed{Institution: id, Topic: protocol.Situation}) {
			t.Errorf("Wanted(%s): want its trust feed alone, before it has named keys", id)
		}
		first := penOf(id).write(profile("first", 1))
		if err := g.CheckOpening(&first); err != nil {
			t.Errorf("CheckOpening(%s) = %v, want nil", first.Name, err)
		}
		stranger := newPen(id, private("stranger"), charterDigest()).write(profile("first", 1))
		if err := g.CheckOpening(&stranger); !errors.Is(err, trust.ErrWrongKey) {
			t.Errorf("CheckOpening(%s by a stranger's key) = %v, want %v", stranger.Name, err, trust.ErrWrongKey)
		}
	}
	if g.Wanted(trustFeed(gevgelija)) {
		t.Error("the trust feed of somebody nobody has admitted is wanted")
	}
}

func TestAdmissionOfWhomTheCharterNamesOpensNothing(t *testing.T) {
	g := network()
	// The centre lies under its own prefix: it may say its own level, and no more.
	r := penOf(centre).write(admissionOf(centre, private("second identity")))
	g.Add(r)
	if got := counting(t, g, epochOf(centre, protocol.Trust)); got.Digest != g.CharterDigest() {
		t.Errorf("opener of the centre's trust feed is %s, want the charter", got.By)
	}
	if m, _ := g.Member(centre); m.Level.String() != "municipality" || m.Admission != r.Name {
		t.Errorf("Member(centre) has level %s by %s, want municipality by %s", m.Level, m.Admission, r.Name)
	}
}

func TestCharterExpiresByTheCallersClock(t *testing.T) {
	g := network()
	at := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	if g.Expired(at) || !g.Expired(at.Add(time.Second)) {
		t.Error("Expired() is not false up to the moment the charter names, and true after it")
	}
}

func TestCharterIsGivenAsItWasSigned(t *testing.T) {
	want := signed(founding(), secretariat, centre)
	g := network()
	got := g.SignedCharter()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("SignedCharter() differs (-want +got):\n%s", diff)
	}
	got.Document[0] = 'x'
	if again := g.SignedCharter(); again.Digest() != g.CharterDigest() {
		t.Error("a caller has changed the registry's charter")
	}
	if got := g.Charter().Network; got != "test" {
		t.Errorf("Charter().Network = %q, want %q", got, "test")
	}
}
