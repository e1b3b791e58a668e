package node_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// pair is a capital and a town that joined it, with the town's recovery sheet.
type pair struct {
	capital, town         *node.Node
	capitalAt, townAt     node.Options
	stopCapital, stopTown func()
	sheet                 string
}

func newPair(t *testing.T) *pair {
	t.Helper()
	return newPairWith(t, body.Municipality)
}

// newPairWith is the same with a town of another level.
func newPairWith(t *testing.T, level body.Level) *pair {
	t.Helper()
	p := &pair{capitalAt: options(t, "capital"), townAt: options(t, "town")}
	found(t, p.capitalAt)
	p.capital, p.stopCapital = start(t, p.capitalAt)
	inv := inviteAs(t, p.capital, level)
	p.townAt.Sheet = func(text string) error { p.sheet = text; return nil }
	if _, err := node.Join(t.Context(), p.townAt, inv, node.Opening{Level: level}); err != nil {
		t.Fatal(err)
	}
	p.town, p.stopTown = start(t, p.townAt)
	eventually(t, "both have agreed on what goes over the line", func() bool {
		lines := p.town.Lines()
		return len(lines) == 1 && lines[0].Policy > 0 && lines[0].Settled
	})
	return p
}

func (p *pair) backUp(t *testing.T) string {
	t.Helper()
	made, err := p.town.Desk().Backup(t.Context(), desk.BackupRequest{To: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	return made.File
}

// copyFolder copies a folder as it lies there.
func copyFolder(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(from, path)
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == "jetstream":
			return fs.SkipDir
		case d.IsDir():
			return os.MkdirAll(filepath.Join(to, rel), 0o700)
		case !d.Type().IsRegular():
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), data, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// checkFile looks at a store as the child process does.
func checkFile(_ context.Context, path string) error { return node.CheckStoreFile(path) }

// restore makes the town anew in another folder.
func (p *pair) restore(t *testing.T, file string) (node.Options, node.Restored) {
	t.Helper()
	o := options(t, "restored")
	o.CheckStore = checkFile
	r, err := node.Restore(t.Context(), o, file, filepath.Join(p.townAt.Dir, "identity"), p.sheet)
	if err != nil {
		t.Fatal(err)
	}
	return o, r
}

// first is the town's first record of an epoch.
func first(epoch uint32) protocol.Name {
	return protocol.Name{Institution: town, Position: protocol.Position{Topic: protocol.Situation, Epoch: epoch, Sequence: 1}}
}

// meet tells the capital the town's new link key, as a phone call would.
func (p *pair) meet(t *testing.T, key protocol.Key) {
	t.Helper()
	if _, err := p.capital.Desk().AddLink(t.Context(), desk.AddLinkRequest{Peer: town, Key: key}); err != nil {
		t.Fatal(err)
	}
}

// TestRestoredInIsolationNothingAcknowledgedIsVoid: the town wrote after its backup, and
// its peer acknowledged that. Restored with no line it writes at once, in new epochs; when
// the line is back, all that came home counts (epochs.md 9, 17, 19; M2).
func TestRestoredInIsolationNothingAcknowledgedIsVoid(t *testing.T) {
	p := newPair(t)
	publish(t, p.town, town, note("before the backup"))
	file := p.backUp(t)
	after := publish(t, p.town, town, note("after the backup"))
	eventually(t, "the capital holds what was written after the backup", func() bool { return p.capital.Holds(after) })
	p.stopTown()

	p.stopCapital()
	o, r := p.restore(t, file)
	const dataFeeds = 6 // one for each topic but trust
	if len(r.Opened) != dataFeeds || r.Institution != town || r.LinkKey.IsZero() {
		t.Fatalf("restored %+v", r)
	}
	n, stop := start(t, o)
	back := publish(t, n, town, note("we are back"))
	if back != first(2) {
		t.Fatalf("wrote %s in isolation, want the first of epoch 2", back)
	}
	if last, ok := n.Trust().Last(first(1).EpochID()); !ok || !last.Unknown {
		t.Errorf("in isolation last is %+v, want unknown", last)
	}
	stop()

	p.capital, _ = start(t, p.capitalAt)
	p.meet(t, r.LinkKey)
	n, _ = start(t, o)
	p.redirect(t, n)
	eventually(t, "what was written after the backup came home", func() bool { return n.Holds(after) })
	eventually(t, "the capital holds the new epoch", func() bool { return p.capital.Holds(back) })
	eventually(t, "both know that all of epoch 1 counts", func() bool {
		for _, n := range []*node.Node{n, p.capital} {
			if last, ok := n.Trust().Last(after.EpochID()); !ok || last.Unknown || last.Sequence != after.Sequence {
				return false
			}
		}
		return true
	})
	for _, n := range []*node.Node{n, p.capital} {
		if forks := status(t, n).Forks; len(forks) > 0 {
			t.Errorf("there are forks: %+v", forks)
		}
	}
}

// TestWhatAPersonSaysOfAnEpochStands though the node had said the same by itself, and more
// comes home later: what a thief wrote in it would count again (epochs.md 9).
func TestWhatAPersonSaysOfAnEpochStands(t *testing.T) {
	p := newPair(t)
	before := publish(t, p.town, town, note("before the backup"))
	file := p.backUp(t)
	after := publish(t, p.town, town, note("after the backup, and not by the town"))
	eventually(t, "the capital holds what was written after the backup", func() bool { return p.capital.Holds(after) })
	p.stopTown()
	o, r := p.restore(t, file)
	n, _ := start(t, o)
	if _, err := n.Restate(t.Context()); err != nil {
		t.Fatal(err)
	}
	says := func() protocol.Last { last, _ := n.Trust().Last(before.EpochID()); return last }
	if got := says(); got.Sequence != before.Sequence {
		t.Fatalf("alone the node says that %+v is last, want %s", got, before)
	}
	if _, err := n.Desk().RotateKey(t.Context(), desk.RotateRequest{As: town, Use: protocol.UseNode, Last: []string{before.String()}}); err != nil {
		t.Fatal(err)
	}

	p.meet(t, r.LinkKey)
	p.redirect(t, n)
	eventually(t, "what was written after the backup came home", func() bool { return n.Holds(after) })
	stated, err := n.Restate(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if slices.Contains(stated, before.EpochID()) || says().Sequence != before.Sequence {
		t.Errorf("a person said that %s is last; the node said %v again, and %+v is last", before, stated, says())
	}
}

// redirect has the town call the capital where it now listens.
func (p *pair) redirect(t *testing.T, n *node.Node) {
	t.Helper()
	if err := n.Redirect(t.Context(), capital, p.capital.Addr()); err != nil {
		t.Fatal(err)
	}
}

func status(t *testing.T, n *node.Node) desk.Status {
	t.Helper()
	s, err := n.Desk().Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestSecondRestoreOpensTheNextEpoch: a restore from the same backup, on a carrier that has
// seen the first, does not open epoch 2 a second time (epochs.md 19; M5).
func TestSecondRestoreOpensTheNextEpoch(t *testing.T) {
	p := newPair(t)
	file := p.backUp(t)
	p.stopTown()
	o, _ := p.restore(t, file)
	n, stop := start(t, o)
	if got := publish(t, n, town, note("once")); got != first(2) {
		t.Fatalf("wrote %s", got)
	}
	stop()
	p.townAt.Dir = o.Dir // its carrier has the openers of epoch 2
	o, r := p.restore(t, file)
	for _, e := range r.Opened {
		if e.Epoch != 3 {
			t.Errorf("opened %s, want epoch 3", e)
		}
	}
	n, _ = start(t, o)
	if got := publish(t, n, town, note("twice")); got != first(3) {
		t.Errorf("wrote %s, want the first of epoch 3", got)
	}
	for _, topic := range []protocol.Topic{protocol.Alert, protocol.Situation, protocol.Resource} {
		openers := n.Trust().Openers(protocol.EpochID{Feed: protocol.Feed{Institution: town, Topic: topic}, Epoch: 2})
		if len(openers) != 1 {
			t.Errorf("epoch 2 of %s has %d openers", topic, len(openers))
		}
	}
}

// TestOlderStoreGoesOnByResume: a store that is older than its mark, which no peer has the
// rest of, has a way out that forks nothing (epochs.md 20).
func TestOlderStoreGoesOnByResume(t *testing.T) {
	p := newPair(t)
	publish(t, p.town, town, note("one"))
	eventually(t, "the line is settled", func() bool { return len(p.town.Lines()) == 1 && p.town.Lines()[0].Settled })
	p.stopCapital()
	p.stopTown()
	older, err := os.ReadFile(filepath.Join(p.townAt.Dir, store.FileName))
	if err != nil {
		t.Fatal(err)
	}
	n, stop := start(t, p.townAt)
	lost := publish(t, n, town, note("two"))
	stop()
	if err := os.WriteFile(filepath.Join(p.townAt.Dir, store.FileName), older, 0o600); err != nil {
		t.Fatal(err)
	}
	n, stop = start(t, p.townAt)
	if err := n.Intake().Writable(); !errors.Is(err, intake.ErrMark) || !strings.Contains(err.Error(), "vardar run --resume") {
		t.Fatalf("an older store writes: %v", err)
	}
	stop()
	o := p.townAt
	o.Resume = true
	for range 2 { // the second time there is nothing to do
		n, stop = start(t, o)
		if err := n.Intake().Writable(); err != nil {
			t.Fatal(err)
		}
		if got := publish(t, n, town, note("three")); got.Epoch != lost.Epoch+1 || n.Holds(lost) {
			t.Errorf("wrote %s, and %s is held: %v", got, lost, n.Holds(lost))
		}
		stop()
	}
}

// TestNoSecretLiesInTheArchive: nothing that a private key can be made from is in the
// archive, whose copy a backup is.
func TestNoSecretLiesInTheArchive(t *testing.T) {
	p := newPair(t)
	p.backUp(t)
	inv, err := p.capital.Desk().Invite(t.Context(), desk.InviteRequest{Institution: "mk.southeast.valandovo", Level: body.Municipality})
	if err != nil {
		t.Fatal(err)
	}
	p.stopTown()
	p.stopCapital()
	for _, o := range []node.Options{p.capitalAt, p.townAt} {
		secrets := secretsOf(t, o.Dir)
		if len(secrets) < 4*3 {
			t.Fatalf("only %d secrets were found in %s", len(secrets), o.Dir)
		}
		secrets["the invitation's claim key"] = inv.Invitation.Claim.Seed()
		held, err := os.ReadFile(filepath.Join(o.Dir, store.FileName))
		if err != nil {
			t.Fatal(err)
		}
		for what, secret := range secrets {
			if strings.Contains(string(held), string(secret)) {
				t.Errorf("%s lies in the archive of %s", what, o.Dir)
			}
		}
	}
}

// secretsOf opens what lies sealed in a node's folder, in the forms that a secret has.
func secretsOf(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	line, err := os.ReadFile(filepath.Join(dir, "keys", "unlock"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{"the unlock identity": bytes.TrimSpace(line)}
	identities, err := age.ParseIdentities(bytes.NewReader(line))
	if err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{"keys", "identity"} {
		files, err := filepath.Glob(filepath.Join(dir, folder, "*.age"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			sealed, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			r, err := age.Decrypt(bytes.NewReader(sealed), identities...)
			if err != nil {
				continue // sealed to the recovery sheet, or to a passphrase
			}
			text, err := io.ReadAll(r)
			if err != nil {
				t.Fatal(err)
			}
			for _, word := range strings.Fields(string(text)) {
				if seed, err := hex.DecodeString(word); err == nil && len(seed) == 32 {
					out[file+" in hex"], out[file+" as it is"] = []byte(word), seed
				}
			}
			out[file], out[file+" sealed"] = text, sealed
		}
	}
	return out
}

func TestCloneIsFoundBeforeItForksAnyone(t *testing.T) {
	p := newPair(t)
	publish(t, p.town, town, note("one"))
	eventually(t, "the line is settled", func() bool { return len(p.town.Lines()) == 1 && p.town.Lines()[0].Settled })
	p.stopTown()
	clone := options(t, "clone")
	copyFolder(t, p.townAt.Dir, clone.Dir)
	original, _ := start(t, p.townAt)
	copied, _ := start(t, clone)
	eventually(t, "one of the two says that another copy speaks", func() bool {
		return cloned(status(t, original)) || cloned(status(t, copied))
	})
	eventually(t, "one of the two heard a beacon that it never signed", func() bool {
		return len(original.Intake().Copies())+len(copied.Intake().Copies()) > 0
	})
	for _, n := range []*node.Node{original, copied, p.capital} {
		if forks := status(t, n).Forks; len(forks) > 0 {
			t.Errorf("it had forked before: %+v", forks)
		}
	}
}

// TestSnapshotRolledBackIsStoppedByItsPeers: of a whole machine that is put back to a
// snapshot not even the mark knows; what it writes then at a position that a peer holds is
// answered by fork, and it goes on in the next epoch (epochs.md 7, 20; M16).
func TestSnapshotRolledBackIsStoppedByItsPeers(t *testing.T) {
	p := newPair(t)
	publish(t, p.town, town, note("one"))
	eventually(t, "the line is settled", func() bool { return len(p.town.Lines()) == 1 && p.town.Lines()[0].Settled })
	p.stopTown()
	rolledBack := options(t, "town")
	copyFolder(t, p.townAt.Dir, rolledBack.Dir)
	n, stop := start(t, p.townAt)
	two := publish(t, n, town, note("two"))
	eventually(t, "the capital holds it", func() bool { return p.capital.Holds(two) })
	stop()
	p.stopCapital()

	n, stop = start(t, rolledBack)
	if got := publish(t, n, town, note("another two")); got != two {
		t.Fatalf("wrote %s, want the position of %s", got, two)
	}
	p.capital, _ = start(t, p.capitalAt)
	p.redirect(t, n)
	eventually(t, "the town knows that it forked", func() bool { _, stopped := n.Intake().Stopped()[two.EpochID()]; return stopped })
	if _, err := n.Say(t.Context(), town, note("three"), protocol.Green); !errors.Is(err, intake.ErrForked) {
		t.Errorf("it writes on behind its fork: %v", err)
	}
	eventually(t, "status says so", func() bool {
		return slices.ContainsFunc(status(t, n).Verdict.Findings, func(f desk.Finding) bool {
			return f.What == "fork" && strings.Contains(f.Mend, "vardar run --resume")
		})
	})
	stop()
	rolledBack.Resume = true
	n, _ = start(t, rolledBack)
	next := publish(t, n, town, note("three"))
	if next.Epoch != two.Epoch+1 {
		t.Fatalf("wrote %s after it resumed", next)
	}
	eventually(t, "the capital holds the next epoch", func() bool { return p.capital.Holds(next) })
	p.sayBothAgain(t, n, two)
}

func cloned(s desk.Status) bool {
	for _, f := range s.Verdict.Findings {
		if f.What == "copy" && f.Grave {
			return f.Mend != ""
		}
	}
	return false
}
