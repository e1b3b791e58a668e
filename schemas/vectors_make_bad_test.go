package schemas_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/protocol"
)

// badRecords each break exactly one rule, and are signed over what they say where that is
// possible, so that no reader refuses them for the signature alone.
func badRecords() []vector {
	out := append(badValues(), badBlocks()...)
	r := wireExample()
	changed := func(name, rule, header, body string) {
		out = append(out, vector{"name": name, "form": "block", "header": header, "body": body, "rule": rule})
	}
	block := string(r.Block())
	changed("one byte of the body changed", "body_digest", block, strings.Replace(string(r.Body), "quiet", "quits", 1))
	changed("a body one byte shorter", "body_digest", block, string(r.Body[:len(r.Body)-1]))
	for _, f := range [][3]string{
		{"ce-time", "09:00:00.000Z", "09:00:00.001Z"},
		{"ce-handling", "ce-handling: TLP:GREEN", "ce-handling: TLP:CLEAR"},
		{"ce-exercise", "ce-exercise: 0", "ce-exercise: 1"},
		{"ce-source", "/mk.southeast.gevgelija", "/mk.southeast.bogdanci"},
		{"ce-type", "report.v1", "report.v2"},
		{"content-type", "application/json", "application/vnd.age"},
		{"ce-previous", "rAU+0L", "sAU+0L"},
		{"the key", "8a88e3dd", "8a88e3dc"},
		{"the signature", "pzwwqOAt", "qzwwqOAt"},
	} {
		changed("changed under its signature: "+f[0], "not_signed", strings.Replace(block, f[1], f[2], 1), string(r.Body))
	}
	malleable := r
	malleable.Signature = addL(r.Signature, 1)
	changed("the signature with the order of the group added to S", "not_signed", string(malleable.Block()), string(r.Body))
	long := wireExample(func(r *protocol.Record) { r.SetBody(bytes.Repeat([]byte{'x'}, protocol.MaxBodyBytes+1)) })
	out = append(out, vector{"name": "a body one byte too long", "form": "block", "header": string(long.Block()), "body_parts": parts(long.Body), "rule": "body_too_long"})
	return out
}

