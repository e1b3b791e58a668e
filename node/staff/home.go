package staff

import "github.com/vardar-network/vardar/protocol"

// Home is what Now shows first.
type Home string

// What Now can show first.
const (
	HomePost     Home = "post"     // what a duty officer must know
	HomeOverview Home = "overview" // what is new, late, unmet, contradicted
	HomeNode     Home = "node"     // how the node is, and nothing of what records say
	HomeAudit    Home = "audit"    // what people did here
)

// HomeOf gives what Now shows a role.
func HomeOf(r Role) Home {
	switch r {
	case Coordinator:
		return HomeOverview
	case Admin:
		return HomeNode
	case Auditor:
		return HomeAudit
	case Officer, Approver:
	}
	return HomePost
}

// Ceiling is the highest mark of what a role may read: who keeps the machine need not read
// what is limited to those who must know it. Sealed bodies no page reads.
func Ceiling(r Role) protocol.Handling {
	if r == Admin {
		return protocol.Green
	}
	return protocol.Amber
}
