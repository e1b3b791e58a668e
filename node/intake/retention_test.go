package intake_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

var noteType = body.TypeNote(protocol.Situation)

// keeping has the charter let go the bodies of notes after so many days, and names two
// kinds that are kept for ever all the same.
func keeping(days int) func(*door) {
	return func(d *door) {
		hands := d.hands
		hands.Store(noon.UnixMilli())
		d.clock = func() time.Time { return time.UnixMilli(hands.Load()) }
		d.charter = charterOf(d.t, d.hand.Safe, func(c *protocol.Charter) {
			c.RetentionDays = map[string]int{noteType: days, body.TypeKey: 1, body.TypeErasure(protocol.Situation): 1}
		})
	}
}

// at sets the clock that [keeping] gave the node.
func (d *door) at(now time.Time) { d.now = now; d.hands.Store(now.UnixMilli()) }

// sweeps lets go what is due, at a time.
func (d *door) sweeps(at time.Time) {
	d.t.Helper()
	d.at(at)
	if err := d.Sweep(d.t.Context()); err != nil {
		d.t.Fatal(err)
	}
}

// hears takes a beacon of a member, made at a time by its clock.
func (d *door) hears(m *member, at time.Time) {
	d.t.Helper()
	feed := m.topics[protocol.Situation]
	last := protocol.Record{Name: protocol.Name{Institution: m.id, Position: protocol.Position{Topic: protocol.Situation, Epoch: 1, Sequence: feed.sequence + 1}}}
	b := m.beacon(at, last)
	if _, newer, err := takeBeacon(d.t, d, b.Wire()); err != nil || !newer {
		d.t.Fatalf("beacon not taken: %v, %v", newer, err)
	}
}

func daysAfter(n int) time.Time { return noon.Add(time.Duration(n) * 24 * time.Hour) }

// dated writes a note that its author gives a time.
func (p *pen) dated(at time.Time, text string) protocol.Record {
	p.sequence++
	raw, err := body.Marshal(note(p.epoch.Topic, text), [16]byte{byte(p.sequence)})
	if err != nil {
		panic(err)
	}
	r := protocol.Record{
		Name: protocol.Name{Institution: p.epoch.Institution, Position: protocol.Position{Topic: p.epoch.Topic, Epoch: p.epoch.Epoch, Sequence: p.sequence}},
		Type: noteType, Time: protocol.InstantOf(at), Previous: p.previous, Handling: protocol.Green,
	}
	r.SetBody(raw)
	r.Sign(p.key)
	p.previous = r.Digest()
	return r
}

func TestBodiesAreLetGoAfterTheirDays(t *testing.T) {
	d := founded(t, keeping(30))
	m := d.known(gevgelija)
	p := m.topics[protocol.Situation]
	old, young := p.dated(noon, "old"), p.dated(daysAfter(2), "young")
	ahead := p.dated(daysAfter(4000), "by a clock that was ahead")
	withheld := p.dated(noon, "withheld")
	other := m.topics[protocol.Resource].notes(1, "of a kind that the charter does not name")[0]
	erasure := p.write(erasureOf(young))
	d.at(daysAfter(3))
	d.offer(protocol.Accepted, []protocol.Record{old, young, ahead, withheld.WithoutBody(protocol.BodyWithheld)}, []protocol.Record{other})
	own := d.must(d.say(note(protocol.Situation, "its own")))

	d.sweeps(daysAfter(30))
	d.wantKept(old) // the day is not over
	d.sweeps(daysAfter(31))
	for _, r := range []protocol.Record{old, withheld} {
		d.wantGone(r)
	}
	for _, r := range []protocol.Record{young, ahead, other, own.Record} {
		d.wantKept(r)
	}
	d.offer(protocol.Accepted, []protocol.Record{erasure})
	d.wantGone(young)
	for day := 32; day < 40; day++ {
		d.sweeps(daysAfter(day))
	}
	for _, r := range []protocol.Record{ahead, own.Record} {
		d.wantGone(r)
	}
	for _, r := range append(slices.Clone(m.opens), erasure, other) {
		d.wantKept(r)
	}
	if got := len(d.held(old.EpochID())); got != 5 {
		t.Errorf("%d records held, want headers and chain to stay", got)
	}
	if got := d.Counts().LetGo; got != 4 {
		t.Errorf("Counts().LetGo = %d, want 4", got)
	}
	again := d.again(keeping(30))
	again.wantGone(old)
	again.wantKept(other)
}

