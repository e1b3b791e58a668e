package node_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

const village protocol.InstitutionID = "mk.southeast.valandovo"

// host has the capital's node write for the village too, and gives its first record.
func (p *pair) host(t *testing.T) protocol.Name {
	t.Helper()
	p.stopCapital()
	f, err := node.HostKeys(p.capitalAt, village)
	if err != nil {
		t.Fatal(err)
	}
	p.capital, p.stopCapital = start(t, p.capitalAt)
	p.redirect(t, p.town)
	err = p.capital.Admit(t.Context(), node.AdmitRequest{Institution: village, Level: body.Municipality, Key: f.Key, Proof: f.Proof, NoLink: true})
	if err != nil {
		t.Fatal(err)
	}
	if err = p.capital.IntroduceHosted(t.Context()); err != nil {
		t.Fatal(err)
	}
	return publish(t, p.capital, village, note("hosted"))
}

// TestHostedMemberMovesToItsOwnNodeAndBack: what the host wrote for it and nobody had yet
// counts, each node writes for it only while it hosts it, and every status is in order.
func TestHostedMemberMovesToItsOwnNodeAndBack(t *testing.T) {
	p := newPair(t)
	hosted := p.host(t)
	eventually(t, "the town holds what the host wrote", func() bool { return p.town.Holds(hosted) })
	p.stopTown()
	onTheWay := publish(t, p.capital, village, note("nobody has this yet"))
	p.stopCapital()

	stick := filepath.Join(t.TempDir(), "stick")
	word := func() ([]byte, error) { return []byte("on the way"), nil }
	if err := node.MoveOut(t.Context(), p.capitalAt, village, stick, word); err != nil {
		t.Fatal(err)
	}
	ownAt, sheet := options(t, "village"), ""
	ownAt.Sheet = func(text string) error { sheet = text; return nil }
	key, err := node.MoveIn(t.Context(), ownAt, village, node.Carried{Folder: stick, Passphrase: word})
	if err != nil {
		t.Fatal(err)
	}
	own, stopOwn := start(t, ownAt)
	moved := publish(t, own, village, note("on our own"))
	if moved.Epoch != hosted.Epoch+1 {
		t.Errorf("wrote %s on its own node", moved)
	}

	p.capital, p.stopCapital = start(t, p.capitalAt)
	if _, err := p.capital.Intake().Publish(t.Context(), intake.Draft{Institution: village, Type: note("").Type()}); !errors.Is(err, intake.ErrNotMember) {
		t.Errorf("the host still writes for it: %v", err)
	}
	agree(t, p.capital, own, key)
	p.town, p.stopTown = start(t, p.townAt)
	p.redirect(t, p.town)
	all := []*node.Node{own, p.capital, p.town}
	counts(t, all, onTheWay)
	eventually(t, "all hold what its own node wrote", func() bool { return all[1].Holds(moved) && all[2].Holds(moved) })
	inOrder(t, all...)

	// And back, by the carrier of its own node.
	stopOwn()
	p.stopCapital()
	carrier := node.Carried{Folder: filepath.Join(ownAt.Dir, "identity"), Sheet: sheet}
	if _, err := node.MoveIn(t.Context(), p.capitalAt, village, carrier); err != nil {
		t.Fatal(err)
	}
	p.capital, p.stopCapital = start(t, p.capitalAt)
	p.redirect(t, p.town)
	back := publish(t, p.capital, village, note("hosted again"))
	if back.Epoch != moved.Epoch+1 {
		t.Errorf("wrote %s at the host again", back)
	}
	all = []*node.Node{p.capital, p.town}
	counts(t, all, moved)
	eventually(t, "the town holds what the host writes again", func() bool { return p.town.Holds(back) })
	inOrder(t, all...)
}

// agree has two nodes agree on a link that the second one dials with a new key.
func agree(t *testing.T, listener, dialler *node.Node, key protocol.Key) {
	t.Helper()
	ctx, peer := t.Context(), dialler.Institutions()[0]
	if _, err := listener.Desk().AddLink(ctx, desk.AddLinkRequest{Peer: peer, Key: key}); err != nil {
		t.Fatal(err)
	}
	if err := dialler.Call(ctx, desk.AddLinkRequest{Peer: listener.Institutions()[0], Address: listener.Addr()}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the policy is approved", func() bool { return approve(ctx, listener, peer) == nil })
}

func approve(ctx context.Context, n *node.Node, peer protocol.InstitutionID) error {
	_, err := n.Links().Approve(ctx, peer, nil)
	return err
}

// counts waits until all nodes hold a record as the last that counts of its epoch.
func counts(t *testing.T, nodes []*node.Node, r protocol.Name) {
	t.Helper()
	for _, n := range nodes {
		eventually(t, "all holds up to "+r.String()+" on "+string(n.Institutions()[0]), func() bool {
			last, ok := n.Trust().Last(r.EpochID())
			return n.Holds(r) && ok && !last.Unknown && last.Sequence == r.Sequence
		})
	}
}

// inOrder wants nothing grave, no fork, and no line that is a stranger's, in any status.
func inOrder(t *testing.T, nodes ...*node.Node) {
	t.Helper()
	for _, n := range nodes {
		s := status(t, n)
		if !s.Verdict.OK || len(s.Forks) > 0 || !s.Writes {
			t.Errorf("status of %s: %s; %+v", s.Institutions[0], s.Verdict.Said, s.Verdict.Findings)
		}
		for _, f := range s.Verdict.Findings {
			if f.What == "copy" || f.What == "disowned" {
				t.Errorf("status of %s: %s", s.Institutions[0], f.Said)
			}
		}
	}
}
