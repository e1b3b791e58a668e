package board_test

import (
	"testing"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// flood is n records of one author that it may not say, a quarter of them corrections of
// another's record.
func flood(p *pen, n int, of *board.Event) []board.Event {
	var out []board.Event
	for i := range n {
		var e board.Event
		switch i % 4 {
		case 0:
			e = p.write(&body.Note{Topic: protocol.Situation, Text: "noise"})
		case 1:
			e = p.correct(of, nil)
		case 2:
			e = p.write(&body.Acknowledgement{Topic: protocol.Situation, State: body.Read, Common: body.Common{Refs: []body.Ref{refTo(body.RelAcknowledges, of)}}})
		case 3:
			e = p.report(i/100, figures{body.Arrivals: 1})
		}
		e.Competent = false
		out = append(out, e)
	}
	return out
}

// TestFloodFillsNobodysScreen: what an author may not say is counted, covered by the digest
// and told of when asked for, and does not fill the picture.
func TestFloodFillsNobodysScreen(t *testing.T) {
	first := newPen(t, town).report(1, figures{body.Arrivals: 5})
	noise := flood(newPen(t, valley), 5*board.KeptShown, &first)
	b := newBoard(t, append(noise, first)...)
	p := b.Picture(at(day(3)))
	if len(p.Kept) != board.KeptShown || p.Kept[board.KeptShown-1].Digest != noise[len(noise)-1].Digest {
		t.Errorf("%d kept records are shown, want the last %d", len(p.Kept), board.KeptShown)
	}
	if len(p.Corrections) != board.KeptShown {
		t.Errorf("%d corrections without effect are shown, want %d", len(p.Corrections), board.KeptShown)
	}
	if p.Tally.Beyond != len(noise) || p.Tally.Counts != 1 {
		t.Errorf("tally is %+v", p.Tally)
	}
	if s, _ := b.Standing(noise[0].Digest); s != board.BeyondCompetence {
		t.Errorf("the first of them stands as %s", s)
	}
	if s, _ := b.Standing(first.Digest); s != board.Counts {
		t.Errorf("what counts stands as %s", s)
	}
	if s, why := b.Standing(protocol.DigestOf([]byte("x"))); s != 0 || why != "" {
		t.Errorf("what nobody told stands as %s, %q", s, why)
	}
	r := &noise[0].Record // not shown, and said otherwise
	r.SetBody([]byte(`{"salt":"AAECAwQFBgcICQoLDA0ODw==","topic":"situation","text":"music"}`))
	noise[0].Digest = r.Digest()
	if newBoard(t, append(noise, first)...).Digest(at(day(3))) == b.Digest(at(day(3))) {
		t.Error("the digest does not cover what is not shown")
	}
}

// TestCorrectionInForceIsShownHoweverManyAreNot: a form is filled with what it says.
func TestCorrectionInForceIsShownHoweverManyAreNot(t *testing.T) {
	p := newPen(t, town)
	first := p.report(1, figures{body.Arrivals: 5})
	mend := p.correct(&first, sitrep(gevgelija(), 1, figures{body.Arrivals: 6}))
	foreign := newPen(t, island).report(1, figures{body.Arrivals: 7})
	events := []board.Event{first, mend, foreign}
	for range 2 * board.KeptShown {
		events = append(events, p.correct(&foreign, nil))
	}
	got := picture(t, day(3), events...)
	if len(got.Corrections) != board.KeptShown+1 || got.Corrections[0].Digest != mend.Digest || got.Corrections[0].Standing != board.Counts {
		t.Errorf("%d corrections are shown, the first is %s", len(got.Corrections), show(got.Corrections[0]))
	}
}

// TestDigestOfAPictureStaysWhatItWas: nodes of two versions compare it.
func TestDigestOfAPictureStaysWhatItWas(t *testing.T) {
	p := newPen(t, town)
	p.clock = day(2) // when the period was over
	first := p.report(1, figures{body.Arrivals: 5, body.Present: -1})
	mend := p.correct(&first, sitrep(gevgelija(), 1, figures{body.Arrivals: 6}))
	events := append(flood(newPen(t, valley), 10, &first), first, mend, newPen(t, centre).request(100))
	gone := newPen(t, island).report(2, figures{body.Arrivals: 1})
	gone.Void = true
	const want = "7046dc7e8d191d7d1f369b08177681e2c2f799e0f073c02b267f1d7bf6a685a4"
	if got := newBoard(t, append(events, gone)...).Digest(at(day(3))).Hex(); got != want {
		t.Errorf("digest is %s, want %s", got, want)
	}
}
