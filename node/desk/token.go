package desk

import (
	"context"
	"errors"

	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// Token is [staff.Token].
type Token = staff.Token

// TokenRequest asks for a token.
type TokenRequest struct {
	Name         string                   `json:"name"`
	Role         staff.Role               `json:"role"`
	Scope        staff.Scope              `json:"scope"`
	Institutions []protocol.InstitutionID `json:"institutions,omitempty"` // default the node's first
	Days         int                      `json:"days,omitempty"`         // that it can be used; default [staff.TokenDays]
}

// TokenMade is a token with its secret, which is shown once: nothing here knows it again.
type TokenMade struct {
	Token  Token  `json:"token"`
	Secret string `json:"secret"`
}

// Tokens gives the tokens of this node, by name.
func (d *Desk) Tokens(ctx context.Context) ([]Token, error) {
	out, err := d.o.Staff.Tokens(ctx)
	return out, failure(err)
}

// AddToken makes a token.
func (d *Desk) AddToken(ctx context.Context, r TokenRequest) (out TokenMade, err error) {
	defer func() { d.note(ctx, act{"token-add", "", r.Name, false}, err) }()
	out.Token, out.Secret, err = d.o.Staff.AddToken(ctx, Token{Name: r.Name, Role: r.Role, Scope: r.Scope, Institutions: r.Institutions}, r.Days)
	return out, nearRole(tokenProblem(err, r.Name), r.Role)
}

// TokenName names a token.
type TokenName struct {
	Name string `json:"name"`
}

// RemoveToken takes a token away: its secret opens nothing from now on.
func (d *Desk) RemoveToken(ctx context.Context, r TokenName) (out TokenName, err error) {
	defer func() { d.note(ctx, act{"token-remove", "", r.Name, false}, err) }()
	return r, tokenProblem(d.o.Staff.RemoveToken(ctx, r.Name), r.Name)
}

// tokenActor begins how a token is named where people are.
const tokenActor = staff.TokenOwner

// Bearer gives the token of a secret, and a context in which what is done is done by it, for
// the institutions that it acts for; a [*Problem] of kind NotPermitted if there is none.
func (d *Desk) Bearer(ctx context.Context, secret string) (context.Context, Token, error) {
	t, err := d.o.Staff.Bearer(secret)
	switch {
	case errors.Is(err, staff.ErrToken):
		return ctx, t, &Problem{Kind: NotPermitted, Detail: err.Error(), Mend: "ask who runs the node for another", Next: "vardar staff token add --help", Err: err}
	case err != nil:
		return ctx, t, failure(err)
	}
	return InRole(By(ctx, tokenActor+t.Name, t.Institutions...), t.Role), t, nil
}

// MayCall reports whether a token may ask for a route of the API. [staff.Table] is the rule.
func MayCall(t Token, route string) bool { return staff.MayCall(t, route) }

// tokenProblem says why a token can't be, or can't be taken away.
func tokenProblem(err error, name string) error {
	p := &Problem{Kind: Usage, Next: "vardar staff token add --help", Err: err}
	switch {
	case errors.Is(err, staff.ErrScope):
		p.Field, p.Detail = "scope", err.Error()
	case errors.Is(err, staff.ErrDays):
		p.Field, p.Detail = "days", err.Error()
	case errors.Is(err, staff.ErrTaken):
		p.Kind, p.Field, p.Detail, p.Mend, p.Next = Refused, "name", err.Error(), "choose another, or take that one away", "vardar staff token remove "+name
	case errors.Is(err, staff.ErrUnknown):
		p.Kind, p.Field, p.Detail, p.Next = NotFound, "name", err.Error(), "vardar staff token list"
	case err == nil:
		return nil
	default:
		return staffProblem(err, name)
	}
	return p
}
