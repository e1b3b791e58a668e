package intake_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/protocol"
)

// forked gives two pens of one feed that go different ways after n shared records.
func forked(m *member, n int) (shared []protocol.Record, one, other *pen) {
	p := m.topics[protocol.Situation]
	shared = p.notes(n, "both")
	other = &pen{}
	*other = *p
	return shared, p, other
}

func TestNothingAtOrBehindARivalIsAcknowledged(t *testing.T) {
	for name, n := range map[string]int{"from the first record": 0, "in the middle": 3} {
		t.Run(name, func(t *testing.T) {
			d := founded(t)
			shared, one, other := forked(d.known(gevgelija), n)
			ours, theirs := one.notes(3, "ours"), other.notes(4, "theirs")
			if n > 0 {
				d.offer(protocol.Accepted, shared)
			}
			d.offer(protocol.Accepted, ours)
			tooks := len(d.line.took)
			// A chunk that spans the fork; what is known already; what comes behind it.
			a := d.offer(protocol.Forked, slices.Concat(shared, theirs[:2]))
			d.wantProof(a, ours[0])
			d.wantProof(d.offer(protocol.Forked, theirs[1:2]), ours[1])
			d.offer(protocol.Forked, theirs[2:])
			d.offer(protocol.Forked, ours)
			d.offer(protocol.Forked, one.notes(1, "ours still"))
			if len(d.line.took) != tooks {
				t.Error("a link was told that a peer holds a forked epoch")
			}
			if n > 0 {
				d.offer(protocol.Accepted, shared) // before the fork nothing is wrong
			}
			if !d.holds(slices.Concat(ours, theirs)...) {
				t.Error("not every branch is held")
			}
		})
	}
}

func (d *door) wantProof(a protocol.Acknowledgement, held protocol.Record) {
	d.t.Helper()
	got, err := a.Runs[0].Held()
	if err != nil {
		d.t.Fatalf("fork answer proves nothing: %v", err)
	}
	if got.Digest() != held.Digest() || got.Verify() != nil {
		d.t.Errorf("fork answer shows %s, want %s", got.Name, held.Name)
	}
	if got.BodyState == protocol.BodyHeld {
		d.t.Error("fork answer carries a body, whatever the link's policy says")
	}
}

func TestRivalsInOneBatchAreBothAnsweredFork(t *testing.T) {
	d := founded(t)
	_, one, other := forked(d.known(gevgelija), 0)
	batch := []intake.Arrived{
		{Peer: gevgelija, Token: north, Reply: "a", Frame: frameOf(t, one.notes(2, "ours"))},
		{Peer: negotino, Token: south, Reply: "b", Frame: frameOf(t, other.notes(2, "theirs"))},
	}
	d.TakeAll(t.Context(), batch)
	for _, reply := range []string{"a", "b"} {
		if got := d.line.answers[reply].Runs[0].Outcome; got != protocol.Forked {
			t.Errorf("answer %s: %s, want %s", reply, got, protocol.Forked)
		}
	}
}

// cloned gives the centre's node, and what a clone of it wrote after their last common
// record.
func cloned(t *testing.T) (d *door, ours, theirs protocol.Record) {
	d = founded(t)
	d.must(d.say(note(protocol.Situation, "before")))
	ours = d.must(d.say(note(protocol.Situation, "the node"))).Record
	theirs = ours
	theirs.Time++
	if err := d.hand.SignRecord(t.Context(), &theirs); err != nil {
		t.Fatal(err)
	}
	return d, ours, theirs
}

