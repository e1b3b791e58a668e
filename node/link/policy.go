package link

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

// Terms are the two directions of a policy.
type Terms struct {
	Ours   protocol.Direction `json:"ours"`
	Theirs protocol.Direction `json:"theirs"`
}

// Everything is the policy of links inside one network unless told otherwise: all
// groups, bodies up to AMBER, and others' bodies passed on up to GREEN.
func Everything() Terms {
	d := protocol.Direction{Groups: []string{"* *"}, Bodies: protocol.Amber, Relay: protocol.Green}
	return Terms{Ours: d, Theirs: d}
}

// trustAlone is what goes over a link without a policy that both have signed.
func trustAlone() protocol.Direction {
	return protocol.Direction{Bodies: protocol.Clear, Relay: protocol.Clear}
}

// outgoing is what this node may send over a link: what every one of its terms carries.
type outgoing struct {
	own      []protocol.InstitutionID
	terms    []protocol.Direction
	revision int // counts changes
}

func (o outgoing) carries(g protocol.Group) bool {
	for _, d := range o.terms {
		if !d.Carries(g) {
			return false
		}
	}
	return true
}

// ceilings are the highest marks under which bodies go.
type ceilings struct{ own, relayed protocol.Handling }

// limits gives the ceilings that all terms keep.
func (o outgoing) limits() ceilings {
	c := ceilings{protocol.Red, protocol.Red}
	for _, d := range o.terms {
		c.own = min(c.own, d.Bodies)
		c.relayed = min(c.relayed, d.Bodies, d.Relay)
	}
	return c
}

// body decides by the signed fields: others' records go with their bodies up to the relay
// mark, own ones up to the bodies mark, trust always.
func (o outgoing) body(r *protocol.Record) bool {
	switch c := o.limits(); {
	case r.Topic == protocol.Trust:
		return true
	case slices.Contains(o.own, r.Institution):
		return r.Handling <= c.own
	default:
		return r.Handling <= c.relayed
	}
}

// withhold takes the bodies out that may not be sent.
func (o outgoing) withhold(records []store.Stored) {
	for i := range records {
		if r := &records[i]; r.BodyState == protocol.BodyHeld && !o.body(&r.Record) {
			r.Record = r.WithoutBody(protocol.BodyWithheld)
		}
	}
}

// pace is the most bytes a second that may be sent; 0: no limit.
func (o outgoing) pace() int {
	limit := 0
	for _, d := range o.terms {
		if d.KiBs > 0 && (limit == 0 || d.KiBs < limit) {
			limit = d.KiBs
		}
	}
	return limit << 10
}

func (p *peer) outgoing() outgoing {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.sending
}

func (p *peer) sends(g protocol.Group) bool { return p.outgoing().carries(g) }

// takes reports whether the peer may send a group.
func (p *peer) takes(g protocol.Group) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return g.Topic == protocol.Trust || (p.taking != nil && p.taking.Carries(g))
}

// gives reports whether the peer's policy lets it send a body under this mark.
func (p *peer) gives(r *protocol.Record) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r.Topic == protocol.Trust {
		return true
	}
	if p.taking == nil || !p.taking.Carries(r.Feed().Group()) {
		return false
	}
	return outgoing{own: p.hosts(), terms: []protocol.Direction{*p.taking}}.body(r)
}

// hosts gives whom the peer says it hosts. It is its own word: nothing is given away on
// it. p.mu is held.
func (p *peer) hosts() []protocol.InstitutionID {
	return append([]protocol.InstitutionID{p.id}, p.hello.Institutions...)
}

// NewPolicy writes a policy between two institutions and signs it for the first.
func NewPolicy(ctx context.Context, signer Signer, number int, between [2]protocol.InstitutionID, t Terms) (*protocol.SignedPolicy, error) {
	policy := protocol.LinkPolicy{Vardar: "link", Number: number, A: between[0], B: between[1], AToB: t.Ours, BToA: t.Theirs}
	document, err := json.Marshal(policy)
	if err != nil {
		return nil, err
	}
	signed := &protocol.SignedPolicy{Document: document}
	if _, err := signed.Parse(); err != nil {
		return nil, err
	}
	return signed, signer.SignPolicy(ctx, signed)
}

