package staff

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
