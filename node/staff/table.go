package staff

import "github.com/vardar-network/vardar/protocol"

// Row says who may open a route of the pages, or ask for one of the API, and up to which mark what
// it shows may be.
type Row struct {
	Route string            // as the mux has it: GET /situation
	Roles []Role            // none: everybody, before they log in
	Shows protocol.Handling // 0: nothing of any record; of what is open to all, what stands above it is shown up to the [Ceiling] of who reads
	Twin  string            // of a page: the call by which a program does the same, or in words why there is none
	Scope Scope             // of a call: what a token needs; the node's own socket asks none
	also  also
}

// also is what else holds of a page.
type also uint8

// What may hold of a page. GET is tried everywhere; a page that is neither outside nor real is played.
const (
	tried    also = 1 << iota // it is sent in a trial as well: what is then tried, and what concerns nobody but who does it
	unpaired                  // it is open to an account that must have a second factor and has none yet
	anyWorld                  // it is done wherever its form was opened: it concerns nobody but who does it, or what is real as well as what is played
	outside                   // nobody opens it within an exercise: it is a book of what is real
	real                      // it shows within an exercise what is real all the same, and says so
)

// Why a page has no twin among the programs' calls.
const (
	own   = "it concerns a browser, a password or a session: a program has its token"
	typed = "what is typed is kept by the browser's node until it is sent: a program sends it"
	empty = "an empty form, for people: a program says what schemas/ and 'vardar publish --help' tell"
	again = "it has an open page ask again: a program follows GET /v1/stream"
	paper = "an empty sheet, for people: what it asks for is in schemas/"
)

const (
	nothing protocol.Handling = 0
	green                     = protocol.Green
	amber                     = protocol.Amber
)

func page(route string, roles []Role, shows protocol.Handling, twin string, holds ...also) Row {
	r := Row{Route: route, Roles: roles, Shows: shows, Twin: twin}
	for _, h := range holds {
		r.also |= h
	}
	return r
}

func call(route string, roles []Role, shows protocol.Handling, scope Scope) Row {
	return Row{Route: route, Roles: roles, Shows: shows, Scope: scope}
}

