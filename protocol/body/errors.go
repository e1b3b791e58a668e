package body

import (
	"errors"
	"fmt"

	"github.com/vardar-network/vardar/protocol"
)

// The rules of a body beyond the shape of its JSON. What [Parse] refuses is a
// [*protocol.Violation] whose Rule is one of these, or one of package protocol, whose
// Field is the path of the member, and whose Detail says how to mend it.
var (
	ErrUnknownKind = errors.New("kind is not known to this version")
	ErrVocabulary  = errors.New("not a word of the list")
	ErrTextTooLong = errors.New("text is too long")
	ErrText        = errors.New("text is blank or holds control characters")
	ErrPattern     = errors.New("not written as it must be")
	ErrRange       = errors.New("number is out of its range")
	ErrListLength  = errors.New("list has too few or too many entries")
	ErrTwice       = errors.New("the same entry stands twice")
	ErrFigure      = errors.New("not a figure")
	ErrQuantity    = errors.New("not a quantity")
	ErrMoney       = errors.New("not an amount of money")
	ErrUnit        = errors.New("unit does not fit")
	ErrTime        = errors.New("not a moment")
	ErrPeriod      = errors.New("period or validity does not fit")
	ErrPlace       = errors.New("place does not fit")
	ErrRequired    = errors.New("a member is needed here")
	ErrForbidden   = errors.New("a member must not stand here")
	ErrReference   = errors.New("reference does not fit")
	ErrThread      = errors.New("thread does not fit")
	ErrResponse    = errors.New("response does not fit its step")
	ErrReplacement = errors.New("replacement does not fit")
	ErrAttachment  = errors.New("attachment does not fit")
	ErrKeyUse      = errors.New("key does not fit its use")
	ErrCAP         = errors.New("not as CAP 1.2 says")
)

// The rules of a resource exchange, checked by whoever folds the records of a thread.
var (
	ErrStepState     = errors.New("the line's state does not allow this step")
	ErrStepRole      = errors.New("this step belongs to the other side")
	ErrOverCommitted = errors.New("more would be committed than was ordered")
)

// refuse makes the violation of a rule at a field, with the mend.
func refuse(rule error, field, mend string, args ...any) error {
	if len(args) > 0 {
		mend = fmt.Sprintf(mend, args...)
	}
	return &protocol.Violation{Field: field, Rule: rule, Detail: mend}
}

// shown quotes what stood there, cut to fit a line.
func shown(s string) string {
	const most = 60
	if len(s) > most {
		return fmt.Sprintf("%q…", s[:most])
	}
	return fmt.Sprintf("%q", s)
}

// at puts a path before the field of a violation, and adds the mend where there is none.
func at(path string, err error) error {
	var v *protocol.Violation
	if !errors.As(err, &v) {
		return err
	}
	out := *v
	out.Field = join(path, v.Field)
	if v.Field == "" {
		out.Field = path
	}
	return mended(&out)
}

// mended adds the mend to the rules of package protocol that come without one.
func mended(err error) error {
	var v *protocol.Violation
	if !errors.As(err, &v) || v.Detail != "" {
		return err
	}
	out := *v
	switch {
	case errors.Is(v, protocol.ErrJSONMissing):
		out.Detail = "give it"
	case errors.Is(v, protocol.ErrJSONTwice):
		out.Detail = "keep one"
	case errors.Is(v, protocol.ErrSalt):
		out.Detail = "put it before all others"
	case errors.Is(v, protocol.ErrJSONDepth):
		out.Detail = "nest it less deep"
	}
	return &out
}
