package federation

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/vardar-network/vardar/node"
)

// lookAgain is how often a condition is looked at that other nodes change too.
const lookAgain = 50 * time.Millisecond

// Wait returns once ok holds; it looks again whenever the node tells of a change.
func Wait(ctx context.Context, n *node.Node, ok func() bool) error {
	changed, stop := n.Changed()
	defer stop()
	again := time.NewTicker(lookAgain)
	defer again.Stop()
	for !ok() {
		select {
		case <-changed:
		case <-again.C:
		case <-ctx.Done():
			return cause(ctx, n)
		}
	}
	return nil
}

// cause is why nothing came: the disk of the machine may be too full for what others say.
func cause(ctx context.Context, n *node.Node) error {
	s, err := n.Status(context.WithoutCancel(ctx))
	if disk := &s.Health.Store; err == nil && disk.ForeignPaused {
		return fmt.Errorf("%w: %s takes nothing that others say: %d MiB of the disk are free, and %d MiB are needed; make room", ctx.Err(), n.Institutions()[0], disk.FreeBytes>>20, disk.ForeignBelow>>20)
	}
	return ctx.Err()
}

// Settle returns once all running nodes hold the same.
func (n *Network) Settle(ctx context.Context) error {
	nodes := n.Nodes()
	for _, other := range nodes[1:] {
		same := func() bool { return maps.Equal(nodes[0].Have(), other.Have()) }
		for !same() {
			if err := Wait(ctx, other, same); err != nil {
				return err
			}
		}
	}
	for _, other := range nodes[1:] {
		if !maps.Equal(nodes[0].Have(), other.Have()) {
			return n.Settle(ctx)
		}
	}
	return nil
}
