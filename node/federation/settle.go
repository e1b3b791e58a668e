package federation

import (
	"context"
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
			return ctx.Err()
		}
	}
	return nil
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
