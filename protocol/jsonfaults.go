package protocol

import (
	"encoding/json"
	"reflect"
	"unicode/utf8"
)

// MaxFaults bounds how many faults of one document are told: more than a person mends at once.
const MaxFaults = 50

// JSONFaults reads as [DecodeJSON] does, and goes on behind a member that does not fit: it
// gives all that is wrong, in the order of the document, each a [*Violation]; at most
// [MaxFaults]. What could not be read is zero in v. None: DecodeJSON takes it.
func JSONFaults(data []byte, v any) []error {
	if !utf8.Valid(data) || !json.Valid(data) {
		_, err := DecodeJSON(data, v)
		return []error{err}
	}
	d := &jsonDecoder{scanner: scanner{data: data}, all: true}
	if err := d.value(reflect.ValueOf(v).Elem()); err != nil {
		d.faults = append(d.faults, err)
	}
	return d.faults[:min(len(d.faults), MaxFaults)]
}
