package board_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

const secretariat protocol.InstitutionID = "int.regional.demo-secretariat"

// everybody is a report of all members on the first two days of November.
func everybody() board.RegionalQuery {
	return board.RegionalQuery{Start: at(day(1)), End: at(day(3)), Of: func(protocol.InstitutionID) bool { return true }}
}

// addedUp is what a board of some records makes of a query, as a report.
func addedUp(t testing.TB, events ...board.Event) *body.SituationReport {
	t.Helper()
	q := everybody()
	p := picture(t, q.End.Time(), events...)
	quality(t, &p, q.End.Time())
	indicators, refs := p.AddUp(&q)
	r := &body.SituationReport{Summary: "what the members report", Period: &body.Period{Start: body.TimeOf(q.Start.Time()), End: body.TimeOf(q.End.Time())}}
	r.Refs, r.Regional = refs, &body.Regional{Indicators: indicators}
	return r
}

// counted says in a line each what a report has: the totals, and each row with why it is in none.
func counted(r *body.SituationReport) []string {
	var out []string
	number := func(low, high *body.Quantity) string {
		text := string(must(json.Marshal(low)))
		if high != nil {
			text += "–" + string(must(json.Marshal(high)))
		}
		return text
	}
	for _, of := range r.Regional.Indicators {
		for _, row := range of.Rows {
			out = append(out, strings.TrimSpace(strings.Join([]string{string(of.Indicator), row.Place.Key().String(), number(row.Value, row.High), string(row.Apart) + string(row.Reason)}, " ")))
		}
		if of.Total != nil {
			out = append(out, string(of.Indicator)+" total "+number(&of.Total.Value, of.Total.High))
		}
	}
	return out
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func of(scheme body.Scheme, code string) body.Place { return body.Place{Scheme: scheme, Code: code} }

// TestRegionalReportAddsNothingTwice: of what happens the days are added and never the places,
// of what is there the latest of each place, and of places that lie in each other the larger.
func TestRegionalReportAddsNothingTwice(t *testing.T) {
	w, v, i, c, r := newPen(t, town), newPen(t, valley), newPen(t, island), newPen(t, centre), newPen(t, river)
	events := []board.Event{
		w.report(1, figures{body.Arrivals: 900, body.Present: 100}),
		w.report(2, figures{body.Arrivals: 1100, body.Present: 300}),
		w.report(4, figures{body.Arrivals: 7000, body.Present: 7000}), // after the period
		v.write(sitrep(of("iso3166-2", "RS-24"), 2, figures{body.Arrivals: 950, body.Present: 40})),
		v.write(sitrep(of("x", "rs:miratovac"), 2, figures{body.Present: 15})), // a site that may lie in RS-24
		i.write(sitrep(of("nuts", "EL41"), 2, figures{body.Present: 50})),      // lies in EL4
		i.write(sitrep(of("nuts", "EL4"), 2, figures{body.Present: 80, body.Arrivals: -1})),
		i.write(sitrep(of("x", "gr-mk:bogorodica-evzoni"), 2, figures{body.Present: 5})), // in either country
		c.write(sitrep(gevgelija(), 2, figures{body.Present: 305})),                      // the same place
		r.write(sitrep(of("iso3166-2", "MK-101"), 2, figures{body.Present: -1})),
	}
	got := addedUp(t, events...)
	want := []string{
		"arrivals iso3166-2:MK-405 2000",
		"arrivals iso3166-2:RS-24 950",
		"arrivals nuts:EL4 null N/A",
		"present iso3166-2:MK-101 null N/A",
		"present iso3166-2:MK-405 305",
		"present iso3166-2:MK-405 300",
		"present iso3166-2:RS-24 40",
		"present nuts:EL4 80",
		"present nuts:EL41 50 within",
		"present x:gr-mk:bogorodica-evzoni 5 unknown",
		"present x:rs:miratovac 15 overlap",
		"present total 420–425",
	}
	if diff := cmp.Diff(want, counted(got)); diff != "" {
		t.Error(diff)
	}
	if n := len(got.Refs); n != 9 {
		t.Errorf("%d sources, want 9: neither what lies after the period, nor one twice", n)
	}
	if _, err := body.Parse(body.TypeReport, must(body.Marshal(got, [16]byte{1}))); err != nil {
		t.Errorf("it is no report: %v", err)
	}
}

// TestWholeCountryHoldsAllThatLiesInIt whatever scheme names it.
func TestWholeCountryHoldsAllThatLiesInIt(t *testing.T) {
	tests := []struct {
		name   string
		places []body.Place
		total  int64
	}{
		{"a country and its parts", []body.Place{of("iso3166-1", "MK"), gevgelija(), of("unlocode", "MKGEV"), of("lau", "MK_405")}, 1},
		{"a country by NUTS", []body.Place{of("nuts", "EL"), of("nuts", "EL4"), of("iso3166-2", "GR-A")}, 1},
		{"two countries", []body.Place{of("iso3166-1", "MK"), of("iso3166-1", "RS"), of("nuts", "EL4")}, 3},
		{"parts beside each other", []body.Place{of("nuts", "EL4"), of("nuts", "EL5"), of("nuts", "EL52")}, 2},
		{"parts of two schemes", []body.Place{of("iso3166-2", "GR-A"), of("nuts", "EL4")}, 1},
		{"one site alone", []body.Place{of("x", "gr-mk:bogorodica-evzoni")}, 1},
		{"a district under two countries' codes", []body.Place{of("iso3166-2", "RS-25"), of("iso3166-1", "XK")}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var events []board.Event
			p := newPen(t, town)
			for _, place := range tt.places {
				events = append(events, p.write(sitrep(place, 1, figures{body.Present: 1})))
			}
			got := addedUp(t, events...).Regional.Indicators
			if total := only(t, got).Total; total == nil || int64(total.Value) != tt.total || int64(total.Places) != tt.total {
				t.Errorf("total is %s, want %d", show(total), tt.total)
			}
		})
	}
}

