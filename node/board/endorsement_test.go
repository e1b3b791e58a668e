package board_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

const (
	region protocol.InstitutionID = "mk.southeast.demo-region"
	river  protocol.InstitutionID = "mk.southeast.demo-river-town"
	north  protocol.InstitutionID = "mk.northeast.demo-north-gate"
	aid    protocol.InstitutionID = "mk.southeast.demo-red-cross"
)

// ranks are those of the tests' members: the centre is registrar of mk.
func ranks() *board.Ranks {
	seat := func(p body.Place) []body.PlaceKey { return []body.PlaceKey{p.Key()} }
	return board.NewRanks([]board.Rank{
		{Institution: centre, Level: body.Ministry},
		{Institution: region, Level: body.RegionalAuthority, Registrar: centre},
		{Institution: town, Level: body.Municipality, Registrar: centre, Places: seat(gevgelija())},
		{Institution: river, Level: body.Municipality, Registrar: centre},
		{Institution: north, Level: body.Municipality, Registrar: centre, Places: seat(body.Place{Scheme: body.ISOSubdivision, Code: "MK-307"})},
		{Institution: aid, Level: body.NGO, Registrar: centre},
		{Institution: island, Level: body.Ministry},
		{Institution: valley, Level: body.Municipality},
		{Institution: fund, Level: body.Donor},
		{Institution: secretariat, Level: body.RegionalBody},
	})
}

type stand struct {
	By    protocol.InstitutionID
	Field body.FieldName
	Says  body.Stance
	Value string
	Why   string
}

func stances(p *board.Picture) []stand {
	p.Rank(ranks())
	var out []stand
	for _, e := range p.Endorsements {
		s := stand{e.Institution, e.Field, e.Stance, "", e.Ignored}
		if !e.Value.IsZero() {
			s.Value = e.Value.String()
		}
		out = append(out, s)
	}
	return out
}

func TestLatestStanceOfAMemberIsLive(t *testing.T) {
	w, r := newPen(t, town), newPen(t, river)
	report := w.report(1, figures{body.Arrivals: 960, body.Present: 40})
	events := []board.Event{
		report,
		r.endorse(&report, body.Dispute, "arrivals", 800),
		r.endorse(&report, body.Confirm, "", -1), // covers what was said before
		r.endorse(&report, body.Confirm, "present", 40),
		r.endorse(&report, body.Dispute, "present", 44),
	}
	p := picture(t, day(2), events...)
	want := []stand{{river, "", body.Confirm, "", ""}, {river, "present", body.Dispute, "44", ""}}
	if diff := cmp.Diff(want, stances(&p)); diff != "" {
		t.Error(diff)
	}
	retracted := r.correct(&events[4], nil)
	p = picture(t, day(2), append(events, retracted)...)
	want[1] = stand{river, "present", body.Confirm, "40", ""}
	if diff := cmp.Diff(want, stances(&p)); diff != "" {
		t.Errorf("behind a retraction: %s", diff)
	}
}

func TestWhoMayVerifyIsCompetentForThePlaceOrAboveIt(t *testing.T) {
	report := newPen(t, town).report(1, figures{body.Arrivals: 960})
	abroad := newPen(t, town).write(sitrep(islands(), 1, figures{body.Arrivals: 960}))
	tests := []struct {
		name string
		by   protocol.InstitutionID
		of   *board.Event
		may  bool
	}{
		{"the ministry of the country", centre, &report, true},
		{"the region above the town", region, &report, true},
		{"a municipality for its neighbour's place", river, &report, false},
		{"a municipality of another region", north, &report, false},
		{"an organisation on the spot", aid, &report, false},
		{"a ministry of another country", island, &report, false},
		{"a donor", fund, &report, false},
		{"the ministry of the place, of a report from abroad", island, &abroad, true},
		{"the ministry of the author, of a place abroad", centre, &abroad, false},
		{"one that is no member", "mk.national.demo-stranger", &report, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := picture(t, day(2), *tt.of, newPen(t, tt.by).endorse(tt.of, body.Verify, "arrivals", 960))
			want := ""
			if !tt.may {
				want = board.BeyondVerifying
			}
			if got := only(t, stances(&p)); got.Why != want {
				t.Errorf("not counted: %q, want %q", got.Why, want)
			}
			// The same word as a confirmation counts of everyone.
			p = picture(t, day(2), *tt.of, newPen(t, tt.by).endorse(tt.of, body.Confirm, "arrivals", 960))
			if got := only(t, stances(&p)); got.Why != "" {
				t.Errorf("a confirmation is not counted: %s", got.Why)
			}
		})
	}
}

