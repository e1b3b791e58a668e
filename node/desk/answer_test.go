package desk_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// market is a node that hosts the one that needs and two that have.
func market(t *testing.T) *world {
	t.Helper()
	w := solo(t)
	w.host(gate)
	w.host(river)
	return w
}

// need publishes a request of the gate for blankets and tents.
func (w *world) need(blankets, tents int) desk.Published {
	w.t.Helper()
	return w.publish(desk.Request{As: gate, Kind: "request", Body: json.RawMessage(fmt.Sprintf(`{"answer_by":"2015-11-05T12:00:00Z",
		"deliver_to":{"place":{"scheme":"iso3166-2","code":"MK-405"}},
		"lines":[{"line":1,"type":"blanket","quantity":%d,"unit":"piece"},{"line":2,"type":"tent","quantity":%d,"unit":"piece"}]}`, blankets, tents))})
}

func (w *world) answer(as protocol.InstitutionID, to protocol.Name, step string, lines ...desk.LineQuantity) desk.Published {
	w.t.Helper()
	return must(w.desk.Answer(w.t.Context(), desk.AnswerRequest{As: as, Record: to.String(), Step: step, Lines: lines}))(w.t)
}

// declare says how many free blankets the river town has.
func (w *world) declare(available int) {
	w.t.Helper()
	w.publish(desk.Request{As: river, Kind: "capacity", Body: json.RawMessage(fmt.Sprintf(
		`{"place":{"scheme":"iso3166-2","code":"MK-405"},"items":[{"type":"blanket","unit":"piece","total":%d,"available":%d,"offerable":true}]}`, available+50, available))})
}

// line gives a line of the only request.
func (w *world) line(n int) desk.RequestRow {
	w.t.Helper()
	l := must(w.desk.List(w.t.Context(), desk.Query{What: desk.ListRequests}))(w.t)
	rows := l.Rows.([]desk.RequestRow)
	if len(rows) != 1 || len(rows[0].Lines) < n {
		w.t.Fatalf("requests = %+v", rows)
	}
	return rows[0]
}

func TestHelpIsOfferedAcceptedAndCommittedByTheLine(t *testing.T) {
	w := market(t)
	need := w.need(300, 20)
	offer := w.answer(river, need.Record, "offer", desk.LineQuantity{Line: 1, Quantity: 200})
	accept := w.answer(gate, offer.Record, "accept", desk.LineQuantity{Line: 1, Quantity: 150})
	w.answer(river, accept.Record, "commit", desk.LineQuantity{Line: 1, Quantity: 100})
	got := w.line(1).Lines[0]
	if got.Offered != 200 || got.Ordered != 150 || got.Committed != 100 || got.Unmet != 200 {
		t.Errorf("line 1 = %+v", got)
	}
	w.answer(river, accept.Record, "commit", desk.LineQuantity{Line: 1, Quantity: 50})
	if got := w.line(1).Lines[0]; got.Committed != 150 || got.Unmet != 150 {
		t.Errorf("line 1 after the rest = %+v", got)
	}
	if got := w.line(2).Lines[1]; got.State != "requested" || got.Unmet != 20 {
		t.Errorf("line 2 = %+v", got)
	}
	b := must(body.Parse(accept.Type, accept.Body))(t).(*body.ResourceStep)
	ref, _ := b.Ref(body.RelAnswers)
	if b.Thread != need.Record || ref.Record != offer.Record || ref.Digest != offer.Digest {
		t.Errorf("accept names thread %s and answers %v", b.Thread, ref)
	}
}

func TestNamingTheExchangeIsEnoughWhereOneRecordCanBeMeant(t *testing.T) {
	w := market(t)
	need := w.need(300, 20)
	_, err := w.desk.Answer(t.Context(), desk.AnswerRequest{As: gate, Record: need.Record.String(), Step: "accept"})
	refused(t, err, desk.Refused, "nobody has answered "+need.Record.String()+" with an offer yet")
	offer := w.answer(river, need.Record, "offer", desk.LineQuantity{Line: 2})
	w.answer(gate, need.Record, "accept")
	w.answer(river, offer.Record, "commit")
	if got := w.line(2).Lines[1]; got.State != "committed" || got.Committed != 20 {
		t.Errorf("line 2 = %+v", got)
	}
	// A commit of the request means the order that there is, and is bounded by it.
	all := w.need(400, 1)
	few := w.answer(river, all.Record, "offer", desk.LineQuantity{Line: 1, Quantity: 300})
	w.answer(gate, few.Record, "accept")
	if p := w.answer(river, all.Record, "commit"); !strings.Contains(string(p.Body), `"quantity":300`) {
		t.Errorf("committed %s, want the 300 that were ordered", p.Body)
	}
	w.answer(centre, need.Record, "offer", desk.LineQuantity{Line: 1})
	_, err = w.desk.Answer(t.Context(), desk.AnswerRequest{As: gate, Record: need.Record.String(), Step: "accept"})
	refused(t, err, desk.Usage, "record: 2 records could be meant: ")
}

