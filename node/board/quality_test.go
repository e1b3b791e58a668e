package board_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// workedExamples is how many were worked out so far: a figure, a relayed one, a crossing.
const workedExamples = 3

// worked is a record whose quality was worked out by hand, every part of it.
type worked struct {
	Name      string        `json:"name"`
	At        time.Time     `json:"at"`
	Place     body.PlaceKey `json:"place"`
	Indicator body.Indicator
	Route     body.PlaceKey `json:"route"`
	Records   []struct {
		Author protocol.InstitutionID
		Type   string
		Body   json.RawMessage
	}
	Arithmetic []string
	Want       *board.Quality `json:"want"`
}

// The words in which an example says what comes of a part.
var (
	part   = regexp.MustCompile(`^([PRCTKI])(?: = (\d+):|:.* (\d+)(?:, letter [A-F])?$)`)
	factor = regexp.MustCompile(`\*(\d+)`)
	whole  = regexp.MustCompile(`^Q = .* = (\d+), (\w+)$`)
	source = regexp.MustCompile(`^R.* letter ([A-F])$`)
	number = regexp.MustCompile(`^C.* number (\d)`)
)

// written gives what the arithmetic of an example comes to, a line of it at a time: the parts, what the sum takes of them, and
// what stands in the end.
func (w *worked) written() (parts map[string]string, sum []string, end []string) {
	parts, end = map[string]string{}, make([]string, 4)
	for _, line := range w.Arithmetic {
		if m := part.FindStringSubmatch(line); m != nil {
			parts[m[1]] = m[2] + m[3]
		}
		if m := whole.FindStringSubmatch(line); m != nil {
			end[0], end[1] = m[1], m[2]
		}
		if m := source.FindStringSubmatch(line); m != nil {
			end[2] = m[1]
		}
		if m := number.FindStringSubmatch(line); m != nil {
			end[3] = m[1]
		}
		if strings.HasPrefix(line, "sum = ") {
			for _, m := range factor.FindAllStringSubmatch(line, -1) {
				sum = append(sum, m[1])
			}
		}
	}
	return parts, sum, end
}

// reckoned says of a quality what the arithmetic of an example says.
func reckoned(q *board.Quality) (parts map[string]string, sum []string, end []string) {
	n := func(v int64) string { return strconv.FormatInt(v, 10) }
	parts = map[string]string{
		"P": n(q.Provenance), "R": n(q.SourceRecord), "C": n(q.Credibility), "T": n(q.Timeliness), "K": n(q.Completeness), "I": n(q.Confirmation),
	}
	for _, p := range []string{"R", "C", "T", "K", "I"} {
		sum = append(sum, parts[p])
	}
	return parts, sum, []string{n(q.Score), string(q.Band), q.Admiralty[:1], q.Admiralty[1:]}
}

// told writes the records of an example: $3 stands for the name, or the digest, of the
// fourth.
func (w *worked) told(t *testing.T) []board.Event {
	t.Helper()
	pens := map[protocol.InstitutionID]*pen{}
	var events []board.Event
	for i, r := range w.Records {
		if pens[r.Author] == nil {
			pens[r.Author] = newPen(t, r.Author)
		}
		raw := string(r.Body)
		for j, e := range slices.Backward(events) {
			mark := `"$` + strconv.Itoa(j) + `"`
			raw = strings.ReplaceAll(raw, `"digest": `+mark, `"digest": "`+e.Digest.String()+`"`)
			raw = strings.ReplaceAll(raw, mark, `"`+e.Record.String()+`"`)
		}
		salt := protocol.SaltMember([16]byte{byte(i + 1)})
		events = append(events, pens[r.Author].raw(r.Type, []byte(salt+","+strings.TrimLeft(raw, "{ \n"))))
	}
	return events
}

func quality(t testing.TB, p *board.Picture, when time.Time) {
	t.Helper()
	weights, err := body.Qualities()
	if err != nil {
		t.Fatal(err)
	}
	p.Grade(ranks(), &weights, at(when))
	if p.Exercise != nil {
		v := *p.Exercise
		v.Grade(ranks(), &weights, at(when))
		p.Exercise = &v
	}
}

