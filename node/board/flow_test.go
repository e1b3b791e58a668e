package board_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// flow writes a step from the fund to the town, in the flow that root began and behind a
// record of it; without one it begins a flow.
func (p *pen) flow(s body.FlowStep, amount body.Decimal, root, behind *board.Event, change ...func(*body.Flow)) board.Event {
	p.t.Helper()
	f := &body.Flow{Step: s, Donor: fund, Recipient: town, Currency: "EUR", Amount: amount}
	switch s {
	case body.FlowReport:
		f.Amount, f.Spent, f.Unspent = "", amount, "0"
	case body.FlowCancel:
		f.Amount, f.Reason = "", "the budget was cut"
	default:
	}
	if root != nil {
		f.Thread, f.Refs = root.Record.Name, []body.Ref{refTo(body.RelAnswers, behind)}
	}
	for _, c := range change {
		c(f)
	}
	return p.write(f)
}

// ignoredIn gives why a step of a flow has no effect.
func ignoredIn(t *testing.T, p board.Picture, e *board.Event) string {
	t.Helper()
	for i := range p.Flows {
		for _, s := range p.Flows[i].Steps {
			if s.Digest == e.Digest {
				return s.Ignored
			}
		}
	}
	t.Fatalf("step %s is not shown", e.Record.Name)
	return ""
}

func TestFlowIsReconciledWhenBothSidesSayTheSame(t *testing.T) {
	gives, takes := newPen(t, fund), newPen(t, town)
	pledge := gives.flow(body.FlowPledge, "100", nil, nil)
	commit := gives.flow(body.FlowCommit, "80", &pledge, &pledge)
	pay := gives.flow(body.FlowPay, "80", &pledge, &commit)
	part := takes.flow(body.FlowReceive, "50.50", &pledge, &pay)
	rest := takes.flow(body.FlowReceive, "29.50", &pledge, &part)
	report := takes.flow(body.FlowReport, "80", &pledge, &rest, func(f *body.Flow) { f.Results = "1,200 persons sheltered" })
	all := []board.Event{pledge, commit, pay, part, rest, report}
	for _, tt := range []struct {
		events int
		state  body.FlowState
		sides  body.Reconciliation
	}{
		{1, body.FlowPledged, body.DonorAlone},
		{2, body.FlowCommitted, body.DonorAlone},
		{3, body.FlowPaid, body.DonorAlone},
		{4, body.FlowReceived, body.SidesDiffer},
		{5, body.FlowReceived, body.Reconciled},
		{6, body.FlowReported, body.Reconciled},
	} {
		f := only(t, picture(t, day(2), all[:tt.events]...).Flows)
		if f.State != tt.state || f.Reconciliation != tt.sides {
			t.Errorf("after %d records the flow is %s, %s, want %s, %s", tt.events, f.State, f.Reconciliation, tt.state, tt.sides)
		}
	}
	f := only(t, picture(t, day(2), all...).Flows)
	if f.Pledged != "100" || f.Committed != "80" || f.Paid != "80" || f.Received != "80" || f.Spent != "80" || f.OpenPledge() != "20" || f.Results == "" {
		t.Errorf("the flow is %s", show(f))
	}
}

// TestPledgesAreNoFunding: they stand apart, and what is committed of them leaves them.
func TestPledgesAreNoFunding(t *testing.T) {
	gives := newPen(t, fund)
	pledge := gives.flow(body.FlowPledge, "100", nil, nil)
	other := gives.flow(body.FlowPledge, "7", nil, nil, func(f *body.Flow) { f.Currency = "MKD" })
	commit := gives.flow(body.FlowCommit, "30", &pledge, &pledge)
	v := picture(t, day(2), pledge, other, commit)
	want := []board.FundTotal{
		{Currency: "EUR", Flows: 1, Pledged: "70", Committed: "30", Paid: "0", Received: "0", Spent: "0", Unspent: "0", Unreconciled: 1},
		{Currency: "MKD", Flows: 1, Pledged: "7", Committed: "0", Paid: "0", Received: "0", Spent: "0", Unspent: "0", Unreconciled: 1},
	}
	if diff := cmp.Diff(want, v.FundTotals()); diff != "" {
		t.Error(diff)
	}
}

