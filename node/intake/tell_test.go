package intake_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// openWith writes an opener of an epoch of the situation feed with any key.
func (m *member) openWith(name string, epoch body.Positive, last *body.Last) (protocol.Record, *pen) {
	key := private(name + string(m.id))
	r := m.trust.write(&body.KeyRecord{
		Use: protocol.UseNode, Key: body.KeyText(protocol.KeyOf(key).String()), Proof: proofOf(m.id, protocol.UseNode, key),
		FeedTopic: protocol.Situation, FeedEpoch: epoch, Wire: body.WireV1, Last: last,
	})
	p := penOf(m.id, protocol.Situation, key, r.Digest())
	p.epoch.Epoch = uint32(epoch)
	return r, p
}

// TestOneMembersForksCostTheirOwnRecords counts of how many records the board is told
// anew, while a member does what makes the branches of an epoch stand differently: a key
// that was not the first, forks from the newest record to the oldest, an epoch begun anew.
func TestOneMembersForksCostTheirOwnRecords(t *testing.T) {
	const held = 60
	d := founded(t)
	m := d.known(gevgelija)
	opener, other := m.openWith("a second key", 1, nil)
	d.offer(protocol.Accepted, []protocol.Record{opener})
	first := m.topics[protocol.Situation]
	pens := []*pen{}
	var notes []protocol.Record
	for range held {
		before := *first
		pens = append(pens, &before)
		notes = append(notes, first.notes(1, "the first key")...)
	}
	d.offer(protocol.Accepted, notes)
	restood := func(what string, most int, act func()) {
		t.Helper()
		before := d.Counts().Restood
		act()
		if n := d.Counts().Restood - before; n > most {
			t.Errorf("%s: the board was told anew of %d records, want at most %d", what, n, most)
		}
	}
	void := []protocol.Record{}
	restood("records under an opener that does not count", 0, func() {
		for range held {
			r := other.notes(1, "the second key")
			d.offer(protocol.Forked, r)
			void = append(void, r...)
		}
	})
	d.wantStanding(board.Counts, notes...)
	d.wantStanding(board.Void, void...)
	var rivals []protocol.Record
	restood("forks, each before the last", 3*held, func() {
		for k, p := range slices.Backward(pens) {
			if k%3 > 0 {
				continue
			}
			r := p.notes(1, "a rival")
			d.offer(protocol.Forked, r)
			rivals = append(rivals, r...)
		}
	})
	restood("what comes behind the forks", 0, func() {
		for k := 0; k < held; k += 3 {
			rivals = append(rivals, pens[k].notes(1, "a rival")...)
			d.offer(protocol.Forked, rivals[len(rivals)-1:])
		}
	})
	d.wantStanding(board.Stopped, notes...)
	d.wantStanding(board.Stopped, rivals...)
	d.wantStanding(board.Void, void...)
}

// TestWhatTheBoardIsToldAnewIsAllThatChanged has forks, void branches and statements
// arrive in any order: the picture is the one that a node draws which starts with all of
// it, and so does every other node that holds the same.
func TestWhatTheBoardIsToldAnewIsAllThatChanged(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			dice := rand.New(rand.NewPCG(seed, 0))
			d := founded(t)
			m := d.known(gevgelija)
			said := forksAndStatements(m, dice)
			var pictures []protocol.Digest
			trustFeeds := slices.Concat(d.held(epochOf(centre, protocol.Trust)), m.opens)
			for range 2 {
				other := d.elsewhere()
				for _, r := range trustFeeds {
					other.offer(protocol.Accepted, []protocol.Record{r})
				}
				// What is void is no longer taken once that is known, so it comes first.
				other.deliver(dice, said[:1])
				other.deliver(dice, of(said, protocol.Situation))
				other.deliver(dice, of(said, protocol.Trust))
				if !other.holds(said...) {
					t.Fatal("not all was taken")
				}
				pictures = append(pictures, other.picture())
			}
			if pictures[0] != pictures[1] {
				t.Error("another order of arrival draws another picture")
			}
			d.deliver(dice, said)
			want := d.picture()
			if d = d.again(func(again *door) { again.charter = d.charter }); d.picture() != want {
				t.Error("a node that starts with the same records draws another picture")
			}
		})
	}
}

// of gives the records of a topic.
func of(records []protocol.Record, topic protocol.Topic) []protocol.Record {
	return slices.DeleteFunc(slices.Clone(records), func(r protocol.Record) bool { return r.Topic != topic })
}

// forksAndStatements writes what a member might whose node was cloned and restored.
func forksAndStatements(m *member, dice *rand.Rand) []protocol.Record {
	pens := []*pen{m.topics[protocol.Situation]}
	opener, second := m.openWith("a second key", 1, nil)
	said := []protocol.Record{opener}
	pens = append(pens, second)
	var notes []protocol.Record
	for k := range 24 {
		p := pens[dice.IntN(len(pens))]
		switch dice.IntN(6) {
		case 0:
			clone := *p
			pens = append(pens, &clone)
		case 1:
			if len(notes) > 0 {
				last := lastOf(notes[dice.IntN(len(notes))])
				if k%5 == 0 {
					last = body.Last{Unknown: true}
				}
				next, _ := m.openWith("the next key", 2, &last)
				said = append(said, next)
			}
		default:
			notes = append(notes, p.notes(1, fmt.Sprint("note ", k))...)
			said = append(said, notes[len(notes)-1])
		}
	}
	return said
}

// deliver sends records one by one in any order, until nothing new is taken.
func (d *door) deliver(dice *rand.Rand, records []protocol.Record) {
	d.t.Helper()
	for before := -1; before != int(d.store.Stats().Records); { //nolint:gosec // few
		before = int(d.store.Stats().Records) //nolint:gosec // few
		for _, k := range dice.Perm(len(records)) {
			d.take(north, frameOf(d.t, records[k:k+1]))
		}
	}
}

// picture is the digest of what the board shows.
func (d *door) picture() protocol.Digest { return d.board.Digest(protocol.InstantOf(noon)) }
