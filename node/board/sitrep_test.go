package board_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

type figures = map[body.Indicator]int64

// values writes a series: numbers, and - for a day that was not reported.
func values(points []board.Point) []string {
	var out []string
	for _, p := range points {
		if p.State == board.NotReported {
			out = append(out, "-")
			continue
		}
		out = append(out, p.Value.String())
	}
	return out
}

func wantFigure(t *testing.T, f board.Figure, want string) {
	t.Helper()
	got := f.Value.String()
	if f.State == board.NotReported {
		got = "-"
	}
	if got != want {
		t.Errorf("latest figure is %s, want %s: %s", got, want, show(f))
	}
}

func TestLatestFigureIsTheOneStatedLast(t *testing.T) {
	p := newPen(t, town)
	first := p.report(1, figures{body.Arrivals: 100})
	p.clock = day(-300) // a clock set back decides nothing
	second := p.report(2, figures{body.Arrivals: 200})
	for name, events := range map[string][]board.Event{
		"in order":   {first, second},
		"backwards":  {second, first},
		"repeatedly": {second, first, second, first},
	} {
		f := only(t, picture(t, day(4), events...).Figures)
		wantFigure(t, f, "200")
		if f.AgeHours != 24 || f.Record != second.Record.Name || f.Digest != second.Digest || f.PlaceName != "Gevgelija" || f.Unit != "persons" {
			t.Errorf("%s: figure is %s", name, show(f))
		}
	}
}

func TestFigureNotReportedIsNoZero(t *testing.T) {
	p := newPen(t, town)
	events := []board.Event{
		p.report(1, figures{body.Arrivals: 100}), p.report(2, figures{body.Arrivals: 0}),
		p.report(3, figures{body.Arrivals: -1}),
		p.report(5, figures{body.Arrivals: 7}), p.report(6, figures{body.Arrivals: -1}),
	}
	pic := picture(t, day(8), events...)
	f := only(t, pic.Figures)
	wantFigure(t, f, "-")
	if f.Reason != "N/A" || f.Before == nil || f.Before.Value != body.Exact(7) {
		t.Errorf("a figure not reported is %s, want its reason and the 7 before it", show(f))
	}
	got := values(pic.Series(gevgelija().Key(), body.Arrivals, town))
	want := []string{"100", "0", "-", "7", "-"}
	if show(got) != show(want) {
		t.Errorf("series is %v, want %v", got, want)
	}
	c := only(t, pic.Columns)
	if c.Total != 107 || c.ReportedDays != 3 || c.NotReportedDays != 2 || c.Holes != 1 || c.Overlaps != 0 {
		t.Errorf("column is %s, want a total of 107 over 3 days, 2 not reported, 1 hole", show(c))
	}
}

func TestInstitutionsAreNeverAdded(t *testing.T) {
	a, b := newPen(t, town), newPen(t, centre)
	pic := picture(t, day(3), a.report(1, figures{body.Arrivals: 100}), b.report(1, figures{body.Arrivals: 130}))
	if len(pic.Figures) != 2 || pic.Columns[0].Total+pic.Columns[1].Total != 230 || pic.Columns[0].Institution != centre {
		t.Errorf("two institutions on one place give %s", show(pic.Columns))
	}
}

func TestPeriodStatedTwiceCountsOnceAndKeepsItsPlace(t *testing.T) {
	p := newPen(t, town)
	pic := picture(t, day(4),
		p.report(1, figures{body.Arrivals: 100}), p.report(2, figures{body.Arrivals: 200}), p.report(1, figures{body.Arrivals: 110}))
	wantFigure(t, only(t, pic.Figures), "200")
	if c := only(t, pic.Columns); c.Total != 310 || c.ReportedDays != 2 {
		t.Errorf("column is %s, want 310 in 2 days", show(c))
	}
}

