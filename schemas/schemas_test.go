package schemas_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
	"github.com/vardar-network/vardar/schemas"
)

var update = flag.Bool("update", false, "write the schemas anew from the types of package body")

// published gives every schema file as it must be, by name.
func published(t *testing.T) map[string][]byte {
	t.Helper()
	docs := sourceDocs(t)
	files := map[string][]byte{"header" + schemas.Extension: headerSchema(t)}
	for _, typ := range body.Types() {
		if name := schemas.File(typ); files[name] == nil {
			files[name] = generate(t, docs, typ)
		}
	}
	return files
}

func TestSchemasAreThoseOfTheTypes(t *testing.T) {
	want := published(t)
	for name, raw := range want {
		if *update {
			if err := os.WriteFile(name, raw, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		got, err := os.ReadFile(name)
		if err != nil || !bytes.Equal(got, raw) {
			t.Errorf("%s differs from its type (%v): run go test ./schemas -update and read the diff", name, err)
		}
	}
	onDisk, err := filepath.Glob("*" + schemas.Extension)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range onDisk {
		if want[name] == nil {
			t.Errorf("%s belongs to no type", name)
		}
	}
}

func TestEveryTypeHasItsSchemaAndNoOther(t *testing.T) {
	for _, typ := range body.Types() {
		if raw, ok := schemas.Schema(typ); !ok || !json.Valid(raw) {
			t.Errorf("Schema(%s) = %d bytes, %v", typ, len(raw), ok)
		}
	}
	for _, typ := range []string{"", "vardar.trust.note.v1", "vardar.situation.weather.v1", "vardar.topic.note.v1", "vardar.situation.report.v2", "header"} {
		if _, ok := schemas.Schema(typ); ok {
			t.Errorf("Schema(%q) gave one", typ)
		}
	}
	if !json.Valid(schemas.Header()) {
		t.Error("Header() is no JSON")
	}
}

// example is one file of testdata/bodies/TYPE: a valid one is the body itself, an invalid
// one is wrapped in what is wrong with it.
type example struct {
	recordType, file string

	Why   string          `json:"why"`   // a sentence
	Rule  string          `json:"rule"`  // the sentinel's name
	Field string          `json:"field"` // as the error names it
	Body  json.RawMessage `json:"body"`
	Raw   string          `json:"raw"` // instead of body, where it can't be written as JSON

	// NotInSchema says why a schema can't refuse it, or is empty.
	NotInSchema string `json:"not_in_schema"`
}

func (e *example) valid() bool { return strings.HasPrefix(filepath.Base(e.file), "valid-") }

func (e *example) raw() []byte {
	if e.Raw != "" {
		return []byte(e.Raw)
	}
	return e.Body
}

func examples(t testing.TB) []example {
	t.Helper()
	files, err := filepath.Glob("testdata/bodies/*/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples: %v", err)
	}
	out := make([]example, len(files))
	for i, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		e := example{recordType: filepath.Base(filepath.Dir(file)), file: file, Body: raw}
		if !e.valid() {
			e.Body = nil
			if err := json.Unmarshal(raw, &e); err != nil {
				t.Fatalf("%s: %v", file, err)
			}
		}
		out[i] = e
	}
	return out
}

func compiled(t testing.TB, recordType string) *jsonschema.Schema {
	t.Helper()
	raw, ok := schemas.Schema(recordType)
	if !ok {
		t.Fatalf("no schema for %s", recordType)
	}
	return compile(t, raw)
}

func compile(t testing.TB, raw []byte) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err = c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// validate holds raw JSON against a schema.
func validate(s *jsonschema.Schema, raw []byte) error {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	return s.Validate(doc)
}

func TestSchemaAndParserAgreeOnEveryExample(t *testing.T) {
	for _, e := range examples(t) {
		t.Run(strings.TrimPrefix(e.file, "testdata/bodies/"), func(t *testing.T) {
			_, parsed := body.Parse(e.recordType, e.raw())
			held := validate(compiled(t, e.recordType), e.raw())
			if e.valid() {
				if parsed != nil || held != nil {
					t.Fatalf("parser says %v, schema says %v, want both to accept", parsed, held)
				}
				return
			}
			if parsed == nil {
				t.Fatal("parser accepts it")
			}
			if (held == nil) != (e.NotInSchema != "") {
				t.Errorf("schema says %v, and the reason why it can't refuse is %q; parser says %v", held, e.NotInSchema, parsed)
			}
		})
	}
}

func TestEveryKindHasGoodAndBadExamples(t *testing.T) {
	good, bad := map[string]int{}, map[string]int{}
	for _, e := range examples(t) {
		if e.valid() {
			good[schemas.File(e.recordType)]++
		} else {
			bad[schemas.File(e.recordType)]++
		}
	}
	for _, typ := range body.Types() {
		if name := schemas.File(typ); good[name] == 0 || bad[name] == 0 {
			t.Errorf("%s has %d good and %d bad examples", name, good[name], bad[name])
		}
	}
}