// Propose writes the next policy of a link, signs it and sends it when there is a line.
// It is in force once the other side has signed it too; where it narrows what this side
// sends, that holds at once.
func (l *Links) Propose(ctx context.Context, id protocol.InstitutionID, t Terms) (protocol.LinkPolicy, error) {
	var policy *protocol.LinkPolicy
	err := l.reconfigure(ctx, id, func(c *Config) error {
		number := c.last() + 1
		c.Offered = nil // what is proposed now is what this side wants
		var err error
		if c.Proposed, err = NewPolicy(ctx, l.o.Signer, number, [2]protocol.InstitutionID{l.self(), id}, t); err == nil {
			policy, err = c.Proposed.Parse()
		}
		return err
	})
	if err != nil {
		return protocol.LinkPolicy{}, err
	}
	l.showPolicy(id)
	return *policy, nil
}

// ErrNothingProposed says that there is no policy of the peer that waits for approval.
var ErrNothingProposed = errors.New("no policy waits for this side's approval")

// ErrOtherProposed says that another policy waits than the one that was read.
var ErrOtherProposed = errors.New("another policy was proposed meanwhile")

// Approve signs what the peer proposed: the document that was read, or with nil whatever waits.
func (l *Links) Approve(ctx context.Context, id protocol.InstitutionID, read *protocol.Digest) (protocol.LinkPolicy, error) {
	var policy *protocol.LinkPolicy
	err := l.reconfigure(ctx, id, func(c *Config) error {
		if c.Proposed == nil || !c.Proposed.SignedBy(id, l.linkKey(id)) {
			return ErrNothingProposed
		}
		if read != nil && c.Proposed.Digest() != *read {
			return ErrOtherProposed
		}
		if err := l.o.Signer.SignPolicy(ctx, c.Proposed); err != nil {
			return err
		}
		var err error
		policy, err = c.Proposed.Verify(l.keysOf(id))
		c.InForce, c.Proposed = c.Proposed, nil
		return err
	})
	if err != nil {
		return protocol.LinkPolicy{}, err
	}
	l.showPolicy(id)
	return *policy, nil
}

// showPolicy has the session with a peer, the one that runs or the next, show it what
// was signed here.
func (l *Links) showPolicy(id protocol.InstitutionID) {
	if p := l.find(id); p != nil {
		wake(p.signing)
	}
}

func (p *peer) runPolicy(ctx context.Context) error {
	for {
		select {
		case <-p.signing:
			if err := p.syncPolicy(ctx); err != nil {
				return err
			}
		case <-ctx.Done():
			return nil
		}
	}
}

// linkKey gives the key that an institution's links are opened with: what its trust feed
// says, or, until that is held, what was agreed by hand or by invitation. Zero: none.
func (l *Links) linkKey(id protocol.InstitutionID) protocol.Key {
	if id == l.self() {
		return l.ownKey()
	}
	if key, ok := l.o.Trust.LinkKey(id); ok {
		// A restored node has a fresh link key, and can tell nobody over a line: one peer is
		// told by hand, and the rest hear of it from that one.
		if c, _, err := l.Config(id); err == nil && !c.Key.IsZero() && c.InPlaceOf == key {
			return c.Key
		}
		return key
	}
	c, _, err := l.Config(id)
	if err != nil {
		return protocol.Key{}
	}
	return c.Key
}

func (l *Links) keysOf(id protocol.InstitutionID) map[protocol.InstitutionID]protocol.Key {
	return map[protocol.InstitutionID]protocol.Key{id: l.linkKey(id), l.self(): l.ownKey()}
}

// ownKey is this node's current link key; a rotation changes it while links run.
func (l *Links) ownKey() protocol.Key { return l.o.Signer.LinkKeys()[0] }
