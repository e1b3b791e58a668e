package schemas_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/protocol"
)

func row(id protocol.InstitutionID, epoch, sequence uint32, head protocol.Digest) protocol.HaveRow {
	e := protocol.EpochID{Feed: protocol.Feed{Institution: id, Topic: protocol.Situation}, Epoch: epoch}
	return protocol.HaveRow{EpochID: e, Sequence: sequence, Head: head.Prefix()}
}

func haveVectors() []vector {
	example := wireExample()
	southeast := protocol.Group{Topic: protocol.Situation, Region: "mk.southeast"}
	group := func(name string, rows ...protocol.HaveRow) vector {
		given := slices.Clone(rows)
		sum := protocol.GroupDigest(southeast, rows) // sorts
		var encoded []string
		for _, r := range rows {
			encoded = append(encoded, hex.EncodeToString(r.AppendRow(nil)))
		}
		return vector{"name": name, "group": southeast, "rows": given, "read": vector{"sorted": encoded, "digest": sum.Hex()}}
	}
	d := func(s string) protocol.Digest { return protocol.DigestOf([]byte(s)) }
	one := row(town, 1, 1, example.Digest())
	out := []vector{
		group("the example of wire.md 3", one),
		group("two feeds, out of order", one, row(neighbour, 1, 7, d("b"))),
		group("two epochs, out of order: by number, not as text", row(town, 10, 3, d("x")), row(town, 9, 3, d("y"))),
		group("an epoch without last has a row for each branch", row(town, 1, 5, d("left")), row(town, 1, 5, d("right")), row(town, 1, 4, d("short"))),
		group("an epoch of whose predecessor nothing counts", row(town, 1, 0, d("opener"))),
		group("names sort as bytes", row("mk.southeast.a-b", 1, 1, d("1")), row("mk.southeast.a", 1, 1, d("2")), row("mk.southeast.a0", 1, 1, d("3"))),
	}
	whole := map[protocol.Group]protocol.Digest{
		southeast: protocol.GroupDigest(southeast, []protocol.HaveRow{one}),
		{Topic: protocol.Alert, Region: "mk.southeast"}:   d("alerts"),
		{Topic: protocol.Trust, Region: "int.regional"}:   d("trust"),
		{Topic: protocol.Situation, Region: "gr.central"}: d("greek"),
	}
	groups := map[string]string{}
	for g, sum := range whole {
		groups[g.String()] = sum.Hex()
	}
	out = append(out, vector{"name": "a whole have, as a witness states it", "groups": groups, "read": vector{"digest": protocol.HavesDigest(whole).Hex()}})
	for _, c := range [][3]string{
		{"a row of four parts", "json_value", `["situation","mk.a.b",1,42]`},
		{"a row of six parts", "json_value", `["situation","mk.a.b",1,42,"27a36009d6bc2c6ea5d45ed98ac11d0d",0]`},
		{"a row with nulls", "json_value", `[null,"mk.a.b",1,42,"27a36009d6bc2c6ea5d45ed98ac11d0d"]`},
		{"a row of epoch 0", "epoch", `["situation","mk.a.b",0,42,"27a36009d6bc2c6ea5d45ed98ac11d0d"]`},
		{"a row beyond the last sequence", "sequence", `["situation","mk.a.b",1,2147483648,"27a36009d6bc2c6ea5d45ed98ac11d0d"]`},
		{"a row of 15 bytes of digest", "digest_text", `["situation","mk.a.b",1,42,"27a36009d6bc2c6ea5d45ed98ac11d"]`},
		{"a row of no topic", "topic", `["weather","mk.a.b",1,42,"27a36009d6bc2c6ea5d45ed98ac11d0d"]`},
	} {
		out = append(out, vector{"name": c[0], "row": c[2], "rule": c[1]})
	}
	return out
}

