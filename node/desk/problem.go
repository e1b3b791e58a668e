package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/node/link"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Kind sorts the ways in which an act ends without being done. The numbers are the exit
// codes of the command line.
type Kind uint8

// The kinds.
const (
	Failed       Kind = iota + 1 // ours: try again, then look at the log
	Usage                        // asked in a way that can't be understood
	NotFound                     // nothing of that name is held
	Refused                      // this node will not do it, and says why; nothing changed
	NotPermitted                 // not for this institution or this person
	NoLine                       // no node or no line
	Damaged                      // what lies on disk is not what was written
	CheckFound                   // a check was made, and found something
)

// Kinds gives all kinds.
func Kinds() []Kind {
	return []Kind{Failed, Usage, NotFound, Refused, NotPermitted, NoLine, Damaged, CheckFound}
}

// String gives the word that stands in a problem's type.
func (k Kind) String() string {
	if k < Failed || k > CheckFound {
		return fmt.Sprintf("kind(%d)", uint8(k))
	}
	return [...]string{"failed", "usage", "not-found", "refused", "not-permitted", "no-line", "damaged", "check-found"}[k-Failed]
}

// MarshalText writes the word.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads the word.
func (k *Kind) UnmarshalText(b []byte) error {
	for _, known := range Kinds() {
		if known.String() == string(b) {
			*k = known
			return nil
		}
	}
	return fmt.Errorf("no kind of problem is called %q", b)
}

// Problem is why an act was not done, for a person: what, where, how to mend it, and the
// command to try next. Every error that a [Desk] returns is one, but for a context that
// ended.
type Problem struct {
	Kind   Kind   `json:"kind"`
	Detail string `json:"detail"`
	Field  string `json:"field,omitempty"` // path of the member that is wrong, such as figures[2].value
	Mend   string `json:"mend,omitempty"`
	Next   string `json:"next,omitempty"` // a command
	Rule   string `json:"rule,omitempty"` // name of the protocol's rule that is broken, stable

	// Errors is all that is wrong, the above the first of it; empty where nothing else is.
	Errors []Fault `json:"errors,omitempty"`
	Err    error   `json:"-"`
}

// Error gives detail, mend and the next command in one line.
func (p *Problem) Error() string {
	s := p.Detail
	if p.Field != "" {
		s = p.Field + ": " + s
	}
	if p.Mend != "" {
		s += ": " + p.Mend
	}
	if p.Next != "" {
		s += " (try: " + p.Next + ")"
	}
	return s
}

// Unwrap gives the cause.
func (p *Problem) Unwrap() error { return p.Err }

// problem makes one.
func problem(k Kind, next, format string, args ...any) *Problem {
	return &Problem{Kind: k, Next: next, Detail: fmt.Sprintf(format, args...)}
}

// as gives the problem as one of another kind.
func (p *Problem) as(k Kind) *Problem {
	other := *p
	other.Kind = k
	return &other
}

// at gives a problem that another act found with the field and the next command of this one.
func at(err error, field, next string) error {
	var p *Problem
	if !errors.As(err, &p) {
		return err
	}
	here := *p
	here.Field, here.Next = field, next
	return &here
}

// misfit turns a violation of a body's rules into a refusal that names field and mend.
func misfit(err error, next string) *Problem {
	var v *protocol.Violation
	if !errors.As(err, &v) {
		return &Problem{Kind: Refused, Detail: err.Error(), Next: next, Err: err}
	}
	p := &Problem{
		Kind: Refused, Detail: v.Rule.Error(), Field: v.Field, Mend: v.Detail,
		Next: next, Rule: protocol.RuleName(v.Rule), Err: err,
	}
	if errors.Is(v.Rule, body.ErrMoney) && isMeasure(v.Field) {
		p.Detail, p.Mend = "this is no number", measureMend
	}
	return p
}

// failure turns what a room below says into a problem; one that is one already stays.
func failure(err error) error {
	var p *Problem
	switch {
	case err == nil:
		return nil
	case errors.As(err, &p), errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, intake.ErrNotMember):
		return &Problem{Kind: Refused, Detail: err.Error(), Next: "vardar member show", Err: err}
	case errors.Is(err, intake.ErrForked), errors.Is(err, intake.ErrReadOnly):
		return &Problem{Kind: Refused, Detail: err.Error(), Next: "vardar status", Err: err}
	case errors.Is(err, link.ErrNoLine):
		return &Problem{Kind: NoLine, Detail: err.Error(), Next: "vardar link list", Err: err}
	}
	return &Problem{Kind: Failed, Detail: err.Error(), Next: "vardar status", Err: err}
}

// roomMend is what to do about a full disk.
const roomMend = "make room on the disk; writing goes on by itself"

// Outside gives why an act was not done as it is told to whoever does not run the node. What a
// room below said of a failure may name files: it is left out, and the caller logs it under ref,
// which the problem names. All else is told as it is, and ref is empty.
func (d *Desk) Outside(err error) (told *Problem, ref string) {
	p := &Problem{Kind: Failed, Detail: err.Error(), Err: err}
	if known := (*Problem)(nil); errors.As(err, &known) {
		p = known
	}
	ref = protocol.DigestOf([]byte(d.o.Clock().Format(time.RFC3339Nano)), []byte(p.Detail)).Hex()[:8]
	switch {
	case errors.Is(err, intake.ErrDiskFull):
		return &Problem{Kind: p.Kind, Detail: "the disk is full: nothing is written", Mend: roomMend, Next: p.Next}, ref
	case p.Kind == Failed && p.Err != nil && p.Detail == p.Err.Error():
		return &Problem{
			Kind: Failed, Detail: "something failed inside this node: its log says what, under the reference " + ref,
			Mend: "see whether it was done, and try again if not; if it fails again, give the reference to whoever runs this node", Next: p.Next,
		}, ref
	}
	return p, ""
}

// cause gives the rule that is broken, without its field.
func cause(err error) error {
	var v *protocol.Violation
	if errors.As(err, &v) {
		return v.Rule
	}
	return err
}
