// Package schemas is what is published for those who do not read Go: the JSON Schema
// (2020-12) of every body and of the record's header, and, in testdata, examples of
// bodies that fit and that do not: testdata/bodies/TYPE/valid-*.json is a body as it
// stands in a record, invalid-*.json has one in body (or raw), why it is refused, the
// rule, the field that the error names, and, in not_in_schema, why a schema can't tell.
//
// The schemas are made from the types of package body, by the test of this package run
// with -update; a schema that differs from its type fails the test. What a schema can't
// say is listed beside the examples, each with the reason: package body decides.
package schemas

import (
	"embed"
	"strings"

	"github.com/vardar-network/vardar/protocol"
)

//go:embed *.schema.json
var files embed.FS

// Extension is how the names of schema files end.
const Extension = ".schema.json"

// Schema gives the JSON Schema of a record type's body, and false for a type that has
// none. A kind that stands under any topic has one schema for all of them.
func Schema(recordType string) ([]byte, bool) {
	topic, err := protocol.TypeTopic(recordType)
	if err != nil {
		return nil, false
	}
	raw, err := files.ReadFile(File(recordType))
	if err != nil || topic == protocol.Trust && strings.HasPrefix(File(recordType), anyTopic) {
		return nil, false
	}
	return raw, true
}

// Header gives the JSON Schema of a record's header fields, with the regular expression
// of each (wire.md §1).
func Header() []byte {
	raw, err := files.ReadFile("header" + Extension)
	if err != nil {
		return nil // it is embedded: a test reads it
	}
	return raw
}

// anyTopic begins the names of schemas of kinds that stand under any topic but trust.
const anyTopic = "topic."

// File gives the name of the file that would hold a type's schema:
// situation.report.v1.schema.json, topic.note.v1.schema.json.
func File(recordType string) string {
	name := strings.TrimPrefix(recordType, "vardar.")
	_, kind, _ := strings.Cut(name, ".")
	switch kind {
	case "note.v1", "correction.v1", "acknowledgement.v1", "erasure.v1", "endorsement.v1":
		name = anyTopic + kind
	}
	return name + Extension
}
