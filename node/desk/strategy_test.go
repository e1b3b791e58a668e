package desk_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// plan has an institution say a strategy of one objective, or of what is set.
func (w *world) plan(as protocol.InstitutionID, set ...string) (desk.Published, error) {
	w.t.Helper()
	return w.desk.Publish(w.t.Context(), desk.Request{As: as, Kind: "strategy", Set: append([]string{
		"title=Reception", "status=adopted", "period=2015-01-01/2017-01-01", "objectives.0.text=Nobody sleeps outside.",
	}, set...)})
}

func (w *world) strategy(n protocol.Name, from, to int) desk.StrategySheet {
	w.t.Helper()
	return must(w.desk.Strategy(w.t.Context(), desk.StrategyQuery{As: centre, Record: n.String(), From: from, To: to}))(w.t)
}

func (w *world) alignment() []desk.AlignmentRow {
	w.t.Helper()
	return must(w.desk.List(w.t.Context(), desk.Query{What: desk.ListAlignment}))(w.t).Rows.([]desk.AlignmentRow)
}

func TestStrategiesHangTogether(t *testing.T) {
	w := market(t)
	up := must(w.plan(centre, "objectives.1.text=Buses run."))(t)
	first := up.Record.String() + "#1"
	low := must(w.plan(gate, "objectives.0.supports="+first, "objectives.0.indicator=capacity_total", "objectives.0.baseline=500", "objectives.0.target=1500", "place=MK-405", "objectives.1.text=Children learn."))(t)
	w.publish(desk.Request{As: gate, Kind: "report", Set: []string{"place=MK-405", "period=2015-11-02", "figures.capacity_total=900"}})
	rows := w.alignment()
	var got []string
	for _, r := range rows {
		got = append(got, r.Institution.LocalName()+"#"+string(r.OID)+" "+strings.Join(words(r.Findings), " "))
	}
	if want := []string{"demo-crisis-centre#2 uncovered", "demo-south-gate#2 orphan", "demo-crisis-centre#1 ", "demo-south-gate#1 "}; !slices.Equal(got, want) {
		t.Errorf("alignment is %q, want %q", got, want)
	}
	if p := rows[3].Progress; p == nil || *p.PerMille != 400 || p.Quality == nil || p.AgeHours != 9 {
		t.Errorf("progress: %+v", p)
	}
	if s := w.strategy(up.Record, 0, 0); len(s.Aligned[0].SupportedBy) != 1 || s.Aligned[0].SupportedBy[0].Strategy != low.Record || s.Level != body.NationalStrategy || !s.MayMend {
		t.Errorf("the strategy above: %+v", s.Aligned)
	}
	s := w.strategy(low.Record, 0, 0)
	if s.MayMend || len(s.Supported) != 1 || s.Supported[0].Record != up.Record || s.Aligned[0].Supports[0].State != board.SupportHolds || s.Level != body.LocalStrategy {
		t.Errorf("the strategy below: %+v", s)
	}
	coverage := must(w.desk.List(t.Context(), desk.Query{What: desk.ListCoverage}))(t).Rows.([]desk.CoverageRow)
	if c := coverage[1]; c.Level != body.LocalStrategy || c.Country != "mk" || c.Members != 2 || c.Speaking != 1 || c.Linked != 1 || c.Orphans != 1 {
		t.Errorf("coverage: %+v", coverage)
	}
	all := must(w.desk.List(t.Context(), desk.Query{What: desk.ListStrategies, By: string(gate)}))(t).Rows.([]desk.StrategyRow)
	if len(all) != 1 || all[0].Record != low.Record {
		t.Errorf("strategies of the gate: %+v", all)
	}
}

func words[T ~string](of []T) []string {
	out := make([]string, len(of))
	for i, w := range of {
		out[i] = string(w)
	}
	return out
}