func TestUnsolicitedOfferIsAcceptedAndCommitted(t *testing.T) {
	w := market(t)
	offer := w.publish(desk.Request{As: river, Kind: "offer", Set: []string{"lines.0.line=1", "lines.0.type=meal", "lines.0.quantity=500", "lines.0.unit=portion"}})
	accept := w.answer(gate, offer.Record, "accept", desk.LineQuantity{Line: 1, Quantity: 400})
	w.answer(river, accept.Record, "commit")
	l := must(w.desk.List(t.Context(), desk.Query{What: desk.ListOffers}))(t)
	if got := l.Rows.([]desk.OfferRow)[0].Lines[0]; got.Ordered != 400 || got.Committed != 400 {
		t.Errorf("offer line = %+v", got)
	}
}

func TestProviderNeverCommitsMoreThanItsDeclaredStock(t *testing.T) {
	w := market(t)
	w.declare(120)
	need := w.need(300, 20)
	commit := func(n int64) error {
		_, err := w.desk.Answer(t.Context(), desk.AnswerRequest{As: river, Record: need.Record.String(), Step: "commit", Lines: []desk.LineQuantity{{Line: 1, Quantity: n}}})
		return err
	}
	offer := w.answer(river, need.Record, "offer", desk.LineQuantity{Line: 1, Quantity: 200})
	if len(offer.Warnings) != 1 || !strings.Contains(offer.Warnings[0], "line 1 offers 200 blanket, and 120 are declared and free") {
		t.Errorf("warnings of the offer = %q", offer.Warnings)
	}
	accept := w.answer(gate, offer.Record, "accept")
	_, err := w.desk.Answer(t.Context(), desk.AnswerRequest{As: river, Record: accept.Record.String(), Step: "commit"})
	refused(t, err, desk.Refused, "lines[0].quantity: 200 blanket are promised, and "+string(river)+" has declared 120 that are free: promise fewer")
	w.answer(river, accept.Record, "commit", desk.LineQuantity{Line: 1, Quantity: 100})
	_, err = w.desk.Answer(t.Context(), desk.AnswerRequest{As: river, Record: accept.Record.String(), Step: "commit", Lines: []desk.LineQuantity{{Line: 1, Quantity: 21}}})
	refused(t, err, desk.Refused, "lines[0].quantity: 21 blanket are promised, and "+string(river)+" has declared 20 that are free")
	// A new declaration counts what was promised before it.
	w.declare(80)
	w.answer(river, accept.Record, "commit", desk.LineQuantity{Line: 1, Quantity: 80})
	// What is not declared has no bound but the order's.
	if err := commit(1); err == nil {
		t.Error("a line that was offered was committed as if it had not been")
	}
}

func TestTwoCommitsAtOnceDoNotBothFindTheLastTent(t *testing.T) {
	w := market(t)
	w.declare(100)
	first, second := w.need(100, 1), w.need(100, 1)
	var wg sync.WaitGroup
	errs := make([]error, 2)
	for i, need := range []desk.Published{first, second} {
		wg.Go(func() {
			_, errs[i] = w.desk.Answer(t.Context(), desk.AnswerRequest{As: river, Record: need.Record.String(), Step: "commit", Lines: []desk.LineQuantity{{Line: 1}}})
		})
	}
	wg.Wait()
	if (errs[0] == nil) == (errs[1] == nil) {
		t.Errorf("errors = %v, want exactly one", errs)
	}
}

