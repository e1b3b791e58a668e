package schemas_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/protocol"
)

// vectorFolder holds the conformance vectors; its README says how to use them.
const vectorFolder = "testdata/vectors"

// vector is one case: what is given, and either the rule it breaks or what is read.
type vector map[string]any

// vectorFiles makes every file anew, from fixed keys.
func vectorFiles() map[string][]vector {
	return map[string][]vector{
		"records":     recordVectors(),
		"frames":      frameVectors(),
		"chains":      chainVectors(),
		"have":        haveVectors(),
		"beacons":     beaconVectors(),
		"charters":    charterVectors(),
		"invitations": invitationVectors(),
		"policies":    policyVectors(),
		"sealed":      sealedVectors(),
		"control":     controlVectors(),
		"texts":       textVectors(),
		"links":       linkVectors(),
		"ed25519":     ed25519Vectors(),
	}
}

func TestVectorsAreThoseOfTheFixedKeys(t *testing.T) {
	for name, cases := range vectorFiles() {
		seen := map[string]bool{}
		for _, c := range cases {
			if title := c["name"].(string); seen[title] {
				t.Errorf("%s: two cases are named %q", name, title)
			} else {
				seen[title] = true
			}
		}
		var out bytes.Buffer
		enc := json.NewEncoder(&out)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", " ")
		if err := enc.Encode(cases); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(vectorFolder, name+".json")
		if *update {
			if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		held, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(held, out.Bytes()) {
			t.Errorf("%s is not what the fixed keys give: if the wire was meant to change, go test ./schemas -update", path)
		}
	}
}

// The people of the vectors.
const (
	steward   protocol.InstitutionID = "int.regional.secretariat"
	registrar protocol.InstitutionID = "mk.national.crisis-centre"
	town      protocol.InstitutionID = "mk.southeast.gevgelija"
	neighbour protocol.InstitutionID = "mk.southeast.bogdanci"
)

// The keys of the vectors: the seed is 32 times this byte.
const (
	nodeKey      = 0x01 // town's, as in wire.md §1
	stewardKey   = 0x10
	registrarKey = 0x11
	identityKey  = 0x12 // town's
	linkKey      = 0x13 // town's
	claimKey     = 0x14
	listenerKey  = 0x15 // registrar's link key
	secondKey    = 0x16 // town's node key of epoch 2
	otherKey     = 0x17
)

func vectorKey(n byte) ed25519.PrivateKey { return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, 32)) }

func publicKey(n byte) protocol.Key { return protocol.KeyOf(vectorKey(n)) }

func signText(n byte, text []byte) protocol.Signature {
	return protocol.Signature(ed25519.Sign(vectorKey(n), text))
}

const exampleTime protocol.Instant = 1458205200000 // 2016-03-17T09:00:00.000Z

const exampleSalt = `{"salt":"AAECAwQFBgcICQoLDA0ODw=="`

// reportBody is a situation report with one figure.
func reportBody(present string) []byte {
	return []byte(exampleSalt + `,"place":{"scheme":"x","code":"mk:gevgelija"},"period":{"start":"2016-03-16T09:00:00Z","end":"2016-03-17T09:00:00Z"},` +
		`"figures":[{"indicator":"present","value":` + present + `}],"summary":"quiet"}`)
}

func at(id protocol.InstitutionID, topic protocol.Topic, epoch, sequence uint32) protocol.Name {
	return protocol.Name{Institution: id, Position: protocol.Position{Topic: topic, Epoch: epoch, Sequence: sequence}}
}

// wireExample is the record of wire.md §1.
func wireExample(edits ...func(*protocol.Record)) protocol.Record {
	r := protocol.Record{
		Name: at(town, protocol.Situation, 1, 1), Type: "vardar.situation.report.v1", Time: exampleTime,
		Previous: protocol.DigestOf([]byte("opener")), Handling: protocol.Green,
	}
	r.SetBody([]byte(exampleSalt + `,"summary":"quiet"}`))
	for _, edit := range edits {
		edit(&r)
	}
	r.Sign(vectorKey(nodeKey))
	return r
}

// read is what a decoder says of a record that holds.
func read(r *protocol.Record) vector {
	base := string(r.AppendBase(nil))
	return vector{
		"name": r.String(), "type": r.Type, "time_ms": int64(r.Time), "sealed": r.Sealed, "exercise": r.Exercise,
		"handling": r.Handling.String(), "previous": r.Previous.Hex(), "content_digest": r.ContentDigest.Hex(), "key": r.Key.String(),
		"signature_base": base, "digest": r.Digest().Hex(), "own_signature": r.Verify() == nil,
	}
}

func goodRecord(name string, r protocol.Record) vector {
	return vector{"name": name, "form": "block", "header": string(r.Block()), "body": string(r.Body), "read": read(&r)}
}

