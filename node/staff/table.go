package staff

import (
	"slices"
	"strings"

	"github.com/vardar-network/vardar/protocol"
)

// Row says who may open a route of the pages, and up to which mark what it shows may be.
type Row struct {
	Route string            // as the mux has it: GET /situation
	Roles []Role            // none: everybody, before they log in
	Shows protocol.Handling // 0: nothing of any record
}

// Table is the one place that says who may open what: the pages' checks and their tests
// are made from it.
func Table() []Row {
	all := Roles()
	readers := []Role{Officer, Approver, Coordinator, Auditor}
	writers := []Role{Officer, Approver, Coordinator}
	return slices.Concat(entering(all), forms(writers), helping(readers, writers), funding(readers, writers), deciding(readers, writers), learning(readers, writers), exercising(readers), []Row{
		{"GET /{$}", all, protocol.Green},
		{"GET /search", all, protocol.Green}, // above that for who may open it
		{"GET /situation", readers, protocol.Amber},
		{"GET /situation/figures.csv", readers, protocol.Amber},
		{"GET /situation/figures.hxl.csv", readers, protocol.Amber},
		{"GET /situation/figures.xlsx", readers, protocol.Amber},
		{"GET /list/{what}/{format}", readers, protocol.Amber}, // bodies up to the mark of the role
		{"GET /situation/routes", readers, protocol.Amber},
		{"GET /situation/reporting", readers, protocol.Amber},
		{"GET /situation/alerts", readers, protocol.Amber},
		{"GET /situation/contradictions", readers, protocol.Amber},
		{"GET /regional", readers, protocol.Amber},
		{"GET /regional/{institution}/{position}", readers, protocol.Amber},
		{"GET /place/{code}", readers, protocol.Amber},
		{"GET /incident/{institution}/{position}", readers, protocol.Amber},
		{"GET /incident/{institution}/{position}/brief", readers, protocol.Amber},
		{"GET /handover", writers, protocol.Amber},
		{"POST /handover", writers, protocol.Amber},
		{"POST /looked", []Role{Coordinator}, protocol.Amber},
		{"GET /approvals", []Role{Approver}, protocol.Amber},
		{"GET /approvals/{number}", []Role{Approver}, protocol.Amber},
		{"POST /approvals/{number}/approve", []Role{Approver}, protocol.Amber},
		{"POST /approvals/{number}/return", []Role{Approver}, protocol.Amber},
		{"POST /approvals/{number}/withdraw", writers, protocol.Amber},
		{"GET /record/{institution}/{position}", readers, protocol.Amber},
		{"GET /record/{institution}/{position}/edxl", readers, protocol.Amber}, // the same
		{"GET /live", all, 0},              // that something has changed, and nothing of what
		{"GET /ring", all, protocol.Green}, // above that only that something came
		{"GET /duty", all, protocol.Green}, // the same
		{"GET /duty/rules", []Role{Admin, Auditor}, 0},
		{"POST /duty/rules", []Role{Admin}, 0},
		{"POST /duty/seen", writers, protocol.Amber},
		{"POST /duty/test", []Role{Admin}, 0},
		{"POST /situation/alerts/dismiss", writers, protocol.Amber},
		{"GET /network", all, protocol.Green},
		{"GET /network/member/{id}", all, protocol.Green},
		{"GET /network/links", all, protocol.Green},
		{"GET /network/invite", []Role{Admin}, 0},
		{"POST /network/invite", []Role{Admin}, 0},
		{"GET /network/carry", append(writers, Admin), 0},
		{"POST /network/carry", append(writers, Admin), 0},
		{"POST /network/carry/{peer}", append(writers, Admin), 0}, // sealed to the peer
		{"GET /network/dropped", []Role{Coordinator, Admin, Auditor}, 0},
		{"GET /staff", []Role{Admin, Auditor}, 0},
		{"POST /staff", []Role{Admin}, 0},
		{"POST /staff/token", []Role{Admin}, 0},
		{"POST /staff/token/remove", []Role{Admin}, 0},
		{"POST /situation/remind", writers, protocol.Amber},
		{"GET /evidence/{institution}/{position}", readers, protocol.Amber},
		{"GET /evidence/pack", []Role{Coordinator, Auditor}, protocol.Amber}, // bodies up to the mark of the role
		{"GET /node", []Role{Admin, Auditor}, 0},
		{"GET /audit", []Role{Admin, Auditor}, 0},
	})
}

// entering are the rows of who comes in, and of what concerns nobody but who does it.
func entering(all []Role) []Row {
	return []Row{
		{"GET /static/{file}", nil, 0},
		{"GET /enter", nil, 0},
		{"POST /enter", nil, 0},
		{"GET /enter/oidc", nil, 0},
		{"GET /enter/oidc/back", nil, 0},
		{"GET /enter/code", nil, 0},
		{"POST /enter/code", nil, 0},
		{"GET /word", nil, 0},
		{"POST /word", nil, 0},
		{"POST /language", nil, 0},
		{"POST /leave", all, 0},
		{"GET /account", all, 0},
		{"POST /account", all, 0},
		{"POST /account/leave", all, 0},
		{"POST /account/end", all, 0},
		{"GET /account/factor", all, 0},
		{"POST /account/factor", all, 0},
		{"POST /as", all, 0},
	}
}