func TestStepThatWouldBeIgnoredIsRefused(t *testing.T) {
	w := market(t)
	need := w.need(300, 20)
	offer := w.answer(river, need.Record, "offer", desk.LineQuantity{Line: 1, Quantity: 200})
	report := w.publish(desk.Request{Kind: "report", Set: []string{"summary=quiet"}})
	declined := w.answer(centre, need.Record, "offer", desk.LineQuantity{Line: 2, Quantity: 5})
	w.answer(gate, declined.Record, "decline")
	tests := []struct {
		name string
		r    desk.AnswerRequest
		kind desk.Kind
		want string
	}{
		{"a step nobody knows", desk.AnswerRequest{As: gate, Record: offer.Record.String(), Step: "agree"}, desk.Usage, `step: no step is called "agree": want one of offer, accept`},
		{"the offerer accepts itself", desk.AnswerRequest{As: river, Record: offer.Record.String(), Step: "accept"}, desk.Refused, "accept is for the requester to say"},
		{"a third accepts", desk.AnswerRequest{As: centre, Record: offer.Record.String(), Step: "accept"}, desk.Refused, "accept is for the requester to say"},
		{"the requester commits", desk.AnswerRequest{As: gate, Record: offer.Record.String(), Step: "commit"}, desk.Refused, "commit is for the provider to say"},
		{"an offer on an offer", desk.AnswerRequest{As: centre, Record: offer.Record.String(), Step: "offer"}, desk.Refused, "an offer by the provider answers a request"},
		{"more than was offered", desk.AnswerRequest{As: gate, Record: offer.Record.String(), Step: "accept", Lines: []desk.LineQuantity{{Line: 1, Quantity: 201}}}, desk.Refused, "lines[0].quantity: 201 are accepted of 200 that were offered: want at most 200"},
		{"a line that is not there", desk.AnswerRequest{As: gate, Record: offer.Record.String(), Step: "accept", Lines: []desk.LineQuantity{{Line: 2}}}, desk.Refused, "line: " + offer.Record.String() + " has no line 2"},
		{"a line less than 1", desk.AnswerRequest{As: gate, Record: offer.Record.String(), Step: "accept", Lines: []desk.LineQuantity{{Line: 0}}}, desk.Usage, "line: 0=0 is no line and quantity"},
		{"what was declined", desk.AnswerRequest{As: gate, Record: declined.Record.String(), Step: "accept"}, desk.Refused, "lines[0]: accept by the requester of a line that is declined"},
		{"a report", desk.AnswerRequest{As: gate, Record: report.Record.String(), Step: "accept"}, desk.Refused, report.Record.String() + " is a report, and accept answers a step"},
		{"what is not held", desk.AnswerRequest{As: gate, Record: string(gate) + "/resource.1.99", Step: "accept"}, desk.NotFound, "no record " + string(gate) + "/resource.1.99 is held here"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := w.desk.Answer(t.Context(), tt.r)
			refused(t, err, tt.kind, tt.want)
		})
	}
}

func TestMoreThanNeededIsAcceptedOnlyKnowingly(t *testing.T) {
	w := market(t)
	need := w.need(300, 20)
	first := w.answer(river, need.Record, "offer", desk.LineQuantity{Line: 1, Quantity: 200})
	second := w.answer(centre, need.Record, "offer", desk.LineQuantity{Line: 1, Quantity: 200})
	w.answer(gate, first.Record, "accept")
	r := desk.AnswerRequest{As: gate, Record: second.Record.String(), Step: "accept"}
	_, err := w.desk.Answer(t.Context(), r)
	refused(t, err, desk.Refused, "lines[0].quantity: with this 100 more are ordered than the 300 that were asked for: accept fewer, or say that you know")
	r.Knowing = true
	must(w.desk.Answer(t.Context(), r))(t)
	if got := w.line(1).Lines[0]; got.Ordered != 400 {
		t.Errorf("line 1 = %+v", got)
	}
}

func TestNoteAndAcknowledgementStandInTheThread(t *testing.T) {
	w := market(t)
	need := w.need(300, 20)
	note := must(w.desk.Answer(t.Context(), desk.AnswerRequest{As: river, Record: need.Record.String(), Step: "note", Reason: "Winter tents?", Set: []string{"kind=question", "acknowledge=true"}}))(t)
	must(w.desk.Answer(t.Context(), desk.AnswerRequest{As: gate, Record: note.Record.String(), Step: "acknowledge"}))(t)
	_, err := w.desk.Answer(t.Context(), desk.AnswerRequest{As: gate, Record: note.Record.String(), Step: "acknowledge", Set: []string{"state=refused"}})
	refused(t, err, desk.Refused, "reason: a member is needed here: say why it is refused")
	shown := must(w.desk.Show(t.Context(), need.Record.String()))(t)
	if n := shown.Record.Notes; len(n) != 1 || n[0].Text != "Winter tents?" || n[0].Thread != need.Record {
		t.Errorf("notes = %+v", n)
	}
}

