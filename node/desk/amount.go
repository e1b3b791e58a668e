package desk

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/vardar-network/vardar/protocol/body"
	"github.com/vardar-network/vardar/schemas/sheet"
)

// measureMend is how a number is written that is of no money.
const measureMend = "want a number of 0 or more, such as 120 or 4.5"

// isMeasure reports whether a decimal at a path is of no money: what a practice brought before and after.
func isMeasure(path string) bool {
	return strings.HasPrefix(path, "results") && (strings.HasSuffix(path, ".before") || strings.HasSuffix(path, ".after"))
}

// amountsTyped reads the decimals of a document that a person typed in a form, as [sheet.ReadAmount] does, in place;
// what is wrong with them is gathered. What the record before says in the same member stays as it is written.
type amountsTyped struct{ wrong *gathered }

func (a amountsTyped) read(now, was any, t reflect.Type, path string) (any, error) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch said := now.(type) {
	case string:
		rate := t == reflect.TypeFor[body.Rate]()
		if t != reflect.TypeFor[body.Decimal]() && !rate || now == was {
			return now, nil
		}
		amount, fault := sheet.ReadAmount(said)
		if fine := strings.Replace(said, ",", ".", 1); rate && fault != nil && fault.Detail == noAmount(said) && new(body.Rate).UnmarshalText([]byte(fine)) == nil {
			return fine, nil // with more decimals than money has
		}
		if fault != nil && isMeasure(path) && fault.Detail == noAmount(said) {
			fault = &sheet.Fault{Detail: quoted(said) + " is no number", Mend: measureMend}
		}
		if fault != nil {
			return now, a.wrong.add(&Problem{Kind: Refused, Field: path, Detail: fault.Detail, Mend: fault.Mend})
		}
		return amount, nil
	case map[string]any:
		if t.Kind() == reflect.Struct && !readsItself(t) {
			before, _ := was.(map[string]any)
			return said, a.members(said, before, t, path)
		}
	case []any:
		if t.Kind() == reflect.Slice && !readsItself(t) {
			before, _ := was.([]any)
			return said, a.entries(said, before, t.Elem(), path)
		}
	}
	return now, nil
}

// noAmount is what [sheet.ReadAmount] finds wrong where a text can be read in no way.
func noAmount(said string) string { return quoted(said) + " is no amount" }

func (a amountsTyped) members(now, was map[string]any, t reflect.Type, path string) (err error) {
	for _, name := range slices.Sorted(maps.Keys(now)) {
		member, known := memberType(t, name)
		if !known {
			continue
		}
		at := name
		if path != "" {
			at = path + "." + name
		}
		if now[name], err = a.read(now[name], was[name], member, at); err != nil {
			return err
		}
	}
	return nil
}

func (a amountsTyped) entries(now, was []any, t reflect.Type, path string) (err error) {
	for i := range now {
		var before any
		if i < len(was) {
			before = was[i]
		}
		if now[i], err = a.read(now[i], before, t, path+"."+strconv.Itoa(i)); err != nil {
			return err
		}
	}
	return nil
}

// readAmounts reads what was typed of a kind, over what the record said before; nil: nothing.
func readAmounts(doc, was map[string]any, kind body.Body, wrong *gathered) error {
	return amountsTyped{wrong}.members(doc, was, reflect.TypeOf(kind).Elem(), "")
}
