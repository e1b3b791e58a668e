package api

import (
	"context"
	"net/http"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

type (
	// RegionalAsk is [desk.RegionalAsk].
	RegionalAsk = desk.RegionalAsk
	// RegionalSheet is [desk.RegionalSheet].
	RegionalSheet = desk.RegionalSheet
	// RegionalSource is [desk.RegionalSource].
	RegionalSource = desk.RegionalSource
	// RegionalFigureRow is [desk.RegionalFigureRow].
	RegionalFigureRow = desk.RegionalFigureRow
)

// addingUp are the routes of regional reports. They are written as every record is.
func (s *Server) addingUp() map[string]route {
	return map[string]route{
		"GET /v1/regional/{institution}/{position}": get(s, "A regional report: what it adds up, the records that each figure was made of, and whether they come to it here", []string{"as", "at", "quality"}, func(ctx context.Context, r *http.Request) (desk.RegionalSheet, error) {
			v := r.URL.Query()
			at, err := instant(v, "at")
			if err != nil {
				return desk.RegionalSheet{}, err
			}
			out, err := s.desk.Regional(ctx, protocol.InstitutionID(v.Get("as")), r.PathValue("institution")+"/"+r.PathValue("position"), at)
			if err == nil {
				err = out.Only(v.Get("quality"))
			}
			return out, err
		}),
	}
}

// Regional gives a regional report as an institution of the node sees it, empty for its first;
// see [desk.Desk.Regional].
func (c *Client) Regional(ctx context.Context, as protocol.InstitutionID, n protocol.Name) (RegionalSheet, error) {
	return ask[RegionalSheet](ctx, c, question{path: "/v1/regional/" + n.String(), query: ofInstitution(as)})
}