func beaconVectors() []vector {
	example := wireExample()
	base := protocol.Beacon{Institution: town, Time: exampleTime + 15*60_000, Key: publicKey(nodeKey)}
	head := func(topic protocol.Topic, epoch, sequence uint32, d protocol.Digest) protocol.Head {
		return protocol.Head{Topic: topic, Epoch: epoch, Sequence: sequence, Digest: d}
	}
	own := head(protocol.Situation, 1, 1, example.Digest())
	opener := protocol.DigestOf([]byte("opener"))
	signed := func(n byte, heads ...protocol.Head) protocol.Beacon {
		b := base
		b.Heads = heads
		b.Signature = signText(n, b.Text())
		return b
	}
	good := func(name string, b protocol.Beacon) vector {
		heads := []string{}
		heads = append(heads, strings.Split(strings.TrimSpace(string(b.Text())), "\n")[4:]...)
		return vector{"name": name, "text": string(b.Wire()), "read": vector{"institution": b.Institution, "time": b.Time, "key": b.Key, "heads": heads}}
	}
	one := signed(nodeKey, own)
	out := []vector{
		good("the example of wire.md 8", one),
		good("three feeds, an epoch without records among them", signed(nodeKey, own, head(protocol.Trust, 1, 4, opener), head(protocol.Alert, 2, 0, opener))),
		good("two epochs of one feed", signed(nodeKey, own, head(protocol.Situation, 10, 1, opener), head(protocol.Situation, 2, 1, opener))),
	}
	bad := func(name, rule, text string) {
		out = append(out, vector{"name": name, "text": text, "rule": rule})
	}
	// resigned is a text with a good signature.
	resigned := func(text string) string { return text + "signature " + signText(nodeKey, []byte(text)).String() + "\n" }
	text := string(one.Text())
	replaced := func(old, with string) string {
		if !strings.Contains(text, old) {
			panic(old)
		}
		return resigned(strings.Replace(text, old, with, 1))
	}
	stranger := signed(otherKey, own)
	bad("signed by another key", "beacon_signature", string(stranger.Wire()))
	bad("changed under its signature", "beacon_signature", strings.Replace(string(one.Wire()), "situation 1 1", "situation 1 2", 1))
	bad("no head", "beacon_empty", resigned(strings.Join(strings.SplitAfter(text, "\n")[:4], "")))
	line := strings.SplitAfter(text, "\n")[4]
	bad("one head twice", "beacon_order", resigned(text+line))
	bad("heads out of order", "beacon_order", resigned(text+strings.Replace(line, "situation", "alert", 1)))
	bad("of another version", "beacon", replaced("vardar-beacon-v1", "vardar-beacon-v2"))
	bad("lines ended by CR LF", "beacon", resigned(strings.ReplaceAll(text, "\n", "\r\n")))
	bad("no signature", "beacon", text)
	bad("no LF at the end", "beacon", strings.TrimSuffix(string(one.Wire()), "\n"))
	bad("a signature with padding bits set", "beacon", strings.Replace(string(one.Wire()), "==\n", "=\n", 1))
	bad("a head with a leading zero", "beacon", replaced("situation 1 1", "situation 01 1"))
	bad("a head of no topic", "beacon", replaced("situation 1 1", "weather 1 1"))
	bad("a head with a blank more", "beacon", replaced("situation 1 1", "situation 1  1"))
	bad("a digest in capitals", "beacon", replaced(example.Digest().Hex(), strings.ToUpper(example.Digest().Hex())))
	bad("an institution that is none", "institution", replaced(string(town), "Gevgelija"))
	bad("a time without milliseconds", "time", replaced("09:15:00.000Z", "09:15:00Z"))
	bad("a key of small order", "key_small_order", replaced(publicKey(nodeKey).String(), strings.Repeat("0", 64)))
	bad("a key in capitals", "key_text", replaced(publicKey(nodeKey).String(), strings.ToUpper(publicKey(nodeKey).String())))
	bad("longer than 4,096 bytes", "beacon_too_long", resigned(text+strings.Repeat(line, 60)))
	return out
}

func policyText(edits ...string) string {
	document := fmt.Sprintf(`{"vardar":"link","number":3,"a":"%s","b":"%s","a_to_b":{"groups":["* mk.southeast","alert *"],"bodies":"TLP:AMBER","relay":"TLP:GREEN","kib_s":0},"b_to_a":{"groups":["* *"],"bodies":"TLP:GREEN","relay":"TLP:GREEN","kib_s":512}}`, town, registrar)
	for i := 0; i < len(edits); i += 2 {
		if !strings.Contains(document, edits[i]) {
			panic(edits[i])
		}
		document = strings.Replace(document, edits[i], edits[i+1], 1)
	}
	return document
}

