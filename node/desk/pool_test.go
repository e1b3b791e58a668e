package desk_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/node/desk"
)

func rowsOf[T any](w *world, q desk.Query) []T {
	w.t.Helper()
	l := must(w.desk.List(w.t.Context(), q))(w.t)
	rows, ok := l.Rows.([]T)
	if !ok {
		w.t.Fatalf("rows are %T", l.Rows)
	}
	return rows
}

func TestPoolSaysWhoHasWhatNearHere(t *testing.T) {
	w := market(t)
	w.publish(desk.Request{As: river, Kind: "capacity", Body: json.RawMessage(`{"place":{"scheme":"iso3166-2","code":"MK-401"},"items":[
		{"type":"blanket","unit":"piece","available":100,"readiness_hours":6,"offerable":true},
		{"type":"bus","unit":"piece","total":3,"from":"2015-11-20T00:00:00Z","offerable":true,"place":{"scheme":"x","code":"mk:nowhere"}},
		{"type":"tent","unit":"piece","available":9,"until":"2015-11-01T00:00:00Z"}]}`)})
	w.publish(desk.Request{As: centre, Kind: "capacity", Body: json.RawMessage(
		`{"place":{"scheme":"iso3166-2","code":"MK-405","lat":41.14,"lon":22.5},"items":[{"type":"blanket","unit":"piece","available":40}]}`)})
	need := w.need(300, 1)
	w.answer(river, need.Record, "commit", desk.LineQuantity{Line: 1, Quantity: 30})
	say := func(rows []desk.PoolRow) (out []string) {
		for _, r := range rows {
			far, free := "somewhere", "?"
			if r.Kilometres != nil {
				far = fmt.Sprint(*r.Kilometres, " km")
			}
			if r.Free != nil {
				free = fmt.Sprint(*r.Free)
			}
			out = append(out, fmt.Sprintf("%s %s of %s, %s, offered %v", free, r.Type, r.Institution, far, r.Offerable))
		}
		return out
	}
	// Committed since: 30 of the 100. What can't be had any more is left out.
	want := []string{
		"40 blanket of " + string(centre) + ", 0 km, offered false", "70 blanket of " + string(river) + ", 15 km, offered true",
		"3 bus of " + string(river) + ", somewhere, offered true",
	}
	if diff := cmp.Diff(want, say(rowsOf[desk.PoolRow](w, desk.Query{What: desk.ListPool, Place: "MK-405"}))); diff != "" {
		t.Error(diff)
	}
	soon := desk.Query{What: desk.ListPool, Until: instant(t, "2015-11-05T00:00:00.000Z"), Match: "blanket", By: string(river)}
	if rows := rowsOf[desk.PoolRow](w, soon); len(rows) != 1 || *rows[0].ReadyHours != 6 || !rows[0].Fresh {
		t.Errorf("ready by then: %+v", rows)
	}
	w.clock.pass(8 * 24 * time.Hour)
	if rows := rowsOf[desk.PoolRow](w, desk.Query{What: desk.ListPool, By: string(centre)}); rows[0].Fresh || rows[0].AgeHours != 8*24 {
		t.Errorf("eight days later: %+v", rows[0])
	}
}

func TestMatchesAreRankedAndSayWhy(t *testing.T) {
	w := market(t)
	w.publish(desk.Request{As: centre, Kind: "capacity", Body: json.RawMessage(`{"place":{"scheme":"iso3166-2","code":"MK-401"},"items":[
		{"type":"blanket","unit":"piece","available":500,"readiness_hours":48,"offerable":true},
		{"type":"blanket","unit":"pallet","available":500,"offerable":true},
		{"type":"interpreter","unit":"persons","available":2,"offerable":true}]}`)})
	w.publish(desk.Request{As: river, Kind: "capacity", Body: json.RawMessage(`{"place":{"scheme":"iso3166-2","code":"MK-405"},"items":[
		{"type":"blanket","unit":"piece","available":400,"readiness_hours":2,"offerable":true},
		{"type":"tent","unit":"piece","available":20}],
		"gaps":[{"type":"interpreter","unit":"persons","required":4}],"training_needs":"First aid."}`)})
	w.publish(desk.Request{As: river, Kind: "offer", Body: json.RawMessage(`{"lines":[{"line":1,"type":"blanket","quantity":150,"unit":"piece"}]}`)})
	w.need(300, 20)
	before := len(rowsOf[desk.OfferRow](w, desk.Query{What: desk.ListOffers}))
	var got []string
	for _, r := range rowsOf[desk.MatchRow](w, desk.Query{What: desk.ListMatches}) {
		got = append(got, fmt.Sprintf("%s %s: %d. %s %s: %v", r.Lack, r.Type, r.Rank, r.Institution, r.Has, r.Reasons))
	}
	// Tents may not be offered; a pallet is no piece; nobody is matched with itself.
	want := []string{
		"request blanket: 1. " + string(river) + " capacity: [covers 300 of 300 ready in 2 h 0 km as the crow flies said 0 h ago]",
		"request blanket: 2. " + string(centre) + " capacity: [covers 300 of 300 ready in 48 h 15 km as the crow flies said 0 h ago]",
		"request blanket: 3. " + string(river) + " offer: [covers 150 of 300 when it is ready is not said how far is not known said 0 h ago]",
		"gap interpreter: 1. " + string(centre) + " capacity: [covers 2 of 4 when it is ready is not said 15 km as the crow flies said 0 h ago]",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if after := len(rowsOf[desk.OfferRow](w, desk.Query{What: desk.ListOffers})); after != before {
		t.Errorf("%d offers after the question, %d before: a suggestion is no act", after, before)
	}
}
