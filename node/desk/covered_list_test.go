package desk_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// addsNothingUp says why a list is not made of what several are to say by an hour; empty of one that is.
func addsNothingUp(what string) string {
	switch what {
	case desk.ListDue:
		return "it is itself of who is to say what"
	case desk.ListContradictions, desk.ListEndorsements, desk.ListCorrections, desk.ListNotes, desk.ListKept:
		return "it is of single records, each with its author"
	case desk.ListPhases, desk.ListAlerts, desk.ListDrafts, desk.ListExercises:
		return "whoever has nothing to declare says nothing"
	case desk.ListRequests, desk.ListOffers:
		return "whoever lacks or offers nothing says nothing"
	case desk.ListPlans, desk.ListPlanSums, desk.ListFlows, desk.ListFunds:
		return "nobody is to pay or to plan by an hour: the rows say what is reconciled"
	case desk.ListConsultations:
		return "each row has its own: who was asked"
	case desk.ListStrategies, desk.ListAlignment, desk.ListCoverage, desk.ListProjects, desk.ListPractices:
		return "nobody is to write one by an hour"
	case desk.ListRegional:
		return "each row says of whom it was made when it was added up"
	case desk.ListMembers, desk.ListLinks, desk.ListDropped, desk.ListGaps, desk.ListAudit:
		return "it is what this node knows itself"
	}
	return ""
}

// TestEachAggregateSaysOfWhomItIsMade: how many of those who are to report have, how many are
// overdue and how many behind a line that is cut; where and of whom it is asked for, in the
// list, on its page and in its files.
func TestEachAggregateSaysOfWhomItIsMade(t *testing.T) {
	w := market(t)
	needs := func(as protocol.InstitutionID, place string) {
		w.publish(desk.Request{As: as, Kind: "needs", Set: []string{
			"place=" + place, "items.0.sector=shelter", "items.0.item=bed_place", "items.0.unit=places", "items.0.required=600", "items.0.basis=count", "items.0.priority=1",
		}})
	}
	w.reportAt(river, "iso3166-2:MK-401", 12)
	needs(river, "MK-401")
	w.clock.pass(15 * 24 * time.Hour)
	w.reportAt(gate, "iso3166-2:MK-405", 960)
	needs(gate, "MK-405")
	for _, tt := range []struct {
		q    desk.Query
		want desk.Coverage
	}{
		{desk.Query{What: desk.ListFigures}, desk.Coverage{Kind: body.TypeReport, Reported: 1, Of: 2, Overdue: 1}},
		{desk.Query{What: desk.ListFigures, Place: "MK-405"}, desk.Coverage{Kind: body.TypeReport, Reported: 1, Of: 1}},
		{desk.Query{What: desk.ListFigures, By: string(river)}, desk.Coverage{Kind: body.TypeReport, Of: 1, Overdue: 1}},
		{desk.Query{What: desk.ListReports}, desk.Coverage{Kind: body.TypeReport, Reported: 1, Of: 2, Overdue: 1}},
		{desk.Query{What: desk.ListUnmet}, desk.Coverage{Kind: body.TypeNeeds, Reported: 1, Of: 2, Overdue: 1}},
		{desk.Query{What: desk.ListLedger}, desk.Coverage{Kind: body.TypeNeeds, Reported: 1, Of: 2, Overdue: 1}},
		{desk.Query{What: desk.ListTerritories}, desk.Coverage{Kind: body.TypeReport, Reported: 1, Of: 2, Overdue: 1}},
		{desk.Query{What: desk.ListTerritories, Place: "MK-405"}, desk.Coverage{Kind: body.TypeReport, Reported: 1, Of: 1}},
	} {
		l := must(w.desk.List(t.Context(), tt.q))(t)
		if diff := cmp.Diff(&tt.want, l.Coverage, cmpopts.IgnoreFields(desk.Coverage{}, "Missing")); diff != "" {
			t.Errorf("%+v: covered (-want +got):\n%s", tt.q, diff)
		}
		for _, m := range l.Coverage.Missing {
			if m.Institution != river || m.State != board.Silent || m.LastAt == 0 {
				t.Errorf("%+v: %+v is missing", tt.q, m)
			}
		}
	}
	if b := must(w.desk.Bearing(t.Context(), 0, ""))(t); b.Needs.Reported != 1 || b.Needs.Of != 2 || b.Reports.Overdue != 1 {
		t.Errorf("the solidarity page is covered by %+v and %+v", b.Reports, b.Needs)
	}
	for format, want := range map[string][2]string{
		desk.AsCSV: {"coverage.reported,coverage.of,coverage.overdue,coverage.line_cut,coverage.never", ",1,2,1,0,0"},
		desk.AsHXL: {"#meta+coverage+reported,#meta+coverage+due,#meta+coverage+overdue,#meta+coverage+cut,#meta+coverage+never", ",1,2,1,0,0"},
	} {
		out := must(w.desk.ExportList(t.Context(), desk.Query{What: desk.ListUnmet}, format, protocol.Red))(t)
		if text := string(out.Files[0].Data); !strings.Contains(text, want[0]) || strings.Count(text, want[1]) != 2 {
			t.Errorf("%s:\n%s", format, text)
		}
	}
	w.seated(gate, "MK-405")
	w.publish(desk.Request{Kind: "phase", Set: []string{"place=MK", "phase=response", "report_every_h=24", "reason=many come"}})
	w.publish(desk.Request{As: gate, Kind: "route", Set: []string{
		"asset.type=border_crossing", "asset.name=Bogorodica", "place=MK-405", "state=open", "observed_at=" + w.clock.Now().UTC().Format(time.RFC3339), "valid_until=" + w.clock.Now().Add(time.Hour).UTC().Format(time.RFC3339),
	}})
	for _, what := range desk.Lists() {
		l := must(w.desk.List(t.Context(), desk.Query{What: what}))(t)
		if reason := addsNothingUp(what); (l.Coverage == nil) != (reason != "") {
			t.Errorf("%s is covered by %+v, and adds nothing up: %q", what, l.Coverage, reason)
		}
	}
}
