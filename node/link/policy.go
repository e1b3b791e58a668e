package link

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"

	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

// Config is what a node remembers of a link, in a bucket of its own in the archive.
type Config struct {
	Peer      protocol.InstitutionID `json:"peer"`
	Addresses []string               `json:"addresses,omitempty"` // host:port to dial; none: the peer dials
	Key       protocol.Key           `json:"key,omitzero"`        // the peer's link key, until its trust feed names it
	Paused    bool                   `json:"paused,omitempty"`
	// InForce is the policy that both have signed; Proposed waits for a signature.
	InForce  *protocol.SignedPolicy `json:"in_force,omitempty"`
	Proposed *protocol.SignedPolicy `json:"proposed,omitempty"`
	// Offered is the widest policy that is signed without asking again: what the one
	// who invited the peer agreed to when the invitation was made.
	Offered *Terms `json:"offered,omitempty"`
}

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

const bucket = "link"

// configs gives the links this node knows.
func (l *Links) configs(ctx context.Context) ([]Config, error) {
	var out []Config
	for kv, err := range l.o.Store.Private(bucket).Each(ctx, nil) {
		if err != nil {
			return nil, err
		}
		var c Config
		if err := json.Unmarshal(kv[1], &c); err != nil {
			return nil, fmt.Errorf("link %q: %w", kv[0], err)
		}
		out = append(out, c)
	}
	return out, nil
}

// Configure keeps a link and opens it, or closes it where it was paused.
func (l *Links) Configure(ctx context.Context, c Config) error {
	if _, err := protocol.ParseInstitution(string(c.Peer)); err != nil {
		return err
	}
	if err := l.save(ctx, c); err != nil {
		return err
	}
	p := l.open(c)
	wake(p.redial)
	return nil
}

func (l *Links) save(ctx context.Context, c Config) error { return Remember(ctx, l.o.Store, c) }

// Remember keeps a link in the archive's own bucket, for the next [Links.Run].
func Remember(ctx context.Context, s *store.Store, c Config) error {
	value, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return s.Private(bucket).Put(ctx, []byte(c.Peer), value)
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

// Config gives what is remembered of the link with a peer.
func (l *Links) Config(id protocol.InstitutionID) (Config, bool, error) {
	value, ok, err := l.o.Store.Private(bucket).Get([]byte(id))
	if err != nil || !ok {
		return Config{Peer: id}, false, err
	}
	var c Config
	return c, true, json.Unmarshal(value, &c)
}

func (p *peer) config() Config {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.conf
}

func (p *peer) setConfig(c Config) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(c.Addresses) == 0 && c.InForce == nil && p.conf.InForce != nil {
		return // Admit knows nothing but the name
	}
	p.conf = c
	p.signed, p.policy = c.InForce, nil
	if c.InForce != nil {
		p.policy, _ = c.InForce.Parse() //nolint:errcheck // parsed before it was kept
	}
}

func (p *peer) setLine(c *nats.Conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.conn = c
}

func (p *peer) line() *nats.Conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.conn
}

// isGuest reports whether the peer is admitted but has shown no link key yet.
func (p *peer) isGuest() bool {
	return p.l.linkKey(p.id).IsZero()
}

