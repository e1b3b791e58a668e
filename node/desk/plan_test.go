package desk_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// planFields is a plan of the centre's that both towns are to sign.
func planFields(more ...string) []string {
	return append([]string{
		"title=Winter places", "status=proposed", "currency=EUR", "territory=MK-405", "period=2016-01-01T00:00:00Z/2017-01-01T00:00:00Z",
		"cosigners=" + string(gate) + "," + string(river),
		"lines.0.purpose=200 bed places", "lines.0.beneficiary=" + string(gate), "lines.0.year=2016", "lines.0.sector=shelter",
		"lines.0.amount=120000", "lines.0.source=eu_amif", "lines.0.status=planned",
	}, more...)
}

func (w *world) propose(more ...string) desk.Published {
	w.t.Helper()
	return w.publish(desk.Request{As: centre, Kind: "plan", Set: planFields(more...)})
}

func (w *world) cosign(as protocol.InstitutionID, version protocol.Name) error {
	_, err := w.desk.Answer(w.t.Context(), desk.AnswerRequest{As: as, Record: version.String(), Step: desk.AnswerCosign})
	return err
}

// replan proposes another version.
func (w *world) replan(of protocol.Name, set ...string) (desk.Published, error) {
	return w.desk.Correct(w.t.Context(), desk.CorrectRequest{As: centre, Record: of.String(), Reason: "prices rose", Set: set})
}

func (w *world) fundPlan(n protocol.Name) desk.FundPlan {
	w.t.Helper()
	return must(w.desk.FundPlan(w.t.Context(), desk.PlanQuestion{As: centre, Record: n.String()}))(w.t)
}