func TestBandsMakeTheTotalARange(t *testing.T) {
	p := newPen(t, town)
	r := sitrep(gevgelija(), 1, figures{body.Arrivals: 10})
	r.Figures[0].Value = body.Below(5)
	pic := picture(t, day(4), p.write(r), p.report(2, figures{body.Arrivals: 10}))
	if c := only(t, pic.Columns); c.Total != 10 || c.TotalHigh != 14 {
		t.Errorf("column is %s, want 10 to 14", show(c))
	}
}

func TestBreakdownAndSecondMethodStandApart(t *testing.T) {
	p := newPen(t, town)
	r := sitrep(gevgelija(), 1, figures{body.Arrivals: 10})
	r.Figures = append(r.Figures,
		body.Figure{Indicator: body.Arrivals, Value: body.Exact(4), By: &body.Breakdown{Sex: "f"}},
		body.Figure{Indicator: body.Arrivals, Value: body.Exact(12), Method: body.Estimated})
	pic := picture(t, day(4), p.write(r))
	if len(pic.Figures) != 3 {
		t.Fatalf("figures are %s, want 3 columns", show(pic.Figures))
	}
	for i, want := range []struct{ by, variant, value string }{{"", "", "10"}, {"", "estimated", "12"}, {"f", "", "4"}} {
		if f := pic.Figures[i]; f.By != want.by || f.Variant != want.variant || f.Value.String() != want.value {
			t.Errorf("figure %d is %s, want %v", i, show(f), want)
		}
	}
}

func TestPublicSourceIsMarkedAsReplay(t *testing.T) {
	p := newPen(t, town)
	r := sitrep(gevgelija(), 1, figures{body.Arrivals: 10})
	r.Source = &body.Source{Type: body.PublicSource, Name: "UNHCR estimate", AsOf: "2016-09-21"}
	f := only(t, picture(t, day(4), p.write(r)).Figures)
	if f.Source == nil || !f.Source.Replay || f.Source.Name != "UNHCR estimate" || f.Method != body.Registered {
		t.Errorf("figure is %s, want it marked as replay with source and method", show(f))
	}
}

func TestCorrectedFigure(t *testing.T) {
	p := newPen(t, town)
	first, second := p.report(1, figures{body.Arrivals: 100}), p.report(2, figures{body.Arrivals: 2000})
	replace := p.correct(&second, sitrep(gevgelija(), 2, figures{body.Arrivals: 200}))
	retract := p.correct(&second, nil)
	again := p.correct(&second, sitrep(gevgelija(), 2, figures{body.Arrivals: 220}))

	tests := []struct {
		name         string
		events       []board.Event
		want         string
		standing     board.Standing
		inCorrection protocol.Name
	}{
		{"replaced", []board.Event{replace, second, first}, "200", board.Replaced, replace.Record.Name},
		{"retracted leaves the one before", []board.Event{first, second, retract}, "100", board.Retracted, protocol.Name{}},
		{"the last correction counts", []board.Event{retract, again, first, replace, second}, "220", board.Replaced, again.Record.Name},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			pic := picture(t, day(4), tt.events...)
			f := only(t, pic.Figures)
			wantFigure(t, f, tt.want)
			if f.Correction != tt.inCorrection {
				t.Errorf("figure names correction %s, want %s", f.Correction, tt.inCorrection)
			}
			if got := standing(pic, &second); got != tt.standing {
				t.Errorf("the corrected record stands as %s, want %s", got, tt.standing)
			}
			if len(pic.Corrections) != len(tt.events)-2 {
				t.Errorf("corrections are %s, want all of them shown", show(pic.Corrections))
			}
		})
	}
}

// standing looks a record up among those that are kept.
func standing(p board.Picture, e *board.Event) board.Standing {
	for _, k := range p.Kept {
		if k.Digest == e.Digest {
			return k.Standing
		}
	}
	return board.Counts
}

