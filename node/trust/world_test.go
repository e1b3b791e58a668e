package trust_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/json"
	"slices"
	"testing"

	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// The institutions of the tests.
const (
	secretariat protocol.InstitutionID = "int.national.secretariat"  // steward, registrar of int.
	centre      protocol.InstitutionID = "mk.national.crisis-centre" // steward, registrar of mk.
	association protocol.InstitutionID = "mk.southeast.association"  // registrar of mk.southeast.
	ministry    protocol.InstitutionID = "gr.national.ministry"      // steward, no registrar
	gevgelija   protocol.InstitutionID = "mk.southeast.gevgelija"    // the association's to admit
	kumanovo    protocol.InstitutionID = "mk.northeast.kumanovo"     // the centre's to admit
)

// private gives the private key of a name: the same in every run.
func private(name string) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte(name))
	return ed25519.NewKeyFromSeed(seed[:])
}

func identity(id protocol.InstitutionID) ed25519.PrivateKey { return private("identity " + string(id)) }
func nodeKey(id protocol.InstitutionID) ed25519.PrivateKey  { return private("node " + string(id)) }

func proof(id protocol.InstitutionID, use protocol.KeyUse, key ed25519.PrivateKey) protocol.Signature {
	return protocol.Signature(ed25519.Sign(key, protocol.KeyProofText(id, use, protocol.KeyOf(key))))
}

// founding is the charter of the tests before anybody has signed it.
func founding() *protocol.Charter {
	c := &protocol.Charter{
		Vardar: "charter", Version: 1, Network: "test", Threshold: 2,
		MembersMay: map[string][]string{"ngo": {"vardar.situation.*", "vardar.*.note.*"}}, Handling: map[string]protocol.Handling{},
		RetentionDays: map[string]int{}, Groups: map[string][]string{}, Networks: []protocol.PartnerNetwork{},
		Expires: "2030-01-01T00:00:00Z",
	}
	for _, id := range []protocol.InstitutionID{secretariat, centre, ministry} {
		c.Stewards = append(c.Stewards, protocol.Steward{Institution: id, Key: protocol.KeyOf(identity(id)), Proof: proof(id, protocol.UseIdentity, identity(id))})
	}
	registrar := func(id protocol.InstitutionID, prefixes ...string) {
		c.Registrars = append(c.Registrars, protocol.Registrar{Institution: id, Prefixes: prefixes, Key: protocol.KeyOf(identity(id)), Proof: proof(id, protocol.UseIdentity, identity(id))})
	}
	registrar(secretariat, "int.")
	registrar(centre, "mk.")
	registrar(association, "mk.southeast.")
	return c
}

// signed writes a charter and has stewards sign it.
func signed(c *protocol.Charter, stewards ...protocol.InstitutionID) protocol.SignedCharter {
	document, err := json.Marshal(c)
	if err != nil {
		panic(err)
	}
	s := protocol.SignedCharter{Document: document}
	for _, id := range stewards {
		s.Sign(id, identity(id))
	}
	return s
}

// network gives the registry of the founding charter.
func network() *trust.Registry {
	g, err := trust.New(signed(founding(), secretariat, centre))
	if err != nil {
		panic(err)
	}
	return g
}

func charterDigest() protocol.Digest {
	s := signed(founding())
	return s.Digest()
}

// pen writes one epoch of a feed; a copy of it writes a fork.
type pen struct {
	epoch    protocol.EpochID
	key      ed25519.PrivateKey
	previous protocol.Digest
	sequence uint32
	hand     byte // goes into the salt, so that two pens write different records

	hour protocol.Instant // of its clock; the beginning is hour zero
}

// penOf writes the trust feed of an institution that the charter names.
func penOf(id protocol.InstitutionID) *pen { return newPen(id, identity(id), charterDigest()) }

func newPen(id protocol.InstitutionID, key ed25519.PrivateKey, opener protocol.Digest) *pen {
	return &pen{epoch: protocol.EpochID{Feed: trustFeed(id), Epoch: 1}, key: key, previous: opener}
}

// forked gives a second pen at the same place of the chain.
func (p *pen) forked() *pen {
	other := *p
	other.hand++
	return &other
}

// raw writes a record of any type and body.
func (p *pen) raw(recordType string, text []byte) protocol.Record {
	p.sequence++
	r := protocol.Record{
		Name:     protocol.Name{Institution: p.epoch.Institution, Position: protocol.Position{Topic: p.epoch.Topic, Epoch: p.epoch.Epoch, Sequence: p.sequence}},
		Type:     recordType,
		Time:     1458205200000 + p.hour*3_600_000,
		Previous: p.previous,
		Handling: protocol.Green,
	}
	r.SetBody(text)
	r.Sign(p.key)
	p.previous = r.Digest()
	return r
}

// write writes a body that fits.
func (p *pen) write(b body.Body) protocol.Record {
	salt := [16]byte{p.hand, byte(p.sequence)}
	text, err := body.Marshal(b, salt)
	if err != nil {
		panic(err)
	}
	return p.raw(b.Type(), text)
}

