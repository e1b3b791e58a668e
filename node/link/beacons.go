package link

import (
	"context"
	"errors"
	"time"

	"github.com/vardar-network/vardar/protocol"
)

// beaconsMessage carries many beacons at once.
type beaconsMessage struct {
	V       int      `json:"v"`
	Beacons []string `json:"beacons"`
}

// beaconGrace is how long what a beacon names may still be on its way before it is asked
// for.
const beaconGrace = 5 * time.Second

// runOwnBeacons makes the beacons of the hosted institutions: at new heads at most once
// a minute, and every 15 minutes.
func (l *Links) runOwnBeacons(ctx context.Context) {
	changed, stop := l.o.Store.Changed()
	defer stop()
	for {
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
		every := time.NewTimer(l.o.Beacons)
		if sleep(ctx, l.o.Soon) != nil {
			return
		}
		select {
		case <-changed:
		case <-every.C:
		case <-ctx.Done():
			return
		}
		every.Stop()
	}
}

// runBeacons passes on the newest beacons that the peer has not been given.
func (p *peer) runBeacons(ctx context.Context) error {
	sent := map[protocol.InstitutionID]protocol.Instant{}
	for {
		if err := p.sendBeacons(ctx, sent); err != nil {
			return err
		}
		select {
		case <-p.beacons:
		case <-ctx.Done():
			return nil
		}
	}
}

func (p *peer) sendBeacons(ctx context.Context, sent map[protocol.InstitutionID]protocol.Instant) error {
	m := beaconsMessage{V: protocol.ControlVersion}
	size := 0
	flush := func() error {
		if len(m.Beacons) == 0 {
			return nil
		}
		var answer control
		err := p.askFor(ctx, protocol.OpBeacon, m, &answer)
		var refused *protocol.ErrorAnswer
		if errors.As(err, &refused) {
			p.note(err)
			err = nil
		}
		m.Beacons, size = nil, 0
		return err
	}
	for b := range p.l.o.Store.Beacons() {
		if b.Time <= sent[b.Institution] {
			continue
		}
		sent[b.Institution] = b.Time
		m.Beacons = append(m.Beacons, string(b.Wire()))
		if size += len(b.Wire()); size > protocol.MaxControlBytes/2 {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

// serveBeacons takes beacons that a peer passes on. What they name and this node lacks
// is asked for from that peer, once it has had time to come by itself.
func (p *peer) serveBeacons(ctx context.Context, data []byte) ([]byte, error) {
	var m beaconsMessage
	if err := protocol.DecodeControl(data, &m); err != nil {
		return nil, err
	}
	lacking := false
	news := false
	for _, wire := range m.Beacons {
		missing, newer, err := p.l.o.Intake.TakeBeacon(ctx, p.id, []byte(wire))
		if err != nil {
			continue // counted as dropped
		}
		news = news || newer
		lacking = lacking || len(missing) > 0
	}
	if news {
		for _, other := range p.l.peers() {
			if other != p {
				wake(other.beacons)
			}
		}
	}
	if lacking {
		p.l.wg.Go(func() { p.fetchLacking(p.l.ctx) })
	}
	return marshal(control{protocol.ControlVersion}), nil
}

func (p *peer) fetchLacking(ctx context.Context) {
	if sleep(ctx, beaconGrace) != nil {
		return
	}
	for b := range p.l.o.Store.Beacons() {
		for _, gap := range p.l.o.Intake.Lacking(&b) {
			if p.takes(gap.Feed.Group()) {
				gap.Token = p.token
				p.want(gap)
			}
		}
	}
}
