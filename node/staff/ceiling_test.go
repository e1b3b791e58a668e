package staff_test

import (
	"testing"

	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// TestCeilingIsWhatTheTableShows a role: who keeps the machine reads up to GREEN, everybody else up to
// AMBER, and what is always sealed no row shows. The table is the one place that says so: a row that is
// opened to one more role is looked at here.
func TestCeilingIsWhatTheTableShows(t *testing.T) {
	want := map[staff.Role]protocol.Handling{
		staff.Officer: protocol.Amber, staff.Approver: protocol.Amber, staff.Coordinator: protocol.Amber, staff.Auditor: protocol.Amber,
		staff.Admin: protocol.Green, "": 0, "boss": 0,
	}
	for _, role := range append(staff.Roles(), "", "boss") {
		if got, known := want[role]; staff.Ceiling(role) != got || !known {
			t.Errorf("%q reads up to %s, want %s", role, staff.Ceiling(role), got)
		}
	}
}
