package link

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/vardar-network/vardar/node/trust"
	"github.com/vardar-network/vardar/protocol"
)

// runOwnBeacons makes the beacons of the hosted institutions: at new heads at most once
// a minute, and every 15 minutes. (The two durations are those of Options.)
func (l *Links) runOwnBeacons(ctx context.Context) {
	changed, stop := l.o.Store.Changed()
	defer stop()
	for {
		made := l.o.Clock()
		l.makeBeacons(ctx)
		if sleep(ctx, l.o.Soon) != nil {
			return
		}
		every := time.NewTimer(max(0, l.o.Beacons-l.o.Soon))
		for due := false; !due; {
			select {
			case <-changed:
				due = l.ownNews()
			case <-every.C:
				due = true
			case <-ctx.Done():
				return
			}
			due = due || l.o.Clock().Sub(made) >= l.o.Beacons
		}
		every.Stop()
	}
}

// ownNews reports whether an own feed has grown past its beacon.
func (l *Links) ownNews() bool {
	return slices.ContainsFunc(l.o.Self, func(id protocol.InstitutionID) bool {
		b, _, ok := l.o.Store.Beacon(id)
		if !ok {
			_, opened := l.o.Trust.Current(protocol.Feed{Institution: id, Topic: protocol.Situation})
			return opened
		}
		for _, t := range protocol.Topics() {
			o, ok := l.o.Trust.Current(protocol.Feed{Institution: id, Topic: t})
			if !ok {
				continue
			}
			branches := l.o.Store.Branches(o.EpochID)
			grown := len(branches) > 0 && !slices.ContainsFunc(b.Heads, func(h protocol.Head) bool {
				return h.Topic == t && h.Epoch == o.Epoch && h.Digest == branches[0].Digest
			})
			if grown {
				return true
			}
		}
		return false
	})
}

func (l *Links) makeBeacons(ctx context.Context) {
	for _, id := range l.o.Self {
		if _, ok := l.o.Trust.Current(protocol.Feed{Institution: id, Topic: protocol.Situation}); !ok {
			continue
		}
		if _, err := l.o.Intake.MakeBeacon(ctx, id); err != nil && ctx.Err() == nil {
			l.log.WarnContext(ctx, "beacon not made", "institution", id, "err", err)
		}
	}
	for _, p := range l.peers() {
		wake(p.beacons)
	}
}

// How long a peer that did not believe beacons is given, at first and at most, before it is
// told them again. The trust that names their keys takes moments to reach it, as a rule; at
// most, they come no more often than beacons with news do.
const (
	retellFirst = time.Second
	retellMost  = time.Minute
)

// runBeacons passes on the newest beacons that the peer has not been given, and again those
// that it did not believe.
func (p *peer) runBeacons(ctx context.Context) error {
	doubted := told{}
	wait := retellFirst
	var again <-chan time.Time
	for {
		if err := p.sendBeacons(ctx, doubted); err != nil {
			return err
		}
		switch {
		case len(doubted) == 0:
			wait = retellFirst
		case again == nil:
			again = time.After(wait)
			wait = min(2*wait, retellMost)
		}
		select {
		case <-p.beacons:
		case <-again:
			p.untell(doubted)
			clear(doubted)
			again = nil
		case <-ctx.Done():
			return nil
		}
	}
}

// told is which beacon of an institution a peer was told.
type told map[protocol.InstitutionID]protocol.Instant

// sendBeacons tells the peer what it was not told, and adds to doubted what it did not
// believe. What is believed no longer here, such as a beacon of a member that was closed,
// is told to nobody: it would be told again and again.
func (p *peer) sendBeacons(ctx context.Context, doubted told) error {
	m := protocol.BeaconsMessage{V: protocol.ControlVersion}
	size, these := 0, told{}
	for b := range p.l.o.Store.Beacons() {
		if !p.tell(&b) {
			continue
		}
		if p.l.o.Trust.BeaconKey(&b) != nil {
			p.untell(told{b.Institution: b.Time})
			continue
		}
		wire := b.Wire()
		m.Beacons, these[b.Institution] = append(m.Beacons, string(wire)), b.Time
		if size += len(wire); size > protocol.MaxControlBytes/2 {
			if err := p.giveBeacons(ctx, m, these, doubted); err != nil {
				return err
			}
			m.Beacons, size, these = nil, 0, told{}
		}
	}
	return p.giveBeacons(ctx, m, these, doubted)
}

// giveBeacons gives the peer one message, and adds to doubted which of these it did not
// believe: all of them, if it refused the message.
func (p *peer) giveBeacons(ctx context.Context, m protocol.BeaconsMessage, these, doubted told) error {
	if len(m.Beacons) == 0 {
		return nil
	}
	var answer protocol.BeaconsAnswer
	err := p.askFor(ctx, protocol.OpBeacon, m, &answer)
	if refused(err) {
		p.note(err)
		maps.Copy(doubted, these)
		return nil
	}
	for _, id := range answer.Unbelieved {
		if at, ok := these[id]; ok {
			doubted[id] = at
		}
	}
	return err
}

// tell notes a beacon as the newest that the peer knows, and reports whether it is another
// than before. An older one is too: its author's clock was ahead, and was set right.
func (p *peer) tell(b *protocol.Beacon) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if b.Time == p.told[b.Institution] {
		return false
	}
	p.told[b.Institution] = b.Time
	return true
}

// untell has beacons told again, unless newer ones were told since.
func (p *peer) untell(beacons told) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, at := range beacons {
		if p.told[id] == at {
			delete(p.told, id)
		}
	}
}

// serveBeacons takes beacons that a peer passes on.
func (p *peer) serveBeacons(ctx context.Context, data []byte) ([]byte, error) {
	var m protocol.BeaconsMessage
	if err := protocol.DecodeControl(data, &m); err != nil {
		return nil, err
	}
	unbelieved, err := p.takeBeacons(ctx, m.Beacons)
	if err != nil {
		return nil, err
	}
	return marshal(protocol.BeaconsAnswer{V: protocol.ControlVersion, Unbelieved: unbelieved}), nil
}

// takeBeacons keeps the newer of some beacons that a peer passed on, and gives whose it did
// not believe since no trust record names their key.
func (p *peer) takeBeacons(ctx context.Context, wires []string) (unbelieved []protocol.InstitutionID, err error) {
	taken, err := p.l.o.Intake.TakeBeacons(ctx, p.id, wires)
	if err != nil {
		return nil, err
	}
	news := false
	for k := range taken {
		t := &taken[k]
		if errors.Is(t.Err, trust.ErrBeaconKey) {
			unbelieved = append(unbelieved, t.Institution)
		}
		if t.Err != nil {
			continue // counted as dropped, or to be told again
		}
		p.tell(&t.Beacon)
		news = news || t.Newer
		if len(t.Missing) > 0 {
			p.l.suspect(t.Institution)
		}
	}
	if news {
		for _, other := range p.l.peers() {
			if other != p {
				wake(other.beacons)
			}
		}
		p.l.changed()
	}
	return unbelieved, nil
}
