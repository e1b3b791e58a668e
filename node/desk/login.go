package desk

import (
	"context"
	"errors"
	"time"

	"github.com/vardar-network/vardar/node/staff"
)

// Login is [staff.Login].
type Login = staff.Login

// How long a log-in lasts; see [staff.SessionLife] and [staff.SessionIdle].
const (
	SessionLife = staff.SessionLife
	SessionIdle = staff.SessionIdle
)

// Begin notes that an account is in: from which address, with what kind of browser.
func (d *Desk) Begin(ctx context.Context, a Account, from, with string, until time.Time) (Login, error) {
	l, err := d.o.Staff.Begin(ctx, a, from, with, until)
	return l, failure(err)
}

// Uses notes that a log-in is used.
func (d *Desk) Uses(ctx context.Context, a Account, login, from string) error {
	return failure(d.o.Staff.Use(ctx, a, login, from))
}

// LeaveHere ends a log-in whose own browser leaves; it may have ended already.
func (d *Desk) LeaveHere(ctx context.Context, name, login string) error {
	if err := d.o.Staff.EndLogin(ctx, name, login); err != nil && !errors.Is(err, staff.ErrLogin) {
		return failure(err)
	}
	return nil
}

// Logins gives where an account is logged in, the one that was used last first; where all are, for
// an empty name.
func (d *Desk) Logins(ctx context.Context, name string) ([]Login, error) {
	out, err := d.o.Staff.Logins(ctx, name)
	if err != nil {
		return nil, staffProblem(err, name)
	}
	return out, nil
}

// EndLogins logs an account out at some of its screens. Who asks is at another, and proves again
// who they are, by the password or by having just come in.
func (d *Desk) EndLogins(ctx context.Context, a Account, here, password string, logins []string) error {
	if len(logins) == 0 {
		return &Problem{Kind: Usage, Field: "login", Detail: "none was chosen", Mend: "choose where the log-in is to end"}
	}
	err := d.o.Staff.Proves(ctx, a, here, password)
	for _, l := range logins {
		if err == nil {
			err = d.o.Staff.EndLogin(ctx, a.Name, l)
		}
		if errors.Is(err, staff.ErrLogin) { // it has ended by itself
			err = nil
		}
	}
	switch {
	case errors.Is(err, staff.ErrStale):
		p := problem(NotPermitted, "", "%s", staff.ErrStale.Error())
		d.note(By(ctx, a.Name), act{what: "leave-elsewhere"}, p)
		return p
	case errors.Is(err, staff.ErrNotLetIn):
		p := &Problem{Kind: NotPermitted, Field: "password", Detail: err.Error(), Mend: "give the password of now", Err: err}
		d.note(By(ctx, a.Name), act{what: "leave-elsewhere"}, p)
		return p
	}
	return d.entered(ctx, "leave-elsewhere", a.Name, err)
}

// endFor ends a log-in of somebody else, or all of them.
func (d *Desk) endFor(ctx context.Context, name, login string) (Account, error) {
	if login == "" {
		return d.o.Staff.EndSessions(ctx, name)
	}
	if err := d.o.Staff.EndLogin(ctx, name, login); err != nil {
		return Account{}, err
	}
	return d.o.Staff.Account(ctx, name)
}
