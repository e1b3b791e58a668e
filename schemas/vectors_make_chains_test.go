package schemas_test

import (
	"encoding/hex"
	"fmt"
	"strconv"

	"github.com/vardar-network/vardar/protocol"
)

// story writes records one after the other and remembers what opened what.
type story struct {
	at    protocol.Instant
	heads map[protocol.EpochID]protocol.Digest
	steps []vector
}

// write adds the next record of an epoch; opener is the digest that its first record
// hangs on, by whom its name or "charter".
func (s *story) write(e protocol.EpochID, key byte, kind, body string, opener ...any) protocol.Record {
	s.at += 60_000
	r := protocol.Record{Name: at(e.Institution, e.Topic, e.Epoch, 1)}
	step := vector{}
	if len(opener) > 0 {
		r.Previous, step["opened_by"] = opener[0].(protocol.Digest), fmt.Sprint(opener[1])
	} else {
		r.Previous = s.heads[e]
		r.Sequence = s.sequence(e)
	}
	r.Type, r.Time, r.Handling = protocol.FullType(e.Topic, kind), s.at, protocol.Green
	r.SetBody([]byte(exampleSalt + body))
	r.Sign(vectorKey(key))
	s.heads[e] = r.Digest()
	step["name"], step["header"], step["body"], step["digest"] = r.String(), string(r.Block()), string(r.Body), r.Digest().Hex()
	s.steps = append(s.steps, step)
	return r
}

func epochOf(id protocol.InstitutionID, topic protocol.Topic, epoch uint32) protocol.EpochID {
	return protocol.EpochID{Feed: protocol.Feed{Institution: id, Topic: topic}, Epoch: epoch}
}

func (s *story) sequence(e protocol.EpochID) uint32 {
	n := uint32(1)
	for _, step := range s.steps {
		if name, err := protocol.ParseName(step["name"].(string)); err == nil && name.EpochID() == e {
			n++
		}
	}
	return n
}

func keyBody(id protocol.InstitutionID, use protocol.KeyUse, key byte, more string) string {
	return `,"use":"` + string(use) + `","key":"` + publicKey(key).String() + `","proof":"` + proofOf(id, use, key) + `"` + more + `}`
}

// newEpoch is what a key record says of the epoch of the situation feed that it opens.
func newEpoch(epoch int, last string) string {
	more := `,"feed_topic":"situation","feed_epoch":` + strconv.Itoa(epoch) + `,"wire":"v1"`
	if last != "" {
		more += `,"last":` + last
	}
	return more
}

func lastRecord(n uint32, d protocol.Digest) string {
	return fmt.Sprintf(`{"sequence":%d,"digest":"%s"}`, n, d)
}

// chainVectors tell how epochs open, from the charter down to a municipality's third
// epoch. Each step says which record, or the charter, opened its epoch; each epoch that
// states `last` which records of the one before it then count.
func chainVectors() []vector {
	charter := protocol.DigestOf([]byte(charterText()))
	s := &story{at: exampleTime, heads: map[protocol.EpochID]protocol.Digest{}}
	s.write(epochOf(registrar, protocol.Trust, 1), registrarKey, "key.v1", keyBody(registrar, protocol.UseLink, listenerKey, ""), charter, "charter")
	admission := s.write(epochOf(registrar, protocol.Trust, 1), registrarKey, "admission.v1",
		`,"institution":"`+string(town)+`","level":"municipality","feed_epoch":1,"claim":"`+publicKey(claimKey).String()+
			`","expires":"2016-03-24T00:00:00Z","charter":"`+charter.String()+`"}`)
	claim := signText(claimKey, protocol.ClaimText(town, publicKey(identityKey)))
	s.write(epochOf(town, protocol.Trust, 1), identityKey, "key.v1",
		keyBody(town, protocol.UseIdentity, identityKey, `,"claim_signature":"`+claim.String()+`"`), admission.Digest(), admission.Name)
	first := s.write(epochOf(town, protocol.Trust, 1), identityKey, "key.v1", keyBody(town, protocol.UseNode, nodeKey, newEpoch(1, "")))
	s.write(epochOf(town, protocol.Trust, 1), identityKey, "key.v1", keyBody(town, protocol.UseLink, linkKey, ""))
	report := func(epoch uint32, key byte, summary string, opener ...any) protocol.Record {
		return s.write(epochOf(town, protocol.Situation, epoch), key, "report.v1", `,"summary":"`+summary+`"}`, opener...)
	}
	report(1, nodeKey, "quiet", first.Digest(), first.Name)
	last := report(1, nodeKey, "forty arrivals")
	report(1, nodeKey, "written on a machine that was later restored")
	second := s.write(epochOf(town, protocol.Trust, 1), identityKey, "key.v1",
		keyBody(town, protocol.UseNode, secondKey, newEpoch(2, lastRecord(2, last.Digest()))))
	report(2, secondKey, "from the new machine", second.Digest(), second.Name)
	third := s.write(epochOf(town, protocol.Trust, 1), identityKey, "key.v1",
		keyBody(town, protocol.UseNode, otherKey, newEpoch(3, `"unknown"`)))
	report(3, otherKey, "what counts of epoch 2 isn't known", third.Digest(), third.Name)
	nothing := s.write(epochOf(town, protocol.Trust, 1), identityKey, "key.v1",
		keyBody(town, protocol.UseNode, nodeKey, newEpoch(4, lastRecord(0, third.Digest()))))
	report(4, nodeKey, "nothing of epoch 3 counts", nothing.Digest(), nothing.Name)
	forked := rival(last)
	return []vector{
		{
			"name": "from the charter to a fourth epoch", "charter": charterText(), "charter_digest": hex.EncodeToString(charter[:]), "records": s.steps,
			"claim": vector{"institution": town, "claim_key": publicKey(claimKey).String(), "identity_key": publicKey(identityKey).String(), "signature": claim.String()},
			"counts": map[string][]string{
				string(town) + "/situation.1": {string(town) + "/situation.1.1", string(town) + "/situation.1.2"},
				string(town) + "/situation.2": {string(town) + "/situation.2.1"},
				string(town) + "/situation.3": {},
				string(town) + "/situation.4": {string(town) + "/situation.4.1"},
			},
			"fork": vector{"name": forked.String(), "header": string(forked.Block()), "body": string(forked.Body), "digest": forked.Digest().Hex(), "rival_of": last.Digest().Hex()},
		},
	}
}

// rival is another record at the same position, by the same key: equivocation.
func rival(r protocol.Record) protocol.Record {
	r.SetBody([]byte(exampleSalt + `,"summary":"four hundred arrivals"}`))
	r.Sign(vectorKey(nodeKey))
	return r
}