func TestBodyThatWasLetGoDoesNotComeBack(t *testing.T) {
	d := founded(t, keeping(30))
	m := d.known(gevgelija)
	p := m.topics[protocol.Situation]
	said := p.notes(2, "old")
	d.offer(protocol.Accepted, said)
	d.sweeps(daysAfter(31))
	d.offer(protocol.Accepted, said)
	d.wantGone(said[0])

	// A newcomer is sent it by one that keeps it, and another by one that does not.
	late := p.notes(2, "never held here")
	d.hears(m, d.now)
	d.offer(protocol.Accepted, []protocol.Record{late[0], late[1].WithoutBody(protocol.BodyErased)})
	for _, r := range late {
		if got := d.state(r); got != protocol.BodyErased {
			t.Errorf("body of %s is %s on arrival, want %s", r.Name, got, protocol.BodyErased)
		}
	}
	d.wantGone(late[0])
	file, err := os.ReadFile(filepath.Join(d.dir, "store.bbolt"))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(file, late[0].Body) {
		t.Error("a body whose days were over when it came lies in the file")
	}
}

// A day more than what anybody else's beacon says is not believed, nor is a clock that leaps.
func TestClockThatLeapsLetsNothingGoBeforeItsTime(t *testing.T) {
	year := 365
	t.Run("in touch with another", func(t *testing.T) {
		d := founded(t, keeping(30))
		m := d.known(gevgelija)
		said := m.topics[protocol.Situation].notes(1, "young")
		d.hears(m, noon)
		d.offer(protocol.Accepted, said)
		d.sweeps(daysAfter(10 * year))
		d.wantKept(said[0])
		d.hears(m, daysAfter(29))
		d.sweeps(daysAfter(10*year + 1))
		d.wantKept(said[0])
		d.hears(m, daysAfter(30))
		d.sweeps(daysAfter(10*year + 2))
		d.wantGone(said[0])
	})
	t.Run("alone", func(t *testing.T) {
		d := founded(t, keeping(30))
		said := d.must(d.say(note(protocol.Situation, "young")))
		d.sweeps(noon)
		for day := range 30 { // started again and again, too
			for range 3 {
				d.sweeps(daysAfter(10*year + day))
			}
		}
		d.wantKept(said.Record)
		d.sweeps(daysAfter(10*year + 30))
		d.wantGone(said.Record)
	})
	t.Run("ahead when it was made", func(t *testing.T) {
		d := founded(t, keeping(30))
		d.sweeps(daysAfter(10 * year))
		m := d.known(gevgelija)
		said := m.topics[protocol.Situation].notes(1, "young")
		d.offer(protocol.Accepted, said)
		d.wantKept(said[0])
		d.hears(m, noon)
		d.sweeps(daysAfter(10*year + 1))
		d.wantKept(said[0])
	})
}

// What was killed between two lots, the next sweep does; a damaged body goes like any other.
func TestSweepGoesOnWhereOneWasKilled(t *testing.T) {
	d := founded(t, keeping(30))
	p := d.known(gevgelija).topics[protocol.Situation]
	var said []protocol.Record
	for range 5 {
		lot := p.notes(intake.SweepLot/2, "old")
		d.offer(protocol.Accepted, lot)
		said = append(said, lot...)
	}
	d.at(daysAfter(31))
	killed := context.WithoutCancel(t.Context())
	if err := d.Sweep(&endsAfter{Context: killed, asks: 4}); !errors.Is(err, context.Canceled) {
		t.Fatalf("Sweep() = %v, want it to end in the middle", err)
	}
	gone := 0
	for _, r := range said {
		if d.state(r) == protocol.BodyErased {
			gone++
		}
	}
	if gone == 0 || gone == len(said) {
		t.Fatalf("%d of %d bodies gone, want it to have ended in the middle", gone, len(said))
	}
	again := d.again(keeping(30))
	again.at(daysAfter(31))
	if err := again.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, r := range said {
		if got := again.state(r); got != protocol.BodyErased {
			t.Fatalf("body of %s is %s after the next start, want %s", r.Name, got, protocol.BodyErased)
		}
	}
	again.wantGone(said[0])
}

