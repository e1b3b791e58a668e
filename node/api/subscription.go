package api

import (
	"context"
	"net/http"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
)

// following are the routes of what a program follows by its token.
func (s *Server) following() map[string]route {
	d := s.desk
	return map[string]route{
		"GET /v1/subscriptions": get(s, "What the token follows, and how much of it is new since it looked at it", nil, func(ctx context.Context, _ *http.Request) ([]desk.Followed, error) {
			return byOwner(ctx, struct{}{}, func(ctx context.Context, a desk.Account, _ struct{}) ([]desk.Followed, error) {
				return d.Following(ctx, a)
			})
		}),
		"GET /v1/subscriptions/{number}": get(s, "The newest records of a subscription of the token, those that it has seen too", nil, func(ctx context.Context, r *http.Request) (desk.FollowedRecords, error) {
			return byOwner(ctx, desk.NumberFollowed(r.PathValue("number")), d.FollowedRecords)
		}),
		"POST /v1/subscriptions": post(s, "Follow what comes from now on and is of a topic or kind, at a place, so grave and so good", func(ctx context.Context, q desk.FollowRequest) (staff.Subscription, error) {
			return byOwner(ctx, q, d.Follow)
		}),
		"POST /v1/subscriptions/remove": post(s, "Take a subscription of the token away", func(ctx context.Context, q desk.FollowNumber) (desk.FollowNumber, error) {
			return byOwner(ctx, q, d.Unfollow)
		}),
		"POST /v1/subscriptions/looked": post(s, "Say up to when the token's program has seen what came of a subscription", func(ctx context.Context, q desk.FollowLooked) (staff.Subscription, error) {
			return byOwner(ctx, q, d.LookedAt)
		}),
	}
}

// owner is who asks by a token: over the socket nobody is known.
func owner(ctx context.Context) (desk.Token, error) {
	t, ok := tokenOf(ctx)
	if !ok {
		return t, &desk.Problem{Kind: desk.Refused, Detail: "nobody is known over the socket, and so nobody's last look", Mend: "ask with a token", Next: "vardar staff token add --help"}
	}
	return t, nil
}

// byOwner asks the desk as who has the token.
func byOwner[Q, T any](ctx context.Context, q Q, ask func(context.Context, desk.Account, Q) (T, error)) (out T, err error) {
	t, err := owner(ctx)
	if err != nil {
		return out, err
	}
	return ask(ctx, desk.AccountOf(t), q)
}
