package body

import (
	"errors"
	"strings"

	"github.com/vardar-network/vardar/protocol"
)

// TypePlan is the type of a [Plan].
const TypePlan = "vardar.funding.plan.v1"

// Plan is a fund plan: who is to get how much for what, and from which source, in one
// currency. It begins a thread. Another version of it is a correction, so that each has a name
// of its own; who signs with it says so by an acknowledgement of the one version that it has
// read ([Accepted], [Refused]). That all have is computed, and set by nobody.
type Plan struct {
	Common
	Title     Label                    `json:"title"`
	Status    PlanStatus               `json:"status"`
	Period    Period                   `json:"period"`
	Currency  Currency                 `json:"currency"` // of all its amounts
	Territory Place                    `json:"territory"`
	Lines     []PlanLine               `json:"lines" fit:"least=1 most=999"`
	Cosigners []protocol.InstitutionID `json:"cosigners,omitempty" fit:"least=1 most=200 unique"` // beside its author
	Rates     []PlanRate               `json:"rates,omitempty" fit:"least=1 most=20"`             // to read it in other currencies: nothing is computed with them
}

// PlanLine is one amount of a plan.
type PlanLine struct {
	Line               Positive               `json:"line" fit:"max=999"`
	Purpose            Label                  `json:"purpose"`
	Beneficiary        protocol.InstitutionID `json:"beneficiary"`
	Payer              protocol.InstitutionID `json:"payer,omitempty"` // if it is a member
	Year               Positive               `json:"year" fit:"min=2000 max=2100"`
	Sector             Sector                 `json:"sector"`
	NeedsRefs          []protocol.Name        `json:"needs_refs,omitempty" fit:"least=1 unique"`     // needs assessments
	ObjectiveRefs      []ObjectiveRef         `json:"objective_refs,omitempty" fit:"least=1 unique"` // of strategies
	Amount             Decimal                `json:"amount"`                                        // above 0
	Source             FundSource             `json:"source"`
	SourceRef          Label                  `json:"source_ref,omitempty"` // of a call, a programme, a budget line
	Status             LineStatus             `json:"status"`
	CofinancingPercent Positive               `json:"co_financing_percent,omitempty" fit:"max=100"` // of the amount, by others
}

// PlanRate says what one of the plan's currency was worth in another, when, and by whom.
type PlanRate struct {
	Currency Currency `json:"currency"`
	Rate     Rate     `json:"rate"`
	AsOf     AsOf     `json:"as_of"`
	Source   Label    `json:"source"`
}

// PlanStatus is how far the author of a plan has come with it.
type PlanStatus string

// The three. Between proposed and closed it is agreed, once all have signed.
const (
	PlanDraft    PlanStatus = "draft"
	PlanProposed PlanStatus = "proposed"
	PlanClosed   PlanStatus = "closed"
)

// Words gives the vocabulary.
func (PlanStatus) Words() []string { return []string{"draft", "proposed", "closed"} }

// UnmarshalText reads one of the words; [ErrVocabulary].
func (s *PlanStatus) UnmarshalText(b []byte) error { return readWord(s, b, s.Words()) }

// FundSource is the class of where money comes from.
type FundSource string

// Words gives the vocabulary of domain.md §4.
func (FundSource) Words() []string {
	return []string{
		"national_budget", "local_budget", "eu_amif", "eu_bmvi", "eu_ipa", "eu_esf", "eu_erdf", "eu_solidarity", "eu_other",
		"bilateral", "un", "private", "other",
	}
}

// UnmarshalText reads one of the words; [ErrVocabulary].
func (s *FundSource) UnmarshalText(b []byte) error { return readWord(s, b, s.Words()) }

// LineStatus is how sure the money of a line is, as the plan's author says.
type LineStatus string

// The three.
const (
	LinePlanned   LineStatus = "planned"
	LineRequested LineStatus = "requested"
	LineSecured   LineStatus = "secured"
)

// Words gives the vocabulary.
func (LineStatus) Words() []string { return []string{"planned", "requested", "secured"} }

// UnmarshalText reads one of the words; [ErrVocabulary].
func (s *LineStatus) UnmarshalText(b []byte) error { return readWord(s, b, s.Words()) }

// Type gives [TypePlan].
func (*Plan) Type() string { return TypePlan }

// Total gives the sum of the lines.
func (p *Plan) Total() Sum {
	var sum Sum
	for i := range p.Lines {
		sum = sum.Plus(SumOf(p.Lines[i].Amount))
	}
	return sum
}

func (p *Plan) check() error {
	var thread, cosigners error
	if !p.Thread.IsZero() {
		thread = refuse(ErrThread, "thread", "a plan begins a thread: leave it out, or put the plan right for another version of it")
	}
	if p.Status == PlanProposed && len(p.Cosigners) == 0 {
		cosigners = refuse(ErrRequired, "cosigners", "say who is to sign it, or keep it a draft")
	}
	return errors.Join(p.Period.check(), p.Territory.check("territory"), thread, cosigners, p.checkRates(), p.checkLines())
}

// checkLines wants each line numbered once, of more than nothing, and for needs.
func (p *Plan) checkLines() error {
	var broken []error
	seen := map[Positive]bool{}
	for i := range p.Lines {
		l, path := &p.Lines[i], entry("lines", i)
		if seen[l.Line] {
			broken = append(broken, refuse(ErrTwice, path+".line", "line %d stands twice: number each line once", l.Line))
		}
		seen[l.Line] = true
		if SumOf(l.Amount).Sign() == 0 {
			broken = append(broken, refuse(ErrMoney, path+".amount", "the line is of nothing: want more than 0"))
		}
		for j, n := range l.NeedsRefs {
			if n.Topic != protocol.Situation {
				broken = append(broken, refuse(ErrReference, entry(path+".needs_refs", j), "%s is no needs assessment", n))
			}
		}
	}
	return errors.Join(broken...)
}

// checkRates wants each other currency once, and a rate that says something.
func (p *Plan) checkRates() error {
	seen := map[Currency]bool{p.Currency: true}
	for i := range p.Rates {
		r, path := &p.Rates[i], entry("rates", i)
		switch {
		case seen[r.Currency]:
			return refuse(ErrTwice, path+".currency", "%s is the plan's own, or stands twice: name each other currency once", r.Currency)
		case strings.Trim(string(r.Rate), "0.") == "":
			return refuse(ErrMoney, path+".rate", "want how much of it one of the plan's currency was worth, more than 0")
		}
		seen[r.Currency] = true
	}
	return nil
}
