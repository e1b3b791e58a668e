package desk_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

// exported gives chosen columns of each line of a list as CSV, under their heads.
func (w *world) exported(what string, columns ...string) []string {
	w.t.Helper()
	e := must(w.desk.ExportList(w.t.Context(), desk.Query{What: what}, desk.AsCSV, protocol.Red))(w.t)
	lines := must(csv.NewReader(bytes.NewReader(bytes.TrimPrefix(e.Files[0].Data, []byte("\ufeff")))).ReadAll())(w.t)
	at := map[string]int{}
	for i, head := range lines[0] {
		at[head] = i
	}
	var out []string
	for _, line := range lines[1:] {
		said := make([]string, len(columns))
		for i, c := range columns {
			n, ok := at[c]
			if !ok {
				w.t.Fatalf("no column %s among %s", c, lines[0])
			}
			said[i] = line[n]
		}
		out = append(out, strings.Join(said, " "))
	}
	return out
}

// TestFlowsAreSaidInTheTermsOfFTSAndIATI by hand (standards.md §9, §10): a pledge is no funding,
// what has no effect is no transaction, and what is passed on is counted by its parent.
func TestFlowsAreSaidInTheTermsOfFTSAndIATI(t *testing.T) {
	w := market(t)
	commit := must(w.flow(centre, "commit-flow", "recipient="+string(river), "amount=100.50", "currency=EUR", "earmarking=tight"))(t)
	in := "thread=" + commit.Record.String()
	must(w.flow(centre, "pay", in, "amount=100.50"))(t)
	must(w.flow(river, "receive", in, "amount=100.50"))(t)
	must(w.flow(river, "report-flow", in, "spent=100.50"))(t)
	must(w.flow(centre, "pledge", "recipient="+string(gate), "amount=7", "currency=EUR", "in_kind=blankets", "earmarking=unearmarked"))(t)
	given := must(w.flow(centre, "receive", "donor="+string(secretary), "amount=50", "currency=EUR", "earmarking=earmarked"))(t)
	must(w.flow(centre, "commit-flow", "recipient="+string(gate), "amount=40", "currency=EUR", "parent_flow="+given.Record.String()))(t)
	gone := must(w.flow(centre, "commit-flow", "recipient="+string(river), "amount=3", "currency=EUR", "earmarking=soft"))(t)
	must(w.flow(centre, "cancel-flow", "thread="+gone.Record.String(), "reason=too late"))(t)
	got := w.exported(desk.ListFlows, "steps.step", "fts.status", "fts.flow_type", "fts.contribution_type", "iati.transaction_type", "iati.earmarking_category", "iati.donor_org_type", "iati.recipient_org_type")
	want := []string{
		"commit paid standard financial 2 4 10 11", "pay paid standard financial 3 4 10 11", "receive paid standard financial 1 4 10 11", "report paid standard financial 4 4 10 11",
		"pledge pledge standard in kind 12 1 10 11",
		"receive paid standard financial 1 3  10",
		"commit commitment pass-through financial 2  10 11",
		"commit  standard financial 2 2 10 11", "cancel  standard financial  2 10 11",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
}

// TestFlowsSayOfFTSWhatIsKnownAndReportTheRest by hand: the year is that of the plan's lines, the boundary is seen
// from the country of the node, and what no step says stands in the report of what is lost.
func TestFlowsSayOfFTSWhatIsKnownAndReportTheRest(t *testing.T) {
	w := border(t)
	w.host(river)
	set := []string{"title=Winter", "currency=EUR", "territory=MK-405", "period=2016-01-01/2018-01-01"}
	for i, year := range []string{"2016", "2017"} {
		n := string(rune('0' + i))
		set = append(set, "lines."+n+".purpose=beds", "lines."+n+".beneficiary="+string(river), "lines."+n+".year="+year, "lines."+n+".sector=shelter", "lines."+n+".amount=5", "lines."+n+".source=un", "lines."+n+".status=planned")
	}
	plan := must(w.flow(centre, "plan", set...))(t).Record.String()
	of := func(line string) string { return `plan_lines=[{"plan":"` + plan + `","line":` + line + `}]` }
	must(w.flow(centre, "pledge", "recipient="+string(river), "amount=7", "currency=EUR", "in_kind=blankets", of("2")))(t)
	given := must(w.flow(centre, "receive", "donor="+string(secretary), "amount=50", "currency=EUR"))(t)
	must(w.flow(centre, "pledge", "recipient="+string(north), "amount=9", "currency=EUR", "parent_flow="+given.Record.String(), of(`1},{"plan":"`+plan+`","line":2`)))(t)
	got := w.exported(desk.ListFlows, "donor", "fts.budget_year", "fts.new_money", "fts.method", "fts.boundary")
	want := []string{string(centre) + " 2017 true traditional aid internal", string(secretary) + "  true  incoming", string(centre) + "  false  outgoing"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lines (-want +got):\n%s", diff)
	}
	loss := must(w.desk.ExportList(t.Context(), desk.Query{What: desk.ListFlows}, desk.AsCSV, protocol.Red))(t).Loss
	if diff := cmp.Diff([]desk.Loss{
		{Field: "fts.budget_year", Rows: 1, Why: "it names no line of a fund plan that can be read here, and nothing else says it"},
		{Field: "fts.budget_year", Rows: 1, Why: "the lines of fund plans that it names are of several years"},
		{Field: "fts.method", Rows: 2, Why: "no step says whether it goes on as cash, or as goods and services"},
	}, loss); diff != "" {
		t.Errorf("lost (-want +got):\n%s", diff)
	}
}

// TestPlansAreSaidInTheTermsOfIATI by hand: the first version is the original budget, any other a
// revised one, and only what is secured is committed.
func TestPlansAreSaidInTheTermsOfIATI(t *testing.T) {
	w := market(t)
	set := []string{"title=Winter", "status=proposed", "currency=EUR", "territory=MK-405", "period=2016-01-01/2017-01-01", "cosigners=" + string(river)}
	for i, status := range []string{"planned", "requested", "secured"} {
		n := string(rune('0' + i))
		set = append(set, "lines."+n+".purpose=beds", "lines."+n+".beneficiary="+string(river), "lines."+n+".year=2016", "lines."+n+".sector=shelter", "lines."+n+".amount=5", "lines."+n+".source=un", "lines."+n+".status="+status)
	}
	plan := must(w.flow(centre, "plan", set...))(t)
	look := func(version string) {
		t.Helper()
		want := []string{version + " 1", version + " 1", version + " 2"}
		if diff := cmp.Diff(want, w.exported(desk.ListPlans, "iati.budget_type", "iati.lines.budget_status")); diff != "" {
			t.Errorf("lines (-want +got):\n%s", diff)
		}
	}
	look("1")
	must(w.desk.Correct(t.Context(), desk.CorrectRequest{As: centre, Record: plan.Record.String(), Reason: "dearer", Set: []string{"title=Winter places"}}))(t)
	look("2")
}
