package federation_test

import (
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vardar-network/vardar/protocol"
)

// sound is evidence of a small network in which all holds: a registrar, its member with
// two records, and one node of each.
func sound(t *testing.T) *evidence {
	t.Helper()
	registrar, member := keyFrom(1), keyFrom(2)
	text := func(v any) []byte {
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	charter := protocol.SignedCharter{Document: text(map[string]any{
		"vardar": "charter", "version": 1, "network": "test", "previous": nil, "threshold": 1,
		"stewards": []any{map[string]any{"institution": capital, "key": protocol.KeyOf(registrar), "proof": proofOf(capital, registrar)}},
		"registrars": []any{map[string]any{
			"institution": capital, "prefixes": []string{"mk."}, "key": protocol.KeyOf(registrar), "proof": proofOf(capital, registrar),
		}},
		"members_may": map[string]any{}, "handling": map[string]any{}, "retention_days": map[string]any{}, "groups": map[string]any{},
		"quota": map[string]any{"records_a_day": 1, "mib_a_day": 1}, "networks": []any{}, "expires": "2030-01-01T00:00:00Z",
	})}
	var held []kept
	add := func(id protocol.InstitutionID, p protocol.Position, kind string, key ed25519.PrivateKey, previous protocol.Digest, body any) protocol.Digest {
		held = took(held, keptOf(protocol.Name{Institution: id, Position: p}, kind, key, previous, text(body)))
		return held[len(held)-1].digest
	}
	admission := add(capital, protocol.Position{Topic: protocol.Trust, Epoch: 1, Sequence: 1}, "admission.v1", registrar, charter.Digest(),
		map[string]any{"institution": town, "feed_epoch": 1, "key": protocol.KeyOf(member)})
	opener := add(town, protocol.Position{Topic: protocol.Trust, Epoch: 1, Sequence: 1}, "key.v1", member, admission,
		map[string]any{"use": "node", "feed_topic": protocol.Situation, "feed_epoch": 1, "key": protocol.KeyOf(member)})
	one := add(town, protocol.Position{Topic: protocol.Situation, Epoch: 1, Sequence: 1}, "note.v1", member, opener, map[string]any{"text": "1"})
	two := add(town, protocol.Position{Topic: protocol.Situation, Epoch: 1, Sequence: 2}, "note.v1", member, one, map[string]any{"text": "2"})
	e := &evidence{charter: charter, goOn: map[protocol.InstitutionID]attempt{}}
	for _, id := range []protocol.InstitutionID{capital, town} {
		w := &witness{id: id, held: slices.Clone(held), standing: map[protocol.Digest]string{}, have: map[protocol.Group]protocol.Digest{}, gaps: map[protocol.EpochID]bool{}}
		for _, k := range held {
			w.standing[k.digest] = "counts"
		}
		w.members = map[protocol.InstitutionID]memberShown{
			capital: {claimed: true, key: protocol.KeyOf(registrar)}, town: {claimed: true, key: protocol.KeyOf(member)},
		}
		w.charters, w.charter = []protocol.SignedCharter{charter}, charterShown{charter.Digest(), map[protocol.Digest]bool{}}
		e.nodes = append(e.nodes, w)
		a := attempt{who: id}
		a.said.Digest = two
		e.goOn[id] = a
	}
	return e
}

// took has a store take a record as its next.
func took(held []kept, k kept) []kept {
	k.order = uint64(len(held) + 1)
	k.taken = k.order
	return append(held, k)
}

// keptOf signs a record, and gives it as a store keeps it.
func keptOf(name protocol.Name, kind string, key ed25519.PrivateKey, previous protocol.Digest, body []byte) kept {
	r := protocol.Record{
		Name: name, Type: protocol.FullType(name.Topic, kind), Time: protocol.InstantOf(time.Unix(1, 0)), Handling: protocol.Green, Previous: previous,
	}
	r.SetBody(body)
	r.Sign(key)
	return kept{Record: r, digest: r.Digest(), stated: r.Digest()}
}

// deal has the town ask for ten beds, and the capital commit six of them: both nodes hold and
// show it.
func deal(e *evidence) {
	registrar, member := keyFrom(1), keyFrom(2)
	at := func(id protocol.InstitutionID, topic protocol.Topic, sequence uint32) protocol.Name {
		return protocol.Name{Institution: id, Position: protocol.Position{Topic: topic, Epoch: 1, Sequence: sequence}}
	}
	opens := func(key ed25519.PrivateKey) []byte {
		return fmt.Appendf(nil, `{"use":"node","feed_topic":"resource","feed_epoch":1,"key":%q}`, protocol.KeyOf(key))
	}
	asked := at(town, protocol.Resource, 1)
	for _, w := range e.nodes {
		add := func(name protocol.Name, kind string, key ed25519.PrivateKey, previous protocol.Digest, body []byte) protocol.Digest {
			k := keptOf(name, kind, key, previous, body)
			w.held, w.standing[k.digest] = took(w.held, k), "counts"
			return k.digest
		}
		ours := add(at(town, protocol.Trust, 2), "key.v1", member, w.held[1].digest, opens(member))
		theirs := add(at(capital, protocol.Trust, 2), "key.v1", registrar, w.held[0].digest, opens(registrar))
		request := add(asked, "request.v1", member, ours, []byte(`{"lines":[{"line":1,"quantity":10}]}`))
		add(at(capital, protocol.Resource, 1), "commit.v1", registrar, theirs,
			fmt.Appendf(nil, `{"thread":%q,"refs":[{"rel":"answers","digest":%q}],"lines":[{"line":1,"quantity":6}]}`, asked, request))
		w.books = books{map[account]entry{{asked, 1, capital}: {state: "committed", asked: 10, committed: 6}}, map[saidLine]bool{}}
	}
}

// booked has a node show the capital's account of the town's request otherwise.
func booked(w *witness, change func(*entry)) {
	for a, e := range w.books.accounts {
		change(&e)
		w.books.accounts[a] = e
	}
}

func proofOf(id protocol.InstitutionID, key ed25519.PrivateKey) protocol.Signature {
	return protocol.Signature(ed25519.Sign(key, protocol.KeyProofText(id, protocol.UseIdentity, protocol.KeyOf(key))))
}

// seat has the capital invite the neighbour, and who has each of these keys take that.
func seat(e *evidence, keys ...byte) {
	registrar, claim := keyFrom(1), keyFrom(9)
	for _, w := range e.nodes {
		admission := keptOf(protocol.Name{Institution: capital, Position: protocol.Position{Topic: protocol.Trust, Epoch: 1, Sequence: 2}}, "admission.v1", registrar, w.held[0].digest,
			fmt.Appendf(nil, `{"institution":%q,"feed_epoch":1,"claim":%q}`, neighbour, protocol.KeyOf(claim)))
		w.held, w.standing[admission.digest] = took(w.held, admission), "counts"
		for _, seed := range keys {
			key := keyFrom(seed)
			says, err := json.Marshal(map[string]any{
				"use": "identity", "key": protocol.KeyOf(key),
				"claim_signature": protocol.Signature(ed25519.Sign(claim, protocol.ClaimText(neighbour, protocol.KeyOf(key)))),
			})
			if err != nil {
				panic(err) // of what was just made
			}
			k := keptOf(protocol.Name{Institution: neighbour, Position: protocol.Position{Topic: protocol.Trust, Epoch: 1, Sequence: 1}}, "key.v1", key, admission.digest, says)
			w.held, w.standing[k.digest] = took(w.held, k), "counts"
			w.members[neighbour] = memberShown{claimed: true, key: protocol.KeyOf(key)}
		}
	}
}

// forgeSeat is seat by one for whom the claim key has not signed.
func forgeSeat(e *evidence) {
	seat(e, 3)
	for _, w := range e.nodes {
		k := &w.held[len(w.held)-1]
		delete(w.standing, k.digest)
		k.SetBody([]byte(strings.Replace(string(k.Body), "claim_signature", "claim", 1)))
		k.Sign(keyFrom(3))
		k.digest, k.stated = k.Digest(), k.Digest()
		w.standing[k.digest] = "counts"
	}
}

// amended has the steward sign so many versions after the first, of which all follow the last.
func amended(e *evidence, quotas ...int) {
	for _, n := range quotas {
		c, err := protocol.ParseCharter(e.charter.Document)
		if err != nil {
			panic(err) // it is ours
		}
		digest := e.charter.Digest()
		c.Version, c.Previous, c.Quota.RecordsADay = 2, &digest, n+1
		next := protocol.SignedCharter{}
		if next.Document, err = json.Marshal(c); err != nil {
			panic(err)
		}
		next.Sign(capital, keyFrom(1))
		for _, w := range e.nodes {
			w.charters, w.charter.inForce = append(w.charters, next), next.Digest()
		}
	}
}

// rival adds a second record at the last position of a witness, signed by its author.
func rival(w *witness) kept {
	k := w.held[3]
	k.SetBody([]byte(`{"text":"another"}`))
	k.Sign(keyFrom(2))
	k.digest, k.stated, k.order = k.Digest(), k.Digest(), uint64(len(w.held)+1)
	w.held = append(w.held, k)
	return k
}

// putOut has the capital alone left, which closed the town at the first of its notes when it
// held so many of them; what it lacks comes later, in one transaction or one after the other.
func putOut(e *evidence, heard int, together bool) {
	w := e.nodes[0]
	admission, opener, notes := w.held[0], w.held[1], slices.Clone(w.held[2:])
	closing := kept{Record: admission.Record}
	closing.Sequence, closing.Previous = 2, admission.digest
	closing.SetBody(fmt.Appendf(nil, `{"institution":%q,"feed_epoch":2,"last":{"sequence":1,"digest":%q},"feeds":[{"topic":"situation","epoch":1,"last":{"sequence":1,"digest":%q}}]}`,
		town, opener.digest, notes[0].digest))
	closing.Sign(keyFrom(1))
	closing.digest = closing.Digest()
	closing.stated = closing.digest
	w.held = slices.Concat([]kept{admission, opener}, notes[:heard], []kept{closing}, notes[heard:])
	for i := range w.held {
		w.held[i].order, w.held[i].taken = uint64(i), uint64(i)
	}
	if together {
		w.held[len(w.held)-1].taken--
	}
	w.standing[closing.digest], w.standing[notes[1].digest] = "counts", "void"
	w.members[town] = memberShown{out: true}
	a := attempt{who: capital}
	a.said.Digest = notes[0].digest
	e.nodes, e.goOn = e.nodes[:1], map[protocol.InstitutionID]attempt{capital: a}
}

// The checker is believed since it finds each of nine planted violations, and nothing
// where all holds.
func TestCheckerFindsPlantedViolations(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		invariant int
		plant     func(e *evidence)
	}{
		{"nothing", 0, func(*evidence) {}},
		{"an acknowledged record is in no store", 1, func(e *evidence) {
			p := promise{}
			p.Digest = protocol.DigestOf([]byte("gone"))
			e.promised = append(e.promised, p)
		}},
		{"a killed store lacks what it acknowledged", 1, func(e *evidence) {
			e.crashes = append(e.crashes, crash{who: town, before: []protocol.Digest{e.nodes[0].held[0].digest}})
		}},
		{"one bit of a body is changed", 2, func(e *evidence) {
			k := &e.nodes[0].held[3]
			k.Body = slices.Clone(k.Body)
			k.Body[3] ^= 1
		}},
		{"a record counts that another key signed", 2, func(e *evidence) {
			for _, w := range e.nodes {
				k := &w.held[3]
				k.Sign(keyFrom(9))
				k.Key = w.held[2].Key
				delete(w.standing, k.digest)
				k.digest, k.stated = k.Digest(), k.Digest()
				w.standing[k.digest] = "counts"
			}
			for id, a := range e.goOn {
				a.said.Digest = e.nodes[0].held[3].digest
				e.goOn[id] = a
			}
		}},
		{"a member lacks what counts", 3, func(e *evidence) { e.nodes[1].held = e.nodes[1].held[:3] }},
		{"a record is held twice", 3, func(e *evidence) { e.nodes[0].held = append(e.nodes[0].held, e.nodes[0].held[2]) }},
		{"a fork is not shown", 4, func(e *evidence) {
			for _, w := range e.nodes {
				k := rival(w)
				w.standing[k.digest], w.standing[w.held[3].digest] = "stopped", "stopped"
			}
			e.goOn = map[protocol.InstitutionID]attempt{capital: {}, town: {}}
			for id, a := range e.goOn {
				a.said.Digest = e.nodes[0].held[2].digest
				e.goOn[id] = a
			}
		}},
		{"a withheld tail is not shown", 4, func(e *evidence) {
			e.nodes[0].beacons = []protocol.Beacon{{Institution: town, Heads: []protocol.Head{{Topic: protocol.Situation, Epoch: 1, Sequence: 3, Digest: protocol.DigestOf([]byte("tail"))}}}}
		}},
		{"a feed of another stands still", 5, func(e *evidence) { e.goOn[town] = attempt{who: town, err: errors.New("stopped")} }},
		{"a body above its mark travelled", 6, func(e *evidence) {
			for _, w := range e.nodes {
				k := &w.held[3]
				delete(w.standing, k.digest)
				k.Handling = protocol.Red
				k.Sign(keyFrom(2))
				k.digest, k.stated = k.Digest(), k.Digest()
				w.standing[k.digest] = "counts"
			}
			for id, a := range e.goOn {
				a.said.Digest = e.nodes[0].held[3].digest
				e.goOn[id] = a
			}
		}},
		{"a record comes in behind the news that its author is out", 6, func(e *evidence) { putOut(e, 1, false) }},
		{"a record comes in behind the last of one that is out", 6, func(e *evidence) { putOut(e, 0, false) }},
		{"a record comes in with the last of one that is out", 0, func(e *evidence) { putOut(e, 0, true) }},
		{"a record that was heard before the news is void by it", 0, func(e *evidence) { putOut(e, 2, false) }},
		{"a void record is shown as counting", 7, func(e *evidence) { e.nodes[0].standing[e.nodes[0].held[3].digest] = "void" }},
		{"a deal that all show alike", 0, deal},
		{"one side's books say less than the other's", 7, func(e *evidence) {
			deal(e)
			booked(e.nodes[1], func(x *entry) { x.state, x.committed = "requested", 0 })
		}},
		{"one side's books lack a deal", 7, func(e *evidence) {
			deal(e)
			e.nodes[1].books.accounts = map[account]entry{}
		}},
		{"all books say more than was promised", 7, func(e *evidence) {
			deal(e)
			for _, w := range e.nodes {
				booked(w, func(x *entry) { x.committed = 7 })
			}
		}},
		{"all books say more than was asked for", 7, func(e *evidence) {
			deal(e)
			for _, w := range e.nodes {
				booked(w, func(x *entry) { x.asked = 5 })
			}
		}},
		{"all books say more than was ordered", 7, func(e *evidence) {
			deal(e)
			for _, w := range e.nodes {
				booked(w, func(x *entry) { x.offered, x.ordered = 10, 4 })
			}
		}},
		{"all books say that more was offered", 7, func(e *evidence) {
			deal(e)
			for _, w := range e.nodes {
				booked(w, func(x *entry) { x.offered = 9 })
			}
		}},
		{"a promise is ignored by all, and nothing forbids it", 7, func(e *evidence) {
			deal(e)
			for _, w := range e.nodes {
				w.books.ignored[saidLine{w.held[len(w.held)-1].digest, 1}] = true
				booked(w, func(x *entry) { x.committed, x.state = 0, "requested" })
			}
		}},
		{"a void step is held and ignored by one side alone", 0, func(e *evidence) {
			deal(e)
			e.nodes[1].books.ignored[saidLine{protocol.DigestOf([]byte("void")), 1}] = true
		}},
		{"a promise is ignored by one side alone", 7, func(e *evidence) {
			deal(e)
			w := e.nodes[1]
			w.books.ignored[saidLine{w.held[len(w.held)-1].digest, 1}] = true
		}},
		{"two pictures of the same records", 7, func(e *evidence) { e.nodes[0].picture = protocol.DigestOf([]byte("another")) }},
		{"a rival was acknowledged", 8, func(e *evidence) { e.pushes = append(e.pushes, pushed{rival: true, outcome: protocol.Accepted}) }},
		{"an older store wrote", 8, func(e *evidence) { e.older = append(e.older, attempt{who: town}) }},
		{"a restored node can't write alone", 8, func(e *evidence) { e.alone = append(e.alone, attempt{who: town, err: errors.New("no")}) }},
		{"a guest that came by an invitation", 0, func(e *evidence) { seat(e, 3) }},
		{"a guest's record counts that nobody admitted", 2, func(e *evidence) {
			for _, w := range e.nodes {
				k := keptOf(protocol.Name{Institution: neighbour, Position: protocol.Position{Topic: protocol.Situation, Epoch: 1, Sequence: 1}}, "note.v1", keyFrom(3), protocol.DigestOf(nil), []byte(`{}`))
				w.held, w.standing[k.digest] = took(w.held, k), "counts"
			}
		}},
		{"a guest signs with a key that the claim key does not name", 2, func(e *evidence) { forgeSeat(e) }},
		{"one node shows a member that nobody admitted", 7, func(e *evidence) { e.nodes[1].members[neighbour] = memberShown{claimed: true} }},
		{"one node goes on with a member that is out", 7, func(e *evidence) {
			putOut(e, 2, false)
			e.nodes[0].members[town] = memberShown{claimed: true, key: protocol.KeyOf(keyFrom(2))}
		}},
		{"two who took one invitation count", 8, func(e *evidence) { seat(e, 3, 4) }},
		{"a host lets a second one in by one invitation", 8, func(e *evidence) { e.entered = append(e.entered, letIn{who: neighbour, host: town, taken: true}) }},
		{"a host lets one in by an invitation that was taken back", 6, func(e *evidence) { e.entered = append(e.entered, letIn{who: neighbour, host: town, ended: true}) }},
		{"a node follows a version that nobody signed", 7, func(e *evidence) { e.nodes[1].charter.inForce = protocol.DigestOf([]byte("another")) }},
		{"a later version that all follow", 0, func(e *evidence) { amended(e, 1) }},
		{"two versions of which one is followed", 7, func(e *evidence) { amended(e, 1, 2) }},
		{"a full disk is not said", 9, func(e *evidence) {
			e.troubles = append(e.troubles, trouble{who: town, what: "a full disk", reads: true, goesOn: true})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := sound(t)
			c.plant(e)
			found, err := check(e)
			if err != nil {
				t.Fatal(err)
			}
			var of []int
			for _, v := range found {
				of = append(of, v.invariant)
			}
			if slices.Contains(of, c.invariant) == (c.invariant == 0) && c.invariant != 0 || c.invariant == 0 && len(of) > 0 {
				t.Errorf("found %v, want a violation of %d", found, c.invariant)
			}
			for _, v := range found {
				if v.invariant != c.invariant {
					t.Logf("and %s", v)
				}
			}
		})
	}
}
