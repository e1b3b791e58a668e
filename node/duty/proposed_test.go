package duty_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/duty"
	"github.com/vardar-network/vardar/protocol"
)

// TestWhatWaitsIsToldOnce by what it is told by, also where another kind was told of the same
// record; a reminder is told beside what was told before.
func TestWhatWaitsIsToldOnce(t *testing.T) {
	p := open(t, "rules: [{name: r, kinds: [change, signature_due, contradiction]}]\n")
	record := protocol.Name{Institution: centre, Position: protocol.Position{Topic: protocol.Funding, Epoch: 1, Sequence: 1}}
	tells := func(kind, once string) {
		p.news.changes = append(p.news.changes, duty.Event{Kind: kind, Once: once, Institution: centre, Record: record, Handling: protocol.Green, Written: protocol.InstantOf(p.clock.Now())})
		p.step()
		p.restart()
		p.step()
	}
	want := 0
	for _, e := range [][2]string{{duty.Change, ""}, {duty.SignatureDue, "asked 1"}, {duty.SignatureDue, "due 1"}, {duty.Contradiction, "1 2"}} {
		tells(e[0], e[1])
		tells(e[0], e[1])
		want++
		got := 0
		for _, w := range p.duty.Wakings() {
			got += len(w.Events) + w.More
		}
		if got != want {
			t.Errorf("%s %q: %d were told, want %d", e[0], e[1], got, want)
		}
	}
}

// TestContradictionsOfACatchUpAreNoStorm: those of periods long over go to the log alone, and the
// others are one message.
func TestContradictionsOfACatchUpAreNoStorm(t *testing.T) {
	way, sent := phone(t)
	p := open(t, "ways: {phone: "+way+"}\nrules: [{name: r, kinds: [contradiction], wake: [phone]}]\n")
	for i := range 60 {
		e := duty.Event{Kind: duty.Contradiction, Once: fmt.Sprint(i), Institution: centre, Said: "old", Handling: protocol.Green, Digest: protocol.DigestOf([]byte{byte(i)}), Written: protocol.InstantOf(p.clock.Now().Add(-24 * time.Hour))}
		if i%2 == 0 {
			e.Said, e.Written = "of today", protocol.InstantOf(p.clock.Now())
		}
		p.news.changes = append(p.news.changes, e)
	}
	p.step()
	for range 4 {
		p.passes(3 * time.Minute)
	}
	if got := only(t, sent()); !strings.HasPrefix(got, "\n30 things: contradiction: of today\n") || strings.Contains(got, "old") {
		t.Errorf("sent %q", got)
	}
	if c := p.duty.Counts(); c.Expired != 30 || c.Wakings != 1 {
		t.Errorf("counted %+v", c)
	}
}
