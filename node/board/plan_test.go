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

// plan is one of the centre's with a line for each amount, to be signed by the town and the
// island.
func plan(status body.PlanStatus, amounts ...body.Decimal) *body.Plan {
	p := &body.Plan{
		Title: "Winter places", Status: status, Currency: "EUR", Territory: gevgelija(),
		Period:    body.Period{Start: body.TimeOf(day(1)), End: body.TimeOf(day(30))},
		Cosigners: []protocol.InstitutionID{town, island},
	}
	for i, amount := range amounts {
		p.Lines = append(p.Lines, body.PlanLine{
			Line: body.Positive(i + 1), Purpose: "bed places", Beneficiary: town, Year: 2015, Sector: "shelter", Amount: amount, Source: "eu_amif", Status: body.LinePlanned,
		})
	}
	return p
}

// sign says of a version of a plan that it is accepted, or refused.
func (p *pen) sign(version *board.Event, state body.AcknowledgementState) board.Event {
	p.t.Helper()
	a := &body.Acknowledgement{Topic: protocol.Funding, State: state, Reason: "as agreed"}
	a.Refs = []body.Ref{refTo(body.RelAcknowledges, version)}
	return p.write(a)
}

// said tells in a line how a plan stands.
func said(p *board.Plan) string {
	asked := p.Asked()
	out := []string{fmt.Sprintf("%s, version %d: %d of %d", p.State, asked.Number, asked.Signed, asked.Of)}
	for _, b := range p.Before {
		out = append(out, fmt.Sprintf("%d signed only version %d", len(b.Institutions), b.Version))
	}
	if asked.Number != p.Version {
		out = append(out, fmt.Sprintf("version %d: %d of %d", p.Version, p.Signed, len(p.Cosigners)))
	}
	return strings.Join(out, "; ")
}