// TestBandsAndContradictionsMakeARange: nobody's word is chosen, and both sides are named.
func TestBandsAndContradictionsMakeARange(t *testing.T) {
	w, c, v := newPen(t, town), newPen(t, centre), newPen(t, valley)
	few := sitrep(of("iso3166-2", "RS-24"), 2, figures{body.Present: 1})
	few.Figures[0].Value = body.Below(5)
	got := addedUp(t, w.report(2, figures{body.Present: 300}), c.report(2, figures{body.Present: 400}), v.write(few))
	present := only(t, got.Regional.Indicators)
	if present.Total.Value != 300 || present.Total.High == nil || *present.Total.High != 404 || present.Total.Places != 2 {
		t.Errorf("total is %s, want 300 to 404 of two places", show(present.Total))
	}
	both := only(t, present.Contradictions)
	if both.Between[0].Institution == both.Between[1].Institution || both.Place.Key() != gevgelija().Key() {
		t.Errorf("contradiction is %s", show(both))
	}
}

// TestFigureThatWasAlteredShows on every node that holds its sources, and so does one whose
// sources are others than were counted.
func TestFigureThatWasAlteredShows(t *testing.T) {
	w, v := newPen(t, town), newPen(t, valley)
	sources := []board.Event{
		w.report(1, figures{body.Arrivals: 900, body.Present: 100}), w.report(2, figures{body.Arrivals: 1100, body.Present: 300}),
		v.write(sitrep(of("iso3166-2", "RS-24"), 2, figures{body.Arrivals: 950, body.Present: 40})),
	}
	set := func(n int64) *body.Quantity { q := body.Quantity(n); return &q }
	present := func(r *body.SituationReport) *body.RegionalIndicator { return &r.Regional.Indicators[1] }
	tests := []struct {
		name   string
		change func(*body.SituationReport)
		want   board.RegionalCheck
		held   int
	}{
		{"as it was added up", func(*body.SituationReport) {}, board.AddsUp, 3},
		{"a figure is another", func(r *body.SituationReport) { present(r).Rows[0].Value = set(299) }, board.AddsUpNot, 3},
		{"the total is another", func(r *body.SituationReport) { present(r).Total.Value = 341 }, board.AddsUpNot, 3},
		{"a total that must not be", func(r *body.SituationReport) {
			r.Regional.Indicators[0].Total = &body.RegionalTotal{Value: 2950, Places: 2}
		}, board.AddsUpNot, 3},
		{"a row is said to lie in another", func(r *body.SituationReport) {
			present(r).Rows[1].Apart, present(r).Total.Value, present(r).Total.Places = body.ApartWithin, 300, 1
		}, board.AddsUpNot, 3},
		{"a day is left out of the sources", func(r *body.SituationReport) {
			r.Regional.Indicators[0].Rows[0].Sources = r.Regional.Indicators[0].Rows[0].Sources[:1]
		}, board.AddsUpNot, 3},
		{"more hours than its sources cover", func(r *body.SituationReport) { r.Regional.Indicators[0].Rows[1].Hours = set(48) }, board.AddsUpNot, 3},
		{"another's record as the source", func(r *body.SituationReport) { present(r).Rows[1].Sources = present(r).Rows[0].Sources }, board.AddsUpNot, 3},
		{"another unit", func(r *body.SituationReport) { present(r).Unit = "families" }, board.AddsUpNot, 3},
		{"a digest of another record", func(r *body.SituationReport) { r.Refs[0].Digest = protocol.DigestOf([]byte("x")) }, board.AddsUpNot, 3},
		{"another record's digest", func(r *body.SituationReport) { r.Refs[0].Digest = r.Refs[2].Digest }, board.AddsUpNot, 3},
		{"a source that is not here", func(*body.SituationReport) {}, board.SourceAbsent, 2},
		{"a figure is another, and a source is not here", func(r *body.SituationReport) { present(r).Rows[0].Value = set(299) }, board.AddsUpNot, 2},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			said := addedUp(t, sources...)
			tt.change(said)
			p := picture(t, day(3), append(slices.Clone(sources[:tt.held]), newPen(t, secretariat).write(said))...)
			got := only(t, p.Regional)
			if got.Check != tt.want {
				t.Errorf("it %s, want that it %s: %s", got.Check, tt.want, show(got))
			}
			if broken := tt.name == "a digest of another record" || tt.name == "another record's digest"; (got.Broken > 0) != broken {
				t.Errorf("%d broken references", got.Broken)
			}
		})
	}
}