// endsAfter is a context that ends when it was asked so many times.
type endsAfter struct {
	context.Context
	asks  int64
	asked atomic.Int64
}

func (e *endsAfter) Err() error {
	if e.asked.Add(1) > e.asks {
		return context.Canceled
	}
	return nil
}

// A node sweeps when it starts to run, and when a day has passed by its clock.
func TestRunningNodeSweepsAtStartAndDaily(t *testing.T) {
	d := founded(t, keeping(1), func(d *door) { d.sweepLook = time.Millisecond })
	p := d.known(gevgelija).topics[protocol.Situation]
	first, second := p.dated(noon.Add(-48*time.Hour), "before it ran"), p.dated(noon.Add(-time.Hour), "while it runs")
	d.offer(protocol.Accepted, []protocol.Record{first, second})
	d.run(func(func(...intake.Arrived)) {
		eventually(t, "the first is let go", func() bool { return d.state(first) == protocol.BodyErased })
		d.wantKept(second)
		d.at(noon.Add(25 * time.Hour))
		eventually(t, "the second is let go", func() bool { return d.state(second) == protocol.BodyErased })
	})
	if d.log.count() == 0 {
		t.Fatal("nothing is on LOG")
	}
	d.wantGone(first)
	d.wantGone(second)
}

// A node that was away takes headers from those who have let the bodies go meanwhile. Nobody
// is said to withhold these, once a beacon says that so much time has passed.
func TestNodeSweepsSoonAfterItIsInTouchAgain(t *testing.T) {
	d := founded(t, keeping(30), func(d *door) { d.sweepLook = time.Millisecond })
	m := d.known(gevgelija)
	d.hears(m, noon)
	d.at(daysAfter(40))
	said := m.topics[protocol.Situation].notes(1, "old")
	d.run(func(func(...intake.Arrived)) {
		eventually(t, "it has swept", func() bool { return d.Swept() > 0 })
		d.offer(protocol.Accepted, []protocol.Record{said[0].WithoutBody(protocol.BodyErased)})
		if got := d.state(said[0]); got != protocol.BodyWithheld {
			t.Errorf("body is %s before a beacon confirms the clock, want %s", got, protocol.BodyWithheld)
		}
		d.hears(m, daysAfter(40))
		eventually(t, "the body is let go", func() bool { return d.state(said[0]) == protocol.BodyErased })
	})
}

// A newcomer takes headers, perhaps before it hears a beacon, and has swept while it held
// nothing.
func TestNewcomerSweepsAsSoonAsItHearsABeacon(t *testing.T) {
	d := founded(t, keeping(30), func(d *door) { d.sweepLook = time.Hour })
	m := d.known(gevgelija)
	said := m.topics[protocol.Situation].notes(1, "old")
	d.at(daysAfter(40))
	d.run(func(func(...intake.Arrived)) {
		eventually(t, "it has swept", func() bool {
			_, ok, err := d.store.Private("retention").Get([]byte("swept"))
			return ok && err == nil
		})
		d.offer(protocol.Accepted, []protocol.Record{said[0].WithoutBody(protocol.BodyErased)})
		if got := d.state(said[0]); got != protocol.BodyWithheld {
			t.Errorf("body is %s before a beacon is heard, want %s", got, protocol.BodyWithheld)
		}
		d.hears(m, daysAfter(40))
		eventually(t, "the body is let go", func() bool { return d.state(said[0]) == protocol.BodyErased })
	})
}