func TestSignatureHoldsForTheVersionItNames(t *testing.T) {
	proposes, south, isles, stranger := newPen(t, centre), newPen(t, town), newPen(t, island), newPen(t, valley)
	draft := proposes.write(plan(body.PlanDraft, "100"))
	early := south.sign(&draft, body.Accepted)
	first := proposes.correct(&draft, plan(body.PlanProposed, "100"))
	one, two := south.sign(&first, body.Accepted), isles.sign(&first, body.Accepted)
	second := proposes.correct(&draft, plan(body.PlanProposed, "100", "20.50"))
	again := isles.sign(&second, body.Accepted)
	no := south.sign(&second, body.Refused)
	yes := south.sign(&second, body.Accepted)
	other := stranger.sign(&second, body.Accepted)
	closed := proposes.correct(&draft, plan(body.PlanClosed, "100", "20.50"))
	gone := proposes.correct(&draft, nil)
	all := []board.Event{draft, early, first, one, two, second, again, no, yes, other, closed, gone}
	for _, tt := range []struct {
		name   string
		events int
		want   string
	}{
		{"a draft", 1, "draft, version 1: 0 of 2"},
		{"a draft is not signed", 2, "draft, version 1: 0 of 2"},
		{"proposed; who signed the draft has signed nothing", 3, "proposed, version 2: 0 of 2"},
		{"one has signed", 4, "proposed, version 2: 1 of 2"},
		{"both have signed", 5, "agreed, version 2: 2 of 2"},
		{"another version is agreed by nobody yet", 6, "proposed, version 3: 0 of 2; 2 signed only version 2"},
		{"one has signed it too", 7, "proposed, version 3: 1 of 2; 1 signed only version 2"},
		{"the other refuses it", 8, "proposed, version 3: 1 of 2"},
		{"and changes its mind", 9, "agreed, version 3: 2 of 2"},
		{"a stranger's signature counts nothing", 10, "agreed, version 3: 2 of 2"},
		{"closed: what all had signed stays signed, and the end is signed by nobody", 11, "closed, version 3: 2 of 2; version 4: 0 of 2"},
		{"taken back", 12, "taken back, version 3: 2 of 2; version 4: 0 of 2"},
	} {
		events := slices.Clone(all[:tt.events])
		slices.Reverse(events)
		p := only(t, picture(t, day(2), events...).Plans)
		if got := said(&p); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
	p := only(t, picture(t, day(2), all...).Plans)
	if p.Agreed != 3 || p.Total != "120.50" || len(p.Versions) != 4 {
		t.Errorf("plan is %s", show(p))
	}
	if s := p.Versions[0].Signatures[0]; s.State != board.SignatureGiven || s.Ignored == "" {
		t.Errorf("signature on a draft: %s", show(s))
	}
	if of := p.Versions[2]; of.Signed != 2 || len(of.Signatures) != 3 || of.Signatures[2].Institution != valley || of.Signatures[2].Ignored == "" {
		t.Errorf("version 3: %s", show(of))
	}
}

// TestClosedPlanSaysWhatWasSigned: also by whom only an earlier version was, and that nobody was
// ever asked.
func TestClosedPlanSaysWhatWasSigned(t *testing.T) {
	proposes, south := newPen(t, centre), newPen(t, town)
	first := proposes.write(plan(body.PlanProposed, "100"))
	events := []board.Event{
		first, south.sign(&first, body.Accepted), proposes.correct(&first, plan(body.PlanProposed, "200")), proposes.correct(&first, plan(body.PlanDraft, "200")),
		proposes.correct(&first, plan(body.PlanClosed, "200")),
	}
	p := only(t, picture(t, day(2), events...).Plans)
	if got, want := said(&p), "closed, version 2: 0 of 2; 1 signed only version 1; version 4: 0 of 2"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	p = only(t, picture(t, day(2), newPen(t, centre).write(plan(body.PlanClosed, "100"))).Plans)
	if got, want := said(&p), "closed, version 1: 0 of 2"; got != want {
		t.Errorf("closed from the beginning: %s, want %s", got, want)
	}
}

// TestStrangersVersionIsNone: only its author proposes another version of a plan.
func TestStrangersVersionIsNone(t *testing.T) {
	proposes, stranger := newPen(t, centre), newPen(t, valley)
	first := proposes.write(plan(body.PlanProposed, "100"))
	own := stranger.correct(&first, plan(body.PlanProposed, "1"))
	broken := first
	broken.Digest = own.Digest
	signs := newPen(t, town).sign(&broken, body.Accepted)
	author := proposes.sign(&first, body.Accepted)
	p := only(t, picture(t, day(2), first, own, signs, author).Plans)
	if got := said(&p); got != "proposed, version 1: 0 of 2" || p.Total != "100" {
		t.Errorf("plan is %s: %s", got, show(p))
	}
}

// TestSignatureStaysWithAPlanThatIsSaidAgain: the plan became void, and its author said it again.
func TestSignatureStaysWithAPlanThatIsSaidAgain(t *testing.T) {
	proposes, south := newPen(t, centre), newPen(t, town)
	first := proposes.write(plan(body.PlanProposed, "100"))
	one := south.sign(&first, body.Accepted)
	again := proposes.again(&first)
	first.Void = true
	p := only(t, picture(t, day(2), one, again, first).Plans)
	if got := said(&p); got != "proposed, version 1: 1 of 2" || p.Record != again.Record.Name {
		t.Errorf("plan %s is %s", p.Record, got)
	}
}

// TestAnyOrderOfAPlanGivesTheSameBytes: versions, signatures and refusals, right or wrong, told in
// any order and twice.
func TestAnyOrderOfAPlanGivesTheSameBytes(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		events := drawPlan(t, rt)
		one, other := newBoard(t, events...), newBoard(t)
		for _, e := range rapid.Permutation(events).Draw(rt, "order") {
			other.Tell([]board.Event{e})
			if rapid.Bool().Draw(rt, "again") {
				other.Digest(at(day(2)))
				other.Tell([]board.Event{e})
			}
		}
		if one.Digest(at(day(2))) != other.Digest(at(day(2))) {
			rt.Fatalf("the plans differ:\n%s", cmp.Diff(show(one.Picture(at(day(2))).Plans), show(other.Picture(at(day(2))).Plans)))
		}
		for _, p := range one.Picture(at(day(2))).Plans {
			if p.State == board.PlanAgreed && p.Signed != len(p.Cosigners) || p.Signed > len(p.Cosigners) {
				rt.Fatalf("%d of %d have signed: %s", p.Signed, len(p.Cosigners), show(p))
			}
		}
	})
}

func drawPlan(t *testing.T, rt *rapid.T) []board.Event {
	var pens []*pen
	for _, id := range []protocol.InstitutionID{centre, town, island, valley} {
		pens = append(pens, newPen(t, id))
	}
	status := func() body.PlanStatus {
		return rapid.SampledFrom([]body.PlanStatus{body.PlanDraft, body.PlanProposed, body.PlanProposed, body.PlanClosed}).Draw(rt, "status")
	}
	versions := []board.Event{pens[0].write(plan(status(), "100"))}
	events := slices.Clone(versions)
	for range rapid.IntRange(1, 14).Draw(rt, "records") {
		p := rapid.SampledFrom(pens).Draw(rt, "author")
		e := board.Event{}
		switch rapid.IntRange(0, 3).Draw(rt, "what") {
		case 0:
			p = pens[rapid.IntRange(0, 1).Draw(rt, "whose")]
			if e = p.correct(&versions[0], plan(status(), "100", "20")); rapid.IntRange(0, 5).Draw(rt, "retract") == 0 {
				e = p.correct(&versions[0], nil)
			}
			versions = append(versions, e)
		default:
			of := rapid.SampledFrom(versions).Draw(rt, "version")
			e = p.sign(&of, rapid.SampledFrom([]body.AcknowledgementState{body.Accepted, body.Accepted, body.Refused, body.Read}).Draw(rt, "state"))
		}
		e.Void = rapid.IntRange(0, 9).Draw(rt, "void") == 0
		e.Competent = rapid.IntRange(0, 9).Draw(rt, "competent") > 0
		events = append(events, e)
	}
	return slices.Clip(events)
}
