package api

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

func readAll(r io.Reader) ([]byte, error) { return io.ReadAll(r) }

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
		return &desk.Problem{Kind: desk.Usage, Detail: strings.TrimPrefix(err.Error(), "json: "), Mend: "see the command's help for what can be asked", Err: err}
	}
	return nil
}
