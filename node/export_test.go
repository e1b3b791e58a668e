package node

import (
	"github.com/vardar-network/vardar/node/bus"
	"github.com/vardar-network/vardar/protocol"
)

// Bus lets tests listen to LOG as the institution's own tools do.
func (n *Node) Bus() *bus.Bus { return n.bus }

// SparedLog is what LOG is given of records that came at once, its window beginning then.
func SparedLog(records []protocol.Record, from protocol.Instant) []protocol.Record {
	return spared(records, from)
}
