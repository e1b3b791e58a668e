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
