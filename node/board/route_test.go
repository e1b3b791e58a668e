package board_test

import (
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

func (p *pen) route(state body.RouteState, direction body.Direction, observed time.Time) board.Event {
	p.t.Helper()
	return p.write(routeOf(state, direction, observed))
}

func routeOf(state body.RouteState, direction body.Direction, observed time.Time) *body.Route {
	b := &body.Route{
		Asset: body.Asset{Type: "border_crossing", Name: "Bogorodica – Evzoni", Code: body.PlaceKey{Scheme: body.Shared, Code: "gr-mk:bogorodica-evzoni"}},
		State: state, Direction: direction, ObservedAt: body.TimeOf(observed),
	}
	b.ValidUntil = body.TimeOf(observed.Add(12 * time.Hour))
	return b
}

func TestBothSidesOfACrossingStandSideBySide(t *testing.T) {
	north, south := newPen(t, town), newPen(t, island)
	p := picture(t, day(3).Add(6*time.Hour),
		north.route(body.RouteClosed, "", day(3)), south.route(body.RouteCongested, "", day(2)),
		south.route(body.RouteOpen, "", day(3)))
	r := only(t, p.Routes)
	if len(r.Sides) != 2 || r.Sides[0].State != body.RouteOpen || r.Sides[1].State != body.RouteClosed || r.Sides[1].AgeHours != 6 {
		t.Errorf("route is %s, want each side's latest word", show(r))
	}
}

func TestRouteExpires(t *testing.T) {
	p := newPen(t, town)
	e := p.route(body.RouteOpen, "", day(3))
	b := newBoard(t, e)
	for hours, want := range map[int]bool{11: false, 12: true, 13: true} {
		s := b.Picture(at(day(3).Add(time.Duration(hours) * time.Hour))).Routes[0].Sides[0]
		if s.Expired != want {
			t.Errorf("after %d of 12 hours expired is %t", hours, s.Expired)
		}
	}
}

func TestEachDirectionHasItsLatestWord(t *testing.T) {
	p := newPen(t, town)
	both := p.route(body.RouteOpen, "", day(3))
	in := p.route(body.RouteClosed, "in", day(3))
	sides := picture(t, day(3), in, both).Routes[0].Sides
	if len(sides) != 2 || sides[0].Direction != "both" || sides[0].State != body.RouteOpen || sides[1].State != body.RouteClosed {
		t.Errorf("sides are %s, want in closed and the rest open", show(sides))
	}
	again := p.route(body.RouteOpen, "both", day(3))
	if s := only(t, picture(t, day(3), again, in, both).Routes[0].Sides); s.State != body.RouteOpen {
		t.Errorf("side is %s, want the last word for both directions", show(s))
	}
}

func dueOf(t *testing.T, p board.Picture, kind string) board.Due {
	t.Helper()
	for _, d := range p.Due {
		if d.Institution == town && d.Kind == kind {
			return d
		}
	}
	t.Fatalf("nothing is due of %s: %s", town, show(p.Due))
	return board.Due{}
}

func TestSilenceAndACutLineAreStatesOfTheirOwn(t *testing.T) {
	p := newPen(t, town)
	p.clock = day(2)
	report := p.report(1, figures{body.Arrivals: 100}) // speaks up to the end of day 1
	route := p.route(body.RouteOpen, "", day(2))
	b := newBoard(t, report, route)
	on := func(d int) board.Due { return dueOf(t, b.Picture(at(day(d))), body.TypeReport) }

	if d := on(9); d.State != board.OnTime || d.CadenceH != 168 || d.AgeHours != 168 {
		t.Errorf("after a week: %s", show(d))
	}
	if d := on(10); d.State != board.Silent {
		t.Errorf("after eight days: %s", show(d))
	}
	if d := dueOf(t, b.Picture(at(day(2).Add(13*time.Hour))), body.TypeRoute); d.State != board.Silent || d.CadenceH != 12 {
		t.Errorf("a route after 13 hours: %s", show(d))
	}
	digest := b.Digest(at(day(10)))
	b.TellLine([]board.Line{{Institution: town, State: board.LineDown, Since: at(day(3))}})
	if d := on(9); d.State != board.OnTime || d.Line != board.LineDown {
		t.Errorf("on time, with the line cut: %s", show(d))
	}
	if d := on(10); d.State != board.LineCut {
		t.Errorf("with the line cut: %s", show(d))
	}
	pic := b.Picture(at(day(10)))
	f := only(t, pic.Figures)
	wantFigure(t, f, "100")
	if f.Due != board.LineCut || f.Line != board.LineDown {
		t.Errorf("the figure's author is %s, line %s, want %s", f.Due, f.Line, board.LineCut)
	}
	if b.Digest(at(day(10))) != digest {
		t.Error("the state of a line is in the digest")
	}
}

func TestPhaseSetsTheCadence(t *testing.T) {
	p, ministry := newPen(t, town), newPen(t, centre)
	report := p.report(1, figures{body.Arrivals: 100})
	phase := func(place body.Place, name body.PhaseName, every body.Positive) board.Event {
		b := &body.Phase{Reason: "arrivals", ReportEveryH: every}
		b.Place, b.Phase = &place, name
		return ministry.write(b)
	}
	country := body.Place{Scheme: body.ISOCountry, Code: "MK"}
	said := sitrep(gevgelija(), 1, figures{body.Arrivals: 100})
	said.Phase = body.Response
	tests := []struct {
		name   string
		events []board.Event
		want   int
	}{
		{"nobody declared one", []board.Event{report}, 168},
		{"declared for the place", []board.Event{report, phase(gevgelija(), body.Response, 0)}, 24},
		{"declared for the country", []board.Event{report, phase(country, body.Response, 0)}, 24},
		{"declared with a cadence", []board.Event{report, phase(gevgelija(), body.Response, 6)}, 6},
		{"the place goes before the country", []board.Event{report, phase(country, body.Response, 0), phase(gevgelija(), body.Recovery, 0)}, 168},
		{"as the report says", []board.Event{newPen(t, town).write(said)}, 24},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if d := dueOf(t, picture(t, day(3), tt.events...), body.TypeReport); d.CadenceH != tt.want {
				t.Errorf("cadence is %d h, want %d", d.CadenceH, tt.want)
			}
		})
	}
}

