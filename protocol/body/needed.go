package body

import (
	"errors"
	"reflect"
	"strings"

	"github.com/vardar-network/vardar/protocol"
)

// needed says of a member that can't be left out how it is put right: the parser of its type offers to
// leave it out, since it knows nothing of the member.
func needed(b Body, err error) error {
	var v *protocol.Violation
	if !errors.As(err, &v) || !mustStand(reflect.TypeOf(b).Elem(), v.Field) {
		return err
	}
	end := strings.LastIndex(v.Detail, ": w")
	if end < 0 {
		return err
	}
	out, shown := *v, v.Detail[:end]
	switch {
	case errors.Is(v, ErrText):
		out.Detail = shown + ": write something"
	case errors.Is(v, ErrRange):
		out.Detail = shown + ": want a whole number of 1 or more"
	case errors.Is(v, ErrQuantity):
		out.Detail = shown + ": want a whole number of 0 or more"
	default:
		return err
	}
	return &out
}

// mustStand reports whether the member at a path can't be left out of what it stands in.
func mustStand(t reflect.Type, path string) bool {
	name, rest, deeper := strings.Cut(path, ".")
	name, index, indexed := strings.Cut(name, "[")
	f, known := memberOf(t, name)
	if !known {
		return false
	}
	if !deeper {
		return !indexed && !mayLack(f)
	}
	t = f.Type
	for range strings.Count(index, "]") {
		for t.Kind() == reflect.Pointer {
			t = t.Elem()
		}
		if t.Kind() != reflect.Slice {
			return false
		}
		t = t.Elem()
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Kind() == reflect.Struct && mustStand(t, rest)
}

// memberOf finds a member of a struct by its name in JSON, in embedded structs too.
func memberOf(t reflect.Type, name string) (reflect.StructField, bool) {
	for _, f := range reflect.VisibleFields(t) {
		if is, _, _ := strings.Cut(f.Tag.Get("json"), ","); is == name && !f.Anonymous {
			return f, true
		}
	}
	return reflect.StructField{}, false
}

// mayLack reports whether a member can be left out, as [protocol.DecodeJSON] reads its tag.
func mayLack(f reflect.StructField) bool {
	_, options, _ := strings.Cut(f.Tag.Get("json"), ",")
	return strings.Contains(options, "omitempty") || strings.Contains(options, "omitzero")
}