// badValues are blocks with one value that its expression does not match, signed as they
// stand.
func badValues() []vector {
	var out []vector
	for _, c := range [][4]string{ // name, rule, field, value
		{"specversion of the next version", "spec_version", "ce-specversion", "1.1"},
		{"an id of two parts", "id", "ce-id", "situation.1"},
		{"an id of another epoch", "id_mismatch", "ce-id", "situation.2.1"},
		{"an id of another topic", "id_mismatch", "ce-id", "alert.1.1"},
		{"an id of another sequence", "id_mismatch", "ce-id", "situation.1.2"},
		{"an id with a leading zero", "id", "ce-id", "situation.1.01"},
		{"a source without slash", "source", "ce-source", "mk.southeast.gevgelija"},
		{"a source with a capital", "source", "ce-source", "/mk.southeast.Gevgelija"},
		{"a source of two tokens", "source", "ce-source", "/mk.gevgelija"},
		{"a source of four tokens", "source", "ce-source", "/mk.south.east.gevgelija"},
		{"a double hyphen", "source", "ce-source", "/mk.southeast.gev--gelija"},
		{"a hyphen at the end", "source", "ce-source", "/mk.southeast.gevgelija-"},
		{"a token of 41", "source", "ce-source", "/mk.southeast." + strings.Repeat("a", 41)},
		{"a country of one letter", "source", "ce-source", "/m.southeast.gevgelija"},
		{"a country of three letters that is not int", "source", "ce-source", "/mkd.southeast.gevgelija"},
		{"a type without version", "type", "ce-type", "vardar.situation.report"},
		{"a type of version 0", "type", "ce-type", "vardar.situation.report.v0"},
		{"a type of version 01", "type", "ce-type", "vardar.situation.report.v01"},
		{"a type of version 1000", "type", "ce-type", "vardar.situation.report.v1000"},
		{"a kind with a hyphen", "type", "ce-type", "vardar.situation.sit-rep.v1"},
		{"a kind of 41 letters", "type", "ce-type", "vardar.situation." + strings.Repeat("a", 41) + ".v1"},
		{"a type of another family", "type", "ce-type", "org.situation.report.v1"},
		{"a type of no topic", "type", "ce-type", "vardar.weather.report.v1"},
		{"a type of another topic", "type_topic", "ce-type", "vardar.alert.report.v1"},
		{"a time without milliseconds", "time", "ce-time", "2016-03-17T09:00:00Z"},
		{"a time with a comma", "value_bytes", "ce-time", "2016-03-17T09:00:00,000Z"},
		{"a time with an offset", "time", "ce-time", "2016-03-17T09:00:00.000+00:00"},
		{"a small t", "time", "ce-time", "2016-03-17t09:00:00.000Z"},
		{"a day that does not exist", "time", "ce-time", "2016-02-30T09:00:00.000Z"},
		{"29 February of no leap year", "time", "ce-time", "2015-02-29T09:00:00.000Z"},
		{"a leap second", "time", "ce-time", "2016-12-31T23:59:60.000Z"},
		{"hour 24", "time", "ce-time", "2016-03-17T24:00:00.000Z"},
		{"before 1970", "time", "ce-time", "1969-12-31T23:59:59.999Z"},
		{"a content type with a parameter", "content_type", "content-type", "application/json;charset=utf-8"},
		{"a content type in capitals", "content_type", "content-type", "Application/JSON"},
		{"an eighth topic", "topic", "ce-topic", "weather"},
		{"a topic in capitals", "topic", "ce-topic", "Situation"},
		{"epoch 0", "epoch", "ce-epoch", "0"},
		{"an epoch with a leading zero", "epoch", "ce-epoch", "01"},
		{"an epoch with a sign", "epoch", "ce-epoch", "+1"},
		{"an epoch too large", "epoch", "ce-epoch", "2147483648"},
		{"sequence 0", "sequence", "ce-sequence", "0"},
		{"a sequence with a leading zero", "sequence", "ce-sequence", "007"},
		{"a sequence too large", "sequence", "ce-sequence", "2147483648"},
		{"a sequence of eleven digits", "sequence", "ce-sequence", "10000000000"},
		{"previous of another algorithm", "previous", "ce-previous", "sha-512=:rAU+0LpBwfR6/Pd6vAXMETaXAYJQF0BKb3nVqr8B5cM=:"},
		{"previous without padding", "previous", "ce-previous", "sha-256=:rAU+0LpBwfR6/Pd6vAXMETaXAYJQF0BKb3nVqr8B5cM:"},
		{"previous with padding bits set", "previous", "ce-previous", "sha-256=:rAU+0LpBwfR6/Pd6vAXMETaXAYJQF0BKb3nVqr8B5cN=:"},
		{"previous in the alphabet of URLs", "previous", "ce-previous", "sha-256=:rAU-0LpBwfR6_Pd6vAXMETaXAYJQF0BKb3nVqr8B5cM=:"},
		{"no mark of TLP 2.0", "handling", "ce-handling", "TLP:WHITE"},
		{"a mark in small letters", "handling", "ce-handling", "tlp:green"},
		{"exercise true", "exercise", "ce-exercise", "true"},
		{"content digest with padding bits set", "content_digest", "content-digest", "sha-256=:JiQjCJDHTpYupD1cNKWYoF8eudHcOsUew+lkro7q2Pl=:"},
		{"content digest of 31 bytes", "content_digest", "content-digest", "sha-256=:JiQjCJDHTpYupD1cNKWYoF8eudHcOsUew+lkro7q2A==:"},
		{"a value with a per cent sign", "value_bytes", "ce-topic", "situ%61tion"},
		{"a value with a quote", "value_bytes", "ce-topic", "\"situation\""},
		{"a value with a comma", "value_bytes", "ce-handling", "TLP:GREEN,TLP:RED"},
		{"a value of 201 bytes", "value_bytes", "ce-type", "vardar.situation." + strings.Repeat("a", 201-17)},
	} {
		out = append(out, vector{"name": c[0], "form": "block", "header": signedBlock(c[2], c[3]), "rule": c[1]})
	}
	return out
}

// signedBlock is the example with one value replaced, signed over the replaced one.
func signedBlock(field, value string) string {
	r := wireExample()
	var base, block strings.Builder
	for _, f := range r.Fields() {
		if f[0] == field {
			f[1] = value
		}
		switch f[0] {
		case "signature-input":
			base.WriteString(`"@signature-params": ` + strings.TrimPrefix(f[1], "vardar="))
		case "signature":
			f[1] = "vardar=:" + signText(nodeKey, []byte(base.String())).String() + ":"
		default:
			fmt.Fprintf(&base, "%q: %s\n", f[0], f[1])
		}
		block.WriteString(f[0] + ": " + f[1] + "\r\n")
	}
	return block.String() + "\r\n"
}

