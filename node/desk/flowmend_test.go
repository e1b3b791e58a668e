package desk_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// mends opens the form that puts a record right, and fills it in.
func (w *world) mends(as protocol.InstitutionID, n protocol.Name, typed map[string]string) desk.Form {
	w.t.Helper()
	f := must(w.desk.NewForm(w.t.Context(), as, desk.FormCorrect, n.String()))(w.t)
	for name, value := range typed {
		found := false
		for i := range f.Fields {
			if f.Fields[i].Name == name {
				f.Fields[i].Value, found = value, true
			}
		}
		if !found {
			w.t.Fatalf("the form of %s has no field %s", n, name)
		}
	}
	return f
}

// TestStepsOfAFlowArePutRightInAForm: each shows what stands, changes what is typed and nothing else, and the
// sums of the flow follow.
func TestStepsOfAFlowArePutRightInAForm(t *testing.T) {
	w := market(t)
	needs := w.publish(desk.Request{As: river, Kind: "needs", Set: []string{"place=MK-405", "items.0.sector=shelter", "items.0.item=tent", "items.0.unit=piece", "items.0.required=10", "items.0.basis=count", "items.0.priority=1"}}).Record
	pledge := must(w.flow(centre, "pledge", "recipient="+string(river), "amount=100", "currency=EUR", "earmarking=soft", "in_kind=Tents", "needs_refs.0="+needs.String()))(t)
	in := "thread=" + pledge.Record.String()
	commit := must(w.flow(centre, "commit-flow", in, "amount=80"))(t)
	pay := must(w.flow(centre, "pay", in, "amount=60"))(t)
	receive := must(w.flow(river, "receive", in, "amount=60"))(t)
	report := must(w.flow(river, "report-flow", in, "spent=50", "results=Tents stand"))(t)
	for _, tt := range []struct {
		as     protocol.InstitutionID
		record protocol.Name
		shows  map[string]string // before anything is typed
		typed  map[string]string
		says   []string // in the body that takes its place
		not    string
	}{
		{centre, pledge.Record, map[string]string{"amount": "100", "currency": "EUR", "recipient": string(river), "earmarking": "soft", "in_kind": "Tents", "needs_refs": needs.String()}, map[string]string{"amount": "120", "in_kind": ""}, []string{`"amount":"120"`, `"earmarking":"soft"`, needs.String()}, "in_kind"},
		{centre, commit.Record, map[string]string{"amount": "80", "in_kind": "Tents"}, map[string]string{"amount": "90", "needs_refs": ""}, []string{`"amount":"90"`, `"in_kind":"Tents"`}, "needs_refs"},
		{centre, pay.Record, map[string]string{"amount": "60"}, map[string]string{"amount": "70"}, []string{`"amount":"70"`}, "earmarking"},
		{river, receive.Record, map[string]string{"amount": "60"}, map[string]string{"amount": "70"}, []string{`"amount":"70"`}, "earmarking"},
		{river, report.Record, map[string]string{"spent": "50", "unspent": "10", "results": "Tents stand"}, map[string]string{"spent": "65", "unspent": "5"}, []string{`"spent":"65"`, `"results":"Tents stand"`}, "amount"},
	} {
		f := w.mends(tt.as, tt.record, nil)
		for i := range f.Fields {
			if want, ok := tt.shows[f.Fields[i].Name]; ok && f.Fields[i].Value != want {
				t.Errorf("%s shows %s = %q, want %q", tt.record, f.Fields[i].Name, f.Fields[i].Value, want)
			}
		}
		tt.typed["reason"] = "Mistyped."
		p := must(w.desk.SendForm(t.Context(), w.mends(tt.as, tt.record, tt.typed)))(t)
		for _, want := range tt.says {
			if !strings.Contains(string(p.Body), want) {
				t.Errorf("%s lacks %s: %s", tt.record, want, p.Body)
			}
		}
		if strings.Contains(string(p.Body), tt.not) {
			t.Errorf("%s has %s: %s", tt.record, tt.not, p.Body)
		}
	}
	v := must(w.desk.Flow(t.Context(), river, pledge.Record.String(), 0))(t)
	got := []body.Sum{v.Pledged, v.Committed, v.Paid, v.Received, v.Spent, v.Unspent}
	if diff := cmp.Diff([]body.Sum{"120", "90", "70", "70", "65", "5"}, got); diff != "" || v.Reconciliation != body.Reconciled {
		t.Errorf("the flow is %s: %s", v.Reconciliation, diff)
	}
}

