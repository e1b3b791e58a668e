package board_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

func weights(t testing.TB) *body.SolidarityProfile {
	t.Helper()
	p, err := body.SolidarityWeights()
	if err != nil {
		t.Fatal(err)
	}
	return &p
}

func TestSolidarityIsAsWorkedByHand(t *testing.T) {
	raw, err := os.ReadFile("testdata/solidarity.json")
	if err != nil {
		t.Fatal(err)
	}
	var vectors struct {
		Units []struct {
			Burden       board.Burden
			Value, Share []int64
			Known        []bool
			Index        int64
			Confidence   int64
			Apart        bool
		}
	}
	if err := json.Unmarshal(raw, &vectors); err != nil || len(vectors.Units) != 3 {
		t.Fatalf("%d units, %v", len(vectors.Units), err)
	}
	var units []board.Burden
	for _, u := range vectors.Units {
		units = append(units, u.Burden)
	}
	got := map[protocol.InstitutionID]board.Solidarity{}
	rows := board.Affected(units, weights(t))
	for _, s := range rows {
		got[s.Institution] = s
	}
	for _, u := range vectors.Units {
		s := got[u.Burden.Institution]
		if s.Index != u.Index || s.Confidence != u.Confidence || s.Apart != u.Apart || s.Profile != 1 {
			t.Errorf("%s: index %d with confidence %d, want %d with %d", s.Institution, s.Index, s.Confidence, u.Index, u.Confidence)
		}
		for i, part := range s.Parts {
			if part.Known != u.Known[i] || part.Value != u.Value[i] || part.Share != u.Share[i] || part.Ranked != 0 {
				t.Errorf("%s: %s is %+v, want value %d, share %d", s.Institution, part.Input, part, u.Value[i], u.Share[i])
			}
		}
	}
	if rows[0].Institution != "mk.southeast.a" || rows[2].Institution != "mk.southeast.c" {
		t.Errorf("order is %s, %s, %s: the most affected first, those apart behind", rows[0].Institution, rows[1].Institution, rows[2].Institution)
	}
}

