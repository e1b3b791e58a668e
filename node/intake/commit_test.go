package intake_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

func TestAuthenticRecordsAreKeptToldAndPutOnLog(t *testing.T) {
	d := founded(t)
	m := d.known(gevgelija)
	before := d.log.count()
	records := m.topics[protocol.Situation].notes(5, "quiet")
	a := d.offer(protocol.Accepted, records[:3], records[3:])
	if got := a.Runs[1].Sequence; got != 5 {
		t.Errorf("acknowledged up to %d, want 5", got)
	}
	if !d.holds(records...) {
		t.Error("acknowledged and not held")
	}
	if got := d.log.count() - before; got != 5 {
		t.Errorf("%d records on LOG, want 5", got)
	}
	d.offer(protocol.Accepted, records)
	if got := d.log.count() - before; got != 5 {
		t.Errorf("%d records on LOG after the second time, want 5", got)
	}
	if n := d.Counts(); n.Known != 5 {
		t.Errorf("%d records known, want 5", n.Known)
	}
}

func TestWhatTrustBringsOpensTheRestOfTheSameBatch(t *testing.T) {
	d := founded(t)
	// Three towns: the admission of one is known, the others' come in the same frame.
	var runs [][]protocol.Record
	var all []protocol.Record
	for _, id := range []protocol.InstitutionID{gevgelija, negotino} {
		m := d.admitted(id)
		notes := m.topics[protocol.Situation].notes(2, "first words")
		runs = append([][]protocol.Record{notes, m.opens}, runs...) // the openers behind what they open
		all = append(append(all, notes...), m.opens...)
	}
	d.offer(protocol.Accepted, runs...)
	if !d.holds(all...) {
		t.Error("acknowledged and not held")
	}
}

func TestNothingIsAcknowledgedBeforeItsCommit(t *testing.T) {
	d := founded(t)
	m := d.known(gevgelija)
	records := m.topics[protocol.Situation].notes(3, "quiet")
	checked := false
	d.line.answer = func(string, protocol.Acknowledgement) {
		checked = true
		if !d.holds(records...) {
			t.Error("answered before the records were held")
		}
	}
	d.run(func(send func(...intake.Arrived)) {
		send(intake.Arrived{Peer: gevgelija, Token: north, Reply: "r", Frame: frameOf(t, records)})
		<-d.in.done
	})
	if !checked {
		t.Error("never answered")
	}
}

func TestAFullDiskIsBusyAndNothingElse(t *testing.T) {
	d := founded(t)
	m := d.known(gevgelija)
	records := m.topics[protocol.Situation].notes(3, "quiet")
	d.free = func(string) (uint64, uint64, error) { return 1 << 10, 1 << 40, nil }
	if a := d.take(north, frameOf(t, records)); !a.Busy || len(a.Runs) != 0 || a.Runs == nil {
		t.Errorf("answer on a full disk: %+v, want busy", a)
	}
	if _, err := d.say(note(protocol.Situation, "anyone there?")); !errors.Is(err, store.ErrDiskFull) {
		t.Errorf("publish on a full disk: %v, want %v", err, store.ErrDiskFull)
	}
	d.free = roomy
	d.offer(protocol.Accepted, records)
	d.must(d.say(note(protocol.Situation, "anyone there?")))
}

func TestBelowATenthOfTheDiskOthersBodiesWait(t *testing.T) {
	d := founded(t)
	m := d.known(gevgelija)
	d.free = func(string) (uint64, uint64, error) { return 2 << 30, 100 << 30, nil }
	if a := d.take(north, frameOf(t, m.topics[protocol.Situation].notes(1, "quiet"))); !a.Busy {
		t.Errorf("answer to another's report: %+v, want busy", a)
	}
	d.offer(protocol.Accepted, m.topics[protocol.Alert].notes(1, "flood")) // alerts come first
	d.offer(protocol.Accepted, []protocol.Record{m.open(protocol.Knowledge)})
	d.must(d.say(note(protocol.Situation, "we are here"))) // our own words too
	d.free = roomy
	if n := d.Counts(); n.Deferred != 1 {
		t.Errorf("%d records deferred, want 1", n.Deferred)
	}
}

