package staff

import (
	"slices"

	"github.com/vardar-network/vardar/protocol"
)

// Call says what a token needs to ask the API for something.
type Call struct {
	Route string // as the mux has it
	Scope Scope
	Roles []Role
	Shows protocol.Handling // 0: nothing of any record
}

// Calls is what [Table] is, for programs: the API's checks of tokens and their tests are made from
// it. The node's own socket asks none.
func Calls() []Call {
	all := Roles()
	readers := []Role{Officer, Approver, Coordinator, Auditor}
	writers := []Role{Officer, Approver, Coordinator}
	admin := []Role{Admin}
	return slices.Concat(stockCalls(readers, writers), approvalCalls(writers), watchCalls(all, readers, writers), policyCalls(readers), []Call{
		{"GET /v1/records/{institution}/{position}", Read, readers, protocol.Amber},
		{"GET /v1/records/{institution}/{position}/holders", Read, readers, protocol.Amber},
		{"GET /v1/records/{institution}/{position}/evidence", Read, readers, protocol.Amber},
		{"GET /v1/evidence", Read, []Role{Coordinator, Auditor}, protocol.Amber}, // bodies up to the mark of the role
		{"GET /v1/lists/{what}", Read, readers, protocol.Amber},
		{"GET /v1/lists/audit", Read, []Role{Admin, Auditor}, 0},
		{"GET /v1/search", Read, all, protocol.Green}, // above that for who may read it
		{"GET /v1/export/{what}", Read, readers, protocol.Amber},
		{"GET /v1/export/audit", Read, []Role{Admin, Auditor}, 0},
		{"GET /v1/show", Read, readers, protocol.Amber},
		{"GET /v1/incidents/{institution}/{position}", Read, readers, protocol.Amber},
		{"GET /v1/incidents/{institution}/{position}/brief", Read, readers, protocol.Amber},
		{"GET /v1/picture", Read, readers, protocol.Amber},
		{"GET /v1/stream", Read, readers, protocol.Amber},
		{"GET /v1/status", Read, all, protocol.Green},
		{"GET /v1/doctor", Read, all, protocol.Green},
		{"GET /v1/members", Read, all, protocol.Green},
		{"GET /v1/members/{id}", Read, all, protocol.Green},
		{"GET /v1/charter", Read, all, protocol.Green},
		{"GET /v1/links", Read, all, protocol.Green},
		{"GET /v1/links/{peer}", Read, all, protocol.Green},
		{"GET /v1/keys", Read, admin, 0},
		{"GET /v1/staff", Read, []Role{Admin, Auditor}, 0},
		{"GET /v1/staff/logins", Read, []Role{Admin, Auditor}, 0},
		{"GET /v1/tokens", Read, []Role{Admin, Auditor}, 0},
		{"GET /v1/duty", Read, all, protocol.Green}, // above that only that something came
		{"GET /v1/webhooks", Read, []Role{Admin, Auditor}, 0},
		{"GET /livez", Read, all, 0},
		{"GET /readyz", Read, all, 0},
		{"GET /metrics", Read, all, protocol.Green},
		{"POST /v1/publish", Publish, writers, protocol.Amber},
		{"POST /v1/answer", Publish, writers, protocol.Amber},
		{"POST /v1/correct", Publish, writers, protocol.Amber},
		{"POST /v1/import", Publish, writers, protocol.Amber},
		{"POST /v1/plans/sheet", Publish, writers, protocol.Amber},
		{"POST /v1/erase", Publish, writers, protocol.Amber},
		{"POST /v1/duty/seen", Publish, writers, protocol.Amber},
		{"POST /v1/duty/test", Manage, admin, 0},
		{"POST /v1/webhooks", Manage, admin, 0},
		{"POST /v1/webhooks/remove", Manage, admin, 0},
		{"POST /v1/webhooks/pause", Manage, admin, 0},
		{"POST /v1/webhooks/resume", Manage, admin, 0},
		{"POST /v1/charter/draft", Manage, admin, 0},
		{"POST /v1/charter/publish", Manage, admin, 0},
		{"POST /v1/charter/accept", Manage, admin, 0},
		{"POST /v1/members/invite", Manage, admin, 0},
		{"POST /v1/members/admit", Manage, admin, 0},
		{"POST /v1/members/close", Manage, admin, 0},
		{"POST /v1/keys/rotate", Manage, admin, 0},
		{"POST /v1/staff", Manage, admin, 0},
		{"POST /v1/tokens", Manage, admin, 0},
		{"POST /v1/tokens/remove", Manage, admin, 0},
		{"POST /v1/backups", Manage, admin, 0},
		{"POST /v1/links/{peer}/bundle", Manage, append(writers, Admin), 0}, // sealed to the peer
		{"POST /v1/bundles", Manage, append(writers, Admin), 0},
		{"POST /v1/links", Manage, admin, 0},
		{"POST /v1/links/{peer}/propose", Manage, admin, 0},
		{"POST /v1/links/{peer}/approve", Manage, admin, 0},
		{"POST /v1/links/{peer}/test", Manage, admin, 0},
	})
}