func TestStatementFromTheFutureIsShownAsAhead(t *testing.T) {
	p := newPen(t, town)
	pic := picture(t, day(1), p.report(20, figures{body.Arrivals: 100}))
	if d := only(t, pic.Due); d.State != board.Ahead || d.AgeHours != 0 || only(t, pic.Figures).AgeHours != 0 {
		t.Errorf("due is %s, want %s, and no age below 0", show(d), board.Ahead)
	}
}

func TestPeriodThatIsUnderWayIsNoWrongClock(t *testing.T) {
	signed := day(2).Add(18*time.Hour + 18*time.Minute)
	tests := []struct {
		name   string
		day    int       // of the report
		signed time.Time // by its author's clock
		asked  time.Time
		state  board.DueState
		age    int64
	}{
		{"at once", 2, signed, signed, board.OnTime, 0},
		{"two hours later", 2, signed, signed.Add(2 * time.Hour), board.OnTime, 2},
		{"it is old by when it was signed", 2, signed, day(3).Add(12 * time.Hour), board.OnTime, 17},
		{"and the next one is due by that", 2, signed, signed.Add(169 * time.Hour), board.Silent, 169},
		{"it had just begun", 2, day(2), day(2), board.OnTime, 0},
		{"it begins behind its author's time", 3, signed, signed, board.Ahead, 0},
		{"its author's clock is a day ahead", 2, signed, signed.Add(-24 * time.Hour), board.Ahead, 0},
		{"it was over", 1, signed, signed, board.OnTime, 18},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := newPen(t, town)
			p.clock = tt.signed
			pic := picture(t, tt.asked, p.report(tt.day, figures{body.Arrivals: 100}))
			d, f := only(t, pic.Due), only(t, pic.Figures)
			if d.State != tt.state || d.AgeHours != tt.age || f.Due != tt.state || f.AgeHours != tt.age {
				t.Errorf("due is %s, figure %s: want %s, %d hours old", show(d), show(f), tt.state, tt.age)
			}
		})
	}
}

func TestLatestAcknowledgementOfEachInstitution(t *testing.T) {
	p, reader := newPen(t, town), newPen(t, centre)
	report := p.report(1, figures{body.Arrivals: 100})
	ack := func(of *board.Event, s body.AcknowledgementState) board.Event {
		return reader.write(&body.Acknowledgement{
			Topic: protocol.Situation, State: s, Common: body.Common{Refs: []body.Ref{refTo(body.RelAcknowledges, of)}},
		})
	}
	received, read := ack(&report, body.Received), ack(&report, body.Read)
	a := only(t, picture(t, day(3), read, received, report).Acknowledgements)
	if a.State != body.Read || a.Reference != board.RefHeld || a.Of != report.Record.Name {
		t.Errorf("acknowledgement is %s, want read", show(a))
	}
	if a := only(t, picture(t, day(3), read).Acknowledgements); a.Reference != board.RefWaiting {
		t.Errorf("acknowledgement of a record that is not here is %s", show(a))
	}
	forged := report
	forged.Digest[3] ^= 1
	if a := only(t, picture(t, day(3), ack(&forged, body.Read), report).Acknowledgements); a.Reference != board.RefBroken {
		t.Errorf("acknowledgement of another digest is %s", show(a))
	}
}

func TestCapacityIsTheLatestDeclaration(t *testing.T) {
	p := newPen(t, town)
	have := func(n body.Quantity) board.Event {
		b := &body.Capacity{Items: []body.CapacityItem{{Type: "bed_place", Unit: body.Places, Total: &n}}}
		place := gevgelija()
		b.Place = &place
		return p.write(b)
	}
	first, second := have(300), have(500)
	if c := only(t, picture(t, day(3), second, first).Capacities); *c.Items[0].Total != 500 || c.PlaceName != "Gevgelija" {
		t.Errorf("capacity is %s, want 500 places", show(c))
	}
}
