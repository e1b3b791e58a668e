package board_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol/body"
)

func anything(string) bool { return true }

// inForce declares a phase by the ministry.
func inForce(t *testing.T, of body.Place, until time.Time) board.Event {
	t.Helper()
	b := &body.Phase{Reason: "arrivals", ReportEveryH: 6}
	b.Place, b.Phase = &of, body.Response
	if !until.IsZero() {
		b.ValidUntil = body.TimeOf(until)
	}
	return newPen(t, centre).write(b)
}

// TestWhoNeverSpokeIsExpectedByLevelAndPhase: of whom which kinds are expected, without a phase,
// with one in force for the seat or for its country, and behind the end of one.
func TestWhoNeverSpokeIsExpectedByLevelAndPhase(t *testing.T) {
	report, needs, capacity := body.TypeReport, body.TypeNeeds, body.TypeCapacity
	calm := picture(t, day(3))
	for _, tt := range []struct {
		level         body.Level
		always, phase []string
	}{
		{body.Municipality, []string{report}, []string{capacity, needs, report}},
		{body.RegionalAuthority, []string{report}, []string{capacity, needs, report}},
		{body.Ministry, nil, []string{capacity, report}},
		{body.NGO, nil, []string{capacity, report}},
		{body.InternationalOrganisation, nil, []string{capacity, report}},
		{body.Donor, nil, []string{capacity, report}},
		{body.RegionalBody, nil, nil},
		{0, nil, nil},
	} {
		for name, now := range map[string]struct {
			of   board.Picture
			want []string
		}{
			"no phase":                   {calm, tt.always},
			"phase of the place":         {picture(t, day(3), inForce(t, gevgelija(), time.Time{})), tt.phase},
			"phase of the country":       {picture(t, day(3), inForce(t, body.Place{Scheme: body.ISOCountry, Code: "MK"}, time.Time{})), tt.phase},
			"phase of another country":   {picture(t, day(3), inForce(t, body.Place{Scheme: body.ISOCountry, Code: "RS"}, time.Time{})), tt.always},
			"phase whose time was over":  {picture(t, day(3), inForce(t, gevgelija(), day(2))), tt.always},
			"phase whose time is not up": {picture(t, day(3), inForce(t, gevgelija(), day(4))), tt.phase},
		} {
			v := now.of.View
			v.Expect([]board.Expected{{Institution: town, Level: tt.level, Seat: gevgelija().Key(), SeatName: "Gevgelija", May: anything}}, nil, now.of.At)
			var got []string
			for _, d := range v.Due {
				got = append(got, d.Kind)
				if d.State != board.Never || d.Place != gevgelija().Key() || d.PlaceName != "Gevgelija" || !d.Last.IsZero() || d.LastAt != 0 {
					t.Errorf("%s, %s: %s", tt.level, name, show(d))
				}
				if every := map[bool]int{true: 6, false: 168}[d.Kind == report && len(now.want) > 1]; d.CadenceH != every {
					t.Errorf("%s, %s: %s every %d h, want %d", tt.level, name, d.Kind, d.CadenceH, every)
				}
			}
			if diff := cmp.Diff(now.want, got); diff != "" {
				t.Errorf("%s, %s (-want +got):\n%s", tt.level, name, diff)
			}
		}
	}
}

// TestWhoSpokeIsExpectedNoMoreThanOnce: who has said something of a kind, of whichever place, has
// its row by that; who may not say a kind has none; a line that is cut is no silence; a seat
// that nobody named is no place.
func TestWhoSpokeIsExpectedNoMoreThanOnce(t *testing.T) {
	p := picture(t, day(3), newPen(t, town).report(1, figures{body.Arrivals: 100}))
	v, elsewhere := p.View, body.PlaceKey{Scheme: body.ISOSubdivision, Code: "MK-401"}
	spoke := slices.Clone(v.Due)
	may := func(kind string) bool { return kind != body.TypeReport }
	v.Expect([]board.Expected{
		{Institution: valley, Level: body.Municipality, May: anything},
		{Institution: town, Level: body.Municipality, Seat: elsewhere, May: anything},
		{Institution: island, Level: body.RegionalAuthority, May: anything},
		{Institution: centre, Level: body.Municipality, May: may},
	}, []board.Line{{Institution: island, State: board.LineDown}, {Institution: valley, State: board.LineUp}}, p.At)
	want := []board.Due{
		{Institution: island, Kind: body.TypeReport, CadenceH: 168, State: board.LineCut, Line: board.LineDown},
		spoke[0],
		{Institution: valley, Kind: body.TypeReport, CadenceH: 168, State: board.Never, Line: board.LineUp},
	}
	if diff := cmp.Diff(want, v.Due); diff != "" {
		t.Errorf("due (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(spoke, p.Due); diff != "" {
		t.Errorf("the picture itself was changed (-was +is):\n%s", diff)
	}
}
