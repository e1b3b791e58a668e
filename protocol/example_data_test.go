package protocol_test

import (
	"crypto/ed25519"
	"encoding/base64"

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
