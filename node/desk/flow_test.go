package desk_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// flow says a step of a flow.
func (w *world) flow(as protocol.InstitutionID, kind string, set ...string) (desk.Published, error) {
	return w.desk.Publish(w.t.Context(), desk.Request{As: as, Kind: kind, Set: set})
}

// TestFlowIsDecidedBefore: not in time to come, and at an instant that its author gives.
func TestFlowIsDecidedBefore(t *testing.T) {
	w := market(t)
	decided := func(at time.Time) (desk.Published, error) {
		return w.flow(centre, "commit-flow", "recipient="+string(river), "amount=100.50", "currency=EUR", "decided_at="+at.Format(time.RFC3339))
	}
	_, err := decided(w.clock.Now().Add(time.Second))
	refused(t, err, desk.Refused, "decided_at: that moment is still to come: give an earlier one")
	before := w.clock.Now().AddDate(0, -2, 0)
	must(decided(before))(t)
	if rows := rowsOf[desk.FlowRow](w, desk.Query{What: desk.ListFlows}); len(rows) != 1 || rows[0].DecidedAt != protocol.InstantOf(before) {
		t.Errorf("flows are %+v", rows)
	}
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

// TestFlowForALineThatIsNotThereIsRefused, of a plan that is held here; what a pledge was for stays when the
// donor binds itself, though the plan has dropped it since.
func TestFlowForALineThatIsNotThereIsRefused(t *testing.T) {
	w := market(t)
	plan := w.propose(`lines.1={"line":2,"purpose":"Interpreters","beneficiary":"` + string(river) + `","year":2016,"sector":"protection","amount":"9000.50","source":"local_budget","status":"planned"}`)
	gives := func(kind string, of protocol.Name, line string) (desk.Published, error) {
		return w.flow(centre, kind, "recipient="+string(river), "amount=100", "currency=EUR", "plan_lines.0.plan="+of.String(), "plan_lines.0.line="+line)
	}
	missing := "plan_lines.0.line: " + plan.Record.String() + " has no line 9: name one that it has now"
	for _, kind := range []string{"pledge", "commit-flow"} {
		_, err := gives(kind, plan.Record, "9")
		refused(t, err, desk.Refused, missing)
	}
	elsewhere := plan.Record
	elsewhere.Sequence = 999
	must(gives("pledge", elsewhere, "9"))(t)
	pledge := must(gives("pledge", plan.Record, "2"))(t)
	_, err := w.desk.Correct(t.Context(), desk.CorrectRequest{As: centre, Record: pledge.Record.String(), Reason: "mistyped", Set: []string{"plan_lines.0.line=9"}})
	refused(t, err, desk.Refused, missing)
	must(w.desk.Correct(t.Context(), desk.CorrectRequest{As: centre, Record: plan.Record.String(), Reason: "nobody needs it", Knowing: true, Set: []string{`lines=[{"line":1,"purpose":"200 bed places","beneficiary":"` + string(gate) + `","year":2016,"sector":"shelter","amount":"120000","source":"eu_amif","status":"planned"}]`}}))(t)
	if got := w.fundPlan(plan.Record).Lines; len(got) != 1 {
		t.Fatalf("lines are %+v", got)
	}
	commit := must(w.flow(centre, "commit-flow", "thread="+pledge.Record.String(), "amount=100"))(t)
	if b := must(body.Parse(commit.Type, commit.Body))(t).(*body.Flow); len(b.PlanLines) != 1 || b.PlanLines[0].Line != 2 {
		t.Errorf("what is committed is for %v", b.PlanLines)
	}
}

// TestFlowForNeedsThatAreNoneIsRefused, of a record that is held here; of what is not, others judge.
func TestFlowForNeedsThatAreNoneIsRefused(t *testing.T) {
	w := market(t)
	report := w.reportAt(gate, "iso3166-2:MK-405", 960).Record
	elsewhere := report
	elsewhere.Sequence = 999
	pledge := must(w.flow(centre, "pledge", "recipient="+string(river), "amount=100", "currency=EUR", "needs_refs.0="+elsewhere.String()))(t)
	if len(pledge.Warnings) != 1 || !strings.Contains(pledge.Warnings[0], elsewhere.String()+" are not held here") {
		t.Errorf("needs that are not held: %q", pledge.Warnings)
	}
	none := "needs_refs.1: " + report.String() + " is no needs assessment: name another"
	_, err := w.flow(centre, "commit-flow", "recipient="+string(river), "amount=100", "currency=EUR", "needs_refs.0="+elsewhere.String(), "needs_refs.1="+report.String())
	refused(t, err, desk.Refused, none)
	_, err = w.flow(centre, "commit-flow", "thread="+pledge.Record.String(), "amount=100", "needs_refs.0="+elsewhere.String(), "needs_refs.1="+report.String())
	refused(t, err, desk.Refused, none)
	_, err = w.desk.Correct(t.Context(), desk.CorrectRequest{As: centre, Record: pledge.Record.String(), Reason: "mistyped", Set: []string{"needs_refs.1=" + report.String()}})
	refused(t, err, desk.Refused, none)
}

// TestMoreThanWasPaidIsReceivedOnlyKnowingly: what the donor has paid may not have come here yet, so that it is
// never forbidden. Where no payment is known, what was promised bounds it; where the donor said nothing, nothing does.
func TestMoreThanWasPaidIsReceivedOnlyKnowingly(t *testing.T) {
	w := market(t)
	commit := must(w.flow(centre, "commit-flow", "recipient="+string(river), "amount=200000", "currency=EUR"))(t)
	receive := func(amount string, knowing, dry bool) error {
		_, err := w.desk.Answer(t.Context(), desk.AnswerRequest{As: river, Record: commit.Record.String(), Step: "receive", Set: []string{"amount=" + amount}, Knowing: knowing, DryRun: dry})
		return err
	}
	refused(t, receive("200000.01", false, false), desk.Refused, "amount: with this 200000.01 EUR are received in all, and the donor is known here to have promised 200000")
	if err := receive("200000", false, true); err != nil {
		t.Errorf("received before the payment is known: %v", err)
	}
	must(w.flow(centre, "pay", "thread="+commit.Record.String(), "amount=155000"))(t)
	if err := receive("150000", false, false); err != nil {
		t.Error(err)
	}
	err := receive("5000.01", false, false)
	refused(t, err, desk.Refused, "amount: with this 155000.01 EUR are received in all, and the donor is known here to have paid 155000")
	var p *desk.Problem
	if !errors.As(err, &p) || p.Next != "vardar answer "+commit.Record.String()+" receive --set amount=5000.01 --knowing" {
		t.Errorf("what to do next: %+v", p)
	}
	if err = receive("99999999", true, false); err != nil {
		t.Errorf("knowingly: %v", err)
	}
	alone := must(w.flow(river, "receive", "donor="+string(centre), "amount=5", "currency=EUR"))(t)
	must(w.flow(river, "receive", "thread="+alone.Record.String(), "amount=500"))(t)
}

// TestReportTellsOfAllThatWasReceivedOrKnowinglyOfLess, by answer and by correction; more than was received it never tells of.
func TestReportTellsOfAllThatWasReceivedOrKnowinglyOfLess(t *testing.T) {
	w := market(t)
	receive := must(w.flow(river, "receive", "donor="+string(centre), "amount=35000", "currency=EUR"))(t)
	report := func(knowing bool, set ...string) (desk.Published, error) {
		return w.desk.Answer(t.Context(), desk.AnswerRequest{As: river, Record: receive.Record.String(), Step: "report", Set: set, Knowing: knowing})
	}
	_, err := report(false, "spent=20000", "unspent=99")
	refused(t, err, desk.Refused, "unspent: 35000 EUR are received, and this tells of 20099")
	var p *desk.Problem
	if !errors.As(err, &p) || p.Next != "vardar answer "+receive.Record.String()+" report --set spent=20000 --set unspent=99 --knowing" {
		t.Errorf("what to do next: %+v", p)
	}
	must(report(true, "spent=20000", "unspent=99"))(t)
	said := must(report(false, "spent=20000"))(t)
	correct := func(knowing bool, set ...string) error {
		_, err := w.desk.Correct(t.Context(), desk.CorrectRequest{As: river, Record: said.Record.String(), Reason: "mistyped", Set: set, Knowing: knowing})
		return err
	}
	refused(t, correct(false, "spent=2000"), desk.Refused, "unspent: 35000 EUR are received, and this tells of 17000")
	for _, err := range []error{correct(true, "spent=2000"), correct(false, "results=Tents stand"), correct(false, "spent=2000", "unspent=33000")} {
		if err != nil {
			t.Error(err)
		}
	}
}

// TestAnswerInAFlowThatIsDoneSaysWhatStands: what goes as far as is left, and can go nowhere, says how the flow
// stands and what can be said instead; to the other side it says whose word it is.
func TestAnswerInAFlowThatIsDoneSaysWhatStands(t *testing.T) {
	w := market(t)
	commit := must(w.flow(centre, "commit-flow", "recipient="+string(river), "amount=100", "currency=EUR"))(t).Record.String()
	say := func(as protocol.InstitutionID, step string, set ...string) (*desk.Problem, error) {
		_, err := w.desk.Answer(t.Context(), desk.AnswerRequest{As: as, Record: commit, Step: step, Set: set})
		var p *desk.Problem
		errors.As(err, &p)
		return p, err
	}
	done := func(_ *desk.Problem, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	says := func(as protocol.InstitutionID, step, want, next string) {
		t.Helper()
		p, err := say(as, step)
		refused(t, err, desk.Refused, want)
		if p.Next != next {
			t.Errorf("next is %s, want %s", p.Next, next)
		}
	}
	more := "vardar answer " + commit + " commit --set amount=AMOUNT"
	says(centre, "commit", "amount: nothing that was pledged is left to commit: 0 EUR are pledged, 100 committed, 0 paid and 0 received: give the amount, if more", more)
	says(river, "receive", "amount: nothing that was paid is left to receive: 0 EUR are pledged, 100 committed, 0 paid", "vardar answer "+commit+" receive --set amount=AMOUNT --knowing")
	done(say(centre, "pay"))
	says(centre, "pay", "amount: nothing that was committed is left to pay: 0 EUR are pledged, 100 committed, 100 paid and 0 received: commit first what is to be paid", more)
	says(river, "pay", "this is for the donor to say", "vardar show "+commit)
	done(say(river, "receive"))
	says(river, "receive", "amount: nothing that was paid is left to receive: 0 EUR are pledged, 100 committed, 100 paid and 100 received", "vardar answer "+commit+" receive --set amount=AMOUNT --knowing")
	done(say(centre, "commit", "amount=5"))
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

// TestFlowIsAnsweredStepByStep: a pledge answers needs, and what follows any record of the flow; a
// step is of all that is left of it unless an amount is said.
func TestFlowIsAnsweredStepByStep(t *testing.T) {
	w := market(t)
	needs := must(w.desk.Publish(t.Context(), desk.Request{As: river, Kind: "needs", Set: []string{
		"place=MK-405", "items.0.sector=shelter", "items.0.item=bed_place", "items.0.unit=places", "items.0.required=300", "items.0.basis=count", "items.0.priority=1",
	}}))(t)
	say := func(as protocol.InstitutionID, to protocol.Name, step string, set ...string) (desk.Published, error) {
		return w.desk.Answer(t.Context(), desk.AnswerRequest{As: as, Record: to.String(), Step: step, Set: set})
	}
	pledge := must(say(centre, needs.Record, "pledge", "amount=100", "currency=EUR", "place=MK-405", "earmarking=tight", "use_by=2016-03-01T00:00:00Z"))(t)
	commit := must(say(centre, pledge.Record, "commit", "amount=80.50"))(t)
	pay := must(say(centre, commit.Record, "pay"))(t)
	receive := must(say(river, pay.Record, "receive"))(t)
	must(say(river, receive.Record, "report", "spent=75", "results=180 persons sheltered"))(t)
	must(w.desk.Answer(t.Context(), desk.AnswerRequest{As: centre, Record: pledge.Record.String(), Step: "cancel", Reason: "the budget was cut"}))(t)
	v := must(w.desk.Flow(t.Context(), river, pledge.Record.String(), 0))(t)
	if v.Paid != "80.50" || v.Received != "80.50" || v.Spent != "75" || v.Unspent != "5.50" || v.Reconciliation != body.Reconciled || len(v.NeedsRefs) != 1 || v.NeedsRefs[0] != needs.Record || len(v.Steps) != 6 {
		t.Errorf("flow is %+v", v)
	}
	if v.Place.Code != "MK-405" || v.Earmarking != body.TightMark || v.UseBy.String() != "2016-03-01T00:00:00.000Z" {
		t.Errorf("what is committed is no more for what was pledged: %+v", v)
	}
	b := must(body.Parse(receive.Type, receive.Body))(t).(*body.Flow)
	if ref, _ := b.Ref(body.RelAnswers); b.Thread != pledge.Record || ref.Record != pay.Record {
		t.Errorf("receive stands in %s and answers %v", b.Thread, ref)
	}
	for _, bad := range []struct {
		why  string
		r    desk.AnswerRequest
		kind desk.Kind
		said string
	}{
		{"the other side's step", desk.AnswerRequest{As: river, Record: pledge.Record.String(), Step: "pay", Set: []string{"amount=1"}}, desk.Refused, "kind: pay is beyond the competence of a municipality"},
		{"a town pledges", desk.AnswerRequest{As: gate, Record: needs.Record.String(), Step: "pledge", Set: []string{"amount=1", "currency=EUR"}}, desk.Refused, "kind: pledge is beyond the competence of a municipality"},
		{"nothing is left", desk.AnswerRequest{As: centre, Record: pledge.Record.String(), Step: "pay"}, desk.Refused, "amount: "},
		{"more than is committed", desk.AnswerRequest{As: centre, Record: pledge.Record.String(), Step: "pay", Set: []string{"amount=1"}}, desk.Refused, "amount: "},
		{"no amount", desk.AnswerRequest{As: centre, Record: needs.Record.String(), Step: "pledge", Set: []string{"currency=EUR"}}, desk.Refused, "amount: "},
		{"no number", desk.AnswerRequest{As: centre, Record: pledge.Record.String(), Step: "commit", Set: []string{"amount=much"}}, desk.Refused, "amount: "},
		{"lines of a flow", desk.AnswerRequest{As: centre, Record: pledge.Record.String(), Step: "pay", Lines: []desk.LineQuantity{{Line: 1}}}, desk.Usage, "line: a flow of funds has no lines"},
		{"needs are paid", desk.AnswerRequest{As: centre, Record: needs.Record.String(), Step: "pay"}, desk.Refused, needs.Record.String() + " is a needs assessment, and pay answers a flow of funds"},
		{"needs are no request", desk.AnswerRequest{As: centre, Record: needs.Record.String(), Step: "commit"}, desk.Refused, needs.Record.String() + " is a needs assessment, and commit answers a step of an exchange of help"},
	} {
		_, err := w.desk.Answer(t.Context(), bad.r)
		t.Run(bad.why, func(t *testing.T) { refused(t, err, bad.kind, bad.said) })
	}
}

// TestPledgeAnswersLinesOfAPlan: it goes to whom the lines are for.
func TestPledgeAnswersLinesOfAPlan(t *testing.T) {
	w := market(t)
	plan := w.propose(`lines.1={"line":2,"purpose":"Interpreters","beneficiary":"` + string(river) + `","year":2016,"sector":"protection","amount":"9000.50","source":"local_budget","status":"secured"}`)
	pledge := func(lines ...desk.LineQuantity) (desk.Published, error) {
		return w.desk.Answer(t.Context(), desk.AnswerRequest{As: centre, Record: plan.Record.String(), Step: "pledge", Lines: lines, Set: []string{"amount=100", "currency=EUR"}})
	}
	b := must(body.Parse(body.FlowPledge.Type(), must(pledge(desk.LineQuantity{Line: 2}))(t).Body))(t).(*body.Flow)
	if b.Recipient != river || len(b.PlanLines) != 1 || b.PlanLines[0].Plan != plan.Record || b.PlanLines[0].Line != 2 || !b.Thread.IsZero() {
		t.Errorf("pledge is %+v", b)
	}
	_, err := pledge()
	refused(t, err, desk.Refused, "line: these lines are for more than one beneficiary")
	_, err = pledge(desk.LineQuantity{Line: 3})
	refused(t, err, desk.Refused, "line: "+plan.Record.String()+" has no line 3")
	_, err = pledge(desk.LineQuantity{Line: 1, Quantity: 5})
	refused(t, err, desk.Usage, "line: line 1 of a fund plan has no quantity")
}

// TestFlowIsFoundWhereItsLineHelps: by the place of the line that it names, and says so with the sector; not in a file for
// others where the need behind the line is for named recipients.
func TestFlowIsFoundWhereItsLineHelps(t *testing.T) {
	w := market(t)
	plan := func(needs ...protocol.Name) protocol.Name {
		refs := ""
		for _, n := range needs {
			refs = `"needs_refs":["` + n.String() + `"],`
		}
		return must(w.desk.Publish(t.Context(), desk.Request{As: centre, Kind: "plan", Body: json.RawMessage(`{"title":"Winter","period":{"start":"2015-10-01T00:00:00Z","end":"2016-03-31T00:00:00Z"},
			"currency":"EUR","territory":{"scheme":"iso3166-2","code":"MK-405"},"status":"proposed","cosigners":["` + string(gate) + `"],
			"lines":[{"line":1,"purpose":"Stoves","beneficiary":"` + string(river) + `","year":2015,"sector":"nfi",` + refs + `"amount":"100","source":"un","status":"planned"}]}`)}))(t).Record
	}
	b := &body.Needs{Items: []body.Need{{Sector: "nfi", Item: "blanket", Unit: "pieces", Required: 5, Basis: body.BasisCount, Priority: 1}}}
	b.Place, b.To = &body.Place{Scheme: body.ISOSubdivision, Code: "MK-101"}, []body.Addressee{body.Addressee(river)}
	secret := must(w.intake.Publish(t.Context(), intake.Draft{Institution: gate, Type: b.Type(), Time: protocol.InstantOf(w.clock.Now()), Handling: protocol.Red, Body: must(body.Marshal(b, [16]byte{1}))(t)}))(t)
	for place, line := range map[string]protocol.Name{"MK-405": plan(), "MK-101": plan(secret.Name)} {
		commit := must(w.flow(centre, "commit-flow", "recipient="+string(river), "amount=100", "currency=EUR", "plan_lines.0.plan="+line.String(), "plan_lines.0.line=1"))(t)
		rows := rowsOf[desk.FlowRow](w, desk.Query{What: desk.ListFlows, Place: place})
		if len(rows) != 1 || rows[0].Flow != commit.Record || rows[0].Places[0].Code != place || rows[0].Sectors[0] != "nfi" {
			t.Errorf("at %s: %+v", place, rows)
		}
	}
	e := must(w.desk.ExportList(t.Context(), desk.Query{What: desk.ListFlows}, desk.AsHXL, protocol.Red))(t)
	if file := string(e.Files[0].Data); !strings.Contains(file, "MK-405") || strings.Contains(file, "MK-101") || !strings.Contains(file, "#sector+list") {
		t.Errorf("for others: %s", file)
	}
}

// TestPledgedOnlyIsOneNumberEverywhere: of 100 pledged, of which 60 are committed, 40 in the list of flows as in every sum.
func TestPledgedOnlyIsOneNumberEverywhere(t *testing.T) {
	w := market(t)
	plan := w.propose()
	pledge := must(w.flow(centre, "pledge", "recipient="+string(river), "amount=100", "currency=EUR", "plan_lines.0.plan="+plan.Record.String(), "plan_lines.0.line=1"))(t)
	must(w.flow(centre, "commit-flow", "thread="+pledge.Record.String(), "amount=60"))(t)
	for _, what := range []string{desk.ListFlows, desk.ListFunds, desk.ListPlanSums, desk.ListUnfunded} {
		rows := string(must(json.Marshal(must(w.desk.List(t.Context(), desk.Query{What: what}))(t).Rows))(t))
		if n := strings.Count(rows, `"pledged_only":"40"`); n == 0 {
			t.Errorf("%s has no 40 that are only pledged: %s", what, rows)
		}
		if what != desk.ListFlows && strings.Contains(rows, `"pledged":`) {
			t.Errorf("%s calls something else pledged than the list of flows: %s", what, rows)
		}
		if what == desk.ListUnfunded && !strings.Contains(rows, `"secured":"60","committed":"60"`) {
			t.Errorf("what is secured and committed is called: %s", rows)
		}
	}
}

// TestFlowForALineInAnotherCurrencyIsSaidKnowingly: nothing of it counts for the line, which whoever says it is told first, in
// a correction too.
func TestFlowForALineInAnotherCurrencyIsSaidKnowingly(t *testing.T) {
	w := market(t)
	plan := w.propose()
	line := []string{"plan_lines.0.plan=" + plan.Record.String(), "plan_lines.0.line=1"}
	say := func(currency string, knowing bool) (desk.Published, error) {
		return w.desk.Publish(t.Context(), desk.Request{As: centre, Kind: "commit-flow", Knowing: knowing, Set: append([]string{"recipient=" + string(river), "amount=60", "currency=" + currency}, line...)})
	}
	const said = " is in EUR, and this flow in USD: currencies are never added, so that nothing of it counts for the line: "
	_, err := say("USD", false)
	refused(t, err, desk.Refused, "plan_lines.0.plan: "+plan.Record.String()+said+"give the amount in the currency of the plan, name no line of it, or say that you know of it (try: vardar publish commit-flow --knowing)")
	must(say("EUR", false))(t)
	known := must(say("USD", true))(t)
	must(w.flow(centre, "pay", "thread="+known.Record.String(), "amount=60"))(t) // it names what stands
	for _, s := range rowsOf[desk.PlanSum](w, desk.Query{What: desk.ListPlanSums}) {
		if s.Currency == "EUR" && s.By == "total" && s.Secured != "60" {
			t.Errorf("of 60 EUR and 60 USD for the line %s EUR are secured", s.Secured)
		}
	}
	free := must(w.flow(centre, "commit-flow", "recipient="+string(river), "amount=7", "currency=USD"))(t)
	right := desk.CorrectRequest{As: centre, Record: free.Record.String(), Reason: "for the plan", Set: line}
	_, err = w.desk.Correct(t.Context(), right)
	refused(t, err, desk.Refused, "plan_lines.0.plan: "+plan.Record.String()+said)
	right.Knowing = true
	must(w.desk.Correct(t.Context(), right))(t)
	_, err = w.desk.Answer(t.Context(), desk.AnswerRequest{As: centre, Record: plan.Record.String(), Step: "pledge", Lines: []desk.LineQuantity{{Line: 1}}, Set: []string{"amount=5", "currency=USD"}})
	refused(t, err, desk.Refused, "plan_lines.0.plan: "+plan.Record.String()+said)
}
