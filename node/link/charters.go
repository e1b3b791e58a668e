package link

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/vardar-network/vardar/protocol"
)

// Charters is what links need of the network's charter. Peers may hold different versions
// of it: each names its own in hello, and asks for those it lacks before it takes trust.
type Charters interface {
	// Network gives the digest of the first version, which names the network.
	Network() protocol.Digest
	// Later gives the digests of the later versions that are held, the newest first.
	Later() []protocol.Digest
	// Take is given a version that a peer names and this node lacks. Its digest is as
	// asked; all else is for Take to judge. An error is shown with the link.
	Take(ctx context.Context, c protocol.SignedCharter) error
}

// founding is a network of which the first version of the charter alone is known.
type founding protocol.Digest

// Network gives that version.
func (f founding) Network() protocol.Digest { return protocol.Digest(f) }

// Later gives none.
func (f founding) Later() []protocol.Digest { return nil }

var errFoundingAlone = errors.New("this node takes no later version of its charter")

// Take refuses.
func (f founding) Take(context.Context, protocol.SignedCharter) error { return errFoundingAlone }

// pullCharters asks for the versions that the peer's last hello names and this node
// lacks, each once a session. What is wrong with one of them is noted, and ends nothing.
func (p *peer) pullCharters(ctx context.Context) error {
	held := p.l.o.Charters.Later()
	for _, digest := range p.chartersDue() {
		if slices.Contains(held, digest) {
			continue
		}
		c, err := p.askCharter(ctx, digest)
		if err == nil {
			err = p.l.o.Charters.Take(ctx, c)
		} else if !refused(err) {
			return err
		}
		if err != nil {
			p.note(fmt.Errorf("charter %s of %s: %w", digest, p.id, err))
		}
	}
	return nil
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