func TestFiveUnitsAreRanked(t *testing.T) {
	var units []board.Burden
	present := int64(1000)
	for i, children := range []int64{100, 200, 200, 300, 400} {
		units = append(units, board.Burden{Institution: protocol.InstitutionID(fmt.Sprintf("mk.southeast.u%d", i)), Present: &present, Children: &children})
	}
	var got []string
	for _, s := range board.Affected(units, weights(t)) {
		got = append(got, fmt.Sprintf("%s %d of %d", s.Institution[len(s.Institution)-2:], s.Parts[3].Share, s.Parts[3].Ranked))
	}
	// others with less count whole, others with as much half: 0/8, 3/8, 3/8, 6/8, 8/8
	want := []string{"u4 1000 of 5", "u3 750 of 5", "u1 375 of 5", "u2 375 of 5", "u0 0 of 5"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func money(n int64) body.Decimal { return body.Decimal(strconv.FormatInt(n, 10)) }

func drawBurdens(rt *rapid.T) []board.Burden {
	number := func(name string, most int64) *int64 {
		if rapid.IntRange(0, 5).Draw(rt, name+" known") == 0 {
			return nil
		}
		n := rapid.Int64Range(0, most).Draw(rt, name)
		return &n
	}
	units := make([]board.Burden, rapid.IntRange(1, 9).Draw(rt, "units"))
	for i := range units {
		u := board.Burden{
			Institution: protocol.InstitutionID(fmt.Sprintf("mk.southeast.u%d", i)), Residents: number("residents", 300_000),
			Present: number("present", 20_000), Places: number("places", 5_000), Children: number("children", 20_000),
		}
		if n := number("arrivals", 1_000_000_000_000); n != nil {
			u.Arrived = &board.Arrived{Persons: *n, Hours: rapid.Int64Range(0, 200).Draw(rt, "hours")}
		}
		if n := number("gap", 1_000_000); n != nil {
			u.Gap = &board.Gap{Missing: money(*n), Budget: money(rapid.Int64Range(0, 1_000_000).Draw(rt, "budget"))}
		}
		for range rapid.IntRange(0, 3).Draw(rt, "needs") {
			required := rapid.Int64Range(1, 1000).Draw(rt, "required")
			u.Needs = append(u.Needs, board.Shortfall{Required: required, Unmet: rapid.Int64Range(0, required).Draw(rt, "unmet")})
		}
		units[i] = u
	}
	return units
}

func indexOf(rows []board.Solidarity, id protocol.InstitutionID) board.Solidarity {
	return rows[slices.IndexFunc(rows, func(s board.Solidarity) bool { return s.Institution == id })]
}

// TestWhatSolidarityNeverDoes: more residents never raise the index, more arrivals never
// lower it, help received never raises it.
func TestWhatSolidarityNeverDoes(t *testing.T) {
	p := weights(t)
	rapid.Check(t, func(rt *rapid.T) {
		units := drawBurdens(rt)
		i := rapid.IntRange(0, len(units)-1).Draw(rt, "unit")
		more := rapid.Int64Range(1, 100_000).Draw(rt, "more")
		before := indexOf(board.Affected(units, p), units[i].Institution)
		changed := slices.Clone(units)
		u := &changed[i]
		after := func() board.Solidarity { return indexOf(board.Affected(changed, p), u.Institution) }

		if u.Residents != nil && *u.Residents > 0 {
			n := *u.Residents + more
			u.Residents = &n
			if got := after(); got.Index > before.Index || got.Confidence != before.Confidence {
				rt.Fatalf("%d more residents raise the index from %d to %d", more, before.Index, got.Index)
			}
			*u = units[i]
		}
		if u.Arrived != nil {
			u.Arrived = &board.Arrived{Persons: u.Arrived.Persons + more, Hours: u.Arrived.Hours}
			if got := after(); got.Index < before.Index || got.Confidence != before.Confidence {
				rt.Fatalf("%d more arrivals lower the index from %d to %d", more, before.Index, got.Index)
			}
			*u = units[i]
		}
		u.Needs = slices.Clone(u.Needs)
		for k := range u.Needs {
			u.Needs[k].Unmet = max(0, u.Needs[k].Unmet-rapid.Int64Range(0, more).Draw(rt, "help"))
		}
		if u.Gap != nil {
			n, err := strconv.ParseInt(string(u.Gap.Missing), 10, 64)
			if err != nil {
				rt.Fatal(err)
			}
			u.Gap = &board.Gap{Missing: money(max(0, n-more)), Budget: u.Gap.Budget}
		}
		if got := after(); got.Index > before.Index || got.Confidence != before.Confidence {
			rt.Fatalf("help raises the index from %d to %d", before.Index, got.Index)
		}
	})
}

func TestOrderAndDuplicatesChangeNoIndex(t *testing.T) {
	p := weights(t)
	rapid.Check(t, func(rt *rapid.T) {
		units := drawBurdens(rt)
		want := board.Affected(units, p)
		twice := append(slices.Clone(units), units[:rapid.IntRange(0, len(units)).Draw(rt, "twice")]...)
		got := board.Affected(rapid.Permutation(twice).Draw(rt, "order"), p)
		if diff := cmp.Diff(show(want), show(got)); diff != "" {
			rt.Fatal(diff)
		}
		for _, s := range got {
			if s.Index < 0 || s.Index > 1000 || s.Apart != (s.Confidence < p.LeastConfidence) || s.Confidence == 0 && s.Index != 0 {
				rt.Fatalf("%+v", s)
			}
		}
	})
}

// TestBurdenIsWhatTheRecordsSay gathers the inputs of one unit, and counts the help that it
// has received: help that is older than 90 days no longer.
func TestBurdenIsWhatTheRecordsSay(t *testing.T) {
	asks, gives := newPen(t, town), newPen(t, centre)
	asks.clock = day(3)
	report := asks.report(1, figures{body.Arrivals: 700, body.Present: 1200, body.CapacityTotal: 500, body.Children: 300})
	second := asks.report(2, figures{body.Arrivals: 300, body.Present: 1300, body.CapacityTotal: 500, body.Children: -1})
	assessed := asks.assess(300, 0, func(b *body.Needs) {
		b.Items[0].CostEstimate = &body.Money{Amount: "900.50", Currency: "EUR"}
	})
	request := asks.ask(&assessed, 300)
	commit := gives.step(body.StepCommit, &request, &request, 100)
	profile := &board.Declared{Profile: &body.Profile{
		Residents: &body.Residents{Value: 20_000}, Budget: &body.OwnBudget{Money: body.Money{Amount: "24000", Currency: "EUR"}},
	}}
	p := weights(t)
	burden := func(when int, events ...board.Event) board.Burden {
		pic := picture(t, day(when), events...)
		return pic.BurdenOf(town, profile, p, at(day(when)))
	}
	got := burden(4, report, second, assessed, request, commit)
	if *got.Residents != 20_000 || *got.Present != 1300 || *got.Places != 500 || got.Children != nil {
		t.Errorf("burden is %s; what was not reported is not known", show(got))
	}
	if got.Arrived == nil || *got.Arrived != (board.Arrived{Persons: 1000, Hours: 48}) {
		t.Errorf("arrivals are %s", show(got.Arrived))
	}
	if len(got.Needs) != 1 || got.Needs[0] != (board.Shortfall{Required: 300, Unmet: 200}) {
		t.Errorf("needs are %s", show(got.Needs))
	}
	if got.Gap == nil || got.Gap.Missing != "600.3333" || got.Gap.Budget != "24000" { // 900.50 × 200 / 300
		t.Errorf("gap is %s", show(got.Gap))
	}
	if old := burden(30, report, second, assessed, request, commit); old.Present != nil || old.Arrived != nil {
		t.Errorf("figures of four weeks ago still count: %s", show(old))
	}
	if old := burden(100, assessed, request, commit); old.Needs[0].Unmet != 300 {
		t.Errorf("help of 97 days ago still counts: %s", show(old.Needs))
	}
	if silent := burden(4); silent.Present != nil || silent.Needs != nil || silent.Gap != nil {
		t.Errorf("of who said nothing %s is known", show(silent))
	}
}

func TestLedgerAndThreeWSayWhoGaveWhat(t *testing.T) {
	asks, gives, offers := newPen(t, town), newPen(t, centre), newPen(t, valley)
	request := asks.request(100)
	commit := gives.step(body.StepCommit, &request, &request, 60)
	offer := offers.write(&body.ResourceStep{Step: body.StepOffer, Lines: lines(40)})
	accept := asks.step(body.StepAccept, &offer, &offer, 30)
	bound := offers.step(body.StepCommit, &offer, &accept, 20)
	view := picture(t, day(3), request, commit, offer, accept, bound)
	residents := body.Quantity(20_000)
	var got []string
	for _, l := range view.Ledgers(func(id protocol.InstitutionID) *board.Declared {
		if id == town {
			return &board.Declared{Profile: &body.Profile{Residents: &body.Residents{Value: residents}}}
		}
		return nil
	}) {
		line := fmt.Sprintf("%s gave %d got %d %s", l.Institution, l.Gave, l.Got, l.Type)
		if l.GotPer != nil {
			line += fmt.Sprintf(", %d per 1,000, %s", *l.GotPer, l.Registrar)
		}
		got = append(got, line)
	}
	want := []string{
		"mk.national.demo-crisis-centre gave 60 got 0 blanket", "mk.southeast.demo-south-gate gave 0 got 80 blanket, 4000 per 1,000, unconfirmed",
		"rs.pcinjski.demo-south-valley gave 20 got 0 blanket",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	rows := view.WhoWhatWhere()
	if len(rows) != 2 || rows[0].Who != valley || rows[0].Quantity != 20 || !rows[0].Where.IsZero() || rows[1].Who != centre || rows[1].For != town || rows[1].WhereName != "Gevgelija" {
		t.Errorf("3W is %s", show(rows))
	}
}
