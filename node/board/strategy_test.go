package board_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

const (
	southeast protocol.InstitutionID = "mk.southeast.demo-region"
	northeast protocol.InstitutionID = "mk.northeast.demo-region"
	office    protocol.InstitutionID = "int.regional.demo-secretariat"
)

// aim is an objective of a test: its number and what it supports.
type aim struct {
	oid body.ObjectiveID
	of  *board.Event
	up  body.ObjectiveID
}

// strategyOf makes an adopted strategy for 2015 and 2016.
func strategyOf(level body.StrategyLevel, aims ...aim) *body.Strategy {
	s := &body.Strategy{
		Level: level, Title: "Reception", Status: body.StrategyAdopted,
		Period: body.Period{Start: body.TimeOf(day(-300)), End: body.TimeOf(day(400))},
	}
	for _, a := range aims {
		o := body.Objective{OID: a.oid, Text: body.Text("objective " + a.oid)}
		if a.of != nil {
			o.Supports = []body.ObjectiveRef{body.ObjectiveRef(a.of.Record.String() + "#" + string(a.up))}
			if ref := refTo(body.RelSupports, a.of); !slices.Contains(s.Refs, ref) {
				s.Refs = append(s.Refs, ref)
			}
		}
		s.Objectives = append(s.Objectives, o)
	}
	return s
}

func (p *pen) strategy(level body.StrategyLevel, aims ...aim) board.Event {
	p.t.Helper()
	return p.write(strategyOf(level, aims...))
}

// levels ranks the institutions of these tests.
func levels() *board.Ranks {
	return board.NewRanks([]board.Rank{
		{Institution: town, Level: body.Municipality},
		{Institution: valley, Level: body.Municipality},
		{Institution: southeast, Level: body.RegionalAuthority},
		{Institution: northeast, Level: body.RegionalAuthority},
		{Institution: centre, Level: body.Ministry},
		{Institution: island, Level: body.Ministry},
		{Institution: office, Level: body.RegionalBody},
		{Institution: fund, Level: body.Donor},
	})
}

// aligned gives the picture with what is beyond competence marked.
func aligned(t *testing.T, events ...board.Event) *board.View {
	t.Helper()
	v := picture(t, day(6), events...).View
	v.Rank(levels())
	return &v
}

// strategies gives the strategy of an institution.
func strategyBy(t *testing.T, v *board.View, id protocol.InstitutionID) *board.Strategy {
	t.Helper()
	i := slices.IndexFunc(v.Strategies, func(s board.Strategy) bool { return s.Institution == id })
	if i < 0 {
		t.Fatalf("no strategy of %s: %s", id, show(v.Strategies))
	}
	return &v.Strategies[i]
}

// hangs says in a line how the objectives of an alignment hang together.
func hangs(v *board.View) string {
	var out []string
	for _, o := range v.Alignment() {
		words := []string{o.Institution.LocalName() + "#" + string(o.OID)}
		for _, f := range o.Findings {
			words = append(words, string(f))
		}
		for _, s := range o.SupportedBy {
			words = append(words, "<"+s.Institution.LocalName()+"#"+string(s.OID))
		}
		out = append(out, strings.Join(words, " "))
	}
	return strings.Join(out, "; ")
}