// TestRequestHasTheQualityOfTheNeedsBehindIt, and one that names no assessment has none; both sides of
// a contradiction have that of their figure.
func TestRequestHasTheQualityOfTheNeedsBehindIt(t *testing.T) {
	asks, other := newPen(t, town), newPen(t, centre)
	assessed := asks.assess(300, 100)
	wanted, apart := asks.ask(&assessed, 100), asks.request(100)
	p := picture(t, day(3), assessed, wanted, apart, asks.write(sitrep(gevgelija(), 3, figures{body.Arrivals: 900})), other.write(sitrep(gevgelija(), 3, figures{body.Arrivals: 100})))
	quality(t, &p, day(3))
	for i := range p.Requests {
		r := &p.Requests[i]
		if want := r.Record == wanted.Record.Name; (r.Quality != nil) != want || want && *r.Quality != *p.Needs[0].Quality {
			t.Errorf("%s has %+v", r.Record, r.Quality)
		}
		if got, listed := p.QualityOf(r.Record), p.Qualities()[r.Record]; got != r.Quality || listed != r.Quality {
			t.Errorf("asked about, %s has %+v, among all %+v, and in its list %+v", r.Record, got, listed, r.Quality)
		}
	}
	for _, v := range only(t, p.Clashes).Between {
		if v.Quality == nil || *v.Quality != *p.QualityOf(v.Record) {
			t.Errorf("%s says %s of quality %+v", v.Institution, v.Value, v.Quality)
		}
	}
}

// TestHelpOfEarlierNeedsIsAsGoodAsWhatTookTheirPlace: a request, and what is done on it, goes on when its author
// assesses its needs anew, and has the quality of that, whatever comes first; of needs that were taken back it has none.
func TestHelpOfEarlierNeedsIsAsGoodAsWhatTookTheirPlace(t *testing.T) {
	asks, gives := newPen(t, town), newPen(t, centre)
	first := asks.seen(body.Observed, "shelter")
	wanted := asks.ask(&first, 100)
	committed := gives.step(body.StepCommit, &wanted, &wanted, 60)
	anew := asks.seen(body.Estimated, "shelter")
	events := []board.Event{first, wanted, committed, anew}
	for range events {
		p := picture(t, day(3), events...)
		quality(t, &p, day(3))
		if got := scored(only(t, p.Requests).Quality) + " " + scored(only(t, p.Activities()).Quality); got != "800 800" {
			t.Errorf("request and what is committed to it have %s, want 800 each", got)
		}
		events = append(events[1:], events[0])
	}
	p := picture(t, day(3), append(events, asks.correct(&first, nil))...)
	quality(t, &p, day(3))
	if q := only(t, p.Requests).Quality; q != nil {
		t.Errorf("of needs that were taken back it has %+v", q)
	}
}

// TestNeedsAgeFromWhenTheyWereSigned: of a month that was under way nobody knew more then, and two cadences
// later half of the timeliness is gone.
func TestNeedsAgeFromWhenTheyWereSigned(t *testing.T) {
	signs := newPen(t, town)
	signs.clock = day(2)
	p := picture(t, day(16), signs.assess(300, 100, func(b *body.Needs) {
		b.Period = &body.Period{Start: body.TimeOf(day(1)), End: body.TimeOf(day(30))}
	}))
	quality(t, &p, day(16))
	if q := only(t, p.Needs).Quality; q.Timeliness != 500 {
		t.Errorf("quality is %+v, want a timeliness of 500 per mille", q)
	}
}

// TestQualityWorkedByHand holds what is computed against the examples, and against the arithmetic that stands beside them.
func TestQualityWorkedByHand(t *testing.T) {
	text, err := os.ReadFile("../../schemas/testdata/vectors/quality.json")
	if err != nil {
		t.Fatal(err)
	}
	var examples []worked
	if err := json.Unmarshal(text, &examples); err != nil {
		t.Fatal(err)
	}
	if len(examples) < workedExamples {
		t.Fatalf("%d examples, want %d at least", len(examples), workedExamples)
	}
	for _, w := range examples {
		t.Run(w.Name, func(t *testing.T) {
			p := picture(t, w.At, w.told(t)...)
			if len(p.Kept) > 0 && p.Tally.Unreadable > 0 {
				t.Fatalf("unreadable: %s", show(p.Kept))
			}
			quality(t, &p, w.At)
			var got *board.Quality
			for _, f := range p.Figures {
				if f.Place == w.Place && f.Indicator == w.Indicator {
					got = f.Quality
				}
			}
			for _, r := range p.Routes {
				if r.Asset == w.Route {
					got = r.Sides[0].Quality
				}
			}
			if diff := cmp.Diff(w.Want, got); diff != "" || got == nil {
				t.Fatalf("it is %+v: %s", got, diff)
			}
			parts, sum, end := w.written()
			gotParts, gotSum, gotEnd := reckoned(got)
			if diff := cmp.Diff([]any{parts, sum, end}, []any{gotParts, gotSum, gotEnd}); diff != "" {
				t.Errorf("the arithmetic beside it (-want +got):\n%s", diff)
			}
		})
	}
}

