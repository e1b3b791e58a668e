package intake_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

func erasureOf(r protocol.Record) *body.Erasure {
	e := &body.Erasure{Topic: r.Topic, Reason: "it named a person"}
	e.Refs = []body.Ref{{Rel: body.RelErases, Record: r.Name, Digest: r.Digest()}}
	return e
}

// state is what is held of a record's body.
func (d *door) state(r protocol.Record) protocol.BodyState {
	d.t.Helper()
	s, err := d.store.ByDigest(r.Digest())
	if err != nil {
		d.t.Fatal(err)
	}
	return s.BodyState
}

// wantGone wants a record's body to be in neither archive nor picture nor LOG.
func (d *door) wantGone(r protocol.Record) {
	d.t.Helper()
	d.run(func(func(...intake.Arrived)) {}) // what waits for LOG is on it, or out of it
	if got := d.state(r); got != protocol.BodyErased {
		d.t.Errorf("body of %s is %s in the archive, want %s", r.Name, got, protocol.BodyErased)
	}
	if got := d.standing(r); got != board.NoBody {
		d.t.Errorf("%s stands as %s, want %s", r.Name, got, board.NoBody)
	}
	d.log.mu.Lock()
	defer d.log.mu.Unlock()
	for _, on := range d.log.records {
		if on.Digest() == r.Digest() && on.BodyState == protocol.BodyHeld {
			d.t.Errorf("LOG holds the body of %s", r.Name)
		}
	}
}

func (d *door) wantKept(r protocol.Record) {
	d.t.Helper()
	if got := d.state(r); got != protocol.BodyHeld {
		d.t.Errorf("body of %s is %s, want %s", r.Name, got, protocol.BodyHeld)
	}
}

func TestErasedBodyIsGoneWhateverComesFirst(t *testing.T) {
	for name, deliver := range map[string]func(d *door, said, erasure protocol.Record){
		"the body": func(d *door, said, erasure protocol.Record) {
			d.offer(protocol.Accepted, []protocol.Record{said})
			d.offer(protocol.Accepted, []protocol.Record{erasure})
		},
		"both in one chunk": func(d *door, said, erasure protocol.Record) {
			d.offer(protocol.Accepted, []protocol.Record{said, erasure})
		},
		"the erasure, and the body by another way": func(d *door, said, erasure protocol.Record) {
			d.offer(protocol.Accepted, []protocol.Record{said.WithoutBody(protocol.BodyWithheld), erasure})
			d.offer(protocol.Accepted, []protocol.Record{said})
		},
		"the erasure, and a relay says the body is erased": func(d *door, said, erasure protocol.Record) {
			d.offer(protocol.Accepted, []protocol.Record{said.WithoutBody(protocol.BodyErased), erasure})
			d.offer(protocol.Accepted, []protocol.Record{said})
		},
		"the body again and again": func(d *door, said, erasure protocol.Record) {
			d.offer(protocol.Accepted, []protocol.Record{said, erasure})
			for range 3 {
				d.offer(protocol.Accepted, []protocol.Record{said, erasure})
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := founded(t)
			m := d.known(gevgelija)
			p := m.topics[protocol.Situation]
			said := p.write(note(protocol.Situation, "a name"))
			deliver(d, said, p.write(erasureOf(said)))
			d.wantGone(said)
			if got := len(d.held(epochOf(gevgelija, protocol.Situation))); got != 2 {
				t.Errorf("%d records held, want header and chain to stay", got)
			}
			again := d.again()
			again.wantGone(said)
		})
	}
}

func TestRegistrarErasesItsMembersBodyAndNobodyElseDoes(t *testing.T) {
	d := founded(t)
	m, other := d.known(gevgelija), d.known(negotino)
	said := m.topics[protocol.Situation].notes(2, "a name")
	d.offer(protocol.Accepted, said)
	foreign := other.topics[protocol.Situation].write(erasureOf(said[0]))
	d.offer(protocol.Accepted, []protocol.Record{foreign})
	d.wantKept(said[0])
	if got := d.standing(foreign); got != board.BeyondCompetence {
		t.Errorf("erasure by another member stands as %s, want %s", got, board.BeyondCompetence)
	}
	d.must(d.say(erasureOf(said[1])))
	d.wantGone(said[1])
	d.wantKept(said[0])
	// A registrar before the record: the body is not let in.
	late := m.topics[protocol.Situation].write(note(protocol.Situation, "another name"))
	d.must(d.say(erasureOf(late)))
	d.offer(protocol.Accepted, []protocol.Record{late})
	d.wantGone(late)
	file, err := os.ReadFile(filepath.Join(d.dir, "store.bbolt"))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(file, late.Body) {
		t.Error("a body that came after its erasure lies in the file")
	}
}

