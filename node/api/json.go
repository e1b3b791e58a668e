package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

func readAll(r io.Reader) ([]byte, error) { return io.ReadAll(r) }

// misread says of which member encoding/json said that its type did not take it, since that has
// no path; nil where it said something else.
func misread(data []byte, v any, said error) *desk.Problem {
	var rule, at *protocol.Violation
	if !errors.As(said, &rule) {
		return nil
	}
	for _, fault := range protocol.JSONFaults(data, reflect.New(reflect.TypeOf(v).Elem()).Interface()) {
		if errors.As(fault, &at) && at.Field != "" && at.Rule == rule.Rule && at.Detail == rule.Detail { //nolint:errorlint // the very rule
			return &desk.Problem{Kind: desk.Usage, Field: at.Field, Detail: at.Rule.Error(), Mend: at.Detail, Rule: protocol.RuleName(said), Err: said}
		}
	}
	return nil
}

// strictJSON reads one object: nothing behind it, no member that is not known, none twice.
func strictJSON(data []byte, v any) error {
	// DecodeJSON into nothing looks at what encoding/json forgives: members that stand
	// twice, broken UTF-8, nesting without end.
	if _, err := protocol.DecodeJSON(data, &struct{}{}); err != nil {
		return &desk.Problem{Kind: desk.Usage, Detail: err.Error(), Mend: "want one JSON object", Rule: protocol.RuleName(err), Err: err}
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		if p := misread(data, v, err); p != nil {
			return p
		}
		return &desk.Problem{Kind: desk.Usage, Detail: strings.TrimPrefix(err.Error(), "json: "), Mend: "see the command's help for what can be asked", Err: err}
	}
	return nil
}
