package node

import (
	"context"

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

// offline stands for IN, LOG and the links of a node that does not run.
type offline struct{}

// Next never gives anything.
func (offline) Next(ctx context.Context) ([]intake.Arrived, func() error, error) {
	<-ctx.Done()
	return nil, nil, ctx.Err()
}

// PublishLog leaves LOG as it is: it is filled when the node runs.
func (offline) PublishLog(context.Context, []protocol.Record) error { return nil }

// EraseLog leaves LOG as it is: what is erased now, and was not by the run before, belongs
// to one that did not end in order, and behind such a one LOG is made anew.
func (offline) EraseLog(context.Context, []protocol.Record) error { return nil }

// Answer has nobody to answer.
func (offline) Answer(protocol.LinkToken, string, protocol.Acknowledgement) {}

// Fetch has nobody to ask.
func (offline) Fetch(intake.Gap) {}

// Took has nobody to note it for.
func (offline) Took(protocol.LinkToken, []protocol.HaveRow) {}

// Sends lets a newcomer take the trust topic.
func (offline) Sends(_ protocol.LinkToken, g protocol.Group) bool { return g.Topic == protocol.Trust }
