package protocol

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

const (
	// MaxJSONDepth bounds nesting: deeper than any kind needs, and shallow enough that no
	// sender can exhaust a reader's stack.
	MaxJSONDepth = 32
	// MaxUnknownNamed bounds how many unknown members [DecodeJSON] names; more than a
	// person would read.
	MaxUnknownNamed = 100
)

// DecodeJSON reads one JSON object into the struct that v points to, more strictly than
// encoding/json: member names are compared exactly, a member that stands twice (in this
// or another case) is an error, and so is a member without `omitempty` that is missing,
// invalid UTF-8, a byte-order mark, or anything behind the object. null is allowed for
// pointers without `omitempty` alone. It returns the paths of the members it does not
// know, the first [MaxUnknownNamed] of them, which are ignored, and otherwise a
// [*Violation] whose Field is the path, such as figures[2].value.
//
// Types that implement [encoding.TextUnmarshaler] are read from strings, as members'
// names too; types that implement [json.Unmarshaler] are given the raw value. The time it
// takes grows with the length of data and no faster.
func DecodeJSON(data []byte, v any) (unknown []string, err error) {
	if !utf8.Valid(data) {
		return nil, &Violation{Rule: ErrJSONSyntax, Detail: "not UTF-8"}
	}
	if !json.Valid(data) {
		return nil, &Violation{Rule: ErrJSONSyntax, Detail: syntaxDetail(data)}
	}
	d := &jsonDecoder{scanner: scanner{data: data}}
	if err := d.value(reflect.ValueOf(v).Elem()); err != nil {
		return nil, err
	}
	return d.unknown, nil
}

// syntaxDetail asks encoding/json what is wrong, and where.
func syntaxDetail(data []byte) string {
	var whole json.RawMessage
	err := json.Unmarshal(data, &whole)
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Sprintf("%v, at byte %d", syntax, syntax.Offset)
	}
	return fmt.Sprint(err)
}

type jsonDecoder struct {
	scanner
	path    path
	unknown []string
	all     bool    // to go on behind what does not fit
	faults  []error // then, so far
}

// misfit is the error for a value of the wrong shape at path.
func misfit(path, format string, args ...any) error {
	return &Violation{Field: path, Rule: ErrJSONValue, Detail: fmt.Sprintf(format, args...)}
}

// breaks is the error for a rule broken where the decoder stands.
func (d *jsonDecoder) breaks(rule error) error {
	return &Violation{Field: d.path.String(), Rule: rule}
}

// wants is the error for a value that is not what v can hold.
func (d *jsonDecoder) wants(what string) error {
	return misfit(d.path.String(), "want %s, got %s", what, d.shown())
}

// value reads what is next into v, or, if all faults are wanted, over it.
func (d *jsonDecoder) value(v reflect.Value) error {
	at, depth := d.at, len(d.path)
	err := d.read(v)
	if err == nil || !d.all || len(d.faults) >= MaxFaults || errors.Is(err, ErrJSONTwice) || errors.Is(err, ErrJSONDepth) {
		return err // what skip would trip over again is the last
	}
	d.faults, d.at, d.path = append(d.faults, err), at, d.path[:depth]
	v.SetZero()
	return d.skip()
}

func (d *jsonDecoder) read(v reflect.Value) error {
	if v.CanAddr() {
		switch u := v.Addr().Interface().(type) {
		case json.Unmarshaler:
			return d.raw(u)
		case encoding.TextUnmarshaler:
			return d.asText(u)
		}
	}
	switch v.Kind() { //nolint:exhaustive // what no document of ours uses is refused by scalar
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		return d.value(v.Elem())
	case reflect.Struct:
		return d.object(v)
	case reflect.Map:
		return d.mapping(v)
	case reflect.Slice:
		return d.list(v)
	}
	return d.scalar(v)
}

// skip reads over a value nobody knows, looking for repeated members all the same.
func (d *jsonDecoder) skip() error {
	switch d.next() {
	case '{':
		return d.members(func(string) error { return d.skip() })
	case '[':
		return d.elements(d.skip)
	case '"':
		d.text()
	default:
		d.plain()
	}
	return nil
}

// enter opens an object or a list.
func (d *jsonDecoder) enter() error {
	d.at++
	if len(d.path) >= MaxJSONDepth {
		return d.breaks(ErrJSONDepth)
	}
	return nil
}

// members calls each for every member of the object that is next.
func (d *jsonDecoder) members(each func(name string) error) error {
	if err := d.enter(); err != nil {
		return err
	}
	seen := map[string]bool{}
	for !d.delimiter('}') {
		name := d.text()
		d.path = append(d.path, step{name, -1})
		lower := strings.ToLower(name)
		if seen[lower] {
			return d.breaks(ErrJSONTwice)
		}
		seen[lower] = true
		if err := each(name); err != nil {
			return err
		}
		d.path = d.path[:len(d.path)-1]
	}
	return nil
}

// elements calls each for every element of the list that is next.
func (d *jsonDecoder) elements(each func() error) error {
	if err := d.enter(); err != nil {
		return err
	}
	for i := 0; !d.delimiter(']'); i++ {
		d.path = append(d.path, step{element: i})
		if err := each(); err != nil {
			return err
		}
		d.path = d.path[:len(d.path)-1]
	}
	return nil
}

