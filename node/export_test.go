package node

import "github.com/vardar-network/vardar/node/bus"

// Bus lets tests listen to LOG as the institution's own tools do.
func (n *Node) Bus() *bus.Bus { return n.bus }
