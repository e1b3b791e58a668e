package board_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// TestAuthorityWarnsOfWhatTouchesItsTerritory: of a list of places one is enough.
func TestAuthorityWarnsOfWhatTouchesItsTerritory(t *testing.T) {
	own, east, country, abroad := gevgelija().Key(), key(body.ISOSubdivision, "MK-205"), key(body.ISOCountry, "MK"), key(body.NUTS, "EL52")
	crossing := key(body.Shared, "gr-mk:bogorodica-evzoni")
	tests := []struct {
		why  string
		by   protocol.InstitutionID
		of   []body.PlaceKey
		want bool
	}{
		{"a ministry of its country", centre, []body.PlaceKey{country}, true},
		{"a ministry of a town in it", centre, []body.PlaceKey{own}, true},
		{"a ministry of another country", centre, []body.PlaceKey{abroad}, false},
		{"a ministry of both sides of the border", centre, []body.PlaceKey{abroad, own}, true},
		{"a ministry of a crossing that it shares", centre, []body.PlaceKey{crossing}, true},
		{"a ministry of a crossing between others", otherCentre, []body.PlaceKey{crossing}, false},
		{"a ministry of a neighbour's town", otherCentre, []body.PlaceKey{own}, false},
		{"a region of its town", ownRegion, []body.PlaceKey{own}, true},
		{"a region of another region's town", otherRegion, []body.PlaceKey{own}, false},
		{"a region of its town and another's", otherRegion, []body.PlaceKey{own, east}, true},
		{"a region of the whole country, and so of itself", otherRegion, []body.PlaceKey{country}, true},
		{"a region of what nobody registered", otherRegion, []body.PlaceKey{key(body.ISOSubdivision, "MK-602")}, true},
		{"a region of another country", ownRegion, []body.PlaceKey{abroad}, false},
		{"a town that the charter lets, of its own", town, []body.PlaceKey{own}, true},
		{"a town that the charter lets, of another's", town, []body.PlaceKey{east}, false},
		{"where no code is said", centre, nil, true},
		{"a level that has no territory", hubOfTowns, []body.PlaceKey{abroad}, true},
		{"one that is no member", valley, []body.PlaceKey{own}, true},
	}
	for _, tt := range tests {
		if got := warning().Warns(tt.by, tt.of); got != tt.want {
			t.Errorf("%s: %t, want %t", tt.why, got, tt.want)
		}
	}
}

const hubOfTowns protocol.InstitutionID = "int.regional.demo-towns"

// warning are the ranks of those who are governed, and of a body above countries.
func warning() *board.Ranks {
	return board.NewRanks(append(onBothSides(), board.Rank{Institution: hubOfTowns, Level: body.RegionalBody}))
}

// warningOf has an alert be for some places: the first is its place, the others stand among its geocodes.
func warningOf(a *body.Alert, places ...body.PlaceKey) *body.Alert {
	a.Place = &body.Place{Scheme: places[0].Scheme, Code: places[0].Code}
	area := body.CAPArea{AreaDesc: "there"}
	for _, k := range places[1:] {
		name := string(k.Scheme)
		if k.Scheme == body.NUTS {
			name = "NUTS3" // as others write it
		}
		area.Geocode = append(area.Geocode, body.CAPValue{ValueName: body.Label(name), Value: body.CAPText(k.Code)})
	}
	a.Info[0].Area = []body.CAPArea{area}
	return a
}

// TestAlertOfOthersTerritoryChangesNothing: it is on no list, answers no change, and what its author said before stands.
func TestAlertOfOthersTerritoryChangesNothing(t *testing.T) {
	own, abroad := gevgelija().Key(), key(body.NUTS, "EL52")
	p := newPen(t, centre)
	first := warningOf(capMessage(p, "1", body.MsgAlert), own)
	e1 := p.write(first)
	second := warningOf(capMessage(p, "2", body.MsgUpdate, first), abroad, own)
	e2 := p.write(second)
	third := warningOf(capMessage(p, "3", body.MsgUpdate, first, second), abroad)
	e3 := p.write(third)
	e4 := p.write(warningOf(capMessage(p, "4", body.MsgCancel, second), abroad))
	alone := p.write(warningOf(capMessage(p, "5", body.MsgAlert), abroad, key(body.NUTS, "EL526")))
	for _, tt := range []struct {
		why    string
		day    int
		events []board.Event
		want   string
	}{
		{"of its own", 2, []board.Event{e1}, "1 active"},
		{"of others'", 2, []board.Event{alone}, ""},
		{"an update of both sides", 2, []board.Event{e1, e2}, "1 updated by 2, 2 active"},
		{"an update of others' alone", 2, []board.Event{e1, e3}, "1 active"},
		{"and what was updated before it", 2, []board.Event{e1, e2, e3}, "1 updated by 2, 2 active"},
		{"and over by then", 4, []board.Event{e1, e3}, "1 expired"},
		{"a cancellation, wherever it says it is", 2, []board.Event{e1, e2, e4}, "1 updated by 2, 2 cancelled by 4, 4 no alert"},
	} {
		t.Run(tt.why, func(t *testing.T) {
			b := newBoard(t, tt.events...)
			before := b.Digest(at(day(tt.day)))
			view := b.Picture(at(day(tt.day)))
			view.Rank(warning())
			var got []string
			for i := range view.Alerts {
				a := &view.Alerts[i]
				said := fmt.Sprintf("%s %s", a.Identifier, a.State)
				if a.By.Sequence > 0 {
					said += fmt.Sprintf(" by %d", a.By.Sequence)
				}
				got = append(got, said)
			}
			slices.Sort(got)
			if got := strings.Join(got, ", "); got != tt.want {
				t.Errorf("got  %s\nwant %s", got, tt.want)
			}
			if b.Digest(at(day(tt.day))) != before {
				t.Error("the digest hangs on who is who")
			}
		})
	}
}
