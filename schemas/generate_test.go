package schemas_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
	"github.com/vardar-network/vardar/schemas"
)

// object is a JSON object whose members keep their order.
type object []member

type member struct {
	name  string
	value any
}

func (o object) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i, m := range o {
		if i > 0 {
			b.WriteByte(',')
		}
		name, err := json.Marshal(m.name)
		if err != nil {
			return nil, err
		}
		b.Write(name)
		b.WriteByte(':')
		value, err := encode(m.value)
		if err != nil {
			return nil, err
		}
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

func encode(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	return bytes.TrimSpace(b.Bytes()), err
}

// generator makes the schema of one body from its Go type.
type generator struct {
	t    *testing.T
	docs map[string]string // by type, and by type.Field
	defs map[string]object
}

// generate gives the schema file of a record type.
func generate(t *testing.T, docs map[string]string, recordType string) []byte {
	t.Helper()
	b, err := body.New(recordType)
	if err != nil {
		t.Fatal(err)
	}
	g := &generator{t: t, docs: docs, defs: map[string]object{}}
	name := strings.TrimSuffix(schemas.File(recordType), schemas.Extension)
	root := object{
		{"$schema", "https://json-schema.org/draft/2020-12/schema"},
		{"$id", "urn:vardar:schema:" + name},
		{"title", "Body of vardar." + strings.Replace(name, "topic.", "<any topic but trust>.", 1)},
	}
	root = append(root, g.structure(reflect.TypeOf(b).Elem(), recordType)...)
	var defs object
	for name := range g.defs {
		defs = append(defs, member{name, g.defs[name]})
	}
	slices.SortFunc(defs, func(a, b member) int { return strings.Compare(a.name, b.name) })
	if len(defs) > 0 {
		root = append(root, member{"$defs", defs})
	}
	return written(t, root)
}

func written(t *testing.T, v any) []byte {
	t.Helper()
	raw, err := encode(v)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := json.Indent(&out, raw, "", "  "); err != nil {
		t.Fatal(err)
	}
	return append(out.Bytes(), '\n')
}

// structure gives the members of a struct's schema; rules is the key of its rules.
func (g *generator) structure(t reflect.Type, rules string) object {
	var out object
	if doc := g.docs[t.Name()]; doc != "" {
		out = append(out, member{"description", doc})
	}
	var properties object
	var required []string
	for _, f := range reflect.VisibleFields(t) {
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous || name == "" || name == "-" {
			continue
		}
		owner := t
		if len(f.Index) > 1 {
			owner = t.FieldByIndex(f.Index[:len(f.Index)-1]).Type
		}
		properties = append(properties, member{name, g.member(f, g.docs[owner.Name()+"."+f.Name])})
		if !strings.Contains(options, "omit") {
			required = append(required, name)
		}
	}
	out = append(out, member{"type", "object"}, member{"properties", properties})
	if len(required) > 0 {
		out = append(out, member{"required", required})
	}
	if more := rulesOf(rules); len(more) > 0 {
		out = append(out, member{"allOf", more})
	}
	return out
}

// member gives the schema of one member, within the bounds of its fit tag.
func (g *generator) member(f reflect.StructField, doc string) object {
	bounds, err := body.ParseBounds(f.Tag.Get("fit"))
	if err != nil {
		g.t.Fatal(err)
	}
	out := g.schema(f.Type)
	set := func(name string, value any) {
		for i := range out {
			if out[i].name == name {
				out[i].value = value
				return
			}
		}
		out = append(out, member{name, value})
	}
	if bounds.Min != nil {
		set("minimum", *bounds.Min)
	}
	if bounds.Max != nil {
		set("maximum", *bounds.Max)
	}
	if bounds.Least != nil {
		set("minItems", *bounds.Least)
	}
	if bounds.Most != nil {
		set("maxItems", *bounds.Most)
	}
	if bounds.Unique {
		set("uniqueItems", true)
	}
	if doc != "" {
		out = slices.Insert(out, 0, member{"description", doc})
	}
	return out
}

// schema gives the schema of a type.
func (g *generator) schema(t reflect.Type) object {
	if t.Kind() == reflect.Pointer {
		return g.schema(t.Elem())
	}
	if out, ok := special(t); ok {
		return out
	}
	value := reflect.Zero(t).Interface()
	if v, ok := value.(interface{ Words() []string }); ok {
		words := object{{"enum", v.Words()}}
		if _, open := value.(interface{ Open() bool }); open {
			return object{{"anyOf", []object{words, text(body.OwnWordPattern)}}}
		}
		return words
	}
	bound, bounded := value.(interface{ MaxBytes() int })
	if v, ok := value.(interface{ Pattern() string }); ok {
		out := text(v.Pattern())
		if bounded {
			out = append(out, member{"maxLength", bound.MaxBytes()})
		}
		return out
	}
	if bounded {
		return freeText(t, bound.MaxBytes())
	}
	switch t.Kind() {
	case reflect.Slice:
		return object{{"type", "array"}, {"items", g.schema(t.Elem())}}
	case reflect.Map:
		keys := reflect.Zero(t.Key()).Interface().(interface{ Pattern() string })
		return object{
			{"type", "object"},
			{"minProperties", 1},
			{"propertyNames", text(keys.Pattern())},
			{"additionalProperties", g.schema(t.Elem())},
		}
	case reflect.Struct:
		if _, ok := g.defs[t.Name()]; !ok {
			g.defs[t.Name()] = nil // it is being made
			g.defs[t.Name()] = g.structure(t, t.Name())
		}
		return object{{"$ref", "#/$defs/" + t.Name()}}
	case reflect.String:
		return object{{"type", "string"}, {"minLength", 1}}
	case reflect.Bool:
		return object{{"type", "boolean"}}
	case reflect.Float64:
		return object{{"type", "number"}}
	default:
		g.t.Fatalf("no schema for %s", t)
		return nil
	}
}

// text is a string that matches the whole of an expression.
func text(pattern string) object {
	return object{{"type", "string"}, {"pattern", "^(?:" + pattern + ")$"}}
}

// blanks are what Go's strings.TrimSpace trims, beside the control characters: \s is ASCII
// to RE2, and more than this to ECMA 262.
const blanks = " \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"

// freeText is a text that is not blank and has no control characters.
func freeText(t reflect.Type, limit int) object {
	control := "\x00-\x1f\x7f-\u009f"
	if t != reflect.TypeFor[body.Label]() {
		control = "\x00-\x08\x0b-\x1f\x7f-\u009f"
	}
	pattern := "[^" + control + "]*[^\t\n" + blanks + control + "][^" + control + "]*"
	if _, ok := reflect.Zero(t).Interface().(interface{ MayBeEmpty() bool }); ok {
		pattern = "|" + pattern
	}
	return append(text(pattern), member{"maxLength", limit})
}

const (
	institutionPattern = `(?:[a-z]{2}|int)\.[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?\.[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?`
	topicPattern       = `trust|alert|situation|resource|policy|funding|knowledge`
	numberPattern      = `[1-9][0-9]{0,9}`
)

// special gives the schemas of types that write themselves.
func special(t reflect.Type) (object, bool) {
	number := func(least, most int64) object {
		return object{{"type", "integer"}, {"minimum", least}, {"maximum", most}}
	}
	switch t {
	case reflect.TypeFor[protocol.InstitutionID]():
		return text(institutionPattern), true
	case reflect.TypeFor[protocol.Name]():
		return text(institutionPattern + `/(?:` + topicPattern + `)\.` + numberPattern + `\.` + numberPattern), true
	case reflect.TypeFor[protocol.Digest]():
		return text(`sha-256:[0-9a-f]{64}`), true
	case reflect.TypeFor[protocol.Key]():
		return text(`[0-9a-f]{64}`), true
	case reflect.TypeFor[protocol.Signature]():
		return text(`[A-Za-z0-9+/]{85}[AQgw]==`), true
	case reflect.TypeFor[protocol.Topic]():
		return text(topicPattern), true
	case reflect.TypeFor[protocol.KeyUse]():
		return object{{"enum", []protocol.KeyUse{protocol.UseIdentity, protocol.UseNode, protocol.UseLink, protocol.UseAge}}}, true
	case reflect.TypeFor[body.Count]():
		band := object{
			{"type", "object"},
			{"properties", object{{"lt", number(body.MinBand, body.MaxBand)}}},
			{"required", []string{"lt"}},
			{"additionalProperties", false},
		}
		return object{{"anyOf", []object{number(0, body.MaxCount), band}}}, true
	case reflect.TypeFor[body.Quantity]():
		return number(0, body.MaxCount), true
	case reflect.TypeFor[body.Positive]():
		return number(1, body.MaxCount), true
	case reflect.TypeFor[body.Document]():
		return object{{"type", "object"}, {"properties", object{{"salt", false}}}}, true
	case reflect.TypeFor[body.Last]():
		known := object{
			{"type", "object"},
			{"properties", object{{"sequence", number(0, protocol.MaxNumber)}, {"digest", text(`sha-256:[0-9a-f]{64}`)}}},
			{"required", []string{"sequence", "digest"}},
		}
		return object{{"anyOf", []object{{{"const", "unknown"}}, known}}}, true
	}
	return nil, false
}

// sourceDocs reads the comments of package body: of types by their name, of members by
// type and field.
func sourceDocs(t *testing.T) map[string]string {
	t.Helper()
	docs := map[string]string{}
	paths, err := filepath.Glob("../protocol/body/*.go")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no source of package body: %v", err)
	}
	for _, path := range paths {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			decl, ok := n.(*ast.GenDecl)
			if !ok {
				return true
			}
			for _, spec := range decl.Specs {
				if typ, ok := spec.(*ast.TypeSpec); ok {
					docs[typ.Name.Name] = sentence(decl.Doc)
					fieldDocs(docs, typ)
				}
			}
			return true
		})
	}
	return docs
}

func fieldDocs(docs map[string]string, typ *ast.TypeSpec) {
	structure, ok := typ.Type.(*ast.StructType)
	if !ok {
		return
	}
	for _, f := range structure.Fields.List {
		for _, name := range f.Names {
			docs[fmt.Sprintf("%s.%s", typ.Name.Name, name.Name)] = strings.TrimSpace(sentence(f.Doc) + " " + sentence(f.Comment))
		}
	}
}

// sentence writes a comment in one line, without the marks of Go's doc links.
func sentence(c *ast.CommentGroup) string {
	return strings.NewReplacer("[", "", "]", "").Replace(strings.Join(strings.Fields(c.Text()), " "))
}
