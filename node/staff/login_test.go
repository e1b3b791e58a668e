package staff_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/vardar-network/vardar/node/staff"
)

// at gives the numbers of the log-ins of an account, or of all.
func (o *office) at(name string) []string {
	o.t.Helper()
	all, err := o.Logins(o.t.Context(), name)
	if err != nil {
		o.t.Fatal(err)
	}
	ids := []string{}
	for _, l := range all {
		ids = append(ids, l.ID)
	}
	return ids
}

// begins logs the account duty in.
func (o *office) begins(from string) (staff.Account, string) {
	o.t.Helper()
	a, err := o.Account(o.t.Context(), "duty")
	if err != nil {
		o.t.Fatal(err)
	}
	l, err := o.Begin(o.t.Context(), a, from, "Firefox, Linux", o.now.Add(staff.SessionLife))
	if err != nil {
		o.t.Fatal(err)
	}
	return a, l.ID
}

// stands holds whether a log-in goes on.
func (o *office) stands(a staff.Account, id string, want bool) {
	o.t.Helper()
	if got, err := o.Stands(a, id); err != nil || got != want {
		o.t.Errorf("Stands(%s) = %t, %v, want %t", id, got, err, want)
	}
}

// TestLogInIsEndedByItsNumberAlone: the others go on, and those of an account of before do not.
func TestLogInIsEndedByItsNumberAlone(t *testing.T) {
	o := open(t)
	o.duty()
	a, desk := o.begins("10.0.0.1")
	o.now = o.now.Add(30 * time.Minute)
	_, phone := o.begins("10.0.0.2")
	if got := o.at("duty"); !slices.Equal(got, []string{phone, desk}) {
		t.Fatalf("logged in at %v, want %s and %s", got, phone, desk)
	}
	o.stands(a, desk, true)
	o.stands(a, "", false)
	other, _, err := o.Add(t.Context(), staff.Account{Name: "other", Role: staff.Admin})
	if err != nil {
		t.Fatal(err)
	}
	if err = o.EndLogin(t.Context(), "other", desk); !errors.Is(err, staff.ErrLogin) {
		t.Errorf("of another account: %v", err)
	}
	o.stands(other, desk, false)
	if err = o.EndLogin(t.Context(), "duty", desk); err != nil {
		t.Fatal(err)
	}
	o.stands(a, desk, false)
	o.stands(a, phone, true)
	if err = o.Use(t.Context(), a, desk, "10.0.0.1"); err != nil {
		t.Fatal(err)
	}
	o.stands(a, desk, false) // what was ended is not there again because it is used
	if err = o.EndLogin(t.Context(), "duty", desk); !errors.Is(err, staff.ErrLogin) {
		t.Errorf("again: %v", err)
	}
	if a, err = o.EndSessions(t.Context(), "duty"); err != nil {
		t.Fatal(err)
	}
	o.stands(a, phone, false)
	if got := o.at(""); len(got) != 0 {
		t.Errorf("logged in at %v", got)
	}
}

// TestLogInSaysWhenAndFromWhereItWasUsed, to the minute, and ends by the clock.
func TestLogInSaysWhenAndFromWhereItWasUsed(t *testing.T) {
	o := open(t)
	o.duty()
	a, id := o.begins("10.0.0.1")
	began := o.now
	used := func(after time.Duration, from string, want time.Duration) {
		t.Helper()
		o.now = began.Add(after)
		if err := o.Use(t.Context(), a, id, from); err != nil {
			t.Fatal(err)
		}
		all, err := o.Logins(t.Context(), "duty")
		if err != nil || len(all) != 1 || all[0].Used.Time() != began.Add(want) || all[0].From != from || all[0].Began.Time() != began {
			t.Errorf("after %s: %+v, %v", after, all, err)
		}
	}
	used(30*time.Second, "10.0.0.1", 0) // not each question is written
	used(45*time.Second, "10.0.0.9", 45*time.Second)
	used(2*time.Hour, "10.0.0.9", 2*time.Hour)
	used(4*time.Hour, "10.0.0.9", 4*time.Hour)
	o.now = began.Add(4*time.Hour + staff.SessionIdle + 2*time.Minute)
	if got := o.at("duty"); len(got) != 0 {
		t.Errorf("a screen that was left is listed: %v", got)
	}
	for _, kept := range []bool{true, false} { // a second before its end, and at it
		at := staff.SessionLife
		if kept {
			at -= time.Second
		}
		o.now = began.Add(at)
		if err := o.SweepLogins(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, there, err := o.store.Get([]byte("login/duty/" + id)); err != nil || there != kept {
			t.Errorf("after %s it is kept: %t, %v; want %t", at, there, err, kept)
		}
	}
}

// TestWhoEndsALogInProvesThemselves: by the password, or, without one, by having just come in.
func TestWhoEndsALogInProvesThemselves(t *testing.T) {
	o := open(t)
	o.duty()
	a, id := o.begins("")
	if err := o.Proves(t.Context(), a, id, "not this one"); !errors.Is(err, staff.ErrNotLetIn) {
		t.Errorf("another password: %v", err)
	}
	if err := o.Proves(t.Context(), a, id, good); err != nil {
		t.Errorf("the password: %v", err)
	}
	a.Password = false // they log in where their institution does
	if err := o.Proves(t.Context(), a, id, ""); err != nil {
		t.Errorf("just in: %v", err)
	}
	o.now = o.now.Add(11 * time.Minute)
	if err := o.Proves(t.Context(), a, id, good); !errors.Is(err, staff.ErrStale) {
		t.Errorf("eleven minutes later: %v", err)
	}
}
