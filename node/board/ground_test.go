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

// The codes of one crossing on its two sides, and that of another crossing of the same border.
func bogorodica() body.PlaceKey { return key(body.Shared, "gr-mk:bogorodica-evzoni") }
func evzoni() body.PlaceKey     { return key(body.Shared, "gr-mk:evzoni") }
func dojran() body.PlaceKey     { return key(body.Shared, "gr-mk:dojran") }

// says is a member whose profile names a crossing and its twin.
func says(id protocol.InstitutionID, own, other body.PlaceKey) board.Rank {
	return board.Rank{Institution: id, Level: body.Ministry, Places: []body.PlaceKey{own, other}, Twins: []board.Twin{{Own: own, Other: other}}}
}

// agreed are the members of both sides, who name each other's code.
func agreed() *board.Ranks {
	return board.NewRanks([]board.Rank{says(town, bogorodica(), evzoni()), says(southTown, evzoni(), bogorodica())})
}

// TestTwoCodesAreOneCrossingWhereBothSidesSaySo, and only there; in whichever order they are handed in.
func TestTwoCodesAreOneCrossingWhereBothSidesSaySo(t *testing.T) {
	for _, tt := range []struct {
		why  string
		said []board.Rank
		one  bool
	}{
		{"both sides name it", []board.Rank{says(town, bogorodica(), evzoni()), says(southTown, evzoni(), bogorodica())}, true},
		{"two of one side and one of the other", []board.Rank{says(town, bogorodica(), evzoni()), says(centre, bogorodica(), evzoni()), says(southTown, evzoni(), bogorodica())}, true},
		{"one side alone names it", []board.Rank{says(town, bogorodica(), evzoni()), {Institution: southTown, Places: []body.PlaceKey{evzoni()}}}, false},
		{"two of one side name it, and the other does not", []board.Rank{says(town, bogorodica(), evzoni()), says(centre, bogorodica(), evzoni())}, false},
		{"one institution speaks for both sides", []board.Rank{{Institution: town, Twins: []board.Twin{{Own: bogorodica(), Other: evzoni()}, {Own: evzoni(), Other: bogorodica()}}}}, false},
		{"a third country speaks for one of them", []board.Rank{says(town, bogorodica(), evzoni()), says("rs.central.demo-strange-town", evzoni(), bogorodica())}, false},
		{"the other side names another", []board.Rank{says(town, bogorodica(), evzoni()), says(southTown, evzoni(), dojran())}, false},
		{"a code with two twins", []board.Rank{says(town, bogorodica(), evzoni()), says(southTown, evzoni(), bogorodica()), says(eastTown, dojran(), evzoni()), says(island, evzoni(), dojran())}, false},
	} {
		t.Run(tt.why, func(t *testing.T) {
			for range 2 {
				r := board.NewRanks(tt.said)
				if got := r.Ground(bogorodica()) == r.Ground(evzoni()); got != tt.one {
					t.Errorf("one ground: %t, want %t", got, tt.one)
				}
				slices.Reverse(tt.said)
			}
		})
	}
}

// of gives what an institution says of the crossing by one of its codes.
func (p *pen) routeBy(code body.PlaceKey, state body.RouteState, observed time.Time) board.Event {
	p.t.Helper()
	b := routeOf(state, "", observed)
	b.Asset.Code = code
	return p.write(b)
}

// TestCrossingIsOneRowByTheCodesOfBothSides: the sides stand side by side and contradict each other; of one who used both
// codes the last word counts. Ranked again it is the same.
func TestCrossingIsOneRowByTheCodesOfBothSides(t *testing.T) {
	north, south := newPen(t, town), newPen(t, southTown)
	open := north.routeBy(bogorodica(), body.RouteOpen, day(3))
	closed := south.routeBy(evzoni(), body.RouteClosed, day(3))
	later := north.routeBy(evzoni(), body.RouteClosed, day(3).Add(time.Hour))
	other := north.routeBy(dojran(), body.RouteOpen, day(3))
	for _, tt := range []struct {
		why     string
		members *board.Ranks
		events  []board.Event
		want    []string
	}{
		{"both sides name it", agreed(), []board.Event{open, closed, other}, []string{"gr-mk:bogorodica-evzoni gr closed by gr-mk:evzoni, mk open: 1", "gr-mk:dojran mk open: 0"}},
		{"nobody names it", border(), []board.Event{open, closed}, []string{"gr-mk:bogorodica-evzoni mk open: 0", "gr-mk:evzoni gr closed: 0"}},
		{"one used both codes", agreed(), []board.Event{open, closed, later}, []string{"gr-mk:bogorodica-evzoni gr closed by gr-mk:evzoni, mk closed by gr-mk:evzoni: 0"}},
		{"by the code of the other side alone", agreed(), []board.Event{closed, later}, []string{"gr-mk:evzoni gr closed, mk closed: 0"}},
	} {
		t.Run(tt.why, func(t *testing.T) {
			when := day(3).Add(2 * time.Hour)
			b := newBoard(t, tt.events...)
			p, before := b.Picture(at(when)), b.Digest(at(when))
			for range 2 {
				p.Rank(tt.members)
				if diff := cmp.Diff(tt.want, crossings(&p)); diff != "" {
					t.Errorf("crossings (-want +got):\n%s", diff)
				}
			}
			if b.Digest(at(when)) != before {
				t.Error("the digest hangs on who is who")
			}
		})
	}
}

