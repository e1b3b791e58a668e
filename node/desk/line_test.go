package desk_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/link"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// pair is two nodes with a line between them: the centre listens, the secretariat dials.
func pair(t *testing.T) (listener, dialler *world) {
	t.Helper()
	n := found(t, centre, secretary)
	listener, dialler = n.open(t, centre, body.Ministry, true), n.open(t, secretary, body.RegionalBody, false)
	terms := desk.Everything()
	ok(t, listener.links.Configure(t.Context(), link.Config{Peer: secretary, Offered: &terms, Key: dialler.options.LinkKey}))
	listener.run()
	dialler.run()
	return listener, dialler
}

// settled waits until the nodes have a policy in force and nothing under way.
func settled(t *testing.T, worlds ...*world) {
	t.Helper()
	for _, w := range worlds {
		changed, stop := w.links.Changed()
		defer stop()
		for !slices.ContainsFunc(w.links.States(), func(s link.State) bool { return s.Up && s.Policy > 0 }) {
			select {
			case <-changed:
			case <-time.After(50 * time.Millisecond):
			case <-t.Context().Done():
				t.Fatal("no line")
			}
		}
	}
}

func TestPublishWaitsUntilPeersHaveIt(t *testing.T) {
	l, d := pair(t)
	_, err := d.desk.AddLink(t.Context(), desk.AddLinkRequest{Peer: centre, Address: l.bus.Addr()})
	refused(t, err, desk.Refused, "key: no link key of "+string(centre)+" is held, so nobody there could be told from a stranger")
	added := must(d.desk.AddLink(t.Context(), desk.AddLinkRequest{Peer: centre, Address: l.bus.Addr(), Key: l.options.LinkKey}))(t)
	if !added.State.Dials || added.Says[0] != "Nothing is agreed yet: only the trust topic travels." {
		t.Errorf("link = %+v", added)
	}
	must(d.desk.Propose(t.Context(), centre, desk.Everything()))(t)
	settled(t, l, d)
	d.clock.pass(time.Second)
	p := d.publish(desk.Request{Kind: "note", Set: []string{"text=quiet"}, Wait: 1})
	if !p.Reached || p.Said != "recorded; 1 of 1 peers have it" || p.Peers.Have[0] != centre {
		t.Errorf("published = %+v", p)
	}
	since := []desk.Known{{Peer: centre, Since: protocol.InstantOf(d.clock.Now())}}
	if h := must(d.desk.Holders(t.Context(), p.Record))(t); !slices.Equal(h.Since, since) {
		t.Errorf("known since %+v, want %+v", h.Since, since)
	}
	if s := must(d.desk.Show(t.Context(), p.Record.String()))(t); !slices.Equal(s.Record.Peers.Since, since) {
		t.Errorf("shown since %+v, want %+v", s.Record.Peers.Since, since)
	}
	if r := must(l.desk.Record(t.Context(), p.Record, protocol.Digest{}))(t); r.Digest() != p.Digest {
		t.Errorf("the peer holds %s, want %s", r.Digest(), p.Digest)
	}
	shown := must(d.desk.LinkShow(t.Context(), centre))(t)
	if shown.InForce == nil || shown.Says[0] != "We send to "+string(centre)+": all topics of all regions, with bodies up to TLP:AMBER, those of others up to TLP:GREEN." {
		t.Errorf("says = %q", shown.Says)
	}
	test := must(d.desk.TestLink(t.Context(), centre))(t)
	if !test.OK {
		t.Errorf("test = %+v", test)
	}
}