// TestConsultationAboutALineStandsWithThePlan, and one about a line that there is none of is
// refused.
func TestConsultationAboutALineStandsWithThePlan(t *testing.T) {
	w := market(t)
	p := w.propose().Record
	other := w.reportAt(centre, "iso3166-2:MK-405", 960).Record
	ask := func(about protocol.Name, line string) (desk.Published, error) {
		return w.desk.Publish(t.Context(), desk.Request{As: centre, Kind: "consultation", Set: []string{
			"to=" + string(gate), "question=Is it enough?", "closes_at=" + w.clock.Now().Add(48*time.Hour).Format(time.RFC3339), `refs=[{"rel":"about","record":"` + about.String() + `"}]`, "line=" + line,
		}})
	}
	_, err := ask(p, "99")
	refused(t, err, desk.Refused, "line: "+p.String()+" has no line 99")
	_, err = ask(other, "1")
	refused(t, err, desk.Refused, "line: "+other.String()+" is no fund plan that counts here")
	done := must(ask(p, "1"))(t)
	got := w.fundPlan(p).Hearings
	if want := []desk.HearingOn{{Record: done.Record, Line: 1, Question: "Is it enough?", State: board.ConsultationOpen}}; !slices.Equal(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestPlanIsSignedVersionByVersion(t *testing.T) {
	w := market(t)
	first := w.propose()
	rows := rowsOf[desk.PlanRow](w, desk.Query{What: desk.ListPlans})
	if len(rows) != 1 || rows[0].Owed != desk.OwedSignature || !slices.Contains(rows[0].OwedBy, river) || rows[0].Lines[0].Line != 1 {
		t.Errorf("plans are %+v", rows)
	}
	ok(t, w.cosign(gate, first.Record))
	refused(t, w.cosign(gate, first.Record), desk.Refused, string(gate)+" has said so of this version already")
	ok(t, w.cosign(river, first.Record))
	if p := w.fundPlan(first.Record); p.State != board.PlanAgreed || p.Agreed != 1 || p.Owed != "" || !p.MayClose {
		t.Errorf("signed by both: %+v", p)
	}
	second := must(w.replan(first.Record, "lines.0.amount=130000", `lines.1={"line":2,"purpose":"Interpreters","beneficiary":"`+string(river)+`","year":2016,"sector":"protection","amount":"9000.50","source":"local_budget","status":"secured","x-code":"A1"}`))(t)
	refused(t, w.cosign(gate, first.Record), desk.Refused, "record: "+first.Record.String()+" is version 1 of this plan, and version 2 is in force")
	_, err := w.desk.Answer(t.Context(), desk.AnswerRequest{As: river, Record: second.Record.String(), Step: desk.AnswerRefuse})
	refused(t, err, desk.Refused, "reason: ")
	must(w.desk.Answer(t.Context(), desk.AnswerRequest{As: river, Record: second.Record.String(), Step: desk.AnswerRefuse, Reason: "too dear"}))(t)
	ok(t, w.cosign(gate, second.Record))
	p := w.fundPlan(second.Record)
	if p.State != board.PlanProposed || p.Version != 2 || p.Signed != 1 || p.Total != "139000.50" || p.From != 1 || p.To != 2 {
		t.Errorf("version 2: %+v", p)
	}
	want := `[{"line":1,"change":"changed","fields":[{"field":"amount","before":"120000","after":"130000"}]},` +
		`{"line":2,"change":"added","fields":[{"field":"status","after":"secured"},{"field":"purpose","after":"Interpreters"},{"field":"amount","after":"9000.50"},{"field":"beneficiary","after":"` + string(river) + `"},` +
		`{"field":"sector","after":"protection"},{"field":"source","after":"local_budget"},{"field":"x-code","after":"A1"},{"field":"year","after":"2016"}]}]`
	if got := string(must(json.Marshal(p.Changes))(t)); got != want {
		t.Errorf("from version 1 to 2:\n%s\nwant\n%s", got, want)
	}
	for want, q := range map[string]desk.PlanQuestion{"to: there is no version 3": {To: 3}, "from: there is no version 9": {From: 9}, "to: there is no version -1": {To: -1}} {
		q.Record = first.Record.String()
		_, err := w.desk.FundPlan(t.Context(), q)
		refused(t, err, desk.Usage, want)
	}
}

// TestWordIsOnWhatWasRead: a signature and the next version both say which version was read, and
// what is not here so, or in force no more, is neither signed nor written over. Lines that keep
// their number keep their authors' own members.
func TestWordIsOnWhatWasRead(t *testing.T) {
	w := market(t)
	own := `{"line":1,"purpose":"beds","beneficiary":"` + string(gate) + `","year":2016,"sector":"shelter","amount":"5","source":"un","status":"planned"`
	first := w.propose("cosigners="+string(gate), "lines=["+own+`,"x-code":"A1","x-desk":"B"}]`)
	sign := func(digest protocol.Digest) error {
		_, err := w.desk.Answer(t.Context(), desk.AnswerRequest{As: gate, Record: first.Record.String(), Digest: digest, Step: desk.AnswerCosign})
		return err
	}
	refused(t, sign(protocol.DigestOf([]byte("another"))), desk.Refused, "digest: "+first.Record.String()+" is not here as it was read")
	replan := func(after protocol.Digest, lines string) error {
		_, err := w.desk.Correct(t.Context(), desk.CorrectRequest{As: centre, Record: first.Record.String(), After: after, Form: true, Reason: "dearer", Body: json.RawMessage(`{"lines":[` + lines + `]}`)})
		return err
	}
	shown := w.fundPlan(first.Record).Digest
	ok(t, replan(shown, strings.Replace(own, `"5"`, `"6"`, 1)+`,"x-desk":null}`))
	refused(t, replan(shown, own+"}"), desk.Refused, "after: "+first.Record.String()+" was put right by ")
	p := w.fundPlan(first.Record)
	if got := string(must(json.Marshal(p.Changes))(t)); got != `[{"line":1,"change":"changed","fields":[{"field":"amount","before":"5","after":"6"},{"field":"x-desk","before":"B"}]}]` {
		t.Errorf("from version 1 to 2: %s", got)
	}
	ok(t, replan(p.Live().Digest, own+"}"))
	refused(t, sign(shown), desk.Refused, "record: "+first.Record.String()+" is version 1 of this plan, and version 3 is in force")
}

func TestWhatNobodyCouldAgreeToIsRefused(t *testing.T) {
	w := market(t)
	for _, tt := range []struct {
		name string
		as   protocol.InstitutionID
		set  []string
		want string
	}{
		{"by a municipality", gate, planFields(), "kind: plan is beyond the competence of a municipality"},
		{"closed from the beginning", centre, planFields("status=closed"), "status: a plan is closed once it is agreed"},
		{"signed by who proposes", centre, planFields("cosigners.1=" + string(centre)), "cosigners.1: it is who proposes the plan"},
		{"signed by a stranger", centre, planFields("cosigners.1=mk.southeast.nowhere"), "cosigners.1: mk.southeast.nowhere is no member"},
		{"a line of nothing", centre, planFields("lines.0.amount=0"), "lines[0].amount: "},
		{"nobody to sign", centre, planFields("cosigners=[]"), "cosigners: "},
	} {
		_, err := w.desk.Publish(t.Context(), desk.Request{As: tt.as, Kind: "plan", Set: tt.set})
		t.Log(tt.name)
		refused(t, err, desk.Refused, tt.want)
	}
	first := w.propose("cosigners=" + string(gate))
	refused(t, w.cosign(river, first.Record), desk.Refused, string(river)+" is not among those who are to sign this plan")
	refused(t, w.cosign(centre, first.Record), desk.Refused, string(centre)+" is not among those who are to sign")
	_, err := w.replan(first.Record, "status=draft")
	refused(t, err, desk.Refused, "status: what was proposed is no draft again")
	_, err = w.replan(first.Record, "status=closed")
	refused(t, err, desk.Refused, "status: a plan is closed once it is agreed, and this one is not")
	_, err = w.replan(first.Record, "cosigners.0="+string(centre))
	refused(t, err, desk.Refused, "cosigners.0: it is who proposes")
	_, err = w.desk.FundPlan(t.Context(), desk.PlanQuestion{Record: "situation.1.1"})
	refused(t, err, desk.NotFound, string(centre)+"/situation.1.1 is no version of a fund plan")
	note := w.publish(desk.Request{Kind: "note", Set: []string{"text=x"}})
	refused(t, w.cosign(gate, note.Record), desk.NotFound, note.Record.String()+" is no version of a fund plan")
	ok(t, w.cosign(gate, first.Record))
	_, err = w.replan(first.Record, "status=closed", "lines.0.amount=5")
	refused(t, err, desk.Refused, "status: who closes a plan changes nothing else")
	closed := must(w.replan(first.Record, "status=closed"))(t)
	if p := w.fundPlan(first.Record); p.State != board.PlanClosed || p.Agreed != 1 {
		t.Errorf("closed: %+v", p)
	}
	refused(t, w.cosign(gate, closed.Record), desk.Refused, "this plan is closed: nobody signs it")
	_, err = w.replan(first.Record, "lines.0.amount=5")
	refused(t, err, desk.Refused, "this plan is closed: begin another one")
}

// TestLineOfAPlanForWhatIsNotThereIsRefused, of records that are held here; what the plan names already stays.
func TestLineOfAPlanForWhatIsNotThereIsRefused(t *testing.T) {
	w := market(t)
	strategy := must(w.plan(centre, "objectives.1.text=Buses run."))(t).Record
	report := w.publish(desk.Request{As: gate, Kind: "report", Set: []string{"summary=of the gate"}}).Record
	elsewhere := strategy
	elsewhere.Sequence = 999
	propose := func(set string) (desk.Published, error) {
		return w.desk.Publish(t.Context(), desk.Request{As: centre, Kind: "plan", Set: planFields(set)})
	}
	_, err := propose("lines.0.objective_refs.0=" + strategy.String() + "#9")
	refused(t, err, desk.Refused, "lines.0.objective_refs.0: "+strategy.String()+" has no objective 9: name one of its objectives")
	_, err = propose("lines.0.needs_refs.0=" + report.String())
	refused(t, err, desk.Refused, "lines.0.needs_refs.0: "+report.String()+" is no needs assessment")
	must(propose("lines.0.objective_refs.0=" + elsewhere.String() + "#9"))(t)
	unheld := string(river) + "/situation.1.999"
	want := "the needs " + unheld + " are not held here: if they do not come, see that they are spelled as they should be"
	if p := must(propose("lines.0.needs_refs.0=" + unheld))(t); !slices.Equal(p.Warnings, []string{want}) {
		t.Errorf("needs that are not held: %q, want %q", p.Warnings, want)
	}
	first := must(propose("lines.0.objective_refs.0=" + strategy.String() + "#2"))(t)
	_, err = w.replan(first.Record, "lines.0.objective_refs.0="+strategy.String()+"#9")
	refused(t, err, desk.Refused, "lines.0.objective_refs.0: "+strategy.String()+" has no objective 9")
	must(w.desk.Correct(t.Context(), desk.CorrectRequest{As: centre, Record: strategy.String(), Reason: "no buses", Set: []string{`objectives=[{"oid":"1","text":"Nobody sleeps outside."}]`}}))(t)
	must(w.replan(first.Record, "lines.0.amount=130000"))(t)
}

// TestDraftIsProposedAndSigned: nobody signs a draft, and who is asked is told once it is proposed.
func TestDraftIsProposedAndSigned(t *testing.T) {
	w := market(t)
	draft := w.propose("status=draft", "cosigners="+string(gate))
	refused(t, w.cosign(gate, draft.Record), desk.Refused, "this plan is draft: nobody signs it")
	if p := w.fundPlan(draft.Record); p.State != board.PlanDraft || !p.MayPropose || p.Owed != "" {
		t.Errorf("draft: %+v", p)
	}
	proposed := must(w.replan(draft.Record, "status=proposed"))(t)
	ok(t, w.cosign(gate, proposed.Record))
	shown := must(w.desk.Show(t.Context(), draft.Record.String()))(t)
	if !strings.HasPrefix(shown.Record.Says, "Winter places: 120000 EUR") {
		t.Errorf("shown is %s", shown.Record.Says)
	}
	must(w.desk.Correct(t.Context(), desk.CorrectRequest{As: centre, Record: draft.Record.String(), Retract: true, Reason: "the budget was cut"}))(t)
	if p := w.fundPlan(draft.Record); p.State != board.PlanWithdrawn {
		t.Errorf("taken back: %s", p.State)
	}
	refused(t, w.cosign(gate, proposed.Record), desk.Refused, fmt.Sprintf("%s was taken back", draft.Record))
}

// TestWordsOnAPlanThatAreNoSignatures: that it was read is said by anybody, and an acknowledgement
// that says accepted is a signature however it is written.
func TestWordsOnAPlanThatAreNoSignatures(t *testing.T) {
	w := market(t)
	p := w.propose("cosigners=" + string(gate))
	say := func(as protocol.InstitutionID, state body.AcknowledgementState) error {
		_, err := w.desk.Answer(t.Context(), desk.AnswerRequest{As: as, Record: p.Record.String(), Step: desk.AnswerAcknowledge, Set: []string{"state=" + string(state)}})
		return err
	}
	ok(t, say(river, body.Read))
	refused(t, say(river, body.Accepted), desk.Refused, string(river)+" is not among those who are to sign")
	ok(t, say(gate, body.Read))
	if got := w.fundPlan(p.Record); got.Signed != 0 {
		t.Errorf("read, and taken as signed: %+v", got.Live())
	}
	ok(t, say(gate, body.Accepted))
	if got := w.fundPlan(p.Record); got.State != board.PlanAgreed {
		t.Errorf("accepted: %+v", got.Live())
	}
}

// TestSumsOfPlansAreThoseOfTheirTerritory: a draft is added up alone, and in no sum of several; what
// lies elsewhere is left out, and money counts once it is committed.
func TestSumsOfPlansAreThoseOfTheirTerritory(t *testing.T) {
	w := market(t)
	first := w.propose()
	draft := w.propose("status=draft")
	w.propose("territory=MK-401", "currency=MKD")
	line := []string{"recipient=" + string(gate), "currency=EUR", "plan_lines.0.plan=" + first.Record.String(), "plan_lines.0.line=1"}
	must(w.flow(centre, "commit-flow", append(line, "amount=20000")...))(t)
	must(w.flow(centre, "pledge", append(line, "amount=50000")...))(t)
	sums := func(q desk.Query) []string {
		q.What = desk.ListPlanSums
		var out []string
		for _, s := range rowsOf[desk.PlanSum](w, q) {
			if s.By == board.PlanTotal || s.By == board.PlanByPlace {
				out = append(out, fmt.Sprintf("%s %s%s: %s required, %s secured, gap %s, pledged %s, %d of %d flows reconciled", s.By, s.PlaceName, s.Currency, s.Required, s.Secured, s.Gap, s.Pledged, s.Reconciled, s.Flows))
			}
		}
		return out
	}
	of := func(by, currency, said string) string { return by + " " + currency + ": " + said }
	euros, denars := "120000 required, 20000 secured, gap 100000, pledged 50000, 0 of 2 flows reconciled", "120000 required, 0 secured, gap 120000, pledged 0, 0 of 0 flows reconciled"
	for _, tt := range []struct {
		q    desk.Query
		want []string
	}{
		{desk.Query{}, []string{of("total", "EUR", euros), of("total", "MKD", denars), of("place", "BogdanciMKD", denars), of("place", "GevgelijaEUR", euros)}},
		{desk.Query{Place: "MK-405"}, []string{of("total", "EUR", euros), of("place", "GevgelijaEUR", euros)}},
		{desk.Query{Place: "MK"}, []string{of("total", "EUR", euros), of("total", "MKD", denars), of("place", "BogdanciMKD", denars), of("place", "GevgelijaEUR", euros)}},
		{desk.Query{Place: "GR"}, nil},
		{desk.Query{By: "rs."}, nil},
	} {
		if got := sums(tt.q); !slices.Equal(got, tt.want) {
			t.Errorf("%+v: %q, want %q", tt.q, got, tt.want)
		}
	}
	if p := w.fundPlan(draft.Record); len(p.Sums) != 5 || p.Sums[0].Gap != "120000" || p.Sums[0].Pledged != "0" {
		t.Errorf("the draft adds up to %+v", p.Sums)
	}
	for _, row := range rowsOf[desk.PlanRow](w, desk.Query{What: desk.ListPlans}) {
		if len(row.Sums) != 1 || row.Sums[0].By != board.PlanTotal {
			t.Errorf("in the list it adds up to %+v", row.Sums)
		}
	}
}

// TestSumsOfPlansSayOfHowManyFlowsBothSidesSayTheSame: one of which the donor alone has spoken, and one
// on which the two differ, are not reconciled, though their money is in the sums; one that was
// cancelled is none of them. Lists, the plan and files say the same.
func TestSumsOfPlansSayOfHowManyFlowsBothSidesSayTheSame(t *testing.T) {
	w := market(t)
	plan := w.propose().Record
	flow := func(paid, received string) {
		commit := must(w.flow(centre, "commit-flow", "recipient="+string(gate), "currency=EUR", "amount=100", "plan_lines.0.plan="+plan.String(), "plan_lines.0.line=1"))(t)
		in := "thread=" + commit.Record.String()
		if paid == "" {
			must(w.flow(centre, "cancel-flow", in, "reason=the budget was cut"))(t)
			return
		}
		must(w.flow(centre, "pay", in, "amount="+paid))(t)
		if received != "" {
			must(w.flow(gate, "receive", in, "amount="+received))(t)
		}
	}
	for _, of := range [][2]string{{"100", "100"}, {"80", "80"}, {"100", ""}, {"100", "90"}, {"", ""}} {
		flow(of[0], of[1])
	}
	said := func(s *desk.PlanSum) string {
		return fmt.Sprintf("%s paid, %d flows, %d reconciled, %d unreconciled", s.Paid, s.Flows, s.Reconciled, s.Unreconciled)
	}
	const want = "380 paid, 4 flows, 2 reconciled, 2 unreconciled"
	sums, shown := rowsOf[desk.PlanSum](w, desk.Query{What: desk.ListPlanSums}), w.fundPlan(plan).Sums
	if len(sums) != len(board.PlanGroups()) || len(shown) != len(sums) {
		t.Fatalf("sums are %+v, of the plan %+v", sums, shown)
	}
	for i := range sums {
		if got, of := said(&sums[i]), said(&shown[i]); got != want || of != want {
			t.Errorf("by %s: %s, of the plan %s, want %s", sums[i].By, got, of, want)
		}
	}
	if got := said(&rowsOf[desk.PlanRow](w, desk.Query{What: desk.ListPlans})[0].Sums[0]); got != want {
		t.Errorf("in the list of plans: %s, want %s", got, want)
	}
	for _, got := range w.exported(desk.ListPlanSums, "flows", "reconciled", "unreconciled") {
		if got != "4 2 2" {
			t.Errorf("in the file: %s", got)
		}
	}
	hxl := w.taken(desk.ListPlans, desk.AsHXL)
	if !slices.ContainsFunc(hxl.Loss, func(l desk.Loss) bool { return l.Field == "sums" }) {
		t.Errorf("HXL has no column for the sums, and says that this is lost: %+v", hxl.Loss)
	}
}

// TestLineThatMoneyIsForIsTakenOutKnowingly: by its author as a correction and as a file; the money is told of apart from then
// on. What was cancelled before anything was paid is for nothing.
func TestLineThatMoneyIsForIsTakenOutKnowingly(t *testing.T) {
	w := market(t)
	plan := w.propose(
		"lines.1.purpose=Interpreters", "lines.1.beneficiary="+string(river), "lines.1.year=2016", "lines.1.sector=protection",
		"lines.1.amount=500", "lines.1.source=un", "lines.1.status=planned",
	).Record
	commit := w.publish(desk.Request{As: centre, Kind: "commit-flow", Set: []string{
		"recipient=" + string(river), "amount=70", "currency=EUR", "plan_lines.0.plan=" + plan.String(), "plan_lines.0.line=2",
	}}).Record
	drop := func(number int, knowing bool) error {
		kept := slices.DeleteFunc(slices.Clone(w.fundPlan(plan).Lines), func(l desk.PlanLine) bool { return int(l.Line) == number })
		raw := must(json.Marshal(map[string]any{"lines": kept}))(t)
		_, err := w.desk.Correct(t.Context(), desk.CorrectRequest{As: centre, Record: plan.String(), Reason: "nobody needs it", Body: raw, Knowing: knowing})
		return err
	}
	said := "lines: money is for lines that are taken out: 2: 70 EUR, " + commit.String()
	refused(t, drop(2, false), desk.Refused, said+": keep these lines, or say that you know of it: the money stands apart then, as for lines that are gone (try: vardar correct "+plan.String()+" -f FILE --knowing --reason TEXT)")
	table := string(w.sheetOf(plan, desk.AsCSV))
	rows := strings.SplitAfter(strings.TrimSpace(table), "\n")
	short := []byte(strings.Join(rows[:len(rows)-1], ""))
	file := func(knowing bool) error {
		_, err := w.desk.ImportPlan(t.Context(), desk.PlanImport{As: centre, Data: short, Record: plan.String(), Reason: "x", Knowing: knowing, DryRun: true})
		return err
	}
	refused(t, file(false), desk.Refused, said+": keep these lines, or say that you know of it: the money stands apart then, as for lines that are gone (try: vardar import FILE --plan "+plan.String()+" --knowing --reason TEXT)")
	if err := cmp.Or(file(true), drop(2, true)); err != nil {
		t.Fatalf("knowingly: %v", err)
	}
	gone := slices.DeleteFunc(w.fundPlan(plan).Sums, func(s desk.PlanSum) bool { return !s.Gone || s.By != board.PlanBySector })
	if len(gone) != 1 || gone[0].Of != "protection" || gone[0].Secured != "70" || gone[0].Planned != "0" {
		t.Errorf("of the line that is gone: %+v", gone)
	}
	if err := must(w.replan(plan, "lines.1.line=3", "lines.1.purpose=Tents", "lines.1.beneficiary="+string(river), "lines.1.year=2016", "lines.1.sector=shelter", "lines.1.amount=5", "lines.1.source=un", "lines.1.status=planned"))(t); err.Record.IsZero() {
		t.Fatal("no third line")
	}
	taken := w.publish(desk.Request{As: centre, Kind: "pledge", Set: []string{
		"recipient=" + string(river), "amount=7", "currency=EUR", "plan_lines.0.plan=" + plan.String(), "plan_lines.0.line=3",
	}}).Record
	refused(t, drop(3, false), desk.Refused, "lines: money is for lines that are taken out: 3: 7 EUR, "+taken.String())
	must(w.desk.Answer(t.Context(), desk.AnswerRequest{As: centre, Record: taken.String(), Step: "cancel", Reason: "no money"}))(t)
	if err := drop(3, false); err != nil {
		t.Errorf("of what was cancelled nothing is for the line: %v", err)
	}
}

// TestPlanThatMoneyIsForChangesItsCurrencyKnowingly: none of that money counts for its lines then.
func TestPlanThatMoneyIsForChangesItsCurrencyKnowingly(t *testing.T) {
	w := market(t)
	plan := w.propose().Record
	anew := func(set string, knowing bool) error {
		_, err := w.desk.Correct(t.Context(), desk.CorrectRequest{As: centre, Record: plan.String(), Reason: "mistyped", Set: []string{set}, Knowing: knowing})
		return err
	}
	ok(t, anew("currency=MKD", false))
	ok(t, anew("currency=EUR", false))
	commit := w.publish(desk.Request{As: centre, Kind: "commit-flow", Set: []string{
		"recipient=" + string(gate), "amount=70", "currency=EUR", "plan_lines.0.plan=" + plan.String(), "plan_lines.0.line=1",
	}}).Record
	refused(t, anew("currency=USD", false), desk.Refused, "lines: money is for lines that would be in USD, and currencies are never added: 1: 70 EUR, "+commit.String()+": keep the currency, or say that you know of it: the money stands apart then, and the lines are asked for anew (try: vardar correct "+plan.String()+" -f FILE --knowing --reason TEXT)")
	ok(t, anew("title=Winter beds", false))
	ok(t, anew("currency=USD", true))
	ok(t, anew("currency=EUR", false))
}

// TestPlanThatMoneyIsForIsTakenBackKnowingly: the money is told of apart from then on.
func TestPlanThatMoneyIsForIsTakenBackKnowingly(t *testing.T) {
	w := market(t)
	plan := w.propose().Record
	commit := w.publish(desk.Request{As: centre, Kind: "commit-flow", Set: []string{
		"recipient=" + string(gate), "amount=70", "currency=EUR", "plan_lines.0.plan=" + plan.String(), "plan_lines.0.line=1",
	}}).Record
	retract := func(knowing bool) error {
		_, err := w.desk.Correct(t.Context(), desk.CorrectRequest{As: centre, Record: plan.String(), Reason: "nobody needs it", Retract: true, Knowing: knowing})
		return err
	}
	refused(t, retract(false), desk.Refused, "money is for lines of this plan: 1: 70 EUR, "+commit.String()+": close the plan, or say that you know of it: the money stands apart then, as for lines that are gone (try: vardar correct "+plan.String()+" --retract --knowing --reason TEXT)")
	if err := retract(true); err != nil {
		t.Errorf("knowingly: %v", err)
	}
}