// Propose writes the next policy of a link, signs it and sends it when there is a line.
// It is in force once the other side has signed it too.
func (l *Links) Propose(ctx context.Context, id protocol.InstitutionID, t Terms) (protocol.LinkPolicy, error) {
	c, _, err := l.Config(id)
	if err != nil {
		return protocol.LinkPolicy{}, err
	}
	number := 1
	for _, s := range []*protocol.SignedPolicy{c.InForce, c.Proposed} {
		if s == nil {
			continue
		}
		p, err := s.Parse()
		if err != nil {
			return protocol.LinkPolicy{}, err
		}
		number = max(number, p.Number+1)
	}
	signed, err := NewPolicy(ctx, l.o.Signer, number, [2]protocol.InstitutionID{l.self(), id}, t)
	if err != nil {
		return protocol.LinkPolicy{}, err
	}
	c.Proposed = signed
	if err := l.Configure(ctx, c); err != nil {
		return protocol.LinkPolicy{}, err
	}
	policy, err := signed.Parse()
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

// ErrNothingProposed: there is no policy of the peer that waits for approval.
var ErrNothingProposed = errors.New("no policy waits for this side's approval")

// Approve signs what the peer proposed.
func (l *Links) Approve(ctx context.Context, id protocol.InstitutionID) (protocol.LinkPolicy, error) {
	c, _, err := l.Config(id)
	if err != nil {
		return protocol.LinkPolicy{}, err
	}
	if c.Proposed == nil || !c.Proposed.SignedBy(id, l.linkKey(id)) {
		return protocol.LinkPolicy{}, ErrNothingProposed
	}
	if err := l.o.Signer.SignPolicy(ctx, c.Proposed); err != nil {
		return protocol.LinkPolicy{}, err
	}
	if err := l.settlePolicy(ctx, &c); err != nil {
		return protocol.LinkPolicy{}, err
	}
	policy, err := c.InForce.Parse()
	if err != nil {
		return protocol.LinkPolicy{}, err
	}
	l.showPolicy(id)
	return *policy, nil
}

// linkKey gives the key that an institution's links are opened with: what its trust feed
// says, or, until that is held, what was agreed by hand or by invitation. Zero: none.
func (l *Links) linkKey(id protocol.InstitutionID) protocol.Key {
	if id == l.self() {
		return l.o.LinkKey
	}
	if key, ok := l.o.Trust.LinkKey(id); ok {
		return key
	}
	c, _, err := l.Config(id)
	if err != nil {
		return protocol.Key{}
	}
	return c.Key
}

func (l *Links) keysOf(id protocol.InstitutionID) map[protocol.InstitutionID]protocol.Key {
	return map[protocol.InstitutionID]protocol.Key{id: l.linkKey(id), l.self(): l.o.LinkKey}
}

// settlePolicy puts a proposal in force once both have signed it.
func (l *Links) settlePolicy(ctx context.Context, c *Config) error {
	if c.Proposed != nil {
		if _, err := c.Proposed.Verify(l.keysOf(c.Peer)); err == nil {
			c.InForce, c.Proposed = c.Proposed, nil
		}
	}
	if err := l.save(ctx, *c); err != nil {
		return err
	}
	p := l.open(*c)
	p.compareSoon()
	return nil
}

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
		var refused *protocol.ErrorAnswer
		if errors.As(err, &refused) {
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

// takePolicies looks at the documents of the peer: what both have signed and has a
// higher number is in force; what the peer alone has signed waits for approval, or is
// signed at once if it asks for no more than was offered to it.
func (p *peer) takePolicies(ctx context.Context, m policyMessage) error {
	p.policies.Lock()
	defer p.policies.Unlock()
	c, _, err := p.l.Config(p.id)
	if err != nil {
		return err
	}
	changed := false
	for _, s := range []*protocol.SignedPolicy{m.InForce, m.Proposed} {
		if s == nil || !s.SignedBy(p.id, p.l.linkKey(p.id)) {
			continue
		}
		policy, err := s.Parse()
		if err != nil || !between(policy, p.id, p.l.self()) || policy.Number <= number(c.InForce) {
			continue
		}
		if c.Proposed != nil && policy.Number < number(c.Proposed) {
			continue
		}
		if !s.SignedBy(p.l.self(), p.l.o.LinkKey) && c.Offered.covers(policy.From(p.l.self()), policy.From(p.id)) {
			if err := p.l.o.Signer.SignPolicy(ctx, s); err != nil {
				return err
			}
		}
		c.Proposed, changed = s, true
		if _, err := s.Verify(p.l.keysOf(p.id)); err == nil {
			c.InForce, c.Proposed = s, nil
		}
	}
	if !changed {
		return nil
	}
	return p.l.settlePolicy(ctx, &c)
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
		if !covered(g, than.Groups) {
			return false
		}
	}
	return true
}

func covered(pattern string, by []string) bool {
	for _, b := range by {
		if b == "* *" || b == pattern {
			return true
		}
	}
	return false
}
