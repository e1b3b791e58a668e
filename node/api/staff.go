package api

import (
	"context"
	"net/http"

	"github.com/vardar-network/vardar/node/desk"
)

// loginsPath is where it is asked who is logged in where.
const loginsPath = "/v1/staff/logins"

// staffing are the routes of accounts and of programs' tokens.
func (s *Server) staffing() map[string]route {
	d := s.desk
	return map[string]route{
		"GET /v1/staff": get(s, "The accounts", nil, func(ctx context.Context, _ *http.Request) ([]desk.Account, error) { return d.Staff(ctx) }),
		"GET " + loginsPath: get(s, "Where an account is logged in, or all are", []string{"name"}, func(ctx context.Context, r *http.Request) ([]desk.Login, error) {
			return d.Logins(ctx, r.URL.Query().Get("name"))
		}),
		"POST /v1/staff":         post(s, "Make, change or take away an account", d.ChangeStaff),
		"GET /v1/tokens":         get(s, "The tokens", nil, func(ctx context.Context, _ *http.Request) ([]desk.Token, error) { return d.Tokens(ctx) }),
		"POST /v1/tokens":        post(s, "Make a token; its secret is shown once", d.AddToken),
		"POST /v1/tokens/remove": post(s, "Take a token away", d.RemoveToken),
	}
}
