package api

import (
	"cmp"
	"context"
	"math"
	"net/http"
	"net/url"

	"github.com/vardar-network/vardar/node/desk"
)

// exportPath begins the paths of lists in foreign formats.
const exportPath = "/v1/export/"

// exporting are the routes of lists in foreign formats: the files, and beside them what they
// can't say, so that nobody gets the one without the other.
func (s *Server) exporting() map[string]route {
	export := func(says string) route {
		return get(s, says, append(filters(), "format"), func(ctx context.Context, r *http.Request) (desk.Exported, error) {
			q, err := readQuery(r, math.MaxInt)
			if err != nil {
				return desk.Exported{}, err
			}
			return s.desk.ExportList(ctx, q, cmp.Or(r.URL.Query().Get("format"), desk.AsJSON), ceilingOf(ctx))
		})
	}
	return map[string]route{
		"GET " + exportPath + "{what}":       export("A list as files of a foreign format, with what that format can't say of it"),
		"GET " + exportPath + desk.ListAudit: export("What people and programs did here, as files"),
	}
}

// Export gives a list in a foreign format; see [desk.Desk.ExportList].
func (c *Client) Export(ctx context.Context, q Query, format string) (Exported, error) {
	v := chosen(&q)
	v.Set("format", format)
	return ask[Exported](ctx, c, question{path: exportPath + url.PathEscape(q.What), query: v})
}
