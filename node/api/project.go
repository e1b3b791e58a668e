package api

import (
	"context"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

type (
	// ProjectRow is [desk.ProjectRow].
	ProjectRow = desk.ProjectRow
	// ProjectSheet is [desk.ProjectSheet].
	ProjectSheet = desk.ProjectSheet
	// ProjectEntry is [desk.ProjectEntry].
	ProjectEntry = desk.ProjectEntry
	// ProjectShare is [desk.ProjectShare].
	ProjectShare = desk.ProjectShare
	// ProjectMoney is [desk.ProjectMoney].
	ProjectMoney = desk.ProjectMoney
)

// joining are the routes of projects. They are written as every record is, and partners answer them.
func (s *Server) joining() map[string]route {
	return map[string]route{
		"GET /v1/projects/{institution}/{position}": get(s, "A project across borders: who takes part, what names it by kind, its needs and money, its versions and what changed", []string{"as", "at", "quality"}, soGood(onRecord(func(ctx context.Context, as protocol.InstitutionID, ref string, at protocol.Instant) (desk.ProjectSheet, error) {
			return s.desk.Project(ctx, desk.ProjectQuery{As: as, Record: ref, At: at})
		}))),
	}
}

// Project gives a project by the name of any version of it, as an institution of the node sees
// it, empty for its first; see [desk.Desk.Project].
func (c *Client) Project(ctx context.Context, as protocol.InstitutionID, n protocol.Name) (ProjectSheet, error) {
	return ask[ProjectSheet](ctx, c, question{path: "/v1/projects/" + n.String(), query: ofInstitution(as)})
}
