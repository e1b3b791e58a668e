package schemas_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"math/big"
	"os"
	"strings"
	"time"

	"github.com/vardar-network/vardar/protocol"
)

func proofOf(id protocol.InstitutionID, use protocol.KeyUse, n byte) string {
	return signText(n, protocol.KeyProofText(id, use, publicKey(n))).String()
}

// charterText is the document of the vectors' network; edits are pairs of text to replace.
func charterText(edits ...string) string {
	document := fmt.Sprintf(`{"vardar":"charter","version":1,"network":"Vardar vectors","previous":null,"threshold":2,
 "stewards":[{"institution":"%[1]s","key":"%[2]s","proof":"%[3]s"},
  {"institution":"%[4]s","key":"%[5]s","proof":"%[6]s"},
  {"institution":"%[7]s","key":"%[8]s","proof":"%[9]s"}],
 "registrars":[{"institution":"%[4]s","prefixes":["mk."],"key":"%[5]s","proof":"%[6]s"},
  {"institution":"%[1]s","prefixes":["int.","mk.northeast."],"key":"%[2]s","proof":"%[3]s"}],
 "members_may":{"municipality":["vardar.situation.*","vardar.resource.*"]},"handling":{"vardar.situation.report.v1":"TLP:GREEN"},
 "retention_days":{"vardar.situation.report.v1":3650},"groups":{"mk-southeast":["mk.southeast."]},
 "quota":{"records_a_day":2000,"mib_a_day":32},"networks":[],"expires":"2026-03-17T00:00:00Z"}`,
		steward, publicKey(stewardKey), proofOf(steward, protocol.UseIdentity, stewardKey),
		registrar, publicKey(registrarKey), proofOf(registrar, protocol.UseIdentity, registrarKey),
		neighbour, publicKey(otherKey), proofOf(neighbour, protocol.UseIdentity, otherKey))
	for i := 0; i < len(edits); i += 2 {
		if !strings.Contains(document, edits[i]) {
			panic("no such text: " + edits[i])
		}
		document = strings.Replace(document, edits[i], edits[i+1], 1)
	}
	return document
}

func signedCharter(document string, by ...byte) protocol.SignedCharter {
	names := map[byte]protocol.InstitutionID{stewardKey: steward, registrarKey: registrar, otherKey: neighbour, nodeKey: steward, claimKey: town}
	c := protocol.SignedCharter{Document: []byte(document)}
	for _, n := range by {
		c.Sign(names[n], vectorKey(n))
	}
	return c
}

