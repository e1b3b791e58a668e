package desk

import (
	"bytes"
	"encoding"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// maxEntries bounds the index of a list in a set: no list of a body is longer.
const maxEntries = 999

// memberPeriod is the member of a body that says of when it is.
const memberPeriod = "period"

// set puts field=value into a document of a kind. The path has dots: place.code,
// figures.0.value or figures[0].value, and figures.arrivals for the figure of that
// indicator. What a value is follows from the kind's own member: a text, a number, true
// or false; a list takes its entries parted by commas; a place takes scheme:code, or a code
// that is known; a period takes a day, a month or a year, or FROM/TO of two; and an object or a list may be given as JSON.
func (d *Desk) set(doc map[string]any, kind body.Body, assignment string) error {
	help := "vardar publish " + shortName(kind.Type()) + " --help"
	path, value, ok := strings.Cut(assignment, "=")
	path = strings.TrimSpace(path)
	if !ok || path == "" {
		return &Problem{
			Kind: Usage, Field: "set", Detail: quoted(assignment) + " is not field=value",
			Mend: "write it as place.code=MK-405", Next: help,
		}
	}
	steps := strings.FieldsFunc(strings.ReplaceAll(path, "]", ""), func(r rune) bool { return r == '.' || r == '[' })
	if len(steps) == 0 {
		return unknownField(path, "", reflect.TypeOf(kind).Elem(), help)
	}
	s := setter{d, path, value, help}
	_, err := s.put(doc, reflect.TypeOf(kind).Elem(), steps)
	return err
}

type setter struct {
	desk        *Desk
	path, value string
	help        string // the command that tells of the kind
}

// put sets the value behind steps in what stands at a place now, and gives what stands
// there then.
func (s *setter) put(now any, t reflect.Type, steps []string) (any, error) {
	t = settable(t)
	if len(steps) == 0 {
		return s.read(t)
	}
	switch {
	case t.Kind() == reflect.Slice && !readsItself(t):
		return s.putEntry(now, t.Elem(), steps)
	case t.Kind() == reflect.Map:
		return s.putMember(now, steps, t.Elem())
	case t.Kind() == reflect.Struct && !readsItself(t):
		member, ok := memberType(t, steps[0])
		if !ok {
			return nil, unknownField(s.path, steps[0], t, s.help)
		}
		return s.putMember(now, steps, member)
	}
	return nil, &Problem{
		Kind: Usage, Field: s.path, Detail: "there is nothing below " + quoted(strings.TrimSuffix(s.path, "."+strings.Join(steps, "."))),
		Mend: "end the path there", Next: s.help,
	}
}

// consideredAs is a consideration as it is said to a desk: with the version of the answer that was read, which the record names
// among its references. It is the answer itself, its correction, or the erasure of what it said; what counts unless told.
type consideredAs struct {
	body.Considered
	Version protocol.Name `json:"version,omitzero"`
}

// settable gives the type that a path goes on in.
func settable(t reflect.Type) reflect.Type {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t == reflect.TypeFor[body.Considered]() {
		return reflect.TypeFor[consideredAs]()
	}
	return t
}

func (s *setter) putMember(now any, steps []string, t reflect.Type) (any, error) {
	object, ok := now.(map[string]any)
	if !ok {
		object = map[string]any{}
	}
	v, err := s.put(object[steps[0]], t, steps[1:])
	if err != nil {
		return nil, err
	}
	object[steps[0]] = v
	return object, nil
}

// putEntry sets an entry by its number from 0, or a figure by its indicator.
func (s *setter) putEntry(now any, t reflect.Type, steps []string) (any, error) {
	list, _ := now.([]any)
	at, err := strconv.Atoi(steps[0])
	rest := steps[1:]
	if err != nil {
		if t != reflect.TypeFor[body.Figure]() {
			return nil, &Problem{Kind: Usage, Field: s.path, Detail: quoted(steps[0]) + " is no number of an entry", Mend: "count the entries from 0", Next: s.help}
		}
		list, at = figureOf(list, steps[0])
		if len(rest) == 0 {
			rest = []string{"value"}
		}
	}
	if at < 0 || at > len(list) || at > maxEntries {
		return nil, &Problem{
			Kind: Usage, Field: s.path, Detail: "there is no entry " + steps[0] + " yet",
			Mend: "the next one is " + strconv.Itoa(len(list)), Next: s.help,
		}
	}
	if at == len(list) {
		list = append(list, nil)
	}
	list[at], err = s.put(list[at], t, rest)
	return list, err
}

// figureOf finds the figure of an indicator that counts all persons, or adds one.
func figureOf(list []any, indicator string) ([]any, int) {
	for i, entry := range list {
		if f, ok := entry.(map[string]any); ok && f["indicator"] == indicator && f["by"] == nil {
			return list, i
		}
	}
	return append(list, map[string]any{"indicator": indicator}), len(list)
}

// read reads a value as its member wants it. What does not fit is kept as a text, so that
// body.Parse refuses it with the member's own mend.
func (s *setter) read(t reflect.Type) (any, error) {
	v := s.value
	switch {
	case t == reflect.TypeFor[body.Place]() && !strings.HasPrefix(v, "{"):
		k, err := s.desk.placeKey(v)
		if err != nil {
			return nil, at(err, s.path, "vardar list territories")
		}
		return map[string]any{"scheme": string(k.Scheme), "code": k.Code}, nil
	case t == reflect.TypeFor[body.Period]() && !strings.HasPrefix(v, "{"):
		return s.period()
	case isText(t):
		return v, nil
	case t.Kind() == reflect.Slice && !readsItself(t) && !strings.HasPrefix(v, "["):
		var list []any
		for part := range strings.SplitSeq(v, ",") {
			one := setter{s.desk, s.path, strings.TrimSpace(part), s.help}
			entry, err := one.read(t.Elem())
			if err != nil {
				return nil, err
			}
			list = append(list, entry)
		}
		return list, nil
	}
	return literal(v), nil
}

// period reads a day, a month or a year, or two of them or two moments with a slash between (ISO 8601 §5.2.2, §5.5.2). Two days or
// moments are from the first up to and without the second, as periods follow each other in reports; a month or a year is in it
// whole, the second too, as who plans for 2026/2031 means. A day begins at midnight UTC, as every clock of a record does.
func (s *setter) period() (any, error) {
	from, to, both := strings.Cut(s.value, "/")
	start, end, err := stretch(from)
	if both && err == nil {
		var first time.Time
		if first, end, err = stretch(to); len(to) >= len(time.DateOnly) {
			end = first
		}
	} else if err == nil && end.Equal(start) {
		err = strconv.ErrSyntax // a moment alone
	}
	if err != nil {
		return nil, &Problem{
			Kind: Usage, Field: s.path, Detail: quoted(s.value) + " is no period",
			Mend: "want a day, a month or a year such as 2016-03-17, 2016-03 or 2016; two months or years, both in it: 2016-01/2016-06; or two days or moments: 2016-03-17/2016-03-24, 2016-03-17T06:00:00Z/2016-03-17T18:00:00Z",
			Next: s.help,
		}
	}
	return map[string]any{"start": body.TimeOf(start).String(), "end": body.TimeOf(end).String()}, nil
}

// stretch gives when a year, a month or a day begins and when it is over; of a moment both are that.
func stretch(said string) (start, end time.Time, err error) {
	for _, of := range []struct {
		layout              string
		years, months, days int
	}{{"2006", 1, 0, 0}, {"2006-01", 0, 1, 0}, {time.DateOnly, 0, 0, 1}, {time.RFC3339, 0, 0, 0}} {
		if start, err = time.Parse(of.layout, said); err == nil {
			return start, start.AddDate(of.years, of.months, of.days), nil
		}
	}
	return start, end, err
}

// readPeriod reads the period of a document that gives it in one word, as a file may: period: 2016.
func (d *Desk) readPeriod(doc map[string]any, kind body.Body) error {
	said, ok := doc[memberPeriod].(string)
	if number, is := doc[memberPeriod].(json.Number); is {
		said, ok = number.String(), true
	}
	of, has := memberType(reflect.TypeOf(kind).Elem(), memberPeriod)
	if !ok || !has || of != reflect.TypeFor[body.Period]() && of != reflect.TypeFor[*body.Period]() {
		return nil
	}
	return d.set(doc, kind, memberPeriod+"="+said)
}

// literal reads JSON, or takes the text as it is.
func literal(s string) any {
	var v any
	dec := json.NewDecoder(bytes.NewReader([]byte(s)))
	dec.UseNumber()
	if err := dec.Decode(&v); err != nil || dec.More() || v == nil {
		return s
	}
	return v
}

// isText reports whether a member is written as a JSON string.
func isText(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	if p.Implements(reflect.TypeFor[json.Unmarshaler]()) {
		return false
	}
	return t.Kind() == reflect.String || p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// readsItself reports whether a type has no members that a path could name.
func readsItself(t reflect.Type) bool {
	p := reflect.PointerTo(t)
	return p.Implements(reflect.TypeFor[json.Unmarshaler]()) || p.Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// memberType finds a member by its JSON name, in embedded structs too.
func memberType(t reflect.Type, name string) (reflect.Type, bool) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			if m, ok := memberType(f.Type, name); ok {
				return m, true
			}
			continue
		}
		if n, _, _ := strings.Cut(f.Tag.Get("json"), ","); n == name && n != "-" && n != "salt" {
			return f.Type, true
		}
	}
	return nil, false
}