func (d *jsonDecoder) object(v reflect.Value) error {
	if d.next() != '{' {
		return d.wants("an object")
	}
	t := structTypeOf(v.Type())
	seen := make([]bool, len(t.members))
	err := d.members(func(name string) error {
		i, ok := t.index[name]
		if !ok {
			if len(d.unknown) < MaxUnknownNamed {
				d.unknown = append(d.unknown, d.path.String())
			}
			return d.skip()
		}
		seen[i] = true
		m := &t.members[i]
		field := v.FieldByIndex(m.index)
		if d.next() != 'n' {
			return d.value(field)
		}
		d.plain()
		if field.Kind() == reflect.Pointer && !m.optional {
			return nil
		}
		if !m.optional {
			return misfit(d.path.String(), "null says nothing: a value is wanted here")
		}
		return misfit(d.path.String(), "null says nothing: leave the member out if it is not known")
	})
	if err != nil {
		return err
	}
	for i, m := range t.members {
		if !seen[i] && !m.optional {
			d.path = append(d.path, step{m.name, -1})
			err := d.breaks(ErrJSONMissing)
			if !d.all || len(d.faults) >= MaxFaults {
				return err
			}
			d.faults, d.path = append(d.faults, err), d.path[:len(d.path)-1]
		}
	}
	return nil
}

func (d *jsonDecoder) mapping(v reflect.Value) error {
	if d.next() != '{' {
		return d.wants("an object")
	}
	v.Set(reflect.MakeMap(v.Type()))
	return d.members(func(name string) error {
		key := reflect.New(v.Type().Key()).Elem()
		if u, ok := key.Addr().Interface().(encoding.TextUnmarshaler); ok {
			if err := d.located(u.UnmarshalText([]byte(name))); err != nil {
				return err
			}
		} else {
			key.SetString(name)
		}
		element := reflect.New(v.Type().Elem()).Elem()
		if err := d.value(element); err != nil {
			return err
		}
		v.SetMapIndex(key, element)
		return nil
	})
}

func (d *jsonDecoder) list(v reflect.Value) error {
	if d.next() != '[' {
		return d.wants("a list")
	}
	v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	return d.elements(func() error {
		item := reflect.New(v.Type().Elem()).Elem()
		if err := d.value(item); err != nil {
			return err
		}
		v.Set(reflect.Append(v, item))
		return nil
	})
}

func (d *jsonDecoder) raw(u json.Unmarshaler) error {
	d.next()
	from := d.at
	if err := d.skip(); err != nil {
		return err
	}
	return d.located(u.UnmarshalJSON(d.data[from:d.at:d.at]))
}

func (d *jsonDecoder) asText(u encoding.TextUnmarshaler) error {
	if d.next() != '"' {
		return d.wants("a text")
	}
	return d.located(u.UnmarshalText(d.bytes()))
}

func (d *jsonDecoder) located(err error) error {
	if err == nil {
		return nil
	}
	return located(err, d.path.String())
}

// located puts the path before what a type's own parser said.
func located(err error, path string) error {
	var v *Violation
	if !errors.As(err, &v) {
		return misfit(path, "%v", err)
	}
	out := *v
	switch {
	case v.Field == "" || v.Field == path:
		out.Field = path
	case path != "" && v.Field[0] == '[':
		out.Field = path + v.Field
	case path != "":
		out.Field = path + "." + v.Field
	}
	return &out
}

func (d *jsonDecoder) scalar(v reflect.Value) error {
	c := d.next()
	switch {
	case v.Kind() == reflect.String && c == '"':
		v.SetString(d.text())
	case v.Kind() == reflect.Bool && (c == 't' || c == 'f'):
		v.SetBool(d.plain() == "true")
	case c == '-' || c >= '0' && c <= '9':
		at := d.at
		if !setNumber(v, d.plain()) {
			d.at = at
			return d.wants(wanted(v.Kind()))
		}
	default:
		return d.wants(wanted(v.Kind()))
	}
	return nil
}

func setNumber(v reflect.Value, s string) bool {
	switch {
	case v.CanInt():
		n, err := strconv.ParseInt(s, 10, v.Type().Bits())
		v.SetInt(n)
		return err == nil
	case v.CanUint():
		n, err := strconv.ParseUint(s, 10, v.Type().Bits())
		v.SetUint(n)
		return err == nil
	case v.CanFloat():
		n, err := strconv.ParseFloat(s, 64)
		v.SetFloat(n)
		return err == nil
	}
	return false
}

func wanted(k reflect.Kind) string {
	switch {
	case k == reflect.String:
		return "a text"
	case k == reflect.Bool:
		return "true or false"
	case k >= reflect.Int && k <= reflect.Int64:
		return "a whole number"
	case k >= reflect.Uint && k <= reflect.Uint64:
		return "a whole number of 0 or more"
	}
	return "a number"
}

// shown says what stands where the decoder is, for a person.
func (d *jsonDecoder) shown() string {
	switch d.next() {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "the text " + quoted(d.text())
	}
	return d.plain()
}

type structType struct {
	members []structMember // as declared, so that of several missing ones always the same is named
	index   map[string]int
}

type structMember struct {
	name     string
	index    []int
	optional bool
}

// structTypes remembers the members of struct types, which are facts of the program:
// looking them up by reflection took most of the time of reading a body.
var structTypes sync.Map //nolint:gochecknoglobals // reflect.Type → *structType, never changed

// structTypeOf gives the members of a struct; embedded structs lend theirs.
func structTypeOf(t reflect.Type) *structType {
	if known, ok := structTypes.Load(t); ok {
		return known.(*structType) //nolint:forcetypeassert // nothing else is stored
	}
	out := &structType{index: map[string]int{}}
	for _, f := range reflect.VisibleFields(t) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || f.Anonymous || name == "" || name == "-" {
			continue
		}
		out.index[name] = len(out.members)
		optional := strings.Contains(options, "omitempty") || strings.Contains(options, "omitzero")
		out.members = append(out.members, structMember{name, f.Index, optional})
	}
	structTypes.Store(t, out)
	return out
}
