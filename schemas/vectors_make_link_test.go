package schemas_test

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/vardar-network/vardar/protocol"
)

// controlVectors are the JSON messages of a link. One that holds is written again as it
// stands in "again", if it is not the same text.
func controlVectors() []vector {
	d := protocol.DigestOf([]byte("charter")).String()
	feed := `"feed":"mk.southeast.gevgelija/situation","epoch":1`
	hello := `{"v":1,"wire":["v1"],"software":"vardar 0.1","institutions":["mk.southeast.gevgelija"],"policy":null,"charter":"` + d + `","time":"2016-03-17T09:00:00.000Z"}`
	example := wireExample()
	fork := envelopeOf(protocol.Acknowledgement{V: 1, Runs: []protocol.RunOutcome{protocol.NewFork(&example)}})
	var out []vector
	for _, c := range [][3]string{
		{"hello", "hello", hello},
		{"hello with members nobody knows", "hello", strings.Replace(hello, `"v":1`, `"v":1,"mood":{"x":[null]}`, 1)},
		{"have", "have", `{"v":1,"groups":{"situation mk.southeast":"555d643024296ba3b8fa75eafa17a65c5dec92e2c669b2903d3caf5ed4b22693"}}`},
		{"rows?", "rows_question", `{"v":1,"groups":["situation mk.southeast"],"after":["situation","mk.southeast.gevgelija",1,42,"27a36009d6bc2c6ea5d45ed98ac11d0d"]}`},
		{"rows", "rows", `{"v":1,"rows":[["situation","mk.southeast.gevgelija",1,42,"27a36009d6bc2c6ea5d45ed98ac11d0d"]]}`},
		{"bisect?", "bisect_question", `{"v":1,` + feed + `,"sequences":[1,21,42]}`},
		{"bisect", "bisect", `{"v":1,"digests":["27a36009d6bc2c6ea5d45ed98ac11d0d",null,"27a36009d6bc2c6ea5d45ed98ac11d0d"]}`},
		{"range?", "range_question", `{"v":1,` + feed + `,"from":12,"to":42,"bodies":true}`},
		{"bodies?", "bodies_question", `{"v":1,"records":["mk.southeast.gevgelija/situation.1.12"]}`},
		{"charter?", "charter_question", `{"v":1,"digest":"` + d + `"}`},
		{"own?", "own_question", hello},
		{"own?, from the second page on", "own_question", strings.TrimSuffix(hello, "}") + `,"after":["situation","mk.southeast.gevgelija",1,42,"27a36009d6bc2c6ea5d45ed98ac11d0d"]}`},
		{"beacons, each judged by itself", "beacons", `{"v":1,"beacons":["","vardar-beacon-v1\n"]}`},
		{"all beacons were believed", "beacons_answer", `{"v":1}`},
		{"the beacon of one was not believed", "beacons_answer", `{"v":1,"unbelieved":["mk.southeast.gevgelija"]}`},
		{"file?", "file_question", `{"v":1,"digest":"` + d + `","record":"mk.southeast.gevgelija/situation.1.12","offset":0}`},
		{"file?, its last byte", "file_question", `{"v":1,"digest":"` + d + `","record":"mk.southeast.gevgelija/situation.1.12","offset":33554431}`},
		{"accepted", "acknowledgement", `{"v":1,"runs":[{` + feed + `,"sequence":42,"outcome":"accepted"}],"busy":false}`},
		{"busy", "acknowledgement", `{"v":1,"runs":[],"busy":true}`},
		{"fork, with the record held there", "acknowledgement", fork},
		{"an error answer", "error", `{"v":1,"error":"not_wanted","detail":"funding is not in the policy"}`},
	} {
		out = append(out, vector{"name": c[0], "message": c[1], "text": c[2], "read": vector{}})
	}
	names := strings.TrimSuffix(strings.Repeat(`"mk.southeast.gevgelija/situation.1.12",`, 65), ",")
	for _, c := range [][4]string{
		{"of version 2", "control_version", "hello", strings.Replace(hello, `"v":1`, `"v":2`, 1)},
		{"without version", "json_missing", "hello", strings.Replace(hello, `"v":1,`, ``, 1)},
		{"hosting nobody", "control_bounds", "hello", strings.Replace(hello, `["mk.southeast.gevgelija"]`, `[]`, 1)},
		{"a null that is not allowed", "json_value", "hello", strings.Replace(hello, `"vardar 0.1"`, `null`, 1)},
		{"a member in another case", "json_missing", "hello", strings.Replace(hello, `"wire"`, `"Wire"`, 1)},
		{"a member twice", "json_twice", "hello", strings.Replace(hello, `"v":1`, `"v":1,"v":1`, 1)},
		{"a member twice, in another case", "json_twice", "hello", strings.Replace(hello, `"v":1`, `"v":1,"WIRE":["v2"]`, 1)},
		{"a member twice, where nobody looks", "json_twice", "hello", strings.Replace(hello, `"v":1`, `"v":1,"x":[{"a":1,"a":1}]`, 1)},
		{"32 lists below a member", "json_depth", "hello", strings.Replace(hello, `"v":1`, `"v":1,"x":`+strings.Repeat("[", 32)+strings.Repeat("]", 32), 1)},
		{"something behind it", "json_syntax", "hello", hello + "{}"},
		{"a byte-order mark", "json_syntax", "hello", "\ufeff" + hello},
		{"a digest without its algorithm", "digest_text", "charter_question", `{"v":1,"digest":"` + d[8:] + `"}`},
		{"a group without region", "institution", "have", `{"v":1,"groups":{"situation":"555d643024296ba3b8fa75eafa17a65c5dec92e2c669b2903d3caf5ed4b22693"}}`},
		{"a group digest of 31 bytes", "digest_text", "have", `{"v":1,"groups":{"situation mk.southeast":"555d643024296ba3b8fa75eafa17a65c5dec92e2c669b2903d3caf5ed4b226"}}`},
		{"a feed without topic", "name", "bisect_question", `{"v":1,"feed":"mk.southeast.gevgelija","epoch":1,"sequences":[1]}`},
		{"epoch 0", "control_bounds", "bisect_question", `{"v":1,"feed":"mk.southeast.gevgelija/situation","epoch":0,"sequences":[1]}`},
		{"no sequence", "control_bounds", "bisect_question", `{"v":1,` + feed + `,"sequences":[]}`},
		{"1,025 sequences", "control_bounds", "bisect_question", `{"v":1,` + feed + `,"sequences":[1` + strings.Repeat(",1", 1024) + `]}`},
		{"from behind to", "control_bounds", "range_question", `{"v":1,` + feed + `,"from":42,"to":12,"bodies":true}`},
		{"a sequence that is a text", "json_value", "range_question", `{"v":1,` + feed + `,"from":"12","to":42,"bodies":true}`},
		{"a sequence below zero", "json_value", "range_question", `{"v":1,` + feed + `,"from":-1,"to":42,"bodies":true}`},
		{"a sequence with a fraction", "json_value", "range_question", `{"v":1,` + feed + `,"from":1.0,"to":42,"bodies":true}`},
		{"65 bodies", "control_bounds", "bodies_question", `{"v":1,"records":[` + names + `]}`},
		{"a name without its position", "name", "bodies_question", `{"v":1,"records":["mk.southeast.gevgelija"]}`},
		{"own? behind a row of epoch 0", "epoch", "own_question", strings.TrimSuffix(hello, "}") + `,"after":["situation","mk.southeast.gevgelija",0,42,"27a36009d6bc2c6ea5d45ed98ac11d0d"]}`},
		{"own? of nobody", "control_bounds", "own_question", strings.Replace(hello, `["mk.southeast.gevgelija"]`, `[]`, 1)},
		{"beacons of version 2", "control_version", "beacons", `{"v":2,"beacons":[]}`},
		{"beacons that are none", "json_value", "beacons", `{"v":1,"beacons":[{}]}`},
		{"an answer to beacons that names nobody's", "institution", "beacons_answer", `{"v":1,"unbelieved":["gevgelija"]}`},
		{"a file from behind its end", "control_bounds", "file_question", `{"v":1,"digest":"` + d + `","record":"mk.southeast.gevgelija/situation.1.12","offset":33554432}`},
		{"a file from before its beginning", "control_bounds", "file_question", `{"v":1,"digest":"` + d + `","record":"mk.southeast.gevgelija/situation.1.12","offset":-1}`},
		{"a file that no record names", "json_missing", "file_question", `{"v":1,"digest":"` + d + `","offset":0}`},
		{"an outcome nobody knows", "json_value", "acknowledgement", `{"v":1,"runs":[{` + feed + `,"sequence":42,"outcome":"maybe"}],"busy":false}`},
		{"a number where a digest or null belongs", "json_value", "bisect", `{"v":1,"digests":[0]}`},
	} {
		out = append(out, vector{"name": c[0], "message": c[2], "text": c[3], "rule": c[1]})
	}
	long := bytes.Repeat([]byte{' '}, protocol.MaxControlBytes)
	copy(long, hello)
	return append(out,
		vector{"name": "1 MiB", "message": "hello", "parts": parts(long), "read": vector{}},
		vector{"name": "one byte more than 1 MiB", "message": "hello", "parts": parts(append(long, ' ')), "rule": "control_too_long"})
}