func policyVectors() []vector {
	keys := map[protocol.InstitutionID]string{town: publicKey(linkKey).String(), registrar: publicKey(listenerKey).String()}
	signed := func(document string, b byte) protocol.SignedPolicy {
		p := protocol.SignedPolicy{Document: []byte(document)}
		p.Sign(town, vectorKey(linkKey))
		p.Sign(registrar, vectorKey(b))
		return p
	}
	good := signed(policyText(), listenerKey)
	carries := map[string]bool{
		"a situation mk.southeast": true, "a situation mk.northeast": false, "a alert gr.central": true, "a trust gr.central": true,
		"b funding int.regional": true,
	}
	out := []vector{{"name": "signed by both", "document": string(good.Document), "envelope": envelopeOf(good), "keys": keys, "read": vector{
		"digest": good.Digest().Hex(), "number": 3, "carries": carries,
	}}}
	bad := func(name, rule string, p protocol.SignedPolicy) {
		out = append(out, vector{"name": name, "document": string(p.Document), "envelope": envelopeOf(p), "keys": keys, "rule": rule})
	}
	one := signed(policyText(), listenerKey)
	one.Signatures = one.Signatures[:1]
	bad("signed by one side", "policy_signed", one)
	bad("signed by another key", "policy_signed", signed(policyText(), nodeKey))
	changed := signed(policyText(), listenerKey)
	changed.Document = []byte(policyText(`"number":3`, `"number":4`))
	bad("changed under its signatures", "policy_signed", changed)
	crowd := signed(policyText(), listenerKey)
	crowd.Signatures = append(crowd.Signatures, crowd.Signatures[0])
	bad("more signatures than sides", "json_value", crowd)
	for _, c := range [][4]string{
		{"another document", "policy", `"vardar":"link"`, `"vardar":"policy"`},
		{"number 0", "policy", `"number":3`, `"number":0`},
		{"with itself", "policy", `"b":"` + string(registrar), `"b":"` + string(town)},
		{"a rate below zero", "policy", `"kib_s":0`, `"kib_s":-1`},
		{"groups of no topic", "policy_pattern", `"alert *"`, `"weather *"`},
		{"groups of no region", "policy_pattern", `"alert *"`, `"alert"`},
		{"groups of a region by half", "policy_pattern", `"alert *"`, `"alert mk.south*"`},
		{"no mark for bodies", "json_missing", `"bodies":"TLP:AMBER",`, ``},
		{"a mark nobody knows", "handling", `TLP:AMBER`, `TLP:ORANGE`},
	} {
		bad(c[0], c[1], signed(policyText(c[2], c[3]), listenerKey))
	}
	return out
}

func sealedVectors() []vector {
	name := at(town, protocol.Resource, 1, 7)
	text := func(body string) string {
		return `{"source":"` + string(town) + `","id":"resource.1.7","type":"vardar.resource.request.v1","body":` + body + `}`
	}
	padded := func(s string, n int) []any { return parts(append([]byte(s), bytes.Repeat([]byte{' '}, n-len(s))...)) }
	body := exampleSalt + `,"summary":"<&>"}`
	long := exampleSalt + `,"summary":"` + strings.Repeat("x", 1500) + `"}`
	exact := exampleSalt + `,"summary":"` + strings.Repeat("x", 1024-len(text(exampleSalt+`,"summary":""}`))) + `"}`
	good := func(title, body string, n int) vector {
		return vector{"name": title, "record": name, "plaintext": padded(text(body), n), "read": vector{"type": "vardar.resource.request.v1", "body": body}}
	}
	out := []vector{
		good("padded to 1,024", body, 1024), good("padded to 2,048", long, 2048), good("exactly 1,024 without a blank", exact, 1024),
	}
	bad := func(title, rule, s string, n int) {
		out = append(out, vector{"name": title, "record": name, "plaintext": padded(s, n), "rule": rule})
	}
	bad("padded to 1,000", "sealed_padding", text(body), 1000)
	bad("padded to 512", "sealed_padding", text(body), 512)
	bad("padded further than to the next power of two", "sealed_padding", text(body), 2048)
	bad("more than 131,072", "sealed_padding", text(body), 1<<18)
	bad("padded with something else", "json_syntax", text(body)+"x", 1024)
	bad("another source than the header's", "sealed_source", strings.Replace(text(body), string(town), string(neighbour), 1), 1024)
	bad("another id than the header's", "sealed_source", strings.Replace(text(body), "resource.1.7", "resource.1.8", 1), 1024)
	bad("a type of another topic", "type_topic", strings.Replace(text(body), "vardar.resource", "vardar.alert", 1), 1024)
	bad("a type that is none", "type", strings.Replace(text(body), "vardar.resource.", "resource.", 1), 1024)
	bad("a body without salt", "salt", text(`{"summary":"quiet"}`), 1024)
	bad("a body whose salt is not first", "salt", text(`{"summary":"quiet","salt":"AAECAwQFBgcICQoLDA0ODw=="}`), 1024)
	bad("a salt of 15 bytes", "salt", text(`{"salt":"AAECAwQFBgcICQoLDA0O"}`), 1024)
	bad("a salt with padding bits set", "salt", text(`{"salt":"AAECAwQFBgcICQoLDA0ODx=="}`), 1024)
	bad("a member twice inside the body", "json_twice", text(exampleSalt+`,"x":1,"x":2}`), 1024)
	bad("a member missing", "json_missing", `{"source":"`+string(town)+`","id":"resource.1.7","type":"vardar.resource.request.v1"}`, 1024)
	crowd := []protocol.InstitutionID{town}
	for i := range 100 {
		crowd = append(crowd, protocol.InstitutionID(fmt.Sprintf("mk.southeast.m%d", i)))
	}
	return append(out,
		vector{"name": "100 recipients", "author": town, "to": crowd[:100], "read": vector{}},
		vector{"name": "101 recipients", "author": town, "to": crowd, "rule": "recipients"},
		vector{"name": "without its author", "author": town, "to": crowd[1:3], "rule": "recipients"},
		vector{"name": "one recipient twice", "author": town, "to": []protocol.InstitutionID{town, town}, "rule": "recipients"})
}
