package desk

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// MayOpen reports whether an account may open a route of the pages; the zero account is
// somebody who has not logged in. [staff.Table] is the rule.
func MayOpen(a Account, route string) bool { return staff.May(a.Role, route) }

// Tried reports whether a route of the pages may be opened in a trial; [staff.Tried].
func Tried(route string) bool { return staff.Tried(route) }

// Presence is [staff.Presence].
type Presence = staff.Presence

// How a route of the pages stands to an exercise.
const (
	PlayedRoute  = staff.Played
	RealRoute    = staff.Real
	OutsideRoute = staff.Outside
)

// WithinExercise says what a route of the pages is for who is in an exercise; [staff.Within].
func WithinExercise(route string) Presence { return staff.Within(route) }

// AnyWorld reports whether what is sent to a route is done wherever its form was opened; [staff.AnyWorld].
func AnyWorld(route string) bool { return staff.AnyWorld(route) }

// What Now can show first; [staff.HomeOf].
const (
	HomePost     = staff.HomePost
	HomeOverview = staff.HomeOverview
	HomeNode     = staff.HomeNode
	HomeAudit    = staff.HomeAudit
)

// HomeOf gives what Now shows an account.
func HomeOf(a Account) staff.Home { return staff.HomeOf(a.Role) }

// Ceiling is the highest mark of what an account may read.
func Ceiling(a Account) protocol.Handling { return staff.Ceiling(a.Role) }

// Visitor gives the account of a session: the zero one if the session has ended, because
// the account is gone or shut, has another role or password since, or was logged out there; of is
// what [Account.Session] said when it began, login the number that [Desk.Begin] gave.
func (d *Desk) Visitor(ctx context.Context, name, of, login string) (Account, error) {
	a, err := d.Known(ctx, name, of)
	if err != nil || a.Name == "" {
		return Account{}, err
	}
	if stands, err := d.o.Staff.Stands(a, login); err != nil || !stands {
		return Account{}, failure(err)
	}
	return a, nil
}

// Known gives the account of somebody who has proved the password, and is not in yet: the zero
// one where nobody could be.
func (d *Desk) Known(ctx context.Context, name, of string) (Account, error) {
	a, err := d.o.Staff.Account(ctx, name)
	if errors.Is(err, staff.ErrUnknown) {
		return Account{}, nil
	}
	if err != nil || a.State != staff.StateActive || a.Session() != of || !slices.ContainsFunc(a.Institutions, d.isOwn) {
		return Account{}, failure(err)
	}
	return a, nil
}

// ActsFor gives the institutions of an account that this node writes for.
func (d *Desk) ActsFor(a Account) []protocol.InstitutionID {
	return d.hosted(a.Institutions)
}

// Acting gives the institution that an account acts as: the one wanted, or for none the
// first. It is [NotPermitted] for one that is not the account's, and for an account that is
// left without any.
func (d *Desk) Acting(a Account, want protocol.InstitutionID) (protocol.InstitutionID, error) {
	for _, id := range d.ActsFor(a) {
		if want == "" || id == want {
			return id, nil
		}
	}
	return "", problem(NotPermitted, "vardar staff list", "the account %s does not act for %s", a.Name, cmp.Or(string(want), "any institution of this node"))
}

// Enter lets an account in by its password.
func (d *Desk) Enter(ctx context.Context, name, password string) (a Account, err error) {
	a, err = d.o.Staff.Enter(ctx, name, password)
	return a, d.entered(ctx, "enter", name, err)
}

// EnterBy lets in the account of somebody who has logged in where the institution's people do.
func (d *Desk) EnterBy(ctx context.Context, who string) (a Account, err error) {
	a, err = d.o.Staff.EnterBy(ctx, who)
	switch {
	case errors.Is(err, staff.ErrUnknown):
		p := problem(NotPermitted, "vardar staff bind NAME WHO", "%s has no account here", quoted(who))
		p.Mend = "tell this to who runs the node: that is how it is bound to one"
		return a, p
	case err != nil && a.Name == "":
		return a, entryProblem(err)
	}
	return a, d.entered(ctx, "enter", a.Name, err)
}

