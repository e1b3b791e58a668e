package desk

import (
	"bytes"
	"encoding"
	"encoding/json"
	"iter"
	"reflect"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/protocol/body"
)

// flatColumn is a member of a list's rows that has a column of its own.
type flatColumn struct {
	name  string
	path  []string
	inner bool // of the parts of a row, each of which has a line
	band  bool // of a figure that is hidden: below which number it lies
}

// flat says how the rows of a list become the lines of a table: every member has a column, in
// the order of the type, so that none is lost and none moves when it is not said. The first
// list of parts that a row always has (the lines of a request) gives a line each, beside what
// holds for all of them; any other list stands in its cell.
type flat struct {
	columns []flatColumn
	parts   string // the member whose entries have a line each; empty: a row is a line
}

// flatOf makes it of the type of a row.
func flatOf(row reflect.Type) flat {
	var f flat
	f.parts = partsOf(row)
	f.add(row, nil, false)
	return f
}

// partsOf finds the member whose entries have a line each.
func partsOf(row reflect.Type) string {
	for field := range reflectFields(row) {
		name, rest, _ := strings.Cut(field.Tag.Get("json"), ",")
		if t := field.Type; rest == "" && t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct && !isLeaf(t.Elem()) {
			return name
		}
	}
	return ""
}

// reflectFields gives the members of a type as JSON has them: those of what it embeds are its own.
func reflectFields(t reflect.Type) iter.Seq[reflect.StructField] {
	return func(yield func(reflect.StructField) bool) {
		for i := range t.NumField() {
			field := t.Field(i)
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if field.Anonymous && name == "" {
				for inner := range reflectFields(field.Type) {
					if !yield(inner) {
						return
					}
				}
				continue
			}
			if field.IsExported() && name != "" && name != "-" && !yield(field) {
				return
			}
		}
	}
}

func (f *flat) add(t reflect.Type, path []string, inner bool) {
	for field := range reflectFields(t) {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		of := field.Type
		for of.Kind() == reflect.Pointer {
			of = of.Elem()
		}
		here := append(slices.Clone(path), name)
		c := flatColumn{name: strings.Join(here, "."), path: here, inner: inner}
		switch {
		case of == reflect.TypeFor[body.Count]():
			f.columns = append(f.columns, c)
			c.name, c.band = c.name+".below", true
		case len(path) == 0 && !inner && name == f.parts:
			var parts flat
			parts.add(of.Elem(), nil, true)
			for _, p := range parts.columns {
				p.name = name + "." + p.name
				f.columns = append(f.columns, p)
			}
			continue
		case of.Kind() == reflect.Struct && !isLeaf(of) && !reflect.PointerTo(of).Implements(reflect.TypeFor[body.Body]()):
			f.add(of, here, inner)
			continue
		}
		f.columns = append(f.columns, c)
	}
}

// isLeaf reports whether a type writes itself as one value.
func isLeaf(t reflect.Type) bool {
	for _, as := range []reflect.Type{reflect.TypeFor[json.Marshaler](), reflect.TypeFor[encoding.TextMarshaler]()} {
		if t.Implements(as) || reflect.PointerTo(t).Implements(as) {
			return true
		}
	}
	return false
}

// flatLine is a line of a table: the cells of its columns, and the row it is of.
type flatLine struct {
	row   int
	first bool           // of its row
	all   map[string]any // the row as JSON has it
	part  map[string]any // nil: the row has none
	cells []any
}

// lines makes those of rows: a row without parts has one.
func (f *flat) lines(rows any) ([]flatLine, error) {
	text, err := json.Marshal(rows)
	if err != nil {
		return nil, err
	}
	read := json.NewDecoder(bytes.NewReader(text))
	read.UseNumber()
	var all []map[string]any
	if err := read.Decode(&all); err != nil {
		return nil, err
	}
	var out []flatLine
	for i, row := range all {
		parts, _ := row[f.parts].([]any)
		if len(parts) == 0 {
			parts = []any{nil}
		}
		for j, part := range parts {
			of, _ := part.(map[string]any)
			l := flatLine{row: i, first: j == 0, all: row, part: of}
			for k := range f.columns {
				l.cells = append(l.cells, f.columns[k].cell(&l))
			}
			out = append(out, l)
		}
	}
	return out, nil
}

// cell gives what a column says of a line.
func (c *flatColumn) cell(l *flatLine) any {
	var v any = l.all
	if c.inner {
		v = l.part
	}
	for _, step := range c.path {
		of, _ := v.(map[string]any)
		v = of[step]
	}
	if of, hidden := v.(map[string]any); hidden && of[bandMember] != nil {
		if !c.band {
			return nil
		}
		v = of[bandMember]
	} else if c.band {
		return nil
	}
	return tableCell(v)
}

// bandMember is what a figure that is hidden has in JSON: the number below which it lies.
const bandMember = "lt"

// tableCell says a value in a cell. Words are parted by semicolons where none of them has one;
// anything else that is no single value stands there as JSON.
func tableCell(v any) any {
	switch v := v.(type) {
	case nil, string:
		return v
	case bool:
		if v {
			return "true"
		}
		return "false"
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		return v.String()
	case []any:
		if len(v) == 0 {
			return nil
		}
		if words, ok := plainWords(v); ok {
			return strings.Join(words, wordsApart)
		}
	}
	return asText(v)
}

// wordsApart parts words in a cell.
const wordsApart = "; "

func plainWords(list []any) ([]string, bool) {
	var words []string
	for _, v := range list {
		s, ok := v.(string)
		if !ok || s == "" || strings.Contains(s, strings.TrimSpace(wordsApart)) || strings.ContainsAny(s[:1], "[{") {
			return nil, false
		}
		words = append(words, s)
	}
	return words, true
}

// asText writes a value as JSON on one line.
func asText(v any) string {
	var out bytes.Buffer
	w := json.NewEncoder(&out)
	w.SetEscapeHTML(false)
	if err := w.Encode(v); err != nil {
		return ""
	}
	return strings.TrimSpace(out.String())
}