func TestGoodExamplesAreWrittenAsTheyWereRead(t *testing.T) {
	for _, e := range examples(t) {
		if !e.valid() {
			continue
		}
		b, err := body.Parse(e.recordType, e.raw())
		if err != nil {
			t.Fatalf("%s: %v", e.file, err)
		}
		if len(b.Base().Unknown) > 0 {
			continue // what is not known is not written
		}
		raw, err := body.Marshal(b, b.Base().Salt)
		if err != nil {
			t.Errorf("%s: Marshal: %v", e.file, err)
			continue
		}
		if got, want := canonical(t, raw), canonical(t, e.raw()); got != want {
			t.Errorf("%s is written as\n%s\nwant\n%s", e.file, got, want)
		}
		if err := validate(compiled(t, e.recordType), raw); err != nil {
			t.Errorf("%s: what Marshal writes does not fit the schema: %v", e.file, err)
		}
	}
}

func canonical(t *testing.T, raw []byte) string {
	t.Helper()
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	out, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestSchemaOfTheHeaderHoldsEveryField(t *testing.T) {
	schema := compile(t, schemas.Header())
	block, err := os.ReadFile("testdata/header-example.txt")
	if err != nil {
		t.Fatal(err)
	}
	block = bytes.ReplaceAll(block, []byte("\n"), []byte("\r\n"))
	record, err := protocol.ParseBlock(block)
	if err != nil {
		t.Fatal(err)
	}
	fields := record.Fields()
	header := map[string]any{}
	for _, f := range fields {
		header[f[0]] = f[1]
	}
	if err := schema.Validate(header); err != nil {
		t.Fatal(err)
	}
	for _, f := range fields {
		for _, wrong := range []string{"", f[1] + "!", " " + f[1], f[1][:len(f[1])-1] + "~"} {
			header[f[0]] = wrong
			if schema.Validate(header) == nil {
				t.Errorf("%s: schema accepts %q", f[0], wrong)
			}
			if _, err := protocol.ParseBlock(bytes.Replace(block, []byte(f[0]+": "+f[1]), []byte(f[0]+": "+wrong), 1)); err == nil {
				t.Errorf("%s: protocol accepts %q", f[0], wrong)
			}
		}
		delete(header, f[0])
		if schema.Validate(header) == nil {
			t.Errorf("schema accepts a header without %s", f[0])
		}
		header[f[0]] = f[1]
	}
}

func TestRulesOfExamplesAreNamed(t *testing.T) {
	for _, e := range examples(t) {
		var v *protocol.Violation
		_, err := body.Parse(e.recordType, e.raw())
		if err != nil && !errors.As(err, &v) {
			t.Errorf("%s: %v is no violation", e.file, err)
		}
		if !e.valid() && (e.Why == "" || e.Rule == "" || e.Body == nil == (e.Raw == "")) {
			t.Errorf("%s: want why, rule, and body or raw", e.file)
		}
	}
}

// FuzzWhatTheParserReadsFitsTheSchema wants no schema to be stricter than the parser: a
// partner who checks by the schema must never refuse what the network accepts.
func FuzzWhatTheParserReadsFitsTheSchema(f *testing.F) {
	schemasByType := map[string]*jsonschema.Schema{}
	for _, typ := range body.Types() {
		schemasByType[typ] = compiled(f, typ)
	}
	for _, e := range examples(f) {
		f.Add(e.recordType, e.raw())
	}
	f.Fuzz(func(t *testing.T, typ string, raw []byte) {
		if _, err := body.Parse(typ, raw); err != nil {
			return
		}
		if err := validate(schemasByType[typ], raw); err != nil {
			t.Errorf("parser accepts what the schema refuses: %v", err)
		}
	})
}

// TestPatternsSayTheSameInEveryLanguage fails for what RE2 and ECMA 262 read differently in
// an expression: \s and its like, and the dot outside a class.
func TestPatternsSayTheSameInEveryLanguage(t *testing.T) {
	portable := regexp.MustCompile(`^(?:[^\\.\[\]]|\\[.+()*?\[\]{}^$|\\/-]|\[(?:[^\\\]]|\\x[0-9a-f]{2}|\\[nrt\\\]-])+\])*$`)
	for name, raw := range published(t) {
		var schema any
		if err := json.Unmarshal(raw, &schema); err != nil {
			t.Fatal(err)
		}
		for _, pattern := range patterns(schema) {
			if !portable.MatchString(pattern) {
				t.Errorf("%s: not every language reads %q alike", name, pattern)
			}
		}
	}
}

// patterns gives every "pattern" in a schema.
func patterns(v any) []string {
	var out []string
	switch v := v.(type) {
	case map[string]any:
		for name, inner := range v {
			if text, ok := inner.(string); ok && name == "pattern" {
				out = append(out, text)
			}
			out = append(out, patterns(inner)...)
		}
	case []any:
		for _, inner := range v {
			out = append(out, patterns(inner)...)
		}
	}
	return out
}
