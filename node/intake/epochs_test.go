package intake_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// The tests named M1 to M15 are the scenarios at the end of the rules of epochs.

// next writes the opener of the second epoch of the situation feed, or states its last again.
func (m *member) next(last body.Last) protocol.Record {
	node := private("second node " + string(m.id))
	return m.trust.write(&body.KeyRecord{
		Use: protocol.UseNode, Key: body.KeyText(protocol.KeyOf(node).String()), Proof: proofOf(m.id, protocol.UseNode, node),
		FeedTopic: protocol.Situation, FeedEpoch: 2, Wire: body.WireV1, Last: &last,
	})
}

func lastOf(r protocol.Record) body.Last { return body.Last{Sequence: r.Sequence, Digest: r.Digest()} }

// wantStanding wants records shown so.
func (d *door) wantStanding(want board.Standing, records ...protocol.Record) {
	d.t.Helper()
	for _, r := range records {
		if got := d.standing(r); got != want {
			d.t.Errorf("%s is shown as %v, want %v", r.Name, got, want)
		}
	}
}

// wantHead wants one row of an epoch, that of a record.
func (d *door) wantHead(r protocol.Record) {
	d.t.Helper()
	rows := slices.DeleteFunc(d.Rows(r.Feed().Group()), func(row protocol.HaveRow) bool { return row.EpochID != r.EpochID() })
	if len(rows) != 1 || rows[0].Sequence != r.Sequence {
		d.t.Errorf("rows of %s are %v, want one of sequence %d", r.EpochID(), rows, r.Sequence)
	}
}

func TestM1LastBeforeItsRecord(t *testing.T) {
	d := founded(t)
	m := d.known(gevgelija)
	notes := m.topics[protocol.Situation].notes(5, "quiet")
	d.offer(protocol.Accepted, notes[:3])
	d.offer(protocol.Accepted, []protocol.Record{m.next(lastOf(notes[4]))})
	// Its disk dies: nobody can bring what last names. The epoch is judged like an open one.
	d.wantStanding(board.Counts, notes[:3]...)
	d.wantHead(notes[2])
	d.offer(protocol.Accepted, []protocol.Record{m.next(lastOf(notes[2]))})
	d.wantStanding(board.Counts, notes[:3]...)
	d.wantHead(notes[2])
	d.offer(protocol.Unwanted, notes[3:])
}

func TestM2LastStatedTooShort(t *testing.T) {
	d := founded(t)
	m := d.known(gevgelija)
	notes := m.topics[protocol.Situation].notes(5, "quiet")
	d.offer(protocol.Accepted, notes)
	d.offer(protocol.Accepted, []protocol.Record{m.next(lastOf(notes[2]))})
	for range 2 {
		d.wantStanding(board.Counts, notes[:3]...)
		d.wantStanding(board.Void, notes[3:]...)
		d.wantHead(notes[2])
		d = d.again(func(other *door) { other.charter = d.charter })
	}
	if !d.holds(notes...) {
		t.Fatal("what is void is not kept")
	}
	d.offer(protocol.Accepted, []protocol.Record{m.next(lastOf(notes[4]))})
	d.wantStanding(board.Counts, notes...)
	d.wantHead(notes[4])
}

func TestM3LastUnknown(t *testing.T) {
	d := founded(t)
	m := d.known(gevgelija)
	shared, one, other := forked(m, 2)
	d.offer(protocol.Accepted, shared)
	d.offer(protocol.Accepted, []protocol.Record{m.next(body.Last{Unknown: true})})
	d.wantStanding(board.Counts, shared...)
	ours, theirs := one.notes(2, "ours"), other.notes(1, "theirs")
	d.offer(protocol.Accepted, ours)
	d.wantStanding(board.Counts, ours...)
	d.offer(protocol.Forked, theirs)
	d.wantStanding(board.Counts, shared...)
	d.wantStanding(board.Stopped, ours...)
	d.wantStanding(board.Stopped, theirs...)
	d.offer(protocol.Accepted, []protocol.Record{m.next(lastOf(ours[0]))})
	d.wantStanding(board.Counts, append(shared, ours[0])...)
	d.wantStanding(board.Void, ours[1], theirs[0])
}

func TestM4AuthorAndCloneBothSend(t *testing.T) {
	d := founded(t)
	_, author, clone := forked(d.known(gevgelija), 0)
	ours, theirs := author.notes(1, "the author"), clone.notes(1, "its clone")
	d.offer(protocol.Accepted, ours)
	d.wantProof(d.offer(protocol.Forked, theirs), ours[0])
	d.offer(protocol.Forked, clone.notes(1, "behind it"))
	d.wantStanding(board.Stopped, ours[0], theirs[0])
}

