package federation

import (
	"context"

	"github.com/vardar-network/vardar/node"
	"github.com/vardar-network/vardar/protocol"
)

// OptionsOf are those with which a node runs.
func (n *Network) OptionsOf(id protocol.InstitutionID) node.Options { return n.options(id) }

// RunAs runs a node as one of the network's, with options of its own.
func (n *Network) RunAs(ctx context.Context, id protocol.InstitutionID, o node.Options) error {
	return n.runAs(ctx, id, o)
}

// LineTo gives the wire from one institution to another's node, making it if need be.
func (n *Network) LineTo(ctx context.Context, from, to protocol.InstitutionID) (*Line, error) {
	return n.line(ctx, from, to)
}

// Connect opens a line between two nodes that run, the listener agreeing in advance.
func (n *Network) Connect(ctx context.Context, from, to protocol.InstitutionID) error {
	return n.connect(ctx, from, to)
}

// TellLie tells two scenes of the proof story, of which the first, besides what it shows,
// claims what is not so: that the records at the fork which its author closed count.
func TellLie(ctx context.Context, o TrustOptions) (TrustReport, error) {
	lie := func(s *stage, ctx context.Context) (string, error) {
		detail, err := s.forkClosed(ctx)
		if err != nil {
			return detail, err
		}
		var claimed []node.Said
		for _, k := range s.net.Nodes()[0].Picture(s.now()).Kept {
			if k.Standing == node.Void {
				claimed = append(claimed, node.Said{Name: k.Record, Digest: k.Digest})
			}
		}
		return detail + " Both count.", s.count(claimed...)
	}
	return tellProof(ctx, o, proofStory{"who may speak, scene by scene", []trustScene{{"fork found and closed", lie}, {"joined", (*stage).joined}}})
}
