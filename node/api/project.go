package api

import (
	"context"
	"net/http"

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
		"GET /v1/projects/{institution}/{position}": get(s, "A project across borders: who takes part, what names it by kind, its needs and money, its versions and what changed", []string{"as", "at"}, func(ctx context.Context, r *http.Request) (desk.ProjectSheet, error) {
			v := r.URL.Query()
			at, err := instant(v, "at")
			if err != nil {
				return desk.ProjectSheet{}, err
			}
			return s.desk.Project(ctx, desk.ProjectQuery{As: protocol.InstitutionID(v.Get("as")), Record: r.PathValue("institution") + "/" + r.PathValue("position"), At: at})
		}),
	}
}

// Project gives a project by the name of any version of it, as an institution of the node sees
// it, empty for its first; see [desk.Desk.Project].
func (c *Client) Project(ctx context.Context, as protocol.InstitutionID, n protocol.Name) (ProjectSheet, error) {
	return ask[ProjectSheet](ctx, c, question{path: "/v1/projects/" + n.String(), query: ofInstitution(as)})
}
