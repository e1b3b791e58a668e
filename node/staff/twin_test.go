package staff_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vardar-network/vardar/node/staff"
)

// apart says why a page is for others than its twin is.
func apart() map[string]string {
	return map[string]string{
		"POST /exercise":       "what a program may publish is one call for all kinds",
		"GET /network/carry":   "of the list of lines it shows their names, to those who carry",
		"GET /network/dropped": "the verdict on the node, of which this is a part, is no secret",
		"GET /node":            "the same",
	}
}

// TestProgramsDoWhatPeopleDo: each route of the pages has a call that does the same, for whoever
// may open the page and up to the same mark, or a reason why not; no route has two rows.
func TestProgramsDoWhatPeopleDo(t *testing.T) {
	calls, apart, known := map[string]staff.Row{}, apart(), map[string]bool{}
	for _, c := range staff.Calls() {
		calls[c.Route] = c
	}
	for _, row := range staff.Table() {
		if known[row.Route] {
			t.Errorf("%s has two rows", row.Route)
		}
		known[row.Route] = true
		switch named := strings.HasPrefix(row.Twin, "GET /") || strings.HasPrefix(row.Twin, "POST /"); {
		case (row.Twin == "") != (row.Scope != ""):
			t.Errorf("%s: it is a page with its twin, or a call with its scope: %+v", row.Route, row)
		case named && calls[row.Twin].Route == "":
			t.Errorf("%s: no call is %s", row.Route, row.Twin)
		case named:
			for _, role := range row.Roles {
				if staff.May(role, row.Route) && !staff.MayCall(staff.Token{Role: role, Scope: staff.Manage}, row.Twin) {
					t.Errorf("%s may open %s, and no token of it may ask for %s", role, row.Route, row.Twin)
				}
			}
			twin := calls[row.Twin]
			diff := cmp.Diff(row.Roles, twin.Roles) + cmp.Diff(row.Shows, twin.Shows)
			if (diff != "") != (apart[row.Route] != "") {
				t.Errorf("%s is for others than %s, or is said to be and is not: %s", row.Route, row.Twin, diff)
			}
			delete(apart, row.Route)
		}
	}
	for route := range apart {
		t.Errorf("no page with a twin is %s", route)
	}
}
