package body

import (
	"errors"
	"fmt"
	"slices"

	"github.com/vardar-network/vardar/protocol"
)

// FlowStep is one step of a flow of funds (domain.md §4).
type FlowStep uint8

// The steps, in the order in which a flow usually takes them.
const (
	FlowPledge  FlowStep = iota + 1 // the donor announces; it binds nobody, and is no funding
	FlowCommit                      // the donor binds itself
	FlowPay                         // the donor has paid
	FlowReceive                     // the recipient has it
	FlowReport                      // the recipient says what became of all that it received
	FlowCancel                      // the donor takes back what is not paid
)

// FlowSteps gives all steps.
func FlowSteps() []FlowStep {
	return []FlowStep{FlowPledge, FlowCommit, FlowPay, FlowReceive, FlowReport, FlowCancel}
}

// String gives the word that stands in the type.
func (s FlowStep) String() string {
	if s < FlowPledge || s > FlowCancel {
		return fmt.Sprintf("flow-step(%d)", uint8(s))
	}
	return [...]string{"pledge", "commit", "pay", "receive", "report", "cancel"}[s-FlowPledge]
}

// Type gives vardar.funding.STEP.v1.
func (s FlowStep) Type() string { return typeOf(protocol.Funding, s.String()) }

// By gives the side whose step it is.
func (s FlowStep) By() FlowSide {
	if s == FlowReceive || s == FlowReport {
		return RecipientSide
	}
	return DonorSide
}

// Begins reports whether it can begin a flow: what is paid was committed before.
func (s FlowStep) Begins() bool { return s == FlowPledge || s == FlowCommit || s == FlowReceive }

// moves reports whether it names an amount.
func (s FlowStep) moves() bool { return s >= FlowPledge && s <= FlowReceive }

// FlowSide is one of the two of a flow.
type FlowSide uint8

// The two sides.
const (
	DonorSide FlowSide = iota + 1
	RecipientSide
)

// String gives the side in a word.
func (s FlowSide) String() string {
	switch s {
	case DonorSide:
		return "donor"
	case RecipientSide:
		return "recipient"
	}
	return fmt.Sprintf("side(%d)", uint8(s))
}

// Flow is one step of a flow of funds from a donor to a recipient. The thread, named by the
// first record, is the flow. Both sides write: the donor what it promises and pays, the
// recipient what it gets and what became of it, and where the two agree the flow is
// reconciled. A pledge, a commit or a receive can begin a flow, and then names no thread;
// every other names the thread and has one reference "answers" to a step of it. Each names
// both sides and the currency, so that it can be read where the first is not held.
type Flow struct {
	Step FlowStep `json:"-"`
	Common
	Donor      protocol.InstitutionID `json:"donor"`
	Recipient  protocol.InstitutionID `json:"recipient"`
	Amount     Decimal                `json:"amount,omitempty"` // of this step alone, above 0: pledge, commit, pay, receive
	Currency   Currency               `json:"currency"`
	DecidedAt  Time                   `json:"decided_at,omitzero"` // when it was promised, paid or received
	InKind     Text                   `json:"in_kind,omitempty"`   // goods or services that the amount is the value of
	Earmarking Earmarking             `json:"earmarking,omitempty"`
	PlanLines  []PlanLineRef          `json:"plan_lines,omitempty" fit:"least=1 unique"`
	NeedsRefs  []protocol.Name        `json:"needs_refs,omitempty" fit:"least=1 unique"` // needs assessments
	ParentFlow protocol.Name          `json:"parent_flow,omitzero"`                      // the flow that this passes on: the two count once
	UseBy      Time                   `json:"use_by,omitzero"`
	Spent      Decimal                `json:"spent,omitempty"`   // report: of all received so far
	Unspent    Decimal                `json:"unspent,omitempty"` // report: what is left of it
	Results    Text                   `json:"results,omitempty"` // report: what it has brought about
	Reason     Text                   `json:"reason,omitempty"`  // cancel
}

// PlanLineRef names a line of a fund plan.
type PlanLineRef struct {
	Plan protocol.Name `json:"plan"` // the record that began the plan
	Line Positive      `json:"line" fit:"max=999"`
}

// Earmarking is how far the donor has said what for (Grand Bargain).
type Earmarking string

// The four.
const (
	Unearmarked Earmarking = "unearmarked"
	SoftEarmark Earmarking = "soft"
	Earmarked   Earmarking = "earmarked"
	TightMark   Earmarking = "tight"
)

// Words gives the vocabulary.
func (Earmarking) Words() []string { return []string{"unearmarked", "soft", "earmarked", "tight"} }

// UnmarshalText reads one of the words; [ErrVocabulary].
func (e *Earmarking) UnmarshalText(b []byte) error { return readWord(e, b, e.Words()) }