func envelopeOf(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// readCharter is what a version says, as the package that made it reads it.
func readCharter(s protocol.SignedCharter) vector {
	c, err := protocol.ParseCharter(s.Document)
	if err != nil {
		panic(err)
	}
	registrars, keys := map[protocol.InstitutionID]string{}, map[protocol.InstitutionID]string{}
	for _, id := range []protocol.InstitutionID{town, "mk.northeast.kumanovo", "gr.central-macedonia.kilkis"} {
		admits, _ := c.RegistrarOf(id)
		registrars[id] = string(admits)
	}
	for _, id := range []protocol.InstitutionID{steward, registrar, town} {
		keys[id] = ""
		if key, ok := c.KeyOf(id); ok {
			keys[id] = key.String()
		}
	}
	return vector{"digest": s.Digest().Hex(), "network": c.Network, "newer": append([]string{}, c.Newer...), "registrars": registrars, "keys": keys}
}

func charterVectors() []vector {
	good := func(name string, c protocol.SignedCharter) vector {
		return vector{"name": name, "document": string(c.Document), "envelope": envelopeOf(c), "read": readCharter(c)}
	}
	previous := protocol.DigestOf([]byte("version 1")).String()
	out := []vector{
		good("version 1, signed by two of three", signedCharter(charterText(), stewardKey, registrarKey)),
		good("signed by all", signedCharter(charterText(), otherKey, stewardKey, registrarKey)),
		good("version 2 names the one before", signedCharter(charterText(`"version":1`, `"version":2`, `"previous":null`, `"previous":"`+previous+`"`), stewardKey, otherKey)),
		good("a member that only a newer vardar knows", signedCharter(charterText(`"networks"`, `"assembly":{"quorum":7},"networks"`), stewardKey, registrarKey)),
		good("one signature too many, of nobody's", signedCharter(charterText(), stewardKey, registrarKey, claimKey)),
	}
	bad := func(name, rule string, c protocol.SignedCharter) {
		out = append(out, vector{"name": name, "document": string(c.Document), "envelope": envelopeOf(c), "rule": rule})
	}
	bad("signed by one of three", "charter_signed", signedCharter(charterText(), stewardKey))
	bad("signed twice by one", "charter_signed", signedCharter(charterText(), stewardKey, stewardKey))
	bad("signed in a steward's name by another key", "charter_signed", signedCharter(charterText(), nodeKey, registrarKey))
	changed := signedCharter(charterText(), stewardKey, registrarKey)
	changed.Document = []byte(charterText(`2026-03-17`, `2027-03-17`))
	bad("changed under its signatures", "charter_signed", changed)
	for _, c := range [][]string{
		{"another document", "charter_version", `"vardar":"charter"`, `"vardar":"constitution"`},
		{"a member is missing", "json_missing", `"quota":{"records_a_day":2000,"mib_a_day":32},`, ``},
		{"a member stands twice", "json_twice", `"threshold":2`, `"threshold":2,"threshold":3`},
		{"version 1 that names one before", "charter", `"previous":null`, `"previous":"` + previous + `"`},
		{"version 2 that names none before", "charter", `"version":1`, `"version":2`},
		{"version 0", "charter", `"version":1`, `"version":0`},
		{"no name", "charter", `Vardar vectors`, ``},
		{"a name that steers the terminal", "charter", `Vardar vectors`, `Vardar\u001b[2J`},
		{"threshold of half and less", "threshold", `"threshold":2`, `"threshold":1`},
		{"threshold of more than there are", "threshold", `"threshold":2`, `"threshold":4`},
		{"a steward with another's proof", "proof", proofOf(steward, protocol.UseIdentity, stewardKey), proofOf(registrar, protocol.UseIdentity, registrarKey)},
		{"a proof for another use", "proof", proofOf(steward, protocol.UseIdentity, stewardKey), proofOf(steward, protocol.UseNode, stewardKey)},
		{"a steward with a key of small order", "key_small_order", publicKey(stewardKey).String(), "01" + strings.Repeat("0", 62)},
		{"one key for two institutions", "charter_keys", string(neighbour) + `","key":"` + publicKey(otherKey).String(), string(neighbour) + `","key":"` + publicKey(stewardKey).String()},
		{"a steward named twice", "charter_keys", string(neighbour), string(steward)},
		{"a prefix without dot", "prefix", `["mk."]`, `["mk"]`},
		{"a prefix of three tokens", "prefix", `["mk."]`, `["mk.southeast.gevgelija."]`},
		{"a prefix that two hold", "prefix", `"mk.northeast."`, `"mk."`},
		{"retention of no day", "charter", `3650`, `0`},
		{"a day that does not exist", "date", `2026-03-17`, `2026-02-30`},
		{"half a second", "date", `00:00:00Z`, `00:00:00.5Z`},
		{"a mark of TLP 1", "handling", `"TLP:GREEN"`, `"TLP:WHITE"`},
		{"not JSON", "json_syntax", `"previous":null,`, `"previous":null,,`},
	} {
		bad(c[0], c[1], signedCharter(charterText(c[2:]...), stewardKey, registrarKey))
	}
	padded := envelopeOf(signedCharter("{} ", stewardKey))
	out = append(out,
		vector{"name": "base64 with padding bits set", "envelope": strings.Replace(padded, base64.StdEncoding.EncodeToString([]byte("{} ")), "e31=", 1), "rule": "json_value"},
		vector{"name": "base64 over two lines", "envelope": strings.Replace(padded, base64.StdEncoding.EncodeToString([]byte("{} ")), `e30\ng`, 1), "rule": "json_value"})
	return append(out, laterCharterVectors()...)
}

func exampleInvitation() protocol.Invitation {
	return protocol.Invitation{
		Network: "Vardar vectors", Charter: protocol.DigestOf([]byte(charterText())), Registrar: registrar, Institution: town,
		Addresses: []string{"crisis.example.org:4222", "[2001:db8::1]:4222"}, ListenerKey: publicKey(listenerKey), Listener: registrar,
		Claim: vectorKey(claimKey), Expires: time.Date(2016, 3, 24, 0, 0, 0, 0, time.UTC),
	}
}

// invitationLine wraps any text as an invitation whose check is right.
func invitationLine(text string) string {
	line := "vardar1." + base64.RawURLEncoding.EncodeToString([]byte(text))
	return line + "." + protocol.DigestOf([]byte(line)).Hex()[:8]
}

func invitationVectors() []vector {
	v := exampleInvitation()
	line := v.Line()
	text, _ := base64.RawURLEncoding.DecodeString(strings.Split(line, ".")[1])
	read := vector{
		"network": v.Network, "charter": v.Charter.Hex(), "registrar": v.Registrar, "institution": v.Institution, "addresses": v.Addresses,
		"listener": v.Listener, "listener_key": v.ListenerKey.String(), "claim": publicKey(claimKey).String(), "expires": "2016-03-24T00:00:00Z",
		"check_words": checkWords(line),
	}
	out := []vector{
		{"name": "an invitation", "line": line, "text": string(text), "read": read},
		{"name": "with blanks around it, as mail programs leave them", "line": "  " + line + " \r\n", "read": read},
		{"name": "one letter mistyped", "line": strings.Replace(line, "a", "b", 1), "rule": "invitation"},
		{"name": "cut", "line": line[:len(line)-3], "rule": "invitation"},
		{"name": "cut before its check", "line": line[:strings.LastIndex(line, ".")], "rule": "invitation"},
		{"name": "broken over two lines, with a check to suit", "line": brokenLine(line), "rule": "invitation"},
		{"name": "of another version", "line": strings.Replace(line, "vardar1.", "vardar2.", 1), "rule": "invitation"},
		{"name": "empty", "line": "", "rule": "invitation"},
		{"name": "too long", "line": "vardar1." + strings.Repeat("A", 1024), "rule": "invitation_long"},
	}
	near := v
	near.Neighbour = &protocol.Neighbour{Institution: "mk.southeast.bogdanci", Address: "bogdanci.example.org:4222", Key: publicKey(otherKey)}
	nearRead := maps.Clone(read)
	nearRead["check_words"] = checkWords(near.Line())
	nearRead["neighbour"] = near.Neighbour
	nearText, _ := base64.RawURLEncoding.DecodeString(strings.Split(near.Line(), ".")[1])
	out = append(out, vector{"name": "with a neighbour", "line": near.Line(), "text": string(nearText), "read": nearRead})
	later := v
	later.Settled = protocol.DigestOf([]byte("a later version"))
	laterRead := maps.Clone(read)
	laterRead["check_words"] = checkWords(later.Line())
	laterRead["settled"] = later.Settled.Hex()
	laterText, _ := base64.RawURLEncoding.DecodeString(strings.Split(later.Line(), ".")[1])
	out = append(out, vector{"name": "of a network whose charter has a later version", "line": later.Line(), "text": string(laterText), "read": laterRead})
	for _, c := range [][4]string{
		{"a neighbour without port", "address", `"e":"2016-03-24T00:00:00Z"`, `"e":"2016-03-24T00:00:00Z","b":{"institution":"mk.southeast.bogdanci","address":"bogdanci.example.org","key":"` + publicKey(otherKey).String() + `"}`},
		{"without address", "json_value", `["crisis.example.org:4222","[2001:db8::1]:4222"]`, `[]`},
		{"an address without port", "address", `crisis.example.org:4222`, `crisis.example.org`},
		{"an address of port 0", "address", `:4222`, `:0`},
		{"an address with a blank", "address", `crisis.example`, `crisis example`},
		{"a secret of 31 bytes", "key_text", `1414"`, `14"`},
		{"a listener key of small order", "key_small_order", publicKey(listenerKey).String(), strings.Repeat("0", 64)},
		{"an institution that is none", "institution", `"mk.southeast.gevgelija"`, `"Gevgelija"`},
		{"a day that does not exist", "date", `2016-03-24`, `2016-02-30`},
		{"a charter in capitals", "digest_text", v.Charter.Hex(), strings.ToUpper(v.Charter.Hex())},
		{"a later version that is no digest", "digest_text", `"e":"2016-03-24T00:00:00Z"`, `"e":"2016-03-24T00:00:00Z","v":"2"`},
		{"no network", "json_value", `Vardar vectors`, ``},
		{"a member missing", "json_missing", `"n":"Vardar vectors",`, ``},
	} {
		if !strings.Contains(string(text), c[2]) {
			panic(c[2])
		}
		changed := strings.Replace(string(text), c[2], c[3], 1)
		out = append(out, vector{"name": c[0], "line": invitationLine(changed), "text": changed, "rule": c[1]})
	}
	return out
}

// checkWords takes the words by plain arithmetic on the whole digest, apart from package
// protocol.
func checkWords(line string) []string {
	raw, err := os.ReadFile("../protocol/eff-short-1.txt")
	if err != nil {
		panic(err)
	}
	list := strings.Split(strings.TrimSuffix(string(raw), "\n"), "\n")
	sum := sha256.Sum256([]byte(line))
	var out []string
	for i := 0; i < 30; i += 5 {
		number := new(big.Int).SetBytes(sum[i : i+5])
		out = append(out, list[number.Mod(number, big.NewInt(1296)).Int64()])
	}
	return out
}

func brokenLine(line string) string {
	line = line[:60] + "\n" + line[60:strings.LastIndex(line, ".")]
	return line + "." + protocol.DigestOf([]byte(line)).Hex()[:8]
}
