package protocol

import (
	"bytes"
	"encoding"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxJSONDepth bounds nesting: deeper than any kind needs, and shallow enough that no
// sender can exhaust a reader's stack.
const MaxJSONDepth = 32

// DecodeJSON reads one JSON object into the struct that v points to, more strictly than
// encoding/json: member names are compared exactly, a member that stands twice (in this
// or another case) is an error, and so is a member without `omitempty` that is missing,
// invalid UTF-8, a byte-order mark, or anything behind the object. null is allowed for
// pointers without `omitempty` alone. It returns the paths of the members it does not
// know, which are ignored, and otherwise a [*Violation] whose Field is the path, such as
// figures[2].value.
//
// Types that implement [encoding.TextUnmarshaler] are read from strings; types that
// implement [json.Unmarshaler] are given the raw value.
func DecodeJSON(data []byte, v any) (unknown []string, err error) {
	if !utf8.Valid(data) {
		return nil, &Violation{Rule: ErrJSONSyntax, Detail: "not UTF-8"}
	}
	var whole json.RawMessage
	if err := json.Unmarshal(data, &whole); err != nil {
		return nil, &Violation{Rule: ErrJSONSyntax, Detail: err.Error()}
	}
	d := newJSONDecoder(data)
	if err := d.value(reflect.ValueOf(v).Elem(), "", 0); err != nil {
		return nil, err
	}
	return d.unknown, nil
}

// CheckSalt returns [ErrSalt] unless the first member of a JSON object is salt, the
// canonical base64 of 16 bytes (wire.md §2).
func CheckSalt(body []byte) error {
	dec := json.NewDecoder(bytes.NewReader(body))
	var salt [16]byte
	open, _ := dec.Token()
	name, _ := dec.Token()
	value, _ := dec.Token()
	text, ok := value.(string)
	if open != json.Delim('{') || name != "salt" || !ok || !decodeBase64(salt[:], text) {
		return &Violation{Field: "salt", Rule: ErrSalt}
	}
	return nil
}

// SaltMember writes `{"salt":"…"`, the beginning of every body.
func SaltMember(salt [16]byte) string {
	return `{"salt":"` + base64.StdEncoding.EncodeToString(salt[:]) + `"`
}

type jsonDecoder struct {
	data    []byte // well-formed
	dec     *json.Decoder
	unknown []string
}

func newJSONDecoder(data []byte) *jsonDecoder {
	d := &jsonDecoder{data: data, dec: json.NewDecoder(bytes.NewReader(data))}
	d.dec.UseNumber()
	return d
}

// misfit is the error for a value of the wrong shape at path.
func misfit(path, format string, args ...any) error {
	return &Violation{Field: path, Rule: ErrJSONValue, Detail: fmt.Sprintf(format, args...)}
}

func (d *jsonDecoder) value(v reflect.Value, path string, depth int) error {
	if depth > MaxJSONDepth {
		return &Violation{Field: path, Rule: ErrJSONDepth}
	}
	if v.CanAddr() {
		switch u := v.Addr().Interface().(type) {
		case json.Unmarshaler:
			return d.raw(u, path, depth)
		case encoding.TextUnmarshaler:
			return d.text(u, path)
		}
	}
	if v.Kind() == reflect.Pointer {
		p := reflect.New(v.Type().Elem())
		v.Set(p)
		return d.value(p.Elem(), path, depth)
	}
	token, err := d.token(path)
	if err != nil {
		return err
	}
	switch v.Kind() { //nolint:exhaustive // what no document of ours uses is refused by scalar
	case reflect.Struct:
		if token != json.Delim('{') {
			return misfit(path, "want an object, got %s", shown(token))
		}
		return d.object(v, path, depth)
	case reflect.Map:
		if token != json.Delim('{') {
			return misfit(path, "want an object, got %s", shown(token))
		}
		return d.mapping(v, path, depth)
	case reflect.Slice:
		if token != json.Delim('[') {
			return misfit(path, "want a list, got %s", shown(token))
		}
		return d.list(v, path, depth)
	}
	return scalar(v, token, path)
}

func (d *jsonDecoder) token(path string) (json.Token, error) {
	token, err := d.dec.Token()
	if err != nil {
		return nil, &Violation{Field: path, Rule: ErrJSONSyntax, Detail: "at byte " + strconv.FormatInt(d.dec.InputOffset(), 10)}
	}
	return token, nil
}

// skip reads over a value nobody knows, looking for repeated members all the same.
func (d *jsonDecoder) skip(path string, depth int) error {
	if depth > MaxJSONDepth {
		return &Violation{Field: path, Rule: ErrJSONDepth}
	}
	token, err := d.token(path)
	if err != nil {
		return err
	}
	switch token {
	case json.Delim('{'):
		return d.members(path, func(_, member string) error { return d.skip(member, depth+1) })
	case json.Delim('['):
		return d.elements(path, func(element string) error { return d.skip(element, depth+1) })
	}
	return nil
}

// members calls each for every member of the object that has just been opened.
func (d *jsonDecoder) members(path string, each func(name, path string) error) error {
	seen := map[string]bool{}
	for d.dec.More() {
		token, err := d.token(path)
		if err != nil {
			return err
		}
		name, ok := token.(string)
		if !ok {
			return &Violation{Field: path, Rule: ErrJSONSyntax}
		}
		member := name
		if path != "" {
			member = path + "." + name
		}
		if seen[strings.ToLower(name)] {
			return &Violation{Field: member, Rule: ErrJSONTwice}
		}
		seen[strings.ToLower(name)] = true
		if err := each(name, member); err != nil {
			return err
		}
	}
	_, err := d.token(path)
	return err
}

func (d *jsonDecoder) elements(path string, each func(path string) error) error {
	for i := 0; d.dec.More(); i++ {
		if err := each(path + "[" + strconv.Itoa(i) + "]"); err != nil {
			return err
		}
	}
	_, err := d.token(path)
	return err
}

func (d *jsonDecoder) object(v reflect.Value, path string, depth int) error {
	fields := structFields(v.Type())
	seen := map[string]bool{}
	err := d.members(path, func(name, member string) error {
		f, ok := fields[name]
		if !ok {
			d.unknown = append(d.unknown, member)
			return d.skip(member, depth+1)
		}
		seen[name] = true
		field := v.FieldByIndex(f.index)
		if null, err := d.null(); null || err != nil {
			if err != nil || (field.Kind() == reflect.Pointer && !f.optional) {
				return err
			}
			return misfit(member, "null says nothing: leave the member out if it is not known")
		}
		return d.value(field, member, depth+1)
	})
	if err != nil {
		return err
	}
	for _, name := range fieldOrder(v.Type()) {
		if !seen[name] && !fields[name].optional {
			if path != "" {
				name = path + "." + name
			}
			return &Violation{Field: name, Rule: ErrJSONMissing}
		}
	}
	return nil
}

// null reads a null if one is next.
func (d *jsonDecoder) null() (bool, error) {
	next := bytes.TrimLeft(d.data[d.dec.InputOffset():], " \t\r\n:")
	if !bytes.HasPrefix(next, []byte("null")) {
		return false, nil
	}
	_, err := d.dec.Token()
	return true, err
}

func (d *jsonDecoder) mapping(v reflect.Value, path string, depth int) error {
	v.Set(reflect.MakeMap(v.Type()))
	return d.members(path, func(name, member string) error {
		element := reflect.New(v.Type().Elem()).Elem()
		if err := d.value(element, member, depth+1); err != nil {
			return err
		}
		v.SetMapIndex(reflect.ValueOf(name).Convert(v.Type().Key()), element)
		return nil
	})
}

func (d *jsonDecoder) list(v reflect.Value, path string, depth int) error {
	v.Set(reflect.MakeSlice(v.Type(), 0, 0))
	return d.elements(path, func(element string) error {
		item := reflect.New(v.Type().Elem()).Elem()
		if err := d.value(item, element, depth+1); err != nil {
			return err
		}
		v.Set(reflect.Append(v, item))
		return nil
	})
}

func (d *jsonDecoder) raw(u json.Unmarshaler, path string, depth int) error {
	var raw json.RawMessage
	if err := d.dec.Decode(&raw); err != nil {
		return &Violation{Field: path, Rule: ErrJSONSyntax}
	}
	if err := newJSONDecoder(raw).skip(path, depth); err != nil {
		return err
	}
	return located(u.UnmarshalJSON(raw), path)
}

func (d *jsonDecoder) text(u encoding.TextUnmarshaler, path string) error {
	token, err := d.token(path)
	if err != nil {
		return err
	}
	s, ok := token.(string)
	if !ok {
		return misfit(path, "want a text, got %s", shown(token))
	}
	return located(u.UnmarshalText([]byte(s)), path)
}

// located puts the path before what a type's own parser said.
func located(err error, path string) error {
	if err == nil {
		return nil
	}
	var v *Violation
	if errors.As(err, &v) {
		out := *v
		out.Field = path
		if v.Field != "" && v.Field != path {
			out.Field = path + "." + v.Field
		}
		return &out
	}
	return misfit(path, "%v", err)
}

func scalar(v reflect.Value, token json.Token, path string) error {
	switch t := token.(type) {
	case string:
		if v.Kind() == reflect.String {
			v.SetString(t)
			return nil
		}
	case bool:
		if v.Kind() == reflect.Bool {
			v.SetBool(t)
			return nil
		}
	case json.Number:
		return number(v, string(t), path)
	}
	return misfit(path, "want %s, got %s", wanted(v.Kind()), shown(token))
}

func number(v reflect.Value, s, path string) error {
	switch {
	case v.CanInt():
		if n, err := strconv.ParseInt(s, 10, v.Type().Bits()); err == nil {
			v.SetInt(n)
			return nil
		}
	case v.CanUint():
		if n, err := strconv.ParseUint(s, 10, v.Type().Bits()); err == nil {
			v.SetUint(n)
			return nil
		}
	case v.CanFloat():
		if n, err := strconv.ParseFloat(s, 64); err == nil {
			v.SetFloat(n)
			return nil
		}
	}
	return misfit(path, "want %s, got %s", wanted(v.Kind()), s)
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

func shown(token json.Token) string {
	switch t := token.(type) {
	case string:
		return "the text " + quoted(t)
	case nil:
		return "null"
	case json.Delim:
		if t == '{' {
			return "an object"
		}
		return "a list"
	}
	return fmt.Sprint(token)
}

type structField struct {
	index    []int
	optional bool
}

// structFields maps member names to fields; embedded structs lend theirs.
func structFields(t reflect.Type) map[string]structField {
	out := map[string]structField{}
	for _, f := range reflect.VisibleFields(t) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || f.Anonymous || name == "" || name == "-" {
			continue
		}
		out[name] = structField{f.Index, strings.Contains(options, "omitempty") || strings.Contains(options, "omitzero")}
	}
	return out
}

// fieldOrder gives the member names as the type declares them, so that of several
// missing ones always the same is named.
func fieldOrder(t reflect.Type) []string {
	var out []string
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.IsExported() && !f.Anonymous && name != "" && name != "-" {
			out = append(out, name)
		}
	}
	return out
}
