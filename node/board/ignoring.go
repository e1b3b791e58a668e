package board

import (
	"errors"
	"fmt"

	"github.com/vardar-network/vardar/protocol/body"
)

// Ignoring is why something has no effect: in English, and as a code with what is put in, so
// that it can be said in other languages. Nothing of it is set where there is an effect.
type Ignoring struct {
	Ignored     string   `json:"ignored,omitempty"`
	IgnoredCode Code     `json:"ignored_code,omitempty"`
	IgnoredArgs []string `json:"ignored_args,omitempty"` // as the code says
}

// Code says which of the reasons it is.
type Code string

// The reasons, each with its args.
const (
	CodeStanding      Code = "standing"       // the record does not count: its standing
	CodeSecondRoot    Code = "second_root"    // another record of this name began the exchange
	CodeNoBeginning   Code = "no_beginning"   // it does not begin an exchange
	CodeNoRoot        Code = "no_root"        // what began the exchange is not here, or does not count
	CodeNoAnswered    Code = "no_answered"    // what it answers is not in this exchange, or has no effect
	CodeRole          Code = "role"           // it is for the other side to say: step, role
	CodeAnswers       Code = "answers"        // it does not answer such a step: step, role, the step answered
	CodeBetweenOthers Code = "between_others" // what it answers was between others
	CodeNoLine        Code = "no_line"        // what it answers has no such line: line
	CodeGoods         Code = "goods"          // the line is about something else: line, its type and unit, those said
	CodeCancelled     Code = "line_cancelled" // the line is cancelled already: line
	CodeState         Code = "state"          // the line's state does not allow it: step, role, state
	CodeOffered       Code = "beyond_offered" // more is accepted than was offered: quantity, offered
	CodeOrdered       Code = "beyond_ordered" // more would be committed than was ordered: quantity, committed, ordered
	CodeNothing       Code = "nothing"        // nothing is where it would be moved from: step, role, state
	CodeFewer         Code = "fewer"          // less is there than it moves: quantity, how many are there
	CodeReplied       Code = "replied"        // the question was answered already
)

// Codes gives all of them.
func Codes() []Code {
	return []Code{
		CodeStanding, CodeSecondRoot, CodeNoBeginning, CodeNoRoot, CodeNoAnswered, CodeRole, CodeAnswers, CodeBetweenOthers, CodeNoLine,
		CodeGoods, CodeCancelled, CodeState, CodeOffered, CodeOrdered, CodeNothing, CodeFewer, CodeReplied,
	}
}

// ignoring gives a reason; args are put in as they print.
func ignoring(code Code, english string, args ...any) Ignoring {
	out := Ignoring{Ignored: english, IgnoredCode: code}
	for _, a := range args {
		out.IgnoredArgs = append(out.IgnoredArgs, fmt.Sprint(a))
	}
	return out
}

// set reports whether there is a reason.
func (i *Ignoring) set() bool { return i.Ignored != "" }

// notCounting is why a record has no effect that does not count.
func notCounting(s Standing) Ignoring { return ignoring(CodeStanding, s.String(), s) }

// ignoring gives a breach of the rules as what stands beside a step.
func (b *Breach) ignoring(f *Footing, a *Attempt) Ignoring {
	why := func(code Code, args ...any) Ignoring { return ignoring(code, b.Error(), args...) }
	switch b.Rule {
	case RuleState:
		if errors.Is(b.Err, body.ErrStepRole) {
			return why(CodeRole, a.Step, a.By)
		}
		return why(CodeState, a.Step, a.By, f.state())
	case RuleSide:
		return why(CodeRole, a.Step, a.By)
	case RuleOffered:
		return why(CodeOffered, a.Quantity, b.Most)
	case RuleOrdered:
		ordered, committed := f.bound(a)
		return why(CodeOrdered, a.Quantity, committed, ordered)
	case RuleNothing:
		return why(CodeNothing, a.Step, a.By, f.State)
	case RuleFewer:
		return why(CodeFewer, a.Quantity, b.Most)
	case RuleReplied:
		return why(CodeReplied)
	}
	return why("")
}