// Type gives vardar.funding.STEP.v1 of its step.
func (f *Flow) Type() string { return f.Step.Type() }

func (f *Flow) check() error {
	var recipient error
	if f.Donor == f.Recipient {
		recipient = refuse(ErrForbidden, "recipient", "it is the donor: a flow goes to somebody else")
	}
	return errors.Join(recipient, f.checkFlow(), f.checkAmounts(), f.checkTerms())
}

// checkFlow wants a flow and the record answered, but of what begins one.
func (f *Flow) checkFlow() error {
	if f.Thread.IsZero() {
		if !f.Step.Begins() {
			return refuse(ErrThread, "thread", "name the record that began the flow")
		}
		if _, answers := f.Ref(RelAnswers); answers {
			return refuse(ErrReference, "refs", "this begins a flow and answers nothing: leave the reference out, or name the flow in thread")
		}
		return nil
	}
	began := f.Thread.Institution
	switch {
	case f.Step == FlowPledge:
		return refuse(ErrThread, "thread", "a pledge begins a flow: leave it out")
	case f.Thread.Topic != protocol.Funding:
		return refuse(ErrThread, "thread", "%s is no record about funds: name the one that began the flow", f.Thread)
	case began != f.Donor && began != f.Recipient:
		return refuse(ErrThread, "thread", "%s is of neither donor nor recipient: name the record that began the flow between the two", f.Thread)
	}
	return f.oneRef(RelAnswers)
}

func (f *Flow) checkAmounts() error {
	for _, m := range []struct {
		name  string
		value Decimal
		wants bool
	}{{"amount", f.Amount, f.Step.moves()}, {"spent", f.Spent, f.Step == FlowReport}, {"unspent", f.Unspent, f.Step == FlowReport}} {
		switch {
		case m.wants && m.value == "":
			return refuse(ErrRequired, m.name, "say how much, such as \"12500.50\"")
		case !m.wants && m.value != "":
			return refuse(ErrForbidden, m.name, "it does not belong to this step of a flow: leave it out")
		}
	}
	if f.Step.moves() && SumOf(f.Amount).Sign() == 0 {
		return refuse(ErrMoney, "amount", "nothing moves: want more than 0")
	}
	return nil
}

// checkTerms holds what belongs to some steps alone.
func (f *Flow) checkTerms() error {
	switch {
	case f.Results != "" && f.Step != FlowReport:
		return refuse(ErrForbidden, "results", "it belongs to the report: leave it out")
	case f.Step == FlowCancel && f.Reason == "":
		return refuse(ErrRequired, "reason", "say why it is taken back")
	case f.Reason != "" && f.Step != FlowCancel:
		return refuse(ErrForbidden, "reason", "it belongs to the cancellation: leave it out")
	case !f.DecidedAt.IsZero() && !f.Step.moves():
		return refuse(ErrForbidden, "decided_at", "it does not belong to this step of a flow: leave it out")
	case !f.ParentFlow.IsZero() && f.ParentFlow.Topic != protocol.Funding:
		return refuse(ErrReference, "parent_flow", "%s is no record about funds: name the one that began the flow", f.ParentFlow)
	}
	for i, n := range f.NeedsRefs {
		if n.Topic != protocol.Situation {
			return refuse(ErrReference, entry("needs_refs", i), "%s is no needs assessment", n)
		}
	}
	for i := range f.PlanLines {
		if n := f.PlanLines[i].Plan; n.Topic != protocol.Funding {
			return refuse(ErrReference, entry("plan_lines", i)+".plan", "%s is no fund plan", n)
		}
	}
	if f.Step.Begins() {
		return nil
	}
	given := map[string]bool{
		"in_kind": f.InKind != "", "earmarking": f.Earmarking != "", "plan_lines": f.PlanLines != nil, "needs_refs": f.NeedsRefs != nil,
		"parent_flow": !f.ParentFlow.IsZero(), "use_by": !f.UseBy.IsZero(),
	}
	for _, name := range termNames() {
		if given[name] {
			return refuse(ErrForbidden, name, "it belongs to what is promised, or to what begins a flow: leave it out")
		}
	}
	return nil
}

// termNames are the members that say on which terms the money is given.
func termNames() []string {
	return []string{"in_kind", "earmarking", "plan_lines", "needs_refs", "parent_flow", "use_by"}
}

// FlowStepOf gives the step of a record type; false if it is none.
func FlowStepOf(recordType string) (FlowStep, bool) {
	topic, word, ok := wordOf(recordType)
	if !ok || topic != protocol.Funding {
		return 0, false
	}
	return flowStepNamed(word)
}

func flowStepNamed(word string) (FlowStep, bool) {
	i := slices.IndexFunc(FlowSteps(), func(s FlowStep) bool { return s.String() == word })
	if i < 0 {
		return 0, false
	}
	return FlowSteps()[i], true
}