// unknown writes a record of a kind that nobody knows yet.
func (p *pen) unknown() protocol.Record {
	return p.raw("vardar.trust.oath.v1", []byte(protocol.SaltMember([16]byte{p.hand})+"}"))
}

func trustFeed(id protocol.InstitutionID) protocol.Feed {
	return protocol.Feed{Institution: id, Topic: protocol.Trust}
}

func epochOf(id protocol.InstitutionID, topic protocol.Topic) protocol.EpochID {
	return protocol.EpochID{Feed: protocol.Feed{Institution: id, Topic: topic}, Epoch: 1}
}

// admission admits an institution with its identity key.
func admission(id protocol.InstitutionID) *body.Admission {
	return admissionOf(id, identity(id))
}

func admissionOf(id protocol.InstitutionID, key ed25519.PrivateKey) *body.Admission {
	return &body.Admission{
		Institution: id, Level: body.Municipality, FeedEpoch: 1,
		Key: protocol.KeyOf(key), Proof: proof(id, protocol.UseIdentity, key), Charter: charterDigest(),
	}
}

// second is the charter's next version before anybody has signed it.
func second() *protocol.Charter {
	c, previous := founding(), charterDigest()
	c.Version, c.Previous = 2, &previous
	return c
}

// closing puts a member out; it may come back in the second epoch of its trust feed.
func closing(id protocol.InstitutionID, last *body.Last) *body.Admission {
	return &body.Admission{Institution: id, Level: body.Municipality, FeedEpoch: 2, Last: last, Charter: charterDigest(), Reason: "merged"}
}

// request asks for the next identity key.
func request(id protocol.InstitutionID, key ed25519.PrivateKey) *body.KeyRecord {
	return &body.KeyRecord{Use: protocol.UseIdentity, Key: body.KeyText(protocol.KeyOf(key).String()), Proof: proof(id, protocol.UseIdentity, key)}
}

// invitation admits whoever holds the claim key.
func invitation(id protocol.InstitutionID, claim ed25519.PrivateKey) *body.Admission {
	return &body.Admission{
		Institution: id, Level: body.Municipality, FeedEpoch: 1,
		Claim: protocol.KeyOf(claim), Expires: body.Time(1458810000000), Charter: charterDigest(),
	}
}

// claimOf takes an invitation for an identity key.
func claimOf(id protocol.InstitutionID, key, claim ed25519.PrivateKey) *body.KeyRecord {
	return &body.KeyRecord{
		Use: protocol.UseIdentity, Key: body.KeyText(protocol.KeyOf(key).String()), Proof: proof(id, protocol.UseIdentity, key),
		ClaimSignature: protocol.Signature(ed25519.Sign(claim, protocol.ClaimText(id, protocol.KeyOf(key)))),
	}
}

// keyFor opens the first epoch of a feed with a node key.
func keyFor(id protocol.InstitutionID, topic protocol.Topic, key ed25519.PrivateKey) *body.KeyRecord {
	return &body.KeyRecord{
		FeedTopic: topic, FeedEpoch: 1, Use: protocol.UseNode, Key: body.KeyText(protocol.KeyOf(key).String()),
		Proof: proof(id, protocol.UseNode, key), Wire: body.WireV1,
	}
}

func linkKey(id protocol.InstitutionID, key ed25519.PrivateKey) *body.KeyRecord {
	return &body.KeyRecord{Use: protocol.UseLink, Key: body.KeyText(protocol.KeyOf(key).String()), Proof: proof(id, protocol.UseLink, key)}
}

func profile(name string, level body.Level) *body.Profile {
	return &body.Profile{Names: body.Names{"en": body.Label(name)}, Level: level}
}

// admitted gives a registry that knows gevgelija, the pen of its trust feed, and the
// pen of its registrar.
func admitted() (g *trust.Registry, member, registrar *pen) {
	g, registrar = network(), penOf(association)
	r := registrar.write(admission(gevgelija))
	g.Add(r)
	return g, newPen(gevgelija, identity(gevgelija), r.Digest()), registrar
}

// counting gives the one opener of an epoch that counts.
func counting(t *testing.T, g *trust.Registry, e protocol.EpochID) trust.Opener {
	t.Helper()
	openers := g.Openers(e)
	if len(openers) == 0 || !openers[0].Counts {
		t.Fatalf("Openers(%s) = %v, want one that counts", e, openers)
	}
	if slices.ContainsFunc(openers[1:], func(o trust.Opener) bool { return o.Counts }) {
		t.Fatalf("Openers(%s) = %v, want one alone that counts", e, openers)
	}
	return openers[0]
}

// noneCounts fails if an opener of an epoch counts.
func noneCounts(t *testing.T, g *trust.Registry, e protocol.EpochID) {
	t.Helper()
	for _, o := range g.Openers(e) {
		if o.Counts || o.Waits {
			t.Errorf("Openers(%s) has %s, which counts or waits, want none", e, o.By)
		}
	}
}

// replaced is text with the first old replaced, for bodies that no one of ours writes.
func replaced(text []byte, old, with string) []byte {
	return bytes.Replace(text, []byte(old), []byte(with), 1)
}