// TestCorrectionOfAStepIsHeldAgainstItsFlow: by form, command and API alike, which all come by Correct.
func TestCorrectionOfAStepIsHeldAgainstItsFlow(t *testing.T) {
	w := market(t)
	commit := must(w.flow(centre, "commit-flow", "recipient="+string(river), "amount=80", "currency=EUR"))(t)
	other := must(w.flow(centre, "commit-flow", "recipient="+string(river), "amount=80", "currency=EUR"))(t)
	in := "thread=" + commit.Record.String()
	pay := must(w.flow(centre, "pay", in, "amount=60"))(t)
	receive := must(w.flow(river, "receive", in, "amount=60"))(t)
	must(w.flow(river, "report-flow", in, "spent=50"))(t)
	alone := must(w.flow(river, "receive", "donor="+string(centre), "amount=5", "currency=EUR"))(t)
	tests := []struct {
		name   string
		record protocol.Name
		set    []string
		want   string
	}{
		{"into another flow", pay.Record, []string{"thread=" + other.Record.String()}, "thread: it stands in what began with " + commit.Record.String()},
		{"another currency than the other side's", commit.Record, []string{"currency=MKD"}, "currency: other steps of the flow say EUR"},
		{"another recipient than the one who answered", commit.Record, []string{"recipient=" + string(gate)}, "recipient: other steps of the flow say " + string(river)},
		{"a receipt that others count becomes a payment", receive.Record, []string{"donor=" + string(river), "recipient=" + string(centre)}, "donor: other steps of the flow say " + string(centre)},
		{"a receipt of one's own becomes a payment", alone.Record, []string{"donor=" + string(river), "recipient=" + string(centre)}, "recipient: this is for the recipient to say: leave it as it is; take the record back"},
		{"a receipt tells what became of it", receive.Record, []string{"spent=5"}, "spent: a member must not stand here: it does not belong to this step"},
		{"more is paid than is committed", pay.Record, []string{"amount=80.01"}, "amount: 80 EUR are committed and not yet paid, and this would pay 80.01: give what"},
		{"less is committed than is paid", commit.Record, []string{"amount=59.99"}, "amount: " + pay.Record.String() + " builds on it, and would have no effect any more"},
		{"less is received than is told of", receive.Record, []string{"amount=59"}, "amount: "},
		{"decided in time to come", pay.Record, []string{"decided_at=2016-01-01T00:00:00Z"}, "decided_at: that moment is still to come"},
		{"it passes on what went to somebody else", other.Record, []string{"parent_flow=" + commit.Record.String()}, "parent_flow: the money of that flow went to somebody else"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := w.desk.Correct(t.Context(), desk.CorrectRequest{Record: tt.record.String(), Reason: "Mistyped.", Set: tt.set})
			refused(t, err, desk.Refused, tt.want)
		})
	}
	up := func(set string, knowing bool) error {
		_, err := w.desk.Correct(t.Context(), desk.CorrectRequest{Record: receive.Record.String(), Reason: "Mistyped.", Set: []string{set}, Knowing: knowing, DryRun: true})
		return err
	}
	refused(t, up("amount=60.01", false), desk.Refused, "amount: with this 60.01 EUR are received in all, and the donor is known here to have paid 60")
	ok(t, up("amount=60.01", true))
	ok(t, up("decided_at=2015-01-01T00:00:00Z", false))
	if _, err := w.desk.NewForm(t.Context(), river, desk.FormCorrect, pay.Record.String()); !isKind(err, desk.NotPermitted) {
		t.Errorf("the other side's payment: %v", err)
	}
	// A mistyped currency of a flow in which nobody else has spoken can be put right.
	must(w.desk.Correct(t.Context(), desk.CorrectRequest{Record: other.Record.String(), Reason: "Mistyped.", Set: []string{"currency=MKD", "amount=4900"}}))(t)
	if v := must(w.desk.Flow(t.Context(), centre, other.Record.String(), 0))(t); v.Currency != "MKD" || v.Committed != "4900" {
		t.Errorf("the flow is of %s %s", v.Committed, v.Currency)
	}
}

func isKind(err error, kind desk.Kind) bool {
	var p *desk.Problem
	return errors.As(err, &p) && p.Kind == kind
}