// A node that has just started has no line yet, and nothing is wrong with that; soon after,
// it is.
func TestLineThatMayStillComeUpIsNoFinding(t *testing.T) {
	n := found(t, centre, secretary)
	w := n.open(t, centre, body.Ministry, true)
	ok(t, w.links.Configure(t.Context(), link.Config{Peer: secretary}))
	found := func() (said string, line bool) {
		s := must(w.desk.Status(t.Context()))(t)
		return s.LinesSaid, slices.ContainsFunc(s.Verdict.Findings, func(f desk.Finding) bool { return f.What == "line" })
	}
	if said, line := found(); !strings.HasPrefix(said, string(secretary)+": no line yet") || line {
		t.Errorf("of a line that may still come up it says %q, finding: %t", said, line)
	}
	w.clock.pass(10 * time.Second)
	if said, line := found(); !strings.HasPrefix(said, string(secretary)+": no line for 10 s") || !line {
		t.Errorf("of a line that should have come up it says %q, finding: %t", said, line)
	}
}

func TestRecordIsSafeThoughNobodyHasIt(t *testing.T) {
	n := found(t, centre, secretary)
	w := n.open(t, secretary, body.RegionalBody, false)
	w.run()
	must(w.desk.AddLink(t.Context(), desk.AddLinkRequest{Peer: centre, Address: "127.0.0.1:1", Key: w.options.LinkKey}))(t)
	p := w.publish(desk.Request{Kind: "note", Set: []string{"text=quiet"}, Wait: 1, WaitMS: 20})
	if p.Reached || p.Said != "recorded; 0 of 0 peers have it" || p.Record.IsZero() {
		t.Errorf("published = %+v", p)
	}
	test := must(w.desk.TestLink(t.Context(), centre))(t)
	if test.OK || test.Checks[2].Name != "line" || test.Checks[2].OK || test.Checks[2].Mend == "" {
		t.Errorf("test = %+v", test)
	}
	_, err := w.desk.TestLink(t.Context(), gate)
	refused(t, err, desk.NotFound, "there is no link with "+string(gate))
}

func TestProposalOfThePeerIsApprovedByAPerson(t *testing.T) {
	l, d := pair(t)
	must(d.desk.AddLink(t.Context(), desk.AddLinkRequest{Peer: centre, Address: l.bus.Addr(), Key: l.options.LinkKey}))(t)
	must(d.desk.Propose(t.Context(), centre, desk.Everything()))(t)
	settled(t, l, d)
	_, err := d.desk.Approve(t.Context(), centre, desk.ApproveRequest{})
	refused(t, err, desk.Refused, link.ErrNothingProposed.Error())
	// More than was offered waits for a person.
	wide := desk.Everything()
	wide.Theirs.Bodies = protocol.Red
	must(d.desk.Propose(t.Context(), centre, wide))(t)
	changed, stop := l.links.Changed()
	defer stop()
	shown := must(l.desk.LinkShow(t.Context(), secretary))(t)
	for !shown.Approve {
		select {
		case <-changed:
		case <-time.After(20 * time.Millisecond): // a proposal that comes is no change of the line
		}
		shown = must(l.desk.LinkShow(t.Context(), secretary))(t)
	}
	if shown.Proposed.Number != 2 {
		t.Errorf("proposed = %+v", shown.Proposed)
	}
	p := must(l.desk.Approve(t.Context(), secretary, desk.ApproveRequest{}))(t)
	if p.Number != 2 || p.From(centre).Bodies != protocol.Red {
		t.Errorf("in force = %+v", p)
	}
}

