package node

import (
	"context"
	"errors"

	"github.com/vardar-network/vardar/node/bus"
	"github.com/vardar-network/vardar/node/intake"
	"github.com/vardar-network/vardar/node/link"
	"github.com/vardar-network/vardar/protocol"
)

// inbox gives intake what IN holds, with the institution behind each link's token.
type inbox struct {
	arrivals *bus.Inbox
	links    *link.Links
}

// Next waits for frames; see bus.Inbox.
func (i inbox) Next(ctx context.Context) ([]intake.Arrived, func() error, error) {
	batch, done, err := i.arrivals.Next(ctx)
	if err != nil {
		return nil, nil, err
	}
	out := make([]intake.Arrived, len(batch))
	for k, a := range batch {
		out[k] = intake.Arrived{Peer: i.links.PeerOf(a.Token), Token: a.Token, Reply: a.Reply, Frame: a.Frame}
	}
	return out, done, nil
}

// logStream publishes on LOG and fills it anew where it was lost.
type logStream struct{ n *Node }

// PublishLog puts records on LOG; see bus.Bus.
func (l logStream) PublishLog(ctx context.Context, records []protocol.Record) error {
	err := l.n.bus.PublishLog(ctx, records)
	if errors.Is(err, bus.ErrLogRenewed) {
		l.n.refillLog(ctx)
		return nil
	}
	return err
}

// logLot is how many records go on LOG at once while it is filled.
const logLot = 1000

// refillLog fills LOG's window from the archive.
func (n *Node) refillLog(ctx context.Context) {
	lot := make([]protocol.Record, 0, logLot)
	flush := func() bool {
		if err := n.bus.PublishLog(ctx, lot); err != nil {
			n.o.Logger.WarnContext(ctx, "LOG not filled", "err", err)
			return false
		}
		lot = lot[:0]
		return true
	}
	for s, err := range n.rooms.store.All(ctx) {
		if err != nil {
			n.o.Logger.WarnContext(ctx, "record not put on LOG", "err", err)
			continue
		}
		if lot = append(lot, s.Record); len(lot) == logLot && !flush() {
			return
		}
	}
	if len(lot) > 0 {
		flush()
	}
}

// offline stands for IN, LOG and the links of a node that does not run.
type offline struct{}

// Next never gives anything.
func (offline) Next(ctx context.Context) ([]intake.Arrived, func() error, error) {
	<-ctx.Done()
	return nil, nil, ctx.Err()
}

// PublishLog leaves LOG as it is: it is filled when the node runs.
func (offline) PublishLog(context.Context, []protocol.Record) error { return nil }

// Answer has nobody to answer.
func (offline) Answer(protocol.LinkToken, string, protocol.Acknowledgement) {}

// Fetch has nobody to ask.
func (offline) Fetch(intake.Gap) {}

// Took has nobody to note it for.
func (offline) Took(protocol.LinkToken, []protocol.HaveRow) {}

// Sends lets a newcomer take the trust topic.
func (offline) Sends(_ protocol.LinkToken, g protocol.Group) bool { return g.Topic == protocol.Trust }