// TestSourcesThatWereCorrectedSinceAreCounted: the report goes on to add up, since it names the
// versions that it was made of, and says how many of them are no more what is the case.
func TestSourcesThatWereCorrectedSinceAreCounted(t *testing.T) {
	w, v := newPen(t, town), newPen(t, valley)
	first := w.report(1, figures{body.Present: 100})
	second := w.report(2, figures{body.Arrivals: 1100, body.Present: 300})
	mended := w.correct(&second, sitrep(gevgelija(), 2, figures{body.Arrivals: 1100, body.Present: 310}))
	third := v.write(sitrep(of("iso3166-2", "RS-24"), 2, figures{body.Present: 40}))
	events := []board.Event{first, second, mended, third}
	said := newPen(t, secretariat).write(addedUp(t, events...))
	state := func(more ...board.Event) string {
		got := only(t, picture(t, day(3), append(append(slices.Clone(events), said), more...)...).Regional)
		var words []string
		for _, s := range got.Used {
			words = append(words, s.Record.Position.String()+" "+string(s.State))
		}
		return strings.Join(append(words, string(got.Check)), ", ")
	}
	if got, want := state(), mended.Record.Position.String()+" held, "+third.Record.Position.String()+" held, adds up"; got != want {
		t.Errorf("before: %s, want %s", got, want)
	}
	again, back := w.correct(&second, sitrep(gevgelija(), 2, figures{body.Arrivals: 1, body.Present: 1})), v.correct(&third, nil)
	if got, want := state(again, back), mended.Record.Position.String()+" corrected, "+third.Record.Position.String()+" withdrawn, adds up"; got != want {
		t.Errorf("behind: %s, want %s", got, want)
	}
	p := picture(t, day(3), append(slices.Clone(events), said, again, back)...)
	if got := only(t, p.Regional); got.Changed != 2 || got.Sources != 2 || got.Used[0].By != again.Record.Name {
		t.Errorf("%d of %d changed: %s", got.Changed, got.Sources, show(got.Used))
	}
}