func TestM7OpenerThatStopsCounting(t *testing.T) {
	d := founded(t)
	m := d.known(gevgelija)
	notes := m.topics[protocol.Situation].notes(3, "quiet")
	d.offer(protocol.Accepted, notes[:2])
	d.wantStanding(board.Counts, notes[:2]...)
	// The registrar opens the next epoch of its trust feed, and of the first nothing counts.
	second := d.admission(gevgelija, 2, body.Last{Digest: m.opens[0].Previous})
	d.must(d.say(second))
	d.wantStanding(board.Void, notes[:2]...)
	if rows := d.Rows(notes[0].Feed().Group()); len(rows) != 0 {
		t.Errorf("what hangs on an opener that doesn't count has rows: %v", rows)
	}
	d.offer(protocol.Unwanted, notes[2:])
	if !d.holds(notes[:2]...) || d.holds(notes[2]) {
		t.Error("want what was held kept, and no more of it taken")
	}
	// Stated again, it counts.
	last := lastOf(m.opens[len(m.opens)-1])
	second.Last = &last
	d.must(d.say(second))
	d.wantStanding(board.Counts, notes[:2]...)
	d.offer(protocol.Accepted, notes[2:])
}

// admission admits a member by its identity key to a later epoch.
func (d *door) admission(id protocol.InstitutionID, epoch body.Positive, last body.Last) *body.Admission {
	key := private("identity " + string(id))
	return &body.Admission{
		Institution: id, Level: body.Municipality, FeedEpoch: epoch, Key: protocol.KeyOf(key),
		Proof: proofOf(id, protocol.UseIdentity, key), Charter: d.trust.CharterDigest(), Last: &last,
	}
}

func TestM8VoidTailsAreDroppedAtTheDoor(t *testing.T) {
	d := founded(t)
	m := d.known(gevgelija)
	shared, one, thief := forked(m, 2)
	d.offer(protocol.Accepted, shared)
	d.offer(protocol.Accepted, []protocol.Record{m.next(lastOf(shared[1]))})
	before := d.store.Stats().Records
	d.offer(protocol.Unwanted, one.notes(3, "tail"))
	d.offer(protocol.Unwanted, thief.notes(100, "an old stolen key"))
	if got := d.store.Stats().Records; got != before {
		t.Errorf("%d void records were taken", got-before)
	}
	d.offer(protocol.Accepted, shared) // what counts comes in as ever
}

func TestM8AnAuthorTakesEveryBranchOfItsOwn(t *testing.T) {
	d, ours, theirs := cloned(t)
	key, _ := d.hand.Public(centre, protocol.UseNode)
	proof, err := d.hand.Proof(centre, protocol.UseNode)
	if err != nil {
		t.Fatal(err)
	}
	last := lastOf(ours)
	d.must(d.say(&body.KeyRecord{
		Use: protocol.UseNode, Key: body.KeyText(key.String()), Proof: proof, FeedTopic: protocol.Situation, FeedEpoch: 2, Wire: body.WireV1, Last: &last,
	}))
	d.offer(protocol.Forked, []protocol.Record{theirs})
	if !d.holds(theirs) {
		t.Error("an author was not given a void record of its own feed")
	}
	d.wantStanding(board.Void, theirs)
	d.wantStanding(board.BeyondCompetence, ours) // the centre has no level; it is not void
	after := d.must(d.say(note(protocol.Situation, "in the next epoch")))
	if after.Epoch != 2 || after.Sequence != 1 || len(d.Stopped()) != 0 {
		t.Errorf("published %s, stopped in %v; want the second epoch and none", after.Name, d.Stopped())
	}
}

func TestM10ForkedTrustFeedGoesOn(t *testing.T) {
	d := founded(t)
	profile := func(name string) *body.Profile {
		return &body.Profile{Names: body.Names{"en": body.Label(name)}, Level: body.Ministry}
	}
	before := d.must(d.say(profile("Centre")))
	// A thief with the identity key writes the next position, and later ones.
	theirs := before.Record
	theirs.Sequence++
	theirs.Previous = before.Digest
	if err := d.hand.SignRecord(t.Context(), &theirs); err != nil {
		t.Fatal(err)
	}
	ours := d.must(d.say(profile("The centre")))
	d.offer(protocol.Forked, []protocol.Record{theirs})
	for range 2 {
		after := d.must(d.say(profile("The crisis centre")))
		if after.Previous != ours.Digest {
			t.Fatalf("%s does not go on where the carrier ends", after.Name)
		}
		if stop, ok := d.Stopped()[ours.EpochID()]; !ok || stop.Sequence != theirs.Sequence {
			t.Errorf("Stopped() = %v, want the mark at %s", d.Stopped(), theirs.Name)
		}
		d.must(d.say(note(protocol.Situation, "other feeds go on")))
		ours = after
		d = d.again(func(other *door) { other.charter = d.charter })
	}
}

