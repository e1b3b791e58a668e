package staff

import (
	"slices"

	"github.com/vardar-network/vardar/protocol"
)

// Pages are the rows of the pages.
func Pages() []Row { return slices.DeleteFunc(Table(), func(r Row) bool { return r.Scope != "" }) }

// Calls are the rows of the API.
func Calls() []Row { return slices.DeleteFunc(Table(), func(r Row) bool { return r.Scope == "" }) }

// row gives that of a route; of one that is not in the table the zero one.
func row(route string) Row {
	table := Table()
	if i := slices.IndexFunc(table, func(r Row) bool { return r.Route == route }); i >= 0 {
		return table[i]
	}
	return Row{}
}

// Ceiling is the highest mark of what a role may read: the highest that a row shows which is open to it.
// Who keeps the machine need not read what is limited to those who must know it. Sealed bodies no page
// reads; a role that is none reads nothing.
func Ceiling(r Role) (mark protocol.Handling) {
	for _, row := range Table() {
		if slices.Contains(row.Roles, r) {
			mark = max(mark, row.Shows)
		}
	}
	return mark
}

// May reports whether a role may open a route of the pages; an empty role is somebody who has not
// logged in. A route that is not in the table nobody may open.
func May(r Role, route string) bool {
	it := row(route)
	return it.Twin != "" && (len(it.Roles) == 0 || slices.Contains(it.Roles, r))
}

// MayCall reports whether a token may ask for a route of the API. One that is not in the table no
// token may ask for.
func MayCall(t Token, route string) bool {
	it := row(route)
	return it.Scope != "" && t.Scope.holds(it.Scope) && slices.Contains(it.Roles, t.Role)
}

// Unpaired reports whether a route may be opened by an account that must have a second factor and
// has none yet.
func Unpaired(route string) bool { return row(route).also&unpaired != 0 }
