package link

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/vardar-network/vardar/node/store"
	"github.com/vardar-network/vardar/protocol"
)

// State is how one line is, for status and the pages.
type State struct {
	Peer      protocol.InstitutionID   `json:"peer"`
	Hosts     []protocol.InstitutionID `json:"hosts,omitempty"` // by its own word
	Dials     bool                     `json:"dials"`           // this side dials
	Addresses []string                 `json:"addresses,omitempty"`
	From      string                   `json:"from,omitempty"` // where the dialler's connection comes from
	Up        bool                     `json:"up"`
	Since     time.Time                `json:"since"`          // of the last change
	Heard     time.Time                `json:"heard,omitzero"` // when the peer last said anything
	Waiting   int                      `json:"waiting"`        // records the peer has not acknowledged
	Settled   bool                     `json:"settled"`        // compared, and nothing under way
	Policy    int                      `json:"policy"`         // number in force; 0: trust alone travels
	Proposed  int                      `json:"proposed,omitempty"`
	SkewMS    int64                    `json:"skew_ms"` // the peer's clock ahead of ours
	Rate      int                      `json:"rate"`    // bytes a second when last measured; 0: never under load
	Software  string                   `json:"software,omitempty"`
	Out       bool                     `json:"out,omitempty"` // its registrar closed it: nothing is exchanged
	Paused    bool                     `json:"paused,omitempty"`
	Kicks     int                      `json:"kicks,omitempty"` // connections of the dialler that ended a living one lately
	Clone     bool                     `json:"clone,omitempty"` // two nodes use the dialler's link key: it was copied
	Error     string                   `json:"error,omitempty"`
	Outcomes  map[protocol.Outcome]int `json:"outcomes,omitempty"` // of the runs sent in this node's life
	Token     protocol.LinkToken       `json:"token"`
}

// States gives all links, sorted by peer, but for those that were removed, and one of before that
// with an address that is no longer dialled.
func (l *Links) States() []State {
	var out []State
	for _, p := range l.peers() {
		if c := p.config(); !c.Removed && (!p.dialler || len(c.Addresses) > 0) {
			out = append(out, p.state())
		}
	}
	return out
}

// Clock is how far the clock of a peer whose line is up is ahead of ours.
type Clock struct {
	Peer  protocol.InstitutionID
	Hosts []protocol.InstitutionID // that its node writes for, by its own word: they have one clock
	Ahead time.Duration
}

// Clocks gives the clocks of all peers whose lines are up, sorted by peer.
func (l *Links) Clocks() []Clock {
	var out []Clock
	for _, p := range l.peers() {
		p.mu.Lock()
		if p.up && !p.clock.IsZero() {
			out = append(out, Clock{p.id, p.hello.Institutions, p.skew()})
		}
		p.mu.Unlock()
	}
	return out
}

func (p *peer) state() State {
	waiting := p.waiting()
	p.mu.Lock()
	defer p.mu.Unlock()
	s := State{
		Peer: p.id, Hosts: p.hello.Institutions, Dials: p.dialler, Up: p.up,
		Since: p.since, Heard: p.heard, Waiting: waiting, Settled: p.up && p.compared && p.idle && waiting == 0,
		Policy: number(p.conf.InForce), Proposed: number(p.conf.Proposed), SkewMS: p.skew().Milliseconds(), Rate: int(p.rate),
		Software: p.hello.Software, Paused: p.conf.Paused, Kicks: p.connected.Kicks, Clone: p.isCopied(), Token: p.token,
		From: p.connected.Address, Outcomes: map[protocol.Outcome]int{},
	}
	if p.dialler {
		s.Addresses = p.conf.Addresses
	}
	for o, n := range p.outcomes {
		s.Outcomes[o] = n
	}
	switch {
	case p.barred != nil:
		s.Error, s.Out = p.barred.Error(), errors.Is(p.barred, ErrOut)
	case s.Clone && s.Dials:
		s.Error = "another copy of this node is running: find it and stop it, before it writes"
	case s.Clone:
		s.Error = fmt.Sprintf("another copy of this node is running at %s: have it found and stopped, before it writes", p.id)
	case p.lastErr != nil:
		s.Error = p.lastErr.Error()
	}
	return s
}

