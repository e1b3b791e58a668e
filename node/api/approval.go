package api

import (
	"context"
	"net/http"
	"net/url"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

// Returned is why a record goes back to who handed it in.
type Returned struct {
	Reason string `json:"reason"`
}

// deciding are the routes of what waits for a second person.
func (s *Server) deciding() map[string]route {
	d := s.desk
	number := func(r *http.Request) string { return r.PathValue("number") }
	return map[string]route{
		"GET /v1/approvals": get(s, "What waits for a second person, the oldest first", nil, func(ctx context.Context, _ *http.Request) ([]desk.Second, error) { return d.Seconds(ctx) }),
		"GET /v1/approvals/{number}": get(s, "A record that waits, or waited, for a second person, as it will be sent", nil, func(ctx context.Context, r *http.Request) (desk.Second, error) {
			return d.Second(ctx, number(r))
		}),
		"POST /v1/approvals/{number}/approve": posted(s, "Sign and send what somebody else handed in", func(r *http.Request, _ struct{}, _ protocol.Digest) (desk.Published, error) {
			return d.LetGo(r.Context(), number(r))
		}),
		"POST /v1/approvals/{number}/return": posted(s, "Give it back to who handed it in, with the reason", func(r *http.Request, q Returned, _ protocol.Digest) (desk.Second, error) {
			if err := d.GiveBack(r.Context(), number(r), q.Reason); err != nil {
				return desk.Second{}, err
			}
			return d.Second(r.Context(), number(r))
		}),
		"POST /v1/approvals/{number}/withdraw": posted(s, "Take back what one has handed in, while nobody has decided on it", func(r *http.Request, _ struct{}, _ protocol.Digest) (desk.Second, error) {
			if err := d.TakeBack(r.Context(), number(r)); err != nil {
				return desk.Second{}, err
			}
			return d.Second(r.Context(), number(r))
		}),
	}
}

// Approvals gives what waits for a second person; see [desk.Desk.Seconds].
func (c *Client) Approvals(ctx context.Context) ([]Second, error) {
	return ask[[]Second](ctx, c, question{path: approvalsPath})
}

// Approval gives one record that waits, or waited.
func (c *Client) Approval(ctx context.Context, number string) (Second, error) {
	return ask[Second](ctx, c, question{path: approvalPath(number)})
}

// LetGo signs and sends what somebody else handed in; see [desk.Desk.LetGo].
func (c *Client) LetGo(ctx context.Context, number string) (Published, error) {
	return ask[Published](ctx, c, question{path: approvalPath(number) + "/approve", act: struct{}{}})
}

// GiveBack returns a record to who handed it in; see [desk.Desk.GiveBack].
func (c *Client) GiveBack(ctx context.Context, number, reason string) (Second, error) {
	return ask[Second](ctx, c, question{path: approvalPath(number) + "/return", act: Returned{Reason: reason}})
}

// TakeBack takes back what who asks has handed in; see [desk.Desk.TakeBack].
func (c *Client) TakeBack(ctx context.Context, number string) (Second, error) {
	return ask[Second](ctx, c, question{path: approvalPath(number) + "/withdraw", act: struct{}{}})
}

const approvalsPath = "/v1/approvals"

func approvalPath(number string) string { return approvalsPath + "/" + url.PathEscape(number) }
