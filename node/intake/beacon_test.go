package intake_test

import (
	"context"
	"crypto/ed25519"
	"errors"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
)

// beacon writes a member's beacon of its situation feed.
func (m *member) beacon(at time.Time, last protocol.Record) protocol.Beacon {
	b := protocol.Beacon{Institution: m.id, Time: protocol.InstantOf(at), Heads: []protocol.Head{
		{Topic: last.Topic, Epoch: last.Epoch, Sequence: last.Sequence, Digest: last.Digest()},
	}}
	sign(&b, m.nodeKey())
	return b
}

func sign(b *protocol.Beacon, key ed25519.PrivateKey) {
	b.Key = protocol.KeyOf(key)
	b.Signature = protocol.Signature(ed25519.Sign(key, b.Text()))
}

func TestABeaconShowsWhatIsHeldBack(t *testing.T) {
	d := founded(t)
	m := d.known(gevgelija)
	all := m.topics[protocol.Situation].notes(5, "quiet")
	d.offer(protocol.Accepted, all[:2])
	b := m.beacon(noon, all[4])
	missing, newer, err := takeBeacon(t, d, b.Wire())
	want := []intake.Gap{{EpochID: all[0].EpochID(), From: 3, To: 5}}
	if err != nil || !newer || !slices.Equal(missing, want) {
		t.Errorf("TakeBeacon() = %v, %v, %v, want %v", missing, newer, err, want)
	}
	d.offer(protocol.Accepted, all[2:])
	if got := d.Lacking(&b); len(got) != 0 {
		t.Errorf("Lacking() = %v with everything held", got)
	}
	if _, newer, err = takeBeacon(t, d, b.Wire()); newer || err != nil {
		t.Errorf("the same again: %v, %v", newer, err)
	}
}

func TestABeaconOfAnotherBranchIsLacking(t *testing.T) {
	d := founded(t)
	m := d.known(gevgelija)
	shared, one, other := forked(m, 2)
	d.offer(protocol.Accepted, shared)
	d.offer(protocol.Accepted, one.notes(3, "ours"))
	theirs := other.notes(1, "theirs")
	b := m.beacon(noon, theirs[0])
	if got := d.Lacking(&b); len(got) != 1 || got[0].From != 1 || got[0].To != 3 {
		t.Errorf("Lacking() = %v, want the whole epoch up to 3", got)
	}
	d.offer(protocol.Forked, theirs)
	if got := d.Lacking(&b); len(got) != 0 {
		t.Errorf("Lacking() = %v with the branch held", got)
	}
}

// What is refused for lying ahead is still somebody's word on the hour, if he signed it, until
// a beacon of his is believed.
func TestABeaconFromTheFutureIsAWordOnTheHour(t *testing.T) {
	d := founded(t)
	m, other := d.known(gevgelija), d.known(negotino)
	all := m.topics[protocol.Situation].notes(1, "quiet")
	if _, heard := d.ToldAhead(); heard || len(d.Told()) > 0 {
		t.Errorf("told of the hour by nobody: %v", d.Told())
	}
	b := m.beacon(noon.Add(48*time.Hour), all[0])
	forged := m.beacon(noon.Add(72*time.Hour), all[0])
	forged.Signature[0] ^= 1
	stranger := m.beacon(noon.Add(72*time.Hour), all[0])
	sign(&stranger, other.nodeKey())
	for _, wire := range [][]byte{b.Wire(), forged.Wire(), stranger.Wire()} {
		if _, _, err := takeBeacon(t, d, wire); !errors.Is(err, intake.ErrBeaconAhead) {
			t.Errorf("beacon from the future: %v", err)
		}
	}
	want := []intake.Told{{Institution: gevgelija, Ahead: 48 * time.Hour, Age: -intake.MaxBeaconAhead}}
	if ahead, heard := d.ToldAhead(); !heard || ahead != 48*time.Hour || !slices.Equal(d.Told(), want) {
		t.Errorf("ToldAhead() = %s, %t, Told() = %v, want %v", ahead, heard, d.Told(), want)
	}
	if d.Heard() != 0 {
		t.Error("retention believes a beacon that was refused")
	}
	b = m.beacon(noon.Add(-time.Hour), all[0]) // its clock was set
	if _, newer, err := takeBeacon(t, d, b.Wire()); !newer || err != nil {
		t.Fatalf("a true beacon: %v, %v", newer, err)
	}
	want = []intake.Told{{Institution: gevgelija, Ahead: -time.Hour, Age: time.Hour}}
	if ahead, heard := d.ToldAhead(); !heard || ahead != -time.Hour || !slices.Equal(d.Told(), want) {
		t.Errorf("ToldAhead() = %s, %t, Told() = %v, want %v", ahead, heard, d.Told(), want)
	}
}

func TestABeaconFromTheFutureIsNotBelieved(t *testing.T) {
	d := founded(t)
	m := d.known(gevgelija)
	all := m.topics[protocol.Situation].notes(1, "quiet")
	b := m.beacon(noon.Add(intake.MaxBeaconAhead+time.Second), all[0])
	if _, _, err := takeBeacon(t, d, b.Wire()); !errors.Is(err, intake.ErrBeaconAhead) {
		t.Errorf("beacon from the future: %v", err)
	}
	b = m.beacon(noon.Add(intake.MaxBeaconAhead-time.Second), all[0])
	if _, newer, err := takeBeacon(t, d, b.Wire()); !newer || err != nil {
		t.Errorf("beacon from just ahead: %v, %v", newer, err)
	}
	if got := d.Drops()[northPeer]["beacon_ahead"].Records; got != 1 {
		t.Errorf("drops: %v", d.Drops())
	}
}

