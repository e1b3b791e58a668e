package intake_test

import (
	"sync"
	"testing"

	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// closing is the admission that puts a member out of which this node holds so much.
func (d *door) closing(m *member, trustLast, situationLast protocol.Record) *body.Admission {
	return &body.Admission{
		Institution: m.id, Level: body.Municipality, FeedEpoch: 2, Charter: d.trust.CharterDigest(), Last: ptr(lastOf(trustLast)),
		Feeds: []body.ClosedFeed{{Topic: protocol.Situation, Epoch: 1, Last: lastOf(situationLast)}},
	}
}

// meanwhile publishes b at a moment when another record has been judged and is not yet
// committed. It returns once b is committed, or waits for that other record.
func (d *door) meanwhile(b body.Body) (published func()) {
	done := make(chan struct{})
	var said error
	go func() {
		defer close(done)
		_, said = d.say(b)
	}()
	eventually(d.t, "the news is committed, or waits", func() bool {
		select {
		case <-done:
			return true
		default:
			return d.NewsWaits()
		}
	})
	return func() {
		d.t.Helper()
		if <-done; said != nil {
			d.t.Errorf("the news was not published: %v", said)
		}
	}
}

// wantBefore wants a record that was judged before the news to be held before it, or not
// at all.
func (d *door) wantBefore(r protocol.Record, recordType string) {
	d.t.Helper()
	came := false
	for s, err := range d.store.All(d.t.Context()) {
		if err != nil {
			d.t.Fatal(err)
		}
		if s.Digest == r.Digest() && came {
			d.t.Errorf("%s was taken behind the %s that makes it void", r.Name, recordType)
		}
		came = came || s.Type == recordType && s.Sequence == d.newest(recordType)
	}
	if !came {
		d.t.Errorf("no %s is held", recordType)
	}
}

// newest is the sequence of the last record of a type in the centre's trust feed.
func (d *door) newest(recordType string) uint32 {
	d.t.Helper()
	last := uint32(0)
	for _, r := range d.held(epochOf(centre, protocol.Trust)) {
		if r.Type == recordType {
			last = r.Sequence
		}
	}
	return last
}

// A member that is out is cut off by the commit that brings the news: what was judged
// before it is committed before it, whoever brings the one and the other.
func TestNothingIsTakenBehindTheNewsThatItsAuthorIsOut(t *testing.T) {
	for _, topic := range []protocol.Topic{protocol.Situation, protocol.Trust} {
		t.Run(topic.String(), func(t *testing.T) {
			d := founded(t)
			m, other := d.known(gevgelija), d.known(negotino)
			opened := m.opens[len(m.opens)-1]
			before := m.topics[protocol.Situation].notes(1, "heard in time")
			d.offer(protocol.Accepted, before)
			var says body.Body = note(topic, "on its way")
			late, beside := m.topics[topic], other.topics[topic]
			if topic == protocol.Trust {
				late, beside, says = m.trust, other.trust, &body.Profile{Names: body.Names{"en": "On its way"}, Level: body.Municipality}
			}
			last, next := late.write(says), beside.write(says)

			// The lot is judged feed by feed: when the second feed is looked at in the commit
			// stage, the first has been let in.
			published, looks := func() {}, 0
			d.line.sends = func(_ protocol.LinkToken, g protocol.Group) bool {
				if g == next.Feed().Group() {
					if looks++; looks == 2 {
						published = d.meanwhile(d.closing(m, opened, before[0]))
					}
				}
				return true
			}
			d.take(north, frameOf(t, []protocol.Record{last}, []protocol.Record{next}))
			published()
			if looks < 2 || !d.holds(next) {
				t.Fatalf("the lot was not judged: %d looks", looks)
			}
			d.wantBefore(last, body.TypeAdmission)
		})
	}
}

// What the institution itself says is judged and committed in one, too: it would be told
// "recorded" of a record that its own opener, said at that moment, makes void.
func TestNothingOwnIsWrittenBehindTheOpenerThatMakesItVoid(t *testing.T) {
	d := founded(t)
	before := d.must(d.say(note(protocol.Situation, "before"))).Record
	published := func() {}
	once := sync.OnceFunc(func() {
		next := private("the centre's second node")
		published = d.meanwhile(&body.KeyRecord{
			Use: protocol.UseNode, Key: body.KeyText(protocol.KeyOf(next).String()), Proof: proofOf(centre, protocol.UseNode, next),
			FeedTopic: protocol.Situation, FeedEpoch: 2, Wire: body.WireV1, Last: ptr(lastOf(before)),
		})
	})
	d.hand.signed = func(r *protocol.Record) {
		if r.Topic == protocol.Situation {
			once()
		}
	}
	late := d.must(d.say(note(protocol.Situation, "at that moment")))
	published()
	d.wantBefore(late.Record, body.TypeKey)
}

// Where last comes with the same lot over another link, what lies behind it is void before
// it is offered again.
func TestWhatHungBehindLastIsNotTakenOnceThatIsHeld(t *testing.T) {
	d := founded(t)
	m := d.known(gevgelija)
	notes := m.topics[protocol.Situation].notes(5, "quiet")
	d.offer(protocol.Accepted, notes[:1])
	d.must(d.say(d.closing(m, m.opens[len(m.opens)-1], notes[2])))
	d.TakeAll(t.Context(), []intake.Arrived{
		{Peer: negotino, Token: north, Reply: "behind", Frame: frameOf(t, notes[3:])},
		{Peer: gevgelija, Token: south, Reply: "last", Frame: frameOf(t, notes[1:3])},
	})
	if !d.holds(notes[:3]...) || d.holds(notes[3]) {
		t.Errorf("holds up to last: %v, and the void behind it: %v", d.holds(notes[:3]...), d.holds(notes[3]))
	}
	for reply, want := range map[string]protocol.Outcome{"behind": protocol.Unwanted, "last": protocol.Accepted} {
		if got := d.line.answers[reply].Runs[0].Outcome; got != want {
			t.Errorf("answer to what brought %s: %s, want %s", reply, got, want)
		}
	}
}
