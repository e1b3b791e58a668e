package staff_test

import (
	"errors"
	"testing"

	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// keeps makes an administrator of institutions, who chooses a password if they ever come.
func (o *office) keeps(name string, comes bool, of ...protocol.InstitutionID) {
	o.t.Helper()
	_, word, err := o.Add(o.t.Context(), staff.Account{Name: name, Role: staff.Admin, Institutions: of})
	if err == nil && comes {
		_, _, err = o.Redeem(o.t.Context(), name, word, good)
	}
	if err != nil {
		o.t.Fatal(err)
	}
}

// leaves tries all that would take an administrator away.
func (o *office) leaves(name string) map[string]error {
	_, role := o.SetRole(o.t.Context(), name, staff.Auditor)
	_, lock := o.Lock(o.t.Context(), name, "left")
	return map[string]error{"role": role, "lock": lock, "remove": o.Remove(o.t.Context(), name)}
}

// TestNoInstitutionLosesItsLastAdministrator, whoever else is invited, locked, or keeps
// another institution of the node.
func TestNoInstitutionLosesItsLastAdministrator(t *testing.T) {
	o := open(t)
	o.keeps("keeper", true, gate, river)
	o.keeps("invited", false, gate, river)
	o.keeps("neighbour", true, river)
	o.keeps("locked", true, gate, river)
	if _, err := o.Lock(t.Context(), "locked", "left"); err != nil {
		t.Fatal(err)
	}
	for act, err := range o.leaves("keeper") {
		if !errors.Is(err, staff.ErrLast) {
			t.Errorf("%s: %v, want ErrLast", act, err)
		}
	}
	if a, err := o.SetRole(t.Context(), "keeper", staff.Admin); err != nil || a.State != staff.StateActive {
		t.Errorf("an administrator who stays one: %+v, %v", a, err)
	}
	for _, name := range []string{"locked", "neighbour"} { // the one is no way in, and of the other's institution another is there
		if err := o.Remove(t.Context(), name); err != nil {
			t.Errorf("remove %s: %v", name, err)
		}
	}
	o.keeps("next", true, gate, river)
	for act, err := range o.leaves("keeper") {
		if err != nil {
			t.Errorf("%s with another one there: %v", act, err)
		}
	}
	if err := o.Remove(t.Context(), "next"); !errors.Is(err, staff.ErrLast) {
		t.Errorf("the next is the last now: %v", err)
	}
}