func TestABodyThatComesLateReachesTrustBoardAndLog(t *testing.T) {
	d := founded(t)
	m := d.admitted(gevgelija)
	bare := make([]protocol.Record, len(m.opens))
	for k := range m.opens {
		bare[k] = m.opens[k].WithoutBody(protocol.BodyMissing)
	}
	d.offer(protocol.Accepted, bare)
	notes := m.topics[protocol.Situation].notes(1, "quiet")
	d.offer(protocol.Unwanted, notes)
	before := d.log.count()
	d.offer(protocol.Accepted, m.opens)
	if got := d.log.count() - before; got != len(m.opens) {
		t.Errorf("%d records on LOG when their bodies came, want %d", got, len(m.opens))
	}
	d.offer(protocol.Accepted, []protocol.Record{notes[0].WithoutBody(protocol.BodyWithheld)})
	if got := d.standing(notes[0]); got != board.NoBody {
		t.Errorf("note without its body: %s", got)
	}
	d.offer(protocol.Accepted, notes)
	if got := d.standing(notes[0]); got != board.Counts {
		t.Errorf("note with its body: %s, want %s", got, board.Counts)
	}
}

func TestNobodyButTheAuthorSaysThatABodyIsGone(t *testing.T) {
	d := founded(t)
	m := d.known(gevgelija)
	notes := m.topics[protocol.Situation].notes(1, "quiet")
	d.offer(protocol.Accepted, []protocol.Record{notes[0].WithoutBody(protocol.BodyErased)})
	d.offer(protocol.Accepted, notes)
	s, err := d.store.ByDigest(notes[0].Digest())
	if err != nil || s.BodyState != protocol.BodyHeld {
		t.Errorf("body after a relay said it was erased: %s, %v", s.BodyState, err)
	}
}

func TestNewsOfTrustReachWhatWasToldBefore(t *testing.T) {
	d := founded(t)
	m := d.known(gevgelija)
	first := m.topics[protocol.Situation].notes(1, "quiet")
	d.offer(protocol.Accepted, first)
	// A second opener of the same epoch counts nothing, nor does what hangs on it.
	second := m.open(protocol.Situation)
	other := penOf(gevgelija, protocol.Situation, m.nodeKey(), second.Digest())
	d.offer(protocol.Accepted, []protocol.Record{second})
	void := other.notes(1, "the other opener")
	d.offer(protocol.Forked, void)
	if got := d.standing(void[0]); got != board.Void {
		t.Errorf("record on an opener that doesn't count: %s, want %s", got, board.Void)
	}
	if got := d.standing(first[0]); got != board.Counts {
		t.Errorf("record on the opener that counts: %s, want %s", got, board.Counts)
	}
}

func TestRestartTellsTheSame(t *testing.T) {
	d := founded(t)
	m := d.known(gevgelija)
	records := m.topics[protocol.Situation].notes(3, "quiet")
	d.offer(protocol.Accepted, records)
	fork := *m.topics[protocol.Situation]
	d.offer(protocol.Accepted, m.topics[protocol.Situation].notes(1, "ours"))
	d.offer(protocol.Forked, fork.notes(1, "theirs"))
	at := protocol.InstantOf(noon)
	before := d.board.Digest(at)
	d = d.again()
	if got := d.board.Digest(at); got != before {
		t.Error("another picture after a restart")
	}
}

func TestRunStopsWithoutAWord(t *testing.T) {
	d := founded(t)
	d.run(func(func(...intake.Arrived)) {})
}

func TestAFailingInEndsRun(t *testing.T) {
	d := founded(t)
	broken := errors.New("the bus is gone")
	i, err := intake.New(intake.Options{
		Store: d.store, Trust: d.trust, Board: d.board, Signer: d.hand, Inbox: failing{broken}, Log: d.log, Line: d.line, Clock: func() time.Time { return noon },
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := i.Run(t.Context()); !errors.Is(err, broken) {
		t.Errorf("Run() = %v, want %v", err, broken)
	}
}

type failing struct{ err error }

func (f failing) Next(context.Context) ([]intake.Arrived, func() error, error) {
	return nil, nil, f.err
}

func TestACatchUpOfTrustTakesFewCommits(t *testing.T) {
	d := founded(t)
	const members = 40
	var batch []intake.Arrived
	for k := range members {
		m := d.admitted(protocol.InstitutionID(fmt.Sprintf("mk.vardar.town-%d", k)))
		batch = append(batch, intake.Arrived{Peer: gevgelija, Token: north, Frame: frameOf(t, m.opens, m.topics[protocol.Alert].notes(1, "flood"))})
	}
	registrar := d.held(epochOf(centre, protocol.Trust))
	n := d.elsewhere() // takes all of it at once
	batch = append(batch, intake.Arrived{Peer: centre, Token: north, Frame: frameOf(t, registrar[:len(registrar)/2], registrar[len(registrar)/2:])})
	n.TakeAll(t.Context(), batch)
	n.Drain(t.Context())
	if got, want := n.Counts().Accepted, len(registrar)+4*members; got != want {
		t.Errorf("%d records accepted, want %d", got, want)
	}
	if got := n.Counts().Commits; got > 3 {
		t.Errorf("%d commits, want one for the registrar, one for the members, one for the rest", got)
	}
}
