package federation_test

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/federation"
	"github.com/vardar-network/vardar/node/keys"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// M10: a town is restored while a thief with its identity key has forked its trust feed
// and its registrar is out of reach. It writes on its own branch, in its next epochs, and
// what it says counts; the registrar closes the fork when it is back.
func TestM10RestoredWithItsTrustFeedForkedByAThief(t *testing.T) {
	t.Parallel()
	dir, sheet := t.TempDir(), ""
	plan := three()
	plan.Lines = [][2]protocol.InstitutionID{{town, neighbour}}
	n, err := federation.Start(t.Context(), federation.Options{Dir: dir, Timing: quick(), Sheet: func(id protocol.InstitutionID, text string) {
		if id == town {
			sheet = text
		}
	}}, plan)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if unclosed := n.Close(); unclosed != nil {
			t.Error(unclosed)
		}
	})
	await(t, n.Node(town), "all policies are agreed on", func() bool {
		lines := n.Node(town).Lines()
		return len(lines) == 2 && !slices.ContainsFunc(lines, func(l node.LineState) bool { return l.Policy == 0 || !l.Settled })
	})
	made, err := n.Node(town).Desk().Backup(t.Context(), node.BackupRequest{To: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	since := say(t, n, town, "since the backup")
	arrives(t, n, capital, since.Name)
	arrives(t, n, neighbour, since.Name)
	thief, err := keys.Open(keys.Options{Dir: filepath.Join(dir, string(town))})
	if err != nil {
		t.Fatal(err)
	}
	if err = n.Stop(town); err != nil {
		t.Fatal(err)
	}

	river, at := n.Node(neighbour), n.Node(capital)
	e := protocol.EpochID{Feed: protocol.Feed{Institution: town, Topic: protocol.Trust}, Epoch: 1}
	head := at.Store().Branches(e)[0]
	theft, err := at.Record(protocol.Name{Institution: town, Position: protocol.Position{Topic: protocol.Trust, Epoch: 1, Sequence: head.Head}})
	if err != nil {
		t.Fatal(err)
	}
	profile, err := body.Marshal(&body.Profile{Names: body.Names{"en": "The thief"}, Level: body.Municipality}, [16]byte{})
	if err != nil {
		t.Fatal(err)
	}
	theft.Type, theft.Sequence, theft.Previous = "vardar.trust.profile.v1", head.Head+1, head.Digest
	theft.SetBody(profile)
	if err = thief.SignRecord(t.Context(), &theft); err != nil {
		t.Fatal(err)
	}
	if _, err = river.Push(t.Context(), capital, frameOf(t, theft)); err != nil {
		t.Fatal(err)
	}
	arrives(t, n, capital, theft.Name)
	// The capital takes river, which sent it, for one that holds it, until the two compare again.
	if _, err = at.Push(t.Context(), neighbour, frameOf(t, theft)); err != nil {
		t.Fatal(err)
	}
	arrives(t, n, neighbour, theft.Name)
	if err = n.Stop(capital); err != nil {
		t.Fatal(err)
	}

	o := node.Options{Dir: filepath.Join(dir, "restored"), Listen: "127.0.0.1:0", Timing: quick(), Version: "test"}
	o.CheckStore = func(_ context.Context, path string) error { return node.CheckStoreFile(path) }
	back, err := node.Restore(t.Context(), o, made.File, filepath.Join(dir, string(town), "identity"), sheet)
	if err != nil {
		t.Fatal(err)
	}
	if err = os.Rename(filepath.Join(dir, string(town)), filepath.Join(dir, "lost")); err != nil {
		t.Fatal(err)
	}
	if err = os.Rename(o.Dir, filepath.Join(dir, string(town))); err != nil {
		t.Fatal(err)
	}
	if _, err = river.Desk().AddLink(t.Context(), node.AddLinkRequest{Peer: town, Key: back.LinkKey}); err != nil {
		t.Fatal(err)
	}
	if err = n.Restart(t.Context(), town); err != nil {
		t.Fatal(err)
	}
	author := n.Node(town)
	first := say(t, n, town, "restored")
	if first.Epoch != since.Epoch+1 {
		t.Fatalf("wrote %s", first.Name)
	}
	arrives(t, n, neighbour, first.Name)
	for _, at := range []*node.Node{author, river} {
		finding(t, at, string(town)+"/trust epoch 1 is forked at ")
		status, unread := at.Status(t.Context())
		if unread != nil || len(status.Forks) != 1 || status.Forks[0].Closes != capital {
			t.Errorf("forks %+v, want the trust feed's alone, closed by its registrar; %v", status.Forks, unread)
		}
	}
	another, err := author.Say(t.Context(), town, &body.Profile{Names: body.Names{"en": "The town"}, Level: body.Municipality}, protocol.Green)
	if err != nil {
		t.Fatalf("it writes no more on its own branch: %v", err)
	}
	second := say(t, n, town, "and goes on")
	arrives(t, n, neighbour, second.Name)
	arrives(t, n, neighbour, another.Name)

	if err = n.Restart(t.Context(), capital); err != nil {
		t.Fatal(err)
	}
	at = n.Node(capital)
	if _, err = at.Desk().AddLink(t.Context(), node.AddLinkRequest{Peer: town, Key: back.LinkKey}); err != nil {
		t.Fatal(err)
	}
	arrives(t, n, capital, second.Name)
	// What the town says meanwhile of its epochs would be void behind the admission, and said again.
	await(t, at, "all that came home is stated", func() bool {
		for _, topic := range protocol.Topics() {
			last, held := at.Trust().Last(protocol.EpochID{Feed: protocol.Feed{Institution: town, Topic: topic}, Epoch: 1})
			if topic != protocol.Trust && held && last.Unknown {
				return false
			}
		}
		return true
	})
	if _, err = author.Desk().RotateKey(t.Context(), node.RotateRequest{As: town, Use: protocol.UseIdentity}); err != nil {
		t.Fatal(err)
	}
	await(t, at, "it is asked for the next identity key", func() bool { m, _ := at.Trust().Member(town); return !m.RequestedKey.IsZero() })
	if err = at.Admit(t.Context(), node.AdmitRequest{Institution: town}); err != nil {
		t.Fatal(err)
	}
	for _, other := range n.Nodes() {
		await(t, other, "no fork is open", func() bool { s, err := other.Status(t.Context()); return err == nil && len(s.Forks) == 0 })
	}
	agree(t, n)
	for _, other := range n.Nodes() {
		for _, k := range other.Picture(time.Now()).Kept {
			if k.Record.Topic != protocol.Trust || k.Digest != theft.Digest() {
				t.Errorf("%s shows %+v, want the thief's record alone void", other.Institutions()[0], k)
			}
		}
	}
	goOn(t, n)
}