// TestFormDoesNotOverwriteWhatItsOfficerHasNotRead: also one that was kept as a draft, and one that waited for
// a second person.
func TestFormDoesNotOverwriteWhatItsOfficerHasNotRead(t *testing.T) {
	w := market(t)
	commit := must(w.flow(centre, "commit-flow", "recipient="+string(river), "amount=80", "currency=EUR"))(t)
	mine := w.mends(centre, commit.Record, map[string]string{"amount": "90", "reason": "A zero was missing."})
	kept := w.mends(centre, commit.Record, map[string]string{"amount": "91", "reason": "Kept."})
	ok(t, w.desk.KeepForm(t.Context(), kept))
	theirs := must(w.desk.SendForm(t.Context(), w.mends(centre, commit.Record, map[string]string{"amount": "85", "reason": "Mistyped."})))(t)
	_, err := w.desk.SendForm(t.Context(), mine)
	refused(t, err, desk.Refused, "after: "+commit.Record.String()+" was put right by "+theirs.Record.String()+" since it was read")
	again := must(w.desk.GoOn(t.Context(), kept.ID))(t)
	_, err = w.desk.SendForm(t.Context(), again)
	refused(t, err, desk.Refused, "after: ")
	mine.Over = protocol.Digest{}
	_, err = w.desk.SendForm(t.Context(), mine)
	refused(t, err, desk.Refused, "this form does not say which version")
	if v := must(w.desk.Flow(t.Context(), centre, commit.Record.String(), 0))(t); v.Committed != "85" {
		t.Errorf("committed are %s", v.Committed)
	}
	must(w.desk.SendForm(t.Context(), w.mends(centre, commit.Record, map[string]string{"amount": "90", "reason": "A zero was missing."})))(t)
}

// TestRequestThatIsAnsweredIsPutRight: numbers may change down to what is committed, which stays; what others
// answered stays what it is.
func TestRequestThatIsAnsweredIsPutRight(t *testing.T) {
	w := market(t)
	need := w.need(300, 20)
	offer := w.answer(river, need.Record, "offer", desk.LineQuantity{Line: 1, Quantity: 200})
	accept := w.answer(gate, offer.Record, "accept", desk.LineQuantity{Line: 1, Quantity: 150})
	w.answer(river, accept.Record, "commit", desk.LineQuantity{Line: 1, Quantity: 100})
	send := func(typed map[string]string) error {
		typed["reason"] = "Mistyped."
		_, err := w.desk.SendForm(t.Context(), w.mends(gate, need.Record, typed))
		return err
	}
	refused(t, send(map[string]string{"lines.0.quantity": "99"}), desk.Refused, "lines[0].quantity: 100 of line 1 are committed: want at least 100")
	refused(t, send(map[string]string{"lines.0.type": "tent"}), desk.Refused, "lines[0].type: line 1 is answered by "+string(river))
	refused(t, send(map[string]string{"answer_by": "2015-11-03T08:00:00Z"}), desk.Refused, "answer_by: nobody can answer by then")
	_, err := w.desk.Correct(t.Context(), desk.CorrectRequest{Record: need.Record.String(), Reason: "Fewer.", Body: json.RawMessage(`{"lines":[{"line":2,"type":"tent","quantity":20,"unit":"piece"}]}`)})
	refused(t, err, desk.Refused, "lines: line 1 is answered by "+string(river)+", and would be gone")
	if err := send(map[string]string{"lines.0.quantity": "120", "lines.1.type": "blanket", "lines.1.quantity": "25"}); err != nil {
		t.Fatal(err)
	}
	w.clock.pass(72 * time.Hour) // past answer_by, which may stay
	if err := send(map[string]string{"lines.0.quantity": "110"}); err != nil {
		t.Fatal(err)
	}
	l := w.line(2).Lines
	if l[0].Quantity != 110 || l[0].Committed != 100 || l[0].Unmet != 10 || l[1].Type != "blanket" || l[1].Quantity != 25 {
		t.Errorf("lines are %+v", l)
	}
	x := must(w.desk.Exchange(t.Context(), gate, need.Record.String(), 0))(t)
	for _, s := range x.Steps {
		if s.Ignored != "" {
			t.Errorf("%s has no effect any more: %s", s.Record, s.Ignored)
		}
	}
	if !x.MayMend() {
		t.Error("the exchange does not lead to its form")
	}
}