func TestStrategyThatWouldNotCountIsRefused(t *testing.T) {
	w := market(t)
	up := must(w.plan(centre))(t)
	gone := must(w.plan(centre))(t)
	must(w.desk.Correct(t.Context(), desk.CorrectRequest{Record: gone.Record.String(), Retract: true, Reason: "written twice"}))(t)
	draft := must(w.plan(centre, "status=draft"))(t)
	beside := must(w.plan(river))(t)
	note := w.publish(desk.Request{As: centre, Kind: "note", Topic: protocol.Policy, Set: []string{"text=Well?"}})
	to := func(n protocol.Name, oid string) string { return "objectives.0.supports=" + n.String() + "#" + oid }
	for _, tt := range []struct {
		name string
		as   protocol.InstitutionID
		set  []string
		want string
	}{
		{"a level above its own", gate, []string{"level=national"}, "level: a national strategy is beyond the competence of a municipality"},
		{"a level below its own", centre, []string{"level=local"}, "level: a local strategy is beyond the competence of a ministry"},
		{"no title", gate, []string{"title="}, "title: "},
		{"a period that ends before it starts", gate, []string{"period=2017-01-01/2015-01-01"}, "period.end: "},
		{"a target of nothing", gate, []string{"objectives.0.target=5"}, "objectives[0].indicator: "},
		{"an objective that there is not", gate, []string{to(up.Record, "7")}, "objectives.0.supports.0: " + up.Record.String() + " has no objective 7"},
		{"taken back", gate, []string{to(gone.Record, "1")}, "objectives.0.supports.0: " + gone.Record.String() + " was taken back"},
		{"of the same level", gate, []string{to(beside.Record, "1")}, "objectives.0.supports.0: " + beside.Record.String() + " does not stand above this strategy"},
		{"no strategy", gate, []string{to(note.Record, "1")}, "objectives.0.supports.0: " + note.Record.String() + " is no strategy that counts here"},
		{"no name at all", gate, []string{"objectives.0.supports=the ministry's"}, "objectives[0].supports[0]: "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := w.plan(tt.as, tt.set...)
			refused(t, err, desk.Refused, tt.want)
		})
	}
	_, err := w.plan(gate, to(protocol.Name{Institution: centre, Position: protocol.Position{Topic: protocol.Policy, Epoch: 1, Sequence: 99}}, "1"))
	refused(t, err, desk.NotFound, "")
	far := `[{"rel":"supports","record":"` + string(centre) + `/policy.1.99","digest":"` + up.Digest.String() + `"}]`
	p := must(w.plan(gate, "objectives.0.supports="+string(centre)+"/policy.1.99#1", "refs="+far))(t)
	if !slices.ContainsFunc(p.Warnings, func(s string) bool { return strings.Contains(s, "policy.1.99 is not here") }) {
		t.Errorf("a strategy that is not here: %q", p.Warnings)
	}
	p = must(w.plan(gate, to(draft.Record, "1")))(t)
	if !slices.ContainsFunc(p.Warnings, func(s string) bool { return strings.Contains(s, "is draft: the link counts once it is adopted") }) {
		t.Errorf("a strategy that is a draft: %q", p.Warnings)
	}
	must(w.desk.Correct(t.Context(), desk.CorrectRequest{As: centre, Record: up.Record.String(), Reason: "its time is over", Set: []string{"status=expired"}}))(t)
	over := must(w.plan(gate, to(up.Record, "1")))(t)
	if !slices.ContainsFunc(over.Warnings, func(s string) bool { return strings.HasPrefix(s, up.Record.String()+" is over: ") }) {
		t.Errorf("a strategy that is over: %q", over.Warnings)
	}
	_, err = w.desk.Correct(t.Context(), desk.CorrectRequest{As: gate, Record: p.Record.String(), Reason: "grown", Set: []string{"level=national"}})
	refused(t, err, desk.Refused, "level: ")
}

func TestVersionsOfAStrategyAreCompared(t *testing.T) {
	w := market(t)
	up := must(w.plan(centre))(t)
	low := must(w.plan(gate))(t)
	correct := func(reason string, set ...string) {
		t.Helper()
		must(w.desk.Correct(t.Context(), desk.CorrectRequest{As: gate, Record: low.Record.String(), Reason: reason, Set: set}))(t)
	}
	correct("the ministry has one now", "objectives.0.supports="+up.Record.String()+"#1")
	correct("the council said so", "title=Reception and care", "objectives.1.oid=2", "objectives.1.text=Children learn.")
	s := w.strategy(low.Record, 1, 3)
	if len(s.History) != 3 || s.History[0].Reason != "the council said so" || s.History[0].Version != 3 || len(s.History[2].Changes) != 0 || s.Aligned[0].Supports[0].State != board.SupportHolds {
		t.Errorf("history: %+v", s.History)
	}
	if c := s.Compared; c == nil || len(c.Changes) != 3 || c.Changes[0].After != "Reception and care" || c.Changes[1].Field != "supports" || c.Changes[2].OID != "2" {
		t.Errorf("from the first to the third: %+v", s.Compared)
	}
	for _, q := range []desk.StrategyQuery{{From: 4}, {From: 1, To: 4}, {To: 1}} {
		q.As, q.Record = centre, low.Record.String()
		_, err := w.desk.Strategy(t.Context(), q)
		refused(t, err, desk.Usage, map[bool]string{true: "to", false: "from"}[q.From == 1]+": there is no version ")
	}
	_, err := w.desk.Strategy(t.Context(), desk.StrategyQuery{As: centre, Record: string(centre) + "/policy.1.9"})
	refused(t, err, desk.NotFound, string(centre)+"/policy.1.9 is no strategy that counts here")
}
