package body

import (
	"reflect"

	"github.com/vardar-network/vardar/protocol"
)

// Faults gives all that is wrong with a body which [Parse] refuses, for the person who wrote
// it: each member that can't be read or is missing, and if there is none, each rule that is
// broken. Each is a [*protocol.Violation]; none if Parse takes the body.
func Faults(recordType string, raw []byte) []error {
	b, err := New(recordType)
	if err != nil || len(raw) > protocol.MaxBodyBytes {
		_, err = Parse(recordType, raw)
		return []error{err}
	}
	if unread := protocol.JSONFaults(raw, b); len(unread) > 0 {
		for i := range unread {
			unread[i] = needed(b, mended(unread[i]))
		}
		return unread // a rule would judge zeros that nobody gave
	}
	if err := protocol.CheckSalt(raw); err != nil {
		return []error{mended(err)}
	}
	f := &fitting{all: true}
	broken := apart(f.walk(reflect.ValueOf(b), ""))
	return append(append(append(f.faults, broken...), apart(b.Base().checkCommon())...), apart(b.check())...)
}

// apart takes the errors that errors.Join put together apart.
func apart(err error) []error {
	if err == nil {
		return nil
	}
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return []error{err}
	}
	var out []error
	for _, one := range joined.Unwrap() {
		out = append(out, apart(one)...)
	}
	return out
}

// first gives the first of the errors that were put together.
func first(err error) error { return apart(err)[0] }
