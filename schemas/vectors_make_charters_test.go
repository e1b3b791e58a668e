package schemas_test

import (
	"fmt"
	"strings"

	"github.com/vardar-network/vardar/protocol"
)

// later is a charter of the vectors' network that follows another; edits as in charterText.
func later(version int, previous protocol.SignedCharter, edits ...string) string {
	return charterText(append([]string{`"version":1`, fmt.Sprintf(`"version":%d`, version), `"previous":null`, `"previous":"` + previous.Digest().String() + `"`}, edits...)...)
}

// laterCharterVectors are versions that follow one another: `after` is the envelope of the
// version before; of one that ends a rivalry `common`, `after` and `rival` are those of the
// version before both, of its predecessor, and of the other.
func laterCharterVectors() []vector {
	first := signedCharter(charterText(), stewardKey, registrarKey)
	var out []vector
	add := func(name, rule string, c, after protocol.SignedCharter, more ...protocol.SignedCharter) {
		v := vector{"name": name, "document": string(c.Document), "envelope": envelopeOf(c), "after": envelopeOf(after)}
		if len(more) > 0 {
			v["common"], v["rival"] = envelopeOf(more[0]), envelopeOf(more[1])
		}
		if v["rule"] = rule; rule == "" {
			delete(v, "rule")
			v["read"] = readCharter(c)
		}
		out = append(out, v)
	}
	const year = `2026-03-17T00:00:00Z`
	both := []byte{stewardKey, registrarKey}
	second := signedCharter(later(2, first, year, `2027-03-17T00:00:00Z`), both...)
	rival := signedCharter(later(2, first, year, `2028-03-17T00:00:00Z`), registrarKey, otherKey)
	third := signedCharter(later(3, second), stewardKey, otherKey)
	add("version 2 after version 1", "", second, first)
	add("version 3 after version 2", "", third, second)
	add("a rival of version 2", "", rival, first)
	add("version 2 with a member that only a newer vardar knows", "", signedCharter(later(2, first, `"networks"`, `"assembly":{"quorum":7},"networks"`), both...), first)

	// The steward goes on with another key in its epoch 2.
	entry := fmt.Sprintf(`"key":"%s","proof":"%s"`, publicKey(stewardKey), proofOf(steward, protocol.UseIdentity, stewardKey))
	rotated := func(key byte, more string) string {
		next := fmt.Sprintf(`"key":"%s","proof":"%s"%s`, publicKey(key), proofOf(steward, protocol.UseIdentity, key), more)
		return strings.ReplaceAll(later(2, first), entry, next)
	}
	const last = `,"epoch":2,"last":{"sequence":7,"digest":"sha-256:0000000000000000000000000000000000000000000000000000000000000007"}`
	turned := signedCharter(rotated(nodeKey, last), stewardKey, nodeKey, registrarKey) // nodeKey signs as the steward too
	add("a steward's second epoch, signed with both its keys", "", turned, first)
	add("a steward's second epoch whose last is unknown", "", signedCharter(rotated(nodeKey, `,"epoch":2,"last":"unknown"`), stewardKey, nodeKey, registrarKey), first)
	add("another key in the same epoch", "charter_epoch", signedCharter(rotated(nodeKey, ``), stewardKey, nodeKey, registrarKey), first)
	add("the next epoch with the same key", "charter_epoch", signedCharter(rotated(stewardKey, last), both...), first)
	add("an epoch left out", "charter_epoch", signedCharter(rotated(nodeKey, strings.Replace(last, "2", "3", 1)), stewardKey, nodeKey, registrarKey), first)
	add("a second epoch without last", "charter", signedCharter(rotated(nodeKey, `,"epoch":2`), stewardKey, nodeKey, registrarKey), first)
	add("signed by the stewards to be alone", "charter_before", signedCharter(rotated(nodeKey, last), nodeKey, registrarKey), first)

	add("a version left out", "charter_after", signedCharter(later(3, first), both...), first)
	add("the same version again", "charter_after", signedCharter(later(2, second), both...), second)
	add("of another predecessor", "charter_after", signedCharter(later(2, rival), both...), first)
	add("version 2, signed by one of three", "charter_signed", signedCharter(later(2, first), stewardKey), first)
	add("signed by a threshold of its own that is half", "threshold", signedCharter(later(2, first, `"threshold":2`, `"threshold":1`), stewardKey), first)
	add("names a rival without a rivalry", "charter_rivals", signedCharter(later(3, second, `"networks"`, `"rival":"`+first.Digest().String()+`","networks"`), both...), second)
	endedVectors(first, add)

	ending := func(by ...byte) protocol.SignedCharter {
		return signedCharter(later(3, second, `"networks"`, `"rival":"`+rival.Digest().String()+`","networks"`), by...)
	}
	// The registrar signed both, so the other two alone are asked.
	add("ends a rivalry", "", ending(stewardKey, otherKey), second, first, rival)
	add("a rivalry ended with him who signed both", "charter_rivals", ending(stewardKey, registrarKey), second, first, rival)
	add("a rivalry that it does not name", "charter_rivals", third, second, first, rival)
	stranger := signedCharter(later(2, second), both...)
	add("a rivalry of two that do not follow the same one", "charter_rivals",
		signedCharter(later(3, second, `"networks"`, `"rival":"`+stranger.Digest().String()+`","networks"`), both...), second, first, stranger)
	return out
}

// endedVectors take a prefix from the registrar and give it to the steward.
func endedVectors(first protocol.SignedCharter, add func(string, string, protocol.SignedCharter, protocol.SignedCharter, ...protocol.SignedCharter)) {
	both := []byte{stewardKey, registrarKey}
	const given, ended = `"mk.northeast."`, `"networks"`
	end := func(id protocol.InstitutionID, prefix, last string) string {
		return `{"institution":"` + string(id) + `","prefixes":["` + prefix + `"],"epoch":1,"last":` + last + `}`
	}
	ends := func(all ...string) string { return `"ended":[` + strings.Join(all, ",") + `],"networks"` }
	const held = `{"sequence":12,"digest":"sha-256:0000000000000000000000000000000000000000000000000000000000000012"}`
	add("a longer prefix given to another", "", signedCharter(later(2, first, given, `"mk.southeast."`, ended,
		ends(end(registrar, "mk.southeast.", held), end(steward, "mk.northeast.", held))), both...), first)
	add("a longer prefix given to another without a word", "charter_ended", signedCharter(later(2, first, given, `"mk.northeast.","mk.southeast."`), both...), first)
	add("a prefix taken without a word", "charter_ended", signedCharter(later(2, first, `,"mk.northeast."`, ``), both...), first)
	add("ended, with last unknown", "charter_ended", signedCharter(later(2, first, given, `"mk.northeast.","mk.southeast."`, ended, ends(end(registrar, "mk.southeast.", `"unknown"`))), both...), first)
	add("ended, and held on", "prefix", signedCharter(later(2, first, ended, ends(end(registrar, "mk.", held))), both...), first)
}
