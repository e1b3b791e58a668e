package desk

import (
	"context"

	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// Now is what the page Now tells: of these, the one that the role of who asks must know first.
type Now struct {
	Home     staff.Home `json:"home"` // which one it is
	Post     *Post      `json:"post,omitempty"`
	Overview *Overview  `json:"overview,omitempty"`
	Node     *Examined  `json:"node,omitempty"`
	Audit    *Listing   `json:"audit,omitempty"`
}

// Now gathers it for an account that acts as an institution, as this node knew it at an instant;
// zero: now. How the node is nobody knows of an earlier instant.
func (d *Desk) Now(ctx context.Context, a Account, as protocol.InstitutionID, at protocol.Instant) (out Now, err error) {
	out.Home = HomeOf(a)
	switch {
	case out.Home == HomeNode && at != 0:
		err = &Problem{Kind: Usage, Field: "at", Detail: "how the node was is not kept", Mend: "leave it out"}
	case out.Home == HomeNode:
		out.Node, err = given(d.Examined(ctx))
	case out.Home == HomeOverview:
		out.Overview, err = given(d.Overview(ctx, a, as, at))
	case out.Home == HomeAudit:
		q := Query{What: ListAudit}
		if at != 0 {
			q.Until = at + 1
		}
		out.Audit, err = given(d.List(ctx, q))
	default:
		out.Post, err = given(d.Post(ctx, a, as, at))
	}
	return out, err
}

func given[T any](v T, err error) (*T, error) { return &v, err }

// AccountOf gives who has a token as [Desk.Now] and [Desk.TakeOver] know people.
func AccountOf(t Token) Account {
	return Account{Name: tokenActor + t.Name, Role: t.Role, Institutions: t.Institutions, Looked: t.Looked}
}

// LookedRequest says up to when a token's program has seen what happened.
type LookedRequest struct {
	Token string           `json:"-"`
	At    protocol.Instant `json:"at"`
}

// TokenLooked notes it; the next overview of that token begins there.
func (d *Desk) TokenLooked(ctx context.Context, r LookedRequest) (Token, error) {
	if err := d.past(r.At); err != nil {
		return Token{}, err
	}
	t, err := d.o.Staff.TokenLooked(ctx, r.Token, r.At)
	return t, tokenProblem(err, r.Token)
}
