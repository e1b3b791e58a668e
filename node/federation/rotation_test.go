package federation_test

import (
	"errors"
	"path/filepath"
	"slices"
	"testing"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/federation"
	"github.com/vardar-network/vardar/node/keys"
	"github.com/vardar-network/vardar/node/link"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// rotateLink turns an institution's link key while its node can reach nobody, up to the
// point where the key is published; what is left is for the next start to do, as after a
// crash.
func rotateLink(t *testing.T, n *federation.Network, dir string, id protocol.InstitutionID) protocol.Key {
	t.Helper()
	if err := n.Stop(id); err != nil {
		t.Fatal(err)
	}
	safe, err := keys.Open(keys.Options{Dir: filepath.Join(dir, string(id))})
	if err != nil {
		t.Fatal(err)
	}
	next, err := safe.Prepare(id, protocol.UseLink)
	if err != nil {
		t.Fatal(err)
	}
	if err = n.Restart(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if _, err = n.Node(id).Say(t.Context(), id, &body.KeyRecord{Use: protocol.UseLink, Key: body.KeyText(next.Public), Proof: next.Proof}, protocol.Green); err != nil {
		t.Fatal(err)
	}
	if err = n.Stop(id); err != nil {
		t.Fatal(err)
	}
	return next.Key
}

// Both ends of a link turn their keys, each while the other is away: neither is locked
// out, since each knows the other by the key before, and hears of the new one over that
// very line.
func TestRotationOfALinkKeyLocksNobodyOut(t *testing.T) {
	t.Parallel()
	n, dir := startIn(t, three())
	arrives(t, n, capital, say(t, n, town, "before").Name)
	if err := n.Stop(capital); err != nil {
		t.Fatal(err)
	}
	dials := rotateLink(t, n, dir, town)
	listens := rotateLink(t, n, dir, capital)
	for _, id := range []protocol.InstitutionID{capital, town} {
		if err := n.Restart(t.Context(), id); err != nil {
			t.Fatal(err)
		}
	}
	if got := n.Node(capital).LinkKey(); got != listens {
		t.Errorf("the capital's link key is %s, want the published %s", got, listens)
	}
	arrives(t, n, capital, say(t, n, town, "after").Name)
	arrives(t, n, town, say(t, n, capital, "after too").Name)
	for at, of := range map[protocol.InstitutionID]protocol.InstitutionID{capital: town, town: capital} {
		want := map[protocol.InstitutionID]protocol.Key{town: dials, capital: listens}[of]
		if got, ok := n.Node(at).Trust().LinkKey(of); !ok || got != want {
			t.Errorf("%s knows %s by %s, want the new %s", at, of, got, want)
		}
	}
	// From now on by the new keys alone.
	if err := n.Stop(town); err != nil {
		t.Fatal(err)
	}
	if err := n.Restart(t.Context(), town); err != nil {
		t.Fatal(err)
	}
	arrives(t, n, capital, say(t, n, town, "by the new keys").Name)
}

// A policy is proposed and approved while either side turns its link key: what was signed
// by the key before is signed anew, whether the other side still has to sign it, or has and
// could not say so.
func TestPolicySurvivesARotationOfTheLinkKey(t *testing.T) {
	t.Parallel()
	for name, rotates := range map[string][]protocol.InstitutionID{
		"of who proposed": {town}, "of who approved": {capital}, "of both": {capital, town},
	} {
		for when, approved := range map[string]bool{"before it is approved": false, "before that is told": true} {
			t.Run(name+" "+when, func(t *testing.T) {
				n, _ := startIn(t, three())
				at, other := n.Node(town), n.Node(capital)
				agreed(t, n, town, capital)
				terms := link.Everything()
				terms.Ours.Relay = protocol.Amber // more than was agreed to in advance
				if _, err := at.Links().Propose(t.Context(), capital, terms); err != nil {
					t.Fatal(err)
				}
				await(t, other, "the proposal is there", func() bool { return lineTo(other, town).Proposed == 2 })
				n.Line(town, capital).Cut()
				await(t, other, "the line is down", func() bool { return !lineTo(other, town).Up })
				await(t, at, "the line is down at its other end", func() bool { return !lineTo(at, capital).Up })
				approve := func() {
					if _, err := other.Links().Approve(t.Context(), town, nil); err != nil {
						t.Fatal(err)
					}
				}
				if approved {
					approve()
				}
				for _, id := range rotates {
					if _, err := n.Node(id).Desk().RotateKey(t.Context(), node.RotateRequest{As: id, Use: protocol.UseLink}); err != nil {
						t.Fatal(err)
					}
				}
				n.Line(town, capital).Heal()
				if !approved {
					await(t, other, "the proposal is shown by the key of today", func() bool {
						c, _, err := other.Links().Config(town)
						key, _ := other.Trust().LinkKey(town)
						return err == nil && key == at.LinkKey() && c.Proposed != nil && c.Proposed.SignedBy(town, key)
					})
					approve()
				}
				await(t, at, "what both have signed is in force", func() bool { return lineTo(at, capital).Policy == 2 })
			})
		}
	}
}

// proposesAndRotates has the town propose terms to the capital while their line is cut, and
// turn its link key.
func proposesAndRotates(t *testing.T, n *federation.Network, terms link.Terms) {
	t.Helper()
	n.Line(town, capital).Cut()
	at := n.Node(town)
	if _, err := at.Links().Propose(t.Context(), capital, terms); err != nil {
		t.Fatal(err)
	}
	if _, err := at.Desk().RotateKey(t.Context(), node.RotateRequest{As: town, Use: protocol.UseLink}); err != nil {
		t.Fatal(err)
	}
}

// What this side signed away for its own sending binds it after a rotation and a new start
// too, though the other side has not signed yet.
func TestNarrowingHoldsAfterARotationOfTheLinkKey(t *testing.T) {
	t.Parallel()
	n, _ := startIn(t, three())
	at := n.Node(town)
	await(t, at, "the first policy is in force", func() bool { return lineTo(at, capital).Policy == 1 })
	terms := link.Everything()
	terms.Ours.Groups = []string{"alert *"}
	proposesAndRotates(t, n, terms)
	if err := n.Stop(town); err != nil {
		t.Fatal(err)
	}
	if err := n.Restart(t.Context(), town); err != nil {
		t.Fatal(err)
	}
	said := say(t, n, town, "for nobody else any more")
	if _, to := n.Node(town).Links().Holders(said.Name); len(to) > 0 {
		t.Errorf("%s may go to %v", said.Name, to)
	}
}

// What was agreed to in advance is proposed by a link key that the other side hears of later:
// it signs then, and says so.
func TestPolicyAgreedToInAdvanceSurvivesARotation(t *testing.T) {
	t.Parallel()
	n, _ := startIn(t, three())
	at := n.Node(town)
	await(t, at, "the first policy is in force", func() bool { return lineTo(at, capital).Policy == 1 })
	terms := link.Everything()
	terms.Theirs.Bodies = protocol.Green
	proposesAndRotates(t, n, terms)
	n.Line(town, capital).Heal()
	await(t, at, "what both have signed is in force", func() bool { return lineTo(at, capital).Policy == 2 })
}

// TestNobodyIsKnownToHoldWhatIsVoidByEqualRows: nobody has it, and the rows that are compared pass over it.
func TestNobodyIsKnownToHoldWhatIsVoidByEqualRows(t *testing.T) {
	t.Parallel()
	n, _ := startIn(t, federation.Plan{
		Network:    "test",
		Nodes:      [][]federation.Member{{member(capital, body.Ministry)}, {member(town, body.Municipality)}},
		Registrars: map[protocol.InstitutionID][]string{capital: {"mk."}},
	})
	counts := say(t, n, town, "all have it")
	arrives(t, n, capital, counts.Name)
	if err := n.Stop(capital); err != nil {
		t.Fatal(err)
	}
	void := say(t, n, town, "nobody has it")
	if _, err := n.Node(town).Desk().RotateKey(t.Context(), node.RotateRequest{As: town, Use: protocol.UseNode, Last: []string{counts.String()}}); err != nil {
		t.Fatal(err)
	}
	if err := n.Restart(t.Context(), capital); err != nil {
		t.Fatal(err)
	}
	arrives(t, n, capital, say(t, n, town, "in the next epoch").Name)
	if err := errors.Join(n.Stop(town), n.Restart(t.Context(), town)); err != nil { // it has forgotten what was acknowledged
		t.Fatal(err)
	}
	links := n.Node(town).Links()
	await(t, n.Node(town), "the groups are found equal", func() bool {
		have, _ := links.Holders(counts.Name)
		return slices.Contains(have, capital)
	})
	if have, _ := links.Holders(void.Name); n.Node(capital).Holds(void.Name) || len(have) > 0 {
		t.Errorf("%s is known to be held by %v, and the capital has it: %v", void.Name, have, n.Node(capital).Holds(void.Name))
	}
}