func TestOnlyTheAuthorsKeySignsItsBeacon(t *testing.T) {
	d := founded(t)
	m := d.known(gevgelija)
	b := m.beacon(noon, m.topics[protocol.Situation].notes(1, "quiet")[0])
	sign(&b, private("thief"))
	if _, _, err := takeBeacon(t, d, b.Wire()); !errors.Is(err, trust.ErrBeaconKey) {
		t.Errorf("beacon by another key: %v", err)
	}
	sign(&b, m.nodeKey())
	wire := b.Wire()
	wire[len(wire)-10] ^= 1
	if _, _, err := takeBeacon(t, d, wire); err == nil {
		t.Error("a beacon with a bad signature was taken")
	}
	if _, _, ok := d.store.Beacon(gevgelija); ok {
		t.Error("a forged beacon is held")
	}
}

func TestAnOwnBeaconNamesAllHeads(t *testing.T) {
	d := founded(t)
	s := d.must(d.say(note(protocol.Situation, "quiet")))
	b, err := d.MakeBeacon(t.Context(), centre)
	if err != nil {
		t.Fatal(err)
	}
	if got := len(b.Heads); got != 7 {
		t.Errorf("%d heads, want one for each topic", got)
	}
	if len(b.Wire()) > protocol.MaxBeaconBytes {
		t.Errorf("%d bytes, want at most %d", len(b.Wire()), protocol.MaxBeaconBytes)
	}
	if !slices.ContainsFunc(b.Heads, func(h protocol.Head) bool { return h.Digest == s.Digest && h.Sequence == 1 }) {
		t.Errorf("%v does not name %s", b.Heads, s.Name)
	}
	n := d.elsewhere()
	n.offer(protocol.Accepted, d.held(epochOf(centre, protocol.Trust)))
	if _, newer, err := takeBeacon(t, n, b.Wire()); !newer || err != nil {
		t.Errorf("elsewhere: %v, %v", newer, err)
	}
	if _, err := n.MakeBeacon(t.Context(), stranger); !errors.Is(err, intake.ErrNotMember) {
		t.Errorf("beacon without an open feed: %v", err)
	}
}

func TestAfterAClockThatWasAheadOwnBeaconsAreNewAgain(t *testing.T) {
	d := founded(t)
	d.now = noon.AddDate(10, 0, 0)
	if _, err := d.MakeBeacon(t.Context(), centre); err != nil {
		t.Fatal(err)
	}
	d.now = noon
	want, err := d.MakeBeacon(t.Context(), centre)
	if err != nil {
		t.Fatal(err)
	}
	if got, _, _ := d.store.Beacon(centre); got.Time != want.Time {
		t.Errorf("the beacon held is of %s, want %s", got.Time, want.Time)
	}
}

// takeBeacon has a node take one beacon that a peer passed on.
func takeBeacon(t testing.TB, n *door, wire []byte) (missing []intake.Gap, newer bool, err error) {
	t.Helper()
	taken, err := n.TakeBeacons(t.Context(), northPeer, []string{string(wire)})
	if err != nil {
		t.Fatal(err)
	}
	return taken[0].Missing, taken[0].Newer, taken[0].Err
}

// Each beacon of a message is judged alone; one that is no news is not even verified: a
// peer repeats to everyone what it holds.
func TestBeaconsOfOneMessageAreJudgedEach(t *testing.T) {
	d := founded(t)
	m := d.known(gevgelija)
	all := m.topics[protocol.Situation].notes(2, "quiet")
	one, two := m.beacon(noon, all[0]), m.beacon(noon.Add(time.Second), all[1])
	forged := m.beacon(noon.Add(2*time.Second), all[1])
	forged.Signature[3] ^= 1
	taken, err := d.TakeBeacons(t.Context(), northPeer, []string{"garbage", string(two.Wire()), string(one.Wire()), string(forged.Wire())})
	if err != nil {
		t.Fatal(err)
	}
	if taken[0].Err == nil || taken[3].Err == nil || taken[1].Err != nil || taken[2].Err != nil {
		t.Errorf("errors %v, %v, %v, %v; want of the first and the last", taken[0].Err, taken[1].Err, taken[2].Err, taken[3].Err)
	}
	if !taken[1].Newer || taken[2].Newer {
		t.Errorf("newer: %t, %t; want the later of the two alone", taken[1].Newer, taken[2].Newer)
	}
	if b, _, ok := d.store.Beacon(gevgelija); !ok || b.Time != two.Time {
		t.Errorf("held is the beacon of %s, want of %s", b.Time, two.Time)
	}
	known := d.Drops()[northPeer]
	one.Signature[3] ^= 1
	if _, newer, err := takeBeacon(t, d, one.Wire()); newer || err != nil {
		t.Errorf("an old beacon: newer %t, %v", newer, err)
	}
	if got := d.Drops()[northPeer]; !maps.Equal(got, known) {
		t.Errorf("an old beacon was looked at: drops %v, before %v", got, known)
	}
}

func TestBeaconsAreTakenThoughTheirLineGoesDown(t *testing.T) {
	d := founded(t)
	m := d.known(gevgelija)
	b := m.beacon(noon, m.topics[protocol.Situation].notes(1, "quiet")[0])
	ctx, down := context.WithCancel(t.Context())
	down()
	taken, err := d.TakeBeacons(ctx, northPeer, []string{string(b.Wire())})
	if err != nil || len(taken) != 1 || !taken[0].Newer || len(taken[0].Missing) == 0 {
		t.Errorf("TakeBeacons() = %+v, %v; want it newer, and what it names missing", taken, err)
	}
}
