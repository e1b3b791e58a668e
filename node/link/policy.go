package link

import (
	"bytes"
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
		number := max(number(c.InForce), number(c.Proposed)) + 1
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

// Approve signs what the peer proposed.
func (l *Links) Approve(ctx context.Context, id protocol.InstitutionID) (protocol.LinkPolicy, error) {
	var policy *protocol.LinkPolicy
	err := l.reconfigure(ctx, id, func(c *Config) error {
		if c.Proposed == nil || !c.Proposed.SignedBy(id, l.linkKey(id)) {
			return ErrNothingProposed
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

// policyMessage carries the documents that one side has.
type policyMessage struct {
	V        int                    `json:"v"`
	InForce  *protocol.SignedPolicy `json:"in_force,omitempty"`
	Proposed *protocol.SignedPolicy `json:"proposed,omitempty"`
}

// syncPolicy shows the peer what this side has signed and takes what it answers.
func (p *peer) syncPolicy(ctx context.Context) error {
	c := p.config()
	var answer policyMessage
	if err := p.askFor(ctx, protocol.OpPolicy, policyMessage{protocol.ControlVersion, c.InForce, c.Proposed}, &answer); err != nil {
		if refused(err) {
			p.note(err)
			return nil
		}
		return err
	}
	return p.takePolicies(ctx, answer)
}

func (p *peer) servePolicy(ctx context.Context, data []byte) ([]byte, error) {
	var m policyMessage
	if err := protocol.DecodeControl(data, &m); err != nil {
		return nil, err
	}
	if err := p.takePolicies(ctx, m); err != nil {
		return nil, err
	}
	c := p.config()
	return marshal(policyMessage{protocol.ControlVersion, c.InForce, c.Proposed}), nil
}

// errNoNews ends a change that changes nothing.
var errNoNews = errors.New("nothing new in what the peer signed")

// takePolicies looks at the documents of the peer: what both have signed and has a
// higher number is in force; what the peer alone has signed waits for approval, or is
// signed at once if it asks for no more than was offered to it.
func (p *peer) takePolicies(ctx context.Context, m policyMessage) error {
	if m.InForce == nil && m.Proposed == nil {
		return nil
	}
	err := p.l.reconfigure(ctx, p.id, func(c *Config) error {
		changed := false
		for _, s := range []*protocol.SignedPolicy{m.InForce, m.Proposed} {
			took, err := p.takePolicy(ctx, c, s)
			if err != nil {
				return err
			}
			changed = changed || took
		}
		if !changed {
			return errNoNews
		}
		return nil
	})
	if errors.Is(err, errNoNews) {
		return nil
	}
	return err
}

// maxSkip is how far the number of a policy that is signed without asking may lie above
// the one in force: a peer that took the last number would end all agreements.
const maxSkip = 1000

func (p *peer) takePolicy(ctx context.Context, c *Config, s *protocol.SignedPolicy) (bool, error) {
	if s == nil || !s.SignedBy(p.id, p.l.linkKey(p.id)) {
		return false, nil
	}
	policy, err := s.Parse()
	if err != nil || !between(policy, p.id, p.l.self()) {
		return false, nil //nolint:nilerr // it is the peer's, and no policy of this link
	}
	_, err = s.Verify(p.l.keysOf(p.id))
	both := err == nil
	if !newer(policy.Number, s, c.InForce, both) {
		return false, nil
	}
	if !both && (policy.Number > number(c.InForce)+maxSkip || policy.Number < number(c.Proposed) || same(s, c.Proposed)) {
		return false, nil
	}
	if !both && (c.Offered.covers(policy.From(p.l.self()), policy.From(p.id)) || p.asked(c).covers(policy.From(p.l.self()), policy.From(p.id))) {
		if err := p.l.o.Signer.SignPolicy(ctx, s); err != nil {
			return false, err
		}
		both = true
	}
	switch {
	case !both:
		c.Proposed = s
	case number(c.Proposed) > policy.Number:
		c.InForce = s
	default:
		c.InForce, c.Proposed = s, nil
	}
	return true, nil
}

// asked gives the terms that this side has signed and proposes; nil if it proposes none. A
// node that was made anew, its identity key lost, so gets the policy back that its peer
// still has in force.
func (p *peer) asked(c *Config) *Terms {
	if c.Proposed == nil || !c.Proposed.SignedBy(p.l.self(), p.l.ownKey()) {
		return nil
	}
	policy, err := c.Proposed.Parse()
	if err != nil {
		return nil
	}
	return &Terms{Ours: policy.From(p.l.self()), Theirs: policy.From(p.id)}
}

// newer reports whether a policy may take the place of the one in force. Of two that
// both have signed under one number, proposed at the same time, the smaller digest wins
// on both sides.
func newer(n int, s, inForce *protocol.SignedPolicy, both bool) bool {
	if held := number(inForce); n != held {
		return n > held
	}
	a, b := s.Digest(), inForce.Digest()
	return both && bytes.Compare(a[:], b[:]) < 0
}

// same reports whether a proposal is known already, with the peer's signature.
func same(s, known *protocol.SignedPolicy) bool {
	return known != nil && s.Digest() == known.Digest() && len(s.Signatures) <= len(known.Signatures)
}

func between(p *protocol.LinkPolicy, a, b protocol.InstitutionID) bool {
	return (p.A == a && p.B == b) || (p.A == b && p.B == a)
}

func number(s *protocol.SignedPolicy) int {
	if s == nil {
		return 0
	}
	p, err := s.Parse()
	if err != nil {
		return 0
	}
	return p.Number
}

// covers reports whether a policy asks for no more than was offered.
func (t *Terms) covers(ours, theirs protocol.Direction) bool {
	return t != nil && narrower(ours, t.Ours) && narrower(theirs, t.Theirs)
}

func narrower(d, than protocol.Direction) bool {
	if d.Bodies > than.Bodies || d.Relay > than.Relay {
		return false
	}
	for _, g := range d.Groups {
		if !slices.Contains(than.Groups, "* *") && !slices.Contains(than.Groups, g) {
			return false
		}
	}
	return true
}