// badBlocks break the form of the block, not a value of a signed field.
func badBlocks() []vector {
	r := wireExample()
	block := string(r.Block())
	lines := strings.SplitAfter(strings.TrimSuffix(block, "\r\n"), "\r\n")
	lines = lines[:len(lines)-1]
	joined := func(lines ...string) string { return strings.Join(lines, "") + "\r\n" }
	moved := slices.Concat(lines[1:2], lines[:1], lines[2:])
	replace := func(old, with string) string { return strings.Replace(block, old, with, 1) }
	bad := func(name, rule, header string) vector {
		return vector{"name": name, "form": "block", "header": header, "rule": rule}
	}
	nats := func(name, rule, header string) vector {
		return vector{"name": name, "form": "nats", "header": header, "rule": rule}
	}
	out := []vector{
		bad("no empty line at the end", "block_syntax", strings.TrimSuffix(block, "\r\n")),
		bad("lines ended by LF alone", "block_syntax", strings.ReplaceAll(block, "\r\n", "\n")),
		bad("bytes behind the empty line", "block_syntax", block+"x"),
		bad("a line without colon", "block_syntax", replace("ce-id: ", "ce-id ")),
		bad("a value that begins with a blank", "value_bytes", replace("ce-id: ", "ce-id:  ")),
		bad("a value that is empty", "value_bytes", replace("ce-topic: situation", "ce-topic: ")),
		bad("letters beyond ASCII", "block_syntax", replace("/mk.southeast.gevgelija", "/mk.southeast.гевгелија")),
		bad("empty", "block_syntax", ""),
		bad("no field at all", "field_missing", "\r\n"),
		bad("longer than 4,096 bytes", "block_too_long", block+strings.Repeat("x", 4096)),
		bad("two fields change places", "field_order", joined(moved...)),
		bad("a field with capitals in a stored block", "field_order", replace("ce-id:", "Ce-Id:")),
		bad("a foreign field in a stored block", "field_order", joined(append(slices.Clone(lines), "date: today\r\n")...)),
		bad("another ce- field", "field_unknown", joined(append(slices.Clone(lines), "ce-subject: gevgelija\r\n")...)),
		bad("a field twice", "field_twice", joined(append(slices.Clone(lines), lines[10])...)),
		bad("signature-input with one blank more", "signature_input", replace(`("ce-specversion" `, `("ce-specversion"  `)),
		bad("signature-input that leaves a field out", "signature_input", replace(` "ce-exercise"`, ``)),
		bad("signature-input with created", "signature_input", replace(`;tag=`, `;created=1458205200;tag=`)),
		bad("signature-input of another algorithm", "signature_input", replace(`alg="ed25519"`, `alg="rsa-v1_5-sha256"`)),
		bad("signature-input with another tag", "signature_input", replace(`vardar-record-v1`, `vardar-record-v2`)),
		bad("key in capitals", "signature_input", replace("8a88e3dd", "8A88E3DD")),
		bad("key of 31 bytes", "signature_input", replace(`6f5c"`, `6f"`)),
		bad("another label", "signature_field", replace("signature: vardar=", "signature: sig1=")),
		bad("signature of 63 bytes", "signature_field", replace("CA==:", "CA=:")),
		bad("signature with padding bits set", "signature_field", replace("CA==:", "CB==:")),
		bad("signed by a key of small order", "key_small_order", replace("8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c", "01"+strings.Repeat("0", 62))),
		bad("signed by a key that is written a second way", "key_encoding", replace("8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c", "f0"+strings.Repeat("f", 60)+"7f")),
		nats("not a NATS header", "block_syntax", block),
		nats("a NATS status line", "block_syntax", "NATS/1.0 503\r\n\r\n"),
		nats("a field twice, in another case", "field_twice", "NATS/1.0\r\n"+joined(append(slices.Clone(lines), "CE-Handling: TLP:CLEAR\r\n")...)),
		nats("another ce- field, in another case", "field_unknown", "NATS/1.0\r\n"+joined(append(slices.Clone(lines), "CE-Subject: x\r\n")...)),
		nats("129 fields", "field_count", "NATS/1.0\r\n"+joined(append(slices.Clone(lines), strings.Repeat("x: y\r\n", 129-15))...)),
		{"name": "an HTTP response with a field twice", "form": "http", "fields": append(httpFields(&r), [2]string{"CE-TOPIC", "alert"}), "rule": "field_twice"},
		{"name": "a field whose long s looks like ours", "form": "http", "fields": append(httpFields(&r), [2]string{"ce-ſource", "/mk.a.b"}), "rule": "field_unknown"},
	}
	for i, line := range lines {
		name, _, _ := strings.Cut(line, ":")
		out = append(out, bad("without "+name, "field_missing", joined(slices.Delete(slices.Clone(lines), i, i+1)...)))
	}
	return out
}

func httpFields(r *protocol.Record) [][2]string {
	fields := r.Fields()
	return slices.Clone(fields[:])
}