// memberNames lists the members of a struct.
func memberNames(t reflect.Type) []string {
	var out []string
	for i := range t.NumField() {
		f := t.Field(i)
		n, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous:
			out = append(out, memberNames(f.Type)...)
		case n != "-" && n != "" && n != "salt":
			out = append(out, n)
		}
	}
	return out
}

func unknownField(path, step string, t reflect.Type, help string) error {
	return &Problem{Kind: Usage, Field: path, Detail: "there is no field " + quoted(step) + " here", Mend: OneOf(step, memberNames(t)), Next: help}
}

// Fields gives the paths that can be set in a kind, as set takes them, those of an entry of
// a list under its number 0; none of a kind that is not known, nor of what is added up and not
// written.
func Fields(kind string) []string {
	recordType, err := typeOf(kind, 0)
	if err != nil {
		return nil
	}
	b, err := body.New(recordType)
	if err != nil {
		return nil
	}
	return paths("", reflect.TypeOf(b).Elem())
}

// paths gives the paths below a member, or its own if there are none.
func paths(path string, t reflect.Type) []string {
	t = settable(t)
	switch {
	case t == reflect.TypeFor[body.Regional]():
		return nil
	case t == reflect.TypeFor[body.Figure]():
		return []string{strings.TrimSuffix(path, "0") + "INDICATOR"}
	case t.Kind() == reflect.Slice && !readsItself(t) && t.Elem().Kind() == reflect.Struct:
		return paths(path+".0", t.Elem())
	case t == reflect.TypeFor[body.Period]():
		return []string{path, path + ".start", path + ".end"}
	case t.Kind() != reflect.Struct || readsItself(t) || t == reflect.TypeFor[body.Place]():
		return []string{path}
	}
	var out []string
	for _, name := range memberNames(t) {
		member, _ := memberType(t, name)
		out = append(out, paths(strings.TrimPrefix(path+"."+name, "."), member)...)
	}
	return out
}