// approvalCalls are those of what waits for a second person.
func approvalCalls(writers []Role) []Call {
	return []Call{
		{"GET /v1/approvals", Read, []Role{Approver}, protocol.Amber},
		{"GET /v1/approvals/{number}", Read, []Role{Approver}, protocol.Amber},
		{"POST /v1/approvals/{number}/approve", Publish, []Role{Approver}, protocol.Amber},
		{"POST /v1/approvals/{number}/return", Publish, []Role{Approver}, protocol.Amber},
		{"POST /v1/approvals/{number}/withdraw", Publish, writers, protocol.Amber},
	}
}

// watchCalls are those of what one must know now, and of what one has seen of it.
func watchCalls(all, readers, writers []Role) []Call {
	return []Call{
		{"GET /v1/now", Read, all, protocol.Green}, // above that for who may read it
		{"GET /v1/handover", Read, writers, protocol.Amber},
		{"POST /v1/handover", Publish, writers, protocol.Amber},
		{"POST /v1/looked", Publish, []Role{Coordinator}, protocol.Amber},
		{"POST /v1/alerts/dismiss", Publish, writers, protocol.Amber},
		{"GET /v1/exchanges/{institution}/{position}", Read, readers, protocol.Amber},
		{"GET /v1/flows/{institution}/{position}", Read, readers, protocol.Amber},
		{"GET /v1/deliveries/{institution}/{position}", Read, readers, protocol.Amber},
	}
}

// stockCalls are those of the book of one's own sites.
func stockCalls(readers, writers []Role) []Call {
	return []Call{
		{"GET /v1/sites", Read, readers, protocol.Amber},
		{"GET /v1/sites/movements", Read, readers, protocol.Amber},
		{"GET /v1/sites/draft", Read, readers, protocol.Amber},
		{"POST /v1/sites", Publish, writers, protocol.Amber},
		{"POST /v1/sites/count", Publish, writers, protocol.Amber},
		{"POST /v1/sites/remove", Publish, writers, protocol.Amber},
		{"POST /v1/sites/move", Publish, writers, protocol.Amber},
		{"POST /v1/sites/declare", Publish, writers, protocol.Amber},
	}
}

// MayCall reports whether a token may ask for a route. One that is not in the table no token
// may ask for.
func MayCall(t Token, route string) bool {
	calls := Calls()
	i := slices.IndexFunc(calls, func(c Call) bool { return c.Route == route })
	if i < 0 {
		return false
	}
	c := &calls[i]
	return t.Scope.holds(c.Scope) && slices.Contains(c.Roles, t.Role) && c.Shows <= Ceiling(t.Role)
}

// policyCalls read what is asked of whom, and what is to be reached.
func policyCalls(readers []Role) []Call {
	return []Call{
		{"GET /v1/consultations/{institution}/{position}", Read, readers, protocol.Amber},
		{"GET /v1/strategies/{institution}/{position}", Read, readers, protocol.Amber},
		{"GET /v1/projects/{institution}/{position}", Read, readers, protocol.Amber},
		{"GET /v1/plans/{institution}/{position}", Read, readers, protocol.Amber},
		{"GET /v1/plans/{institution}/{position}/sheet", Read, readers, protocol.Amber},
		{"GET /v1/messages/{institution}/{position}", Read, readers, protocol.Amber},
		{"GET /v1/practices/{institution}/{position}", Read, readers, protocol.Amber},
		{"GET /v1/regional/{institution}/{position}", Read, readers, protocol.Amber},
		{"GET /v1/practices/{institution}/{position}/files/{number}", Read, readers, protocol.Amber},
	}
}
