package bench

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// author is an institution whose keys the benchmark holds, so that it can write a million
// records in the time that an officer's node takes for some thousand: each is signed, and
// none waits for a disk of its own.
type author struct {
	id                   protocol.InstitutionID
	identity, node, link ed25519.PrivateKey
	feeds                map[protocol.Topic]*protocol.Record // the last record of each
	age                  time.Duration                       // how long ago it says it writes
}

// newAuthor makes keys out of the dice: they are of no use to anybody.
func newAuthor(id protocol.InstitutionID, rng *rand.ChaCha8) *author {
	var seeds [3][ed25519.SeedSize]byte
	for i := range seeds {
		_, _ = rng.Read(seeds[i][:]) // never fails
	}
	a := &author{id: id, feeds: map[protocol.Topic]*protocol.Record{}}
	for i, key := range []*ed25519.PrivateKey{&a.identity, &a.node, &a.link} {
		*key = ed25519.NewKeyFromSeed(seeds[i][:])
	}
	return a
}

func (a *author) proof(use protocol.KeyUse, key ed25519.PrivateKey) protocol.Signature {
	return protocol.Signature(ed25519.Sign(key, protocol.KeyProofText(a.id, use, protocol.KeyOf(key))))
}

// admitted has the registrar's node admit the author, whose trust feed then begins.
func (a *author) admitted(ctx context.Context, registrar *node.Node) error {
	err := registrar.Admit(ctx, node.AdmitRequest{
		Institution: a.id, Level: body.Municipality, Key: protocol.KeyOf(a.identity), Proof: a.proof(protocol.UseIdentity, a.identity), NoLink: true,
	})
	if err != nil {
		return err
	}
	e := protocol.EpochID{Feed: protocol.Feed{Institution: a.id, Topic: protocol.Trust}, Epoch: 1}
	openers := registrar.Trust().Openers(e)
	if len(openers) != 1 {
		return fmt.Errorf("%s has %d openers of its trust feed", a.id, len(openers))
	}
	a.begin(protocol.Trust, openers[0].Digest, a.identity)
	return nil
}

// begin makes ready for the first record of a feed.
func (a *author) begin(topic protocol.Topic, opener protocol.Digest, key ed25519.PrivateKey) {
	a.feeds[topic] = &protocol.Record{
		Name:     protocol.Name{Institution: a.id, Position: protocol.Position{Topic: topic, Epoch: 1}},
		Previous: opener, Key: protocol.KeyOf(key),
	}
}

// open writes the key records that open feeds.
func (a *author) open(salt [16]byte, topics ...protocol.Topic) ([]protocol.Record, error) {
	var out []protocol.Record
	for _, topic := range topics {
		r, err := a.write(salt, &body.KeyRecord{
			Use: protocol.UseNode, Key: body.KeyText(protocol.KeyOf(a.node).String()), Proof: a.proof(protocol.UseNode, a.node),
			FeedTopic: topic, FeedEpoch: 1, Wire: body.WireV1,
		}, protocol.Trust)
		if err != nil {
			return nil, err
		}
		a.begin(topic, r.Digest(), a.node)
		out = append(out, r)
	}
	return out, nil
}

// write signs the next record of a feed.
func (a *author) write(salt [16]byte, b body.Body, topic protocol.Topic) (protocol.Record, error) {
	raw, err := body.Marshal(b, salt)
	if err != nil {
		return protocol.Record{}, err
	}
	last := a.feeds[topic]
	r := *last
	if r.Sequence++; r.Sequence > 1 {
		r.Previous = last.Digest()
	}
	r.Type, r.Time, r.Handling = b.Type(), protocol.InstantOf(time.Now().Add(-a.age)), protocol.Green
	r.SetBody(raw)
	key := a.node
	if topic == protocol.Trust {
		key = a.identity
	}
	r.Sign(key)
	a.feeds[topic] = &r
	return r, r.Check()
}

// pen is all authors of a stage, and their dice.
type pen struct {
	authors []*author
	bytes   *rand.ChaCha8
	rng     *rand.Rand
}

func newPen(n int, age time.Duration) *pen {
	p := &pen{bytes: rand.NewChaCha8([32]byte{1})}
	p.rng = rand.New(p.bytes) //nolint:gosec // a benchmark that can be repeated
	for i := range n {
		p.authors = append(p.authors, newAuthor(protocol.InstitutionID(fmt.Sprintf("mk.southeast.town-%d", i)), p.bytes))
		p.authors[i].age = age
	}
	return p
}

func (p *pen) salt() (salt [16]byte) {
	_, _ = p.bytes.Read(salt[:]) // never fails
	return salt
}

// note writes a note, of an author and a topic drawn at random: so they come in.
func (p *pen) note() (protocol.Record, error) {
	topic := topics()[p.rng.IntN(len(topics()))]
	return p.authors[p.rng.IntN(len(p.authors))].write(p.salt(), note(p.rng, topic), topic)
}
