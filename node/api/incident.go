package api

import (
	"context"
	"net/http"
	"net/url"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

type (
	// Incident is [desk.Incident].
	Incident = desk.Incident
	// Brief is [desk.Brief].
	Brief = desk.Brief
	// Asking is [desk.Asking].
	Asking = desk.Asking
	// SituationRow is [desk.SituationRow].
	SituationRow = desk.SituationRow
	// Happened is [desk.Happened].
	Happened = desk.Happened
)

// happening are the routes of an incident: all that is known of it, and what fits on one sheet.
func (s *Server) happening() map[string]route {
	return map[string]route{
		"GET /v1/incidents/{institution}/{position}": get(s, "What an alert or the record of a phase opened: figures, routes, needs, requests and what happened, the oldest first", []string{"at", "quality"}, soGood(func(ctx context.Context, r *http.Request) (desk.Incident, error) {
			return opened(ctx, r, s.desk.Incident)
		})),
		"GET /v1/incidents/{institution}/{position}/brief": get(s, "The same as much as stands on one A4; of each part, how much is left out", []string{"at"}, func(ctx context.Context, r *http.Request) (desk.Brief, error) {
			return opened(ctx, r, s.desk.Brief)
		}),
	}
}

// opened asks the desk for the incident that a request names.
func opened[T any](ctx context.Context, r *http.Request, ask func(context.Context, string, protocol.Handling, protocol.Instant) (T, error)) (out T, err error) {
	at, err := instant(r.URL.Query(), "at")
	if err != nil {
		return out, err
	}
	return ask(ctx, recordName(r), ceilingOf(ctx), at)
}

// Brief gives an incident as much as stands on one A4, now or as the node knew it at an instant;
// see [desk.Desk.Brief].
func (c *Client) Brief(ctx context.Context, n protocol.Name, at protocol.Instant) (Brief, error) {
	q := question{path: "/v1/incidents/" + n.String() + "/brief"}
	if at != 0 {
		q.query = url.Values{"at": {at.String()}}
	}
	return ask[Brief](ctx, c, q)
}
