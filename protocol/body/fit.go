package body

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"github.com/vardar-network/vardar/protocol"
)

// Bounds are what the fit tag of a struct's member says, for [Parse] and for the
// published schema alike: min and max of a number, least and most entries of a list,
// and whether its entries must differ. The bounds of a list's entries stand in the
// entries' own type.
type Bounds struct {
	Min, Max    *float64
	Least, Most *int
	Unique      bool

	needed bool // the member can't be left out
}

// ParseBounds reads a tag such as `min=1 max=999` or `least=1 most=3 unique`.
func ParseBounds(tag string) (Bounds, error) {
	var b Bounds
	for _, word := range strings.Fields(tag) {
		name, value, _ := strings.Cut(word, "=")
		n, err := strconv.ParseFloat(value, 64)
		if name != "unique" && err != nil {
			return Bounds{}, fmt.Errorf("fit tag %q: %w", tag, err)
		}
		length := int(n)
		switch name {
		case "min":
			b.Min = &n
		case "max":
			b.Max = &n
		case "least":
			b.Least = &length
		case "most":
			b.Most = &length
		case "unique":
			b.Unique = true
		default:
			return Bounds{}, fmt.Errorf("fit tag %q: unknown word %s", tag, name)
		}
	}
	return b, nil
}

// fitting holds members against their tags: up to the first that does not fit, or all of them.
type fitting struct {
	all    bool
	faults []error // if all are wanted, so far
}

// found ends the walk at a fault, or goes on behind it.
func (f *fitting) found(err error) error {
	if err == nil || !f.all || len(f.faults) >= protocol.MaxFaults {
		return err
	}
	f.faults = append(f.faults, err)
	return nil
}

// walk goes through what [holdsBounds], and holds every member that is there against its tag.
func (f *fitting) walk(v reflect.Value, path string) error {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil
		}
		v = v.Elem()
	}
	switch v.Kind() { //nolint:exhaustive // nothing else holds bounds
	case reflect.Slice:
		for i := range v.Len() {
			if err := f.walk(v.Index(i), entry(path, i)); err != nil {
				return err
			}
		}
	case reflect.Struct:
		return f.members(v, path)
	}
	return nil
}

func (f *fitting) members(v reflect.Value, path string) error {
	members, err := fitMembersOf(v.Type())
	if err != nil {
		return err
	}
	for _, m := range members {
		field, member := v.Field(m.index), path
		if m.name != "" {
			member = join(path, m.name)
		}
		if m.bounded {
			if err := f.found(m.bounds.check(field, member)); err != nil {
				return err
			}
		}
		if !m.holds {
			continue
		}
		if err := f.walk(field, member); err != nil {
			return err
		}
	}
	return nil
}

// fitMember is one member of a struct type that has bounds, or holds some.
type fitMember struct {
	index   int
	name    string // empty for an embedded struct, whose members are the outer one's
	bounded bool
	bounds  Bounds
	holds   bool
}

// fitMembers remembers them by type: they are facts of the program.
var fitMembers sync.Map //nolint:gochecknoglobals // reflect.Type → []fitMember, never changed

func fitMembersOf(t reflect.Type) ([]fitMember, error) {
	if known, ok := fitMembers.Load(t); ok {
		return known.([]fitMember), nil //nolint:forcetypeassert // nothing else is stored
	}
	var out []fitMember
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" || !f.IsExported() {
			continue
		}
		m := fitMember{index: i, name: name, holds: holdsBounds(f.Type)}
		if f.Anonymous {
			m.name = ""
		}
		if tag := f.Tag.Get("fit"); tag != "" {
			var err error
			if m.bounds, err = ParseBounds(tag); err != nil {
				return nil, err
			}
			m.bounded, m.bounds.needed = true, !mayLack(f)
		}
		if m.bounded || m.holds {
			out = append(out, m)
		}
	}
	fitMembers.Store(t, out)
	return out, nil
}

// check holds one member against the bounds; one that is absent fits.
func (b Bounds) check(v reflect.Value, path string) error {
	if v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return nil
		}
		v = v.Elem()
	}
	switch {
	case v.Kind() == reflect.Slice:
		return b.checkList(v, path)
	case v.CanInt():
		return b.checkNumber(float64(v.Int()), path)
	case v.CanFloat():
		return b.checkNumber(v.Float(), path)
	}
	return fmt.Errorf("fit tag at %s: no bounds for %s", path, v.Kind())
}

func (b Bounds) checkNumber(n float64, path string) error {
	switch {
	case b.Min != nil && n < *b.Min:
		return refuse(ErrRange, path, "%v: want at least %v", n, *b.Min)
	case b.Max != nil && n > *b.Max:
		return refuse(ErrRange, path, "%v: want at most %v", n, *b.Max)
	}
	return nil
}

func (b Bounds) checkList(v reflect.Value, path string) error {
	switch {
	case v.IsNil():
		return nil
	case b.Least != nil && v.Len() < *b.Least && b.needed:
		return refuse(ErrListLength, path, "%d entries: want at least %d", v.Len(), *b.Least)
	case b.Least != nil && v.Len() < *b.Least:
		return refuse(ErrListLength, path, "%d entries: want at least %d, or leave the list out", v.Len(), *b.Least)
	case b.Most != nil && v.Len() > *b.Most:
		return refuse(ErrListLength, path, "%d entries: want at most %d", v.Len(), *b.Most)
	}
	if !b.Unique {
		return nil
	}
	// A map, not a loop in a loop: a hostile body holds 20,000 entries.
	seen := make(map[any]int, v.Len())
	for i := range v.Len() {
		value := v.Index(i).Interface()
		if j, twice := seen[value]; twice {
			return refuse(ErrTwice, entry(path, i), "it stands at %d too: keep one", j)
		}
		seen[value] = i
	}
	return nil
}

// holdsBounds reports whether members inside a type may have bounds.
func holdsBounds(t reflect.Type) bool {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice && !isLeaf(t) {
		t = t.Elem()
	}
	return t.Kind() == reflect.Struct && !isLeaf(t)
}

// isLeaf reports whether a type reads itself, so that its inside has no members.
func isLeaf(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) || p.Implements(reflect.TypeFor[json.Unmarshaler]())
}

// join puts a member's name behind its path.
func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// entry writes the path of a list's entry.
func entry(list string, i int) string { return list + "[" + strconv.Itoa(i) + "]" }
