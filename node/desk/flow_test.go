package desk_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// flow says a step of a flow.
func (w *world) flow(as protocol.InstitutionID, kind string, set ...string) (desk.Published, error) {
	return w.desk.Publish(w.t.Context(), desk.Request{As: as, Kind: kind, Set: set})
}

func TestFlowIsAgreedStepByStep(t *testing.T) {
	w := market(t)
	commit := must(w.flow(centre, "commit-flow", "recipient="+string(river), "amount=100.50", "currency=EUR"))(t)
	if !strings.Contains(string(commit.Body), `"donor":"`+string(centre)+`"`) || !strings.Contains(string(commit.Body), "decided_at") {
		t.Errorf("what a machine knows is not filled in: %s", commit.Body)
	}
	in := "thread=" + commit.Record.String()
	must(w.flow(centre, "pay", in, "amount=100.50"))(t)
	rows := rowsOf[desk.FlowRow](w, desk.Query{What: desk.ListFlows})
	if len(rows) != 1 || rows[0].Reconciliation != body.DonorAlone {
		t.Errorf("before the town has spoken: %+v", rows)
	}
	must(w.flow(river, "receive", in, "amount=100.50"))(t)
	report := must(w.flow(river, "report-flow", in, "spent=90", "results=180 persons sheltered"))(t)
	if !strings.Contains(string(report.Body), `"unspent":"10.50"`) {
		t.Errorf("what is left is not filled in: %s", report.Body)
	}
	v := must(w.desk.Flow(t.Context(), river, commit.Record.String(), 0))(t)
	if v.Reconciliation != body.Reconciled || v.Spent != "90" || v.Unspent != "10.50" || v.Side != body.RecipientSide {
		t.Errorf("flow is %+v", v)
	}
	shown := must(w.desk.Show(t.Context(), report.Record.String()))(t)
	if shown.Record.Flow == nil || shown.Record.Flow.Flow != commit.Record || !strings.HasPrefix(shown.Record.Says, "report 90 + 10.50 EUR") {
		t.Errorf("shown is %+v", shown.Record)
	}
	totals := rowsOf[desk.FundTotal](w, desk.Query{What: desk.ListFunds})
	if len(totals) != 1 || totals[0].Committed != "100.50" || totals[0].Unreconciled != 0 {
		t.Errorf("totals are %+v", totals)
	}
	if by := rowsOf[desk.FlowRow](w, desk.Query{What: desk.ListFlows, By: string(river)}); len(by) != 1 {
		t.Errorf("flows of the town: %+v", by)
	}
}

// TestUnfundedNeedsAreListed: chosen by place and institution, with a plan's line and what flows
// bring, and as a file for others without what is for named recipients.
func TestUnfundedNeedsAreListed(t *testing.T) {
	w := market(t)
	open := must(w.desk.Publish(t.Context(), desk.Request{As: river, Kind: "needs", Body: json.RawMessage(`{"place":{"scheme":"iso3166-2","code":"MK-405"},"items":[
		{"sector":"shelter","item":"tent","unit":"tents","required":10,"basis":"count","priority":1,"cost_estimate":{"amount":"1000","currency":"EUR"}},
		{"sector":"food","item":"meal","unit":"meals","required":10,"basis":"count","priority":1}]}`)}))(t)
	b := &body.Needs{Items: []body.Need{{Sector: "wash", Item: "latrine", Unit: "pieces", Required: 5, Basis: body.BasisCount, Priority: 1}}}
	b.Place, b.To = &body.Place{Scheme: body.ISOSubdivision, Code: "MK-101"}, []body.Addressee{body.Addressee(river)}
	secret := must(w.intake.Publish(t.Context(), intake.Draft{Institution: gate, Type: b.Type(), Time: protocol.InstantOf(w.clock.Now()), Handling: protocol.Red, Body: must(body.Marshal(b, [16]byte{1}))(t)}))(t)
	must(w.flow(centre, "commit-flow", "recipient="+string(river), "amount=400", "currency=EUR", "needs_refs.0="+open.Record.String()))(t)
	rows := rowsOf[desk.UnfundedRow](w, desk.Query{What: desk.ListUnfunded, Place: "MK-405", By: string(river)})
	if len(rows) != 2 || rows[0].Sector != "food" || rows[0].Currency != "" || rows[0].Costed != 0 || rows[1].Unfunded != "1000" || rows[1].Shared != "400" || rows[1].AtLeast != "600" || rows[1].Unreconciled != 1 {
		t.Errorf("rows are %+v", rows)
	}
	if all := rowsOf[desk.UnfundedRow](w, desk.Query{What: desk.ListUnfunded}); len(all) != 3 || all[0].Records[0] != secret.Name {
		t.Errorf("all rows are %+v", all)
	}
	e := must(w.desk.ExportList(t.Context(), desk.Query{What: desk.ListUnfunded}, desk.AsHXL, protocol.Red))(t)
	file := string(e.Files[0].Data)
	if strings.Contains(file, "MK-101") || !strings.Contains(file, "MK-405") || !strings.Contains(file, "#value+unfunded") || len(e.Loss) != 1 || e.Loss[0].Rows != 1 {
		t.Errorf("for others: %s, lost %+v", file, e.Loss)
	}
	_, err := w.desk.List(t.Context(), desk.Query{What: desk.ListUnfunded, Severity: "severe"})
	var p *desk.Problem
	if !errors.As(err, &p) || p.Kind != desk.Usage || p.Field != "severity" {
		t.Errorf("chosen by severity: %v", err)
	}
}

