package board_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol/body"
)

func territories(t testing.TB, residents int64, when time.Time, events ...board.Event) []board.Territory {
	t.Helper()
	signs, err := body.PhaseSigns()
	if err != nil {
		t.Fatal(err)
	}
	p := picture(t, when, events...)
	return p.Territories(func(body.PlaceKey) *int64 {
		if residents == 0 {
			return nil
		}
		return &residents
	}, &signs, at(when))
}

func (p *pen) phase(said body.PhaseName) board.Event {
	p.t.Helper()
	place := gevgelija()
	b := &body.Phase{Reason: "as it is"}
	b.Place, b.Phase = &place, said
	return p.write(b)
}

// severe warns of what happens at the town, from the pen's clock on for so many hours.
func (p *pen) severe(id string, kind body.CAPMsgType, hours int, of ...body.Body) (board.Event, *body.Alert) {
	p.t.Helper()
	b := capMessage(p, id, kind, of...)
	place := gevgelija()
	b.Place, b.Sent = &place, body.CAPTimeOf(p.clock)
	b.Info[0].Expires = body.CAPTimeOf(p.clock.Add(time.Duration(hours) * time.Hour))
	return p.write(b), b
}

// signs writes a suggestion: its phase, and what speaks for it.
func signs(rows []board.Territory) []any {
	if len(rows) == 0 {
		return nil
	}
	out := []any{rows[0].Suggested}
	for _, s := range rows[0].Signs {
		out = append(out, s.Sign, s.Value, s.Limit)
	}
	return out
}

func TestEachSignSuggestsAResponse(t *testing.T) {
	const hour = time.Hour
	tests := []struct {
		name      string
		residents int64
		when      time.Time
		tell      func(p *pen) []board.Event
		want      []any
	}{
		{"nine in ten places are taken", 0, day(3), func(p *pen) []board.Event {
			return []board.Event{p.report(2, figures{body.Present: 450, body.CapacityTotal: 500})}
		}, []any{body.Response, board.SignOccupancy, int64(900), int64(900)}},
		{"a place less", 0, day(3), func(p *pen) []board.Event {
			return []board.Event{p.report(2, figures{body.Present: 449, body.CapacityTotal: 500})}
		}, nil},
		{"a figure of a fortnight ago", 0, day(17), func(p *pen) []board.Event {
			return []board.Event{p.report(2, figures{body.Present: 450, body.CapacityTotal: 500})}
		}, nil},
		{"more come in a day than places are free", 0, day(3), func(p *pen) []board.Event {
			return []board.Event{p.report(2, figures{body.Present: 100, body.CapacityTotal: 500, body.Arrivals: 401})}
		}, []any{body.Response, board.SignFull, int64(400), int64(401)}},
		{"as many as places are free", 0, day(3), func(p *pen) []board.Event {
			return []board.Event{p.report(2, figures{body.Present: 100, body.CapacityTotal: 500, body.Arrivals: 400})}
		}, nil},
		{"more than ten a day for 1,000 residents", 20_000, day(3), func(p *pen) []board.Event {
			return []board.Event{p.report(2, figures{body.Arrivals: 201})}
		}, []any{body.Response, board.SignArrivals, int64(10_050), int64(10_000)}},
		{"ten a day", 20_000, day(3), func(p *pen) []board.Event {
			return []board.Event{p.report(2, figures{body.Arrivals: 200})}
		}, nil},
		{"nobody knows how many live there", 0, day(3), func(p *pen) []board.Event {
			return []board.Event{p.report(2, figures{body.Arrivals: 201})}
		}, nil},
		{"a crossing of whom reports on the place is closed", 0, day(3).Add(11 * hour), func(p *pen) []board.Event {
			return []board.Event{p.report(2, figures{body.Arrivals: 1}), p.route(body.RouteClosed, "", day(3))}
		}, []any{body.Response, board.SignClosed, int64(0), int64(0)}},
		{"nobody knows any more whether it is", 0, day(3).Add(12 * hour), func(p *pen) []board.Event {
			return []board.Event{p.report(2, figures{body.Arrivals: 1}), p.route(body.RouteClosed, "", day(3))}
		}, nil},
		{"a severe alert is active", 0, day(1).Add(5 * hour), func(p *pen) []board.Event {
			e, _ := p.severe("a", body.MsgAlert, 6)
			return []board.Event{e}
		}, []any{body.Response, board.SignAlert, int64(0), int64(0)}},
		{"it is over", 0, day(1).Add(6 * hour), func(p *pen) []board.Event {
			e, _ := p.severe("a", body.MsgAlert, 6)
			return []board.Event{e}
		}, nil},
		{"a response is declared", 0, day(3), func(p *pen) []board.Event {
			return []board.Event{p.report(2, figures{body.Present: 450, body.CapacityTotal: 500}), p.phase(body.Response)}
		}, []any{body.PhaseName("")}},
		{"another phase is declared", 0, day(3), func(p *pen) []board.Event {
			return []board.Event{p.report(2, figures{body.Present: 450, body.CapacityTotal: 500}), p.phase(body.Preparedness)}
		}, []any{body.Response, board.SignOccupancy, int64(900), int64(900)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := signs(territories(t, tt.residents, tt.when, tt.tell(newPen(t, town))...))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("suggested (-want +got):\n%s", diff)
			}
		})
	}
}

