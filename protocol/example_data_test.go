package protocol_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"os"
	"testing"

	"github.com/vardar-network/vardar/protocol"
)

func sign(text []byte) protocol.Signature {
	return protocol.Signature(ed25519.Sign(exampleKey(), text))
}

// invitationLine wraps any text as an invitation whose check is right.
func invitationLine(text string) string {
	line := "vardar1." + base64.RawURLEncoding.EncodeToString([]byte(text))
	return line + "." + protocol.DigestOf([]byte(line)).Hex()[:8]
}

// exampleCharter is a charter of one steward, who is the registrar too.
func exampleCharter() string {
	const id = "mk.national.a"
	key := protocol.KeyOf(exampleKey())
	who := `"institution":"` + id + `","key":"` + key.String() + `","proof":"` + sign(protocol.KeyProofText(id, protocol.UseIdentity, key)).String() + `"`
	return `{"vardar":"charter","version":1,"network":"x","previous":null,"threshold":1,"stewards":[{` + who + `}],"registrars":[{"prefixes":["mk."],` + who +
		`}],"members_may":{"municipality":["vardar.situation.*"]},"handling":{"vardar.situation.report.v1":"TLP:GREEN"},"retention_days":{},"groups":{},` +
		`"quota":{"records_a_day":1,"mib_a_day":1},"networks":[],"expires":"2026-03-17T00:00:00Z"}`
}

// seeds gives what stands under a member of every vector of a file, bytes from their
// parts; long ones are left out, since a fuzzer makes little of them.
func seeds(f *testing.F, file, member string) [][]byte {
	f.Helper()
	const most = 8192
	text, err := os.ReadFile("../schemas/testdata/vectors/" + file + ".json")
	if err != nil {
		f.Fatal(err)
	}
	var cases []map[string]json.RawMessage
	if err := json.Unmarshal(text, &cases); err != nil {
		f.Fatal(err)
	}
	var out [][]byte
	for _, c := range cases {
		var whole string
		if json.Unmarshal(c[member], &whole) == nil && c[member] != nil {
			out = append(out, []byte(whole))
		}
		var parts []json.RawMessage
		_ = json.Unmarshal(c[member], &parts)
		var joined []byte
		for _, part := range parts {
			var piece []byte
			var stretch struct{ Byte, Times int }
			if json.Unmarshal(part, &piece) != nil && json.Unmarshal(part, &stretch) == nil {
				piece = bytes.Repeat([]byte{byte(stretch.Byte)}, stretch.Times)
			}
			joined = append(joined, piece...)
		}
		if len(joined) > 0 && len(joined) < most {
			out = append(out, joined)
		}
	}
	if len(out) == 0 {
		f.Fatalf("%s has no %s", file, member)
	}
	return out
}
