package node

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/vardar-network/vardar/node/link"
)

// witnessPause is how long a node runs before it first asks whether a witness record is
// due, and then how often: what it missed while it was down should have come by then.
const witnessPause = time.Hour

// witness has the desk write the daily witness records of those hosted who owe them, and
// counts the days on which this node follows its charter in touch with others.
func (n *Node) witness(ctx context.Context) error {
	ask := time.NewTicker(cmp.Or(n.o.Timing.Witness, witnessPause))
	defer ask.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ask.C:
		}
		if slices.ContainsFunc(n.links.States(), func(s link.State) bool { return s.Up }) {
			if err := n.rooms.intake.Settle(ctx); err != nil && ctx.Err() == nil {
				n.o.Logger.WarnContext(ctx, "no day counted for the charter that this node follows", "err", err)
			}
		}
		if _, err := n.desk.Witness(ctx); err != nil && ctx.Err() == nil {
			n.o.Logger.WarnContext(ctx, "what this node holds is not witnessed today", "err", err)
		}
	}
}
