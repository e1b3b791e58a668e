package intake_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/node/keys"
	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

var errCut = errors.New("the power is cut here")

func profile(name string) *body.Profile {
	return &body.Profile{Names: body.Names{"en": body.Label(name)}, Level: body.Ministry}
}

func TestPublishedIsCommittedMarkedAndTold(t *testing.T) {
	d := founded(t)
	marked := 0
	var told <-chan struct{}
	d.hand.setMark = func(heads map[protocol.EpochID]protocol.Head) error {
		marked++
		told = d.Marked()
		for e, h := range heads {
			s, err := d.store.ByDigest(h.Digest)
			if err != nil {
				t.Errorf("%s.%d is marked and not held", e, h.Sequence)
			}
			if d.MaySend(s.Name) {
				t.Errorf("%s may be sent before it is marked", s.Name)
			}
		}
		return d.hand.Safe.SetMark(heads)
	}
	s := d.must(d.say(note(protocol.Situation, "quiet")))
	if marked != 1 {
		t.Errorf("marked %d times, want once", marked)
	}
	select {
	case <-told:
	default:
		t.Error("who waits for the mark was not told of it")
	}
	mark, err := d.hand.Mark(t.Context())
	if err != nil || mark[s.EpochID()].Digest != s.Digest {
		t.Errorf("mark is %v, %v, want %s", mark[s.EpochID()], err, s.Digest)
	}
	if !d.MaySend(s.Name) {
		t.Errorf("%s may never be sent", s.Name)
	}
	if d.standing(s.Record) == 0 {
		t.Error("the board was not told")
	}
	if d.Drain(t.Context()); d.log.count() == 0 {
		t.Error("nothing on LOG")
	}
}