func TestStepThatAllWouldIgnoreIsRefusedAtItsAuthors(t *testing.T) {
	w := market(t)
	commit := must(w.flow(centre, "commit-flow", "recipient="+string(river), "amount=100", "currency=EUR"))(t)
	other := must(w.flow(centre, "pledge", "recipient="+string(river), "amount=5", "currency=EUR"))(t)
	in := "thread=" + commit.Record.String()
	before := len(rowsOf[desk.FlowRow](w, desk.Query{What: desk.ListFlows})[0].Steps)
	tests := []struct {
		name, kind string
		as         protocol.InstitutionID
		set        []string
		field      string
		rule       error
	}{
		{"more is paid than is committed", "pay", centre, []string{in, "amount=100.01"}, "amount", body.ErrStepState},
		{"what is only pledged is paid", "pay", centre, []string{"thread=" + other.Record.String(), "amount=1"}, "amount", body.ErrStepState},
		{"the donor says that it was received", "receive", centre, []string{in, "amount=1"}, "amount", body.ErrStepRole},
		{"a report of what never came", "report-flow", river, []string{in, "spent=1"}, "spent", body.ErrStepState},
		{"another currency", "pay", centre, []string{in, "amount=1", "currency=MKD"}, "amount", body.ErrStepState},
		{"money of others is passed on", "pledge", centre, []string{"recipient=" + string(gate), "amount=1", "currency=EUR", "parent_flow=" + commit.Record.String()}, "parent_flow", nil},
		{"a town pledges", "pledge", river, []string{"recipient=" + string(gate), "amount=1", "currency=EUR"}, "kind", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := w.flow(tt.as, tt.kind, tt.set...)
			var p *desk.Problem
			if !errors.As(err, &p) || p.Kind != desk.Refused || p.Field != tt.field || tt.rule != nil && !errors.Is(err, tt.rule) {
				t.Errorf("got %v, want %s refused by %v", err, tt.field, tt.rule)
			}
		})
	}
	var p *desk.Problem
	if _, err := w.flow(centre, "pay", "thread="+string(centre)+"/funding.1.99", "amount=1", "recipient="+string(river), "donor="+string(centre), "currency=EUR", `refs=[{"rel":"answers","record":"`+commit.Record.String()+`"}]`); !errors.As(err, &p) || p.Kind != desk.NotFound {
		t.Errorf("a flow that is not there: %v", err)
	}
	if after := len(rowsOf[desk.FlowRow](w, desk.Query{What: desk.ListFlows})[0].Steps); after != before {
		t.Errorf("%d steps, want %d: something was written", after, before)
	}
}

func TestFlowIsOfItsMoment(t *testing.T) {
	w := market(t)
	commit := must(w.flow(centre, "commit-flow", "recipient="+string(river), "amount=100", "currency=EUR"))(t)
	when := protocol.InstantOf(w.clock.Now())
	w.clock.pass(1000000000)
	must(w.flow(centre, "pay", "thread="+commit.Record.String(), "amount=100"))(t)
	then := must(w.desk.Flow(t.Context(), centre, commit.Record.String(), when))(t)
	now := must(w.desk.Flow(t.Context(), centre, commit.Record.String(), 0))(t)
	if then.State != body.FlowCommitted || now.State != body.FlowPaid {
		t.Errorf("then %s, now %s", then.State, now.State)
	}
	f := must(w.desk.Funds(t.Context(), river, 0))(t)
	if len(f.Begins) != 1 || f.Begins[0] != body.FlowReceive {
		t.Errorf("a town may begin a flow with %v", f.Begins)
	}
}