func TestCorrectionThatHasNoEffectIsKept(t *testing.T) {
	p, stranger := newPen(t, town), newPen(t, centre)
	first := p.report(1, figures{body.Arrivals: 100})
	foreign := stranger.correct(&first, nil)
	other := first
	other.Digest[0] ^= 1
	broken := p.correct(&other, nil)
	absent := other
	absent.Record.Sequence = 99
	waiting := p.correct(&absent, nil)
	wrong := p.write(&body.Correction{
		Topic: protocol.Situation, Common: body.Common{Refs: []body.Ref{refTo(body.RelCorrects, &first)}},
		Action: body.Replace, Reason: "typo", Replacement: body.Document(`{"figures":[]}`),
	})
	mend := p.correct(&wrong, nil)
	drill := newPen(t, town)
	drill.exercise, drill.next[protocol.Situation] = true, 40
	exercise := drill.correct(&first, nil)

	pic := picture(t, day(3), exercise, mend, wrong, waiting, broken, foreign, first)
	wantFigure(t, only(t, pic.Figures), "100")
	for name, e := range map[string]*board.Event{"foreign": &foreign, "broken": &broken, "waiting": &waiting, "unfit": &wrong, "of a correction": &mend} {
		if got := standing(pic, e); got != board.Ignored {
			t.Errorf("correction that is %s stands as %s, want %s", name, got, board.Ignored)
		}
	}
	if got := only(t, pic.Exercise.Corrections); got.Standing != board.Ignored {
		t.Errorf("an exercise's correction of a real record is %s", show(got))
	}
}

func TestWhatDoesNotCountIsKeptAndOutOfFigures(t *testing.T) {
	p := newPen(t, town)
	good := p.report(1, figures{body.Arrivals: 100})
	tests := []struct {
		name string
		bad  func() board.Event
		want board.Standing
	}{
		{"stopped", func() board.Event { e := p.report(2, figures{body.Arrivals: 5}); e.Stopped = true; return e }, board.Stopped},
		{"void", func() board.Event {
			e := p.report(2, figures{body.Arrivals: 5})
			e.Void, e.Stopped = true, true
			return e
		}, board.Void},
		{"beyond competence", func() board.Event { e := p.report(2, figures{body.Arrivals: 5}); e.Competent = false; return e }, board.BeyondCompetence},
		{"unreadable", func() board.Event {
			return p.raw(body.TypeReport, []byte(`{"salt":"AAECAwQFBgcICQoLDA0ODw==","figures":[{"indicator":"arrivals","value":"N/A"}]}`))
		}, board.Unreadable},
		{"unknown kind", func() board.Event {
			return p.raw("vardar.situation.weather.v1", []byte(`{"salt":"AAECAwQFBgcICQoLDA0ODw=="}`))
		}, board.NeedsNewer},
		{"newer version", func() board.Event {
			return p.raw("vardar.situation.report.v2", []byte(`{"salt":"AAECAwQFBgcICQoLDA0ODw=="}`))
		}, board.NeedsNewer},
		{"withheld", func() board.Event {
			e := p.report(2, figures{body.Arrivals: 5})
			e.Record = e.Record.WithoutBody(protocol.BodyWithheld)
			return e
		}, board.NoBody},
		{"sealed", func() board.Event {
			e := p.raw("vardar.situation.sealed.v1", []byte("age-encryption.org/v1"))
			e.Record.Sealed = true
			return e
		}, board.Sealed},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			bad := tt.bad()
			pic := picture(t, day(3), bad, good)
			wantFigure(t, only(t, pic.Figures), "100")
			if k := only(t, pic.Kept); k.Standing != tt.want || k.Record != bad.Record.Name {
				t.Errorf("kept is %s, want %s", show(k), tt.want)
			}
			if pic.Tally.Records != 2 || pic.Tally.Counts != 1 {
				t.Errorf("counts are %s", show(pic.Tally))
			}
		})
	}
}

