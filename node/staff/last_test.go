package staff_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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

// TestLastAdministratorIsNotLockedForBeingAway: of an institution's administrators the one who was
// here last can always come back, and only that one.
func TestLastAdministratorIsNotLockedForBeingAway(t *testing.T) {
	o := open(t)
	o.duty()
	o.keeps("first", true, gate)
	o.now = o.now.Add(time.Hour)
	o.keeps("last", true, gate)
	o.keeps("invited", false, gate)
	o.keeps("locked", true, gate)
	o.keeps("neighbour", true, river)
	if _, err := o.Lock(t.Context(), "locked", "left"); err != nil {
		t.Fatal(err)
	}
	o.now = o.now.Add(staff.UnusedAfter + time.Hour)
	states := map[string]string{}
	all, err := o.Accounts(t.Context())
	for i := range all {
		states[all[i].Name] = all[i].State
	}
	want := map[string]string{
		"duty": staff.StateUnused, "first": staff.StateUnused, "last": staff.StateActive, "invited": staff.StateUnused,
		"locked": staff.StateLocked, "neighbour": staff.StateActive,
	}
	if diff := cmp.Diff(want, states); diff != "" || err != nil {
		t.Errorf("who is locked (-want +got), %v:\n%s", err, diff)
	}
	if _, err := o.Enter(t.Context(), "first", good); !errors.Is(err, staff.ErrShut) {
		t.Errorf("one of two comes in: %v", err)
	}
	o.kept(map[protocol.InstitutionID]staff.Keeper{gate: {Name: "last", Idle: true}, river: {Name: "neighbour", Idle: true}})
	if _, err := o.Enter(t.Context(), "last", good); err != nil {
		t.Errorf("the last one is shut out: %v", err)
	}
	if _, err := o.Unlock(t.Context(), "first"); err != nil {
		t.Fatal(err)
	}
	o.kept(map[protocol.InstitutionID]staff.Keeper{gate: {Name: "first"}, river: {Name: "neighbour", Idle: true}})
}

// TestInstitutionWithoutAnAdministratorIsTold, and the machine's own console is the way back.
func TestInstitutionWithoutAnAdministratorIsTold(t *testing.T) {
	o := open(t)
	o.keeps("keeper", true, gate)
	_, word, err := o.Reset(t.Context(), "keeper")
	if err != nil {
		t.Fatal(err)
	}
	o.kept(map[protocol.InstitutionID]staff.Keeper{}) // a word is under way
	o.now = o.now.Add(staff.WordLasts)
	o.kept(map[protocol.InstitutionID]staff.Keeper{gate: {}})
	if _, _, err = o.Redeem(t.Context(), "keeper", word, good); !errors.Is(err, staff.ErrWordOver) {
		t.Errorf("the word of last week: %v", err)
	}
	if _, word, err = o.Reset(t.Context(), "keeper"); err == nil {
		_, _, err = o.Redeem(t.Context(), "keeper", word, good)
	}
	if err != nil {
		t.Errorf("no way back: %v", err)
	}
	o.kept(map[protocol.InstitutionID]staff.Keeper{gate: {Name: "keeper"}})
}

// kept compares who keeps the accounts.
func (o *office) kept(want map[protocol.InstitutionID]staff.Keeper) {
	o.t.Helper()
	all, err := o.Keepers(o.t.Context())
	got := map[protocol.InstitutionID]staff.Keeper{}
	for _, k := range all {
		got[k.Institution] = staff.Keeper{Name: k.Name, Idle: k.Idle}
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		o.t.Errorf("Keepers() (-want +got), %v:\n%s", err, diff)
	}
}