// TestFlowIsSeenThoughOnlyTheRecipientsRecordsAreHeld: the donor's feed does not come here.
func TestFlowIsSeenThoughOnlyTheRecipientsRecordsAreHeld(t *testing.T) {
	gives, takes := newPen(t, fund), newPen(t, town)
	commit := gives.flow(body.FlowCommit, "80", nil, nil)
	receive := takes.flow(body.FlowReceive, "80", &commit, &commit)
	f := only(t, picture(t, day(2), receive).Flows)
	if f.Flow != commit.Record.Name || f.Donor != fund || f.Received != "80" || f.Reconciliation != body.RecipientOnly {
		t.Errorf("the flow is %s, want it unreconciled", show(f))
	}
}

func TestStepOfAFlowThatIsNotAllowedIsShownAsIgnored(t *testing.T) {
	gives, takes, stranger := newPen(t, fund), newPen(t, town), newPen(t, valley)
	commit := gives.flow(body.FlowCommit, "80", nil, nil)
	pay := gives.flow(body.FlowPay, "60", &commit, &commit)
	receive := takes.flow(body.FlowReceive, "60", &commit, &pay)
	tests := []struct {
		name string
		bad  board.Event
		want string
	}{
		{"a stranger says that it paid", stranger.flow(body.FlowPay, "5", &commit, &pay), "for the donor to say"},
		{"the recipient says that it was paid", takes.flow(body.FlowPay, "5", &commit, &pay), "for the donor to say"},
		{"the donor says that it was received", gives.flow(body.FlowReceive, "5", &commit, &receive), "for the recipient to say"},
		{"a stranger puts itself in the donor's place", stranger.flow(body.FlowCommit, "5", &commit, &pay, func(f *body.Flow) { f.Donor, f.Recipient = valley, fund }), "another donor"},
		{"more is paid than is committed", gives.flow(body.FlowPay, "20.01", &commit, &receive), "20 EUR are committed"},
		{"more is told of than came", takes.flow(body.FlowReport, "60.01", &commit, &receive), "60 EUR are received"},
		{"another currency", gives.flow(body.FlowPay, "5", &commit, &receive, func(f *body.Flow) { f.Currency = "MKD" }), "another donor"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := picture(t, day(2), tt.bad, receive, pay, commit)
			if got := ignoredIn(t, p, &tt.bad); !strings.Contains(got, tt.want) {
				t.Errorf("ignored: %q, want %q", got, tt.want)
			}
			if f := only(t, p.Flows); f.Paid != "60" || f.Received != "60" || f.Committed != "80" || f.Reconciliation != body.Reconciled {
				t.Errorf("the flow is %s", show(f))
			}
		})
	}
}