func TestOwnRecordIsReplacedAndRetracted(t *testing.T) {
	w := market(t)
	p := w.publish(desk.Request{Kind: "report", Body: json.RawMessage(quietReport)})
	c := must(w.desk.Correct(t.Context(), desk.CorrectRequest{Record: "situation.1.1", Reason: "a bus was counted twice", Set: []string{"figures.arrivals=8128"}}))(t)
	figures := func() []desk.FigureRow {
		return must(w.desk.List(t.Context(), desk.Query{What: desk.ListFigures, Match: "arrivals"}))(t).Rows.([]desk.FigureRow)
	}
	if f := figures(); len(f) != 1 || f[0].Value.String() != "8128" || f[0].Correction != c.Record {
		t.Errorf("figures = %+v", f)
	}
	shown := must(w.desk.Show(t.Context(), p.Record.String()))(t).Record
	if shown.Standing.String() != "replaced" || len(shown.Corrections) != 1 || !strings.Contains(string(shown.Body), "8178") {
		t.Errorf("shown = %+v", shown)
	}
	// What is copied from it is what counts.
	next := w.publish(desk.Request{Kind: "report", From: p.Record.String(), DryRun: true, Knowing: true})
	if !strings.Contains(string(next.Body), "8128") {
		t.Errorf("copy = %s", next.Body)
	}
	must(w.desk.Correct(t.Context(), desk.CorrectRequest{Record: p.Record.String(), Retract: true, Reason: "wrong day"}))(t)
	if f := figures(); len(f) != 0 {
		t.Errorf("figures after it was taken back = %+v", f)
	}
}

func TestWhatCannotBeCorrectedIsRefused(t *testing.T) {
	w := market(t)
	need := w.need(300, 20)
	report := w.publish(desk.Request{Kind: "report", Body: json.RawMessage(quietReport)})
	correction := must(w.desk.Correct(t.Context(), desk.CorrectRequest{Record: report.Record.String(), Reason: "x", Set: []string{"summary=x"}}))(t)
	offer := w.answer(river, need.Record, "offer")
	accept := w.answer(gate, offer.Record, "accept")
	tests := []struct {
		name string
		r    desk.CorrectRequest
		kind desk.Kind
		want string
	}{
		{"of another", desk.CorrectRequest{As: gate, Record: report.Record.String(), Retract: true, Reason: "x"}, desk.NotPermitted, report.Record.String() + " is " + string(centre) + "'s: only its author corrects it"},
		{"without a reason", desk.CorrectRequest{Record: report.Record.String(), Retract: true}, desk.Refused, "reason: a correction says why: give the reason"},
		{"nothing new", desk.CorrectRequest{Record: report.Record.String(), Reason: "x"}, desk.Usage, "set: nothing is said that would be otherwise"},
		{"both", desk.CorrectRequest{Record: report.Record.String(), Reason: "x", Retract: true, Set: []string{"summary=x"}}, desk.Usage, "retract: a record is taken back whole"},
		{"a correction", desk.CorrectRequest{Record: correction.Record.String(), Reason: "x", Retract: true}, desk.Refused, correction.Record.String() + " is a correction"},
		{"an order put otherwise", desk.CorrectRequest{Record: accept.Record.String(), Reason: "x", Set: []string{"lines.0.quantity=900"}}, desk.Refused, "the other side relies on " + accept.Record.String()},
		{"a trust record", desk.CorrectRequest{Record: "trust.1.1", Reason: "x", Retract: true}, desk.Refused, "trust records are not corrected"},
		{"a replacement that does not fit", desk.CorrectRequest{Record: report.Record.String(), Reason: "x", Set: []string{"figures.arrivals=-4"}}, desk.Refused, "figures[0].value: not a figure: -4"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := w.desk.Correct(t.Context(), tt.r)
			refused(t, err, tt.kind, tt.want)
		})
	}
}

// TestRestIsCommittedWhileTheFirstIsOnItsWay: of an order, and of a request without one.
func TestRestIsCommittedWhileTheFirstIsOnItsWay(t *testing.T) {
	w := market(t)
	need := w.need(300, 20)
	offer := w.answer(river, need.Record, "offer", desk.LineQuantity{Line: 1, Quantity: 100})
	accept := w.answer(gate, offer.Record, "accept")
	for _, order := range []struct {
		record protocol.Name
		line   int
		rest   int64
	}{{accept.Record, 1, 40}, {need.Record, 2, 10}} {
		first := w.answer(river, order.record, "commit", desk.LineQuantity{Line: order.line, Quantity: 10})
		must(w.desk.Answer(t.Context(), desk.AnswerRequest{As: river, Record: first.Record.String(), Step: "status", State: "in_transit"}))(t)
		w.answer(river, order.record, "commit", desk.LineQuantity{Line: order.line, Quantity: order.rest})
		if got := w.line(order.line).Lines[order.line-1]; got.Committed != 10+order.rest {
			t.Errorf("line %d = %+v", order.line, got)
		}
	}
}