// skew is how far the peer's clock is ahead of ours, as far as its hello tells: also when ours
// was set since. The caller holds mu.
func (p *peer) skew() time.Duration {
	if p.clock.IsZero() {
		return 0
	}
	now := p.l.o.Clock()
	return p.clock.Add(now.Sub(p.clockAt)).Sub(now.Round(0)).Round(time.Second) // Round(0) leaves the wall clock alone
}

// waiting counts what this node has accepted and the peer has not acknowledged: by the
// cursors, so that it is known while the line is cut too.
func (p *peer) waiting() int {
	n := uint64(0)
	sending := p.outgoing()
	for _, g := range p.l.o.Store.Groups() {
		if sending.carries(g) {
			order := p.l.o.Store.Order(g)
			n += order - min(order, p.l.o.Store.Cursor(p.token, g))
		}
	}
	return int(n) //nolint:gosec // fewer than a machine holds
}

// Holders tells who among the peers is known to hold a record, of all that may be sent
// its header: "4 of 6 have it". What a peer acknowledged, sent, or was found to hold when
// groups were compared counts, and goes on counting while its line is cut. Nobody is
// known to hold a record that is not held here.
func (l *Links) Holders(n protocol.Name) (have, of []protocol.InstitutionID) {
	_, peers, of := l.holders(n)
	for _, p := range peers {
		if !slices.Contains(have, p.id) {
			have = append(have, p.id)
		}
	}
	return have, of
}

// holders gives the record too, and those that hold it by their lines: a peer may have two.
func (l *Links) holders(n protocol.Name) (record store.Stored, have []*peer, of []protocol.InstitutionID) {
	record, err := l.o.Store.Get(n)
	for _, p := range l.peers() {
		if !p.sends(n.Feed().Group()) || p.isGuest() || p.config().Removed {
			continue
		}
		if !slices.Contains(of, p.id) {
			of = append(of, p.id)
		}
		if err == nil && p.has(&record) {
			have = append(have, p)
		}
	}
	return record, have, of
}

// ErrNoLink says that no link with that institution is configured.
var ErrNoLink = errors.New("no link with that institution is known: see 'vardar link propose'")

// Test asks the peer a question and gives how long the answer took. A line that this side
// dials and that is down is dialled at once; Test waits for that one attempt, as long as
// ctx lets it. It returns [ErrNoLink], why nothing may be exchanged with that institution,
// or why there is no line or no answer.
func (l *Links) Test(ctx context.Context, id protocol.InstitutionID) (time.Duration, error) {
	p := l.find(id)
	if p == nil {
		return 0, fmt.Errorf("%s: %w", id, ErrNoLink)
	}
	if why := p.judge(); why != nil {
		return 0, why
	}
	p, err := l.awaitLine(ctx, id)
	if err != nil {
		return 0, err
	}
	began := l.o.Clock()
	if err := p.sayHello(ctx); err != nil {
		return 0, err
	}
	return l.o.Clock().Sub(began), nil
}

// awaitLine gives the line to a peer that is up, or why none came up at the next attempt.
func (l *Links) awaitLine(ctx context.Context, id protocol.InstitutionID) (*peer, error) {
	changed, stop := l.Changed()
	defer stop()
	var dialled *peer
	attempts := 0
	for _, p := range l.both(id) {
		if p.dialler {
			dialled, attempts = p, p.attempts()
			wake(p.redial)
		}
	}
	for {
		p := l.find(id)
		if p.isUp() {
			return p, nil
		}
		if dialled == nil {
			return nil, fmt.Errorf("%w: it dials this node, and has not", ErrNoLine)
		}
		if dialled.attempts() != attempts {
			return nil, fmt.Errorf("%w: %w", ErrNoLine, dialled.lastError())
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w", ErrNoLine, ctx.Err())
		}
	}
}
