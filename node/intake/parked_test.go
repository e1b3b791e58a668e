package intake_test

import (
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/protocol"
)

func TestWhatLiesBeyondAGapIsParkedAndTheGapAskedFor(t *testing.T) {
	d := founded(t)
	p := d.known(gevgelija).topics[protocol.Situation]
	all := p.notes(10, "quiet")
	d.offer(protocol.Accepted, all[:2])
	// Out of order, with a gap in the gap.
	d.offer(protocol.Parked, all[8:])
	d.offer(protocol.Parked, all[4:6])
	d.offer(protocol.Parked, all[6:8])
	want := intake.Gap{Token: north, EpochID: all[0].EpochID(), From: 3, To: 10}
	if got := d.line.fetches[0]; got != want {
		t.Errorf("asked for %v, want %v", got, want)
	}
	if d.holds(all[4]) {
		t.Error("a record beyond a gap is held")
	}
	d.offer(protocol.Accepted, all[2:4])
	if !d.holds(all...) {
		t.Error("what was parked did not follow")
	}
	if records, bytes := d.Waiting(); records != 0 || bytes != 0 {
		t.Errorf("%d records, %d bytes still wait", records, bytes)
	}
	if got := d.standing(all[9]); got == 0 {
		t.Error("the board was not told of what was parked")
	}
}

func TestAGapThatClosesInTheSameBatchIsNone(t *testing.T) {
	d := founded(t)
	all := d.known(gevgelija).topics[protocol.Situation].notes(6, "quiet")
	d.TakeAll(t.Context(), []intake.Arrived{
		{Peer: negotino, Token: north, Reply: "late", Frame: frameOf(t, all[3:])},
		{Peer: gevgelija, Token: south, Reply: "early", Frame: frameOf(t, all[:3])},
	})
	for _, reply := range []string{"late", "early"} {
		if got := d.line.answers[reply].Runs[0].Outcome; got != protocol.Accepted {
			t.Errorf("answer %s: %s, want %s", reply, got, protocol.Accepted)
		}
	}
}

func TestAChunkIsProvedByWhatIsParkedBehindIt(t *testing.T) {
	d := founded(t)
	p := d.known(gevgelija).topics[protocol.Situation]
	first := p.notes(1, "quiet")
	bad := p.raw(first[0].Type, first[0].Body, false)
	last := p.notes(1, "still quiet")
	d.offer(protocol.Parked, last)
	d.offer(protocol.Accepted, []protocol.Record{first[0], bad})
	if !d.holds(first[0], bad, last[0]) {
		t.Error("not all are held")
	}
}

func TestParkedIsJudgedAgain(t *testing.T) {
	d := founded(t)
	all := d.known(gevgelija).topics[protocol.Situation].notes(4, "quiet")
	d.offer(protocol.Parked, all[2:])
	d.line.sends = func(token protocol.LinkToken, _ protocol.Group) bool { return token == south }
	a := d.take(south, frameOf(t, all[:2]))
	if a.Runs[0].Outcome != protocol.Accepted || d.holds(all[2]) {
		t.Errorf("%s; taken from a link whose policy no longer carries it: %v", a.Runs[0].Outcome, d.holds(all[2]))
	}
}

func TestParkedIsBounded(t *testing.T) {
	d := founded(t)
	m := d.known(gevgelija)
	all := m.topics[protocol.Situation].notes(600, "quiet")
	for at := 500; at > 0; at -= 20 {
		d.offer(protocol.Parked, all[at:at+20])
	}
	if records, _ := d.Waiting(); records > intake.MaxParkedRecords {
		t.Errorf("%d records wait, want at most %d", records, intake.MaxParkedRecords)
	}
	// What is nearest to the gap was kept.
	d.offer(protocol.Accepted, all[:20])
	if !d.holds(all[:200]...) {
		t.Error("what lies next to the gap was forgotten")
	}
	if records, bytes := d.Waiting(); records != 0 || bytes != 0 {
		t.Errorf("%d records, %d bytes wait behind no gap", records, bytes)
	}
}

func TestParkedBytesOfALinkAreBounded(t *testing.T) {
	d := founded(t)
	text := strings.Repeat("x", 250<<10)
	long := func(p *pen) []protocol.Record {
		p.notes(1, "the gap")
		return []protocol.Record{p.raw("vardar.situation.note.v1", []byte(text), true)}
	}
	var last []protocol.Record
	for k := range 70 {
		m := d.known(protocol.InstitutionID("mk.vardar.t" + strings.Repeat("a", k%35+1) + []string{"x", "y"}[k/35]))
		last = long(m.topics[protocol.Situation])
		d.offer(protocol.Parked, last)
	}
	records, bytes := d.Waiting()
	if bytes > intake.MaxParkedBytes || records < 60 {
		t.Errorf("%d records, %d bytes wait, want at most %d bytes, the newest", records, bytes, intake.MaxParkedBytes)
	}
	d.Gone(north)
	if records, bytes := d.Waiting(); records != 0 || bytes != 0 {
		t.Errorf("%d records, %d bytes of a link that is gone", records, bytes)
	}
}

func TestARecordThatIsParkedTwiceWaitsOnce(t *testing.T) {
	d := founded(t)
	all := d.known(gevgelija).topics[protocol.Situation].notes(3, "quiet")
	d.offer(protocol.Parked, all[2:])
	a := d.take(south, frameOf(t, all[2:]))
	if records, _ := d.Waiting(); records != 1 || a.Runs[0].Outcome != protocol.Parked {
		t.Errorf("%d records wait, want 1", records)
	}
	if got := len(d.line.fetches); got != 2 {
		t.Errorf("asked %d links for the gap, want both", got)
	}
}