// calm declares a response and reports each day of the month that there is room.
func calm(p *pen, days int) []board.Event {
	events := []board.Event{p.phase(body.Response)}
	for d := range days {
		events = append(events, p.report(d+1, figures{body.Present: 100, body.CapacityTotal: 500, body.Arrivals: 20}))
	}
	return events
}

func TestRecoveryIsSuggestedBehindQuietDays(t *testing.T) {
	recovery := []any{body.Recovery, board.SignQuiet, int64(14), int64(14), board.SignRoom, int64(200), int64(600)}
	none := []any{body.PhaseName("")}
	tests := []struct {
		name string
		when time.Time
		tell func(p *pen) []board.Event
		want []any
	}{
		{"fourteen quiet days", day(17), func(p *pen) []board.Event { return calm(p, 16) }, recovery},
		{"reports of thirteen days alone", day(15), func(p *pen) []board.Event { return calm(p, 14)[:14] }, none},
		{"a day among them that was full", day(17), func(p *pen) []board.Event {
			return append(calm(p, 16), p.report(10, figures{body.Present: 450, body.CapacityTotal: 500, body.Arrivals: 20}))
		}, none},
		{"a full day before them", day(20), func(p *pen) []board.Event {
			return append(calm(p, 19), p.report(3, figures{body.Present: 450, body.CapacityTotal: 500, body.Arrivals: 20}))
		}, recovery},
		{"a crossing that was closed among them and is open", day(17), func(p *pen) []board.Event {
			return append(calm(p, 16), p.route(body.RouteClosed, "", day(8)), p.route(body.RouteOpen, "", day(9)))
		}, none},
		{"a crossing that opened before them", day(24), func(p *pen) []board.Event {
			return append(calm(p, 23), p.route(body.RouteClosed, "", day(8)), p.route(body.RouteOpen, "", day(8).Add(time.Hour)))
		}, recovery},
		{"a severe alert among them", day(17), func(p *pen) []board.Event {
			p.clock = day(8)
			e, _ := p.severe("a", body.MsgAlert, 6)
			return append(calm(p, 16), e)
		}, none},
		{"one that was cancelled before them", day(24), func(p *pen) []board.Event {
			p.clock = day(8)
			first, said := p.severe("a", body.MsgAlert, 24*8)
			p.clock = day(8).Add(time.Hour)
			e, _ := p.severe("b", body.MsgCancel, 1, said)
			return append(calm(p, 23), first, e)
		}, recovery},
		{"six in ten places are taken", day(17), func(p *pen) []board.Event {
			return append(calm(p, 16), p.report(17-1, figures{body.Present: 300, body.CapacityTotal: 500}))
		}, none},
		{"nobody says how many are there", day(17), func(p *pen) []board.Event {
			return []board.Event{p.phase(body.Response), p.report(1, figures{body.Arrivals: 1}), p.report(16, figures{body.Arrivals: 1})}
		}, none},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := signs(territories(t, 0, tt.when, tt.tell(newPen(t, town))...))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("suggested (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAnyOrderOfArrivalSuggestsTheSame(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		events := append(drawStory(t, rt), calm(newPen(t, valley), 16)...)
		when := day(rapid.IntRange(1, 20).Draw(rt, "when"))
		shuffled := slices.Clone(events)
		for i := range shuffled {
			j := rapid.IntRange(i, len(shuffled)-1).Draw(rt, "swap")
			shuffled[i], shuffled[j] = shuffled[j], shuffled[i]
		}
		if a, b := territories(t, 20_000, when, events...), territories(t, 20_000, when, shuffled...); show(a) != show(b) {
			rt.Fatalf("in another order: %s", cmp.Diff(show(a), show(b)))
		}
	})
}