func TestVerdictsChangeWithTheNews(t *testing.T) {
	p := newPen(t, town)
	first, second := p.report(1, figures{body.Arrivals: 100}), p.report(2, figures{body.Arrivals: 200})
	b := newBoard(t, first)
	b.Restand([]board.Verdict{{Digest: second.Digest, Stopped: true, Competent: true}}) // before the record itself
	b.Tell([]board.Event{second})
	wantFigure(t, only(t, b.Picture(at(day(3))).Figures), "100")
	b.Restand([]board.Verdict{{Digest: second.Digest, Competent: true}})
	wantFigure(t, only(t, b.Picture(at(day(3))).Figures), "200")
	b.Restand([]board.Verdict{{Digest: second.Digest, Void: true, Competent: true}})
	wantFigure(t, only(t, b.Picture(at(day(3))).Figures), "100")
}

func TestBodyThatComesLaterOrGoes(t *testing.T) {
	p := newPen(t, town)
	first, second := p.report(1, figures{body.Arrivals: 100}), p.report(2, figures{body.Arrivals: 200})
	mend := p.correct(&second, sitrep(gevgelija(), 2, figures{body.Arrivals: 220}))
	without := func(e board.Event, s protocol.BodyState) board.Event { e.Record = e.Record.WithoutBody(s); return e }

	b := newBoard(t, first, without(second, protocol.BodyMissing), without(mend, protocol.BodyMissing))
	wantFigure(t, only(t, b.Picture(at(day(3))).Figures), "100")
	b.Tell([]board.Event{second})
	wantFigure(t, only(t, b.Picture(at(day(3))).Figures), "200")
	b.Tell([]board.Event{mend})
	wantFigure(t, only(t, b.Picture(at(day(3))).Figures), "220")
	b.Tell([]board.Event{without(mend, protocol.BodyErased)})
	wantFigure(t, only(t, b.Picture(at(day(3))).Figures), "200")
	b.Tell([]board.Event{without(second, protocol.BodyErased), second}) // erased is final
	wantFigure(t, only(t, b.Picture(at(day(3))).Figures), "100")
}

func TestExercisesStandApart(t *testing.T) {
	p, drill := newPen(t, town), newPen(t, town)
	drill.exercise, drill.next[protocol.Situation] = true, 10
	pic := picture(t, day(3), p.report(1, figures{body.Arrivals: 100}), drill.report(1, figures{body.Arrivals: 9999}))
	wantFigure(t, only(t, pic.Figures), "100")
	if pic.Exercise == nil {
		t.Fatal("no picture of the exercise")
	}
	wantFigure(t, only(t, pic.Exercise.Figures), "9999")
	if pic.Tally.Records != 1 || pic.Exercise.Tally.Records != 1 {
		t.Errorf("counts are %s and %s", show(pic.Tally), show(pic.Exercise.Tally))
	}
}

func TestOwnIndicatorKeepsItsUnit(t *testing.T) {
	p := newPen(t, town)
	f := only(t, picture(t, day(3), p.report(1, figures{"x-buses": 12})).Figures)
	if f.Unit != "pieces" || f.Value != body.Exact(12) {
		t.Errorf("figure is %s", show(f))
	}
}

// A reader may still hold a picture when what it shows is taken back: it goes on to show what
// was the case when it was drawn.
func TestPictureThatWasDrawnStaysAsItWas(t *testing.T) {
	p := newPen(t, town)
	first, second := p.report(1, figures{body.Arrivals: 5}), p.report(2, figures{body.Arrivals: 7})
	b := newBoard(t, first, second)
	before := b.Picture(at(day(3)))
	key := before.Figures[0].Place
	want := before.Series(key, body.Arrivals, town)
	b.Tell([]board.Event{p.correct(&first, nil), p.correct(&second, sitrep(gevgelija(), 2, figures{body.Arrivals: 9}))})
	after := b.Picture(at(day(3)))
	if diff := cmp.Diff(values(want), values(before.Series(key, body.Arrivals, town))); diff != "" || len(want) != 2 {
		t.Errorf("the picture of before (-want +got):\n%s", diff)
	}
	if now := after.Series(key, body.Arrivals, town); len(now) != 1 || now[0].Correction.IsZero() {
		t.Errorf("the picture of now = %+v, want the one that was put right", now)
	}
}