// TestPageOffersWhatTheDeskLets: at each stage of an exchange, by each side, what is offered
// is what a trial of every step finds allowed.
func TestPageOffersWhatTheDeskLets(t *testing.T) {
	w := market(t)
	need := w.need(300, 20)
	seen := map[string]bool{}
	look := func() {
		t.Helper()
		for _, as := range []protocol.InstitutionID{gate, river, centre} {
			x := must(w.desk.Exchange(t.Context(), as, need.Record.String(), 0))(t)
			line := x.Lines[0]
			for _, deal := range line.Deals {
				if as != gate && deal.Institution != as {
					if len(deal.Acts) > 0 {
						t.Errorf("%s may do %v of what is between %s and %s", as, deal.Acts, gate, deal.Institution)
					}
					continue
				}
				offered := map[string]bool{}
				for _, a := range deal.Acts {
					offered[fmt.Sprint(a.Step, a.State, a.Response)] = true
					seen[a.Step.String()] = true
					if _, err := w.desk.Answer(t.Context(), actOf(as, a, true)); err != nil {
						t.Errorf("%s is offered %v, and refused: %v", as, a, err)
					}
				}
				for _, a := range everyAct(x.Steps) {
					if a.Step == body.StepCancel && as == gate || offered[fmt.Sprint(a.Step, a.State, a.Response)] {
						continue
					}
					if s := x.Steps[slices.IndexFunc(x.Steps, func(s desk.ExchangeStep) bool { return s.Record == a.Record })]; s.With != deal.Institution && s.Record != need.Record {
						continue
					}
					if out, err := w.desk.Answer(t.Context(), actOf(as, a, true)); err == nil && (as != gate || deal.Institution == river) {
						t.Errorf("%s may do %v with %s, and is not offered it: %s", as, a, deal.Institution, out.Body)
					}
				}
			}
		}
	}
	look()
	do := func(as protocol.InstitutionID, step body.Step, n int64, more ...string) {
		t.Helper()
		x := must(w.desk.Exchange(t.Context(), as, need.Record.String(), 0))(t)
		for _, deal := range x.Lines[0].Deals {
			for _, a := range deal.Acts {
				if deal.Institution == river && a.Step == step && (len(more) == 0 || more[0] == string(a.State)+string(a.Response)) {
					a.Most = n
					must(w.desk.Answer(t.Context(), actOf(as, a, false)))(t)
					look()
					return
				}
			}
		}
		t.Errorf("%s is not offered %s", as, step)
	}
	do(river, body.StepOffer, 100)
	do(gate, body.StepAccept, 80)
	do(river, body.StepCommit, 50)
	do(river, body.StepStatus, 40, "in_transit")
	do(gate, body.StepStatus, 30, "deployed")
	do(gate, body.StepExtend, 30)
	do(river, body.StepExtendReply, 30, "accept")
	do(river, body.StepRecall, 10)
	do(gate, body.StepRecallReply, 5, "accept")
	do(gate, body.StepConsumed, 5)
	do(gate, body.StepRelease, 20)
	do(gate, body.StepStatus, 5, "returning")
	do(river, body.StepReturned, 10)
	for _, s := range body.Steps()[1:] {
		if !seen[s.String()] {
			t.Errorf("%s was never offered", s)
		}
	}
}

func actOf(as protocol.InstitutionID, a desk.Act, dry bool) desk.AnswerRequest {
	r := desk.AnswerRequest{As: as, Record: a.Record.String(), Step: a.Step.String(), State: a.State, Says: a.Response, DryRun: dry, Knowing: true, Lines: []desk.LineQuantity{{Line: a.Line, Quantity: a.Most}}}
	if a.Step == body.StepExtend {
		r.Until = "2015-12-01T00:00:00Z"
	}
	return r
}

// everyAct gives every step in answer to every record.
func everyAct(steps []desk.ExchangeStep) []desk.Act {
	var out []desk.Act
	for _, s := range steps {
		for _, step := range body.Steps()[1:] {
			a := desk.Act{Step: step, Record: s.Record, Line: 1, Most: 1}
			switch step {
			case body.StepStatus:
				for _, state := range body.Stage("").Words() {
					a.State = body.Stage(state)
					out = append(out, a)
				}
				continue
			case body.StepExtendReply, body.StepRecallReply:
				a.Response = body.ResponseAccept
			default:
			}
			out = append(out, a)
		}
	}
	return out
}