func TestWatchTellsWhatHappens(t *testing.T) {
	w := solo(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var got []string
	for e, err := range w.desk.Watch(ctx, desk.WatchQuery{}) {
		ok(t, err)
		got = append(got, e.What+" "+e.Said)
		switch len(got) {
		case 1:
			w.publish(desk.Request{Kind: "report", Set: []string{"summary=quiet"}})
		case 2:
			w.publish(desk.Request{Kind: "note", Set: []string{"text=Who has tents?"}})
		case 3:
			cancel()
		}
	}
	want := []string{"ready watching", "record report: quiet", "record note: Who has tents?"}
	if !slices.Equal(got, want) {
		t.Errorf("events = %q, want %q", got, want)
	}
}

func TestWatchTellsOnlyWhatWasAsked(t *testing.T) {
	w := market(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for e, err := range w.desk.Watch(ctx, desk.WatchQuery{What: []string{desk.EventRecord}, By: string(gate)}) {
		ok(t, err)
		if e.What == desk.EventReady {
			w.publish(desk.Request{As: river, Kind: "report", Set: []string{"summary=not asked"}})
			w.publish(desk.Request{As: gate, Kind: "report", Set: []string{"summary=asked"}})
			continue
		}
		if e.Said != "report: asked" {
			t.Errorf("event = %+v", e)
		}
		cancel()
	}
}

func TestStatusIsOneSentenceWithItsMend(t *testing.T) {
	w := solo(t)
	s := must(w.desk.Status(t.Context()))(t)
	if !s.Verdict.OK || s.Verdict.Said != "All is well: no links yet." || !s.Writes || s.Counts.Published != 9 || len(s.Verdict.Findings) != 0 {
		t.Errorf("status = %+v", s)
	}
	w.health.Store = desk.StoreHealth{Read: w.health.Store.Read, FreeBytes: 5 << 20, TotalBytes: 100 << 20, ForeignPaused: true, ForeignBelow: 10 << 20}
	s = must(w.desk.Status(t.Context()))(t)
	if !s.Verdict.OK || s.Verdict.Said != "5 MiB of the disk are free: nothing that others say is taken" || s.Verdict.Mend != "make room: it is taken again above 10 MiB" {
		t.Errorf("verdict = %+v", s.Verdict)
	}
	w.health.Store.Paused = true
	s = must(w.desk.Status(t.Context()))(t)
	if s.Verdict.OK || s.Verdict.Said != "the disk is full: nothing is written" || s.Verdict.Mend != "make room; writing goes on by itself" {
		t.Errorf("verdict = %+v", s.Verdict)
	}
}

func TestForkAndGapAreShownWithWhoCanCloseThem(t *testing.T) {
	w := market(t)
	first := w.reportAt(gate, "iso3166-2:MK-405", 960)
	// Another record at the same position, by a copy of the node.
	r := must(w.desk.Record(t.Context(), first.Record, protocol.Digest{}))(t)
	rival := r
	rival.Time++
	ok(t, w.safe.SignRecord(t.Context(), &rival))
	if !w.intake.TakeForkProof(t.Context(), secretary, rival) {
		t.Fatal("the fork was not taken")
	}
	s := must(w.desk.Status(t.Context()))(t)
	if len(s.Forks) != 1 || s.Forks[0].Closes != gate || s.Forks[0].From != 1 || s.Verdict.OK == slices.Contains(s.Institutions, gate) {
		t.Errorf("forks = %+v, verdict %+v", s.Forks, s.Verdict)
	}
	_, err := w.desk.Publish(t.Context(), desk.Request{As: gate, Kind: "report", Set: []string{"summary=x"}})
	var p *desk.Problem
	if !errors.As(err, &p) || p.Kind != desk.Refused || !strings.Contains(p.Detail, "writing stopped") || p.Next != "vardar status" {
		t.Errorf("publish into a fork: %v", err)
	}
	shown := must(w.desk.Show(t.Context(), first.Record.String()))(t).Record
	if len(shown.Rivals) != 1 || shown.Rivals[0].Digest != rival.Digest() {
		t.Errorf("rivals = %+v", shown.Rivals)
	}
	// Which of them counts is the author's to say, and not that of who came first.
	w.options.Board.Restand([]board.Verdict{{Digest: first.Digest, Void: true, Competent: true}, {Digest: rival.Digest(), Competent: true}})
	if r := must(w.desk.Record(t.Context(), first.Record, protocol.Digest{}))(t); r.Digest() != rival.Digest() {
		t.Errorf("Record gives the void one of two")
	}
	if r := must(w.desk.Record(t.Context(), first.Record, first.Digest))(t); r.Digest() != first.Digest {
		t.Errorf("Record gives %s, asked for %s", r.Digest(), first.Digest)
	}
	if shown := must(w.desk.Show(t.Context(), first.Record.String()))(t).Record; len(shown.Rivals) != 1 || shown.Rivals[0].Digest != first.Digest {
		t.Errorf("rivals of the one that counts = %+v", shown.Rivals)
	}
	// A beacon names a head that is not here.
	b := protocol.Beacon{Institution: river, Time: protocol.InstantOf(w.clock.Now()), Heads: []protocol.Head{{Topic: protocol.Situation, Epoch: 1, Sequence: 3, Digest: protocol.DigestOf([]byte("x"))}}}
	ok(t, w.safe.SignBeacon(t.Context(), &b))
	if _, err := w.intake.TakeBeacons(t.Context(), secretary, []string{string(b.Wire())}); err != nil {
		t.Fatal(err)
	}
	l := must(w.desk.List(t.Context(), desk.Query{What: desk.ListGaps}))(t)
	if rows := l.Rows.([]desk.GapRow); len(rows) != 1 || rows[0].From != 1 || rows[0].To != 3 || rows[0].Institution != river {
		t.Errorf("gaps = %+v", rows)
	}
}

func TestWhatWasDroppedIsCountedByRule(t *testing.T) {
	w := solo(t)
	if taken, err := w.intake.TakeBeacons(t.Context(), secretary, []string{"garbage"}); err != nil || taken[0].Err == nil {
		t.Fatal("garbage was taken")
	}
	l := must(w.desk.List(t.Context(), desk.Query{What: desk.ListDropped}))(t)
	at := protocol.InstantOf(w.clock.Now())
	if rows := l.Rows.([]desk.DroppedRow); len(rows) != 1 || rows[0].Peer != secretary || rows[0].Records != 1 || rows[0].Rule == "" || rows[0].First != at || rows[0].Last != at {
		t.Errorf("dropped = %+v", rows)
	}
	// It is told for a week, and stays on the list.
	if said := w.droppedFinding(); said != "1 record was dropped since "+at.String()+", the last 0 s ago" {
		t.Errorf("the verdict says %q", said)
	}
	w.clock.pass(desk.DroppedLately)
	if said := w.droppedFinding(); said != "" {
		t.Errorf("the verdict still says %q", said)
	}
	for since, want := range map[protocol.Instant]int{0: 1, at: 1, protocol.InstantOf(w.clock.Now()): 0} {
		if l := must(w.desk.List(t.Context(), desk.Query{What: desk.ListDropped, Since: since}))(t); l.Total != want {
			t.Errorf("since %s %d rows are listed, want %d", since, l.Total, want)
		}
	}
}

// droppedFinding is what the verdict says of what was dropped; empty if it says nothing.
func (w *world) droppedFinding() string {
	w.t.Helper()
	for _, f := range must(w.desk.Status(w.t.Context()))(w.t).Verdict.Findings {
		if f.What == "dropped" {
			return f.Said
		}
	}
	return ""
}

func TestWaitingForPeersHoldsUpNobodyElse(t *testing.T) {
	w := market(t)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan desk.Published, 1)
	changed, stop := w.options.Board.Subscribe()
	defer stop()
	go func() {
		p, _ := w.desk.Publish(ctx, desk.Request{As: river, Kind: "offer", Wait: 1, WaitMS: 600_000, Set: []string{
			"lines.0.line=1", "lines.0.type=meal", "lines.0.quantity=500", "lines.0.unit=portion",
		}})
		done <- p
	}()
	<-changed
	w.answer(gate, protocol.Name{Institution: river, Position: protocol.Position{Topic: protocol.Resource, Epoch: 1, Sequence: 1}}, "accept")
	cancel()
	if p := <-done; p.Record.IsZero() || p.Reached {
		t.Errorf("published = %+v", p)
	}
}
