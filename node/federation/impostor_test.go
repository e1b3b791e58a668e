package federation_test

import (
	"crypto/ed25519"
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// A member invents versions in which it holds the keys of all stewards, and signs the one
// in force in their names, over and over. It stays in force, what is handed on of it
// verifies, and a newcomer still joins.
func TestMemberThatInventsStewardsPutsNoCharterOutOfForce(t *testing.T) {
	t.Parallel()
	n, dir := startIn(t, council())
	at := n.Node(capital)
	drafted, err := at.Desk().DraftCharter(t.Context(), node.DraftCharterRequest{CharterChange: node.CharterChange{RecordsADay: 7}})
	if err != nil {
		t.Fatal(err)
	}
	second, first := drafted.Paper.SignedCharter, at.Trust().SignedCharter()
	for _, id := range []protocol.InstitutionID{hub, capital, neighbour} {
		signCharter(t, filepath.Join(dir, string(id)), id, &second)
	}
	publishCharter(t, at, second)
	for _, other := range n.Nodes() {
		await(t, other, "version 2 is in force", inForce(other, second))
	}
	var last protocol.Name
	for k := range byte(10) {
		invented, forged := inventStewards(t, second.Document, k, second.Document, first.Document)
		publishCharter(t, n.Node(town), invented)
		for _, f := range forged {
			last = publishCharter(t, n.Node(town), f)
		}
	}
	for _, other := range n.Nodes() {
		arrives(t, n, other.Institutions()[0], last)
		if !inForce(other, second)() {
			t.Errorf("on %s version %d is in force, want 2", other.Institutions()[0], other.Trust().Charter().Version)
		}
		for _, digest := range []protocol.Digest{first.Digest(), second.Digest()} {
			if c, ok := other.Trust().CharterOf(digest); !ok {
				t.Errorf("%s lacks a version", other.Institutions()[0])
			} else if _, err = c.Verify(); err != nil {
				t.Errorf("%s hands on a version that nobody takes: %v", other.Institutions()[0], err)
			}
		}
	}
	inv, err := at.Invite(t.Context(), node.InviteRequest{Institution: newcomer, Level: body.Municipality, Addresses: []string{at.Addr()}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err = node.Join(t.Context(), node.Options{Dir: filepath.Join(dir, "guest"), Version: "test"}, inv, node.Opening{}); err != nil {
		t.Error(err)
	}
	agree(t, n)
	goOn(t, n)
}

// inventStewards writes a version in which the stewards have keys of a stranger's, signed by
// those, and gives the documents with signatures by them.
func inventStewards(t *testing.T, document []byte, seed byte, documents ...[]byte) (invented protocol.SignedCharter, forged []protocol.SignedCharter) {
	t.Helper()
	c, err := protocol.ParseCharter(document)
	if err != nil {
		t.Fatal(err)
	}
	c.Registrars = []protocol.Registrar{}
	keys := make([]ed25519.PrivateKey, len(c.Stewards))
	for k := range c.Stewards {
		s := &c.Stewards[k]
		keys[k] = keyFrom(100 + seed*byte(len(c.Stewards)) + byte(k))
		s.Key = protocol.KeyOf(keys[k])
		s.Proof = protocol.Signature(ed25519.Sign(keys[k], protocol.KeyProofText(s.Institution, protocol.UseIdentity, s.Key)))
	}
	if invented.Document, err = json.Marshal(c); err != nil {
		t.Fatal(err)
	}
	forged = make([]protocol.SignedCharter, len(documents))
	for k, s := range c.Stewards {
		invented.Sign(s.Institution, keys[k])
		for at := range documents {
			forged[at].Document = documents[at]
			forged[at].Sign(s.Institution, keys[k])
		}
	}
	return invented, forged
}