// TestWhoVerifiesACorrectionIsJudgedByWhatItPutInPlace: a node that learnt too late that its author
// does not stand by it says so too.
func TestWhoVerifiesACorrectionIsJudgedByWhatItPutInPlace(t *testing.T) {
	w := newPen(t, town)
	report := w.report(1, figures{body.Present: 960})
	mend := w.correct(&report, sitrep(islands(), 1, figures{body.Present: 960}))
	verified := newPen(t, island).endorse(&mend, body.Verify, "present", -1)
	late := newBoard(t, report, mend, verified)
	late.Picture(at(day(2)))
	late.Restand([]board.Verdict{{Digest: mend.Digest, Void: true, Competent: true}})
	mend.Void = true
	for name, b := range map[string]*board.Board{"at once": newBoard(t, report, mend, verified), "late": late} {
		p := b.Picture(at(day(2)))
		if got := only(t, stances(&p)); got.Why != "" {
			t.Errorf("%s: the ministry of the place does not verify: %s", name, got.Why)
		}
	}
}

func TestMunicipalityVerifiesForItsOwnSeat(t *testing.T) {
	report := newPen(t, aid).report(1, figures{body.Arrivals: 960})
	p := picture(t, day(2), report, newPen(t, town).endorse(&report, body.Verify, "", -1))
	if got := only(t, stances(&p)); got.Why != "" {
		t.Errorf("not counted: %s", got.Why)
	}
}

func TestStancesThatSayNothing(t *testing.T) {
	w, r := newPen(t, town), newPen(t, river)
	report := w.report(1, figures{body.Arrivals: 960})
	other := w.report(2, figures{body.Arrivals: 970})
	drill := newPen(t, island)
	drill.exercise = true
	played := drill.report(1, figures{body.Arrivals: 1})
	broken, missing := other, other
	broken.Digest, missing.Record.Sequence, missing.Digest = report.Digest, 9, protocol.DigestOf([]byte("nowhere"))
	events := []board.Event{
		report, other, played,
		w.endorse(&other, body.Confirm, "", -1),
		r.endorse(&broken, body.Confirm, "", -1),
		r.endorse(&missing, body.Confirm, "", -1),
		r.endorse(&played, body.Dispute, "", -1),
	}
	p := picture(t, day(3), events...)
	got := map[string]bool{}
	for _, s := range stances(&p) {
		got[s.Why] = true
	}
	for _, want := range []string{
		"it is its author's own record", "broken reference: name and digest are of different records",
		"the record is not here", "an exercise says nothing of what is real, nor the other way",
	} {
		if !got[want] {
			t.Errorf("nobody is told %q: %v", want, got)
		}
	}
}

func TestStanceBeyondTheCharterIsKeptAndNotCounted(t *testing.T) {
	report := newPen(t, town).report(1, figures{body.Arrivals: 960})
	stance := newPen(t, river).endorse(&report, body.Confirm, "", -1)
	stance.Competent = false
	p := picture(t, day(2), report, stance)
	if len(p.Endorsements) != 0 || len(p.Kept) != 1 || p.Kept[0].Standing != board.BeyondCompetence {
		t.Errorf("endorsements %s, kept %s", show(p.Endorsements), show(p.Kept))
	}
}