func TestErasureThatCountsForNothingErasesNothing(t *testing.T) {
	d := founded(t)
	m := d.known(gevgelija)
	shared, one, _ := forked(m, 1)
	d.offer(protocol.Accepted, shared)
	erasure := one.write(erasureOf(shared[0]))
	d.offer(protocol.Accepted, []protocol.Record{erasure})
	d.wantGone(shared[0])

	// A thief's erasure, on a branch that the author does not stand by.
	d = founded(t)
	m = d.known(gevgelija)
	shared, one, other := forked(m, 1)
	d.offer(protocol.Accepted, shared, one.notes(1, "ours"))
	theirs := other.write(erasureOf(shared[0]))
	d.offer(protocol.Forked, []protocol.Record{theirs})
	d.wantKept(shared[0])
	d.wantStanding(board.Stopped, theirs)
	d.offer(protocol.Accepted, []protocol.Record{m.next(lastOf(shared[0]))})
	d.wantStanding(board.Void, theirs)
	d.wantKept(shared[0])
	d.again().wantKept(shared[0])
}

func TestErasureTakesEffectWhenItsForkIsClosed(t *testing.T) {
	d := founded(t)
	m := d.known(gevgelija)
	shared, one, other := forked(m, 1)
	erasure := one.write(erasureOf(shared[0]))
	d.offer(protocol.Accepted, shared)
	d.offer(protocol.Accepted, other.notes(1, "theirs"))
	d.offer(protocol.Forked, []protocol.Record{erasure})
	d.wantKept(shared[0])
	d.offer(protocol.Accepted, []protocol.Record{m.next(lastOf(erasure))})
	d.wantStanding(board.Counts, erasure)
	d.wantGone(shared[0])
}

// The node was killed after the commit of an erasure and before the body was let go.
func TestErasureIsCarriedOutAtTheNextStart(t *testing.T) {
	d := founded(t)
	p := d.known(gevgelija).topics[protocol.Situation]
	said := p.write(note(protocol.Situation, "a name"))
	d.offer(protocol.Accepted, []protocol.Record{said})
	if _, err := d.store.Append(t.Context(), []protocol.Record{p.write(erasureOf(said))}); err != nil {
		t.Fatal(err)
	}
	d.wantKept(said)
	d.again().wantGone(said)
}

func TestErasureRecordIsNotErased(t *testing.T) {
	d := founded(t)
	p := d.known(gevgelija).topics[protocol.Situation]
	said := p.write(note(protocol.Situation, "a name"))
	first := p.write(erasureOf(said))
	d.offer(protocol.Accepted, []protocol.Record{said.WithoutBody(protocol.BodyMissing), first, p.write(erasureOf(first))})
	d.wantKept(first)
	d.offer(protocol.Accepted, []protocol.Record{said})
	d.wantGone(said)
}

// The registrar takes a body back that is committed, and of which the board hears later.
func TestErasureBeforeTheBoardHearsOfTheRecord(t *testing.T) {
	d := founded(t)
	said := d.known(gevgelija).topics[protocol.Situation].notes(2, "a name")
	d.TakeAll(t.Context(), []intake.Arrived{{Peer: centre, Token: north, Reply: "said", Frame: frameOf(t, said)}})
	d.must(d.say(erasureOf(said[0])))
	if got := d.standing(said[0]); got != board.NoBody {
		t.Errorf("%s stands as %s when its body is taken back, want %s", said[0].Name, got, board.NoBody)
	}
	d.Drain(t.Context())
	d.wantGone(said[0])
	d.wantStanding(board.Counts, said[1])
	want := d.picture()
	if d = d.again(); d.picture() != want {
		t.Error("a node that starts with the same records draws another picture")
	}
}
