package board_test

import (
	"testing"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

func TestErasedBodyLeavesThePictureAndSaysWhoTookIt(t *testing.T) {
	p := newPen(t, town)
	first, second := p.report(1, figures{body.Arrivals: 100}), p.report(2, figures{body.Arrivals: 200})
	gone := p.erase(&second)
	for name, events := range map[string][]board.Event{
		"record, then erasure": {first, second, gone},
		"erasure, then record": {gone, second, first},
		"body let go before":   {first, bare(second, protocol.BodyErased), gone},
		"body never given":     {gone, bare(second, protocol.BodyWithheld), first},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBoard(t, events...)
			pic := b.Picture(at(day(3)))
			wantFigure(t, only(t, pic.Figures), "100")
			why := "erased by " + gone.Record.String() + ": named a person"
			if s, got := b.Standing(second.Digest); s != board.NoBody || got != why {
				t.Errorf("the erased record stands as %s, %q; want %s, %q", s, got, board.NoBody, why)
			}
			if kept := only(t, pic.Kept); kept.Digest != second.Digest || kept.Reason != why {
				t.Errorf("kept is shown as %+v, want the reason %q", kept, why)
			}
			row := only(t, pic.Corrections)
			if row.Action != board.Erase || row.Corrects != second.Record.Name || row.Standing != board.Counts {
				t.Errorf("the erasure is shown as %+v", row)
			}
			if got, want := b.Digest(at(day(3))), newBoard(t, first, second, gone).Digest(at(day(3))); got != want {
				t.Errorf("digest of the picture is %s, want %s", got, want)
			}
		})
	}
}

func TestErasureThatIsNotInForceTakesNothing(t *testing.T) {
	p, other, drill := newPen(t, town), newPen(t, island), newPen(t, town)
	report := p.report(1, figures{body.Arrivals: 100})
	drill.exercise, drill.next[protocol.Situation] = true, 10
	foreign := other.erase(&report)
	foreign.Competent = false // neither the author nor its registrar
	void, stopped := p.erase(&report), p.erase(&report)
	void.Void, stopped.Stopped = true, true
	misnamed := report
	misnamed.Record.Sequence = 40
	for name, c := range map[string]struct {
		erasure  board.Event
		standing board.Standing
		why      string
	}{
		"another's":         {foreign, board.BeyondCompetence, "only its author, or its author's registrar, takes a body back"},
		"void":              {void, board.Void, ""},
		"stopped":           {stopped, board.Stopped, ""},
		"of another name":   {p.erase(&misnamed), board.Ignored, "broken reference: that digest is another record's"},
		"of what is real":   {drill.erase(&report), board.Ignored, "an exercise does not erase what is real, nor the other way"},
		"of what is absent": {p.erase(ptr(p.report(2, nil))), board.Ignored, "the record it erases is not here"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBoard(t, report, c.erasure)
			wantFigure(t, only(t, b.Picture(at(day(3))).Figures), "100")
			if s, why := b.Standing(c.erasure.Digest); s != c.standing || why != c.why {
				t.Errorf("the erasure stands as %s, %q; want %s, %q", s, why, c.standing, c.why)
			}
		})
	}
}

func TestVerdictOnAnErasureBringsItIntoForceAndOut(t *testing.T) {
	p := newPen(t, town)
	report := p.report(1, figures{body.Arrivals: 100})
	gone, again := p.erase(&report), p.erase(&report)
	b := newBoard(t, report, gone)
	if n := len(b.Picture(at(day(3))).Figures); n != 0 {
		t.Fatalf("%d figures of an erased body", n)
	}
	b.Tell([]board.Event{again})
	b.Restand([]board.Verdict{{Digest: gone.Digest, Void: true, Competent: true}})
	if _, why := b.Standing(report.Digest); why != "erased by "+again.Record.String()+": named a person" {
		t.Errorf("after the first erasure is void: %q", why)
	}
	b.Restand([]board.Verdict{{Digest: again.Digest, Void: true, Competent: true}})
	wantFigure(t, only(t, b.Picture(at(day(3))).Figures), "100")
	b.Restand([]board.Verdict{{Digest: again.Digest, Competent: true}})
	b.Tell([]board.Event{bare(report, protocol.BodyErased)})
	b.Restand([]board.Verdict{{Digest: again.Digest, Void: true, Competent: true}})
	if s, why := b.Standing(report.Digest); s != board.NoBody || why != "erased" {
		t.Errorf("what the archive has let go stands as %s, %q", s, why)
	}
}

func TestErasureIsNeitherErasedNorCorrected(t *testing.T) {
	p := newPen(t, town)
	report := p.report(1, figures{body.Arrivals: 100})
	gone := p.erase(&report)
	back, retract := p.erase(&gone), p.correct(&gone, nil)
	b := newBoard(t, report, gone, back, retract)
	for what, d := range map[string]protocol.Digest{"erasure of it": back.Digest, "retraction of it": retract.Digest} {
		if s, why := b.Standing(d); s != board.Ignored {
			t.Errorf("%s stands as %s, %q", what, s, why)
		}
	}
	if s, _ := b.Standing(report.Digest); s != board.NoBody {
		t.Errorf("the erased report stands as %s", s)
	}
}

func TestErasedCorrectionCorrectsNothing(t *testing.T) {
	p := newPen(t, town)
	report := p.report(1, figures{body.Arrivals: 100})
	mend := p.correct(&report, sitrep(gevgelija(), 1, figures{body.Arrivals: 120}))
	b := newBoard(t, report, mend)
	wantFigure(t, only(t, b.Picture(at(day(3))).Figures), "120")
	b.Tell([]board.Event{p.erase(&mend)})
	wantFigure(t, only(t, b.Picture(at(day(3))).Figures), "100")
}

func bare(e board.Event, s protocol.BodyState) board.Event {
	e.Record = e.Record.WithoutBody(s)
	return e
}

func ptr(e board.Event) *board.Event { return &e }
