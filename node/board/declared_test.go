package board_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// profile writes one that names residents and a budget.
func (p *pen) profile(residents int64) board.Event {
	p.t.Helper()
	return p.write(&body.Profile{
		Names: body.Names{"en": "Town"}, Level: body.Municipality,
		Residents: &body.Residents{Value: body.Quantity(residents), Source: "Census 2002", Year: 2002},
		Budget:    &body.OwnBudget{Money: body.Money{Amount: "24000.50", Currency: "EUR"}, Source: "Budget 2016", Year: 2016},
	})
}

// onProfile takes a stance on one; a value below 0 is not given.
func (p *pen) onProfile(of *board.Event, stance body.Stance, field body.FieldName, value int64) board.Event {
	p.t.Helper()
	e := &body.Endorsement{Topic: protocol.Knowledge, Stance: stance, Basis: body.OnRegister, Field: field, Reason: "as in the register"}
	e.Refs = []body.Ref{refTo(body.RelEndorses, of)}
	if value >= 0 {
		e.Value = body.Exact(value)
	}
	return p.write(e)
}

func declaredIn(t *testing.T, e *board.Event) *board.Declared {
	t.Helper()
	said, err := body.Parse(e.Record.Type, e.Record.Body)
	if err != nil {
		t.Fatal(err)
	}
	return &board.Declared{Profile: said.(*body.Profile), Record: e.Record.Name, Digest: e.Digest, Registrar: centre}
}

// TestRegistrarConfirmsWhatAProfileSays of the version that it names, and nobody else does; what
// it disputes counts for nothing, what nobody confirmed counts and says so.
func TestRegistrarConfirmsWhatAProfileSays(t *testing.T) {
	w, r, other := newPen(t, town), newPen(t, centre), newPen(t, river)
	report := w.report(1, figures{body.Arrivals: 240, body.Present: 1000})
	first, second := w.profile(20_000), w.profile(21_000)
	on := r.onProfile
	tests := []struct {
		why     string
		profile *board.Event
		said    []board.Event
		want    string // of residents, of the budget, and whether the pressure is known
	}{
		{"nobody has said anything", &first, nil, "unconfirmed unconfirmed true"},
		{"all of it is confirmed", &first, []board.Event{on(&first, body.Confirm, "", -1)}, "confirmed confirmed true"},
		{"one of the two is", &first, []board.Event{on(&first, body.Verify, "residents", 20_000)}, "confirmed unconfirmed true"},
		{"with another number", &first, []board.Event{on(&first, body.Confirm, "residents", 19_000)}, "unconfirmed unconfirmed true"},
		{"with another budget", &first, []board.Event{on(&first, body.Confirm, "budget", 24_000)}, "unconfirmed unconfirmed true"},
		{"by somebody else", &first, []board.Event{other.onProfile(&first, body.Confirm, "", -1)}, "unconfirmed unconfirmed true"},
		{"disputed", &first, []board.Event{on(&first, body.Dispute, "residents", 12_000)}, "disputed unconfirmed false"},
		{"disputed by somebody else", &first, []board.Event{other.onProfile(&first, body.Dispute, "", -1)}, "unconfirmed unconfirmed true"},
		{"disputed, and then confirmed", &first, []board.Event{on(&first, body.Dispute, "residents", -1), on(&first, body.Confirm, "residents", -1)}, "confirmed unconfirmed true"},
		{"the field goes before the whole", &first, []board.Event{on(&first, body.Confirm, "", -1), on(&first, body.Dispute, "budget", -1)}, "confirmed disputed true"},
		{"an earlier profile was confirmed", &second, []board.Event{on(&first, body.Confirm, "", -1)}, "unconfirmed unconfirmed true"},
	}
	for _, tt := range tests {
		t.Run(tt.why, func(t *testing.T) {
			pic := picture(t, day(3), append([]board.Event{report, first, second}, tt.said...)...)
			pic.Rank(ranks())
			b := pic.BurdenOf(town, declaredIn(t, tt.profile), weights(t), at(day(3)))
			part := board.Affected([]board.Burden{b}, weights(t))[0].Parts[0]
			if got := fmt.Sprint(b.ResidentsBacking.Word, " ", b.BudgetBacking.Word, " ", part.Known); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if part.Registrar != b.ResidentsBacking.Word || part.Known != (b.Residents != nil) {
				t.Errorf("the part says %+v of %s", part, show(b))
			}
		})
	}
}

// TestWhoConfirmsIsTheSameInAnyOrder of arrival.
func TestWhoConfirmsIsTheSameInAnyOrder(t *testing.T) {
	w, r := newPen(t, town), newPen(t, centre)
	profile := w.profile(20_000)
	d := declaredIn(t, &profile)
	rapid.Check(t, func(rt *rapid.T) {
		events := []board.Event{profile}
		for range rapid.IntRange(1, 6).Draw(rt, "stances") {
			field := rapid.SampledFrom([]body.FieldName{"", "residents", "budget"}).Draw(rt, "field")
			value := int64(-1)
			if field != "" {
				value = rapid.SampledFrom([]int64{-1, 19_000, 20_000}).Draw(rt, "value")
			}
			stance := rapid.SampledFrom([]body.Stance{body.Confirm, body.Dispute, body.Verify}).Draw(rt, "stance")
			events = append(events, r.onProfile(&profile, stance, field, value))
		}
		say := func(events []board.Event) string {
			pic := picture(t, day(3), events...)
			pic.Rank(ranks())
			return show(pic.BurdenOf(town, d, weights(t), at(day(3))))
		}
		if diff := cmp.Diff(say(events), say(rapid.Permutation(events).Draw(rt, "order"))); diff != "" {
			rt.Fatal(diff)
		}
	})
}
