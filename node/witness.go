package node

import (
	"cmp"
	"context"
	"time"
)

// witnessPause is how long a node runs before it first asks whether a witness record is
// due, and then how often: what it missed while it was down should have come by then.
const witnessPause = time.Hour

// witness has the desk write the daily witness records of those hosted who owe them.
func (n *Node) witness(ctx context.Context) error {
	ask := time.NewTicker(cmp.Or(n.o.Timing.Witness, witnessPause))
	defer ask.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ask.C:
		}
		if _, err := n.desk.Witness(ctx); err != nil && ctx.Err() == nil {
			n.o.Logger.WarnContext(ctx, "what this node holds is not witnessed today", "err", err)
		}
	}
}