// stolen gives the record with which a thief who has the identity key opens the second
// epoch of a situation feed, and its pen.
func stolen(after protocol.Record, sign func(*protocol.Record) error) (protocol.Record, *pen, error) {
	id, key := after.Institution, private("thief")
	raw, err := body.Marshal(&body.KeyRecord{
		Use: protocol.UseNode, Key: body.KeyText(protocol.KeyOf(key).String()), Proof: proofOf(id, protocol.UseNode, key),
		FeedTopic: protocol.Situation, FeedEpoch: 2, Wire: body.WireV1, Last: &body.Last{Unknown: true},
	}, [16]byte{9})
	if err != nil {
		return protocol.Record{}, nil, err
	}
	r := after
	r.Type, r.Sequence, r.Previous = body.TypeKey, after.Sequence+1, after.Digest()
	r.SetBody(raw)
	err = sign(&r)
	p := penOf(id, protocol.Situation, key, r.Digest())
	p.epoch.Epoch = 2
	return r, p, err
}

func TestM10ThiefOpensADataEpochASecondTime(t *testing.T) {
	d := founded(t)
	before := d.must(d.say(note(protocol.Situation, "before"))).Record
	trustFeed := d.held(epochOf(centre, protocol.Trust))
	theirs, thief, err := stolen(trustFeed[len(trustFeed)-1], func(r *protocol.Record) error { return d.hand.SignRecord(t.Context(), r) })
	if err != nil {
		t.Fatal(err)
	}
	key, _ := d.hand.Public(centre, protocol.UseNode)
	proof, err := d.hand.Proof(centre, protocol.UseNode)
	if err != nil {
		t.Fatal(err)
	}
	ours := d.must(d.say(&body.KeyRecord{
		Use: protocol.UseNode, Key: body.KeyText(key.String()), Proof: proof, FeedTopic: protocol.Situation, FeedEpoch: 2, Wire: body.WireV1, Last: ptr(lastOf(before)),
	}))
	d.offer(protocol.Forked, []protocol.Record{theirs})
	// The charter's stewards are who could end it. Until then it goes on, with the mark.
	previous := ours.Digest
	for range 2 {
		said := d.must(d.say(note(protocol.Situation, "we go on")))
		if said.Epoch != 2 || said.Previous != previous {
			t.Fatalf("%s does not go on where this node was", said.Name)
		}
		d.offer(protocol.Forked, thief.notes(1, "a thief"))
		if _, marked := d.Stopped()[said.EpochID()]; !marked {
			t.Errorf("Stopped() = %v, want the mark on %s", d.Stopped(), said.EpochID())
		}
		if got := d.standing(said.Record); got != board.Stopped {
			t.Errorf("%s is shown as %v, want %v", said.Name, got, board.Stopped)
		}
		d.must(d.say(note(protocol.Resource, "other feeds go on")))
		previous = said.Digest
		d = d.again(func(other *door) { other.charter = d.charter })
	}
	// A copy of the node is another thing: then it writes no more.
	head := d.must(d.say(note(protocol.Situation, "the node"))).Record
	head.Time++
	if err := d.hand.SignRecord(t.Context(), &head); err != nil {
		t.Fatal(err)
	}
	d.offer(protocol.Forked, []protocol.Record{head})
	if _, err := d.say(note(protocol.Situation, "after")); !errors.Is(err, intake.ErrForked) {
		t.Errorf("Publish() = %v, want %v", err, intake.ErrForked)
	}
}

