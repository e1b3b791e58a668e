package schemas_test

import (
	"strings"
	"testing"

	"github.com/vardar-network/vardar/protocol"
)

// headerSchema makes the schema of a record's header fields: wire.md §1, one regular
// expression a field. What spans fields (the id equals topic, epoch and sequence, the
// signature verifies) and what expressions can't say (numbers up to 2147483647, real
// instants, no double hyphen) is for package protocol.
func headerSchema(t *testing.T) []byte {
	t.Helper()
	record := protocol.Record{}
	var covered []string
	for _, f := range record.Fields() {
		covered = append(covered, `"`+f[0]+`"`)
	}
	const digest = `sha-256=:[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=:`
	input := `vardar=\(` + strings.Join(covered[:13], " ") + `\);keyid="[0-9a-f]{64}";alg="ed25519";tag="vardar-record-v1"`
	fields := []struct{ name, pattern, says string }{
		{"ce-specversion", `1\.0`, "CloudEvents 1.0"},
		{"ce-id", `(?:` + topicPattern + `)\.` + numberPattern + `\.` + numberPattern, "the position: topic, epoch, sequence, equal to the fields below"},
		{"ce-source", `/` + institutionPattern, "the author"},
		{"ce-type", `vardar\.(?:` + topicPattern + `)\.[a-z0-9_]{1,40}\.v[1-9][0-9]{0,2}`, "what the record says; kinds are open"},
		{"ce-time", `[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z`, "the author's clock: a real instant from 1970 on, shown, never trusted for order"},
		{"content-type", `application/json|application/vnd\.age`, "open or sealed"},
		{"ce-topic", topicPattern, "closed in version 1"},
		{"ce-epoch", numberPattern, "at most 2147483647"},
		{"ce-sequence", numberPattern, "at most 2147483647"},
		{"ce-previous", digest, "digest of the record before it in the epoch; of the first: of the epoch's opener"},
		{"ce-handling", `TLP:(?:CLEAR|GREEN|AMBER|AMBER\+STRICT|RED)`, "TLP 2.0 of FIRST"},
		{"ce-exercise", `[01]`, "1: an exercise, shown apart everywhere"},
		{"content-digest", digest, "over the body's bytes"},
		{"signature-input", input, "RFC 9421, to the byte; keyid is the author's Ed25519 public key"},
		{"signature", `vardar=:[A-Za-z0-9+/]{85}[AQgw]==:`, "Ed25519 over the signature base"},
	}
	var properties object
	var required []string
	for _, f := range fields {
		properties = append(properties, member{f.name, append(object{{"description", f.says}}, text(f.pattern)...)})
		required = append(required, f.name)
	}
	return written(t, object{
		{"$schema", "https://json-schema.org/draft/2020-12/schema"},
		{"$id", "urn:vardar:schema:header"},
		{"title", "Header fields of a record"},
		{"description", "Thirteen signed fields and the signature, in this order in a block, each value 1 to 200 bytes of 0x21-0x7E (signature-input is longer)."},
		{"type", "object"},
		{"properties", properties},
		{"required", required},
		{"additionalProperties", false},
	})
}
