package link

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

// Config is what a node remembers of a link, in a bucket of its own in the archive.
type Config struct {
	Peer      protocol.InstitutionID `json:"peer"`
	Addresses []string               `json:"addresses,omitempty"`  // host:port to dial; none: the peer dials
	Key       protocol.Key           `json:"key,omitzero"`         // the peer's link key, until its trust feed names it
	InPlaceOf protocol.Key           `json:"in_place_of,omitzero"` // the one its trust feed names, if it lost that: Key stands until the feed names another
	Paused    bool                   `json:"paused,omitempty"`
	// Removed says that this side has ended the link; up to Ended are the numbers of the
	// policies that ended with it, which the peer may go on showing.
	Removed bool `json:"removed,omitempty"`
	Ended   int  `json:"ended,omitempty"`
	// InForce is the policy that both have signed; Proposed waits for a signature.
	InForce  *protocol.SignedPolicy `json:"in_force,omitempty"`
	Proposed *protocol.SignedPolicy `json:"proposed,omitempty"`
	// Offered is the widest policy that is signed without asking again, until this side
	// proposes one: what the one who invited the peer agreed to when the invitation was
	// made.
	Offered *Terms `json:"offered,omitempty"`
}

const bucket = "link"

// closed says why this side lets nothing go over the link; nil if it does.
func (c *Config) closed() error {
	switch {
	case c.Removed:
		return ErrRemoved
	case c.Paused:
		return ErrPaused
	}
	return nil
}

// last gives the highest number of a policy on this link so far.
func (c *Config) last() int { return max(number(c.InForce), number(c.Proposed), c.Ended) }

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

// Config gives what is remembered of the link with a peer.
func (l *Links) Config(id protocol.InstitutionID) (Config, bool, error) {
	value, ok, err := l.o.Store.Private(bucket).Get([]byte(id))
	if err != nil || !ok {
		return Config{Peer: id}, false, err
	}
	var c Config
	return c, true, json.Unmarshal(value, &c)
}

// Configure keeps a link and opens it, or closes it where it was paused. One that was removed is
// there again. It is in force when it returns.
func (l *Links) Configure(ctx context.Context, c Config) error {
	l.configuring.Lock()
	defer l.configuring.Unlock()
	c.Removed = false
	return l.configure(ctx, c)
}

// configure is Configure with l.configuring held.
func (l *Links) configure(ctx context.Context, c Config) error {
	if _, err := protocol.ParseInstitution(string(c.Peer)); err != nil {
		return err
	}
	if err := Remember(ctx, l.o.Store, c); err != nil {
		return err
	}
	l.open(c)
	why := c.closed()
	for _, p := range l.both(c.Peer) {
		if why != nil {
			p.end(why)
		}
		wake(p.redial)
	}
	if why != nil {
		l.o.Bus.Kick(c.Peer)
	}
	return nil
}

// reconfigure changes one link.
func (l *Links) reconfigure(ctx context.Context, id protocol.InstitutionID, change func(*Config) error) error {
	l.configuring.Lock()
	defer l.configuring.Unlock()
	c, _, err := l.Config(id)
	if err != nil {
		return err
	}
	if err := change(&c); err != nil {
		return err
	}
	return l.configure(ctx, c)
}

// Pause ends the line to a peer and lets none come up, until Resume.
func (l *Links) Pause(ctx context.Context, id protocol.InstitutionID) error {
	return l.setPaused(ctx, id, true)
}

// Resume lets the line to a peer come up again.
func (l *Links) Resume(ctx context.Context, id protocol.InstitutionID) error {
	return l.setPaused(ctx, id, false)
}

func (l *Links) setPaused(ctx context.Context, id protocol.InstitutionID, paused bool) error {
	if l.find(id) == nil {
		return fmt.Errorf("%s: %w", id, ErrNoLink)
	}
	return l.reconfigure(ctx, id, func(c *Config) error {
		c.Paused = paused
		return nil
	})
}

// Remove ends the line to a peer and forgets its addresses and what was agreed. None comes up, and
// the policy that the peer still shows is not taken again. [Links.Configure] brings the link back.
func (l *Links) Remove(ctx context.Context, id protocol.InstitutionID) error {
	if l.find(id) == nil {
		return fmt.Errorf("%s: %w", id, ErrNoLink)
	}
	return l.reconfigure(ctx, id, func(c *Config) error {
		*c = Config{Peer: id, Removed: true, Ended: c.last()}
		return nil
	})
}

// Remember keeps a link in the archive's own bucket, for the next [Links.Run].
func Remember(ctx context.Context, s *store.Store, c Config) error {
	value, err := json.Marshal(c)
	if err != nil {
		return err
	}
	return s.Private(bucket).Put(ctx, []byte(c.Peer), value)
}

func (p *peer) config() Config {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.conf
}

// setConfig has the link follow a configuration, at once: what the policy no longer
// carries is not sent, even where it is read and cut into frames already.
func (p *peer) setConfig(c Config) {
	var policy *protocol.LinkPolicy
	if c.InForce != nil {
		policy, _ = c.InForce.Parse() // parsed before it was kept
	}
	terms := []protocol.Direction{trustAlone()}
	if policy != nil {
		terms[0] = policy.From(p.l.self())
		// What this side has signed for its own sending binds it before the peer has
		// signed too: a policy is narrowed at once.
		if c.proposes(p.l.self()) {
			if proposed, err := c.Proposed.Parse(); err == nil {
				terms = append(terms, proposed.From(p.l.self()))
			}
		}
	}
	p.mu.Lock()
	p.conf = c
	p.sending.terms = terms
	p.sending.revision++
	p.taking = nil
	if policy != nil {
		d := policy.From(p.id)
		p.taking = &d
	}
	p.bodiesDue = true
	p.mu.Unlock()
	_ = p.judge() // a link that is closed is barred at once
	wake(p.rescan)
	p.compareSoon()
}
