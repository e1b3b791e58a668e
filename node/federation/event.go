package federation

import "github.com/vardar-network/vardar/protocol"

// What happens to an institution while the network is made.
type What int

// The three ways into a network.
const (
	Founded What = iota + 1 // the charter names it
	Joined                  // by an invitation
	Hosted                  // on another's node
)

// Event is something a watcher would be told.
type Event struct {
	Who  protocol.InstitutionID
	What What
	Whom protocol.InstitutionID // the registrar that admitted it
	Over protocol.InstitutionID // the node that let it in, or that hosts it
}