// TestQualityIsTheSameInAnyOrder: same records, same bytes, whatever came first or twice.
func TestQualityIsTheSameInAnyOrder(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		events := drawStory(t, rt)
		graded := func(events []board.Event) string {
			p := picture(t, day(9), events...)
			quality(t, &p, day(9))
			p.At = 0
			return show(p.View) + show(p.Exercise)
		}
		for i := range events {
			events[i].Accepted = at(day(1))
		}
		want := graded(events)
		shuffled := rapid.Permutation(slices.Concat(events, events[:len(events)/2])).Draw(rt, "order")
		if got := graded(shuffled); got != want {
			rt.Fatal(cmp.Diff(want, got))
		}
	})
}

func TestFiguresOfOnePlaceContradictEachOther(t *testing.T) {
	w, a := newPen(t, town), newPen(t, aid)
	mine, theirs := w.report(1, figures{body.Arrivals: 1000}), a.report(1, figures{body.Arrivals: 880})
	near := a.report(1, figures{body.Arrivals: 905})
	judge := newPen(t, centre)
	central := judge.report(1, figures{body.Arrivals: 1200})
	tests := []struct {
		name   string
		events []board.Event
		want   int
	}{
		{"a difference above a tenth and above ten", []board.Event{mine, theirs}, 1},
		{"within a tenth", []board.Event{mine, near}, 0},
		{"within ten persons", []board.Event{newPen(t, town).report(1, figures{body.Arrivals: 20}), newPen(t, aid).report(1, figures{body.Arrivals: 11})}, 0},
		{"other days", []board.Event{mine, newPen(t, aid).report(2, figures{body.Arrivals: 880})}, 0},
		{"another place", []board.Event{mine, newPen(t, aid).write(sitrep(islands(), 1, figures{body.Arrivals: 880}))}, 0},
		{"one has put it right", []board.Event{mine, theirs, a.correct(&theirs, sitrep(gevgelija(), 1, figures{body.Arrivals: 990}))}, 0},
		{"a third has verified one", []board.Event{mine, theirs, newPen(t, centre).endorse(&mine, body.Verify, "arrivals", 1000)}, 0},
		{"one has verified what the other says", []board.Event{theirs, central, judge.endorse(&theirs, body.Verify, "arrivals", 880)}, 0},
		{"one has verified the other's whole record", []board.Event{theirs, central, judge.endorse(&theirs, body.Verify, "", -1)}, 0},
		{"one has verified the other's with its own value", []board.Event{theirs, central, judge.endorse(&theirs, body.Verify, "arrivals", 1200)}, 1},
		{"who may not has verified one", []board.Event{mine, theirs, newPen(t, river).endorse(&mine, body.Verify, "arrivals", 1000)}, 1},
		{"another figure was verified", []board.Event{mine, theirs, newPen(t, centre).endorse(&mine, body.Verify, "present", 1000)}, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := picture(t, day(2), tt.events...)
			quality(t, &p, day(2))
			if len(p.Clashes) != tt.want {
				t.Errorf("%d contradictions, want %d: %s", len(p.Clashes), tt.want, show(p.Clashes))
			}
		})
	}
}

