package board_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// The authorities above the towns of a border.
const (
	ownRegion   protocol.InstitutionID = "mk.southeast.demo-region"
	otherRegion protocol.InstitutionID = "mk.east.demo-region"
	otherCentre protocol.InstitutionID = "rs.national.demo-centre"
)

func governed() *board.Ranks {
	return board.NewRanks(append(onBothSides(), board.Rank{Institution: strangeTown, Level: body.Municipality}))
}

// onBothSides are the ranks of authorities, and of the towns below them.
func onBothSides() []board.Rank {
	return []board.Rank{
		{Institution: centre, Level: body.Ministry},
		{Institution: otherCentre, Level: body.Ministry},
		{Institution: ownRegion, Level: body.RegionalAuthority},
		{Institution: otherRegion, Level: body.RegionalAuthority},
		{Institution: town, Level: body.Municipality, Places: []body.PlaceKey{gevgelija().Key()}},
		{Institution: eastTown, Level: body.Municipality, Places: []body.PlaceKey{key(body.ISOSubdivision, "MK-205")}},
	}
}

// TestTerritoryIsGovernedByItsAuthorityAndThoseAbove: a phase is declared by them alone.
func TestTerritoryIsGovernedByItsAuthorityAndThoseAbove(t *testing.T) {
	own, country, abroad := gevgelija().Key(), key(body.ISOCountry, "MK"), key(body.ISOSubdivision, "RS-24")
	tests := []struct {
		why  string
		by   protocol.InstitutionID
		of   body.PlaceKey
		want bool
	}{
		{"its own", town, own, true},
		{"its region's", ownRegion, own, true},
		{"its country's", centre, own, true},
		{"the whole country, by a ministry", centre, country, true},
		{"the whole country, by a town", town, country, false},
		{"the whole country, by a region", ownRegion, country, false},
		{"a neighbour's", eastTown, own, false},
		{"another region's", otherRegion, own, false},
		{"another country's, by a town", town, abroad, false},
		{"another country's, by a region", ownRegion, abroad, false},
		{"another country's, by a ministry", centre, abroad, false},
		{"a country next to it", otherCentre, country, false},
		{"what nobody registered, by a region", ownRegion, key(body.ISOSubdivision, "MK-602"), true},
		{"without a profile, a neighbour's", strangeTown, own, false},
		{"without a profile, in its country", strangeTown, key(body.ISOSubdivision, "MK-602"), true},
		{"one that is no member", valley, own, true},
	}
	for _, tt := range tests {
		if got := governed().Governs(tt.by, tt.of); got != tt.want {
			t.Errorf("%s: %t, want %t", tt.why, got, tt.want)
		}
	}
}

// TestPhaseOfOthersTerritoryChangesNothing: it is on no board, and the reports there are due as who
// is competent has declared, or as if nobody had, and not as what stands under another says.
func TestPhaseOfOthersTerritoryChangesNothing(t *testing.T) {
	signs, err := body.PhaseSigns()
	if err != nil {
		t.Fatal(err)
	}
	report := newPen(t, town).report(1, figures{body.Arrivals: 100})
	own, beyond := newPen(t, town), newPen(t, eastTown)
	country := &body.Phase{Reason: "as it is", ReportEveryH: 2}
	country.Place, country.Phase = &body.Place{Scheme: body.ISOCountry, Code: "MK"}, body.Response
	tests := []struct {
		why   string
		said  []board.Event
		every int
		state board.DueState
		by    []protocol.InstitutionID
	}{
		{"nobody's", nil, 168, board.OnTime, nil},
		{"others' alone", []board.Event{beyond.phase(body.Response)}, 168, board.OnTime, nil},
		{"its own", []board.Event{own.phase(body.Response)}, 24, board.Silent, []protocol.InstitutionID{town}},
		{"its own and others'", []board.Event{own.phase(body.Recovery), beyond.phase(body.Response)}, 168, board.OnTime, []protocol.InstitutionID{town}},
		{"its own under the ministry's", []board.Event{own.phase(body.Response), newPen(t, centre).phase(body.Recovery)}, 168, board.OnTime, []protocol.InstitutionID{centre, town}},
		{"a neighbour's for the whole country", []board.Event{beyond.write(country)}, 168, board.OnTime, nil},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			when := at(day(4))
			b := newBoard(t, append(slices.Clone(tt.said), report)...)
			p, before := b.Picture(when), b.Digest(when)
			p.Rank(governed())
			var by []protocol.InstitutionID
			for _, row := range p.Territories(func(body.PlaceKey) *int64 { return nil }, &signs, when) {
				for i := range row.Phases {
					by = append(by, row.Phases[i].Institution)
				}
			}
			if diff := cmp.Diff(tt.by, by); diff != "" {
				t.Errorf("declared by (-want +got):\n%s", diff)
			}
			d := dueOf(t, p, body.TypeReport)
			if f := only(t, p.Figures); d.CadenceH != tt.every || d.State != tt.state || f.Due != tt.state {
				t.Errorf("every %d h, want %d; it is %s, and its figure %s, want %s", d.CadenceH, tt.every, d.State, f.Due, tt.state)
			}
			if b.Digest(when) != before {
				t.Error("the digest hangs on who is who")
			}
		})
	}
}

// TestHigherAuthorityCountsWhereTwoDeclareOtherwise: what is below it says so and stands, as long as the higher one is in force, and
// where both say the same nothing is to be told. A response that does not count is suggested all the same.
func TestHigherAuthorityCountsWhereTwoDeclareOtherwise(t *testing.T) {
	said := func(who protocol.InstitutionID, phase body.PhaseName, until int) board.Event {
		b := &body.Phase{Reason: "as it is"}
		b.Place, b.Phase = new(gevgelija()), phase
		if until > 0 {
			b.ValidUntil = body.TimeOf(day(until))
		}
		return newPen(t, who).write(b)
	}
	for _, tt := range []struct {
		why  string
		said []board.Event
		want []string
	}{
		{"a town and a ministry", []board.Event{said(town, body.Recovery, 0), said(centre, body.Response, 0)}, []string{"demo-crisis-centre response", "demo-south-gate recovery under demo-crisis-centre"}},
		{"they say the same", []board.Event{said(town, body.Response, 0), said(centre, body.Response, 0)}, []string{"demo-crisis-centre response", "demo-south-gate response"}},
		{"the ministry's is over", []board.Event{said(town, body.Recovery, 0), said(centre, body.Response, 3)}, []string{"demo-crisis-centre response over", "demo-south-gate recovery"}},
		{"a region between them", []board.Event{said(town, body.Response, 0), said(ownRegion, body.Recovery, 0), said(centre, body.Response, 0)}, []string{"demo-crisis-centre response", "demo-region recovery under demo-crisis-centre", "demo-south-gate response"}},
	} {
		t.Run(tt.why, func(t *testing.T) {
			p := picture(t, day(4), tt.said...)
			for range 2 {
				p.Rank(governed())
				var got []string
				for i := range p.Phases {
					f := &p.Phases[i]
					row := f.Institution.LocalName() + " " + string(f.Phase)
					if f.Expired {
						row += " over"
					}
					if !f.Under.IsZero() {
						row += " under " + f.Under.Institution.LocalName()
					}
					got = append(got, row)
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("phases (-want +got):\n%s", diff)
				}
			}
		})
	}
}