func TestLinksOfObjectivesLeadUpwardOrSayWhyNot(t *testing.T) {
	above, mine := newPen(t, centre), newPen(t, town)
	national := above.strategy(body.NationalStrategy, aim{oid: "1"}, aim{oid: "2"})
	draft := strategyOf(body.NationalStrategy, aim{oid: "1"})
	draft.Status = body.StrategyDraft
	proposed := above.write(draft)
	over := strategyOf(body.NationalStrategy, aim{oid: "1"})
	over.Period.End = body.TimeOf(day(2))
	expired := above.write(over)
	gone := above.strategy(body.NationalStrategy, aim{oid: "1"})
	takenBack := above.correct(&gone, nil)
	abroad := newPen(t, island).strategy(body.NationalStrategy, aim{oid: "1"})
	region := newPen(t, southeast).strategy(body.RegionalStrategy, aim{oid: "1"})
	other := newPen(t, northeast).strategy(body.RegionalStrategy, aim{oid: "1"})
	beside := newPen(t, valley).strategy(body.LocalStrategy, aim{oid: "1"})
	top := newPen(t, office).strategy(body.SupranationalStrategy, aim{oid: "1"})
	claimed := newPen(t, fund).strategy(body.NationalStrategy, aim{oid: "1"})
	posing := newPen(t, "mk.skopje.demo-suburb").strategy(body.NationalStrategy, aim{oid: "1"})
	question := above.consult(body.Addressee(town))
	forged := national
	forged.Digest = protocol.DigestOf([]byte("of a record that nobody wrote"))
	all := []board.Event{national, proposed, expired, gone, takenBack, abroad, region, other, beside, top, claimed, posing, question}
	for _, tt := range []struct {
		name string
		of   *board.Event
		up   body.ObjectiveID
		here bool
		want board.SupportState
	}{
		{"of the country", &national, "1", true, board.SupportHolds},
		{"of the own region", &region, "1", true, board.SupportHolds},
		{"above all countries", &top, "1", true, board.SupportHolds},
		{"not here", &national, "1", false, board.SupportWaiting},
		{"a digest of something else", &forged, "1", true, board.SupportBroken},
		{"an objective that there is not", &national, "9", true, board.SupportMissing},
		{"not adopted yet", &proposed, "1", true, board.SupportDraft},
		{"its period is over", &expired, "1", true, board.SupportExpired},
		{"taken back", &gone, "1", true, board.SupportWithdrawn},
		{"another country's", &abroad, "1", true, board.SupportSideways},
		{"another region's", &other, "1", true, board.SupportSideways},
		{"the same level", &beside, "1", true, board.SupportSideways},
		{"no strategy", &question, "1", true, board.SupportUncounted},
		{"of one who governs nothing", &claimed, "1", true, board.SupportUncounted},
		{"of who is no member", &posing, "1", true, board.SupportUncounted},
	} {
		t.Run(tt.name, func(t *testing.T) {
			events := []board.Event{mine.strategy(body.LocalStrategy, aim{"1", tt.of, tt.up})}
			if tt.here {
				events = append(events, all...)
			}
			got := strategyBy(t, aligned(t, events...), town).Objectives[0].Supports
			if s := only(t, got); s.State != tt.want {
				t.Errorf("the link is %q, want %q", s.State, tt.want)
			}
		})
	}
}

func TestAlignmentFindsOrphansAndWhatNobodySupports(t *testing.T) {
	top := newPen(t, office).strategy(body.SupranationalStrategy, aim{oid: "1"}, aim{oid: "2"})
	national := newPen(t, centre).strategy(body.NationalStrategy, aim{"1", &top, "1"}, aim{oid: "2"})
	local := newPen(t, town).strategy(body.LocalStrategy, aim{"1", &national, "1"}, aim{oid: "2"}, aim{"3", &national, "7"})
	draft := strategyOf(body.LocalStrategy, aim{"1", &national, "2"})
	draft.Status = body.StrategyDraft
	v := aligned(t, top, national, local, newPen(t, southeast).write(func() *body.Strategy {
		d := *draft
		d.Level = body.RegionalStrategy
		return &d
	}()))
	want := "demo-secretariat#2 uncovered; demo-crisis-centre#2 orphan uncovered; demo-south-gate#2 orphan; demo-south-gate#3 orphan broken; " +
		"demo-secretariat#1 <demo-crisis-centre#1; demo-crisis-centre#1 <demo-south-gate#1; demo-south-gate#1"
	if got := hangs(v); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	rows := v.AlignmentCoverage(levels())
	var got []string
	for _, r := range rows {
		got = append(got, fmt.Sprintf("%s %s: %d of %d, %d+%d, up %d-%d, down %d-%d", r.Level, r.Country, r.Speaking, r.Members, r.Strategies, r.Objectives, r.Linked, r.Orphans, r.Covered, r.Uncovered))
	}
	if diff := cmp.Diff([]string{
		"supranational int: 1 of 1, 1+2, up 0-0, down 1-1",
		"national gr: 0 of 1, 0+0, up 0-0, down 0-0",
		"national mk: 1 of 1, 1+2, up 1-1, down 1-1",
		"regional mk: 0 of 2, 0+0, up 0-0, down 0-0",
		"local mk: 1 of 1, 1+3, up 1-2, down 0-0",
		"local rs: 0 of 1, 0+0, up 0-0, down 0-0",
	}, got); diff != "" {
		t.Error(diff)
	}
	alone := aligned(t, newPen(t, town).strategy(body.LocalStrategy, aim{oid: "1"}))
	if got := hangs(alone); got != "demo-south-gate#1" {
		t.Errorf("there is nothing above: %s", got)
	}
}