// M16: a snapshot of the whole machine was put back, its mark with it. Nothing on it shows
// that it is old; a peer's answer does.
func TestM16SnapshotRolledBack(t *testing.T) {
	d := founded(t)
	d.must(d.say(note(protocol.Situation, "before")))
	d.close()
	snapshot := t.TempDir()
	if err := os.CopyFS(snapshot, os.DirFS(d.dir)); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(snapshot, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return errors.Join(err, os.Chmod(path, 0o700))
		}
		return os.Chmod(path, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
	d = opened(t, d.dir, func(other *door) { other.charter = d.charter })
	peer := d.elsewhere()
	lost := d.must(d.say(note(protocol.Situation, "after the snapshot"))).Record
	for _, topic := range []protocol.Topic{protocol.Trust, protocol.Situation} {
		peer.offer(protocol.Accepted, d.held(epochOf(centre, topic)))
	}
	d.close()
	rolled := opened(t, snapshot, func(other *door) { other.charter = d.charter })
	again := rolled.must(rolled.say(note(protocol.Situation, "on the snapshot"))).Record
	answer := peer.offer(protocol.Forked, []protocol.Record{again})
	peer.wantProof(answer, lost)
	held, err := answer.Runs[0].Held()
	if err != nil || !rolled.TakeForkProof(t.Context(), gevgelija, held) {
		t.Fatalf("the proof was not believed: %v", err)
	}
	if _, err := rolled.say(note(protocol.Situation, "and on")); !errors.Is(err, intake.ErrForked) {
		t.Errorf("Publish() = %v, want %v", err, intake.ErrForked)
	}
	if !peer.holds(lost, again) {
		t.Error("not both are kept as proof")
	}
}

func TestAnAuthorThatIsShownAForkWritesNoMore(t *testing.T) {
	d, ours, theirs := cloned(t)
	if !d.TakeForkProof(t.Context(), gevgelija, theirs.WithoutBody(protocol.BodyMissing)) {
		t.Error("a good proof was not believed")
	}
	want := map[protocol.EpochID]intake.Stop{ours.EpochID(): {Sequence: 2, Peer: gevgelija}}
	for range 2 {
		if _, err := d.say(note(protocol.Situation, "after")); !errors.Is(err, intake.ErrForked) {
			t.Errorf("published behind a fork: %v", err)
		}
		if got := d.Stopped(); len(got) != 1 || got[ours.EpochID()] != want[ours.EpochID()] {
			t.Errorf("Stopped() = %v, want %v", got, want)
		}
		d.must(d.say(note(protocol.Resource, "other feeds go on")))
		d = d.again()
	}
}

// TestForkProofIsTakenThoughItsLineGoesDown: of the line it came over, or of the program that asked.
func TestForkProofIsTakenThoughItsLineGoesDown(t *testing.T) {
	d, ours, theirs := cloned(t)
	ctx, down := context.WithCancel(t.Context())
	down()
	if !d.TakeForkProof(ctx, gevgelija, theirs.WithoutBody(protocol.BodyMissing)) {
		t.Error("a good proof was not believed")
	}
	d.wantStanding(board.Stopped, ours)
	if !d.holds(ours, theirs) {
		t.Error("not both are kept as proof")
	}
	d = d.again()
	if _, stopped := d.Stopped()[ours.EpochID()]; !stopped {
		t.Error("the next start has forgotten it")
	}
}

func TestAProofWhoseBeginningIsNotHeldStopsTheAuthorToo(t *testing.T) {
	d, _, theirs := cloned(t)
	ours := d.must(d.say(note(protocol.Situation, "the node again"))).Record
	later := ours
	later.Previous = theirs.Digest()
	if err := d.hand.SignRecord(t.Context(), &later); err != nil {
		t.Fatal(err)
	}
	if !d.TakeForkProof(t.Context(), gevgelija, later) {
		t.Error("a good proof was not believed")
	}
	for range 2 {
		if _, err := d.say(note(protocol.Situation, "after")); !errors.Is(err, intake.ErrForked) {
			t.Errorf("published behind a fork: %v", err)
		}
		d = d.again()
	}
}

func TestNobodyStopsAnAuthorWithoutProof(t *testing.T) {
	d, ours, theirs := cloned(t)
	forged := theirs
	forged.Signature[3] ^= 1
	loose := theirs
	loose.Sign(private("somebody"))
	for name, held := range map[string]protocol.Record{"bad signature": forged, "another key": loose, "our own record": ours} {
		if d.TakeForkProof(t.Context(), gevgelija, held) {
			t.Errorf("%s was believed", name)
		}
	}
	if got := d.Stopped(); len(got) != 0 {
		t.Errorf("Stopped() = %v", got)
	}
	d.must(d.say(note(protocol.Situation, "after")))
}

func TestAnOwnForkThatComesInStopsTheAuthor(t *testing.T) {
	d, ours, theirs := cloned(t)
	d.line.sends = func(protocol.LinkToken, protocol.Group) bool { return false } // own feeds come home over any link
	d.offer(protocol.Forked, []protocol.Record{theirs})
	if _, err := d.say(note(protocol.Situation, "after")); !errors.Is(err, intake.ErrForked) {
		t.Errorf("published behind a fork: %v", err)
	}
	if got := d.Stopped()[ours.EpochID()]; got.Sequence != 2 {
		t.Errorf("Stopped() = %v", d.Stopped())
	}
}
