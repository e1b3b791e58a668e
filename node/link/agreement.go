package link

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"github.com/vardar-network/vardar/protocol"
)

// policyMessage carries the documents that one side has.
type policyMessage struct {
	V        int                    `json:"v"`
	InForce  *protocol.SignedPolicy `json:"in_force,omitempty"`
	Proposed *protocol.SignedPolicy `json:"proposed,omitempty"`
}

// shown gives the documents as the peer is shown them: what this side has signed, by the link
// key of today. After a rotation the peer knows no other.
func (p *peer) shown(ctx context.Context) (policyMessage, error) {
	c := p.config()
	m := policyMessage{protocol.ControlVersion, c.InForce, c.Proposed}
	for _, s := range []**protocol.SignedPolicy{&m.InForce, &m.Proposed} {
		if !namedIn(*s, p.l.self()) || (*s).SignedBy(p.l.self(), p.l.ownKey()) {
			continue
		}
		anew := &protocol.SignedPolicy{Document: (*s).Document, Signatures: slices.Clone((*s).Signatures)}
		if err := p.l.o.Signer.SignPolicy(ctx, anew); err != nil {
			return m, err
		}
		*s = anew
	}
	return m, nil
}

// syncIfRekeyed has the policies compared again if the peer is known by another link key than
// when they last were: what it had signed by that one was taken for nobody's.
func (p *peer) syncIfRekeyed() {
	key := p.l.linkKey(p.id)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.judgedBy != key {
		wake(p.signing)
	}
}

func (p *peer) setJudgedBy(key protocol.Key) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.judgedBy = key
}

// syncPolicy shows the peer what this side has signed and takes what it answers.
func (p *peer) syncPolicy(ctx context.Context) error {
	p.setJudgedBy(p.l.linkKey(p.id))
	m, err := p.shown(ctx)
	if err != nil {
		return err
	}
	var answer policyMessage
	if err = p.askFor(ctx, protocol.OpPolicy, m, &answer); err != nil {
		if refused(err) {
			p.note(err)
			p.setJudgedBy(protocol.Key{}) // asked again with the next heartbeat
			return nil
		}
		return err
	}
	before := p.config().InForce
	err = p.takePolicies(ctx, answer)
	if p.config().InForce != before {
		wake(p.signing) // the peer is to see that it is signed
	}
	return err
}

func (p *peer) servePolicy(ctx context.Context, data []byte) ([]byte, error) {
	var m policyMessage
	if err := protocol.DecodeControl(data, &m); err != nil {
		return nil, err
	}
	if err := p.takePolicies(ctx, m); err != nil {
		return nil, err
	}
	shown, err := p.shown(ctx)
	if err != nil {
		return nil, err
	}
	return marshal(shown), nil
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
	self, theirs := p.l.self(), p.l.linkKey(p.id)
	if s == nil || !s.SignedBy(p.id, theirs) {
		return false, nil
	}
	policy, err := s.Parse()
	if err != nil || !between(policy, p.id, self) {
		return false, nil //nolint:nilerr // it is the peer's, and no policy of this link
	}
	signed := s.SignedBy(self, p.l.ownKey())
	if policy.Number <= c.Ended || !newer(policy.Number, s, c.InForce, signed) {
		return false, nil
	}
	known := c.Proposed != nil && c.Proposed.Digest() == s.Digest() && c.Proposed.SignedBy(p.id, theirs)
	if !signed && (policy.Number > max(number(c.InForce), c.Ended)+maxSkip || policy.Number < number(c.Proposed) || known) {
		return false, nil
	}
	both := signed || c.Offered.covers(policy.From(self), policy.From(p.id)) || p.asked(c).covers(policy.From(self), policy.From(p.id))
	switch {
	case !both:
		// What stands under this side's name is not by its key: see Config.proposes.
		s.Signatures = slices.DeleteFunc(s.Signatures, func(g protocol.PolicySignature) bool { return g.Institution == self })
	case !signed:
		if err := p.l.o.Signer.SignPolicy(ctx, s); err != nil {
			return false, err
		}
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

// proposes reports whether this side has signed the policy that waits for the other's
// signature, by its link key of that day: nothing else is kept under this side's name.
func (c *Config) proposes(self protocol.InstitutionID) bool { return namedIn(c.Proposed, self) }

// namedIn reports whether a signature in an institution's name stands under a policy.
func namedIn(s *protocol.SignedPolicy, id protocol.InstitutionID) bool {
	return s != nil && slices.ContainsFunc(s.Signatures, func(g protocol.PolicySignature) bool { return g.Institution == id })
}

// asked gives the terms that this side has signed and proposes; nil if it proposes none. A
// node that was made anew, its identity key lost, so gets the policy back that its peer
// still has in force.
func (p *peer) asked(c *Config) *Terms {
	if !c.proposes(p.l.self()) {
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
