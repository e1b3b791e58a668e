package api

import (
	"context"
	"net/http"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/node/staff"
	"github.com/vardar-network/vardar/protocol"
)

// HandoverRequest says that who asks takes over the post of an institution.
type HandoverRequest struct {
	As   protocol.InstitutionID `json:"as,omitempty"`   // default the first that who asks acts for
	Note string                 `json:"note,omitempty"` // what the one before said; it stays on this node
}

// DismissRequest names the record in which the change was found.
type DismissRequest struct {
	Record string `json:"record"`
}

const handoverPath = "/v1/handover"

// watching are the routes of what one must know now, and of what one has seen of it.
func (s *Server) watching() map[string]route {
	d := s.desk
	return map[string]route{
		"GET /v1/now":             get(s, "What the role of the token must know first: an officer its post, a coordinator what is new, late and waits, an administrator the node, an auditor who did what; over the socket, as a coordinator", []string{"as", "at"}, asSeen(s, d.Now)),
		"GET " + handoverPath:     get(s, "What has happened since the post was last taken over, what is open, and the notes", []string{"as", "at"}, asSeen(s, d.Shift)),
		"POST /v1/alerts/dismiss": post(s, "Say that a change needs no alert: it is proposed no more", func(ctx context.Context, q DismissRequest) (desk.Dismissal, error) { return d.Dismiss(ctx, q.Record) }),
		"POST " + handoverPath: post(s, "Take over a post, with what the one before said", func(ctx context.Context, q HandoverRequest) (desk.Handover, error) {
			return d.TakeOver(ctx, s.asking(ctx), q.As, q.Note)
		}),
		"POST /v1/looked": post(s, "Say up to when the token's program has seen what happened: GET /v1/now tells it what is new since", func(ctx context.Context, q desk.LookedRequest) (desk.Token, error) {
			t, err := owner(ctx)
			if err != nil {
				return t, err
			}
			q.Token = t.Name
			return d.TokenLooked(ctx, q)
		}),
		"GET /v1/exchanges/{institution}/{position}": get(s, "An exchange of help: its lines with all who deal in them, its steps, and what may be done now", []string{"as", "at", "quality"}, soGood(onRecord(d.Exchange))),
		"GET /v1/flows/{institution}/{position}":     get(s, "A flow of funds: its amounts, its steps, and what may be said now", []string{"as", "at"}, onRecord(d.Flow)),
		"GET /v1/deliveries/{institution}/{position}": get(s, "What goes with the things of a commitment", []string{"at"}, onRecord(func(ctx context.Context, _ protocol.InstitutionID, ref string, at protocol.Instant) (desk.Delivery, error) {
			return d.Delivery(ctx, ref, at)
		})),
	}
}

// asking is who asks, as the desk knows people: over the socket it is who runs the node.
func (s *Server) asking(ctx context.Context) desk.Account {
	if t, ok := tokenOf(ctx); ok {
		return desk.AccountOf(t)
	}
	return desk.Account{Name: commandLine, Role: staff.Coordinator, Institutions: s.desk.Institutions()}
}

// asSeen asks what one sees as an institution at an instant.
func asSeen[T any](s *Server, ask func(context.Context, desk.Account, protocol.InstitutionID, protocol.Instant) (T, error)) func(context.Context, *http.Request) (T, error) {
	return atInstant(func(ctx context.Context, r *http.Request, at protocol.Instant) (T, error) {
		return ask(ctx, s.asking(ctx), protocol.InstitutionID(r.URL.Query().Get("as")), at)
	})
}