func TestWhoHangsUpDuringTheCommitHasPublished(t *testing.T) {
	d := founded(t)
	ctx, hangUp := context.WithCancel(t.Context())
	d.free = func(string) (uint64, uint64, error) { hangUp(); return 1 << 40, 1 << 40, nil } // asked just before the commit
	raw, err := body.Marshal(note(protocol.Situation, "quiet"), [16]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	s, err := d.Publish(ctx, intake.Draft{Institution: centre, Type: "vardar.situation.note.v1", Handling: protocol.Green, Body: raw})
	if err != nil {
		t.Fatalf("Publish: %v", err)
	}
	mark, err := d.hand.Mark(t.Context())
	if err != nil || mark[s.EpochID()].Digest != s.Digest {
		t.Errorf("mark is %v, %v, want %s", mark[s.EpochID()], err, s.Digest)
	}
	if d.standing(s.Record) == 0 {
		t.Error("the board was not told")
	}
}

func TestAClockTenYearsOffPublishes(t *testing.T) {
	d := founded(t)
	d.now = noon.AddDate(10, 0, 0)
	s := d.must(d.say(note(protocol.Situation, "from the future")))
	d.now = noon
	d.must(d.say(note(protocol.Situation, "from now")))
	if s.Time.Time().Year() != 2026 {
		t.Errorf("time is %s", s.Time)
	}
}

func TestWhoIsNoMemberPublishesNothing(t *testing.T) {
	d := founded(t)
	raw, err := body.Marshal(note(protocol.Situation, "hello"), [16]byte{})
	if err != nil {
		t.Fatal(err)
	}
	d.known(gevgelija)
	for _, id := range []protocol.InstitutionID{stranger, gevgelija} {
		_, err = d.Publish(t.Context(), intake.Draft{Institution: id, Type: "vardar.situation.note.v1", Handling: protocol.Green, Body: raw})
		if !errors.Is(err, intake.ErrNotMember) {
			t.Errorf("published for %s: %v", id, err)
		}
	}
}

func TestPublishingAtOnceSharesTheMark(t *testing.T) {
	d := founded(t)
	topics := []protocol.Topic{protocol.Alert, protocol.Situation, protocol.Resource, protocol.Policy, protocol.Funding}
	var mu sync.Mutex
	calls, hold := 0, make(chan struct{})
	d.hand.setMark = func(heads map[protocol.EpochID]protocol.Head) error {
		mu.Lock()
		calls++
		first := calls == 1
		mu.Unlock()
		if first {
			<-hold
		}
		return d.hand.Safe.SetMark(heads)
	}
	var wg sync.WaitGroup
	say := func(topic protocol.Topic) {
		wg.Go(func() {
			if _, err := d.say(note(topic, "at once")); err != nil {
				t.Error(err)
			}
		})
	}
	say(topics[0])
	eventually(t, "the first writes the mark", func() bool { mu.Lock(); defer mu.Unlock(); return calls == 1 })
	for _, topic := range topics[1:] { // who came sooner would share the first one's
		say(topic)
	}
	eventually(t, "all wait for the mark", func() bool { return d.MarkWaiters() == len(topics) })
	close(hold)
	wg.Wait()
	if calls != 2 {
		t.Errorf("the mark was written %d times for %d records, want twice", calls, len(topics))
	}
	mark, err := d.hand.Mark(t.Context())
	for _, topic := range topics {
		if err != nil || mark[epochOf(centre, topic)].Sequence == 0 {
			t.Errorf("%s is not marked: %v", topic, err)
		}
	}
}

func TestAMarkThatCannotBeWrittenHoldsBackFurtherWriting(t *testing.T) {
	d := founded(t)
	d.hand.setMark = func(map[protocol.EpochID]protocol.Head) error { return errCut }
	d.must(d.say(note(protocol.Situation, "recorded")))
	if _, err := d.say(note(protocol.Situation, "held back")); !errors.Is(err, intake.ErrReadOnly) {
		t.Errorf("published without a mark: %v", err)
	}
	d.hand.setMark = nil
	if first := d.held(epochOf(centre, protocol.Situation))[0].Name; d.MaySend(first) {
		t.Error("what is not marked may be sent")
	}
	s := d.must(d.say(note(protocol.Situation, "goes on")))
	if s.Sequence != 2 || d.Writable() != nil {
		t.Errorf("wrote %s; Writable() = %v", s.Name, d.Writable())
	}
}

func TestACrashBetweenCarrierAndCommitMendsItself(t *testing.T) {
	d := founded(t)
	d.hand.appendTrust = func(r protocol.Record) error {
		return errors.Join(d.hand.Safe.AppendTrust(r), errCut)
	}
	if _, err := d.say(profile("The centre")); !errors.Is(err, errCut) {
		t.Fatalf("publish with a planted stop: %v", err)
	}
	last := d.store.Branches(epochOf(centre, protocol.Trust))[0].Head
	// The stick was written, the store was not: the next start takes it in,
	d = d.again()
	if got := d.store.Branches(epochOf(centre, protocol.Trust))[0].Head; got != last+1 {
		t.Errorf("trust feed ends at %d after the start, want %d", got, last+1)
	}
	if s := d.must(d.say(profile("The centre again"))); s.Sequence != last+2 {
		t.Errorf("wrote %s, want sequence %d", s.Name, last+2)
	}
	if got := d.Stopped(); len(got) != 0 {
		t.Errorf("Stopped() = %v", got)
	}
}

func TestACarrierThatIsAheadIsTakenInWithoutARestart(t *testing.T) {
	d := founded(t)
	d.hand.appendTrust = func(r protocol.Record) error { return errors.Join(d.hand.Safe.AppendTrust(r), errCut) }
	if _, err := d.say(profile("lost")); err == nil {
		t.Fatal("published with a planted stop")
	}
	d.hand.appendTrust = nil
	last := d.store.Branches(epochOf(centre, protocol.Trust))[0].Head
	if s := d.must(d.say(profile("The centre"))); s.Sequence != last+1 && s.Sequence != last+2 {
		t.Errorf("wrote %s after %d", s.Name, last)
	}
	if n := len(d.store.Branches(epochOf(centre, protocol.Trust))); n != 1 {
		t.Errorf("%d branches of the own trust feed", n)
	}
}

func TestACarrierThatIsBehindIsGivenWhatItLacks(t *testing.T) {
	d := founded(t)
	carrier := filepath.Join(d.dir, "identity")
	older := t.TempDir()
	copyAll(t, carrier, older)
	d.must(d.say(profile("The centre")))
	copyAll(t, older, carrier)
	s := d.must(d.say(profile("The centre, again")))
	var last protocol.Record
	for r, err := range d.hand.TrustFeed(centre) {
		if err != nil {
			t.Fatal(err)
		}
		last = r
	}
	if last.Digest() != s.Digest {
		t.Errorf("the carrier ends at %s, want %s", last.Name, s.Name)
	}
}

func TestACrashBetweenCommitAndMarkMendsItself(t *testing.T) {
	d := founded(t)
	d.must(d.say(note(protocol.Situation, "one")))
	d.hand.setMark = func(map[protocol.EpochID]protocol.Head) error { return errCut }
	s := d.must(d.say(note(protocol.Situation, "two")))
	d = d.again()
	if err := d.Writable(); err != nil {
		t.Errorf("Writable() = %v", err)
	}
	mark, err := d.hand.Mark(t.Context())
	if err != nil || mark[s.EpochID()].Sequence != 2 {
		t.Errorf("mark after the start: %v, %v, want 2", mark[s.EpochID()], err)
	}
	if next := d.must(d.say(note(protocol.Situation, "three"))); next.Sequence != 3 {
		t.Errorf("wrote %s", next.Name)
	}
}

func TestAnOlderStoreWritesNothingUntilItsTailComesHome(t *testing.T) {
	d := founded(t)
	m := d.known(gevgelija)
	d.must(d.say(note(protocol.Situation, "one")))
	d.close()
	older := filepath.Join(t.TempDir(), store.FileName)
	copyFile(t, filepath.Join(d.dir, store.FileName), older)
	d = d.again()
	two, three := d.must(d.say(note(protocol.Situation, "two"))), d.must(d.say(note(protocol.Situation, "three")))
	d.close()
	copyFile(t, older, filepath.Join(d.dir, store.FileName))
	d = d.again()
	if _, err := d.say(note(protocol.Situation, "four")); !errors.Is(err, intake.ErrReadOnly) || !errors.Is(err, intake.ErrMark) {
		t.Errorf("published over an older store: %v", err)
	}
	if d.err != nil {
		t.Errorf("Load: %v; the node must go on reading", d.err)
	}
	d.offer(protocol.Accepted, m.topics[protocol.Situation].notes(1, "exchanging goes on"))
	d.offer(protocol.Accepted, []protocol.Record{two.Record})
	if err := d.Writable(); !errors.Is(err, intake.ErrMark) {
		t.Errorf("Writable() = %v with half of the tail", err)
	}
	d.offer(protocol.Accepted, []protocol.Record{three.Record})
	if s := d.must(d.say(note(protocol.Situation, "four"))); s.Sequence != 4 {
		t.Errorf("wrote %s, want sequence 4", s.Name)
	}
}

func TestWithoutItsMarkANodeWritesNothing(t *testing.T) {
	d := founded(t)
	d.close()
	if err := os.Remove(filepath.Join(d.dir, "keys", "mark")); err != nil {
		t.Fatal(err)
	}
	d = d.again()
	if _, err := d.say(note(protocol.Situation, "one")); !errors.Is(err, intake.ErrReadOnly) || !errors.Is(err, keys.ErrNoMark) {
		t.Errorf("published without a mark: %v", err)
	}
	if d.err != nil {
		t.Errorf("Load: %v; the node must go on reading", d.err)
	}
}

func TestAnOwnTailComesHomeOverAnyLink(t *testing.T) {
	d := founded(t)
	lost := d.must(d.say(note(protocol.Situation, "one"))).Record
	n := d.elsewhere()
	n.offer(protocol.Accepted, d.held(epochOf(centre, protocol.Trust)))
	n.offer(protocol.Accepted, []protocol.Record{lost})
	// The centre begins again from its carrier alone.
	d.close()
	if err := os.Remove(filepath.Join(d.dir, store.FileName)); err != nil {
		t.Fatal(err)
	}
	d = d.again(func(d *door) { d.line.sends = func(protocol.LinkToken, protocol.Group) bool { return false } })
	if _, err := d.say(note(protocol.Situation, "two")); !errors.Is(err, intake.ErrMark) {
		t.Errorf("published with an empty store: %v", err)
	}
	d.offer(protocol.Accepted, n.held(lost.EpochID()))
	if s := d.must(d.say(note(protocol.Situation, "two"))); s.Sequence != 2 {
		t.Errorf("wrote %s, want sequence 2", s.Name)
	}
}

func copyAll(t *testing.T, from, to string) {
	t.Helper()
	entries, err := os.ReadDir(from)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		copyFile(t, filepath.Join(from, e.Name()), filepath.Join(to, e.Name()))
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	data, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, data, 0o600); err != nil {
		t.Fatal(err)
	}
}
