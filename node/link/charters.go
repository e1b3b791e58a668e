package link

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/vardar-network/vardar/protocol"
)

// pullCharters asks for the versions that the peer's last hello names and this node
// lacks, and takes the trust that they open. What is wrong with one of them is noted, and
// ends nothing.
func (p *peer) pullCharters(ctx context.Context) error {
	held := p.l.o.Trust.LaterCharters()
	news := false
	for _, digest := range p.chartersDue() {
		if slices.Contains(held, digest) {
			continue
		}
		c, err := p.askCharter(ctx, digest)
		if err == nil {
			err = p.l.o.Intake.TakeCharter(ctx, c)
		} else if !refused(err) {
			return err
		}
		if err != nil {
			p.note(fmt.Errorf("charter %s of %s: %w", digest, p.id, err))
			continue
		}
		news = true
	}
	if !news {
		return nil
	}
	p.mu.Lock()
	clear(p.charters) // one that came too early is asked for again
	p.mu.Unlock()
	p.l.changed()
	if !p.isUp() {
		return nil // trust comes next
	}
	p.l.suspectAll() // what beacons name may be wanted now
	return p.pullTrust(ctx)
}

// chartersDue gives what the peer named and was not asked for, the oldest first: each
// version is judged by the one before.
func (p *peer) chartersDue() []protocol.Digest {
	p.mu.Lock()
	defer p.mu.Unlock()
	var due []protocol.Digest
	for _, d := range slices.Backward(p.hello.Charters) {
		if !p.charters[d] && len(p.charters) < 2*protocol.MaxCharters {
			p.charters[d] = true
			due = append(due, d)
		}
	}
	return due
}

func (p *peer) askCharter(ctx context.Context, digest protocol.Digest) (protocol.SignedCharter, error) {
	var c protocol.SignedCharter
	data, err := p.request(ctx, protocol.OpCharter, marshal(protocol.CharterQuestion{V: protocol.ControlVersion, Digest: digest}))
	if err != nil {
		return c, fmt.Errorf("ask charter of %s: %w", p.id, err)
	}
	if err := json.Unmarshal(data, &c); err != nil {
		return c, &protocol.ErrorAnswer{V: protocol.ControlVersion, Code: protocol.CodeBadRequest, Detail: err.Error()}
	}
	if c.Digest() != digest {
		return c, &protocol.ErrorAnswer{V: protocol.ControlVersion, Code: protocol.CodeBadRequest, Detail: "it gave another charter than was asked for"}
	}
	return c, nil
}
