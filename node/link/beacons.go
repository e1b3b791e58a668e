package link

import (
	"context"
	"slices"
	"time"

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

// runBeacons passes on the newest beacons that the peer has not been given.
func (p *peer) runBeacons(ctx context.Context) error {
	for {
		if err := p.sendBeacons(ctx); err != nil {
			return err
		}
		select {
		case <-p.beacons:
		case <-ctx.Done():
			return nil
		}
	}
}

func (p *peer) sendBeacons(ctx context.Context) error {
	m := protocol.BeaconsMessage{V: protocol.ControlVersion}
	size := 0
	for b := range p.l.o.Store.Beacons() {
		if !p.tell(&b) {
			continue
		}
		wire := b.Wire()
		m.Beacons = append(m.Beacons, string(wire))
		if size += len(wire); size > protocol.MaxControlBytes/2 {
			if err := p.giveBeacons(ctx, m); err != nil {
				return err
			}
			m.Beacons, size = nil, 0
		}
	}
	return p.giveBeacons(ctx, m)
}

func (p *peer) giveBeacons(ctx context.Context, m protocol.BeaconsMessage) error {
	if len(m.Beacons) == 0 {
		return nil
	}
	var answer control
	err := p.askFor(ctx, protocol.OpBeacon, m, &answer)
	if refused(err) {
		p.note(err)
		return nil
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

// serveBeacons takes beacons that a peer passes on.
func (p *peer) serveBeacons(ctx context.Context, data []byte) ([]byte, error) {
	var m protocol.BeaconsMessage
	if err := protocol.DecodeControl(data, &m); err != nil {
		return nil, err
	}
	taken, err := p.l.o.Intake.TakeBeacons(ctx, p.id, m.Beacons)
	if err != nil {
		return nil, err
	}
	news := false
	for k := range taken {
		t := &taken[k]
		if t.Err != nil {
			continue // counted as dropped
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
	return marshal(control{protocol.ControlVersion}), nil
}
