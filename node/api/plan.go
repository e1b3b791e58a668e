package api

import (
	"context"
	"net/http"

	"github.com/vardar-network/vardar/node/desk"
	"github.com/vardar-network/vardar/protocol"
)

// cosigning are the routes of fund plans. They are written as every record is, signed by an answer.
func (s *Server) cosigning() map[string]route {
	return map[string]route{
		"GET /v1/plans/{institution}/{position}": get(s, "A fund plan: its lines, its versions, who has signed which, and what two of them differ in", []string{"as", "from", "to", "at"}, func(ctx context.Context, r *http.Request) (desk.FundPlan, error) {
			v := r.URL.Query()
			q := desk.PlanQuestion{As: protocol.InstitutionID(v.Get("as")), Record: r.PathValue("institution") + "/" + r.PathValue("position")}
			var err error
			if q.At, err = instant(v, "at"); err != nil {
				return desk.FundPlan{}, err
			}
			for name, to := range map[string]*int{"from": &q.From, "to": &q.To} {
				if *to, err = version(v, name); err != nil {
					return desk.FundPlan{}, err
				}
			}
			return s.desk.FundPlan(ctx, q)
		}),
	}
}

// FundPlan gives a plan by the name of any version of it, as an institution of the node sees it,
// empty for its first; see [desk.Desk.FundPlan].
func (c *Client) FundPlan(ctx context.Context, as protocol.InstitutionID, n protocol.Name) (FundPlan, error) {
	return ask[FundPlan](ctx, c, question{path: "/v1/plans/" + n.String(), query: ofInstitution(as)})
}