// textVectors are the short texts that stand in fields, members and on the phone. What
// holds is written as it was read.
func textVectors() []vector {
	var out []vector
	for _, c := range [][]string{
		{"institution", "mk.southeast.gevgelija", "xk.pec.istog", "int.marri.secretariat", "mk.a.b", "de.0.1", "mk.a-b.c-d-e", "mk." + strings.Repeat("a", 40) + ".b"},
		{"feed", "mk.southeast.gevgelija/situation"},
		{"group", "situation mk.southeast", "trust int.marri"},
		{"epoch", "mk.southeast.gevgelija/situation.2147483647"},
		{"name", "mk.southeast.gevgelija/situation.1.42", "xk.pec.istog/knowledge.2147483647.2147483647"},
		{"instant", "2016-03-17T09:00:00.000Z", "1970-01-01T00:00:00.000Z", "9999-12-31T23:59:59.999Z", "2000-02-29T23:59:59.001Z"},
		{"key", publicKey(nodeKey).String()},
		{"digest", protocol.DigestOf(nil).String()},
		{"signature", signText(nodeKey, nil).String()},
		{"topic", "trust", "alert", "situation", "resource", "policy", "funding", "knowledge"},
		{"handling", "TLP:CLEAR", "TLP:GREEN", "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"},
	} {
		for _, text := range c[1:] {
			out = append(out, vector{"name": c[0] + " " + text, "kind": c[0], "text": text, "read": vector{}})
		}
	}
	for _, c := range [][]string{
		{"institution", "institution", "", "mk", "mk.a", "mk.a.", "mk..b", "mk.a.b.c", "MK.a.b", "mk.a.B", "mk.-a.b", "mk.a-.b", "mk.a--b.c", "mk.a_b.c", "m.a.b", "mkd.a.b", "mk.a.б", " mk.a.b", "mk.a.b\n"},
		{"feed", "name", "", "mk.southeast.gevgelija"},
		{"feed", "topic", "mk.southeast.gevgelija/", "mk.southeast.gevgelija/weather", "mk.southeast.gevgelija/situation.1"},
		{"group", "topic", "", "weather mk.southeast", "mk.southeast situation"},
		{"group", "institution", "situation", "situation mk", "situation  mk.southeast", "situation mk.southeast.gevgelija"},
		{"epoch", "epoch", "mk.southeast.gevgelija/situation", "mk.southeast.gevgelija/situation.0", "mk.southeast.gevgelija/situation.01"},
		{"name", "name", "", "situation.1.42"},
		{"name", "id", "mk.southeast.gevgelija/situation", "mk.southeast.gevgelija/situation.1"},
		{"name", "sequence", "mk.southeast.gevgelija/situation.1.0", "mk.southeast.gevgelija/situation.1.42.1", "mk.southeast.gevgelija/situation.1.4 2"},
		{"name", "epoch", "mk.southeast.gevgelija/situation.2147483648.1"},
		{"instant", "time", "", "2016-03-17", "2016-03-17 09:00:00.000Z", "10000-01-01T00:00:00.000Z", "2016-3-17T09:00:00.000Z", "2016-03-17T09:00:60.000Z", "2016-03-17T09:00:00.0000Z"},
		{"key", "key_text", "", "8a88", strings.ToUpper(publicKey(nodeKey).String())},
		{"digest", "digest_text", "", protocol.DigestOf(nil).Hex(), "sha-512:" + protocol.DigestOf(nil).Hex(), strings.ToUpper(protocol.DigestOf(nil).String())},
		{"signature", "signature_text", "", signText(nodeKey, nil).String() + "\n", strings.TrimRight(signText(nodeKey, nil).String(), "=")},
		{"topic", "topic", "", "Trust", "weather"},
		{"handling", "handling", "", "TLP:WHITE", "GREEN", "TLP:AMBER STRICT"},
	} {
		for _, text := range c[2:] {
			out = append(out, vector{"name": fmt.Sprintf("no %s: %q", c[0], text), "kind": c[0], "text": text, "rule": c[1]})
		}
	}
	return out
}

