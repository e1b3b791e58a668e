package board_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// The towns of a border: the one in the north registered the crossing, that in the south a twin
// of it, and a third in the north a crossing of its own.
const (
	southTown   protocol.InstitutionID = "gr.central.demo-south-town"
	eastTown    protocol.InstitutionID = "mk.east.demo-east-town"
	strangeTown protocol.InstitutionID = "mk.east.demo-new-town" // without a profile
)

func key(scheme body.Scheme, code string) body.PlaceKey {
	return body.PlaceKey{Scheme: scheme, Code: code}
}

func border() *board.Ranks {
	crossing, twin := key(body.Shared, "gr-mk:bogorodica-evzoni"), key(body.Shared, "gr-mk:evzoni")
	return board.NewRanks([]board.Rank{
		{Institution: centre, Level: body.Ministry},
		{Institution: town, Level: body.Municipality, Places: []body.PlaceKey{gevgelija().Key(), crossing, twin}},
		{Institution: southTown, Level: body.Municipality, Places: []body.PlaceKey{key(body.NUTS, "EL522"), twin, crossing}},
		{Institution: eastTown, Level: body.Municipality, Places: []body.PlaceKey{key(body.ISOSubdivision, "MK-205"), key(body.Shared, "bg-mk:delchevo")}},
		{Institution: strangeTown, Level: body.Municipality},
	})
}

// TestMunicipalityWritesOfItsOwnTerritory: its seat and its sites, of a crossing each side its
// own; what can't be located is not held against it.
func TestMunicipalityWritesOfItsOwnTerritory(t *testing.T) {
	none := body.PlaceKey{}
	seat, crossing, twin := gevgelija().Key(), key(body.Shared, "gr-mk:bogorodica-evzoni"), key(body.Shared, "gr-mk:evzoni")
	tests := []struct {
		why          string
		by           protocol.InstitutionID
		place, asset body.PlaceKey
		want         string
	}{
		{"its seat", town, seat, none, ""},
		{"its crossing", town, none, crossing, ""},
		{"its crossing by the code of the other side", town, seat, twin, ""},
		{"the other side, of the same crossing", southTown, none, crossing, ""},
		{"a place on the other side", town, key(body.NUTS, "EL522"), crossing, "place"},
		{"a place of a third country", town, key(body.ISOSubdivision, "RS-24"), none, "place"},
		{"another municipality of its country", town, key(body.ISOSubdivision, "MK-205"), none, "place"},
		{"the whole country, under another scheme", town, key(body.ISOCountry, "MK"), none, ""},
		{"a code of another scheme, of its country", town, key(body.UNLocode, "MKGEV"), none, ""},
		{"a crossing that its neighbour registered", town, seat, key(body.Shared, "bg-mk:delchevo"), "asset.code"},
		{"a crossing between two others", town, seat, key(body.Shared, "bg-gr:promachonas"), "asset.code"},
		{"a crossing that nobody registered", town, none, key(body.Shared, "mk-xk:blace"), ""},
		{"a road that nobody registered", town, none, key(body.Shared, "mk:old-road"), ""},
		{"without a profile, what nobody registered in its country", strangeTown, key(body.ISOSubdivision, "MK-602"), key(body.Shared, "mk:old-road"), ""},
		{"without a profile, another municipality of its country", strangeTown, key(body.ISOSubdivision, "MK-205"), none, "place"},
		{"without a profile, a crossing that another registered", strangeTown, none, key(body.Shared, "bg-mk:delchevo"), "asset.code"},
		{"without a profile, abroad", strangeTown, key(body.ISOSubdivision, "RS-24"), none, "place"},
		{"a ministry is of its level", centre, key(body.ISOSubdivision, "RS-24"), none, ""},
		{"one that is no member", valley, key(body.ISOSubdivision, "MK-405"), none, ""},
	}
	for _, tt := range tests {
		if got := border().Outside(tt.by, tt.place, tt.asset); got != tt.want {
			t.Errorf("%s: outside by %q, want %q", tt.why, got, tt.want)
		}
	}
}

// at says a route of a place.
func (p *pen) routeAt(state body.RouteState, place body.Place, observed time.Time) board.Event {
	p.t.Helper()
	b := routeOf(state, "", observed)
	b.Place = &place
	return p.write(b)
}

