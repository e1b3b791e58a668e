package link

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

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
	Paused    bool                     `json:"paused,omitempty"`
	Kicks     int                      `json:"kicks,omitempty"` // connections of the dialler that ended a living one lately
	Clone     bool                     `json:"clone,omitempty"` // two nodes use the dialler's link key: it was copied
	Error     string                   `json:"error,omitempty"`
	Outcomes  map[protocol.Outcome]int `json:"outcomes,omitempty"` // of the runs sent in this node's life
	Token     protocol.LinkToken       `json:"token"`
}

// States gives all links, sorted by peer.
func (l *Links) States() []State {
	var out []State
	for _, p := range l.peers() {
		out = append(out, p.state())
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
		Policy: number(p.conf.InForce), Proposed: number(p.conf.Proposed), SkewMS: p.skew.Milliseconds(), Rate: int(p.rate),
		Software: p.hello.Software, Paused: p.conf.Paused, Kicks: p.connected.Kicks, Clone: p.connected.Clone, Token: p.token,
		From: p.connected.Address, Outcomes: map[protocol.Outcome]int{},
	}
	if p.dialler {
		s.Addresses = p.conf.Addresses
	}
	for o, n := range p.outcomes {
		s.Outcomes[o] = n
	}
	if p.lastErr != nil {
		s.Error = p.lastErr.Error()
	}
	return s
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
	record, err := l.o.Store.Get(n)
	for _, p := range l.peers() {
		if !p.sends(n.Feed().Group()) || p.isGuest() {
			continue
		}
		if !slices.Contains(of, p.id) {
			of = append(of, p.id)
		}
		if err == nil && p.has(&record) && !slices.Contains(have, p.id) {
			have = append(have, p.id)
		}
	}
	return have, of
}

// Tested is what a test of a link found.
type Tested struct {
	State
	Trip    time.Duration `json:"trip"`              // of a question and its answer; 0: there is no line
	Trouble []string      `json:"trouble,omitempty"` // what is wrong, each with what to do
}

// ErrNoLink says that no link with that institution is configured.
var ErrNoLink = errors.New("no link with that institution is known: see 'vardar link add'")

// Test asks the peer a question and says how long the answer took, and what is wrong
// with the link. A line that is down is dialled at once; Test waits for it as long as
// ctx lets it.
func (l *Links) Test(ctx context.Context, id protocol.InstitutionID) (Tested, error) {
	p := l.find(id)
	if p == nil {
		return Tested{}, fmt.Errorf("%s: %w", id, ErrNoLink)
	}
	if why := l.mayTalk(id); why != nil {
		return Tested{State: p.state(), Trouble: []string{why.Error()}}, nil //nolint:nilerr // it is what the test found
	}
	p = l.awaitUp(ctx, id)
	t := Tested{}
	var asked error
	if p.isUp() {
		began := l.o.Clock()
		if asked = p.sayHello(ctx); asked == nil {
			t.Trip = l.o.Clock().Sub(began)
		}
	}
	t.State = p.state()
	t.Trouble = t.trouble(asked)
	return t, nil
}

// awaitUp waits until a line to the peer is up.
func (l *Links) awaitUp(ctx context.Context, id protocol.InstitutionID) *peer {
	changed, stop := l.Changed()
	defer stop()
	wake(l.find(id).redial)
	for {
		p := l.find(id)
		if p.isUp() {
			return p
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return p
		}
	}
}

// maxSkew is the difference of two clocks that is worth a word: beacons from further
// ahead than five minutes are refused.
const maxSkew = 2 * time.Minute

func (s *State) trouble(asked error) []string {
	var out []string
	switch {
	case asked != nil:
		out = append(out, "the peer does not answer: "+asked.Error())
	case !s.Up && s.Dials:
		out = append(out, "the line is down: "+s.Error)
	case !s.Up:
		out = append(out, "the peer has not dialled: it must be able to reach this node's address")
	}
	if s.Clone {
		out = append(out, "two nodes use this peer's link key, so its node was copied: find the copy and stop it")
	}
	if s.Up && s.Policy == 0 {
		out = append(out, "no policy is signed by both: trust alone travels; see 'vardar link propose' and 'vardar link approve'")
	}
	if s.Proposed > s.Policy {
		out = append(out, fmt.Sprintf("policy %d waits for a signature", s.Proposed))
	}
	if skew := time.Duration(s.SkewMS) * time.Millisecond; skew.Abs() > maxSkew {
		out = append(out, fmt.Sprintf("the peer's clock differs by %v: set the wrong one", skew))
	}
	return out
}
