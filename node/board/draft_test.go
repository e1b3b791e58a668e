package board_test

import (
	"encoding/csv"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol/body"
)

// replay reads the cut of UNHCR's figures and has a column signed by an institution.
func replay(t *testing.T, column int, p *pen, place body.Place, indicator body.Indicator) []board.Event {
	t.Helper()
	f, err := os.Open("testdata/arrivals-autumn-2015.csv")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	var out []board.Event
	for i, row := range rows[1:] {
		v, err := strconv.ParseInt(row[column], 10, 64)
		if err != nil {
			v = -1 // N/A
		}
		out = append(out, p.write(sitrep(place, i-30, figures{indicator: v})))
	}
	return out
}

func draftAt(p board.Picture, place body.Place, d int) *board.Draft {
	for i := range p.Drafts {
		if p.Drafts[i].Place == place.Key() && p.Drafts[i].PeriodStart == at(day(d)) {
			return &p.Drafts[i]
		}
	}
	return nil
}

func TestStopOfTheFerriesIsDraftedAndWarnsTheTown(t *testing.T) {
	b := newBoard(t, replay(t, 1, newPen(t, island), islands(), body.Departures)...)
	b.Tell(replay(t, 2, newPen(t, town), gevgelija(), body.Arrivals))

	d := draftAt(b.Picture(at(day(4))), islands(), 3)
	if d == nil || d.Value != 0 || d.Before != 1935 || d.Upwards || len(d.Warns) != 1 {
		t.Fatalf("no draft of the 0 of 3 November: %s", show(d))
	}
	if w := d.Warns[0]; w.PlaceName != "Gevgelija" || w.Days != 2 || d.PlaceName != "Nisia Aigaiou, Kriti" {
		t.Errorf("draft is %s, want it to warn Gevgelija two days ahead", show(d))
	}
	d = draftAt(b.Picture(at(day(6))), gevgelija(), 5)
	if d == nil || d.Value != 960 || d.Before != 6532 || d.Median != 7627 {
		t.Fatalf("no draft of the 960 of 5 November: %s", show(d))
	}
	if len(d.Upstream) != 2 {
		t.Fatalf("draft is %s, want the 1,935 and the 0 upstream", show(d))
	}
	if u := d.Upstream[1]; u.PlaceName != "Nisia Aigaiou, Kriti" || *u.Value != 0 || u.Institution != island || u.Days != 2 {
		t.Errorf("draft is %s, want it to name the islands upstream", show(d))
	}
	if old := draftAt(b.Picture(at(day(9))), gevgelija(), 5); old != nil {
		t.Errorf("after three days it is still proposed: %s", show(old))
	}
}

func TestDraftsOnTheRealDataAreFew(t *testing.T) {
	for column, want := range map[int]int{1: 4, 2: 4, 3: 2, 4: 3} {
		p := picture(t, day(17), replay(t, column, newPen(t, town), gevgelija(), body.Arrivals)...)
		if c := only(t, p.Columns); c.Changes != want {
			t.Errorf("column %d: the rule fired %d times in 33 days, want %d", column, c.Changes, want)
		}
	}
}

// history reports fourteen days of 1000, 1001, 1000 … ending with 31 October.
func history(p *pen) []board.Event {
	var out []board.Event
	for d := range 14 {
		out = append(out, p.report(d-13, figures{body.Arrivals: 1000 + int64(d%2)}))
	}
	return out
}

func TestChangeRule(t *testing.T) {
	tests := []struct {
		name string
		last []int64 // reported for the days from 1 November on; -1: not reported
		want int     // how often the rule fires
	}{
		{"a reported 0 is a value", []int64{0}, 1},
		{"what is not reported is none", []int64{-1, -1}, 0},
		{"a gap does not hide the change behind it", []int64{-1, 2000}, 1},
		{"changed by 50 % and no more", []int64{1501}, 0},
		{"changed by more than 50 % and by 501", []int64{1502}, 1},
		{"below the floor", []int64{501}, 0},
		{"it stays where it went", []int64{3000, 3000}, 1},
		{"and comes back", []int64{3000, 1000}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := newPen(t, town)
			events := history(p)
			for i, v := range tt.last {
				events = append(events, p.report(1+i, figures{body.Arrivals: v}))
			}
			if c := only(t, picture(t, day(4), events...).Columns); c.Changes != tt.want {
				t.Errorf("the rule fired %d times, want %d", c.Changes, tt.want)
			}
			if c := only(t, picture(t, day(4), events[1:]...).Columns); c.Changes > 0 && len(tt.last) == 1 {
				t.Errorf("the rule fired on thirteen values")
			}
		})
	}
}

func TestOneCauseIsDraftedOnceInSixHours(t *testing.T) {
	a, b := newPen(t, town), newPen(t, centre)
	events := append(history(a), history(b)...)
	first := a.report(1, figures{body.Arrivals: 5000})
	late := sitrep(gevgelija(), 1, figures{body.Arrivals: 5100})
	late.Period.End = body.TimeOf(day(2).Add(5 * time.Hour))
	second := b.write(late)
	p := picture(t, day(3), append(events, first, second)...)
	d := only(t, p.Drafts)
	if d.Record != first.Record.Name || only(t, d.Also) != second.Record.Name || d.Profile != "change v1" {
		t.Errorf("draft is %s, want one for both", show(d))
	}
	late.Period.End = body.TimeOf(day(2).Add(6 * time.Hour))
	if p := picture(t, day(3), append(events, first, b.write(late))...); len(p.Drafts) != 2 {
		t.Errorf("six hours later: %s, want a draft of its own", show(p.Drafts))
	}
}

func TestDraftSaysThatItWasSent(t *testing.T) {
	a, c := newPen(t, town), newPen(t, centre)
	events := history(a)
	shock := a.report(1, figures{body.Arrivals: 5000})
	warning := capMessage(c, "1", body.MsgAlert)
	warning.Refs = []body.Ref{refTo("about", &shock)}
	alert := c.write(warning)
	p := picture(t, day(3), append(events, shock, alert)...)
	if d := only(t, p.Drafts); only(t, d.Sent) != alert.Record.Name {
		t.Errorf("draft is %s, want it to name the alert", show(d))
	}
	if al := only(t, p.Alerts); only(t, al.About) != shock.Record.Name {
		t.Errorf("alert is %s, want it to name the report", show(al))
	}
}

func TestCorridorLeadsFromTheIslandsToAustria(t *testing.T) {
	legs, err := board.Corridor()
	if err != nil {
		t.Fatal(err)
	}
	if len(legs) != 5 || legs[0].From != islands().Key() || legs[4].To != (body.PlaceKey{Scheme: body.ISOCountry, Code: "AT"}) {
		t.Errorf("corridor is %v", legs)
	}
	for i := 1; i < len(legs); i++ {
		if legs[i].From != legs[i-1].To {
			t.Errorf("leg %d begins elsewhere than leg %d ends", i, i-1)
		}
	}
}