func TestM10RegistrarEndsADataEpochOpenedTwice(t *testing.T) {
	d := founded(t)
	m := d.known(gevgelija)
	notes := m.topics[protocol.Situation].notes(2, "quiet")
	d.offer(protocol.Accepted, notes)
	theirs, thief, err := stolen(m.opens[len(m.opens)-1], func(r *protocol.Record) error {
		r.Sign(private("identity " + string(gevgelija)))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	opener, pen := m.openWith("second node ", 2, ptr(lastOf(notes[1])))
	d.offer(protocol.Accepted, []protocol.Record{opener})
	ours, wrong := pen.notes(2, "ours"), thief.notes(2, "a thief")
	d.offer(protocol.Accepted, ours)
	d.offer(protocol.Forked, []protocol.Record{theirs})
	d.offer(protocol.Forked, wrong)
	d.wantStanding(board.Counts, notes...)
	d.wantStanding(board.Stopped, append(ours, wrong...)...)
	d.must(d.say(d.admission(gevgelija, 2, lastOf(opener))))
	d.wantStanding(board.Counts, append(notes, ours...)...)
	d.wantStanding(board.Void, wrong...)
	// Rule 7 asks for no verdict: where another record is held the answer is fork.
	more := pen.notes(1, "ours")
	d.offer(protocol.Forked, more)
	d.wantStanding(board.Counts, more...)
}

func TestM11ClosedMemberGoesOnWriting(t *testing.T) {
	d := founded(t)
	m := d.known(gevgelija)
	notes := m.topics[protocol.Situation].notes(5, "quiet")
	d.offer(protocol.Accepted, notes[:3])
	alerts := m.topics[protocol.Alert].notes(1, "unheard of")
	closing := &body.Admission{
		Institution: gevgelija, Level: body.Municipality, FeedEpoch: 2, Charter: d.trust.CharterDigest(), Reason: "merged",
		Last: ptr(lastOf(m.opens[len(m.opens)-1])), Feeds: []body.ClosedFeed{{Topic: protocol.Situation, Epoch: 1, Last: lastOf(notes[1])}},
	}
	d.must(d.say(closing))
	d.wantStanding(board.Counts, notes[:2]...)
	d.wantStanding(board.Void, notes[2])
	d.offer(protocol.Unwanted, notes[3:])
	d.offer(protocol.Unwanted, alerts)
	// Older records turned up: the registrar states it again.
	closing.Feeds[0].Last = lastOf(notes[3])
	d.must(d.say(closing))
	d.offer(protocol.Accepted, notes[3:])
	d.wantStanding(board.Counts, notes[:4]...)
	d.wantStanding(board.Void, notes[4])
}

func ptr[T any](v T) *T { return &v }

func TestAMemberIsOutBeforeTheNewsIsAcknowledged(t *testing.T) {
	var left []protocol.InstitutionID
	d := founded(t)
	m := d.known(gevgelija)
	d = d.again(func(other *door) {
		other.charter = d.charter
		other.left = func(id protocol.InstitutionID) { left = append(left, id) }
	})
	d.must(d.say(&body.Admission{
		Institution: gevgelija, Level: body.Municipality, FeedEpoch: 2, Charter: d.trust.CharterDigest(), Last: ptr(lastOf(m.opens[0])),
	}))
	if !slices.Equal(left, []protocol.InstitutionID{gevgelija}) {
		t.Errorf("when the closing was published, told of %v, want %s", left, gevgelija)
	}
	// The same news over a link: told before its answer.
	other := d.elsewhere()
	trustFeed := d.held(epochOf(centre, protocol.Trust))
	told := false
	other = other.again(func(o *door) {
		o.charter = d.charter
		o.left = func(id protocol.InstitutionID) { told = !o.trust.IsMember(id) }
	})
	other.offer(protocol.Accepted, trustFeed[:len(trustFeed)-1])
	other.line.answer = func(reply string, _ protocol.Acknowledgement) {
		if reply == "closing" && !told {
			t.Error("the closing was acknowledged before anybody was told that the member is out")
		}
	}
	other.TakeAll(t.Context(), []intake.Arrived{{Peer: centre, Token: north, Reply: "closing", Frame: frameOf(t, trustFeed[len(trustFeed)-1:])}})
	if !told {
		t.Error("nobody was told that the member is out")
	}
}

func TestM13LastThatProvesNothing(t *testing.T) {
	for name, state := range map[string]func(m *member, notes []protocol.Record) body.Last{
		"not held": func(_ *member, notes []protocol.Record) body.Last { return lastOf(notes[4]) },
		"on another opener's chain": func(m *member, _ []protocol.Record) body.Last {
			return lastOf(m.topics[protocol.Resource].notes(1, "another feed")[0])
		},
		"nothing counts, of another opener": func(m *member, _ []protocol.Record) body.Last {
			return body.Last{Digest: m.opens[0].Digest()}
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := founded(t)
			m := d.known(gevgelija)
			notes := m.topics[protocol.Situation].notes(5, "quiet")
			d.offer(protocol.Accepted, notes[:3])
			d.offer(protocol.Accepted, []protocol.Record{m.next(state(m, notes))})
			d.wantStanding(board.Counts, notes[:3]...)
			d.wantHead(notes[2])
			d.offer(protocol.Accepted, notes[3:4]) // an open epoch goes on
			// "Nothing counts" names the opener of that epoch.
			d.offer(protocol.Accepted, []protocol.Record{m.next(body.Last{Digest: notes[0].Previous})})
			d.wantStanding(board.Void, notes[:4]...)
			if rows := d.Rows(notes[0].Feed().Group()); len(rows) != 0 {
				t.Errorf("an epoch of which nothing counts has rows: %v", rows)
			}
		})
	}
}
