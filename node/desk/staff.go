package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
	"github.com/vardar-network/vardar/protocol/body"
)

// Account is [staff.Account].
type Account = staff.Account

// What an account and a program may open.
type (
	// Role is [staff.Role].
	Role = staff.Role
	// Scope is [staff.Scope].
	Scope = staff.Scope
)

// Roles gives all roles.
func Roles() []Role { return staff.Roles() }

// Scopes gives all scopes, the narrowest first.
func Scopes() []Scope { return staff.Scopes() }

// What can be done to an account.
const (
	StaffAdd    = "add"
	StaffRole   = "role"
	StaffLock   = "lock"
	StaffUnlock = "unlock"
	StaffReset  = "reset"  // another one-time word, in the place of the password
	StaffBind   = "bind"   // say who it is where the institution's people log in
	StaffFactor = "factor" // take its second factor away, whose device was lost
	StaffEnd    = "end"    // log it out at one screen, or wherever it is logged in
	StaffRemove = "remove"
)

// StaffWords gives what can be done to an account.
func StaffWords() []string {
	return []string{StaffAdd, StaffRole, StaffLock, StaffUnlock, StaffReset, StaffBind, StaffFactor, StaffEnd, StaffRemove}
}

// StaffRequest changes an account.
type StaffRequest struct {
	Do           string                   `json:"do"` // one of StaffWords
	Name         string                   `json:"name"`
	Role         staff.Role               `json:"role,omitempty"`         // of add and role
	Institutions []protocol.InstitutionID `json:"institutions,omitempty"` // of add; default the node's first
	Reason       string                   `json:"reason,omitempty"`       // of lock
	Signs        string                   `json:"signs,omitempty"`        // of bind: what the provider's claim says; empty: nobody
	Login        string                   `json:"login,omitempty"`        // of end: which; empty: all
}

// StaffDone is what became of it. The word is shown once: nothing here knows it again.
type StaffDone struct {
	Account Account          `json:"account,omitzero"` // zero: it is gone
	Word    string           `json:"word,omitempty"`
	Until   protocol.Instant `json:"until,omitzero"` // the word's end
}

// Staff gives the accounts of this node, by name.
func (d *Desk) Staff(ctx context.Context) ([]Account, error) {
	out, err := d.o.Staff.Accounts(ctx)
	return out, failure(err)
}

// ChangeStaff changes an account.
func (d *Desk) ChangeStaff(ctx context.Context, r StaffRequest) (out StaffDone, err error) {
	if !slices.Contains(StaffWords(), r.Do) {
		return out, &Problem{Kind: Usage, Field: "do", Detail: "nothing that is done to an account is called " + quoted(r.Do), Mend: OneOf(r.Do, StaffWords()), Next: "vardar staff --help"}
	}
	defer func() { d.note(ctx, act{"staff-" + r.Do, "", r.Name, false}, err) }()
	s := d.o.Staff
	switch r.Do {
	case StaffAdd:
		out.Account, out.Word, err = s.Add(ctx, Account{Name: r.Name, Role: r.Role, Institutions: r.Institutions})
	case StaffRole:
		out.Account, err = s.SetRole(ctx, r.Name, r.Role)
	case StaffLock:
		out.Account, err = s.Lock(ctx, r.Name, cmp.Or(r.Reason, "by an administrator"))
	case StaffUnlock:
		out.Account, err = s.Unlock(ctx, r.Name)
	case StaffReset:
		out.Account, out.Word, err = s.Reset(ctx, r.Name)
	case StaffBind:
		out.Account, err = s.Bind(ctx, r.Name, r.Signs)
	case StaffFactor:
		out.Account, err = s.RemoveFactor(ctx, r.Name)
	case StaffEnd:
		out.Account, err = d.endFor(ctx, r.Name, r.Login)
	case StaffRemove:
		err = s.Remove(ctx, r.Name)
	}
	if err != nil {
		return StaffDone{}, nearRole(staffProblem(err, r.Name), r.Role)
	}
	if out.Word != "" {
		out.Until = protocol.InstantOf(d.o.Clock().Add(staff.WordLasts))
	}
	return out, nil
}

// staffProblem says why an account can't be, or can't be changed.
func staffProblem(err error, name string) error {
	p := &Problem{Kind: Refused, Detail: err.Error(), Next: "vardar staff list", Err: err}
	switch {
	case errors.Is(err, staff.ErrName):
		p.Kind, p.Field, p.Next = Usage, "name", "vardar staff add --help"
	case errors.Is(err, staff.ErrRole):
		p.Kind, p.Field, p.Next = Usage, "role", "vardar staff role --help"
	case errors.Is(err, staff.ErrInstitution):
		p.Field, p.Next = "institutions", "vardar status"
	case errors.Is(err, staff.ErrTaken):
		p.Field, p.Mend, p.Next = "name", "choose another, or give that one a new word", "vardar staff reset "+name
	case errors.Is(err, staff.ErrLast):
		p.Field, p.Mend, p.Next = "name", "make another administrator of it first, who chooses a password", "vardar staff add NAME --role admin"
	case errors.Is(err, staff.ErrBound):
		p.Field, p.Mend = "signs", "take it away from that one first: vardar staff bind OTHER"
	case errors.Is(err, staff.ErrUnknown):
		p.Kind, p.Field = NotFound, "name"
	case errors.Is(err, staff.ErrLogin):
		p.Kind, p.Field, p.Next = NotFound, "login", "vardar staff logins "+name
	default:
		return failure(err)
	}
	return p
}

// nearRole adds to the problem of a role that there is none of the one that was perhaps meant.
func nearRole(err error, r staff.Role) error {
	var words []string
	for _, role := range Roles() {
		words = append(words, string(role))
	}
	var p *Problem
	if near := body.Nearest(string(r), words); near != "" && errors.Is(err, staff.ErrRole) && errors.As(err, &p) {
		p.Mend = "did you mean " + near + "?"
	}
	return err
}

// KeeperCheck looks whether somebody keeps the accounts of each institution. An administrator
// whom nobody else could let in again is not locked for being away, and is told here instead.
func (d *Desk) KeeperCheck(ctx context.Context) Check {
	const why = "without an administrator nobody can let people in again"
	keepers, err := d.o.Staff.Keepers(ctx)
	if err != nil {
		return Check{Name: "accounts", Said: err.Error(), Why: why, Mend: "vardar backup check"}
	}
	for _, k := range keepers {
		switch {
		case k.Name == "":
			return Check{
				Name: "accounts", Said: fmt.Sprintf("nobody who can log in is an administrator of %s", k.Institution), Why: why,
				Mend: "at this machine: 'vardar staff unlock NAME' opens one that is locked, 'vardar staff reset NAME' gives a lost one a word, 'vardar staff add NAME --role admin' makes one",
			}
		case k.Idle:
			return Check{
				Name: "accounts", Said: fmt.Sprintf("%s, who was the last administrator of %s to log in, has not been here for %s: the account stays open, since nobody else could open it again", k.Name, k.Institution, Age(d.o.Clock().Sub(k.Used.Time()))), Why: why,
				Mend: "log in with it; if its office is gone, 'vardar staff add NAME --role admin' makes another, and 'vardar staff remove NAME' takes it away",
			}
		}
	}
	return Check{Name: "accounts", OK: true, Said: "an administrator can log in wherever somebody else does", Why: why}
}