// TestRouteBeyondItsTerritoryIsNoWordOnTheCrossing: it is in no side, contradicts nobody,
// suggests no phase, is not due again, and leaves what its author said before.
func TestRouteBeyondItsTerritoryIsNoWordOnTheCrossing(t *testing.T) {
	signs, err := body.PhaseSigns()
	if err != nil {
		t.Fatal(err)
	}
	abroad := body.Place{Scheme: body.ISOSubdivision, Code: "RS-24"}
	north, south := newPen(t, town), newPen(t, southTown)
	south.clock = day(2)
	other := south.route(body.RouteOpen, "", day(3))
	first := north.routeAt(body.RouteOpen, gevgelija(), day(3))
	beyond := north.routeAt(body.RouteClosed, abroad, day(3).Add(time.Hour))
	tests := []struct {
		why   string
		said  []board.Event
		sides []string
		due   int
	}{
		{"of its own territory", []board.Event{other, first}, []string{"gr open", "mk open"}, 2},
		{"beyond it", []board.Event{other, beyond}, []string{"gr open"}, 1},
		{"beyond it, and before of its own", []board.Event{other, first, beyond}, []string{"gr open", "mk open"}, 2},
		{"nobody else's", []board.Event{beyond}, nil, 0},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			when := at(day(3).Add(2 * time.Hour))
			b := newBoard(t, tt.said...)
			p, before := b.Picture(when), b.Digest(when)
			p.Rank(border())
			sides := sidesOf(t, &p)
			if diff := cmp.Diff(tt.sides, sides); diff != "" {
				t.Errorf("sides (-want +got):\n%s", diff)
			}
			if n := len(slices.DeleteFunc(slices.Clone(p.Due), func(d board.Due) bool { return d.Kind != body.TypeRoute })); n != tt.due {
				t.Errorf("%d are due again, want %d: %s", n, tt.due, show(p.Due))
			}
			if got := p.Territories(func(body.PlaceKey) *int64 { return nil }, &signs, when); len(got) != 0 {
				t.Errorf("it suggests %s", show(got))
			}
			if b.Digest(when) != before {
				t.Error("the digest hangs on who is who")
			}
		})
	}
}

// TestRouteThatIsPutRightIntoTheTerritoryCounts as that which it says now.
func TestRouteThatIsPutRightIntoTheTerritoryCounts(t *testing.T) {
	abroad := body.Place{Scheme: body.ISOSubdivision, Code: "RS-24"}
	p := newPen(t, town)
	wrong := p.routeAt(body.RouteClosed, abroad, day(3))
	right := routeOf(body.RouteClosed, "", day(3))
	place := gevgelija()
	right.Place = &place
	pic := picture(t, day(3), wrong, p.correct(&wrong, right))
	pic.Rank(border())
	if r := only(t, pic.Routes); r.Sides[0].Place != place.Key() {
		t.Errorf("put right: %s", show(r))
	}
}

// TestRouteThatIsPutRightOutOfTheTerritoryIsNoWordAnyMore, by its place or by its crossing; what
// its author said before it stands, and so does what others say.
func TestRouteThatIsPutRightOutOfTheTerritoryIsNoWordAnyMore(t *testing.T) {
	away := body.Place{Scheme: body.ISOSubdivision, Code: "RS-24"}
	moves := map[string]func(*body.Route){
		"its place":    func(r *body.Route) { r.Place = &away },
		"its crossing": func(r *body.Route) { r.Asset.Code = key(body.Shared, "bg-mk:delchevo") },
	}
	for why, move := range moves {
		t.Run(why, func(t *testing.T) {
			north, south := newPen(t, town), newPen(t, southTown)
			other := south.route(body.RouteOpen, "", day(3))
			first := north.routeAt(body.RouteOpen, gevgelija(), day(3))
			later := north.routeAt(body.RouteClosed, gevgelija(), day(3).Add(time.Hour))
			moved, place := routeOf(body.RouteClosed, "", day(3).Add(time.Hour)), gevgelija()
			moved.Place = &place
			move(moved)
			mend := north.correct(&later, moved)
			for want, said := range map[string][]board.Event{
				"gr open":         {other, later, mend},
				"gr open mk open": {other, first, later, mend},
				"":                {later, mend},
			} {
				p := picture(t, day(3).Add(2*time.Hour), said...)
				p.Rank(border())
				sides := sidesOf(t, &p)
				if got := strings.Join(sides, " "); got != want {
					t.Errorf("sides %q, want %q", got, want)
				}
				due := slices.ContainsFunc(p.Due, func(d board.Due) bool { return d.Kind == body.TypeRoute && d.Institution == town })
				if due != strings.Contains(want, "mk") {
					t.Errorf("with %q its author is due again: %t", want, due)
				}
			}
		})
	}
}

// sidesOf gives what each side of each crossing says, none of which may contradict another.
func sidesOf(t *testing.T, p *board.Picture) (sides []string) {
	t.Helper()
	for i := range p.Routes {
		if len(p.Routes[i].Contradictions) > 0 {
			t.Errorf("it contradicts: %s", show(p.Routes[i]))
		}
		for _, s := range p.Routes[i].Sides {
			sides = append(sides, fmt.Sprintf("%s %s", s.Institution.Country(), s.State))
		}
	}
	return sides
}