// TestMoneyThatIsPassedOnCountsOnce: from the fund to the centre, and from there to the town.
func TestMoneyThatIsPassedOnCountsOnce(t *testing.T) {
	gives, between, stranger := newPen(t, fund), newPen(t, centre), newPen(t, valley)
	parent := gives.flow(body.FlowCommit, "80", nil, nil, func(f *body.Flow) { f.Recipient = centre })
	passes := func(p *pen, amount body.Decimal) board.Event {
		return p.flow(body.FlowCommit, amount, nil, nil, func(f *body.Flow) { f.Donor, f.ParentFlow = p.author, parent.Record.Name })
	}
	child, claim, beyond := passes(between, "50"), passes(stranger, "5"), passes(between, "70")
	committed := func(events ...board.Event) string {
		v := picture(t, day(2), events...)
		return only(t, v.FundTotals()).Committed.String()
	}
	for _, tt := range []struct {
		name   string
		events []board.Event
		want   string
	}{
		{"the parent alone", []board.Event{parent}, "80"},
		{"both", []board.Event{child, parent}, "80"},
		{"more is passed on than came: the rest is its own", []board.Event{parent, child, beyond}, "120"},
		{"the parent is not held", []board.Event{child}, "50"},
		{"the money went to somebody else", []board.Event{claim, parent}, "85"},
	} {
		if got := committed(tt.events...); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
	pledged := gives.flow(body.FlowPledge, "80", nil, nil, func(f *body.Flow) { f.Recipient = centre })
	early := between.flow(body.FlowCommit, "50", nil, nil, func(f *body.Flow) { f.Donor, f.ParentFlow = centre, pledged.Record.Name })
	if got := committed(early, pledged); got != "50" {
		t.Errorf("of a pledge: %s, want 50: a pledge counts nothing", got)
	}
}

// TestFlowsInACircleAreCounted: two say of each other that they pass the other's money on.
func TestFlowsInACircleAreCounted(t *testing.T) {
	a, b := newPen(t, fund), newPen(t, town)
	name := func(p *pen) protocol.Name {
		return protocol.Name{Institution: p.author, Position: protocol.Position{Topic: protocol.Funding, Epoch: 1, Sequence: 1}}
	}
	there := a.flow(body.FlowCommit, "80", nil, nil, func(f *body.Flow) { f.ParentFlow = name(b) })
	back := b.flow(body.FlowCommit, "80", nil, nil, func(f *body.Flow) { f.Donor, f.Recipient, f.ParentFlow = town, fund, name(a) })
	v := picture(t, day(2), there, back)
	if got := only(t, v.FundTotals()); got.Committed != "160" || got.PassedOn != 0 {
		t.Errorf("totals are %s, want both counted", show(got))
	}
}

func TestRetractedPaymentIsNotPaid(t *testing.T) {
	gives := newPen(t, fund)
	commit := gives.flow(body.FlowCommit, "80", nil, nil)
	pay := gives.flow(body.FlowPay, "60", &commit, &commit)
	retract := gives.correct(&pay, nil)
	p := picture(t, day(2), commit, pay, retract)
	if f := only(t, p.Flows); f.Paid.Sign() != 0 || f.State != body.FlowCommitted || ignoredIn(t, p, &pay) != "retracted" {
		t.Errorf("the flow is %s", show(f))
	}
	more := gives.flow(body.FlowCommit, "90", nil, nil)
	mend := gives.correct(&commit, &body.Flow{Step: body.FlowCommit, Donor: fund, Recipient: town, Currency: "EUR", Amount: "70"})
	p = picture(t, day(2), commit, mend, more)
	if got := p.Flows[0].Committed; got != "70" {
		t.Errorf("committed %s, want the 70 of the replacement", got)
	}
}

// TestFlowThatIsSaidAgainGoesOn: its first record became void, and its author said it again.
func TestFlowThatIsSaidAgainGoesOn(t *testing.T) {
	gives, takes := newPen(t, fund), newPen(t, town)
	commit := gives.flow(body.FlowCommit, "80", nil, nil)
	receive := takes.flow(body.FlowReceive, "80", &commit, &commit)
	again := gives.again(&commit)
	commit.Void = true
	f := only(t, picture(t, day(2), receive, again, commit).Flows)
	if f.Flow != again.Record.Name || f.Committed != "80" || f.Received != "80" {
		t.Errorf("the flow is %s, want it under its new name", show(f))
	}
}

// TestAnyOrderOfAFlowGivesTheSameBytes: whatever two sides and a stranger say, right or wrong,
// told in any order and twice.
func TestAnyOrderOfAFlowGivesTheSameBytes(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		events := drawFlow(t, rt)
		one, other := newBoard(t, events...), newBoard(t)
		for _, e := range rapid.Permutation(events).Draw(rt, "order") {
			other.Tell([]board.Event{e})
			if rapid.Bool().Draw(rt, "again") {
				other.Tell([]board.Event{e})
			}
		}
		if one.Digest(at(day(2))) != other.Digest(at(day(2))) {
			rt.Fatalf("the flows differ:\n%s", cmp.Diff(show(one.Picture(at(day(2))).Flows), show(other.Picture(at(day(2))).Flows)))
		}
		for _, total := range func() []board.FundTotal { v := one.Picture(at(day(2))); return v.FundTotals() }() {
			if total.Paid.Compare(total.Committed) > 0 || total.Spent.Compare(total.Received) > 0 {
				rt.Fatalf("more is paid than committed, or spent than received: %s", show(total))
			}
		}
	})
}

func drawFlow(t *testing.T, rt *rapid.T) []board.Event {
	var pens []*pen
	for _, id := range []protocol.InstitutionID{fund, town, valley} {
		pens = append(pens, newPen(t, id))
	}
	events := []board.Event{pens[0].flow(body.FlowCommit, "80", nil, nil)}
	for range rapid.IntRange(1, 12).Draw(rt, "records") {
		p := rapid.SampledFrom(pens).Draw(rt, "author")
		s := rapid.SampledFrom(body.FlowSteps()).Draw(rt, "step")
		behind := rapid.SampledFrom(events).Draw(rt, "behind")
		amount := rapid.SampledFrom([]body.Decimal{"0.10", "20", "80"}).Draw(rt, "amount")
		e := board.Event{}
		if s == body.FlowPledge {
			e = p.flow(s, amount, nil, nil)
		} else {
			e = p.flow(s, amount, &events[0], &behind)
		}
		e.Void = rapid.IntRange(0, 9).Draw(rt, "void") == 0
		e.Competent = rapid.IntRange(0, 9).Draw(rt, "competent") > 0
		events = append(events, e)
	}
	return slices.Clip(events)
}