// linkVectors are the texts of handshake and proofs, the token, and which replies may be
// answered.
func linkVectors() []vector {
	const nonce = "Zm9vYmFyYmF6cXV4"
	link, _ := protocol.LinkText(town, registrar, nonce)
	join, _ := protocol.JoinText(town, registrar, nonce)
	token := protocol.TokenOf(town, registrar)
	signed := func(name, kind string, n byte, text []byte, more vector) vector {
		v := vector{"name": name, "kind": kind, "institution": town, "key": publicKey(n).String(), "text": string(text), "signature": signText(n, text).String(), "read": vector{}}
		for k, value := range more {
			v[k] = value
		}
		return v
	}
	wrongProof := signed("a proof for another use", "proof", nodeKey, protocol.KeyProofText(town, protocol.UseLink, publicKey(nodeKey)), vector{"use": "node", "rule": "proof"})
	delete(wrongProof, "read")
	out := []vector{
		{"name": "the token of wire.md 5", "kind": "token", "dialler": town, "listener": registrar, "read": vector{"token": token}},
		{"name": "the token of the other direction", "kind": "token", "dialler": registrar, "listener": town, "read": vector{"token": protocol.TokenOf(registrar, town)}},
		signed("handshake of a dialler", "link", linkKey, link, vector{"listener": registrar, "nonce": nonce}),
		signed("handshake of a guest", "join", claimKey, join, vector{"listener": registrar, "nonce": nonce}),
		signed("proof of an identity key", "proof", identityKey, protocol.KeyProofText(town, protocol.UseIdentity, publicKey(identityKey)), vector{"use": "identity"}),
		signed("proof of a node key", "proof", nodeKey, protocol.KeyProofText(town, protocol.UseNode, publicKey(nodeKey)), vector{"use": "node"}),
		signed("proof of a link key", "proof", linkKey, protocol.KeyProofText(town, protocol.UseLink, publicKey(linkKey)), vector{"use": "link"}),
		signed("claim of an identity key", "claim", claimKey, protocol.ClaimText(town, publicKey(identityKey)), vector{"identity": publicKey(identityKey).String()}),
		wrongProof,
	}
	example := wireExample()
	for _, c := range [][2]string{
		{"a nonce of 10", "abcdefghij"},
		{"a nonce of 65", strings.Repeat("a", 65)},
		{"a nonce with a line break", "abcdefghijk\nlm"},
		{"a nonce that is a record's signature base", string(example.AppendBase(nil))},
		{"a nonce with a plus sign", "abc+defghijkl"},
	} {
		out = append(out, vector{"name": c[0], "kind": "link", "institution": town, "listener": registrar, "nonce": c[1], "rule": "nonce"})
	}
	l := string(token)
	for _, c := range []struct {
		name, reply string
		asks        string // who asked
		ok          bool
	}{
		{"the dialler's own inbox", "link." + l + ".inbox.a1B2", "dialler", true},
		{"40 letters", "link." + l + ".inbox." + strings.Repeat("a", 40), "dialler", true},
		{"41 letters", "link." + l + ".inbox." + strings.Repeat("a", 41), "dialler", false},
		{"nothing behind the prefix", "link." + l + ".inbox.", "dialler", false},
		{"two tokens", "link." + l + ".inbox.a.b", "dialler", false},
		{"a wildcard", "link." + l + ".inbox.>", "dialler", false},
		{"the listener's replies, asked by the dialler", "link." + l + ".reply.a", "dialler", false},
		{"the listener's replies", "link." + l + ".reply.a", "listener", true},
		{"another link's inbox", "link." + string(protocol.TokenOf(neighbour, registrar)) + ".inbox.a", "dialler", false},
		{"JetStream's interface", "$JS.API.STREAM.DELETE.LOG", "dialler", false},
		{"LOG", "vardar.v1.mk.southeast.gevgelija.alert.clear", "dialler", false},
		{"a subject of one token", "a1B2", "dialler", false},
		{"no reply", "", "dialler", false},
	} {
		out = append(out, vector{"name": "reply to " + c.name, "kind": "reply", "token": token, "reply": c.reply, "asks": c.asks, "read": vector{"answered": c.ok}})
	}
	return append(out, vector{"name": "subject in LOG", "kind": "subject", "header": string(example.Block()), "read": vector{"subject": protocol.LogSubject(&example)}})
}