// Table is the one place that says who may open what, and which token may ask for what: the checks
// of the pages and of the API and their tests are made from it. What of an act is a page and what is
// a call stand together; who may open a page may ask for its twin.
//
//nolint:funlen // one table, to be read from top to bottom
func Table() []Row {
	all := Roles()
	readers := []Role{Officer, Approver, Coordinator, Auditor}
	writers := []Role{Officer, Approver, Coordinator}
	carriers := []Role{Officer, Approver, Coordinator, Admin}
	keepers := []Role{Admin, Auditor}
	overseers := []Role{Coordinator, Auditor}
	approver, coordinator, admin := []Role{Approver}, []Role{Coordinator}, []Role{Admin}
	return []Row{
		// who comes in, and what concerns nobody but who does it
		page("GET /static/{file}", nil, nothing, own),
		page("GET /enter", nil, nothing, own),
		page("POST /enter", nil, nothing, own),
		page("GET /enter/oidc", nil, nothing, own),
		page("GET /enter/oidc/back", nil, nothing, own),
		page("GET /enter/code", nil, nothing, own),
		page("POST /enter/code", nil, nothing, own),
		page("GET /word", nil, nothing, own),
		page("POST /word", nil, nothing, own),
		page("POST /language", nil, nothing, own, tried, unpaired, anyWorld),
		page("POST /leave", all, nothing, own, tried, unpaired, anyWorld),
		page("GET /account", all, nothing, own, unpaired, outside),
		page("POST /account", all, nothing, own, tried, unpaired, outside),
		page("POST /account/leave", all, nothing, own, tried, unpaired, outside),
		page("POST /account/end", all, nothing, own, tried, unpaired, outside),
		page("GET /account/factor", all, nothing, own, unpaired, outside),
		page("POST /account/factor", all, nothing, own, tried, unpaired, outside),
		page("POST /as", all, nothing, own, tried),

		// what one must know now
		page("GET /{$}", all, green, "GET /v1/now"),
		page("GET /search", all, green, "GET /v1/search"), // above that for who may open it
		page("GET /handover", writers, amber, "GET /v1/handover", outside),
		page("POST /handover", writers, amber, "POST /v1/handover", outside),
		page("POST /looked", coordinator, amber, "POST /v1/looked", tried, outside),
		page("GET /subscriptions", writers, amber, "GET /v1/subscriptions"),
		page("POST /subscriptions", writers, amber, "POST /v1/subscriptions", tried, anyWorld), // and remove beside it
		page("GET /subscriptions/{number}", writers, amber, "GET /v1/subscriptions/{number}"),
		page("POST /subscriptions/{number}", writers, amber, "POST /v1/subscriptions/looked", tried, outside),
		page("GET /live", all, nothing, again), // that something has changed, and nothing of what
		call("GET /v1/now", all, green, Read),  // above that for who may read it
		call("GET /v1/handover", writers, amber, Read),
		call("POST /v1/handover", writers, amber, Publish),
		call("POST /v1/looked", coordinator, amber, Publish),
		call("GET /v1/subscriptions", writers, amber, Read), // those of the token that asks: over the socket, which has no owner, 'vardar watch' chooses by the same words
		call("GET /v1/subscriptions/{number}", writers, amber, Read),
		call("POST /v1/subscriptions", writers, amber, Publish),
		call("POST /v1/subscriptions/remove", writers, amber, Publish),
		call("POST /v1/subscriptions/looked", writers, amber, Publish),
		call("GET /v1/search", all, green, Read), // above that for who may read it
		call("GET /v1/stream", readers, amber, Read),

		// what is typed, and the forms of those who write
		page("GET /drafts", writers, amber, typed),
		page("POST /draft", writers, amber, typed),
		page("POST /typed", writers, amber, typed, tried),
		page("POST /drafts/drop", writers, amber, typed, tried),
		page("POST /try", writers, amber, "POST /v1/publish", tried),
		page("GET /report/blank", writers, amber, paper),
		page("GET /report/sheet", writers, amber, empty),
		page("POST /report/sheet", writers, amber, "POST /v1/import", tried),
		page("POST /report/sheet/send", writers, amber, "POST /v1/import", tried),
		page("GET /report/template.xlsx", writers, amber, paper),
		page("GET /report/template.csv", writers, amber, paper),
		page("GET /report/new", writers, amber, empty),
		page("POST /report/new", writers, amber, "POST /v1/publish", tried),
		page("GET /route/new", writers, amber, empty),
		page("POST /route/new", writers, amber, "POST /v1/publish", tried),
		page("GET /needs/new", writers, amber, empty),
		page("POST /needs/new", writers, amber, "POST /v1/publish", tried),
		page("GET /phase/new", writers, amber, empty),
		page("POST /phase/new", writers, amber, "POST /v1/publish", tried),
		page("GET /alert/new", writers, amber, empty),
		page("POST /alert/new", writers, amber, "POST /v1/publish", tried),
		page("GET /practice/new", writers, amber, empty),
		page("POST /practice/new", writers, amber, "POST /v1/publish", tried),
		page("GET /capacity/new", writers, amber, empty),
		page("POST /capacity/new", writers, amber, "POST /v1/publish", tried),
		page("GET /regional/new", writers, amber, empty),
		page("POST /regional/new", writers, amber, "POST /v1/publish", tried),
		page("GET /note/{institution}/{position}", writers, amber, empty),
		page("POST /note/{institution}/{position}", writers, amber, "POST /v1/answer", tried),
		page("GET /correct/{institution}/{position}", writers, amber, empty),
		page("POST /correct/{institution}/{position}", writers, amber, "POST /v1/correct", tried),
		page("GET /retract/{institution}/{position}", writers, amber, empty),
		page("POST /retract/{institution}/{position}", writers, amber, "POST /v1/correct", tried),
		page("GET /endorse/{institution}/{position}", writers, amber, empty),
		page("POST /endorse/{institution}/{position}", writers, amber, "POST /v1/answer", tried),
		page("POST /acknowledge/{institution}/{position}", writers, amber, "POST /v1/answer"),
		call("POST /v1/publish", writers, amber, Publish),
		call("POST /v1/answer", writers, amber, Publish),
		call("POST /v1/correct", writers, amber, Publish),
		call("POST /v1/import", writers, amber, Publish),
		call("POST /v1/erase", writers, amber, Publish),

		// what waits for a second person
		page("GET /approvals", approver, amber, "GET /v1/approvals", outside),
		page("GET /approvals/{number}", approver, amber, "GET /v1/approvals/{number}", outside),
		page("POST /approvals/{number}/approve", approver, amber, "POST /v1/approvals/{number}/approve", outside),
		page("POST /approvals/{number}/return", approver, amber, "POST /v1/approvals/{number}/return", outside),
		page("POST /approvals/{number}/withdraw", writers, amber, "POST /v1/approvals/{number}/withdraw", outside),
		call("GET /v1/approvals", approver, amber, Read),
		call("GET /v1/approvals/{number}", approver, amber, Read),
		call("POST /v1/approvals/{number}/approve", approver, amber, Publish),
		call("POST /v1/approvals/{number}/return", approver, amber, Publish),
		call("POST /v1/approvals/{number}/withdraw", writers, amber, Publish),

		// the situation, lists and files
		page("GET /situation", readers, amber, "GET /v1/lists/{what}"),
		page("GET /situation/figures.csv", readers, amber, "GET /v1/export/{what}"),
		page("GET /situation/figures.hxl.csv", readers, amber, "GET /v1/export/{what}"),
		page("GET /situation/figures.xlsx", readers, amber, "GET /v1/export/{what}"),
		page("GET /list/{what}/{format}", readers, amber, "GET /v1/export/{what}"), // bodies up to the mark of the role
		page("GET /situation/routes", readers, amber, "GET /v1/lists/{what}"),
		page("GET /situation/reporting", readers, amber, "GET /v1/lists/{what}"),
		page("GET /situation/alerts", readers, amber, "GET /v1/lists/{what}"),
		page("GET /situation/contradictions", readers, amber, "GET /v1/lists/{what}"),
		page("GET /situation/phases", readers, amber, "GET /v1/lists/{what}"),
		page("GET /regional", readers, amber, "GET /v1/lists/{what}"),
		page("GET /regional/{institution}/{position}", readers, amber, "GET /v1/regional/{institution}/{position}"),
		page("POST /situation/alerts/dismiss", writers, amber, "POST /v1/alerts/dismiss", outside),
		page("POST /situation/remind", writers, amber, "POST /v1/remind"),
		call("POST /v1/alerts/dismiss", writers, amber, Publish),
		call("POST /v1/remind", writers, amber, Publish),
		call("GET /v1/regional/{institution}/{position}", readers, amber, Read),
		call("GET /v1/lists/{what}", readers, amber, Read),
		call("GET /v1/export/{what}", readers, amber, Read),
		call("GET /v1/picture", readers, amber, Read),

		// records, places, incidents, and their proof
		page("GET /place/{code}", readers, amber, "GET /v1/show"),
		page("GET /incident/{institution}/{position}", readers, amber, "GET /v1/incidents/{institution}/{position}"),
		page("GET /incident/{institution}/{position}/brief", readers, amber, "GET /v1/incidents/{institution}/{position}/brief"),
		page("GET /record/{institution}/{position}", readers, amber, "GET /v1/show"),
		page("GET /record/{institution}/{position}/edxl", readers, amber, "GET /v1/messages/{institution}/{position}"), // bodies up to the mark of the role
		page("GET /evidence/{institution}/{position}", readers, amber, "GET /v1/records/{institution}/{position}/evidence", outside),
		page("GET /evidence/pack", overseers, amber, "GET /v1/evidence", outside), // bodies up to the mark of the role
		call("GET /v1/messages/{institution}/{position}", readers, amber, Read),
		call("GET /v1/records/{institution}/{position}", readers, amber, Read),
		call("GET /v1/records/{institution}/{position}/holders", readers, amber, Read),
		call("GET /v1/records/{institution}/{position}/evidence", readers, amber, Read),
		call("GET /v1/evidence", overseers, amber, Read), // bodies up to the mark of the role
		call("GET /v1/show", readers, amber, Read),
		call("GET /v1/incidents/{institution}/{position}", readers, amber, Read),
		call("GET /v1/incidents/{institution}/{position}/brief", readers, amber, Read),

		// who asks, gives, and has what
		page("GET /help", readers, amber, "GET /v1/lists/{what}"),
		page("GET /help/stock", readers, amber, "GET /v1/sites", outside),
		page("POST /help/stock", writers, amber, "POST /v1/sites/move", outside), // and set, count, remove, declare beside it
		page("GET /help/capacity", readers, amber, "GET /v1/lists/{what}"),
		page("GET /help/solidarity", readers, amber, "GET /v1/lists/{what}"),
		page("GET /help/3w.csv", readers, amber, "GET /v1/export/{what}"),
		page("GET /help/{institution}/{position}", readers, amber, "GET /v1/exchanges/{institution}/{position}"),
		page("POST /help/{institution}/{position}", writers, amber, "POST /v1/answer"),
		page("GET /help/{institution}/{position}/paper", readers, amber, "GET /v1/exchanges/{institution}/{position}"),
		page("GET /help/{institution}/{position}/edxl", readers, amber, "GET /v1/messages/{institution}/{position}"), // bodies up to the mark of the role
		page("GET /delivery/{institution}/{position}", readers, amber, "GET /v1/deliveries/{institution}/{position}"),
		call("GET /v1/sites", readers, amber, Read),
		call("GET /v1/sites/movements", readers, amber, Read),
		call("GET /v1/sites/draft", readers, amber, Read),
		call("POST /v1/sites", writers, amber, Publish),
		call("POST /v1/sites/count", writers, amber, Publish),
		call("POST /v1/sites/remove", writers, amber, Publish),
		call("POST /v1/sites/move", writers, amber, Publish),
		call("POST /v1/sites/declare", writers, amber, Publish),
		call("GET /v1/exchanges/{institution}/{position}", readers, amber, Read),
		call("GET /v1/deliveries/{institution}/{position}", readers, amber, Read),

		// who promises, pays and receives
		page("GET /funds", readers, amber, "GET /v1/lists/{what}"),
		page("POST /funds", writers, amber, "POST /v1/publish"),
		page("GET /funds/plan", readers, amber, empty),
		page("POST /funds/plan", writers, amber, "POST /v1/publish"),
		page("POST /funds/plan/sheet", writers, amber, "POST /v1/plans/sheet"),
		page("GET /funds/plan/{institution}/{position}", readers, amber, "GET /v1/plans/{institution}/{position}"),
		page("POST /funds/plan/{institution}/{position}", writers, amber, "POST /v1/answer"),
		page("GET /funds/plan/{institution}/{position}/plan.xlsx", readers, amber, "GET /v1/plans/{institution}/{position}/sheet"),
		page("GET /funds/plan/{institution}/{position}/plan.csv", readers, amber, "GET /v1/plans/{institution}/{position}/sheet"),
		page("GET /funds/flow/{institution}/{position}", readers, amber, "GET /v1/flows/{institution}/{position}"),
		page("POST /funds/flow/{institution}/{position}", writers, amber, "POST /v1/answer"),
		call("GET /v1/flows/{institution}/{position}", readers, amber, Read),
		call("GET /v1/plans/{institution}/{position}", readers, amber, Read),
		call("GET /v1/plans/{institution}/{position}/sheet", readers, amber, Read),
		call("POST /v1/plans/sheet", writers, amber, Publish),

		// who asks, answers and decides
		page("GET /policy", readers, amber, "GET /v1/lists/{what}"),
		page("POST /policy", writers, amber, "POST /v1/publish"),
		page("GET /policy/consultation/{institution}/{position}", readers, amber, "GET /v1/consultations/{institution}/{position}"),
		page("POST /policy/consultation/{institution}/{position}", writers, amber, "POST /v1/answer"),
		page("GET /policy/alignment", readers, amber, "GET /v1/lists/{what}"),
		page("POST /policy/alignment", writers, amber, "POST /v1/answer"),
		page("GET /policy/strategy/{institution}/{position}", readers, amber, "GET /v1/strategies/{institution}/{position}"),
		page("POST /policy/strategy/{institution}/{position}", writers, amber, "POST /v1/answer"),
		page("GET /policy/project", readers, amber, empty),
		page("POST /policy/project", writers, amber, "POST /v1/publish"),
		page("GET /policy/project/{institution}/{position}", readers, amber, "GET /v1/projects/{institution}/{position}"),
		page("POST /policy/project/{institution}/{position}", writers, amber, "POST /v1/answer"),
		call("GET /v1/consultations/{institution}/{position}", readers, amber, Read),
		call("GET /v1/strategies/{institution}/{position}", readers, amber, Read),
		call("GET /v1/projects/{institution}/{position}", readers, amber, Read),

		// what others have tried
		page("GET /library", readers, amber, "GET /v1/lists/{what}"),
		page("GET /library/{institution}/{position}", readers, amber, "GET /v1/practices/{institution}/{position}"),
		page("POST /library/{institution}/{position}", writers, amber, "POST /v1/answer"),
		page("GET /library/{institution}/{position}/file/{number}", readers, amber, "GET /v1/practices/{institution}/{position}/files/{number}"),
		call("GET /v1/practices/{institution}/{position}", readers, amber, Read),
		call("GET /v1/practices/{institution}/{position}/files/{number}", readers, amber, Read),

		// exercises: who reads takes part
		page("GET /exercise", readers, amber, "GET /v1/lists/{what}"),
		page("POST /exercise", coordinator, amber, "POST /v1/publish"),
		page("POST /exercise/enter", readers, amber, own),
		page("POST /exercise/leave", readers, nothing, own, tried, anyWorld),

		// who is woken
		page("GET /ring", all, green, "GET /v1/duty"),       // above that only that something came
		page("GET /duty", all, green, "GET /v1/duty", real), // the same
		page("POST /duty/seen", writers, amber, "POST /v1/duty/seen", anyWorld, real),
		page("POST /duty/test", admin, nothing, "POST /v1/duty/test", outside),
		page("GET /duty/rules", keepers, nothing, "GET /v1/webhooks", real),
		page("POST /duty/rules", admin, nothing, "POST /v1/webhooks", real), // and pause, resume, test, remove beside it
		call("GET /v1/duty", all, green, Read),                              // above that only that something came
		call("GET /v1/webhooks", keepers, nothing, Read),
		call("POST /v1/duty/seen", writers, amber, Publish),
		call("POST /v1/duty/test", admin, nothing, Manage),
		call("POST /v1/webhooks", admin, nothing, Manage),
		call("POST /v1/webhooks/remove", admin, nothing, Manage),
		call("POST /v1/webhooks/pause", admin, nothing, Manage),
		call("POST /v1/webhooks/resume", admin, nothing, Manage),
		call("POST /v1/webhooks/test", admin, nothing, Manage),

		// the network, its lines and its charter
		page("GET /network", all, green, "GET /v1/members", real),
		page("GET /network/member/{id}", all, green, "GET /v1/members/{id}", real),
		page("GET /network/links", all, green, "GET /v1/links", real),
		page("GET /network/links/{peer}", all, green, "GET /v1/links/{peer}", real),
		page("POST /network/links", admin, nothing, "POST /v1/links", outside),
		page("POST /network/links/{peer}/propose", admin, nothing, "POST /v1/links/{peer}/propose", outside),
		page("POST /network/links/{peer}/approve", admin, nothing, "POST /v1/links/{peer}/approve", outside), // the second signature is the other side's
		page("POST /network/links/{peer}/pause", admin, nothing, "POST /v1/links/{peer}/pause", outside),
		page("POST /network/links/{peer}/resume", admin, nothing, "POST /v1/links/{peer}/resume", outside),
		page("POST /network/links/{peer}/remove", admin, nothing, "POST /v1/links/{peer}/remove", outside),
		page("POST /network/links/{peer}/test", admin, nothing, "POST /v1/links/{peer}/test", outside),
		page("GET /network/invite", admin, nothing, empty, outside),
		page("POST /network/invite", admin, nothing, "POST /v1/members/invite", outside),
		page("GET /network/carry", carriers, nothing, "GET /v1/links", outside),
		page("POST /network/carry", carriers, nothing, "POST /v1/bundles", outside),
		page("POST /network/carry/{peer}", carriers, nothing, "POST /v1/links/{peer}/bundle", outside), // sealed to the peer
		page("GET /network/dropped", []Role{Coordinator, Admin, Auditor}, nothing, "GET /v1/status", outside),
		call("GET /v1/members", all, green, Read),
		call("GET /v1/members/{id}", all, green, Read),
		call("GET /v1/charter", all, green, Read),
		call("GET /v1/links", all, green, Read),
		call("GET /v1/links/{peer}", all, green, Read),
		call("POST /v1/charter/draft", admin, nothing, Manage),
		call("POST /v1/charter/publish", admin, nothing, Manage),
		call("POST /v1/charter/accept", admin, nothing, Manage),
		call("POST /v1/members/invite", admin, nothing, Manage),
		call("POST /v1/members/admit", admin, nothing, Manage),
		call("POST /v1/members/close", admin, nothing, Manage),
		call("POST /v1/links/{peer}/bundle", carriers, nothing, Manage), // sealed to the peer
		call("POST /v1/bundles", carriers, nothing, Manage),
		call("POST /v1/links", admin, nothing, Manage),
		call("POST /v1/links/{peer}/propose", admin, nothing, Manage),
		call("POST /v1/links/{peer}/approve", admin, nothing, Manage),
		call("POST /v1/links/{peer}/pause", admin, nothing, Manage),
		call("POST /v1/links/{peer}/resume", admin, nothing, Manage),
		call("POST /v1/links/{peer}/remove", admin, nothing, Manage),
		call("POST /v1/links/{peer}/test", admin, nothing, Manage),

		// the node, its people and what they did
		page("GET /staff", keepers, nothing, "GET /v1/staff", outside),
		page("POST /staff", admin, nothing, "POST /v1/staff", outside),
		page("POST /staff/token", admin, nothing, "POST /v1/tokens", outside),
		page("POST /staff/token/remove", admin, nothing, "POST /v1/tokens/remove", outside),
		page("GET /node", keepers, nothing, "GET /v1/doctor", outside),
		page("GET /audit", keepers, nothing, "GET /v1/lists/audit", outside),
		call("GET /v1/lists/audit", keepers, nothing, Read),
		call("GET /v1/export/audit", keepers, nothing, Read),
		call("GET /v1/status", all, green, Read),
		call("GET /v1/doctor", all, green, Read),
		call("GET /v1/keys", admin, nothing, Read),
		call("GET /v1/staff", keepers, nothing, Read),
		call("GET /v1/staff/logins", keepers, nothing, Read),
		call("GET /v1/tokens", keepers, nothing, Read),
		call("GET /livez", all, nothing, Read),
		call("GET /readyz", all, nothing, Read),
		call("GET /metrics", all, green, Read),
		call("POST /v1/keys/rotate", admin, nothing, Manage),
		call("POST /v1/staff", admin, nothing, Manage),
		call("POST /v1/tokens", admin, nothing, Manage),
		call("POST /v1/tokens/remove", admin, nothing, Manage),
		call("POST /v1/backups", admin, nothing, Manage),
	}
}
