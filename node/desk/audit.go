package desk

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/vardar-network/vardar/node/audit"
	"github.com/vardar-network/vardar/node/board"
	"github.com/vardar-network/vardar/protocol"
)

// AuditRow is [audit.Entry].
type AuditRow = audit.Entry

// whoKey is the key under which a context holds who acts.
type whoKey struct{}

// actor is who acts, and for which of the node's institutions; none: for all.
type actor struct {
	name  string
	only  []protocol.InstitutionID
	role  Role // empty: of nobody, but of the node's own program
	world board.World
}

// nobodyNamed is who acts where nobody said so: the node's own program.
const nobodyNamed = "node"

// By gives a context in which acts are noted as done by an account, or by a way in that
// has none, and in which nothing is done for other institutions of the node than those
// named; with none named, for all.
func By(ctx context.Context, who string, only ...protocol.InstitutionID) context.Context {
	return context.WithValue(ctx, whoKey{}, actor{name: who, only: only})
}

// InRole gives a context in which who acts does so in a role, and only what is for it. Without one
// nothing is kept from who acts: it is the node's own program.
func InRole(ctx context.Context, r Role) context.Context {
	a := actorOf(ctx)
	a.role = r
	return context.WithValue(ctx, whoKey{}, a)
}

// Within gives a context in which somebody sees a world, and acts in it.
func Within(ctx context.Context, w board.World) context.Context {
	a := actorOf(ctx)
	a.world = w
	return context.WithValue(ctx, whoKey{}, a)
}

// actorOf gives who acts.
func actorOf(ctx context.Context) actor {
	a, _ := ctx.Value(whoKey{}).(actor)
	a.name = cmp.Or(a.name, nobodyNamed)
	return a
}

// act is what the log of acts is told: in a word what was done, as whom, on what.
type act struct {
	what string
	as   protocol.InstitutionID // empty: the first that who acts may act for
	on   string
	dry  bool // only tried: not noted
}

// note writes an act into the log, however it ended; what could not be understood was no
// act. An act that is done stays done if it can't be noted: the doctor tells. Records are named
// that it was about, where what it was done on is none.
func (d *Desk) note(ctx context.Context, a act, err error, about ...protocol.Name) {
	outcome := audit.Done
	if err != nil {
		var p *Problem
		if outcome = Failed.String(); errors.As(err, &p) {
			outcome = p.Kind.String()
		}
	}
	if a.dry || outcome == Usage.String() {
		return
	}
	if own := d.own(ctx); a.as == "" && len(own) > 0 {
		a.as = own[0]
	}
	e := audit.Entry{Who: actorOf(ctx).name, As: a.as, Act: a.what, On: a.on, Records: about, Outcome: outcome}
	// Who hangs up has still done it.
	if err := d.o.Audit.Note(context.WithoutCancel(ctx), e); err != nil {
		d.log.ErrorContext(ctx, "act not noted", "act", a.what, "err", err)
	}
}

// acts gives the log, the newest first.
func (d *Desk) acts(ctx context.Context) ([]AuditRow, error) {
	rows := []AuditRow{}
	for e, err := range d.o.Audit.Entries(ctx) {
		if err != nil {
			return nil, &Problem{Kind: Damaged, Detail: err.Error(), Next: "vardar doctor", Err: err}
		}
		rows = append(rows, e)
	}
	slices.Reverse(rows)
	return rows, nil
}

// onRecord gives a record's name, or what was asked for where there is none.
func onRecord(n protocol.Name, asked string) string {
	if n.IsZero() {
		return asked
	}
	return n.String()
}
