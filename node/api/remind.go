package api

import (
	"context"

	"github.com/vardar-network/vardar/node/desk"
)

// RemindRequest is [desk.RemindRequest].
type RemindRequest = desk.RemindRequest

// Remind asks somebody for what is overdue of it; see [desk.Desk.Remind].
func (c *Client) Remind(ctx context.Context, r RemindRequest) (Published, error) {
	return ask[Published](ctx, c, question{path: "/v1/remind", act: r})
}
