package federation_test

import (
	"path/filepath"
	"testing"

	"github.com/vardar-network/vardar/node/federation"
	"github.com/vardar-network/vardar/node/keys"
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
