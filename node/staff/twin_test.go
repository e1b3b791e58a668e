package staff_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/vardar-network/vardar/node/staff"
)

// Why a route of the pages has no twin among the programs' calls.
const (
	own   = "it concerns a browser, a password or a session: a program has its token"
	typed = "what is typed is kept by the browser's node until it is sent: a program sends it"
	empty = "an empty form, for people: a program says what schemas/ and 'vardar publish --help' tell"
	again = "it has an open page ask again: a program follows GET /v1/stream"
	paper = "an empty sheet, for people: what it asks for is in schemas/"
)

// twins says for each route of the pages what a program asks for the same, or why it does not.
func twins() map[string]string {
	all := map[string]string{}
	for twin, routes := range map[string]string{
		own: `GET /static/{file}, GET /enter, POST /enter, GET /enter/oidc, GET /enter/oidc/back, GET /enter/code, POST /enter/code, GET /word, POST /word, POST /language, POST /leave,
			GET /account, POST /account, POST /account/leave, POST /account/end, GET /account/factor, POST /account/factor, POST /as, POST /exercise/enter, POST /exercise/leave`,
		typed: "GET /drafts, POST /draft, POST /typed, POST /drafts/drop",
		empty: `GET /report/new, GET /route/new, GET /needs/new, GET /capacity/new, GET /phase/new, GET /alert/new, GET /practice/new, GET /regional/new, GET /note/{institution}/{position},
			GET /correct/{institution}/{position}, GET /retract/{institution}/{position}, GET /endorse/{institution}/{position}, GET /report/sheet, GET /funds/plan, GET /policy/project, GET /network/invite`,
		again: "GET /live",
		paper: "GET /report/blank, GET /report/template.xlsx, GET /report/template.csv",

		"GET /v1/now":                          "GET /{$}",
		"POST /v1/looked":                      "POST /looked",
		"POST /v1/members/invite":              "POST /network/invite",
		"GET /v1/handover":                     "GET /handover",
		"POST /v1/handover":                    "POST /handover",
		"GET /v1/search":                       "GET /search",
		"GET /v1/show":                         "GET /place/{code}, GET /record/{institution}/{position}",
		"GET /v1/duty":                         "GET /ring, GET /duty",
		"GET /v1/webhooks":                     "GET /duty/rules",
		"POST /v1/webhooks":                    "POST /duty/rules", // and pause, resume, remove beside it
		"POST /v1/duty/seen":                   "POST /duty/seen",
		"POST /v1/duty/test":                   "POST /duty/test",
		"POST /v1/alerts/dismiss":              "POST /situation/alerts/dismiss",
		"GET /v1/members":                      "GET /network",
		"GET /v1/members/{id}":                 "GET /network/member/{id}",
		"GET /v1/links":                        "GET /network/links, GET /network/carry",
		"POST /v1/links/{peer}/bundle":         "POST /network/carry/{peer}",
		"POST /v1/bundles":                     "POST /network/carry",
		"GET /v1/status":                       "GET /network/dropped",
		"GET /v1/doctor":                       "GET /node",
		"GET /v1/lists/audit":                  "GET /audit",
		"GET /v1/staff":                        "GET /staff",
		"POST /v1/staff":                       "POST /staff",
		"POST /v1/tokens":                      "POST /staff/token",
		"POST /v1/tokens/remove":               "POST /staff/token/remove",
		"GET /v1/approvals":                    "GET /approvals",
		"GET /v1/approvals/{number}":           "GET /approvals/{number}",
		"POST /v1/approvals/{number}/approve":  "POST /approvals/{number}/approve",
		"POST /v1/approvals/{number}/return":   "POST /approvals/{number}/return",
		"POST /v1/approvals/{number}/withdraw": "POST /approvals/{number}/withdraw",
		"GET /v1/evidence":                     "GET /evidence/pack",
		"GET /v1/sites":                        "GET /help/stock",
		"POST /v1/sites/move":                  "POST /help/stock", // and set, count, remove, declare beside it
		"POST /v1/import":                      "POST /report/sheet, POST /report/sheet/send",
		"POST /v1/plans/sheet":                 "POST /funds/plan/sheet",
		"POST /v1/correct":                     "POST /correct/{institution}/{position}, POST /retract/{institution}/{position}",
		"GET /v1/lists/{what}":                 "GET /situation, GET /situation/routes, GET /situation/reporting, GET /situation/alerts, GET /situation/contradictions, GET /regional, GET /help, GET /help/capacity, GET /help/solidarity, GET /funds, GET /policy, GET /policy/alignment, GET /library, GET /exercise",
		"GET /v1/export/{what}":                "GET /situation/figures.csv, GET /situation/figures.hxl.csv, GET /situation/figures.xlsx, GET /list/{what}/{format}, GET /help/3w.csv",
		"POST /v1/publish":                     "POST /report/new, POST /route/new, POST /needs/new, POST /capacity/new, POST /phase/new, POST /alert/new, POST /practice/new, POST /regional/new, POST /try, POST /situation/remind, POST /funds, POST /funds/plan, POST /policy, POST /policy/project, POST /exercise",
		"POST /v1/answer":                      "POST /help/@, POST /acknowledge/@, POST /note/@, POST /endorse/@, POST /funds/flow/@, POST /funds/plan/@, POST /policy/consultation/@, POST /policy/alignment, POST /policy/strategy/@, POST /policy/project/@, POST /library/@",
		"GET /v1/records/@/evidence":           "GET /evidence/@",
		"GET /v1/messages/@":                   "GET /record/@/edxl, GET /help/@/edxl",
		"GET /v1/exchanges/@":                  "GET /help/@, GET /help/@/paper",
		"GET /v1/deliveries/@":                 "GET /delivery/@",
		"GET /v1/flows/@":                      "GET /funds/flow/@",
		"GET /v1/incidents/@":                  "GET /incident/@",
		"GET /v1/incidents/@/brief":            "GET /incident/@/brief",
		"GET /v1/regional/@":                   "GET /regional/@",
		"GET /v1/plans/@":                      "GET /funds/plan/@",
		"GET /v1/plans/@/sheet":                "GET /funds/plan/@/plan.xlsx, GET /funds/plan/@/plan.csv",
		"GET /v1/consultations/@":              "GET /policy/consultation/@",
		"GET /v1/strategies/@":                 "GET /policy/strategy/@",
		"GET /v1/projects/@":                   "GET /policy/project/@",
		"GET /v1/practices/@":                  "GET /library/@",
		"GET /v1/practices/@/files/{number}":   "GET /library/@/file/{number}",
	} {
		for _, route := range strings.Split(routes, ",") {
			all[named(strings.TrimSpace(route))] = named(twin)
		}
	}
	return all
}

// named writes out what names a record.
func named(route string) string {
	return strings.ReplaceAll(route, "@", "{institution}/{position}")
}

// TestProgramsDoWhatPeopleDo: each route of the pages has a call that does the same, for whoever
// may open the page, or a reason why not.
func TestProgramsDoWhatPeopleDo(t *testing.T) {
	twins, calls := twins(), map[string]bool{}
	for _, c := range staff.Calls() {
		calls[c.Route] = true
	}
	for _, row := range staff.Table() {
		twin, said := twins[row.Route]
		delete(twins, row.Route)
		switch {
		case !said:
			t.Errorf("%s: nothing says how a program does it", row.Route)
		case slices.Contains([]string{own, typed, empty, again, paper}, twin):
		case !calls[twin]:
			t.Errorf("%s: no call is %s", row.Route, twin)
		default:
			for _, role := range row.Roles {
				if staff.May(role, row.Route) && !staff.MayCall(staff.Token{Role: role, Scope: staff.Manage}, twin) {
					t.Errorf("%s may open %s, and no token of it may ask for %s", role, row.Route, twin)
				}
			}
		}
	}
	for route := range twins {
		t.Errorf("no page is %s", route)
	}
}