// recordVectors are records alone: header and body.
func recordVectors() []vector {
	at256 := bytes.Repeat([]byte{' '}, protocol.MaxBodyBytes-len(reportBody("1")))
	out := []vector{
		goodRecord("the example of wire.md 1", wireExample()),
		goodRecord("an exercise", wireExample(func(r *protocol.Record) { r.Exercise = true })),
		goodRecord("a figure", wireExample(func(r *protocol.Record) { r.SetBody(reportBody("1250")) })),
		goodRecord("the largest epoch and sequence", wireExample(func(r *protocol.Record) { r.Epoch, r.Sequence = protocol.MaxNumber, protocol.MaxNumber })),
		goodRecord("the first moment", wireExample(func(r *protocol.Record) { r.Time = 0 })),
		goodRecord("the last moment", wireExample(func(r *protocol.Record) { r.Time = protocol.MaxInstant })),
		goodRecord("a leap day", wireExample(func(r *protocol.Record) { r.Time = 1456745400123 })),
		goodRecord("a kind nobody knows", wireExample(func(r *protocol.Record) { r.Type = "vardar.situation." + strings.Repeat("z", 40) + ".v999" })),
		goodRecord("an ID of the longest tokens", wireExample(func(r *protocol.Record) {
			r.Institution = protocol.InstitutionID("int." + strings.Repeat("a", 40) + "." + strings.Repeat("0", 40))
		})),
		goodRecord("sealed, to named recipients", wireExample(func(r *protocol.Record) {
			r.Sealed, r.Handling, r.Type = true, protocol.Red, protocol.SealedType(protocol.Situation)
			r.SetBody([]byte("age-encryption.org/v1\nopaque to all but its recipients"))
		})),
		goodRecord("a body that is empty", wireExample(func(r *protocol.Record) { r.SetBody([]byte{}) })),
		goodRecord("a body that says something twice is the board's to judge", wireExample(func(r *protocol.Record) {
			r.SetBody([]byte(exampleSalt + `,"summary":"quiet","summary":"loud"}`))
		})),
	}
	for _, h := range []protocol.Handling{protocol.Clear, protocol.Amber, protocol.AmberStrict, protocol.Red} {
		out = append(out, goodRecord("marked "+h.String(), wireExample(func(r *protocol.Record) { r.Handling = h })))
	}
	for _, topic := range protocol.Topics() {
		out = append(out, goodRecord("topic "+topic.String(), wireExample(func(r *protocol.Record) {
			r.Topic, r.Type = topic, protocol.FullType(topic, "note.v1")
			r.SetBody([]byte(exampleSalt + `,"text":"hello"}`))
		})))
	}
	longest := wireExample(func(r *protocol.Record) { r.SetBody(append(reportBody("1"), at256...)) })
	out = append(out, vector{
		"name": "the longest body", "form": "block", "header": string(longest.Block()), "body_parts": parts(longest.Body), "read": read(&longest),
	})
	return append(append(out, otherForms()...), badRecords()...)
}

// otherForms are the same record as a NATS message and as an HTTP response.
func otherForms() []vector {
	r := wireExample()
	lines := strings.Split(strings.TrimSuffix(string(r.Block()), "\r\n\r\n"), "\r\n")
	mixed := []string{"NATS/1.0", "Nats-Stream: LOG", "Content-Length: 12"}
	for i := range lines {
		name, value, _ := strings.Cut(lines[len(lines)-1-i], ": ")
		mixed = append(mixed, strings.ToUpper(name)+":  "+value+" ")
	}
	fields := [][2]string{{"Date", "Thu, 17 Mar 2016 09:00:00 GMT"}, {"Cache-Control", "no-transform"}}
	for _, f := range r.Fields() {
		fields = append(fields, [2]string{strings.ToUpper(f[0][:1]) + f[0][1:], f[1]})
	}
	return []vector{
		{"name": "a NATS message", "form": "nats", "header": string(r.AppendNATS(nil)), "body": string(r.Body), "read": read(&r)},
		{"name": "a NATS message with its fields in any order and case, and others", "form": "nats", "header": strings.Join(mixed, "\r\n") + "\r\n\r\n", "body": string(r.Body), "read": read(&r)},
		{"name": "an HTTP response", "form": "http", "fields": fields, "body": string(r.Body), "read": read(&r)},
	}
}

// parts writes bytes as base64, long stretches of one byte as that byte and their length.
func parts(b []byte) []any {
	const stretch = 256
	var out []any
	from := 0
	for i := 0; i < len(b); {
		j := i
		for j < len(b) && b[j] == b[i] {
			j++
		}
		if j-i >= stretch {
			if i > from {
				out = append(out, base64.StdEncoding.EncodeToString(b[from:i]))
			}
			out = append(out, map[string]int{"byte": int(b[i]), "times": j - i})
			from = j
		}
		i = j
	}
	if from < len(b) {
		out = append(out, base64.StdEncoding.EncodeToString(b[from:]))
	}
	return out
}