func TestStrategyBeyondCompetenceIsNotCounted(t *testing.T) {
	for _, tt := range []struct {
		by    protocol.InstitutionID
		level body.StrategyLevel
	}{
		{town, body.LocalStrategy}, {southeast, body.RegionalStrategy}, {centre, body.NationalStrategy}, {office, body.SupranationalStrategy}, {fund, ""},
	} {
		for _, word := range body.StrategyLevel("").Words() {
			level := body.StrategyLevel(word)
			v := aligned(t, newPen(t, tt.by).strategy(level, aim{oid: "1"}))
			s := only(t, v.Strategies)
			if may := level == tt.level; may != (s.Ignored == "") || may != (len(v.Alignment()) == 1) {
				t.Errorf("%s says a %s strategy: ignored %q, %d objectives aligned", tt.by, level, s.Ignored, len(v.Alignment()))
			}
		}
	}
}

func TestStrategyHasItsVersionsAndWhatChanged(t *testing.T) {
	p := newPen(t, town)
	top := newPen(t, centre).strategy(body.NationalStrategy, aim{oid: "1"})
	first := p.strategy(body.LocalStrategy, aim{oid: "1"}, aim{oid: "2"}, aim{oid: "3"})
	second := strategyOf(body.LocalStrategy, aim{oid: "3"}, aim{"1", &top, "1"})
	second.Objectives[0].Text = "no longer the same"
	target := body.Quantity(1200)
	second.Objectives[0].Indicator, second.Objectives[0].Target = body.CapacityTotal, &target
	mended := p.correct(&first, second)
	third := strategyOf(body.LocalStrategy, aim{oid: "3"}, aim{oid: "4"})
	third.Status = body.StrategyExpired
	again := p.correct(&first, third)
	v := aligned(t, top, first, mended, again)
	s := strategyBy(t, v, town)
	if len(s.Versions) != 3 || s.State != board.StrategyExpired || s.Correction != again.Record.Name || s.Versions[1].Reason != "mistyped" || s.Versions[1].Record != mended.Record.Name {
		t.Fatalf("strategy: %s", show(s))
	}
	want := []board.StrategyChange{
		{OID: "2", Field: "objective", Before: "objective 2"},
		{OID: "3", Field: "text", Before: "objective 3", After: "no longer the same"},
		{OID: "3", Field: "indicator", After: "capacity_total"},
		{OID: "3", Field: "target", After: "1200"},
		{OID: "3", Field: "unit", After: "places"},
		{OID: "1", Field: "supports", After: top.Record.String() + "#1"},
	}
	if diff := cmp.Diff(want, s.Versions[1].Since(&s.Versions[0].StrategyText)); diff != "" {
		t.Errorf("from the first to the second:\n%s", diff)
	}
	if got := s.Versions[2].Since(&s.Versions[2].StrategyText); len(got) != 0 {
		t.Errorf("a version differs from itself: %s", show(got))
	}
	if got := s.Versions[2].Since(&s.Versions[1].StrategyText); len(got) != 7 || got[0].Field != "status" {
		t.Errorf("from the second to the third: %s", show(got))
	}
	if s.Versions[0].Objective("2") == nil || s.Objective("2") != nil {
		t.Error("an earlier version has lost its objective, or the last one has it still")
	}
}

