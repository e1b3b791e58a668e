package node

import (
	"context"

	"github.com/vardar-network/vardar/protocol"
)

// IntroduceHosted writes the first trust records of every hosted institution whose
// admission is here and that has none yet, until all have, or ctx ends.
func (n *Node) IntroduceHosted(ctx context.Context) error {
	changed, stop := n.rooms.board.Subscribe() // told after trust, which the store is not
	defer stop()
	for {
		waits := false
		for _, id := range n.Institutions() {
			e := protocol.EpochID{Feed: protocol.Feed{Institution: id, Topic: protocol.Trust}, Epoch: 1}
			if len(n.rooms.store.Branches(e)) > 0 {
				continue
			}
			member, ok := n.rooms.trust.Member(id)
			if !ok {
				waits = true
				continue
			}
			if err := n.Introduce(ctx, Opening{Institution: id, Level: member.Level}); err != nil {
				return err
			}
			n.o.Logger.InfoContext(ctx, "hosted institution introduced", "institution", id)
		}
		if !waits {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil
		}
	}
}
