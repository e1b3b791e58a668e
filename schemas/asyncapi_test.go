package schemas_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
	"github.com/vardar-network/vardar/schemas"
)

// asyncapiFile is what is published of LOG; -update makes it from package protocol.
const asyncapiFile = "asyncapi.json"

// subjectOf gives the subject of a record of the town.
func subjectOf(h protocol.Handling) string {
	n := protocol.Name{Institution: "mk.southeast.gevgelija", Position: protocol.Position{Topic: protocol.Situation, Epoch: 1, Sequence: 1}}
	return protocol.LogSubject(&protocol.Record{Name: n, Handling: h})
}

// logParts gives what stands in each place of a subject of LOG that is a closed list: the
// topics, and the words of the marks.
func logParts() (topics, marks []any) {
	for _, t := range protocol.Topics() {
		topics = append(topics, t.String())
	}
	for h := protocol.Clear; h <= protocol.Red; h++ {
		subject := subjectOf(h)
		marks = append(marks, subject[strings.LastIndexByte(subject, '.')+1:])
	}
	return topics, marks
}

// asyncapi describes LOG: one channel, whose address is the subject's pattern, and a message
// for each kind.
func asyncapi(t *testing.T) []byte {
	t.Helper()
	topics, marks := logParts()
	part := func(says string, words ...any) object {
		o := object{{"description", says}}
		if len(words) > 0 {
			o = append(o, member{"enum", words})
		}
		return o
	}
	ref := func(to string) object { return object{{"$ref", to}} }
	var messages, of, defined object
	var refs []any
	add := func(name, says, contentType string, payload any) {
		to := "#/components/messages/" + name
		messages = append(messages, member{name, ref(to)})
		refs = append(refs, ref("#/channels/log/messages/"+name))
		m := object{
			{"name", name},
			{"summary", says},
			{"contentType", contentType},
			{"headers", ref("header" + schemas.Extension)},
		}
		if payload != nil {
			m = append(m, member{"payload", payload})
		}
		defined = append(defined, member{name, m})
	}
	for _, kind := range body.Types() {
		if _, ok := schemas.Schema(kind); ok {
			add(kind, "its body is a JSON object whose first member is its salt", "application/json", ref(schemas.File(kind)))
		}
	}
	add("vardar.sealed.v1", "vardar.TOPIC.sealed.v1: the body is sealed with age to those it is for", "application/vnd.age", nil)
	add("vardar.other.v1", "a kind that this version does not know: kinds are open, and its record is held, chained and signed as any", "application/json", object{{"type", "object"}})
	of = object{
		{"address", "vardar.v1.{country}.{region}.{name}.{topic}.{handling}"},
		{"title", "LOG"},
		{"description", "Records in the order in which this node accepted them, each with its thirteen signed fields, its signature and, if it is held, its body; the last 7 days, at most 256 MiB. The subject follows from signed fields, and is the same on every node: vardar.v1.mk.> is a country, vardar.v1.*.*.*.situation.* a topic. A message without a body is of a record whose body is withheld, erased or missing. A LOG that was lost is filled again from the archive: tell records by their digest, not by the stream's sequence."},
		{"parameters", object{
			{"country", part("ISO 3166-1 alpha-2, xk, or int")},
			{"region", part("as the country's registrar declares it; national for national bodies")},
			{"name", part("of the institution")},
			{"topic", part("what the kind belongs to", topics...)},
			{"handling", part("TLP 2.0: CLEAR, GREEN, AMBER, AMBER+STRICT, RED", marks...)},
		}},
		{"messages", messages},
		{"bindings", object{{"nats", object{{"bindingVersion", "0.1.0"}}}}},
	}
	return written(t, object{
		{"asyncapi", "3.0.0"},
		{"info", object{
			{"title", "Vardar: LOG"},
			{"version", "1"},
			{"description", "What a node tells its own institution's consumers as records are accepted: a NATS JetStream stream inside the node. No peer reaches it: peers have accounts in which it does not exist. Programs on the same machine subscribe to its subjects at the address of the setting programs, by NATS, with an API token as NATS token or password: they hear what their role may read, under the subjects that end in such a mark (vardar.v1.*.*.*.*.green), from then on; what came while they were not connected they read at GET /v1/lists/records of openapi.json. Programs on other machines follow GET /v1/stream with a token, go on behind Last-Event-ID, and read each record at /v1/records: nothing is lost in between."},
			{"license", object{{"name", "Apache-2.0"}}},
		}},
		{"defaultContentType", "application/json"},
		{"channels", object{{"log", of}}},
		{"operations", object{{"accepted", object{
			{"action", "send"},
			{"summary", "A record was accepted by this node"},
			{"channel", ref("#/channels/log")},
			{"messages", refs},
		}}}},
		{"components", object{{"messages", defined}}},
	})
}

// TestAsyncAPIIsThatOfLOG: the page that is published is made from the subjects, marks, topics
// and kinds of package protocol, and every file that it refers to is published.
func TestAsyncAPIIsThatOfLOG(t *testing.T) {
	want := asyncapi(t)
	if *update {
		if err := os.WriteFile(asyncapiFile, want, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(asyncapiFile)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s differs from what goes on LOG (%v): run go test ./schemas -update and read the diff", asyncapiFile, err)
	}
	for _, line := range strings.Split(string(got), "\n") {
		_, ref, is := strings.Cut(line, `"$ref": "`)
		name, _, _ := strings.Cut(ref, `"`)
		if !is || strings.HasPrefix(name, "#/") {
			continue
		}
		if _, err := os.Stat(name); err != nil {
			t.Errorf("%s refers to what is not published: %v", asyncapiFile, err)
		}
	}
	if n := strings.Count(string(got), `"application/json"`); n < len(body.Types())/2 {
		t.Errorf("%d messages for %d kinds", n, len(body.Types()))
	}
}

// TestAddressOfLOGIsItsSubject: the parts of the page's address are those of a subject.
func TestAddressOfLOGIsItsSubject(t *testing.T) {
	subject := subjectOf(protocol.Green)
	address := strings.NewReplacer("{country}", "mk", "{region}", "southeast", "{name}", "gevgelija", "{topic}", "situation", "{handling}", "green").
		Replace("vardar.v1.{country}.{region}.{name}.{topic}.{handling}")
	if subject != address {
		t.Errorf("subject = %s, want %s", subject, address)
	}
	if !strings.Contains(string(asyncapi(t)), `"vardar.v1.{country}.{region}.{name}.{topic}.{handling}"`) {
		t.Error("the page has another address")
	}
}
