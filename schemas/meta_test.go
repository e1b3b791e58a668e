package schemas_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// draft is the meta-schema of what a schema in openapi.json is written in, as OpenAPI 3.1 has it.
const draft = "https://json-schema.org/draft/2020-12/schema"

// document reads a file of JSON.
func document(t *testing.T, file string) any {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return value
}

// metaSchema gives the schema that those who made a form of documents publish of it.
func metaSchema(t *testing.T, file string) *jsonschema.Schema {
	t.Helper()
	c := jsonschema.NewCompiler()
	if err := c.AddResource(file, document(t, file)); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(file)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestDocumentsAreOfTheirForm: what is published of the API and of LOG is a document of OpenAPI 3.1
// and of AsyncAPI 3.0 by the schemas of those who make these; one with a fault is none.
func TestDocumentsAreOfTheirForm(t *testing.T) {
	for _, tt := range []struct{ file, meta, text, fault string }{
		{"openapi.json", "testdata/meta/openapi-3.1.json", `"in": "query"`, `"in": "question"`},
		{"openapi.json", "testdata/meta/openapi-3.1.json", `"description": "Done"`, `"told": "Done"`},
		{"asyncapi.json", "testdata/meta/asyncapi-3.0.json", `"action": "send"`, `"action": "sends"`},
		{"asyncapi.json", "testdata/meta/asyncapi-3.0.json", `"contentType": `, `"contenttype": `},
	} {
		meta := metaSchema(t, tt.meta)
		if err := meta.Validate(document(t, tt.file)); err != nil {
			t.Errorf("%s: %v", tt.file, err)
		}
		text, err := os.ReadFile(tt.file)
		if err != nil {
			t.Fatal(err)
		}
		wrong, err := jsonschema.UnmarshalJSON(strings.NewReader(strings.Replace(string(text), tt.text, tt.fault, 1)))
		if err != nil {
			t.Fatal(err)
		}
		if meta.Validate(wrong) == nil {
			t.Errorf("%s with %s is taken", tt.file, tt.fault)
		}
	}
}

// TestSchemasOfTheAPIAreSchemas: OpenAPI's own schema leaves those of bodies to JSON Schema's.
func TestSchemasOfTheAPIAreSchemas(t *testing.T) {
	meta, err := jsonschema.NewCompiler().Compile(draft)
	if err != nil {
		t.Fatal(err)
	}
	at := document(t, "openapi.json")
	for _, name := range []string{"components", "schemas"} {
		at = at.(map[string]any)[name]
	}
	all := at.(map[string]any)
	for name, schema := range all {
		if err := meta.Validate(schema); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(all) < 100 {
		t.Errorf("%d schemas", len(all))
	}
}