// TestContradictionStandsWhenBothReportOn: a report on another day ends nothing; to put it right, to
// take it back, to say the same days anew, a third's verification and a fortnight do. What is said
// later is no worse for it.
func TestContradictionStandsWhenBothReportOn(t *testing.T) {
	w, a := newPen(t, town), newPen(t, aid)
	mine, theirs := w.report(1, figures{body.Arrivals: 1000}), a.report(1, figures{body.Arrivals: 700})
	told := []board.Event{mine, theirs, w.report(2, figures{body.Arrivals: 400}), a.report(2, figures{body.Arrivals: 400}), w.report(3, figures{body.Arrivals: 500})}
	wide := sitrep(gevgelija(), 1, figures{body.Arrivals: 1000})
	wide.Period.End = body.TimeOf(day(3))
	many := slices.Clone(told)
	for d := range 20 {
		many = append(many, a.report(4+d, figures{body.Arrivals: 400}))
	}
	short := sitrep(gevgelija(), 1, figures{body.Arrivals: 700})
	short.ValidUntil = body.TimeOf(day(4))
	brief := newPen(t, aid)
	for _, tt := range []struct {
		name   string
		when   time.Time
		events []board.Event
		want   int
	}{
		{"both have reported on", day(4), told, 1},
		{"nobody has ended it for a fortnight", day(16), told, 0},
		{"just before that", day(16).Add(-time.Hour), told, 1},
		{"what was said is not valid any more", day(4), []board.Event{mine, brief.write(short), brief.report(2, figures{body.Arrivals: 400})}, 0},
		{"one has put it right", day(4), append(slices.Clone(told), a.correct(&theirs, sitrep(gevgelija(), 1, figures{body.Arrivals: 990}))), 0},
		{"one has taken it back", day(4), append(slices.Clone(told), w.correct(&mine, nil)), 0},
		{"one has said the day anew", day(4), append(slices.Clone(told), a.report(1, figures{body.Arrivals: 990})), 0},
		{"one has said the day anew within a longer time", day(4), []board.Event{mine, theirs, a.write(wide)}, 0},
		{"a third has verified one", day(4), append(slices.Clone(told), newPen(t, centre).endorse(&mine, body.Verify, "arrivals", 1000)), 0},
		{"it lies behind more words than are gone through", day(4), many, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := picture(t, tt.when, tt.events...)
			quality(t, &p, tt.when)
			if len(p.Clashes) != tt.want {
				t.Errorf("%d contradictions, want %d: %s", len(p.Clashes), tt.want, show(p.Clashes))
			}
			for _, c := range p.Clashes {
				for i, v := range c.Between {
					if want := []board.Event{theirs, mine}[i]; v.Record != want.Record.Name || v.Quality != nil {
						t.Errorf("listed is %s", show(v))
					}
				}
			}
		})
	}
}

// TestContradictionOfYesterdayIsNotOfToday: two from other regions against one would make its figure
// improbable, and its next one is not.
func TestContradictionOfYesterdayIsNotOfToday(t *testing.T) {
	var events []board.Event
	for _, says := range []struct {
		id    protocol.InstitutionID
		value int64
	}{{town, 1000}, {valley, 700}, {island, 700}} {
		p := newPen(t, says.id)
		events = append(events, p.report(1, figures{body.Arrivals: says.value}), p.report(2, figures{body.Arrivals: 400}))
	}
	p := picture(t, day(3), events...)
	quality(t, &p, day(3))
	if len(p.Clashes) != 2 {
		t.Errorf("%d contradictions, want 2: %s", len(p.Clashes), show(p.Clashes))
	}
	for _, f := range p.Figures {
		if f.Quality.Admiralty != "F3" {
			t.Errorf("%s: Admiralty %s, want F3", f.Institution, f.Quality.Admiralty)
		}
	}
}

// TestCodesOfOneGroundContradictEachOther: who says NUTS and who says ISO 3166 speak of one place; what
// lies within another is not the same.
func TestCodesOfOneGroundContradictEachOther(t *testing.T) {
	place := func(scheme body.Scheme, code string) body.Place { return body.Place{Scheme: scheme, Code: code} }
	for _, tt := range []struct {
		name string
		x, y body.Place
		want int
	}{
		{"a region", place(body.NUTS, "EL41"), place(body.ISOSubdivision, "GR-K"), 1},
		{"two levels of one region", place(body.NUTS, "EL3"), place(body.NUTS, "EL30"), 1},
		{"a country", place(body.NUTS, "EL"), place(body.ISOCountry, "GR"), 1},
		{"a country that is one region", place(body.NUTS, "MK00"), place(body.ISOCountry, "MK"), 1},
		{"a region of several", place(body.NUTS, "EL4"), place(body.ISOSubdivision, "GR-K"), 0},
		{"a region of a country", place(body.NUTS, "EL41"), place(body.ISOCountry, "GR"), 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			events := []board.Event{
				newPen(t, town).write(sitrep(tt.x, 1, figures{body.Arrivals: 1000})), newPen(t, valley).write(sitrep(gevgelija(), 1, figures{body.Arrivals: 5})),
				newPen(t, aid).write(sitrep(tt.y, 1, figures{body.Arrivals: 700})),
			}
			p := picture(t, day(2), events...)
			quality(t, &p, day(2))
			if len(p.Clashes) != tt.want {
				t.Errorf("%d contradictions, want %d: %s", len(p.Clashes), tt.want, show(p.Clashes))
			}
		})
	}
}