// helping are the rows of who asks, gives, and has what.
func helping(readers, writers []Role) []Row {
	return []Row{
		{"GET /help", readers, protocol.Amber},
		{"GET /help/stock", readers, protocol.Amber},
		{"POST /help/stock", writers, protocol.Amber},
		{"GET /help/capacity", readers, protocol.Amber},
		{"GET /help/solidarity", readers, protocol.Amber},
		{"GET /help/3w.csv", readers, protocol.Amber},
		{"GET /help/{institution}/{position}", readers, protocol.Amber},
		{"POST /help/{institution}/{position}", writers, protocol.Amber},
		{"GET /help/{institution}/{position}/paper", readers, protocol.Amber},
		{"GET /help/{institution}/{position}/edxl", readers, protocol.Amber}, // bodies up to the mark of the role
		{"POST /acknowledge/{institution}/{position}", writers, protocol.Amber},
		{"GET /delivery/{institution}/{position}", readers, protocol.Amber},
	}
}

// funding are the rows of who promises, pays and receives.
func funding(readers, writers []Role) []Row {
	return []Row{
		{"GET /funds", readers, protocol.Amber},
		{"POST /funds", writers, protocol.Amber},
		{"GET /funds/plan", readers, protocol.Amber},
		{"POST /funds/plan", writers, protocol.Amber},
		{"POST /funds/plan/sheet", writers, protocol.Amber},
		{"GET /funds/plan/{institution}/{position}", readers, protocol.Amber},
		{"POST /funds/plan/{institution}/{position}", writers, protocol.Amber},
		{"GET /funds/plan/{institution}/{position}/plan.xlsx", readers, protocol.Amber},
		{"GET /funds/plan/{institution}/{position}/plan.csv", readers, protocol.Amber},
		{"GET /funds/flow/{institution}/{position}", readers, protocol.Amber},
		{"POST /funds/flow/{institution}/{position}", writers, protocol.Amber},
	}
}

// deciding are the rows of who asks, answers and decides.
func deciding(readers, writers []Role) []Row {
	return []Row{
		{"GET /policy", readers, protocol.Amber},
		{"POST /policy", writers, protocol.Amber},
		{"GET /policy/consultation/{institution}/{position}", readers, protocol.Amber},
		{"POST /policy/consultation/{institution}/{position}", writers, protocol.Amber},
		{"GET /policy/alignment", readers, protocol.Amber},
		{"POST /policy/alignment", writers, protocol.Amber},
		{"GET /policy/strategy/{institution}/{position}", readers, protocol.Amber},
		{"POST /policy/strategy/{institution}/{position}", writers, protocol.Amber},
		{"GET /policy/project", readers, protocol.Amber},
		{"POST /policy/project", writers, protocol.Amber},
		{"GET /policy/project/{institution}/{position}", readers, protocol.Amber},
		{"POST /policy/project/{institution}/{position}", writers, protocol.Amber},
	}
}

// learning are the rows of what others have tried.
func learning(readers, writers []Role) []Row {
	return []Row{
		{"GET /library", readers, protocol.Amber},
		{"GET /library/{institution}/{position}", readers, protocol.Amber},
		{"POST /library/{institution}/{position}", writers, protocol.Amber},
		{"GET /library/{institution}/{position}/file/{number}", readers, protocol.Amber},
	}
}

// forms are the rows of those who write.
func forms(writers []Role) []Row {
	routes := []string{
		"GET /drafts", "POST /draft", "POST /typed", "POST /drafts/drop", "POST /try",
		"GET /report/blank", "GET /report/sheet", "POST /report/sheet", "POST /report/sheet/send", "GET /report/template.xlsx", "GET /report/template.csv",
	}
	for _, path := range []string{
		"/report/new", "/route/new", "/needs/new", "/phase/new", "/alert/new", "/practice/new", "/capacity/new", "/regional/new",
		"/note/{institution}/{position}", "/correct/{institution}/{position}", "/retract/{institution}/{position}", "/endorse/{institution}/{position}",
	} {
		routes = append(routes, "GET "+path, "POST "+path)
	}
	var rows []Row
	for _, r := range routes {
		rows = append(rows, Row{r, writers, protocol.Amber})
	}
	return rows
}

// Tried reports whether a route may be opened while somebody only tries things out: what is
// read, what is then tried, and what concerns nobody but who does it. Of all else nothing is
// done meanwhile.
func Tried(route string) bool {
	own := []string{"POST /leave", "POST /language", "POST /account", "POST /account/leave", "POST /account/end", "POST /account/factor", "POST /as", "POST /looked", "POST /exercise/leave"}
	return strings.HasPrefix(route, "GET ") || slices.Contains(own, route) ||
		slices.ContainsFunc(forms(nil), func(r Row) bool { return r.Route == route })
}

// Unpaired reports whether a route may be opened by an account that must have a second factor and
// has none yet.
func Unpaired(route string) bool {
	return slices.Contains([]string{"GET /account", "POST /account", "GET /account/factor", "POST /account/factor", "POST /account/leave", "POST /account/end", "POST /leave", "POST /language"}, route)
}

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

// May reports whether a role may open a route; an empty role is somebody who has not
// logged in. A route that is not in the table nobody may open.
func May(r Role, route string) bool {
	table := Table()
	i := slices.IndexFunc(table, func(row Row) bool { return row.Route == route })
	if i < 0 {
		return false
	}
	row := &table[i]
	return len(row.Roles) == 0 || slices.Contains(row.Roles, r) && row.Shows <= Ceiling(r)
}