// TestRegionalReportIsNoFigureOfTheBoard: a picture with it is the picture without it, but for the
// report itself and the count of records.
func TestRegionalReportIsNoFigureOfTheBoard(t *testing.T) {
	w, v := newPen(t, town), newPen(t, valley)
	events := []board.Event{w.report(1, figures{body.Arrivals: 900, body.Present: 100}), v.report(2, figures{body.Arrivals: 4000, body.Present: 800})}
	before := picture(t, day(9), events...)
	after := picture(t, day(9), append(events, newPen(t, secretariat).write(addedUp(t, events...)))...)
	quality(t, &before, day(9))
	quality(t, &after, day(9))
	if len(after.Regional) != 1 || after.Tally.Records != 3 {
		t.Fatalf("it is not there: %s", show(after.Tally))
	}
	after.Regional, after.Tally = nil, before.Tally
	if diff := cmp.Diff(show(before.View), show(after.View)); diff != "" {
		t.Error(diff)
	}
}

// TestWhoIsNoRegionalBodyAddsNothingUp: the report is kept and marked.
func TestWhoIsNoRegionalBodyAddsNothingUp(t *testing.T) {
	w := newPen(t, town)
	source := w.report(1, figures{body.Present: 100})
	said := addedUp(t, source)
	p := picture(t, day(3), source, newPen(t, secretariat).write(said), newPen(t, centre).write(said))
	p.Rank(board.NewRanks([]board.Rank{{Institution: secretariat, Level: body.RegionalBody}, {Institution: centre, Level: body.Ministry}}))
	for _, r := range p.Regional {
		if (r.Ignored == board.BeyondRegional) != (r.Institution == centre) {
			t.Errorf("of %s: %q", r.Institution, r.Ignored)
		}
	}
}

// TestRegionalReportsComeInAnyOrder, with what was put right before and behind them.
func TestRegionalReportsComeInAnyOrder(t *testing.T) {
	w, v, s := newPen(t, town), newPen(t, valley), newPen(t, secretariat)
	first, second := w.report(1, figures{body.Arrivals: 900, body.Present: 100}), w.report(2, figures{body.Arrivals: 1100, body.Present: 300})
	third := v.write(sitrep(of("iso3166-2", "RS-24"), 2, figures{body.Present: 40}))
	mended := w.correct(&second, sitrep(gevgelija(), 2, figures{body.Present: 310}))
	events := []board.Event{first, second, third, mended}
	said := addedUp(t, events...)
	report := s.write(said)
	said.Summary = "put otherwise"
	events = append(events, report, s.correct(&report, said), w.correct(&first, nil), v.correct(&third, sitrep(of("iso3166-2", "RS-24"), 2, figures{body.Present: 41})))
	want := picture(t, day(3), events...).Regional
	if only(t, want).Summary != "put otherwise" || want[0].Changed != 2 {
		t.Fatalf("the report is %s", show(want))
	}
	rapid.Check(t, func(rt *rapid.T) {
		shuffled := rapid.Permutation(events).Draw(rt, "order")
		if diff := cmp.Diff(show(want), show(picture(t, day(3), shuffled...).Regional)); diff != "" {
			rt.Error(diff)
		}
	})
}