// TestJoinedCrossingHasTheNamesOfBothSides, in the order of the codes, ranked once or twice; and who spoke by both codes owes its
// next word once, by the code that it used last.
func TestJoinedCrossingHasTheNamesOfBothSides(t *testing.T) {
	north, south := newPen(t, town), newPen(t, southTown)
	said := func(p *pen, code body.PlaceKey, name body.Label, hour int) board.Event {
		b := routeOf(body.RouteOpen, "", day(3).Add(time.Duration(hour)*time.Hour))
		b.Asset.Code, b.Asset.Name = code, name
		return p.write(b)
	}
	own, other := said(north, bogorodica(), "Bogorodica", 0), said(south, evzoni(), "Evzoni", 0)
	later := said(north, evzoni(), "Evzoni road", 1)
	for _, tt := range []struct {
		why    string
		events []board.Event
		name   string
		due    []string
	}{
		{"each side has its own", []board.Event{own, other}, "Bogorodica / Evzoni", []string{"gr gr-mk:evzoni", "mk gr-mk:bogorodica-evzoni"}},
		{"both have one", []board.Event{own, said(south, evzoni(), "Bogorodica", 2)}, "Bogorodica", []string{"gr gr-mk:evzoni", "mk gr-mk:bogorodica-evzoni"}},
		{"all speak by one code", []board.Event{own, other, later}, "Evzoni", []string{"gr gr-mk:evzoni", "mk gr-mk:evzoni"}},
	} {
		t.Run(tt.why, func(t *testing.T) {
			p := picture(t, day(3).Add(3*time.Hour), tt.events...)
			for range 2 {
				p.Rank(agreed())
				if got := only(t, p.Routes).Name; got != tt.name {
					t.Errorf("the crossing is called %q, want %q", got, tt.name)
				}
				var due []string
				for i := range p.Due {
					due = append(due, p.Due[i].Institution.Country()+" "+p.Due[i].Place.Code)
				}
				if diff := cmp.Diff(tt.due, due); diff != "" {
					t.Errorf("due (-want +got):\n%s", diff)
				}
			}
		})
	}
}

// crossings says each route in a line: its code, its sides, how often they contradict each other.
func crossings(p *board.Picture) (out []string) {
	for i := range p.Routes {
		r, sides := &p.Routes[i], []string{}
		for _, s := range r.Sides {
			said := s.Institution.Country() + " " + string(s.State)
			if !s.Asset.IsZero() {
				said += " by " + s.Asset.Code
			}
			sides = append(sides, said)
		}
		out = append(out, fmt.Sprintf("%s %s: %d", r.Asset.Code, strings.Join(sides, ", "), len(r.Contradictions)))
	}
	return out
}

// TestFiguresByTheCodesOfBothSidesContradictEachOther: who counts at a crossing by the code of one side, and who does by
// that of the other, speak of one place.
func TestFiguresByTheCodesOfBothSidesContradictEachOther(t *testing.T) {
	at := func(k body.PlaceKey) body.Place { return body.Place{Scheme: k.Scheme, Code: k.Code} }
	p := picture(t, day(2), newPen(t, town).write(sitrep(at(bogorodica()), 1, figures{body.Arrivals: 1000})),
		newPen(t, southTown).write(sitrep(at(evzoni()), 1, figures{body.Arrivals: 700})))
	profile, err := body.Qualities()
	if err != nil {
		t.Fatal(err)
	}
	for want, members := range []*board.Ranks{border(), agreed()} {
		v := p.View
		v.Grade(members, &profile, protocol.InstantOf(day(2)))
		if len(v.Clashes) != want {
			t.Errorf("%d contradictions, want %d: %s", len(v.Clashes), want, show(v.Clashes))
		}
	}
}