// Redeem lets somebody choose a password with a word; it gives the next recovery word.
func (d *Desk) Redeem(ctx context.Context, name, word, password string) (a Account, recovery string, err error) {
	a, recovery, err = d.o.Staff.Redeem(ctx, name, word, password)
	return a, recovery, d.otherWord(d.entered(ctx, "choose-password", name, err))
}

// otherWord says to who comes with a word that opens nothing how another is got. The words of a demonstration are
// told where it runs, by nobody who could be asked.
func (d *Desk) otherWord(err error) error {
	if !errors.Is(err, staff.ErrWord) {
		return err
	}
	var p *Problem
	if errors.As(err, &p) {
		p.Mend = "who runs the node makes another with 'vardar staff reset NAME'; with the password that was chosen, log in"
		if d.Demonstration() {
			p.Mend, p.Next = "the word that counts is the last one that the demonstration told where it runs; 'vardar demo' tells others, and with the password that was chosen, log in", "vardar demo"
		}
	}
	return err
}

// ChangePassword gives an account another password; it knows its own.
func (d *Desk) ChangePassword(ctx context.Context, name, old, password string) (Account, error) {
	a, err := d.o.Staff.ChangePassword(ctx, name, old, password)
	return a, d.entered(ctx, "change-password", name, err)
}

// EndSessions logs an account out wherever it is logged in.
func (d *Desk) EndSessions(ctx context.Context, name string) (Account, error) {
	a, err := d.o.Staff.EndSessions(ctx, name)
	return a, d.entered(ctx, "leave-everywhere", name, err)
}

// entered notes a log-in, and says why it did not come to be. A name that no account has is
// not noted: anybody can type any.
func (d *Desk) entered(ctx context.Context, what, name string, err error) error {
	if _, unknown := d.o.Staff.Account(ctx, name); errors.Is(unknown, staff.ErrUnknown) {
		return entryProblem(err)
	}
	var wait *staff.Wait
	if !errors.As(err, &wait) { // nothing was tried
		d.note(By(ctx, name), act{what: what}, entryProblem(err))
	}
	return entryProblem(err)
}

func entryProblem(err error) error {
	if err == nil {
		return nil
	}
	p := &Problem{Kind: NotPermitted, Detail: err.Error(), Mend: "choose another password with the recovery word, or ask who runs the node", Next: "vardar staff reset NAME", Err: err}
	var wait *staff.Wait
	switch {
	case errors.Is(err, staff.ErrPassword), errors.Is(err, staff.ErrGuessable), errors.Is(err, staff.ErrBreached):
		p.Kind, p.Field, p.Mend = Refused, "password", "take a sentence"
	case errors.As(err, &wait), errors.Is(err, staff.ErrNotLetIn), errors.Is(err, staff.ErrWord):
	case errors.Is(err, staff.ErrCode):
		p.Field, p.Mend, p.Next = "code", "if clocks are apart, two codes behind one another are taken; without the app take a recovery code", "vardar staff factor NAME"
	case errors.Is(err, staff.ErrSealed):
		p.Detail, p.Field, p.Mend, p.Next = staff.ErrSealed.Error(), "code", "", "vardar staff factor NAME"
	case errors.Is(err, staff.ErrPaired), errors.Is(err, staff.ErrBegun):
		p.Kind, p.Mend, p.Next = Refused, "begin it again", "vardar staff factor NAME"
	case errors.Is(err, staff.ErrShut):
		p.Mend, p.Next = "ask who runs the node", "vardar staff unlock NAME"
	case errors.Is(err, staff.ErrBusy):
		p.Kind, p.Mend = Refused, ""
	default:
		return failure(err)
	}
	return p
}

// StateOfLines gives it.
func (d *Desk) StateOfLines() Lines { return linesOf(d.o.Links.States(), d.o.Clock()) }

// Demonstration reports whether this node is of an invented institution: their names begin
// with demo-, and no real one's does.
func (d *Desk) Demonstration() bool {
	return strings.HasPrefix(d.o.Institutions[0].LocalName(), "demo-")
}
