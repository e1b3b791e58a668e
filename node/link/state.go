package link

import (
	"time"

	"github.com/vardar-network/vardar/protocol"
)

// State is how one line is, for status and the pages.
type State struct {
	Peer      protocol.InstitutionID   `json:"peer"`
	Hosts     []protocol.InstitutionID `json:"hosts,omitempty"`
	Dials     bool                     `json:"dials"` // this side dials
	Addresses []string                 `json:"addresses,omitempty"`
	Up        bool                     `json:"up"`
	Since     time.Time                `json:"since"`          // of the last change
	Heard     time.Time                `json:"heard,omitzero"` // when the peer last said anything
	Waiting   int                      `json:"waiting"`        // records the peer has not acknowledged
	Settled   bool                     `json:"settled"`        // compared, and nothing under way
	Policy    int                      `json:"policy"`         // number in force; 0: trust alone travels
	Proposed  int                      `json:"proposed,omitempty"`
	SkewMS    int64                    `json:"skew_ms"` // the peer's clock ahead of ours
	Software  string                   `json:"software,omitempty"`
	Paused    bool                     `json:"paused,omitempty"`
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
		Peer: p.id, Hosts: p.hello.Institutions, Dials: p.dialler, Addresses: p.conf.Addresses, Up: p.up,
		Since: p.since, Heard: p.heard, Waiting: waiting, Settled: p.up && p.compared && p.idle && waiting == 0,
		Policy: number(p.conf.InForce), Proposed: number(p.conf.Proposed), SkewMS: p.skew.Milliseconds(),
		Software: p.hello.Software, Paused: p.conf.Paused, Token: p.token,
		Outcomes: map[protocol.Outcome]int{},
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
	for _, g := range p.l.o.Store.Groups() {
		if _, ok := p.sends(g); ok {
			n += p.l.o.Store.Order(g) - min(p.l.o.Store.Order(g), p.l.o.Store.Cursor(p.token, g))
		}
	}
	return int(n) //nolint:gosec // fewer than a machine holds
}

// find gives the link with a peer.
func (l *Links) find(id protocol.InstitutionID) *peer {
	for _, p := range l.peers() {
		if p.id == id {
			return p
		}
	}
	return nil
}

// Holders tells who among the peers is known to hold a record, of all that may be sent
// its header: "4 of 6 have it".
func (l *Links) Holders(n protocol.Name) (have, of []protocol.InstitutionID) {
	for _, p := range l.peers() {
		if _, ok := p.sends(n.Feed().Group()); !ok || p.isGuest() {
			continue
		}
		of = append(of, p.id)
		p.mu.Lock()
		held := p.held[n.EpochID()]
		p.mu.Unlock()
		if held >= n.Sequence {
			have = append(have, p.id)
		}
	}
	return have, of
}