// TestThirdEndsWhatTwoSidesOfACrossingSay by verifying one of them; neither can itself.
func TestThirdEndsWhatTwoSidesOfACrossingSay(t *testing.T) {
	w := newPen(t, town)
	open, closed := w.route(body.RouteOpen, "", day(1)), newPen(t, island).route(body.RouteClosed, "", day(1))
	for by, want := range map[protocol.InstitutionID]int{centre: 0, river: 1} {
		p := picture(t, day(1).Add(time.Hour), open, closed, newPen(t, by).endorse(&open, body.Verify, "state", -1))
		quality(t, &p, day(1).Add(time.Hour))
		if got := len(only(t, p.Routes).Contradictions); got != want {
			t.Errorf("verified by %s: %d contradictions, want %d", by, got, want)
		}
	}
}

func TestTwoIndependentVoicesAgainstAFigureMakeItImprobable(t *testing.T) {
	report := newPen(t, town).report(1, figures{body.Arrivals: 960})
	against := func(ids ...protocol.InstitutionID) []board.Event {
		events := []board.Event{report}
		for _, id := range ids {
			events = append(events, newPen(t, id).endorse(&report, body.Dispute, "arrivals", 500))
		}
		return events
	}
	tests := []struct {
		name   string
		events []board.Event
		want   string
	}{
		{"one from outside", against(valley), "F3"},
		{"two from outside", against(valley, island), "F5"},
		{"two of its own region", against(river, aid), "F3"},
		{"two, and one who may has verified it", append(against(valley, island), newPen(t, centre).endorse(&report, body.Verify, "arrivals", 960)), "F3"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := picture(t, day(2), tt.events...)
			quality(t, &p, day(2))
			if got := only(t, p.Figures).Quality.Admiralty; got != tt.want {
				t.Errorf("Admiralty %s, want %s", got, tt.want)
			}
		})
	}
}

// TestWhoRelaysTheSameConfirmsNothing.
func TestWhoRelaysTheSameConfirmsNothing(t *testing.T) {
	said := sitrep(gevgelija(), 1, figures{body.Arrivals: 960})
	said.Source = &body.Source{Type: body.PublicSource, URL: "https://example.org/9"}
	report := newPen(t, town).write(said)
	for url, want := range map[body.URI]int64{"https://example.org/9": 0, "https://example.org/10": 500} {
		e := &body.Endorsement{Topic: protocol.Situation, Stance: body.Confirm, Basis: body.OnDocument}
		e.Source = &body.Source{Type: body.PublicSource, URL: url}
		e.Refs = []body.Ref{refTo(body.RelEndorses, &report)}
		p := picture(t, day(2), report, newPen(t, valley).write(e))
		quality(t, &p, day(2))
		if got := only(t, p.Figures).Quality.Confirmation; got != want {
			t.Errorf("by %s: confirmation %d, want %d", url, got, want)
		}
	}
}

// TestSourceIsJudgedByWhatWasUpheld: put right by its author, or found otherwise by who may.
func TestSourceIsJudgedByWhatWasUpheld(t *testing.T) {
	w := newPen(t, town)
	var events []board.Event
	said := func(d int, stances ...func(*board.Event) board.Event) {
		e := w.report(d, figures{body.Arrivals: 100})
		events = append(events, e)
		for _, s := range stances {
			events = append(events, s(&e))
		}
	}
	v, c := newPen(t, valley), newPen(t, centre)
	confirmed := func(e *board.Event) board.Event { return v.endorse(e, body.Confirm, "", -1) }
	disputed := func(e *board.Event) board.Event { return v.endorse(e, body.Dispute, "arrivals", 50) }
	mended := func(e *board.Event) board.Event {
		return w.correct(e, sitrep(gevgelija(), 1, figures{body.Arrivals: 50}))
	}
	found := func(e *board.Event) board.Event { return c.endorse(e, body.Verify, "arrivals", 50) }
	within := func(e *board.Event) board.Event { return c.endorse(e, body.Verify, "arrivals", 95) }
	said(-3, confirmed)
	said(-2, confirmed)
	said(-1, within)
	said(0, disputed) // open: judges nobody
	said(1, disputed, mended)
	said(2, found)
	p := picture(t, day(4), events...)
	quality(t, &p, day(4))
	got := only(t, p.Figures).Quality
	if got.Judged != 5 || got.SourceRecord != 556 || !strings.HasPrefix(got.Admiralty, "C") { // (3 + 2)/(5 + 4)
		t.Errorf("judged %d, R %d, %s, want 5, 556, C", got.Judged, got.SourceRecord, got.Admiralty)
	}
	later := day(4).AddDate(0, 0, 181)
	p = picture(t, later, events...)
	quality(t, &p, later)
	if got := only(t, p.Figures).Quality; got.Judged != 0 || got.SourceRecord != 500 {
		t.Errorf("after 180 days judged %d, R %d", got.Judged, got.SourceRecord)
	}
}
