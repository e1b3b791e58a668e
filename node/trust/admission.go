package trust

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// claim is a key record that takes an invitation: the first of its author's trust feed.
type claim struct {
	epoch  protocol.EpochID
	record *body.KeyRecord
	key    protocol.Key // signs the epoch
}

// readAdmission takes in an opener of a trust feed. It counts only in the trust feed of
// the one registrar of that ID (epochs.md 3), and for this network; a closing names what
// counts of the member's other feeds too.
func (g *Registry) readAdmission(k *ring, a *body.Admission, changed map[protocol.Feed]bool) {
	if !a.Claim.IsZero() {
		if g.invited[a.Claim] == nil {
			g.invited[a.Claim] = map[protocol.InstitutionID]bool{}
		}
		g.invited[a.Claim][a.Institution] = true
	}
	g.insert(&opener{
		at:        k,
		opens:     protocol.EpochID{Feed: trustFeed(a.Institution), Epoch: uint32(a.FeedEpoch)}, //nolint:gosec // bounded by body
		key:       a.Key,
		claim:     a.Claim,
		last:      a.Last,
		admission: a,
		foreign:   a.Charter != g.digest,
	}, changed)
}

// readKey takes in a key record: an opener of a feed of its author, its link key, its age
// recipient, or a claim. One whose key does not prove itself says nothing.
func (g *Registry) readKey(k *ring, r *protocol.Record, says *body.KeyRecord, changed map[protocol.Feed]bool) {
	if says.CheckProof(r.Institution) != nil {
		g.refuse(k, says, "which does not prove that "+string(r.Institution)+" holds it")
		return
	}
	if says.Use == protocol.UseAge {
		k.age.add(k, string(says.Key))
		return
	}
	key, err := says.SigningKey()
	claims := says.Use == protocol.UseIdentity && k.sequence == 1 && says.ClaimSignature != (protocol.Signature{})
	if err != nil || (key == r.Key) != claims {
		// No key has two uses: the one that signs the trust feed is the identity.
		g.refuse(k, says, "which is no key of that use alone")
		return
	}
	switch says.Use { //nolint:exhaustive // age is done with
	case protocol.UseIdentity:
		if claims {
			g.readClaim(k, r, says, changed)
			return
		}
		k.request.add(k, says)
	case protocol.UseLink:
		k.link.add(k, key)
	case protocol.UseNode:
		feed := protocol.Feed{Institution: r.Institution, Topic: says.FeedTopic}
		g.insert(&opener{
			at:    k,
			opens: protocol.EpochID{Feed: feed, Epoch: uint32(says.FeedEpoch)}, //nolint:gosec // bounded by body
			key:   key,
			last:  says.Last,
		}, changed)
	}
}

func (g *Registry) readClaim(k *ring, r *protocol.Record, says *body.KeyRecord, changed map[protocol.Feed]bool) {
	c := claim{epoch: k.EpochID, record: says, key: r.Key}
	g.claims[k.root] = append(g.claims[k.root], c)
	if o := g.openers[k.root]; o != nil {
		g.take(o, c, changed)
	}
}

// take lets a claim take an invitation, if it proves itself. A second one, with another
// key, is taken in as well: both wait then, as in every fork.
func (g *Registry) take(o *opener, c claim, changed map[protocol.Feed]bool) {
	if slices.Contains(o.taken, c.key) || o.checkClaim(c) != nil {
		return
	}
	o.taken = append(o.taken, c.key)
	slices.SortFunc(o.taken, func(a, b protocol.Key) int { return bytes.Compare(a[:], b[:]) })
	g.touch(o.opens.Feed, changed)
}

func (o *opener) checkClaim(c claim) error {
	if o.claim.IsZero() || o.opens != c.epoch {
		return ErrClaim
	}
	if err := c.record.CheckClaim(c.epoch.Institution, o.claim); err != nil {
		return fmt.Errorf("%w: %w", ErrClaim, err)
	}
	return nil
}

// CheckOpening judges the first record of an epoch: its ce-previous must be the digest of
// an opener of that epoch which is held, and its key that opener's. Whether the opener
// counts is not asked: that changes with the news, and is the picture's to say
// (epochs.md 5). Where the opener is an invitation, the record must be the key record
// that takes it, with a good proof and claim signature.
//
// It returns [ErrNoOpener], [ErrWrongKey], [ErrClaim] or [ErrNoBody] with the record's
// name, and [ErrNotFirst] for a record of a later sequence. It does not check the
// record's signature.
func (g *Registry) CheckOpening(r *protocol.Record) error {
	g.mu.RLock()
	defer g.mu.RUnlock()
	if err := g.checkOpening(r); err != nil {
		return fmt.Errorf("open with %s: %w", r.Name, err)
	}
	return nil
}

func (g *Registry) checkOpening(r *protocol.Record) error {
	if r.Sequence != 1 {
		return ErrNotFirst
	}
	if c := g.entries[r.EpochID()]; c != nil && r.Previous == c.digest() {
		return sameKey(c.key, r.Key)
	}
	o := g.openers[r.Previous]
	if o == nil || o.opens != r.EpochID() {
		return ErrNoOpener
	}
	if o.claim.IsZero() { // of a closing the key is zero, and nobody's
		return sameKey(o.key, r.Key)
	}
	if r.BodyState != protocol.BodyHeld {
		return ErrNoBody
	}
	says, err := body.Parse(r.Type, r.Body)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrClaim, err)
	}
	record, ok := says.(*body.KeyRecord)
	if !ok {
		return ErrClaim
	}
	if err := record.CheckProof(r.Institution); err != nil {
		return fmt.Errorf("%w: %w", ErrClaim, err)
	}
	if key, err := record.SigningKey(); err != nil || key != r.Key {
		return ErrWrongKey
	}
	return o.checkClaim(claim{epoch: r.EpochID(), record: record, key: r.Key})
}

func sameKey(opener, record protocol.Key) error {
	if opener != record {
		return ErrWrongKey
	}
	return nil
}