func TestProgressIsByTheLatestFigureOnTheIndicator(t *testing.T) {
	q := func(n int64) *body.Quantity { v := body.Quantity(n); return &v }
	aimed := func(place *body.Place, baseline, target *body.Quantity) *body.Strategy {
		s := strategyOf(body.LocalStrategy, aim{oid: "1"})
		s.Place, s.Objectives[0].Indicator, s.Objectives[0].Baseline, s.Objectives[0].Target = place, body.CapacityTotal, baseline, target
		return s
	}
	here, there := gevgelija(), islands()
	reported := func(by protocol.InstitutionID, place body.Place, d int, n int64) board.Event {
		return newPen(t, by).write(sitrep(place, d, figures{body.CapacityTotal: n, body.Arrivals: 7}))
	}
	m := func(n int64) *int64 { return &n }
	for _, tt := range []struct {
		name    string
		s       *body.Strategy
		figures []board.Event
		value   string
		done    *int64
		age     int64
	}{
		{"half way", aimed(&here, q(500), q(1500)), []board.Event{reported(town, here, 3, 1000)}, "1000", m(500), 48},
		{"rounded half up", aimed(&here, q(0), q(2000)), []board.Event{reported(town, here, 3, 1)}, "1", m(1), 48},
		{"downwards", aimed(&here, q(100), q(20)), []board.Event{reported(town, here, 3, 80)}, "80", m(250), 48},
		{"the other way", aimed(&here, q(100), q(300)), []board.Event{reported(town, here, 3, 50)}, "50", m(-250), 48},
		{"further than wanted", aimed(&here, q(0), q(100)), []board.Event{reported(town, here, 3, 150)}, "150", m(1500), 48},
		{"no baseline", aimed(&here, nil, q(100)), []board.Event{reported(town, here, 3, 150)}, "150", nil, 48},
		{"nothing to go", aimed(&here, q(100), q(100)), []board.Event{reported(town, here, 3, 150)}, "150", nil, 48},
		{"the author's own first", aimed(&here, nil, nil), []board.Event{reported(town, here, 2, 10), reported(centre, here, 3, 20)}, "10", nil, 72},
		{"of others the latest", aimed(&here, nil, nil), []board.Event{reported(valley, here, 2, 10), reported(centre, here, 3, 20)}, "20", nil, 48},
		{"at another place", aimed(&there, nil, nil), []board.Event{reported(town, here, 3, 10)}, "", nil, 0},
		{"no place: the author's own", aimed(nil, nil, nil), []board.Event{reported(centre, here, 4, 10), reported(town, there, 3, 20)}, "20", nil, 48},
		{"nobody reports", aimed(&here, q(0), q(100)), nil, "", nil, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := newPen(t, town)
			v := aligned(t, append(tt.figures, p.write(tt.s))...)
			got := only(t, v.Alignment()).Progress
			if got == nil {
				if tt.value != "" {
					t.Fatalf("no progress, want %s", tt.value)
				}
				return
			}
			if got.Value.String() != tt.value || got.AgeHours != tt.age {
				t.Errorf("progress %s, %d hours old, want %s, %d", got.Value, got.AgeHours, tt.value, tt.age)
			}
			if diff := cmp.Diff(tt.done, got.PerMille); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestStrategiesInAnyOrder: two levels, corrections, a link to what comes later, and one that
// is said again after it became void, told in any order.
func TestStrategiesInAnyOrder(t *testing.T) {
	above, mine := newPen(t, centre), newPen(t, town)
	national := above.strategy(body.NationalStrategy, aim{oid: "1"}, aim{oid: "2"})
	fewer := above.correct(&national, strategyOf(body.NationalStrategy, aim{oid: "2"}))
	local := mine.strategy(body.LocalStrategy, aim{"1", &national, "1"}, aim{"2", &national, "2"})
	mended := mine.correct(&local, strategyOf(body.LocalStrategy, aim{"2", &national, "2"}, aim{"3", &national, "1"}))
	void := newPen(t, southeast).strategy(body.RegionalStrategy, aim{"1", &national, "2"})
	void.Void = true
	p := newPen(t, southeast)
	p.next[protocol.Policy] = 1
	said := p.again(&void)
	under := newPen(t, "mk.southeast.demo-river-town").strategy(body.LocalStrategy, aim{"1", &void, "1"})
	gone := newPen(t, valley).strategy(body.LocalStrategy, aim{oid: "1"})
	back := newPen(t, valley)
	back.next[protocol.Policy] = 1
	events := []board.Event{national, fewer, local, mended, void, said, under, gone, back.correct(&gone, nil)}
	one := newBoard(t, events...)
	want := one.Digest(at(day(6)))
	p0 := one.Picture(at(day(6)))
	if s := strategyBy(t, &p0.View, "mk.southeast.demo-river-town"); s.Objectives[0].Supports[0].State != board.SupportHolds || s.Objectives[0].Supports[0].Strategy != said.Record.Name {
		t.Errorf("a link to what was said again: %s", show(s.Objectives))
	}
	rapid.Check(t, func(rt *rapid.T) {
		other := newBoard(t)
		for _, e := range rapid.Permutation(events).Draw(rt, "order") {
			other.Tell([]board.Event{e})
			if rapid.Bool().Draw(rt, "ask") {
				other.Digest(at(day(3)))
			}
		}
		if other.Digest(at(day(6))) != want {
			rt.Fatalf("the pictures differ:\n%s", cmp.Diff(show(p0), show(other.Picture(at(day(6))))))
		}
	})
}
