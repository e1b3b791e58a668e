package api

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

// bearer begins the Authorization field of who has a token (RFC 6750 §2.1).
const bearer = "Bearer "

// tokenKey is the key under which a request's context holds the token it came with.
type tokenKey struct{}

// tokenOf gives the token that a request came with; the socket wants none.
func tokenOf(ctx context.Context) (desk.Token, bool) {
	t, ok := ctx.Value(tokenKey{}).(desk.Token)
	return t, ok
}

// ByToken gives the same handler for whoever can reach it, from other machines too: each
// question comes with a token, and what it may ask is the table's ([desk.MayCall]). Serve it
// over TLS, or on loopback behind what does TLS.
func (s *Server) ByToken() http.Handler {
	return headed(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		secret, ok := strings.CutPrefix(r.Header.Get("Authorization"), bearer)
		if !ok {
			unknownCaller(w, "this question came without a token", "send it as Authorization: Bearer TOKEN")
			return
		}
		ctx, t, err := s.desk.Bearer(r.Context(), secret)
		var p *desk.Problem
		switch {
		case errors.As(err, &p) && p.Kind == desk.NotPermitted:
			unknownCaller(w, p.Detail, p.Mend)
			return
		case err != nil:
			s.refuse(w, r, err)
			return
		}
		s.mux.ServeHTTP(w, r.WithContext(context.WithValue(ctx, tokenKey{}, t)))
	}))
}

func unknownCaller(w http.ResponseWriter, detail, mend string) {
	w.Header().Set("WWW-Authenticate", `Bearer realm="vardar"`)
	writeProblem(w, &desk.Problem{Kind: desk.NotPermitted, Detail: detail, Mend: mend, Next: "vardar staff token add --help"}, http.StatusUnauthorized)
}

// allowed asks the table, if a request came with a token.
func (s *Server) allowed(route string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if t, ok := tokenOf(r.Context()); ok && !desk.MayCall(t, route) {
			s.log.WarnContext(r.Context(), "question refused", "token", t.Name, "role", t.Role, "scope", t.Scope, "route", route)
			s.refuse(w, r, &desk.Problem{
				Kind: desk.NotPermitted, Detail: "the token " + t.Name + " (role " + string(t.Role) + ", scope " + string(t.Scope) + ") may not ask for " + route,
				Mend: "take a token of another role or scope", Next: "vardar staff token add --help",
			})
			return
		}
		next.ServeHTTP(w, r)
	})
}

// ceilingOf is the highest mark that who asks may read.
func ceilingOf(ctx context.Context) protocol.Handling {
	if t, ok := tokenOf(ctx); ok {
		return desk.Ceiling(desk.Account{Role: t.Role})
	}
	return protocol.Red
}

// withinCeiling refuses what the role of a token may not read.
func withinCeiling(ctx context.Context, shown *desk.Shown) error {
	if shown.Record == nil || shown.Record.Handling <= ceilingOf(ctx) {
		return nil
	}
	return &desk.Problem{Kind: desk.NotPermitted, Detail: shown.Record.Name.String() + " is marked " + shown.Record.Handling.String() + ": no token reads that", Mend: "read it on the node itself", Next: "vardar show " + shown.Record.Name.String()}
}
